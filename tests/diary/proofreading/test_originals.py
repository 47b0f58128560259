"""The first version: it grows with the post and never loses anything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.blocks import blocks
from cuaderno.diary.proofreading.originals import brought_along, pair

HEAD = "---\ntitle: T\n---\n"


def test_new_blocks_come_to_their_place():
    old = HEAD + "First paragrap of all.\n\n- one thing\n- two things\n\nThe end of it.\n"
    new = (
        HEAD
        + "Before it.\n\nFirst paragraph of all.\n\nBetween them now.\n\n- one thing\n- new item here\n- two things\n\nThe end of it.\n\nAfter all.\n"
    )
    assert brought_along(old, new) == (
        HEAD
        + "\n\nBefore it.\n\nFirst paragrap of all.\n\nBetween them now.\n\n- one thing\n- new item here\n- two things\n\n"
        "The end of it.\n\nAfter all.\n"
    )


def test_a_paragraph_after_a_heading_without_an_empty_line_stays_one():
    old, new = HEAD + "# Head\nText of it here.\n", HEAD + "# Head\nSomething quite other.\n\nText of it here.\n"
    grown = brought_along(old, new)
    assert [one.text for one in blocks(grown[len(HEAD) :])] == ["# Head", "Something quite other.", "Text of it here."]


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
