"""Data from outside: found on disk or downloaded once, checked, and named in the run that used it."""

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors
from cuaderno.lab.progress import Progress

CHUNK = 1 << 20


def cache_folder() -> Path:
    """Where downloads are kept: `CUADERNO_CACHE`, or the user's cache folder of this system."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("CUADERNO_CACHE") or user_cache_path("cuaderno"))


def fetch(name: str, url: str, sha256: str, max_bytes: int = 2 << 30) -> Path:
    """The path of a data file: from `CUADERNO_DATA`, else from the cache, else downloaded from its source.

    Raises:  CuadernoError when it is nowhere and cannot be downloaded (it says where to put it), when the download is
             not the promised file, or larger than `max_bytes`.
    Traps:   a file in `CUADERNO_DATA` is taken as it is, since it may be your own cut of the data: `fingerprint` it and
             give that to `run.used`.
    """
    own = os.environ.get("CUADERNO_DATA")
    if own and (Path(own) / name).exists():
        return Path(own) / name
    cached = cache_folder() / name
    if not cached.exists():
        with disk_errors(cached):
            cached.parent.mkdir(parents=True, exist_ok=True)
            _download(name, url, sha256, max_bytes, cached)
    return cached


def fingerprint(path: Path) -> str:
    """sha256 of a file, or of a folder's relative names and contents in order."""
    path, digest = Path(path), hashlib.sha256()
    for part in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(part.relative_to(path).as_posix().encode() + b"\0")
        with part.open("rb") as file:
            while block := file.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()


def _download(name: str, url: str, sha256: str, max_bytes: int, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with urllib.request.urlopen(url, timeout=30) as answer, partial.open("wb") as file:
            length, done = int(answer.headers.get("Content-Length") or 0), 0
            with Progress(f"download {name}", length, unit="byte") as progress:
                while block := answer.read(CHUNK):
                    done += len(block)
                    if done > max_bytes:
                        raise CuadernoError(f"{url} is larger than {max_bytes:,} bytes: not the promised file.")
                    file.write(block)
                    progress.update(done)
        if length and done < length:
            raise urllib.error.URLError(f"the connection broke after {done:,} of {length:,} bytes")
        found = fingerprint(partial)
        if found != sha256:
            raise CuadernoError(
                f"{url} gave another file than expected (sha256 {found[:16]}…, not {sha256[:16]}…); it was not kept. "
                f"Try again later, or put the right file at {target}."
            )
        partial.replace(target)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise CuadernoError(
            f"The file '{name}' is not on this machine and could not be downloaded ({reason}). It comes from {url}. "
            f"Put it at {target}, or in the folder that CUADERNO_DATA names, and run the command again."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
