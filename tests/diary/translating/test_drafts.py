"""What is typed and not saved: nobody overwrites it, nothing in it can break the form."""

import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import desk, drafts, editing
from cuaderno.diary.translating.drafts import escape, read_form, unescape
from cuaderno.diary.translating.translation import find
from cuaderno.lab.errors import CuadernoError

TODAY = datetime.date(2026, 11, 21)
HEAD = "---\ntitle: Mazes\ndate: 2026-11-01\n---\n"
SPANISH_HEAD = HEAD.replace("title: Mazes", "title: En español")
HOSTILE = ["", "a", "%%%", "%%% end", "%%% write 2 ab in es", " %%%write", "\\%%% x", "\t%%% end", "%%% paragraph 1,"]
LINES = st.lists(st.sampled_from(HOSTILE)).map("\n".join)


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "diary"
    (home / "posts" / "a").mkdir(parents=True)
    (home / "cuaderno.toml").write_text('title = "Notes"\n')
    put(home, "en", "One.\n\nTwo.\n\nSame.\n\nSame.\n")
    put(home, "es", "Uno.\n")
    return home


def put(home, lang, body):
    (home / "posts" / "a" / f"{lang}.md").write_text((SPANISH_HEAD if lang == "es" else HEAD) + body, encoding="utf-8")


def opened(home):
    return find(Diary.open(home), "a")


def key_of(home, number):
    return next(key for key, one in drafts.keyed(opened(home)).items() if one.number == number)


def files(home):
    return sorted(path.name for path in (home / ".cache" / "translate").glob("*"))


@given(LINES, LINES)
@example("%%% end", "%%% write 1 ab in es over -\nfoo\n%%% end")
@settings(deadline=None, max_examples=150)
def test_any_text_comes_back_as_it_was(tmp_path_factory, source, text):
    assert unescape(escape(text)) == text
    form = drafts.ONE.format(
        slug="a", source="en", target="es", number=3, shown=escape(source), digest="ab" * 8, base="-", text=escape(text)
    )
    assert read_form(form) == {"ab" * 8: ("3", text.strip("\n"))}


def test_a_source_that_looks_like_the_form_goes_through_the_editor(folder, filling):
    put(folder, "en", "One.\n\n```\n%%% write 7 abcd in es\n%%% end\n```\n")
    fence = "```\n\\%%% write 7 abcd in es\n\\%%% end\n```"
    assert desk.edit(folder, "a", TODAY, editor=filling({2: fence})) == ["Written: paragraph 2."]
    assert fence.replace("\\", "") in (folder / "posts" / "a" / "es.md").read_text()


def test_a_line_of_bars_in_a_text_is_not_cut_off():
    with pytest.raises(CuadernoError, match="a line of a text begins with %%%"):
        read_form("%%% write 2 ab in es\nHola.\n%%% nota mía\nadiós\n\n%%% end\n")


def test_a_draft_comes_back_and_twins_are_told_apart(folder):
    translation = opened(folder)
    keys = list(drafts.keyed(translation))
    assert len(keys) == 4 and keys[3] == keys[2] + "-2"
    for number, key in enumerate(keys):
        assert drafts.keep(folder, translation, key, f"texto {number}", "-", None) is None
    found = drafts.kept(folder, opened(folder))
    assert {key: draft.text for key, draft in found.items()} == dict(
        zip(keys, ["texto 0", "texto 1", "texto 2", "texto 3"], strict=True)
    )
    assert found[keys[1]].source == "Two." and found[keys[1]].base == "-"
    drafts.drop(folder, translation, keys[0], "otra cosa")
    drafts.drop(folder, translation, keys[1], "texto 1")
    assert set(drafts.kept(folder, opened(folder))) == {keys[0], keys[2], keys[3]}


def test_two_who_type_the_same_paragraph_lose_nothing(folder):
    translation, key = opened(folder), key_of(folder, 2)
    assert drafts.keep(folder, translation, key, "Dos", "-", None) is None
    assert drafts.keep(folder, translation, key, "Dos, ", "-", "Dos") is None
    aside = drafts.keep(folder, translation, key, "Mi dos", "-", None)
    assert aside and "Dos, " in aside.read_text() and drafts.kept(folder, translation)[key].text == "Mi dos"


def test_what_loses_its_paragraph_is_still_there(folder):
    drafts.keep(folder, opened(folder), key_of(folder, 2), "Dos", "-", None)
    put(folder, "en", "One.\n\nTwo and a half.\n")
    translation = opened(folder)
    found = drafts.kept(folder, translation)
    assert [draft.text for draft in found.values()] == ["Dos"] and not set(found) & set(drafts.keyed(translation))


def test_a_damaged_draft_is_set_aside(folder):
    key = key_of(folder, 2)
    drafts.keep(folder, opened(folder), key, "Dos", "-", None)
    path = folder / ".cache" / "translate" / f"a.es.{key}.md"
    path.write_text(path.read_text().replace("%%% end", ""))
    assert drafts.kept(folder, opened(folder)) == {}
    assert files(folder) == [f"a.es.{key}.kept-1.md"]


def test_the_terminal_opens_what_was_typed_at_the_desk(folder, filling):
    key = key_of(folder, 2)
    drafts.keep(folder, opened(folder), key, "Dos a medias.", "-", None)
    lines = desk.edit(folder, "a", TODAY, editor=filling({}))
    assert lines == ["Written: paragraph 2.", "What was typed at the desk and not saved was opened too."]
    assert "Dos a medias." in (folder / "posts" / "a" / "es.md").read_text() and files(folder) == []


def test_twins_left_in_the_editor_go_to_their_own_places(folder, filling):
    with pytest.raises(CuadernoError):
        desk.edit(folder, "a", TODAY, editor=filling({3: "La tercera.", 4: "La cuarta."}, code=1))
    put(folder, "es", "Uno.\n\nDos.\n")
    lines = desk.edit(folder, "a", TODAY, editor=filling({}))
    assert lines == ["Written: paragraphs 3, 4.", "An unfinished edit was found and opened again."]
    assert (folder / "posts" / "a" / "es.md").read_text().endswith("Dos.\n\nLa tercera.\n\nLa cuarta.\n")


def test_an_older_draft_does_not_hide_what_the_file_has_now(folder):
    put(folder, "es", "Uno.\n\nDos.\n")
    desk.remember(folder, "a", TODAY)
    put(folder, "en", "One.\n\nTwo has changed.\n")
    drafts.keep(folder, opened(folder), key_of(folder, 2), "Dos a medias.", "-", None)
    translation = opened(folder)
    form = editing.write_form(translation, translation.behind, [], drafts.texts(drafts.kept(folder, translation)))
    assert "%%% the translation has now, and below is what you had begun\nDos.\n%%% write 2" in form
