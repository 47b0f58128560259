"""Texts that are unlike the others: far longer or shorter, hardly any letters, or the same over and over."""

import math
import zlib
from collections.abc import Sequence
from statistics import median

FEWEST = 30
FAR = 6.0  # spreads away from the median
FEW_LETTERS = 0.3
REPETITIVE = 8.0  # times smaller when compressed
LONG_ENOUGH = 200  # characters, before repetition says anything
LOOKED_AT = 20_000


def unlike(texts: Sequence[str]) -> dict[int, tuple[str, dict[str, str]]]:
    """For each outlier, by position: the reason and the number behind it.

    The spread is the median distance from the median, of logarithms of lengths, so that outliers do not widen it.
    """
    if len(texts) < FEWEST:
        return {}
    lengths = [math.log1p(len(text)) for text in texts]
    middle = median(lengths)
    spread = max(1.4826 * median(abs(length - middle) for length in lengths), 0.15)
    lettered = median(_letters(text) for text in texts) > 2 * FEW_LETTERS
    found: dict[int, tuple[str, dict[str, str]]] = {}
    for position, (text, length) in enumerate(zip(texts, lengths, strict=True)):
        if abs(length - middle) > FAR * spread:
            found[position] = ("very_long" if length > middle else "very_short", {"characters": f"{len(text):,}"})
        elif lettered and len(text) > 15 and _letters(text) < FEW_LETTERS:
            found[position] = ("few_letters", {"share": f"{_letters(text):.0%}"})
        elif len(text) > LONG_ENOUGH and _times_smaller(text) > REPETITIVE:
            found[position] = ("repetitive", {"times": f"{_times_smaller(text):.0f}"})
    return found


def _letters(text: str) -> float:
    text = text[:LOOKED_AT]
    return sum(map(str.isalpha, text)) / max(1, len(text))


def _times_smaller(text: str) -> float:
    data = text[:LOOKED_AT].encode("utf-8", "replace")
    return len(data) / len(zlib.compress(data, 1))
