"""The round trip through an editor, driven by small scripts that stand in for one."""

import datetime
import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from cuaderno.cli import main
from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import desk
from cuaderno.diary.translating.drafts import read_form
from cuaderno.diary.translating.editing import find_editor, word_diff
from cuaderno.diary.translating.glossary import found_in, read_terms
from cuaderno.diary.translating.translation import find
from cuaderno.diary.translating.words import TEXT
from cuaderno.lab.errors import CuadernoError
from cuaderno.scaffold import new_diary

TODAY = datetime.date(2026, 11, 21)
HEAD = "---\ntitle: Mazes\ndescription: A plan.\ndate: 2026-11-01\n---\n"
SPANISH_HEAD = HEAD.replace("title: Mazes", "title: En español")
TERMS = """# Terms

| English | Spanish | Note |
|---|---|---|
| maze | laberinto | |
| learning rate | tasa de aprendizaje | |
| run | ejecución | never *corrida* |
"""
FILL = """
import re, sys
path = sys.argv[-1]
text = open(path, encoding="utf-8").read()
open(path + ".seen", "w", encoding="utf-8").write(text)
words = {words!r}
for key, said in words.items():
    place = rf"(?m)^(%%% write {{key}} .*)\\n(?:(?!%%%).*\\n)*"
    text = re.sub(place, lambda found: found[1] + "\\n" + said + "\\n\\n", text)
open(path, "w", encoding="utf-8").write(text)
"""


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "diary"
    (home / "posts" / "a").mkdir(parents=True)
    (home / "docs").mkdir()
    (home / "docs" / "terms.md").write_text(TERMS, encoding="utf-8")
    (home / "cuaderno.toml").write_text('title = "Notes"\n')
    put(home, "en", "The maze has 1,000 squares.\n\nEach run is new.\n\nThe end.\n")
    put(home, "es", "El laberinto tiene 1.000 casillas.\n\nFin.\n")
    return home


def put(home, lang, body):
    (home / "posts" / "a" / f"{lang}.md").write_text((SPANISH_HEAD if lang == "es" else HEAD) + body, encoding="utf-8")


def read(home, lang="es"):
    return (
        (home / "posts" / "a" / f"{lang}.md")
        .read_text(encoding="utf-8")
        .removeprefix(SPANISH_HEAD if lang == "es" else HEAD)
    )


def editor(tmp_path, code):
    script = tmp_path / "editor.py"
    script.write_text(code, encoding="utf-8")
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"


def filling(tmp_path, **words):
    return editor(tmp_path, FILL.format(words={key.strip("_"): said for key, said in words.items()}))


def drafts(home):
    found = (home / ".cache" / "translate").glob("*.md")
    return sorted(path.name for path in found)


def seen(home, lang="es"):
    return (home / ".cache" / "translate" / f"a.{lang}.md.seen").read_text(encoding="utf-8")


def test_what_is_missing_is_written_into_its_place(folder, tmp_path):
    lines = desk.edit(folder, "a", TODAY, editor=filling(tmp_path, _2="Cada ejecución es nueva."))
    assert lines == ["Written: paragraph 2."]
    assert read(folder) == "El laberinto tiene 1.000 casillas.\n\nCada ejecución es nueva.\n\nFin.\n"
    assert drafts(folder) == []
    form = seen(folder)
    assert "Each run is new." in form and "glossary: run = ejecución (never *corrida*)" in form
    assert "The end." not in form
    assert [one.is_remembered for one in find(Diary.open(folder), "a").paragraphs] == [True] * 3


def test_a_stale_paragraph_shows_what_changed(folder, tmp_path):
    desk.remember(folder, "a", TODAY)
    put(folder, "en", "The maze has 2,000 red squares.\n\nThe end.\n")
    desk.edit(folder, "a", TODAY, editor=filling(tmp_path, _1="El laberinto tiene 2.000 casillas rojas."))
    assert "The maze has [-1,000-] {+2,000 red+} squares." in seen(folder)
    assert "mind: the number 2.000 is missing" in seen(folder)
    assert "El laberinto tiene 1.000 casillas." in seen(folder)
    assert find(Diary.open(folder), "a").behind == []


def test_a_translation_begins_with_its_title(folder, tmp_path):
    (folder / "posts" / "a" / "es.md").unlink()
    words = {"title": "Laberintos: uno", "_3": "Fin."}
    lines = desk.edit(folder, "a", TODAY, editor=filling(tmp_path, **words))
    assert lines == [
        "Written: the title and paragraph 3.",
        f"The translation has begun: {folder / 'posts' / 'a' / 'es.md'}",
    ]
    text = (folder / "posts" / "a" / "es.md").read_text(encoding="utf-8")
    assert text == '---\ntitle: "Laberintos: uno"\nborn: en\n---\n\nFin.\n'
    translation = find(Diary.open(folder), "a")
    assert [one.state for one in translation.paragraphs] == ["missing", "missing", "done"]
    assert translation.target.date == translation.source.date


