"""From files and calibrated cameras to a scene: pictures read, turned, made straight, scaled, each with its mask."""

import re
import stat
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.progress import Progress
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.lens import Lens, Straightening, straightened

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".ppm")
LARGEST = 120_000_000  # pixels of a picture that is decoded at all
SHORT = 40_000_000  # pixels that are read without a bar
SMALLEST = 16  # pixels of a side
FEWEST = 3  # pictures of a scene: two to learn from, one to test
WHITE = (1.0, 1.0, 1.0)
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap the sides


@dataclass(frozen=True)
class Shot:
    """A picture that is not read yet: its camera, of the size that it was calibrated for, its lens, its files."""

    camera: Camera
    lens: Lens
    path: Path
    mask: Path | None = None


@dataclass(frozen=True)
class Developed:
    """Pictures with their cameras, as a Scene wants them, and what was left out, in sentences."""

    cameras: list[Camera]
    pictures: list[np.ndarray]
    masks: list[np.ndarray] | None
    background: tuple[float, float, float] | None
    shots: list[Shot]
    notes: list[str]


def develop(shots: Sequence[Shot], scale: float, told_in: str) -> Developed:
    """Read the pictures of all shots that are there. `told_in` is the file that names them, for what is said.

    Raises:  CuadernoError that names the pictures: when many are missing, when one is damaged, too large, or of another
             shape than its camera.
    """
    shots = sorted(shots, key=lambda shot: natural(shot.camera.name))
    shots, notes = _there(shots, told_in)
    shots = _fitted(shots, told_in)
    straight = [straightened(shot.camera, shot.lens).scaled(scale) for shot in shots]
    _check_memory(straight)
    tables: dict[tuple, Straightening] = {}
    pictures, masks, clear = [], [], False
    long = sum(shot.camera.width * shot.camera.height for shot in shots) > SHORT
    with Progress("read pictures", len(shots), unit="picture") if long else nullcontext() as progress:
        for shot, camera in zip(shots, straight, strict=True):
            picture, mask, transparent = _developed(shot, camera, scale, tables)
            pictures.append(picture)
            masks.append(mask)
            clear |= transparent
            if progress:
                progress.advance()
    counted = None
    if any(mask is not None for mask in masks):
        pairs = zip(masks, pictures, strict=True)
        counted = [np.ones(picture.shape[:2], bool) if mask is None else mask for mask, picture in pairs]
        _check_masks(counted, shots)
        if lacking := [shot.camera.name for shot, mask in zip(shots, masks, strict=True) if mask is None]:
            notes.append(f"{listed(lacking)} without a mask: all of it counts.")
    return Developed(straight, pictures, counted, WHITE if clear else None, list(shots), notes)


def _developed(
    shot: Shot, camera: Camera, scale: float, tables: dict[tuple, Straightening]
) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """One picture as its straight, scaled camera sees it, its mask, and whether parts of it were transparent."""
    picture = read_picture(shot.path, shot.camera)
    clear = picture.mode == "RGBA" and picture.getextrema()[3][0] < 255
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    mask = read_mask(shot.mask, picture.size) if shot.mask else None
    if not shot.lens:
        size = (camera.width, camera.height)
        small = picture if picture.size == size else picture.resize(size, Image.Resampling.BOX)
        covered = None if mask is None else np.asarray(mask.resize(size, Image.Resampling.BOX)) > 127
        return np.array(small), covered, clear
    return *_straight(picture, mask, shot, camera, scale, tables), clear


def _straight(
    picture: Image.Image,
    mask: Image.Image | None,
    shot: Shot,
    camera: Camera,
    scale: float,
    tables: dict[tuple, Straightening],
) -> tuple[np.ndarray, np.ndarray | None]:
    """A picture and its mask without the lens, by way of twice the size, so that nothing flickers when it is shrunk."""
    fine = 2 if scale < 1 else 1
    bent = shot.camera.scaled(min(1.0, 2 * scale))
    key = (shot.lens, *_intrinsics(bent), *_intrinsics(camera), fine)
    if key not in tables:
        tables[key] = Straightening(shot.lens, bent, camera.resized(fine * camera.width, fine * camera.height))
    layers = picture if mask is None else Image.merge("RGBA", (*picture.split(), mask))
    if layers.size != (bent.width, bent.height):
        layers = layers.resize((bent.width, bent.height), Image.Resampling.BOX)
    straight = tables[key](np.atleast_3d(np.asarray(layers)))
    straight = straight.reshape(camera.height, fine, camera.width, fine, -1).mean(axis=(1, 3))
    covered = None if mask is None else straight[..., 3] > 127
    return (straight[..., :3] + 0.5).astype(np.uint8), covered


