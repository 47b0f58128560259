"""What the page *Refine* reads of a study that can be tuned to a file: its tune.toml."""

import tomllib
from dataclasses import dataclass
from typing import Any

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError


@dataclass(frozen=True)
class Tune:
    """The tasks with their models, the settings to ask for, and which model suits what."""

    settings: tuple[str, ...]
    why: dict[str, str]
    task: dict[str, dict[str, Any]]


def names() -> list[str]:
    """The studies that say how they are tuned."""
    return [name for name in studies.names() if (studies.folder(name) / "tune.toml").is_file()]


def read(study: str) -> Tune:
    """Raises:  CuadernoError naming the file and what is wrong in it."""
    path = studies.folder(study) / "tune.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        found = Tune(tuple(said["settings"]), said["why"], said["task"])
        if not all({"en", "es", "models"} <= task.keys() for task in found.task.values()) or not found.task:
            raise ValueError("each task needs en, es and models")
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. It needs settings, why and a task or more.") from error
