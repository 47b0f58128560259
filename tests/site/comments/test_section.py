"""What is printed: all that comments need when they are on, and not a byte when they are off."""

import re
from pathlib import Path

import pytest

from cuaderno import studies
from cuaderno.site.build import build
from cuaderno.site.check import check
from cuaderno.site.comments.section import NEWS, OF_ISSO
from cuaderno.site.words import TEXT

from .conftest import COMMENTS, write

TRACE = re.compile(r"comment|isso|giscus|comentario|talk", re.I)
ELSEWHERE = '\n[comments]\nkind = "isso"\naddress = "https://talk.example.org/isso/"\n'
GISCUS = """
[comments]
kind = "giscus"
repo = "ada/notes"
repo_id = "R_1"
category = "C"
category_id = "D_1"
ask = false
"""


@pytest.fixture
def no_studies(tmp_path, monkeypatch):
    (tmp_path / "studies").mkdir()
    monkeypatch.setattr(studies, "HERE", tmp_path / "studies")


def printed_texts(folder: Path) -> dict[str, str]:
    files = [path for path in (folder / "_site").rglob("*") if path.suffix in (".html", ".js", ".css", ".xml")]
    return {path.relative_to(folder / "_site").as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_off_leaves_no_trace(printed):
    texts = printed_texts(printed(""))
    assert not [(name, found[0]) for name, text in texts.items() if (found := TRACE.search(text))]
    assert not re.search(r"\n\s*\n", texts["posts/mazes/index.html"].split("<article")[0])


def test_on_and_off_again_is_as_if_it_had_never_been(tmp_path, no_studies):
    folder = write(tmp_path / "diary", "")
    settings = folder / "cuaderno.toml"
    without, with_them = settings.read_text(), settings.read_text() + COMMENTS
    build(folder, search=False, report=lambda line: None)
    before = printed_texts(folder)
    settings.write_text(with_them)
    build(folder, search=False, report=lambda line: None)
    assert "static/comments.js" in printed_texts(folder)
    settings.write_text(without)
    build(folder, search=False, report=lambda line: None)
    assert printed_texts(folder) == before


def test_only_posts_have_a_place_for_comments(printed):
    texts = printed_texts(printed(COMMENTS))
    with_them = {name for name, text in texts.items() if "data-comments" in text and name.endswith(".html")}
    assert with_them == {"posts/mazes/index.html", "es/posts/mazes/index.html", "posts/short/index.html"}
    linked = {name for name, text in texts.items() if "comments.css" in text}
    assert linked == with_them
    assert "<script" not in texts["posts/mazes/index.html"].split("<section")[1], "nothing runs but what is in the head"


@pytest.mark.parametrize("comments", [COMMENTS, ELSEWHERE, GISCUS])
def test_links_of_comments_are_no_dead_links(tmp_path, no_studies, comments):
    assert "lead somewhere" in check(write(tmp_path / "diary", comments), lambda line: None)


def test_an_isso_elsewhere_is_asked_there(printed):
    page = printed_texts(printed(ELSEWHERE))["es/posts/mazes/index.html"]
    assert 'data-address="https://talk.example.org/isso/"' in page
    assert 'href="https://talk.example.org/isso/?uri=posts%2Fmazes%2F"' in page


def test_giscus_without_asking(printed):
    page = printed_texts(printed(GISCUS))["posts/mazes/index.html"]
    assert "data-ask" not in page and 'data-repo="ada/notes"' in page and "github.com/ada/notes/discussions" in page
    assert "isso" not in page.split("data-words")[0].split("<section")[1]


def test_isso_is_told_words_that_exist_and_fit_its_markup():
    for lang, words in TEXT.items():
        for key in (*OF_ISSO.values(), *(f"comments_{name}" for name in NEWS)):
            assert words[key] and "'" not in words[key], f"{lang}.{key}: Isso puts it between single quotes"
