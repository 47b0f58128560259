"""The fonts of this computer: which ones write Latin or Arabic letters, which look alike, which are kept for the test.

Fonts are not part of the study: it takes those that it finds, and a run's record names them with their licences. Of
each design (a family and its clones under other names) all files are either seen in training or kept for the test.

Source:  the folders where systems keep fonts, and those that CUADERNO_FONTS names; the one inside Pillow is always
         there.
"""

import hashlib
import json
import os
import re
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont, features

from cuaderno.lab.data import cache_folder
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.progress import Progress

SUFFIXES = {".ttf", ".otf", ".ttc"}
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,?!-áéíóúñüÁÉÍÓÚÑ¿¡"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةى،؟"
BUILT_IN = "Pillow"  # the name of the one that is always there
BUILT_IN_FAMILY = "Aileron (Pillow)"
UNSEEN_SHARE = 0.25  # of the designs
ALIKE = 0.965  # correlation of two drawings from which on they count as one design
MOST_FILES = 8  # of one design that are drawn with: so many weights and slopes are enough
FANCY = re.compile(  # beside what a font says of itself
    r"script|hand|comic|lobster|dancing|kristi|chorus|chancery|z003|dyslexic|sketch|humor|ecolier|rufscript|breip"
    r"|essays|isabella|typewriter|nastaliq|ruqaa|kufi|art\b|decorative|ostorah|dimnah|manzomah|mashq|engadget|kouzan"
    r"|yozfont|radis|jura|oxygen mono|ocr|bebas|femke|sjfont|steve|delphine|chalet|juniors|dustimo|wargames|penguin"
    r"|balker|domestic|doggie|it wasn|mashedpot|flatstanley|winks|el abogado|progenisis|swift|marked fool|summersby"
    r"|lemonada|bajaderka|atari|monofur|comfortaa",
    re.IGNORECASE,
)
SYMBOLS = re.compile(  # fonts that claim letters and draw something else, or nothing to read
    r"symbol|dingbat|d050000l|emoji|math|music|barcode|quran|qurn|haramain|blank|notdef|last ?resort|braille"
    r"|sign ?writing",
    re.IGNORECASE,
)
FORMAT = 1  # of the cached list


