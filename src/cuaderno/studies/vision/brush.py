"""Smooth shapes on a sheet. Points are complex numbers, x to the right and y down: a product turns and scales them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Points = np.ndarray | Sequence[complex]

FUR, FAR, PALE, DEEP = "fur", "far", "pale", "deep"  # paints that show the coat: as it is, darker, lighter, darkest
COATS = {FUR: 0, FAR: -34, PALE: 46, DEEP: -58}  # how much lighter than the coat
CIRCLE = np.exp(2j * np.pi * np.arange(20) / 20)


@lru_cache(maxsize=64)
def _weights(count: int, closed: bool, parts: int) -> np.ndarray:
    """The matrix that leads a Catmull-Rom curve through `count` points.

    Shapes:  (parts of all segments, count)
    """
    t = np.arange(parts)[:, None] / parts
    basis = 0.5 * np.hstack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2])
    segments = count if closed else count - 1
    matrix = np.zeros((segments * parts + (not closed), count))
    for segment in range(segments):
        for column in range(4):
            at = segment + column - 1
            at = at % count if closed else min(max(at, 0), count - 1)
            matrix[segment * parts : (segment + 1) * parts, at] += basis[:, column]
    if not closed:
        matrix[-1, -1] = 1
    return matrix


def smooth(points: Points, closed: bool = True, parts: int = 5) -> np.ndarray:
    """A curve through all points; a point given twice is a corner."""
    points = np.asarray(points, dtype=complex)
    return _weights(len(points), closed, parts) @ points


def oval(centre: complex, width: float, height: float, turn: complex = 1) -> np.ndarray:
    """An ellipse with these half axes."""
    return (CIRCLE.real * width + 1j * CIRCLE.imag * height) * turn + centre


def limb(points: Points, first: float, last: float, blunt: float = 1.0) -> np.ndarray:
    """A leg or a tail: a thick curve, half as wide as `first` where it begins and as `last` where it ends."""
    spine = smooth(points, closed=False, parts=4)
    along = np.gradient(spine)
    along = along / np.maximum(np.abs(along), 1e-9)
    half = np.linspace(first, last, len(spine)) * 1j * along
    tip = spine[-1] + along[-1] * last * blunt
    return np.concatenate([spine + half, [tip], (spine - half)[::-1]])


def mirrored(points: Points) -> np.ndarray:
    """The same on the other side."""
    return -np.conj(np.asarray(points, dtype=complex))


class Figure:
    """Shapes in the order in which they are painted, each a polygon (width 0) or a line."""

    def __init__(self) -> None:
        self.shapes: list[tuple[np.ndarray, str | Colour, float]] = []

    def add(self, points: Points, paint: str | Colour, width: float = 0) -> None:
        self.shapes.append((np.asarray(points, dtype=complex), paint, width))

    def put(self, other: "Figure", at: complex = 0, turn: complex = 1, mirror: bool = False) -> None:
        """Add all shapes of another figure, moved, turned and scaled by `turn`, and mirrored before that."""
        scale = abs(turn)
        for points, paint, width in other.shapes:
            self.shapes.append(((mirrored(points) if mirror else points) * turn + at, paint, width * scale))

    def move(self, before: complex, turn: complex, flip: bool, after: complex) -> None:
        """Move every point, turn and scale it, perhaps mirror it, and move it again."""
        for index, (points, paint, width) in enumerate(self.shapes):
            points = (points + before) * turn
            self.shapes[index] = ((mirrored(points) if flip else points) + after, paint, width * abs(turn))

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all polygons."""
        every = np.concatenate([points for points, _, width in self.shapes if not width])
        return float(every.real.min()), float(every.imag.min()), float(every.real.max()), float(every.imag.max())


class Sheet:
    """A square picture to paint on, and the silhouette of what was painted in fur."""

    def __init__(self, ground: Image.Image):
        self.picture, self.side = ground, ground.width
        self.pen = ImageDraw.Draw(ground)
        self.silhouette = Image.new("L", ground.size)

    def paint(self, figure: Figure, coat: Image.Image, ink: Colour | None = None, ink_width: int = 2) -> None:
        """All shapes of a figure whose points are pixels already; with `ink`, polygons get an outline."""
        for points, paint, width in figure.shapes:
            flat = np.ascontiguousarray(points).view(float).tolist()
            if width:
                self.pen.line(flat, fill=_solid(paint, coat), width=max(1, round(width)))
            elif isinstance(paint, str):
                self._fill(points, coat, COATS[paint])
            else:
                self.pen.polygon(flat, fill=paint)
            if ink and not width and len(points) > 8:
                self.pen.line(flat + flat[:2], fill=ink, width=ink_width)

    def shadow(self, points: np.ndarray, depth: int) -> None:
        """Darken what is there already."""
        self._fill(points, self.picture, -depth, solid=False)

    def _fill(self, points: np.ndarray, texture: Image.Image, more: int, solid: bool = True) -> None:
        left, top = max(0, int(points.real.min())), max(0, int(points.imag.min()))
        right, bottom = min(self.side, int(points.real.max()) + 2), min(self.side, int(points.imag.max()) + 2)
        if left >= right or top >= bottom:
            return
        mask = Image.new("L", (right - left, bottom - top))
        flat = (points - (left + 1j * top)).view(float).tolist()
        ImageDraw.Draw(mask).polygon(flat, fill=255)
        box = (left, top, right, bottom)
        cut = texture.crop(box)
        if more:
            change = ImageChops.add if more > 0 else ImageChops.subtract
            cut = change(cut, _grey(abs(more), self.side).crop(box))
        self.picture.paste(cut, box, mask)
        if solid:
            self.silhouette.paste(255, box, mask)


@lru_cache(maxsize=8)
def _grey(value: int, side: int) -> Image.Image:
    return Image.new("RGB", (side, side), (value, value, value))


def _solid(paint: str | Colour, coat: Image.Image) -> Colour:
    """The colour of a line; on fur it is much darker than the fur, or lighter where the fur is black."""
    if not isinstance(paint, str):
        return paint
    middle = coat.getpixel((coat.width // 2, coat.height // 2))
    red, green, blue = (int(value * 0.3) if sum(middle) > 170 else value + 62 for value in middle)  # type: ignore[arg-type, union-attr]
    return red, green, blue
