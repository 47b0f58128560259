"""Where keys stand: in the `.env` of the diary, in that of the repository around it, or in the environment."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cuaderno.lab.errors import CuadernoError


class Secret:
    """A text that prints as ***, and that nothing copies or stores; `reveal` gives it to whoever sends it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = ""):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


@dataclass(frozen=True)
class Place:
    """Settings that stand together: one `.env` file, or the environment."""

    name: str
    values: Mapping[str, str | None] = field(repr=False)

    def get(self, *names: str) -> tuple[str, str]:
        """The first of these settings that has a value, and its name; both empty when none has."""
        for name in names:
            if value := (self.values.get(name) or "").strip():
                return value, name
        return "", ""


def places(folder: Path | None) -> list[Place]:
    """The places to look at, the first one first. Nothing of a file ever goes into the environment."""
    return [*(read(file) for file in files(folder) if file.is_file()), Place("the environment", os.environ)]


def files(folder: Path | None) -> list[Path]:
    """The `.env` of a diary, and that of the repository when the diary is its folder `diary/`."""
    if folder is None:
        return []
    folder = folder.absolute()
    return [folder / ".env", *([folder.parent / ".env"] if folder.name == "diary" else [])]


def where_to_write(folder: Path | None) -> str:
    """Where a key belongs that is nowhere yet: in the `.env` there is, else in that of the whole repository."""
    known = files(folder)
    return str(next((file for file in known if file.is_file()), known[-1])) if known else "the environment"


def read(file: Path) -> Place:
    """A `.env` file, taken literally: a `$` in a key is a `$`.

    Raises:  CuadernoError, without a word of what is in the file.
    """
    try:
        from dotenv import dotenv_values
    except ImportError:
        raise CuadernoError("Reading a .env needs python-dotenv. Install it: pip install python-dotenv") from None
    values = None
    with suppress(OSError, UnicodeDecodeError):  # told below, since such an error may hold a piece of the file
        values = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    if values is None:
        raise CuadernoError(
            f"{file} cannot be read. It has to be a text file in UTF-8, and you need the right to read it."
        )
    return Place(str(file), values)
