"""journey.toml: what the diary wants to learn, and what its author bet on before the run."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cuaderno.diary.conditions import Condition, read_condition
from cuaderno.diary.dates import parse_date
from cuaderno.diary.settings import Settings, Words
from cuaderno.lab.errors import CuadernoError, nearest

NAME = "journey.toml"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TOP = ("title", "since", "planned", "objective", "bet")
OBJECTIVE = ("id", "title", "study", "evidence", "post")
BET = ("id", "says", "made", "study", "condition")


@dataclass(frozen=True)
class Objective:
    """Something to learn. Without `evidence` its bar is not set yet, and no run can reach it."""

    id: str
    title: Words
    study: str
    evidence: Condition | None
    post: str  # the slug of the post about it; empty: any post that cites such a run
    line: int


@dataclass(frozen=True)
class Bet:
    """A prediction that was written down before the run."""

    id: str
    says: Words
    made: datetime
    study: str
    condition: Condition
    line: int
    whole_day: bool = False  # `made` says no time, so runs of that day might have been there before

    @property
    def counts_from(self) -> datetime:
        """The moment from which a run is certainly later than the bet."""
        return self.made + timedelta(days=1) if self.whole_day else self.made


@dataclass(frozen=True)
class Journey:
    """The diary's journey.toml, checked as far as it goes without runs and posts."""

    path: Path
    title: Words | None
    since: datetime | None  # when the objectives were written down
    planned: tuple[str, ...]  # studies that do not exist yet
    objectives: tuple[Objective, ...]
    bets: tuple[Bet, ...]
    lines: tuple[str, ...] = field(default=(), repr=False)
    problems: tuple[CuadernoError, ...] = field(default=(), repr=False)

    def fault(self, line: int, message: object) -> CuadernoError:
        return CuadernoError(f"{self.path}:{line}: {message}")

    def line(self, entry: Objective | Bet, name: str) -> int:
        """The line on which an entry says something."""
        return _line_of(self.lines, entry.line, name)


def read_journey(folder: Path, settings: Settings) -> Journey | None:
    """The journey of a diary with all that is wrong in it, or None when no journey.toml says anything yet."""
    path = Path(folder) / NAME
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = CuadernoError(f"{path} cannot be read: {error}. Mend that line; texts need quotes.")
        return Journey(path, None, None, (), (), (), problems=(problem,))
    return _Reader(path, tuple(text.splitlines()), settings).journey(found) if found else None


