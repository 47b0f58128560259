"""Train from a form: settings.py of every study becomes one, and the training is a process of its own."""
