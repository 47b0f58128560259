"""The review queue: rows that the doctor doubts, and what a person decided about each, read back and applied.

Nothing changes by itself: only a row with a decision does, and only where it is still the row that was looked at.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuaderno.data.formats import read_table
from cuaderno.data.private import masked
from cuaderno.data.table import Format, FormatError, Row, Table, with_label
from cuaderno.lab.errors import CuadernoError, nearest

HEADER = ["row", "line", "label", "decision", "right_label", "suggested", "sure", "why", "text", "id"]
NEEDED = ("row", "decision", "right_label", "id")
KEEP, DROP, RELABEL = "keep", "drop", "relabel"
WORDS = {
    **dict.fromkeys(("keep", "ok", "dejar", "deja", "mantener"), KEEP),
    **dict.fromkeys(("drop", "delete", "quitar", "quita", "borrar"), DROP),
    **dict.fromkeys(("relabel", "reetiquetar", "cambiar"), RELABEL),
}
FORMULA = "=+-@\t\r"


@dataclass(frozen=True)
class Decision:
    """What a person wrote about one row."""

    row: int
    verdict: str  # keep | drop | relabel
    right: str  # the label, when it is another one
    where: str  # file and line, for errors
    record: Mapping[str, str] = field(default_factory=dict)  # its line of the queue, as it stands


def mark_of(row: Row) -> str:
    """What tells whether a row is still the one that was doubted; it says nothing about what is masked."""
    said = "\x1f".join(masked(text)[0] for text in row.texts) + f"\x1e{row.label or ''}"
    return "r" + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]  # no spreadsheet's number


# -- reading ----------------------------------------------------------------------------------------------------------


def read_decisions(paths: Iterable[str | Path], table: Table) -> list[Decision]:
    """The decisions of some queues, each checked against its row; a line without one is left out.

    Raises:  CuadernoError for a line that fits no row, a word that is no decision, a label that is no class, or two
             decisions about one row that differ.
    """
    rows = {row.id: row for row in table.rows}
    classes = {row.label for row in table.rows if row.label is not None} if table.has_classes else set()
    found: dict[int, Decision] = {}
    for path in paths:
        for decision in _lines_of(Path(path)):
            _must_fit(decision, rows.get(decision.row), table, classes)
            before = found.setdefault(decision.row, decision)
            if (before.verdict, before.right) != (decision.verdict, decision.right):
                raise CuadernoError(
                    f"{decision.where}: row {decision.row} is decided otherwise in {before.where}. Decide for one."
                )
    return list(found.values())


def _lines_of(path: Path) -> list[Decision]:
    """The lines of a queue that have a decision."""
    try:
        queue = read_table(path, text=NEEDED)
    except FormatError:
        raise
    except CuadernoError as error:
        raise CuadernoError(
            f"{path} cannot be read as a review queue: {error} Give the file that ends in .review.csv, which "
            "`cuaderno data clean` wrote, with your decisions in it."
        ) from error
    found = []
    for line in queue.rows:
        where = f"{path}, line {line.line}"
        word, right = (str(line.record[name]).strip() for name in ("decision", "right_label"))
        right = right[1:] if right[:1] == "'" and right[1:2] in FORMULA else right
        if word or right:
            verdict = _verdict(word, right, where)
            found.append(Decision(_number(line.record["row"], where), verdict, right, where, line.record))
    return found


def _verdict(word: str, right: str, where: str) -> str:
    verdict = WORDS.get(word.casefold()) if word else RELABEL
    if verdict is None:
        raise CuadernoError(
            f"{where}: '{word}' is no decision. Write keep, drop or relabel, or nothing to decide later."
            f"{nearest(word, [KEEP, DROP, RELABEL])}"
        )
    if verdict == RELABEL and not right:
        raise CuadernoError(f"{where}: relabel as what? Write the label into the column 'right_label'.")
    if verdict == DROP and right:
        raise CuadernoError(f"{where}: found drop and the label '{right}', wanted one of the two. Empty one of them.")
    return verdict


def _number(cell: Any, where: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise CuadernoError(f"{where}: found '{cell}' as the number of a row, wanted one such as 17.") from None


def _must_fit(decision: Decision, row: Row | None, table: Table, classes: set[str]) -> None:
    """Raises:  CuadernoError when the row is not the one that was looked at, or cannot have that label."""
    where, right = decision.where, decision.right
    if row is None:
        raise CuadernoError(f"{where}: there is no row {decision.row} in {table.name}. The queue is of another file.")
    if str(decision.record.get("id", "")).strip() != mark_of(row):
        raise CuadernoError(
            f"{where}: row {row.id} of {table.name} is not the one that was doubted: the file has changed, or is read "
            "with other columns as text and label. Read it as before, or clean it without --review for a new queue."
        )
    if decision.verdict == KEEP and right not in ("", row.label):
        raise CuadernoError(
            f"{where}: found keep and the label '{right}', but the row has '{row.label}'. Write relabel, or empty it."
        )
    if decision.verdict != RELABEL:
        return
    if table.format.kind == "texts":
        raise CuadernoError(f"{where}: the class of a file is its folder: move it there, then clean once more.")
    if table.format.label_column is None:
        raise CuadernoError(f"{where}: {table.name} has no column of labels. Write keep or drop.")
    if classes and right not in classes:
        known = nearest(right, sorted(classes))
        raise CuadernoError(
            f"{where}: '{right}' is no class of {table.name}: {', '.join(sorted(classes))[:200]}.{known}"
        )
    if not classes:
        _must_be_a_number(right, row, table.format, where)


def _must_be_a_number(right: str, row: Row, form: Format, where: str) -> None:
    try:
        with_label(row.record, right, form)
        float(right) if row.label else None
    except ValueError:
        raise CuadernoError(f"{where}: found '{right}', wanted a number, as the labels here are.") from None


def relabelled(table: Table, rows: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """The records of some rows with another label, in the type that the label has elsewhere in the table."""
    column = table.format.label_column
    if column is None:
        return {}
    typed = {row.label: row.record.get(column) for row in table.rows}
    found = {}
    for row in table.rows:
        if (right := rows.get(row.id)) is not None:
            known = {column: typed[right]} if right in typed else with_label(row.record, right, table.format)
            found[row.id] = row.record | known
    return found


# -- writing ----------------------------------------------------------------------------------------------------------


def dump_queue(doubted: Sequence[Mapping[str, Any]], decisions: Sequence[Decision]) -> str:
    """A queue as CSV: first what waits, then what was decided, line by line as it was; empty when there is neither."""
    if not doubted and not decisions:
        return ""
    header = list(dict.fromkeys([*HEADER, *(name for decision in decisions for name in decision.record)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
    writer.writeheader()
    for line in [*doubted, *(decision.record for decision in decisions)]:
        writer.writerow({name: harmless(str(cell)) for name, cell in line.items()})
    return out.getvalue()


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula."""
    return f"'{cell}" if cell and cell[0] in FORMULA else cell


