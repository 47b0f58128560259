import pytest

from cuaderno.site.posters import drawn_size, safe_svg

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 2 2">{}</svg>'


def test_a_drawing_stays_and_gets_a_name():
    drawn = safe_svg(SVG.format('<path d="M0 0h1" fill="var(--ink)"/>'), 'a "maze" <now>')
    assert 'fill="var(--ink)"' in drawn
    assert 'role="img"' in drawn and "<now>" not in drawn


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>", '<path onclick="alert(1)"/>', "<foreignObject><p/></foreignObject>",
        '<image href="https://evil.example/x.png"/>', '<image xlink:href="data:image/svg+xml;base64,evil"/>',
        '<image href="https://evil.example/x.png" xlink:href="data:image/png;base64,AAAA"/>',
        '<image href="data:image/png;base64,AAAA" xlink:href="javascript:alert(1)" onload="alert(1)"/>',
        '<use xlink:href="https://evil.example/x.svg#a"/>',
        '<path fill="url(https://evil.example/#a)"/>', "<style>@import 'https://evil.example'</style>",
        '<a href="javascript:alert(1)"><path/></a>', "<animate onbegin='alert(1)'/>",
        '<g style="background:u\\72l(https://evil.example/x)"/>', '<use href="javascript:alert(1)"/>',
        '<g style="background-image:image-set(&quot;https://evil.example/x&quot; 1x)"/>',
        '<g class="widget evil" data-module="data:text/javascript,alert(1)"><g data-start="alert"/></g>',
        '<g style="position:fixed;inset:0;color:evil"/>', '<title><path d="evil"/></title>',
    ],
)  # fmt: skip
def test_what_could_run_or_load_is_left_out(evil):
    drawn = safe_svg(SVG.format(evil), "x")
    assert not any(word in drawn for word in ("alert", "evil", "script", "foreign"))


def test_pixels_within_the_drawing_stay():
    drawn = safe_svg(SVG.format('<image width="2" xlink:href="data:image/png;base64,AA+/=="/>'), "x", prefix="p")
    assert 'href="data:image/png;base64,AA+/=="' in drawn and "xlink" not in drawn


def test_a_prefix_keeps_the_ids_of_two_drawings_apart():
    drawn = safe_svg(
        SVG.format(
            '<mask id="m"/><g id="g" mask="url(#m)" style="clip-path:url(\'#m\')"/><use xlink:href="#g"/>'
            '<use href="#gone"/><text aria-labelledby="g m">#g</text>'
        ),
        "x",
        prefix="p",
    )
    for part in ('id="p-m"', 'id="p-g"', 'mask="url(#p-m)"', "url('#p-m')", 'href="#p-g"', '"p-g p-m"', ">#g<"):
        assert part in drawn, part
    assert "gone" not in drawn and "xlink" not in drawn


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 31 20.5"', (31, 20.5)), ('viewBox="0,0,31,20"', (31, 20)),
        ('width="300" height="30px"', (300, 30)),
        ('width="300pt" height="75pt" viewBox="0 0 1 1"', (400, 100)), ('width="100%" height="9"', None), ("", None),
        ('viewBox="0 0 0 9"', None), ('viewBox="0 0 1.2.3 9"', None), (f'width="{"9" * 400}" height="9"', None),
    ],
)  # fmt: skip
def test_the_size_of_a_drawing(attributes, size):
    assert drawn_size(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>') == size


def test_a_drawing_that_only_tells_its_size_gets_a_view_box():
    assert 'viewBox="0 0 300 30"' in safe_svg(SVG.replace('viewBox="0 0 2 2"', 'width="300" height="30"'), "x")


def test_a_bottomless_drawing_is_none():
    assert safe_svg(SVG.format("<g>" * 9000 + "</g>" * 9000), "x") is None


@pytest.mark.parametrize("text", ["", "no svg", "<svg>", "<html/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><svg>&a;"])
def test_what_is_no_drawing(text):
    assert safe_svg(text, "x") is None


def test_alone_it_brings_its_colours():
    assert "prefers-color-scheme" in safe_svg(SVG.format(""), "x", standalone=True)
