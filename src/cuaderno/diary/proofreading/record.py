"""What is known of a post's corrections: with what, when, by which prompt, what was declined. Text beside the post."""

import datetime
import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

HEAD = "# How {lang}.md was corrected. `cuaderno proofread` writes this file; keep it in git.\n"
Day = datetime.date
Key = tuple[str, str]  # old and new words with a neighbour on each side


@dataclass(frozen=True)
class Correction:
    """What one corrector did on one day. `prompt` is the mark of the prompt it was asked with, if there is one."""

    date: Day
    corrector: str
    prompt: str = ""
    accepted: int = 0
    by_hand: int = 0


@dataclass(frozen=True)
class HandMade:
    """A paragraph that the author wrote or changed after a correction: its mark and how it begins."""

    mark: str
    opening: str


@dataclass(frozen=True)
class Record:
    """`finished`: the day on which nothing was left open; `written`: the mark of the text after the last correction;
    `blocks`: those of its paragraphs; `edited`: the paragraphs that the author changed between two sessions.
    """

    corrections: tuple[Correction, ...] = ()
    declined: tuple[Key, ...] = ()
    written: str = ""
    finished: Day | None = None
    blocks: tuple[str, ...] = ()
    edited: tuple[HandMade, ...] = ()

    def counted(self, date: Day, corrector: str, prompt: str, accepted: int = 0, by_hand: int = 0) -> "Record":
        """With a correction more; those of one day, corrector and prompt are one."""
        last = self.corrections[-1] if self.corrections else None
        if last and (last.date, last.corrector, last.prompt) == (date, corrector, prompt):
            last = replace(last, accepted=last.accepted + accepted, by_hand=last.by_hand + by_hand)
            return replace(self, corrections=(*self.corrections[:-1], last))
        return replace(self, corrections=(*self.corrections, Correction(date, corrector, prompt, accepted, by_hand)))

    def without(self, key: Key) -> "Record":
        """With a suggestion that is not to come again."""
        return self if key in self.declined else replace(self, declined=(*self.declined, key))


def record_name(lang: str) -> str:
    return f"proofreading.{lang}.toml"


def read_record(path: Path) -> Record | None:
    """The record in a file; None when there is none.

    Raises:  CuadernoError naming the file and what cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from None
    if found := re.search(r"^(<{7}|={7}$|>{7})", text, re.M):
        line = text.count("\n", 0, found.start()) + 1
        raise _unreadable(path, f"git left both sides of a merge in line {line}")
    try:
        data = tomllib.loads(text)
        return Record(
            tuple(_correction(entry) for entry in data.get("correction", ())),
            tuple((_text(entry["old"]), _text(entry["new"])) for entry in data.get("declined", ())),
            _text(data.get("written", "")),
            _day(data["finished"]) if "finished" in data else None,
            tuple(_text(data.get("paragraphs", "")).split()),
            tuple(HandMade(_text(entry["mark"]), _text(entry["begins"])) for entry in data.get("edited", ())),
        )
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, str(error)) from None
    except KeyError as error:
        raise _unreadable(path, f"{error} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, str(error)) from None


def _unreadable(path: Path, reason: str) -> CuadernoError:
    return CuadernoError(f"{path} cannot be read: {reason}. Mend it or take it from git; the post does not need it.")


def _correction(entry: dict[str, Any]) -> Correction:
    numbers = [entry.get(name, 0) for name in ("accepted", "by_hand")]
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ValueError("accepted and by_hand are whole numbers")
    return Correction(_day(entry["date"]), _text(entry["with"]), _text(entry.get("prompt", "")), *numbers)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text in quotes")
    return value


def _day(value: object) -> Day:
    if type(value) is not Day:
        raise ValueError(f"{value!r} is not a day such as 2026-11-21")
    return value


def write_record(path: Path, lang: str, record: Record) -> None:
    """Write the file, whole or not at all; one that would stay the same is not touched."""
    parts = [HEAD.format(lang=lang)]
    parts += [f"finished = {record.finished.isoformat()}\n"] if record.finished else []
    parts += [f"written = {_quoted(record.written)}\n"] if record.written else []
    parts += [f"paragraphs = {_quoted(' '.join(record.blocks))}\n"] if record.blocks else []
    for one in record.corrections:
        lines = ["", "[[correction]]", f"date = {one.date.isoformat()}", f"with = {_quoted(one.corrector)}"]
        lines += [f"prompt = {_quoted(one.prompt)}"] if one.prompt else []
        lines += [f"accepted = {one.accepted}"]
        lines += [f"by_hand = {one.by_hand}"] if one.by_hand else []
        parts.append("\n".join(lines) + "\n")
    for made in record.edited:
        parts.append(f"\n[[edited]]\nmark = {_quoted(made.mark)}\nbegins = {_quoted(made.opening)}\n")
    for old, new in record.declined:
        parts.append(f"\n[[declined]]\nold = {_quoted(old)}\nnew = {_quoted(new)}\n")
    text = "".join(parts)
    if not path.is_file() or path.read_bytes() != text.encode():
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
