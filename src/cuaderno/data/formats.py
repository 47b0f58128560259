"""Files to rows: CSV, TSV, JSONL (plain, chat, Alpaca), JSON, Parquet, one text a line, a folder of texts.

What cannot be read is named by row and column, with what is there, what is wanted and how to mend it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from cuaderno.data import columns, encodings
from cuaderno.data.extras import need
from cuaderno.data.separators import Cut, Sniffed, fields_of, sniff
from cuaderno.data.table import Broken, Format, FormatError, Row, Table, texts_of
from cuaderno.lab.errors import CuadernoError

ROLES = ("system", "user", "assistant", "tool")
SAMPLE = 500
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
TEXT_FILES = {".txt", ".md"}
MOST_BYTES = 2 << 30
SHOWN = 60
OBJECT = re.compile(r'\s*\[?\s*\{\s*"')  # the beginning of JSON objects
EXCELS_OWN = re.compile(r"\Asep=.\n")  # a first line by which Excel knows the separator; blank, it is no row


def read_table(
    path: str | Path,
    text: Sequence[str] = (),
    label: str | None = None,
    encoding: str | None = None,
    keep_broken: bool = False,
) -> Table:
    """The rows of a file or folder; its format, encoding, separator and columns are found out.

    `text` and `label` name columns instead. With `keep_broken`, rows that cannot be read are in `table.broken`.

    Raises:  CuadernoError when there is nothing to read; FormatError at the first row that cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        table = read_folder(path)
    else:
        data = bytes_of_table(path)
        table = parse(data, path.name, text, label, encoding)
    if not keep_broken:
        refuse_broken(table)
    if not table.rows and not table.broken:
        raise CuadernoError(f"{path} has no rows: there is only a header, or nothing. Is it the right file?")
    return table


def refuse_broken(table: Table) -> None:
    """Raises:  FormatError at the first row that cannot be read, if there is one."""
    if not table.broken:
        return
    more, first = len(table.broken) - 1, table.broken[0].error
    if more:
        first.args = (f"{first} ({more:,} more rows cannot be read either.)",)
    raise first


def bytes_of_table(path: Path) -> bytes:
    """A file as it is.

    Raises:  CuadernoError when it is none, cannot be read, is empty, too large, or of a kind that is no text.
    """
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise CuadernoError(f"{path} is a pipe or a device, which is read but once. Save it as a file first.")
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise CuadernoError(
                f"{path} has {size / 1e9:.1f} GB, and a table is read into memory: at most {MOST_BYTES / 1e9:.1f} GB. "
                f"Cut it into parts, for example: split -l 1000000 {path.name} part-"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise CuadernoError(f"There is no file {path}. Look at its name, or at the folder you are in.") from None
    except OSError as error:
        raise CuadernoError(f"Could not read {path}: {error.strerror or error}.") from error
    if not data.strip():
        raise CuadernoError(f"{path} is empty. Is it the right file?")
    if what := encodings.foreign(data):
        cure = "Save its sheet as CSV" if "spreadsheet" in what else "Give a CSV, TSV, JSONL, Parquet or text file"
        raise CuadernoError(f"{path} is {what}, not a table of texts. {cure}, then try again.")
    return data


def parse(
    data: bytes, name: str, text: Sequence[str] = (), label: str | None = None, encoding: str | None = None
) -> Table:
    """The rows of a file's bytes, read as a file of that name; those that cannot be read are in `broken`."""
    if data[:4] == b"PAR1":
        return parse_parquet(data, name, text, label)
    suffix = Path(name).suffix.lower()
    if suffix == ".parquet":
        raise CuadernoError(
            f"{name} is no Parquet file: such a one begins with PAR1. Give it the ending of what it is."
        )
    encoding = encoding or encodings.detect(data)
    content, wrong = content_of(data, name, encoding)
    start = content.lstrip()[:1]
    is_json = start in ("{", "[") and OBJECT.match(content)  # whatever the file is called
    if suffix in (".jsonl", ".ndjson") or (start == "{" and (is_json or suffix != ".csv")):
        table = _read_jsonl(content, name, wrong, text, label)
    elif suffix == ".json" or (start == "[" and (is_json or suffix not in (".csv", ".tsv", ".txt"))):
        table = _read_json(content, name, wrong, text, label)
    else:
        table = _read_separated(content, name, suffix, wrong, text, label)
    table.format.encoding = encoding
    return table


def content_of(data: bytes, name: str, encoding: str) -> tuple[str, dict[int, str]]:
    """The bytes of a text file as lines that end in a newline, and the lines that are not of that encoding.

    Raises:  CuadernoError when there is no such encoding, or the bytes are no text.
    """
    try:
        content, wrong = encodings.decode(data, encoding)
    except LookupError:
        raise CuadernoError(f"There is no encoding '{encoding}'. Usual ones: utf-8, cp1252, latin-1, utf-16.") from None
    if share := encodings.strange(content, encoding):
        raise CuadernoError(
            f"{name} is no text: read as {encoding}, {share:.0%} of its first characters are control characters or "
            "mean nothing. Give a CSV, TSV, JSONL, Parquet or text file, or a folder of pictures; if it is text in an "
            "older encoding, name that with --encoding, for example shift_jis or koi8-r."
        )
    return content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), wrong


