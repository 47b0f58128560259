"""COLMAP's reconstructions: `sparse/0/` with cameras, images and points3D, each as `.bin` or `.txt`.

Source:  https://colmap.github.io/format.html
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.develop import Shot, listed, mask_for, natural, within
from cuaderno.studies.splat.lens import Lens

NUM_PARAMETERS = {"SIMPLE_PINHOLE": 3, "PINHOLE": 4, "SIMPLE_RADIAL": 4, "RADIAL": 5, "OPENCV": 8}
MODELS = (
    "SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "OPENCV_FISHEYE", "FULL_OPENCV", "FOV",
    "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "THIN_PRISM_FISHEYE", "RAD_TAN_THIN_PRISM_FISHEYE",
)  # fmt: skip
LARGEST_SIDE = 100_000
FARTHEST = 1e9  # beyond that no number of a scene makes sense
LARGEST_FILE = 4 << 30  # bytes


@dataclass(frozen=True)
class Reconstruction:
    """What COLMAP found: shots by name, and the points that it saw in several of them.

    Shapes:  points (M, 3) float32, colours (M, 3) uint8
    """

    shots: list[Shot]
    points: np.ndarray
    colours: np.ndarray
    folder: Path


class Broken(Exception):
    """A file is not what it should be; the text says why."""


def model_folders(folder: Path) -> list[Path]:
    """The reconstructions in `folder`, in its `sparse/` or `sparse/0/`, or in nerfstudio's `colmap/sparse/0/`."""
    roots = [folder, folder / "sparse", folder / "colmap" / "sparse"]
    inside = [child for root in roots[1:] if root.is_dir() for child in sorted(root.iterdir()) if child.is_dir()]
    return [path for path in (*roots, *inside) if has(path, "cameras")]


def has(folder: Path, what: str) -> bool:
    return any((folder / f"{what}{end}").is_file() for end in (".bin", ".txt"))


def check_whole(folder: Path) -> None:
    """Raise a CuadernoError when a folder has a part of a reconstruction, but no cameras."""
    top = folder / "sparse"
    inside = [child for child in sorted(top.iterdir()) if child.is_dir()] if top.is_dir() else []
    for place in (*inside, top, folder):
        if not has(place, "cameras") and (
            has(place, "images") or has(place, "points3D") or (place == top and top.is_dir() and not inside)
        ):
            raise CuadernoError(
                f"{place} lacks cameras.bin (or cameras.txt), without which the rest of COLMAP's files says nothing. "
                f"{AGAIN} To have the cameras found anew, give a folder with the photos alone."
            )


def read(folder: Path, pictures: Path | None = None) -> tuple[Reconstruction, list[str]]:
    """The largest reconstruction in a folder, and sentences about others; `pictures`: where the photos are.

    Raises:  CuadernoError when there is none, or it is damaged, or a lens is of a kind that is not known here.
    """
    found = [read_model(path, folder, pictures) for path in model_folders(folder)]
    if not found:
        raise CuadernoError(f"{folder} has no reconstruction of COLMAP: sparse/0/ with cameras.bin or cameras.txt.")
    found.sort(key=lambda one: len(one.shots), reverse=True)
    if len(found) == 1:
        return found[0], []
    largest = {shot.camera.name for shot in found[0].shots}
    others = sorted({shot.camera.name for one in found[1:] for shot in one.shots} - largest, key=natural)
    note = (
        f"Of {len(found)} reconstructions the largest is taken, {found[0].folder.name}, with {len(largest)} pictures."
    )
    return found[0], [note + (f" Not in it: {listed(others)}." if others else "")]


