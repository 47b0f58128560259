"""Where things are: the diary we are in, its runs and its records."""

import argparse
from collections.abc import Callable
from pathlib import Path

from cuaderno.cli.shell import tell
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run


def find_diary() -> Path | None:
    """The diary we are in: the nearest folder upwards with a cuaderno.toml, or with one in its `diary/`."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        for candidate in (folder, folder / "diary"):
            if (candidate / "cuaderno.toml").is_file():
                return candidate
    return None


def the_diary(arguments: argparse.Namespace) -> Path:
    folder = Path(arguments.diary) if arguments.diary else find_diary()
    if folder is None or not (folder / "cuaderno.toml").is_file():
        where = f"There is no diary in {folder}" if folder else "There is no diary in this folder or above it"
        raise CuadernoError(f"{where} (no cuaderno.toml). Start one with `cuaderno new DIR`, or name one: --diary DIR.")
    return folder


def runs_folder() -> Path:
    """Scratch runs lie beside the diary, or in the current folder when there is none."""
    diary = find_diary()
    return runs_beside(diary) if diary else Path("runs")


def runs_beside(diary: Path) -> Path:
    """Where the runs of a diary lie."""
    return (diary.parent if diary.name == "diary" else diary) / "runs"


def all_folders(arguments: argparse.Namespace) -> list[Path]:
    diary = Path(arguments.diary) if getattr(arguments, "diary", None) else find_diary()
    return [runs_folder(), *([diary / "records"] if diary else [])]


def measured_run(reference: str, arguments: argparse.Namespace, fits: Callable[[Run], bool] | None = None) -> Run:
    """A run to be asked, by whatever it is named; a study's name means its newest measured one, and which is said."""
    run = records.find(reference, *all_folders(arguments), damaged=tell, measured=True, fits=fits)
    if reference == run.study:
        say_which(run)
    return run


def say_which(run: Run) -> None:
    """Name a run that nobody named by its id."""
    tell(f"run {run.id}, {run.status}")
