"""Garbage in, garbage out, on rows made here."""

import numpy as np
import pytest

from cuaderno.data import dirt
from cuaderno.data.formats import parse
from cuaderno.lab.errors import CuadernoError

WORDS = {
    "good": ["lovely", "warm", "bread", "happy", "garden", "gentle", "friend", "sunny", "sweet", "kind"],
    "bad": ["broken", "angry", "noise", "dirty", "sour", "cold", "late", "rude", "bitter", "failure"],
}
OTHERS = ["table", "street", "green", "window", "monday", "paper", "river", "seven", "chair", "light"]


def table(count: int = 240):
    random = np.random.default_rng(0)
    lines = ["text,label"]
    for number in range(count):
        label = ("good", "bad")[number % 2]
        words = [*random.choice(WORDS[label], 2), *random.choice(OTHERS, 8), str(number * 7919)]
        lines.append(f"{' '.join(words)},{label}")
    return parse("\n".join(lines).encode(), "made.csv")


def test_dirt_costs_accuracy_and_leaving_doubtful_rows_out_gives_some_back():
    pytest.importorskip("sklearn")
    pytest.importorskip("ftfy")
    measured = dirt.curve(table(), (0.0, 0.4), seeds=2)
    clean, dirty = measured["points"]
    assert clean["dirty"]["mean"] > 0.95 and dirty["dirty"]["mean"] < clean["dirty"]["mean"] - 0.1
    assert dirty["reviewed"]["mean"] >= dirty["dirty"]["mean"]
    assert abs(measured["baseline"] - 0.5) < 0.05 and measured["train"] + measured["test"] == 240
    for lang, word in (("en", "accuracy"), ("es", "exactitud")):
        page = dirt.page(measured, lang)
        assert word in page and page.count("<path") == 4 and "http" not in page


def test_a_run_of_it_can_be_kept_and_cited(tmp_path):
    from cuaderno.lab import records
    from cuaderno.lab.data import fingerprint

    point = {way: {"mean": 0.9, "low": 0.8, "high": 0.95} for way in dirt.WAYS}
    points = [{"dirt": 0.0} | point, {"dirt": 0.3} | point | {"dirty": {"mean": 0.6, "low": 0.5, "high": 0.7}}]
    measured = {"file": "a.csv", "cuaderno": "1", "seeds": 3, "train": 90, "test": 30, "baseline": 0.5}
    path = tmp_path / "a.csv"
    path.write_text("text,label\n")
    run = dirt.record(measured | {"points": points}, path, {"file": "a.csv", "seed": 0}, tmp_path / "runs")
    kept = records.keep(run, tmp_path / "records")
    assert kept.metrics["dirty_30"].value == 0.6 and kept.metrics["cleaned_0"].value == 0.9
    assert kept.history()[1]["step"] == 30 and kept.data["data"] == {"a.csv": fingerprint(path)}
    for lang, word in (("en", "cleaned"), ("es", "limpios")):
        drawn = (kept.folder / "export" / f"dirt.{lang}.svg").read_text(encoding="utf-8")
        assert word in drawn and drawn.count("<path") == 8 and "var(--red" in drawn


def test_a_table_without_classes_says_so():
    with pytest.raises(CuadernoError, match="--label"):
        dirt.curve(parse(b"one\ntwo\n", "a.txt"))
