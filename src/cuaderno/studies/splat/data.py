"""What a training looks at: the pictures of a scene in several sizes, and where the first splats are put.

Source, licence and splits are those of the scene, see scene.py: by default one that is ray-traced here, offline.
"""

import numpy as np

from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.painter import Photo
from cuaderno.studies.splat.scene import Scene
from cuaderno.studies.splat.splats import Splats

SH0 = 0.28209479177387814
FIRST_OPACITY = 0.1
NEIGHBOURS = 3
BOX = 0.33  # half the side of the box in which splats begin where no points are known, by the cameras' distance


class Views:
    """The training pictures of a scene, made smaller by a whole number; by their indices in the scene."""

    def __init__(self, scene: Scene, smaller: int = 1):
        self.cameras, self.photos = {}, {}
        for index in scene.train:
            mask = scene.masks[index] if scene.masks else None
            small = shrunk(scene.pictures[index].astype(np.float32), smaller)
            self.photos[index] = Photo((small + 0.5).astype(np.uint8), None if mask is None else whole(mask, smaller))
            self.cameras[index] = cropped(scene.cameras[index], smaller)


def cropped(camera: Camera, smaller: int) -> Camera:
    """The camera of a picture that `shrunk` made: pixels at the right and lower edge that fill no new one are gone."""
    width, height = camera.width // smaller, camera.height // smaller
    lens = [value / smaller for value in (camera.fx, camera.fy, camera.cx, camera.cy)]
    return Camera(camera.name, camera.world_to_camera, *lens, width, height)


def shrunk(picture: np.ndarray, smaller: int) -> np.ndarray:
    """Each square of pixels as their mean.  Shapes:  (H, W, …) -> (H // smaller, W // smaller, …)."""
    high, wide = picture.shape[0] // smaller, picture.shape[1] // smaller
    cut = picture[: high * smaller, : wide * smaller]
    return cut.reshape(high, smaller, wide, smaller, *picture.shape[2:]).mean(axis=(1, 3))


def whole(mask: np.ndarray, smaller: int) -> np.ndarray:
    """Only pixels all of which count."""
    return shrunk(mask.astype(np.float32), smaller) > 0.999


def extent(scene: Scene) -> float:
    """How large the scene is, in its own units: by it learning rates are scaled."""
    if len(scene.points) < 10:
        return float(scene.radius * BOX)
    apart = np.linalg.norm(scene.points - np.median(scene.points, axis=0), axis=1)
    return float(np.percentile(apart, 80)) or 1.0


def first_splats(scene: Scene, count: int, degree: int, seed: int) -> Splats:
    """Round, faint splats at known points of the scene, or anywhere in front of the cameras where none are known."""
    rng = np.random.default_rng(seed)
    if len(scene.points) >= 10:
        chosen = rng.permutation(len(scene.points))[:count]
        means, colours = scene.points[chosen].astype(np.float32), scene.colours[chosen] / np.float32(255)
    else:
        means = (scene.focus + (rng.random((count, 3)) * 2 - 1) * scene.radius * BOX).astype(np.float32)
        colours = np.full((count, 3), 0.5, np.float32)
    sh = np.zeros((len(means), (degree + 1) ** 2, 3), np.float32)
    sh[:, 0] = (colours - 0.5) / SH0
    return Splats(
        means,
        np.repeat(np.log(spacing(means))[:, None], 3, axis=1),
        np.tile(np.float32([1, 0, 0, 0]), (len(means), 1)),
        np.full(len(means), np.log(FIRST_OPACITY / (1 - FIRST_OPACITY)), np.float32),
        sh,
    )


def spacing(points: np.ndarray) -> np.ndarray:
    """How far each point's three nearest neighbours are, root mean square.  Shapes:  (N, 3) -> (N,)."""
    import torch

    there = torch.from_numpy(points)
    nearest = min(NEIGHBOURS + 1, len(points))
    found = [torch.cdist(some, there).topk(nearest, largest=False).values[:, 1:] for some in there.split(1024)]
    apart = torch.cat(found).square().mean(dim=1).sqrt().nan_to_num(1.0)
    middle = apart.median().clamp_min(1e-6)  # points that lie together begin as small splats, not as none at all
    return apart.clamp(middle / 20, middle * 20).numpy()
