import pytest

from cuaderno.site.posters import safe_svg

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 2 2">{}</svg>'


def test_a_drawing_stays_and_gets_a_name():
    drawn = safe_svg(SVG.format('<path d="M0 0h1" fill="var(--ink)"/>'), 'a "maze" <now>')
    assert 'fill="var(--ink)"' in drawn
    assert 'role="img"' in drawn and "<now>" not in drawn


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>", '<path onclick="alert(1)"/>', "<foreignObject><p/></foreignObject>",
        '<image href="https://evil.example/x.png"/>', '<use xlink:href="https://evil.example/x.svg#a"/>',
        '<path fill="url(https://evil.example/#a)"/>', "<style>@import 'https://evil.example'</style>",
        '<a href="javascript:alert(1)"><path/></a>', "<animate onbegin='alert(1)'/>",
    ],
)  # fmt: skip
def test_what_could_run_or_load_is_left_out(evil):
    drawn = safe_svg(SVG.format(evil), "x")
    assert not any(word in drawn for word in ("alert", "evil", "script", "foreign"))


@pytest.mark.parametrize("text", ["", "no svg", "<svg>", "<html/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><svg>&a;"])
def test_what_is_no_drawing(text):
    assert safe_svg(text, "x") is None


def test_alone_it_brings_its_colours():
    assert "prefers-color-scheme" in safe_svg(SVG.format(""), "x", standalone=True)
