"""Bringing the printed site to its readers: one module per kind of target."""
