"""Runs as tables in HTML: a list, the metrics of some side by side, settings that differ, the facts of one."""

from html import escape

from cuaderno.diary.dates import spell_date
from cuaderno.lab.metrics import Metric
from cuaderno.lab.records import config_differences
from cuaderno.site import numbers
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Label
from cuaderno.site.words import TEXT as SITE
from cuaderno.workbench.comparing.words import STATES, TEXT
from cuaderno.workbench.saying import said

HEADS = ("run", "state", "when", "steps", "cost", "result")
NUMERIC = ("steps", "cost", "result")


def state(cited: Cited, lang: str) -> str:
    is_kept = cited.run.folder.parent.name == "records"
    return STATES[lang]["kept" if is_kept else cited.run.status]


def shown(metric: Metric, label: Label, lang: str) -> str:
    """A value with its interval behind it."""
    bounds = numbers.interval(metric, label.format, lang, label.digits)
    value = numbers.quantity(metric.value, label.format, lang, label.digits)
    return escape(value) + (f" <small>{escape(bounds)}</small>" if bounds else "")


def listing(runs: list[Cited], lang: str) -> str:
    """One row per run."""
    words = TEXT[lang]
    heads = "".join(f'<th scope="col"{_n(name in NUMERIC)}>{escape(words[name])}</th>' for name in HEADS)
    rows = "".join(_row(cited, lang) for cited in runs)
    return _scroll(f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>")


def _row(cited: Cited, lang: str) -> str:
    name = cited.main_metric()
    result = "–"
    if name:
        label = cited.study.label(name)
        result = f"{escape(label.in_language(lang))}: {shown(cited.metrics[name], label, lang)}"
    cells = [
        (f"<code>{escape(cited.id)}</code>", False),
        (escape(state(cited, lang)), False),
        (escape(spell_date(cited.day, lang)), False),
        (numbers.decimal(cited.data["steps"], 0, lang), True),
        (numbers.quantity(cited.data["cpu_seconds"], "seconds", lang), True),
        (result, True),
    ]
    return "<tr>" + "".join(f"<td{_n(right)}>{cell}</td>" for cell, right in cells) + "</tr>"


def metrics(runs: list[Cited], names: list[str], lang: str) -> str:
    """These metrics, a column per run; ours in ink, the baselines in plain sight, a clear winner in blue."""
    words = TEXT[lang]
    if len(runs) == 1:
        last = f"{escape(words['value'])} <small>{escape(words['interval'])}</small>"
        columns = f'<th scope="col" class="n">{last}</th><th scope="col" class="n">{escape(words["cases"])}</th>'
    else:
        columns = "".join(f'<th scope="col" class="n">{escape(cited.id)}</th>' for cited in runs)
    rows = "".join(_metric_row(name, runs, lang) for name in names)
    head = f'<th scope="col">{escape(words["metric"])}</th>{columns}'
    return _scroll(f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>")


def _metric_row(name: str, runs: list[Cited], lang: str) -> str:
    label = next(cited.study.label(name) for cited in runs if name in cited.metrics)
    flag = f' <span class="flag">{escape(TEXT[lang]["baseline"])}</span>' if label.baseline else ""
    winner = -1 if label.baseline else best([cited.metrics.get(name) for cited in runs], label)
    cells = ""
    for number, cited in enumerate(runs):
        metric = cited.metrics.get(name)
        mark = " best" if number == winner else ""
        cells += f'<td class="n{mark}">{shown(metric, label, lang) if metric else "–"}</td>'
        if len(runs) == 1 and metric:
            cells += f'<td class="n">{numbers.decimal(metric.n, 0, lang)}</td>'
    kind = ' class="baseline"' if label.baseline else ""
    return f'<tr{kind}><th scope="row">{escape(label.in_language(lang))}{flag}</th>{cells}</tr>'


def verdict(cited: Cited, lang: str) -> tuple[bool, str]:
    """Whether a baseline does as well as the model and that as a sentence; none without rivals."""
    name = cited.judging_metric()
    rivals = [one for one in cited.metrics if name and one.startswith("baseline_") and one.endswith(f"_{name}")]
    if not name or not rivals:
        return False, ""
    label, ours = cited.study.label(name), cited.metrics[name]
    sign = -1 if label.better == "lower" else 1
    rival = max(rivals, key=lambda one: sign * cited.metrics[one].value)
    its = cited.metrics[rival]
    is_beaten = sign * its.value >= sign * ours.value
    digits = 3 if label.format == "number" and label.digits is None else label.digits
    found = [numbers.quantity(one.value, label.format, lang, digits) for one in (its, ours)]
    said = TEXT[lang]["beaten" if is_beaten else "ahead"].format(
        rival=cited.study.label(rival).in_language(lang), name=label.in_language(lang), its=found[0], ours=found[1]
    )
    return is_beaten, said


def best(found: list[Metric | None], label: Label) -> int:
    """Which of several is better than all the others so clearly that no interval touches its own; -1 when none is."""
    known = [(number, metric) for number, metric in enumerate(found) if metric]
    sign = 1 if label.better == "higher" else -1
    for number, metric in known if len(known) > 1 else ():
        if metric.low is None or metric.high is None:
            continue
        low, high = metric.low, metric.high
        mine = low if sign > 0 else -high
        others = [_far_end(other, sign) for at, other in known if at != number]
        if all(mine > other for other in others):
            return number
    return -1


def _far_end(metric: Metric, sign: int) -> float:
    end = metric.high if sign > 0 else metric.low
    return sign * (metric.value if end is None else end)


def differences(runs: list[Cited], lang: str) -> str:
    """The settings in which runs differ."""
    found = config_differences([cited.run for cited in runs])
    if not found:
        return ""
    heads = "".join(f'<th scope="col" class="n">{escape(cited.id)}</th>' for cited in runs)
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th>'
        + "".join(f'<td class="n">{_plain(name, value, lang)}</td>' for value in row)
        + "</tr>"
        for name, row in found.items()
    )
    return _scroll(f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody>")


def facts(cited: Cited, lang: str) -> str:
    """What a run cost, and from what it came."""
    words, data = TEXT[lang], cited.data
    found = {
        "state": state(cited, lang),
        "when": spell_date(cited.day, lang),
        "steps": numbers.decimal(data["steps"], 0, lang),
        "cost": numbers.quantity(data["cpu_seconds"], "seconds", lang),
        "memory": numbers.size(data.get("peak_memory_bytes", 0), lang),
        "seed": str(data.get("seed")),
        "weights": numbers.decimal(data.get("effective", {}).get("parameters", 0), 0, lang),
        "commit": str((data.get("git") or {}).get("commit") or "–")[:7],
        "processor": str(data.get("processor", "–")),
    }
    rows = "".join(f"<div><dt>{escape(words[name])}</dt><dd>{escape(said)}</dd></div>" for name, said in found.items())
    return f'<dl class="facts">{rows}</dl>'


def values(found: dict, lang: str) -> str:
    """Settings, each with its value."""
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td class="n">{_plain(name, value, lang)}</td></tr>'
        for name, value in found.items()
    )
    return _scroll(f"<tbody>{rows}</tbody>")


def _plain(name: str, value: object, lang: str) -> str:
    if isinstance(value, str):
        value = said(value, lang) or value
    return escape(numbers.plain(name, value, lang, SITE[lang]))


def _n(right: bool) -> str:
    return ' class="n"' if right else ""


def _scroll(table: str) -> str:
    return f'<div class="scroll" tabindex="0"><table class="runs">{table}</table></div>'
