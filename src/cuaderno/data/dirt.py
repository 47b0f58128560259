"""Garbage in, garbage out: how well a small model learns from more and more dirt, before and after cleaning."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import cuaderno
from cuaderno.data import splits
from cuaderno.data.extras import need, one_thread
from cuaderno.data.recipe import Settings, compared, follow
from cuaderno.data.report import number, render
from cuaderno.data.spoil import spoil
from cuaderno.data.table import Row, Table
from cuaderno.data.words import TEXT, say
from cuaderno.lab.data import fingerprint
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.metrics import Metric
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)
WAYS = ("dirty", "cleaned", "reviewed")
TESTED = 0.25
RECIPE = Settings(skip=("language", "leaks", "private", "outliers", "balance"))
FEWEST = 40
WIDTH, HEIGHT = 640, 320  # of the drawing
STUDY = "dirt"  # what its runs are called


def curve(table: Table, shares: Sequence[float] = SHARES, seeds: int = 3) -> dict[str, Any]:
    """Accuracy against dirt, ready for JSON: for each share and way the mean over the seeds, the least and most.

    The rows that are tested are set aside first, with all their near duplicates, and are never spoiled.

    Raises:  CuadernoError when the table has no classes or too few rows.
    """
    if not table.has_classes or len(table) < FEWEST:
        raise CuadernoError(f"This needs at least {FEWEST} rows with classes: name the column of labels with --label.")
    need("sklearn")
    rows = [row for row in table.rows if row.label is not None and row.text.strip()]
    measured: dict[tuple[float, str], list[float]] = {}
    sizes, baselines = (0, 0), []
    with Progress("dirt", seeds * len(shares), unit="point") as progress:
        for seed in range(seeds):
            train, test = _divided(rows, seed)
            sizes = (len(train), len(test))
            largest = Counter(row.label for row in train).most_common(1)[0][0]
            baselines.append(mean(row.label == largest for row in test))
            for share in shares:
                for way, score in _scores(Table(train, table.format), test, share, seed).items():
                    measured.setdefault((share, way), []).append(score)
                progress.advance()
    points = [
        {"dirt": share} | {way: _summed(measured[share, way]) for way in WAYS if (share, way) in measured}
        for share in shares
    ]
    return {
        "schema_version": 1,
        "file": table.name,
        "cuaderno": cuaderno.__version__,
        "seeds": seeds,
        "train": sizes[0],
        "test": sizes[1],
        "baseline": mean(baselines),
        "points": points,
    }


def _summed(scores: list[float]) -> dict[str, float]:
    return {"mean": mean(scores), "low": min(scores), "high": max(scores)}


def _divided(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    shares = {"train": 1 - TESTED, "test": TESTED}
    names = splits.split(compared(rows), [row.label for row in rows], shares, seed)
    parts: dict[str, list[Row]] = {"train": [], "test": []}
    for row, name in zip(rows, names, strict=True):
        parts[name].append(row)
    return parts["train"], parts["test"]


def _scores(train: Table, test: Sequence[Row], share: float, seed: int) -> dict[str, float]:
    """The accuracy of each way of learning from the same spoiled rows."""
    spoiled, _ = spoil(train, share, share, share, seed=random.Random(f"{seed} {share}").randrange(1 << 30))
    result = follow(spoiled, RECIPE)
    doubtful = {finding.row for finding in result.findings if finding.action == "flagged"}
    ways = {
        "dirty": spoiled.rows,
        "cleaned": result.table.rows,
        "reviewed": [row for row in result.table.rows if row.id not in doubtful],
    }
    return {way: accuracy(rows, test) for way, rows in ways.items()}


def accuracy(train: Sequence[Row], test: Sequence[Row]) -> float:
    """The share of the tested rows that TF-IDF and logistic regression answer rightly."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    labels = [row.label for row in train]
    if len(set(labels)) < 2:
        return mean(row.label == labels[0] for row in test) if labels else 0.0
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=60_000)
    inputs = words.fit_transform([row.text for row in train])
    with one_thread():
        model = LogisticRegression(C=4.0, max_iter=200).fit(inputs, labels)
    answers = model.predict(words.transform([row.text for row in test]))
    return mean(str(answer) == row.label for answer, row in zip(answers, test, strict=True))


