"""About page, portfolio, reading list, citations: right in both languages, printed again when something changes."""

import re
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from cuaderno.diary.citing.references import Person, Reference
from cuaderno.lab.errors import CuadernoError
from cuaderno.site import citations
from cuaderno.site.build import build
from cuaderno.site.check import check, follow

from .conftest import RUN, record

PORTFOLIO = """\
[[project]]
title = { en = "Cats <against> dogs", es = "Gatos <contra> perros" }
date = 2025
tags = ["personal", "vision"]
text = { en = "It **runs**: {num}`labyrinth.loss`. See [the plan](posts/plans.md).[^a]\\n\\n[^a]: One.", es = "*Va*." }
[[project.picture]]
file = "portfolio/cats.png"
alt = { en = "A \\"cat\\"", es = "Un gato" }
caption = { en = "Me.", es = "Yo." }
[[project.link]]
title = "GitHub"
url = "https://example.org/?a=1&b=2"

[[project]]
title = { en = "Mazes", es = "Laberintos" }
post = "mazes"
number = "solved_loops"
text = { en = "As in {cite}`vaswani2017`.[^a]\\n\\n[^a]: Two." }
"""
LIBRARY = r"""
@inproceedings{vaswani2017, title={Attention Is All You Need}, author={Vaswani, Ashish and Shazeer, Noam and others},
  booktitle={NeurIPS}, year=2017, eprint={1706.03762}, archivePrefix={arXiv}}
@book{nunez, title={Redes <neuronales>}, author={N{\'u}{\~n}ez, Ada and Ib{\'a}{\~n}ez, Luis}, year=2020,
  langid={spanish}}
@book{later, title={Zeta}, author={N{\'u}{\~n}ez, Ada and Ib{\'a}{\~n}ez, Luis}, year=2020}
"""
READING = """\
[[entry]]
arxiv = "1706.03762"
state = "read"
date = 2026-11-02
rating = 4
tags = { en = ["personal"], es = ["en casa"] }
note = { en = "Because of $\\\\sqrt{d}$.", es = "Por $\\\\sqrt{d}$." }
[[entry]]
key = "whisper"
title = "Whisper"
authors = ["OpenAI"]
url = "https://example.org/whisper"
state = "tried"
note = { en = "It <b>understands</b> me." }
"""
CITES = """\
---
title: What I read
date: 2026-11-22
lang: {lang}
---
First {{cite}}`vaswani2017, nunez|page=7`, then {{cite}}`nunez|text` and {{cite}}`later`.
"""


@pytest.fixture
def whole(diary):
    """The diary with everything for readers in it."""
    (diary / "about" / "img").mkdir(parents=True)
    (diary / "about" / "en.md").write_text(
        "---\ntitle: About me\n---\nI solve {num}`labyrinth.solved_large`, see [mazes](../posts/mazes/en.md), cite "
        "{cite}`nunez`.\n\n![Me](img/me.png)\n\n```{metrics} labyrinth\n```\n"
    )
    (diary / "portfolio").mkdir()
    for path in (diary / "about" / "img" / "me.png", diary / "portfolio" / "cats.png"):
        Image.new("RGB", (64, 48), "#1d4ed8").save(path)
    for name, text in (("portfolio.toml", PORTFOLIO), ("references.bib", LIBRARY), ("reading.toml", READING)):
        (diary / name).write_text(text, encoding="utf-8")
    (diary / "posts" / "cites.md").write_text(CITES.format(lang="es"), encoding="utf-8")
    return diary


def printed(diary):
    return build(diary, search=False, report=lambda line: None)


def page(diary, path: str) -> str:
    return (printed(diary).output / path / "index.html").read_text(encoding="utf-8")


def plain(html: str) -> str:
    html = re.sub(r'<span class="stamp".*?</span>', "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<main")[2]).split())


def test_it_checks(whole):
    assert "links lead somewhere" in check(whole, lambda line: None)


def test_without_files_there_is_no_trace(diary):
    site = printed(diary).output
    assert not (site / "portfolio").exists() and not (site / "reading").exists()
    home = (site / "index.html").read_text()
    assert "portfolio" not in home and "reading/" not in home and "reading/" not in (site / "sitemap.xml").read_text()
    for name in ("portfolio.toml", "reading.toml"):
        (diary / name).write_text("# only a comment\n")
    assert printed(diary).printed == 0


