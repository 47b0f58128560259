"""A data set in memory: rows with their texts, their label and the record they came from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cuaderno.data.private import masked
from cuaderno.lab.errors import CuadernoError


class FormatError(CuadernoError):
    """One place of a file that cannot be read: where, what is there, what is wanted, and how to mend it."""

    def __init__(self, file: str, place: str, found: str, wanted: str, cure: str):
        found = masked(found)[0]  # an error may be read by others, on a page or in a log
        self.file, self.place, self.found, self.wanted, self.cure = file, place, found, wanted, cure
        super().__init__(f"{file}, {place}: found {found}, wanted {wanted}. {cure}")


@dataclass(slots=True)
class Row:
    """One example. `texts` are what a model reads (a pair has two, a chat one per message), in the record's order."""

    id: int  # its place among the rows of the file, from 1
    line: int  # where it begins in the file; 0 in a format without lines
    texts: list[str]
    label: str | None
    record: dict[str, Any]  # all that was read: columns, or the JSON object

    @property
    def text(self) -> str:
        return self.texts[0] if len(self.texts) == 1 else "\n".join(self.texts)


@dataclass(slots=True)
class Broken:
    """A row that could not be read, as it stands in the file."""

    id: int
    line: int
    raw: str
    error: FormatError


@dataclass
class Format:
    """How a file is written."""

    kind: str  # csv | tsv | jsonl | json | parquet | lines | texts (a folder)
    shape: str = "plain"  # plain | chat | alpaca
    encoding: str = "utf-8"
    separator: str = ""
    quoted: bool = True
    header: bool = True
    columns: list[str] = field(default_factory=list)
    text_columns: list[str] = field(default_factory=list)
    label_column: str | None = None


@dataclass
class Table:
    """The rows of one file, and those that could not be read."""

    rows: list[Row]
    format: Format
    name: str = "data"
    broken: list[Broken] = field(default_factory=list)
    schema: Any = None  # of a Parquet file, to write the same types again

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows]

    @property
    def labels(self) -> list[str | None]:
        return [row.label for row in self.rows]

    @property
    def has_classes(self) -> bool:
        """Whether the labels are classes, few enough to learn from; numbers on a scale are not."""
        labels = [row.label for row in self.rows if row.label is not None]
        kinds = set(labels)
        on_a_scale = len(kinds) > 2 and all(map(_is_number, kinds)) and any("." in kind for kind in kinds)
        return 2 <= len(kinds) <= max(2, min(100, len(labels) // 2)) and not on_a_scale


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def texts_of(record: dict[str, Any], form: Format) -> list[str]:
    """The texts of a record, always in the same order; what is not there is empty."""
    if form.shape == "chat":
        return [message["content"] for message in record["messages"]]
    return ["" if record.get(name) is None else str(record[name]) for name in form.text_columns]


def with_texts(record: dict[str, Any], texts: list[str], form: Format) -> dict[str, Any]:
    """A record that says these texts instead; all else stays, and so does a text that is the same."""
    if form.shape == "chat":
        pairs = zip(record["messages"], texts, strict=True)
        return record | {"messages": [message | {"content": text} for message, text in pairs]}
    before = texts_of(record, form)
    changed = zip(form.text_columns, texts, before, strict=True)
    return record | {name: text for name, text, old in changed if text != old}


def with_label(record: dict[str, Any], label: str, form: Format) -> dict[str, Any]:
    """A record with another label, in the type that the old one had."""
    column = form.label_column
    if column is None:
        return record
    kind: Callable[[str], Any] = type(record.get(column)) if isinstance(record.get(column), (int, float)) else str
    return record | {column: label == "True" if kind is bool else kind(label)}
