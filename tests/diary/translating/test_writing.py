"""Translated paragraphs go to their places: whatever the post is made of, and in whatever order they are written."""

import datetime
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.diary.blocks import _parser, blocks
from cuaderno.diary.diary import Diary
from cuaderno.diary.translating.translation import Unfit, find

TODAY = datetime.date(2026, 11, 21)
HEAD = "---\ntitle: T\ndate: 2026-11-01\n---\n"
SPANISH_HEAD = HEAD.replace("title: T", "title: En español")
PARTS = (
    "W.", "W,\nW.", "## W", "- W\n- W\n- W", "- W\n\n- W", "1. W\n2. W", "- [ ] W\n- [x] W",
    "- W\n  - W\n  - W\n- W\n\n  W", "> W", "> W\n>\n> W", "```python\nx = 1  # W\n\ny = 2\n```", "| a |\n|---|\n| W |",
    "```{widget} m\n:title: W\n```", ":::{note} W\nW\n\nW\n:::", "$$\nx^2\n$$", "<div>W</div>", "---", "[^nN]: W",
    "- W\n\n  > W\n  > W\n\n- W", "1. W\n\n   ```\n   W\n   ```\n2. W",
)  # fmt: skip


def post(parts):
    """A source whose every word is another one."""
    count = iter(range(1000))
    names = {"W": "word", "N": "note"}
    return re.sub("[WN]", lambda found: f"{names[found[0]]}{next(count)}", "\n\n".join(parts)) + "\n"


def translated(text):
    return text.replace("word", "palabra")


def shape(text):
    """What Markdown makes of a text: lists tight or loose, quotes in one piece."""
    return [(token.type, token.hidden) for token in _parser().parse(text, {})]


@pytest.fixture
def diary(tmp_path):
    return make(tmp_path)


def make(home):
    (home / "posts" / "a").mkdir(parents=True)
    (home / "cuaderno.toml").write_text('title = "N"\n')
    return home


def put(home, lang, body):
    (home / "posts" / "a" / f"{lang}.md").write_text((SPANISH_HEAD if lang == "es" else HEAD) + body, encoding="utf-8")


def write(home, number, text):
    find(Diary.open(home), "a").write({number: text}, TODAY)


def body(home):
    return find(Diary.open(home), "a").target.body.lstrip("\n")


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=5), st.data())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_post_in_any_order_gets_its_own_shape(tmp_path_factory, parts, data):
    home = make(tmp_path_factory.mktemp("order"))
    alone = [part for index, part in enumerate(parts) if "W" in part or parts.index(part) == index]  # no twins
    source = post(alone)
    put(home, "en", source)
    texts = {number: translated(block.text) for number, block in enumerate(blocks(source), 1)}
    for number in data.draw(st.permutations(list(texts))):
        write(home, number, texts[number])
    translation = find(Diary.open(home), "a")
    assert [one.state for one in translation.paragraphs] == ["done"] * len(texts)
    assert not translation.faulty and shape(translation.target.body) == shape(source)
    assert [one.translation.text for one in translation.paragraphs] == list(texts.values())


def test_a_quote_of_two_paragraphs_stays_one(diary):
    put(diary, "en", "Before.\n\n> One.\n>\n> Two.\n>\n> Three.\n\nAfter.\n")
    assert [block.words for block in blocks("> One.\n>\n> Two.\n")] == ["One.", "Two."]
    for number, text in ((5, "Después."), (3, "> Dos."), (4, "> Tres."), (2, "> Uno."), (1, "Antes.")):
        write(diary, number, text)
    assert body(diary) == "Antes.\n\n> Uno.\n>\n> Dos.\n>\n> Tres.\n\nDespués.\n"


def test_the_one_of_two_rules_that_was_written_is_the_one_that_is_done(diary):
    put(diary, "en", "---\n\nOne.\n\n---\n\nTwo.\n")
    write(diary, 2, "Uno.")
    write(diary, 4, "Dos.")
    write(diary, 3, "---")
    assert [one.state for one in find(Diary.open(diary), "a").paragraphs] == ["missing", "done", "done", "done"]
    write(diary, 1, "---")
    assert body(diary) == "---\n\nUno.\n\n---\n\nDos.\n"


def test_a_translation_of_a_title_only_is_no_heap_of_empty_lines(diary):
    put(diary, "en", "One.\n")
    find(Diary.open(diary), "a").write({}, TODAY, ("Título", ""))
    path = diary / "posts" / "a" / "es.md"
    assert path.read_text() == '---\ntitle: "Título"\nborn: en\n---\n'
    write(diary, 1, "Uno.")
    assert path.read_text() == '---\ntitle: "Título"\nborn: en\n---\n\nUno.\n'


@pytest.mark.parametrize(
    ("source", "text", "written"),
    [
        ("> One.", "> Uno.\n> ", "> Uno."),
        ("> One.", "> \n> Uno.\n>", "> Uno."),
        ("- one", "- uno\n- ", "- uno"),
        ("## One", "##\n## Uno", "## Uno"),
        ("One,\nTwo.", "Uno,  \nDos.  ", "Uno,  \nDos."),
    ],
)
def test_a_mark_left_alone_is_dropped_and_a_broken_line_stays(diary, source, text, written):
    put(diary, "en", f"{source}\n\nEnd.\n")
    write(diary, 1, text)
    assert body(diary) == written + "\n"
    assert find(Diary.open(diary), "a").paragraph(1).is_remembered


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("```python\nx = 1\n```", "```python\nx = 1"),
        ("<!-- a note -->", "<!-- una nota"),
        (":::{note} N\nOne.\n:::", ":::{note} N\nUno."),
        ("$$\nx\n$$", "$$\nx"),
    ],
)
def test_what_is_not_closed_swallows_nothing(diary, source, text):
    put(diary, "en", f"Before.\n\n{source}\n\nAfter.\n")
    put(diary, "es", "Antes.\n\nDespués.\n")
    with pytest.raises(Unfit):
        write(diary, 2, text)
    assert body(diary) == "Antes.\n\nDespués.\n"
