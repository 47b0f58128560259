"""Pictures of many pictures: as bytes in a grid, as PNG, as an SVG that a page can show."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic

GAP = 2  # pixels between two pictures
PAPER = 128  # grey of the gap
KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}


def as_bytes(pixels: Tensor) -> np.ndarray:
    """Shapes:  (N, C, S, S) between 0 and 1 -> (N, S, S, C) uint8."""
    return (255 * pixels.clamp(0, 1) + 0.5).byte().permute(0, 2, 3, 1).numpy()


def grid(pixels: Tensor, columns: int, gap: int = 0, enlarge: int = 1, paper: int = PAPER) -> np.ndarray:
    """Pictures row by row in one.

    Shapes:  pixels (N, C, S, S) between 0 and 1 -> (height, width, C) uint8
    """
    one = as_bytes(pixels)
    count, side, _, channels = one.shape
    columns = min(columns, count)
    rows, step = -(-count // columns), side + gap
    sheet = np.full((rows * step - gap, columns * step - gap, channels), paper, np.uint8)
    for number, picture in enumerate(one):
        top, left = number // columns * step, number % columns * step
        sheet[top : top + side, left : left + side] = picture
    return sheet.repeat(enlarge, 0).repeat(enlarge, 1)


def as_image(pixels: np.ndarray) -> Image.Image:
    """Shapes:  (H, W, C) uint8, one channel or three."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG, of grey pictures in 16 greys, which is plenty and small."""
    file, image = io.BytesIO(), as_image(pixels)
    (image.quantize(16) if image.mode == "L" else image).save(file, "PNG", optimize=True)
    return file.getvalue()


def save(pixels: np.ndarray, path: Path) -> None:
    """Write a picture, whole or not at all, in the format that its name asks for.

    Raises:  CuadernoError when the name asks for none that is known, or the disk says no.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise CuadernoError(f"{path} should end in {', '.join(KINDS)}: that says in which format it is written.")
    file = io.BytesIO()
    as_image(pixels).save(file, kind)
    write_atomic(path, file.getvalue())


def svg(pixels: Tensor, columns: int) -> str:
    """Pictures as an SVG: grey ones in the ink of the page on its paper, whatever these are, colour as it is.

    Shapes:  pixels (N, C, S, S) between 0 and 1
    """
    sheet = grid(pixels, columns, gap=GAP, paper=0)  # no ink between them
    height, width = sheet.shape[:2]
    data = base64.b64encode(png(sheet)).decode()
    image = (
        f'<image x="{GAP}" y="{GAP}" width="{width}" height="{height}" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )
    wide, high = width + 2 * GAP, height + 2 * GAP
    whole = f'd="M0 0h{wide}v{high}H0z"'
    inked = f'<mask id="ink">{image}</mask><path fill="var(--ink, #1b1d22)" mask="url(#ink)" {whole}/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">\n'
        f'<path fill="var(--paper, #fff)" {whole}/>\n'
        f"{inked if pixels.shape[1] == 1 else image}\n</svg>\n"
    )
