"""What goes in and what comes out of a language model, and what becomes of it when garbage goes in.

In go letters, as numbers. Out come probabilities, one for each letter that may follow. One of them is drawn, put behind
the others, and all begins again. This model learns by counting what followed the last few letters; the large ones
learn with networks, but what goes in and out is the same. And so is this: it says what it was fed.

Source: Witten and Bell 1991, letters that were never seen get a share from shorter contexts.
"""

import math
from functools import cached_property

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import Chance
from cuaderno.studies.concepts.parts import Export
from cuaderno.studies.concepts.texts import as_numbers, as_text, fingerprint, read

SETTINGS = {"steps": 40}
ALSO = ("text",)
ORDER = 4  # letters that it looks back
PIECE = 1000  # letters that it reads in one step
TEST = 4000  # letters that it never reads, the end of the text
CHUNK = 100  # letters of the test whose loss is averaged at a time
SHARES = (0.1, 0.3, 0.5)  # of garbage, at which it is measured
EXCERPT = 4000  # letters that the page gets to read, and a quarter as many to judge by


def spoiled(text: str, share: float, letters: str, seed: int) -> str:
    """The text with a share of its letters replaced by any ones, which ones is chance."""
    chance, found = Chance(seed), []
    for letter in text:
        other = letters[int(chance.number() * len(letters))]
        found.append(other if chance.number() < share else letter)
    return "".join(found)


class Counts:
    """What followed what, for contexts of 0 to 4 letters."""

    def __init__(self, letters: str):
        self.letters = letters
        self.number = {letter: at for at, letter in enumerate(letters)}
        self.followed: list[dict[str, dict[int, int]]] = [{} for _ in range(ORDER + 1)]

    def read(self, text: str) -> None:
        self.read_on(text, 0, len(text))

    def read_on(self, text: str, start: int, stop: int) -> None:
        """Count the letters from one place to another, each with those before it."""
        for at in range(start, min(stop, len(text))):
            letter = text[at]
            for order in range(min(ORDER, at) + 1):
                after = self.followed[order].setdefault(text[at - order : at], {})
                after[self.number[letter]] = after.get(self.number[letter], 0) + 1

    def expect(self, before: str) -> np.ndarray:
        """How likely each letter is to follow; as much as a context is new, a shorter one is asked.

        Shapes:  (letters,), sums to 1.
        """
        odds = np.full(len(self.letters), 1 / len(self.letters))
        for order in range(min(ORDER, len(before)) + 1):
            after = self.followed[order].get(before[len(before) - order :])
            if not after:
                break
            odds *= len(after)  # kinds of letters that followed: as many doubts
            for letter, many in after.items():
                odds[letter] += many
            odds /= sum(after.values()) + len(after)
        return odds

    def loss(self, text: str) -> list[float]:
        """How surprised it is by each letter: minus the logarithm of how likely it thought it."""
        return [
            -math.log(self.expect(text[max(0, at - ORDER) : at])[self.number[letter]]) for at, letter in enumerate(text)
        ]

    def write(self, before: str, many: int, chance: Chance) -> str:
        """So many letters behind others, each drawn from what is expected."""
        written = before
        for _ in range(many):
            luck, odds = chance.number(), self.expect(written[-ORDER:])
            at = 0
            while at < len(odds) - 1 and luck >= odds[at]:
                luck -= odds[at]
                at += 1
            written += self.letters[at]
        return written[len(before) :]


