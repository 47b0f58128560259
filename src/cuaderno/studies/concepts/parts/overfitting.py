"""Overfitting: a network that learns the points by heart, noise and all, and what helps.

A few points lie near a curve, each a little off. A network bends its own curve through them. The points it learns from
are hit better and better; points from the same curve that it never sees are the honest judge. When those get better
and these get worse, it has begun to learn the noise.
"""

import math

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.model import Adam, Network
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 16, "noise": 0.3, "hidden_dim": 16, "steps": 600, "learning_rate": 0.03}
ALSO = ("dropout_rate",)
NUM_VAL, NUM_TEST = 100, 1000
SPREAD = 4.0  # of the first layer: wide enough to bend quickly
SPEED = 3.0  # of the curve


def curve(x: np.ndarray) -> np.ndarray:
    """What there is to learn: one and a half waves."""
    return np.sin(SPEED * x)


def sample(number: int, noise: float, chance: Chance) -> tuple[np.ndarray, np.ndarray]:
    """Points near the curve.  Shapes:  (N, 1), (N, 1)"""
    x = np.array([chance.between(-1, 1) for _ in range(number)]).reshape(number, 1)
    return x, curve(x) + noise * chance.normals(number, 1)


def masks(net: Network, dropout_rate: float, chance: Chance) -> list[np.ndarray] | None:
    """Which hidden neurons sit out; those that stay speak louder, so that the sum stays what it was.

    Source:  Srivastava et al. 2014.
    """
    if not dropout_rate:
        return None
    keep = 1 - dropout_rate
    return [np.array([(1 / keep if chance.number() < keep else 0.0) for _ in range(size)]) for size in net.sizes[1:-1]]


def error(net: Network, points: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Squared errors.  Shapes:  (N,)"""
    return (net.forward(points[0]) - points[1])[:, 0] ** 2


class Bender:
    """A network that bends a curve through points."""

    data = OURS

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.train = sample(config.num_points, config.noise, chance)
        self.net = Network([1, config.hidden_dim, config.hidden_dim, 1], chance, SPREAD)
        self.optimizer = Adam(self.net.numbers, config.learning_rate)
        self.val = sample(NUM_VAL, config.noise, chance)
        self.test = sample(NUM_TEST, config.noise, chance)
        self.best = [math.inf, 0.0]  # the lowest validation error, and the step it was met at
        self.lowest = [array.copy() for array in self.net.numbers]  # and the network of that step

    @property
    def size(self) -> int:
        return self.net.size

    def learn(self, step: int) -> dict[str, float]:
        x, y = self.train
        # Who sits out depends on the seed and the step alone, so that a resumed run goes on where it stopped.
        sitting = masks(self.net, self.config.dropout_rate, Chance(1_000_003 * self.config.seed + step))
        self.optimizer.step(self.net.backward(2 * (self.net.forward(x, sitting) - y) / len(x)), step)
        train, val = float(error(self.net, self.train).mean()), float(error(self.net, self.val).mean())
        if val < self.best[0]:
            self.best = [val, float(step)]
            self.lowest = [array.copy() for array in self.net.numbers]
        return {"loss": train, "val_loss": val}

    def state(self) -> dict[str, np.ndarray]:
        kept = {"number": self.net.numbers, "mean": self.optimizer.means, "square": self.optimizer.squares}
        kept["lowest"] = self.lowest
        arrays = {f"{name}_{index}": array for name, all_ in kept.items() for index, array in enumerate(all_)}
        return arrays | {"best": np.array(self.best)}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.best = [float(value) for value in state["best"]]
        kept = {"number": self.net.numbers, "mean": self.optimizer.means, "square": self.optimizer.squares}
        for name, arrays in {**kept, "lowest": self.lowest}.items():
            for index, array in enumerate(arrays):
                array[...] = state[f"{name}_{index}"]


def begin(config) -> Bender:
    return Bender(config)


def evaluate(bender: Bender) -> dict[str, Metric]:
    """On a thousand points that decided nothing: at the end, and as it was when validation was at its best."""
    x, y = bender.train
    found = {
        "train_loss": Metric(float(error(bender.net, bender.train).mean())),
        "test_loss": bootstrap(error(bender.net, bender.test)),
        "best_step": Metric(bender.best[1]),
    }
    last = [array.copy() for array in bender.net.numbers]
    for array, lowest in zip(bender.net.numbers, bender.lowest, strict=True):
        array[...] = lowest
    found["stopped_loss"] = bootstrap(error(bender.net, bender.test))
    for array, number in zip(bender.net.numbers, last, strict=True):
        array[...] = number
    test_x, test_y = bender.test[0][:, 0], bender.test[1][:, 0]
    for degree, name in ((0, "baseline_mean_loss"), (1, "baseline_line_loss"), (3, "baseline_cubic_loss")):
        fitted = np.polyval(np.polyfit(x[:, 0], y[:, 0], degree), test_x)
        found[name] = bootstrap((fitted - test_y) ** 2)
    found["noise_floor"] = Metric(bender.config.noise**2)
    return found


def answer(bender: Bender, text: str) -> dict:
    """`X`, a place between -1 and 1."""
    try:
        x = float(text)
    except ValueError:
        x = math.nan
    if not abs(x) <= 2:
        raise ValueError("Write a place between -1 and 1, such as: 0.25")
    return {"y": float(bender.net.forward(np.array([[x]]))[0, 0]), "curve": float(curve(np.array(x)))}


def export(bender: Bender) -> Export:
    config = bender.config
    about = {
        "number": config.num_points,
        "noise": bender.config.noise,
        "hidden": config.hidden_dim,
        "seed": config.seed,
    }
    about |= {"dropout": config.dropout_rate, "rate": config.learning_rate}
    return Export(about, cases(), poster(bender), 1e-5)


def cases() -> list[dict]:
    """Short trainings, with and without neurons that sit out."""
    from cuaderno.studies.concepts.train import Config

    found = []
    for seed, (number, hidden, dropout) in enumerate(((8, 4, 0.0), (16, 16, 0.0), (12, 8, 0.5))):
        config = Config(
            part="overfitting", num_points=number, hidden_dim=hidden, dropout_rate=dropout, seed=seed, noise=0.3,
            learning_rate=0.01, steps=15,
        )  # fmt: skip
        bender = Bender(config)
        losses = [bender.learn(step) for step in range(1, 16)]
        given = {"number": number, "noise": bender.config.noise, "hidden": hidden, "dropout": dropout, "seed": seed}
        wanted = {name: [row[name] for row in losses[::7]] for name in ("loss", "val_loss")}
        found.append({"input": {**given, "rate": 0.01, "steps": 15}, "output": wanted})
    return found


def poster(bender: Bender) -> str:
    """The curve, the points, and what the network made of them."""
    sheet = drawing.Sheet((-1.05, 1.05), (-2, 2), 300, 260)
    across = np.linspace(-1, 1, 161)
    sheet.line(zip(across, curve(across), strict=True), "var(--ink-2)", 1.5, 'stroke-dasharray="4 4"')
    bent = bender.net.forward(across[:, None])[:, 0]
    sheet.line(zip(across, np.clip(bent, -2.2, 2.2), strict=True), "var(--blue)", 2.5)
    for x, y in np.hstack(bender.train):
        sheet.dot(x, y, 4.5, "var(--ink)", "var(--paper)")
    return sheet.svg()
