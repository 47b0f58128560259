"""The translation desk by Streamlit's own test runner, with a plain text area in the place of ours."""

import datetime

import pytest

from cuaderno.diary.translating import desk, drafts
from cuaderno.diary.translating.desk import opened
from cuaderno.workbench.desk.words import KINDS, LANGUAGES, STATES, TEXT
from cuaderno.workbench.desk.writing_place import spelt


def html(app):
    return "\n".join(block.proto.body for block in app.get("html"))


def button(app, label):
    return next(one for one in app.button if one.label == label)


def said(app):
    return [toast.value.replace("\\", "") for toast in app.toast]


def key(folder, number, slug="mazes"):
    return next(key for key, one in drafts.keyed(opened(folder, slug)).items() if one.number == number)


@pytest.mark.parametrize("words", [TEXT, STATES, KINDS, LANGUAGES])
def test_every_word_is_there_in_both_languages(words):
    assert set(words["en"]) == set(words["es"]) and all(text.strip() for lang in words for text in words[lang].values())


def test_it_begins_with_what_is_to_be_done(page):
    app = page(post="mazes")
    assert not app.exception
    assert [option.split("]")[0] for option in app.radio[0].options] == [
        ":green[■", ":green[■", ":red[□", ":red[□", ":green[■"
    ]  # fmt: skip
    assert "2 of 4 paragraphs translated" in html(app) and 'aria-valuenow="2"' in html(app)
    assert "Each run is new." in html(app) and app.text_area[0].value == ""
    assert "<dt>run</dt><dd><b>ejecución</b> <small>never corrida</small>" in html(app)
    assert app.selectbox[0].options[0] == "Mazes en · 2 to do" and app.selectbox[1].options == ["English → Spanish"]
    assert button(app, "Save").disabled


def test_typing_is_checked_kept_and_saved(page, folder, read):
    app = page(post="mazes", at=key(folder, 1))
    app.text_area[0].set_value("El laberinto tiene 1.001 casillas.").run()
    assert "the number 1.000 is missing" in html(app) and "the number 1.001 is not in the source" in html(app)
    assert list(drafts.kept(folder, opened(folder, "mazes"))) == [key(folder, 1)]
    app = page(post="mazes", at=key(folder, 1))
    assert app.text_area[0].value == "El laberinto tiene 1.001 casillas.", "another browser goes on with it"
    app.text_area[0].set_value("Tiene 1.000 casillas el laberinto.").run()
    assert "✓ Numbers" in html(app)
    button(app, "Save").click().run()
    assert said(app) == ["Paragraph 1 is saved."] and "Tiene 1.000" in read("mazes", "es")
    assert app.text_area[0].value == "Tiene 1.000 casillas el laberinto." and button(app, "Save").disabled


def test_what_cannot_stand_there_is_said_in_words(page, folder, read):
    before = read("mazes", "es")
    app = page(post="mazes", lang="es")
    app.text_area[0].set_value("Una.\n\nDos.").run()
    assert "aquí son 2" in app.warning[0].value
    button(app, "Guardar").click().run()
    assert read("mazes", "es") == before and "aquí son 2" in said(app)[0]
    app.text_area[0].set_value("## Cada ejecución").run()
    assert app.warning[0].value == "En el original es un párrafo y aquí es un título."


def test_a_stale_paragraph_shows_what_changed_and_is_dismissed(page, folder, write):
    write("mazes", "en", "The maze has 1,000 red <i>squares</i>.\n\nThe end.\n")
    app = page(post="mazes", at=key(folder, 1))
    assert "1,000 <ins>red &lt;i&gt;squares&lt;/i&gt;.</ins>" in html(app).replace("<del>squares.</del> ", "")
    assert "1 stale" in html(app)
    button(app, "Right as it stands").click().run()
    assert said(app) == ["Paragraph 1 is accepted as it stands."] and "1 stale" not in html(app)
    assert opened(folder, "mazes").behind == []


