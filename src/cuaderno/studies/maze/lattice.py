"""Find the squares of a maze in a picture that somebody else drew.

The reading order is the order of the work: crop the empty margin, tell the two main colours from the coloured marks,
fit a lattice, read every square, then decide which of the two colours is the wall.

Two kinds of drawing cover what people draw. In *blocks* every square is k x k pixels and is filled or not. In *lines*
cells are parted by strips of another width, usually thin ones. Both are read for both choices of the wall colour, and
the reading with the best evidence wins: marks stand on open squares, borders are closed, walls are dark.

Units:   pixels in the picture, wall-grid squares in the answer; n x m cells with walls are (2n+1) x (2m+1) squares.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# Five bits per channel: 32,768 colours, so every decision about a colour is made once and not once per pixel.
BINS = 32 * 32 * 32
CENTRES = (np.indices((32, 32, 32)).reshape(3, BINS).T * 8 + 4).astype(np.float32)  # (BINS, 3) RGB
TILES = 8  # the picture is cut into 8 x 8 tiles: walls show up in most of them, a mark in few
COLOURFUL = 30.0  # RGB distance from the line between the two main colours at which a pixel belongs to a mark
ROUTE = 4  # a mark that reaches across more squares than this is somebody's solution, not an end of it
EXACT = 1.0  # the weight of a reading in which every edge lies on the lattice, to the pixel
MISMATCH = 0.02  # a reading that cannot explain a larger share of the pixels is no reading
MAX_UNITS = 803  # the largest maze there is, 801, and a border around it


@dataclass
class Blob:
    """One coloured mark: its hue in degrees, the square it stands on, and how many squares it reaches across."""

    hue: float
    place: tuple[int, int]
    reach: int
    pixels: int


@dataclass
class Reading:
    """One way to read the picture: its squares, the coloured marks on them, and how much speaks for it.

    Shapes:  open (H, W) bool.
    """

    open: np.ndarray
    blobs: list[Blob]
    evidence: float
    mismatch: float = 0.0  # the share of the pixels, soft edges aside, that this reading cannot explain


def quantise(pixels: np.ndarray) -> np.ndarray:
    """RGB pixels (H, W, 3) uint8 as colour bins (H, W) uint16."""
    red, green, blue = (pixels[..., channel].astype(np.uint16) >> 3 for channel in range(3))
    return (red << 10) | (green << 5) | blue


def readings(bins: np.ndarray) -> Iterator[Reading]:
    """Every reading of a picture that makes sense, in no particular order.

    Shapes:  bins (H, W) uint16, see `quantise`.
    """
    page = _page_colour(bins)
    margin = page is not None
    whole = Palette.of(bins)
    if whole is not None:  # with its border, before a border in the page's colour is cut off as if it were margin
        for floor, wall in ((whole.one, whole.other), (whole.other, whole.one)):
            if page is not None and _distance(CENTRES[page], wall) >= _distance(CENTRES[page], floor):
                continue  # the margin is no part of the maze
            walls, kinds = whole.separate(floor, wall)
            found = _exact(walls[bins], kinds[bins], whole.hues)
            if found is not None and (page is None or _single_border(found[1].open)):
                found[1].evidence += EXACT + (1.0 if floor.sum() > wall.sum() else 0.0)
                yield found[1]
    if page is not None:
        bins = _crop(bins, page)
    palette = Palette.of(bins)
    if palette is None:
        return
    for floor, wall in ((palette.one, palette.other), (palette.other, palette.one)):
        page_is_wall = page is not None and bool(_distance(CENTRES[page], wall) < _distance(CENTRES[page], floor))
        walls, kinds = palette.separate(floor, wall)
        for choice, crop in enumerate(_crops(walls[bins], kinds[bins], margin, page_is_wall)):
            found = list(_read(walls[bins[crop]], kinds[bins[crop]], palette.hues, page_is_wall))
            for reading in found:
                reading.evidence += 1.0 if floor.sum() > wall.sum() else 0.0  # ink is darker than paper
                reading.evidence -= 1.5 * choice + 0.5 * page_is_wall
                yield reading


# --- Colours.


def _distance(one, other):
    return np.sqrt(((one - other) ** 2).sum(axis=-1))


def _page_colour(bins: np.ndarray) -> int | None:
    """The colour of the outermost pixels, None when they do not agree."""
    ring = np.concatenate([bins[0], bins[-1], bins[:, 0], bins[:, -1]])
    counts = np.bincount(ring, minlength=BINS)
    page = int(counts.argmax())
    agree = counts[_distance(CENTRES, CENTRES[page]) < 50].sum()
    return page if agree >= 0.995 * len(ring) else None


def _crop(bins: np.ndarray, page: int) -> np.ndarray:
    """Without the margin: everything around the pixels that differ from the page."""
    contrast = _distance(CENTRES, CENTRES[page])
    present = np.bincount(bins.ravel(), minlength=BINS) > 0
    # A quarter of the strongest contrast keeps thin grey lines and leaves out the ringing of JPEG.
    ink = (contrast > max(20.0, 0.25 * contrast[present].max()))[bins]
    box = _box(ink)
    return bins if box is None else bins[box]


def _box(ink: np.ndarray) -> tuple[slice, slice] | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


@dataclass
class Palette:
    """The two main colours of a picture, `one` and `other`, and the colours of its marks.

    Shapes:  one, other (3,) RGB; families maps bins to marks, (BINS,) int8, -1 for none; tints (N, 3) RGB; hues N.
    """

    one: np.ndarray
    other: np.ndarray
    families: np.ndarray
    tints: list[np.ndarray]
    hues: list[float]

    @classmethod
    def of(cls, bins: np.ndarray) -> "Palette | None":
        """Look at the whole picture; None when it holds a single colour."""
        tiles = [tile for band in np.array_split(bins, TILES) for tile in np.array_split(band, TILES, axis=1)]
        counts = np.array([np.bincount(tile.ravel(), minlength=BINS) for tile in tiles])
        total, presence = counts.sum(axis=0), (counts > 0).sum(axis=0)
        one = _refine(total, CENTRES[total.argmax()])
        contrast = _distance(CENTRES, one)
        # Walls are everywhere and far from the floor's colour; a mark is far but in few tiles, a soft edge is near.
        best = (presence * contrast * (contrast > 24)).argmax()
        if presence[best] == 0 or contrast[best] <= 24:
            return None
        other = _refine(total, CENTRES[best])
        return cls(one, other, *_families(total, one, other))

    def separate(self, floor: np.ndarray, wall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Per bin: how much of a wall it is, uint8 in 0..255, and which mark, int8, -1 for none.

        Beside a mark, what is near the way from the floor's to the mark's colour is floor, what is near the wall's is
        wall, so that a black line around a red square stays a line.
        """
        walls = _along(CENTRES, floor, wall)
        for family, tint in enumerate(self.tints):
            members = self.families == family
            aside = _distance(CENTRES[members], floor + _along(CENTRES[members], floor, tint)[:, None] * (tint - floor))
            walls[members] = aside / (aside + _distance(CENTRES[members], wall) + 1e-6)
        kinds = np.where(walls < 0.5, self.families, -1).astype(np.int8)
        return np.where(walls < 0.12, 0, np.where(walls > 0.88, 255, 255 * walls)).astype(np.uint8), kinds


