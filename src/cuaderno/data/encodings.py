"""What the bytes of a text file mean: found out, not asked."""

import codecs
import re
import unicodedata
from collections import Counter

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FOREIGN = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive, or a spreadsheet of Excel or LibreOffice",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program of Windows",
    b"RIFF": "a recording or a WebP picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"OggS": "a recording",
    b"ID3": "a recording",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"Rar!": "a RAR archive",
    b"\x93NUMPY": "an array of NumPy",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "an Arrow file",
    b"Obj\x01": "an Avro file",
    b"{\\rtf": "a document in Rich Text Format",
}
WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html[\s>]|\?xml\s)", re.I)
SEEN = 1 << 16  # characters that tell whether it is a text
TERMINAL = "\t\n\v\f\r\a\b\x1b\x85"  # control characters that texts do have
MOST_WRONG, MOST_WRONG_GUESSED, FEW = 0.2, 0.03, 1000  # shares of what no text has: in UTF-8 of this length, elsewhere
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def foreign(data: bytes) -> str | None:
    """What a file is that is no text at all."""
    if WEB_PAGE.match(data[:1000]):
        return "a web page or XML, perhaps what asks to log in instead of the download"
    return next((name for magic, name in FOREIGN.items() if data.startswith(magic)), None)


def strange(content: str, encoding: str) -> float:
    """The share of characters that no text has, where that is too many to be one; else 0."""
    seen = Counter(content[:SEEN])
    wrong = sum(count for letter, count in seen.items() if _is_strange(letter))
    share = wrong / max(1, seen.total())
    if encoding.lower().replace("_", "-").startswith("utf-8"):  # which hardly anything is by chance
        return share if share > MOST_WRONG and seen.total() > FEW else 0.0
    return share if share > MOST_WRONG_GUESSED else 0.0


def _is_strange(letter: str) -> bool:
    """Whether it is a control character, half a letter, the mark of a wrong byte, or means nothing."""
    if letter in TERMINAL:
        return False
    return letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cn", "Cs", "Co")


def detect(data: bytes) -> str:
    """The encoding of a text file: by its mark, its zero bytes, or by what decodes.

    A file that is UTF-8 but for some bytes is called `utf-8`: `decode_lines` then says which lines are not.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    sample = data[:4096]
    if len(sample) > 3 and sample.count(0) > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return "utf-8" if MULTIBYTE.search(data) and not _is_single_byte(data) else _single_byte(data)


def _is_single_byte(data: bytes) -> bool:
    """Whether what looks like UTF-8 is rarer than what cannot be."""
    good = sum(len(found) for found in MULTIBYTE.findall(data))
    return good < sum(byte > 127 for byte in data) / 2


def _single_byte(data: bytes) -> str:
    try:
        data.decode("cp1252")
        return "cp1252"
    except UnicodeDecodeError:
        return "latin-1"


def decode(data: bytes, encoding: str) -> tuple[str, dict[int, str]]:
    """The text, and for each line (from 1) that is not in this encoding, what its first wrong byte is.

    A wrong byte is read as `cp1252` reads it, so that the text can be shown.

    Raises:  LookupError when there is no such encoding.
    """
    try:
        return data.decode(encoding), {}
    except UnicodeDecodeError:
        pass
    if not codecs.lookup(encoding).name.startswith("utf-8"):
        return data.decode(encoding, "replace"), {_line_of_fault(data, encoding): f"bytes that are not {encoding}"}
    lines, wrong = [], {}
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            wrong[number] = f"the byte 0x{line[error.start]:02X} (character {error.start + 1} of the line)"
            lines.append(_piecewise(line))
    return "\n".join(lines), wrong


def _line_of_fault(data: bytes, encoding: str) -> int:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return data[: error.start].decode(encoding, "replace").count("\n") + 1
    return 1


def _piecewise(line: bytes) -> str:
    """UTF-8 where it is, cp1252 elsewhere."""
    text = ""
    while line:
        try:
            return text + line.decode("utf-8")
        except UnicodeDecodeError as error:
            text += line[: error.start].decode("utf-8")
            text += line[error.start : error.start + 1].decode("cp1252", "replace")
            line = line[error.start + 1 :]
    return text
