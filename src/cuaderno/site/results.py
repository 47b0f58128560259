"""Roles and directives bound to kept runs: a stamped number, a table, a curve, a drawing, the card, the live model."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.metrics import Metric
from cuaderno.site import curves, journey, numbers, reading
from cuaderno.site.markdown import OBJECTIVE, Context, Directive, render
from cuaderno.site.numbers import FORMATS
from cuaderno.site.posters import drawn_size, safe_svg
from cuaderno.site.runs import Cited
from cuaderno.site.samples import read_samples, shown_text

if TYPE_CHECKING:
    from cuaderno.site.edition import Edition

ROLES = ("num", "aside", OBJECTIVE, reading.ROLE)
DRAWINGS, LARGEST = (".svg", ".png"), 1_000_000
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def role(edition: "Edition", context: Context, name: str, content: str) -> str:
    """The HTML of `` {name}`content` ``.

    Raises:  CuadernoError when there is no such role, run or number.
    """
    if name == "num":
        return stamp(edition, context, content)
    if name == "aside":
        return f'<small class="aside">{Markup.escape(content)}</small>'
    if name == OBJECTIVE:
        return journey.mark(edition, context, content)
    if name == reading.ROLE:
        return reading.cite(edition, context, content)
    raise CuadernoError(f"there is no role '{name}'.{nearest(name, ROLES)} To print it as it is, write \\{{{name}}}.")


def directive(edition: "Edition", context: Context, found: Directive) -> str:
    """The HTML of a directive.

    Raises:  CuadernoError when there is no such directive, option, run or metric.
    """
    if found.name not in DIRECTIVES:
        raise CuadernoError(f"there is no directive '{found.name}'.{nearest(found.name, DIRECTIVES)}")
    printer, options = DIRECTIVES[found.name]
    for option in found.options:
        if option not in options:
            raise CuadernoError(f"{found.name} has no option '{option}'.{nearest(option, options)}")
    return printer(edition, context, found)


# -- a number ----------------------------------------------------------------------------------------------------------


def stamp(edition: "Edition", context: Context, content: str) -> str:
    """`maze.solved|digits=2|interval=no`: the number as it is in the run, with a note of where it comes from."""
    target, *settings = (part.strip() for part in content.replace(",", "|").split("|"))
    reference, _, path = target.partition(".")
    if not path:
        raise CuadernoError(f"'{target}' names no number. Write run.metric, as in maze.solved.")
    options = _stamp_options(settings)
    cited = edition.records.resolve(reference, context.names)
    metric = cited.metrics.get(path)
    shown, bounds = _metric(cited, path, metric, context, options) if metric else _field(cited, path, context, options)
    return edition.part("stamp", context.lang, run=cited, metric=metric, anchor=path if metric else "",
                        shown=shown, bounds=bounds, id=f"stamp-{next(context.count)}")  # fmt: skip


def _stamp_options(settings: list[str]) -> dict[str, str]:
    known = ("digits", "interval", "format")
    options = {}
    for setting in filter(None, settings):
        name, _, value = (part.strip() for part in setting.partition("="))
        if name not in known:
            raise CuadernoError(f"num has no option '{name}'.{nearest(name, known)}")
        options[name] = value
    if not options.get("digits", "0").isdigit() or int(options.get("digits", "0")) > 12:
        raise CuadernoError(f"digits={options['digits']}: write a whole number from 0 to 12.")
    if options.get("interval", "no") not in ("yes", "no"):
        raise CuadernoError(f"interval={options['interval']}: write yes or no.")
    if options.get("format", "number") not in FORMATS:
        raise CuadernoError(f"there is no format '{options['format']}'.{nearest(options['format'], FORMATS)}")
    return options


def _digits(options: dict[str, str]) -> int | None:
    return int(options["digits"]) if "digits" in options else None


def _metric(cited: Cited, name: str, metric: Metric, context: Context, options: dict[str, str]) -> tuple[str, str]:
    label = cited.study.label(name)
    format = options.get("format", label.format)
    digits = label.digits if "digits" not in options else _digits(options)
    bounds = "" if options.get("interval") == "no" else numbers.interval(metric, format, context.lang, digits)
    return numbers.quantity(metric.value, format, context.lang, digits), bounds


def _field(cited: Cited, path: str, context: Context, options: dict[str, str]) -> tuple[str, str]:
    value = cited.field(path)
    if isinstance(value, int | float) and not isinstance(value, bool) and options:
        format = options.get("format", numbers.guess_format(path, value))
        return numbers.quantity(value, format, context.lang, _digits(options)), ""
    return numbers.plain(path, value, context.lang, context.words), ""


# -- a table of metrics ------------------------------------------------------------------------------------------------


def metrics(edition: "Edition", context: Context, found: Directive) -> str:
    cited = _cited(edition, context, found)
    names = cited.ordered_metrics()
    return metrics_table(edition, context.lang, cited, _measured(cited, found.options.get("only", "")) or names)


def _measured(cited: Cited, text: str) -> list[str]:
    """The metrics that an option names."""
    chosen, known = list(dict.fromkeys(_names(text))), cited.ordered_metrics()
    for name in chosen:
        if name not in known:
            raise CuadernoError(f"run {cited.id} has no metric '{name}'.{nearest(name, known)}")
    return chosen


def metrics_table(edition: "Edition", lang: str, cited: Cited, names: list[str], anchors: bool = False) -> str:
    """The table of a run's metrics: ours in blue, the baselines in plain sight."""
    rows = []
    for name in names:
        label, metric = cited.study.label(name), cited.metrics[name]
        shown = numbers.quantity(metric.value, label.format, lang, label.digits)
        bounds = numbers.interval(metric, label.format, lang, label.digits)
        cases = numbers.decimal(metric.n, 0, lang)
        rows.append((name, label.in_language(lang), shown, bounds, cases, label.baseline))
    return edition.part("metrics", lang, run=cited, rows=rows, anchors=anchors)


