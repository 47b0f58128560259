"""Ask a run, and show what it answers."""

from dataclasses import dataclass
from html import escape
from typing import Any

from cuaderno import studies
from cuaderno.lab.device import calm_threads
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.site import numbers
from cuaderno.site.posters import safe_svg
from cuaderno.site.words import TEXT as SITE
from cuaderno.workbench import figure
from cuaderno.workbench.playing.inputs import Play, Take, handed

MOST = 12  # things of a list that are shown
LONG = 60  # characters from which on a text lies on paper


@dataclass(frozen=True)
class Answer:
    """What a model said to which input, and what its study drew of it."""

    run: str
    given: str
    said: dict[str, Any]
    drawing: str = ""


def ask(run: Run, take: Take, given: str | bytes, ending: str, options: dict[str, Any]) -> Answer:
    """One answer of a run.

    Raises:  CuadernoError when there is nothing to ask, or the study cannot be asked.
    """
    calm_threads()
    part = studies.load(run.study, "predict")
    settings = (part.Options(**options),) if hasattr(part, "Options") else ()
    with handed(take.kind, given, ending) as name:
        said = next(iter(part.predict(run, [name], *settings)), None)
        if said is None:
            raise CuadernoError(f"{run.id} gave no answer.")
        drawing = part.draw(said) if hasattr(part, "draw") and "error" not in said else ""
        if "error" in said:
            said = said | {"error": str(said["error"]).replace(f"{name} ", "").replace(name, "…")}
    return Answer(run.id, given if isinstance(given, str) else "", said, drawing)


def shown(answer: Answer, play: Play, lang: str) -> str:
    """Everything that was answered, in HTML: drawings, long texts on paper, chances as bars, the rest as facts."""
    above, facts = [], []
    if drawn := safe_svg(answer.drawing, "", standalone=True) if answer.drawing else None:
        above.append(f'<div class="answer-drawing"><img src="{figure.as_image(drawn)}" alt=""></div>')
    for name, value in answer.said.items():
        if name == "input" or (isinstance(value, list) and len(value) > MOST):
            continue
        if name == "text" and answer.given:
            begun = f"<b>{escape(answer.given)}</b>{escape(str(value))}"
            above.append(f'<div class="paper" tabindex="0">{begun}</div>')
        elif isinstance(value, dict):
            above.append(_chances(play.word(name, lang), value, play, lang))
        elif isinstance(value, str) and (len(value) > LONG or "\n" in value):
            above.append(f'<div class="paper" tabindex="0">{escape(value)}</div>')
        else:
            facts.append(
                f"<div><dt>{escape(play.word(name, lang))}</dt><dd>{_fact(name, value, play, lang)}</dd></div>"
            )
    return "".join(above) + f'<dl class="facts">{"".join(facts)}</dl>'


def _fact(name: str, value: Any, play: Play, lang: str) -> str:
    if isinstance(value, str):
        return escape(play.word(value, lang) if value in play.answer else value)
    if isinstance(value, float):
        return escape(numbers.quantity(value, play.answer.get(name, {}).get("format", "number"), lang))
    return escape(numbers.plain(name, value, lang, SITE[lang]))


def _chances(title: str, found: dict[str, Any], play: Play, lang: str) -> str:
    """Numbers by name; those between 0 and 1 as bars."""
    rows = ""
    for name, value in found.items():
        is_share = isinstance(value, float) and 0 <= value <= 1
        bar = f'<span class="share"><i style="width:{100 * value:.1f}%"></i></span>' if is_share else "<span></span>"
        said = numbers.quantity(value, "percent", lang) if is_share else numbers.plain(name, value, lang, SITE[lang])
        rows += f"<dt>{escape(play.word(name, lang))}</dt><dd>{bar}<b>{escape(said)}</b></dd>"
    return f'<p class="over">{escape(title)}</p><dl class="chances">{rows}</dl>'
