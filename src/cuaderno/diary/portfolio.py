"""portfolio.toml: what the author has made, with pictures, links and the run or post it belongs to."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuaderno.diary.dates import When
from cuaderno.diary.settings import Settings, Words
from cuaderno.diary.sheets import Names, Prose, Sheet, as_address, as_text, as_when
from cuaderno.lab.errors import CuadernoError, nearest

NAME, FOLDER = "portfolio.toml", "portfolio"
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")
TOP = ("title", "lead", "project")
PROJECT = ("title", "text", "date", "until", "tags", "study", "run", "post", "number", "link", "picture")
LINK, PICTURE = ("title", "url"), ("file", "alt", "caption")
EXAMPLES = {
    "a project": 'Write for example: title = { en = "…", es = "…" }.',
    "a link": 'Write for example: title = { en = "Code", es = "Código" }, url = "https://…".',
    "a picture": 'Write for example: file = "portfolio/screen.png", alt = { en = "…", es = "…" } with what it shows to '
    "those who cannot see it.",
}


@dataclass(frozen=True)
class Link:
    title: Words
    url: str


@dataclass(frozen=True)
class Picture:
    """A picture of a project: its file below the diary, and what it shows for those who cannot see it."""

    file: str
    path: Path
    alt: Words
    caption: Words | None


@dataclass(frozen=True)
class Project:
    """Something the author made. `study`, `run` and `post` bind it to what the diary knows."""

    id: str
    title: Words
    text: Prose | None
    date: When | None
    until: When | None
    tags: Names
    study: str
    run: str
    post: str
    number: str  # the metric to show; empty: the run's main one
    links: tuple[Link, ...]
    pictures: tuple[Picture, ...]
    line: int


@dataclass(frozen=True)
class Portfolio:
    """The diary's portfolio.toml, checked as far as it goes without runs and posts."""

    path: Path
    title: Words | None
    lead: Words | None
    projects: tuple[Project, ...]
    lacks: tuple[str, ...] = ()
    problems: tuple[CuadernoError, ...] = field(default=(), repr=False)
    sheet: Sheet | None = field(default=None, repr=False, compare=False)

    def fault(self, project: Project, name: str, message: object) -> CuadernoError:
        """What is wrong with something that a project says, on its line."""
        line = self.sheet.line(project.line, name) if self.sheet else project.line
        return CuadernoError(f"{self.path}:{line}: {name}: {message}")


def read_portfolio(folder: Path, settings: Settings) -> Portfolio | None:
    """The portfolio of a diary with all that is wrong in it, or None when no portfolio.toml names a project yet."""
    path = Path(folder) / NAME
    if not path.is_file():
        return None
    sheet = Sheet(path, settings.languages)
    found = sheet.read()
    portfolio = _Reader(sheet).portfolio(found)
    return portfolio if portfolio.projects or portfolio.problems else None


class _Reader:
    def __init__(self, sheet: Sheet):
        self.sheet, self.ids = sheet, set[str]()

    def portfolio(self, found: dict[str, Any]) -> Portfolio:
        sheet = self.sheet
        top = sheet.checked(found, 1, TOP, NAME)
        title, lead = (sheet.tried(top, 1, name, sheet.words) for name in ("title", "lead"))
        projects = [self._project(entry, line) for entry, line in sheet.tables(top, "project")]
        found_ones = tuple(project for project in projects if project)
        return Portfolio(sheet.path, title, lead, found_ones, tuple(sheet.lacks), tuple(sheet.problems), sheet)

    def _project(self, entry: dict, line: int) -> Project | None:
        sheet, before = self.sheet, len(self.sheet.problems)
        sheet.checked(entry, line, PROJECT, "a project")
        sheet.demand(entry, line, ("title",), "a project", EXAMPLES["a project"])
        values: dict[str, Any] = {"title": sheet.tried(entry, line, "title", sheet.words)}
        values |= {name: sheet.tried(entry, line, name, as_when) for name in ("date", "until")}
        values |= {name: sheet.tried(entry, line, name, as_text) or "" for name in ("study", "run", "post", "number")}
        values["tags"] = sheet.names(entry, line, "tags")
        values["text"] = sheet.prose(entry, line, "text")
        links = [self._link(link, at) for link, at in sheet.tables(entry, "link", line, "project")]
        pictures = [self._picture(picture, at) for picture, at in sheet.tables(entry, "picture", line, "project")]
        values |= {"links": tuple(filter(None, links)), "pictures": tuple(filter(None, pictures))}
        if values["date"] and values["until"] and values["until"].before(values["date"]):
            sheet.note(sheet.line(line, "until"), f"until: {values['until']} comes before the date {values['date']}.")
        if len(sheet.problems) > before:
            return None
        return Project(id=self._id(values["title"]), line=line, **values)

    def _id(self, title: Words) -> str:
        """An anchor that both languages share."""
        name = re.sub(r"[^\w]+", "-", title[self.sheet.languages[0]].lower()).strip("-") or "project"
        found, count = name, 1
        while found in self.ids:
            count += 1
            found = f"{name}-{count}"
        self.ids.add(found)
        return found

    def _link(self, entry: dict, line: int) -> Link | None:
        sheet, before = self.sheet, len(self.sheet.problems)
        sheet.checked(entry, line, LINK, "a link")
        sheet.demand(entry, line, LINK, "a link", EXAMPLES["a link"])
        title = sheet.tried(entry, line, "title", self._same)
        url = sheet.tried(entry, line, "url", as_address)
        return Link(title, url) if len(sheet.problems) == before else None

    def _same(self, value: object) -> Words:
        """Short names such as GitHub are the same everywhere."""
        if isinstance(value, str) and value.strip():
            return dict.fromkeys(self.sheet.languages, " ".join(value.split()))
        return self.sheet.words(value)

    def _picture(self, entry: dict, line: int) -> Picture | None:
        sheet, before = self.sheet, len(self.sheet.problems)
        sheet.checked(entry, line, PICTURE, "a picture")
        sheet.demand(entry, line, ("file", "alt"), "a picture", EXAMPLES["a picture"])
        path = sheet.tried(entry, line, "file", self._file)
        alt, caption = (sheet.tried(entry, line, name, sheet.words) for name in ("alt", "caption"))
        if len(sheet.problems) > before:
            return None
        return Picture(as_text(entry["file"]), path, alt, caption)

    def _file(self, value: object) -> Path:
        """A picture that lies in the diary, by its path from there."""
        name, home = as_text(value), self.sheet.path.parent
        path = home / name
        if not path.resolve().is_relative_to(home.resolve()):
            raise ValueError(f"'{name}' lies outside the diary. Copy the picture into {home / FOLDER}.")
        if path.suffix.lower() not in PICTURES:
            raise ValueError(f"'{name}' is no picture that a page can show. Use one of {', '.join(PICTURES)}.")
        if not path.is_file():
            near = path.parent if path.parent.is_dir() else home / FOLDER
            beside = [item for item in near.iterdir() if item.suffix.lower() in PICTURES] if near.is_dir() else []
            known = [item.relative_to(home).as_posix() for item in beside]
            raise ValueError(f"there is no picture '{name}' in {home}.{nearest(name, known)}")
        return path
