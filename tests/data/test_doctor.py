"""From a file to a clean one and back: nothing is lost, whatever happens on the way."""

import csv
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cuaderno.data import doctor, formats, undo
from cuaderno.data.recipe import Settings
from cuaderno.data.words import TEXT
from cuaderno.lab import files
from cuaderno.lab.errors import CuadernoError

QUICK = Settings(skip=("language", "labels"))
CONTENT = (
    "text,label,note\n"
    "the early bird  catches the worm,a,1\n"
    "The early bird catches the worm!,a,2\n"
    "the early bird catches the worms,a,3\n"
    "write to ana@example.org about it,b,4\n"
    "Write to ana@example.org about it,b,5\n"
    "x,b,6\n"
    "maÃ±ana serÃ¡ otro dÃ\xada,b,7\n"
)


@pytest.fixture
def source(tmp_path) -> Path:
    pytest.importorskip("ftfy")
    path = tmp_path / "rows.csv"
    path.write_bytes(CONTENT.encode())
    return path


def clean(source: Path, name: str = "clean.csv", settings: Settings = QUICK, force: bool = False, **reading):
    out = source.with_name(name)
    return out, doctor.clean(source, out, doctor.Reading(**reading), settings, "en", force)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_the_clean_file_has_what_stays_and_the_source_is_untouched(source):
    out, written = clean(source)
    assert rows(out) == [
        ["the early bird catches the worm", "a", "1"],
        ["write to [EMAIL] about it", "b", "4"],
        ["mañana será otro día", "b", "7"],
    ]
    assert source.read_bytes() == CONTENT.encode()
    report = json.loads((out.parent / "clean.csv.report.json").read_text(encoding="utf-8"))
    assert (report["rows"], report["kept"], report["changed"], report["dropped"]) == (7, 3, 3, 4)
    assert {one["row"] for one in report["dropped_rows"]} == {2, 3, 5, 6} and all(
        one["why"] for one in report["dropped_rows"]
    )
    assert written.undo and written.undo.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "clean.csv",
        "clean.csv.report.html",
        "clean.csv.report.json",
        "clean.csv.undo.zip",
        "rows.csv",
    ]


def test_undoing_everything_gives_the_original_byte_by_byte(source):
    out, _ = clean(source)
    source.unlink()
    assert doctor.restore(out, [], []) == {"rows": 7, "restored": 7}
    assert out.read_bytes() == CONTENT.encode()


def test_undoing_a_step_leaves_the_others_in_force(source):
    out, _ = clean(source)
    doctor.restore(out, ["exact"], [])
    assert [row[2] for row in rows(out)] == ["1", "2", "4", "5", "7"]
    assert rows(out)[3][0] == "Write to [EMAIL] about it"  # back, and still masked
    doctor.restore(out, ["mojibake"], [])
    assert rows(out)[4][0].startswith("maÃ±ana") and rows(out)[0][0] == "the early bird catches the worm"
    doctor.restore(out, ["characters"], [])
    assert rows(out)[0][0] == "the early bird  catches the worm"


def test_undoing_a_row_gives_that_row_as_it_was(source):
    out, _ = clean(source)
    doctor.restore(out, [], [4, 6])
    assert [row for row in rows(out) if row[2] in "46"] == [
        ["write to ana@example.org about it", "b", "4"],
        ["x", "b", "6"],
    ]
    assert len(rows(out)) == 4


def test_undoing_what_was_not_done_or_changed_since_is_refused(source):
    out, _ = clean(source)
    with pytest.raises(CuadernoError, match="'leaks' changed and dropped nothing"):
        doctor.restore(out, ["leaks"], [])
    with pytest.raises(CuadernoError, match="Row 99 was neither"):
        doctor.restore(out, [], [99])
    out.write_text("text,label,note\nby hand,a,1\n")
    with pytest.raises(CuadernoError, match="changed after it was cleaned"):
        doctor.restore(out, [], [])
    assert "by hand" in out.read_text()
    with pytest.raises(CuadernoError, match="cannot be undone"):
        doctor.restore(source, [], [])
    undo.path_of(out).write_bytes(b"PK broken")
    with pytest.raises(CuadernoError, match="is damaged"):
        doctor.restore(out, [], [])


