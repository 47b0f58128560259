"""Tokens: a model reads no letters and no words, but pieces that were found by counting.

Begin with single letters. Find the two pieces that stand side by side most often, make one piece of them, and count
again. Each merge is one more piece that the model knows; what is common ends up as one piece, what is rare in crumbs.

Source: Sennrich, Haddow and Birch 2016, arXiv:1508.07909, byte pair encoding; here on letters.
"""

import re
from collections import Counter
from functools import cached_property
from itertools import pairwise

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.parts import Export
from cuaderno.studies.concepts.texts import as_numbers, as_text, fingerprint, read

SETTINGS = {"steps": 600}
SHORT = {"steps": 100}
ALSO = ("text",)
WORD = re.compile(r"\s?[^\W_]+|\s?[^\w\s]+|\s+|_+")  # no piece reaches over the end of a word
TEST_SHARE = 0.1  # of the text, its end
CHUNK = 400  # letters of the text that is measured at a time
MOST_LETTERS = 600_000  # of the text, to count pairs in


def words_of(text: str) -> list[str]:
    """The text in parts that are cut into pieces one by one; together they are the text."""
    return WORD.findall(text)


def parted(text: str) -> tuple[str, list[str]]:
    """What is counted of a text, and pieces of its end, which are not."""
    text = text[:MOST_LETTERS]
    end = round((1 - TEST_SHARE) * len(text))
    return text[:end], [text[at : at + CHUNK] for at in range(end, len(text) - CHUNK + 1, CHUNK)]


def merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    """The pieces with every such pair made one, from left to right."""
    found: list[str] = []
    at = 0
    while at < len(pieces):
        both = tuple(pieces[at : at + 2]) == pair
        found.append("".join(pair) if both else pieces[at])
        at += 1 + both
    return found


def cut(text: str, merges: list[tuple[str, str]]) -> list[str]:
    """The pieces of a text: the earliest merge first, as long as one fits."""
    order = {pair: number for number, pair in enumerate(merges)}
    found = []
    for word in words_of(text):
        pieces = list(word)
        while len(pieces) > 1:
            pair = min(pairwise(pieces), key=lambda pair: order.get(pair, len(order)))
            if pair not in order:
                break
            pieces = merged(pieces, pair)
        found += pieces
    return found


class Cutter:
    """Finds one merge after the other."""

    def __init__(self, config, letters: list[str], samples: list[str]):
        self.config, self.letters, self.samples = config, letters, samples
        self.merges: list[tuple[str, str]] = []

    @classmethod
    def of_a_text(cls, config) -> "Cutter":
        """Nothing merged yet, with the letters of the text that is to be counted."""
        whole, whose = read(config.text)
        text, test = parted(whole)
        if not test:
            raise CuadernoError(f"The text has {len(whole):,} letters; {10 * CHUNK:,} are needed. Give a longer one.")
        cutter = cls(config, sorted(set(text)), [" ".join(chunk.split()[1:40]) for chunk in test[:3]])
        cutter.data, cutter.used = whose, {"text": fingerprint(whole)}
        return cutter

    @cached_property
    def counts(self) -> Counter:
        """How often each word occurs in the text."""
        return Counter(words_of(parted(read(self.config.text)[0])[0]))

    @cached_property
    def pieces(self) -> dict[str, list[str]]:
        """Each word of the text in pieces, with the merges there are."""
        return {word: cut(word, self.merges) for word in self.counts}

    @cached_property
    def pairs(self) -> Counter:
        """How often each pair of neighbours occurs in the text."""
        return self._pairs_of(self.counts)

    @property
    def size(self) -> int:
        return len(self.letters) + len(self.merges)

    def learn(self, step: int) -> dict[str, float]:
        """Make one piece of the commonest pair."""
        pair, often = max(self.pairs.items(), key=lambda item: (item[1], item[0]))
        if often > 1:  # in a short text nothing may be left to merge
            self._merge(pair)
            self.merges.append(pair)
        left = sum(self.counts[word] * len(pieces) for word, pieces in self.pieces.items())
        return {"pieces": left, "often": often}

    def _merge(self, pair: tuple[str, str]) -> None:
        """Merge in the words that have the pair; only their pairs are counted anew."""
        changed = [word for word, pieces in self.pieces.items() if pair in pairwise(pieces)]
        self.pairs.subtract(self._pairs_of(changed))
        for word in changed:
            self.pieces[word] = merged(self.pieces[word], pair)
        self.pairs.update(self._pairs_of(changed))

    def _pairs_of(self, words) -> Counter:
        """How often each pair of neighbours occurs in these words of the text."""
        found: Counter = Counter()
        for word in words:
            for pair in pairwise(self.pieces[word]):
                found[pair] += self.counts[word]
        return found

    def state(self) -> dict[str, np.ndarray]:
        """The merges as numbers of pieces: the letters come first, then what each merge made."""
        number = {piece: at for at, piece in enumerate([*self.letters, *map("".join, self.merges)])}
        pairs = [[number[a], number[b]] for a, b in self.merges]
        texts = {"letters": "".join(self.letters), "samples": "\0".join(self.samples)}
        found = {"merges": np.array(pairs, dtype=float).reshape(len(pairs), 2)}
        return found | {name: as_numbers(text) for name, text in texts.items()}

    def load(self, state: dict[str, np.ndarray]) -> None:
        pieces = list(self.letters)
        self.merges = []
        for a, b in state["merges"].astype(int).tolist():
            self.merges.append((pieces[a], pieces[b]))
            pieces.append(pieces[a] + pieces[b])


