"""Search for good settings: which values to try next is Optuna's, what a value is worth is a run's log.

A sweep lives in a database, so it can be stopped and gone on with, and many machines can share one.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.run import Run

LOWER_IS_BETTER = ("loss", "error", "rmse", "perplexity", "surprise")
DRIVERS = {"psycopg": "'psycopg[binary]'", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}  # module: package
SPREAD = 10  # a range of this ratio or more is searched by its logarithm


@dataclass(frozen=True)
class Space:
    """The values of one setting: a range `low..high`, or a few to choose from."""

    name: str
    low: float = 0
    high: float = 0
    whole: bool = False
    choices: tuple[float, ...] = ()

    def bounds(self) -> tuple[float, ...]:
        """The values at the ends of a range, or all there are to choose from."""
        return self.choices or ((int(self.low), int(self.high)) if self.whole else (self.low, self.high))

    def suggest(self, trial: Any) -> float:
        """The value that a trial is to try."""
        if self.choices:
            return trial.suggest_categorical(self.name, list(self.choices))
        logarithm = self.low > 0 and self.high >= SPREAD * self.low
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=logarithm)
        return trial.suggest_float(self.name, self.low, self.high, log=logarithm)


def parse_space(name: str, text: str, kind: Any) -> Space | None:
    """`1e-4..1e-2` or `16,32,64` for a setting that is a number; None when it is one plain value.

    Raises:  CuadernoError when a bound is no number of that kind, or the range is empty.
    """
    is_range, is_choice = ".." in text, "," in text
    if kind not in (int, float) or not (is_range or is_choice):
        return None
    parts = text.split("..") if is_range else text.split(",")
    option = "--" + name.replace("_", "-")
    try:
        numbers = [kind(part) if kind is float else int(float(part)) for part in parts]
        exact = kind is float or all(number == float(part) for number, part in zip(numbers, parts, strict=True))
    except (ValueError, OverflowError):
        numbers, exact = [], False
    if not exact or not all(math.isfinite(number) for number in numbers):
        wanted = "1e-4..1e-2 or 1e-4,1e-3" if kind is float else "8..64 or 8,16,32"
        raise CuadernoError(f"{option} {text} is no range of {kind.__name__}s. Write it as in {option} {wanted}.")
    if not is_range:
        return Space(name, whole=kind is int, choices=tuple(dict.fromkeys(numbers)))
    if len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise CuadernoError(f"{option} {text} is empty: the lower bound comes first, as in {option} 1..10.")
    return Space(name, numbers[0], numbers[1], whole=kind is int)


def direction_of(metric: str, asked: str = "") -> str:
    """Whether less of a metric is better."""
    return asked or ("minimize" if any(word in metric for word in LOWER_IS_BETTER) else "maximize")


def name_of(study: str, spaces: list[Space], fixed: dict, metric: str) -> str:
    """The same name for the same search, so that the same command goes on with it."""
    described = json.dumps([study, [repr(space) for space in spaces], fixed, metric], sort_keys=True, default=str)
    return f"{study}-{hashlib.sha256(described.encode()).hexdigest()[:8]}"


def open_sweep(name: str, storage: str, direction: str) -> Any:
    """The sweep of that name in a database, new or gone on with.

    Raises:  CuadernoError when Optuna is not installed or the database cannot be opened.
    """
    try:
        import optuna
    except ImportError as error:
        raise CuadernoError("A sweep needs Optuna. Install it: pip install 'cuaderno[refine]'") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        way: Any = direction
        return optuna.create_study(study_name=name, storage=storage, direction=way, load_if_exists=True)
    except Exception as error:  # SQLAlchemy's many; its words may hold a password
        kind = storage.partition("://")[0]
        if isinstance(error, ImportError) and (module := missing_module(error)):
            raise CuadernoError(
                f"A {kind} database needs a driver, the package '{module}', which is not installed. Install it: "
                f"pip install {DRIVERS.get(module, module)}; without --storage the sweep is a file beside the runs."
            ) from error
        raise CuadernoError(
            f"The {kind} database of the sweep cannot be opened ({type(error).__name__}). Check its address, that it "
            "runs, and that you may write there; without --storage it is a file beside the runs."
        ) from error


def missing_module(error: BaseException | None) -> str:
    """The module that was missing at the bottom of an error; Optuna and SQLAlchemy wrap it in errors of their own."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name:
            return error.name.partition(".")[0]
        error = error.__cause__ or error.__context__
    return ""


class NotLogged(CuadernoError):
    """A run does not log what its sweep judges by."""


class Trial(Run):
    """A run that ends at its first look at validation data when what it is judged by is not among what it logs."""

    metric = ""
    known: frozenset[str] = frozenset()  # what it logs sooner or later, as far as that is known beforehand

    def log(self, step: int, **values: float) -> None:
        """Log as every run does.

        Raises:  NotLogged with the values that there are.
        """
        super().log(step, **values)
        if not self.metric or self.metric in self.known or not any(name.startswith("val_") for name in values):
            return
        try:
            worth(self, self.metric)
            self.metric = ""  # seen, so there is nothing more to look for
        except NotLogged:
            if self._log:
                self._log.close()
            self._log = None
            raise


def next_trial(sweep: Any, spaces: list[Space], seed: int) -> tuple[Any, dict[str, float]]:
    """A new trial and the values that it tries. The luck of each is a function of the seed and its place."""
    import warnings

    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna's of what is experimental
        sweep.sampler = optuna.samplers.TPESampler(seed=1000 * seed + len(sweep.get_trials(deepcopy=False)))
        trial = sweep.ask()
        return trial, {space.name: space.suggest(trial) for space in spaces}


def left_behind(sweep: Any, runs: Path) -> list[tuple[Any, Run]]:
    """Trials that stopped half-way on this machine, with the runs to go on with; one that never began is given up."""
    import optuna

    found = []
    for trial in sweep.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        folder = runs / str(trial.user_attrs.get("run", ""))
        if "run" in trial.user_attrs and (folder / "run.json").is_file():
            run = Run.open(folder)
            if run.status != "running":
                found.append((trial, run))
    return found


def worth(run: Run, metric: str) -> float:
    """The last value of a metric in a run's log.

    Raises:  CuadernoError with the values that there are.
    """
    rows = run.history()
    values = [row[metric] for row in rows if metric in row]
    if not values:
        known = sorted({key for row in rows for key in row} - {"step", "seconds"})
        raise not_logged(run.study, metric, known)
    return values[-1]


def not_logged(study: str, metric: str, known: Iterable[str]) -> NotLogged:
    names, close = ", ".join(sorted(known)), nearest(metric, known)
    meant = close if "mean" in close else ""
    return NotLogged(f"'{study}' logs no '{metric}', only: {names}.{meant} Choose one with --metric.")


def finished(sweep: Any) -> list[Any]:
    """The trials that have a value, the best one first."""
    import optuna

    done = sweep.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    return sorted(done, key=lambda trial: trial.value, reverse=sweep.direction.name == "MAXIMIZE")


def tell(sweep: Any, trial: Any, value: float | None) -> None:
    """Give a trial its value, or give it up."""
    import optuna

    if value is None:
        sweep.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    else:
        sweep.tell(trial.number, value)
