"""Convolution: a window of nine numbers slides over a picture, and at every place it is a dot product.

Multiply each of the nine cells under the window by the number that lies on it, and add up: that is one cell of the new
picture. The same nine numbers serve everywhere, so a corner is found wherever it lies. They need not be chosen: shown
pictures before and after a filter that it does not know, gradient descent finds its numbers.
"""

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 8, "noise": 0.05, "steps": 400, "learning_rate": 0.15}
ALSO = ("momentum",)
SIDE = 24
NUM_TEST = 60
KERNELS = {
    "edges": [[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]],
    "blur": [[0.1, 0.1, 0.1], [0.1, 0.2, 0.1], [0.1, 0.1, 0.1]],
    "sharpen": [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
}


def windows(picture: np.ndarray) -> np.ndarray:
    """The nine cells around every place, in reading order; outside the picture there is no ink.

    Shapes:  (H, W) -> (H, W, 9)
    """
    height, width = picture.shape
    wide = np.pad(picture, 1)
    return np.stack([wide[row : row + height, left : left + width] for row in range(3) for left in range(3)], axis=-1)


def convolve(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """At each place nine products, added up.  Shapes:  (H, W), (3, 3) -> (H, W)"""
    return windows(picture) @ kernel.flatten()


def picture(chance: Chance) -> np.ndarray:
    """Two lines, a ring and some dots: 1 for ink, 0 for paper.  Shapes:  (SIDE, SIDE)"""
    cells = np.zeros((SIDE, SIDE))
    rows, columns = np.indices(cells.shape)
    for _ in range(2):
        (top, left), (bottom, right) = [[chance.between(2, SIDE - 3) for _ in range(2)] for _ in range(2)]
        for along in np.linspace(0, 1, 2 * SIDE):
            cells[round(top + along * (bottom - top)), round(left + along * (right - left))] = 1
    row, column, radius = (chance.between(low, high) for low, high in ((5, 18), (5, 18), (2, 5)))
    cells[abs(np.hypot(rows - row, columns - column) - radius) < 0.8] = 1
    for _ in range(12):
        cells[int(chance.number() * SIDE), int(chance.number() * SIDE)] = 1
    return cells


class Finder:
    """Sees pictures before and after a filter, and looks for its nine numbers."""

    data, size = OURS, 9

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.hidden = np.round(chance.normals(3, 3), 2)  # what is to be found
        self.before = np.stack([picture(chance) for _ in range(config.num_points)])  # (N, H, W)
        clean = np.stack([convolve(one, self.hidden) for one in self.before])
        self.after = clean + config.noise * chance.normals(*clean.shape)
        self.test = [picture(chance) for _ in range(NUM_TEST)]
        self.seen = np.concatenate([windows(one).reshape(-1, 9) for one in self.before])  # (N * H * W, 9)
        self.kernel, self.speed = np.zeros((3, 3)), np.zeros((3, 3))

    def learn(self, step: int) -> dict[str, float]:
        off = self.seen @ self.kernel.flatten() - self.after.flatten()
        # Divided by the ink and not by the cells, so that thin lines teach as fast as thick ones.
        slope = (2 * off @ self.seen / max((self.before**2).sum(), 1)).reshape(3, 3)
        self.speed *= self.config.momentum
        self.speed -= self.config.learning_rate * slope
        self.kernel += self.speed
        return {"loss": float((off**2).mean())}

    def state(self) -> dict[str, np.ndarray]:
        return {"kernel": self.kernel, "speed": self.speed}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.kernel[...], self.speed[...] = state["kernel"], state["speed"]


def begin(config) -> Finder:
    return Finder(config)


def evaluate(finder: Finder) -> dict[str, Metric]:
    """On pictures that it has not seen; beside it a weight from every cell to every cell, and doing nothing."""
    before = finder.before.reshape(len(finder.before), -1)
    # Where gradient descent from 0 would end with a number for each pair of cells, computed in one go.
    full = np.linalg.pinv(before) @ finder.after.reshape(len(before), -1)  # (576, 576)
    ways = {
        "filter_error": lambda one: convolve(one, finder.kernel),
        "baseline_full_layer_error": lambda one: (one.flatten() @ full).reshape(one.shape),
        "baseline_unfiltered_error": lambda one: one,
    }
    found = {
        name: bootstrap([float(((way(one) - convolve(one, finder.hidden)) ** 2).mean()) for one in finder.test])
        for name, way in ways.items()
    }
    found["numbers_off"] = Metric(float(abs(finder.kernel - finder.hidden).max()))
    found["full_layer_numbers"] = Metric(full.size)
    return found


def answer(finder: Finder, text: str) -> dict:
    """A picture as rows of `.` and `#`, such as `..#.. ..#.. ..#..`: what the learnt filter makes of it."""
    rows = text.split()
    fits = 3 <= len(rows) <= SIDE and all(3 <= len(row) <= SIDE and set(row) <= {".", "#"} for row in rows)
    if not fits or len({len(row) for row in rows}) > 1:
        raise ValueError(f"Write 3 to {SIDE} equally long rows, # for ink and . for paper, such as: ..#.. ..#.. ..#..")
    cells = np.array([[float(sign == "#") for sign in row] for row in rows])
    return {"filtered": np.round(convolve(cells, finder.kernel), 3).tolist()}


def export(finder: Finder) -> Export:
    about = {"side": SIDE, "kernels": KERNELS, "hidden": finder.hidden.tolist(), "learnt": finder.kernel.tolist()}
    about |= {"picture": signs(picture(Chance(finder.config.seed + 4))), "rate": finder.config.learning_rate}
    about |= {"momentum": finder.config.momentum, "steps": finder.config.steps}
    return Export(about, cases(finder), poster(finder), 1e-9)


def signs(cells: np.ndarray) -> str:
    return "".join("#" if cell else "." for cell in cells.flatten())


def cases(finder: Finder) -> list[dict]:
    """Pictures filtered, and short trainings from one picture."""
    chance, found = Chance(2), []
    for kernel in (*map(np.array, KERNELS.values()), finder.kernel):
        before = picture(chance)
        given = {"picture": signs(before), "side": SIDE, "kernel": kernel.tolist()}
        found.append({"input": given, "output": {"filtered": convolve(before, kernel)[3:6].tolist()}})
    for kernel in map(np.array, KERNELS.values()):
        before = picture(chance)
        learner = Finder(finder.config)
        learner.before, learner.after = before[None], convolve(before, kernel)
        learner.seen = windows(before).reshape(-1, 9)
        losses = [learner.learn(step)["loss"] for step in range(30)]
        given = {"picture": signs(before), "side": SIDE, "kernel": kernel.tolist(), "steps": 30}
        found.append({"input": given, "output": {"losses": losses[::6], "kernel": learner.kernel.tolist()}})
    return found


def poster(finder: Finder) -> str:
    """A picture, the edge filter, and what it makes of it."""
    sheet, before = drawing.Sheet((0, 54), (27, 0), 486, 243), picture(Chance(finder.config.seed + 4))
    for left, cells in ((1, before), (29, convolve(before, np.array(KERNELS["edges"])) / 8)):
        sheet.line([(left, 1), (left + SIDE, 1), (left + SIDE, 25), (left, 25), (left, 1)], "var(--grid)", 1)
        for row, column in np.argwhere(abs(cells) > 0.1):
            ink = "var(--ink)" if left == 1 else "var(--blue)" if cells[row, column] > 0 else "var(--red)"
            strength = round(float(min(1, abs(cells[row, column]))), 1)
            sheet.box(left + column, 1 + row, 1, 1, ink, strength)
    sheet.text(27, 13.5, "→", size=20)
    return sheet.svg()
