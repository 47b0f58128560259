"""Mazes in and out: text, PNG, JPEG, GIF, BMP, WebP and SVG, ours or somebody else's.

The format is told from the content of a file, not from its name. How the squares are found in pixels is `lattice.py`.

Which mark is which: green, else blue, is the start and red is the goal; between two other colours, or two marks of one
colour, the upper (then the left) one is the start. Without marks, the two openings of the outer border count, the upper
(then the left) one being the start. With a single mark, a single opening is the other end.

Units:   places are (row, column) on the wall grid that was drawn, its outer border included; in text, line and
         character.
"""

import html
import re
import warnings
from itertools import groupby, pairwise
from pathlib import Path
from xml.parsers import expat

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageOps

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.maze import lattice
from cuaderno.studies.maze.data import MAX_SIDE, Maze, distances

MAX_PIXELS = 170_000_000  # 801 squares and a border at 16 pixels each; checked before anything is decoded
MAX_TEXT = 64 * 2**20  # bytes of text or SVG
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")

WALLS, WAYS, STARTS, GOALS = "#█X%", " .·_*", "SA", "GEBF"

PAPER, INK, ROUTE, START, GOAL = "#fcfbf7", "#1b1d22", "#1d4ed8", "#15803d", "#dc2626"

MARK_HINT = (
    "Paint one open square green (the start) and one red (the goal), or leave exactly two openings in the border."
)


def read(path: str | Path) -> Maze:
    """Read a maze from a text file, a picture or a simple SVG.

    Raises:  CuadernoError when there is no maze to be found or no way through it, saying why and what helps.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            is_picture = head.startswith(MAGIC)
            content = head if is_picture else head + file.read(MAX_TEXT + 1)
        if is_picture:
            return from_picture(path)
        if len(content) > MAX_TEXT:
            raise CuadernoError("It is larger than any maze in text or SVG can be. Is it the right file?")
        if _is_svg(content):
            return from_svg(content)
        return from_text(_decode(content))
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte or a lone surrogate in it
        reason = getattr(error, "strerror", None) or str(error)
        raise CuadernoError(f"{path} cannot be read: {reason}. Check the name and that it is a file.") from error
    except CuadernoError as error:
        raise CuadernoError(f"{path} cannot be read as a maze. {error}") from error


def write(maze: Maze, path: str | Path, route=None) -> None:
    """Draw a maze, and a route of (row, column) places if given; the name's ending decides the format.

    Raises:  CuadernoError for an ending we do not write.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending in (".txt", ".text", ""):
        path.write_text(to_text(maze, route) + "\n", encoding="utf-8")
    elif ending == ".svg":
        path.write_text(to_svg(maze, route), encoding="utf-8")
    elif ending in (".png", ".gif", ".bmp", ".webp", ".jpg", ".jpeg"):
        options: dict[str, dict] = {".webp": {"lossless": True}, ".jpg": {"quality": 92}, ".jpeg": {"quality": 92}}
        to_image(maze, route).save(path, **options.get(ending, {}))
    else:
        raise CuadernoError(f"A maze is not written as '{ending}'. Choose .txt, .svg, .png, .webp, .gif, .bmp or .jpg.")


def finish(squares: np.ndarray, start: tuple[int, int], goal: tuple[int, int]) -> Maze:
    """A maze that somebody can solve.

    Raises:  CuadernoError when it is too small or too large, an end is a wall, or no way leads from one to the other.
    """
    height, width = squares.shape
    if squares.size < 2:
        raise CuadernoError("It is a single square, and a maze needs at least two. Draw some more.")
    if max(height - 2, width - 2) > MAX_SIDE:
        raise CuadernoError(
            f"It has {height} x {width} squares, more than {MAX_SIDE} x {MAX_SIDE}. Cut out a part of it."
        )
    for name, place in (("start", start), ("goal", goal)):
        if not squares[place]:
            raise CuadernoError(f"The {name}, row {place[0]}, column {place[1]}, is a wall. Move it to an open square.")
    if start == goal:
        raise CuadernoError(f"Start and goal are the same square, row {start[0]}, column {start[1]}. Move one of them.")
    if distances(squares, goal)[start] < 0:
        raise CuadernoError(
            f"There is no way from the start at row {start[0]}, column {start[1]} to the goal at row {goal[0]}, column"
            f" {goal[1]}. Open a wall between them, or check that the walls were drawn as you meant them."
        )
    return Maze(squares, start, goal)


