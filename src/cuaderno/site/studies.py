"""What the site shows of a study: its card in both languages, the names of its metrics, its web files."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cuaderno import studies
from cuaderno.diary import front_matter
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import shared_web
from cuaderno.site.numbers import FORMATS

NOT_LOADED = re.compile(r"(^|[._-])test([._-]|$)|\.(md|html)$|^package.*\.json$")  # what a widget does not need
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];?$""", re.M)
CARDS = {"en": "README.md", "es": "README.es.md"}


@dataclass(frozen=True)
class Label:
    """How a metric is called and printed."""

    en: str
    es: str
    format: str = "number"
    baseline: bool = False
    better: str = "higher"
    digits: int | None = None
    main: bool = False  # shown where there is room for a few only
    judges: bool = False  # by which a run is weighed against its baselines; without such a mark the first main one
    across: str = ""  # the logged value whose curve it always crosses as a bar

    def in_language(self, lang: str) -> str:
        return self.es if lang == "es" else self.en


@dataclass(frozen=True)
class Card:
    """The README of a study in one language."""

    path: Path
    lang: str
    title: str
    description: str
    text: str
    start: int

    @property
    def body(self) -> str:
        return self.text[self.start :]

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.start) + 1


class Study:
    """A study's folder, read when it is asked for. A study that is no longer installed has neither card nor labels."""

    def __init__(self, name: str):
        self.name = name
        self.folder = studies.folder(name) if name in studies.names() else None

    def card(self, lang: str) -> Card:
        """The card in a language, or in the other one when it was not translated."""
        for language in (lang, *CARDS):
            path = self.folder / CARDS[language] if self.folder else None
            if path and path.is_file():
                return _card(path, language, self.name)
        return Card(Path(self.name), lang, self.name, "", "", 0)

    @cached_property
    def labels(self) -> dict[str, Label]:
        """What metrics.toml says, by metric.

        Raises:  CuadernoError naming the file and what is wrong in it.
        """
        path = self.folder / "metrics.toml" if self.folder else None
        if not path or not path.is_file():
            return {}
        try:
            return {name: Label(**values) for name, values in tomllib.loads(path.read_text(encoding="utf-8")).items()}
        except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError) as error:
            raise CuadernoError(
                f"{path} cannot be read: {error}. Each metric is a table with en, es, format, baseline and better."
            ) from error

    def label(self, metric: str) -> Label:
        """The label of a metric; one that metrics.toml does not name is called by its own name."""
        label = self.labels.get(metric)
        if label is None:
            words = metric.removeprefix("baseline_").replace("_", " ")
            return Label(words, words, baseline=metric.startswith("baseline_"))
        if label.format not in FORMATS:
            place = f"{self.folder}/metrics.toml"
            raise CuadernoError(
                f"{place}: the format of {metric} is '{label.format}'. Use one of {', '.join(FORMATS)}."
            )
        return label

    @cached_property
    def web(self) -> list[Path]:
        """The study's files that the browser may load, widget.js among them when there is a live model."""
        folder = self.folder / "web" if self.folder else None
        if not folder or not (folder / "widget.js").is_file():
            return []
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "node_modules" not in path.parts)
        return [
            path
            for path in files
            if not re.search(r"(^|[._-])test([._-]|$)|\.(?:md|html)$|^package.*\.json$", path.name)
        ]

    @cached_property
    def shared_web(self) -> list[Path]:
        """The modules of the lab that these ask for; they go into the same folder."""
        return shared_web(self.web)

    def loaded(self, modules: list[str] | None) -> list[Path]:
        """What the browser loads of all that when widget.js imports these modules; all where none is said."""
        if modules is None or not self.folder:
            return [*self.web, *self.shared_web]
        known, found = {path.resolve(): path for path in self.web}, set()
        waiting = [self.folder / "web" / name for name in ("widget.js", *modules)]
        while waiting:
            path = waiting.pop().resolve()
            if path in known and path not in found:
                found.add(path)
                text = path.read_text(encoding="utf-8", errors="replace")
                waiting += [path.parent / name for name in IMPORT.findall(text)]
        own = [path for place, path in known.items() if place in found]
        return [*own, *shared_web(own)]


def _card(path: Path, lang: str, name: str) -> Card:
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    fields = front_matter.read(text, path)
    return Card(path, lang, fields.get("title", name), fields.get("description", ""), text, fields["start"])