@dataclass(frozen=True)
class Font:
    """One font file: what it is called, what it can write, and which design it belongs to."""

    path: str
    family: str
    licence: str
    latin: bool
    arabic: bool
    fancy: bool  # decorative, or as if written by hand
    design: str = ""

    @property
    def unseen(self) -> bool:
        """Whether its design is kept for the test."""
        digest = hashlib.md5(self.design.casefold().encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big") / 2**32 < UNSEEN_SHARE


@dataclass(frozen=True)
class Pool:
    """Fonts to draw with, as designs that each hold some files: a design with many weights is not drawn more often."""

    latin: list[list[Font]]
    arabic: list[list[Font]]

    def of(self, arabic: bool) -> list[list[Font]]:
        return self.arabic if arabic else self.latin


def find_fonts(limit: int = 0) -> list[Font]:
    """Every usable font here, by design; with `limit`, so many designs only, of which 1 is the font inside Pillow."""
    if limit == 1:
        return [Font(BUILT_IN, BUILT_IN_FAMILY, "CC0", latin=True, arabic=False, fancy=False, design=BUILT_IN_FAMILY)]
    found = _known(_files())
    designs = list(dict.fromkeys(font.design for font in found))
    kept = set(designs[:limit] if limit else designs)
    return [font for font in found if font.design in kept]


def pools(fonts: list[Font]) -> dict[str, Pool]:
    """`seen` to learn from, `unseen` for the test, `fancy` the decorative ones among the unseen.

    With too few designs for both, the test has to use the seen ones, and `few` in `describe` says so.
    """
    result = {}
    for name, wanted in (
        ("seen", lambda font: not font.unseen),
        ("unseen", lambda font: font.unseen),
        ("fancy", lambda font: font.unseen and font.fancy),
    ):
        result[name] = Pool(
            latin=_by_design([font for font in fonts if font.latin and wanted(font)]),
            arabic=_by_design([font for font in fonts if font.arabic and wanted(font)]),
        )
    every = Pool(_by_design([f for f in fonts if f.latin]), _by_design([f for f in fonts if f.arabic]))
    seen = Pool(result["seen"].latin or every.latin, result["seen"].arabic or every.arabic)
    unseen = Pool(result["unseen"].latin or seen.latin, result["unseen"].arabic or seen.arabic)
    fancy = Pool(result["fancy"].latin or unseen.latin, result["fancy"].arabic or unseen.arabic)
    return {"seen": seen, "unseen": unseen, "fancy": fancy}


def describe(fonts: list[Font]) -> dict[str, str]:
    """How many designs there are, and what few of them cost, in words for the terminal and the record."""
    parts, costs = [], []
    for name, own in (
        ("Latin", [font for font in fonts if font.latin]),
        ("Arabic", [font for font in fonts if font.arabic]),
    ):
        designs = {font.design: font.unseen for font in own}
        unseen = sum(designs.values())
        plural = "" if len(designs) == 1 else "s"
        parts.append(f"{len(designs)} {name} design{plural}, {unseen} kept for the test")
        if not designs:
            costs.append(f"there is no {name} font, so pictures of {name} cannot be drawn, learnt or judged")
        elif not 0 < unseen < len(designs):
            costs.append(
                f"too few {name} designs to keep any for the test: its pictures are judged in fonts it has seen"
            )
        elif len(designs) < 12:
            costs.append(f"with {len(designs)} {name} designs the network learns those, and new ones puzzle it")
    if not features.check("raqm"):
        costs.append("Pillow has no raqm here, so Arabic letters do not join and pictures of Arabic are left out")
    words = {"fonts": "; ".join(parts)}
    if costs:
        cure = "Debian and Ubuntu: apt-get install fonts-noto-core fonts-liberation fonts-lato fonts-hosny-amiri"
        words["what few fonts cost"] = "; ".join(costs) + f". {cure}"
    return words


def licences(fonts: list[Font]) -> dict[str, list[str]]:
    """The families by licence, for the record."""
    found: dict[str, set[str]] = {}
    for font in fonts:
        found.setdefault(font.licence, set()).add(font.family)
    return {licence: sorted(families) for licence, families in sorted(found.items())}


def fingerprint(fonts: list[Font]) -> str:
    """Names, designs and sizes of all files: two computers with the same give the same."""
    digest = hashlib.sha256()
    for font in fonts:
        size = 0 if font.path == BUILT_IN else Path(font.path).stat().st_size
        digest.update(f"{font.family}\t{font.design}\t{size}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def open_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels, with raqm where Pillow has it."""
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    if path == BUILT_IN:
        built_in = ImageFont.load_default(size)
        assert isinstance(built_in, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
        return built_in
    return ImageFont.truetype(path, size, layout_engine=engine)


@lru_cache(maxsize=512)
def characters(path: str) -> frozenset[int]:
    """The code points that a font can draw, out of its cmap."""
    if path == BUILT_IN:
        return frozenset(map(ord, _drawn_by_built_in()))
    return frozenset(_cmap(_tables(Path(path))[b"cmap"]))


# --- finding


def _folders() -> list[Path]:
    home = Path.home()
    places = [Path(part) for part in os.environ.get("CUADERNO_FONTS", "").split(os.pathsep) if part]
    if sys.platform == "darwin":
        return [*places, Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft" / "Windows" / "Fonts"
        return [*places, Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", local]
    shared = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    return [*places, Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), shared / "fonts", home / ".fonts"]


def _files() -> list[Path]:
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix.lower() in SUFFIXES and path.is_file():
                found.setdefault(path.name.lower(), path)  # packages link the same file into several folders
    return list(found.values())


def _scan(files: list[Path]) -> list[Font]:
    """Every font that writes all of Latin or all of Arabic, with the family's name as its design for now."""
    fonts = [Font(BUILT_IN, BUILT_IN_FAMILY, "CC0", latin=True, arabic=False, fancy=False)]
    with Progress("read the fonts", len(files), unit="font") as progress:
        for path in files:
            progress.advance()
            try:
                font = _read(path)
            except (OSError, ValueError, struct.error, IndexError):
                continue  # a damaged file is none of our business
            fonts += font
    return fonts


def _read(path: Path) -> list[Font]:
    """What a file can write: nothing, one of the two, or both, which count as a font each."""
    tables = _tables(path)
    names = _names(tables.get(b"name", b""))
    family = names.get(16) or names.get(1) or path.stem
    if SYMBOLS.search(f"{family} {path.stem}"):
        return []
    covered = _cmap(tables.get(b"cmap", b"\0\0\0\0"))
    latin = covered.issuperset(map(ord, LATIN))
    arabic = covered.issuperset(map(ord, ARABIC)) and b"GSUB" in tables and features.check("raqm")
    panose = tables.get(b"OS/2", b"")[32:42]
    fancy = bool(FANCY.search(f"{family} {path.stem}")) or (len(panose) == 10 and panose[0] in (3, 4))
    licence = _licence(names)
    scripts = [True] * latin + [False] * arabic
    return [Font(str(path), family, licence, is_latin, not is_latin, fancy) for is_latin in scripts]


def _tables(path: Path) -> dict[bytes, bytes]:
    """The tables that are looked into here; of the others only that they are there."""
    with path.open("rb") as file:
        head = file.read(16)
        start = struct.unpack(">I", head[12:16])[0] if head[:4] == b"ttcf" else 0
        file.seek(start + 4)
        (count,) = struct.unpack(">H", file.read(2))
        file.seek(start + 12)
        entries = list(struct.iter_unpack(">4sIII", file.read(16 * count)))
        tables = {}
        for tag, _, offset, length in entries:
            file.seek(offset)
            tables[tag] = file.read(length) if tag in (b"cmap", b"name", b"OS/2") else b""
    return tables


def _cmap(data: bytes) -> set[int]:
    """Code points with a glyph, of the Unicode subtables in formats 4 and 12."""
    covered: set[int] = set()
    for i in range(struct.unpack(">H", data[2:4])[0]):
        platform, encoding, offset = struct.unpack(">HHI", data[4 + 8 * i : 12 + 8 * i])
        if platform != 0 and (platform, encoding) not in ((3, 1), (3, 10)):
            continue
        (kind,) = struct.unpack(">H", data[offset : offset + 2])
        if kind == 4:
            covered |= _format_4(data[offset:])
        elif kind == 12:
            (groups,) = struct.unpack(">I", data[offset + 12 : offset + 16])
            for first, last, glyph in struct.iter_unpack(">III", data[offset + 16 : offset + 16 + 12 * groups]):
                covered.update(range(first + (glyph == 0), min(last, 0x10FFFF) + 1))
    return covered


def _format_4(data: bytes) -> set[int]:
    segments = struct.unpack(">H", data[6:8])[0] // 2
    ends, starts, deltas, offsets = (
        np.frombuffer(data, ">u2", segments, 14 + 2 * segments * i + (2 if i else 0)).astype(int) for i in range(4)
    )
    table = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype(int)
    first_offset = (16 + 6 * segments) // 2  # where the offsets lie, in units of two bytes
    covered: set[int] = set()
    for i in range(segments):
        points = np.arange(starts[i], min(ends[i], 0xFFFE) + 1)
        if offsets[i]:
            places = first_offset + i + offsets[i] // 2 + (points - starts[i])
            points = points[places < len(table)]
            glyphs = table[places[: len(points)]]
        else:
            glyphs = (points + deltas[i]) % 65536
        covered.update(points[glyphs != 0].tolist())
    return covered


def _names(data: bytes) -> dict[int, str]:
    """The entries of a font's `name` table, English ones first."""
    names: dict[int, str] = {}
    if len(data) < 6:
        return names
    count, start = struct.unpack(">HH", data[2:6])
    for i in range(count):
        platform, _, language, number, length, offset = struct.unpack(">6H", data[6 + 12 * i : 18 + 12 * i])
        raw = data[start + offset : start + offset + length]
        text = raw.decode("utf-16-be" if platform in (0, 3) else "latin-1", "replace").strip("\0 ")
        if text and (number not in names or (platform, language) == (3, 0x409)):
            names[number] = text
    return names


def _licence(names: dict[int, str]) -> str:
    """A short name for what a font says of its licence."""
    text = " ".join(names.get(number, "") for number in (13, 14, 0)).casefold()
    for mark, short in (
        ("open font license", "OFL"),
        ("ofl", "OFL"),
        ("apache", "Apache-2.0"),
        ("gust", "GUST"),
        ("lppl", "LPPL"),
        ("gpl", "GPL"),
        ("general public", "GPL"),
        ("bitstream", "Bitstream Vera"),
        ("public domain", "public domain"),
        ("creative commons", "Creative Commons"),
        ("mit license", "MIT"),
        ("ubuntu", "Ubuntu"),
    ):
        if mark in text:
            return short
    return "see its package"


@lru_cache(maxsize=1)
def _drawn_by_built_in() -> str:
    """Characters of the built-in font: those that do not look like a character that no font has."""
    font = open_font(BUILT_IN, 24)
    missing = bytes(font.getmask("\U0010fff0"))
    chars = map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180)])
    return "".join(char for char in chars if char == " " or bytes(font.getmask(char)) != missing)


# --- designs: two families that draw nearly the same are one


def _known(files: list[Path]) -> list[Font]:
    """All fonts among the files, sorted by design. Looking takes a while, so what was seen is remembered."""
    seen = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    digest = hashlib.sha256(json.dumps([FORMAT, seen, ALIKE, features.check("raqm")]).encode()).hexdigest()[:20]
    path = cache_folder() / "language" / f"fonts-{digest}.json"
    try:
        return [Font(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        pass
    fonts = _scan(files)
    named = [Font(**{**vars(f), "design": d}) for f, d in zip(fonts, _find_designs(fonts), strict=True) if d]
    named.sort(key=lambda font: (font.design.casefold(), font.family, Path(font.path).name))
    with suppress(CuadernoError), disk_errors(path):  # a home that cannot be written to only means looking again
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps([vars(font) for font in named]))
    return named


def _find_designs(fonts: list[Font]) -> list[str]:
    """The name of each font's design; empty for one that draws nothing to read."""
    shapes: list[np.ndarray | None] = []
    with Progress("look at the fonts", len(fonts), unit="font") as progress:
        for font in fonts:
            shapes.append(_shape(font))
            progress.advance()
    roots = [_root(font.family) + (" in Arabic" if font.arabic else "") for font in fonts]
    design: dict[str, str] = {}  # of each root
    for latin in (True, False):
        leaders: list[tuple[str, np.ndarray]] = []
        for i, shape in enumerate(shapes):
            if shape is None or fonts[i].latin != latin:
                continue
            near = max(((float(shape @ other), name) for name, other in leaders), default=(0.0, ""))
            own = design.get(roots[i])
            if own is None:
                own = design[roots[i]] = near[1] if near[0] > ALIKE else roots[i]
            if near[0] <= ALIKE:
                leaders.append((own, shape))  # a weight or a slope that was not seen before
    return [design[root] if shape is not None else "" for root, shape in zip(roots, shapes, strict=True)]


def _root(family: str) -> str:
    """A family's name without weights and widths: `DejaVu Sans Condensed` is DejaVu Sans."""
    weights = (
        r"\b(thin|hairline|ultra ?light|extra ?light|light|book|regular|medium|semi ?bold|demi ?bold|demi|bold"
        r"|extra ?bold|ultra|heavy|black|italic|oblique|condensed|semi ?condensed"
        r"|extra ?condensed|narrow|cond|display|caption|ui"
        r"|compact|sc|small ?caps|smallcaps|caps|nf|slab|desktop|variable|vf|\d+)\b"
    )
    return re.sub(r"\s+", " ", re.sub(weights, "", re.sub(r"[-_]", " ", family), flags=re.IGNORECASE)).strip() or family


def _shape(font: Font) -> np.ndarray | None:
    """A few letters side by side, each stretched to the same square, with mean 0 and length 1; None when unreadable."""
    squares = []
    try:
        drawn = open_font(font.path, 28)
        for char in "aegRGQstfyk" if font.latin else "هعسكمحص":
            mask, _ = drawn.getmask2(char, mode="L")
            if min(mask.size) < 3 or max(mask.size) > 120:
                return None
            image = Image.frombytes("L", mask.size, bytes(mask)).resize((16, 16), Image.Resampling.BILINEAR)
            squares.append(np.asarray(image, dtype=np.float32))
    except (OSError, ValueError, MemoryError):
        return None
    shape = np.concatenate([square.ravel() for square in squares])
    if shape.std() < 10 or any(np.array_equal(squares[0], square) for square in squares[1:]):
        return None  # blank, or the same box again and again
    shape = shape - shape.mean()
    return shape / np.linalg.norm(shape)


def _by_design(fonts: list[Font]) -> list[list[Font]]:
    designs: dict[str, list[Font]] = {}
    for font in fonts:
        designs.setdefault(font.design, []).append(font)
    return [_spread(files) for files in designs.values()]


def _spread(files: list[Font]) -> list[Font]:
    """At most MOST_FILES of a design, evenly chosen."""
    step = max(1.0, len(files) / MOST_FILES)
    return [files[int(i * step)] for i in range(min(len(files), MOST_FILES))]