# -- CSV and TSV ------------------------------------------------------------------------------------------------------


def _read_separated(
    content: str, name: str, suffix: str, wrong: dict[int, str], text: Sequence[str], label: str | None
) -> Table:
    content = EXCELS_OWN.sub("\n", content)
    sniffed = sniff(content, suffix)
    if sniffed is None:
        return read_lines(content, name, wrong)
    cuts = fields_of(content, sniffed)
    first = next(cuts, None)
    if first is None:
        raise CuadernoError(f"{name} holds separators and no words. Is it the right file?")
    names = first.cells
    header = [cell.strip() for cell in names] if sniffed.header else [f"column_{n + 1}" for n in range(len(names))]
    if repeated := next((cell for cell in header if header.count(cell) > 1), None):
        place = f"row 0 (the header), column '{repeated}'"
        raise FormatError(name, place, "the same name twice", "distinct names", "Rename one of the two columns.")
    kind = "tsv" if sniffed.separator == "\t" else "csv"
    form = Format(kind, "plain", "utf-8", sniffed.separator, sniffed.quoted, sniffed.header, header)
    table = Table([], form, name)
    found: list[tuple[int, int, dict[str, Any]]] = []
    if sniffed.header and first.is_open:
        raise _unclosed(name, f"row 0 (the header, line {first.start})", first.cells, header)
    if sniffed.header and first.end in wrong:
        raise _wrong_encoding(name, f"row 0 (the header, line {first.end})", wrong[first.end])
    for id, cut in enumerate(cuts if sniffed.header else fields_of(content, sniffed), start=1):
        place = f"row {id} (line {cut.start})"
        bad = next((number for number in range(cut.start, cut.end + 1) if number in wrong), 0) if wrong else 0
        if bad:
            error = _wrong_encoding(name, f"row {id} (line {bad})", wrong[bad])
        elif cut.is_open:
            error = _unclosed(name, place, cut.cells, header)
        elif len(cut.cells) != len(header):
            error = _ragged(name, place, cut, header, sniffed)
        else:
            found.append((id, cut.start, dict(zip(header, cut.cells, strict=True))))
            continue
        table.broken.append(Broken(id, cut.start, sniffed.separator.join(cut.cells), error))
    if table.broken and not found:
        raise table.broken[0].error
    columns.choose(form, [record for _, _, record in found[:SAMPLE]], text, label)
    table.rows = [Row(id, line, texts_of(record, form), _label(record, form), record) for id, line, record in found]
    return table


def _wrong_encoding(name: str, place: str, what: str) -> FormatError:
    cure = (
        "The file mixes encodings, as two files that were joined do. Save it anew as UTF-8, "
        "name the right one with --encoding cp1252, or leave such rows out with --skip-broken."
    )
    return FormatError(name, place, what, "UTF-8 as in the rest of the file", cure)


def _ragged(name: str, place: str, cut: Cut, header: list[str], sniffed: Sniffed) -> FormatError:
    said = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[sniffed.separator]
    if len(cut.cells) > len(header):
        column = header[-1]
        cure = f"If a text holds a {said}, put it in double quotes"
    else:
        column = header[len(cut.cells)]
        cure = f"Add what is missing, or a {said} for each empty column"
    if cut.end > cut.start:
        cure = f"It goes on to line {cut.end}: if it should not, close the double quote that opens in it. {cure}"
    wanted = f"{len(header)} columns ({', '.join(header)})"
    found = f"{len(cut.cells)} columns, beginning with “{_shown(sniffed.separator.join(cut.cells))}”"
    return FormatError(
        name, f"{place}, column '{column}'", found, wanted, f"{cure}; or leave such rows out with --skip-broken."
    )


