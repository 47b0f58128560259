"""Gradient descent: walk downhill by feel, one step at a time, with or without a run-up.

You stand on hilly ground in thick fog. The slope under your feet is all you know: `slope` gives it. Step against it, by
`learning_rate` times the slope; with `momentum`, keep a share of the last step. That is all.
"""

import math

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"steps": 80, "learning_rate": 0.5}
ALSO = ("momentum",)
SHEET = 3.0  # walks begin within 3 of the middle, to each side
LOST = 100.0  # so far out nobody comes back
RESTS = 0.01  # slope and speed below which a walk has ended
PATIENCE = 2000  # steps after which nobody waits any longer
STARTS = 200
SURFACES = ("valley", "hollows")
SAME = 1e-9  # of parity


def height(surface: str, x: float, y: float) -> float:
    """How high the ground lies: the loss."""
    if surface == "valley":  # long and narrow: twenty times as steep to the sides as along
        return 0.05 * x**2 + y**2
    return (x**2 - 2) ** 2 / 16 + 0.1 * x + 0.5 * y**2  # two hollows, the left one deeper


def slope(surface: str, x: float, y: float) -> tuple[float, float]:
    """How the height changes with x and with y: the gradient."""
    if surface == "valley":
        return 0.1 * x, 2 * y
    return x * (x**2 - 2) / 4 + 0.1, y


def step(
    surface: str, place: tuple[float, float], speed: tuple[float, float], learning_rate: float, momentum: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """One step: what is left of the speed, minus the slope; the place moves by that."""
    (x, y), (slope_x, slope_y) = place, slope(surface, *place)
    speed_x = momentum * speed[0] - learning_rate * slope_x
    speed_y = momentum * speed[1] - learning_rate * slope_y
    return (x + speed_x, y + speed_y), (speed_x, speed_y)


def walk(
    surface: str, start: tuple[float, float], learning_rate: float, momentum: float, most: int = PATIENCE
) -> tuple[list[tuple[float, float]], str]:
    """All places of a walk, and how it ended: "rest", "lost" or, after as many steps as it may have, "tired"."""
    places, speed = [start], (0.0, 0.0)
    while len(places) <= most:
        place, speed = step(surface, places[-1], speed, learning_rate, momentum)
        places.append(place)
        if not math.hypot(*place) < LOST:
            return places, "lost"
        if math.hypot(*slope(surface, *place)) < RESTS and math.hypot(*speed) < RESTS:
            return places, "rest"
    return places, "tired"


class Walker:
    """What `learn` moves: a place on the valley. A network has more than two numbers, and walks in the same way."""

    data, size = OURS, 2

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.place = (chance.between(-SHEET, SHEET), chance.between(-SHEET, SHEET))
        self.speed = (0.0, 0.0)

    def learn(self, number: int) -> dict[str, float]:
        rate, momentum = self.config.learning_rate, self.config.momentum
        self.place, self.speed = step("valley", self.place, self.speed, rate, momentum)
        return {"loss": height("valley", *self.place), "slope": math.hypot(*slope("valley", *self.place))}

    def state(self) -> dict[str, np.ndarray]:
        return {"place": np.array(self.place), "speed": np.array(self.speed)}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.place, self.speed = tuple(map(float, state["place"])), tuple(map(float, state["speed"]))


def begin(config) -> Walker:
    return Walker(config)


def evaluate(walker: Walker) -> dict[str, Metric]:
    """Walks from many places: how long they take with momentum and without, and where they end."""
    chance, rate, momentum = Chance(walker.config.seed + 1), walker.config.learning_rate, walker.config.momentum
    starts = [(chance.between(-SHEET, SHEET), chance.between(-SHEET, SHEET)) for _ in range(STARTS)]
    found = {"loss": Metric(height("valley", *walker.place))}
    for name, share in (("steps_to_rest", momentum), ("baseline_plain_steps", 0.0)):
        found[name] = bootstrap([len(walk("valley", start, rate, share)[0]) - 1 for start in starts])
    deeper = {
        share: sum(walk("hollows", start, rate, share)[0][-1][0] < 0 for start in starts) for share in (momentum, 0.0)
    }
    found["deeper_hollow"] = wilson(deeper[momentum], STARTS)
    found["baseline_plain_deeper"] = wilson(deeper[0.0], STARTS)
    found["highest_rate"] = Metric(highest_rate("valley", (2.5, 2.0), 0.0))
    found["highest_rate_momentum"] = Metric(highest_rate("valley", (2.5, 2.0), momentum))
    return found


def highest_rate(surface: str, start: tuple[float, float], momentum: float) -> float:
    """The learning rate beyond which a walk is lost, found by halving."""
    low, high = 0.0, 20.0
    for _ in range(30):
        middle = (low + high) / 2
        lost = walk(surface, start, middle, momentum)[1] == "lost"
        low, high = (low, middle) if lost else (middle, high)
    return low


def answer(walker: Walker, text: str) -> dict:
    """`X Y`, where the walk begins, perhaps with `valley` or `hollows` behind it."""
    words = text.split()
    surface = words.pop() if words and words[-1] in SURFACES else "valley"
    try:
        x, y = map(float, words)
    except ValueError:
        x = y = math.nan
    if not (abs(x) <= LOST / 2 and abs(y) <= LOST / 2):
        raise ValueError(f"Write where the walk begins as two numbers up to {LOST / 2:g}, such as: 2.5 -1 hollows")
    places, ending = walk(surface, (x, y), walker.config.learning_rate, walker.config.momentum)
    return {"ending": ending, "steps": len(places) - 1, "place": places[-1], "loss": height(surface, *places[-1])}


def export(walker: Walker) -> Export:
    config = walker.config
    about = {"rate": config.learning_rate, "momentum": config.momentum, "start": [-2.5, 2.0]}
    return Export(about, cases(), poster(config.learning_rate, config.momentum), SAME)


def cases() -> list[dict]:
    """Walks of every kind with where they went."""
    found = []
    for surface in SURFACES:
        for start in ((-2.5, 2.0), (2.9, -1.0)):
            for rate, momentum in ((0.1, 0.0), (0.5, 0.7), (0.9, 0.9), (1.05, 0.0), (1.9, 0.95)):
                places, ending = walk(surface, start, rate, momentum, 60)
                found.append(
                    {
                        "input": {"surface": surface, "start": start, "rate": rate, "momentum": momentum, "most": 60},
                        "output": {"ending": ending, "steps": len(places) - 1, "places": places[:12]},
                    }
                )
    return found


def poster(rate: float, momentum: float) -> str:
    """The valley from above, with a walk without momentum and one with it."""
    sheet = drawing.Sheet((-SHEET, SHEET), (-SHEET, SHEET), 300, 300)
    for level in (0.05, 0.2, 0.5, 1, 2, 4, 7):
        sheet.ellipse(0, 0, math.sqrt(level / 0.05), math.sqrt(level), "var(--grid)", 1.5)
    start = (-2.5, 2.0)
    sheet.line(walk("valley", start, 0.95, 0.0, 40)[0], "var(--red)", 1.5)
    sheet.line(walk("valley", start, rate, momentum, 60)[0], "var(--blue)", 2.5)
    sheet.dot(*start, 5, "var(--blue)")
    return sheet.svg()
