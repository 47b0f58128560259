"""A latent space: squeeze pictures into two numbers, and draw them again from these.

The network is narrow in the middle: 64 cells go in, 64 come out, and between them there is room for two numbers only.
To repeat its pictures nevertheless it has to find out what tells one from the other. The two numbers are a place on a
map, and each place of the map is a picture, those that nobody has drawn as well.
"""

import math

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.model import Adam, Network
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 900, "noise": 0.02, "hidden_dim": 24, "steps": 2000, "learning_rate": 0.01}
SHORT = {"steps": 150}
SIDE = 8
KINDS = ("ring", "cross", "stroke")
NUM_TEST = 300
DOTS = 150  # pictures whose places the page shows
DIGITS = 4  # of the weights in the page


def picture(kind: str, chance: Chance) -> np.ndarray:
    """A ring, a cross or a stroke of any size and slant.  Shapes:  (64,) from 0 paper to 1 ink"""
    size, slant = chance.between(1.3, 3.4), chance.between(0, math.pi)
    rows, columns = (np.indices((SIDE, SIDE)) - (SIDE - 1) / 2).reshape(2, -1)
    along = columns * math.cos(slant) + rows * math.sin(slant)
    across = rows * math.cos(slant) - columns * math.sin(slant)
    if kind == "ring":
        away = abs(np.hypot(along, across / 0.7) - size)
    else:
        away = np.hypot(np.maximum(abs(along) - size, 0), across)
        if kind == "cross":
            away = np.minimum(away, np.hypot(np.maximum(abs(across) - size, 0), along))
    return np.clip(1.4 - away, 0, 1)


def pictures(number: int, noise: float, chance: Chance) -> tuple[np.ndarray, np.ndarray]:
    """The kinds in turn.  Shapes:  (N, 64), (N,)"""
    kinds = np.arange(number) % len(KINDS)
    clean = np.stack([picture(KINDS[kind], chance) for kind in kinds])
    return clean + noise * chance.normals(*clean.shape), kinds


class Squeezer:
    """A network that repeats pictures through two numbers."""

    data = OURS

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.pictures, self.kinds = pictures(config.num_points, config.noise, chance)
        self.test, self.test_kinds = pictures(NUM_TEST, config.noise, chance)
        cells, hidden = SIDE * SIDE, config.hidden_dim
        self.net = Network([cells, hidden, 2, hidden, cells], chance)
        self.optimizer = Adam(self.net.numbers, config.learning_rate)

    @property
    def size(self) -> int:
        return self.net.size

    def learn(self, step: int) -> dict[str, float]:
        off = self.net.forward(self.pictures) - self.pictures
        self.optimizer.learning_rate = self.config.learning_rate * max(1 - step / self.config.steps, 0.02)
        self.optimizer.step(self.net.backward(2 * off / len(off)), step)
        return {"loss": float((off**2).mean())}

    def place(self, pictures: np.ndarray) -> np.ndarray:
        """Where pictures lie on the map.  Shapes:  (N, 64) -> (N, 2), from -1 to 1"""
        self.net.forward(pictures)
        return self.net.seen[2]

    def draw(self, places: np.ndarray) -> np.ndarray:
        """What lies at places of the map: the second half of the network.  Shapes:  (N, 2) -> (N, 64)"""
        widen, widen_bias, paint, paint_bias = self.net.numbers[4:]
        return np.tanh(places @ widen + widen_bias) @ paint + paint_bias

    def state(self) -> dict[str, np.ndarray]:
        groups = {"number": self.net.numbers, "mean": self.optimizer.means, "square": self.optimizer.squares}
        return {f"{name}_{index}": array for name, arrays in groups.items() for index, array in enumerate(arrays)}

    def load(self, state: dict[str, np.ndarray]) -> None:
        for name, array in self.state().items():
            array[...] = state[name]


def begin(config) -> Squeezer:
    return Squeezer(config)


