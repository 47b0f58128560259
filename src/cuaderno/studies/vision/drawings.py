"""Cats and dogs that nobody photographed: drawings, each a pure function of its seed."""

import random

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("cat", "dog")


def seed_of(seed: int, split: str, index: int) -> str:
    """What makes the drawing: no two splits share one."""
    return f"{seed} {split} {index}"


def draw(rng: random.Random, kind: str, size: int = 96) -> tuple[np.ndarray, dict[str, str]]:
    """One drawing of a "cat", a "dog" or something "other", and what it was made of.

    Shapes:  pixels (size, size, 3) uint8
    """
    side = 2 * size
    ground = tuple(rng.randrange(256) for _ in range(3))
    coat = tuple(rng.randrange(256) for _ in range(3))
    picture = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(picture)
    x, y, r = rng.uniform(0.35, 0.65) * side, rng.uniform(0.35, 0.65) * side, rng.uniform(0.15, 0.3) * side
    pen.ellipse((x - r, y - r, x + r, y + r), fill=coat)
    for s in (-1, 1) if kind != "other" else ():
        if kind == "cat":
            pen.polygon((x + s * r, y - 0.2 * r, x + s * 0.8 * r, y - 1.4 * r, x + s * 0.2 * r, y - 0.8 * r), fill=coat)
        else:
            pen.ellipse((x + s * r - 0.3 * r, y - 0.7 * r, x + s * r + 0.3 * r, y + 0.8 * r), fill=coat)
    pixels = np.asarray(picture.resize((size, size), Image.Resampling.BOX))
    return pixels, {"pose": "head", "ears": "pointed" if kind == "cat" else "floppy"}
