"""Letters, digits and shapes drawn with a pen of our own, whose style is a handful of numbers that change continuously.

A glyph is a few strokes, each a row of control points in a box of 1 × 1 with y downwards. Its style bends and places
them: how round the corners are, how far it leans, how wide and large it is, where it stands, how thick the pen is. So
every picture has known factors, and one can ask whether a latent space found them. Besides, the hand trembles a little,
which no factor tells.

Source:  drawn here. Licence: ours (MIT).
"""

from functools import lru_cache

import numpy as np

FACTORS = {  # from, to; what each number means stands in `draw`
    "roundness": (0.0, 1.0),
    "slant": (-0.35, 0.35),
    "width": (0.62, 1.05),
    "size": (0.5, 0.76),
    "weight": (0.028, 0.085),
    "x": (-0.07, 0.07),
    "y": (-0.07, 0.07),
}
TREMBLE = 0.018  # standard deviation of each control point, in the box
BEND = 5  # pieces of a rounded corner
EDGE = 0.7  # pixels over which the ink fades
TOGETHER = 16  # glyphs that are drawn at once: as many as fit the processor's cache

# A stroke that ends where it began is closed, and its first corner is rounded too.
STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "0": [[(0.5, 0), (1, 0), (1, 1), (0, 1), (0, 0), (0.5, 0)]],
    "1": [[(0.15, 0.25), (0.55, 0), (0.55, 1)]],
    "2": [[(0.02, 0.3), (0.02, 0), (1, 0), (1, 0.45), (0, 1), (1, 1)]],
    "3": [[(0.05, 0), (0.95, 0), (0.95, 0.46), (0.4, 0.46)], [(0.4, 0.46), (1, 0.46), (1, 1), (0, 1), (0, 0.85)]],
    "4": [[(0.75, 1), (0.75, 0), (0, 0.68), (1, 0.68)]],
    "5": [[(0.95, 0), (0.15, 0), (0.08, 0.45), (1, 0.36), (1, 1), (0, 1), (0, 0.82)]],
    "6": [[(0.85, 0), (0.3, 0), (0, 0.5), (0, 1), (1, 1), (1, 0.45), (0.2, 0.45), (0.02, 0.7)]],
    "7": [[(0, 0), (1, 0), (0.35, 1)]],
    "8": [
        [(0.5, 0), (0.93, 0), (0.93, 0.46), (0.07, 0.46), (0.07, 0), (0.5, 0)],
        [(0.5, 0.46), (1, 0.46), (1, 1), (0, 1), (0, 0.46), (0.5, 0.46)],
    ],
    "9": [[(0.98, 0.3), (0.8, 0.55), (0, 0.55), (0, 0), (1, 0), (1, 0.5), (0.7, 1), (0.15, 1)]],
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.22, 0.64), (0.78, 0.64)]],
    "E": [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.5), (0.8, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.5), (1, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(1, 0), (0, 0.58)], [(0.28, 0.44), (1, 1)]],
    "M": [[(0, 1), (0.05, 0), (0.5, 0.7), (0.95, 0), (1, 1)]],
    "R": [[(0, 1), (0, 0), (1, 0), (1, 0.5), (0, 0.5)], [(0.4, 0.5), (1, 1)]],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.58, 0.12), (1, 0.5), (0.58, 0.88)]],
    "heart": [[(0.5, 0.25), (0.45, 0), (0, 0), (0, 0.45), (0.5, 1), (1, 0.45), (1, 0), (0.55, 0), (0.5, 0.25)]],
    "spiral": [[(0.5, 0.5), (0.68, 0.42), (0.62, 0.75), (0.25, 0.7), (0.2, 0.2), (0.98, 0.12), (1, 1), (0.05, 1)]],
    "star": [
        [(0.5, 0), (0.62, 0.36), (1, 0.38), (0.7, 0.6), (0.81, 1), (0.5, 0.76), (0.19, 1), (0.3, 0.6), (0, 0.38),
         (0.38, 0.36), (0.5, 0)]
    ],
}  # fmt: skip
CLASSES = tuple(STROKES)
FACTOR_NAMES = tuple(FACTORS)
MOST_POINTS = max(sum(len(stroke) for stroke in strokes) for strokes in STROKES.values())


