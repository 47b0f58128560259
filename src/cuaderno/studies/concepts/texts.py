"""Texts to learn from: a file of yours, or the help pages that every Python carries (PSF licence)."""

import hashlib
import os
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError

HELP = "Python's help pages (PSF)"
KNOWN = {
    "quijote.txt": "Don Quijote, Project Gutenberg 2000 (public domain)",
    "shakespeare.txt": "Tiny Shakespeare (public domain)",
}
MOST_BYTES = 64 << 20


def read(name: str) -> tuple[str, str]:
    """A text and whose it is. A name is looked for as it is, then in `text/` of the folder that CUADERNO_DATA names.

    Raises:  CuadernoError when there is no such file, when it is not UTF-8, empty or larger than 64 MB.
    """
    if not name:
        from pydoc_data.topics import topics

        return "\n".join(topics.values()), HELP
    path = find(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CuadernoError(f"{path} has more than {MOST_BYTES >> 20} MB: cut it, a whole book is enough here.")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CuadernoError(
            f"{path} is not UTF-8 text: byte {error.start:,} cannot be read. Save it as UTF-8 in your editor."
        ) from error
    except OSError as error:
        raise CuadernoError(f"{path} cannot be read: {error.strerror}.") from error
    if not text.strip():
        raise CuadernoError(f"{path} is empty.")
    return text, KNOWN.get(path.name, f"{path.name}, a text of yours")


def find(name: str) -> Path:
    """Where a file lies that was asked for by name."""
    places = [Path(name).expanduser()]
    if data := os.environ.get("CUADERNO_DATA"):
        places += [Path(data) / name, Path(data) / "text" / name]
    for place in places:
        if place.is_file():
            return place
    raise CuadernoError(
        f"There is no text {name}. Name a file with --text, or leave it out to read Python's help pages."
    )


def fingerprint(text: str) -> str:
    """What tells this text from all others."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_numbers(text: str) -> np.ndarray:
    """A text as the numbers of its letters, so that it fits among the weights of a run."""
    return np.array([ord(letter) for letter in text], dtype=float)


def as_text(numbers: np.ndarray) -> str:
    """The text again."""
    return "".join(map(chr, numbers.astype(int)))
