"""A latent space one can walk through, and a model that dreams pictures in it in one step.

Reading order: glyphs.py, upstream.py and data.py (where the pictures come from).
"""
