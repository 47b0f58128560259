"""A diary to translate, and the workbench as Streamlit's own test runner sees it."""

import datetime
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cuaderno import workbench
from cuaderno.diary.translating import desk
from cuaderno.lab.errors import CuadernoError

APP = Path(workbench.__file__).parent / "entry" / "app.py"
TODAY = datetime.date.today()  # asked once: past midnight, too, a test goes on in its own day
HEAD = "---\ntitle: {title}\ndate: 2026-11-{day:02}\n---\n"
TERMS = "| English | Spanish | Note |\n|---|---|---|\n| maze | laberinto | |\n| run | ejecución | never *corrida* |\n"
ENGLISH = "The maze has 1,000 squares.\n\nEach run is new.\n\n- a `wall`\n\nThe end.\n"
SPANISH = "El laberinto tiene 1.000 casillas.\n\nFin.\n"


@pytest.fixture(scope="session")
def make_diary():
    """`mazes` is half translated and remembered since yesterday, `nacido` was born in Spanish and is not translated."""

    def make(home):
        (home / "docs").mkdir(parents=True)
        (home / "docs" / "terms.md").write_text(TERMS, encoding="utf-8")
        (home / "cuaderno.toml").write_text('title = { en = "My notes", es = "Mis notas" }\n')
        put(home, "mazes", "en", ENGLISH, day=9)
        put(home, "mazes", "es", SPANISH, day=9)
        put(home, "nacido", "es", "Uno con `código`.\n\nDos.\n", day=2)
        desk.remember(home, "mazes", TODAY - datetime.timedelta(1))
        return home

    return make


@pytest.fixture(scope="session")
def today():
    """The day on which the workbench of `page` lives."""
    return TODAY


@pytest.fixture
def folder(make_diary, tmp_path):
    return make_diary(tmp_path / "diary")


def put(home, slug, lang, body, day=9):
    path = home / "posts" / slug / f"{lang}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.format(title=f"{slug.capitalize()} {lang}", day=day) + body, encoding="utf-8")


@pytest.fixture
def write(folder):
    """`write("mazes", "es", "…")` is what another program does to a post."""
    return lambda slug, lang, body: put(folder, slug, lang, body)


@pytest.fixture
def read(folder):
    """The body of a post's file."""
    return lambda slug, lang: (folder / "posts" / slug / f"{lang}.md").read_text(encoding="utf-8").split("---\n", 2)[2]


@pytest.fixture
def page(folder, monkeypatch):
    """`page()` runs the workbench; a plain text area stands in for the one of our own, which needs a browser."""
    testing = pytest.importorskip("streamlit.testing.v1")
    import streamlit as st

    from cuaderno.workbench import frame, writing

    def area(name, data, on_text, on_save):
        text = st.text_area(data["label"], value=data["text"], key=f"{name}-{data['version']}")
        if text != data["text"]:
            on_text({"text": text, "base": data["base"]})
            st.rerun()

    monkeypatch.setattr(writing, "area", area)
    monkeypatch.setattr(frame, "datetime", SimpleNamespace(date=SimpleNamespace(today=lambda: TODAY)))
    monkeypatch.setattr(sys, "argv", ["app.py", str(folder)])
    monkeypatch.setenv("LC_ALL", "C")

    def run(**address):
        app = testing.AppTest.from_file(str(APP), default_timeout=60)
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return run


ONE_PAGE = """
import datetime, sys
from pathlib import Path
from cuaderno.workbench import Place, frame, pages

page = next(page for page in pages.found() if page.name == sys.argv[2])
frame.show_page(page, Place(Path(sys.argv[1]), sys.argv[3], datetime.date.today()))
"""


@pytest.fixture
def one_page(folder, monkeypatch):
    """`one_page("runs", lang="es", run="…")` runs a single page, without the frame around it."""
    testing = pytest.importorskip("streamlit.testing.v1")

    def run(name, lang="en", **address):
        monkeypatch.setattr(sys, "argv", ["app.py", str(folder), name, lang])
        app = testing.AppTest.from_string(ONE_PAGE, default_timeout=60)
        for key, value in address.items():
            app.query_params[key] = value
        return app.run()

    return run


@pytest.fixture
def machine(monkeypatch):
    """A stand-in for the providers of models."""
    stand_in = SimpleNamespace(asked=[], answer="Cada ejecución es <b>distinta</b>.")

    def open_model(name, folder):
        if name != "gemini":
            raise CuadernoError(f"There is no provider '{name}'.")
        return SimpleNamespace(name=name)

    def complete(model, messages, *, seconds):
        stand_in.asked.append(messages[-1]["content"])
        return stand_in.answer

    module = SimpleNamespace(open_model=open_model, complete=complete)
    monkeypatch.setitem(sys.modules, "cuaderno.chat.providers", module)
    return stand_in
