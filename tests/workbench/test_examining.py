"""The page *Data*: what the doctor finds, a clean copy, and the way back."""

import csv
import random

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench.examining import files, showing
from cuaderno.workbench.examining.words import TEXT

GOOD = ("clean and quiet", "the food was very good", "we would come again tomorrow", "a kind and quick service")
BAD = ("the bed was hard and loud", "never again, all was dirty", "they took two hours to serve", "dear and cold")


@pytest.fixture
def table(tmp_path):
    """Sixty reviews, one of them private, one broken, one twice."""
    rng = random.Random(1)
    rows = []
    for number in range(60):
        words, label = (GOOD, "good") if number % 2 else (BAD, "bad")
        more = " ".join("".join(rng.choices("abcdefghilmnorstu", k=7)) for _ in range(8))
        rows.append([f"{rng.choice(words)}, room {number}, {more}", label])
    rows[3][0] = "maÃ±ana <b>again</b>, write to ana@example.com, said room 3"
    rows[9] = rows[8]
    path = tmp_path / "hotels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    return path


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])


def html(app):
    return " ".join(str(one.proto.body) for one in app.get("html"))


def test_findings_a_clean_copy_and_the_way_back(one_page, table):
    original = table.read_bytes()
    app = one_page("data", file=str(table))
    assert not app.exception and not app.error
    said = html(app)
    assert "60 rows" in app.markdown[0].value and "mañana" in said and "ana@example.com" not in said
    assert "<b>again" not in said and "the same as row 9" in said
    out = table.with_name("hotels.clean.csv")
    assert not out.exists()

    app.button(key="clean").click().run()
    assert not app.exception and not app.error and table.read_bytes() == original
    cleaned = out.read_text(encoding="utf-8")
    assert "mañana" in cleaned and "ana@example.com" not in cleaned and len(cleaned.splitlines()) == 60
    assert app.button(key="clean").disabled, "a second time would write over it unasked"

    app.multiselect(key=f"undo steps {out}").set_value(["exact"]).run()
    app.button(key="take back").click().run()
    assert len(out.read_text(encoding="utf-8").splitlines()) == 61 and "ana@example.com" not in out.read_text()
    app.text_input(key=f"undo rows {out}").set_value("four").run()
    app.button(key="take back").click().run()
    assert "Rows are numbers" in app.error[0].value
    app.text_input(key=f"undo rows {out}").set_value("").run()
    app.button(key="take back").click().run()
    assert out.read_bytes() == original


def test_steps_are_chosen_and_another_recipe_asks_again(one_page, table):
    app = one_page("data", lang="es", file=str(table))
    [steps] = app.get("button_group")[1:2]
    assert "duplicados exactos" in str(steps.proto)
    app.session_state["recipe"] = "private"
    app.run()
    assert not app.exception and "mojibake" not in html(app) and "0 por quitar" in app.markdown[0].value


def test_a_file_that_cannot_be_read_says_where_and_how_to_mend_it(one_page, tmp_path):
    path = tmp_path / "torn.jsonl"
    path.write_text('{"text": "one"}\n{"text": \n{"text": "three"}\n')
    app = one_page("data", file=str(path))
    assert not app.exception and "row 2" in html(app)
    app.button(key="clean").click().run()
    assert "Nothing was written" in app.error[0].value and not path.with_name("torn.clean.jsonl").exists()