def test_the_pages_are_known_to_machines(whole):
    site = printed(whole).output
    addresses = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text())
    for path in ("portfolio/", "reading/"):
        for home in ("", "es/"):
            assert f"https://ada.example/notebook/{home}{path}" in addresses
        html = (site / "es" / path / "index.html").read_text()
        assert f'<link rel="canonical" href="https://ada.example/notebook/es/{path}">' in html
        assert f'hreflang="en" href="https://ada.example/notebook/{path}"' in html and '<html lang="es"' in html
        picture = re.search(r'og:image" content="https://ada.example/notebook/([^"]*)"', html)[1]
        assert (site / picture).is_file() and "pages" in picture
        assert "data-pagefind-body" in html and '<a href="/notebook/es/portfolio/"' in html
    assert follow(site, "/notebook/")[1] == []


def test_the_portfolio_shows_projects_with_what_was_kept(whole):
    english, spanish = page(whole, "portfolio"), page(whole, "es/portfolio")
    assert "Cats &lt;against&gt; dogs" in english and "<against>" not in english and "<strong>runs</strong>" in english
    assert 'src="/notebook/portfolio/cats.png" alt="A &#34;cat&#34;" width="64" height="48"' in english
    assert "<figcaption>Yo.</figcaption>" in spanish and 'href="https://example.org/?a=1&amp;b=2">GitHub' in english
    assert f'src="/notebook/runs/{RUN}/poster.svg"' in english and "96.5 % [92.9–98.6]" in plain(english)
    assert "96,5 % [92,9–98,6]" in plain(spanish) and "59 × 59 con bucles, resueltos" in spanish
    assert '<a class="tag" href="/notebook/tags/personal/">' in english and "<span>#vision</span>" in english
    assert 'class="tag">vision' not in english, "it leads nowhere, and does not look as if it did"
    reading = [page(whole, "reading"), page(whole, "es/reading")]
    assert '<a class="tag" href="/notebook/tags/personal/">' in reading[0] and "#en casa" not in reading[0]
    assert "<span>#en casa</span>" in reading[1] and ">#personal<" not in reading[1]
    assert 'href="/notebook/posts/plans/"' in english and 'href="/notebook/es/posts/mazes/"' in spanish
    assert '<div lang="en" class="lent">' in spanish and "solo en inglés" in spanish and "solo en" not in english
    for html in (english, spanish):
        ids = re.findall(r' id="([^"]*)"', html)
        assert len(ids) == len(set(ids)), "two texts of a page, each with a footnote and a number"


def test_the_about_page_is_a_text_like_any_other(whole):
    english, spanish = page(whole, "about"), page(whole, "es/about")
    assert "100.0 % [98.1–100]" in plain(english) and "<table" in english and 'id="ref-nunez"' in english
    assert 'src="/notebook/about/img/me.png" alt="Me" loading="lazy" decoding="async" width="64"' in english
    assert "Ada Núñez" in plain(english) and "Writing here since 19 May 2023. 5 posts, 2 kept runs." in plain(english)
    assert 'href="/notebook/portfolio/#cats-against-dogs"' in english
    assert 'href="/notebook/es/portfolio/#cats-against-dogs">Gatos' in spanish
    assert '<div lang="en">' in spanish and "todavía no está traducida" in spanish and "About me" in spanish


def test_the_reading_list_is_grouped(whole):
    english, spanish = page(whole, "reading"), page(whole, "es/reading")
    words = plain(english)
    assert words.index("Tried") < words.index("Whisper") < words.index("Read 2 November") < words.index("Attention")
    assert "Ashish Vaswani, Noam Shazeer et al. · 2017 · NeurIPS · arXiv 1706.03762" in words
    assert 'aria-label="Rating: 4 out of 5"' in english and 'aria-label="Valoración: 4 de 5"' in spanish
    assert "<math" in english and '<div class="note" lang="en">' in spanish and "Citado en:" in spanish
    assert '<a class="title" href="https://arxiv.org/abs/1706.03762" lang="en">' in spanish
    assert "nunez" not in english, "what is in the library only is not on the list"


def test_a_note_may_show_a_picture(whole):
    Image.new("RGB", (12, 9)).save(whole / "sketch.png")
    note = "![A sketch](sketch.png)"
    (whole / "reading.toml").write_text(READING.replace("Because", f"{note} because").replace("Por", f"{note} por"))
    for home in ("", "es/"):
        assert f'src="/notebook/{home}reading/sketch.png" alt="A sketch"' in page(whole, f"{home}reading")
        assert (whole / "_site" / home / "reading" / "sketch.png").is_file()
    Image.new("RGB", (24, 9)).save(whole / "sketch.png")
    assert 'width="24"' in page(whole, "reading")


