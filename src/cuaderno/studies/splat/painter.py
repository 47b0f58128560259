"""The kernels in order, with the memory that they share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from cuaderno.studies.splat import kernels
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.kernels import ROW, TILE
from cuaderno.studies.splat.loss import SUMS, compare, statistics
from cuaderno.studies.splat.model import GEOMETRY, Table, aligned

NOTHING = np.zeros(0, np.float32)
NO_EXPOSURE = np.array([1, 1, 1, 0, 0, 0], np.float32)
MARGIN = 0.15  # of half a picture: splats that far outside are flattened where they are, others at this edge


class Photo:
    """A photo and all that a loss has to know of it, laid out as pictures are painted.

    Shapes:  pixels (H, W, 3) uint8, mask (H, W) bool or None
    """

    def __init__(self, pixels: np.ndarray, mask: np.ndarray | None = None):
        self.height, self.width = pixels.shape[:2]
        down, self.stride = whole_tiles(self.height), whole_tiles(self.width)
        self.plane = down * self.stride
        self.pixels = aligned(3 * self.plane, np.uint8)
        self.pixels.reshape(3, down, self.stride)[:, : self.height, : self.width] = pixels.transpose(2, 0, 1)
        self.mask = aligned(self.plane)
        counts = self.mask.reshape(down, self.stride)
        counts[: self.height, : self.width] = 1 if mask is None else mask
        self.edge = aligned(self.stride)
        self.edge[: self.width] = 1
        self.known = aligned(6 * self.plane)
        statistics(0, 1, self.pixels, self.mask, self.plane, self.stride, self.height, self.known)


class Painter:
    """Paints pictures of a table of splats and, when asked, goes back from a picture's gradient to the splats.

    Its arrays grow when they have to and are used again for the next picture.
    """

    def __init__(self, num_threads: int = 1):
        self.parts = max(1, num_threads)
        self.pool = ThreadPoolExecutor(self.parts - 1) if self.parts > 1 else None
        self.rows = self.pairs = 0
        self.size = (0, 0)
        self.tally, self.starts = np.zeros(self.parts, np.int64), np.zeros(self.parts + 1, np.int64)

    def together(self, function: Callable, *arguments: Any) -> None:
        """Every part of a kernel at once; this thread does the first."""
        others = [self.pool.submit(function, part, self.parts, *arguments) for part in range(1, self.parts)]  # type: ignore[union-attr]
        function(0, self.parts, *arguments)
        for other in others:
            other.result()

    def paint(self, table: Table, camera: Camera, background: np.ndarray, degree: int | None = None) -> np.ndarray:
        """The picture: red, green, blue, and the light that comes through, (4, rows, columns) in whole tiles.

        `degree` is how much of the colours' dependence on the direction counts, everything unless told.
        """
        self.make_room(table, camera)
        self.table, self.degree = table, table.degree if degree is None else degree
        self.view, self.background = viewpoint(camera), np.asarray(background, np.float32)
        wide, high = np.float32(camera.width), np.float32(camera.height)
        self.together(
            kernels.project, table.flat, table.stride, table.count, self.degree, self.view, self.seen, self.ids,
            self.tiles, self.tally,
        )  # fmt: skip
        self.many = kernels.sort(
            self.parts, table.count, self.seen, self.tally, self.tiles, self.order, self.spare, self.starts
        )
        if self.starts[-1] > self.pairs or not self.pairs:
            self.pairs = int(self.starts[-1] * 1.3) + 1024
            self.found, self.entries = np.empty((2, self.pairs, 3), np.uint32)
            self.shares = aligned(self.pairs * ROW)
        self.together(
            kernels.scatter, self.many, self.order, self.seen, wide, high, self.starts, self.found, self.first,
            self.last, self.counts,
        )  # fmt: skip
        self.together(kernels.gather, self.counts, self.starts, self.found, self.entries, self.bounds, self.cursors)
        self.brush()
        return self.planes

    def brush(self) -> None:
        """Paint once more what is in `seen`, for whoever has changed its colours."""
        self.together(
            kernels.paint, self.seen, self.entries, self.bounds, self.stride // TILE, self.picture, self.stride,
            self.plane, self.background,
        )  # fmt: skip

    def compare(self, photo: Photo, share: float, exposure: np.ndarray = NO_EXPOSURE) -> dict[str, Any]:
        """The loss between the last picture and a photo; its gradient waits in `slope`."""
        self.together(
            compare, self.picture, photo.pixels, photo.mask, photo.known, photo.edge, self.plane, self.stride,
            photo.width, photo.height, np.float32(share), exposure, self.slope, self.sums,
        )  # fmt: skip
        sums, pixels = self.sums[: photo.height].sum(axis=0), 3 * photo.width * photo.height
        off, square, alike = (sums[:, :3].sum(axis=0) / pixels).tolist()
        loss = (1 - share) * off + share * (1 - alike)
        return {"loss": loss, "square": square, "ssim": alike, "by_exposure": sums[:, 3:].T.ravel()}

    def blame(self) -> None:
        """What each ellipse did to the loss, from `slope`."""
        self.together(
            kernels.blame, self.seen, self.entries, self.bounds, self.stride // TILE, self.picture, self.slope,
            self.stride, self.plane, self.shares,
        )  # fmt: skip

    def learn(self, means, squares, rates, pull, score, gradients=NOTHING) -> None:
        """Update the table from what `blame` found, or write the gradients where there is room for them."""
        table = self.table
        self.together(
            kernels.learn, table.flat, table.stride, table.count, self.degree, self.view, self.seen, self.ids,
            self.tally, self.first, self.last, self.shares, means, squares, rates, pull, score, gradients,
        )  # fmt: skip

    def gradients(self) -> np.ndarray:
        """The gradient of the loss by every number of the table, from `slope`."""
        self.blame()
        found = aligned(self.table.flat.size)
        score = np.zeros(self.table.stride, np.float32)
        self.learn(NOTHING, NOTHING, NOTHING, NOTHING, score, found)
        return found.reshape(self.table.rows.shape)[: GEOMETRY + 3 * (self.degree + 1) ** 2]

    def make_room(self, table: Table, camera: Camera) -> None:
        if table.stride > self.rows:
            self.rows = table.stride
            self.seen = aligned(self.rows * ROW)
            self.ids, self.tiles, self.order, self.spare = (np.zeros(self.rows, np.int32) for _ in range(4))
            self.first, self.last = np.zeros(self.rows, np.int64), np.zeros(self.rows, np.int64)
        if (camera.width, camera.height) != self.size:
            self.size = camera.width, camera.height
            self.stride, high = whole_tiles(camera.width), whole_tiles(camera.height)
            self.plane = high * self.stride
            self.picture, self.slope = aligned(4 * self.plane), aligned(4 * self.plane)
            self.planes = self.picture.reshape(4, high, self.stride)
            self.sums = np.zeros((camera.height, 3, SUMS))
            tiles = self.plane // TILE**2
            self.counts, self.cursors = np.zeros((2, self.parts, tiles), np.int64)
            self.bounds = np.zeros(tiles + 1, np.int64)


def whole_tiles(side: int) -> int:
    return (side + TILE - 1) // TILE * TILE


def viewpoint(camera: Camera) -> np.ndarray:
    """A camera as the kernels have it: lens, world to camera row by row, edges of what is flattened, place, size."""
    horizontal, vertical = camera.width / camera.fx, camera.height / camera.fy
    left, right = (
        -camera.cx / camera.fx - MARGIN * horizontal,
        (camera.width - camera.cx) / camera.fx + MARGIN * horizontal,
    )
    top, bottom = (
        -camera.cy / camera.fy - MARGIN * vertical,
        (camera.height - camera.cy) / camera.fy + MARGIN * vertical,
    )
    numbers = [camera.fx, camera.fy, camera.cx, camera.cy, *camera.world_to_camera[:3].ravel()]
    numbers += [left, right, top, bottom, *camera.position, camera.width, camera.height]
    return np.array(numbers, np.float32)
