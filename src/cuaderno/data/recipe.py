"""The recipe: named steps, one after the other, each saying which rows it changed, dropped or doubts, and why.

A step reads the case and yields findings; the recipe applies them. Changing steps work text by text and depend on
nothing else, so that any of them can be undone later while the others stay (undo.py).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cuaderno.data import characters, labels, language, outliers, private, splits
from cuaderno.data.duplicates import THRESHOLD, Alike
from cuaderno.data.review import DROP, RELABEL, Decision, relabelled
from cuaderno.data.table import (
    Format,
    Row,
    Table,
    masked_within,
    other_columns,
    with_others_masked,
    with_texts,
)
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.progress import Progress

CHANGED, DROPPED, FLAGGED = "changed", "dropped", "flagged"
SPLIT_COLUMNS = ("split", "partition", "particion", "partición", "subset", "fold")
LANGUAGE_SAMPLE = 2_000  # rows, when no language is asked for
TEMPLATE_ROWS, TEMPLATE_SHARE = 20, 0.01  # from here a repeated part is a form that rows share, not what they say
SHOW_PROGRESS_FROM = 5_000
LEAST_LIKENESS = 0.6  # below it banding would miss too many pairs


@dataclass(frozen=True)
class Settings:
    """What the person asked for."""

    recipe: str = "standard"
    skip: tuple[str, ...] = ()
    private: str = "mask"  # mask | drop | keep
    language: str | None = None
    min_chars: int = 2
    max_chars: int = 20_000
    likeness: float = THRESHOLD
    shares: dict[str, float] | None = None
    seed: int = 0


@dataclass(slots=True)
class Finding:
    """What one step did to one row, or thinks of it. `values` fill in the words of the reason."""

    row: int
    step: str
    action: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    before: list[str] | None = None
    after: list[str] | None = None
    columns: dict[str, list[str]] = field(
        default_factory=dict
    )  # other ones that changed: before and after, to be shown


@dataclass
class StepReport:
    """One line of the report."""

    name: str
    before: int
    changed: int = 0
    dropped: int = 0
    flagged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return self.before - self.dropped


@dataclass
class Case:
    """What a step may look at: the rows as the steps before left them, and those of other files."""

    rows: list[Row]
    form: Format
    settings: Settings
    others: list[tuple[str, Row]] = field(default_factory=list)  # name of the file, row
    other_columns: list[str] = field(default_factory=list)  # in which only private things are looked for
    settled: set[int] = field(default_factory=set)  # rows that somebody looked at and keeps: not doubted once more
    report: StepReport = field(default_factory=lambda: StepReport("", 0))
    right: dict[int, dict[str, Any]] = field(default_factory=dict)  # records with the label that somebody decided

    @cached_property
    def alike(self) -> Alike:
        """Computed when the first step asks, after those that mend texts; from there on rows only go away."""
        ids = [row.id for row in self.rows] + [-number for number in range(1, len(self.others) + 1)]
        texts = compared([*self.rows, *(row for _, row in self.others)])
        return Alike(ids, texts, self.settings.likeness)

    @property
    def split_column(self) -> str | None:
        return next((name for name in self.form.columns if name.strip().casefold() in SPLIT_COLUMNS), None)


@dataclass
class Result:
    """What came out: the rows that stay, and all findings in the order they were made."""

    table: Table
    settings: Settings
    findings: list[Finding]
    reports: list[StepReport]
    splits: dict[int, str]
    other_columns: list[str] = field(default_factory=list)


def compared(rows: Sequence[Row]) -> list[str]:
    """What two rows are compared by: their texts, without the instructions and system messages that many share."""
    counts = Counter(text for row in rows if len(row.texts) > 1 for text in row.texts)
    often = max(TEMPLATE_ROWS, TEMPLATE_SHARE * len(rows))
    texts = []
    for row in rows:
        own = [text for text in row.texts if counts[text] < often] if len(row.texts) > 1 else row.texts
        texts.append("\n".join(own or row.texts))
    return texts


def reviewed(case: Case, decisions: Sequence[Decision]) -> Iterator[Finding]:
    """What a person decided, before all other steps."""
    by_row = {row.id: row for row in case.rows}
    column = case.form.label_column or ""
    for decision in decisions:
        row = by_row[decision.row]
        if decision.verdict == DROP:
            yield Finding(row.id, "review", DROPPED, "reviewed_out")
            continue
        case.settled.add(row.id)
        if decision.verdict == RELABEL and decision.right != row.label:
            values = {"label": row.label or "", "right": decision.right}
            shown = {column: [row.label or "", decision.right]}
            yield Finding(row.id, "review", CHANGED, "relabelled", values, row.texts, row.texts, shown)
        else:
            case.report.reasons["confirmed"] += 1


# -- the steps --------------------------------------------------------------------------------------------------------

Change = Callable[[str], tuple[str, list[str]]]


def changer(name: str, settings: Settings) -> Change | None:
    """The function of text by which a step changes rows, if it does."""
    masks = private.masked if settings.private == "mask" else None
    return {"mojibake": characters.without_mojibake, "characters": characters.tidy, "private": masks}.get(name)


def change(case: Case) -> Iterator[Finding]:
    by = changer(case.report.name, case.settings)
    assert by
    for row in case.rows:
        answers = [by(text) for text in row.texts]
        reasons = [reason for _, found in answers for reason in found]
        if reasons:
            after = [text for text, _ in answers]
            yield Finding(row.id, case.report.name, CHANGED, reasons[0], {}, row.texts, after)
            case.report.reasons.update(set(reasons[1:]) - {reasons[0]})


def length(case: Case) -> Iterator[Finding]:
    low, high = case.settings.min_chars, case.settings.max_chars
    for row in case.rows:
        count = len(row.text)
        needed = row.texts[::2] if case.form.shape == "alpaca" else row.texts  # an Alpaca row may lack its input
        if not all(map(str.strip, needed)):
            yield Finding(row.id, "length", DROPPED, "empty")
        elif count < low:
            yield Finding(row.id, "length", DROPPED, "too_short", {"characters": f"{count:,}", "limit": f"{low:,}"})
        elif count > high:
            yield Finding(row.id, "length", DROPPED, "too_long", {"characters": f"{count:,}", "limit": f"{high:,}"})


def foreign(case: Case) -> Iterator[Finding]:
    """Without a language that was asked for, some rows are only looked at."""
    wanted, counts = case.settings.language, Counter[str]()
    every = 1 if wanted else max(1, len(case.rows) // LANGUAGE_SAMPLE)
    for row in case.rows[::every]:
        found = language.language_of(row.text)
        counts[found[0] if found and found[1] >= language.SURE else "?"] += 1
        if wanted and found and found[0] != wanted and found[1] >= language.SURE:
            values = {"language": found[0], "wanted": wanted, "sure": f"{found[1]:.0%}"}
            yield Finding(row.id, "language", DROPPED, "wrong_language", values)
    case.report.facts = {"languages": dict(counts.most_common(8)), "looked_at": len(case.rows[::every])}


def leaks(case: Case) -> Iterator[Finding]:
    """Rows that are nearly in another file, or in another split: the one in the largest split goes."""
    near = case.alike
    holders: dict[int, list[str]] = {}  # the first of a text -> the files where it is too
    for number, (name, _) in enumerate(case.others, start=1):
        for id in (near.first[-number], *near.near.get(near.first[-number], [])):
            holders.setdefault(id, []).append(name)
    gone = set()
    for row in case.rows:
        if where := holders.get(near.first[row.id]):
            gone.add(row.id)
            yield Finding(row.id, "leaks", DROPPED, "in_file", {"file": where[0]})
    if column := case.split_column:
        yield from _between_splits([row for row in case.rows if row.id not in gone], near, column)


def _between_splits(rows: list[Row], near: Alike, column: str) -> Iterator[Finding]:
    names = {row.id: str(row.record.get(column)) for row in rows}
    largest = Counter(names.values()).most_common(1)
    elsewhere: dict[int, int] = {}  # the first of a text -> a row of a smaller split
    for row in rows:
        if names[row.id] != largest[0][0]:
            for id in (near.first[row.id], *near.near.get(near.first[row.id], [])):
                elsewhere.setdefault(id, row.id)
    for row in rows:
        if names[row.id] == largest[0][0] and near.first[row.id] in elsewhere:
            other = elsewhere[near.first[row.id]]
            yield Finding(row.id, "leaks", DROPPED, "in_split", {"of": str(other), "split": names[other]})


def exact(case: Case) -> Iterator[Finding]:
    """The first of rows with one text stays; one with another label is doubted instead."""
    kept: dict[int, Row] = {}
    for row in case.rows:
        before = kept.setdefault(case.alike.first[row.id], row)
        if before is row:
            continue
        values = {"of": str(before.id)}
        if before.label == row.label:
            yield Finding(row.id, "exact", DROPPED, "same", values)
        else:
            values |= {"label": str(row.label), "other": str(before.label)}
            yield Finding(row.id, "exact", FLAGGED, "same_other_label", values)


def near(case: Case) -> Iterator[Finding]:
    """A row goes when it is nearly one that stays, so that a chain of likenesses never costs more than it should."""
    by_first: dict[int, list[Row]] = {}
    for row in case.rows:
        by_first.setdefault(case.alike.first[row.id], []).append(row)
    kept: dict[int, Row] = {}
    for row in case.rows:
        first = case.alike.first[row.id]
        others = [kept[other] for other in case.alike.near.get(first, []) if other in kept]
        same = next((other for other in others if other.label == row.label), None)
        if same:
            yield Finding(row.id, "near", DROPPED, "almost_the_same", {"of": str(same.id)})
            continue
        kept.setdefault(first, row)
        if others:
            values = {"of": str(others[0].id), "label": str(row.label), "other": str(others[0].label)}
            yield Finding(row.id, "near", FLAGGED, "almost_other_label", values)


def private_rows(case: Case) -> Iterator[Finding]:
    """In the texts and in every other column with words; in the label they are only counted."""
    counts, labelled = Counter[str](), 0
    for row in case.rows:
        labelled += bool(row.label and private.masked(row.label)[1])
        answers = [private.masked(text) for text in row.texts]
        _, columns = with_others_masked(row.record, case.other_columns)
        kinds = sorted({kind for _, found in answers for kind in found} | set().union(*columns.values()))
        counts.update(list(columns))
        if kinds and case.settings.private == "drop":
            yield Finding(row.id, "private", DROPPED, "private", {"kinds": ", ".join(kinds)})
        elif kinds:
            case.report.reasons.update(kinds[1:])
            shown = {name: [_said(row.record[name]), _said(masked_within(row.record[name])[0])] for name in columns}
            after = [text for text, _ in answers]
            yield Finding(row.id, "private", CHANGED, kinds[0], {"kinds": ", ".join(kinds)}, row.texts, after, shown)
    facts = {"columns": dict(counts.most_common()), "in_label": labelled}
    case.report.facts = {name: value for name, value in facts.items() if value}


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def doubted(case: Case) -> Iterator[Finding]:
    """Labels that the other rows contradict: for the review queue only."""
    if not Table(case.rows, case.form).has_classes:
        case.report.facts = {"left_out": "no_classes"}
        return
    doubts = labels.doubtful([row.text for row in case.rows], [row.label for row in case.rows], case.settings.seed)
    for doubt in doubts:
        row = case.rows[doubt.position]
        values = {"label": str(row.label), "suggested": doubt.suggested, "sure": f"{doubt.confidence:.0%}"}
        yield Finding(row.id, "labels", FLAGGED, "doubtful_label", values | {"margin": f"{doubt.margin:.3f}"})


def unlike(case: Case) -> Iterator[Finding]:
    for position, (reason, values) in outliers.unlike([row.text for row in case.rows]).items():
        yield Finding(case.rows[position].id, "outliers", FLAGGED, reason, values)


def balance(case: Case) -> Iterator[Finding]:
    """Only counts: what to do about a rare class depends on what the model is for."""
    if Table(case.rows, case.form).has_classes:
        counts = Counter(row.label for row in case.rows if row.label is not None)
        case.report.facts = {"classes": dict(counts.most_common())}
        missing = sum(row.label is None for row in case.rows)
        if missing:
            case.report.facts["without_label"] = missing
    else:
        case.report.facts = {"left_out": "no_classes"}
    yield from ()


def divide(case: Case) -> Iterator[Finding]:
    """A column `split`, by clusters of near duplicates."""
    shares = case.settings.shares
    assert shares
    rows = case.rows
    names = splits.split(compared(rows), [row.label for row in rows], shares, case.settings.seed)
    case.report.facts = {"splits": dict(Counter(names)), "of_rows": dict(zip((r.id for r in rows), names, strict=True))}
    yield from ()


STEPS: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "mojibake": change,
    "characters": change,
    "length": length,
    "language": foreign,
    "leaks": leaks,
    "exact": exact,
    "near": near,
    "private": private_rows,
    "labels": doubted,
    "outliers": unlike,
    "balance": balance,
    "splits": divide,
}
RECIPES = {
    "standard": tuple(STEPS),
    "gentle": ("mojibake", "characters", "length", "exact", "balance", "splits"),
    "private": ("private",),
}


def steps_of(settings: Settings) -> list[str]:
    """The names of the steps that will be taken, in order.

    Raises:  CuadernoError for a recipe or a step that there is not.
    """
    if settings.recipe not in RECIPES:
        raise CuadernoError(f"There is no recipe '{settings.recipe}'.{nearest(settings.recipe, RECIPES)}")
    for name in settings.skip:
        if name not in STEPS:
            raise CuadernoError(f"There is no step '{name}' to skip.{nearest(name, STEPS)}")
    unasked = {"private"} if settings.private == "keep" else set()
    unasked |= set() if settings.shares else {"splits"}
    return [name for name in RECIPES[settings.recipe] if name not in settings.skip and name not in unasked]


def follow(
    table: Table, settings: Settings, others: Sequence[tuple[str, Row]] = (), decisions: Sequence[Decision] = ()
) -> Result:
    """Obey what a person decided, then take every step; the table that was given stays as it is."""
    names = steps_of(settings)
    if not LEAST_LIKENESS <= settings.likeness <= 1:
        raise CuadernoError(f"--likeness lies between {LEAST_LIKENESS} and 1; it is {settings.likeness:g}.")
    if settings.language and settings.language not in language.known():
        known = nearest(settings.language, language.known())
        raise CuadernoError(f"'{settings.language}' is no language that can be told.{known}")
    columns = other_columns(table) if "private" in names else []
    case = Case([replace(row) for row in table.rows], table.format, settings, list(others), columns)
    result = Result(Table([], table.format, table.name, table.broken, table.schema), settings, [], [], {}, columns)
    if decisions:
        case.report = StepReport("review", len(case.rows))
        case.right = relabelled(table, {one.row: one.right for one in decisions if one.verdict == RELABEL})
        apply(case, list(reviewed(case, decisions)), result)
    with Progress("data", len(names)) if len(table) >= SHOW_PROGRESS_FROM else nullcontext() as progress:
        for name in names:
            case.report = StepReport(name, len(case.rows))
            found = STEPS[name](case)
            apply(case, [one for one in found if one.action != FLAGGED or one.row not in case.settled], result)
            if progress:
                progress.advance()
    result.splits = {id: name for report in result.reports for id, name in report.facts.pop("of_rows", {}).items()}
    result.table.rows = case.rows
    if result.splits:
        add_splits(result.table, result.splits)
    return result


def apply(case: Case, findings: list[Finding], result: Result) -> None:
    """Let the findings of a step have their effect."""
    rows = {row.id: row for row in case.rows}
    gone = set()
    for finding in findings:
        row = rows[finding.row]
        case.report.reasons[finding.reason] += 1
        if finding.action == CHANGED:
            assert finding.after is not None
            case.report.changed += 1
            if finding.step == "review":
                row.record, row.label = case.right[row.id], finding.values["right"]
                continue
            row.record = with_texts(row.record, finding.after, case.form)
            row.record, _ = with_others_masked(row.record, finding.columns)
            row.texts = finding.after
        elif finding.action == DROPPED:
            gone.add(finding.row)
            finding.before = row.texts
        else:
            case.report.flagged += 1
    case.report.dropped = len(gone)
    if gone:
        case.rows = [row for row in case.rows if row.id not in gone]
    result.findings += findings
    result.reports.append(case.report)


def add_splits(table: Table, names: dict[int, str]) -> None:
    """Write the split of each row into its column, which is made when there is none."""
    form = table.format
    column = next((name for name in form.columns if name.strip().casefold() in SPLIT_COLUMNS), "split")
    if form.kind in ("lines", "texts"):
        return
    if column not in form.columns:
        table.format = replace(form, columns=[*form.columns, column])
        if table.schema is not None:
            import pyarrow

            table.schema = table.schema.append(pyarrow.field(column, pyarrow.string()))
    for row in table.rows:
        row.record = row.record | {column: names[row.id]}