def _intrinsics(camera: Camera) -> tuple[float, ...]:
    return camera.fx, camera.fy, camera.cx, camera.cy, camera.width, camera.height


# -- files ------------------------------------------------------------------------------------------------------------


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts `r_2` before `r_10`."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(part), "") if part.isdecimal() and len(part) < 19 else (0, 0, part) for part in parts]


def listed(names: Sequence[str], most: int = 6) -> str:
    """`a`, `a and b`, or `a, b, c and 7 others`."""
    if len(names) == 1:
        return names[0]
    if len(names) <= most + 1:  # a name takes no more room than "and 1 other"
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:most])} and {len(names) - most} others"


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder, in the natural order of their names, without hidden ones."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    return sorted((path for path in found if path.is_file()), key=lambda path: natural(path.name))


def mask_for(path: Path, masks: Path) -> Path | None:
    """The mask of a picture among `masks`: `photo.png`, or `photo.jpg.png` as COLMAP has it."""
    for name in (f"{path.name}.png", f"{path.stem}.png", path.name):
        if (masks / name).is_file():
            return masks / name
    return None


def check_masks(used: Mapping[Path, Path | None], masks: Path) -> list[str]:
    """A sentence about masks in a folder that no picture uses; a CuadernoError when that is so of all of them."""
    there = pictures_in(masks) if masks.is_dir() else []
    spare = [path.name for path in there if path not in used.values()]
    if spare and not any(used.values()):
        one = next(iter(used), Path("photo.jpg"))
        raise CuadernoError(
            f"No mask in {masks} belongs to a picture: there is {listed(spare)}. The mask of {one.name} is called "
            f"{one.name}.png or {one.stem}.png. Name them so, or take the folder away."
        )
    return [f"No picture uses {listed(spare)} of the masks."] if spare else []


