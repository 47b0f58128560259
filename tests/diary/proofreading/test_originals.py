"""The first version: it grows with the post and never loses anything."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.blocks import blocks
from cuaderno.diary.proofreading.originals import Marks, brought_along, compared, pair, words_compared

HEAD = "---\ntitle: T\n---\n"


def test_new_blocks_come_to_their_place():
    old = HEAD + "First paragrap of all.\n\n- one thing\n- two things\n\nThe end of it.\n"
    new = (
        HEAD + "Before it.\n\nFirst paragraph of all.\n\nBetween them now.\n\n- one thing\n- new item here\n- two "
        "things\n\nThe end of it.\n\nAfter all.\n"
    )
    assert brought_along(old, new) == (
        HEAD + "\n\nBefore it.\n\nFirst paragrap of all.\n\nBetween them now.\n\n- one thing\n- new item here\n- two "
        "things\n\n"
        "The end of it.\n\nAfter all.\n"
    )


def test_a_paragraph_after_a_heading_without_an_empty_line_stays_one():
    old, new = HEAD + "# Head\nText of it here.\n", HEAD + "# Head\nSomething quite other.\n\nText of it here.\n"
    grown = brought_along(old, new)
    assert [one.text for one in blocks(grown[len(HEAD) :])] == ["# Head", "Something quite other.", "Text of it here."]


def test_what_was_written_before_a_paragraph_that_was_written_anew_stays_before_it():
    old, new = HEAD + "alpha beta gamma delta\n", HEAD + "# Head\n\none two three four\n"
    grown = brought_along(old, new)
    assert [one.text for one in blocks(grown[len(HEAD) :])] == ["# Head", "alpha beta gamma delta"]
    assert brought_along(grown, new) == grown


def test_what_was_taken_out_of_the_post_stays_in_the_first_version():
    old = HEAD + "One two three.\n\nFour five six.\n"
    assert brought_along(old, HEAD + "One two three.\n") == old
    assert brought_along(old, old.replace("five", "fiver")) == old


KINDS = ["alpha beta gamma delta", "# Head", "- item one", "> quote it", "```\ncode\n```", "one two three four",
         "| a |\n|---|\n| b |"]  # fmt: skip
BLOCKS = st.lists(st.sampled_from(KINDS), max_size=7)


@settings(deadline=None, max_examples=200)
@given(BLOCKS, BLOCKS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_nothing_of_the_first_version_ever_goes(old, new, end, closed):
    first = (HEAD + "\n\n".join(old) + "\n" * closed).replace("\n", end)
    now = HEAD + "\n\n".join(new) + "\n"
    grown = brought_along(first, now)
    left = iter(grown.split(end))
    assert all(line in left for line in first.split(end) if line.strip())  # every line, in its order
    if len({*old}) == len(old) and len({*new}) == len(new):
        assert brought_along(grown, now) == grown


@settings(deadline=None, max_examples=100)
@given(BLOCKS, BLOCKS)
def test_every_block_is_in_one_pair(old, new):
    ours, theirs = blocks("\n\n".join(old)), blocks("\n\n".join(new))
    found = pair(ours, theirs)
    assert [one for one, _ in found if one is not None] == list(range(len(ours)))
    assert [two for _, two in found if two is not None] == list(range(len(theirs)))


# -- side by side ------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["alpha", "betta", "gamma", "`code`", "**bold**", "[link](https://a.b)", "3", "é", ",", ".", "Ana", "_x_"]
)
LINE = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
BODY = st.lists(
    LINE
    | LINE.map(lambda text: f"- {text}")
    | LINE.map(lambda text: f"## {text}")
    | LINE.map(lambda text: f"> {text}\n> more of it")
    | LINE.map(lambda text: f"{text}\n===")
    | LINE.map(lambda text: f":::{{note}} {text}\n{text}\n:::")
    | LINE.map(lambda text: f"| {text.replace('|', '')} | b |\n|---|---|\n| c | d |")
    | LINE.map(lambda text: f"```\n{text}\n```"),
    max_size=5,
).map("\n\n".join)


def without(text, opening, closing):
    return re.sub(f"{opening}[^{closing}]*{closing}", "", text)


def squashed(text):
    return " ".join(text.split())


@settings(deadline=None, max_examples=300)
@given(BODY, BODY)
def test_what_was_put_in_and_what_stayed_is_the_present_text(old, new):
    marks = Marks.for_texts(old, new)
    woven = compared(old, new, marks)
    for opening, closing in ((marks.out, marks.out_end), (marks.into, marks.into_end)):
        assert re.fullmatch(f"(?s)(?:[^{opening}{closing}]|{opening}[^{opening}{closing}]*{closing})*", woven)
    now = without(woven, marks.out, marks.out_end).translate(dict.fromkeys(map(ord, marks)))
    now = "\n".join(line for line in now.splitlines() if line.strip() not in ("-",))  # an item that is gone
    assert squashed(now) == squashed(new)


@settings(deadline=None, max_examples=200)
@given(LINE, LINE)
def test_what_was_taken_out_and_what_stayed_is_the_first_version(old, new):
    marks = Marks.for_texts(old, new)
    woven = words_compared(old, new, marks)
    first = without(woven, marks.into, marks.into_end).translate(dict.fromkeys(map(ord, marks)))
    now = without(woven, marks.out, marks.out_end).translate(dict.fromkeys(map(ord, marks)))
    assert "".join(first.split()) == "".join(old.split()) and "".join(now.split()) == "".join(new.split())


SIDE_BY_SIDE = [
    ("I dont know", "I don't know", "I <dont>{don't} know"),
    ("the **bolt** word", "the **bold** word", "the **<bolt>{bold}** word"),
    ("- one thing\n- two thing", "- one thing\n- two things", "- one thing\n- two <thing>{things}"),
    ("one two three four", "one two three four\n\nnew here", "one two three four\n\n{new here}"),
    ("- a b c\n- gone now\n- d e f", "- a b c\n- d e f", "- a b c\n- <gone now>\n- d e f"),
    ("see `a` here and there", "see `b` here and there", "<see a here and there> {see `b` here and there}"),
    ("## A hedding ##", "## A heading ##", "## A <hedding>{heading} ##"),
    ("| a thng |\n|---|\n| b |", "| a thing |\n|---|\n| b |", "| a <thng>{thing} |\n|---|\n| b |"),
    (":::{note} A titel\nWith wrods.\n:::", ":::{note} A title\nWith words.\n:::",
     ":::{note} A <titel>{title}\nWith <wrods>{words}.\n:::"),
    ("> one\n> tow", "> one\n> two", "> one\n> <tow>{two}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "woven"), SIDE_BY_SIDE)
def test_both_versions_in_one_text(old, new, woven):
    marks = Marks.for_texts(old, new)
    found = compared(old, new, marks)
    for sign, shown in zip(marks, "<>{}", strict=True):
        found = found.replace(sign, shown)
    assert found == woven


def test_the_marks_are_signs_that_nobody_uses():
    taken = "\ue000\ue001"
    marks = Marks.for_texts(taken)
    assert not set(marks) & set(taken)
    html = f'<a title="{marks.out}x{marks.out_end}">{marks.into}y{marks.into_end}</a>'
    assert marks.html(html) == '<a title="x"><ins>y</ins></a>'