def read_model(model: Path, folder: Path, pictures: Path | None = None) -> Reconstruction:
    """One reconstruction; `folder` is the one that holds `images/` and perhaps `masks/`."""
    lenses = _file(model, "cameras", _cameras_bin, _cameras_txt)
    poses = _file(model, "images", _images_bin, _images_txt)
    points, colours = np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8)
    if any((model / f"points3D{end}").is_file() for end in (".bin", ".txt")):
        points, colours = _file(model, "points3D", _points_bin, _points_txt)
    root = pictures or _pictures_folder(folder, [name for name, _, _ in poses])
    shots = []
    for name, matrix, number in poses:
        if number not in lenses:
            raise CuadernoError(f"{model} is damaged: {name} has camera {number}, which does not exist. {AGAIN}")
        kind, width, height, parameters = lenses[number]
        camera, lens = _camera(name, matrix, kind, width, height, parameters, model)
        path = within(root, name)
        shots.append(Shot(camera, lens, path, mask_for(path, folder / "masks")))
    shots.sort(key=lambda shot: natural(shot.camera.name))
    return Reconstruction(shots, points, colours, model)


AGAIN = "Export it from COLMAP once more."


def _pictures_folder(folder: Path, names: list[str]) -> Path:
    """Where the pictures are: the first usual place that has one of them."""
    places = [folder / "images", folder / "input", folder, folder.parent / "images", folder.parent.parent / "images"]
    for place in places:
        if any(within(place, name).is_file() for name in names[:20]):
            return place
    return places[0]


def _camera(
    name: str, matrix: np.ndarray, kind: str, width: int, height: int, p: tuple[float, ...], model: Path
) -> tuple[Camera, Lens]:
    """A camera and its lens from what COLMAP calls them."""
    if kind not in NUM_PARAMETERS:
        raise CuadernoError(
            f"{model} has a camera of the kind {kind}, which is not read here; known are {', '.join(NUM_PARAMETERS)}. "
            "Make the pictures straight with `colmap image_undistorter`, and give the folder that it writes."
        )
    one_focal = kind in ("SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")
    fx, fy, cx, cy = (p[0], p[0], p[1], p[2]) if one_focal else p[:4]
    rest = p[3:] if one_focal else p[4:]
    if not (fx > 0 and fy > 0 and (np.abs(p) < FARTHEST).all() and (np.abs(matrix) < FARTHEST).all()):
        raise CuadernoError(f"{model} is damaged: the camera of {name} has impossible numbers. {AGAIN}")
    names = {"SIMPLE_RADIAL": ("k1",), "RADIAL": ("k1", "k2"), "OPENCV": ("k1", "k2", "p1", "p2")}.get(kind, ())
    camera = Camera(name, matrix, float(fx), float(fy), float(cx), float(cy), width, height)
    return camera, Lens(**dict(zip(names, map(float, rest), strict=True)))


def _pose(quaternion, translation) -> np.ndarray:
    """The world-to-camera matrix (4, 4) of a quaternion (w, x, y, z) and a translation."""
    quaternion = np.array(quaternion, float)
    if not (np.abs(quaternion) < FARTHEST).all() or not (length := np.linalg.norm(quaternion)) > 1e-9:
        raise Broken("a rotation has no length")
    w, x, y, z = quaternion / length
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = translation
    return matrix


# -- files ------------------------------------------------------------------------------------------------------------


def _file(model: Path, name: str, from_bin, from_txt):
    """What `name.bin` or `name.txt` holds.

    Raises:  CuadernoError when neither is there, or it is damaged.
    """
    path = next((model / f"{name}{end}" for end in (".bin", ".txt") if (model / f"{name}{end}").is_file()), None)
    if path is None:
        raise CuadernoError(f"{model} lacks {name}.bin or {name}.txt. {AGAIN}")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Broken(f"it is larger than {LARGEST_FILE >> 30} GB")
        if path.suffix == ".bin":
            return from_bin(_Bytes(path.read_bytes()))
        return from_txt(path.read_text(encoding="utf-8", errors="surrogateescape").splitlines())
    except (Broken, ValueError, IndexError, OverflowError, struct.error) as error:
        raise CuadernoError(f"{path} is damaged or no file of COLMAP ({error}). {AGAIN}") from None
    except OSError as error:
        raise CuadernoError(f"{path} cannot be read ({error.strerror}). Mend its permissions.") from None


