"""A camera that goes round a scene, and its pictures as a film; depths and normals as pictures to look at."""

import math
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.scene import Scene

OPEN = math.radians(100)  # no camera in so much of the round: what is seen from there was never learnt
GIF_RATE, FILM_RATE = 12.5, 25  # pictures a second
NEAR_TO_FAR = ((253, 231, 37), (94, 201, 98), (33, 145, 140), (59, 82, 139), (68, 1, 84))  # viridis, turned round
NOTHING = (255, 255, 255)
PALETTE = 255  # colours of a GIF


def path_round(scene: Scene, number: int, side: int) -> list[Camera]:
    """Cameras round what the scene's cameras look at, upright, as high and as far away as these are in the middle.

    Where cameras stand all round, it is a whole turn; else it swings to and fro in front of what they saw.

    Units:   side in pixels, of the longer one
    """
    focus, up = scene.focus, scene.up
    first = np.cross(up, [1.0, 0, 0] if abs(up[0]) < 0.9 else [0, 1.0, 0])
    first /= np.linalg.norm(first)
    second = np.cross(up, first)
    away = np.array([camera.position for camera in scene.cameras]) - focus
    height = float(np.median(away @ up))
    whole = max(float(np.median(np.linalg.norm(away, axis=1))), abs(height) * 1.02)
    distance = math.sqrt(whole**2 - height**2)  # along the ground
    like = scene.cameras[len(scene.cameras) // 2]
    lens = like.scaled(side / max(like.width, like.height))
    lens = Camera("", lens.world_to_camera, lens.fx, lens.fy, lens.width / 2, lens.height / 2, lens.width, lens.height)
    cameras = []
    for turn in _angles(np.arctan2(away @ second, away @ first), number):
        place = focus + height * up + distance * (math.cos(turn) * first + math.sin(turn) * second)
        matrix = looking_at(place, focus, up)
        cameras.append(Camera(f"{math.degrees(turn):.0f}°", matrix, *vars_of(lens)))
    return cameras


def vars_of(camera: Camera) -> tuple:
    """A camera's lens and size, in the order of its fields."""
    return camera.fx, camera.fy, camera.cx, camera.cy, camera.width, camera.height


def _angles(seen: np.ndarray, number: int) -> np.ndarray:
    """So many angles (radians): a whole turn, or where cameras stand, there and back."""
    seen = np.sort(seen % (2 * math.pi))
    gaps = np.diff(np.append(seen, seen[0] + 2 * math.pi))
    widest = int(gaps.argmax())
    share = np.arange(number) / number
    if gaps[widest] < OPEN:
        return seen[0] + 2 * math.pi * share
    start, arc = seen[(widest + 1) % len(seen)], 2 * math.pi - gaps[widest]
    return start + arc * (0.5 - 0.5 * np.cos(2 * math.pi * share))


def film_path(path: Path) -> Path:
    """Where a film can really be written: a GIF where nothing can write an MP4 here.

    Raises:  CuadernoError for any other ending.
    """
    if path.suffix.lower() not in (".gif", ".mp4"):
        raise CuadernoError(f"A turntable is a .gif or an .mp4, and {path.name or 'this'} is neither. Name it so.")
    return path if path.suffix.lower() == ".gif" or find_spec("av") else path.with_suffix(".gif")


def rate_of(path: Path) -> float:
    return GIF_RATE if path.suffix.lower() == ".gif" else FILM_RATE


def write_film(path: Path, pictures: Iterable[np.ndarray]) -> None:
    """Pictures (H, W, 3) uint8 as a .gif that repeats for ever, or as an .mp4; whole or not at all."""
    partial = path.with_name(f".{path.stem}.part{path.suffix}")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.suffix.lower() == ".gif":
                _write_gif(partial, pictures)
            else:
                from cuaderno.studies.splat import video

                video.write(partial, pictures, FILM_RATE)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _write_gif(path: Path, pictures: Iterable[np.ndarray]) -> None:
    """One palette for all frames, made from some of them: colours do not flicker, and none is lost to a large white."""
    frames = [Image.fromarray(picture) for picture in pictures]
    some = np.concatenate([np.asarray(frame)[::2, ::2] for frame in frames[:: max(1, len(frames) // 6)]])
    palette = Image.fromarray(some).quantize(PALETTE, kmeans=2, dither=Image.Dither.NONE)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=round(1000 / GIF_RATE), loop=0)


def as_bytes(colour: np.ndarray) -> np.ndarray:
    """Colours in [0, 1], and perhaps a little beyond, as (H, W, 3) uint8."""
    return (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)


def depth_picture(depth: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Depths as colours, near ones yellow and far ones violet, with the two depths where the colours begin and end.

    Shapes:  depth and alpha (H, W) -> (H, W, 3) uint8
    """
    there = (alpha > 0.5) & (depth > 0) & np.isfinite(depth)
    picture = np.full((*depth.shape, 3), NOTHING, np.uint8)
    if not there.any():
        return picture, 0.0, 0.0
    near, far = (float(value) for value in np.percentile(depth[there], [1, 99]))
    share = np.clip((depth[there] - near) / max(far - near, 1e-9), 0, 1)
    picture[there] = _between(NEAR_TO_FAR, share)
    return picture, near, far


def _between(colours: Sequence[tuple[int, int, int]], share: np.ndarray) -> np.ndarray:
    places = np.linspace(0, 1, len(colours))
    channels = [np.interp(share, places, [colour[channel] for colour in colours]) for channel in range(3)]
    return (np.stack(channels, axis=-1) + 0.5).astype(np.uint8)


def normal_picture(normal: np.ndarray) -> np.ndarray:
    """Normals in a camera's axes as colours: red to the right, green up, blue towards the viewer; white is nothing.

    Shapes:  (H, W, 3) in OpenCV's axes -> (H, W, 3) uint8
    """
    picture = as_bytes(0.5 + 0.5 * normal * np.float32([1, -1, -1]))
    picture[np.linalg.norm(normal, axis=-1) < 0.1] = NOTHING
    return picture