def _openings(squares: np.ndarray) -> list[tuple[int, int]]:
    """The middle of every gap in the outer border, topmost first; none when there is no border to speak of."""
    bottom, right = squares.shape[0] - 1, squares.shape[1] - 1
    ring = [(0, c) for c in range(right)] + [(r, right) for r in range(bottom)]
    ring += [(bottom, c) for c in range(right, 0, -1)] + [(r, 0) for r in range(bottom, 0, -1)]
    if not ring or sum(not squares[p] for p in ring) < 0.6 * len(ring):
        return []
    while squares[ring[0]]:  # begin at a wall, so that no gap is cut in two
        ring.append(ring.pop(0))
    gaps = [list(gap) for is_open, gap in groupby(ring, key=lambda p: bool(squares[p])) if is_open]
    return sorted(gap[len(gap) // 2] for gap in gaps)


def _ends(squares: np.ndarray, starts: list, goals: list, others: list) -> tuple[tuple[int, int], tuple[int, int]]:
    """Start and goal from the marks and, where marks are missing, from the openings in the border."""
    if len(starts) > 1 or len(goals) > 1:
        name, places = ("starts", starts) if len(starts) > 1 else ("goals", goals)
        raise CuadernoError(f"It has {len(places)} {name}, at {_list(places)}. Leave one.")
    if not starts and not goals and len(others) == 2:
        starts, goals = [min(others)], [max(others)]
    elif len(starts) + len(goals) == 1 and len(others) == 1:
        starts, goals = starts or others, goals or others
    elif others and not (starts and goals):
        if len(others) > 1:
            raise CuadernoError(
                f"It has {len(starts + goals + others)} coloured marks, at {_list(starts + goals + others)}, and it is"
                " not clear which two are meant. Leave one green mark (the start) and one red mark (the goal)."
            )
        starts = others
    if starts and goals:
        return starts[0], goals[0]
    gaps = [gap for gap in _openings(squares) if gap not in starts + goals]
    if not starts and not goals:
        if len(gaps) == 2:
            return gaps[0], gaps[1]
        count = {0: "no opening", 1: "only one opening"}.get(len(gaps), f"{len(gaps)} openings")
        raise CuadernoError(f"It has no start and no goal: no mark, and {count} in the outer border. {MARK_HINT}")
    if len(gaps) == 1:
        return (starts or gaps)[0], (goals or gaps)[0]
    missing = "goal" if starts else "start"
    raise CuadernoError(f"It has no {missing}: only one mark was found, at {_list(starts + goals)}. {MARK_HINT}")


def _list(places: list[tuple[int, int]]) -> str:
    shown = ", ".join(f"row {row} column {column}" for row, column in places[:4])
    return shown + (", …" if len(places) > 4 else "")


# --- Text.


def from_text(text: str) -> Maze:
    """Read a maze drawn with characters: `#` and blanks with S and G, or the `+--+` style.

    Raises:  CuadernoError as `read` does, also for a character that means nothing here.
    """
    lines = [line.expandtabs(4).rstrip() for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))]
    while lines and not lines[-1]:
        lines.pop()
    if not any(lines):
        raise CuadernoError("It is empty. Draw walls with '#', ways with '.' or blanks, one S and one G.")
    if max(map(len, lines)) > 4 * MAX_SIDE + 8 or len(lines) > MAX_SIDE + 2:
        raise CuadernoError(f"It is larger than {MAX_SIDE} x {MAX_SIDE} squares. Cut out a part of it.")
    first = next(line for line in lines if line)
    characters = _plus_grid(lines) if re.match(r"\s*\+[-+ ]*\+", first) else _square_grid(lines)
    starts, goals = (_places(np.isin(characters, list(letters))) for letters in (STARTS, GOALS))
    squares = ~np.isin(characters, list(WALLS))
    if starts and goals:
        return finish(squares, *_ends(squares, starts, goals, []))
    # Openings are looked for around the walls, wherever on the page they stand.
    rows, columns = np.flatnonzero((~squares).any(axis=1)), np.flatnonzero((~squares).any(axis=0))
    if len(rows) == 0:
        raise CuadernoError(f"It has no start, no goal and no walls. {MARK_HINT.replace('Paint', 'Mark')}")
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside = np.zeros_like(squares)
    inside[box] = squares[box]
    move = (
        [(row - rows[0], column - columns[0]) for row, column in starts],
        [(row - rows[0], column - columns[0]) for row, column in goals],
    )
    ends = _ends(squares[box], *move, [])
    return finish(inside, *((int(row + rows[0]), int(column + columns[0])) for row, column in ends))