def styles(seed: int, split: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Random styles and trembles: row i depends on the seed, the split and i only.

    Shapes:  factors (N, F) float32, tremble (N, MOST_POINTS, 2) float32
    """
    source = np.random.SeedSequence([seed, int.from_bytes(split.encode(), "big")])
    chance, hand = (np.random.default_rng(one) for one in source.spawn(2))
    low, high = np.array(list(FACTORS.values())).T
    factors = low + (high - low) * chance.random((number, len(FACTORS)))
    tremble = TREMBLE * hand.standard_normal((number, MOST_POINTS, 2))
    return factors.astype(np.float32), tremble.astype(np.float32)


def draw(labels: np.ndarray, factors: np.ndarray, tremble: np.ndarray | None = None, size: int = 28) -> np.ndarray:
    """Glyphs in light ink on black, as MNIST has its digits.

    Shapes:  labels (N,) of int, factors (N, F), tremble (N, MOST_POINTS, 2) or None -> (N, 1, size, size) uint8
    Units:   roundness 0 keeps corners, 1 leaves none; slant is the sideways move per height; width a share of the
             height; size (the height), weight (half the pen), x and y (from the middle) are shares of the picture.
    """
    pixels = np.zeros((len(labels), 1, size, size), np.uint8)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        for start in range(0, len(rows), TOGETHER):
            own = rows[start : start + TOGETHER]
            hand = np.zeros((len(own), MOST_POINTS, 2), np.float32) if tremble is None else tremble[own]
            begin, end = _segments(CLASSES[label], factors[own], hand)
            weight = factors[own, FACTOR_NAMES.index("weight")]
            pixels[own, 0] = _inked(begin * size, end * size, weight * size, size)
    return pixels


def _segments(name: str, factors: np.ndarray, tremble: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the straight pieces of each glyph begin and end, in shares of the picture.  Shapes:  2 × (N, S, 2)."""
    style = dict(zip(FACTOR_NAMES, factors.T[:, :, None], strict=True))
    begins, ends, used = [], [], 0
    for stroke in STROKES[name]:
        corners = np.array(stroke, np.float32)[None] + tremble[:, used : used + len(stroke)]
        used += len(stroke)
        if stroke[0] == stroke[-1]:
            corners[:, -1] = corners[:, 0]
        line = _rounded(corners, style["roundness"])
        u, v = line[..., 0] - 0.5, line[..., 1] - 0.5
        across = style["size"] * (style["width"] * u - style["slant"] * v)
        placed = np.stack([0.5 + style["x"] + across, 0.5 + style["y"] + style["size"] * v], axis=-1)
        begins.append(placed[:, :-1])
        ends.append(placed[:, 1:])
    return np.concatenate(begins, axis=1), np.concatenate(ends, axis=1)


def _rounded(corners: np.ndarray, roundness: np.ndarray) -> np.ndarray:
    """A line whose corners are cut: each becomes a parabola that begins and ends `roundness` of half its sides away.

    Shapes:  corners (N, P, 2), roundness (N, 1) -> (N, Q, 2)
    """
    closed = bool((corners[:, 0] == corners[:, -1]).all())
    before = corners[:, :-2] if not closed else np.concatenate([corners[:, -2:-1], corners[:, :-2]], axis=1)
    at = corners[:, 1:-1] if not closed else corners[:, :-1]
    after = corners[:, 2:] if not closed else corners[:, 1:]
    reach = roundness[:, :, None] / 2
    first, last = at + reach * (before - at), at + reach * (after - at)
    bent = np.einsum("kc,cnpd->npkd", _parabola(), np.stack([first, at, last]))
    bent = bent.reshape(len(corners), -1, 2)
    ends = (bent, bent[:, :1]) if closed else (corners[:, :1], bent, corners[:, -1:])
    return np.concatenate(ends, axis=1)


@lru_cache(maxsize=1)
def _parabola() -> np.ndarray:
    """How much of a corner's beginning, corner and end there is at each point of its bend.  Shapes:  (BEND, 3)."""
    t = np.linspace(0, 1, BEND, dtype=np.float32)
    return np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)


def _inked(begin: np.ndarray, end: np.ndarray, radius: np.ndarray, size: int) -> np.ndarray:
    """Ink wherever a pixel is nearer to a piece than the radius of the pen.

    Shapes:  begin, end (N, S, 2) in pixels, radius (N,) -> (N, size, size) uint8
    """
    axis = np.arange(size, dtype=np.float32) + 0.5
    way = end - begin
    length = (way**2).sum(-1)[..., None, None] + 1e-9
    x, y = axis - begin[..., 0:1], axis - begin[..., 1:2]  # (N, S, size), from the beginning of each piece
    along = (x * way[..., 0:1])[:, :, None, :] + (y * way[..., 1:2])[:, :, :, None]
    far = (x**2)[:, :, None, :] + (y**2)[:, :, :, None]
    share = np.clip(along / length, 0, 1)
    far += share * (share * length - 2 * along)  # (N, S, size, size): squared distance to the piece
    nearest = np.sqrt(np.maximum(far.min(axis=1), 0))
    ink = np.clip((radius[:, None, None] - nearest) / EDGE + 0.5, 0, 1)
    return (255 * ink + 0.5).astype(np.uint8)
