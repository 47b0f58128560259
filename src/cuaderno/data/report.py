"""The report: one dict for a program, lines for a terminal, and a page that stands alone."""

import base64
import io
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cuaderno
from cuaderno.data.pictures import Picture, PictureResult
from cuaderno.data.private import masked
from cuaderno.data.recipe import CHANGED, DROPPED, FLAGGED, Finding, Result
from cuaderno.data.table import Format, Row, Table
from cuaderno.data.words import TEXT, say

SCHEMA_VERSION = 1
EXAMPLES = 4  # a step
SHOWN = 160  # characters of a text
BROKEN = 20
BARS = 12
COLUMNS = 20
THUMBNAIL = 120  # pixels


def report_of(table: Table, result: Result, cpu_seconds: float) -> dict[str, Any]:
    """What happened to a table, ready for JSON. Private things are masked in its examples, whatever the recipe says."""
    form = table.format
    rows = {row.id: row for row in table.rows}
    kept = {row.id: row for row in result.table.rows}
    by_step = defaultdict(list)
    for finding in result.findings:
        by_step[finding.step].append(finding)
    steps = [
        _step(report, [_example(f, rows, kept) for f in _chosen(by_step[report.name])]) for report in result.reports
    ]
    broken = [{"row": b.id, "line": b.line, "why": masked(str(b.error))[0]} for b in table.broken]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "table",
        "cuaderno": cuaderno.__version__,
        "file": table.name,
        "format": described(form, "en"),
        "format_es": described(form, "es"),
        "text": form.text_columns or ["messages"],
        "label": form.label_column,
        "columns": _columns(form, result.other_columns),
        "recipe": result.settings.recipe,
        "rows": len(table) + len(table.broken),
        "kept": len(kept),
        "changed": len({f.row for f in result.findings if f.action == CHANGED and f.row in kept}),
        "dropped": len(table) + len(table.broken) - len(kept),
        "flagged": len({f.row for f in result.findings if f.action == FLAGGED and f.row in kept}),
        "unreadable": {"count": len(broken), "first": broken[:BROKEN]},
        "steps": steps,
        "dropped_rows": [
            {"row": f.row, "step": f.step, "why": _words(f, "en")} for f in result.findings if f.action == DROPPED
        ]
        + [{"row": one["row"], "step": "unreadable", "why": one["why"]} for one in broken],
        "lengths": {"before": _lengths(table.texts), "after": _lengths(result.table.texts)},
        "classes": {"before": _classes(table), "after": _classes(result.table)},
        "cpu_seconds": round(cpu_seconds, 1),
    }


def _columns(form: Format, others: Sequence[str]) -> dict[str, list[str]]:
    """Which columns every step reads, which is the label, where only private things are looked for, and the rest."""
    texts, label = form.text_columns or ["messages"], [form.label_column] if form.label_column else []
    private = [name for name in others if name not in texts]
    known = {*texts, *label, *private}
    rest = [name for name in form.columns if name not in known] if form.kind != "texts" else []
    return {"text": list(texts), "label": label, "private": private, "unexamined": rest}


def report_of_pictures(path: Path, result: PictureResult, cpu_seconds: float) -> dict[str, Any]:
    by_id = {picture.id: picture for picture in result.all}
    by_step = defaultdict(list)
    for finding in result.findings:
        by_step[finding.step].append(finding)
    steps = []
    for report in result.reports:
        examples = [_picture_example(f, by_id, path) for f in _chosen(by_step[report.name])]
        steps.append(_step(report, examples))
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "pictures",
        "cuaderno": cuaderno.__version__,
        "file": path.name,
        "recipe": result.settings.recipe,
        "rows": len(result.all),
        "kept": len(result.pictures),
        "changed": 0,
        "dropped": len(result.all) - len(result.pictures),
        "flagged": len({f.row for f in result.findings if f.action == FLAGGED}),
        "unreadable": {"count": 0, "first": []},
        "steps": steps,
        "dropped_rows": [
            {"row": f.row, "file": by_id[f.row].name, "step": f.step, "why": why(f.reason, f.values, "en", "pictures")}
            for f in result.findings
            if f.action == DROPPED
        ],
        "classes": {
            "before": dict(Counter(picture.label for picture in result.all if picture.label).most_common(BARS)),
            "after": dict(Counter(picture.label for picture in result.pictures if picture.label)),
        },
        "cpu_seconds": round(cpu_seconds, 1),
    }


def _step(report, examples: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": report.name,
        "before": report.before,
        "kept": report.kept,
        "changed": report.changed,
        "dropped": report.dropped,
        "flagged": report.flagged,
        "reasons": dict(report.reasons.most_common()),
        "facts": report.facts,
        "examples": examples,
    }


