"""Find, compare and keep runs. A kept run, a record, lies under the diary and is never written again."""

import json
import operator
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import disk_errors
from cuaderno.lab.run import Run

LISTED = 5  # runs that an error names, the newest ones
LEFT_OUT = ("training.pt", "*.tmp")  # needed only to resume
OURS = "ours"  # begins a licence that needs no thought


def runs_in(*folders: Path, damaged: Callable[[str], None] | None = None) -> list[Run]:
    """Every run in these folders, newest first; a run that lies in two of them counts once, from the first.

    Raises:  CuadernoError for a damaged run, unless `damaged` takes what there is to say about it.
    """
    found: dict[str, Run] = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("*/run.json")):
            if path.parent.name.startswith("."):
                continue
            try:
                run = Run.open(path.parent)
            except CuadernoError as error:
                if damaged is None:
                    raise
                damaged(str(error))
                continue
            found.setdefault(run.id, run)
    return sorted(found.values(), key=lambda run: (run.data["created"], run.id), reverse=True)


def kept(records: Path, study: str | None = None) -> list[Run]:
    """The kept runs, newest first, of one study when it is named."""
    return [run for run in runs_in(records) if study in (None, run.study)]


def find(
    reference: str,
    *folders: Path,
    damaged: Callable[[str], None] | None = None,
    measured: bool = False,
    fits: Callable[[Run], bool] | None = None,
) -> Run:
    """A run by its folder, its id, the name of a study for its newest, or the beginning of an id when only one fits.

    A study's name never means a trial of a sweep that was not measured. With `measured` it means the newest measured
    run, and only where there is none the newest trained one; with `fits` only a run that does.

    Raises:  CuadernoError with the nearest id when there is none, or with all of them when there are several.
    """
    if (Path(reference) / "run.json").is_file():
        return Run.open(Path(reference))
    name = Path(reference).name
    runs = runs_in(*folders, damaged=damaged)
    if any(run.study == name for run in runs):
        return _meant([run for run in runs if run.study == name], measured, fits)
    matches = [run for run in runs if run.id == name] or [run for run in runs if run.id.startswith(name)]
    if len(matches) > 1:
        raise CuadernoError(f"Several runs begin with '{name}': {', '.join(run.id for run in matches)}.")
    if not matches:
        hint = nearest(name, [run.id for run in runs])
        if "mean" not in hint:
            hint = nearest("", [run.id for run in runs[:LISTED]])
        raise CuadernoError(f"There is no run '{reference}'.{hint} See `cuaderno runs`.")
    return matches[0]


def _meant(runs: list[Run], measured: bool, fits: Callable[[Run], bool] | None) -> Run:
    """The run that the name of their study means.

    Raises:  CuadernoError when there are only trials of a sweep, or none that fits.
    """
    study = runs[0].study
    own = [run for run in runs if not is_trial(run)]
    if not own:
        raise CuadernoError(
            f"All runs of '{study}' here are trials of a sweep that nobody measured. Name one by its id, such as "
            f"{runs[0].id}, or train one: cuaderno train {study}"
        )
    if not (able := [run for run in own if fits is None or fits(run)]):
        raise CuadernoError(
            f"No run of '{study}' here can do this: they were trained for something else. Name another run, or look at "
            f"their settings: cuaderno runs --study {study} --json"
        )
    if measured:
        status = {run.id: run.status for run in able}
        able.sort(key=lambda run: {"finished": 0, "trained": 1}.get(status[run.id], 2))
    return able[0]


def is_trial(run: Run) -> bool:
    """Whether it is a trial of a sweep, which nobody measured."""
    return bool(run.data.get("sweep")) and run.status != "finished"


def newest(study: str, records: Path) -> Run:
    """The study's newest kept run.

    Raises:  CuadernoError when none was kept.
    """
    runs = kept(records, study)
    if not runs:
        raise CuadernoError(
            f"The study '{study}' has no kept run in {records}. Train one and keep it: "
            f"`cuaderno train {study}`, then `cuaderno keep RUN`; or name a run with --run."
        )
    return runs[0]


