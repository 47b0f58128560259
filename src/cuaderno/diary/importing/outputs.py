"""What a notebook's cell gave back, as Markdown: text, tables, pictures; nothing that could run."""

import base64
import binascii
import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from cuaderno.diary.importing.prose import fenced

MOST_LINES, MOST_LETTERS, MOST_ROWS = 40, 6000, 60
LARGEST_HTML, LARGEST_PICTURE = 400_000, 20_000_000
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
RASTERS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
SIGNS = {"png": b"\x89PNG\r\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}
Svg = Callable[[str, str], str | None]  # cleans a drawing, given what it shows; None when it is none


class Outputs:
    """Turns the outputs of cells into Markdown, and keeps their pictures."""

    def __init__(self, clean_svg: Svg):
        self.clean_svg = clean_svg
        self.pictures: dict[str, bytes] = {}
        self.notes: list[str] = []

    def markdown(self, outputs: Any, cell: int) -> str:
        """All that a cell gave back."""
        known = outputs if isinstance(outputs, list) else []
        parts = [self._one(output, cell) for output in known if isinstance(output, dict)]
        return "\n".join(filter(None, parts))

    def note(self, cell: int, said: str) -> None:
        self.notes.append(f"cell {cell}: {said}")

    def _one(self, output: dict, cell: int) -> str:
        kind = output.get("output_type")
        if kind == "stream":
            return self._text(joined(output.get("text")), cell)
        if kind in ("error", "pyerr"):
            lines = output.get("traceback")
            trace = "\n".join(map(str, lines)) if isinstance(lines, list) else ""
            said = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
            return self._text(trace or said, cell, last=True)
        data = output.get("data") if isinstance(output.get("data"), dict) else _old(output)
        return self._richest(data or {}, cell)

    def _richest(self, data: dict[str, Any], cell: int) -> str:
        """The best that a page can show of what a cell displayed."""
        for kind, ending in RASTERS.items():
            if kind in data and (name := self._raster(joined(data[kind]), ending, cell)):
                return self._shown(_alt(data), name, cell)
        if "image/svg+xml" in data and (name := self._drawing(joined(data["image/svg+xml"]), cell, _alt(data))):
            return self._shown(_alt(data), name, cell)
        if "text/html" in data and (table := self._table(joined(data["text/html"]), cell)):
            return table
        if "text/latex" in data and (
            formula := re.fullmatch(r"\s*\$\$?(.+?)\$\$?\s*", joined(data["text/latex"]), re.S)
        ):
            return f"$$\n{formula[1].strip()}\n$$\n"
        if "text/markdown" in data and not re.search(r"<\s*[a-z/!]", joined(data["text/markdown"]), re.I):
            return joined(data["text/markdown"]).strip() + "\n"
        if "text/plain" in data:
            if left := [
                kind for kind in data if kind not in ("text/plain", "text/html", "text/latex", "text/markdown")
            ]:
                self.note(cell, f"{', '.join(left)} cannot be shown; its text stands there")
            return self._text(joined(data["text/plain"]), cell)
        if data:
            self.note(cell, f"{', '.join(data)} cannot be shown and was left out")
        return ""

    def _shown(self, alt: str, name: str, cell: int) -> str:
        if not alt:
            self.note(cell, f"{name} has no alt text: say between the brackets of ![]({name}) what it shows")
        return f"![{alt}]({name})\n"

    def _text(self, text: str, cell: int, last: bool = False) -> str:
        """Text as it looked in a terminal; of much of it the beginning, of an error the end."""
        text = NOT_TEXT.sub("", _overwritten(ANSI.sub("", text))).rstrip()
        if not text.strip():
            return ""
        lines = text.split("\n")
        if len(lines) > MOST_LINES or len(text) > MOST_LETTERS:
            chosen = lines[-MOST_LINES:] if last else lines[:MOST_LINES]
            kept = "\n".join(line[:400] for line in chosen)
            kept = kept[-MOST_LETTERS:] if last else kept[:MOST_LETTERS]
            cut = f"… ({len(lines)} lines, {len(text)} characters in all)"
            self.note(cell, f"of {len(lines)} lines of output {min(len(lines), MOST_LINES)} at most were taken")
            text = f"{cut}\n{kept}" if last else f"{kept}\n{cut}"
        return fenced(text)

    def _raster(self, encoded: str, ending: str, cell: int) -> str | None:
        try:
            content = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content.startswith(SIGNS[ending]) or len(content) > LARGEST_PICTURE:
            self.note(cell, "a picture in it cannot be read, or is too large")
            return None
        return self._keep(content, ending)

    def _drawing(self, text: str, cell: int, alt: str) -> str | None:
        drawn = self.clean_svg(text, alt) if len(text) <= LARGEST_PICTURE else None
        if drawn is None:
            self.note(cell, "a drawing in it is no SVG that can be read")
            return None
        return self._keep(drawn.encode(), "svg")

    def _keep(self, content: bytes, ending: str) -> str:
        for name, known in self.pictures.items():
            if known == content and name.endswith(ending):
                return name
        name = f"output-{len(self.pictures) + 1}.{ending}"
        self.pictures[name] = content
        return name

    def _table(self, text: str, cell: int) -> str | None:
        """The tables of an HTML output as Markdown; None when it shows none."""
        if len(text) > LARGEST_HTML:
            self.note(cell, "a table in it is too large; its text stands there")
            return None
        tables = read_tables(text)
        for table in tables:
            if len(table.rows) > MOST_ROWS:
                self.note(cell, f"of {len(table.rows)} rows of a table {MOST_ROWS} were taken")
        return "\n".join(table.markdown() for table in tables) or None


def joined(value: Any) -> str:
    """A text, or the lines of one."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _old(output: dict) -> dict[str, Any]:
    """What notebooks of format 3 wrote beside the kind of the output."""
    kinds = {
        "png": "image/png",
        "jpeg": "image/jpeg",
        "svg": "image/svg+xml",
        "html": "text/html",
        "text": "text/plain",
    }
    return {kinds[name]: value for name, value in output.items() if name in kinds}


def _alt(data: dict[str, Any]) -> str:
    """What a picture says of itself, when that is more than the name of its class."""
    said = " ".join(joined(data.get("text/plain")).split()).strip("'\"")
    return "" if re.match(r"<.*>$|\w+\(", said) else re.sub(r"([\[\]\\`<>])", r"\\\1", said[:200])


def _overwritten(text: str) -> str:
    """A progress bar writes over its own line: only what was left in the end counts."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(next((part for part in reversed(line.split("\r")) if part.strip()), "") for line in lines)


class Table:
    """Rows of cells, each plain text."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.heads = 0  # rows at the top that are headings

    def markdown(self) -> str:
        rows = [row for row in self.rows if any(row)] or self.rows[:1]
        if self.heads and rows:  # a heading that says nothing cannot be read aloud
            rows[0] = [text.strip() or ("#" if number == 0 else "–") for number, text in enumerate(rows[0])]
        width = max((len(row) for row in rows), default=0)
        if not width or width > 60:
            return ""
        lines = [
            f"| {' | '.join(_cell(text) for text in [*row, *[''] * (width - len(row))])} |" for row in rows[:MOST_ROWS]
        ]
        if not self.heads:
            lines.insert(0, f"| {' | '.join(map(str, range(1, width + 1)))} |")
        lines.insert(1, f"|{' --- |' * width}")
        more = f"\n… ({len(rows)} rows in all)\n" if len(rows) > MOST_ROWS else ""
        return "\n".join(lines) + "\n" + more


def _cell(text: str) -> str:
    """Text that stays text inside a table of Markdown."""
    plain = html.escape(" ".join(text.split())[:300], quote=False)
    return re.sub(r"([\\|`*_{}\[\]$~!#])", r"\\\1", NOT_TEXT.sub("", plain))


class _Tables(HTMLParser):
    """Takes the text out of the cells of a page's tables, and nothing else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.silent = self.depth = 0
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.silent += 1
        elif tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(Table())
        elif self.depth == 1 and tag == "tr":
            self._close()
            self.tables[-1].rows.append([])
        elif self.depth == 1 and tag in ("td", "th"):
            self._open(tag, dict(attributes))
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def _open(self, tag: str, attributes: dict[str, str | None]) -> None:
        self._close()
        table = self.tables[-1]
        if not table.rows:
            table.rows.append([])
        if tag == "th" and len(table.rows) == 1:
            table.heads = 1
        wide = attributes.get("colspan") or "1"
        self.wide = min(int(wide), 40) if wide.isdecimal() else 1
        self.cell = []

    def _close(self) -> None:
        if self.cell is not None and self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1] += ["".join(self.cell), *[""] * (self.wide - 1)]
        self.cell = None

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        elif tag == "table" and self.depth:
            if self.depth == 1:
                self._close()
            self.depth -= 1
        elif tag in ("td", "th", "tr") and self.depth == 1:
            self._close()

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(data)


def read_tables(text: str) -> list[Table]:
    """The tables of an HTML text that have a row."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    parser._close()
    return [table for table in parser.tables if any(table.rows)]
