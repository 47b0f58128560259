"""Vectors and tensors: numbers in a row, in a table, in a stack of tables, and how tables of different shapes meet.

A picture is a tensor of shape (3, H, W): three tables, one for red, green and blue. Multiply it by a tensor of another
shape, and each axis of length 1 (or one that is missing) is repeated until the shapes fit: that is broadcasting. The
shape is also what a model assumes. Here one learns to take a colour cast off pictures: with one number for all, with
one for each colour, shape (3, 1, 1), or with a number of its own for every pixel.
"""

import math

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 4, "noise": 0.02, "steps": 200, "learning_rate": 0.5}
HEIGHT, WIDTH = 12, 16
CAST = np.array([0.55, 0.9, 0.7]).reshape(3, 1, 1)  # what the cast leaves of each colour, and
VEIL = np.array([0.05, 0.0, 0.2]).reshape(3, 1, 1)  # what it lays over it
SHAPES = {"one_number": (1, 1, 1), "colour": (3, 1, 1), "pixel": (3, HEIGHT, WIDTH)}
NUM_TEST = 100
MOST_AXES, LONGEST = 4, 64  # of a shape that is asked about


def broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that two shapes come to, compared from the last axis on.

    Raises:  ValueError that names the axis where they do not fit.
    """
    axes = max(len(one), len(other))
    one, other = (1,) * (axes - len(one)) + one, (1,) * (axes - len(other)) + other
    for axis, (a, b) in enumerate(zip(one, other, strict=True)):
        if a != b and 1 not in (a, b):
            raise ValueError(f"Axis {axis - axes} does not fit: {a} against {b}. It has to be the same, or 1.")
    return tuple(b if a == 1 else a for a, b in zip(one, other, strict=True))


def picture(chance: Chance) -> np.ndarray:
    """A small picture: a sky, a hill, a sun.  Shapes:  (3, HEIGHT, WIDTH) from 0 to 1."""
    pixels = np.zeros((3, HEIGHT, WIDTH))
    top, ground = [chance.between(0.3, 0.9) for _ in range(3)], [chance.between(0.1, 0.7) for _ in range(3)]
    sun, left, height, radius = chance.between(0, WIDTH), chance.between(0, 6), chance.between(3, 8), 2.2
    for row in range(HEIGHT):
        for column in range(WIDTH):
            hill = HEIGHT - height * math.exp(-(((column - left - 4) / 6) ** 2))
            near = math.hypot(column - sun, row - 3) < radius
            for colour in range(3):
                sky = top[colour] * (0.6 + 0.4 * row / HEIGHT)
                pixels[colour, row, column] = ground[colour] if row > hill else (0.95 if near else sky)
    return pixels


def veiled(pixels: np.ndarray, noise: float, chance: Chance) -> np.ndarray:
    """The picture with the cast: (3, H, W) * (3, 1, 1) + (3, 1, 1)."""
    return pixels * CAST + VEIL + noise * chance.normals(*pixels.shape)


def summed_to(slope: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The slope of a tensor that was repeated: the sum over all its copies.  Shapes:  (N, 3, H, W) -> shape"""
    axes = (0, *(axis + 1 for axis, length in enumerate(shape) if length == 1))
    return slope.sum(axis=axes).reshape(shape)


class Cleaner:
    """Learns weight and shift of one shape: picture ≈ weight * veiled picture + shift."""

    data = OURS

    def __init__(self, config, shape: tuple[int, ...] = SHAPES["colour"]):
        self.config = config
        chance = Chance(config.seed)
        self.clear = np.stack([picture(chance) for _ in range(config.num_points)])  # (N, 3, H, W)
        self.seen = np.stack([veiled(one, config.noise, chance) for one in self.clear])
        self.test = [picture(chance) for _ in range(NUM_TEST)]
        self.test_seen = [veiled(one, config.noise, chance) for one in self.test]
        self.weight, self.shift = np.ones(shape), np.zeros(shape)

    @property
    def size(self) -> int:
        return self.weight.size + self.shift.size

    def learn(self, step: int) -> dict[str, float]:
        off = self.weight * self.seen + self.shift - self.clear  # (3, 1, 1) * (N, 3, H, W)
        # Each number meets as many pixels as it is repeated over: the mean over those, not the sum.
        copies = off.size / self.weight.size
        self.weight -= self.config.learning_rate * summed_to(2 * off * self.seen, self.weight.shape) / copies
        self.shift -= self.config.learning_rate * summed_to(2 * off, self.shift.shape) / copies
        return {"loss": float((off**2).mean())}

    def errors(self) -> list[float]:
        """The mean squared error on each picture that it has not seen."""
        return [
            float(((self.weight * seen + self.shift - clear) ** 2).mean())
            for seen, clear in zip(self.test_seen, self.test, strict=True)
        ]

    def state(self) -> dict[str, np.ndarray]:
        return {"weight": self.weight, "shift": self.shift}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.weight[...], self.shift[...] = state["weight"], state["shift"]


