"""Into reading.toml and from the network, which is a stand-in on a loopback port."""

import json
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno import cli
from cuaderno.diary.citing import adding, fetching
from cuaderno.diary.citing.adding import Wish, quoted
from cuaderno.diary.citing.reading import read_reading
from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError

SETTINGS = Settings({}, {}, {})
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><title>arXiv Query</title>
<entry><id>http://arxiv.org/abs/1706.03762v7</id><published>2017-06-12T17:57:34Z</published>
<title>Attention Is All
  You Need</title><author><name>Ashish Vaswani</name></author><author><name>Johannes van der Waals</name></author>
<arxiv:journal_ref>A journal 30</arxiv:journal_ref></entry></feed>"""
CSL = {
    "title": "Deep <i>learning</i>", "issued": {"date-parts": [[2015, 5, 27]]}, "container-title": "Nature",
    "author": [{"family": "LeCun", "given": "Yann"}, {"literal": "The Group"}, {}],
}  # fmt: skip
OWN = """\
# mine, with a comment at the end   # and another
title = { en = "Read", es = "Leído" }

[[entry]]   # the first
arxiv = "1706.03762"  # later
state = 'reading'
"""


@pytest.fixture
def outside(monkeypatch):
    """What arXiv and doi.org answer; the requests they got are in `asked`."""
    answers = {"/api/query": (200, ATOM.encode()), "/10.1038/nature14539": (200, json.dumps(CSL).encode())}
    answers["asked"] = []

    class Stand(BaseHTTPRequestHandler):
        def do_GET(self):
            answers["asked"].append((self.path, self.headers["Accept"]))
            status, body = answers.get(self.path.partition("?")[0], (404, b""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(fetching, "ARXIV", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(fetching, "DOI", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield answers
    server.shutdown()
    server.server_close()


def add(folder, what, wish=Wish(), **options):  # noqa: B008
    return adding.add(folder, SETTINGS, what, wish, tell=lambda _: None, **options)


def test_arxiv_says_who_wrote_it(tmp_path, outside):
    added = add(tmp_path, "https://arxiv.org/abs/1706.03762v7", Wish("read", "2026-11-21", 5, (("en", 'So "good"\n'),)))
    assert [one.reference.key for one in added] == ["vaswani2017"] and not added[0].lacks
    entry = tomllib.loads((tmp_path / "reading.toml").read_text())["entry"][0]
    assert entry["title"] == "Attention Is All You Need" and entry["year"] == 2017
    assert entry["authors"] == ["Vaswani, Ashish", "van der Waals, Johannes"] and entry["note"] == {"en": 'So "good"\n'}
    reading = read_reading(tmp_path, SETTINGS)
    assert not reading.problems and reading.entries[0].reference.authors[1].family == "van der Waals"
    assert outside["asked"][0][0] == "/api/query?max_results=1&id_list=1706.03762"


def test_doi_org_says_who_wrote_it(tmp_path, outside):
    added = add(tmp_path, "10.1038/nature14539")[0].reference
    assert (added.key, added.title, added.venue) == ("lecun2015", "Deep learning", "Nature")
    assert outside["asked"][0][1] == fetching.CSL
    assert read_reading(tmp_path, SETTINGS).entries[0].reference.authors[1].family == "The Group"


def test_a_local_work_asks_nobody(tmp_path, outside):
    (tmp_path / "references.bib").write_text("@misc{mine, title={T}, author={A}, year=2017, eprint={1706.03762}}")
    assert add(tmp_path, "1706.03762")[0].local and not outside["asked"]
    assert tomllib.loads((tmp_path / "reading.toml").read_text())["entry"] == [{"key": "mine", "state": "to read"}]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_without_an_answer_the_id_is_kept_and_the_rest_is_named(tmp_path, outside, status):
    outside["/api/query"] = (status, b"")
    added = add(tmp_path, "1706.03762")[0]
    assert added.lacks == ["a title", "authors", "a year"] and str(status) in added.reason
    assert read_reading(tmp_path, SETTINGS).entries[0].key == "arxiv-1706.03762"


def test_without_a_network_too(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "ARXIV", "http://127.0.0.1:9")
    assert "could not be reached" in add(tmp_path, "1706.03762")[0].reason
    monkeypatch.setattr(fetching, "ARXIV", "http://nowhere.invalid")
    reason = add(tmp_path, "1706.03763")[0].reason
    assert reason.startswith("nowhere.invalid could not be reached: ") and "rrno" not in reason and ")" not in reason
    assert "nobody was asked" in add(tmp_path, "2005.14165", offline=True)[0].reason


@pytest.mark.parametrize(
    "body",
    [
        b"<html>", b"", b"\xff\xfe", b"<feed xmlns='http://www.w3.org/2005/Atom'/>", b"<a>" * 3000,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ATOM.replace("Attention Is All\n  You Need", "Error").encode(),
        b"x" * (fetching.LARGEST + 1),
    ],
    ids=range(8),
)  # fmt: skip
def test_an_answer_that_makes_no_sense_writes_nothing(tmp_path, outside, body):
    outside["/api/query"] = (200, body)
    with pytest.raises(CuadernoError):
        add(tmp_path, "1706.03762")
    assert not (tmp_path / "reading.toml").exists()


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"title": 3}', b'{"title": "x", "author": 3}', b"nope"])
def test_a_strange_answer_of_doi_org(tmp_path, outside, body):
    outside["/10.1038/nature14539"] = (200, body)
    with pytest.raises(CuadernoError):
        add(tmp_path, "10.1038/nature14539")
    with pytest.raises(CuadernoError, match="no such work"):
        add(tmp_path, "10.1038/other")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_rest_of_the_file_stays_byte_for_byte(tmp_path, outside, end, mark):
    old = (mark + OWN.replace("\n", end)).encode()
    (tmp_path / "reading.toml").write_bytes(old)
    add(tmp_path, "10.1038/nature14539")
    new = (tmp_path / "reading.toml").read_bytes()
    assert new.startswith(old) and new.count(b"\r\n") == (new.count(b"\n") if end == "\r\n" else 0)
    done = adding.complete(tmp_path, SETTINGS, [], lambda _: None)
    assert [one.reference.key for one in done] == ["1706.03762"]
    lines = (tmp_path / "reading.toml").read_bytes().decode().splitlines()
    more = [line for line in lines if line not in new.decode().splitlines()]
    assert [line.partition(" =")[0] for line in more] == ["title", "authors", "year", "venue"]
    assert [line for line in lines if line not in more] == new.decode().splitlines()
    assert not read_reading(tmp_path, SETTINGS).entries[0].reference.lacks
    assert adding.complete(tmp_path, SETTINGS, [], lambda _: None) == []


def test_what_is_on_the_list_is_not_written_twice(tmp_path):
    (tmp_path / "reading.toml").write_text(OWN)
    with pytest.raises(CuadernoError, match=r"on the list already: .*reading.toml:4"):
        add(tmp_path, "arXiv:1706.03762v3", offline=True)
    assert (tmp_path / "reading.toml").read_text() == OWN


@pytest.mark.parametrize("text", ["entry = [{ title = 'A' }]\n", "entry = 3\n", "[[entry]\n"])
def test_a_file_that_takes_no_more_is_left_alone(tmp_path, text):
    (tmp_path / "reading.toml").write_text(text)
    with pytest.raises(CuadernoError):
        add(tmp_path, "1706.03762", offline=True)
    assert (tmp_path / "reading.toml").read_text() == text


@pytest.mark.parametrize("key", ["a b", "K;x", "it's", "_x", " "])
def test_a_key_that_is_none_writes_nothing(tmp_path, key):
    library = tmp_path / "papers.bib"
    library.write_text("@misc{it's, title={A}, author={B C}, year=2020}\n")
    for what in ("1706.03762", str(library)):
        with pytest.raises(CuadernoError):
            add(tmp_path, what, key=key, offline=True)
    with pytest.raises(CuadernoError, match=r"papers.bib: 'it's' cannot be a key: use letters"):
        add(tmp_path, str(library))
    assert not (tmp_path / "reading.toml").exists()


def test_every_work_of_a_bibtex_file(tmp_path):
    outside, diary = tmp_path / "papers.bib", tmp_path / "diary"
    diary.mkdir()
    outside.write_text(
        "@string{j={J}}@article{a, title={A \\& '''b'''}, journal=j, year=2001, author={{\\'A}vila, T}}"
        "@misc{b,title={B}}"
    )
    assert [one.reference.key for one in add(diary, str(outside), Wish("tried"))] == ["a", "b"]
    entries = read_reading(diary, SETTINGS).entries
    assert entries[0].reference.venue == "J" and entries[0].reference.authors[0].whole == "T Ávila"
    assert [entry.state for entry in entries] == ["tried", "tried"]
    (diary / "references.bib").write_text("@misc{own, title={O}}")
    add(diary, str(diary / "references.bib"))
    assert (diary / "reading.toml").read_text().endswith('[[entry]]\nkey = "own"\nstate = "to read"\n')


@pytest.mark.parametrize("text", ["", "nothing of the kind", "@article{x, title={"])
def test_a_file_without_works_is_refused(tmp_path, text):
    (tmp_path / "x.bib").write_text(text)
    with pytest.raises(CuadernoError):
        add(tmp_path, str(tmp_path / "x.bib"))
    with pytest.raises(CuadernoError, match="no arXiv id"):
        add(tmp_path, "something else")


def test_a_key_that_is_taken_gets_a_letter(tmp_path, outside):
    (tmp_path / "references.bib").write_text("@misc{vaswani2017, title={Another}}")
    assert add(tmp_path, "1706.03762")[0].reference.key == "vaswani2017b"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_quoted(text):
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text


def test_the_command(tmp_path, outside, capsys, monkeypatch):
    def run(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["reading", *words, "--diary", str(tmp_path)])
        return (end.value.code, *capsys.readouterr())

    (tmp_path / "cuaderno.toml").write_text('title = "x"')
    assert run()[0] == 1
    code, out, err = run("add", "1706.03762", "--note", "es: Bien.", "--state", "reading")
    assert code == 0 and "{cite}`vaswani2017`" in out and "asking arXiv" in err
    code, out, err = run("add", "2005.14165", "--offline", "--key", "a b")
    assert code == 1 and "cannot be a key" in err and "a b" not in (tmp_path / "reading.toml").read_text()
    outside["/10.1038/nature14539"] = (500, b"")
    told = run("add", "10.1038/nature14539")[2]
    assert "reading complete" in told and ".)" not in told
    assert json.loads(run("--json")[1])[0]["title"] == "Attention Is All You Need"
    assert "vaswani2017" in run()[1]
    outside["/10.1038/nature14539"] = (200, json.dumps(CSL).encode())
    assert "Deep learning" in run("complete")[1] and "No work lacks" in run("complete")[1]
    for words in (["add"], ["add", "1", "--rating", "9"], ["add", "1", "--note", "fr: x"], ["--state", "read"],
                  ["add", "1", "--date", "soon"]):  # fmt: skip
        assert run(*words)[0] == 1
