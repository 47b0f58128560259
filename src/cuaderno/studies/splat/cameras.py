"""Where a picture was taken from, and through what lens."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; axes as OpenCV has them: x right, y down, z forward.

    Shapes:  world_to_camera (4, 4) float64.
    Units:   fx, fy, cx, cy in pixels; the centre of the first pixel is (0.5, 0.5).
    """

    name: str
    world_to_camera: np.ndarray
    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    @property
    def position(self) -> np.ndarray:
        """Where the camera stands in the world.  Shapes:  (3,)."""
        return np.linalg.inv(self.world_to_camera)[:3, 3]

    def scaled(self, factor: float) -> "Camera":
        """The same camera with so many times as many pixels a side."""
        width, height = max(1, round(self.width * factor)), max(1, round(self.height * factor))
        x, y = width / self.width, height / self.height
        return replace(
            self, fx=self.fx * x, fy=self.fy * y, cx=self.cx * x, cy=self.cy * y, width=width, height=height
        )
