"""Files that are either whole or not there, errors of the disk in words, and one process at a time."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cuaderno.lab.errors import CuadernoError


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file through a temporary neighbour, so that a kill at any moment leaves the old one or the new one.

    Raises:  CuadernoError when the disk is full, read-only or not ours.
    """
    if isinstance(content, str):
        content = content.encode()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with disk_errors(path):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an OSError met while writing `path` into one clear paragraph."""
    try:
        yield
    except OSError as error:
        cure = {
            errno.ENOSPC: "The disk is full: free some space and run the same command again",
            errno.EDQUOT: "Your disk quota is used up: free some space and run the same command again",
            errno.EROFS: "The disk is read-only: choose another folder",
            errno.EACCES: "You may not write there: choose another folder or mend its permissions",
            errno.EPERM: "You may not write there: choose another folder or mend its permissions",
        }.get(error.errno or 0, f"The system said: {error.strerror or error}")
        raise CuadernoError(f"Could not write {path}. {cure}. What was written before is intact.") from error


@contextmanager
def alone(path: Path, waiting: Callable[[], None] = lambda: None, patience: float = 600) -> Iterator[None]:
    """Hold a lock file: another process that wants it waits, and a killed one lets go. `waiting` is called before that.

    Raises:  CuadernoError when the other one does not end.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    with file:
        until, told = time.monotonic() + patience, False
        while not _locked(file):
            if not told:
                waiting()
                told = True
            if time.monotonic() > until:
                raise CuadernoError(f"Another process holds {path} and does not end. Stop it, then try once more.")
            time.sleep(0.1)
        yield


def _locked(file: IO[bytes]) -> bool:
    """Take the lock of an open file if nobody has it; it goes when the file is closed."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _locked_on_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks: then there is nothing to wait for
        return True
    return True


def _locked_on_windows(file: IO[bytes]) -> bool:
    import msvcrt

    try:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