def _chosen(findings: Sequence[Finding]) -> list[Finding]:
    """A few findings, of as many reasons as there are."""
    by_reason: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if len(by_reason[finding.reason]) < EXAMPLES:
            by_reason[finding.reason].append(finding)
    turns = [finding for turn in range(EXAMPLES) for group in by_reason.values() for finding in group[turn : turn + 1]]
    return turns[:EXAMPLES]


def _example(finding: Finding, rows: dict[int, Row], kept: dict[int, Row]) -> dict[str, Any]:
    row = rows[finding.row]
    example: dict[str, Any] = {"row": row.id, "line": row.line, "action": finding.action, "reason": finding.reason}
    example["values"] = finding.values
    if finding.action == CHANGED and finding.before and finding.after:
        pairs = [*zip(finding.before, finding.after, strict=True)]
        before, after = next(((a, b) for a, b in pairs if a != b), pairs[0])
        if before == after and finding.columns:
            example["column"], (before, after) = next(iter(finding.columns.items()))
        start = _where_they_part(before, after)
        example |= {"before": shown(before, start), "after": shown(after, start)}
    else:
        example["before"] = shown("\n".join(finding.before) if finding.before else row.text)
        if (other := finding.values.get("of")) and int(other) in rows:
            example["other"] = shown((kept.get(int(other)) or rows[int(other)]).text)
    return example


def _where_they_part(before: str, after: str) -> int:
    """Some letters before the first that differs."""
    at = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    return max(0, at - SHOWN // 3) if at > SHOWN // 2 else 0


def shown(text: str, start: int = 0) -> str:
    """A stretch of a text without what is private or invisible."""
    text = masked(text[max(0, start - 200) : start + 4 * SHOWN])[0][min(start, 200) :]
    seen = "".join(
        letter if letter.isprintable() else f"⟨{ord(letter):X}⟩" if letter not in "\n\t" else " " for letter in text
    )
    return ("…" if start else "") + (seen if len(seen) <= SHOWN else seen[: SHOWN - 1] + "…")


def _picture_example(finding: Finding, by_id: dict[int, Picture], folder: Path) -> dict[str, Any]:
    picture = by_id[finding.row]
    example: dict[str, Any] = {"row": picture.id, "action": finding.action, "reason": finding.reason}
    example |= {"values": finding.values, "before": picture.name, "picture": thumbnail(folder / picture.name, picture)}
    if other := by_id.get(int(finding.values.get("of", 0))):
        example |= {"other": other.name, "other_picture": thumbnail(folder / other.name, other)}
    return example


def thumbnail(path: Path, picture: Picture) -> str:
    """A small version as a data address; nothing for what should not be decoded."""
    if picture.fault and picture.fault[0] != "tiny":
        return ""
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.draft("RGB", (THUMBNAIL, THUMBNAIL))
            small = image.convert("RGB")
            small.thumbnail((THUMBNAIL, THUMBNAIL))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=70)
    except Exception:  # whatever a decoder raises: then there is no picture to show
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _lengths(texts: Sequence[str]) -> list[list[int]]:
    """How many texts have so many characters, in doublings: [[from, to, count], …]."""
    counts = Counter(max(0, math.frexp(len(text))[1] - 1) for text in texts)
    return (
        [[2**power, 2 ** (power + 1) - 1, counts[power]] for power in range(min(counts), max(counts) + 1)]
        if counts
        else []
    )


def _classes(table: Table) -> dict[str, int]:
    if not table.has_classes:
        return {}
    counts = Counter(row.label for row in table.rows if row.label is not None).most_common(BARS)
    return {str(label): count for label, count in counts}


# -- words ------------------------------------------------------------------------------------------------------------


def _words(finding: Finding, lang: str) -> str:
    return why(finding.reason, finding.values, lang)


def described(form: Format, lang: str) -> str:
    """How a file is written, in words."""
    names = {"texts": say(lang, "folder_of_texts"), "lines": say(lang, "lines")}
    parts = [names.get(form.kind, form.kind.upper())]
    parts += [form.shape] if form.shape != "plain" else []
    parts += [form.encoding] if form.kind not in ("parquet", "texts") else []
    if form.separator:
        separator = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[form.separator]
        parts += [say(lang, "separator", name=say(lang, separator))]
        parts += [] if form.quoted else [say(lang, "bare")]
        parts += [] if form.header else [say(lang, "headless")]
    return ", ".join(parts)


def why(reason: str, values: dict[str, str], lang: str, kind: str = "table") -> str:
    """The reason of a finding in words, with what was private named by kind."""
    values = dict(values)
    if "kinds" in values:
        kinds = values["kinds"].split(", ")
        values["kinds"] = ", ".join(TEXT[lang].get(one, one) for one in kinds)
        if reason in kinds:  # the first of what was masked stands for the row among the counts
            return values["kinds"]
    return say(lang, reason, kind, **values)


