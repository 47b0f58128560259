"""Pictures that stand still: the poster of a scene, its training in a row, a photo beside its render, and drawings of
what a Gaussian is."""

import base64
import io
import math

import numpy as np
from PIL import Image

from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.planar import ANGLE, LONG, VEIL, WIDE, Fit, X, Y
from cuaderno.studies.splat.render import render
from cuaderno.studies.splat.scene import Scene
from cuaderno.studies.splat.splats import Splats

POSTER = 320  # pixels of the longer side
MOST_POSTER_BYTES = 24_000  # it stands in the page itself, which has to be light
SHOWN = 200  # pixels of the longer side of pictures in a row
GAP = 8
FIT_SIDE, FIT_COUNT, FIT_STEPS = 40, 48, 60  # of the still picture of a fit
BELL = [(share, math.exp(-0.5 * (3.3 * share) ** 2)) for share in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1)]


def shrunk(photo: np.ndarray, side: int) -> Image.Image:
    """A photo whose longer side has that many pixels, or as it is when it is smaller."""
    picture = Image.fromarray(photo)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def as_picture(colours: np.ndarray) -> Image.Image:
    """Shapes:  (H, W, 3) between 0 and 1."""
    return Image.fromarray((np.clip(colours, 0, 1) * 255 + 0.5).astype(np.uint8))


def png(picture: Image.Image, colours: int = 0) -> bytes:
    """A picture as a file, in so many colours when told."""
    file = io.BytesIO()
    if colours:
        picture = picture.quantize(colours, dither=Image.Dither.NONE)
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def framed(colours: np.ndarray) -> str:
    """A picture as an SVG light enough to stand in a page."""
    picture = as_picture(colours)
    for number in (128, 96, 64, 48, 32, 24, 16, 8):
        data = png(picture, number)
        if len(data) <= MOST_POSTER_BYTES:
            break
    return _svg(picture.width, picture.height, [_bitmap(data, 0, 0, picture.width, picture.height)])


def row(moments: list[Splats], camera: Camera, background: tuple[float, float, float]) -> bytes:
    """A scene at several moments, side by side."""
    small = camera.scaled(SHOWN / max(camera.width, camera.height))
    return png(_beside([as_picture(render(moment, small, background).colour) for moment in moments]), 256)


def beside(splats: Splats, scene: Scene, background: tuple[float, float, float]) -> bytes:
    """Held-out photos above, what the splats show from there below."""
    chosen = (scene.test or list(range(len(scene))))[:4]
    above, below = [], []
    for index in chosen:
        photo = shrunk(scene.pictures[index], SHOWN)
        camera = scene.cameras[index].resized(*photo.size)
        above.append(photo)
        below.append(as_picture(render(splats, camera, background).colour))
    rows = [_beside(above), _beside(below)]
    sheet = Image.new("RGB", (rows[0].width, 2 * rows[0].height + GAP), "white")
    for number, one in enumerate(rows):
        sheet.paste(one, (0, number * (one.height + GAP)))
    return png(sheet, 256)


def _beside(pictures: list[Image.Image]) -> Image.Image:
    width, height = max(one.width for one in pictures), max(one.height for one in pictures)
    sheet = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for number, one in enumerate(pictures):
        sheet.paste(one, (number * (width + GAP), 0))
    return sheet


# -- what a Gaussian is -----------------------------------------------------------------------------------------------


def fit(photo: np.ndarray) -> str:
    """A small picture, and the Gaussians that are becoming it."""
    small = np.asarray(shrunk(photo, FIT_SIDE))
    fitted = Fit(small / 255, FIT_COUNT)
    for _ in range(FIT_STEPS):
        fitted.step()
    (height, width), scale = small.shape[:2], 200 / max(small.shape)
    painted = as_picture(fitted.paint()[0])
    parts = [_bitmap(png(Image.fromarray(small)), 0, 0, width * scale, height * scale)]
    left = width * scale + 16
    parts.append(_bitmap(png(painted), left, 0, width * scale, height * scale))
    outlines = []
    for one in fitted.numbers:
        if one[VEIL] > -3:
            x, y, long, wide = scale * np.array([one[X], one[Y], np.exp(one[LONG]), np.exp(one[WIDE])])
            turn = f'transform="rotate({math.degrees(one[ANGLE]):.1f} {x:.1f} {y:.1f})"'
            place = f'cx="{x:.1f}" cy="{y:.1f}" rx="{long:.1f}" ry="{wide:.1f}"'
            outlines.append(f'<ellipse {place} {turn} fill="none" stroke="#1b1d22" stroke-opacity=".55"/>')
    within = f'x="{left:.1f}" width="{width * scale:.1f}" height="{height * scale:.1f}"'  # cuts off what leaves it
    parts.append(f"<svg {within}>{''.join(outlines)}</svg>")
    return _svg(2 * width * scale + 16, height * scale, parts)


def one() -> str:
    """One Gaussian with its two outlines."""
    parts = [_gradient("a", "var(--blue, #1d4ed8)", 0.85), _soft("a", 160, 90, 44, 20, -25)]
    outline = 'fill="none" stroke="var(--ink-2, #5b6069)"'
    for lengths in (1, 2):
        place = f'cx="160" cy="90" rx="{44 * lengths}" ry="{20 * lengths}" transform="rotate(-25 160 90)"'
        parts.append(f"<ellipse {place} {outline}/>")
    return _svg(320, 180, parts)


def order() -> str:
    """Three veils twice: red in front, and red at the back."""
    veils = [("r", 130, 88, 42, 31, 17), ("b", 178, 74, 39, 30, -23), ("y", 160, 108, 47, 24, 6)]
    colours = {"r": ("#c2373b", 0.85), "b": ("#1d4ed8", 0.8), "y": ("#edb321", 0.75)}
    parts = [_gradient(name, *colour) for name, colour in colours.items()]
    for left, names in ((-60, "ybr"), (160, "rby")):
        parts += [_soft(name, x + left, *rest) for letter in names for name, x, *rest in veils if name == letter]
    return _svg(420, 180, parts)


def _gradient(name: str, colour: str, thick: float) -> str:
    stops = (f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{thick * bell:.3f}"/>' for at, bell in BELL)
    return f'<radialGradient id="{name}">{"".join(stops)}</radialGradient>'


def _soft(name: str, x: float, y: float, long: float, wide: float, turn: float) -> str:
    place = f'cx="{x}" cy="{y}" rx="{3.3 * long:.1f}" ry="{3.3 * wide:.1f}"'
    return f'<ellipse {place} transform="rotate({turn} {x} {y})" fill="url(#{name})"/>'


def _bitmap(data: bytes, left: float, top: float, width: float, height: float) -> str:
    place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
    return f'<image {place} href="data:image/png;base64,{base64.b64encode(data).decode()}"/>'


def _svg(width: float, height: float, parts: list[str]) -> str:
    box = f'viewBox="0 0 {width:g} {height:g}" role="img"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>\n' + "\n".join(parts) + "\n</svg>\n"
