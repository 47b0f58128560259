"""Ranges of settings, and a sweep that goes on where it was stopped."""

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.lab import sweep as search
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run


@pytest.mark.parametrize(
    "text, kind, space",
    [
        ("1e-4..1e-2", float, search.Space("rate", 1e-4, 1e-2)),
        ("8..64", int, search.Space("rate", 8, 64, whole=True)),
        ("16,32,32", int, search.Space("rate", whole=True, choices=(16, 32))),
        ("0.1", float, None),
        ("a,b", str, None),
    ],
)
def test_a_range_is_read(text, kind, space):
    assert search.parse_space("rate", text, kind) == space


@pytest.mark.parametrize("text", ["1e-2..1e-4", "1..", "1..2..3", "..", "a,b", "1,nan", "5..5"])
def test_a_range_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(CuadernoError, match="--rate"):
        search.parse_space("rate", text, float)


def test_whole_numbers_have_no_fractions():
    with pytest.raises(CuadernoError, match=r"8\.\.64"):
        search.parse_space("rate", "1.5,2", int)


@given(st.text(max_size=20), st.sampled_from([int, float]))
def test_whatever_is_typed_is_a_space_a_value_or_an_error_in_words(text, kind):
    try:
        space = search.parse_space("rate", text, kind)
    except CuadernoError:
        return
    assert space is None or space.choices or space.low < space.high
    assert space is None or all(math.isfinite(x) for x in (space.low, space.high, *space.choices))


def test_less_of_a_loss_is_better_and_more_of_an_accuracy():
    assert search.direction_of("val_loss") == "minimize" and search.direction_of("val_accuracy") == "maximize"
    assert search.direction_of("val_accuracy", "minimize") == "minimize"


def test_a_sweep_goes_on_where_it_was_and_finds_what_is_better(tmp_path):
    storage, spaces = f"sqlite:///{tmp_path / 's.db'}", [search.Space("x", -2.0, 2.0)]
    for _ in range(2):
        sweep = search.open_sweep("parabola", storage, "minimize")
        before = len(search.finished(sweep))
        while len(search.finished(sweep)) < before + 8:
            trial, values = search.next_trial(sweep, spaces, seed=0)
            search.tell(sweep, trial, (values["x"] - 1) ** 2)
    done = search.finished(sweep)
    assert len(done) == 16 and done[0].value == min(trial.value for trial in done) < 0.1
    assert len({trial.params["x"] for trial in done}) == 16, "going on draws new luck"


def test_the_same_seed_tries_the_same_values(tmp_path):
    tried = []
    for name in ("a", "b"):
        sweep = search.open_sweep(name, f"sqlite:///{tmp_path / 's.db'}", "minimize")
        trial, values = search.next_trial(sweep, [search.Space("x", 1e-4, 1e-1)], seed=3)
        search.tell(sweep, trial, 1.0)
        tried.append(values)
    assert tried[0] == tried[1]


def test_a_trial_that_was_stopped_is_found_with_its_run(tmp_path):
    sweep = search.open_sweep("stopped", f"sqlite:///{tmp_path / 's.db'}", "minimize")
    run = Run.create("maze-like", {"seed": 0}, tmp_path)
    run.data |= {"status": "interrupted"}
    run.save()
    trial, _ = search.next_trial(sweep, [search.Space("x", 0, 1)], seed=0)
    trial.set_user_attr("run", run.id)
    ((found, again),) = search.left_behind(sweep, tmp_path)
    assert found.number == trial.number and again.id == run.id


def test_a_database_that_cannot_be_opened_hides_its_password():
    with pytest.raises(CuadernoError) as error:
        search.open_sweep("x", "sqlite:////no/such/folder/hunter2.db", "minimize")
    assert "hunter2" not in str(error.value) and "sqlite" in str(error.value)


def test_a_metric_that_is_not_logged_names_those_that_are(tmp_path):
    run = Run.create("maze-like", {"seed": 0}, tmp_path)
    for step in run.steps(1):
        run.log(step, train_loss=1.0)
    with pytest.raises(CuadernoError, match="only: train_loss"):
        search.worth(run, "val_loss")


@pytest.mark.parametrize("module, package", [("psycopg", "'psycopg[binary]'"), ("pymysql", "pymysql")])
def test_a_driver_that_is_missing_is_named(module, package, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)  # as if it were absent, also where it is not
    kind = "mysql" if "mysql" in module else "postgresql"
    with pytest.raises(CuadernoError) as error:
        search.open_sweep("x", f"{kind}+{module}://me:hunter2@127.0.0.1:1/x", "minimize")
    said = str(error.value)
    assert f"package '{module}'" in said and f"pip install {package};" in said and "hunter2" not in said


def test_a_trial_ends_at_its_first_look_when_it_does_not_log_what_it_is_judged_by(tmp_path):
    trial = search.Trial.create("maze-like", {"seed": 0}, tmp_path)
    trial.metric = "val_los"
    trial.log(1, train_loss=1.0)
    with pytest.raises(search.NotLogged, match=r"only: train_loss, val_loss. Did you mean 'val_loss'"):
        trial.log(1, val_loss=1.0)
    trial.metric, trial.known = "rarely", frozenset({"rarely"})
    trial.log(2, val_loss=1.0)
    trial.metric = "train_loss"
    trial.log(3, val_loss=1.0)
    trial._end("trained")
