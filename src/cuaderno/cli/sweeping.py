"""Search for good settings of a study: many short runs, judged by what they log about validation data."""

import argparse
import shlex
import shutil
from contextlib import nullcontext
from dataclasses import asdict, fields
from itertools import islice, product
from pathlib import Path
from typing import Any

from cuaderno import studies
from cuaderno.cli.places import runs_folder
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.cli.training import nothing_left_behind
from cuaderno.lab import sweep as search
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.run import Run

SHOWN = 10  # trials in the table at the end
MOST_TRIED = 64  # combinations of bounds that are looked at for one of them


def sweep(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.device import calm_threads

    calm_threads()
    if arguments.trials < 1:
        raise CuadernoError(f"--trials is {arguments.trials}, and has to be at least 1.")
    kind, presets = studies.config(arguments.study)
    if arguments.preset not in presets:
        raise CuadernoError(
            f"'{arguments.study}' has no preset '{arguments.preset}'.{nearest(arguments.preset, presets)}"
        )
    spaces, plain = split_options(arguments.options, kind, arguments.study)
    config = fixed_settings(arguments, kind, presets, plain)
    fitting(arguments.study, kind, config, spaces)
    known, all_known = studies.logged(arguments.study)
    if all_known and arguments.metric not in known:
        raise search.not_logged(arguments.study, arguments.metric, known)
    runs = Path(arguments.runs or runs_folder())
    storage = arguments.storage or f"sqlite:///{(runs / 'sweeps.db').resolve()}"
    if not arguments.storage:
        runs.mkdir(parents=True, exist_ok=True)
    fixed = {name: value for name, value in config.items() if name not in {space.name for space in spaces}}
    name = arguments.name or search.name_of(arguments.study, spaces, fixed, arguments.metric)
    trials = search.open_sweep(name, storage, search.direction_of(arguments.metric, arguments.direction or ""))
    tell(
        f"sweep {name}: {len(search.finished(trials))} of {arguments.trials} trials done; the test data is not touched"
    )
    for trial, run in search.left_behind(trials, runs):
        tell(f"going on with trial {trial.number}, {run.id}")
        run_trial(trials, trial, run, arguments, resume=run.status == "interrupted")
    while len(search.finished(trials)) < arguments.trials:
        trial, values = search.next_trial(trials, spaces, int(config.get("seed") or 0))
        tell(f"trial {trial.number}: {in_words(values)}")
        try:
            settings = studies.settled(arguments.study, kind(**config | values))
        except CuadernoError as error:
            give_up(trials, trial, error)
        else:
            new = search.Trial.create(arguments.study, asdict(settings), runs, command_of(arguments, plain, values))
            new.metric, new.known = arguments.metric, frozenset(known)
            new.data["sweep"] = name  # so that no command takes a trial for the study's newest run
            new.save()
            trial.set_user_attr("run", new.id)
            run_trial(trials, trial, new, arguments)
        if all_failed(trials):
            raise CuadernoError("Three trials in a row failed, so the sweep stops. The reason stands above.")
    report(trials, arguments, plain)


def split_options(options: list[str], kind: type, study: str) -> tuple[list[search.Space], list[str]]:
    """Ranges, and all that stays as it is.

    Raises:  CuadernoError when there is no range at all, or no such setting.
    """
    if {"--help", "-h"} & set(options):
        print(f"Any setting of `cuaderno train {study} --help` can be given, and numbers also as 1e-4..1e-2 or 16,32.")
        raise SystemExit(0)
    types = {field.name: {"int": int, "float": float}.get(str(field.type), field.type) for field in fields(kind)}
    spaces: list[search.Space] = []
    plain: list[str] = []
    words = [part for word in options for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for at, word in enumerate(words):
        name = word[2:].replace("-", "_") if word.startswith("--") else ""
        before = words[at - 1][2:].replace("-", "_") if at and words[at - 1].startswith("--") else ""
        if name and name.removeprefix("no_") not in types and name not in types:
            raise CuadernoError(f"'{study}' has no setting {word}.{nearest(name, types)}")
        space = search.parse_space(before, word, types[before]) if before in types and not name else None
        if space:
            plain.pop()
            spaces.append(space)
        else:
            plain.append(word)
    if not spaces:
        raise CuadernoError(
            "There is nothing to search: give at least one range, such as --learning-rate 1e-4..1e-2, or a choice, "
            "such as --batch-size 16,32,64."
        )
    return spaces, plain


def fixed_settings(arguments: argparse.Namespace, kind: type, presets: dict, plain: list[str]) -> dict[str, Any]:
    """The settings that every trial shares."""
    import tyro

    prog = f"cuaderno sweep {arguments.study}"
    return asdict(tyro.cli(kind, args=plain, default=presets[arguments.preset], prog=prog))


def fitting(study: str, kind: type, config: dict[str, Any], spaces: list[search.Space]) -> None:
    """Refuse a bound that the study takes together with no bound of the other settings, before anything is tried.

    Raises:  CuadernoError with what the study says about it.
    """
    for space in spaces:
        others = [other for other in spaces if other is not space]
        for value in space.bounds():
            tried = product(*(other.bounds() for other in others))
            refused = []
            for values in islice(tried, MOST_TRIED):
                named = {other.name: one for other, one in zip(others, values, strict=True)}
                try:
                    studies.settled(study, kind(**config | named | {space.name: value}))
                    break
                except CuadernoError as error:
                    refused.append(error)
            else:
                raise refused[0]


def run_trial(trials: Any, trial: Any, run: Run, arguments: argparse.Namespace, resume: bool = False) -> None:
    """Train one run, or the rest of it, and say what it was worth."""
    part = studies.load(arguments.study, "train")
    if resume:
        run.resumed()
    if run.status not in ("trained", "finished"):
        try:
            with nullcontext() if resume else nothing_left_behind(run):
                part.train(run.config(part.Config), run)
        except search.NotLogged as error:
            give_up(trials, trial)
            shutil.rmtree(run.folder, ignore_errors=True)
            raise error
        except CuadernoError as error:
            if run.data["status"] == "interrupted":
                raise CuadernoError(f"{error} The same `cuaderno sweep` command goes on with it.") from error
            give_up(trials, trial, error)
            return
    value = search.worth(run, arguments.metric)
    search.tell(trials, trial, value)
    tell(f"trial {trial.number}: {arguments.metric} {value:.4g}")


def give_up(trials: Any, trial: Any, error: CuadernoError | None = None) -> None:
    if error:
        tell(f"trial {trial.number} failed: {error}")
    search.tell(trials, trial, None)


def all_failed(trials: Any, number: int = 3) -> bool:
    last = trials.get_trials(deepcopy=False)[-number:]
    return len(last) == number and all(trial.state.name == "FAIL" for trial in last)


def in_words(values: dict[str, float]) -> str:
    return "  ".join(f"{name}={value:.4g}" for name, value in values.items())


def command_of(arguments: argparse.Namespace, plain: list[str], values: dict[str, float]) -> str:
    """The command that trains one trial by itself."""
    preset = [] if arguments.preset == "default" else ["--preset", arguments.preset]
    given = [word for name, value in values.items() for word in ("--" + name.replace("_", "-"), repr(value))]
    return shlex.join(["cuaderno", "train", arguments.study, *preset, *plain, *given])


def report(trials: Any, arguments: argparse.Namespace, plain: list[str]) -> None:
    done = search.finished(trials)
    names = list(done[0].params)
    rows = [
        (str(trial.number), f"{trial.value:.4g}", *(f"{trial.params[name]:.4g}" for name in names),
         str(trial.user_attrs.get("run", "")))
        for trial in done[:SHOWN]
    ]  # fmt: skip
    print_table(("trial", arguments.metric, *names, "run"), rows)
    tell(
        f"The best one is not measured on test data yet. Train it with: {command_of(arguments, plain, done[0].params)}"
    )


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "sweep",
        sweep,
        "Search for good settings of a study with Optuna; stop it when you like, the same command goes on.",
        "STUDY --learning-rate 1e-4..1e-2 --trials 20",
        "STUDY --learning-rate 1e-4..1e-2 --batch-size 16,32,64 --preset quick",
        "STUDY --seed 0,1,2,3 --storage postgresql+psycopg://me@server/sweeps     # many machines share one",
    )
    verb.add_argument("study", metavar="STUDY", help="`cuaderno list` shows them")
    verb.add_argument("--trials", type=int, default=20, metavar="N", help="finished trials in all (default: 20)")
    verb.add_argument("--metric", default="val_loss", metavar="NAME", help="what a run logs and is judged by")
    verb.add_argument("--direction", choices=("minimize", "maximize"), help="(default: as the metric's name says)")
    verb.add_argument("--storage", metavar="URL", help="a database of SQLAlchemy (default: runs/sweeps.db)")
    verb.add_argument("--name", metavar="NAME", help="of the sweep in the database (default: one for each search)")
    verb.add_argument("--preset", default="default", metavar="NAME", help="a named set of settings, such as tiny")
    verb.add_argument("--runs", metavar="DIR", help="where the runs go (default: runs/ beside the diary)")
