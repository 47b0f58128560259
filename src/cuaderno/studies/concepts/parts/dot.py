"""The dot product: multiply number by number and add up. It is large when two vectors agree.

A picture of seven by seven cells is a vector of 49 numbers. Its dot product with a template says how much it looks like
it; one template for each letter, and the largest product wins. The templates are not drawn by anybody: they are learnt,
and get to be negative where ink speaks against a letter.
"""

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.parts import Export

SETTINGS = {"num_points": 1000, "noise": 0.05, "steps": 200, "learning_rate": 1.0}
SIDE = 7
NUM_TEST = 400
LETTERS = {
    "T": (".......", ".#####.", "...#...", "...#...", "...#...", "...#...", "......."),
    "L": (".......", ".#.....", ".#.....", ".#.....", ".#.....", ".#####.", "......."),
    "O": (".......", "..###..", ".#...#.", ".#...#.", ".#...#.", "..###..", "......."),
    "X": (".......", ".#...#.", "..#.#..", "...#...", "..#.#..", ".#...#.", "......."),
}
NAMES = tuple(LETTERS)


def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Multiply number by number and add up. That is all."""
    return float(sum(x * y for x, y in zip(a, b, strict=True)))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """The dot product of the directions alone: 1 the same, 0 at right angles, -1 opposite."""
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5


def letter(name: str) -> np.ndarray:
    """A clean letter: 1 for ink, 0 for paper.  Shapes:  (49,)"""
    return np.array([1.0 if cell == "#" else 0.0 for row in LETTERS[name] for cell in row])


def written(number: int, noise: float, chance: Chance) -> tuple[np.ndarray, np.ndarray]:
    """Letters in turn, moved by up to one cell, some cells the wrong way round.  Shapes:  (N, 49), (N,)"""
    pictures = []
    for index in range(number):
        down, right = (int(chance.number() * 3) - 1 for _ in range(2))
        clean = letter(NAMES[index % len(NAMES)]).reshape(SIDE, SIDE)
        moved = np.roll(clean, (down, right), axis=(0, 1)).flatten()
        wrong = np.array([chance.number() < noise for _ in range(SIDE * SIDE)])
        pictures.append(np.where(wrong, 1 - moved, moved))
    return np.array(pictures), np.arange(number) % len(NAMES)


class Reader:
    """Learns one template for each letter."""

    data, size = OURS, len(NAMES) * SIDE * SIDE

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.pictures, self.right = written(config.num_points, config.noise, chance)
        self.test = written(NUM_TEST, config.noise, chance)
        self.templates = 0.01 * chance.normals(len(NAMES), SIDE * SIDE)  # (4, 49)

    def learn(self, step: int) -> dict[str, float]:
        products = self.pictures @ self.templates.T  # (N, 49) @ (49, 4): all dot products at once
        shares = np.exp(products - products.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)  # softmax: the products as probabilities
        wanted = np.eye(len(NAMES))[self.right]
        self.templates -= self.config.learning_rate * (shares - wanted).T @ self.pictures / len(self.pictures)
        loss = -np.log(shares[np.arange(len(self.right)), self.right])
        return {"loss": float(loss.mean()), "train_accuracy": float((shares.argmax(axis=1) == self.right).mean())}

    def state(self) -> dict[str, np.ndarray]:
        return {"templates": self.templates}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.templates[...] = state["templates"]


def begin(config) -> Reader:
    return Reader(config)


def evaluate(reader: Reader) -> dict[str, Metric]:
    """On letters that it has not seen; beside it clean letters as templates, and the mere amount of ink."""
    pictures, right = reader.test
    clean = np.array([letter(name) for name in NAMES])
    direction = clean / np.linalg.norm(clean, axis=1, keepdims=True)
    ink = np.array([reader.pictures[reader.right == index].sum(axis=1).mean() for index in range(len(NAMES))])
    by_ink = abs(pictures.sum(axis=1)[:, None] - ink).argmin(axis=1)
    products = pictures @ reader.templates.T
    surprise = np.log(np.exp(products).sum(axis=1)) - products[np.arange(len(right)), right]
    return {
        "loss": bootstrap(surprise),
        "accuracy": _right(products.argmax(axis=1), right),
        "baseline_clean_letters": _right((pictures @ direction.T).argmax(axis=1), right),
        "baseline_ink": _right(by_ink, right),
        "baseline_majority": _right(np.zeros_like(right), right),
    }


def _right(said: np.ndarray, right: np.ndarray) -> Metric:
    return wilson(int((said == right).sum()), len(right))


def answer(reader: Reader, text: str) -> dict:
    """Two vectors, `2,1 -1,2`; or a picture as 49 signs, `#` for ink."""
    signs = [sign for sign in text if sign in ".#"]
    if len(signs) == SIDE * SIDE and "#" in signs:
        picture = np.array([float(sign == "#") for sign in signs])
        products = {name: round(dot(picture, own), 4) for name, own in zip(NAMES, reader.templates, strict=True)}
        return {"letter": max(products, key=products.__getitem__), "products": products}
    try:
        a, b = (np.array([float(number) for number in vector.split(",")]) for vector in text.split())
    except ValueError:
        raise ValueError(
            "Write two vectors, such as: 2,1 -1,2. Or a picture as 49 signs, # for ink and . for paper."
        ) from None
    if len(a) != len(b) or not (np.isfinite(a).all() and np.isfinite(b).all()) or not (a.any() and b.any()):
        raise ValueError("The two vectors need the same number of numbers, and neither may be all 0.")
    return {"dot": dot(a, b), "cosine": cosine(a, b)}


def export(reader: Reader) -> Export:
    letters = {name: letter(name).tolist() for name in NAMES}
    about = {"side": SIDE, "letters": letters, "templates": np.round(reader.templates, 4).tolist()}
    return Export(about, cases(reader), poster(reader), 1e-3)


def cases(reader: Reader) -> list[dict]:
    chance = Chance(3)
    pairs = [([2.0, 1.0], [-1.0, 2.0]), ([2.0, 1.0], [4.0, 2.0]), ([1.0, -3.0], [-0.5, 1.5])]
    found = [{"input": {"a": a, "b": b}, "output": {"dot": dot(a, b), "cosine": cosine(a, b)}} for a, b in pairs]  # type: ignore[arg-type]
    for picture in written(6, 0.15, chance)[0]:
        products = [dot(picture, template) for template in reader.templates]
        output = {"products": products, "letter": NAMES[int(np.argmax(products))]}
        found.append({"input": {"picture": picture.tolist()}, "output": output})
    return found


def poster(reader: Reader) -> str:
    """The four templates: blue where ink speaks for the letter, red where against."""
    sheet = drawing.Sheet((0, 17), (17, 0), 300, 300)
    most = abs(reader.templates).max()
    for index, (name, template) in enumerate(zip(NAMES, reader.templates, strict=True)):
        left, top = 0.75 + 8.5 * (index % 2), 0.75 + 8.5 * (index // 2)
        for cell, weight in enumerate(template):
            if abs(weight) > 0.06 * most:
                ink = "var(--blue)" if weight > 0 else "var(--red)"
                x, y = left + cell % SIDE, top + cell // SIDE
                sheet.box(x, y, 0.94, 0.94, ink, round(float(abs(weight) / most), 2))
        sheet.text(left + 0.1, top + 0.1, name, "var(--ink-2)", 12, "start")
    return sheet.svg()
