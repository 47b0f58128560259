import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary import front_matter
from cuaderno.diary.importing.heads import day_of, names_in, needs, read_head, write_head
from cuaderno.diary.importing.languages import guess_language

PATH = Path("post.md")


def brought(text: str, **options) -> tuple[str, list[str]]:
    head = read_head(text, PATH)
    found = needs(head, "en", **options)
    return write_head(head, found.changes), found.notes


def test_a_head_of_ours_stays_as_it_is():
    text = "---\ntitle: 'A'   # why\ndate: 26 November 2023\nnothing: [we, know]\ntags: [a, b]\ndone: true\n---\n"
    assert brought(text + "body") == (text, [])


def test_lines_that_need_no_change_keep_their_comments():
    text, notes = brought("---\n# top\ntitle: A # a\ncategories:\n  - x\n  - y\ntags:\n- a\ndraft: 'yes'\nz: 1\n---\n")
    assert text == "---\n# top\ntitle: A # a\ncategories:\n  - x\n  - y\nz: 1\ntags: [a, x, y]\ndraft: true\n---\n"
    assert notes == ["categories became tags: x, y"]


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        ("pubDatetime: 2023-05-19T10:00:00Z", "date", "2023-05-19T10:00:00+00:00"),
        ("publishDate: 19/05/2023", "date", "2023-05-19T00:00:00+00:00"),
        ("date: Fri, 19 May 2023 10:00:00 +0200", "date", "2023-05-19T08:00:00+00:00"),
        ("date: nonsense\npublishedAt: 2023-05-19", "date", "2023-05-19T00:00:00+00:00"),
        ("summary: In short", "description", "In short"),
        ("published: false", "draft", True),
        ("tags: a, b", "tags", ["a", "b"]),
        ("tags: {a: b}", "tags", None),
        ("draft: 3", "draft", None),
        ("runs: [1]", "runs", None),
        ("born: fr", "born", None),
        ("title: [a]", "title", None),
        ("description: {a: b}", "description", None),
    ],
)
def test_what_others_call_otherwise(head, field, value):
    text, _ = brought(f"---\n{head}\n---\n")
    found = front_matter.read(text, PATH).get(field)
    assert found == value or (value is None and not found)


def test_toml_and_json_become_yaml():
    toml = '+++\ntitle = "A: b"\ndate = 2023-01-02\n[deep]\nx = [1, {y = 2}]\n+++\nbody'
    json = '{\n"title": "A: b", "date": "2023-01-02", "tags": ["c"]}\nbody'
    for text in (toml, json):
        head = read_head(text, PATH)
        assert text[head.end :] == "body"
        assert front_matter.read(brought(text)[0], PATH)["title"] == "A: b"
    assert "deep:\n  x:\n  - 1\n  - y: 2\n" in brought(toml)[0]


def test_a_line_of_dashes_is_no_head():
    assert read_head("---\n\nA text after a rule.\n", PATH).kind == ""


def test_names():
    assert names_in("a b", True) == ["a", "b"] and names_in("a b, c", True) == ["a b", "c"]
    assert names_in(["a", None, 3, "a", "!"], False) == ["a", "3"] and names_in(7, False) == []


def test_days():
    assert day_of("03/04/2023", "es") == datetime.datetime(2023, 4, 3, tzinfo=datetime.UTC)
    assert day_of("03/04/2023", "en") == datetime.datetime(2023, 3, 4, tzinfo=datetime.UTC)
    assert day_of(True) is day_of([]) is day_of(None) is day_of("soon") is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["title", "date", "pubDate", "tags", "categories", "draft", "done", "runs", "description", "other"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6), st.booleans())
def test_any_head_becomes_one_that_we_can_read(fields, jekyll):
    import yaml

    text = "---\n" + yaml.safe_dump(fields, allow_unicode=True) + "---\n"
    head = read_head(text, PATH)
    front_matter.read(write_head(head, needs(head, "en", jekyll).changes), PATH)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The cat sat on the mat and it was happy with that.", "en"),
        ("El gato se sentó en la alfombra y estaba contento con eso.", "es"),
        ("`the of and to in is that`\n```\nthe of and\n```\n¿Qué mide esto para los modelos?", "es"),
        ("42", "fallback"),
    ],
)
def test_languages(text, lang):
    assert guess_language(text, "fallback") == lang
