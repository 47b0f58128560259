from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.markdown import Context, Directive, render
from cuaderno.site.words import TEXT


def context(**changes) -> Context:
    def fail(*found):
        raise CuadernoError("no such thing")

    def box(context: Context, found: Directive) -> str:
        return f"<i>{found.name}|{found.argument}|{found.options}|{found.body}|{found.line}</i>"

    values = {"role": fail, "directive": box, "link": lambda context, href: href, "image": lambda context, src: {}}
    return Context(Path("posts/x.md"), 10, "en", TEXT["en"], **(values | changes))


def html(text: str, **changes) -> str:
    return render(text, context(**changes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~~gone~~", "<s>gone</s>"),
        ("see https://a.example/b.", '<a href="https://a.example/b">'),
        ("(https://a.example)", '<a href="https://a.example">'),
        ("www.a.example now", '<a href="http://www.a.example">www.a.example</a>'),
        ("me@example.org", '<a href="mailto:me@example.org">'),
        ("| a | b |\n|---|--:|\n| 1 | 2 |", '<td style="text-align:right">2</td>'),
        ("a[^1]\n\n[^1]: note", 'class="footnotes"'),
        ("$x^2$ and $$y$$", "<msup>"),
        ("```python\nx = 1  # why\n```", '<span class="c1"># why</span>'),
        ("```nosuchlanguage\n<b>\n```", "&lt;b&gt;"),
        ("<details><summary>raw</summary></details>", "<details><summary>raw"),
        ("- [x] yes\n- [ ] no", 'class="task done"'),
        ("## Two words", '<h2 id="two-words">'),
        ("## Año: ¿qué?", '<h2 id="año-qué">'),
        ("## A\n\n## A", 'id="a-2"'),
        ("It costs $5 and $6", "$5 and $6"),
        ("<br></br>", "<br></br>"),
    ],
)
def test_github_flavour_and_more(text, expected):
    assert expected in html(text)


@pytest.mark.parametrize(
    "text", ["read train.py", "the README.md file", "`https://a.example`", "[x](https://a.example)"]
)
def test_nothing_is_linked_that_is_no_address(text):
    assert html(text).count("<a ") == text.count("](")


def test_an_empty_link_is_text_and_a_warning():
    seen = context(link=lambda context, href: None)
    assert '<span class="unlinked">prompt</span>' in render("one\n\ntwo\nthe [prompt]() here", seen)
    assert seen.warnings[0].startswith("posts/x.md:13: ")


def test_a_directive_in_both_spellings():
    expected = "<i>curve|maze|{'y': 'loss', 'log': ''}|below|12</i>"
    assert expected in html("a\n\n```{curve} maze\n:y: loss\n:log:\nbelow\n```")
    assert expected in html("a\n\n:::{curve} maze\n:y: loss\n:log:\nbelow\n:::")


def test_faults_carry_file_and_line():
    def fail(*found):
        raise CuadernoError("no such thing")

    seen = context(directive=fail)
    render("one\n{num}`a.b`\n\n- x\n\n  ```{run} y\n  ```\n", seen)
    assert [str(problem) for problem in seen.problems] == [
        "posts/x.md:11: no such thing",
        "posts/x.md:15: no such thing",
    ]


def test_a_formula_that_cannot_be_read_is_shown():
    seen = context()
    assert '<code class="math">' in render(r"$\frac{$", seen)
    assert "formula" in seen.warnings[0]


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab \n`$*_[]()<>!#-|:{}~^\\\t&;1.@/\"'\0é"), max_size=120))
def test_any_text_becomes_html(text):
    seen = context(link=lambda context, href: href or None)
    assert isinstance(render(text, seen), str)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_letters_become_html(text):
    assert isinstance(html(text, role=lambda *found: ""), str)
