"""Text that was read with the wrong encoding, control characters and stray spaces: mended character by character."""

import re
import unicodedata

from cuaderno.data.extras import need

# Joiners stay: Persian and emoji need them. Tab, line feed and carriage return are spaces, below.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
SURROGATE = re.compile("[\ud800-\udfff]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
RUN = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")  # not at the beginning of a line: code keeps its indentation
LINE_END = re.compile(r"[ \t]+(?=\n|\Z)")
BLANK_LINES = re.compile(r"\n{4,}")


def without_mojibake(text: str) -> tuple[str, list[str]]:
    """UTF-8 that was read as something else, read right: `maÃ±ana` becomes `mañana`."""
    if text.isascii():
        return text, []
    need("ftfy")
    import ftfy

    mended = ftfy.fix_encoding(SURROGATE.sub("\ufffd", text))
    return (mended, ["mojibake"]) if mended != text else (text, [])


def tidy(text: str) -> tuple[str, list[str]]:
    """Composed letters, no control characters, one space between words; lines and indentation stay."""
    reasons = []
    after = text if text.isascii() else unicodedata.normalize("NFC", text)
    if after != text:
        reasons.append("composed")
    mended = CONTROL.sub("", after.replace("\r\n", "\n").replace("\r", "\n"))
    if len(mended) != len(after):
        reasons.append("control")
    spaced = mended if mended.isascii() else SPACES.sub(" ", mended)
    spaced = BLANK_LINES.sub("\n\n\n", LINE_END.sub("", RUN.sub(" ", spaced))).strip("\n ")
    if spaced != mended:
        reasons.append("spaces")
    return spaced, reasons
