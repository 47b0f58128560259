"""A latent space one can walk through, and a model that dreams pictures in it in one step.

Reading order: glyphs.py, upstream.py and data.py (where the pictures come from), model.py, settings.py, train.py with
stages.py and lessons.py (what is taught, for how long and by which loss), flow.py (following a flow), judge.py and
evaluate.py (how good are the dreams), walks.py, search.py and atlas.py (what one can do in a latent space), prints.py,
predict.py, export.py, quantize.py and web/ (in a page).
"""
