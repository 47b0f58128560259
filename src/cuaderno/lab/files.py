"""Files that are either whole or not there, and errors of the disk in words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
