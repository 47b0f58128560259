from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.citing.bibtex import as_bibtex, plain, read_bibtex, read_library, read_names
from cuaderno.diary.citing.references import Person, Reference, arxiv_id, doi_of
from cuaderno.lab.errors import CuadernoError

WORKS = r"""
@string{nips = {Advances in Neural Information Processing Systems}}
@comment{jabref-meta: databaseType:bibtex;}
@inproceedings{vaswani2017,
  title = {Attention Is {All} You Need},
  author = {Vaswani, Ashish and van der Waals, Johannes and de la Cruz, Jr, Mar{\'\i}a and N{\'u}{\~n}ez, Jos\'e
            and {\L}ukasz Kaiser and {Barnes and Noble} and Fran\c{c}ois Chollet and \v{S}imi\'c, H\'ector and others},
  booktitle = nips, volume = 30, pages = "5998--6008", year = 2017, eprint = {1706.03762v5}, archivePrefix = {arXiv}
}
@article{brown, title={Language Models}, journal={arXiv preprint arXiv:2005.14165}, author={Brown, Tom B}, year={2020}}
@online{nunez, title={Redes}, subtitle={una introducci\'on}, author={Ada N{\'u}{\~n}ez}, date={2024-03-05},
  url={https://example.org/a_b%20c}, langid={spanish}, doi = {https://doi.org/10.1000/ABC}}
"""


def works(text: str = WORKS) -> dict[str, Reference]:
    return read_bibtex(text, Path("references.bib"))


def test_names_come_out_as_people_write_them():
    work = works()["vaswani2017"]
    assert [person.whole for person in work.authors] == [
        "Ashish Vaswani", "Johannes van der Waals", "María de la Cruz Jr", "José Núñez", "Łukasz Kaiser",
        "Barnes and Noble", "François Chollet", "Héctor Šimić",
    ]  # fmt: skip
    assert work.others and work.authors[1] == Person("van der Waals", "Johannes")
    assert Person("Serre", "Jean-Pierre Marie").initials == "J.-P. M."


def test_a_work_knows_where_it_is():
    work = works()["vaswani2017"]
    assert (work.title, work.year, work.arxiv) == ("Attention Is All You Need", "2017", "1706.03762")
    assert work.venue == "Advances in Neural Information Processing Systems" and work.part == "vol. 30, pp. 5998–6008"
    assert work.address == "https://arxiv.org/abs/1706.03762" and not work.lacks
    brown, nunez = works()["brown"], works()["nunez"]
    assert brown.arxiv == "2005.14165" and not brown.venue
    assert (nunez.title, nunez.year, nunez.lang) == ("Redes: una introducción", "2024", "es")
    assert nunez.address == "https://example.org/a_b%20c" and nunez.doi == "10.1000/abc"


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{\"U}ber $O(n^2)$ and $\alpha_{10}$ -- \emph{yes}", "Über O(n²) and α₁₀ – yes"),
        (r"50\% of {\ss}, \o, \aa, \~n \& ``quotes''", "50% of ß, ø, å, ñ & “quotes”"),
        ("50% as it stands", "50% as it stands"),
        (r"unbalanced { brace \unknown{x}", "unbalanced brace unknown x"),
        ("no TeX at all", "no TeX at all"),
        (r"tied~together", "tied together"),
    ],
)
def test_latex_becomes_text(tex, text):
    assert plain(tex) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n@article{x, title={open", 2),
        ("@article{a,title={x}}\n\n@article{a, title={y}}", 3),
        ("@misc{a,\n author={A, B, C, D}}", 1),
    ],
)
def test_what_is_no_bibtex_is_named_with_its_line(text, line):
    with pytest.raises(CuadernoError, match=rf"^references.bib:{line}: this is not BibTeX"):
        works(text)


def test_an_undefined_macro_is_no_fault():
    assert works("@article{a, title={x}, month=foo}")["a"].title == "x"


def test_addresses_that_could_run_are_left_out():
    assert not works("@misc{a, title={x}, url={javascript:alert(1)}}")["a"].address


def test_a_work_written_out_is_read_as_the_same_work():
    for key, text in as_bibtex(WORKS, Path("x")).items():
        assert read_bibtex(text, Path("x"))[key] == works()[key]


def test_a_file_of_an_old_program_is_read(tmp_path):
    (tmp_path / "old.bib").write_bytes("@misc{a, title={Peña}}".encode("cp1252"))
    assert read_library(tmp_path / "old.bib")["a"].title == "Peña"
    with pytest.raises(CuadernoError, match="cannot be read"):
        read_library(tmp_path / "missing.bib")


def test_names_that_were_typed():
    people, others = read_names(
        ("Ashish Vaswani", "Waals, van der, Johannes", "{Google DeepMind}", "José {x", "others")
    )
    assert [one.family for one in people][:1] == ["Vaswani"] and people[2] == Person("Google DeepMind") and others


@pytest.mark.parametrize(
    "text",
    [
        "1706.03762",
        "1706.03762v5",
        "arXiv:1706.03762",
        "https://arxiv.org/abs/1706.03762v2",
        "arxiv.org/pdf/1706.03762.pdf",
    ],
)
def test_an_arxiv_id_in_every_dress(text):
    assert arxiv_id(text) == "1706.03762" and not doi_of(text)


def test_other_ids():
    assert not arxiv_id("9999.99999") and not arxiv_id("1700.03762") and not arxiv_id("hep-th/9913001")
    assert arxiv_id("hep-th/9901001") == "hep-th/9901001" and arxiv_id("170.3") == arxiv_id("10.1000/x") == ""
    assert doi_of("https://doi.org/10.1038/Nature14539") == doi_of("doi:10.1038/nature14539") == "10.1038/nature14539"
    assert not doi_of("11.1000/x") and not doi_of("10.1000/<script>")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("@article{}(),=\"'\\#%$~^_&-– áñ1 \n"), max_size=80))
def test_anything_is_either_read_or_refused_in_words(text):
    try:
        found = read_bibtex(text, Path("x.bib"))
    except CuadernoError as error:
        assert str(error).startswith("x.bib:")
    else:
        assert all("{" not in work.title for work in found.values())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_latex_becomes_some_text(text):
    assert not set("{}\\") & set(plain(text)) or not set("\\{}$~%") & set(text)
