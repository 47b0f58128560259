"""List, compare and keep runs."""

import argparse
from pathlib import Path

from cuaderno import studies
from cuaderno.cli.places import all_folders, the_diary
from cuaderno.cli.shell import A_RUN, EXAMPLE, Verbs, print_table, tell
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run


def keep(arguments: argparse.Namespace) -> None:
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    print(f"kept as {keep_run(run, the_diary(arguments)).folder}")
    warn_of_licence(run)


def warn_of_licence(run: Run) -> None:
    """Say whose the data are from which a kept run learned, since all of it is published with the diary."""
    if licence := records.foreign_licence(run):
        tell(
            f"warning: {run.id} learned from data that are not this project's own, and its weights are published with "
            f"the diary. Their licence: {licence}. If it does not let you publish what was learned from them, take the "
            "record out of the diary's records again before you publish it."
        )


def keep_run(run: Run, diary: Path) -> Run:
    """Promote a run into the diary's records.

    Raises:  CuadernoError when it cannot be kept, or when a bet about it was made after it.
    """
    if faults := late_bets(diary, [run]):
        cure = f"{run.id} was not kept. Keep a run that was trained after the bet, or take the bet out of journey.toml."
        raise CuadernoError("\n".join([*map(str, faults), cure]))
    return records.keep(run, diary / "records")


def late_bets(diary: Path, scratch: list[Run]) -> list[CuadernoError]:
    """The bets of a diary's journey that were made when runs which decide them were there already."""
    from cuaderno.diary.journey import read_journey
    from cuaderno.diary.progress import Progress
    from cuaderno.diary.settings import read_settings

    journey = read_journey(diary, read_settings(diary))
    return Progress(journey, [], []).too_late_for(scratch) if journey else []


def runs(arguments: argparse.Namespace) -> None:
    folders = all_folders(arguments)
    if arguments.compare:
        found = [records.find(reference, *folders, damaged=tell) for reference in arguments.compare]
    else:
        found = records.runs_in(*(folders[1:] if arguments.kept else folders), damaged=tell)
    if arguments.study:
        studies.folder(arguments.study)
        found = [run for run in found if run.study == arguments.study]
    anything = bool(found)
    found = records.select(found, arguments.where or [])
    if arguments.sort:
        found = records.sort(found, arguments.sort)
    if arguments.json:
        print(records.as_json(found))
    elif len(arguments.compare) > 1:
        compare(found)
    elif not found and anything:
        print("No run passes these tests.")
    elif not found:
        print(f"No runs here yet. Train one: cuaderno train {EXAMPLE} --preset tiny")
    else:
        columns = ("run", "status", "steps", "CPU s", "first result")
        print_table(columns, [run_row(run) for run in found])


def run_row(run: Run) -> tuple[str, ...]:
    name, metric = next(iter(run.metrics.items()), (None, None))
    result = f"{name} {metric.value:.4g}" if metric else ""
    return run.id, run.status, f"{run.data['steps']:,}", f"{run.data['cpu_seconds']:.0f}", result


def metric_row(name: str, metric) -> tuple[str, ...]:
    interval = "" if metric.low is None else f"{metric.low:.4g} – {metric.high:.4g}"
    return name, f"{metric.value:.4g}", interval, str(metric.n)


def compare(found: list[Run]) -> None:
    header = ("", *(run.id for run in found))
    differences = records.config_differences(found)
    print_table(
        header, [(name, *(str(value) for value in row)) for name, row in differences.items()], "settings that differ"
    )
    names = list(dict.fromkeys(name for run in found for name in run.metrics))
    rows = [
        (name, *(metric_row(name, run.metrics[name])[1] if name in run.metrics else "–" for run in found))
        for name in names
    ]
    costs = ("cpu_seconds", "wall_seconds", "steps")
    rows += [(name, *(f"{run.data[name]:,.0f}" for run in found)) for name in costs]
    print_table(header, rows, "results")


def add(verbs: Verbs) -> None:
    verb = verbs.add("keep", keep, "Promote a finished run into the diary's records.", "STUDY", "STUDY-20261121-15")
    verb.add_argument("run", metavar="RUN", help=A_RUN)

    verb = verbs.add(
        "runs",
        runs,
        "List runs, or compare them side by side.",
        "",
        "--study STUDY --where 'seed<3' --sort cpu_seconds",
        "STUDY-20261121-15 STUDY-20261121-16     # compare two",
        "--json",
    )
    verb.add_argument("compare", nargs="*", metavar="RUN", help="only these; two or more are compared side by side")
    verb.add_argument("--study", metavar="STUDY", help="only runs of this study")
    verb.add_argument("--kept", action="store_true", help="only kept runs")
    verb.add_argument("--where", action="append", metavar="TEST", help="a test such as 'seed=1' or 'cpu_seconds<100'")
    verb.add_argument("--sort", metavar="NAME", help="by a setting, metric or field; --sort=-NAME: the largest first")
    verb.add_argument("--json", action="store_true", help="print the whole runs as JSON")
