"""What vectors look like: neighbours as a table, a map to point at, a sentence as rows of squares."""

from html import escape
from typing import Any

from cuaderno.site import numbers
from cuaderno.site.posters import INK
from cuaderno.workbench import theme
from cuaderno.workbench.embedding.words import TEXT
from cuaderno.workbench.examining.showing import table

HEIGHT = 460  # pixels of the map
CROWD = 1000  # points, from which on they are small and let one another through
WHEEL = "wheel![event.ctrlKey || event.metaKey]"  # the wheel alone scrolls the page
LEVELS = 6  # of blue and of red
TALL, WIDE, LABEL = 18, 7, 112  # of a square, and the width of the tokens before it
MOST_TOKENS = 32


def neighbours(found: list[tuple[float, str]], lang: str) -> str:
    """Texts with their likeness, as bars and numbers."""
    words = TEXT[lang]
    heads = f'<th scope="col" class="n">{escape(words["likeness"])}</th><th scope="col">{escape(words["text"])}</th>'
    rows = "".join(
        f'<tr><td class="n">{numbers.decimal(likeness, 3, lang)}</td><td>{escape(text)}</td></tr>'
        for likeness, text in found
    )
    return table(heads, rows, words["likeness"], "runs near")


def map_of(points: list[dict[str, Any]], kind: str, found: set[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The map as Vega-Lite takes it, and its rows; zoom, hover, and a click that chooses a point."""
    rows = [
        {
            "number": number,
            "text": point["text"],
            "x": point[kind][0],
            "y": point[kind][1],
            "is": point["text"] in found,
        }
        for number, point in enumerate(points)
    ]
    is_crowd = len(points) > CROWD
    axis = {"labels": False, "ticks": False, "title": None, "domain": False}
    chosen = {"name": "point", "select": {"type": "point", "fields": ["number"]}}
    spec = {
        "height": HEIGHT,
        "params": [chosen, {"name": "zoom", "select": {"type": "interval", "zoom": WHEEL}, "bind": "scales"}],
        "mark": {"type": "circle", "opacity": 0.45 if is_crowd else 0.85},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "axis": axis, "scale": {"domain": [-1.08, 1.08]}},
            "y": {"field": "y", "type": "quantitative", "axis": axis, "scale": {"domain": [-1.08, 1.08]}},
            "size": {"condition": {"test": "datum.is", "value": 170}, "value": 14 if is_crowd else 75},
            "color": {
                "condition": {"test": "datum.is", "value": theme.LIGHT["redTextColor"]},
                "value": "#5b82e8",
            },
            "tooltip": [{"field": "text", "type": "nominal", "title": " "}],
        },
    }
    return spec, rows


def sequence(tokens: list[str], vectors: Any) -> str:
    """A row of squares for each token: blue above zero, red below, in as many steps as can be told apart."""
    tokens, vectors = tokens[:MOST_TOKENS], vectors[:MOST_TOKENS]
    largest = max(float(abs(vectors).max()), 1e-9)
    paths: dict[int, list[str]] = {}
    for row, vector in enumerate((vectors / largest * LEVELS).round().astype(int).tolist()):
        for column, level in enumerate(vector):
            if level:
                paths.setdefault(level, []).append(f"M{LABEL + column * WIDE} {row * TALL}h{WIDE}v{TALL - 2}h-{WIDE}z")
    drawn = "".join(
        f'<path fill="var(--{"blue" if level > 0 else "red"})" opacity="{abs(level) / LEVELS:.2f}" '
        f'd="{"".join(cells)}"/>'
        for level, cells in sorted(paths.items())
    )
    names = "".join(
        f'<text x="{LABEL - 10}" y="{row * TALL + 12}" text-anchor="end">{escape(shortened(token))}</text>'
        for row, token in enumerate(tokens)
    )
    width, height = LABEL + vectors.shape[1] * WIDE, len(tokens) * TALL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<style>{INK}text{{font:12px monospace;fill:var(--ink)}}</style>{drawn}{names}</svg>"
    )


def shortened(token: str) -> str:
    """A token as people can see it: a blank as such, nothing that does not print."""
    shown = "".join(letter if letter.isprintable() else "·" for letter in token.strip()) or "␣"
    return shown if len(shown) <= 13 else shown[:12] + "…"
