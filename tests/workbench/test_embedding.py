"""The page *Embeddings*: search by meaning, the map, and a text as a sequence of vectors."""

from types import SimpleNamespace

import numpy as np
import pytest

from cuaderno import studies
from cuaderno.workbench.embedding import drawing, vectors
from cuaderno.workbench.embedding.words import TEXT

RUN = "toy-20261121-101112-abcdef"
TEXTS = ["rain", "rain again", "sun", "sun and <b>heat", "snow", "snow and ice"]


def embed(run, texts):
    """Rain, sun and snow are the three directions."""
    return np.array([[word in text for word in ("rain", "sun", "snow")] for text in texts], np.float32) + 0.01


def embed_sequence(run, text):
    return text.split(), np.linspace(-1, 1, 4 * len(text.split())).reshape(-1, 4)


@pytest.fixture
def able(folder, make_run, monkeypatch, tmp_path):
    """A study of the name `toy` whose runs give vectors."""
    path = make_run(folder.parent / "runs", RUN)
    (path / "checkpoint" / "weights.safetensors").write_bytes(b"")
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "embed.py").write_text("")
    part = SimpleNamespace(embed=embed, embed_sequence=embed_sequence)
    monkeypatch.setattr(studies, "names", lambda: ["toy"])
    monkeypatch.setattr(studies, "folder", lambda name: tmp_path / name)
    monkeypatch.setattr(studies, "load", lambda name, part_name: part)


def html(app):
    return " ".join(str(one.proto.body) for one in app.get("html"))


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])


def test_texts_are_searched_mapped_and_drawn(one_page, able):
    pytest.importorskip("sklearn")
    app = one_page("embeddings")
    app.text_area(key="lines en").set_value("\n".join(TEXTS)).run()
    app.button(key="embed").click().run()
    assert not app.exception and not app.error and "6 texts, 3 numbers each" in app.caption[0].value
    app.text_input(key="asked meaning").set_value("much sun").run()
    said = html(app)
    assert not app.exception and said.index("sun and &lt;b&gt;heat") < said.index("snow and ice") and "<b>" not in said
    assert app.selectbox(key="neighbours of").value == 0
    app.selectbox(key="neighbours of").set_value(4).run()
    assert not app.exception and "snow and ice" in html(app)
    app.button(key="draw sequence").click().run()
    assert not app.exception and "data:image/svg" in html(app)


def test_without_a_run_it_says_where_one_comes_from(one_page):
    assert "*Entrenar*" in one_page("embeddings", lang="es").info[0].value


def test_nothing_to_read_is_said(one_page, able):
    app = one_page("embeddings")
    app.text_area(key="lines en").set_value(" \n").run()
    app.button(key="embed").click().run()
    assert app.warning[0].value == "Give it at least one text."


def test_the_texts_of_a_file_come_from_its_column():
    assert vectors.texts_of("../a.csv", b"id,text\n1,one two\n2,three four\n") == (["one two", "three four"], "text")


def test_a_sequence_is_a_row_for_each_token_and_nothing_in_it_runs():
    drawn = drawing.sequence(["<script>", " ", "x" * 40], np.array([[1.0, -1.0], [0.0, 0.5], [0.1, 0.0]]))
    assert "<script>" not in drawn and "␣" in drawn and "xxx…" in drawn
    assert drawn.count("<text") == 3 and "var(--red)" in drawn and "var(--blue)" in drawn


def test_the_map_marks_what_was_found():
    points = [{"text": text, "pca": [0, 0.5], "tsne": [1, 1]} for text in TEXTS]
    spec, rows = drawing.map_of(points, "tsne", {"sun"})
    assert [row["text"] for row in rows if row["is"]] == ["sun"] and rows[0]["x"] == 1 and spec["params"]
