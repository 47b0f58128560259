"""The pages of the workbench, found by looking: a file here is a page.

A page is a module with `TITLE = {"en": …, "es": …}`, `ORDER = 10` and `show(place)`. Title and order are read without
importing it, so that a page may load what it likes and a broken one takes no other down.
"""

import ast
import sys
from dataclasses import dataclass
from importlib import import_module, invalidate_caches, reload
from pathlib import Path
from types import ModuleType
from typing import Any

LAST = 1000
LOADED: dict[str, float] = {}  # the time of its file when a page was loaded


@dataclass(frozen=True)
class Page:
    """A page before it is loaded. `fault` says why its title could not be read."""

    name: str
    title: dict[str, str]
    order: float
    fault: str = ""
    written: float = 0.0

    def load(self) -> ModuleType:
        """The page's module; read anew when its file has changed."""
        name = f"{__name__}.{self.name}"
        if LOADED.get(self.name, self.written) != self.written and name in sys.modules:
            module = reload(sys.modules[name])
        else:
            invalidate_caches()
            module = import_module(name)
        LOADED[self.name] = self.written
        return module


def found() -> list[Page]:
    """Every page, in order."""
    paths = [path for folder in __path__ for path in sorted(Path(folder).glob("[a-z]*.py"))]
    return sorted(map(read, paths), key=lambda page: (page.order, page.name))


def read(path: Path) -> Page:
    """What a page's file says of itself; one that says nothing stands at the end under its file's name."""
    name = path.stem
    title, order = {"en": name.capitalize(), "es": name.capitalize()}, float(LAST)
    written = 0.0
    try:
        written = path.stat().st_mtime
        said = constants(path.read_text(encoding="utf-8"))
        title |= {lang: str(text) for lang, text in dict(said.get("TITLE", {})).items()}
        order = float(said.get("ORDER", LAST))
    except (OSError, SyntaxError, ValueError, TypeError) as error:
        return Page(name, title, order, f"{path.name}: {error}", written)
    return Page(name, title, order, written=written)


def constants(code: str) -> dict[str, Any]:
    """The plain values that a module gives to names, without running it."""
    said: dict[str, Any] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                said[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return said
