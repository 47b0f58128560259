"""journey.toml: what the diary wants to learn, and what its author bet on before the run."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cuaderno.diary.conditions import Condition, read_condition
from cuaderno.diary.dates import parse_date
from cuaderno.diary.settings import Settings, Words
from cuaderno.diary.sheets import Sheet, as_text
from cuaderno.lab.errors import CuadernoError

NAME = "journey.toml"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TOP = ("title", "since", "planned", "objective", "bet")
OBJECTIVE = ("id", "title", "study", "evidence", "post")
BET = ("id", "says", "made", "study", "condition")
BET_MAY = ("seeds",)


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
    seeds: int = 1  # how many runs of different seeds it takes; where they do not agree, nobody has won
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
    problems: tuple[CuadernoError, ...] = field(default=(), repr=False)
    sheet: Sheet | None = field(default=None, repr=False, compare=False)

    def fault(self, line: int, message: object) -> CuadernoError:
        return CuadernoError(f"{self.path}:{line}: {message}")

    def line(self, entry: Objective | Bet, name: str) -> int:
        """The line on which an entry says something."""
        return self.sheet.line(entry.line, name) if self.sheet else entry.line


def read_journey(folder: Path, settings: Settings) -> Journey | None:
    """The journey of a diary with all that is wrong in it, or None when no journey.toml says anything yet."""
    path = Path(folder) / NAME
    if not path.is_file():
        return None
    sheet = Sheet(path, settings.languages)
    found = sheet.read()
    return _Reader(sheet).journey(found) if found or sheet.problems else None


class _Reader:
    def __init__(self, sheet: Sheet):
        self.sheet = sheet

    def journey(self, found: dict[str, Any]) -> Journey:
        sheet = self.sheet
        top = sheet.checked(found, 1, TOP, NAME)
        title = sheet.tried(top, 1, "title", sheet.words)
        since = sheet.tried(top, 1, "since", _moment)
        planned = sheet.tried(top, 1, "planned", _names) or ()
        objectives = self._entries(top, "objective", self._objective)
        bets = self._entries(top, "bet", self._bet)
        return Journey(sheet.path, title, since, planned, objectives, bets, tuple(sheet.problems), sheet)

    def _entries(self, top: dict, name: str, read: Callable[[dict, int], Any]) -> tuple:
        found: dict[str, Any] = {}
        for entry, line in self.sheet.tables(top, name):
            one = read(entry, line)
            if one is None:
                continue
            if one.id in found:
                message = f"the id '{one.id}' is taken by another {name}. Choose a new one."
                self.sheet.note(self.sheet.line(line, "id"), message)
            found.setdefault(one.id, one)
        return tuple(found.values())

    def _objective(self, entry: dict, line: int) -> Objective | None:
        sheet, what, before = self.sheet, "an objective", len(self.sheet.problems)
        sheet.checked(entry, line, OBJECTIVE, what)
        values = {
            "id": sheet.tried(entry, line, "id", _id),
            "title": sheet.tried(entry, line, "title", sheet.words),
            "study": sheet.tried(entry, line, "study", as_text),
            "evidence": sheet.tried(entry, line, "evidence", _condition),
            "post": sheet.tried(entry, line, "post", as_text) or "",
        }
        sheet.demand(entry, line, ("id", "title", "study"), what, EXAMPLES[what])
        return Objective(**values, line=line) if len(sheet.problems) == before else None

    def _bet(self, entry: dict, line: int) -> Bet | None:
        sheet, what, before = self.sheet, "a bet", len(self.sheet.problems)
        sheet.checked(entry, line, BET + BET_MAY, what)
        values = {
            "id": sheet.tried(entry, line, "id", _id),
            "says": sheet.tried(entry, line, "says", sheet.words),
            "made": sheet.tried(entry, line, "made", _moment),
            "study": sheet.tried(entry, line, "study", as_text),
            "condition": sheet.tried(entry, line, "condition", _condition),
            "seeds": sheet.tried(entry, line, "seeds", _count) or 1,
        }
        sheet.demand(entry, line, BET, what, EXAMPLES[what])
        whole_day = isinstance(entry.get("made"), str | date) and not re.search(r"\d:\d", str(entry["made"]))
        return Bet(**values, line=line, whole_day=whole_day) if len(sheet.problems) == before else None


EXAMPLES = {
    "an objective": 'Write for example: id = "mazes", title = { en = "…", es = "…" }, study = "…".',
    "a bet": 'Write for example: id = "small", says = { en = "…", es = "…" }, made = 2026-11-21, '
    'study = "…", condition = "loss < 1.5".',
}


def _id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError(f"'{value}' cannot be an id: use lower-case letters, digits and hyphens, as in cat-or-dog.")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100:
        raise ValueError(f"'{value}' is no number of seeds. Write for example seeds = 3.")
    return value


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
    return read_condition(as_text(value))