def begin(config) -> Cleaner:
    return Cleaner(config)


def evaluate(cleaner: Cleaner) -> dict[str, Metric]:
    """On a hundred other pictures; beside it tensors of other shapes, which learned as long from the same pictures."""
    found = {"colour_error": bootstrap(cleaner.errors())}
    for name, shape in SHAPES.items():
        if name != "colour":
            other = Cleaner(cleaner.config, shape)
            for step in range(cleaner.config.steps):
                other.learn(step)
            found[f"baseline_{name}_error"] = bootstrap(other.errors())
    found["baseline_nothing_error"] = bootstrap(Cleaner(cleaner.config).errors())
    return found


def answer(cleaner: Cleaner, text: str) -> dict:
    """Two shapes, `3,12,16 3,1,1`: what they come to."""
    try:
        one, other = (tuple(int(length) for length in shape.strip("()").split(",") if length) for shape in text.split())
    except ValueError:
        raise ValueError("Write two shapes, such as: 3,12,16 3,1,1") from None
    if max(len(one), len(other)) > MOST_AXES or not all(1 <= length <= LONGEST for length in (*one, *other)):
        raise ValueError(f"A shape has at most {MOST_AXES} axes here, each from 1 to {LONGEST} long.")
    shape = broadcast(one, other)
    return {"shape": list(shape), "numbers": math.prod(shape)}


def export(cleaner: Cleaner) -> Export:
    chance = Chance(cleaner.config.seed + 5)
    clear = picture(chance)
    seen = veiled(clear, 0.0, chance)
    about = {"height": HEIGHT, "width": WIDTH, "picture": np.round(seen, 3).flatten().tolist()}
    about |= {"weight": cleaner.weight.flatten().tolist(), "shift": cleaner.shift.flatten().tolist()}
    return Export(about, cases(), poster(seen), 1e-9)


def cases() -> list[dict]:
    """Pairs of tensors filled with rising numbers, their product, or the axis where they do not fit."""
    pairs = [((3, 2, 4), (3, 1, 1)), ((3, 2, 4), (4,)), ((3, 2, 4), (2, 1)), ((3, 2, 4), ()), ((2, 1), (1, 3))]
    pairs += [((3, 2, 4), (3,)), ((3, 2, 4), (2, 2, 4)), ((2, 3), (2, 3))]
    found = []
    for one, other in pairs:
        try:
            shape = broadcast(one, other)
            product = rising(one) * rising(other)
            output = {"shape": list(shape), "numbers": product.flatten().tolist()}
        except ValueError:
            axes = max(len(one), len(other))
            pad = [(1,) * (axes - len(shape)) + shape for shape in (one, other)]
            wrong = next(
                axis - axes for axis, (a, b) in enumerate(zip(*pad, strict=True)) if a != b and 1 not in (a, b)
            )
            output = {"axis": wrong}
        found.append({"input": {"one": list(one), "other": list(other)}, "output": output})
    return found


def rising(shape: tuple[int, ...]) -> np.ndarray:
    """Numbers from 0 to 1 in a shape; a single number is 0.5."""
    many = math.prod(shape)
    return (np.arange(many) / (many - 1) if many > 1 else np.array([0.5])).reshape(shape)


def poster(seen: np.ndarray) -> str:
    """The three tables of a picture, and the picture."""
    sheet = drawing.Sheet((0, 36), (30, 0), 324, 270)
    for left, top, name, pixels in (
        (1, 1, "red", seen * np.array([1, 0, 0]).reshape(3, 1, 1)),
        (19, 1, "green", seen * np.array([0, 1, 0]).reshape(3, 1, 1)),
        (1, 16, "blue", seen * np.array([0, 0, 1]).reshape(3, 1, 1)),
        (19, 16, "all", seen),
    ):
        sheet.bitmap(left, top, WIDTH, HEIGHT, pixels)
        sheet.text(left + 8, top + 13.4, {"red": "[0]", "green": "[1]", "blue": "[2]", "all": "(3, 12, 16)"}[name])
    return sheet.svg()