def test_an_undo_file_that_leads_elsewhere_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.undo.zip", "w") as archive:
        archive.writestr("undo.json", json.dumps({"undone": [], "kind": "texts"}))
        archive.writestr("findings.jsonl", "")
        archive.writestr("original/../../evil.txt", "evil")
    with pytest.raises(CuadernoError, match="leads out of its folder"):
        doctor.restore(tmp_path / "x", [], [])


def test_nothing_is_written_over_unless_asked(source):
    out, _ = clean(source)
    before = out.read_bytes()
    with pytest.raises(CuadernoError, match="--force"):
        clean(source)
    clean(source, force=True)
    assert out.read_bytes() == before
    for name, said in (("rows.csv", "is the data itself"), ("none/clean.csv", "There is no folder")):
        with pytest.raises(CuadernoError, match=said):
            doctor.clean(source, source.parent / name, doctor.Reading(), QUICK, "en", force=True)


def test_rows_that_cannot_be_read_stop_the_cleaning_or_are_left_out_and_told(source):
    source.write_text("text,label\nfine words here,a\none,two,three\nother words there,b\n")
    with pytest.raises(CuadernoError, match=r"row 2 \(line 3\).*Nothing was written"):
        clean(source)
    assert len(list(source.parent.iterdir())) == 1
    out, written = clean(source, skip_broken=True)
    assert len(rows(out)) == 2 and written.report["dropped_rows"][-1]["step"] == "unreadable"
    doctor.restore(out, [], [])
    assert out.read_bytes() == source.read_bytes()


def test_nothing_left_is_refused(source):
    source.write_text("text,label\na,x\nb,y\n")
    with pytest.raises(CuadernoError, match=r"Nothing of .* would be left"):
        clean(source)
    assert len(list(source.parent.iterdir())) == 1


OTHERS = (
    "id,text,label,author,phone,stars\n"
    "1,a lovely day in the park,good,ana@example.org,612345678,5\n"
    "2,the food was cold,bad,,699887766,1\n"
    "3,what a nice surprise,good,Luis,634567812,4\n"
)


def test_private_things_are_found_in_every_column_with_words(source):
    source.write_text(OTHERS)
    out, written = clean(source)
    assert [row[3:] for row in rows(out)] == [
        ["[EMAIL]", "[PHONE]", "5"],
        ["", "[PHONE]", "1"],
        ["Luis", "[PHONE]", "4"],
    ]
    columns = written.report["columns"]
    assert columns == {
        "text": ["text"],
        "label": ["label"],
        "private": ["author", "phone"],
        "unexamined": ["id", "stars"],
    }
    for name in ("report.json", "report.html"):
        said = out.with_name(f"{out.name}.{name}").read_text(encoding="utf-8")
        assert "ana@example.org" not in said and "612345678" not in said and "stars" in said
    doctor.restore(out, [], [2])
    assert rows(out)[0][3] == "[EMAIL]" and rows(out)[1][4] == "699887766"
    doctor.restore(out, ["private"], [])
    assert rows(out)[0][3:5] == ["ana@example.org", "612345678"]


def test_private_things_within_lists_and_objects_are_masked(tmp_path):
    path = tmp_path / "chat.jsonl"
    said = [
        {"role": "user", "content": "hello there", "name": "ana@example.org"},
        {"role": "assistant", "content": "hi"},
    ]
    path.write_text(json.dumps({"messages": said, "meta": {"from": ["612 34 56 78", 5]}, "n": 612345678}) + "\n")
    out, written = clean(path, "clean.jsonl")
    record = json.loads(out.read_text())
    assert record["messages"][0]["name"] == "[EMAIL]" and record["meta"] == {"from": ["[PHONE]", 5]}
    assert record["n"] == 612345678 and written.report["columns"]["unexamined"] == ["n"]
    doctor.restore(out, ["private"], [])
    assert json.loads(out.read_text())["messages"] == said


def test_a_row_is_dropped_for_what_another_column_holds(source):
    source.write_text("text,label,author\na lovely day,good,ana@example.org\ncold food,bad,Luis\n")
    out, _ = clean(source, settings=Settings(skip=("language", "labels"), private="drop"))
    assert rows(out) == [["cold food", "bad", "Luis"]]