class _Reader:
    """One reading of the file: every fault is noted with its line, and the rest is read all the same."""

    def __init__(self, path: Path, lines: tuple[str, ...], settings: Settings):
        self.path, self.lines, self.settings = path, lines, settings
        self.problems: list[CuadernoError] = []

    def journey(self, found: dict[str, Any]) -> Journey:
        top = self._checked(found, 1, TOP, "journey.toml")
        title = self._tried(top, 1, "title", self._words)
        since = self._tried(top, 1, "since", _moment)
        planned = self._tried(top, 1, "planned", _names) or ()
        objectives = self._entries(top, "objective", self._objective)
        bets = self._entries(top, "bet", self._bet)
        return Journey(self.path, title, since, planned, objectives, bets, self.lines, tuple(self.problems))

    def _entries(self, top: dict, name: str, read: Callable[[dict, int], Any]) -> tuple:
        entries = top.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._note(_line_of(self.lines, 1, name), f"write each {name} under a line of its own: [[{name}]].")
            return ()
        headers = [number for number, line in enumerate(self.lines, 1) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", line)]
        read_ones: dict[str, Any] = {}
        for number, entry in enumerate(entries):
            line = headers[number] if number < len(headers) else 1
            one = read(entry, line)
            if one is None:
                continue
            if one.id in read_ones:
                message = f"the id '{one.id}' is taken by another {name}. Choose a new one."
                self._note(_line_of(self.lines, line, "id"), message)
            read_ones.setdefault(one.id, one)
        return tuple(read_ones.values())

    def _objective(self, entry: dict, line: int) -> Objective | None:
        entry = self._checked(entry, line, OBJECTIVE, "an objective")
        before = len(self.problems)
        values = {
            "id": self._tried(entry, line, "id", _id),
            "title": self._tried(entry, line, "title", self._words),
            "study": self._tried(entry, line, "study", _text),
            "evidence": self._tried(entry, line, "evidence", _condition),
            "post": self._tried(entry, line, "post", _text) or "",
        }
        self._demand(entry, line, ("id", "title", "study"), "an objective")
        return Objective(**values, line=line) if len(self.problems) == before else None

    def _bet(self, entry: dict, line: int) -> Bet | None:
        entry = self._checked(entry, line, BET, "a bet")
        before = len(self.problems)
        values = {
            "id": self._tried(entry, line, "id", _id),
            "says": self._tried(entry, line, "says", self._words),
            "made": self._tried(entry, line, "made", _moment),
            "study": self._tried(entry, line, "study", _text),
            "condition": self._tried(entry, line, "condition", _condition),
        }
        self._demand(entry, line, BET, "a bet")
        whole_day = isinstance(entry.get("made"), str | date) and not re.search(r"\d:\d", str(entry["made"]))
        return Bet(**values, line=line, whole_day=whole_day) if len(self.problems) == before else None

    def _note(self, line: int, message: object) -> None:
        self.problems.append(CuadernoError(f"{self.path}:{line}: {message}"))

    def _checked(self, found: dict, line: int, known: tuple[str, ...], what: str) -> dict:
        for name in found:
            if name not in known:
                self._note(_line_of(self.lines, line, name), f"{what} has no '{name}'.{nearest(name, known)}")
        return found

    def _demand(self, entry: dict, line: int, names: tuple[str, ...], what: str) -> None:
        if missing := [name for name in names if name not in entry]:
            self._note(line, f"{what} needs {', '.join(missing)}. {EXAMPLES[what]}")

    def _tried(self, found: dict, line: int, name: str, read: Callable[[object], Any]) -> Any:
        if name not in found:
            return None
        try:
            return read(found[name])
        except (CuadernoError, ValueError, OverflowError) as error:
            self._note(_line_of(self.lines, line, name), f"{name}: {error}")
            return None

    def _words(self, value: object) -> Words:
        """One text per language of the diary; a plain text is enough where there is one language."""
        languages = self.settings.languages
        if isinstance(value, str) and len(languages) == 1:
            value = {languages[0]: value}
        example = ", ".join(f'{lang} = "…"' for lang in languages)
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise ValueError(f"write it in each language of the diary: {{ {example} }}.")
        for lang in languages:
            if not value.get(lang, "").strip():
                raise ValueError(f"it says nothing in '{lang}'. Write it in each language: {{ {example} }}.")
        return {lang: " ".join(value[lang].split()) for lang in languages}


EXAMPLES = {
    "an objective": 'Write for example: id = "mazes", title = { en = "…", es = "…" }, study = "…".',
    "a bet": 'Write for example: id = "small", says = { en = "…", es = "…" }, made = 2026-11-21, '
    'study = "…", condition = "loss < 1.5".',
}


def _id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError(f"'{value}' cannot be an id: use lower-case letters, digits and hyphens, as in cat-or-dog.")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("this must be a text in quotes.")
    return value.strip()


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError('this must be a list of studies in brackets, as in ["vision", "speech"].')
    return tuple(value)


def _moment(value: object) -> datetime:
    if not isinstance(value, date | str):
        raise ValueError(f"'{value}' is not a date. Write 2026-11-21, or 2026-11-21T18:30:00Z with a time.")
    try:
        found = parse_date(value)
        found + timedelta(days=1)  # which the last day of all dates has not
        return found
    except (ValueError, OverflowError):
        raise ValueError(f"'{value}' is not a date. Write 2026-11-21, or 2026-11-21T18:30:00Z with a time.") from None


def _condition(value: object) -> Condition:
    return read_condition(_text(value))


def _line_of(lines: tuple[str, ...], start: int, name: str) -> int:
    """The line of a name within the entry that begins on line `start`; the entry's own when nothing is found."""
    for number, line in enumerate(lines[start - 1 :], start):
        if number > start and line.lstrip().startswith("["):
            break
        if re.match(rf"\s*(\[\[?\s*)?['\"]?{re.escape(name)}['\"]?\s*[=.\]]", line):
            return number
    return start
