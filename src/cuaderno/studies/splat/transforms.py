"""`transforms.json`: cameras of NeRF's Blender scenes, of instant-ngp and of nerfstudio.

Axes are OpenGL's: y up and z towards the viewer; they are turned round here.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat.cameras import FLIP, Camera
from cuaderno.studies.splat.develop import SUFFIXES, Shot, mask_for, natural, upright_size, within
from cuaderno.studies.splat.lens import Lens

SPLITS = ("train", "val", "test")
LARGEST_FILE = 256 << 20  # bytes
PINHOLES = ("PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "PERSPECTIVE")
FARTHEST = 1e9  # beyond that no number of a scene makes sense
ASKEW = 0.02  # how far from a right angle the axes of a camera may be


def files_in(folder: Path) -> list[Path]:
    """The files of cameras in a folder: `transforms.json`, or Blender's, one a split."""
    names = ["transforms.json", *(f"transforms_{split}.json" for split in SPLITS)]
    found = [folder / name for name in names if (folder / name).is_file()]
    return found[:1] if found and found[0].name == names[0] else found


def read(files: list[Path]) -> tuple[list[Shot], list[str], Path | None]:
    """The shots of all files, the names of those that are for the test, and a file of points if one is named.

    Blender's validation pictures are left out when there are others.

    Raises:  CuadernoError that names the file and the frame when something is wrong.
    """
    if len(files) > 1:
        files = [file for file in files if not file.stem.endswith("_val")]
    shots, test, points = [], [], None
    for file in files:
        told = _told(file)
        own = [_shot(told, frame, number, file) for number, frame in enumerate(_frames(told, file), 1)]
        shots += own
        if file.stem.endswith("_test") and len(files) > 1:
            test += [shot.camera.name for shot in own]
        elif isinstance(told.get("test_filenames"), list):
            wanted = {_plain(name) for name in told["test_filenames"]}
            test += [shot.camera.name for shot in own if _plain(shot.camera.name) in wanted]
        if isinstance(told.get("ply_file_path"), str):
            points = within(file.parent, told["ply_file_path"])
    shots.sort(key=lambda shot: natural(shot.camera.name))
    return shots, test, points


def _plain(name: object) -> str:
    return Path(str(name)).with_suffix("").as_posix().removeprefix("./")


def _told(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise CuadernoError(f"{file} is larger than {LARGEST_FILE >> 20} MB: no list of cameras.")
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CuadernoError(
            f"{file} cannot be read as JSON ({error}). Write it anew with the program it came from."
        ) from None
    if not isinstance(told, dict):
        raise CuadernoError(f"{file} is no list of cameras: it has no 'frames'.")
    return told


def _frames(told: Mapping[str, Any], file: Path) -> list[dict]:
    frames = told.get("frames")
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames) or not frames:
        raise CuadernoError(f"{file} is no list of cameras: it has no 'frames', or none in them.")
    return frames


def _shot(told: Mapping[str, Any], frame: Mapping[str, Any], number: int, file: Path) -> Shot:
    """One frame; what it does not say itself, the head of the file says for all."""
    said = {**told, **frame}
    where = f"frame {number} of {file}"
    name = frame.get("file_path")
    if not isinstance(name, str) or not name or "\0" in name:
        raise CuadernoError(
            f"The {where} names no picture in 'file_path'. Write it anew with the program it came from."
        )
    path = _picture(file.parent, name)
    model = str(said.get("camera_model", "OPENCV")).upper()
    if model not in PINHOLES or said.get("is_fisheye"):
        raise CuadernoError(
            f"The {where} has a camera of the kind {model}, which is not read here; known are pinholes with or without "
            "k1 to k4, p1 and p2. Make the pictures straight first, for example with `colmap image_undistorter`."
        )
    width, height = said.get("w"), said.get("h")
    if width is None or height is None:  # a missing picture is told of later, with all the others
        width, height = upright_size(path) if path.is_file() else (1, 1)
    width, height = _number(width, "w", where), _number(height, "h", where)
    if not (1 <= width <= 100_000 and 1 <= height <= 100_000):
        raise CuadernoError(
            f"The {where} says that its picture is {width:g}×{height:g}. Mend 'w' and 'h', or leave them out."
        )
    lens = Lens(**{key: _number(said.get(key, 0), key, where) for key in ("k1", "k2", "k3", "k4", "p1", "p2")})
    fx, fy = _focal(said, width, height, where)
    middle = [_number(said.get(key, side / 2), key, where) for key, side in (("cx", width), ("cy", height))]
    camera = Camera(_plain_name(name), _matrix(frame, where), fx, fy, *middle, int(width), int(height))
    mask = said.get("mask_path")
    covered = within(file.parent, mask) if isinstance(mask, str) and mask else mask_for(path, file.parent / "masks")
    if covered and not covered.is_file():
        raise CuadernoError(
            f"The {where} names the mask {mask}, which is not there. Put it back, or take out 'mask_path'."
        )
    return Shot(camera, lens, path, covered)


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def _picture(folder: Path, name: str) -> Path:
    """The picture that is meant; Blender leaves its suffix out."""
    path = within(folder, name)
    if path.suffix.lower() in SUFFIXES:
        return path
    return next((found for end in (".png", *SUFFIXES) if (found := path.with_name(path.name + end)).is_file()), path)


def _focal(said: Mapping[str, Any], width: float, height: float, where: str) -> tuple[float, float]:
    """Focal lengths in pixels, from pixels or from how wide the view is."""
    found = []
    for key, angle, side in (("fl_x", "camera_angle_x", width), ("fl_y", "camera_angle_y", height)):
        if said.get(key) is not None:
            found.append(_number(said[key], key, where))
        elif said.get(angle) is not None:
            wide = _number(said[angle], angle, where)
            if not 0 < wide < math.pi:
                raise CuadernoError(
                    f"The {where} says that {angle} is {wide:g}; it is an angle in radians, below 3.14."
                )
            found.append(0.5 * side / math.tan(0.5 * wide))
    if not found or min(found) <= 0:
        raise CuadernoError(
            f"The {where} does not say how wide its view is: it needs 'fl_x' in pixels, or 'camera_angle_x' in radians."
        )
    return found[0], found[-1]


def _number(value: object, key: str, where: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not abs(number) < FARTHEST:
        raise CuadernoError(
            f"The {where} says that '{key}' is {value!r}, which is no number, or far too large. Mend it."
        )
    return number


def _matrix(frame: Mapping[str, Any], where: str) -> np.ndarray:
    """The world-to-camera matrix (4, 4) in OpenCV's axes, of a camera-to-world matrix in OpenGL's."""
    try:
        told = np.array(frame.get("transform_matrix"), float)
    except (TypeError, ValueError):
        told = np.empty(0)
    if told.shape not in ((4, 4), (3, 4)) or not (np.abs(told) < FARTHEST).all():
        raise CuadernoError(
            f"The {where} has no 'transform_matrix' of 4 rows of 4 numbers. Mend it, or take the frame out."
        )
    matrix = np.eye(4)
    matrix[:3] = told[:3]
    size = np.cbrt(np.linalg.det(matrix[:3, :3]))
    axes = matrix[:3, :3] / size if size > 1e-9 else np.zeros((3, 3))
    if np.abs(axes @ axes.T - np.eye(3)).max() > ASKEW:
        raise CuadernoError(
            f"The 'transform_matrix' of {where} is no rotation: its axes are mirrored, or not at right angles. It has "
            "to take the camera's axes (x right, y up, z back) to the world's."
        )
    matrix[:3, :3] = axes
    return np.linalg.inv(matrix @ FLIP)