def to_text(maze: Maze, route=None) -> str:
    """The maze in characters: `#` wall, `.` open, `*` on the route, S and G."""
    lines = [list(line) for line in str(maze).split("\n")]
    for row, column in route if route is not None else ():
        if lines[row][column] not in "SG":
            lines[row][column] = "*"
    return "\n".join(map("".join, lines))


def _decode(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise CuadernoError(
            "It is neither a picture we know (PNG, JPEG, GIF, BMP, WebP, SVG) nor text. Save it as PNG and try again."
        ) from error
    if "\0" in text:
        raise CuadernoError("It is neither a picture nor text: it has zero bytes. Save it as PNG and try again.")
    return text


def _places(found: np.ndarray) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(found)]


def _square_grid(lines: list[str]) -> np.ndarray:
    """One character a square. Blank lines above are outside, ragged line ends are open: editors cut trailing blanks."""
    width = max(map(len, lines))
    above = next(i for i, line in enumerate(lines) if line)
    grid = np.array([list("#" * width)] * above + [list(line.upper().ljust(width)[:width]) for line in lines[above:]])
    unknown = _places(~np.isin(grid, list(WALLS + WAYS + STARTS + GOALS)))
    if unknown:
        row, column = unknown[0]
        raise CuadernoError(
            f"Line {row + 1}, character {column + 1} is {str(grid[row, column])!r}, which means nothing here. Use"
            f" {' '.join(WALLS)} for walls, a blank . · or _ for ways, S or A for the start, G, E, B or F for the goal."
        )
    return grid


def _plus_grid(lines: list[str]) -> np.ndarray:
    """The `+--+` style: n x m cells become (2n+1) x (2m+1) squares."""
    lines = [line for line in lines if line]
    indent = len(lines[0]) - len(lines[0].lstrip())
    lines = [line[indent:] for line in lines]
    posts = [i for i, character in enumerate(lines[0]) if character == "+"]
    pitch, count = posts[1] if len(posts) > 1 else 0, len(posts) - 1
    if pitch < 2 or posts != list(range(0, pitch * len(posts), pitch)) or len(lines) % 2 == 0:
        raise CuadernoError(
            "It looks like the +--+ style, but its corners do not form a grid. Put a + at every corner, the same number"
            " of characters apart, and draw every row of cells with one line of | and one of -."
        )
    grid = np.full((len(lines), 2 * count + 1), " ")
    for row, line in enumerate(lines):
        line = line.ljust(pitch * count + 1).upper()
        if not set(line) <= set("+-|=" + WAYS + STARTS + GOALS + WALLS):
            raise CuadernoError(
                f"Line {row + 1}, {line.strip()!r}, has a character other than + - | S and G. Remove it."
            )
        for cell in range(count + 1):
            grid[row, 2 * cell] = "#" if line[pitch * cell] not in WAYS + STARTS + GOALS else line[pitch * cell]
            inside = line[pitch * cell + 1 : pitch * (cell + 1)].strip(WAYS)
            if cell < count and inside:
                letter = inside[0] if row % 2 else ""
                grid[row, 2 * cell + 1] = letter if letter and letter in STARTS + GOALS else "#"
    return grid


