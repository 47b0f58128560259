"""Pictures of what was seen: as files, as addresses that a page can hold, and pages that stand alone."""

import base64
import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from cuaderno.studies.vision.files import printable

FOG, CLEAR = 128, 0.25  # the grey of what a network did not look at, and how much of it shows through
SHOWN = 224  # pixels of a side


def as_array(pixels: Tensor) -> np.ndarray:
    """Shapes:  (3, H, W), uint8 or between 0 and 1 -> (H, W, 3) uint8."""
    if pixels.is_floating_point():
        pixels = (pixels.detach().clamp(0, 1) * 255).round().byte()
    return pixels.permute(1, 2, 0).cpu().numpy()


def as_picture(pixels: Tensor | np.ndarray, side: int = SHOWN, sharp: bool = False) -> Image.Image:
    """A picture at a size to look at; `sharp` shows its pixels as squares."""
    array = pixels if isinstance(pixels, np.ndarray) else as_array(pixels)
    how = Image.Resampling.NEAREST if sharp else Image.Resampling.BICUBIC
    return Image.fromarray(array).resize((side, side), how)


def spotlight(picture: Image.Image, grid: list[list[float]]) -> Image.Image:
    """The picture in its colours where the network looked, in fog elsewhere; the grid holds numbers from 0 to 1."""
    light = Image.fromarray(np.clip(np.array(grid, np.float32) * 255, 0, 255).astype(np.uint8))
    amount = np.asarray(light.resize(picture.size, Image.Resampling.BICUBIC), np.float32)[..., None] / 255
    colour = np.asarray(picture.convert("RGB"), np.float32)
    fog = FOG + CLEAR * (colour.mean(2, keepdims=True) - FOG)
    return Image.fromarray((fog + (colour - fog) * amount).round().astype(np.uint8))


def row(pictures: list[Image.Image], gap: int = 8, columns: int = 0) -> Image.Image:
    """Pictures of one size side by side, on nothing."""
    columns = columns or len(pictures)
    width, height = pictures[0].size
    lines = -(-len(pictures) // columns)
    whole = Image.new("RGBA", (columns * (width + gap) - gap, lines * (height + gap) - gap), (0, 0, 0, 0))
    for number, picture in enumerate(pictures):
        whole.paste(picture, (number % columns * (width + gap), number // columns * (height + gap)))
    return whole


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def address(picture: Image.Image, kind: str = "JPEG") -> str:
    """The picture itself as the address of one, for a page that stands alone."""
    out = io.BytesIO()
    if kind == "JPEG":
        picture.convert("RGB").save(out, kind, quality=82)
    else:
        picture.save(out, kind, optimize=True)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(out.getvalue()).decode()


def page(template: str, **values: Any) -> str:
    """A page of this folder in both languages, everything in it escaped, with its style inside."""
    from markupsafe import Markup

    import cuaderno
    from cuaderno import data

    css = (Path(data.__file__).parent / "page.css").read_text(encoding="utf-8")
    text = _templates().get_template(template).render(css=Markup(css), version=cuaderno.__version__, **values)
    return printable(text)  # names of files may be no UTF-8


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
