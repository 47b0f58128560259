"""The basic ideas of AI, each one small enough to train in seconds and to touch in the page.

Reading order: data.py (random numbers and points), model.py (a network by hand), then any file in parts/, which is one
idea each, train.py (the loop that all parts share), evaluate.py, predict.py, export.py, web/.
"""