def test_a_private_label_is_said_and_never_masked(source):
    source.write_text("text,label\n" + "".join(f"a row of the number {n} or so,ana@example.org\n" for n in range(3)))
    out, written = clean(source)
    assert rows(out)[0][1] == "ana@example.org"
    from cuaderno.data.report import notices

    assert "private things in 3 rows" in " ".join(notices(written.report, "en"))


def test_a_folder_says_what_it_leaves_alone(tmp_path):
    from cuaderno.data.report import notices

    (tmp_path / "set").mkdir()
    for name in ("1.txt", "2.txt", "a.png", "labels.csv"):
        (tmp_path / "set" / name).write_text(f"words of {name}, which is a file among others")
    report = doctor.check(tmp_path / "set", doctor.Reading(), QUICK)
    said = " ".join(notices(report, "en"))
    assert "pictures (1: a.png), other files (1: labels.csv)" in said and "not copied" in said
    (tmp_path / "set" / "2.txt").rename(tmp_path / "set" / "b.png")
    report = doctor.check(tmp_path / "set", doctor.Reading(), QUICK)
    assert report["kind"] == "pictures" and report["left_alone"]["texts"] == {"count": 1, "first": ["1.txt"]}
    assert "textos (1: 1.txt)" in " ".join(notices(report, "es"))


def test_private_things_reach_neither_report_nor_page(source):
    settings = Settings(skip=("language", "labels"), private="drop")
    out, _ = clean(source, settings=settings)
    for name in ("report.json", "report.html"):
        assert "ana@example.org" not in out.with_name(f"{out.name}.{name}").read_text(encoding="utf-8")


