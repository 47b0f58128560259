"""The review queue: what a person writes into it is obeyed, row by row, and nothing else changes."""

import csv
import json
from pathlib import Path

import pytest

from cuaderno.data import doctor, formats
from cuaderno.data.recipe import Settings
from cuaderno.lab.errors import CuadernoError

QUICK = Settings(skip=("language", "labels"))
LINES = [
    "the early bird catches the worm,a",
    "The early bird catches the worm!,b",
    "something else altogether in here,b",
    "Something else altogether in here,a",
    "write to ana@example.org about all of it,a",
    "Write to ana@example.org about all of it,b",
    "a row that nobody doubts,a",
]


@pytest.fixture
def source(tmp_path) -> Path:
    pytest.importorskip("ftfy")
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "\n".join(LINES) + "\n")
    return path


def clean(source: Path, *review: Path, force: bool = True, **reading) -> tuple[Path, dict]:
    out = source.with_name(f"clean{source.suffix}")
    given = doctor.Reading(review=tuple(map(str, review)), **reading)
    return out, doctor.clean(source, out, given, QUICK, "en", force).report


def queue_of(out: Path) -> list[dict[str, str]]:
    with doctor.queue_of(out).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, lines: list[dict[str, str]], **how) -> Path:
    with path.open("w", encoding=how.pop("encoding", "utf-8"), newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys(), **how)
        writer.writeheader()
        writer.writerows(lines)
    return path


def fill(source: Path, **decisions: tuple[str, str]) -> Path:
    """A queue with decisions, as `r2=("drop", "")`."""
    out, _ = clean(source)
    lines = queue_of(out)
    for line in lines:
        line["decision"], line["right_label"] = decisions.get(f"r{line['row']}", ("", ""))
    return write(source.with_name("filled.csv"), lines)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_each_doubted_row_is_one_line_that_waits_for_a_decision(source):
    out, _ = clean(source)
    assert [line["row"] for line in queue_of(out)] == ["2", "4", "6"]
    assert all(line["decision"] == "" == line["right_label"] and line["why"] for line in queue_of(out))
    doctor.clean(source, out, doctor.Reading(), QUICK, "es", force=True)
    assert "pero aquí" in queue_of(out)[0]["why"]
    assert "ana@" not in doctor.queue_of(out).read_text()


def test_keep_drop_and_the_right_label_are_obeyed_and_nothing_else(source):
    filled = fill(source, r2=("keep", ""), r4=("drop", ""), r6=("", "a"))
    out, report = clean(source, filled)
    after = [[row.rpartition(",")[0], row.rpartition(",")[2]] for row in LINES]
    after[4][0] = "write to [EMAIL] about all of it"
    assert rows(out) == [after[0], after[1], after[2], after[4], after[6]]  # the sixth is the fifth now, with one label
    assert report["steps"][0]["reasons"] == {"confirmed": 1, "reviewed_out": 1, "relabelled": 1}
    assert report["flagged"] == 0
    doctor.restore(out, ["review"], [])
    assert ["Something else altogether in here", "a"] in rows(out)
    doctor.restore(out, [], [])
    assert out.read_bytes() == source.read_bytes()


def test_an_untouched_queue_changes_nothing(source):
    out, _ = clean(source)
    before, queue = out.read_bytes(), doctor.queue_of(out).read_bytes()
    clean(source, doctor.queue_of(out))
    assert out.read_bytes() == before and doctor.queue_of(out).read_bytes() == queue


def test_decisions_stay_in_the_queue_and_are_never_written_over(source):
    filled = fill(source, r2=("keep", ""), r6=("", "a"))
    lines = [
        line | {"comment": "seen by me"} for line in csv.DictReader(filled.read_text(encoding="utf-8").splitlines())
    ]
    queue = write(doctor.queue_of(source.with_name("clean.csv")), lines)
    before = queue.read_bytes()
    with pytest.raises(CuadernoError, match=r"holds what you decided about 2 rows.*--review"):
        clean(source)
    assert queue.read_bytes() == before
    out, _ = clean(source, queue)
    told = {line["row"]: (line["decision"], line["right_label"], line["comment"]) for line in queue_of(out)}
    assert told == {"2": ("keep", "", "seen by me"), "4": ("", "", ""), "6": ("", "a", "seen by me")}
    clean(source, queue)
    assert {line["row"]: line["decision"] for line in queue_of(out)} == {"2": "keep", "4": "", "6": ""}


