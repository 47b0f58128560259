"""Jupyter notebooks as posts: cells in their order, code as code, what it gave back below it."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuaderno.diary.importing.outputs import RASTERS, SIGNS, Outputs, Svg, joined
from cuaderno.diary.importing.prose import fenced
from cuaderno.lab.errors import CuadernoError

LARGEST = 200_000_000
MOST_CELLS = 5000
ATTACHED = re.compile(r"\]\(\s*<?attachment:([^)>\s]+)>?")
MAGIC = {"%%bash": "bash", "%%sh": "bash", "%%html": "html", "%%javascript": "js", "%%js": "js", "%%latex": "latex",
         "%%sql": "sql", "%%R": "r", "%%writefile": ""}  # fmt: skip


@dataclass
class Notebook:
    """A notebook that was read: its Markdown, its pictures by name, what it says of itself, and what was lost."""

    body: str
    pictures: dict[str, bytes]
    fields: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def read_notebook(path: Path, clean_svg: Svg) -> Notebook:
    """The post in a notebook.

    Raises:  CuadernoError when the file is no notebook or too large.
    """
    if (size := path.stat().st_size) > LARGEST:
        raise CuadernoError(
            f"{path} has {size // 10**6} MB, and {LARGEST // 10**6} MB is the most. Clear its outputs first."
        )
    try:
        found = json.loads(path.read_bytes())
        cells = found["cells"] if "cells" in found else found["worksheets"][0]["cells"]
        metadata = found.get("metadata") or {}
        if not isinstance(cells, list) or not isinstance(metadata, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, UnicodeDecodeError):
        raise CuadernoError(f"{path} is no notebook that can be read: it must be JSON with cells.") from None
    if len(cells) > MOST_CELLS:
        raise CuadernoError(f"{path} has {len(cells)} cells, and {MOST_CELLS} is the most.")
    return _Reader(metadata, clean_svg).read(cells)


class _Reader:
    def __init__(self, metadata: dict[str, Any], clean_svg: Svg):
        self.metadata, self.outputs = metadata, Outputs(clean_svg)
        self.language = _language(metadata)

    def read(self, cells: list[Any]) -> Notebook:
        fields, first = self._head(cells[0]) if cells and isinstance(cells[0], dict) else ({}, 0)
        parts = [
            self._cell(cell, number) for number, cell in enumerate(cells[first:], first + 1) if isinstance(cell, dict)
        ]
        body = "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())
        return Notebook(body, self.outputs.pictures, self._fields(fields), self.outputs.notes)

    def _head(self, cell: dict) -> tuple[dict[str, Any], int]:
        """The front matter that some notebooks keep in their first cell."""
        from cuaderno.diary import front_matter

        source = joined(cell.get("source"))
        if cell.get("cell_type") not in ("raw", "markdown") or not source.lstrip().startswith("---"):
            return {}, 0
        head, end = front_matter.split(source.strip() + "\n")
        if not end or source.strip()[end:].strip():
            return {}, 0
        try:
            return front_matter.load(head, Path("the first cell")), 1
        except CuadernoError:
            return {}, 0

    def _fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        known = {
            name: self.metadata[name] for name in ("title", "date", "tags", "description") if self.metadata.get(name)
        }
        authors = self.metadata.get("authors")
        named = (
            [one["name"] for one in authors if isinstance(one, dict) and one.get("name")]
            if isinstance(authors, list)
            else []
        )
        return known | ({"authors": named} if named else {}) | {str(name): value for name, value in fields.items()}

    def _cell(self, cell: dict, number: int) -> str:
        tags = (cell.get("metadata") or {}).get("tags") if isinstance(cell.get("metadata"), dict) else []
        tags = {str(tag).replace("_", "-") for tag in tags} if isinstance(tags, list) else set()
        if "remove-cell" in tags:
            self.outputs.note(number, "left out, as its tag says")
            return ""
        if cell.get("cell_type") == "code":
            return self._code(cell, number, tags)
        source = joined(cell.get("source"))
        if cell.get("cell_type") == "heading":  # of format 3
            level = cell.get("level")
            return f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {source}"
        return fenced(source) if cell.get("cell_type") == "raw" and source.strip() else self._text(cell, source, number)

    def _code(self, cell: dict, number: int, tags: set[str]) -> str:
        source = joined(cell.get("source") if "source" in cell else cell.get("input"))
        parts = []
        if source.strip() and not tags & {"remove-input", "hide-input"}:
            first = source.lstrip().split("\n", 1)[0].split()
            parts.append(fenced(source, MAGIC.get(first[0], self.language) if first else self.language))
        if not tags & {"remove-output", "hide-output"}:
            parts.append(self.outputs.markdown(cell.get("outputs"), number))
        return "\n".join(filter(None, parts))

    def _text(self, cell: dict, source: str, number: int) -> str:
        attachments = cell.get("attachments")
        files = attachments if isinstance(attachments, dict) else {}

        def bring(found: re.Match) -> str:
            name = self._attached(files.get(found[1]), number)
            return f"]({name}" if name else found[0]

        return ATTACHED.sub(bring, source)

    def _attached(self, found: Any, number: int) -> str | None:
        for kind, ending in RASTERS.items():
            if isinstance(found, dict) and kind in found:
                try:
                    content = base64.b64decode(joined(found[kind]))
                except (binascii.Error, ValueError):
                    continue
                if content.startswith(SIGNS[ending]):
                    return self.outputs._keep(content, ending)
        self.outputs.note(number, "an attached picture cannot be read")
        return None


def _language(metadata: dict[str, Any]) -> str:
    for table, name in (("language_info", "name"), ("kernelspec", "language")):
        found = metadata.get(table)
        if isinstance(found, dict) and re.fullmatch(r"[\w+#.-]{1,30}", str(found.get(name) or "")):
            return str(found[name]).lower()
    return "python"