def test_citations_speak_both_languages(whole):
    spanish = page(whole, "es/posts/cites")
    words = plain(spanish)
    assert "First ( Vaswani et al., 2017 ; Núñez e Ibáñez, 2020a , p. 7) , then Núñez e Ibáñez (2020a) and" in words
    assert "and ( Núñez e Ibáñez, 2020b ) ." in words
    assert "Núñez, A. e Ibáñez, L. (2020a). Redes &lt;neuronales&gt; ." in words
    assert "Vaswani, A., Shazeer, N. et al. (2017). Attention Is All You Need . NeurIPS. arXiv:1706.03762 ·" in words
    assert '<h2 id="referencias">' in spanish and 'href="/notebook/es/reading/#ref-vaswani2017"' in spanish
    assert spanish.count('id="cited-nunez"') == 1 and '<cite lang="en">Attention' in spanish
    (whole / "posts" / "cites.md").write_text(CITES.format(lang="en"))
    english = page(whole, "posts/cites")
    assert "Núñez and Ibáñez (2020a)" in plain(english) and '<cite lang="es">Redes' in english
    feed = ElementTree.parse(printed(whole).output / "feed.xml").getroot()
    assert any("https://ada.example/notebook/posts/cites/#ref-nunez" in (one.text or "") for one in feed.iter())


def test_a_citation_of_nothing_stops_the_build(whole):
    wrong = ["vaswani2107", " ", " , ", "nunez|pages=3"]
    text = "".join(f"A {{cite}}`{content}`.\n" for content in wrong)
    (whole / "posts" / "cites.md").write_text(f"---\ntitle: x\ndate: 2026-11-22\n---\n{text}")
    with pytest.raises(CuadernoError) as error:
        printed(whole)
    for line, words in enumerate(
        ["Did you mean 'vaswani2017'", "which work?", "which work?", "Did you mean 'page'"], 5
    ):
        assert re.search(rf"cites.md:{line}: .*{re.escape(words)}", str(error.value))


def test_a_citation_without_any_library(diary):
    (diary / "posts" / "cites.md").write_text(CITES.format(lang="en"))
    with pytest.raises(CuadernoError, match="cuaderno reading add"):
        printed(diary)


WRONG = [
    ('post = "maze"', "Did you mean 'mazes'"),
    ('study = "labyrint"', "Did you mean 'labyrinth'"),
    ('run = "nothing"', "no kept run"),
    ('number = "solved"', "needs a run"),
    ('post = "mazes"\nnumber = "solved_loop"', "Did you mean 'solved_loops'"),
    ('text = { en = "{num}`labyrinth.los`" }', "Did you mean 'loss'"),
    ('text = { en = "[x](posts/plan.md)" }', "leads to no post"),
    ('text = { en = """\n{cite}`nobody`""" }', "no work 'nobody'"),
]


def test_what_a_project_names_wrongly_stops_the_build(whole):
    text, places = "", []
    for entry, words in WRONG:
        text += f'[[project]]\ntitle = {{ en = "A", es = "B" }}\n{entry}\n'
        places.append((text.count("\n"), words))
    (whole / "portfolio.toml").write_text(text)
    with pytest.raises(CuadernoError) as error:
        printed(whole)
    for line, words in places:
        assert re.search(rf"portfolio.toml:{line}: .*{re.escape(words)}", str(error.value)), (line, words)


def test_what_waits_for_its_translation_is_told(whole):
    told = build(whole, search=False, report=lambda line: None).warnings
    assert any("portfolio.toml:18: text says nothing in 'es' yet" in line for line in told)
    assert any("reading.toml:14: note says nothing in 'es' yet" in line for line in told)


def changed(diary):
    """First builds, then gives the pages that another build prints anew."""
    site = printed(diary).output
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*.html")}
    yield
    site = printed(diary).output
    yield {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if path.stat().st_mtime_ns != before.get(path)
    }