def test_next_offers_one(folder, tmp_path):
    put(folder, "es", "Fin.\n")
    desk.edit(folder, "a", TODAY, first_only=True, editor=filling(tmp_path, _1="Uno de 1.000.", _2="No."))
    assert read(folder) == "Uno de 1.000.\n\nFin.\n"


def test_an_editor_that_fails_loses_nothing(folder, tmp_path):
    before = read(folder)
    failing = filling(tmp_path, _2="A medias.").replace("editor.py", "failing.py")
    (tmp_path / "failing.py").write_text((tmp_path / "editor.py").read_text() + "\nsys.exit(3)\n")
    with pytest.raises(CuadernoError, match=r"ended with an error \(3\)\. What you wrote is kept in .*a\.es\.md"):
        desk.edit(folder, "a", TODAY, editor=failing)
    assert read(folder) == before and drafts(folder) == ["a.es.md"]
    lines = desk.edit(folder, "a", TODAY, editor=editor(tmp_path, "pass"))
    assert lines == ["Written: paragraph 2.", "An unfinished edit was found and opened again."]
    assert "A medias." in read(folder) and drafts(folder) == []


def test_an_editor_that_empties_the_file_changes_nothing(folder, tmp_path):
    before = read(folder)
    empty = editor(tmp_path, "import sys; open(sys.argv[-1], 'w').close()")
    assert desk.edit(folder, "a", TODAY, editor=empty) == ["The file came back empty: nothing changed."]
    assert read(folder) == before and drafts(folder) == []


def test_emptying_an_unfinished_edit_leaves_it(folder, tmp_path):
    failing = editor(tmp_path, FILL.format(words={"2": "A medias."}) + "\nsys.exit(1)\n")
    with pytest.raises(CuadernoError):
        desk.edit(folder, "a", TODAY, editor=failing)
    lines = desk.edit(folder, "a", TODAY, editor=editor(tmp_path, "import sys; open(sys.argv[-1], 'w').close()"))
    assert any("What was in it before is in" in line for line in lines)
    assert "A medias." in (folder / ".cache" / "translate" / "a.es.md").read_text()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("text = text.replace('%%% write 2', '%%% write dos!')", "this line was changed"),
        ("text = 'Cada ejecución es nueva.'", "no line that begins with"),
        ("text = text.replace('%%% end', '')", "its end is missing"),
    ],
)
def test_a_damaged_form_is_set_aside(folder, tmp_path, code, said):
    before = read(folder)
    damage = editor(
        tmp_path,
        "import sys\npath = sys.argv[-1]\ntext = open(path, encoding='utf-8').read()\n"
        f"{code}\nopen(path, 'w', encoding='utf-8').write(text)\n",
    )
    with pytest.raises(CuadernoError, match=said) as caught:
        desk.edit(folder, "a", TODAY, editor=damage)
    assert "kept in" in str(caught.value) and drafts(folder) == ["a.es.kept-1.md"]
    assert read(folder) == before


def test_a_text_that_does_not_fit_stays_in_the_draft(folder, tmp_path):
    with pytest.raises(CuadernoError, match="one block in the source and 2") as caught:
        desk.edit(folder, "a", TODAY, editor=filling(tmp_path, _2="Uno.\n\nDos."))
    assert "a.es.md" in str(caught.value) and "Dos." in (folder / ".cache" / "translate" / "a.es.md").read_text()


def test_a_source_that_changes_meanwhile(folder, tmp_path):
    source = folder / "posts" / "a" / "en.md"
    code = FILL.format(words={"2": "Cada ejecución es nueva."}) + (
        f"\npath = {str(source)!r}\ntext = open(path).read().replace('Each run is new.', 'Every loss is old.')\n"
        "open(path, 'w').write(text)\n"
    )
    before = read(folder)
    lines = desk.edit(folder, "a", TODAY, editor=editor(tmp_path, code))
    assert any("changed on disk while you were writing" in line for line in lines)
    assert read(folder) == before and drafts(folder) == ["a.es.kept-1.md"]


def test_a_kill_in_between_loses_nothing(folder, tmp_path):
    """The editor has saved, and both are killed before it ends."""
    code = FILL.format(words={"2": "A medias."}) + "\nimport time; open(path + '.saved', 'w').close(); time.sleep(60)\n"
    command = [sys.executable, "-m", "cuaderno", "translate", "a", "--edit", "--diary", str(folder)]
    process = subprocess.Popen(
        command, env={**os.environ, "VISUAL": editor(tmp_path, code)}, start_new_session=True, stderr=subprocess.DEVNULL
    )
    saved = folder / ".cache" / "translate" / "a.es.md.saved"
    for _ in range(300):
        if saved.exists():
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert "A medias." not in read(folder)
    desk.edit(folder, "a", TODAY, editor=editor(tmp_path, "pass"))
    assert "A medias." in read(folder)