# -- a curve -----------------------------------------------------------------------------------------------------------


def curve(edition: "Edition", context: Context, found: Directive) -> str:
    cited = _cited(edition, context, found)
    logged = cited.curves()
    names = _names(found.options.get("y", "")) or [name for name in [cited.main_curve()] if name]
    if not names:
        raise CuadernoError(f"run {cited.id} has logged nothing to draw.")
    for name in names:
        if name not in logged:
            raise CuadernoError(f"run {cited.id} has not logged '{name}'.{nearest(name, logged)}")
    x = found.options.get("x", "step")
    if x not in ("step", "seconds"):
        raise CuadernoError(f"there is no x axis '{x}'.{nearest(x, ('step', 'seconds'))}")
    log = "log" in found.options and found.options["log"] not in ("no", "false")
    bars = _measured(cited, found.options["bars"]) if "bars" in found.options else cited.bars(names)
    for name in bars:
        if not math.isfinite(cited.metrics[name].value):
            raise CuadernoError(f"the metric '{name}' of run {cited.id} is no finite number, so no line can show it.")
    return curve_figure(edition, context.lang, cited, names, x, log, found.options.get("title", ""), bars)


def curve_figure(
    edition: "Edition", lang: str, cited: Cited, names: list[str], x: str = "step", log: bool = False, title: str = "",
    bars: list[str] | tuple[str, ...] = (),
) -> str:  # fmt: skip
    """The figure of one or more logged values, with its table; `bars` are metrics to compare them with.

    Raises:  CuadernoError when there is nothing to draw, or a logarithmic scale meets zero.
    """
    words = edition.words(lang)
    series = {name: [(row[x], row[name]) for row in cited.history if name in row and x in row] for name in names}
    try:
        drawn = curves.plot(series, log, {name: cited.metrics[name].value for name in bars})
    except ValueError as error:
        raise CuadernoError(
            f"the curve of {', '.join(names)} cannot be drawn: {error}. Leave out :log: or choose another y."
        ) from None
    title = title or words["curve_of"].format(name=_spoken(names, words), x=words[x])
    called = {name: _spoken([name], words) for name in series}
    tables = {
        called[name]: [(numbers.short(at, lang), numbers.short(value, lang)) for at, value in curves.sample(points)]
        for name, points in series.items()
    }
    compared = {name: _compared(cited, name, lang) for name in bars}
    said = [_describe(words, title, points, lang) for points in series.values()]
    said += [words["bar_label"].format(name=name, value=shown) for name, shown, _ in compared.values()]
    return edition.part(
        "curve", lang, run=cited, plot=drawn, title=title, x=words[x], log=log, tables=tables, called=called,
        label=" ".join(said), compared=compared,
        x_ticks=[(at, numbers.short(value, lang)) for at, value in drawn.x_ticks],
        y_ticks=[(at, numbers.short(value, lang)) for at, value in drawn.y_ticks],
    )  # fmt: skip


