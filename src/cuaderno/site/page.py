"""One file of the site, before it is printed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """A file's name below the site's root and how to make it. The same `key` means the same content."""

    name: str
    key: str
    make: Callable[[], bytes]
    source: Path | None = None  # the file that it is a copy of


def file_state(path: Path) -> tuple[int, int] | None:
    """What changes when a file does: its size and time; None when there is no such file."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns
