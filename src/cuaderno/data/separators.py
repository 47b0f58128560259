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


def fields_of(content: str, sniffed: Sniffed) -> Iterator[tuple[int, list[str]]]:
    """For each row that is not blank: the line it ends on, and its cells."""
    if not sniffed.quoted:
        for number, line in enumerate(content.split("\n"), start=1):
            if line.strip():
                yield number, line.split(sniffed.separator)
        return
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(_lines(content), delimiter=sniffed.separator)
    for cells in reader:
        if cells and any(cells):
            yield reader.line_num, cells


def _lines(content: str) -> Iterator[str]:
    """Lines with their ends; `splitlines` would also cut at what only looks like one."""
    start = 0
    while start < len(content):
        end = content.find("\n", start) + 1 or len(content)
        yield content[start:end]
        start = end


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
        widths = [len(cells) for _, cells in islice(fields_of(content, sniffed), SAMPLE)]
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
    rows = [cells for _, cells in islice(fields_of(content, sniffed), SAMPLE)]
    first, rest = [cell.strip() for cell in rows[0]] if rows else [], rows[1:]
    if {cell.casefold() for cell in first} & KNOWN:
        return True
    if not rest or any(not cell or len(cell) > LONGEST_NAME or cell.replace(".", "").isdigit() for cell in first):
        return False
    return not any(cell in {row[at] for row in rest if at < len(row)} for at, cell in enumerate(first))