def summary(report: dict[str, Any], lang: str, written: bool) -> str:
    kind = "pictures" if report["kind"] == "pictures" else "rows"
    counts = ("rows", "kept", "changed", "dropped", "flagged")
    said = {name if name != "rows" else "before": number(report[name], lang) for name in counts}
    return say(lang, kind if written else f"{kind}_check", **said)


def number(value: float, lang: str) -> str:
    """A whole number with its thousands apart; Spanish leaves numbers of four digits whole."""
    if lang == "es":
        return f"{value:.0f}" if value < 10_000 else f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:,.0f}"


def rows_of_table(report: dict[str, Any], lang: str) -> list[list[str]]:
    """The steps as cells: name, kept, changed, dropped, to look at, why."""
    rows = []
    for step in report["steps"]:
        counts = [number(step[name], lang) if step[name] else "" for name in ("changed", "dropped", "flagged")]
        rows.append(
            [
                say(lang, f"step_{step['name']}"),
                number(step["kept"], lang),
                *counts,
                reasons(step, lang, report["kind"]),
            ]
        )
    return rows


def reasons(step: dict[str, Any], lang: str, kind: str) -> str:
    """Why a step did what it did, with counts; for a step that only counts, what it counted."""
    said = [f"{say(lang, f'reason_{name}', kind)} {number(count, lang)}" for name, count in step["reasons"].items()]
    facts = step["facts"]
    if facts.get("left_out"):
        said.append(say(lang, facts["left_out"]))
    for name in ("classes", "splits", "languages"):
        said += [f"{label} {number(count, lang)}" for label, count in list(facts.get(name, {}).items())[:5]]
    if facts.get("languages") and "looked_at" in facts:
        said.append(say(lang, "looked_at", count=number(facts["looked_at"], lang)))
    for name, count in list(facts.get("columns", {}).items())[:5]:
        said.append(say(lang, "in_column", column=name, count=number(count, lang)))
    return " · ".join(said)


def notices(report: dict[str, Any], lang: str) -> list[str]:
    """What was looked at and what was not, and what stays private: to be said before anything else."""
    said = []
    columns = report.get("columns", {})
    for key in ("private", "unexamined"):
        if columns.get(key):
            said.append(say(lang, f"columns_{key}", columns=named(columns[key])))
    if left := report["left_alone"]:
        kinds = [
            say(lang, f"left_{kind}", count=number(one["count"], lang), first=", ".join(one["first"]))
            for kind, one in left.items()
        ]
        said.append(say(lang, "left_alone", report["kind"], folder=report["file"], what=", ".join(kinds)))
    in_label = next((step["facts"].get("in_label", 0) for step in report["steps"] if step["name"] == "private"), 0)
    if in_label:
        said.append(say(lang, "in_label", label=report["label"], count=number(in_label, lang)))
    return said


def named(columns: Sequence[str]) -> str:
    """Names of columns in a row of words, the longest lists cut; one without a name is shown as such."""
    names = [name or "∅" for name in columns[:COLUMNS]]
    return ", ".join(names) + (f" … (+{len(columns) - COLUMNS})" if len(columns) > COLUMNS else "")


def remarks(report: dict[str, Any], lang: str) -> list[str]:
    """What the balance of the classes means for a model."""
    facts: dict[str, Any] = next((step["facts"] for step in report["steps"] if step["name"] == "balance"), {})
    counts = facts.get("classes", {})
    if not counts:
        return []
    label, most = next(iter(counts.items()))
    share = f"{most / sum(counts.values()):.0%}".replace("%", " %" if lang == "es" else "%")
    said = [say(lang, "majority", report["kind"], label=label, share=share)]
    if (times := most / min(counts.values())) >= 3:
        said.append(say(lang, "imbalance", times=number(times, lang)))
    if missing := facts.get("without_label"):
        said.append(say(lang, "without_label", count=number(missing, lang)))
    return said


def page(report: dict[str, Any], lang: str) -> str:
    """The report as one HTML file without anything from elsewhere."""
    return render(
        "report.html",
        report=report,
        lang=lang,
        say=lambda key, **values: say(lang, key, report["kind"], **values),
        why=lambda example: why(example["reason"], example["values"], lang, report["kind"]),
        form=report.get("format_es" if lang == "es" else "format", ""),
        number=lambda value: number(value, lang),
        reasons=lambda step: reasons(step, lang, report["kind"]),
        remarks=remarks(report, lang),
        notices=notices(report, lang),
        summary=summary(report, lang, written=True),
        facts={step["name"]: step["facts"] for step in report["steps"]},
        examples=EXAMPLES,
    )


def render(template: str, **values: Any) -> str:
    """A page of this folder, everything in it escaped, with its style inside."""
    from markupsafe import Markup

    css = Markup((Path(__file__).parent / "page.css").read_text(encoding="utf-8"))
    return _templates().get_template(template).render(css=css, **values)


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader(Path(__file__).parent),
    )