# --- Pictures.


def from_picture(path: str | Path) -> Maze:
    """Read a maze from a picture file that Pillow can open.

    Raises:  CuadernoError as `read` does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd EXIF, odd palettes: not the reader's business
        try:
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                bins = _bins(ImageOps.exif_transpose(image))
        except Image.DecompressionBombError as error:
            raise CuadernoError(
                f"It has more than {MAX_PIXELS:,} pixels. Make it smaller: 8 pixels a square suffice."
            ) from error
        except FileNotFoundError:
            raise
        except Exception as error:  # a damaged file makes decoders raise nearly anything
            raise CuadernoError(
                "The picture is damaged or of an unknown kind. Save it as PNG and try again."
            ) from error
    return _from_bins(bins)


def from_image(image: Image.Image) -> Maze:
    """Read a maze from a Pillow image.

    Raises:  CuadernoError as `read` does.
    """
    return _from_bins(_bins(image))


def _bins(image: Image.Image) -> np.ndarray:
    """The pixels as colour bins, see `lattice.quantise`; transparency becomes paper, or ink under bright walls."""
    if image.mode[0] in "IF":  # 16 and 32 bits of grey: Pillow would clip them
        grey = np.nan_to_num(np.asarray(image).astype(np.float32))
        span = float(grey.max() - grey.min()) or 1.0
        return lattice.quantise(np.repeat((255 * (grey - grey.min()) / span).astype(np.uint8)[..., None], 3, axis=-1))
    backdrop = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        small = np.asarray(image.resize((min(image.width, 1024), min(image.height, 1024)), Image.Resampling.NEAREST))
        solid = small[small[..., 3] > 127][:, :3]
        backdrop = "black" if len(solid) and solid.max(axis=1).min() > 150 else "white"
    bins = np.empty((image.height, image.width), dtype=np.uint16)
    for top in range(0, image.height, 512):  # in bands, to stay small in memory
        band = image.crop((0, top, image.width, min(top + 512, image.height)))
        if backdrop:
            band = Image.alpha_composite(Image.new("RGBA", band.size, backdrop), band)
        bins[top : top + 512] = lattice.quantise(np.asarray(band.convert("RGB")))
    return bins


def _from_bins(bins: np.ndarray) -> Maze:
    """Of all readings of a picture, the maze with the most evidence; its complaint if it has one."""
    best = -np.inf
    outcome: Maze | CuadernoError = CuadernoError(
        "No grid of squares was found in the picture. Draw walls and ways in two clearly different colours, all"
        " squares of one size and straight edges; photographs and rotated drawings cannot be read."
    )
    candidate: Maze | CuadernoError
    for reading in lattice.readings(bins):
        try:
            start, goal = _marked_ends(reading)
        except CuadernoError as error:
            candidate, evidence = error, reading.evidence - 1.5
        else:
            try:
                candidate, evidence = finish(reading.open, start, goal), reading.evidence + 1.4
            except CuadernoError as error:
                candidate, evidence = error, reading.evidence
        if reading.mismatch > lattice.MISMATCH and isinstance(candidate, Maze):
            candidate = CuadernoError(
                f"The best reading of the picture disagrees with {reading.mismatch:.0%} of its pixels. Draw all walls"
                " equally thick and all ways equally wide, or every square of one size, and leave out everything else."
            )
        if evidence > best:
            best, outcome = evidence, candidate
    if isinstance(outcome, CuadernoError):
        raise outcome
    return outcome


def _marked_ends(reading: lattice.Reading) -> tuple[tuple[int, int], tuple[int, int]]:
    """Sort the coloured marks into starts, goals and others; a long one is somebody's route and none of them."""
    blobs = [blob for blob in reading.blobs if blob.reach <= lattice.ROUTE]
    starts: list[lattice.Blob] = []
    goals: list[lattice.Blob] = []
    greens = [blob for blob in blobs if 75 <= blob.hue < 170]
    blues = [blob for blob in blobs if 170 <= blob.hue < 265]
    reds = [blob for blob in blobs if blob.hue < 25 or blob.hue >= 335]
    if len(reds) == 1 and len(blobs) > 1:
        goals = reds
    for family in (greens, blues):
        if len(family) == 1 and not starts:
            starts = family
    clear = bool(starts and goals)
    others = [] if clear else [blob for blob in blobs if blob not in starts + goals]
    return _ends(reading.open, *([blob.place for blob in group] for group in (starts, goals, others)))