def test_next_to_do_goes_round(page, folder):
    app = page(post="mazes", at=key(folder, 3))
    button(app, "Next to do").click().run()
    assert app.radio[0].value == key(folder, 2)
    button(app, "Previous").click().run()
    assert app.radio[0].value == key(folder, 1)
    button(app, "Previous").click().run()
    assert app.radio[0].value == "head" and button(app, "Previous").disabled
    button(app, "Next to do").click().run()
    assert app.radio[0].value == key(folder, 2)


def test_only_what_is_to_do_is_listed(page):
    app = page(post="mazes")
    app.segmented_control(key="shown").set_value("open").run()
    assert len(app.radio[0].options) == 2


def test_another_program_changed_it(page, folder, read, write):
    app = page(post="mazes", at=key(folder, 1))
    app.text_area[0].set_value("El mío tiene 1.000.").run()
    write("mazes", "es", "El suyo tiene 1.000.\n\nFin.\n")
    app.run()
    assert "Another program changed this paragraph" in app.warning[0].value and "El suyo" in html(app)
    button(app, "Take the file's").click().run()
    assert app.text_area[0].value == "El suyo tiene 1.000." and ".kept-1.md" in said(app)[0]
    app.text_area[0].set_value("El mío tiene 1.000.").run()
    write("mazes", "es", "Otro tiene 1.000.\n\nFin.\n")
    app.run()
    button(app, "Write mine over it").click().run()
    assert "El mío tiene 1.000." in read("mazes", "es") and "Otro" not in read("mazes", "es")


def test_a_post_born_in_spanish_begins_with_its_title(page, folder):
    app = page(post="nacido", lang="es")
    assert app.radio[0].options[0] == ":red[□] Título y descripción" and app.selectbox[1].options == [
        "español → inglés"
    ]
    assert button(app, "Guardar").disabled
    app.text_area[0].set_value("Born in Spanish").run()
    button(app, "Guardar").click().run()
    assert "posts/nacido/en.md" in said(app)[0]
    assert 'title: "Born in Spanish"' in (folder / "posts" / "nacido" / "en.md").read_text()
    assert "Uno con `código`." in html(app) and app.radio[0].options[0] == ":green[■] Título y descripción"


def test_the_direction_can_be_turned_before_anything_is_remembered(page, folder, write):
    write("nacido", "en", "One with `código`.\n")
    app = page(post="nacido")
    assert app.selectbox[1].options == ["English → Spanish", "Spanish → English"]
    assert "Source, in English" in html(app)
    app.selectbox[1].set_value("es").run()
    assert "Source, in Spanish" in html(app) and "Dos." in html(app)
    next(one for one in app.button if one.label.startswith("Remember all")).click().run()
    assert opened(folder, "nacido").source.lang == "es" and (folder / "posts/nacido/translation.en.toml").is_file()
    assert app.selectbox[1].options == ["Spanish → English"]


def test_what_lost_its_paragraph_is_shown_and_can_be_put_elsewhere(page, folder, write):
    app = page(post="mazes")
    app.text_area[0].set_value("Cada ejecución es nueva.").run()
    write("mazes", "en", "The maze has 1,000 squares.\n\nNothing of the kind was said.\n\nThe end.\n")
    app.run()
    assert app.code[0].value == "Cada ejecución es nueva." and "Each run is new." in html(app)
    button(app, "Put it here").click().run()
    assert app.text_area[0].value == "Cada ejecución es nueva." and not app.code
    assert list(drafts.kept(folder, opened(folder, "mazes"))) == [key(folder, 2)]


def test_a_disk_that_takes_nothing_is_told(page, folder):
    (folder / ".cache").write_text("a file where the drafts would lie")
    app = page(post="mazes")
    app.text_area[0].set_value("Cada ejecución es nueva.").run()
    assert not app.exception and app.text_area[0].value == "Cada ejecución es nueva."
    assert "Could not write" in said(app)[0]