def test_no_editor_and_one_that_does_not_exist(folder, monkeypatch):
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CuadernoError, match="neither VISUAL nor EDITOR is set"):
        find_editor()
    with pytest.raises(CuadernoError, match="could not be started: No such file"):
        desk.edit(folder, "a", TODAY, editor="no-such-editor-here")


def test_review_notes_a_look_and_a_change_comes_back_soon(folder, tmp_path):
    put(folder, "es", "El laberinto tiene 1.000 casillas.\n\nCada ejecución es nueva.\n\nFin.\n")
    desk.remember(folder, "a", TODAY)
    assert desk.review(folder, None, TODAY) == ["Nothing is due for another look today."]
    later = TODAY + datetime.timedelta(1)
    lines = desk.review(folder, None, later, editor=filling(tmp_path, _3="Se acabó."))
    assert lines == ["a: 3 looked at, 1 changed."]
    looks = {one.number: (one.memory.looks, one.memory.looked) for one in find(Diary.open(folder), "a").paragraphs}
    assert looks == {1: (1, later), 2: (1, later), 3: (0, later)}
    assert "These come back for another look." in seen(folder)
    assert "Se acabó." in read(folder)


def test_the_glossary(folder):
    terms = read_terms(folder)
    assert len(terms) == 3
    assert [row[0] for row in found_in(terms, "The learning rates of two MAZES, rerun", "en")] == [
        "learning rate",
        "maze",
    ]
    assert [row[0] for row in found_in(terms, "La tasa de aprendizaje", "es")] == ["learning rate"]


def test_the_form_survives_windows():
    form = "%%% write 2 ab12 in es\r\nHola.\r\n\r\n%%% end\r\n"
    assert read_form("\ufeff" + form) == {"ab12": ("2", "Hola.")}
    assert word_diff("a b c", "a x c d") == "a [-b-] {+x+} c {+d+}"


# -- the command -------------------------------------------------------------------------------------------------------


def run(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(["translate", *map(str, words)])
    shown = capsys.readouterr()
    return end.value.code, shown.out, shown.err


def test_the_table_and_what_to_do_next(folder, capsys):
    code, out, _ = run(capsys, "a", "--diary", folder)
    assert code == 0
    assert "a: en → es" in out and "missing" in out and "Each run is new." in out
    assert "1 missing. Translate them: cuaderno translate a --edit" in out
    code, out, _ = run(capsys, "--diary", folder)
    assert code == 0 and "en → es" in out


def test_json(folder, capsys):
    _, out, _ = run(capsys, "a", "--json", "--diary", folder, "--remember", "--on", "2026-11-21")
    value = json.loads(out)
    assert (value["post"], value["from"], value["to"], value["behind"]) == ("a", "en", "es", 1)
    assert [one["state"] for one in value["paragraphs"]] == ["done", "missing", "done"]
    assert value["paragraphs"][0]["due"] == "2026-11-22"
    _, out, _ = run(capsys, "--review", "--json", "--diary", folder, "--on", "2026-11-22")
    assert [one["number"] for one in json.loads(out)[0]["paragraphs"]] == [1, 3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["b"], "There is no post 'b'"),
        (["--edit"], "--edit needs a post"),
        (["a", "--dismiss", "9"], "has no paragraph 9"),
        (["a", "--on", "soon"], "'soon' is not a day"),
    ],
)
def test_errors_in_words(folder, capsys, words, said):
    code, _, err = run(capsys, *words, "--diary", folder)
    assert code == 1 and said in err and "Traceback" not in err


def test_the_commands_edit(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("VISUAL", filling(tmp_path, _2="Cada ejecución es nueva."))
    code, out, err = run(capsys, "a", "--edit", "--diary", folder)
    assert code == 0 and "Written: paragraph 2." in err and "missing" not in out


def test_a_new_diary_is_translated_and_remembered(tmp_path):
    folder = new_diary(tmp_path / "new")
    _, rows, advice = desk.status(folder, "first-page", datetime.date.today())
    assert advice == "All done." and {(state, faults) for _, state, _, faults in rows} == {("done", "")}
    before = (folder / "posts/first-page/translation.es.toml").read_bytes()
    desk.remember(folder, "first-page", datetime.date.today())
    kept = find(Diary.open(folder), "first-page")
    assert all(one.is_remembered for one in kept.paragraphs) and kept.head.memory
    assert b"accepted" in before


def test_the_terminal_speaks_the_language_of_its_locale(folder, monkeypatch, capsys):
    assert set(TEXT["en"]) == set(TEXT["es"])
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit):
        main(["translate", "a"])
    said = capsys.readouterr().out
    assert "estado" in said and "hecho" in said and "missing" not in said and "Translate them" not in said
    with pytest.raises(SystemExit):
        main(["translate", "--ui-lang", "en"])
    assert "missing" in capsys.readouterr().out