def test_a_hostile_text_stays_text_in_the_page_and_no_formula_in_the_queue(tmp_path):
    path = tmp_path / "rows.csv"
    texts = ['"<script>alert(1)</script> & <b>  bold"', "=cmd|' /C calc'!A0 with more words"] * 2
    path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in zip(texts, "aabb", strict=True)))
    out, written = clean(path)
    page = out.with_name("clean.csv.report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert written.review and "'=cmd" in written.review.read_text()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_stands_alone_in_both_languages(source, lang):
    from cuaderno.data.report import page

    report = doctor.check(source, doctor.Reading(), QUICK)
    text = page(report, lang)
    assert f'<html lang="{lang}">' in text and TEXT[lang]["step_near"] in text
    assert "http" not in text.replace("https://example", "")


def test_every_word_exists_in_both_languages():
    import re

    assert TEXT["en"].keys() == TEXT["es"].keys()
    for key, english in TEXT["en"].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", TEXT["es"][key])), key


def test_a_folder_of_texts_is_cleaned_and_undone(tmp_path):
    for name, text in {"a/1.txt": "one  text here", "a/2.txt": "One text here.", "b/3.txt": "another text"}.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(text)
    out = tmp_path / "out"
    doctor.clean(tmp_path / "set", out, doctor.Reading(), QUICK, "en")
    assert {p.relative_to(out).as_posix(): p.read_text() for p in out.rglob("*.txt")} == {
        "a/1.txt": "one text here",
        "b/3.txt": "another text",
    }
    doctor.restore(out, ["exact"], [])
    assert (out / "a" / "2.txt").read_text() == "One text here."
    doctor.restore(out, [], [])
    assert (out / "a" / "1.txt").read_text() == "one  text here"


def test_folders_whose_names_sort_otherwise_as_paths_can_be_undone(tmp_path):
    for name in ("a/1.txt", "a-b/1.txt", "a/2.txt"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(f"a text of {name} that says nothing else but {name * 5}  here")
    doctor.clean(tmp_path / "set", tmp_path / "out", doctor.Reading(), QUICK, "en")
    assert doctor.restore(tmp_path / "out", ["characters"], [])["rows"] == 3


def test_half_a_letter_in_json_is_written_as_json_writes_it(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "half \\ud83d a letter", "label": "a"}\n{"text": "whole  words", "label": "a"}\n')
    out, _ = clean(path, "clean.jsonl", Settings(skip=("language", "labels", "mojibake")))
    assert out.read_text(encoding="utf-8").splitlines()[0] == path.read_text().splitlines()[0]


@pytest.mark.parametrize("name, content", [
    ("chat.jsonl", '{"messages": [{"role": "user", "content": "hi  there"}], "n": 1}\n'),
    ("a.jsonl", '{"instruction": "Say  it.", "input": "", "output": "well said"}\n'),
    ("rows.json", '[{"text": "hello  there", "label": "a"}]'),
    ("lines.txt", "hello  there\nand another line\n"),
    ("rows.csv", "text;label\nhello  there;a\nsomething else;b\n"),
])  # fmt: skip
def test_each_format_is_written_as_it_was_read(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    out, _ = clean(path, f"clean-{name}")
    table, before = formats.read_table(out), formats.read_table(path)
    assert table.format == before.format and table.texts[0] == before.texts[0].replace("  ", " ")
    assert [row.record.keys() for row in table] == [row.record.keys() for row in before]
    doctor.restore(out, [], [])
    assert out.read_text() == content


def test_parquet_is_cleaned_and_undone(tmp_path):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    written = pyarrow.table({"text": ["uno  dos tres", "uno dos tres", "otra cosa"], "n": [1, 2, None]})
    parquet.write_table(written, tmp_path / "rows.parquet")
    settings = Settings(skip=("language",), shares={"train": 0.5, "test": 0.5})
    out, _ = clean(tmp_path / "rows.parquet", "clean.parquet", settings)
    assert parquet.read_table(out).to_pydict()["n"] == [1, None]
    doctor.restore(out, ["exact"], [])
    again = parquet.read_table(out).to_pydict()
    assert again["n"] == [1, 2, None] and again["split"][0] == again["split"][1]
    doctor.restore(out, [], [])
    assert parquet.read_table(out).equals(written)


@pytest.mark.parametrize("after", range(1, 5))
def test_a_full_disk_at_any_file_leaves_no_half_output(source, monkeypatch, after):
    written = []
    real = files.write_atomic

    def full(path, content):
        written.append(path)
        if len(written) > after:
            raise CuadernoError("The disk is full")
        real(path, content)

    for module in (doctor, undo, sys.modules["cuaderno.data.output"]):
        monkeypatch.setattr(module, "write_atomic", full)
    out = source.with_name("clean.csv")
    try:
        clean(source)
    except CuadernoError:
        assert not out.exists()
    assert source.read_bytes() == CONTENT.encode()
    monkeypatch.undo()
    clean(source, force=out.exists())
    assert len(rows(out)) == 3


def test_killed_while_it_writes_it_leaves_the_source_and_no_half_output(source):
    code = f"""
import os, signal
from pathlib import Path
from cuaderno.data import doctor, output
from cuaderno.data.recipe import Settings
output.write_atomic = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
source = Path({str(source)!r})
doctor.clean(source, source.with_name("clean.csv"), doctor.Reading(), Settings(skip=("language", "labels")), "en")
"""
    ended = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert ended.returncode == -signal.SIGKILL
    assert source.read_bytes() == CONTENT.encode() and not source.with_name("clean.csv").exists()
    out, _ = clean(source)
    assert len(rows(out)) == 3


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=25)


@given(st.lists(st.tuples(TEXTS, st.sampled_from("ab")), min_size=1, max_size=8))
@examples(max_examples=25, deadline=None)
def test_whatever_was_cleaned_can_be_undone_step_by_step(tmp_path_factory, rows_given):
    pytest.importorskip("ftfy")
    path = tmp_path_factory.mktemp("any") / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows_given))
    try:
        out, written = clean(path, "clean.jsonl")
    except CuadernoError as error:
        assert "would be left" in str(error)
        return
    mends = {"mojibake", "characters", "private"}
    steps = [step for step in written.report["steps"] if step["dropped"] or step["name"] in mends]
    for step in steps:
        doctor.restore(out, [step["name"]], [])
    found = [(row["text"], row["label"]) for row in map(json.loads, out.read_text(encoding="utf-8").split("\n")[:-1])]
    assert found == rows_given