def _compared(cited: Cited, name: str, lang: str) -> tuple[str, str, bool]:
    """What a metric is called, its value in words, and whether it is a baseline."""
    label = cited.study.label(name)
    shown = numbers.quantity(cited.metrics[name].value, label.format, lang, label.digits)
    return label.in_language(lang), shown, label.baseline


def _spoken(names: list[str], words: dict[str, str]) -> str:
    """Logged values as a reader calls them: the usual ones by their word, others by their name."""
    text = ", ".join(words.get(f"logged_{name}", name.replace("_", " ")) for name in names)
    return text[:1].upper() + text[1:]


def _describe(words: dict[str, str], title: str, points: curves.Points, lang: str) -> str:
    ys = [y for _, y in points]
    four = {"first": ys[0], "last": ys[-1], "low": min(ys), "high": max(ys)}
    return words["curve_label"].format(
        title=title, **{name: numbers.short(value, lang) for name, value in four.items()}
    )


# -- a drawing, and what a model wrote ---------------------------------------------------------------------------------


def picture(edition: "Edition", context: Context, found: Directive) -> str:
    """A drawing from the run's export, in the page's colours."""
    cited = _cited(edition, context, found)
    alt = found.options.get("alt", "")
    if not alt:
        raise CuadernoError("a picture needs :alt: and a sentence that says what it shows to those who cannot see it.")
    path = _exported(cited, found, "", DRAWINGS)
    caption = _inner(context, found) if found.body.strip() else ""
    if "caption" in found.options:
        if caption:
            raise CuadernoError("the picture has two captions. Keep either :caption: or the text below the options.")
        line = found.line + 1 + list(found.options).index("caption")
        caption = render(found.options["caption"], replace(context, line=line))
    draw = _inlined if path.suffix.lower() == ".svg" else _linked
    drawing, least, most = draw(edition, context, cited, path, alt)
    return edition.part(
        "picture", context.lang, run=cited, drawing=Markup(drawing), least=least, most=most, caption=Markup(caption)
    )


def _exported(cited: Cited, found: Directive, default: str, endings: tuple[str, ...]) -> Path:
    """The file of the export that a directive shows, when it is small enough for a page."""
    name = found.options.get("file", default)
    if not name:
        known = [path.name for path in cited.files if path.suffix.lower() in endings]
        raise CuadernoError(f"which file of the run's export? Write it as in :file: attention.svg.{nearest('', known)}")
    if Path(name).suffix.lower() not in endings:
        raise CuadernoError(f"'{name}' cannot be shown by {found.name}: it takes files in {' or '.join(endings)}.")
    path = cited.exported(name, *endings)
    if (size := path.stat().st_size) > LARGEST:
        has, most = numbers.size(size, "en"), numbers.size(LARGEST, "en")
        raise CuadernoError(f"'{name}' of run {cited.id} has {has}; a page takes {most} at most. Export less of it.")
    return path


def _inlined(edition: "Edition", context: Context, cited: Cited, path: Path, alt: str) -> tuple[str, int, int]:
    """An SVG as a part of the page, with the least and the most width it takes: shrunk further, nobody reads it."""
    text = path.read_text(encoding="utf-8", errors="replace")
    drawn = safe_svg(text, alt, prefix=f"picture-{next(context.count)}")
    if drawn is None:
        raise CuadernoError(f"'{path.name}' of run {cited.id} is no SVG that can be read. Export it again.")
    width, _ = drawn_size(drawn) or (0, 0)
    return drawn, round(min(0.75 * width, 900)), round(max(width, 400))


def _linked(edition: "Edition", context: Context, cited: Cited, path: Path, alt: str) -> tuple[str, int, int]:
    """A PNG as a file of its own, its least and most width."""
    from cuaderno.site.edition import picture_size

    size = picture_size(path)
    name = path.relative_to(cited.run.folder).as_posix()
    sized = {"src": edition.addresses.shared(f"runs/{cited.id}/{name}"), "alt": alt, **size}
    attributes = " ".join(f'{key}="{Markup.escape(value)}"' for key, value in sized.items())
    width = int(size["width"])
    return f'<img {attributes} loading="lazy" decoding="async">', min(round(0.75 * width), 480), width


