"""Turn the kernels into machine code, once for each version of them and each kind of processor.

numba keeps what it compiled and looks at one file only to decide whether it is stale; a kernel is written in several.
So the folder carries a digest of all of them, and whatever changes, nothing old is ever run.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from numba import __version__, config, njit
from platformdirs import user_cache_path

from cuaderno.lab.files import alone

SOURCES = ("compiled.py", "vectors.py", "kernels.py", "loss.py")
# All of fast arithmetic but "reassoc": exp2 rounds by adding and taking away a large number, which may not cancel out.
ARITHMETIC = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}
OPTIONS = {"fastmath": ARITHMETIC, "error_model": "numpy", "boundscheck": False, "nogil": True}
ANNOUNCED = "The first use compiles the renderer for this processor; that takes about half a minute, once."


def kernel(function: Callable) -> Callable:
    """Compile a function at its first call, or take it from the disk; it runs without Python's lock."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder())
    try:
        return njit(cache=True, **OPTIONS)(function)
    finally:
        config.CACHE_DIR = before


def inner(function: Callable) -> Callable:
    """A part of a kernel, compiled into those that call it."""
    return njit(**OPTIONS)(function)


def folder() -> Path:
    """Where the machine code of exactly these sources lies; `NUMBA_CACHE_DIR` moves it."""
    digest = hashlib.sha256(__version__.encode())
    for name in SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    top = Path(config.CACHE_DIR) if config.CACHE_DIR else user_cache_path("cuaderno") / "kernels"
    return top / f"splat-{digest.hexdigest()[:12]}"


def compile_all(warm_up: Callable[[], None]) -> None:
    """Have every kernel compiled by one process while others wait, and say so where it takes a while."""
    ready = folder() / "ready"
    if ready.exists():
        return
    with alone(folder() / "lock"):
        if ready.exists():
            return
        print(ANNOUNCED, file=sys.stderr, flush=True)
        warm_up()
        ready.touch()
