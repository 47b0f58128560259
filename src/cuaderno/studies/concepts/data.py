"""Random numbers that a page repeats, and small data made from them; nothing to download.

Licence: none needed, our own code makes all of it.
Splits:  train and test are drawn one after the other from one stream of numbers, so no point is in both.
"""

import math
from collections.abc import Callable

import numpy as np

OURS = "ours (MIT)"
KINDS = ("circle", "corners", "moons", "clouds")


class Chance:
    """Random numbers from a seed, the same ones here and in web/chance.js.

    Source:  mulberry32 by Tommy Ettinger, public domain.
    """

    def __init__(self, seed: int):
        self.state = seed & 0xFFFFFFFF

    def number(self) -> float:
        """Between 0 and 1, every one as likely as the other."""
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.number()

    def normal(self) -> float:
        """Around 0 with standard deviation 1."""
        # Source: Box and Muller 1958. 1 - number() is never 0, whose logarithm there is not.
        return math.sqrt(-2 * math.log(1 - self.number())) * math.cos(2 * math.pi * self.number())

    def normals(self, *shape: int) -> np.ndarray:
        return np.array([self.normal() for _ in range(math.prod(shape))]).reshape(shape)


def points(kind: str, number: int, noise: float, chance: Chance) -> tuple[np.ndarray, np.ndarray]:
    """Points on a sheet from -1 to 1, of two colours in turn.

    Shapes:  (N, 2), (N,): 0 or 1
    """
    place: Callable[[int, Chance], tuple[float, float]] = {
        "circle": _circle, "corners": _corners, "moons": _moons, "clouds": _clouds,
    }[kind]  # fmt: skip
    colours = [index % 2 for index in range(number)]
    places = []
    for colour in colours:
        x, y = place(colour, chance)
        places.append((x + noise * chance.normal(), y + noise * chance.normal()))
    return np.array(places).reshape(number, 2), np.array(colours, dtype=float)


def _circle(colour: int, chance: Chance) -> tuple[float, float]:
    """One colour in the middle, the other around it."""
    radius = chance.between(0.0, 0.4) if colour else chance.between(0.65, 0.95)
    angle = chance.between(0, 2 * math.pi)
    return radius * math.cos(angle), radius * math.sin(angle)


def _corners(colour: int, chance: Chance) -> tuple[float, float]:
    """Opposite corners have one colour: exclusive or."""
    x, y = chance.between(0.1, 0.9), chance.between(0.1, 0.9)
    side = 1 if chance.number() < 0.5 else -1
    return side * x, (side if colour else -side) * y


def _moons(colour: int, chance: Chance) -> tuple[float, float]:
    """Two half circles, one in the arms of the other."""
    angle = chance.between(0, math.pi)
    x, y = 0.6 * math.cos(angle), 0.6 * math.sin(angle)
    return (x + 0.3, -y + 0.15) if colour else (x - 0.3, y - 0.15)


def _clouds(colour: int, chance: Chance) -> tuple[float, float]:
    """Two clouds that a straight line keeps apart."""
    middle = 0.45 if colour else -0.45
    return middle + 0.2 * chance.normal(), middle + 0.2 * chance.normal()
