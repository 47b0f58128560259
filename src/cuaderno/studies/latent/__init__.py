"""Pictures from noise, and the space between them: an autoencoder, a flow in its latent space, one step that dreams.

Reading order: data.py (where the pictures come from), model.py, settings.py, train.py with stages.py and lessons.py
(what is taught, for how long and by which loss), flow.py (following a flow), judge.py and evaluate.py (how good are
the dreams).
"""
