"""Cuaderno: train it on your own PC, write it down in two languages, publish the page with the model inside it."""

__version__ = "0.1.0"