def to_image(maze: Maze, route=None) -> Image.Image:
    """Draw the maze as a picture in the notebook look, 8 to 32 pixels a square.

    Shapes:  route is a list of (row, column) or None  ->  an RGB image.
    """
    height, width = maze.open.shape
    size = int(np.clip(800 // max(height, width), 8, 32))
    framed, margin = maze.open[[0, -1]].any() or maze.open[:, [0, -1]].any(), size // 2 + 2
    frame = max(1, size // 10) if framed else 0
    edge = margin + frame
    squares = np.repeat(np.repeat(maze.open, size, axis=0), size, axis=1)
    paper, ink = (np.array(ImageColor.getrgb(colour), dtype=np.uint8) for colour in (PAPER, INK))
    pixels = np.where(np.pad(np.pad(squares, frame), margin, constant_values=True)[..., None], paper, ink)
    image = Image.fromarray(pixels)

    def paint(shape, places, colour):
        """Draw `shape` four times as large and shrink it, for smooth edges, in no larger a window than it needs."""
        rows, columns = zip(*places, strict=True)
        top, left = edge + size * min(rows), edge + size * min(columns)
        window = size * (max(columns) - min(columns) + 1), size * (max(rows) - min(rows) + 1)
        fine = 4 if max(window) <= 1200 else 1
        points = [(fine * size * (c - min(columns) + 0.5), fine * size * (r - min(rows) + 0.5)) for r, c in places]
        mask = Image.new("L", (window[0] * fine, window[1] * fine))
        shape(ImageDraw.Draw(mask), points, size * fine)
        image.paste(ImageColor.getrgb(colour), (left, top), mask.resize(window, Image.Resampling.BOX))

    def line(draw, points, unit):
        draw.line(points, fill=255, width=max(1, round(0.34 * unit)), joint="curve")

    def dot(draw, points, unit):
        (x, y), radius = points[0], 0.36 * unit
        draw.ellipse((x - radius, y - radius, x + radius - 1, y + radius - 1), fill=255)

    if route is not None and len(route) > 1:
        paint(line, route, ROUTE)
    paint(dot, [maze.start], START)
    paint(dot, [maze.goal], GOAL)
    return image


# --- SVG.


def to_svg(maze: Maze, route=None) -> str:
    """Draw the maze as an SVG, one unit a square, in the notebook look."""
    height, width = maze.open.shape
    size = int(np.clip(800 // max(height, width), 8, 32))
    runs = []
    for row, line in enumerate(~maze.open):
        steps = np.flatnonzero(np.diff(np.pad(line.astype(np.int8), 1)))
        pairs = zip(steps[::2], steps[1::2], strict=True)
        runs += [f"M{first} {row}H{last}V{row + 1}H{first}Z" for first, last in pairs]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}"'
        f' width="{size * (width + 2)}" height="{size * (height + 2)}">',
        f"<title>{html.escape(f'A maze of {height} x {width} squares')}</title>",
        f'<rect x="-1" y="-1" width="{width + 2}" height="{height + 2}" fill="{PAPER}"/>',
        f'<path d="{"".join(runs)}" fill="{INK}" shape-rendering="crispEdges"/>',
    ]
    if maze.open[[0, -1]].any() or maze.open[:, [0, -1]].any():
        outline = f'x="-0.05" y="-0.05" width="{width + 0.1:g}" height="{height + 0.1:g}"'
        parts.append(f'<rect {outline} fill="none" stroke="{INK}" stroke-width="0.1"/>')
    if route is not None and len(route) > 1:
        points = " ".join(f"{column + 0.5:g},{row + 0.5:g}" for row, column in route)
        style = f'fill="none" stroke="{ROUTE}" stroke-width="0.34" stroke-linejoin="round" stroke-linecap="round"'
        parts.append(f'<polyline points="{points}" {style}/>')
    for (row, column), colour in ((maze.start, START), (maze.goal, GOAL)):
        parts.append(f'<circle cx="{column + 0.5:g}" cy="{row + 0.5:g}" r="0.36" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>\n"])


def _is_svg(content: bytes) -> bool:
    return content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def from_svg(content: bytes) -> Maze:
    """Read a maze from a simple SVG: rect, line, polyline, polygon, circle, ellipse and paths of straight lines.

    Raises:  CuadernoError as `read` does, and for anything a plain drawing of a maze does not need.
    """
    drawing = Drawing()
    drawing.parse(content)
    return from_image(drawing.rasterise())


class Drawing:
    """The shapes of an SVG, and a small brush for them. XML entities are refused: they are how small files explode."""

    SILENT = ("title", "desc", "metadata")
    INHERITED = ("fill", "stroke", "stroke-width", "stroke-linecap", "opacity", "fill-opacity", "stroke-opacity")

    def __init__(self):
        self.box: tuple[float, float, float, float] | None = None
        self.shapes: list[tuple[str, np.ndarray, dict[str, str], float]] = []  # kind, points (N, 2), style, scale
        self.stack: list[tuple[dict[str, str], tuple[float, float, float, float]]] = [({}, (1.0, 1.0, 0.0, 0.0))]
        self.silent = 0

    def parse(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._open, self._close
        parser.StartDoctypeDeclHandler, parser.EntityDeclHandler = self._doctype, self._entity
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, OverflowError, LookupError) as error:
            raise CuadernoError(f"The SVG is damaged: {error}. Save it as PNG and try again.") from error
        if self.box is None or not self.shapes:
            raise CuadernoError("There is no drawing with a size in the SVG. Give it a viewBox, or save it as PNG.")

    def _doctype(self, name, system, public, has_internal_subset):
        if has_internal_subset:
            self._entity()

    def _entity(self, *_):
        raise CuadernoError("The SVG declares XML entities, which no drawing needs. Save it as PNG and try again.")

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        name = name.split(":")[-1]
        if self.silent or name in self.SILENT or (":" in name):
            self.silent += 1
            return
        style, matrix = self.stack[-1]
        own = dict(part.split(":", 1) for part in attributes.get("style", "").split(";") if ":" in part)
        own = {key.strip(): value.strip() for key, value in {**attributes, **own}.items()}
        style = {**style, **{key: value for key, value in own.items() if key in self.INHERITED}}
        matrix = _transform(matrix, own.get("transform", ""))
        self.stack.append((style, matrix))
        if name == "svg":
            self.box = self.box or _view_box(own)
        elif name not in ("g", "defs"):
            for kind, points in _shape(name, own, self.box or (0, 0, 0, 0)):
                placed = np.array(points, dtype=float).reshape(-1, 2) * matrix[:2] + matrix[2:]
                self.shapes.append((kind, placed, style, abs(matrix[0])))

    def _close(self, name: str) -> None:
        if self.silent:
            self.silent -= 1
        else:
            self.stack.pop()

    def rasterise(self) -> Image.Image:
        """Paint the shapes, large enough for the thinnest of them to be seen."""
        left, top, width, height = self.box or (0.0, 0.0, 1.0, 1.0)
        stroked = [(style, scale) for _, _, style, scale in self.shapes if _paint(style, "stroke")]
        widths = [scale * _number(style.get("stroke-width", "1")) for style, scale in stroked]
        sides = np.concatenate([np.ptp(points, axis=0) for kind, points, _, _ in self.shapes if kind == "fill"] or [[]])
        finest = min([*(w for w in widths if w > 0), *(side for side in sides.tolist() if side > 0)], default=1.0)
        scale = min(4 / finest, 6500 / max(width, height))
        scale = max(scale, 4.0 * min(1.0, 800 / max(width, height)))
        if scale > 1:
            scale = float(round(scale))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if size[0] * size[1] > MAX_PIXELS or min(size) < 2:
            raise CuadernoError("The SVG has a strange size. Save it as PNG and try again.")
        image = Image.new("RGB", size, "white")
        brush, painted = ImageDraw.Draw(image), 0.0
        for kind, points, style, shape_scale in self.shapes:
            points = np.clip((points - (left, top)) * scale, -1e4, 2e4)
            painted += float(np.prod(np.minimum(np.ptp(points, axis=0) + 4, 1e4)))
            if painted > 50 * size[0] * size[1] + 1e8:
                raise CuadernoError("The SVG paints the same place over and over. Save it as PNG and try again.")
            _brush(brush, kind, points, style, scale * shape_scale)
        return image


NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def _number(text: str, whole: float = 0.0) -> float:
    """A length in user units; `whole` is what 100% means."""
    match = re.fullmatch(rf"\s*({NUMBER.pattern})\s*(px|%)?\s*", text)
    if match is None or abs(float(match[1])) > 1e9:
        raise CuadernoError(f"The SVG has the length {text[:40]!r}, and only plain numbers are read. Save it as PNG.")
    return float(match[1]) * (whole / 100 if match[2] == "%" else 1.0)


def _numbers(text: str) -> list[float]:
    return [float(np.clip(float(number), -1e9, 1e9)) for number in NUMBER.findall(text)]


def _view_box(attributes: dict[str, str]) -> tuple[float, float, float, float]:
    box = _numbers(attributes.get("viewBox", ""))
    if len(box) != 4:
        box = [0.0, 0.0, _number(attributes.get("width", "0")), _number(attributes.get("height", "0"))]
    if not (1e-6 < box[2] < 1e7 and 1e-6 < box[3] < 1e7):
        raise CuadernoError("The SVG has no usable size. Give it a viewBox, or save it as PNG.")
    return box[0], box[1], box[2], box[3]


def _transform(matrix: tuple, text: str) -> tuple[float, float, float, float]:
    """(scale x, scale y, move x, move y) after translate and scale; anything else is an error."""
    for name, arguments in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        values = _numbers(arguments)
        if name == "translate" and values:
            move = np.array([values[0], values[1] if len(values) > 1 else 0.0])
            matrix = (*matrix[:2], *(np.array(matrix[2:]) + move * matrix[:2]))
        elif name == "scale" and values:
            matrix = (matrix[0] * values[0], matrix[1] * values[-1], *matrix[2:])
        else:
            raise CuadernoError(f"The SVG uses the transform '{name[:20]}', which is not read. Save it as PNG instead.")
    return matrix


def _shape(name: str, attributes: dict[str, str], box: tuple) -> list[tuple[str, list]]:
    """An element as pieces: (`fill`, `open` or `round`, points)."""

    def get(key: str, whole: float = 0.0, default: str = "0") -> float:
        return _number(attributes.get(key, default), whole)

    if name == "rect":
        x, y, w, h = get("x", box[2]), get("y", box[3]), get("width", box[2]), get("height", box[3])
        return [("fill", [(x, y), (x + w, y), (x + w, y + h), (x, y + h)])]
    if name == "line":
        return [("open", [(get("x1"), get("y1")), (get("x2"), get("y2"))])]
    if name in ("polyline", "polygon"):
        values = _numbers(attributes.get("points", ""))
        points = list(zip(values[::2], values[1::2], strict=False))
        return [("open" if name == "polyline" else "fill", points)] if points else []
    if name in ("circle", "ellipse"):
        x, y, r = get("cx"), get("cy"), get("r")
        rx, ry = (r, r) if name == "circle" else (get("rx"), get("ry"))
        return [("round", [(x - rx, y - ry), (x + rx, y + ry)])]
    if name == "path":
        return _path(attributes.get("d", ""))
    raise CuadernoError(
        f"The SVG has a <{name[:20]}>, and only rect, line, polyline, polygon, circle, ellipse and straight paths are"
        " read. Save it as PNG and try again."
    )


def _path(text: str) -> list[tuple[str, list]]:
    """A path of M, H, V, L and Z, large or small letters, as its pieces."""
    pieces: list[tuple[str, list]] = []
    points: list[tuple[float, float]] = []
    here = (0.0, 0.0)
    for letter, arguments in re.findall(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)", text):
        values, kind = _numbers(arguments), letter.upper()
        steps: list[tuple[float | None, float | None]]
        if kind in "ML":
            steps = list(zip(values[::2], values[1::2], strict=False))
        elif kind == "H":
            steps = [(value, None) for value in values]
        elif kind == "V":
            steps = [(None, value) for value in values]
        elif kind == "Z":
            pieces, points, here = [*pieces, ("fill", points)] if points else pieces, [], points[0] if points else here
            continue
        else:
            raise CuadernoError("The SVG has curved paths, and only straight ones are read. Save it as PNG instead.")
        for number, (x, y) in enumerate(steps):
            origin = here if letter.islower() else (0.0, 0.0)
            new = here[0] if x is None else x + origin[0], here[1] if y is None else y + origin[1]
            if kind == "M" and number == 0:
                pieces, points = [*pieces, ("open", points)] if len(points) > 1 else pieces, [new]
            else:
                points = [*(points or [here]), new]
            here = new
    return [*pieces, ("open", points)] if len(points) > 1 else pieces


def _paint(style: dict[str, str], key: str) -> tuple | None:
    """The RGB colour of a fill or a stroke, None for none."""
    colour = style.get(key, "black" if key == "fill" else "none")
    clear = any(_number(style.get(name, "1"), 1.0) == 0 for name in ("opacity", f"{key}-opacity"))
    if clear or colour in ("none", "transparent"):
        return None
    try:
        return ImageColor.getrgb("black" if colour == "currentColor" else colour)[:3]
    except ValueError as error:
        raise CuadernoError(f"The SVG has the colour {colour[:40]!r}, which is not known. Save it as PNG.") from error


def _brush(draw: ImageDraw.ImageDraw, kind: str, points: np.ndarray, style: dict[str, str], scale: float) -> None:
    """Paint one piece; straight edges fall on whole pixels."""
    fill, stroke = _paint(style, "fill"), _paint(style, "stroke")
    width = _number(style.get("stroke-width", "1")) * scale
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    corners = len(points) in (4, 5)
    if kind == "round":
        draw.ellipse((left, top, right, bottom), fill=fill, outline=stroke, width=max(1, round(width)))
        return
    sides = np.array([[left, right], [top, bottom]])
    if fill and corners and np.isclose(points[:4, :, None], sides).any(axis=-1).all():
        _fill_box(draw, left, top, right, bottom, fill)
    elif fill and len(points) > 2:
        draw.polygon([tuple(p) for p in points], fill=fill)
    if not stroke or width <= 0:
        return
    cap = width / 2 if style.get("stroke-linecap") in ("square", "round") or len(points) > 2 else 0.0
    ends = np.concatenate([points, points[:1]]) if kind == "fill" else points
    for (x0, y0), (x1, y1) in pairwise(ends):
        if np.isclose(x0, x1) or np.isclose(y0, y1):
            x, y = (width / 2, cap) if np.isclose(x0, x1) else (cap, width / 2)
            _fill_box(draw, min(x0, x1) - x, min(y0, y1) - y, max(x0, x1) + x, max(y0, y1) + y, stroke)
        else:
            draw.line((x0, y0, x1, y1), fill=stroke, width=max(1, round(width)))


def _fill_box(draw: ImageDraw.ImageDraw, left: float, top: float, right: float, bottom: float, colour: tuple) -> None:
    x0, y0, x1, y1 = (round(float(value)) for value in (left, top, right, bottom))
    if x1 > x0 and y1 > y0:
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill=colour)
