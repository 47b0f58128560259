"""A latent space one can walk through, and a model that dreams pictures in it in one step.

Reading order: glyphs.py, upstream.py and data.py (where the pictures come from), model.py, stages.py, lessons.py, flow.py,
settings.py, train.py, judge.py and evaluate.py (how good are the dreams), walks.py, search.py and atlas.py (what one can do
in a latent space), prints.py, predict.py, export.py, quantize.py, kernel.wat and web/ (in a page).
"""
