"""The search index, made by Pagefind from the printed pages; a site without it works, only without search."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from cuaderno.site.cache import Cache
from cuaderno.site.output import Target, link_or_copy

FOLDER, HEART = "pagefind", "pagefind-entry.json"


def bring(cache: Cache, target: Target, wanted: bool, warn: Callable[[str], None]) -> None:
    """Make the index of the new edition when a page changed and it is wanted, else take the old one over."""
    state = cache.state(cache.fresh)
    if wanted and cache.index != state:
        shutil.rmtree(target.folder / FOLDER, ignore_errors=True)
        cache.index = state if index(target.folder, warn) else None
    else:
        _take_over(cache.output / FOLDER, target.folder / FOLDER)


def index(site: Path, warn: Callable[[str], None]) -> bool:
    """Write the index below the site. False, after a word of warning, when that is not possible here."""
    program = _program()
    if program is None:
        warn("the search index was not made: Pagefind is not installed. Get it with: pip install 'pagefind[bin]'")
        return False
    command = [program, "--site", str(site), "--output-subdir", FOLDER, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        warn(f"the search index was not made: {said[-1] if said else 'Pagefind failed'}")
    return done.returncode == 0


def _program() -> str | None:
    try:
        from pagefind_bin import get_executable

        return str(get_executable())
    except (ImportError, FileNotFoundError):
        return shutil.which("pagefind_extended") or shutil.which("pagefind")


def _take_over(old: Path, new: Path) -> None:
    if _heart(old) == _heart(new):
        return
    shutil.rmtree(new, ignore_errors=True)
    if old.is_dir():
        shutil.copytree(old, new, copy_function=link_or_copy)


def _heart(folder: Path) -> tuple[int, int] | None:
    """What changes with every index."""
    path = folder / HEART
    return (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else None
