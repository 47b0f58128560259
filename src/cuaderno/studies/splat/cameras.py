"""Where a picture was taken from, and how its lens maps the world onto it.

Axes are OpenCV's, as in COLMAP: x to the right, y down, z forward. NeRF and Blender turn y and z round.
"""

from dataclasses import dataclass, replace

import numpy as np

FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # between OpenCV's axes of a camera and OpenGL's, which NeRF and Blender use


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera with the picture that it took.

    Shapes:  world_to_camera (4, 4) float64
    Units:   fx, fy, cx, cy in pixels; the centre of the first pixel lies at (0.5, 0.5), so the point (x, y, z) in front
             of the camera is seen at (fx x / z + cx, fy y / z + cy).
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
    def camera_to_world(self) -> np.ndarray:
        return np.linalg.inv(self.world_to_camera)

    @property
    def position(self) -> np.ndarray:
        """Where the camera stands, (3,) in the world."""
        return self.camera_to_world[:3, 3]

    @property
    def forward(self) -> np.ndarray:
        """Where it looks, a unit vector (3,) in the world."""
        return self.world_to_camera[2, :3] / np.linalg.norm(self.world_to_camera[2, :3])

    @property
    def up(self) -> np.ndarray:
        """What is up in its picture, a unit vector (3,) in the world."""
        return -self.world_to_camera[1, :3] / np.linalg.norm(self.world_to_camera[1, :3])

    def scaled(self, factor: float) -> "Camera":
        """The same view in a smaller or larger picture; sides are rounded, and the lens follows each of them."""
        return self.resized(scaled_side(self.width, factor), scaled_side(self.height, factor))

    def resized(self, width: int, height: int) -> "Camera":
        """The same view in a picture of this size."""
        x, y = width / self.width, height / self.height
        lens = {"fx": self.fx * x, "fy": self.fy * y, "cx": self.cx * x, "cy": self.cy * y}
        return replace(self, **lens, width=width, height=height)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points are seen, and how far away they are.

        Shapes:  points (N, 3) -> pixels (N, 2), depths (N,); a point behind the camera has no positive depth
        """
        seen = points @ self.world_to_camera[:3, :3].T + self.world_to_camera[:3, 3]
        depths = seen[:, 2]
        safe = np.where(depths > 0, depths, np.inf)[:, None]
        return seen[:, :2] / safe * [self.fx, self.fy] + [self.cx, self.cy], depths

    def rays(self) -> np.ndarray:
        """The direction through the centre of each pixel, (H, W, 3) in the world, one unit deep and so not one long."""
        x = (np.arange(self.width) + 0.5 - self.cx) / self.fx
        y = (np.arange(self.height) + 0.5 - self.cy) / self.fy
        seen = np.stack([*np.meshgrid(x, y), np.ones((self.height, self.width))], axis=-1)
        return seen @ self.camera_to_world[:3, :3].T


def scaled_side(side: int, factor: float) -> int:
    return max(1, int(side * factor + 0.5))


def looking_at(position: np.ndarray, target: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The world-to-camera matrix (4, 4) of a camera that stands at `position` and has `target` in its middle."""
    forward = np.asarray(target, float) - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, up)
    if np.linalg.norm(right) < 1e-9:  # straight down or up: any direction may be to the right
        right = np.cross(forward, [1.0, 0.0, 0.0] if abs(forward[0]) < 0.9 else [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = right, np.cross(forward, right), forward
    matrix[:3, 3] = -matrix[:3, :3] @ position
    return matrix


def focus_of(cameras: list[Camera]) -> np.ndarray:
    """The point (3,) that the cameras look at: nearest to the middle rays of all of them, and in front of most.

    Cameras that all look the same way meet nowhere; then it is a point ahead of their middle.
    """
    positions = np.array([camera.position for camera in cameras])
    forwards = np.array([camera.forward for camera in cameras])
    across = np.eye(3) - forwards[:, :, None] * forwards[:, None, :]  # what of a vector a camera sees from the side
    total = across.sum(axis=0) / len(cameras)
    middle, ahead = positions.mean(axis=0), forwards.mean(axis=0)
    if np.linalg.eigvalsh(total)[0] > 1e-3:
        meeting = np.linalg.solve(total, (across @ positions[:, :, None]).mean(axis=0)[:, 0])
        if np.median(((meeting - positions) * forwards).sum(axis=1)) > 0:
            return meeting
    spread = np.linalg.norm(positions - middle, axis=1).mean()
    return middle + ahead / max(np.linalg.norm(ahead), 1e-9) * (2 * spread or 1.0)


def up_of(cameras: list[Camera]) -> np.ndarray:
    """What was up for those who took the pictures, a unit vector (3,): nobody holds a camera askew all the time."""
    mean = np.mean([camera.up for camera in cameras], axis=0)
    length = np.linalg.norm(mean)
    return mean / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])
