"""A scene: pictures of one place, and for each of them the camera that took it.

Source:  without `data` a still life that is ray-traced here (stilllife.py). Else a folder with COLMAP's `sparse/`, a
         `transforms.json` of NeRF, instant-ngp or nerfstudio, a folder of plain photos, or a video (layouts.py).
Licence: the still life is ours (MIT). What holds for pictures of others holds for a scene that was learnt from them,
         and for whatever is rendered from it.
Splits:  the data's own test pictures where it has them; else every eighth picture, in the order of their names, is
         never trained on.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from cuaderno.studies.splat.cameras import Camera, focus_of, up_of

HOLD_OUT = 8  # every so many pictures, one is kept for the test
OURS = "ours (MIT)"
YOURS = "that of whoever made them: what holds for the pictures holds for a scene that was learnt from them"


@dataclass(frozen=True, eq=False)
class Scene:
    """Pictures without distortion, their cameras, and what is known about the place already.

    Shapes:  pictures (H, W, 3) uint8 in RGB; masks (H, W) bool, False where nothing is to be learnt; points (M, 3)
             float32 and colours (M, 3) uint8: where surfaces are known to lie, M may be 0; depths (H, W) float32.
    Units:   points and cameras in the units of the data; background in [0, 1], what lies behind everything: white for
             renderings with transparent parts, None where it is unknown; test: indices of pictures that are never
             trained on; depths along the camera's axis, 0 where there is nothing, known for the ray-traced scene only;
             notes: sentences about what was left out, and what may go wrong.
    """

    name: str
    cameras: list[Camera]
    pictures: list[np.ndarray]
    masks: list[np.ndarray] | None
    points: np.ndarray
    colours: np.ndarray
    background: tuple[float, float, float] | None
    test: list[int]
    fingerprint: str = ""
    licence: str = YOURS
    source: str = ""
    notes: list[str] = field(default_factory=list)
    depths: list[np.ndarray] | None = None

    def __post_init__(self):
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", fingerprint(self))

    def __len__(self) -> int:
        return len(self.cameras)

    @property
    def train(self) -> list[int]:
        """The indices of the pictures to learn from."""
        held_out = set(self.test)
        return [index for index in range(len(self)) if index not in held_out]

    @property
    def focus(self) -> np.ndarray:
        """The point (3,) that the cameras look at."""
        return focus_of(self.cameras)

    @property
    def radius(self) -> float:
        """How far away from there they stand, the median of them."""
        positions = np.array([camera.position for camera in self.cameras])
        return float(np.median(np.linalg.norm(positions - self.focus, axis=1)))

    @property
    def up(self) -> np.ndarray:
        """What is up, a unit vector (3,)."""
        return up_of(self.cameras)

    def describe(self) -> dict[str, str]:
        """What there is, in words for the terminal and the record."""
        sizes = sorted({(camera.width, camera.height) for camera in self.cameras})
        size = " and ".join(f"{width}×{height}" for width, height in sizes[:2]) + (", …" if len(sizes) > 2 else "")
        counts = f"{len(self.train)} to learn from, {len(self.test)} held out"
        said = {"pictures": f"{len(self)} of {size}: {counts}", "points": f"{len(self.points):,}"}
        said |= {"source": self.source, "licence": self.licence}
        if self.masks:
            said["masks"] = f"{np.mean([mask.mean() for mask in self.masks]):.0%} of the pixels count"
        return said | ({"notes": " ".join(self.notes)} if self.notes else {})


def open_scene(data: str, scale: float = 1.0, seed: int = 0) -> Scene:
    """The scene in a folder or file, each side of its pictures `scale` times as long; without `data`, a drawn one.

    `seed` is that of the drawn scene alone. Photos and videos are first given cameras, which takes minutes, once.

    Raises:  CuadernoError when there is no scene, with what is wrong and what to do.
    """
    from cuaderno.studies.splat import layouts, stilllife

    layouts.check_scale(scale)
    return layouts.read(data, scale) if data else stilllife.draw(scale, seed)


def held_out(number: int) -> list[int]:
    """Every eighth of so many pictures, the first of them too."""
    return list(range(0, number, HOLD_OUT))


def fingerprint(scene: Scene) -> str:
    """sha256 of all that is learnt from and tested with."""
    digest = hashlib.sha256(repr((scene.background, scene.test)).encode())
    for camera, picture in zip(scene.cameras, scene.pictures, strict=True):
        lens = np.array([camera.fx, camera.fy, camera.cx, camera.cy, camera.width, camera.height])
        for part in (camera.world_to_camera, lens):
            digest.update(np.round(part, 9).tobytes())
        digest.update(np.ascontiguousarray(picture).tobytes())
    for array in (*(scene.masks or ()), scene.points, scene.colours):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