def size_of(path: Path) -> tuple[int, int, int]:
    """Width, height and EXIF orientation of a picture, without decoding it.

    Raises:  CuadernoError when it is none, or too large or too small.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for for ever
            raise CuadernoError(f"{path} is no plain file. Take it out of the folder.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large ones, which are measured here, and of odd metadata
            with Image.open(path) as picture:
                width, height = picture.size
                turn = _orientation(picture)
    except CuadernoError:
        raise
    except Exception as error:  # a broken picture may make its reader raise anything
        raise CuadernoError(f"{path} cannot be read as a picture ({_words(error)}). {SAVE_ANEW}") from None
    if width * height > LARGEST:
        raise CuadernoError(f"{path} has more than {LARGEST // 10**6} million pixels. Make it smaller first.")
    if min(width, height) < SMALLEST:
        raise CuadernoError(f"{path} is less than {SMALLEST} pixels high or wide. Take it out, or use a larger one.")
    return width, height, turn


SAVE_ANEW = "Save it anew as JPEG or PNG, or take it out."


def upright_size(path: Path) -> tuple[int, int]:
    width, height, turn = size_of(path)
    return (height, width) if turn in TURNED else (width, height)


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception:  # metadata of any kind of damage
        return 1


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def read_picture(path: Path, camera: Camera | None = None) -> Image.Image:
    """A picture as RGB, or RGBA where it has transparent parts.

    It is turned as its EXIF data says when no camera is given, or when only then it has the camera's shape: what was
    calibrated as it lies in the file stays as it lies.

    Raises:  CuadernoError when it is damaged.
    """
    width, height, turn = size_of(path)
    turned = camera is None or (width > height) != (camera.width > camera.height)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                picture.load()
                if turned and turn != 1:
                    from PIL import ImageOps

                    return _in_colour(ImageOps.exif_transpose(picture))
                return _in_colour(picture)
    except Exception as error:  # a broken picture may make its decoder raise anything
        raise CuadernoError(f"{path} is damaged ({_words(error)}). {SAVE_ANEW}") from None


def _in_colour(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode == "I":
        deep = np.asarray(picture).astype(np.int64)
        return Image.fromarray(np.clip(deep // 257, 0, 255).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def read_mask(path: Path, size: tuple[int, int]) -> Image.Image:
    """A mask in grey: what is white counts, what is black does not.

    Raises:  CuadernoError when it has not the size of its picture.
    """
    mask = read_picture(path).convert("L")
    if mask.size != size:
        raise CuadernoError(
            f"The mask {path} is {mask.width}×{mask.height}, and its picture is {size[0]}×{size[1]}. Make masks of the "
            "same size as the pictures, white where the picture counts and black where it does not."
        )
    return mask


def _check_masks(masks: Sequence[np.ndarray], shots: Sequence[Shot]) -> None:
    empty = [shot.camera.name for mask, shot in zip(masks, shots, strict=True) if not mask.any()]
    if empty:
        raise CuadernoError(
            f"The masks of {listed(empty)} are black all over, so that nothing of these pictures counts. White is what "
            "counts: turn the masks round, or take these pictures out."
        )


def _there(shots: list[Shot], told_in: str) -> tuple[list[Shot], list[str]]:
    """The shots whose pictures exist, and a sentence about the others.

    Raises:  CuadernoError when too few are there.
    """
    missing = [shot for shot in shots if not shot.path.is_file()]
    if not missing and len(shots) >= FEWEST:
        return shots, []
    there = [shot for shot in shots if shot.path.is_file()]
    names = listed([shot.camera.name for shot in missing]) if missing else ""
    if len(there) < max(FEWEST, len(shots) / 2):
        where = f" Looked for as {missing[0].path}." if missing else ""
        gone = f", and {len(missing)} of them are missing: {names}.{where}" if missing else "."
        raise CuadernoError(
            f"{told_in} names {len(shots)} pictures{gone} A scene needs at least {FEWEST}, and should have thirty or "
            "more. Put the pictures where they are looked for."
        )
    return there, [f"Missing, so left out: {names}."]


def _fitted(shots: Sequence[Shot], told_in: str) -> list[Shot]:
    """The shots with cameras of the size that the pictures have.

    Raises:  CuadernoError when a picture is of another shape than its camera.
    """
    fitted, strange = [], []
    for shot in shots:
        width, height, turn = size_of(shot.path)
        camera = shot.camera
        if turn in TURNED and (width > height) != (camera.width > camera.height):
            width, height = height, width
        across, down = width / camera.width, height / camera.height
        if abs(across - down) > max(0.01 * across, 1.5 / camera.width, 1.5 / camera.height):
            strange.append(f"{camera.name} ({width}×{height}, its camera {camera.width}×{camera.height})")
        fitted.append(Shot(camera.resized(width, height), shot.lens, shot.path, shot.mask))
    if strange:
        raise CuadernoError(
            f"In {told_in} the cameras of these pictures are for another shape than they have: {listed(strange)}. They "
            "were cropped or turned after the cameras had been found. Put the first ones back, or take them out."
        )
    return fitted


def _check_memory(cameras: Sequence[Camera]) -> None:
    import psutil

    needed = 8 * sum(camera.width * camera.height for camera in cameras)
    free = psutil.virtual_memory().available
    if needed > free:
        side = (free / needed) ** 0.5
        raise CuadernoError(
            f"{len(cameras)} pictures of this size need about {needed / 2**30:.1f} GB of memory, and "
            f"{free / 2**30:.1f} GB are free. Take a smaller --scale, below {side:.2f} times what it is."
        )


def within(folder: Path, name: str) -> Path:
    """The path that a file of `folder` calls `name`, which may have been written on Windows."""
    if Path(name).is_absolute():
        return Path(name)
    return folder.joinpath(*[part for part in re.split(r"[\\/]", name) if part not in ("", ".")])
