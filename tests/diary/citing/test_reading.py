from pathlib import Path

import pytest

import cuaderno
from cuaderno.diary.citing.reading import read_reading
from cuaderno.diary.portfolio import read_portfolio
from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError

SETTINGS = Settings({}, {}, {})
LIBRARY = "@article{vaswani2017, title={Attention}, author={Vaswani, A}, year=2017, eprint={1706.03762}}\n"


@pytest.fixture
def read(tmp_path):
    def read(text: str | None, library: str | None = LIBRARY):
        if text is not None:
            (tmp_path / "reading.toml").write_text(text, encoding="utf-8")
        if library is not None:
            (tmp_path / "references.bib").write_text(library, encoding="utf-8")
        return read_reading(tmp_path, SETTINGS)

    return read


def faults(reading) -> list[str]:
    return [str(problem).replace(f"{reading.path.parent}/", "") for problem in reading.problems]


def test_nothing_leaves_no_trace(read):
    assert read(None, None) is None
    assert read("# nothing yet\n", None) is None


def test_a_library_alone_can_be_cited(read):
    reading = read(None)
    assert not reading.entries and reading.find("vaswani2017") is reading.find("1706.03762")


def test_an_id_is_a_citation_when_the_library_knows_it(read):
    entry = read('[[entry]]\narxiv = "arXiv:1706.03762v2"\nstate = "read"\n').entries[0]
    assert entry.key == "vaswani2017" and entry.reference.title == "Attention" and not read(None).lacks


def test_the_entry_has_the_last_word(read):
    text = '[[entry]]\nkey = "vaswani2017"\nyear = 2018\nauthors = ["Ada Núñez", "others"]\nlang = "en"\n'
    work = read(text).entries[0].reference
    assert (work.title, work.year, work.others, work.authors[0].whole) == ("Attention", "2018", True, "Ada Núñez")


def test_bibtex_inside_the_list(read):
    text = "[[entry]]\nbibtex = '''\n@misc{own, title={It}, author={A B}, year=2020}\n'''\nstate = 'tried'\n"
    entry = read(text, None).entries[0]
    assert (entry.key, entry.state, entry.line) == ("own", "tried", 1)


def test_what_is_wrong_is_named_with_its_line(read):
    text = """\
titel = "x"
[[entry]]
arxiv = "170"
state = "red"
[[entry]]
title = "A"
rating = 6
date = "32 May"
note = "one language"
[[entry]]
authers = ["A"]
key = "with space"
[[entry]]
state = "read"
[[entry]]
bibtex = '''

@article{x, title={open
'''
[[entry]]
title = "Twice"
[[entry]]
title = "Twice"
"""
    found = faults(read(text))
    for number, words in (
        (1, "has no 'titel'. Did you mean 'title'?"), (3, "is not an arXiv id"), (4, "Did you mean 'read'?"),
        (7, "from 1 to 5"), (8, "is not a date"), (9, "in each language"), (11, "Did you mean 'authors'?"),
        (12, "cannot be a key"), (13, "needs a work"), (18, "not BibTeX"), (22, "entry of line 20 again"),
    ):  # fmt: skip
        assert any(fault.startswith(f"reading.toml:{number}:") and words in fault for fault in found), (number, found)


def test_what_is_missing_is_told_but_no_fault(read):
    reading = read('[[entry]]\narxiv = "2005.14165"\nnote = { en = "Later." }\n')
    assert not reading.problems and len(reading.lacks) == 2
    assert "lacks a title, authors, a year" in reading.lacks[1] and "cuaderno reading complete" in reading.lacks[1]
    assert ":3: note says nothing in 'es' yet" in reading.lacks[0]


@pytest.mark.parametrize("text", ["[[entry]\n", "\xff\xfe", "a = " + "[" * 2000])
def test_a_broken_file_is_a_fault(tmp_path, text):
    (tmp_path / "reading.toml").write_bytes(text.encode("latin-1"))
    reading = read_reading(tmp_path, SETTINGS)
    assert len(reading.problems) == 1 and "cannot be read" in str(reading.problems[0])


def test_a_broken_library_is_a_fault(read, tmp_path):
    assert "references.bib:1: this is not BibTeX" in faults(read(None, "@article{x, title={"))[0]
    (tmp_path / "reading.bib").write_text(LIBRARY)
    assert "is in references.bib too" in faults(read(None, LIBRARY))[0]


def test_an_unknown_work_names_the_nearest(read):
    with pytest.raises(CuadernoError, match="Did you mean 'vaswani2017'"):
        read(None).find("vaswani2107")


@pytest.mark.parametrize("name", ["reading.toml", "portfolio.toml"])
def test_the_example_of_a_new_diary_is_right(tmp_path, name):
    """Without its comment signs it is read without a word, except where it names a picture that is not there."""
    text = (Path(cuaderno.__file__).parent / "scaffold" / "diary" / name).read_text(encoding="utf-8")
    lines = text.split("\n\n", 1)[1].splitlines()
    (tmp_path / name).write_text("\n".join(line[2:] for line in lines), encoding="utf-8")
    (tmp_path / "portfolio").mkdir()
    (tmp_path / "portfolio" / "solver.png").touch()
    read = read_reading if name == "reading.toml" else read_portfolio
    found = read(tmp_path, SETTINGS)
    assert not found.problems and not found.lacks and len(getattr(found, "entries", (1,))) == 1
