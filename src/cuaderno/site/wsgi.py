"""The published diary for a WSGI server: `cuaderno.site.wsgi:application`.

`CUADERNO_DIARY` names the diary's folder (default: the one the server was started in), `CUADERNO_SITE` the printed site
(default: `_site` in the diary).
"""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from cuaderno.lab.errors import CuadernoError


def make(folder: Path, site: Path | None = None) -> Callable[..., Any]:
    """The printed site of a diary, with its comments when it has them mounted.

    Raises:  CuadernoError when there is no diary or no printed site, or comments cannot be opened.
    """
    from cuaderno.diary.settings import read_settings
    from cuaderno.site.front import Front
    from cuaderno.site.published import Published

    settings = read_settings(folder)
    site = site or folder / "_site"
    if not (site / "index.html").is_file():
        raise CuadernoError(f"{site} has no printed site. Print it first: cuaderno build --diary {folder}")
    app: Callable[..., Any] = Published(settings, site)
    if settings.comments and settings.comments.mounted:
        from cuaderno.site.comments.mount import Comments, together

        app = together(Comments(settings, folder, site), app)
    return Front(app, settings)


@lru_cache(maxsize=1)
def _from_environment() -> Callable[..., Any]:
    folder = Path(os.environ.get("CUADERNO_DIARY") or ".")
    site = os.environ.get("CUADERNO_SITE")
    return make(folder, Path(site) if site else None)


def __getattr__(name: str) -> Any:
    """`application` is made when a server asks for it, so that importing this module needs no diary."""
    if name == "application":
        return _from_environment()
    raise AttributeError(name)
