"""reading.toml and the diary's BibTeX files: what was read or tried, and everything that a post may cite."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cuaderno.diary.citing.references import Reference, arxiv_id, doi_of
from cuaderno.diary.dates import When
from cuaderno.diary.settings import LANGUAGES, Settings, Words
from cuaderno.diary.sheets import Names, Prose, Sheet, as_address, as_names, as_text, as_when
from cuaderno.lab.errors import CuadernoError, nearest

NAME, LIBRARIES = "reading.toml", ("references.bib", "reading.bib")
STATES = ("reading", "tried", "read", "to read")  # in the order of the page
TOP = ("title", "lead", "entry")
WORK = ("title", "authors", "year", "venue", "arxiv", "doi", "url", "lang")
ENTRY = ("key", *WORK, "bibtex", "state", "date", "rating", "tags", "note")
EXAMPLE = 'Name the work by one of arxiv = "1706.03762", doi = "10.…", bibtex = "@…", title = "…", or a key of {}.'
KEY = re.compile(r"[^\W_][\w.:+/-]*")
MOST_STARS = 5


@dataclass(frozen=True)
class Entry:
    """A work on the reading list and what the author made of it."""

    reference: Reference
    state: str
    date: When | None
    rating: int
    tags: Names
    note: Prose | None
    line: int

    @property
    def key(self) -> str:
        return self.reference.key


@dataclass(frozen=True)
class Reading:
    """The reading list and the library beside it, checked."""

    path: Path
    title: Words | None = None
    lead: Words | None = None
    entries: tuple[Entry, ...] = ()
    library: dict[str, Reference] = field(default_factory=dict)  # what the BibTeX files hold, by key
    lacks: tuple[str, ...] = ()
    problems: tuple[CuadernoError, ...] = field(default=(), repr=False)

    def find(self, name: str) -> Reference:
        """The work with this key, arXiv id or DOI.

        Raises:  CuadernoError with the nearest key when there is none.
        """
        works = {**self.library, **{entry.key: entry.reference for entry in self.entries}}
        if name in works:
            return works[name]
        found = known_work(works.values(), arxiv_id(name), doi_of(name))
        if found is None:
            places = " or ".join([NAME, *LIBRARIES])
            raise CuadernoError(f"there is no work '{name}' in {places}.{nearest(name, works)}")
        return found


def known_work(works: Any, arxiv: str, doi: str) -> Reference | None:
    """The work with this arXiv id or DOI."""
    return next((one for one in works if (arxiv and one.arxiv == arxiv) or (doi and one.doi == doi)), None)


def read_reading(folder: Path, settings: Settings) -> Reading | None:
    """What a diary has read, or None when neither reading.toml nor a BibTeX file says anything."""
    path = Path(folder) / NAME
    sheet = Sheet(path, settings.languages)
    library = dict(_libraries(Path(folder), sheet))
    found = sheet.read() if path.is_file() else {}
    if not (found or library or sheet.problems):
        return None
    return _Reader(sheet, library).reading(found)


def _libraries(folder: Path, sheet: Sheet) -> Iterator[tuple[str, Reference]]:
    """The works of the BibTeX files; a key that both have is a problem."""
    seen: dict[str, Path] = {}
    for path in (folder / name for name in LIBRARIES):
        if not path.is_file():
            continue
        from cuaderno.diary.citing.bibtex import read_library

        try:
            works = read_library(path)
        except CuadernoError as error:
            sheet.problems.append(error)
            continue
        for key, work in works.items():
            if key in seen:
                sheet.problems.append(CuadernoError(f"{path}: the key '{key}' is in {seen[key].name} too. Keep one."))
            seen[key] = path
            yield key, work


class _Reader:
    def __init__(self, sheet: Sheet, library: dict[str, Reference]):
        self.sheet, self.library = sheet, library
        self.lines: dict[str, int] = {}

    def reading(self, found: dict[str, Any]) -> Reading:
        sheet = self.sheet
        top = sheet.checked(found, 1, TOP, NAME)
        title, lead = (sheet.tried(top, 1, name, sheet.words) for name in ("title", "lead"))
        entries = [self._entry(entry, line) for entry, line in sheet.tables(top, "entry")]
        kept = tuple(entry for entry in entries if entry)
        return Reading(sheet.path, title, lead, kept, self.library, tuple(sheet.lacks), tuple(sheet.problems))

    def _entry(self, entry: dict, line: int) -> Entry | None:
        sheet, before = self.sheet, len(self.sheet.problems)
        sheet.checked(entry, line, ENTRY, "an entry")
        said = {name: sheet.tried(entry, line, name, read) for name, read in READ.items()}
        written = sheet.tried(entry, line, "bibtex", lambda value: self._bibtex(value, line))
        tags, note = sheet.names(entry, line, "tags"), sheet.prose(entry, line, "note")
        if len(sheet.problems) > before:
            return None
        reference = self._reference(said, written)
        if reference is None:
            sheet.note(line, f"an entry needs a work. {EXAMPLE.format(' or '.join(LIBRARIES))}")
            return None
        if not self._is_new(reference, line):
            return None
        if reference.lacks:
            sheet.lacks.append(f"{sheet.path}:{line}: '{reference.key}' lacks {', '.join(reference.lacks)}. {CURE}")
        return Entry(reference, said["state"] or STATES[-1], said["date"], said["rating"] or 0, tags, note, line)

    def _bibtex(self, value: object, line: int) -> Reference | None:
        from cuaderno.diary.citing.bibtex import read_bibtex

        if not isinstance(value, str):
            raise ValueError("this must be BibTeX between three quotes.")
        try:
            works = list(read_bibtex(value, self.sheet.path, self.sheet.begins(line, "bibtex")).values())
        except CuadernoError as error:  # it names the place itself
            self.sheet.problems.append(error)
            return None
        if len(works) != 1:
            raise ValueError(f"this must be one work in BibTeX, and there are {len(works)}.")
        return works[0]

    def _reference(self, said: dict[str, Any], written: Reference | None) -> Reference | None:
        """What the entry says, on top of what BibTeX knows of the same work."""
        key, arxiv, doi = said["key"] or "", said["arxiv"] or "", said["doi"] or ""
        if key and not written:
            written = self.library.get(key)
        written = written or known_work(self.library.values(), arxiv, doi)
        if not (written or said["title"] or arxiv or doi):
            return None
        known = written or Reference("")
        own = {name: said[name] for name in WORK if name != "authors" and said[name]}
        if said["authors"]:
            from cuaderno.diary.citing.bibtex import read_names

            own["authors"], own["others"] = read_names(said["authors"])
        return replace(known, **own, key=key or known.key or arxiv or doi or _slug(said["title"]))

    def _is_new(self, reference: Reference, line: int) -> bool:
        if reference.key in self.lines:
            other = self.lines[reference.key]
            self.sheet.note(line, f"'{reference.key}' is the entry of line {other} again. Keep one, or give it a key.")
            return False
        self.lines[reference.key] = line
        return True


CURE = "Write it, put the BibTeX beside it, or run: cuaderno reading complete"


def _slug(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-_") or "work"


def as_key(value: object) -> str:
    key = as_text(value)
    if not KEY.fullmatch(key):
        raise ValueError(f"'{key}' cannot be a key: use letters, digits and . : + / - _, as in vaswani2017.")
    return key


def _arxiv(value: object) -> str:
    if not (found := arxiv_id(as_text(value))):
        raise ValueError(f"'{value}' is not an arXiv id. Write it as in 1706.03762.")
    return found


def _doi(value: object) -> str:
    if not (found := doi_of(as_text(value))):
        raise ValueError(f"'{value}' is not a DOI. Write it as in 10.1038/nature14539.")
    return found


def _year(value: object) -> str:
    if isinstance(value, bool) or not re.fullmatch(r"\d{4}", str(value)):
        raise ValueError(f"'{value}' is not a year. Write it as in 2017.")
    return str(value)


def _state(value: object) -> str:
    state = as_text(value).replace("-", " ")
    if state not in STATES:
        raise ValueError(f"there is no state '{value}'.{nearest(state, STATES)}")
    return state


def _rating(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_STARS:
        raise ValueError(f"'{value}' is not a rating. Write a whole number from 1 to {MOST_STARS}.")
    return value


def _lang(value: object) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"'{value}' is not a language the site speaks. Use any of: {', '.join(LANGUAGES)}.")
    return str(value)


READ = {
    "key": as_key, "title": as_text, "authors": as_names, "year": _year, "venue": as_text, "arxiv": _arxiv, "doi": _doi,
    "url": as_address, "lang": _lang, "state": _state, "date": as_when, "rating": _rating,
}  # fmt: skip
