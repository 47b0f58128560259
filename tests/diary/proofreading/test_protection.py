"""What is protected, and that taking a text apart loses none of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.proofreading.edits import PLACEHOLDER
from cuaderno.diary.proofreading.passages import read_passages
from cuaderno.diary.proofreading.protection import protect
from cuaderno.diary.proofreading.structure import skeleton

SHOWN = [
    ("I like `code` and $x^2$.", "I like ⟦1⟧ and ⟦2⟧."),
    ("See [the **course**](https://a.b/c(d)e \"t\").", "See ⟦1⟧the ⟦2⟧course⟦3⟧⟦4⟧."),
    ("![a pictur](x.png) <br></br> &amp; https://a.b/c_d.", "⟦1⟧a pictur⟦2⟧ ⟦3⟧⟦4⟧ ⟦5⟧ ⟦6⟧."),
    ("It has 3 parts, 3.5 % and 1,000.", "It has ⟦1:3⟧ parts, ⟦2:3.5 %⟧ and ⟦3:1,000⟧."),
    ("It solves {num}`maze.solved` of {aside}`them alot`.", "It solves ⟦1⟧ of ⟦2⟧them alot⟦3⟧."),
    ("I use PyTorch, GPT-2, train.py and learning_rate.", "I use ⟦1:PyTorch⟧, ⟦2:GPT-2⟧, ⟦3:train.py⟧ and "
        "⟦4:learning_rate⟧."),
    ("I met Ana López. She knows.", "I met ⟦1:Ana López⟧. She knows."),
    ("El Lunes hablo Ingles con Ana.", "El Lunes hablo Ingles con ⟦1:Ana⟧."),
    ("i and I'm in LLMs", "i and I'm in ⟦1:LLMs⟧"),
    ("one\ntwo  \nthree", "one two⟦1⟧three"),
    ("a ⟦1⟧ and ⟦2:x⟧ b", "a ⟦1⟧⟦2:1⟧⟦3⟧ and ⟦4⟧⟦5:2⟧:x⟦6⟧ b"),
    ("so it is[^1] \\*here\\*", "so it is⟦1⟧ ⟦2⟧here⟦3⟧"),
    ("a < b → c", "a ⟦1⟧ b ⟦2⟧ c"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), SHOWN, ids=lambda value: value[:20])
def test_a_corrector_sees_words_and_placeholders(text, shown):
    assert protect(text).text == shown


def test_words_of_ones_own_are_names():
    assert protect("My modle is fine.", ["modle", "fine word"]).text == "My ⟦1:modle⟧ is fine."
    assert protect("remodle", ["modle"]).text == "remodle"


def test_a_table_keeps_its_bars_and_a_quote_its_signs():
    assert protect("| a thing | b |\n|---|--:|\n| c d | 4 |", kind="table").text.count("⟦") == 9
    assert protect("one\n> two", kind="quote").text == "one two"
    assert protect("it''s", style="single").text == "it's"
    assert protect('say \\"a\\"', style="double").text == 'say "a"'


ALPHABET = "ab Z1é.,!¿*_`$[](){}<>|#~\\\"'⟦⟧:-=&;\n\r\t^@/\u200b\ue000😀"
TEXT = st.text(ALPHABET, max_size=80) | st.text(max_size=40)


@settings(deadline=None, max_examples=300)
@given(TEXT, st.sampled_from(["", "quote", "table"]), st.sampled_from(["", "single", "double"]))
def test_the_pieces_are_the_text(text, kind, style):
    view = protect(text, ["a b", "Z"], kind, style)
    assert "".join(piece.raw for piece in view.pieces) == text
    assert "".join(piece.shown for piece in view.pieces) == view.text
    tokens = PLACEHOLDER.findall(view.text)
    assert len(tokens) == len(set(tokens)) == len(view.protected) and list(view.protected) == tokens
    assert "\n" not in view.text and "\r" not in view.text.replace("\r", "" if "\r" in "".join(tokens) else "\r")
    assert "⟦" not in PLACEHOLDER.sub("", view.text) and "⟧" not in PLACEHOLDER.sub("", view.text)


@settings(deadline=None, max_examples=200)
@given(TEXT, st.data())
def test_a_range_of_the_view_is_a_range_of_the_text(text, data):
    view = protect(text)
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    place = view.raw(start, end)
    if place is not None:
        assert 0 <= place[0] <= place[1] <= len(text)
        if not PLACEHOLDER.search(view.text[start:end]) and "\n" not in text and "\r" not in text:
            assert text[slice(*place)] == view.text[start:end]


KINDS = (
    "# Head|text and words|- item|  - inner|> quote|```|```{note} Title|:::|:::{aside}|1. one|[^1]: foot|---|title: x|"
    "description: 'it''s'|$$|<div>|</div>|Setext|===|\tcode|:option: 1|title: >-|  folded words|# |   |tags: [a]|...|"
    "\u2028||"
)
LINES = st.lists(st.sampled_from([*KINDS.split("|"), "| a | b |", "|---|---|"]), max_size=25)


@settings(deadline=None, max_examples=300)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff", "---\n", "---\ntitle: A b\n---\n"]))
def test_passages_lie_in_the_file_in_order_and_apart(lines, end, head):
    text = (head + "\n".join(lines)).replace("\n", end)
    place = 0
    for number, one in enumerate(read_passages(text), 1):
        assert one.number == number and text[one.start : one.end] == one.text.strip() == one.text != ""
        assert (
            one.start >= place
            and one.line == 1 + len(text[: one.start].replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
        )
        place = one.end
    assert skeleton(text) == skeleton(text)


def test_the_passages_of_a_post():
    text = (
        "---\ntitle: 'A: b'\ntags: [x]\ndescription: >-\n  Two\n  lines\n---\n# Head #\nWords\nand more\n\n- [ ] "
        "task\n  - in it\n\n"
        ":::{note} Title\nInside.\n\n```\ncode\n```\n:::\n\n```{metrics} maze\n```\n\n> quoted\n> "
        "again\n\nSetext\n===\n\n<p>html</p>\n"
    )
    found = [(one.kind, one.text) for one in read_passages(text)]
    assert found == [
        ("title", "A: b"), ("description", "Two\n  lines"), ("heading1", "Head"), ("paragraph", "Words\nand more"),
        ("item", "task"), ("item", "in it"), ("note", "Title"), ("paragraph", "Inside."), ("quote", "quoted\n> again"),
        ("heading1", "Setext"),
    ]  # fmt: skip
