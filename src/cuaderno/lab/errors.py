"""The one exception a person ever reads: what is wrong and how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches


class CuadernoError(Exception):
    """One clear paragraph for the user: what happened, then the cure. Printed without a traceback."""


def meant(word: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the known word most like `word`, or nothing: for errors that list the known words."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the known word most like `word`, else the known words, ready to end a sentence."""
    known = sorted(known)
    return meant(word, known) or (f" Known: {', '.join(known)}." if known else "")
