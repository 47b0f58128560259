"""Take back what was cleaned: beside each cleaned file lies a zip with the whole original and every finding."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cuaderno.data import formats
from cuaderno.data.output import write_folder, write_output
from cuaderno.data.recipe import CHANGED, DROPPED, Finding, Result, Settings, add_splits, changer, steps_of
from cuaderno.data.review import relabelled
from cuaderno.data.table import Row, Table, with_others_masked, with_texts
from cuaderno.lab.data import fingerprint
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import disk_errors, write_atomic

SCHEMA_VERSION = 1
EVERYTHING: tuple[None, None] = (None, None)
Undone = list[tuple[str | None, int | None]]  # pairs of a step and a row; None stands for any


def path_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.undo.zip")


@dataclass
class Undo:
    """The original, what was found in it, and what of that was taken back already."""

    about: dict[str, Any]
    originals: dict[str, bytes]
    findings: list[Finding]
    undone: Undone

    @property
    def settings(self) -> Settings:
        given = dict(self.about["settings"])
        return Settings(**given | {"skip": tuple(given["skip"])})

    def is_undone(self, step: str, row: int) -> bool:
        return any(s in (None, step) and r in (None, row) for s, r in self.undone)


def pack(originals: Mapping[str, bytes], result: Result, output_sha256: str) -> bytes:
    """The zip for a table that was cleaned."""
    form = result.table.format
    about = {
        "schema_version": SCHEMA_VERSION,
        "kind": form.kind,
        "name": result.table.name,
        "text": form.text_columns if form.shape == "plain" and form.kind not in ("lines", "texts") else [],
        "label": form.label_column if form.kind != "texts" else None,
        "encoding": None if form.kind in ("parquet", "texts") else form.encoding,
        "settings": asdict(result.settings),
        "splits": result.splits,
        "other_columns": result.other_columns if result.settings.private == "mask" else [],
        "sha256": output_sha256,
        "undone": [],
    }
    return _zip(Undo(about, dict(originals), result.findings, []))


def _zip(undo: Undo) -> bytes:
    out = io.BytesIO()
    lines = (json.dumps(asdict(finding), ensure_ascii=False) + "\n" for finding in undo.findings)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("undo.json", json.dumps(undo.about | {"undone": undo.undone}, ensure_ascii=False, indent=1))
        archive.writestr("findings.jsonl", "".join(lines).encode("utf-8", "surrogatepass"))
        for name, data in undo.originals.items():
            archive.writestr(f"original/{name}", data)
    return out.getvalue()


def write(out: Path, content: bytes) -> None:
    """Only its owner may read it: it holds what was masked."""
    path = path_of(out)
    write_atomic(path, content)
    with suppress(OSError):
        path.chmod(0o600)


def read(out: Path) -> Undo:
    """What lies beside a cleaned file.

    Raises:  CuadernoError when there is nothing, or it is damaged.
    """
    path = path_of(out)
    if not path.is_file():
        raise CuadernoError(f"There is no {path}, so {out} cannot be undone. It lies beside what `data clean` wrote.")
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("undo.json"))
            lines = archive.read("findings.jsonl").decode("utf-8", "surrogatepass").split("\n")
            names = [name for name in archive.namelist() if name.startswith("original/")]
            listed = [*names, *about.get("names", {}).values()]
            if any(".." in name.split("/") or name.startswith(("/", "original//")) for name in listed):
                raise ValueError("a name leads out of its folder")
            originals = {name.removeprefix("original/"): archive.read(name) for name in names}
            findings = [Finding(**json.loads(line)) for line in lines if line]
            undone = [tuple(pair) for pair in about["undone"]]
    except (zipfile.BadZipFile, OSError, KeyError, ValueError, TypeError) as error:
        raise CuadernoError(
            f"{path} is damaged ({error}). The file that was cleaned itself was never touched."
        ) from error
    return Undo(about, originals, findings, undone)


def undo(out: Path, steps: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    """Take back everything, or what some steps did, or what was done to some rows; say how many rows there are then.

    The other steps stay in force: a row that comes back is still masked, unless masking is taken back too.

    Raises:  CuadernoError when the file was changed since, or there is no such step or row.
    """
    kept = read(out)
    if not out.exists() or fingerprint(out) != kept.about["sha256"]:
        raise CuadernoError(
            f"{out} was changed after it was cleaned, and undoing would lose that. Move it elsewhere, clean the "
            f"original once more, then undo; the original is in {path_of(out)}."
        )
    _must_exist(kept, steps, rows)
    kept.undone += [pair for pair in _pairs(steps, rows) if pair not in kept.undone]
    if EVERYTHING in kept.undone:
        count = _restore(out, kept)
    else:
        table = replay(kept)
        count = len(table)
        write_output(table, out, force=True)
    kept.about["sha256"] = fingerprint(out)
    write(out, _zip(kept))
    touched = {f.row for f in kept.findings if f.action in (CHANGED, DROPPED) and kept.is_undone(f.step, f.row)}
    return {"rows": count, "restored": len(touched)}


def _pairs(steps: Sequence[str], rows: Sequence[int]) -> Undone:
    any_step: list[str | None] = [*steps] or [None]
    any_row: list[int | None] = [*rows] or [None]
    return [(step, row) for step in any_step for row in any_row]


def _must_exist(kept: Undo, steps: Sequence[str], rows: Sequence[int]) -> None:
    acted = [finding for finding in kept.findings if finding.action in (CHANGED, DROPPED)]
    known = {finding.step for finding in acted}
    if kept.about["kind"] != "pictures":  # a step may have had nothing to do because one before it was there
        known |= {name for name in steps_of(kept.settings) if changer(name, kept.settings)}
    for step in steps:
        if step not in known:
            raise CuadernoError(f"The step '{step}' changed and dropped nothing here.{nearest(step, known)}")
    touched = {finding.row for finding in acted}
    for row in rows:
        if row not in touched:
            raise CuadernoError(
                f"Row {row} was neither changed nor dropped. `cuaderno data undo FILE --list` shows those."
            )


def _restore(out: Path, kept: Undo) -> int:
    """The original, byte by byte."""
    if kept.about["kind"] == "texts":
        write_folder(out, kept.originals, force=True)
        return len(kept.originals)
    data = next(iter(kept.originals.values()))
    write_atomic(out, data)
    return len(_read_again(kept))


def _read_again(kept: Undo) -> Table:
    about = kept.about
    if about["kind"] == "texts":
        return formats.parse_files(kept.originals, about["name"])
    name, data = next(iter(kept.originals.items()))
    return formats.parse(data, name, about["text"], about["label"], about["encoding"])


def replay(kept: Undo) -> Table:
    """The cleaned table anew, without what is undone."""
    table = _read_again(kept)
    acted: dict[int, list[Finding]] = {}
    for finding in kept.findings:
        if finding.action in (CHANGED, DROPPED):
            acted.setdefault(finding.row, []).append(finding)
    names = [name for name in steps_of(kept.settings) if changer(name, kept.settings)]
    decided = [f for f in kept.findings if f.reason == "relabelled" and not kept.is_undone(f.step, f.row)]
    right = relabelled(table, {f.row: f.values["right"] for f in decided})
    rows = []
    for row in table.rows:
        found = acted.get(row.id, [])
        if any(f.action == DROPPED and not kept.is_undone(f.step, row.id) for f in found):
            continue
        if any(kept.is_undone(f.step, row.id) for f in found):
            changes = [changer(name, kept.settings) for name in names if not kept.is_undone(name, row.id)]
            texts = _changed(row, [change for change in changes if change])
        else:
            texts = next((f.after for f in reversed(found) if f.after is not None), row.texts)
        record = with_texts(right.get(row.id, row.record), texts, table.format)
        if not kept.is_undone("private", row.id):
            record, _ = with_others_masked(record, kept.about.get("other_columns", []))
        rows.append(Row(row.id, row.line, texts, row.label, record))
    table.rows = rows
    if kept.about["splits"]:
        add_splits(table, _splits(kept, rows))
    return table


def _changed(row: Row, changes: Sequence[Callable[[str], tuple[str, list[str]]]]) -> list[str]:
    texts = row.texts
    for change in changes:
        texts = [change(text)[0] for text in texts]
    return texts


def _splits(kept: Undo, rows: Sequence[Row]) -> dict[int, str]:
    """The split of each row; one that came back joins the row it is like, else the largest split."""
    names = {int(id): name for id, name in kept.about["splits"].items()}
    like = {f.row: int(f.values["of"]) for f in kept.findings if f.action == DROPPED and "of" in f.values}
    shares = kept.settings.shares or {"train": 1.0}
    largest = max(shares, key=lambda name: shares[name])
    return {row.id: names.get(row.id) or names.get(like.get(row.id, 0)) or largest for row in rows}


# -- pictures ---------------------------------------------------------------------------------------------------------


def pack_pictures(
    gone: Mapping[str, bytes], names: Mapping[int, str], findings: Sequence[Finding], settings: Settings
) -> bytes:
    """The zip for a folder of pictures: those that went. The others lie in the output as they were."""
    about = {
        "schema_version": SCHEMA_VERSION,
        "kind": "pictures",
        "settings": asdict(settings),
        "names": {str(id): name for id, name in names.items()},
        "sha256": "",
    }
    return _zip(Undo(about, dict(gone), list(findings), []))


def undo_pictures(out: Path, steps: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    """Put back the pictures that some steps, or some numbers, took away; what is there is never written over.

    Raises:  CuadernoError when there is no such step or picture.
    """
    kept = read(out)
    _must_exist(kept, steps, rows)
    kept.undone += [pair for pair in _pairs(steps, rows) if pair not in kept.undone]
    back = 0
    for finding in kept.findings:
        name = kept.about["names"][str(finding.row)]
        target = out / name
        if finding.action == DROPPED and kept.is_undone(finding.step, finding.row) and not target.exists():
            with disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, kept.originals[name])
            back += 1
    write(out, _zip(kept))
    return {"rows": sum(path.is_file() for path in out.rglob("*")), "restored": back}
