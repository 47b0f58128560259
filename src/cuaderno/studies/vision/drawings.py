"""Cats and dogs that nobody photographed: drawings by the thousand, each a pure function of its seed.

An animal of animals.py, in a coat, is set before a ground of scenery.py, lit, and taken as a bad camera would. Coats,
grounds, places, sizes and light come from the same chances for both kinds, so that none of them tells what it is:
test_drawings.py holds trivial classifiers of colour, brightness, place and ink to little more than guessing.

Source:  drawn here. Licence: ours (MIT).
Splits:  the seed of a drawing names its split, see `seed_of`.
"""

import io
import random
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from cuaderno.studies.vision import animals, scenery
from cuaderno.studies.vision.brush import Colour, Figure, Sheet, oval

CLASSES = ("cat", "dog")
KINDS = (*CLASSES, "other")
FINER = 2  # drawn at twice the size, then averaged
SMALLEST = 128  # pixels of a side on which is drawn
COAT_SIDE = 72  # of the coat's texture, which is enlarged
STYLES = {"soft": 40, "flat": 26, "inked": 22, "pencil": 12}
COATS = {"plain": 30, "stripes": 17, "patches": 16, "spots": 8, "shaded": 16, "dark ends": 13}
FURS: tuple[Colour, ...] = (
    (34, 32, 34), (70, 66, 66), (126, 124, 126), (168, 170, 176), (238, 234, 226), (206, 132, 66), (226, 176, 112),
    (236, 214, 176), (132, 84, 52), (88, 58, 42), (186, 152, 112), (160, 110, 70), (110, 100, 92),
)  # fmt: skip
GRAIN = 1 << 18


def seed_of(seed: int, split: str, index: int) -> str:
    """What makes a drawing: no two splits share one."""
    return f"{seed} {split} {index}"


