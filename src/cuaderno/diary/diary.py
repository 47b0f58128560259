"""The diary as a whole: its settings, posts, about page, journey, portfolio, reading list and records."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cuaderno.diary.citing.reading import Reading, read_reading
from cuaderno.diary.journey import Journey, read_journey
from cuaderno.diary.portfolio import Portfolio, read_portfolio
from cuaderno.diary.posts import Post, read_posts
from cuaderno.diary.settings import Settings, read_settings
from cuaderno.lab.errors import CuadernoError


@dataclass(frozen=True)
class Diary:
    """A folder with a cuaderno.toml. `problems` are the faults of its posts, collected so that all are seen at once."""

    folder: Path
    settings: Settings
    posts: list[Post]
    problems: list[CuadernoError]
    journey: Journey | None = None  # what its journey.toml says, when there is one
    portfolio: Portfolio | None = None  # what its portfolio.toml says
    reading: Reading | None = None  # its reading.toml and its BibTeX files

    @classmethod
    def open(cls, folder: Path, memory: MutableMapping[str, Any] | None = None) -> "Diary":
        """Read a diary; `memory` remembers texts that were read before, by their digest.

        Raises:  CuadernoError when the folder is no diary or its settings are wrong.
        """
        folder = Path(folder)
        settings = read_settings(folder)
        problems: list[CuadernoError] = []
        posts = read_posts(folder / "posts", settings, {} if memory is None else memory, problems)
        journey = read_journey(folder, settings)
        problems += journey.problems if journey else ()
        portfolio, reading = read_portfolio(folder, settings), read_reading(folder, settings)
        problems += portfolio.problems if portfolio else ()
        problems += reading.problems if reading else ()
        return cls(folder, settings, posts, problems, journey, portfolio, reading)

    @property
    def records(self) -> Path:
        return self.folder / "records"

    @property
    def beside_about(self) -> list[str]:
        """Every file of the about page's folder, by its path there."""
        home = self.folder / "about"
        found = (path.relative_to(home) for path in sorted(home.rglob("*")) if path.is_file())
        return [path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)]

    def about(self, lang: str) -> Path | None:
        """The Markdown file of the about page in a language, when there is one."""
        path = self.folder / "about" / f"{lang}.md"
        return path if path.is_file() else None
