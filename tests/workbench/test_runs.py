"""The page *Runs*: a list, one run, several side by side, and keeping one."""

from types import SimpleNamespace

import pytest

from cuaderno.lab.metrics import Metric
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Label
from cuaderno.workbench.comparing import tables
from cuaderno.workbench.comparing.words import STATES, TEXT

FIRST, SECOND = "toy-20261121-101112-abcdef", "toy-20261122-101112-abcdef"


@pytest.fixture
def runs(folder, make_run):
    place = folder.parent / "runs" if folder.name == "diary" else folder / "runs"
    make_run(place, FIRST)
    better = {"error": {"value": 0.1, "low": 0.05, "high": 0.15, "n": 100}, "baseline_error": {"value": 0.5, "n": 1}}
    make_run(
        place, SECOND, created="2026-11-22T10:11:12+00:00", metrics=better, config={"learning_rate": 0.2, "seed": 0}
    )
    return place


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"]) and list(STATES["en"]) == list(STATES["es"])


def test_the_newest_is_shown_and_can_be_kept(one_page, runs, folder):
    app = one_page("runs")
    assert not app.exception and app.multiselect[0].value == [SECOND] and SECOND in app.query_params["run"]
    app.button(key=f"keep {SECOND}").click().run()
    assert (folder / "records" / SECOND / "run.json").is_file() and not app.exception
    assert "its numbers may be cited" in " ".join(one.value for one in app.caption)


def test_keeping_what_learned_from_others_is_warned_of(one_page, make_run, runs):
    licence = "that of the pictures, which are yours to know"
    foreign, ours = "toy-20261123-101112-abcdef", "toy-20261124-101112-abcdef"
    make_run(runs, foreign, effective={"licence": licence})
    assert f"Their licence: {licence}" in one_page("runs", run=foreign).warning[0].value
    assert "Su licencia" in one_page("runs", lang="es", run=foreign).warning[0].value
    make_run(runs, ours, effective={"licence": "ours (MIT)"})
    assert not one_page("runs", run=ours).warning


def test_several_side_by_side_as_the_address_says(one_page, runs):
    app = one_page("runs", lang="es", run=f"{FIRST},{SECOND}")
    assert not app.exception and app.multiselect[0].value == [FIRST, SECOND]
    app.toggle(key="logarithmic").set_value(True).run()
    assert not app.exception and not app.error


def test_without_runs_it_says_where_they_come_from(one_page):
    assert "page *Train*" in one_page("runs").info[0].value


def test_a_damaged_run_does_not_hide_the_others(one_page, runs):
    (runs / FIRST / "run.json").write_text("{")
    app = one_page("runs")
    assert not app.exception and app.multiselect[0].value == [SECOND] and "is damaged" in app.code[0].value


@pytest.mark.parametrize(
    ("found", "better", "winner"),
    [
        ([Metric(0.9, 0.8, 0.95), Metric(0.5, 0.4, 0.6)], "higher", 0),
        ([Metric(0.9, 0.8, 0.95), Metric(0.5, 0.4, 0.6)], "lower", 1),
        ([Metric(0.9, 0.5, 0.95), Metric(0.5, 0.4, 0.6)], "higher", -1),
        ([Metric(0.9, 0.8, 0.95), None], "higher", -1),
        ([Metric(0.9), Metric(0.5)], "higher", -1),
        ([Metric(0.9, 0.8, 0.95), Metric(0.5)], "higher", 0),
    ],
)
def test_only_a_clear_winner_is_blue(found, better, winner):
    assert tables.best(found, Label("a", "b", better=better)) == winner


def test_nothing_of_a_run_becomes_html(folder, make_run, one_page):
    make_run(folder.parent / "runs", "toy-20261123-101112-abcdef", config={"<b>x": "<script>"}, command="cuaderno <i>")
    app = one_page("runs")
    assert not app.exception
    assert "<script>" not in " ".join(str(one.proto.body) for one in app.get("html"))


@pytest.mark.parametrize("better, is_beaten", [("higher", True), ("lower", False)])
def test_it_is_said_whether_a_baseline_wins(better, is_beaten):
    ours, its = Metric(0.467), Metric(0.959)
    labels = {"f1": Label("F1", "F1", better=better), "baseline_linear_f1": Label("counting", "contar", baseline=True)}
    study = SimpleNamespace(labels=labels, label=labels.__getitem__)
    cited = Cited(SimpleNamespace(id="a", data={}, metrics={"f1": ours, "baseline_linear_f1": its}), study)
    found, said = tables.verdict(cited, "es")
    assert found == is_beaten and ("Gana la referencia" in said) == is_beaten and "0,959" in said and "0,467" in said
    assert tables.verdict(Cited(SimpleNamespace(id="a", data={}, metrics={"f1": ours}), study), "en") == (False, "")


def test_the_page_says_that_the_baseline_wins(one_page, folder, make_run):
    metrics = {"accuracy": {"value": 0.99, "n": 9}, "macro_f1": {"value": 0.467, "n": 9}}
    metrics["baseline_linear_macro_f1"] = {"value": 0.959, "n": 9}
    make_run(folder.parent / "runs", "refine-20261124-101112-abcdef", study="refine", metrics=metrics)
    assert "Gana la referencia" in one_page("runs", lang="es").warning[0].value
    assert "The baseline wins" in one_page("tune", study="refine").warning[0].value