class Listener:
    """Reads a text piece by piece."""

    def __init__(self, config, letters: str, fed: str, judged: str):
        self.config, self.letters, self.fed, self.judged = config, letters, fed, judged  # the last two for the page
        self.read = 0  # letters of the text so far

    @classmethod
    def of_a_text(cls, config) -> "Listener":
        """Nothing read yet, with the letters of the text that is to be read."""
        whole, whose = read(config.text)
        text, test = parted(whole, config.steps)
        if len(text) < TEST:
            raise CuadernoError(f"The text has {len(whole):,} letters; at least {2 * TEST:,} are needed here.")
        listener = cls(config, "".join(sorted(set(text + test))), text[:EXCERPT], test[: EXCERPT // 4])
        listener.data, listener.used = whose, {"text": fingerprint(whole)}
        return listener

    @cached_property
    def texts(self) -> tuple[str, str]:
        """What it reads, and what it is judged by."""
        return parted(read(self.config.text)[0], self.config.steps)

    @cached_property
    def counts(self) -> Counts:
        """What it has counted so far."""
        counts = Counts(self.letters)
        counts.read(self.texts[0][: self.read])
        return counts

    @property
    def size(self) -> int:
        """Letters that it knows, each of which it counts."""
        return len(self.letters)

    def learn(self, step: int) -> dict[str, float]:
        """Read on; when the text is at its end there is nothing more to read."""
        text, test = self.texts
        self.counts.read_on(text, self.read, self.read + PIECE)
        self.read = min(self.read + PIECE, len(text))
        return {"loss": float(np.mean(self.counts.loss(test[:500])))}

    def state(self) -> dict[str, np.ndarray]:
        texts = {"letters": self.letters, "fed": self.fed, "judged": self.judged}
        return {"read": np.array([self.read], dtype=float)} | {name: as_numbers(text) for name, text in texts.items()}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.read = int(state["read"][0])
        self.__dict__.pop("counts", None)  # to be counted anew when somebody asks


def parted(text: str, pieces: int) -> tuple[str, str]:
    """What is read of a text, and what comes behind it, which never is."""
    text = " ".join(text.split())[: pieces * PIECE + TEST]
    return text[:-TEST], text[-TEST:]


def begin(config) -> Listener:
    return Listener.of_a_text(config)


def again(config, state: dict[str, np.ndarray]) -> Listener:
    """What has been read so far; the text is counted again only when somebody asks."""
    listener = Listener(config, *(as_text(state[name]) for name in ("letters", "fed", "judged")))
    listener.load(state)
    return listener


def evaluate(listener: Listener) -> dict[str, Metric]:
    """How surprised it is by clean text that it has not read, after reading garbage of several shares."""
    text, test = listener.texts
    found = {"loss": measured(listener.counts.loss(test))}
    for share in SHARES:
        fed = Counts(listener.letters)
        fed.read(spoiled(text[: listener.read], share, listener.letters, listener.config.seed))
        found[f"loss_garbage_{share:.0%}".rstrip("%")] = measured(fed.loss(test))
    alone = Counts(listener.letters)
    alone.followed[0] = listener.counts.followed[0]
    found["baseline_frequency_loss"] = measured(alone.loss(test))
    found["baseline_uniform_loss"] = Metric(math.log(len(listener.letters)))
    return found


def measured(losses: list[float]) -> Metric:
    return bootstrap([float(np.mean(losses[at : at + CHUNK])) for at in range(0, len(losses), CHUNK)])


def answer(listener: Listener, text: str) -> dict:
    """A text: the likeliest letters behind it, and one way on."""
    if unknown := sorted(set(text) - set(listener.letters)):
        raise ValueError(f"The text that was read has no {', '.join(map(repr, unknown[:5]))}: leave that out.")
    odds = listener.counts.expect(text[-ORDER:])
    best = np.argsort(-odds, kind="stable")[:5]
    chance = Chance(listener.config.seed)
    return {
        "next": {listener.counts.letters[at]: round(float(odds[at]), 4) for at in best},
        "written": listener.counts.write(text, 80, chance),
    }


def export(listener: Listener) -> Export:
    fed = listener.fed
    about = {"fed": fed, "judged": listener.judged, "letters": listener.letters, "seed": listener.config.seed}
    cases = [_case(about, share, before) for share, before in ((0.0, fed[:20]), (0.3, fed[40:44]), (1.0, ""))]
    return Export(about, cases, poster(listener))


def _case(about: dict, share: float, before: str) -> dict:
    counts = Counts(about["letters"])
    fed = spoiled(about["fed"][:600], share, about["letters"], about["seed"])
    counts.read(fed)
    return {
        "input": {"share": share, "letters": 600, "before": before},
        "output": {
            "fed": fed[:60],
            "odds": counts.expect(before).tolist()[:40],
            "loss": float(np.mean(counts.loss(about["judged"][:200]))),
            "written": counts.write(before, 30, Chance(1)),
        },
    }


def poster(listener: Listener) -> str:
    """What is written after clean text, and after text of which half is garbage; of what the page gets to read."""
    letters, text = listener.letters, listener.fed
    clean, fed = Counts(letters), Counts(letters)
    clean.read(text)
    fed.read(spoiled(text, 0.5, letters, listener.config.seed))
    sheet = drawing.Sheet((0, 480), (0, 130), 480, 130)
    for row, (counts, ink) in enumerate(((clean, "var(--blue)"), (fed, "var(--red)"))):
        written = counts.write(text[:ORDER], 96, Chance(3))
        for line in range(2):
            words = written[48 * line : 48 * line + 48].replace("&", "&amp;").replace("<", "&lt;")
            sheet.text(240, 108 - 60 * row - 22 * line, words, ink)
    return sheet.svg()