def begin(config) -> Cutter:
    return Cutter.of_a_text(config)


def again(config, state: dict[str, np.ndarray]) -> Cutter:
    """What has been merged; the text is read again only where something is counted in it."""
    cutter = Cutter(config, list(as_text(state["letters"])), as_text(state["samples"]).split("\0"))
    cutter.load(state)
    return cutter


def evaluate(cutter: Cutter) -> dict[str, Metric]:
    """How many letters a piece has in text that was not counted, beside letters and the commonest pairs of letters."""
    _, test = parted(read(cutter.config.text)[0])
    found = {"vocabulary": Metric(cutter.size)}
    for name, merges in (("letters_a_piece", cutter.merges), ("baseline_pairs", _pairs_of_letters(cutter))):
        found[name] = bootstrap([len(chunk) / len(cut(chunk, merges)) for chunk in test])
    return found | {"baseline_letters": Metric(1.0)}


def _pairs_of_letters(cutter: Cutter) -> list[tuple[str, str]]:
    """As many pairs as there are merges, the commonest ones, counted once: no piece is longer than two letters."""
    counts: Counter = Counter()
    for word, often in cutter.counts.items():
        for pair in pairwise(word):
            counts[pair] += often
    return [pair for pair, _ in counts.most_common(len(cutter.merges))]


def answer(cutter: Cutter, text: str) -> dict:
    """A text, as its pieces."""
    if unknown := sorted(set(text) - set(cutter.letters)):
        raise ValueError(f"The text that was counted has no {', '.join(map(repr, unknown[:5]))}: leave that out.")
    pieces = cut(text, cutter.merges)
    return {"pieces": pieces, "number": len(pieces)}


def export(cutter: Cutter) -> Export:
    samples = cutter.samples
    about = {"merges": [list(pair) for pair in cutter.merges], "sample": samples[0], "letters": "".join(cutter.letters)}
    cases = [
        {"input": {"text": text, "merges": many}, "output": cut(text, cutter.merges[:many])}
        for text in samples
        for many in (0, len(cutter.merges) // 3, len(cutter.merges))
    ]
    return Export(about, cases, poster(cutter, samples[0]))


def poster(cutter: Cutter, text: str) -> str:
    """The same words as letters, with half of the merges and with all."""
    sheet = drawing.Sheet((0, 480), (0, 150), 480, 150)
    for row, many in enumerate((0, len(cutter.merges) // 10, len(cutter.merges))):
        across, down = 8.0, 130.0 - 46 * row
        for number, piece in enumerate(cut(text, cutter.merges[:many])):
            wide = 9 * len(piece)
            if across + wide > 472:
                break
            sheet.box(across, down, wide - 1.5, 30, ("var(--blue)", "var(--red)")[number % 2], 0.18)
            sheet.text(across + wide / 2, down - 20, piece.replace(" ", "·").replace("&", "&amp;").replace("<", "&lt;"))
            across += wide
    return sheet.svg()