def draw(rng: random.Random, kind: str, size: int = 96) -> tuple[np.ndarray, dict[str, str]]:
    """One drawing of a "cat", a "dog" or something "other", and what it was made of.

    Shapes:  pixels (size, size, 3) uint8
    """
    side = max(FINER * size, SMALLEST)
    style, ground = _one_of(rng, STYLES), _one_of(rng, scenery.GROUNDS)
    front, coat = _one_of(rng, scenery.FRONTS), _one_of(rng, COATS)
    figure, face, made_of = _subject(rng, kind)
    fur, texture = _coat(rng, coat, side)
    sheet = Sheet(_apart(rng, ground, side, fur))
    near = _place(rng, figure, face, side, made_of["pose"] == "head")
    box = _clipped(figure.bounds(), side)
    _soften(rng, sheet, bleach=style == "pencil")
    if style != "pencil" and rng.random() < 0.6:
        _cast_shadow(rng, sheet, box)
    ink = None if style in ("soft", "flat") else (40, 36, 40)
    sheet.paint(figure, texture, ink, max(1, side // 110))
    scenery.front(rng, front, sheet.picture, box, _clipped(face.bounds(), side))
    pixels, light = _lit(rng, sheet, size, style)
    factors = {"style": style, "ground": ground, "front": front, "coat": coat, "light": light, "place": near}
    return _taken(rng, pixels), made_of | factors


def _one_of(rng: random.Random, chances: dict[str, int]) -> str:
    return rng.choices(list(chances), list(chances.values()))[0]


def _subject(rng: random.Random, kind: str) -> tuple[Figure, Figure, dict[str, str]]:
    """What is drawn, and where its face is, which a close view must show."""
    if kind == "other":
        what = rng.choice(scenery.OTHERS)
        figure = scenery.other(rng, what)
        return figure, figure, {"pose": what, "view": "-", "ears": "-", "tail": "-"}
    pose = _one_of(rng, animals.POSES)
    one = animals.beast(kind, rng)
    figure, face, view = animals.whole(one, pose)
    return figure, face, {"pose": pose, "view": view, "ears": one.ears, "tail": one.tail}


# -- fur --------------------------------------------------------------------------------------------------------------


def _coat(rng: random.Random, kind: str, side: int) -> tuple[Colour, Image.Image]:
    """The main colour, and fur of one of COATS as large as the sheet."""
    base, second = (np.float32(scenery.near(rng, rng.choice(FURS), 22)) for _ in range(2))
    if np.abs(base - second).sum() < 150:
        second = base * 0.45 if base.mean() > 110 else base + 90
    if kind in ("stripes", "spots", "dark ends"):
        second = base * rng.uniform(0.35, 0.6) if base.mean() > 70 else base + 70
    u, v = _axes()
    if kind == "stripes":
        angle, count = rng.uniform(-0.5, 0.5), rng.uniform(9, 17)
        wave = np.cos(angle) * u + np.sin(angle) * v + 0.09 * _clouds(rng, 5)
        amount = np.clip(4 * np.sin(2 * np.pi * count * wave) - rng.uniform(0.5, 2), 0, 1) * rng.uniform(0.3, 0.8)
    elif kind == "patches":
        amount = np.clip(14 * (_clouds(rng, rng.randint(4, 6)) - rng.uniform(-0.2, 0.3)), 0, 1)
    elif kind == "spots":
        amount = np.clip(10 * (_clouds(rng, 15) - 0.45), 0, 1) * 0.9
    elif kind == "shaded":
        amount = np.clip(0.5 + rng.choice((-1, 1)) * (v - 0.5) * 2.2 + 0.2 * _clouds(rng, 4), 0, 1)
    elif kind == "dark ends":
        far = np.hypot(u - rng.uniform(0.35, 0.65), v - rng.uniform(0.35, 0.65))
        amount = np.clip(3 * far - 0.6, 0, 1)
    else:
        amount = 0.12 * _clouds(rng, 5)
    fur = base + (second - base) * amount[..., None] + rng.uniform(0, 9) * _grain(rng, (COAT_SIDE, COAT_SIDE, 1))
    picture = Image.fromarray(np.clip(fur, 0, 255).astype(np.uint8))
    return tuple(int(c) for c in base), picture.resize((side, side), Image.Resampling.NEAREST)  # type: ignore[return-value]


@lru_cache(maxsize=1)
def _axes() -> tuple[np.ndarray, np.ndarray]:
    line = np.arange(COAT_SIDE, dtype=np.float32) / COAT_SIDE
    u, v = np.meshgrid(line, line)
    return u, v


def _clouds(rng: random.Random, cells: int) -> np.ndarray:
    """Smooth random heights between about -1 and 1."""
    grid = _grain(rng, (cells, cells)) * np.float32(0.6)
    return np.asarray(
        Image.fromarray(np.ascontiguousarray(grid)).resize((COAT_SIDE, COAT_SIDE), Image.Resampling.BICUBIC)
    )


@lru_cache(maxsize=1)
def _noise() -> np.ndarray:
    return np.random.default_rng(20261126).standard_normal(GRAIN).astype(np.float32)


def _grain(rng: random.Random, shape: tuple[int, ...]) -> np.ndarray:
    """Gaussian noise, cut from a strip that is made once."""
    length = int(np.prod(shape))
    start = rng.randrange(GRAIN - length)
    return _noise()[start : start + length].reshape(shape)


# -- place and light --------------------------------------------------------------------------------------------------


def _apart(rng: random.Random, kind: str, side: int, fur: Colour) -> Image.Image:
    """A ground from which the fur stands out, if a few tries find one."""
    for _ in range(4):
        picture = scenery.ground(rng, kind, side)
        spots = [picture.getpixel((side * x // 8, side * y // 8)) for x, y in ((2, 4), (4, 3), (4, 5), (6, 4))]
        if sum(abs(sum(spot[c] for spot in spots) / 4 - fur[c]) for c in range(3)) > 170:  # type: ignore[index]
            break
    return picture


def _place(rng: random.Random, figure: Figure, face: Figure, side: int, is_head: bool) -> str:
    """Move, turn and scale the figure onto the sheet; near ones are cut by the border, but not their faces."""
    where = "near" if is_head else rng.choices(("whole", "far", "near"), (74, 14, 12))[0]
    turn = (1 + 1j * rng.gauss(0, 0.09)) * (1 if rng.random() < 0.95 else 1 + 1j * rng.uniform(-0.5, 0.5))
    flip = rng.random() < 0.5
    left, top, right, bottom = (face if where == "near" else figure).bounds()
    share = {"whole": rng.uniform(0.74, 0.98), "far": rng.uniform(0.48, 0.7), "near": rng.uniform(0.52, 0.88)}[where]
    extent = max(right - left, bottom - top)
    scale = share * side / extent / abs(turn)
    middle = complex(left + right, top + bottom) / 2
    room = 0.8 * (1 - share) / 2 + 0.05
    at = side * complex(0.5 + rng.uniform(-room, room), 0.5 + rng.uniform(-room, room))
    figure.move(-middle, turn * scale, flip, at)
    if face is not figure:
        face.move(-middle, turn * scale, flip, at)
    return where


def _clipped(box: tuple[float, float, float, float], side: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return max(0.0, left), max(0.0, top), min(float(side), right), min(float(side), bottom)


def _soften(rng: random.Random, sheet: Sheet, bleach: bool) -> None:
    """What is behind has less contrast, as out of focus; the ground of a pencil drawing is nearly paper."""
    paper = (244, 240, 230) if bleach else sheet.picture.getpixel((sheet.side // 8, sheet.side // 8))
    share = 0.6 if bleach else rng.uniform(0.1, 0.8)
    sheet.picture.paste(Image.blend(sheet.picture, Image.new("RGB", sheet.picture.size, paper), share))


def _cast_shadow(rng: random.Random, sheet: Sheet, box: tuple[float, float, float, float]) -> None:
    left, _, right, bottom = box
    wide, shift = (right - left) * rng.uniform(0.42, 0.6), rng.uniform(-0.1, 0.1) * (right - left)
    shape = oval((left + right) / 2 + shift + (bottom - 0.01 * sheet.side) * 1j, wide, 0.14 * wide)
    sheet.shadow(shape, rng.randint(25, 55))


def _lit(rng: random.Random, sheet: Sheet, size: int, style: str) -> tuple[np.ndarray, str]:
    """The picture at its final size under some light, as float32."""
    whole = sheet.side == FINER * size
    picture = sheet.picture.reduce(FINER) if whole else sheet.picture.resize((size, size), Image.Resampling.BOX)
    pixels = np.asarray(picture, np.float32)
    light = rng.choices(("even", "from a side", "coloured", "night"), (60, 22, 14, 4))[0]
    angle = rng.uniform(0, 2 * np.pi)
    across, down = np.cos(angle), np.sin(angle)
    shade = np.ones((size, size), np.float32)
    if style == "soft" or rng.random() < 0.3:
        shade = shade + rng.uniform(0.25, 0.5) * _relief(sheet, size, across, down)
    if light != "even":
        line = np.linspace(-1, 1, size, dtype=np.float32)
        shade = shade * (1 + rng.uniform(0.1, 0.4) * (line[None, :] * across + line[:, None] * down))
    cast = np.float32([1, 1, 1])
    if light == "coloured":
        cast = np.float32([rng.uniform(0.75, 1.15) for _ in range(3)])
    elif light == "night":
        cast = np.float32([0.5, 0.56, 0.74]) * rng.uniform(0.75, 1.0)
    contrast, middle = rng.uniform(0.8, 1.1), rng.uniform(108, 142)
    pixels = (pixels * shade[..., None] - 128) * (contrast * cast) + middle * cast
    return pixels, light


def _relief(sheet: Sheet, size: int, across: float, down: float) -> np.ndarray:
    """Light and dark sides of the silhouette, as if it were round."""
    small = sheet.silhouette.resize((48, 48), Image.Resampling.BOX)
    full = np.asarray(small, np.float32) / 255
    round_ = np.asarray(small.filter(ImageFilter.BoxBlur(4)), np.float32) / 255
    dx, dy = round(4 * across), round(4 * down)
    wider = np.pad(round_, 4, mode="edge")
    lit, dark = wider[4 - dy : 52 - dy, 4 - dx : 52 - dx], wider[4 + dy : 52 + dy, 4 + dx : 52 + dx]
    relief = (lit - dark) * full
    return np.asarray(Image.fromarray(relief).resize((size, size), Image.Resampling.BILINEAR))


def _taken(rng: random.Random, pixels: np.ndarray) -> np.ndarray:
    """What a camera makes of it: noise, a blur, JPEG."""
    size = len(pixels)
    if rng.random() < 0.4:
        pixels = pixels + rng.uniform(2, 8) * _grain(rng, pixels.shape)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.25:
        picture = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 0.9) * size / 96))
    if rng.random() < 0.3:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=rng.randint(25, 85))
        picture = Image.open(file).convert("RGB")
    return np.array(picture)
