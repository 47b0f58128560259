"""The texts of a file alone, as training reads them: what one of both refuses, the other refuses as well."""

import sys
from collections.abc import Sequence
from pathlib import Path

from cuaderno.data import encodings
from cuaderno.data.formats import bytes_of_table, content_of, read_lines, read_table, refuse_broken
from cuaderno.data.table import Row, Table
from cuaderno.lab.errors import CuadernoError

LINES = ("", ".txt", ".md")  # one text a line, however many commas there are


def read_texts(file: str, column: str = "") -> list[str]:
    """The lines of a text file or of standard input (`-`), or a column of a table, with single spaces.

    Raises:  CuadernoError when there is no such file or column, a row cannot be read, or there is no text.
    """
    return read_labelled(file, column)[0]


def read_labelled(file: str, column: str = "") -> tuple[list[str], list[str | None]]:
    """As `read_texts`, and beside them the class of each; no classes where the table has none."""
    path, classes = Path(file).expanduser(), list[str | None]()
    if file == "-" or (path.suffix.lower() in LINES and not path.is_dir()):
        table = lines(sys.stdin.buffer.read() if file == "-" else bytes_of_table(path), path.name)
        texts = [" ".join(whole(row.text).split()) for row in table if row.text.strip()]
    else:
        table = read_named(path, [column] if column else [], None, "--column")
        (name,) = one_column(table, path)
        texts = [tidy(row.texts[0], f"{place(path, row)}, column '{name}'") for row in table]
        classes = table.labels if table.has_classes and table.format.label_column != name else classes
    if not texts:
        raise CuadernoError(f"{file} holds no text.")
    return texts, classes


def lines(data: bytes, name: str) -> Table:
    """The bytes of a file as one text a line."""
    content, wrong = content_of(data, name, encodings.detect(data))
    table = read_lines(content, name, wrong)
    refuse_broken(table)
    return table


def one_column(table: Table, path: Path) -> list[str]:
    """The column that the texts are in.

    Raises:  CuadernoError when there are two.
    """
    names = table.format.text_columns
    if len(names) != 1:
        raise CuadernoError(
            f"{path} has: {', '.join(table.format.columns)}. Texts are in {' and in '.join(names) or 'none of them'}. "
            f"Say which column is meant: --column {names[0] if names else 'NAME'}"
        )
    return names


def read_named(path: Path, text: Sequence[str], label: str | None, option: str) -> Table:
    """The rows of a file; what cannot be read is said with the option that names a text column here."""
    try:
        return read_table(path, text, label)
    except CuadernoError as error:
        words = str(error).replace("--text", option)
        if "--skip-broken" in words:
            words += f" That is an option of: cuaderno data clean {path} -o clean{path.suffix}"
        raise CuadernoError(words) from error


def place(path: Path, row: Row) -> str:
    """Where a row is."""
    return f"{path}, row {row.id}" + (f" (line {row.line})" if row.line else "")


def tidy(text: str, where: str) -> str:
    """A text with single spaces.

    Raises:  CuadernoError when there is none.
    """
    if not text.strip():
        raise CuadernoError(f"{where} is empty; wanted is a text. Fill it, or drop the row.")
    return " ".join(whole(text).split())


def whole(text: str) -> str:
    """A text without half characters, which JSON can hold and no model can read."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