# -- shown ------------------------------------------------------------------------------------------------------------


def rows_of_table(measured: dict[str, Any], lang: str) -> tuple[list[str], list[list[str]]]:
    """Header and cells: dirt, and the accuracy of each way."""
    header = [say(lang, "dirt"), *(say(lang, way) for way in WAYS), say(lang, "baseline")]
    rows = []
    for point in measured["points"]:
        scores = [percent(point[way]["mean"], lang) for way in WAYS]
        rows.append([percent(point["dirt"], lang, 0), *scores, percent(measured["baseline"], lang)])
    return header, rows


def percent(value: float, lang: str, places: int = 1) -> str:
    text = f"{100 * value:.{places}f}"
    return f"{text.replace('.', ',')} %" if lang == "es" else f"{text}%"


def page(measured: dict[str, Any], lang: str) -> str:
    """The curve as one HTML file."""
    header, rows = rows_of_table(measured, lang)
    return _render("dirt.html", measured, lang, header=header, rows=rows)


def drawing(measured: dict[str, Any], lang: str) -> str:
    """The curve as an SVG that stands in a post, in the page's colours."""
    return _render("dirt.svg", measured, lang)


def _render(template: str, measured: dict[str, Any], lang: str, **values: Any) -> str:
    lowest = min([measured["baseline"], *(point[way]["low"] for point in measured["points"] for way in WAYS)])
    bottom = max(0.0, int(lowest * 10 - 0.01) / 10)
    most = measured["points"][-1]["dirt"] or 1.0

    def x(dirt: float) -> float:
        return 46 + dirt / most * (WIDTH - 66)

    def y(score: float) -> float:
        return 12 + (1 - score) / (1 - bottom) * (HEIGHT - 66)

    lines = {
        way: [(x(p["dirt"]), y(p[way]["mean"]), y(p[way]["low"]), y(p[way]["high"])) for p in measured["points"]]
        for way in WAYS
    }
    tick = 0.1 if bottom >= 0.5 else 0.2
    ticks = [1 - step * tick for step in range(int((1 - bottom) / tick + 1.001))]
    return render(
        template,
        lang=lang,
        measured=measured,
        say=lambda key, **words: say(lang, key, **words),
        number=lambda value: number(value, lang),
        percent=lambda value, places=1: percent(value, lang, places),
        lines=lines,
        ticks=[(score, y(score)) for score in ticks],
        marks=[(point["dirt"], x(point["dirt"])) for point in measured["points"]],
        baseline=y(measured["baseline"]),
        width=WIDTH,
        height=HEIGHT,
        **values,
    )


# -- kept -------------------------------------------------------------------------------------------------------------


def record(measured: dict[str, Any], path: Path, asked: dict[str, Any], runs: Path) -> Run:
    """A run that holds the curve, to be kept and cited like any other: its numbers, and the drawing in both languages.

    The metrics are called `dirty_30`, `cleaned_30`, `reviewed_30`: the accuracy of a way at 30 % of dirt.
    """
    run = Run.create(STUDY, asked | {"shares": [point["dirt"] for point in measured["points"]]}, runs,
                     f"cuaderno data dirt {path.name} --seeds {measured['seeds']} --run")  # fmt: skip
    run.used(path.name, fingerprint(path))
    run.describe(train_rows=measured["train"], test_rows=measured["test"], learner="TF-IDF, logistic regression")
    metrics = {"baseline_majority": Metric(measured["baseline"], n=measured["seeds"])}
    points = measured["points"]
    for _, point in zip(run.steps(len(points)), points, strict=True):
        at = round(100 * point["dirt"])
        run.log(at, **{way: point[way]["mean"] for way in WAYS})
        metrics |= {f"{way}_{at}": Metric(point[way]["mean"], n=measured["seeds"]) for way in WAYS}
    folder = run.folder / "export"
    with disk_errors(folder):
        folder.mkdir()
    write_atomic(folder / "model.json", json.dumps(measured, ensure_ascii=False, indent=1) + "\n")
    for lang in TEXT:
        write_atomic(folder / f"dirt.{lang}.svg", drawing(measured, lang))
    run.finish(metrics)
    return run
