"""How a text file is cut into columns: separator, quotes and header, found by reading it in every way."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from cuaderno.data.columns import KNOWN

SEPARATORS = ",;\t|"
SAMPLE = 200
LONGEST_FIELD = 1 << 30  # Python's own limit of 128 KB would refuse long texts
LONGEST_NAME = 40


class Sniffed(NamedTuple):
    separator: str
    quoted: bool
    header: bool


class Cut(NamedTuple):
    """One row that is not blank."""

    start: int  # the line it begins on, from 1
    end: int
    cells: list[str]
    is_open: bool = False  # a double quote opens in it that does not close where a cell ends


def fields_of(content: str, sniffed: Sniffed) -> Iterator[Cut]:
    """The rows of a text, cut into cells.

    A quote that is never closed would take the rows below into its cell: such a row ends with its own line instead.
    """
    if not sniffed.quoted:
        for number, words in enumerate(content.split("\n"), start=1):
            if words.strip():
                yield Cut(number, number, words.split(sniffed.separator))
        return
    csv.field_size_limit(LONGEST_FIELD)
    at, line = 0, 1  # where the next row begins
    while at < len(content):
        before, ends = line, [at]
        reader = csv.reader(_lines(content, ends), delimiter=sniffed.separator)
        for cells in reader:
            began, at, start, line = at, ends[0], line, before + reader.line_num
            fault = (
                _quote_fault(content, began, at, sniffed.separator) if line - start > 1 or at == len(content) else ""
            )
            if fault == "open" or (fault and line - start > 1):
                at, line = content.find("\n", began) + 1 or len(content), start + 1
                [cells] = csv.reader([content[began:at]], delimiter=sniffed.separator)
                yield Cut(start, start, [cell.rstrip("\n") for cell in cells], True)
                break
            if cells and any(cells):
                yield Cut(start, line - 1, cells)


def _lines(content: str, ends: list[int]) -> Iterator[str]:
    """Lines from `ends[0]` on, which moves along; `splitlines` would also cut at what only looks like an end."""
    while ends[0] < len(content):
        start, ends[0] = ends[0], content.find("\n", ends[0]) + 1 or len(content)
        yield content[start : ends[0]]


def _quote_fault(content: str, at: int, end: int, separator: str) -> str:
    """`open` when a quoted cell of a row is never closed, `loose` when it closes before the cell ends, else nothing."""
    while at < end:
        if content[at] != '"':
            cut = content.find(separator, at, end)
            at = cut + 1 if cut >= 0 else end
            continue
        close = content.find('"', at + 1, end)
        while close >= 0 and content.startswith('"', close + 1, end):  # two are a letter
            close = content.find('"', close + 2, end)
        if close < 0:
            return "open"
        if close + 1 < end and content[close + 1] not in (separator, "\n"):
            return "loose"
        at = close + 2
    return ""


def sniff(content: str, suffix: str) -> Sniffed | None:
    """How the columns are separated; None when each line is one text."""
    separators = {".tsv": "\t", ".tab": "\t"}.get(suffix, SEPARATORS)
    best, best_score = None, (0.0, 0)
    for separator in separators:
        score = _score(content, Sniffed(separator, True, True))
        bare = _score(content, Sniffed(separator, False, True))
        if max(score, bare) > best_score:
            best, best_score = separator, max(score, bare)
    regular = suffix in (".csv", ".tsv", ".tab") or best_score[0] > 0.9
    if best is None or (best_score[1] == 1 or not regular):
        if suffix not in (".csv", ".tsv", ".tab"):
            return None
        best = best or separators[0]
    quoted = _is_quoted(content, best)
    return Sniffed(best, quoted, _has_header(content, Sniffed(best, quoted, True)))


def _score(content: str, sniffed: Sniffed) -> tuple[float, int]:
    """The share of rows that have the usual number of columns, and that number."""
    try:
        widths = [len(row.cells) for row in islice(fields_of(content, sniffed), SAMPLE)]
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = Counter(widths).most_common(1)[0]
    return (count / len(widths) if width > 1 else 0.001), width


def _is_quoted(content: str, separator: str) -> bool:
    """Whether double quotes hold a cell together, or are letters like all others.

    They are letters when some cell begins with one and does not end with one, as in a list of raw messages.
    """
    if '"' not in content:
        return True
    if separator not in "\t|":
        return True
    for line in islice((line for line in content.split("\n") if '"' in line), 20 * SAMPLE):
        for cell in line.split(separator):
            if cell.startswith('"') and (len(cell) < 2 or not cell.endswith('"')):
                widths = _score(content, Sniffed(separator, False, True))
                return _score(content, Sniffed(separator, True, True)) > widths
            if '"' in cell[1:-1].replace('""', "") and not cell.startswith('"'):
                return False
    return True


def _has_header(content: str, sniffed: Sniffed) -> bool:
    rows = [row.cells for row in islice(fields_of(content, sniffed), SAMPLE)]
    first, rest = [cell.strip() for cell in rows[0]] if rows else [], rows[1:]
    if {cell.casefold() for cell in first} & KNOWN:
        return True
    if not rest or any(not cell or len(cell) > LONGEST_NAME or cell.replace(".", "").isdigit() for cell in first):
        return False
    return not any(cell in {row[at] for row in rest if at < len(row)} for at, cell in enumerate(first))
