"""Sample: a line through noisy points, the smallest study that keeps every promise.

Read: data.py → model.py → train.py → evaluate.py → predict.py → export.py → web/
"""