def straight(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean picture, and the two directions in which pictures differ most.  Shapes:  (64,), (2, 64)"""
    middle = pictures.mean(axis=0)
    return middle, np.linalg.svd(pictures - middle, full_matrices=False)[2][:2]


def evaluate(squeezer: Squeezer) -> dict[str, Metric]:
    """On pictures it has not seen; beside it the two best straight directions, and the mean picture."""
    test, (middle, directions) = squeezer.test, straight(squeezer.pictures)
    maps = {"kinds_together": squeezer.place, "baseline_pca_kinds": lambda ones: (ones - middle) @ directions.T}
    drawn = {
        "squeeze_error": squeezer.draw(squeezer.place(test)),
        "baseline_pca_error": middle + (test - middle) @ directions.T @ directions,
        "baseline_mean_picture_error": np.broadcast_to(middle, test.shape),
    }
    found = {name: bootstrap(((picture - test) ** 2).mean(axis=1)) for name, picture in drawn.items()}
    for name, place in maps.items():
        far = np.linalg.norm(place(test)[:, None] - place(squeezer.pictures)[None], axis=-1)
        found[name] = wilson(int((squeezer.kinds[far.argmin(axis=1)] == squeezer.test_kinds).sum()), NUM_TEST)
    found["baseline_chance_kinds"] = Metric(1 / len(KINDS))
    return found


def answer(squeezer: Squeezer, text: str) -> dict:
    """`X Y`, a place on the map from -1 to 1: the picture that lies there."""
    try:
        x, y = map(float, text.split())
    except ValueError:
        x = y = math.nan
    if not (abs(x) <= 1 and abs(y) <= 1):
        raise ValueError("Write a place on the map as two numbers from -1 to 1, such as: 0.2 -0.5")
    shades = np.clip(squeezer.draw(np.array([[x, y]]))[0], 0, 0.999)
    signs = np.array(list(" .:+#"))[(5 * shades).astype(int)].reshape(SIDE, SIDE)
    return {"picture": ["".join(row) for row in signs]}


def export(squeezer: Squeezer) -> Export:
    page = Squeezer(squeezer.config)
    for own, theirs in zip(page.net.numbers, squeezer.net.numbers, strict=True):
        own[...] = np.round(theirs, DIGITS)  # what the page computes with
    middle, directions = straight(squeezer.pictures)
    shown = np.round(9 * np.clip(squeezer.pictures[:DOTS], 0, 1)).astype(int)
    about = {"side": SIDE, "hidden": squeezer.config.hidden_dim, "kinds": list(KINDS)}
    about |= {"numbers": [array.flatten().tolist() for array in page.net.numbers]}
    about |= {"pictures": ["".join(map(str, one)) for one in shown]}
    about |= {"straight": np.round([middle, *directions], DIGITS).tolist()}
    return Export(about, cases(page), poster(page))


def cases(page: Squeezer) -> list[dict]:
    places = [[0.0, 0.0], [0.9, -0.7], [-0.5, 0.8]]
    found = [{"input": {"place": place}, "output": page.draw(np.array([place]))[0].tolist()} for place in places]
    for one in np.round(page.test[:4], 3):
        place = page.place(one[None])[0]
        found.append({"input": {"picture": one.tolist()}, "output": place.tolist()})
    return found


def poster(page: Squeezer) -> str:
    """Pictures from all over the map, in four shades."""
    sheet, number, cell = drawing.Sheet((0, 256), (256, 0), 256, 256), 7, 4
    middles = (np.arange(number) + 0.5) / number * 2 - 1
    paths: dict[int, str] = dict.fromkeys(range(1, 5), "")
    for row, y in enumerate(reversed(middles)):
        for column, x in enumerate(middles):
            shades = np.round(4 * np.clip(page.draw(np.array([[x, y]]))[0], 0, 1)).astype(int)
            for index in np.flatnonzero(shades):
                down, right = divmod(int(index), SIDE)
                place = f"M{36 * column + cell * right + 4} {36 * row + cell * down + 4}"
                paths[int(shades[index])] += f"{place}h{cell}v{cell}h-{cell}z"
    sheet.parts += [f'<path d="{d}" fill="var(--blue)" fill-opacity="{shade / 4:g}"/>' for shade, d in paths.items()]
    return sheet.svg()
