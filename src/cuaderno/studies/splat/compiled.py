"""Turn the kernels into machine code, once for each version of them and each kind of processor.

numba keeps what it compiled and looks at one file only to decide whether it is stale; a kernel is written in several.
So the folder carries a digest of all of them, and whatever changes, nothing old is ever run. The digest also knows what
numba's own names depend on: where the sources lie, the processor, numba and Python. Else one copy would be taken for
ready because of another, and compile without a word.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from llvmlite import binding
from numba import __version__, config, njit
from platformdirs import user_cache_path

from cuaderno.lab.files import alone

HERE = Path(__file__).resolve().parent
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
    """Where the machine code of exactly these sources lies, for this processor; `NUMBA_CACHE_DIR` moves it."""
    digest = hashlib.sha256(repr((__version__, sys.version, *processor(), str(HERE))).encode("utf-8", "replace"))
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    top = Path(config.CACHE_DIR) if config.CACHE_DIR else user_cache_path("cuaderno") / "kernels"
    return top / f"splat-{digest.hexdigest()[:12]}"


def processor() -> tuple[str, str]:
    """The name and the abilities of the processor, by which numba tells one from another."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


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
