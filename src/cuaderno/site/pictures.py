"""The picture that others see when they share a page: the title in ink on squared paper, drawn with Pillow's own font.

Two thousand of them are made in a cold build, so only the rows that carry the title are drawn and compressed; the paper
above and below is compressed once and joined to them, as zlib streams can be after a full flush.
"""

import struct
import unicodedata
import zlib
from functools import lru_cache
from typing import Any

WIDTH, HEIGHT, SQUARE, MARGIN, LEFT, TOP = 1200, 630, 42, 126, 168, 147
PAPER, INK = 0, 200  # a ramp, so that the smooth edges of letters are tones of it
GRID, BLUE, RED = 20, INK + 1, INK + 2
COLORS: list[tuple[int, ...]] = [
    tuple(paper - (paper - ink) * step // INK for paper, ink in ((252, 27), (251, 29), (247, 34)))
    for step in range(INK + 1)
]
COLORS[GRID] = (223, 230, 238)
COLORS += [(29, 78, 216), (226, 160, 161)]
SIZES = (84, 72, 60, 50)
ROOM = HEIGHT - TOP - 130  # rows for the title
PLAIN = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "×": "x", "·": ".", "…": "...", "¡": "!"} | dict.fromkeys("“”„«»", '"')
)
ACCENTS = {"\u0301": "acute", "\u0300": "grave", "\u0303": "tilde", "\u0308": "dots"}


def share_picture(title: str, name: str) -> bytes:
    """A PNG of 1200 × 630 with a title and the name of the diary."""
    size, lines = _fit(title)
    bottom = TOP + round(len(lines) * size * 1.2) + size // 4
    band = _paper(name).crop((0, TOP, WIDTH + 1, bottom))
    for number, line in enumerate(lines):
        _write(band, LEFT, round(number * size * 1.2), line, size)
    above, adler = _rows_above(name)
    drawn = band.tobytes()
    pieces = [b"\x78\x01", above, _packed(drawn), _rows_below(name, bottom)]
    adler = zlib.adler32(_rows(name)[bottom * (WIDTH + 1) :], zlib.adler32(drawn, adler))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    palette = bytes(channel for color in COLORS for channel in color)
    data = b"".join(pieces) + struct.pack(">I", adler)
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _packed(rows: bytes, last: bool = False) -> bytes:
    """Rows as a piece of a deflate stream that does not look back at the pieces before."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(rows) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


@lru_cache(maxsize=4)
def _rows_above(name: str) -> tuple[bytes, int]:
    rows = _rows(name)[: TOP * (WIDTH + 1)]
    return _packed(rows), zlib.adler32(rows)


@lru_cache(maxsize=64)
def _rows_below(name: str, start: int) -> bytes:
    return _packed(_rows(name)[start * (WIDTH + 1) :], last=True)


@lru_cache(maxsize=4)
def _rows(name: str) -> bytes:
    return _paper(name).tobytes()


@lru_cache(maxsize=4)
def _paper(name: str) -> Any:
    """The squared sheet with the diary's name. Its first column is PNG's filter byte, 0, in front of each row."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (WIDTH + 1, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    for x in range(SQUARE, WIDTH, SQUARE):
        draw.line([(x, 0), (x, HEIGHT)], GRID, 2)
    for y in range(0, HEIGHT, SQUARE):
        draw.line([(1, y), (WIDTH, y)], GRID, 2)
    draw.line([(MARGIN, 0), (MARGIN, HEIGHT)], RED, 4)
    draw.rectangle([SQUARE, SQUARE, 2 * SQUARE, 2 * SQUARE], BLUE)
    _write(picture, LEFT, HEIGHT - 105, name, 34)
    return picture


@lru_cache(maxsize=8)
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _fit(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title has room; what is still too long is cut with three dots."""
    for size in SIZES:
        lines = _wrap(title, size)
        if len(lines) * size * 1.2 <= ROOM:
            return size, lines
    most = int(ROOM / (SIZES[-1] * 1.2))
    return SIZES[-1], [*lines[: most - 1], lines[most - 1][:36] + "..."]


def _wrap(title: str, size: int) -> list[str]:
    space = _font(size).getlength(" ")
    lines, widths = [""], [0.0]
    for word in title.split():
        width = _font(size).getlength(_plain(word))
        if lines[-1] and widths[-1] + space + width > WIDTH - LEFT - 2 * SQUARE:
            lines.append("")
            widths.append(0.0)
        lines[-1] = f"{lines[-1]} {word}".strip()
        widths[-1] += space + width
    return [line[:80] for line in lines]


def _plain(text: str) -> str:
    return "".join(letter for letter, _ in _letters(text))


def _letters(text: str) -> list[tuple[str, str | None]]:
    """What the font can draw, letter by letter, each with the accent to draw above it."""
    found: list[tuple[str, str | None]] = []
    for letter in text if text.isascii() else unicodedata.normalize("NFD", text.translate(PLAIN)):
        if letter in ACCENTS and found:
            found[-1] = (found[-1][0], ACCENTS[letter])
        elif letter == "¿":
            found.append(("?", "turned"))
        elif " " <= letter <= "~":
            found.append((letter, None))
    return found


def _write(picture: Any, x: int, y: int, text: str, size: int) -> None:
    """One line of text; the font has no accents, so they are drawn as strokes."""
    from PIL import ImageDraw

    font, letters, draw = _font(size), _letters(text), ImageDraw.Draw(picture)
    draw.text((x, y), "".join("  " if mark == "turned" else letter for letter, mark in letters), INK, font)
    before = ""
    for letter, mark in letters:
        if mark:
            left = x + font.getlength(before)
            _accent(draw, left, left + font.getlength(letter), y, letter, mark, size)
        before += "  " if mark == "turned" else letter


def _accent(draw: Any, left: float, right: float, y: int, letter: str, mark: str, size: int) -> None:
    middle = (left + right) / 2
    top = y + size * (0.09 if letter.isupper() else 0.24)
    reach, width = size * 0.09, max(2, size // 13)
    if mark == "acute":
        draw.line([(middle - reach * 0.5, top + reach), (middle + reach, top - reach * 0.4)], INK, width)
    elif mark == "grave":
        draw.line([(middle + reach * 0.5, top + reach), (middle - reach, top - reach * 0.4)], INK, width)
    elif mark == "tilde":
        points = [(-1.6, 0.8), (-0.8, 0), (0.8, 0.8), (1.6, 0)]
        draw.line([(middle + dx * reach, top + dy * reach) for dx, dy in points], INK, width, joint="curve")
    elif mark == "dots":
        for dx in (-1.3, 1.3):
            draw.ellipse([middle + dx * reach - width / 2, top, middle + dx * reach + width / 2, top + width], INK)
    else:
        _turned(draw, left, y, size)


def _turned(draw: Any, left: float, y: int, size: int) -> None:
    """The question mark that opens a Spanish question: the closing one, turned around."""
    from PIL import Image, ImageDraw

    font = _font(size)
    box = font.getbbox("?")
    mark = Image.new("L", (box[2] + 2, box[3] + 2), 0)
    ImageDraw.Draw(mark).text((0, 0), "?", 255, font)
    draw.bitmap((round(left), y + round(size * 0.2)), mark.rotate(180), INK)
