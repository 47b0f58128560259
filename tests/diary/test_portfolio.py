import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.dates import When, parse_when
from cuaderno.diary.portfolio import read_portfolio
from cuaderno.diary.settings import Settings
from cuaderno.diary.sheets import Sheet, as_address

SETTINGS = Settings({}, {}, {})
WHOLE = """\
[[project]]
title = { en = "Cats!", es = "¡Gatos!" }
date = 2025
until = "2026-03"
tags = ["vision", "vision"]

[project.text]
en = '''
It runs.
'''
es = "Funciona."

[[project.picture]]
file = "portfolio/cats.png"
alt = { en = "A cat", es = "Un gato" }

[[project.link]]
title = "GitHub"
url = "https://example.org"

[[project]]
title = { en = "Cats!", es = "Gatos" }
"""


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        (tmp_path / "portfolio").mkdir(exist_ok=True)
        (tmp_path / "portfolio" / "cats.png").touch()
        (tmp_path / "portfolio.toml").write_text(text, encoding="utf-8")
        return read_portfolio(tmp_path, SETTINGS)

    return read


def test_nothing_leaves_no_trace(read, tmp_path):
    assert read_portfolio(tmp_path, SETTINGS) is None
    assert read("# [[project]]\n") is None and read('lead = { en = "a", es = "b" }\n') is None