def must_not_be_lost(queue: Path, given: Sequence[str | Path]) -> None:
    """Raises:  CuadernoError when a queue that would be written over holds decisions that were not given."""
    if not queue.is_file() or any(Path(path).resolve() == queue.resolve() for path in given):
        return
    try:
        count = len(_lines_of(queue))
    except CuadernoError:
        first = queue.read_bytes().split(b"\n", 1)[0]
        count = -1 if b"right_label" in first else 0  # one that was written before there were decisions
    if count:
        what = "what you decided" if count < 0 else f"what you decided about {count} rows"
        raise CuadernoError(
            f"{queue} holds {what}, and a new queue would take its place. Use it with --review {queue}, or move it "
            "elsewhere."
        )


def decide(queue: Path, row: int, verdict: str, right: str = "") -> str:
    """The queue with one decision more, ready to be written; an empty verdict takes a decision back.

    Raises:  CuadernoError when the queue cannot be read or has no such row.
    """
    lines = [dict(line.record) for line in read_table(queue, text=("id",)).rows]
    found = [line for line in lines if str(line["row"]) == str(row)]
    if not found:
        raise CuadernoError(f"There is no row {row} in {queue}.")
    for line in found:
        line |= {"decision": verdict, "right_label": right}
    return dump_queue(lines, ())
