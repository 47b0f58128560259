"""`cuaderno sweep`: options apart, and a whole search over a study that costs nothing."""

import dataclasses
import json
import re
from types import SimpleNamespace

import pytest

from cuaderno import cli, studies
from cuaderno.cli import sweeping
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Interrupted, Run


@dataclasses.dataclass(frozen=True)
class Config:
    rate: float = 0.1
    size: int = 8
    quiet: bool = False
    seed: int = 0


def parabola(config: Config, run: Run) -> None:
    for step in run.steps(1):
        run.log(step, val_loss=(config.rate - 0.5) ** 2 + config.size if config.rate < 0.9 else float("nan"))


@pytest.fixture
def study(monkeypatch):
    part = SimpleNamespace(Config=Config, train=parabola)
    monkeypatch.setattr(studies, "config", lambda name: (Config, {"default": Config(), "tiny": Config(size=2)}))
    monkeypatch.setattr(studies, "load", lambda name, which: part)
    return part


def sweep(tmp_path, *words: str) -> None:
    cli.main(["sweep", "toy", "--runs", str(tmp_path), *words])


def run_it(tmp_path, *words: str) -> int:
    with pytest.raises(SystemExit) as end:
        sweep(tmp_path, *words)
    return end.value.code or 0


def test_options_are_ranges_or_stay_as_they_are():
    options = ["--rate", "1e-3..1e-1", "--size=4,8", "--quiet", "--seed", "3"]
    spaces, plain = sweeping.split_options(options, Config, "toy")
    assert [space.name for space in spaces] == ["rate", "size"] and plain == ["--quiet", "--seed", "3"]


@pytest.mark.parametrize("options, words", [(["--rat", "1..2"], "rate"), (["--rate", "1"], "nothing to search")])
def test_options_that_cannot_be_are_refused(options, words):
    with pytest.raises(CuadernoError, match=words):
        sweeping.split_options(options, Config, "toy")


def test_a_sweep_trains_judges_and_goes_on(study, tmp_path, capsys):
    assert run_it(tmp_path, "--rate", "0..0.8", "--trials", "3", "--preset", "tiny") == 0
    assert len(list(tmp_path.glob("*/run.json"))) == 3
    assert run_it(tmp_path, "--rate", "0..0.8", "--trials", "4", "--preset", "tiny") == 0
    runs = [json.loads(path.read_text()) for path in tmp_path.glob("*/run.json")]
    assert len(runs) == 4 and {run["config"]["size"] for run in runs} == {2}
    assert len({run["sweep"] for run in runs}) == 1, "of which search each is a trial"
    told = capsys.readouterr()
    assert "3 of 4 trials done" in told.err and "cuaderno train toy --preset tiny --rate 0." in told.err
    assert "val_loss" in told.out
    assert re.search(r"--rate (0\.\d+)\n", told.err)[1] in {repr(run["config"]["rate"]) for run in runs}


def test_what_is_never_logged_is_refused_before_a_whole_trial(study, tmp_path, capsys):
    assert run_it(tmp_path, "--rate", "0..0.8", "--metric", "foo") == 1
    assert "logs no 'foo', only: val_loss" in capsys.readouterr().err and not list(tmp_path.glob("*/run.json"))
    assert run_it(tmp_path, "--rate", "0..0.8", "--trials", "0") == 1
    assert "at least 1" in capsys.readouterr().err


def test_a_study_that_says_what_it_logs_needs_no_trial(tmp_path, capsys):
    assert "val_solved" in studies.logged("maze")[0] and studies.logged("maze")[1] and not studies.logged("refine")[1]
    with pytest.raises(SystemExit):
        cli.main(["sweep", "maze", "--runs", str(tmp_path), "--learning-rate", "0.1,0.2", "--metric", "foo"])
    assert "'maze' logs no 'foo'" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_trial_that_diverges_is_given_up_and_three_of_them_end_it(study, tmp_path, capsys):
    assert run_it(tmp_path, "--rate", "0.95..1", "--trials", "5") == 1
    assert "Three trials in a row failed" in capsys.readouterr().err


def settle(config: Config) -> Config:
    """A rate below 1, and even sizes where it is above a half."""
    if not config.rate < 1 or (config.rate > 0.5 and config.size % 2):
        raise CuadernoError(f"--rate is {config.rate} at size {config.size}.")
    return config


def test_a_bound_that_no_trial_can_use_is_refused_before_any(study, tmp_path, capsys):
    study.settle = settle
    for words in (["--rate", "0..1"], ["--rate", "0.2,0.8", "--size", "3"]):
        assert run_it(tmp_path, *words, "--trials", "2") == 1
        assert "--rate is" in capsys.readouterr().err and not list(tmp_path.glob("*/run.json"))
    assert run_it(tmp_path, "--rate", "0.2,0.8", "--size", "3,4", "--trials", "5") == 0
    told = capsys.readouterr().err
    runs = [json.loads(path.read_text())["config"] for path in tmp_path.glob("*/run.json")]
    assert len(runs) == 5 and not [one for one in runs if one["rate"] > 0.5 and one["size"] == 3]
    assert told.count("failed: --rate is 0.8 at size 3") <= 2


def test_ctrl_c_keeps_the_trial_and_the_same_command_finishes_it(study, tmp_path, capsys):
    def stopped(config, run):
        run.data["status"] = "interrupted"
        run.save()
        raise Interrupted("Stopped and saved at step 1 of 2.")

    study.train = stopped
    assert run_it(tmp_path, "--rate", "0..0.8", "--trials", "1") != 0
    study.train = parabola
    assert run_it(tmp_path, "--rate", "0..0.8", "--trials", "1") == 0
    told = capsys.readouterr().err
    assert "going on with trial 0" in told and len(list(tmp_path.glob("*/run.json"))) == 1


def test_help_says_how_ranges_are_written(study, tmp_path, capsys):
    assert run_it(tmp_path, "--help") == 0
    assert "1e-4..1e-2" in capsys.readouterr().out
