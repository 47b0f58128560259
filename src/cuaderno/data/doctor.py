"""What `cuaderno data check`, `clean` and `spoil` do, from a path to a report."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuaderno.data import formats, pictures, review, undo
from cuaderno.data import spoil as dirt
from cuaderno.data.output import must_be_free, write_folder, write_output
from cuaderno.data.recipe import FLAGGED, Finding, Result, Settings, follow
from cuaderno.data.report import page, report_of, report_of_pictures
from cuaderno.data.table import Row, Table
from cuaderno.data.words import say
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic


@dataclass(frozen=True)
class Reading:
    """How a file is to be read, where the person says so."""

    text: tuple[str, ...] = ()
    label: str | None = None
    encoding: str | None = None
    skip_broken: bool = False
    against: tuple[str, ...] = ()
    review: tuple[str, ...] = ()  # queues with decisions


@dataclass
class Written:
    """What a cleaning left behind."""

    report: dict[str, Any]
    files: list[Path] = field(default_factory=list)
    review: Path | None = None
    undo: Path | None = None


def is_pictures(path: Path) -> bool:
    return path.is_dir() and formats.kind_of_folder(path) == "pictures"


def examine(path: Path, reading: Reading, settings: Settings) -> tuple[Table, Result, dict[str, Any]]:
    """Read a table and follow the recipe, writing nothing."""
    started = time.process_time()
    table = formats.read_table(path, reading.text, reading.label, reading.encoding, keep_broken=True)
    decisions = review.read_decisions(reading.review, table)
    result = follow(table, settings, others(reading), decisions)
    report = report_of(table, result, time.process_time() - started)
    return table, result, report | _left_alone(path)


def _left_alone(path: Path) -> dict[str, Any]:
    """For the report on a folder: how many files of it were not looked at, and some of their names."""
    found = formats.left_alone(path) if path.is_dir() else {}
    return {"left_alone": {kind: {"count": len(names), "first": names[:3]} for kind, names in found.items()}}


def others(reading: Reading) -> list[tuple[str, Row]]:
    """The rows of the files that no row may leak into."""
    found = []
    for name in reading.against:
        table = formats.read_table(name, reading.text, reading.label, reading.encoding, keep_broken=True)
        found += [(table.name, row) for row in table.rows]
    return found


def examine_pictures(path: Path, reading: Reading, settings: Settings) -> tuple[pictures.PictureResult, dict[str, Any]]:
    """Look at every picture of a folder and follow the recipe, writing nothing."""
    if reading.review:
        raise CuadernoError(
            "A review queue of pictures is not fed back: delete the wrong ones, or move each into the folder of its "
            "class, then clean the folder once more."
        )
    started = time.process_time()
    result = pictures.follow(pictures.read_pictures(path), settings)
    return result, report_of_pictures(path, result, time.process_time() - started) | _left_alone(path)


def check(path: Path, reading: Reading, settings: Settings) -> dict[str, Any]:
    """The report on a file or folder; nothing is written."""
    if is_pictures(path):
        return examine_pictures(path, reading, settings)[1]
    return examine(path, reading, settings)[2]


def clean(path: Path, out: Path, reading: Reading, settings: Settings, lang: str, force: bool = False) -> Written:
    """Write the cleaned data to `out`, and beside it the undo file, the review queue and the report.

    The output itself comes last: if it is there, so is all that belongs to it.

    Raises:  CuadernoError when `out` exists, when a row cannot be read (unless such rows are skipped), when nothing
             would be left.
    """
    if not path.exists():
        raise CuadernoError(f"There is no {path}. Look at its name, or at the folder you are in.")
    must_be_free(path, out, force)
    review.must_not_be_lost(queue_of(out), reading.review)
    if is_pictures(path):
        return _clean_pictures(path, out, reading, settings, lang, force)
    table, result, report = examine(path, reading, settings)
    if table.broken and not reading.skip_broken:
        first = table.broken[0].error
        more = f" ({len(table.broken) - 1:,} more rows cannot be read either.)" if len(table.broken) > 1 else ""
        raise CuadernoError(f"{first}{more} Nothing was written.")
    if not result.table.rows:
        raise CuadernoError(f"Nothing of {path} would be left. `cuaderno data check {path}` says why, step by step.")
    originals = formats.bytes_of_texts(path) if path.is_dir() else {path.name: path.read_bytes()}
    written = Written(report)
    undo.write(out, undo.pack(originals, result, _fingerprint_of(result.table)))
    written.undo = undo.path_of(out)
    _write_queue(written, out, review_queue(table, result, review.read_decisions(reading.review, table), lang))
    _write(written, out, "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    _write(written, out, "report.html", page(report, lang))
    write_output(result.table, out, force)
    written.files.insert(0, out)
    return written


def _fingerprint_of(table: Table) -> str:
    """What `fingerprint` will say of the output once it is written."""
    if table.format.kind != "texts":
        return hashlib.sha256(formats.dump(table)).hexdigest()
    digest = hashlib.sha256()
    texts = {row.record["file"]: row.record["text"] for row in table.rows}
    for name, text in sorted(texts.items(), key=lambda pair: Path(pair[0])):
        digest.update(name.encode() + b"\0" + text.encode("utf-8", "replace"))
    return digest.hexdigest()


def _clean_pictures(path: Path, out: Path, reading: Reading, settings: Settings, lang: str, force: bool) -> Written:
    """A folder with the pictures that stay; those that go lie in the undo file."""
    result, report = examine_pictures(path, reading, settings)
    if not result.pictures:
        raise CuadernoError(f"Nothing of {path} would be left. `cuaderno data check {path}` says why, step by step.")
    kept = {picture.id for picture in result.pictures}
    gone = {picture.name: formats.bytes_of(path / picture.name) for picture in result.all if picture.id not in kept}
    written = Written(report)
    names = {picture.id: picture.name for picture in result.all}
    undo.write(out, undo.pack_pictures(gone, names, result.findings, settings))
    written.undo = undo.path_of(out)
    _write_queue(written, out, review_queue_of_pictures(result, lang))
    _write(written, out, "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    _write(written, out, "report.html", page(report, lang))
    write_folder(out, {picture.name: path / picture.name for picture in result.pictures}, force)
    written.files.insert(0, out)
    return written


def _write(written: Written, out: Path, ending: str, content: str) -> Path:
    path = out.with_name(f"{out.name}.{ending}")
    write_atomic(path, content.encode("utf-8", "replace"))
    written.files.append(path)
    return path


def _write_queue(written: Written, out: Path, queue: str) -> None:
    if queue:
        written.review = _write(written, out, "review.csv", queue)
    else:  # that of an earlier cleaning would speak of rows that are other ones now
        queue_of(out).unlink(missing_ok=True)


def review_queue_of_pictures(result: pictures.PictureResult, lang: str) -> str:
    """The pictures that are in two classes."""
    names = {picture.id: picture.name for picture in result.all}
    flagged = [finding for finding in result.findings if finding.action == FLAGGED]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["picture", "other", "why"])
    for finding in flagged:
        other = names[int(finding.values["of"])]
        writer.writerow(
            map(review.harmless, [names[finding.row], other, say(lang, finding.reason, "pictures", **finding.values)])
        )
    return out.getvalue() if flagged else ""


def review_queue(table: Table, result: Result, decisions: Sequence[review.Decision] = (), lang: str = "en") -> str:
    """The rows to look at, as CSV, the surest doubts first, then those that are decided; empty when there are none."""
    given, rows = {row.id: row for row in table.rows}, {row.id: row for row in result.table.rows}
    doubts: dict[int, list[Finding]] = {}
    for finding in result.findings:
        if finding.action == FLAGGED and finding.row in rows:
            doubts.setdefault(finding.row, []).append(finding)
    lines = []
    for id, found in doubts.items():
        row, values = rows[id], {key: value for finding in found for key, value in finding.values.items()}
        line = {"row": id, "line": row.line or "", "label": row.label or "", "decision": "", "right_label": ""}
        line |= {name: values.get(name, "") for name in ("suggested", "sure")}
        line |= {
            "why": "; ".join(say(lang, one.reason, **one.values) for one in found),
            "text": row.text,
            "id": review.mark_of(given[id]),
        }
        lines.append((-float(values.get("margin", 0)), line))
    lines.sort(key=lambda pair: pair[0])
    return review.dump_queue([line for _, line in lines], decisions)


def queue_of(out: Path) -> Path:
    """Where the review queue of an output lies."""
    return out.with_name(f"{out.name}.review.csv")


def spoil(path: Path, out: Path, reading: Reading, shares: dict[str, float], seed: int, force: bool) -> dict[str, int]:
    """Write a dirtier copy, and beside it what was done to which row."""
    if not path.exists():
        raise CuadernoError(f"There is no {path}. Look at its name, or at the folder you are in.")
    if path.is_dir():
        raise CuadernoError(f"{path} is a folder; only a file of rows can be spoiled.")
    must_be_free(path, out, force)
    table = formats.read_table(path, reading.text, reading.label, reading.encoding, reading.skip_broken)
    spoiled, truth = dirt.spoil(table, **shares, seed=seed)
    told = [fact for fact in truth if len(fact) > 2]
    lines = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in told)
    write_atomic(out.with_name(f"{out.name}.truth.jsonl"), lines)
    write_output(spoiled, out, force)
    return {
        "rows": len(spoiled),
        "labels": sum("label" in fact and "duplicate" not in fact for fact in truth),
        "duplicates": sum("duplicate" in fact for fact in truth),
        "mojibake": sum("mojibake" in fact for fact in truth),
    }


def restore(out: Path, steps: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    """Take back what a cleaning did; see undo.py."""
    if undo.read(out).about["kind"] == "pictures":
        return undo.undo_pictures(out, steps, rows)
    return undo.undo(out, steps, rows)
