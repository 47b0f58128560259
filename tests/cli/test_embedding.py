"""`cuaderno embed`: what is read, what is near, and the map."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

from cuaderno.cli import embedding
from cuaderno.lab.errors import CuadernoError

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
        assert embedding.read_texts(str(tmp_path / name)) == ["one", "two"], name


def test_lines_stay_whole_whatever_stands_in_them(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_bytes("one, two\nthree, niño\nfive,  six\n".encode("cp1252"))
    wanted = ["one, two", "three, niño", "five, six"]
    assert embedding.read_texts(str(tmp_path / "a.md")) == wanted
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((tmp_path / "a.md").read_bytes())))
    assert embedding.read_texts("-") == wanted


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
        embedding.read_texts(str(tmp_path / name), column)


def test_no_file_is_an_error_in_words():
    with pytest.raises(CuadernoError, match="no file"):
        embedding.read_texts("/no/such/file.txt")


def test_search_prints_the_nearest_first_and_each_text_once(capsys):
    embedding.show_nearest([*TEXTS, "rain"], np.vstack([VECTORS, [1, 0, 0]]), np.array([1.0, 0, 0]), top=2)
    assert capsys.readouterr().out.splitlines() == ["1.000  rain", "0.994  rain again"]


def test_a_map_has_places_and_neighbours(tmp_path):
    embedding.write_map(SimpleNamespace(id="x-1"), TEXTS, VECTORS, tmp_path / "map.json")
    drawn = json.loads((tmp_path / "map.json").read_text())
    assert [point["text"] for point in drawn["points"]] == TEXTS and drawn["run"] == "x-1"
    assert [drawn["points"][i]["near"][0] for i in (0, 2, 4)] == [1, 3, 5]
    for i, point in enumerate(drawn["points"]):
        assert all(abs(x) <= 1 for kind in ("pca", "tsne") for x in point[kind])
        assert i not in point["near"] and len(set(point["near"])) == len(point["near"]) == 6


def test_too_few_texts_make_no_map(tmp_path):
    with pytest.raises(CuadernoError, match="A map has 5"):
        embedding.write_map(SimpleNamespace(id="x-1"), TEXTS[:3], VECTORS[:3], tmp_path / "map.json")
