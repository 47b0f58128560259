"""The recipe: what each step keeps, changes, drops and doubts."""

from collections import Counter

import numpy as np
import pytest

from cuaderno.data.formats import parse
from cuaderno.data.labels import doubtful
from cuaderno.data.outliers import unlike
from cuaderno.data.recipe import RECIPES, STEPS, Settings, follow
from cuaderno.data.report import page, reasons, report_of, why
from cuaderno.data.spoil import spoil
from cuaderno.data.table import Row
from cuaderno.lab.errors import CuadernoError

GOOD = "lovely warm bread happy garden gentle friend sunny sweet kind".split()  # noqa: SIM905
BAD = "broken angry noise dirty sour cold late rude bitter failure".split()  # noqa: SIM905


def reviews(count: int, seed: int = 0) -> str:
    random = np.random.default_rng(seed)
    lines = ["text,label"]
    for number in range(count):
        words, label = ((GOOD, "good"), (BAD, "bad"))[number % 2]
        lines.append(f"{' '.join(random.choice(words, 9))} {number * 7919},{label}")
    return "\n".join(lines) + "\n"


def table(content: str, name: str = "rows.csv"):
    return parse(content.encode(), name)


def run(content: str, name: str = "rows.csv", others=(), **settings):
    settings.setdefault("skip", ("language", "labels"))
    return follow(table(content, name), Settings(**settings), others)


def found(result, step: str) -> list[tuple[int, str, str]]:
    return [(f.row, f.action, f.reason) for f in result.findings if f.step == step]


def test_rows_go_by_the_first_step_that_drops_them():
    lines = ["text,label", "the early bird catches the worm,a", "The early bird catches the worm!,a", "x,a", ",b"]
    lines += [
        "the early bird catches the worms,a",
        "something else altogether here,b",
        "the early bird catches the worm,b",
    ]
    result = run("\n".join(lines))
    assert found(result, "length") == [(3, "dropped", "too_short"), (4, "dropped", "empty")]
    assert found(result, "exact") == [(2, "dropped", "same"), (7, "flagged", "same_other_label")]
    assert found(result, "near")[0] == (5, "dropped", "almost_the_same")
    assert [row.id for row in result.table] == [1, 6, 7]


def test_every_row_is_accounted_for():
    spoiled, _ = spoil(table(reviews(200)), 0.1, 0.3, 0.2)
    result = follow(spoiled, Settings(skip=("language",)))
    dropped = {f.row for f in result.findings if f.action == "dropped"}
    assert len(result.table) + len(dropped) == len(spoiled) == 260
    assert not dropped & {row.id for row in result.table}
    for report, after in zip(result.reports, result.reports[1:], strict=False):
        assert report.kept == after.before


def test_the_table_that_was_given_stays_as_it_is():
    given = table("text,label\nmail a@b.example.com  twice,a\nother words here,b\n")
    before = [(list(row.texts), dict(row.record)) for row in given]
    follow(given, Settings(skip=("language",)))
    assert [(row.texts, row.record) for row in given] == before


def test_all_the_private_kinds_of_a_row_are_named_and_a_masked_line_is_shown_once():
    content = "text,label\nwrite to ana@example.org or call 612 345 678 today,a\nnothing private in here,b\n"
    rows, result = table(content), run(content)
    [one] = [one for one in result.findings if one.step == "private"]
    assert why(one.reason, one.values, "es") == "dirección de correo, número de teléfono"
    told = report_of(rows, result, 0) | {"left_alone": {}, "file": "rows.csv"}
    assert page(told, "en").count("<q>write to [EMAIL]") == 1


def test_it_is_said_how_many_rows_a_language_was_looked_for_in():
    step = {"reasons": {}, "facts": {"languages": {"es": 2000, "?": 361}, "looked_at": 2361}}
    assert reasons(step, "en", "table") == "es 2,000 · ? 361 · (2,361 looked at)"


def test_private_things_are_masked_dropped_or_kept():
    content = "text,label\nwrite to ana@example.org,a\nnothing private in here,b\n"
    assert run(content).table.texts[0] == "write to [EMAIL]"
    assert [row.id for row in run(content, private="drop").table] == [2]
    assert run(content, private="keep").table.texts[0] == "write to ana@example.org"


