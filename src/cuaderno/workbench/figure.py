"""A curve on squared paper, as the site draws it, for the pages that look at runs."""

from html import escape
from urllib.parse import quote

from cuaderno.site import curves, numbers
from cuaderno.site.posters import INK
from cuaderno.site.words import TEXT

LINES = 6  # that can be told apart
STROKES = (
    "path{fill:none;stroke:var(--ink-2);stroke-width:2;stroke-linejoin:round;vector-effect:non-scaling-stroke}"
    ".dot{stroke-width:9;stroke-linecap:round}"
    ".rules{stroke:var(--grid);stroke-width:1}.s1{stroke:var(--blue)}.s2{stroke:var(--red)}.s3{stroke:var(--green)}"
    ".s4{stroke:var(--amber)}.s5{stroke-dasharray:7 4}.s6{stroke:var(--blue);stroke-dasharray:3 4}"
    ".band{stroke:none;fill:var(--ink-2);opacity:.18}.band.s1{fill:var(--blue)}.band.s2{fill:var(--red)}"
    ".band.s3{fill:var(--green)}.band.s4{fill:var(--amber)}"
)


def spoken(name: str, lang: str) -> str:
    """A logged value as a reader calls it."""
    text = TEXT[lang].get(f"logged_{name}", name.replace("_", " "))
    return text[:1].upper() + text[1:]


def spoken_axis(name: str, lang: str) -> str:
    return TEXT[lang][name]


def figure(title: str, series: dict[str, curves.Points], lang: str, x: str = "step", log: bool = False) -> str:
    """One or more series over the same axes; the names are a key when there are several.

    Raises:  ValueError when there are no points, or a logarithmic scale meets zero.
    """
    plot = curves.plot(series, log)
    numbered = list(enumerate(plot.lines, 1))
    ys = "".join(f'<span style="bottom:{at:.1f}%">{numbers.short(value, lang)}</span>' for at, value in plot.y_ticks)
    xs = "".join(
        f'<span style="left:{at:.1f}%{";transform:translateX(-100%)" if at > 96 else ""}">'
        f"{numbers.short(value, lang)}</span>"
        for at, value in plot.x_ticks
    )
    key = "".join(f'<span class="s{n}">{escape(line.name)}</span>' for n, line in numbered)
    said = " ".join(_said(name, points, lang) for name, points in series.items())
    return (
        f'<figure class="frame curve"><header><b>{escape(title)}</b><span>{_last(series, lang)}</span></header>'
        f'<div class="plot"><div class="ys" aria-hidden="true">{ys}</div>'
        f'<img src="{as_image(_drawn(plot))}" alt="{escape(title)}. {escape(said)}">'
        f'<div class="xs" aria-hidden="true">{xs}</div></div>'
        + (f'<p class="key">{key}</p>' if len(series) > 1 else "")
        + f"<figcaption>{escape(TEXT[lang][x])}</figcaption></figure>"
    )


def as_image(svg: str) -> str:
    """A drawing as the address of a picture: Streamlit takes no SVG as a part of a page."""
    return f"data:image/svg+xml,{quote(svg)}"


def _drawn(plot: curves.Plot) -> str:
    lines = "".join(
        (f'<path class="band s{n}" d="{line.band}"/>' if line.band else "")
        + f'<path class="s{n}{_dot(line.path)}" d="{line.path}"/>'
        for n, line in enumerate(plot.lines, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {curves.WIDTH} {curves.HEIGHT}" '
        f'preserveAspectRatio="none"><style>{INK}{STROKES}</style><path class="rules" d="{plot.grid}"/>{lines}</svg>'
    )


def _dot(path: str) -> str:
    """A single point is too short for a line and becomes a dot."""
    return "" if "L" in path else " dot"


def _last(series: dict[str, curves.Points], lang: str) -> str:
    """The newest value of a curve that stands alone."""
    points = next(iter(series.values()))
    return numbers.short(points[-1][1], lang) if len(series) == 1 and points else ""


def _said(name: str, points: curves.Points, lang: str) -> str:
    ys = [y for _, y in points] or [0.0]
    first, last = numbers.short(ys[0], lang), numbers.short(ys[-1], lang)
    return f"{name}: {first} → {last}."
