from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.diary import front_matter
from cuaderno.lab.errors import CuadernoError

HERE = Path("posts/x.md")


def test_the_fields_of_a_real_head():
    text = (
        '---\ntitle: "One: two"\npubDate: "26 November 2023"\ndone: true\ntags: ["a", "b", "a"]\nother: 3\n---\n\nBody'
    )
    found = front_matter.read(text, HERE)
    assert found["title"] == "One: two"
    assert found["date"].startswith("2023-11-26")
    assert (found["done"], found["tags"]) == (True, ["a", "b"])
    assert text[found["start"] :] == "\nBody"


@pytest.mark.parametrize("heading", ["# Welcome Readers", "\n\n#  Welcome Readers ##"])
def test_a_first_heading_equal_to_the_title_is_not_body(heading):
    text = f"---\ntitle: Welcome Readers\n---\n{heading}\n\nHello"
    assert text[front_matter.read(text, HERE)["start"] :] == "\nHello"


def test_another_first_heading_stays_and_a_missing_title_is_taken_from_it():
    text = "---\ntitle: A\n---\n# B\n"
    assert text[front_matter.read(text, HERE)["start"] :] == "# B\n"
    assert front_matter.read("# Only heading\ntext", HERE)["title"] == "Only heading"


@pytest.mark.parametrize(
    ("head", "line", "says"),
    [
        ("title: a: b", 2, "needs quotes"),
        ("title: A\ntags: {a: 1}", 3, "tags are a list"),
        ("title: A\ndate: yesterday", 3, "not a date"),
        ("title: A\ndate: 2023-99-99", 3, "not a date"),
        ("date: 2023-02-31", 2, "cannot be read|not a date"),
        ("title: [A]", 2, "must be one text"),
        ("done: maybe", 2, "true or false"),
        ("- a\n- b", 2, "name: value"),
        ("runs: maze", 2, "names for runs"),
        ("title: 'A\n", 2, "not YAML"),
        ("a: *b", 2, "not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_a_cure(head, line, says):
    with pytest.raises(CuadernoError, match=says) as caught:
        front_matter.read(f"---\n{head}\n---\nBody", HERE)
    place = str(caught.value).split(": ")[0]
    assert place.startswith(str(HERE)) and abs(int(place.rsplit(":", 1)[1]) - line) <= 1


def test_a_head_that_never_ends():
    with pytest.raises(CuadernoError, match="never ends"):
        front_matter.read("---\ntitle: A\n\nBody", HERE)


@given(st.text(max_size=300))
def test_any_head_is_read_or_refused_in_words(head):
    try:
        found = front_matter.read(f"---\n{head}\n---\nBody", HERE)
    except CuadernoError:
        return
    assert isinstance(found["start"], int)