@pytest.mark.parametrize(
    "decision, right, said",
    [
        ("kepe", "", "'kepe' is no decision.*Did you mean 'keep'"),
        ("relabel", "", "relabel as what"),
        ("drop", "a", "wanted one of the two"),
        ("keep", "b", "found keep and the label 'b', but the row has 'a'"),
        ("", "aa", "'aa' is no class of rows.csv"),
    ],
)
def test_what_cannot_be_meant_is_refused(source, decision, right, said):
    filled = fill(source, r4=(decision, right))
    with pytest.raises(CuadernoError, match=rf"filled.csv, line 3: .*{said}"):
        clean(source, filled)


def test_a_queue_that_is_of_other_rows_is_refused(source):
    filled = fill(source, r2=("drop", ""))
    source.write_text(source.read_text().replace("The early", "The very early"))
    with pytest.raises(CuadernoError, match=r"row 2 of rows\.csv is not the one that was doubted"):
        clean(source, filled)
    source.write_text("text,label\nonly one row is here,a\n")
    with pytest.raises(CuadernoError, match=r"there is no row 2 in rows\.csv"):
        clean(source, filled)
    with pytest.raises(CuadernoError, match=r"cannot be read as a review queue.*review\.csv"):
        clean(source, source)


def test_two_queues_that_differ_are_refused_and_two_that_agree_are_not(source):
    one = fill(source, r2=("drop", ""))
    other = write(
        source.with_name("other.csv"),
        [line | {"decision": "keep"} for line in csv.DictReader(one.read_text().splitlines())][:1],
    )
    with pytest.raises(CuadernoError, match="decided otherwise"):
        clean(source, one, other)
    out, _ = clean(source, one, one)
    assert len(rows(out)) == 6


@pytest.mark.parametrize("how", [{"delimiter": ";", "encoding": "cp1252"}, {"encoding": "utf-16", "delimiter": "\t"}])
def test_a_spreadsheet_may_save_it_in_its_own_way(source, how):
    filled = fill(source, r2=("DROP", ""), r4=("quitar", ""))
    lines = list(csv.DictReader(filled.read_text(encoding="utf-8").splitlines()))[::-1]
    out, _ = clean(source, write(filled, [{**line, "text": ""} for line in lines], **how))
    assert len(rows(out)) == 5


def test_a_label_keeps_the_type_it_has(tmp_path):
    pytest.importorskip("ftfy")
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(
        json.dumps({"text": text, "label": label}) + "\n"
        for text, label in [("one and the same", 1), ("one and the same", 0), ("another one", 0), ("and a third", 1)]
    ))  # fmt: skip
    out, _ = clean(path)
    [line] = queue_of(out)
    clean(path, write(tmp_path / "filled.csv", [line | {"right_label": "1"}]))
    assert [json.loads(row)["label"] for row in out.read_text().splitlines()] == [1, 0, 1]
    assert len(formats.read_table(out)) == 3


def test_a_class_that_is_a_folder_is_moved_by_hand(tmp_path):
    pytest.importorskip("ftfy")
    for name in ("a/1.txt", "b/2.txt"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text("one and the same text")
    out, _ = clean(tmp_path / "set")
    [line] = queue_of(out)
    with pytest.raises(CuadernoError, match="its folder: move it"):
        clean(tmp_path / "set", write(tmp_path / "filled.csv", [line | {"right_label": "a"}]))
    clean(tmp_path / "set", write(tmp_path / "filled.csv", [line | {"decision": "drop"}]))
    assert [path.name for path in out.rglob("*.txt")] == ["1.txt"]