def _along(colours, start, end):
    """Where colours fall between two others: 0 at `start`, 1 at `end`."""
    return np.clip(((colours - start) @ (end - start)) / ((end - start) ** 2).sum(), 0, 1)


def _refine(total: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The mean of the pixels around a colour."""
    near = np.where(_distance(CENTRES, colour) < 24, total, 0)
    return (near[:, None] * CENTRES).sum(axis=0) / near.sum()


def _families(total: np.ndarray, one: np.ndarray, other: np.ndarray):
    """Group what lies off the line between the main colours by hue: one family per colour of mark."""
    line = other - one
    foot = one + ((CENTRES - one) @ line / (line @ line))[:, None] * line
    away = _distance(CENTRES, foot)
    hue, families = _hue(CENTRES), np.full(BINS, -1, dtype=np.int8)
    left = np.where(away > COLOURFUL, total * away, 0.0)  # purer colours have the louder voice
    enough = 0.001 * left.sum()
    tints: list[np.ndarray] = []
    hues: list[float] = []
    while left.sum() > enough and len(tints) < 8:
        wheel = np.bincount((hue // 10).astype(int), weights=left, minlength=36)
        peak = 10 * (wheel + 0.5 * np.roll(wheel, 1) + 0.5 * np.roll(wheel, -1)).argmax() + 5
        near = (np.abs((hue - peak + 180) % 360 - 180) < 30) & (away > COLOURFUL) & (families < 0)
        weights = np.where(near, left, 0.0)
        strong = np.where(away >= 0.7 * away[weights > 0].max(initial=0.0), weights, 0.0)
        if weights.sum() == 0:
            break
        tint = (strong[:, None] * CENTRES).sum(axis=0) / strong.sum()
        families[near], left = len(tints), np.where(near, 0.0, left)
        tints.append(tint)
        hues.append(float(_hue(tint[None])[0]))
    return families, tints, hues


def _hue(colours: np.ndarray) -> np.ndarray:
    """Degrees on the colour wheel: red 0, green 120, blue 240."""
    red, green, blue = colours.astype(float).T
    return np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360


# --- Where to look.


def _crops(walls: np.ndarray, kinds: np.ndarray, margin: bool, page_is_wall: bool) -> Iterator[tuple[slice, slice]]:
    """Parts of the picture that may be the maze: all of it, or all of it without what hangs on the outside."""
    height, width = walls.shape
    everything = slice(0, height), slice(0, width)
    ours = margin and not page_is_wall
    yield (_box((walls > 90) | (kinds >= 0)) if ours else None) or everything  # without the blur around it
    if page_is_wall:
        return
    ink = walls > 127
    # Titles, tick marks and labels stand outside the border, a line on each side that is hardly ever broken.
    box = everything
    for solid in (0.4, 0.8):  # the second time without the labels that made the lines look short
        rows = np.flatnonzero(ink[:, box[1]].mean(axis=1) > solid)
        columns = np.flatnonzero(ink[box[0]].mean(axis=0) > solid) if len(rows) else rows
        if len(rows) < 2 or len(columns) < 2:
            return
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    if box != everything:
        yield box


# --- The lattice.


@dataclass
class Fit:
    """Where the squares of the wall grid begin and end.

    Shapes:  rows (H+1,), columns (W+1,), edges in pixels.
    Units:   slack is how many pixels an edge may be off; stroke is the width of a strip, 0 when all squares are alike.
    """

    rows: np.ndarray
    columns: np.ndarray
    slack: float
    stroke: float

    @property
    def units(self) -> int:
        return (len(self.rows) - 1) * (len(self.columns) - 1)


def _read(walls: np.ndarray, kinds: np.ndarray, hues: list[float], page_is_wall: bool) -> Iterator[Reading]:
    """Read the part of the picture in which wall is 255 and floor 0: as blocks, and as cells with lines between."""
    stroke = _stroke(walls)
    if page_is_wall:  # the outer wall has the page's colour and was cropped with it: put it back
        widths = _missing_border(walls, max(1, round(stroke)))
        walls, kinds = np.pad(walls, widths, constant_values=255), np.pad(kinds, widths, constant_values=-1)
    frame = _frame(walls)
    exact = [_exact(walls, kinds, hues)]
    if frame and 2 * frame < min(walls.shape):
        inside = slice(frame, -frame), slice(frame, -frame)
        exact.append(_exact(walls[inside], kinds[inside], hues, least=2.5 * frame))
    certain = min((pair for pair in exact if pair is not None), key=lambda pair: pair[0], default=None)
    if certain is not None:
        certain[1].evidence += EXACT
        yield certain[1]
        return
    found = [_lines(walls, kinds, hues, stroke), _blocks(walls, kinds, hues)]
    if frame:
        inside = slice(frame, -frame), slice(frame, -frame)
        framed = _blocks(walls[inside], kinds[inside], hues, least=2.5 * frame)
        found = [framed, *found] if framed is None else [found[0], framed]
    fitting = sorted((pair for pair in found if pair is not None), key=lambda pair: pair[0])
    for rank, (_, reading) in enumerate(fitting):
        reading.evidence += 0.5 if rank == 0 else 0.0  # the coarser explanation is the likelier one
        yield reading


def _stroke(walls: np.ndarray) -> float:
    """The width of a thin wall: what a quarter of all straight cuts through walls stay below."""
    cuts = []
    for picture in (walls, walls.T):
        lines = picture[:: max(1, len(picture) // 400)] > 100
        steps = np.diff(np.pad(lines, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        first, last = np.nonzero(steps == 1)[1], np.nonzero(steps == -1)[1]
        inner = (first > 0) & (last < lines.shape[1])  # the crop may have cut through the outermost wall
        cuts.append((last - first)[inner] if inner.any() else last - first)
    lengths = np.concatenate(cuts)
    return float(np.percentile(lengths, 25)) if len(lengths) else 1.0


def _missing_border(walls: np.ndarray, width: int) -> list[tuple[int, int]]:
    """How much wall to add before and after each axis: none where an opening kept the border in the picture."""
    sides = [(walls[:width], walls[-width:]), (walls[:, :width], walls[:, -width:])]
    missing = [[0 if side.mean() > 0.55 * 255 else width for side in axis] for axis in sides]
    return [(before, after) for before, after in missing]


def _frame(walls: np.ndarray) -> int:
    """The thickness of a line around the whole picture, 0 when a side is not closed."""
    sides = (walls, walls[::-1], walls.T, walls.T[::-1])
    limit = min(walls.shape) // 4
    depths = []
    for side in sides:
        solid = (side[:limit] > 127).mean(axis=1) > 0.98
        depths.append(len(solid) if solid.all() else int(solid.argmin()))
    return min(depths)


# --- Exact fitting: where every edge between wall and way lies on one lattice, nothing has to be guessed.


def _exact(walls, kinds, hues, least: float = 0.0) -> tuple[int, Reading] | None:
    """The coarsest lattice that every edge lies on and that holds every mark in the middle of a square.

    Either all squares are alike, or strips and cells take turns: strip, cell, strip, ..., cell, strip.
    """
    ink = walls > 127
    if ((walls > 40) & (walls < 215)).mean() > 0.2:
        return None  # hardly an edge is sharp
    sides = ink.shape
    marks = _mark_boxes(kinds, len(hues))
    near = np.zeros_like(ink)  # soft edges of marks are no edges of walls
    for rows, columns in marks:
        near[max(0, rows.start - 2) : rows.stop + 2, max(0, columns.start - 2) : columns.stop + 2] = True
    edges = [_edge_places(ink, near), _edge_places(ink.T, near.T)]
    fits = _alternating(ink, edges, sides) if not least else []
    common = int(np.gcd.reduce(np.concatenate([*edges, sides])))
    dense = all(len(e) >= 0.5 * (side / common - 1) for e, side in zip(edges, sides, strict=True))
    frame = _frame(walls)
    for divisor in range(1, common // 2 + 1):
        pixels = common // divisor
        if common % divisor or pixels < max(2, least):
            continue
        if max(sides) > pixels * MAX_UNITS or min(sides) < 2 * pixels or not (dense or frame == pixels or marks):
            continue
        if divisor == 1 and not (dense or frame == pixels or least):
            continue  # a few edges may lie on any fine lattice
        fits.append(Fit(*(np.arange(0, side + 1, pixels, dtype=float) for side in sides), 0.0, 0.0))
    fits = [fit for fit in fits if _holds(fit, marks)]
    if not fits:
        return None
    fit = min(fits, key=lambda fit: fit.units)
    middles = [_middles(e, 0.25) for e in (fit.rows, fit.columns)]
    squares = ~(ink[middles[0][:, 0]][:, middles[1][:, 0]])
    if fit.stroke and fit.stroke < 4:  # thin strips may stop short of the corner
        squares[::2, ::2] = _posts(squares, walls, fit)
    narrow = fit.stroke and fit.stroke < 0.8 * (fit.rows[2] - fit.rows[1])
    return fit.units, _reading(squares, fit, walls, kinds, hues, 2.0 if narrow else 0.0)


def _edge_places(ink: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The rows above which something changes, not counting what is `near` a mark."""
    changes = ((ink[i] != ink[i - 1]) & ~near[i] for i in range(1, len(ink)))
    return np.flatnonzero([bool(change.any()) for change in changes]) + 1


def _alternating(ink: np.ndarray, edges: list[np.ndarray], sides: tuple[int, int]) -> list[Fit]:
    """Lattices of strips and cells that all edges lie on, the outermost strips being wall nearly everywhere."""
    if not all(len(e) for e in edges):
        return []
    strip, fits = int(edges[0][0]), []
    if edges[1][0] != strip:
        return []
    places, ends = np.concatenate(edges), np.array(sides) - strip
    for pitch in range(strip + 1, int(ends.min()) + 1):
        if pitch == 2 * strip or (ends % pitch).any() or (ends // pitch * 2 + 1 > MAX_UNITS).any():
            continue
        rest = places % pitch
        if not ((rest == 0) | (rest == strip)).all():
            continue
        if any(len(e) < side // pitch for e, side in zip(edges, ends, strict=True)):
            continue  # hardly any walls inside: nothing says that strips and cells take turns
        rows, columns = (_edges(side, (side - strip) // pitch, strip) for side in sides)
        cells = ink[np.ix_(*(_middles(e, 0.25)[1::2, 0] for e in (rows, columns)))]
        if cells.mean() < 0.05:
            fits.append(Fit(rows, columns, 0.0, float(strip)))
    return fits


def _mark_boxes(kinds: np.ndarray, families: int) -> list[tuple[slice, slice]]:
    """Around each colour of mark that is one compact spot."""
    boxes = []
    for family in range(families):
        mask = kinds == family
        box = _box(mask)
        if box is None or mask[box].mean() < 0.6 or mask[box].size < 4:
            continue
        high, wide = mask[box].shape
        if max(high, wide) <= 1.3 * min(high, wide) + 1:
            boxes.append(box)
    return boxes


def _holds(fit: Fit, marks: list[tuple[slice, slice]]) -> bool:
    """Whether every mark stands in the middle of a square and fills a fair part of it."""
    for box in marks:
        for edges, span in zip((fit.rows, fit.columns), box, strict=True):
            middle = (span.start + span.stop) / 2
            square = int(np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2))
            width = edges[square + 1] - edges[square]
            if abs(middle - (edges[square] + edges[square + 1]) / 2) > 0.02 * width + 0.6:
                return False
            if not 0.35 * width <= span.stop - span.start <= 1.1 * width + 1:
                return False
    return True


def _single_border(squares: np.ndarray) -> bool:
    """Whether the outermost squares are wall and those behind them are not."""
    if min(squares.shape) < 3 or squares[[0, -1]].any() or squares[:, [0, -1]].any():
        return False
    inner = (squares[1], squares[-2], squares[:, 1], squares[:, -2])
    return all(bool(side.any()) for side in inner)


# --- Fitting: of all lattices whose edges lie where the picture changes, the coarsest that leaves every square pure.


def _changes(walls: np.ndarray) -> np.ndarray:
    """How much changes between each row and the one before; (H-1,)."""
    changes = np.zeros(len(walls) - 1)
    for first in range(0, len(changes), 256):  # in bands: a picture may have 160 million pixels
        band = walls[first : first + 257].astype(np.int16)
        changes[first : first + 256] = np.maximum(np.abs(np.diff(band, axis=0)) - 24, 0).sum(axis=1)
    return changes


def _explained(changes: np.ndarray, edges: np.ndarray, slack: float, skip: float) -> tuple[float, float]:
    """How much of the change lies at the edges, and how much would by chance, `skip` pixels at the ends not counted."""
    places = np.arange(1, len(changes) + 1)
    marks = np.zeros(len(changes) + 3)
    np.add.at(marks, np.clip(np.ceil(edges - slack), 0, len(changes) + 1).astype(int), 1)
    np.add.at(marks, np.clip(np.floor(edges + slack) + 1, 0, len(changes) + 2).astype(int), -1)
    near = np.cumsum(marks)[1:-2] > 0
    inner = (places > skip) & (places < len(changes) + 1 - skip)
    weights = np.where(inner, changes, 0.0)
    return float(weights[near].sum()), float(weights.sum() * near[inner].mean()) if inner.any() else 0.0


def _candidates(walls: np.ndarray, stroke: float) -> list[Fit]:
    """Lattices of square cells that explain most of the changes, coarsest first. `stroke` 0 asks for blocks."""
    changes = [_changes(walls), _changes(walls.T)]
    sides = np.array(walls.shape, dtype=float)
    long = int(sides.argmax())
    if sides.min() < stroke + 1:
        return []
    fits = []
    for count in range(1, min(MAX_UNITS, int(sides.max() - stroke)) + 1):
        pitch = (sides[long] - stroke) / count
        if pitch < stroke + 1:
            break
        counts = np.maximum(np.rint((sides - stroke) / pitch), 1).astype(int)
        slack = float(np.clip(0.12 * pitch, 1.0 if pitch > 4.5 else 0.45, 3.0))
        edges = [_edges(side, n, stroke) for side, n in zip(sides, counts, strict=True)]
        skip = stroke + slack if stroke else 0.0
        pairs = [_explained(c, e, slack, skip) for c, e in zip(changes, edges, strict=True)]
        total = sum(float(c[int(skip) : len(c) - int(skip)].sum()) for c in changes)
        hit, chance = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        # By chance alone a fine lattice explains nearly everything: then it is a last resort, not a find.
        lift = 1.0 if total == 0 else (hit - chance) / (total - chance) if chance < 0.95 * total else 0.6
        if lift >= 0.6:
            skewed = np.ptp((sides - stroke) / counts) > 0.06 * pitch  # squares that are not square come last
            fits.append((bool(skewed), lift, Fit(edges[0], edges[1], slack, stroke)))
    best = max((lift for _, lift, _ in fits), default=0.0)
    fits.sort(key=lambda entry: entry[0])
    return [fit for _, lift, fit in fits if lift >= best - 0.2 or lift == 0.6][:12]


def _edges(side: float, count: int, stroke: float) -> np.ndarray:
    """Edges of `count` blocks, or of `count` cells with strips before, between and after them."""
    if not stroke:
        return np.linspace(0, side, count + 1)
    first = np.arange(count + 1) * (side - stroke) / count
    return np.column_stack([first, first + stroke]).ravel()


def _blocks(walls, kinds, hues, least: float = 0.0) -> tuple[int, Reading] | None:
    """Read as squares that are filled or not, each at least `least` pixels wide."""
    for fit in _candidates(walls, 0.0):
        if fit.rows[1] < least:
            break
        fill = _means(_means(walls, _middles(fit.rows, 0.25)).T, _middles(fit.columns, 0.25)).T / 255
        if (np.abs(fill - 0.5) > 0.25).mean() >= 0.97:
            # Anything at all can be read as squares of one pixel: believe it only when nothing else makes sense.
            return fit.units, _reading(
                fill < 0.5, fit, walls, kinds, hues, -2.0 if fit.rows[1] < 1.5 else -1.0 if fit.rows[1] < 2.5 else 0.0
            )
    return None


def _lines(walls, kinds, hues, stroke: float) -> tuple[int, Reading] | None:
    """Read as cells parted by strips that are wall or not."""
    for fit in _candidates(walls, max(1.0, stroke)):
        rows, columns = fit.rows[1:-1], fit.columns[1:-1]  # cell, strip, cell, ..., cell
        across = _means(walls, _middles(rows, 0.25)[::2])  # (n, width): every row of cells squeezed flat
        down = _means(walls.T, _middles(columns, 0.25)[::2])
        cells = _means(across.T, _middles(columns, 0.25)[::2]).T / 255
        pitch = fit.rows[2] - fit.rows[0]
        empty = (cells < min(0.25, 0.4 * fit.stroke / pitch)).mean()
        if empty < 0.85:
            if (np.abs(cells - 0.5) > 0.25).mean() >= 0.97 and fit.stroke < 0.25 * pitch:
                # Blocks with a grid drawn over them.
                squares = Fit(fit.rows[::2], fit.columns[::2], fit.slack, 0.0)
                return squares.units, _reading(cells < 0.5, squares, walls, kinds, hues, 0.0)
            continue
        beside, between = _strips(across, fit.columns, fit), _strips(down, fit.rows, fit).T
        full = max(0.25, np.percentile(np.concatenate([beside.ravel(), between.ravel()]), 90))
        strips = np.concatenate([beside.ravel(), between.ravel()]) / full
        if ((strips < 0.25) | (strips > 0.45)).mean() < 0.93:
            continue
        open_ = np.zeros((len(fit.rows) - 1, len(fit.columns) - 1), dtype=bool)
        open_[1::2, 1::2] = True
        open_[1::2, ::2], open_[::2, 1::2] = beside < 0.35 * full, between < 0.35 * full
        open_[::2, ::2] = _posts(open_, walls, fit)
        ratio = fit.stroke / (pitch - fit.stroke)
        return fit.units, _reading(open_, fit, walls, kinds, hues, 2.0 * (ratio < 0.8) - 2.0 * (ratio > 1.25))
    return None


def _middles(edges: np.ndarray, share: float) -> np.ndarray:
    """(N, 2) first and last-plus-one pixel of each square without `share` of it at either end, at least one pixel."""
    width = np.diff(edges)
    first, last = np.ceil(edges[:-1] + share * width), np.floor(edges[1:] - share * width)
    middle = np.floor((edges[:-1] + edges[1:]) / 2)
    thin = last <= first
    return np.column_stack([np.where(thin, middle, first), np.where(thin, middle + 1, last)]).astype(int)


def _sums(picture: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Sums of rows first..last-1 for every span; (H, W) -> (N, W)."""
    spans = spans.ravel()
    if spans[-1] >= len(picture):
        spans = spans[:-1]
    kind = np.float64 if picture.dtype.kind == "f" else np.uint32
    return np.add.reduceat(picture, spans, axis=0, dtype=kind)[::2]


def _means(picture: np.ndarray, spans: np.ndarray) -> np.ndarray:
    return _sums(picture, spans) / np.diff(spans, axis=1)


def _strips(squeezed: np.ndarray, edges: np.ndarray, fit: Fit) -> np.ndarray:
    """How much of a wall each strip is, in [0, 1]: the darkest line within reach of where it should be."""
    reach = min(fit.slack, 1.0) if fit.stroke < 4 else 0.0
    first = np.clip(np.floor(edges[::2] - reach), 0, squeezed.shape[1] - 1).astype(int)
    last = np.clip(np.ceil(edges[1::2] + reach), 1, squeezed.shape[1]).astype(int)
    return np.column_stack([squeezed[:, a:b].max(axis=1) for a, b in zip(first, last, strict=True)]) / 255


def _posts(squares: np.ndarray, walls: np.ndarray, fit: Fit) -> np.ndarray:
    """Which posts are open: a post is a wall if a strip that meets it is, and one that stands alone if it is dark."""
    solid = np.pad(~squares, 1)
    beside = solid[:-2, 1:-1] | solid[2:, 1:-1] | solid[1:-1, :-2] | solid[1:-1, 2:]
    posts = ~beside[::2, ::2]
    reach = 1 if fit.stroke < 4 else 0
    spans = [_middles(edges, 0.0)[::2] for edges in (fit.rows, fit.columns)]
    for i, j in np.argwhere(posts):
        (top, bottom), (left, right) = spans[0][i], spans[1][j]
        near = walls[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
        posts[i, j] = near.max() < 40 if reach else near.mean() < 100
    return posts


# --- Marks and evidence.


def _reading(squares, fit: Fit, walls, kinds, hues, evidence: float) -> Reading:
    """Put the coloured marks onto the squares and weigh what speaks for this reading."""
    rows, columns = (np.column_stack([e[:-1], e[1:]]) for e in map(_whole, (fit.rows, fit.columns)))
    blobs, cell = [], np.diff(fit.rows).max() * np.diff(fit.columns).max()
    for family, hue in enumerate(hues):
        mask = kinds == family
        if not mask.any():
            continue
        pixels = _sums(_sums(mask, rows).T, columns).T
        blobs += _blobs(np.where(squares, pixels, 0), hue, max(1.0, 0.02 * cell))
    largest = max((blob.pixels for blob in blobs if blob.reach <= ROUTE), default=0)
    blobs = [blob for blob in blobs if blob.pixels >= 0.1 * largest]
    # Where two marks touch, soft edges mix their colours into a third: the larger blob owns the square.
    blobs = [b for b in blobs if b.pixels == max(other.pixels for other in blobs if other.place == b.place)]
    if min(squares.shape) >= 5 and squares.shape[0] % 2 and squares.shape[1] % 2:
        if squares[1::2, 1::2].mean() > 0.9 and squares[2:-1:2, 2:-1:2].mean() < 0.5:
            evidence += 1.0 + sum(1.0 if b.place[0] % 2 and b.place[1] % 2 else -1.0 for b in blobs[:4]) / 2
    else:  # scattered walls leave a way only while less than half is wall
        evidence += float(np.clip(4 * (squares.mean() - 0.5), -0.8, 0.8))
    evidence += sum(_beside(blob, squares, fit, walls, kinds) for blob in blobs[:4])
    mismatch = _mismatch(squares, fit, walls, kinds)
    return Reading(squares, blobs, evidence - min(3.0, 30 * mismatch), mismatch)


def _mismatch(squares, fit: Fit, walls, kinds) -> float:
    """Draw the squares again and compare: the share of pixels inside patches of difference too thick for an edge."""
    edges = _whole(fit.rows), _whole(fit.columns)
    if walls.size > 2**24 or any(e[-1] != side for e, side in zip(edges, walls.shape, strict=True)):
        return 0.0
    again = np.repeat(np.repeat(squares, np.diff(edges[0]), axis=0), np.diff(edges[1]), axis=1)
    wrong = ((walls > 127) == again) & (kinds < 0)
    for _ in range(1 + (np.diff(fit.rows).max() >= 10)):  # peel off the rim of every patch
        wrong[1:-1] &= wrong[2:] & wrong[:-2]
        wrong[:, 1:-1] &= wrong[:, 2:] & wrong[:, :-2]
        wrong[[0, -1]] = wrong[:, [0, -1]] = False
    return float(wrong.mean())


def _whole(edges: np.ndarray) -> np.ndarray:
    """Edges as whole pixels, no two the same."""
    return np.maximum.accumulate(np.rint(edges).astype(int))


def _blobs(pixels: np.ndarray, hue: float, least: float) -> list[Blob]:
    """Squares of one colour that touch make one blob; it stands where it has the most pixels."""
    left = {tuple(map(int, place)) for place in np.argwhere(pixels >= max(least, 0.25 * pixels.max()))}
    blobs = []
    while left:
        group, heap = [], [left.pop()]
        while heap:
            row, column = heap.pop()
            group.append((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            heap += near
        place = max(group, key=lambda p: (pixels[p], -p[0], -p[1]))
        reach = max(max(p[axis] for p in group) - min(p[axis] for p in group) + 1 for axis in (0, 1))
        blobs.append(Blob(hue, place, reach, int(sum(pixels[p] for p in group))))
    largest = max((blob.pixels for blob in blobs if blob.reach <= ROUTE), default=0)
    return [blob for blob in blobs if blob.pixels >= 0.4 * largest]  # the rest is colour that JPEG has smeared


def _beside(blob: Blob, squares, fit: Fit, walls, kinds) -> float:
    """What a mark says about the wall colour: the rest of its square is floor."""
    row, column = blob.place
    spans = [_middles(edges, 0.12)[i] for edges, i in ((fit.rows, row), (fit.columns, column))]
    inside = slice(*spans[0]), slice(*spans[1])
    rest = walls[inside][kinds[inside] < 0]
    if rest.size < max(4, 0.15 * walls[inside].size):
        return 0.0
    return 1.0 if rest.mean() < 64 else (-1.0 if rest.mean() > 192 else 0.0)