def test_another_language_goes_only_when_asked():
    pytest.importorskip("py3langid")
    content = "text\nEl perro duerme toda la tarde junto a la ventana\nThe weather has been really terrible this week\n"
    assert len(run(content, skip=()).table) == 2
    result = run(content, skip=(), language="es")
    assert found(result, "language") == [(2, "dropped", "wrong_language")]
    with pytest.raises(CuadernoError, match="'xx' is no language"):
        run(content, language="xx")


def test_a_row_that_is_in_another_file_goes():
    other = ("test.csv", Row(1, 1, ["the early bird catches the worm"], None, {}))
    result = run("text\nThe early bird catches the worm.\na different row entirely\n", others=[other])
    assert found(result, "leaks") == [(1, "dropped", "in_file")]


def test_a_row_of_train_that_is_in_test_goes_and_the_one_of_test_stays():
    lines = [f"{'abcdefgh'[number]} sentence of its own number {number * 7919},train" for number in range(6)]
    lines += ["what leaks out of the kettle is tea,train", "What leaks out of the kettle is tea!,test"]
    result = run("text,split\n" + "\n".join(lines))
    assert found(result, "leaks") == [(7, "dropped", "in_split")] and 8 in {row.id for row in result.table}


def test_an_instruction_that_many_rows_share_makes_none_a_duplicate():
    words = [f"{a}{b}" for a in ("ca", "pe", "li", "mo", "tu") for b in ("sa", "rro", "bro", "no", "l")]
    lines = [
        f'{{"instruction": "Translate this sentence into Spanish, please.", "input": "", "output": "{w}"}}'
        for w in words
    ]
    assert len(run("\n".join(lines), "rows.jsonl").table) == 25


def test_splits_are_a_column_without_leaks():
    result = run(reviews(100), shares={"train": 0.8, "test": 0.2})
    assert result.table.format.columns == ["text", "label", "split"]
    assert Counter(row.record["split"] for row in result.table) == {"train": 80, "test": 20}


def test_wrong_labels_are_doubted_and_never_dropped():
    pytest.importorskip("sklearn")
    spoiled, truth = spoil(table(reviews(300)), labels=0.1)
    wrong = {fact["row"] for fact in truth if "label" in fact}
    result = follow(spoiled, Settings(skip=("language", "near")))
    doubted = {f.row for f in result.findings if f.step == "labels"}
    assert len(wrong) == 30 and len(doubted & wrong) >= 24 and len(doubted - wrong) <= 6
    assert len(result.table) == 300


def test_labels_that_cannot_be_learned_are_not_doubted():
    assert doubtful(["a", "b"], ["x", "y"]) == []
    assert doubtful([f"w{n}" for n in range(40)], ["x", "y"] * 20) == []
    scores = "text,score\n" + "".join(f"row {n} of a scale,{n / 10}\n" for n in range(60))
    result = run(scores, skip=("language", "near"))
    assert next(r.facts for r in result.reports if r.name == "labels") == {"left_out": "no_classes"}


def test_outliers_have_their_reasons():
    texts = [f"an ordinary sentence with the number {number} in it" for number in range(50)]
    texts += ["word " * 400, "%% 12 ## 34 || 56 && 78 ==", "go " * 3000, "na"]
    assert {at: reason for at, (reason, _) in unlike(texts).items()} == {
        50: "very_long",
        51: "few_letters",
        52: "very_long",
        53: "very_short",
    }


def test_recipes_are_made_of_steps_and_misspelt_ones_are_named():
    assert all(set(names) <= set(STEPS) for names in RECIPES.values())
    assert [r.name for r in run(reviews(4), recipe="private", skip=()).reports] == ["private"]
    with pytest.raises(CuadernoError, match="Did you mean 'gentle'"):
        run(reviews(4), recipe="gentel")
    with pytest.raises(CuadernoError, match="Did you mean 'near'"):
        run(reviews(4), skip=("neer",))


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CuadernoError, match=r"pip install 'cuaderno\[data\]'"):
        run("text\nmaÃ±ana\notra cosa\n")
