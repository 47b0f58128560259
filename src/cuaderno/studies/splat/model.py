"""The splats as the kernels have them: one table of numbers that a training moves."""

import numpy as np

from cuaderno.studies.splat.splats import Splats

GEOMETRY = 11  # rows before the colours: mean, scale and rotation, opacity
LINE = 64  # bytes that the processor fetches at once


class Table:
    """Room for up to `capacity` splats, the first `count` of which are there.

    Shapes:  rows (11 + 3 K, stride): a row for each number of a splat, `stride` a multiple of 16.
    """

    def __init__(self, capacity: int, degree: int):
        self.degree, self.count = degree, 0
        self.stride = (capacity + 15) // 16 * 16
        self.flat = aligned((GEOMETRY + 3 * (degree + 1) ** 2) * self.stride)
        self.rows = self.flat.reshape(-1, self.stride)
        self.rows[6] = 1  # a rotation needs a length, also where no splat is yet
        self.rows[10] = -20

    @classmethod
    def of(cls, splats: Splats, capacity: int = 0) -> "Table":
        """A table with these splats in it."""
        table = cls(max(capacity, len(splats)), splats.degree)
        table.count = len(splats)
        table.rows[:, : table.count] = columns(splats)
        return table

    @property
    def splats(self) -> Splats:
        """A copy of what is in it."""
        there = self.rows[:, : self.count].T
        means, scales, rotations, opacities, colours = np.split(there, [3, 6, 10, 11], axis=1)
        parts = (means, scales, rotations, opacities[:, 0], colours.reshape(self.count, -1, 3))
        return Splats(*(np.ascontiguousarray(part, dtype=np.float32) for part in parts))


def columns(splats: Splats) -> np.ndarray:
    """The numbers of each splat, one below the other: (11 + 3 K, N)."""
    count = len(splats)
    parts = (splats.means, splats.scales, splats.rotations, splats.opacities[:, None], splats.sh.reshape(count, -1))
    return np.concatenate(parts, axis=1).T


def aligned(size: int, kind: type = np.float32) -> np.ndarray:
    """Zeros that begin where the processor likes a vector to begin."""
    width = np.dtype(kind).itemsize
    raw = np.zeros(size * width + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size * width].view(kind)
