"""What the doctor found, as HTML: steps, classes, examples before and after, and the rows that go."""

from collections.abc import Sequence
from html import escape
from typing import Any

from cuaderno.data.report import number, rows_of_table, why
from cuaderno.data.words import say
from cuaderno.workbench.examining.finding import Gone
from cuaderno.workbench.examining.words import TEXT, in_our_words
from cuaderno.workbench.saying import spoken

COUNTS = ("kept", "changed", "dropped", "flagged")
SHOWN = 50  # rows of the list of those that go


def steps(report: dict[str, Any], lang: str) -> str:
    """A line for each step: how many rows stay, change, go, are doubted, and why."""
    heads = (
        _head(say(lang, "step")) + "".join(_head(say(lang, name), True) for name in COUNTS) + _head(say(lang, "why"))
    )
    rows = ""
    for name, *counts, reason in rows_of_table(report, lang):
        cells = "".join(f'<td class="n">{escape(count or "–")}</td>' for count in counts)
        rows += f'<tr><th scope="row">{escape(_capital(name))}</th>{cells}<td class="why">{escape(reason)}</td></tr>'
    return table(heads, rows, say(lang, "recipe"), "runs doctor")


def table(heads: str, rows: str, label: str, kind: str = "runs") -> str:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="{kind}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _head(text: str, is_number: bool = False) -> str:
    kind = ' class="n"' if is_number else ""
    return f'<th scope="col"{kind}>{escape(_capital(text))}</th>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def classes(report: dict[str, Any], lang: str) -> str:
    """Each class as a bar: what stays of it after the cleaning."""
    before, after = report["classes"]["before"], report["classes"]["after"]
    most = max([*before.values(), *after.values()], default=0)
    if not most:
        return ""
    rows = ""
    for label, count in before.items():
        left = after.get(label, 0)
        rows += (
            f'<dt>{escape(label)}</dt><dd><span class="share"><i style="width:{100 * left / most:.1f}%"></i></span>'
            f"<b>{escape(_from_to(count, left, lang))}</b></dd>"
        )
    return f'<dl class="chances wide-number">{rows}</dl>'


def _from_to(before: int, after: int, lang: str) -> str:
    if before == after:
        return number(after, lang)
    return f"{number(before, lang)} → {number(after, lang)}"


def examples(report: dict[str, Any], lang: str) -> str:
    """A few rows of each step, before and after; private things are masked whatever the recipe says."""
    told = "".join(_examples_of(step, report["kind"], lang) for step in report["steps"] if step["examples"])
    return f'<div class="cases">{told}</div>' if told else ""


def _examples_of(step: dict[str, Any], kind: str, lang: str) -> str:
    found = "".join(_example(one, kind, lang) for one in step["examples"])
    return f'<p class="over">{escape(_capital(say(lang, "step_" + step["name"])))}</p><ul>{found}</ul>'


def _example(one: dict[str, Any], kind: str, lang: str) -> str:
    place = f"{say(lang, 'row', kind)} {number(one['row'], lang)}" + (f", {one['column']}" if "column" in one else "")
    reason = why(one["reason"], one["values"], lang, kind)
    head = f"<small>{escape(place)}: {escape(reason)}</small>"
    pictures = "".join(f'<img src="{escape(one[key])}" alt="">' for key in ("picture", "other_picture") if one.get(key))
    if one.get("after") == one["before"]:  # what was masked is masked on both sides
        texts = f"<ins>{escape(one['after'])}</ins>"
    elif "after" in one:
        texts = f"<del>{escape(one['before'])}</del><ins>{escape(one['after'])}</ins>"
    elif one["action"] == "dropped":
        texts = f"<del>{escape(one['before'])}</del>"
    else:
        texts = f"<span>{escape(one['before'])}</span>"
    if "other" in one and one["other"] != one["before"]:
        texts += f"<span>{escape(one['other'])}</span>"
    return f"<li>{head}{pictures}{texts}</li>"


def gone(rows: Sequence[Gone], lang: str) -> str:
    """The rows that go, each with its reason."""
    words = TEXT[lang]
    heads = _head(say(lang, "row"), True) + _head(say(lang, "why")) + _head(words["text"])
    lines = "".join(
        f'<tr><td class="n">{escape(number(one.row, lang))}</td>'
        f"<td>{escape(why(one.reason, one.values, lang))}</td><td>{escape(one.text)}</td></tr>"
        for one in rows[:SHOWN]
    )
    return table(heads, lines, words["gone"])


def unreadable(report: dict[str, Any], lang: str) -> str:
    """Rows that cannot be read: what is there, what is wanted, how to mend it."""
    first = [in_our_words(spoken(one["why"], lang), lang) for one in report["unreadable"]["first"][:5]]
    said = "".join(f"<li>{escape(one)}</li>" for one in first)
    return f'<div class="differ"><ul>{said}</ul></div>'
