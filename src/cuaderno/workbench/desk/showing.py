"""Pieces of the desk as HTML: the progress in squares, a text on squared paper, what changed word by word."""

import re
from collections import Counter
from collections.abc import Iterable
from html import escape

from cuaderno.diary.translating.editing import changes
from cuaderno.diary.translating.glossary import Terms
from cuaderno.diary.translating.translation import DONE, EXTRA, MISSING, STALE, Paragraph
from cuaderno.workbench.desk.words import STATES, TEXT

COLORS = {DONE: "green", MISSING: "red", STALE: "orange", EXTRA: "gray"}
MARKS = {DONE: "■", MISSING: "□", STALE: "◪", EXTRA: "◇"}


def progress(paragraphs: Iterable[Paragraph], lang: str) -> str:
    """A square for each paragraph, and the counts in words."""
    paragraphs = list(paragraphs)
    words, states = TEXT[lang], STATES[lang]
    counts = Counter(one.state for one in paragraphs)
    whole = len(paragraphs) - counts[EXTRA]
    label = words["progress"].format(done=counts[DONE], all=whole)
    squares = "".join(
        f'<i class="{one.state}{" faulty" if one.faults else ""}" title="{one.number}: {states[one.state]}"></i>'
        for one in paragraphs
    )
    faulty = sum(bool(one.faults) for one in paragraphs)
    numbers = [(state, counts[state]) for state in (DONE, MISSING, STALE, EXTRA)] + [("faulty", faulty)]
    told = "".join(
        f'<li class="{name}">{words[f"count_{name}"].format(n=number)}</li>' for name, number in numbers if number
    )
    return (
        f'<div class="squares" role="progressbar" aria-valuemin="0" aria-valuemax="{whole}" '
        f'aria-valuenow="{counts[DONE]}" aria-label="{label}">{squares}</div>'
        f'<ul class="counts"><li><b>{label}</b></li>{told}</ul>'
    )


def paper(text: str, lang: str, label: str, code: bool = False) -> str:
    """A text as it was typed, on squared paper."""
    kind = "paper code" if code else "paper"
    return f'<p class="over">{escape(label)}</p><div class="{kind}" lang="{lang}" tabindex="0">{escape(text)}</div>'


def changed(old: str, new: str, lang: str) -> str:
    """What was taken out and put in, its line ends kept."""
    marks = {"equal": "{}", "gone": "<del>{}</del>", "come": "<ins>{}</ins>"}
    pieces = [marks[kind].format(escape(text)) for kind, text in changes(tokens(old), tokens(new))]
    return f'<div class="changed" lang="{lang}">{" ".join(pieces)}</div>'


def tokens(text: str) -> list[str]:
    return re.findall(r"\S+|\n", text.strip())


def glossary(terms: Terms, source: str, label: str) -> str:
    """The terms of a paragraph, each with its twin."""
    side = 0 if source == "en" else 1
    rows = "".join(
        f"<dt>{escape(_bare(row[side]))}</dt><dd><b>{escape(_bare(row[1 - side]))}</b>"
        + (f" <small>{escape(_bare(row[2]))}</small>" if row[2] else "")
        + "</dd>"
        for row in terms
    )
    return f'<p class="over">{escape(label)}</p><dl class="glossary">{rows}</dl>'


def _bare(text: str) -> str:
    return re.sub(r"[*_`]", "", text)


def verdict(lines: list[str], good: str, heading: str) -> str:
    """Whether the anchors agree."""
    if not lines:
        return f'<p class="agree" role="status">✓ {escape(good)}</p>'
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="differ" role="status">{escape(heading)}<ul>{items}</ul></div>'
