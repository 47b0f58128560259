"""Where things are: the diary we are in, its runs and its records."""

import argparse
from pathlib import Path

from cuaderno.lab.errors import CuadernoError


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
