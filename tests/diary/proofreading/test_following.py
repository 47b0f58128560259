"""A correction and the translation of the post: spelling makes nothing stale, a change of meaning does."""

from datetime import date

import pytest

from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import desk as translating
from cuaderno.diary.translating.memory import read_memories
from cuaderno.diary.translating.translation import find

from .conftest import TODAY, Scripted, accept_all, opened

ENGLISH = (
    "---\ntitle: A post\ndate: 2026-11-20\n---\nI realy like the small modle.\n\nI don't except anyone to read this.\n"
)
SPANISH = "---\ntitle: Una entrada\n---\nMe gusta mucho el modelo pequenyo.\n\nNo espero que nadie lea esto.\n"


@pytest.fixture
def both(diary):
    (diary / "posts" / "first" / "en.md").write_text(ENGLISH)
    (diary / "posts" / "first" / "es.md").write_text(SPANISH)
    translating.remember(diary, "first", date(2026, 11, 1))
    return diary


def states(diary):
    return [(one.state, one.is_remembered) for one in find(Diary.open(diary), "first").paragraphs]


def corrected(diary, fixes, lang="en"):
    session = opened(diary, Scripted(fixes), lang=lang)
    accept_all(session)
    assert session.finish()


def memories(diary):
    return read_memories(diary / "posts" / "first" / "translation.es.toml")[1]


def test_spelling_makes_nothing_stale_and_is_remembered(both):
    corrected(both, {"realy": "really", "modle": "model"})
    assert states(both) == [("done", True), ("done", True)]
    assert memories(both)[0].source == "I really like the small model." and memories(both)[0].made == date(2026, 11, 1)


def test_slips_do_not_add_up_to_a_change(both):
    """Without the memory going along, the third small correction of a word would look like another word."""
    for old, new in (("modle", "model"), ("model.", "models."), ("models", "modelos")):
        text = (both / "posts" / "first" / "en.md").read_text()
        assert old in text
        corrected(both, {old: new})
    assert states(both)[0] == ("done", True)


def test_another_word_makes_the_translation_stale(both):
    corrected(both, {"except": "expect"})
    assert states(both) == [("done", True), ("stale", True)]
    assert "except" in memories(both)[1].source


def test_a_corrected_translation_is_still_made_from_the_same_source(both):
    corrected(both, {"pequenyo": "pequeño"}, "es")
    assert "pequeño" in (both / "posts" / "first" / "es.md").read_text()
    assert states(both) == [("done", True), ("done", True)] and TODAY not in [one.made for one in memories(both)]


def test_a_session_that_is_stopped_brings_the_memory_along_too(both):
    session = opened(both, Scripted({"realy": "really", "modle": "model"}), lang="en")
    number = session.numbers[1]
    session.accept(number, session.ask(number).suggestions[0])
    session.stop()
    assert "really" in memories(both)[0].source and states(both)[0] == ("done", True)
