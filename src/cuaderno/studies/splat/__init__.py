"""A scene in space from photos of it: fly through it in the page, trained on a PC without a GPU.

Reading order: scene.py and cameras.py with stilllife.py (what is looked at), splats.py and reference.py (what a picture
is painted from, and how), data.py, train.py with learner.py and relocate.py, judge.py and evaluate.py (how near is it),
render.py; then how it becomes fast: vectors.py, kernels.py, loss.py, model.py, painter.py, compiled.py, and on a GPU
cuda.py. In a page: planar.py (the same in two dimensions, to begin with), compact.py, export.py, stills.py and web/.
"""
