"""Dirt on purpose: wrong labels, duplicates and broken accents, each in a known share and in known rows."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cuaderno.data.table import Row, Table, with_label, with_texts
from cuaderno.lab.errors import CuadernoError

TYPESET = str.maketrans({"'": "’", '"': "”", "-": "–"})
ENDINGS = ("!", "…", " :)", " ok")


def spoil(
    table: Table, labels: float = 0.0, duplicates: float = 0.0, mojibake: float = 0.0, seed: int = 0
) -> tuple[Table, list[dict[str, Any]]]:
    """A dirtier table, and what was done to which of its rows.

    `labels` is the share of rows that get another label, `duplicates` how many rows are added for each one that there
    is (half of them with a small change), `mojibake` the share whose accents are read with the wrong encoding.

    Raises:  CuadernoError when a share is not between 0 and 1, or there are no classes whose labels could be wrong.
    """
    shares = {"labels": labels, "duplicates": duplicates, "mojibake": mojibake}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise CuadernoError(f"--{name} is a share between 0 and 1, for example 0.2; it is {share:g}.")
    if labels and not table.has_classes:
        raise CuadernoError("There are no classes here, so no label can be made wrong. Leave --labels out.")
    draw = random.Random(seed)
    rows = [replace(row) for row in table.rows]
    truth: list[dict[str, Any]] = [{"was": row.id} for row in rows]
    _relabel(rows, truth, table, labels, draw)
    _add(rows, truth, table, duplicates, draw)
    for at in draw.sample(range(len(rows)), round(mojibake * len(rows))):
        texts = [misread(text) for text in rows[at].texts]
        if texts != rows[at].texts:
            rows[at] = _said(rows[at], texts, table)
            truth[at]["mojibake"] = True
    order = list(range(len(rows)))
    draw.shuffle(order)
    spoiled = [replace(rows[at], id=id) for id, at in enumerate(order, start=1)]
    told = [{"row": id} | truth[at] for id, at in enumerate(order, start=1)]
    return Table(spoiled, table.format, table.name, schema=table.schema), told


def _relabel(rows: list[Row], truth: list[dict[str, Any]], table: Table, share: float, draw: random.Random) -> None:
    if not share:
        return
    classes = sorted({row.label for row in rows if row.label is not None})
    labelled = [at for at, row in enumerate(rows) if row.label is not None]
    for at in draw.sample(labelled, round(share * len(labelled))):
        row = rows[at]
        wrong = draw.choice([label for label in classes if label != row.label])
        rows[at] = replace(row, label=wrong, record=with_label(row.record, wrong, table.format))
        truth[at]["label"] = row.label


def _add(rows: list[Row], truth: list[dict[str, Any]], table: Table, share: float, draw: random.Random) -> None:
    for number, at in enumerate(draw.choices(range(len(rows)), k=round(share * len(rows)))):
        row = rows[at]
        if number % 2 and len(row.text) > 40:
            row = _said(row, [*row.texts[:-1], row.texts[-1] + draw.choice(ENDINGS)], table)
        rows.append(row)
        truth.append({key: value for key, value in truth[at].items() if key == "label"})
        truth[-1] |= {"was": row.id, "duplicate": True}


def _said(row: Row, texts: Sequence[str], table: Table) -> Row:
    return replace(row, texts=list(texts), record=with_texts(row.record, list(texts), table.format))


def misread(text: str) -> str:
    """UTF-8 read as Windows-1252; a text without accents first gets the quotes and dashes of a word processor."""
    if text.isascii():
        text = text.translate(TYPESET)
    return "".join(_misread_letter(letter) for letter in text)


def _misread_letter(letter: str) -> str:
    data = letter.encode("utf-8", "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return data.decode("latin-1")