def test_the_rows_that_cannot_be_read_are_told_in_spanish(one_page, tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text("text,label\none,a\ntwo,b,c\nthree,b\n")
    said = html(one_page("data", lang="es", file=str(path)))
    assert "en vez de 2 columnas" in said and "«Dejar fuera las filas" in said and "found" not in said


def test_no_file_and_a_wrong_path(one_page):
    assert "Choose a file" in one_page("data").info[0].value
    app = one_page("data", file="no/such.csv")
    assert not app.exception and "There is no" in app.error[0].value


def test_a_large_file_waits_for_the_button(one_page, table, monkeypatch):
    monkeypatch.setattr("cuaderno.workbench.examining.finding.AT_ONCE", 10)
    app = one_page("data", file=str(table))
    assert not app.markdown
    app.button(key="examine").click().run()
    assert not app.exception and "60 rows" in app.markdown[0].value


def test_to_others_no_path_is_opened(one_page, table, monkeypatch):
    monkeypatch.setattr(files, "is_loopback", lambda address: False)
    app = one_page("data", file=str(table))
    assert "drop the file instead" in app.error[0].value and "room" not in html(app)


@pytest.mark.parametrize("name", ["a.csv", "../../a.csv", "..\\a.csv", "/etc/a.csv"])
def test_what_is_dropped_is_kept_within_its_folder(folder, name):
    path = files.keep(folder, name, b"text\none\n")
    assert path.name == "a.csv" and files.kept_here(folder, path) and path.parent.stat().st_mode & 0o077 == 0
    assert files.keep(folder, name, b"text\none\n") == path


def test_only_our_own_copy_is_forgotten(folder, table):
    files.forget(folder, table)
    assert table.is_file()
    path = files.keep(folder, "a.csv", b"text\none\n")
    files.forget(folder, path)
    assert not path.parent.exists()


def test_a_path_begins_at_the_diary(folder, monkeypatch):
    (folder / "mine.csv").write_text("text\n")
    assert files.found(folder, "mine.csv") == (folder / "mine.csv").absolute()
    with pytest.raises(CuadernoError, match="Give the whole path"):
        files.found(folder, "yours.csv")


def test_nothing_of_a_file_becomes_html():
    example = {"row": 1, "action": "changed", "reason": "spaces", "values": {}, "before": "<i>", "after": "<b>"}
    report = {"kind": "table", "steps": [{"name": "characters", "examples": [example]}]}
    assert "&lt;b&gt;" in showing.examples(report, "en") and "<b>" not in showing.examples(report, "en")
    report = {"classes": {"before": {"<u>": 2}, "after": {"<u>": 1}}}
    assert "&lt;u&gt;" in showing.classes(report, "es") and "2 → 1" in showing.classes(report, "es")


def test_a_doubtful_row_is_decided_and_the_file_cleaned_once_more(one_page, table):
    pytest.importorskip("sklearn")
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[21] = lines[21].removesuffix("bad") + "good"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    app = one_page("data", file=str(table))
    app.button(key="clean").click().run()
    out, queue = (table.with_name(f"hotels.clean.csv{ending}") for ending in ("", ".review.csv"))

    def undecided() -> list[str]:
        told = csv.DictReader(queue.read_text(encoding="utf-8").splitlines())
        return [line["row"] for line in told if not line["decision"]]

    assert "21" in undecided() and app.button(key="clean again").disabled
    while waiting := undecided():
        app.button(key="review relabel" if waiting[0] == "21" else "review keep").click().run()
        assert len(undecided()) == len(waiting) - 1
    [before] = [line for line in out.read_text(encoding="utf-8").splitlines() if "room 20," in line]
    assert not app.exception and not app.error and before.endswith(",good"), "nothing changes by a decision alone"
    app.button(key="clean again").click().run()
    [after] = [line for line in out.read_text(encoding="utf-8").splitlines() if "room 20," in line]
    assert not app.exception and not app.error and after == before.removesuffix("good") + "bad"
    app.button(key="take decision back").click().run()
    assert len(undecided()) == 1


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_error_names_the_control_of_the_page(one_page, tmp_path, lang):
    path = tmp_path / "torn.csv"
    path.write_text("text,label\none,a\ntwo,b,c\nthree,a\n")
    app = one_page("data", lang=lang, file=str(path))
    said = html(app)
    app.button(key="clean").click().run()
    for words in (said, app.error[0].value):
        assert TEXT[lang]["skip_broken"] in words and "--" not in words
    path.write_text("n\n1\n2\n")
    app = one_page("data", lang=lang, file=str(path))
    assert TEXT[lang]["text_columns"] in app.error[0].value and "--" not in app.error[0].value


def test_a_folder_of_pictures_is_examined_cleaned_and_put_back(one_page, tmp_path):
    image = pytest.importorskip("PIL.Image")
    for label, colours in {"cat": ("red", "blue"), "dog": ("green", "black")}.items():
        (tmp_path / "photos" / label).mkdir(parents=True)
        for colour in colours:
            image.new("RGB", (40, 40), colour).save(tmp_path / "photos" / label / f"{colour}.png")
    (tmp_path / "photos" / "dog" / "twin.png").write_bytes((tmp_path / "photos" / "dog" / "green.png").read_bytes())
    (tmp_path / "photos" / "cat" / "torn.jpg").write_text("no picture")
    (tmp_path / "photos" / "notes.txt").write_text("a text among pictures")
    app = one_page("data", file=str(tmp_path / "photos"))
    app.button(key="examine").click().run()
    assert not app.exception and not app.error and "6 pictures" in app.markdown[0].value
    assert any("also holds texts" in one.value for one in app.caption)
    app.button(key="clean").click().run()
    assert not app.exception and not app.error
    out = tmp_path / "photos.clean"
    names = ["cat/blue.png", "cat/red.png", "dog/black.png", "dog/green.png"]
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")) == names
    app.button(key="take back").click().run()
    assert not app.error and (out / "dog" / "twin.png").is_file() and (out / "cat" / "torn.jpg").is_file()
