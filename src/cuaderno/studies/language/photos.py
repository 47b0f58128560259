"""From a picture that somebody took or drew to strips, one per line of text, as the network wants them.

The light is evened out, ink told from paper, the page turned upright, rows of ink found, and each row scaled so that
its small letters have the usual height. Nothing here knows any letter.
"""

import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.language.model import HEIGHT, STRIDE

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
LARGEST = 100_000_000  # pixels of a picture that is opened at all
WORKING_SIDE = 1600  # pixels of the longer side that are looked at
MOST_LINES = 40
BODY = 11.0  # pixels of a small letter's height in a strip
STEEPEST = 12.0  # degrees that a page may be turned
WEAKEST = 0.06  # of the full range of brightness, between ink and paper
WIDEST = 6000  # pixels of a strip


def open_picture(path: str) -> Image.Image:
    """A picture in grey, upright, of a size that can be worked with.

    Raises:  CuadernoError when there is no such file, it is no picture, or one of absurd size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(Path(path).expanduser()) as file:
                if file.width * file.height > LARGEST:
                    raise Image.DecompressionBombWarning()
                file.draft("L", (WORKING_SIDE, WORKING_SIDE))
                return _in_grey(ImageOps.exif_transpose(file))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise CuadernoError(
            f"{path} has more than {LARGEST // 10**6} million pixels. Cut out the text, or save it smaller."
        ) from None
    except FileNotFoundError:
        raise CuadernoError(f"There is no file {path}. Give a text, or the path of a picture of text.") from None
    except IsADirectoryError:
        raise CuadernoError(f"{path} is a folder. Name the pictures in it.") from None
    except UnidentifiedImageError:
        raise CuadernoError(f"{path} is not a picture that can be read. Save it as PNG or JPEG.") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Save the picture again as PNG or JPEG.") from error


def _in_grey(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    grey = picture.convert("L")
    scale = WORKING_SIDE / max(grey.size)
    if scale < 1 and min(grey.size) * scale >= 16:
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.BOX)
    return grey


def strips(picture: Image.Image) -> list[np.ndarray]:
    """The lines of text in a grey picture, from top to bottom: float32 (32, W) in 0..1, ink light on dark paper.

    Raises:  CuadernoError when there is nothing that could be text.
    """
    ink = ink_of(picture)
    angle = slope(ink)
    if abs(angle) >= 0.25:
        turned = Image.fromarray((ink * 255).astype(np.uint8)).rotate(angle, Image.Resampling.BILINEAR, expand=True)
        ink = np.asarray(turned, dtype=np.float32) / 255
    found = [strip for top, bottom in rows_of(ink) if (strip := strip_of(ink, top, bottom)) is not None]
    if not found:
        raise CuadernoError("There is nothing in this picture that looks like a line of text.")
    return found[:MOST_LINES]


def ink_of(picture: Image.Image) -> np.ndarray:
    """How much ink there is at each pixel, 0 to 1, whatever the colours and however uneven the light.

    Raises:  CuadernoError when the picture is blank.
    """
    grey = np.asarray(picture, dtype=np.float32) / 255
    if min(grey.shape) < 4:
        raise CuadernoError(f"A picture of {picture.width} x {picture.height} pixels is too small to hold any text.")
    radius = max(8, min(picture.size) // 6)
    paper = np.asarray(picture.filter(ImageFilter.BoxBlur(radius)), dtype=np.float32) / 255
    away = grey - paper if max(picture.size) > 4 * HEIGHT and min(picture.size) > 2 * HEIGHT else grey - np.median(grey)
    if np.mean((away - away.mean()) ** 3) < 0:
        away = -away
    strength = float(np.percentile(away, 99.7))
    if strength < WEAKEST:
        raise CuadernoError("This picture is blank, or its text hardly differs from the paper.")
    return np.clip((away - 0.15 * strength) / (0.85 * strength), 0, 1)


def slope(ink: np.ndarray) -> float:
    """By how many degrees to turn the page so that its lines lie level: where the rows differ most."""
    scale = min(1.0, 500 / max(ink.shape))
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = Image.fromarray((ink * 255).astype(np.uint8)).resize(size, Image.Resampling.BOX)
    if min(small.size) < 12:
        return 0.0

    def sharpness(angle: float) -> float:
        rows = np.asarray(small.rotate(angle, Image.Resampling.BILINEAR), dtype=np.float32).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    best = max(np.arange(-STEEPEST, STEEPEST + 0.5, 1.0), key=sharpness)
    best = max(np.arange(best - 0.75, best + 0.76, 0.25), key=sharpness)
    return float(best) if sharpness(best) > 1.05 * sharpness(0.0) else 0.0


def rows_of(ink: np.ndarray) -> list[tuple[int, int]]:
    """Where lines of text lie, as (top, bottom) in pixels."""
    profile = ink.sum(axis=1)
    profile = np.convolve(profile, [0.25, 0.5, 0.25], mode="same")
    usual = np.percentile(profile[profile > 0], 90) if (profile > 0).any() else 0.0
    busy = profile > 0.06 * usual
    edges = np.flatnonzero(np.diff(np.concatenate([[False], busy, [False]]).astype(int)))
    bands = [[int(top), int(bottom)] for top, bottom in edges.reshape(-1, 2)]
    if not bands:
        return []
    tall = float(
        np.median([bottom - top for top, bottom in bands if bottom - top >= 0.4 * max(b - t for t, b in bands)])
    )
    merged: list[list[int]] = []
    for band in bands:  # accents and dots are bands of their own where letters stand far apart
        small = band[1] - band[0] < 0.45 * tall or (merged and merged[-1][1] - merged[-1][0] < 0.45 * tall)
        if merged and small and band[0] - merged[-1][1] < 0.35 * tall:
            merged[-1][1] = band[1]
        else:
            merged.append(band)
    lines = [(top, bottom) for top, bottom in merged if bottom - top >= max(5, 0.35 * tall)]
    ends = [0, *((above[1] + below[0]) // 2 for above, below in pairwise(lines)), len(ink)]
    more = round(0.2 * tall)  # thin tails below a line and marks above it
    return [(max(top - more, ends[i]), min(bottom + more, ends[i + 1])) for i, (top, bottom) in enumerate(lines)]


def strip_of(ink: np.ndarray, top: int, bottom: int) -> np.ndarray | None:
    """One line as a strip 32 pixels high, its small letters 11 pixels; None when there is too little ink."""
    band = ink[top:bottom]
    columns = np.flatnonzero(band.max(axis=0) > 0.3)
    if len(columns) < 2:
        return None
    inked = np.flatnonzero(band.max(axis=1) > 0.3)
    band = band[inked[0] : inked[-1] + 1, columns[0] : columns[-1] + 1]
    rows = band.sum(axis=1)
    body = max(1.0, float((rows > 0.45 * np.percentile(rows, 95)).sum()))
    height = len(band)
    scale = min(BODY / body, (HEIGHT - 4) / height, 3 * HEIGHT / height)
    scale = max(scale, 0.45 * HEIGHT / height)
    size = (max(2, min(WIDEST, round(band.shape[1] * scale))), max(2, min(HEIGHT - 2, round(height * scale))))
    image = Image.fromarray((band * 255).astype(np.uint8))
    line = np.asarray(image.resize(size, Image.Resampling.BOX if scale < 0.6 else Image.Resampling.BILINEAR))
    width = -(-(size[0] + 12) // STRIDE) * STRIDE
    strip = np.zeros((HEIGHT, width), np.float32)
    first = (HEIGHT - size[1]) // 2
    strip[first : first + size[1], 6 : 6 + size[0]] = line.astype(np.float32) / 255
    return strip