def test_a_broken_post_does_not_take_the_others_down(page, folder):
    (folder / "posts" / "broken").mkdir()
    (folder / "posts" / "broken" / "en.md").write_text("---\ntitle: [\n---\n")
    (folder / "posts" / "nacido" / "translation.en.toml").write_text("<<<<<<< HEAD\n")
    app = page(post="mazes")
    assert not app.exception and len(app.selectbox[0].options) == 1
    problems = " ".join(code.value for code in app.code)
    assert "broken/en.md" in problems and "both sides of a merge" in problems


def test_hostile_texts_stay_texts(page, folder, write):
    write("mazes", "en", "<script>alert(1)</script> :red[x] $y$ ![p](http://evil.example/x.png)\n")
    app = page(post="mazes")
    assert "<script>alert" not in html(app) and "&lt;script&gt;" in html(app)
    assert "\\!\\[" in app.radio[0].options[0] or "![" not in app.radio[0].options[0]


def test_a_diary_of_one_language_and_one_without_posts(page, folder):
    (folder / "cuaderno.toml").write_text('languages = ["en"]\n')
    for lang in ("mazes", "nacido"):
        (folder / "posts" / lang / "es.md").unlink()
    app = page()
    assert "one language" in app.info[0].value
    (folder / "cuaderno.toml").write_text('title = "Notes"\n')
    (folder / "posts" / "mazes" / "en.md").unlink()
    assert "no post yet" in page().info[0].value


# -- spaced revision ---------------------------------------------------------------------------------------------------


def revise(app, lang="en"):
    return app.session_state.__setitem__(f"tab {lang}", TEXT[lang]["revise"]) or app.run()


def test_revision_brings_back_what_is_due(page, folder, read, today):
    app = page()
    assert "To revise today: 2" in [caption.value for caption in app.caption]
    app = revise(app)
    assert "Paragraph 1 of “Mazes en”" in app.markdown[0].value.replace("\\", "")
    button(app, "It is right").click().run()
    assert spelt(today + datetime.timedelta(3), "en") in said(app)[0]
    assert opened(folder, "mazes").paragraph(1).memory.looks == 1
    app.text_area[0].set_value("Se acabó.").run()
    button(app, "Save the change").click().run()
    assert "Se acabó." in read("mazes", "es") and "tomorrow" in said(app)[0]
    assert opened(folder, "mazes").paragraph(4).memory.looks == 0
    assert app.success[0].value == TEXT["en"]["nothing_due"]
    assert spelt(today + datetime.timedelta(1), "en") in next(caption.value for caption in app.caption)


# -- a machine to compare with -----------------------------------------------------------------------------------------


def test_the_machine_speaks_after_the_author_and_when_asked(page, folder, machine, read):
    app = page(post="mazes")
    app.text_input(key="hint model").set_value("gemini").run()
    assert not [one for one in app.button if "gemini" in one.label], "nothing is saved here yet"
    app.text_area[0].set_value("Cada ejecución es nueva.").run()
    assert not [one for one in app.button if "gemini" in one.label]
    button(app, "Save").click().run()
    assert machine.asked == []
    box = next(one for one in app.expander if "gemini" in one.label)
    assert not box.proto.expanded
    button(app, "Ask gemini").click().run()
    assert machine.asked == ["Each run is new."]
    assert "<del>nueva.</del> <ins>&lt;b&gt;distinta&lt;/b&gt;.</ins>" in html(app)
    assert "distinta" not in read("mazes", "es")
    app.run()
    assert len(machine.asked) == 1


def test_a_machine_that_does_not_exist(page, folder, machine, today):
    desk.remember(folder, "mazes", today)
    app = page(post="mazes", at=key(folder, 1))
    app.text_input(key="hint model").set_value("gemni").run()
    button(app, "Ask gemni").click().run()
    assert "no provider" in app.warning[0].value
