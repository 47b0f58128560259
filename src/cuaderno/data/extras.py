"""Packages that only the doctor needs, asked for when they are needed."""

import importlib.util
from contextlib import AbstractContextManager

from cuaderno.lab.errors import CuadernoError


def need(package: str) -> None:
    """Raises:  CuadernoError when a package of the extra `data` is not installed, with the line that installs it."""
    if importlib.util.find_spec(package) is None:
        raise CuadernoError(f"This needs {package}, which is not installed. Install it: pip install 'cuaderno[data]'")


def one_thread() -> AbstractContextManager:
    """One thread for linear algebra: on rows of words a second one only spins, at several times the cost."""
    need("sklearn")
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
