"""A neuron, then a small network: where does the blue end and the red begin?

A neuron adds up what it sees, with weights, and says a number: above 0 is blue, below 0 is red. Alone it can only draw
a straight line. Hidden neurons between the sheet and the last one bend it.
"""

import math
from itertools import pairwise

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import KINDS, OURS, Chance, points
from cuaderno.studies.concepts.model import Momentum, Network
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 120, "noise": 0.1, "hidden_dim": 6, "steps": 600, "learning_rate": 0.3}
ALSO = ("momentum",)
KIND = "circle"
NUM_TEST = 500
SPREAD = 2.0  # of the first weights: wide enough for the hidden neurons to differ


def loss_of(logits: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How surprised the network is by each colour, and how that changes with what it says.

    Shapes:  logits (N, 1), colours (N,) -> (N,), (N, 1)
    Units:   nats
    """
    said, right = logits[:, 0], 2 * colours - 1  # -1 or 1
    surprise = np.logaddexp(0, -right * said)  # -log of the probability that the colour was given
    slope = -right * (1 - np.tanh(right * said / 2)) / 2  # the probability of the other colour
    return surprise, slope[:, None]


def update(net: Network, optimizer: Momentum, places: np.ndarray, colours: np.ndarray) -> float:
    """One update with all points; the mean surprise before it."""
    surprise, slope = loss_of(net.forward(places), colours)
    optimizer.step(net.backward(slope / len(places)))
    return float(surprise.mean())


def sizes(hidden_dim: int) -> list[int]:
    return [2, hidden_dim, 1] if hidden_dim else [2, 1]


class Painter:
    """A network that learns to paint a sheet from points."""

    data = OURS

    def __init__(self, config, hidden_dim: int | None = None):
        self.config = config
        chance = Chance(config.seed)
        self.places, self.colours = points(KIND, config.num_points, config.noise, chance)
        self.net = Network(sizes(config.hidden_dim if hidden_dim is None else hidden_dim), chance, SPREAD)
        self.test = points(KIND, NUM_TEST, config.noise, chance)
        self.optimizer = Momentum(self.net.numbers, config.learning_rate, config.momentum)

    @property
    def size(self) -> int:
        return self.net.size

    def learn(self, step: int) -> dict[str, float]:
        loss = update(self.net, self.optimizer, self.places, self.colours)
        return {"loss": loss, "train_accuracy": float((self.says(self.places) == self.colours).mean())}

    def says(self, places: np.ndarray) -> np.ndarray:
        return (self.net.forward(places)[:, 0] > 0).astype(float)

    def state(self) -> dict[str, np.ndarray]:
        numbers = {f"number_{index}": array for index, array in enumerate(self.net.numbers)}
        return numbers | {f"speed_{index}": array for index, array in enumerate(self.optimizer.speeds)}

    def load(self, state: dict[str, np.ndarray]) -> None:
        for name, arrays in (("number", self.net.numbers), ("speed", self.optimizer.speeds)):
            for index, array in enumerate(arrays):
                array[...] = state[f"{name}_{index}"]


def begin(config) -> Painter:
    return Painter(config)


def evaluate(painter: Painter) -> dict[str, Metric]:
    """On points that it has not seen, beside one neuron that learned from the same points."""
    alone = Painter(painter.config, hidden_dim=0)
    for step in range(1, painter.config.steps + 1):
        alone.learn(step)
    places, colours = painter.test
    found = {"loss": bootstrap(loss_of(painter.net.forward(places), colours)[0])}
    for name, one in (("accuracy", painter), ("baseline_neuron", alone)):
        found[name] = wilson(int((one.says(places) == colours).sum()), NUM_TEST)
    found["baseline_majority"] = wilson(int(max(colours.sum(), NUM_TEST - colours.sum())), NUM_TEST)
    return found


def answer(painter: Painter, text: str) -> dict:
    """`X Y`, a place on the sheet."""
    try:
        x, y = map(float, text.split())
    except ValueError:
        x = y = math.nan
    if not (abs(x) <= 10 and abs(y) <= 10):
        raise ValueError("Write a place on the sheet as two numbers from -1 to 1, such as: 0.2 -0.5")
    blue = 1 / (1 + math.exp(-float(painter.net.forward(np.array([[x, y]]))[0, 0])))
    return {"colour": "blue" if blue > 0.5 else "red", "blue": round(blue, 6)}


def export(painter: Painter) -> Export:
    about = {"hidden": painter.config.hidden_dim, "noise": painter.config.noise, "rate": painter.config.learning_rate}
    about |= {"momentum": painter.config.momentum, "seed": painter.config.seed, "number": painter.config.num_points}
    return Export(about, cases(painter), poster(painter))


def cases(painter: Painter) -> list[dict]:
    """Short trainings of every kind of points, and what the networks say afterwards."""
    found = []
    for seed, (kind, hidden) in enumerate(zip((*KINDS, "circle"), (4, 3, 8, 0, 1), strict=True)):
        chance = Chance(seed)
        places, colours = points(kind, 30, 0.1, chance)
        net = Network(sizes(hidden), chance, SPREAD)
        optimizer = Momentum(net.numbers, 0.3, 0.7)
        losses = [update(net, optimizer, places, colours) for _ in range(25)]
        given = {"kind": kind, "hidden": hidden, "seed": seed, "number": 30, "noise": 0.1, "rate": 0.3, "momentum": 0.7}
        found.append(
            {
                "input": {**given, "steps": 25},
                "output": {
                    "losses": losses[::6],
                    "places": places[:3].tolist(),
                    "logits": net.forward(places)[:8, 0].tolist(),
                },
            }
        )
    return found


def poster(painter: Painter) -> str:
    """What the network paints, and the points that it learned from."""
    sheet, cells = drawing.Sheet((-1.2, 1.2), (-1.2, 1.2), 300, 300), 30
    side = 2.4 / cells
    middles = -1.2 + side * (np.arange(cells) + 0.5)
    for row, y in enumerate(reversed(middles)):
        logits = painter.net.forward(np.stack([middles, np.full(cells, y)], axis=1))[:, 0]
        shades = np.round(3 * np.tanh(logits / 2)).astype(int)  # in few shades, so that neighbours make one box
        edges = [0, *(np.flatnonzero(np.diff(shades)) + 1), cells]
        for left, right in pairwise(edges):
            if shade := shades[left]:
                ink = "var(--blue)" if shade > 0 else "var(--red)"
                sheet.box(-1.2 + side * left, 1.2 - side * row, side * (right - left), side, ink, 0.15 * abs(shade))
    for (x, y), colour in zip(painter.places[:80], painter.colours, strict=False):
        sheet.dot(x, y, 4, "var(--blue)" if colour else "var(--red)", "var(--paper)")
    return sheet.svg()
