"""Lenses that bend straight lines, and pictures made straight again.

Source:  the models SIMPLE_RADIAL, RADIAL and OPENCV of COLMAP; nerfstudio's has k3 and k4 besides.
"""

from dataclasses import astuple, dataclass, replace

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat.cameras import Camera

ROUNDS = 60  # of the search for the place that a lens bends to a given one
CLOSE = 1e-9  # in units of the focal length
SMALLEST_SHARE = 0.5  # of a side that has to be left when the crooked edges are cut away


@dataclass(frozen=True)
class Lens:
    """How far from where a pinhole would show it a point is seen: k along the radius, p for a lens that is tilted."""

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    def __bool__(self) -> bool:
        return any(astuple(self))

    def bend(self, points: np.ndarray) -> np.ndarray:
        """Where points are seen, both as (x / z, y / z).

        Shapes:  (..., 2) -> (..., 2)
        """
        x, y = points[..., 0], points[..., 1]
        r2 = x * x + y * y
        radial = r2 * (self.k1 + r2 * (self.k2 + r2 * (self.k3 + r2 * self.k4)))
        bent_x = x + x * radial + 2 * self.p1 * x * y + self.p2 * (r2 + 2 * x * x)
        bent_y = y + y * radial + 2 * self.p2 * x * y + self.p1 * (r2 + 2 * y * y)
        return np.stack([bent_x, bent_y], axis=-1)

    def unbend(self, points: np.ndarray) -> np.ndarray:
        """The inverse of `bend`, by Newton's method; not a number where there is none nearby.

        Shapes:  (..., 2) -> (..., 2)
        """
        found = np.array(points, dtype=float)
        step = 1e-6
        right, down = np.array([step, 0.0]), np.array([0.0, step])
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                away = self.bend(found) - points
                if np.nanmax(np.abs(away), initial=0.0) < CLOSE:
                    break
                by_x = (self.bend(found + right) - self.bend(found - right)) / (2 * step)
                by_y = (self.bend(found + down) - self.bend(found - down)) / (2 * step)
                determinant = by_x[..., 0] * by_y[..., 1] - by_x[..., 1] * by_y[..., 0]
                move_x = (by_y[..., 1] * away[..., 0] - by_y[..., 0] * away[..., 1]) / determinant
                move_y = (by_x[..., 0] * away[..., 1] - by_x[..., 1] * away[..., 0]) / determinant
                found -= np.clip(np.stack([move_x, move_y], axis=-1), -0.2, 0.2)
            lost = ~(np.abs(self.bend(found) - points).max(axis=-1) < 1e-6)
        found[lost] = np.nan
        return found


def straightened(camera: Camera, lens: Lens) -> Camera:
    """The pinhole camera of the largest picture without empty edges that is left when `lens` is undone.

    The focal length stays, so pixels in the middle keep their size.

    Raises:  CuadernoError when too little is left, as of a fisheye.
    """
    if not lens:
        return camera
    steps = np.linspace(0, 1, 64)
    width, height = camera.width, camera.height
    edges = {
        "left": np.stack([0 * steps, steps * height], axis=-1),
        "right": np.stack([0 * steps + width, steps * height], axis=-1),
        "top": np.stack([steps * width, 0 * steps], axis=-1),
        "bottom": np.stack([steps * width, 0 * steps + height], axis=-1),
    }
    focal, middle = np.array([camera.fx, camera.fy]), np.array([camera.cx, camera.cy])
    straight = {side: lens.unbend((edge - middle) / focal) * focal + middle for side, edge in edges.items()}
    if all(np.isfinite(edge).all() for edge in straight.values()):
        left = int(np.ceil(max(straight["left"][:, 0].max(), 0)))
        top = int(np.ceil(max(straight["top"][:, 1].max(), 0)))
        new_width = int(np.floor(min(straight["right"][:, 0].min(), width))) - left
        new_height = int(np.floor(min(straight["bottom"][:, 1].min(), height))) - top
        if new_width >= SMALLEST_SHARE * width and new_height >= SMALLEST_SHARE * height:
            return replace(camera, cx=camera.cx - left, cy=camera.cy - top, width=new_width, height=new_height)
    raise CuadernoError(
        f"The lens of {camera.name} bends so strongly that hardly a straight picture is left of it: {lens}. If it is a "
        "fisheye, or an action camera set to its widest view, make the pictures straight first, for example with "
        "`colmap image_undistorter`."
    )


class Straightening:
    """Where each pixel of a straight picture lies in the bent one: made once, used for every picture of a camera.

    The two may be of different sizes.
    """

    def __init__(self, lens: Lens, bent: Camera, straight: Camera):
        x = (np.arange(straight.width) + 0.5 - straight.cx) / straight.fx
        y = (np.arange(straight.height) + 0.5 - straight.cy) / straight.fy
        places = lens.bend(np.stack(np.meshgrid(x, y), axis=-1)) * [bent.fx, bent.fy] + [bent.cx, bent.cy] - 0.5
        column = np.clip(places[..., 0], 0, bent.width - 1)
        row = np.clip(places[..., 1], 0, bent.height - 1)
        left = np.minimum(column.astype(np.int64), max(0, bent.width - 2))
        top = np.minimum(row.astype(np.int64), max(0, bent.height - 2))
        self.first = top * bent.width + left
        self.right, self.down = int(bent.width > 1), bent.width * int(bent.height > 1)
        self.u = (column - left).astype(np.float32)[..., None]
        self.v = (row - top).astype(np.float32)[..., None]

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """The straight picture.

        Shapes:  (H, W, C) uint8 -> (H', W', C) float32, in [0, 255]
        """
        flat = picture.reshape(-1, picture.shape[-1]).astype(np.float32)
        top = flat[self.first] * (1 - self.u) + flat[self.first + self.right] * self.u
        below = self.first + self.down
        bottom = flat[below] * (1 - self.u) + flat[below + self.right] * self.u
        return top * (1 - self.v) + bottom * self.v