def keep(run: Run, records: Path) -> Run:
    """Copy a finished run into the records, without what only resuming needs.

    Raises:  CuadernoError when the run is not finished, has no export, or was kept before with other results.
    """
    target = Path(records) / run.id
    if run.status != "finished" or not run.metrics:
        raise CuadernoError(
            f"{run.id} is {run.status}, not finished: only an evaluated run can be kept. "
            f"Try: cuaderno train {run.study} --resume {run.id}, then cuaderno evaluate {run.id}"
        )
    if target.exists():
        there = Run.open(target)
        if there.data["metrics"] == run.data["metrics"]:
            return there
        raise CuadernoError(
            f"{target} is kept already, with other results. A record is never changed: train a new run."
        )
    if not (run.folder / "export" / "model.json").is_file():
        raise CuadernoError(f"{run.id} has no export yet, which its page needs. Make it with: cuaderno export {run.id}")
    partial = target.with_name(f".{run.id}.partial")
    with disk_errors(target):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            shutil.copytree(run.folder, partial, ignore=shutil.ignore_patterns(*LEFT_OUT))
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return Run.open(target)


def foreign_licence(run: Run) -> str:
    """The licence of what a run learned from, as its study described it; nothing where it is ours, or none was said.

    A study says it with `run.describe(licence="ours (MIT)")`, or in whose hands the data are.
    """
    said = str(run.data["effective"].get("licence", ""))
    return "" if said.split(" ")[0] == OURS else said


def as_json(runs: Iterable[Run]) -> str:
    """Runs as a JSON list, one whole run.json each, with the status as it is now."""
    return json.dumps([run.data | {"status": run.status} for run in runs], indent=2, ensure_ascii=False)


def config_differences(runs: list[Run]) -> dict[str, list]:
    """The settings in which the runs differ: name → value in each run."""
    names = sorted({name for run in runs for name in run.data["config"]})
    values = {name: [run.data["config"].get(name) for run in runs] for name in names}
    return {name: row for name, row in values.items() if any(value != row[0] for value in row)}


COMPARISONS = {
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
}


def value_of(run: Run, name: str):
    """A metric's value, a setting, or a field of run.json by one name; None when the run has none."""
    if name in run.data["metrics"]:
        return run.data["metrics"][name]["value"]
    if name == "status":
        return run.status
    return run.data["config"].get(name, run.data["effective"].get(name, run.data.get(name)))


def select(runs: list[Run], tests: list[str]) -> list[Run]:
    """The runs that pass every test, such as `seed=1`, `cpu_seconds<100` or `solved_dfs_59>=0.9`.

    Raises:  CuadernoError when a test cannot be read or names nothing that any run has.
    """
    for test in tests:
        match = re.fullmatch(r"\s*([\w.]+)\s*(<=|>=|!=|<|>|=)\s*(.+?)\s*", test)
        if not match:
            raise CuadernoError(f"'{test}' is not a test. Write NAME, one of < <= = != >= >, and a value: 'seed=1'.")
        name, sign, text = match.groups()
        _must_know(name, runs)
        runs = [run for run in runs if _passes(value_of(run, name), COMPARISONS[sign], text)]
    return runs


def sort(runs: list[Run], name: str) -> list[Run]:
    """The runs by a metric, setting or field, smallest first; `-name` largest first; those without it come last."""
    name, largest_first = name.lstrip("-"), name.startswith("-")
    _must_know(name, runs)
    have = [run for run in runs if isinstance(value_of(run, name), int | float | str)]
    texts = any(isinstance(value_of(run, name), str) for run in have)
    have.sort(key=lambda run: str(value_of(run, name)) if texts else value_of(run, name), reverse=largest_first)
    return have + [run for run in runs if run not in have]


def _must_know(name: str, runs: list[Run]) -> None:
    if runs and all(value_of(run, name) is None for run in runs):
        known = {key for run in runs for part in ("metrics", "config", "effective") for key in run.data[part]}
        close = nearest(name, known | {"status", "cpu_seconds", "study", "created"})
        hint = close if "mean" in close else " `cuaderno runs --json` shows all that a run has."
        raise CuadernoError(f"No run has '{name}'.{hint}")


def _passes(value, compare, text: str) -> bool:
    if value is None:
        return False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return compare(str(value).lower(), text.lower())
    try:
        return compare(value, float(text))
    except ValueError:
        raise CuadernoError(f"'{text}' is not a number, but the test compares with one ({value}).") from None
