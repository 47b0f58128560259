"""A data set in memory: rows with their texts, their label and the record they came from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cuaderno.data.private import masked
from cuaderno.lab.errors import CuadernoError

NUMBERS_LOOKED_AT = 500


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


def other_columns(table: Table) -> list[str]:
    """The columns that no model reads and that may hold private things: those with words, or with nothing but such.

    A column of plain numbers is one when most of its numbers are private, as those of telephones are.
    """
    form = table.format
    if form.kind in ("lines", "texts"):
        return []
    known = {form.label_column, *(form.text_columns if form.shape != "chat" else ())}
    return [name for name in form.columns if name not in known and _may_be_private(table.rows, name)]


def _may_be_private(rows: Sequence[Row], name: str) -> bool:
    numbers = []
    for row in rows:
        value = row.record.get(name)
        if isinstance(value, str) and value.strip():
            if not _is_number(value):
                return True
            numbers.append(value)
        elif isinstance(value, (list, dict)) and any(map(str.strip, _strings(value))):
            return True
    sample = numbers[:NUMBERS_LOOKED_AT]
    return bool(sample) and 2 * sum(bool(masked(value)[1]) for value in sample) > len(sample)


def _strings(value: Any) -> Iterator[str]:
    """Every text within lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def masked_within(value: Any) -> tuple[Any, set[str]]:
    """A value whose texts, also those within lists and objects, are masked, and which kinds there were."""
    if isinstance(value, str):
        text, listed = masked(value)
        return text, set(listed)
    if not isinstance(value, (list, dict)):
        return value, set()
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    parts = {key: masked_within(part) for key, part in inner}
    kinds = {kind for _, found in parts.values() for kind in found}
    if not kinds:
        return value, set()
    said = {key: part for key, (part, _) in parts.items()}
    return (said if isinstance(value, dict) else list(said.values())), kinds


def with_others_masked(record: dict[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """A record whose other columns are masked, and for each that has changed, what it had."""
    changed, kinds = {}, {}
    for name in names:
        value, found = masked_within(record.get(name))
        if found:
            changed[name], kinds[name] = value, found
    return (record | changed if changed else record), kinds


def with_label(record: dict[str, Any], label: str, form: Format) -> dict[str, Any]:
    """A record with another label, in the type that the old one had."""
    column = form.label_column
    if column is None:
        return record
    kind: Callable[[str], Any] = type(record.get(column)) if isinstance(record.get(column), (int, float)) else str
    return record | {column: label == "True" if kind is bool else kind(label)}