def _unclosed(name: str, place: str, cells: list[str], header: list[str]) -> FormatError:
    column = header[min(len(cells), len(header)) - 1]
    found = f"a double quote that opens there, before “{_shown(cells[-1])}” and is closed nowhere that a cell ends"
    wanted = "a double quote at both ends of the text"
    cure = (
        'Close it where the text ends, and write a quote inside a text twice (""); '
        "or leave such rows out with --skip-broken."
    )
    return FormatError(name, f"{place}, column '{column}'", found, wanted, cure)


def _shown(text: str) -> str:
    """The beginning of a text, without what could command a terminal."""
    text = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * SHOWN])
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _label(record: dict[str, Any], form: Format) -> str | None:
    value = record.get(form.label_column) if form.label_column else None
    return None if value is None or value == "" or value != value else str(value)  # NaN is not what it is


def read_lines(content: str, name: str, wrong: dict[int, str]) -> Table:
    """One text a line."""
    form = Format("lines", columns=["text"], text_columns=["text"])
    table = Table([], form, name)
    for number, line in enumerate(content.removesuffix("\n").split("\n"), start=1):
        if number in wrong:
            error = _wrong_encoding(name, f"line {number}", wrong[number])
            table.broken.append(Broken(number, number, line, error))
        else:
            table.rows.append(Row(number, number, [line], None, {"text": line}))
    return table


# -- JSON -------------------------------------------------------------------------------------------------------------


def _read_jsonl(content: str, name: str, wrong: dict[int, str], text: Sequence[str], label: str | None) -> Table:
    found: list[tuple[int, int, Any]] = []
    broken = []
    id = 0
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        id += 1
        try:
            if number in wrong:
                raise _wrong_encoding(name, f"row {id} (line {number})", wrong[number])
            found.append((id, number, _object(line, name, id, number)))
        except FormatError as error:
            broken.append(Broken(id, number, line, error))
    return _from_objects(found, broken, Format("jsonl"), name, text, label)


def _object(line: str, name: str, id: int, number: int) -> dict[str, Any]:
    place = f"row {id} (line {number})"
    try:
        value = json.loads(line)
    except RecursionError:
        raise FormatError(name, place, "brackets nested too deeply", "one JSON object", "Flatten it.") from None
    except ValueError as error:
        column, message = getattr(error, "colno", 1), getattr(error, "msg", str(error))
        near = _shown(line[max(0, column - 20) : column + 20])
        cure = "Each line must be one whole JSON object; look there for a missing quote, comma or brace"
        cure = f"{cure}, or leave such rows out with --skip-broken."
        found = f"broken JSON ({message}) near “{near}”"
        raise FormatError(name, f"{place}, character {column}", found, "one JSON object", cure) from None
    if not isinstance(value, dict):
        cure = 'Write {"text": …} on each line.'
        raise FormatError(name, place, _kind_of(value), "one JSON object", cure)
    return value


def _read_json(content: str, name: str, wrong: dict[int, str], text: Sequence[str], label: str | None) -> Table:
    for number, what in wrong.items():
        raise _wrong_encoding(name, f"line {number}", what)
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        place = f"line {getattr(error, 'lineno', 1)}, character {getattr(error, 'colno', 1)}"
        found = f"broken JSON ({getattr(error, 'msg', 'nested too deeply')})"
        cure = "Mend it there; a file with one object a line should end in .jsonl."
        raise FormatError(name, place, found, "a list of JSON objects", cure) from None
    if not isinstance(values, list):
        cure = "Write [{…}, {…}], or one object a line in a file that ends in .jsonl."
        raise FormatError(name, "line 1", _kind_of(values), "a list of JSON objects", cure)
    objects: list[tuple[int, int, Any]] = []
    broken = []
    for id, value in enumerate(values, start=1):
        if isinstance(value, dict):
            objects.append((id, 0, value))
        else:
            fault = FormatError(name, f"row {id}", _kind_of(value), "a JSON object", 'Write {"text": …}.')
            broken.append(Broken(id, 0, json.dumps(value, ensure_ascii=False), fault))
    return _from_objects(objects, broken, Format("json"), name, text, label)


