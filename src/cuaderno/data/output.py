"""Write a cleaned data set: whole or not at all, and never over something without being asked."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cuaderno.data import formats
from cuaderno.data.table import Table
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic


def must_be_free(source: Path, out: Path, force: bool) -> None:
    """Raises:  CuadernoError when the output is the source, lies in it, or is there already."""
    if out.resolve() == source.resolve() or source.resolve() in out.resolve().parents:
        raise CuadernoError(f"{out} is the data itself, and that is never touched. Choose another place with -o.")
    if out.exists() and not force:
        raise CuadernoError(f"{out} exists. Choose another name, or add --force to write over it.")
    if out.exists() and out.is_dir() != source.is_dir():
        raise CuadernoError(
            f"{out} is {'a folder' if out.is_dir() else 'a file'}, which {source} is not. Choose another."
        )
    if not out.parent.is_dir():
        raise CuadernoError(f"There is no folder {out.parent}. Make it first, or choose another.")


def write_output(table: Table, out: Path, force: bool) -> None:
    """The rows of a table, in the format of the table."""
    if table.format.kind == "texts":
        files = {row.record["file"]: row.record["text"].encode("utf-8", "replace") for row in table.rows}
        write_folder(out, files, force)
    else:
        write_atomic(out, formats.dump(table))


def write_folder(out: Path, files: Mapping[str, bytes | Path], force: bool) -> None:
    """A folder of files, given as bytes or copied; what was there before goes only when the new one is whole."""
    new, old = (out.with_name(f".{out.name}.{os.getpid()}.{word}") for word in ("new", "old"))
    with disk_errors(out):
        try:
            new.mkdir()
            for name, content in files.items():
                target = new / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, Path):
                    shutil.copyfile(content, target)
                else:
                    target.write_bytes(content)
            if out.exists() and force:
                out.rename(old)
            new.rename(out)
        except BaseException:
            if old.exists() and not out.exists():
                old.rename(out)
            raise
        finally:
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