CHANGES = {
    "a note": ("reading.toml", READING.replace("Because", "All because"), {"reading/", "es/posts/cites/"}),
    "a project": ("portfolio.toml", PORTFOLIO.replace("2025", "2024"), {"portfolio/", "about/"}),
    "a work": (
        "references.bib",
        LIBRARY.replace("Attention", "Attention,"),
        {"reading/", "es/posts/cites/", "portfolio/"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_prints_what_shows_it_and_little_else(whole, name):
    file, text, pages = CHANGES[name]
    steps = changed(whole)
    next(steps)
    (whole / file).write_text(text, encoding="utf-8")
    found = next(steps)
    assert {f"{path}index.html" for path in pages} <= found
    assert not {"index.html", "posts/mazes/index.html", "archive/index.html"} & found


@pytest.mark.parametrize("path", ["portfolio/cats.png", "about/img/me.png"])
def test_a_picture_of_another_size_is_printed_with_its_size(whole, path):
    printed(whole)
    Image.new("RGB", (30, 20)).save(whole / path)
    assert 'width="30" height="20"' in page(whole, path.partition("/")[0])


def test_a_new_run_changes_the_number_of_a_project(whole):
    printed(whole)
    metrics = {"solved_loops": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}, "loss": {"value": 1.0, "n": 9}}
    text = PORTFOLIO.replace('post = "mazes"', 'study = "labyrinth"')
    (whole / "portfolio.toml").write_text(text)
    record(whole / "records", "labyrinth-20261130-101010-0a0a0a", metrics=metrics)
    (whole / "about" / "en.md").write_text("Hello.\n")
    (whole / "posts" / "mazes" / "en.md").unlink()
    (whole / "posts" / "mazes" / "es.md").unlink()
    (whole / "posts" / "solo.md").unlink()
    assert "50.0 % [40.0–60.0]" in plain(page(whole, "portfolio"))


def test_a_draft_is_not_named(whole):
    (whole / "posts" / "mazes" / "es.md").unlink()
    path = whole / "posts" / "mazes" / "en.md"
    path.write_text(path.read_text().replace("tags:", "draft: true\ntags:", 1))
    (whole / "about" / "en.md").unlink()
    (whole / "portfolio.toml").write_text(PORTFOLIO.replace('number = "solved_loops"\n', ""))
    assert "posts/mazes" not in page(whole, "portfolio")


def test_an_about_page_that_is_no_text_is_a_fault(whole):
    (whole / "about" / "en.md").write_bytes(b"\xff\xfe")
    with pytest.raises(CuadernoError, match=r"about/en.md:1: this is not UTF-8"):
        printed(whole)


@pytest.mark.parametrize(
    ("families", "english", "spanish"),
    [
        (["Vaswani"], "Vaswani", "Vaswani"),
        (["Núñez", "Ibáñez"], "Núñez and Ibáñez", "Núñez e Ibáñez"),
        (["Núñez", "Hinojosa"], "Núñez and Hinojosa", "Núñez e Hinojosa"),
        (["Núñez", "Hierro"], "Núñez and Hierro", "Núñez y Hierro"),
        (["Núñez", "Yáñez"], "Núñez and Yáñez", "Núñez y Yáñez"),
        (["A", "B", "C"], "A et al.", "A et al."),
    ],
)
def test_short_names(families, english, spanish):
    work = Reference("k", "Title", tuple(Person(family) for family in families))
    assert (citations.names_short(work, "en"), citations.names_short(work, "es")) == (english, spanish)


def test_names_and_years_that_nobody_knows():
    work = Reference("k", "A title of many words indeed")
    assert citations.names_short(work, "en") == "A title of many …" and citations.year(work, "", "es") == "s. f."
    many = Reference("k", "T", tuple(Person(f"F{n}", "Ann Bea") for n in range(9)))
    assert citations.names_turned(many, "en") == "F0, A. B., F1, A. B., F2, A. B. et al."
    assert citations.names_in_full(many, "es") == "Ann Bea F0, Ann Bea F1, Ann Bea F2 et al."


def test_the_letters_go_on_after_z():
    found = citations.marks(Reference(f"k{n:02}", f"T{n:02}", (Person("A"),), year="2020") for n in range(28))
    assert (found["k00"], found["k25"], found["k26"], found["k27"]) == ("a", "z", "aa", "ab")
    assert citations.marks([Reference("a", year="2020")]) == {}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(whole, tmp_path, serve_folder, chromium, width, scheme):
    build(whole, tmp_path / "www" / "notebook", search=False, report=lambda line: None)
    address = serve_folder(tmp_path / "www") + "notebook/"
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    for path in ("portfolio/", "es/portfolio/", "reading/", "es/reading/", "about/", "es/about/", "es/posts/cites/"):
        tab.goto(address + path)
        assert [found["id"] for found in Axe().run(tab).response["violations"]] == [], path
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
