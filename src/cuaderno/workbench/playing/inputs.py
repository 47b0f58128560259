"""What a study takes, as its play.toml says: a text, a file of text, a picture, a drawing."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError, nearest

KINDS = ("text", "file", "picture", "drawing")
PICTURES = ("png", "jpg", "jpeg", "gif", "bmp", "webp", "svg")


@dataclass(frozen=True)
class Take:
    """One kind of input: how to ask for it, what to begin with, and which options of the study belong to it.

    A drawing has `inks`, the colours to draw with; with `cells`, lines of `marks` (one per ink, anything else is
    paper), it is painted square by square, else freely.
    """

    kind: str
    en: str = ""
    es: str = ""
    example: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    inks: tuple[str, ...] = ("#1b1d22",)
    marks: str = "#"
    cells: str = ""

    def says(self, lang: str) -> str:
        return self.es if lang == "es" else self.en

    def squares(self) -> list[list[int]]:
        """The drawing to begin with: the number of an ink in each square, -1 for paper."""
        return [[self.marks.find(mark) for mark in line] for line in self.cells.split()]


@dataclass(frozen=True)
class Play:
    """What a study takes, and what the parts of its answers are called."""

    takes: tuple[Take, ...]
    answer: dict[str, dict[str, str]] = field(default_factory=dict)

    def word(self, name: str, lang: str) -> str:
        found = self.answer.get(name, {}).get(lang)
        return found or name.replace("_", " ")

    def options_of_kinds(self) -> set[str]:
        """The options that follow from the kind of input and are not asked for."""
        return {name for take in self.takes for name in take.options}


def read_play(study: str) -> Play:
    """What the play.toml of a study says; without one it takes text.

    Raises:  CuadernoError naming the file and what is wrong in it.
    """
    path = studies.folder(study) / "play.toml"
    if not path.is_file():
        return Play((Take("text"),))
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        answer = said.pop("answer", {})
        for name in said:
            if name not in KINDS:
                raise CuadernoError(f"{path}: there is no input '{name}'.{nearest(name, KINDS)}")
        takes = tuple(Take(kind, **_tidy(values)) for kind, values in said.items())
    except (OSError, ValueError, TypeError) as error:
        raise CuadernoError(
            f"{path} cannot be read: {error}. Each input is a table with en, es, and perhaps example and options."
        ) from error
    return Play(takes or (Take("text"),), answer)


def _tidy(values: dict[str, Any]) -> dict[str, Any]:
    tidy = {name: value.strip("\n") if isinstance(value, str) else value for name, value in values.items()}
    return tidy | ({"inks": tuple(tidy["inks"])} if "inks" in tidy else {})


@contextmanager
def handed(kind: str, given: str | bytes, ending: str = "png") -> Iterator[str]:
    """The input as `predict` takes it: a text as it is, everything else as a file for as long as it is needed."""
    if kind == "text":
        yield str(given)
        return
    with TemporaryDirectory(prefix="cuaderno-") as folder:
        path = Path(folder) / f"input.{'txt' if kind == 'file' else ending}"
        path.write_bytes(given if isinstance(given, bytes) else given.encode("utf-8", errors="replace"))
        yield str(path)
