"""`cuaderno embed`: what is read, what is near, and the map."""

import argparse
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

from cuaderno.cli import embedding
from cuaderno.data.texts import read_labelled, read_texts
from cuaderno.lab.errors import CuadernoError

HOSTILE = "</script><img src=x onerror=alert(1)> \u2028 $title"
TEXTS = ["rain", "rain again", "sun", "sun and heat", "snow", "snow and ice", "wind"]
VECTORS = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0.1, 0.9, 0], [0, 0, 1], [0, 0.1, 0.9], [0.5, 0.5, 0.5]])


def test_texts_come_from_lines_and_from_tables(tmp_path):
    files = {
        "a.txt": "one\n\n two \n",
        "b.csv": 'id,text\n1,"one"\n2,two\n',
        "c.tsv": "text\none\ntwo\n",
        "d.jsonl": '{"text": "one", "n": 1}\n{"text": "two", "n": 2}\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        assert read_texts(str(tmp_path / name)) == ["one", "two"], name


def test_lines_stay_whole_whatever_stands_in_them(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_bytes("one, two\nthree, niño\nfive,  six\n".encode("cp1252"))
    wanted = ["one, two", "three, niño", "five, six"]
    assert read_texts(str(tmp_path / "a.md")) == wanted
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((tmp_path / "a.md").read_bytes())))
    assert read_texts("-") == wanted


@pytest.mark.parametrize(
    "name, content, column, words",
    [
        ("a.txt", "", "", "is empty"),
        ("a.txt", "\n \nx\n"[:3], "", "is empty"),
        ("b.csv", "first,second\n1,2\n", "", "--column COLUMN"),
        ("b.csv", "first,second\n1,2\n", "secnd", "Did you mean 'second'"),
        ("b.csv", "label,text\nspam,win, now\n", "", r"row 1 \(line 2\), column 'text': found 3 columns"),
        ("b.tsv", "label\ttext\nspam\twin\nham\t\n", "", r"row 2 \(line 3\), column 'text' is empty"),
        ("p.tsv", "score\tsentence1\tsentence2\n1\ta\tb\n", "", "--column sentence1"),
        ("c.jsonl", "{nope\n", "", "one JSON object"),
        ("d.jsonl", "[1]\n", "", "found a list, wanted one JSON object"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, name, content, column, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(CuadernoError, match=words):
        read_texts(str(tmp_path / name), column)


def test_no_file_is_an_error_in_words():
    with pytest.raises(CuadernoError, match="no file"):
        read_texts("/no/such/file.txt")


def test_search_prints_the_nearest_first_and_each_text_once(capsys):
    embedding.show_nearest([*TEXTS, "rain"], np.vstack([VECTORS, [1, 0, 0]]), np.array([1.0, 0, 0]), top=2)
    assert capsys.readouterr().out.splitlines() == ["1.000  rain", "0.994  rain again"]


def test_vectors_that_tell_nothing_apart_are_said(capsys):
    same = np.ones((7, 3)) + 0.001 * VECTORS
    embedding.show_nearest(TEXTS, same, np.ones(3), top=2)
    assert "hardly tell the texts apart" in capsys.readouterr().err
    embedding.show_nearest(TEXTS, VECTORS, VECTORS[0], top=2)
    assert not capsys.readouterr().err


def test_a_map_is_a_page_or_data_and_nothing_else():
    with pytest.raises(CuadernoError, match=r"map\.txt.*\.json"):
        embedding.embed(argparse.Namespace(map="map.txt"))


class Part:
    """What a study's embed.py offers."""

    def embed(self, run, texts):
        return VECTORS[: len(texts)]

    def embed_tokens(self, run):
        return ["[CLS]", "\ufffd", *"abcdef"], np.eye(8)

    def embed_sequence(self, run, text):
        return ["[CLS]", "\ufffd", *"abcdef"], np.eye(8)


RUN = SimpleNamespace(id="x-1", study="x")


def draw(path, tokens=False):
    names, vectors = Part().embed_tokens(RUN) if tokens else ([*TEXTS[:-1], HOSTILE], VECTORS)
    embedding.show_map(RUN, Part(), names, vectors, argparse.Namespace(map=str(path), tokens=tokens))


@pytest.fixture
def web(tmp_path, monkeypatch):
    """The folder of a study whose map says in the page what it was given."""
    folder = tmp_path / "x" / "web"
    folder.mkdir(parents=True)
    (folder / "words.js").write_text("/** Words. */\nexport const TEXT = {\n  en: {},\n  es: {},\n};\n")
    (folder / "map.js").write_text(
        'import { TEXT } from "./words.js";\n\nexport { TEXT };\n\n'
        "export function mount(element, { data, lang }) {\n"
        "  const texts = data.points.map((point) => point.text); // no </script>\n"
        '  element.textContent = [lang, data.run, ...texts].join("|");\n'
        "}\n"
    )
    monkeypatch.setattr(embedding.studies, "folder", lambda name: tmp_path / name)
    return folder


def test_a_map_is_written_as_data(tmp_path):
    draw(tmp_path / "new" / "map.json")
    drawn = json.loads((tmp_path / "new" / "map.json").read_text())
    assert drawn["run"] == "x-1" and len(drawn["points"]) == 7 and "sentences" not in drawn and "of" not in drawn
    draw(tmp_path / "tokens.json", tokens=True)
    assert json.loads((tmp_path / "tokens.json").read_text())["of"] == "tokens"


@pytest.mark.browser
def test_a_map_as_a_page_needs_no_other_file_and_nothing_in_it_runs(tmp_path, web, open_page):
    draw(tmp_path / "map.html")
    page = open_page(f"file://{tmp_path}/map.html?lang=es")
    open_page.troubles.clear()  # the page itself is no address of this machine's
    assert (
        page.inner_text("#live") == "|".join(["es", "x-1", *TEXTS[:-1], HOSTILE])
        and page.title() == "Un mapa de 7 textos"
    )
    held = json.loads(page.inner_text("#data") or page.locator("#data").text_content())
    assert [point["text"] for point in held["tokens"]["points"]] == [*"abcdef"], "no marks, no halves of letters"
    assert held["sentences"][6]["text"] == HOSTILE and held["sentences"][0]["size"] == 8
    draw(tmp_path / "tokens.html", tokens=True)
    assert "The 8 tokens of a model" in (tmp_path / "tokens.html").read_text()


def test_a_study_without_a_map_says_what_can_be_had(tmp_path, web):
    (web / "map.js").unlink()
    with pytest.raises(CuadernoError, match=r"--map .*map\.json"):
        draw(tmp_path / "map.html")


def test_a_table_with_classes_gives_each_dot_its_own(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"{text},{'wet' if at % 3 else 'dry'}\n" for at, text in enumerate(TEXTS)))
    texts, classes = read_labelled(str(path))
    embedding.show_map(RUN, Part(), texts, VECTORS, argparse.Namespace(map=str(tmp_path / "m.json"), tokens=0), classes)
    drawn = json.loads((tmp_path / "m.json").read_text())
    assert [one["en"] for one in drawn["groups"]] == ["dry", "wet"] or drawn["groups"][0]["en"] == "wet"
    assert [drawn["groups"][point["group"]]["en"] for point in drawn["points"]] == classes