def _kind_of(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null", dict: "an object"}
    return kinds.get(type(value), "a number")


def _from_objects(
    found: list[tuple[int, int, Any]],
    broken: list[Broken],
    form: Format,
    name: str,
    text: Sequence[str],
    label: str | None,
) -> Table:
    """Rows of JSON objects: the shape is what most of them have, and the others are broken."""
    table = Table([], form, name, broken)
    sample = [record for _, _, record in found[:SAMPLE]]
    form.shape = _shape(sample) if not text else "plain"
    form.columns = list(dict.fromkeys(key for record in sample for key in record))
    if form.shape == "alpaca":
        form.text_columns = list(columns.ALPACA)
        form.label_column = label
    elif form.shape == "chat":
        form.label_column = label
    elif found:
        columns.choose(form, sample, text, label)
    for id, line, record in found:
        try:
            _check_object(record, form, name, f"row {id}" + (f" (line {line})" if line else ""))
            table.rows.append(Row(id, line, texts_of(record, form), _label(record, form), record))
        except FormatError as error:
            broken.append(Broken(id, line, json.dumps(record, ensure_ascii=False), error))
    broken.sort(key=lambda row: row.id)
    return table


def _shape(sample: Sequence[dict]) -> str:
    most = len(sample) / 2
    if sum("messages" in record for record in sample) > most:
        return "chat"
    is_alpaca = sum("instruction" in record and "output" in record for record in sample) > most
    return "alpaca" if is_alpaca else "plain"


def _check_object(record: dict[str, Any], form: Format, name: str, place: str) -> None:
    """Raises:  FormatError naming the column that is not as the shape wants it."""
    if form.shape == "chat":
        _check_chat(record, name, place)
        return
    for column in form.text_columns:
        optional = form.shape == "alpaca" and column == "input"
        where = f"{place}, column '{column}'"
        if column not in record and not optional:
            close = ", ".join(record) or "none"
            cure = f'Add "{column}" (this row has: {close}); or leave such rows out with --skip-broken.'
            raise FormatError(name, where, "nothing", "a text", cure)
        value = record.get(column, "")
        if not isinstance(value, str) and value is not None:
            cure = f'Write it in quotes: "{column}": "…"; or name another column with --text.'
            raise FormatError(name, where, f"{_kind_of(value)} ({_shown(str(value))})", "a text", cure)


def _check_chat(record: dict[str, Any], name: str, place: str) -> None:
    messages = record.get("messages")
    wanted = 'a list of {"role": …, "content": …}'
    cure = 'Write "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}].'
    if not isinstance(messages, list) or not messages:
        found = "an empty list" if messages == [] else _kind_of(messages)
        raise FormatError(name, f"{place}, column 'messages'", found, wanted, cure)
    for number, message in enumerate(messages):
        where = f"{place}, column 'messages[{number}]"
        if not isinstance(message, dict):
            raise FormatError(name, f"{where}'", _kind_of(message), 'an object {"role": …, "content": …}', cure)
        if message.get("role") not in ROLES:
            said = json.dumps(message.get("role"), ensure_ascii=False)
            say = {"bot": "assistant", "model": "assistant"}.get(str(message.get("role")), "user")
            cure = f'Write the role of who speaks there, perhaps "role": "{say}".'
            raise FormatError(name, f"{where}.role'", said, ", ".join(ROLES), cure)
        if not isinstance(message.get("content"), str):
            found = _kind_of(message.get("content")) if "content" in message else "nothing"
            raise FormatError(name, f"{where}.content'", found, "a text", 'Write "content": "…".')


# -- Parquet ----------------------------------------------------------------------------------------------------------


def parse_parquet(data: bytes, name: str, text: Sequence[str] = (), label: str | None = None) -> Table:
    need("pyarrow")
    import pyarrow
    import pyarrow.parquet

    try:
        arrow = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        cure = "It is perhaps only half copied: copy or download it once more"
        raise CuadernoError(f"{name} is not a whole Parquet file ({reason}). {cure}.") from None
    objects: list[tuple[int, int, Any]] = [(id, 0, record) for id, record in enumerate(arrow.to_pylist(), start=1)]
    table = _from_objects(objects, [], Format("parquet"), name, text, label)
    table.format.columns, table.schema = arrow.column_names, arrow.schema
    return table


# -- folders ----------------------------------------------------------------------------------------------------------


def kind_of_folder(folder: Path) -> str:
    """`pictures` or `texts`: what most of the files in it are.

    Raises:  CuadernoError when there are neither.
    """
    counts = {"pictures": 0, "texts": 0}
    for path in files_in(folder):
        counts["pictures"] += path.suffix.lower() in PICTURES
        counts["texts"] += path.suffix.lower() in TEXT_FILES
    if not any(counts.values()):
        raise CuadernoError(
            f"{folder} has no texts ({', '.join(sorted(TEXT_FILES))}) and no pictures ({', '.join(sorted(PICTURES))}). "
            "Put each class into a folder of its own: cats/1.png, dogs/2.png."
        )
    return max(counts, key=lambda kind: counts[kind])


def left_alone(folder: Path) -> dict[str, list[str]]:
    """The files of a folder that are not of the kind that most are, by kind; they are neither read nor copied."""
    taken = {"pictures": PICTURES, "texts": TEXT_FILES}[kind_of_folder(folder)]
    found: dict[str, list[str]] = {}
    inside = folder.resolve()
    links = [path for path in sorted(folder.rglob("*")) if path.is_symlink() and not _is_below(path, inside)]
    if links:
        found["links"] = [path.relative_to(folder).as_posix() for path in links]
    for path in files_in(folder):
        ending = path.suffix.lower()
        if ending not in taken:
            kind = "pictures" if ending in PICTURES else "texts" if ending in TEXT_FILES else "others"
            found.setdefault(kind, []).append(path.relative_to(folder).as_posix())
    return found


def files_in(folder: Path) -> Iterator[Path]:
    """All files of a folder in order, without hidden ones and without links that lead out of it."""
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and _is_below(path, inside):
            yield path


def _is_below(path: Path, folder: Path) -> bool:
    """Whether a file, or what a link leads to, lies in a folder."""
    try:
        return path.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def read_folder(folder: Path) -> Table:
    """One text a file; its class is the folder it lies in."""
    if kind_of_folder(folder) == "pictures":
        raise CuadernoError(f"{folder} holds pictures, and texts are wanted here.")
    return parse_files(bytes_of_texts(folder), folder.name)


def bytes_of_texts(folder: Path) -> dict[str, bytes]:
    """What is in each text file of a folder, by its path from there."""
    paths = [path for path in files_in(folder) if path.suffix.lower() in TEXT_FILES]
    return {path.relative_to(folder).as_posix(): bytes_of(path) for path in paths}


def bytes_of(path: Path) -> bytes:
    """What is in a file of a folder.

    Raises:  CuadernoError when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        cure = "Mend its permissions, or take it out of the folder"
        raise CuadernoError(f"Could not read {path}: {error.strerror or error}. {cure}.") from error


def parse_files(files: Mapping[str, bytes], name: str) -> Table:
    """The rows of a folder of texts."""
    form = Format("texts", columns=["file", "text", "label"], text_columns=["text"])
    table = Table([], form, name)
    for id, (file, data) in enumerate(files.items(), start=1):
        encoding = encodings.detect(data)
        content, wrong = encodings.decode(data, encoding)
        if share := encodings.strange(content, encoding):
            found = f"{share:.0%} of characters that no text has"
            fault = FormatError(file, "line 1", found, "a text", "Take it out of the folder, or save it anew as UTF-8.")
            table.broken.append(Broken(id, 0, "", fault))
            continue
        if wrong:
            line, what = next(iter(wrong.items()))
            table.broken.append(Broken(id, 0, content, _wrong_encoding(file, f"line {line}", what)))
            continue
        content = content.removeprefix("\ufeff").replace("\r\n", "\n")
        label = PurePosixPath(file).parent.name or None
        form.label_column = "label" if label else form.label_column
        table.rows.append(Row(id, 0, [content], label, {"file": file, "text": content, "label": label}))
    return table


# -- writing ----------------------------------------------------------------------------------------------------------


def dump(table: Table) -> bytes:
    """The bytes of a file that holds the rows of a table, in its own format and always in UTF-8."""
    form = table.format
    records = [row.record for row in table.rows]
    if form.kind == "parquet":
        import pyarrow
        import pyarrow.parquet

        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records, schema=table.schema), out)
        return out.getvalue()
    if form.kind == "jsonl":
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    elif form.kind == "json":
        text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    elif form.kind == "lines":
        text = "".join(" ".join(record["text"].splitlines()) + "\n" for record in records)
    else:
        text = _separated(records, form)
    return text.encode("utf-8", "backslashreplace")  # half a letter, which only JSON can hold, as JSON writes it


def _separated(records: list[dict[str, Any]], form: Format) -> str:
    out = io.StringIO()
    if form.quoted:
        writer = csv.writer(out, delimiter=form.separator, lineterminator="\n")
        writer.writerows([form.columns] if form.header else [])
        writer.writerows([record[name] for name in form.columns] for record in records)
        return out.getvalue()
    gap = str.maketrans(dict.fromkeys("\n\r" + form.separator, " "))
    rows = [form.columns] if form.header else []
    rows += [[str(record[name]).translate(gap) for name in form.columns] for record in records]
    return "".join(form.separator.join(row) + "\n" for row in rows)
