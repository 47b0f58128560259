"""Train a study, go on with a stopped run, measure one again."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from cuaderno import studies
from cuaderno.cli.answers import export_run
from cuaderno.cli.places import all_folders, runs_folder, the_diary
from cuaderno.cli.runs import keep_run, metric_row, warn_of_licence
from cuaderno.cli.shell import A_RUN, Verbs, print_table, tell
from cuaderno.lab import parallel, records
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.run import Interrupted, Run, repeat_command


def train(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.device import calm_threads

    calm_threads()
    kind, presets = studies.config(arguments.study)
    if arguments.resume:
        run = resumable(arguments, arguments.options)
    else:
        if arguments.preset not in presets:
            raise CuadernoError(
                f"'{arguments.study}' has no preset '{arguments.preset}'.{nearest(arguments.preset, presets)}"
            )
        config = studies.settled(arguments.study, parse_config(arguments, kind, presets))
        parallel.start()
        command = repeat_command(["train", arguments.study, *repeatable(arguments)])
        run = Run.create(arguments.study, config, Path(arguments.runs or runs_folder()), command)
    part = studies.load(arguments.study, "train")
    tell(f"run {run.id} in {run.folder}")
    with nullcontext() if arguments.resume else nothing_left_behind(run):
        part.train(run.config(part.Config), run)
    parallel.stop()
    if parallel.is_main():
        finish(run, arguments)


@contextmanager
def nothing_left_behind(run: Run) -> Iterator[None]:
    """A new run that fails before there is anything in it is taken away again."""
    try:
        yield
    except Interrupted:
        raise  # it was saved
    except BaseException:
        if parallel.is_main() and not any((run.folder / "checkpoint").glob("*")) and not run.history():
            shutil.rmtree(run.folder, ignore_errors=True)
        raise


def parse_config(arguments: argparse.Namespace, kind: type, presets: dict):
    import tyro

    prog = f"cuaderno train {arguments.study}"
    text = (
        f"{studies.describe(arguments.study)}\n\n"
        f"Presets (--preset NAME): {', '.join(presets)}. Every setting below can be changed besides.\n"
        "Also: --resume RUN, --runs DIR, --keep, --no-evaluate (see `cuaderno train --help`)."
    )
    return tyro.cli(kind, args=arguments.options, default=presets[arguments.preset], prog=prog, description=text)


def repeatable(arguments: argparse.Namespace) -> list[str]:
    preset = [] if arguments.preset == "default" else ["--preset", arguments.preset]
    return [*preset, *arguments.options]


def resumable(arguments: argparse.Namespace, options: list[str]) -> Run:
    named = [Path(arguments.runs)] if arguments.runs else []
    run = records.find(arguments.resume, *named, *all_folders(arguments), damaged=tell)
    if options:
        raise CuadernoError(
            f"A resumed run keeps its settings, so {options[0]} cannot be changed. Train a new run instead."
        )
    if run.study != arguments.study:
        raise CuadernoError(f"{run.id} is a run of '{run.study}': cuaderno train {run.study} --resume {run.id}")
    if run.status in ("trained", "finished") and run.has_weights:
        raise CuadernoError(
            f"{run.id} is {run.status}: there is nothing left to train. Try: cuaderno evaluate {run.id}"
        )
    if run.status == "running":
        raise CuadernoError(
            f"{run.id} is being trained by process {run.data['process']['id']} now. Stop that one first."
        )
    parallel.start()
    run.resumed()
    return run


def finish(run: Run, arguments: argparse.Namespace) -> None:
    if arguments.no_evaluate:
        tell(f"Trained. Next: cuaderno evaluate {run.id}")
        return
    evaluate_run(run)
    export_run(run)
    if arguments.keep:
        tell(f"kept as {keep_run(run, the_diary(arguments)).folder}")
        warn_of_licence(run)
    else:
        tell(f"Keep it in the diary with: cuaderno keep {run.id}")


def evaluate(arguments: argparse.Namespace) -> None:
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    if run.folder.parent.name == "records":
        raise CuadernoError(f"{run.id} is kept: its results stay as they are. Evaluate a run under {runs_folder()}.")
    evaluate_run(run)
    if arguments.export:
        export_run(run)


def evaluate_run(run: Run) -> None:
    tell("evaluating on held-out data …")
    run.finish(studies.load(run.study, "evaluate").evaluate(run))
    print_table(("metric", "value", "95 % interval", "n"), [metric_row(*item) for item in run.metrics.items()])


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "train",
        train,
        "Train a study, evaluate it on held-out data and export it for the browser.",
        "STUDY --preset tiny",
        "STUDY --learning-rate 2e-3 --seed 1",
        "STUDY --resume STUDY-20261121-153012-ab12cd",
        "STUDY --help                  # all settings of the study",
    )
    verb.add_argument("study", metavar="STUDY", help="`cuaderno list` shows them")
    verb.add_argument("--preset", default="default", metavar="NAME", help="a named set of settings, such as tiny")
    verb.add_argument("--resume", metavar="RUN", help="go on with a stopped run, bit by bit as if it had not stopped")
    verb.add_argument("--runs", metavar="DIR", help="where the run's folder goes (default: runs/ beside the diary)")
    verb.add_argument("--keep", action="store_true", help="keep the finished run in the diary's records")
    verb.add_argument("--no-evaluate", action="store_true", help="stop after training")

    verb = verbs.add(
        "evaluate", evaluate, "Measure a trained run on held-out data again.", "STUDY", "STUDY-20261121-15"
    )
    verb.add_argument("run", metavar="RUN", help=A_RUN)
    verb.add_argument("--export", action="store_true", help="write its files for the browser too, as training does")