class _Bytes:
    """A file's bytes, read from the front; what it promises is checked against what it has."""

    def __init__(self, content: bytes):
        self.content, self.at = content, 0

    def take(self, layout: str) -> tuple:
        size = struct.calcsize("<" + layout)
        if self.at + size > len(self.content):
            raise Broken("it ends too early")
        self.at += size
        return struct.unpack_from("<" + layout, self.content, self.at - size)

    def count(self, smallest: int) -> int:
        """How many things follow, each of at least so many bytes."""
        (number,) = self.take("Q")
        self.skip(0, number * smallest)
        return number

    def skip(self, size: int, needed: int = 0) -> None:
        if self.at + max(size, needed) > len(self.content):
            raise Broken("it ends too early")
        self.at += size

    def text(self) -> str:
        end = self.content.find(b"\0", self.at, self.at + 4096)
        if end < 0:
            raise Broken("a name does not end")
        text = self.content[self.at : end].decode("utf-8", "surrogateescape")
        self.at = end + 1
        return text


def _cameras_bin(data: _Bytes) -> dict[int, tuple]:
    cameras = {}
    for _ in range(data.count(24)):
        number, model, width, height = data.take("iiQQ")
        if not 0 <= model < len(MODELS):
            raise Broken(f"there is no camera model {model}")
        kind = MODELS[model]
        if kind not in NUM_PARAMETERS:  # what follows cannot be read; the error names the kind
            return cameras | {number: (kind, width, height, ())}
        cameras[number] = (kind, *_sides(width, height), data.take(f"{NUM_PARAMETERS[kind]}d"))
    return cameras


def _cameras_txt(lines: list[str]) -> dict[int, tuple]:
    cameras = {}
    for line in _told(lines):
        number, kind, width, height, *parameters = line.split()
        if kind in NUM_PARAMETERS and len(parameters) != NUM_PARAMETERS[kind]:
            raise Broken(f"a {kind} camera has {NUM_PARAMETERS[kind]} parameters, not {len(parameters)}")
        cameras[int(number)] = (kind, *_sides(int(width), int(height)), tuple(map(float, parameters)))
    return cameras


def _sides(width: int, height: int) -> tuple[int, int]:
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise Broken(f"a picture of {width}×{height} pixels cannot be")
    return width, height


def _images_bin(data: _Bytes) -> list[tuple[str, np.ndarray, int]]:
    images = []
    for _ in range(data.count(73)):
        _, *pose, camera = data.take("I7dI")
        name = data.text()
        data.skip(24 * data.count(24))
        images.append((name, _pose(pose[:4], pose[4:]), camera))
    return images


def _images_txt(lines: list[str]) -> list[tuple[str, np.ndarray, int]]:
    """Every other line is an image; the line after it lists what was seen in it, and may be empty."""
    images, rows = [], iter([line for line in lines if not line.startswith("#")])
    for line in rows:
        if not line.strip():
            continue
        words = line.split(maxsplit=9)
        images.append((words[9].strip(), _pose(words[1:5], [float(word) for word in words[5:8]]), int(words[8])))
        next(rows, None)
    return images


def _points_bin(data: _Bytes) -> tuple[np.ndarray, np.ndarray]:
    number = data.count(51)
    points, colours = np.empty((number, 3)), np.empty((number, 3), np.uint8)
    for row in range(number):
        _, x, y, z, red, green, blue, _, track = data.take("Q3d3BdQ")
        points[row], colours[row] = (x, y, z), (red, green, blue)
        data.skip(8 * track)
    return _finite(points, colours)


def _points_txt(lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
    rows = [line.split(maxsplit=7)[1:7] for line in _told(lines)]
    points = np.array([[float(value) for value in row[:3]] for row in rows]).reshape(-1, 3)
    colours = np.array([[int(value) for value in row[3:6]] for row in rows], np.int64).reshape(-1, 3)
    return _finite(points, np.clip(colours, 0, 255).astype(np.uint8))


def _finite(points: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good = (np.abs(points) < FARTHEST).all(axis=1)
    return points[good].astype(np.float32), colours[good]


def _told(lines: list[str]) -> Iterator[str]:
    return (line for line in lines if line.strip() and not line.startswith("#"))
