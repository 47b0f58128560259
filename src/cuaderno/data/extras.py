"""Packages that only the doctor needs, asked for when they are needed."""

import importlib.util

from cuaderno.lab.errors import CuadernoError


def need(package: str) -> None:
    """Raises:  CuadernoError when a package of the extra `data` is not installed, with the line that installs it."""
    if importlib.util.find_spec(package) is None:
        raise CuadernoError(f"This needs {package}, which is not installed. Install it: pip install 'cuaderno[data]'")
