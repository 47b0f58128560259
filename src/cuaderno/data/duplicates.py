"""Texts that are there more than once: exactly, and nearly.

Near ones are found by MinHash and banding, then each pair is compared for real: its Jaccard index, the share of common
pieces of five characters. MinHash is computed for all texts at once in NumPy; a Python object per text, as datasketch
has it, is several times slower (bench/data.py measures both).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np

SHINGLE = 5  # characters
THRESHOLD = 0.8  # Jaccard index from which two texts are nearly the same
BANDS, ROWS = 20, 6  # a pair at 0.8 meets in a band with probability 0.998, one at 0.5 with 0.27
MOST_CHARACTERS = 20_000  # of one text are compared
CHUNK = 1 << 21  # characters hashed at a time, which bounds the memory
ALL_PAIRS = 12  # a larger group of a band is compared with its first text and from neighbour to neighbour
NOT_A_WORD = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """What is compared: letters and digits, small, with one space between words."""
    return NOT_A_WORD.sub(" ", text[: 2 * MOST_CHARACTERS].casefold()).strip()[:MOST_CHARACTERS] or text.strip()[:50]


def jaccard(a: str, b: str) -> float:
    """The share of common pieces of five characters, between 0 and 1."""
    first, second = shingles(a), shingles(b)
    common = len(first & second)
    return common / (len(first) + len(second) - common)


def shingles(text: str) -> set[str]:
    return {text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))}


def near_pairs(texts: Sequence[str], threshold: float = THRESHOLD) -> list[tuple[int, int]]:
    """The pairs (i, j), i < j, of texts whose Jaccard index is at least `threshold`; each was compared for real.

    Source:  Broder 1997, On the resemblance and containment of documents; Leskovec, Rajaraman and Ullman, Mining of
             Massive Datasets, chapter 3.
    Traps:   texts must be `normalised` and distinct; only their first 20,000 characters count.
    """
    pairs = set()
    for candidates in _bands(signatures(texts)):
        pairs |= candidates
    found, last, held = [], -1, set()
    for i, j in sorted(pairs):
        if i != last:
            last, held = i, shingles(texts[i])
        short, long = sorted((len(texts[i]), len(texts[j])))
        if short < threshold * long * 0.5:
            continue
        other = shingles(texts[j])
        common = len(held & other)
        if common >= threshold * (len(held) + len(other) - common):
            found.append((i, j))
    return found


def signatures(texts: Sequence[str]) -> np.ndarray:
    """The MinHash of each text.

    Shapes:  N texts -> (N, 120) uint32
    """
    signed = np.empty((len(texts), BANDS * ROWS), np.uint32)
    random = np.random.default_rng(12345)
    multipliers = random.integers(1, 1 << 63, BANDS * ROWS, np.uint64) | np.uint64(1)
    offsets = random.integers(0, 1 << 63, BANDS * ROWS, np.uint64)
    start = 0
    while start < len(texts):
        end, characters = start, 0
        while end < len(texts) and (end == start or characters + len(texts[end]) < CHUNK):
            characters += max(len(texts[end]), SHINGLE)
            end += 1
        hashes, begins = _shingle_hashes(texts[start:end])
        for column, (multiplier, offset) in enumerate(zip(multipliers, offsets, strict=True)):
            mixed = ((hashes * multiplier + offset) >> np.uint64(32)).astype(np.uint32)
            signed[start:end, column] = np.minimum.reduceat(mixed, begins)
        start = end
    return signed


def _shingle_hashes(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each shingle, one text after the other, and where each text begins."""
    padded = [text.ljust(SHINGLE, "\0") for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in padded])
    ends = np.cumsum(lengths)
    last = len(letters) - SHINGLE + 1
    hashes = np.zeros(last, np.uint64)
    for offset in range(SHINGLE):
        hashes = hashes * np.uint64(0x100000001B3) + letters[offset : last + offset]
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(32)
    inside = np.ones(last, bool)  # a shingle that reaches into the next text is none
    for back in range(1, SHINGLE):
        inside[ends[:-1] - back] = False
    begins = np.concatenate([[0], np.cumsum(lengths - SHINGLE + 1)[:-1]])
    return hashes[inside], begins


def _bands(signed: np.ndarray) -> Iterator[set[tuple[int, int]]]:
    """Candidate pairs of each band: texts that agree in all its rows."""
    multipliers = np.random.default_rng(54321).integers(1, 1 << 63, ROWS, np.uint64) | np.uint64(1)
    for band in range(BANDS):
        part = signed[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        keys = np.zeros(len(part), np.uint64)
        for row in range(ROWS):
            keys = (keys ^ part[:, row]) * multipliers[row]
            keys ^= keys >> np.uint64(31)
        order = np.argsort(keys, kind="stable")
        borders = np.flatnonzero(np.diff(keys[order])) + 1
        starts, ends = np.concatenate([[0], borders]), np.concatenate([borders, [len(order)]])
        yield {
            pair
            for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True)
            for pair in _pairs_of(order[start:end].tolist())
        }


def _pairs_of(group: list[int]) -> Iterator[tuple[int, int]]:
    if len(group) <= ALL_PAIRS:
        yield from combinations(group, 2)
        return
    yield from ((group[0], other) for other in group[1:])
    yield from pairwise(group[1:])


def clusters(texts: Sequence[str], threshold: float = THRESHOLD) -> list[int]:
    """For each text the number of its cluster: the position of the cluster's first text.

    Two texts share a cluster when a chain of near duplicates leads from one to the other.
    """
    first: dict[str, int] = {}
    plain = [normalised(text) for text in texts]
    parents = [first.setdefault(text, position) for position, text in enumerate(plain)]
    distinct = list(first.values())

    def root(position: int) -> int:
        while parents[position] != position:
            parents[position] = position = parents[parents[position]]
        return position

    for i, j in near_pairs(list(first), threshold):
        low, high = sorted((root(distinct[i]), root(distinct[j])))
        parents[high] = low
    return [root(position) for position in range(len(texts))]


class Alike:
    """Which of many numbered texts are the same, and which nearly so; computed once, asked by several steps."""

    def __init__(self, ids: Sequence[int], texts: Sequence[str], threshold: float = THRESHOLD):
        first: dict[str, int] = {}
        self.first = {id: first.setdefault(normalised(text), id) for id, text in zip(ids, texts, strict=True)}
        distinct = list(first.values())
        self.near: dict[int, list[int]] = {}  # the first of each text -> the firsts of texts nearly the same
        for i, j in near_pairs(list(first), threshold):
            self.near.setdefault(distinct[i], []).append(distinct[j])
            self.near.setdefault(distinct[j], []).append(distinct[i])