def samples(edition: "Edition", context: Context, found: Directive) -> str:
    """What a model wrote at several moments of its training, the earliest first."""
    cited = _cited(edition, context, found)
    written = read_samples(_exported(cited, found, "samples.json", (".json",)), cited.id)
    if only := _names(found.options.get("only", "")):
        known = {str(sample.step) for sample in written}
        for step in only:
            if step not in known:
                raise CuadernoError(f"run {cited.id} has no sample of step '{step}'.{nearest(step, known)}")
        written = [sample for sample in written if str(sample.step) in only]
    lines = found.options.get("lines", "")
    if "lines" in found.options and not (lines.isdecimal() and 0 < int(lines) < 10_000):
        raise CuadernoError(f":lines: {lines}: write a whole number of at least 1.")
    language = found.options.get("language", "")
    if "language" in found.options and not LANGUAGE.fullmatch(language):
        raise CuadernoError(f":language: {language}: write the code of a language, such as en or es.")
    shown = [
        (numbers.decimal(sample.step, 0, context.lang), *shown_text(sample.text, int(lines or 0))) for sample in written
    ]
    title = found.options.get("title") or context.words["samples"]
    return edition.part("samples", context.lang, run=cited, samples=shown, language=language, title=title)


# -- the run, the live model, notes ------------------------------------------------------------------------------------


def card(edition: "Edition", context: Context, found: Directive) -> str:
    return run_card(edition, context.lang, _cited(edition, context, found))


def run_card(edition: "Edition", lang: str, cited: Cited) -> str:
    """The run in a few lines: what it is and how to repeat it."""
    size = numbers.size(cited.export_bytes, lang) if cited.files else ""
    return edition.part("card", lang, run=cited, size=size)


def widget(edition: "Edition", context: Context, found: Directive) -> str:
    cited, options = _cited(edition, context, found), found.options
    return widget_frame(edition, context.lang, cited, options.get("title", ""), options.get("view", ""))


def widget_frame(edition: "Edition", lang: str, cited: Cited, title: str = "", view: str = "") -> str:
    """The frame of the live model, or of another view of it: a still picture, and a button that says what it costs.

    Raises:  CuadernoError when the study has no web/widget.js, the run has no export, or the study has no such view.
    """
    if not cited.study.web:
        raise CuadernoError(
            f"the study '{cited.study.name}' has no web/widget.js, so nothing of it can run in the page."
        )
    if not any(path.name == "model.json" for path in cited.files):
        raise CuadernoError(f"run {cited.id} has no export. Make it with: cuaderno export {cited.id}")
    if view and view not in cited.views:
        raise CuadernoError(f"the export of run {cited.id} has no view '{view}'.{nearest(view, cited.views)}")
    title = title or cited.study.card(lang).title
    size = numbers.size(cited.view_bytes(view) if view else cited.widget_bytes, lang)
    still = edition.poster(cited, lang, view, title if view else "")
    return edition.part("widget", lang, run=cited, title=title, size=size, view=view, poster=still)


def aside(edition: "Edition", context: Context, found: Directive) -> str:
    return f'<aside class="aside" aria-label="{context.words["note"]}">{_inner(context, found)}</aside>\n'


def note(edition: "Edition", context: Context, found: Directive) -> str:
    title = Markup.escape(found.argument or context.words["note"])
    return f'<div class="card"><p class="card-title">{title}</p>{_inner(context, found)}</div>\n'


def _inner(context: Context, found: Directive) -> str:
    return render(found.body, replace(context, line=found.line + 1 + len(found.options)))


def _cited(edition: "Edition", context: Context, found: Directive) -> Cited:
    if not found.argument:
        raise CuadernoError(
            f"which run? Write ```{{{found.name}}} followed by a study, a run id or a name of your own."
        )
    return edition.records.resolve(found.argument, context.names)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


Printer = Callable[["Edition", Context, Directive], str]
DIRECTIVES: dict[str, tuple[Printer, tuple[str, ...]]] = {
    "metrics": (metrics, ("only",)),
    "curve": (curve, ("y", "x", "log", "title", "bars")),
    "picture": (picture, ("file", "alt", "caption")),
    "samples": (samples, ("file", "only", "lines", "language", "title")),
    "run": (card, ()),
    "widget": (widget, ("title", "view")),
    "aside": (aside, ()),
    "note": (note, ()),
    "bet": (journey.bet, ()),
    "journey": (journey.objectives, ("only",)),
}
