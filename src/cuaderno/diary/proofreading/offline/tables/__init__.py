"""What we know of both languages, as tables to read: words, verbs, rules."""

from functools import cache
from importlib import resources

ACCENTS = str.maketrans("áéíóú", "aeiou")


def table(name: str) -> str:
    """The text of one of our own tables."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a list: whatever stands before a `#`, split at white space."""
    return frozenset(" ".join(line.partition("#")[0] for line in table(name).splitlines()).split())


@cache
def slips(lang: str) -> dict[str, str]:
    """What is meant by some words that are mistaken in a way of their own."""
    lines = [line.split() for line in table(f"slips_{lang}.txt").splitlines() if line and not line.startswith("#")]
    return {wrong: right.replace("_", " ") for wrong, right in lines}


@cache
def sounds(lang: str) -> tuple[tuple[str, str, float], ...]:
    """Letters that are taken for one another, and what it costs to believe it."""
    rows = (line.split() for line in table(f"sounds_{lang}.txt").splitlines() if not line.startswith("#"))
    return tuple((one.strip("-"), two.strip("-"), float(cost)) for one, two, cost in rows)


@cache
def brands() -> dict[str, str]:
    """Names with their own capitals, by how a hurried person writes them."""
    return {name.lower(): name for name in listed("brands.txt")}


def plain(word: str) -> str:
    """Without acute accents: what somebody writes who leaves them out. Ü and ñ stay."""
    return word.translate(ACCENTS)
