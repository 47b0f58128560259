"""What the last build knew: a mark per page, and what each text says, so that only changes are printed again."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cuaderno.lab.files import write_atomic

VERSION = 4


class Cache:
    """`.cache/site-….json` of one diary and one output folder. Losing it costs time, never correctness."""

    def __init__(self, folder: Path, output: Path):
        mark = hashlib.blake2b(str(output.resolve()).encode(), digest_size=4).hexdigest()
        self.path = folder / ".cache" / f"site-{mark}.json"
        self.output = output
        known = self._read()
        self.texts: dict[str, Any] = known.get("texts", {})
        self.pages: dict[str, list] = known.get("pages", {})
        self.index: str | None = known.get("index")  # the state of the pages that the search index knows
        self.fresh: dict[str, list] = {}

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_bytes())
            return known if known.get("version") == VERSION else {}
        except (OSError, ValueError, AttributeError):
            return {}

    def holds(self, name: str, key: str) -> bool:
        """True when the old edition has this page, made from the same things, and nobody touched it since."""
        entry = self.pages.get(name)
        if entry is None or entry[0] != key:
            return False
        try:
            stat = os.stat(f"{self.output}{os.sep}{name}")  # noqa: PTH116
        except OSError:
            return False
        return stat.st_size == entry[1] and stat.st_mtime_ns == entry[2]

    def keep(self, name: str) -> tuple[int, int]:
        """Count a page of the old edition among the new one's; its size and time."""
        entry = self.fresh[name] = self.pages[name]
        return entry[1], entry[2]

    def note(self, name: str, key: str, stat: os.stat_result) -> None:
        """Count a page that was printed."""
        self.fresh[name] = [key, stat.st_size, stat.st_mtime_ns]

    def lacks_index(self, wanted: bool) -> bool:
        """True when a search index is wanted and the old edition has none, or not of these pages."""
        return wanted and self.index != self.state(self.pages)

    def state(self, pages: dict[str, list]) -> str:
        """A mark of everything that can be searched."""
        keys = [(name, entry[0]) for name, entry in sorted(pages.items()) if name.endswith(".html")]
        return hashlib.blake2b(repr(keys).encode(), digest_size=10).hexdigest()

    def save(self, texts: set[str]) -> None:
        """Write down this edition; of texts, only those it still has."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        known = {
            "version": VERSION,
            "index": self.index,
            "texts": {name: value for name, value in self.texts.items() if name in texts},
            "pages": self.fresh,
        }
        write_atomic(self.path, json.dumps(known, separators=(",", ":"), ensure_ascii=False))
