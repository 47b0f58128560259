"""Pages are found by looking: one more is a file more, and a broken one takes no other down."""

import ast
import os
import sys
from pathlib import Path

import pytest

from cuaderno.workbench import pages
from cuaderno.workbench.words import NAMES, TEXT, language

GOOD = """
import streamlit as st
TITLE = {"en": "Curves", "es": "Curvas"}
ORDER = 5
def show(place):
    st.write(f"{place.diary.name} {place.lang}")
"""


@pytest.fixture
def add(tmp_path, monkeypatch):
    """`add("curves", code)` adds a page."""
    more = tmp_path / "more"
    more.mkdir()
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(more)])

    def write(name, code):
        (more / f"{name}.py").write_text(code, encoding="utf-8")
        added.append(name)

    added = []
    yield write
    for name in added:
        sys.modules.pop(f"{pages.__name__}.{name}", None)
        pages.LOADED.pop(name, None)


def test_both_languages_have_every_word():
    assert set(TEXT["en"]) == set(TEXT["es"]) == set(TEXT["en"]) and set(NAMES) == set(TEXT)


@pytest.mark.parametrize(
    ("locale", "expected"), [("es_ES.UTF-8", "es"), ("en_GB", "en"), ("C.UTF-8", "xx"), ("", "xx")]
)
def test_the_language_of_the_locale(monkeypatch, locale, expected):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert language("xx") == expected


@pytest.mark.parametrize("path", sorted(Path(pages.__file__).parent.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_every_page_says_its_title_in_both_languages_and_its_order(path):
    page = pages.read(path)
    said = pages.constants(path.read_text(encoding="utf-8"))
    assert not page.fault and set(said["TITLE"]) == {"en", "es"} and isinstance(said["ORDER"], int)
    assert any(isinstance(node, ast.FunctionDef) and node.name == "show" for node in ast.parse(path.read_text()).body)


def test_an_added_page_is_found_and_shown(add, page):
    add("curves", GOOD)
    assert [one.name for one in pages.found()][:2] == ["curves", "translate"]
    app = page(lang="es")
    assert not app.exception and app.markdown[0].value == "diary es"


def test_titles_are_read_without_running_the_page(add):
    add("heavy", "raise SystemExit('not before it is opened')\nTITLE = {'en': 'Heavy', 'es': 'Pesada'}\nORDER = 1")
    [found] = [one for one in pages.found() if one.name == "heavy"]
    assert found.title["es"] == "Pesada" and found.order == 1


def test_a_page_that_was_mended_is_read_anew(add, page, tmp_path):
    add("curves", GOOD.replace("st.write", "st.writ"))
    assert "no attribute 'writ'" in page().error[0].value.replace("\\", "")
    add("curves", GOOD)
    os.utime(tmp_path / "more" / "curves.py", (1, 1))
    assert page().markdown[0].value == "diary en"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def show(place:", "broken.py"),
        ("ORDER = 'first'\ndef show(place): ...", "could not convert"),
        ("ORDER = 1\nimport nothing_of_that_name\n", "nothing_of_that_name"),
        ("ORDER = 1\ndef show(place): 1 / 0", "division by zero"),
        ("ORDER = 1\nfrom cuaderno.lab.errors import CuadernoError\ndef show(place): raise CuadernoError('No *data*.')",
         "No *data*."),
        ("ORDER = 1", "no function show"),
    ],
)  # fmt: skip
def test_a_broken_page_shows_its_error_and_the_others_stay(add, page, code, said):
    add("broken", code)
    app = page()
    names = [one.name for one in pages.found()]
    if names[0] == "broken":
        assert said in app.error[0].value.replace("\\", "") and not app.exception
    else:
        assert said in pages.found()[-1].fault
    assert "translate" in names


def test_a_diary_whose_settings_are_broken_says_so(page, folder):
    (folder / "cuaderno.toml").write_text("title = \n")
    app = page()
    assert "cannot be read" in app.error[0].value and not app.exception


def test_every_page_warns_while_others_can_reach_it(page, monkeypatch):
    import streamlit as st

    assert not page().warning
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else option(name))
    assert "open to the network" in page().warning[0].value and "abierta a la red" in page(lang="es").warning[0].value