def test_a_whole_one(read):
    portfolio = read(WHOLE)
    assert not portfolio.problems and not portfolio.lacks
    first, second = portfolio.projects
    assert (first.id, second.id, first.date, str(first.until)) == ("cats", "cats-2", When(2025), "2026-03")
    assert first.text.texts == {"en": "It runs.\n", "es": "Funciona."} and first.text.lines == {"en": 9, "es": 11}
    assert first.tags == {"en": ("vision",), "es": ("vision",)} and first.pictures[0].alt["es"] == "Un gato"
    assert first.links[0].title == {"en": "GitHub", "es": "GitHub"} and (first.line, second.line) == (1, 21)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("tags =", "tag =", 5, "has no 'tag'. Did you mean 'tags'?"),
        ('es = "¡Gatos!"', 'fr = "Chats"', 2, "'fr' is not a language"),
        (', es = "¡Gatos!"', "", 2, "says nothing in 'es'"),
        ("date = 2025", "date = 2027", 4, "until: 2026-03 comes before the date 2027"),
        ("date = 2025", 'date = "soon"', 3, "is not a date"),
        ("portfolio/cats.png", "portfolio/cat.png", 14, "Did you mean 'portfolio/cats.png'?"),
        ("portfolio/cats.png", "../cats.png", 14, "lies outside the diary"),
        ("portfolio/cats.png", "/etc/passwd", 14, "lies outside the diary"),
        ("portfolio/cats.png", "portfolio.toml", 14, "no picture that a page can show"),
        ('alt = { en = "A cat", es = "Un gato" }', "", 13, "a picture needs alt"),
        ('alt = { en = "A cat", es = "Un gato" }', 'alt = { en = "A cat" }', 15, "alt: it says nothing in 'es'"),
        ("https://example.org", "javascript:alert(1)", 19, "is not a web address"),
        ('title = "GitHub"', "titel = 3", 18, "a link has no 'titel'"),
        ("[[project.link]]", "[project.link]", 17, "under a line of its own: [[project.link]]"),
        ('title = { en = "Cats!", es = "Gatos" }', "date = 2020", 21, "a project needs title"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(read, old, new, line, words):
    assert old in WHOLE
    problems = [str(problem) for problem in read(WHOLE.replace(old, new)).problems]
    assert any(f"portfolio.toml:{line}: " in problem and words in problem for problem in problems), problems


def test_tags_may_be_given_per_language(read):
    found = read('[[project]]\ntitle = { en = "A", es = "B" }\ntags = { en = ["mazes"], es = ["laberintos", "red"] }\n')
    assert not found.problems and found.projects[0].tags == {"en": ("mazes",), "es": ("laberintos", "red")}
    for tags, words in [('{ en = ["a"] }', "no list in 'es'"), ('{ en = ["a"], fr = ["b"] }', "'fr' is not a language"),
                        ('{ en = "a", es = ["b"] }', "must be a list"), ('"a"', "must be a list")]:  # fmt: skip
        problems = read(f'[[project]]\ntitle = {{ en = "A", es = "B" }}\ntags = {tags}\n').problems
        assert len(problems) == 1 and "portfolio.toml:3: tags: " in str(problems[0]) and words in str(problems[0])


def test_a_text_may_wait_for_its_translation(read):
    portfolio = read(WHOLE.replace('es = "Funciona."', ""))
    assert not portfolio.problems and portfolio.projects[0].text.for_reader("es") == "en"
    assert portfolio.lacks[0].endswith(
        "portfolio.toml:7: text says nothing in 'es' yet; who reads 'es' gets it in 'en'."
    )


def test_a_link_out_of_the_diary_is_refused(read, tmp_path):
    read(WHOLE)
    (tmp_path / "portfolio" / "cats.png").unlink()
    (tmp_path.parent / "secret.png").touch()
    (tmp_path / "portfolio" / "cats.png").symlink_to(tmp_path.parent / "secret.png")
    assert "lies outside" in str(read_portfolio(tmp_path, SETTINGS).problems[0])


@pytest.mark.parametrize("address", ["https://a.b/c?d=e#f", "mailto:ada@example.org", "/posts/x/"])
def test_addresses(address):
    assert as_address(address) == address


@pytest.mark.parametrize(
    "address", ["//a.b", "/\\a.b", "data:text/html,x", "a.b", "https://", "http://[", "https://a b"]
)
def test_no_addresses(address):
    with pytest.raises(ValueError):
        as_address(address)


@pytest.mark.parametrize(
    ("value", "english", "spanish", "text"),
    [
        (2026, "2026", "2026", "2026"),
        ("2026-3", "March 2026", "marzo de 2026", "2026-03"),
        ("May 2024", "May 2024", "mayo de 2024", "2024-05"),
        ("mayo de 2024", "May 2024", "mayo de 2024", "2024-05"),
        ("21 de mayo de 2024", "21 May 2024", "21 de mayo de 2024", "2024-05-21"),
    ],
)
def test_dates_are_as_exact_as_they_were_written(value, english, spanish, text):
    when = parse_when(value)
    assert (when.spell("en"), when.spell("es"), str(when)) == (english, spanish, text)


@pytest.mark.parametrize("value", [True, 26, "2026-13", "", None, 2.5, "Blober 2024", [2024]])
def test_no_dates(value):
    with pytest.raises((ValueError, OverflowError)):
        parse_when(value)


def test_a_year_is_not_before_its_own_months():
    assert (
        not When(2024).before(When(2024, 5))
        and When(2024, 4).before(When(2024, 5))
        and When(2023).before(When(2024, 1))
    )


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("[]project.picture link title = {}\"'en es,\n#\\\x00"), max_size=100))
def test_any_file_is_read_or_refused(tmp_path_factory, text):
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "portfolio.toml").write_text(text, encoding="utf-8")
    portfolio = read_portfolio(folder, SETTINGS)
    assert portfolio is None or portfolio.projects or portfolio.problems


def test_a_sheet_finds_its_lines(tmp_path):
    (tmp_path / "x.toml").write_text("a = 1\n[[b]]\nc = 2\n[b.d]\ne = 3\n[[b]]\nc = 4\n")
    sheet = Sheet(tmp_path / "x.toml", ("en",))
    found = sheet.read()
    assert [line for _, line in sheet.tables(found, "b")] == [2, 6]
    assert (sheet.line(2, "c"), sheet.line(2, "d"), sheet.line(6, "c"), sheet.line(2, "nothing")) == (3, 4, 7, 2)
