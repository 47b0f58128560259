"""What is behind an animal, what is in front of it, and what is neither cat nor dog."""

import random
from math import pi

import numpy as np
from PIL import Image, ImageDraw

from cuaderno.studies.vision.brush import DEEP, FAR, FUR, PALE, Colour, Figure, limb, mirrored, oval, smooth

GROUNDS = {"plain": 23, "gradient": 18, "room": 22, "garden": 22, "pattern": 6, "shapes": 9}
FRONTS = {"nothing": 75, "leaves": 6, "bars": 4, "grass": 5, "box": 4, "ball": 6}
OTHERS = ("bird", "rabbit", "house", "cup", "fish", "tree", "car", "abstract")


Box = tuple[float, float, float, float]  # left, top, right, bottom


def any_colour(rng: random.Random, dull: float = 0.5) -> Colour:
    """A colour of any lightness; `dull` of it is grey."""
    light = rng.uniform(35, 235)
    return tuple(int(min(255, max(0, light + (1 - dull) * rng.uniform(-110, 110)))) for _ in range(3))  # type: ignore[return-value]


def near(rng: random.Random, colour: Colour, by: float = 30) -> Colour:
    """A lighter or darker one."""
    more = rng.uniform(-by, by)
    return tuple(int(min(255, max(0, value + more))) for value in colour)  # type: ignore[return-value]


# -- behind -----------------------------------------------------------------------------------------------------------


def ground(rng: random.Random, kind: str, side: int) -> Image.Image:
    """One of GROUNDS."""
    return _GROUNDS[kind](rng, side)


def _plain(rng: random.Random, side: int) -> Image.Image:
    return Image.new("RGB", (side, side), any_colour(rng))


def _gradient(rng: random.Random, side: int) -> Image.Image:
    corners = np.array([any_colour(rng) for _ in range(4)], np.uint8).reshape(2, 2, 3)
    return Image.fromarray(corners).resize((side, side), Image.Resampling.BILINEAR)


def _room(rng: random.Random, side: int) -> Image.Image:
    """A wall and a floor, and things that stand about: a window, pictures, a sofa, a rug, a lamp, shelves."""
    wall, floor = any_colour(rng, 0.65), any_colour(rng, 0.6)
    picture = Image.new("RGB", (side, side), wall)
    pen = ImageDraw.Draw(picture)
    edge = rng.uniform(0.5, 0.85) * side
    if rng.random() < 0.35:
        for x in np.arange(rng.uniform(0, 9), side, rng.uniform(0.05, 0.13) * side):
            pen.rectangle((x, 0, x + 0.02 * side, edge), fill=near(rng, wall, 14))
    for _ in range(rng.randint(1, 4)):
        _furniture(rng, pen, side, edge)
    pen.rectangle((0, edge, side, side), fill=floor)
    if rng.random() < 0.5:
        dark, y, step = near(rng, floor, 22), edge, 0.03 * side
        while y < side:
            pen.line((0, y, side, y), fill=dark, width=max(1, side // 96))
            y, step = y + step, step * 1.35
    if rng.random() < 0.4:
        x, w = rng.uniform(0.1, 0.9) * side, rng.uniform(0.2, 0.45) * side
        pen.ellipse((x - w, edge + 0.06 * side, x + w, edge + 0.22 * side), fill=any_colour(rng, 0.4))
    return picture


def _furniture(rng: random.Random, pen: ImageDraw.ImageDraw, side: int, edge: float) -> None:
    x, w = rng.uniform(-0.05, 0.9) * side, rng.uniform(0.14, 0.4) * side
    colour = any_colour(rng, 0.45)
    kind = rng.randrange(5)
    if kind == 0:  # a window or a picture
        y, h = rng.uniform(0.03, 0.25) * side, rng.uniform(0.14, 0.32) * side
        pen.rectangle((x, y, x + w, y + h), fill=any_colour(rng), outline=colour, width=max(2, side // 40))
        if rng.random() < 0.6:
            pen.line((x + w / 2, y, x + w / 2, y + h), fill=colour, width=max(1, side // 60))
    elif kind == 1:  # a sofa
        h = rng.uniform(0.18, 0.35) * side
        pen.rounded_rectangle((x, edge - h, x + 1.6 * w, edge + 0.02 * side), side // 20, fill=colour)
        pen.rounded_rectangle(
            (x - 0.04 * side, edge - 0.6 * h, x + 0.12 * side, edge + 0.03 * side), side // 24, fill=near(rng, colour)
        )
    elif kind == 2:  # a lamp
        pen.line((x, edge - 0.45 * side, x, edge), fill=near(rng, colour), width=max(2, side // 50))
        shade = ((-0.1, 0.4), (-0.05, 0.58), (0.05, 0.58), (0.1, 0.4))
        pen.polygon([(x + dx * side, edge - up * side) for dx, up in shade], fill=colour)
    elif kind == 3:  # shelves
        y = rng.uniform(0.1, 0.3) * side
        pen.rectangle((x, y, x + w, edge), fill=colour)
        for shelf in range(1, 4):
            at = y + (edge - y) * shelf / 4
            pen.line((x, at, x + w, at), fill=near(rng, colour, 50), width=max(1, side // 60))
    else:  # a plant
        base = edge - rng.uniform(0.05, 0.12) * side
        for _ in range(rng.randint(4, 7)):
            _leaf(rng, pen, x, base, rng.uniform(0.12, 0.3) * side, rng.uniform(-2.6, -0.5), _green(rng))
        pen.rectangle((x - 0.05 * side, base, x + 0.05 * side, edge), fill=colour)


def _green(rng: random.Random) -> Colour:
    light = rng.uniform(0.45, 1.15)
    return int(light * rng.uniform(40, 110)), int(light * rng.uniform(105, 170)), int(light * rng.uniform(30, 80))


def _leaf(
    rng: random.Random, pen: ImageDraw.ImageDraw, x: float, y: float, long: float, angle: float, colour: Colour
) -> None:
    wide = rng.uniform(0.12, 0.3)
    shape = smooth([0, 0, 0.4 - wide * 1j, 1, 1, 0.5 + wide * 0.8j], parts=3) * (long * np.exp(1j * angle)) + (
        x + y * 1j
    )
    pen.polygon(shape.view(float).tolist(), fill=colour)


def _garden(rng: random.Random, side: int) -> Image.Image:
    """Sky, hills, grass; trees, a fence, flowers, a house, the sun."""
    sky = (int(rng.uniform(120, 225)), int(rng.uniform(165, 225)), int(rng.uniform(190, 250)))
    if rng.random() < 0.25:
        sky = any_colour(rng, 0.4)
    picture = Image.new("RGB", (side, side), sky)
    pen = ImageDraw.Draw(picture)
    edge = rng.uniform(0.3, 0.75) * side
    if rng.random() < 0.3:
        x, y, r = rng.uniform(0, side), rng.uniform(0, 0.3) * side, rng.uniform(0.05, 0.11) * side
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(252, 240, 190))
    for _ in range(rng.randint(0, 2)):  # hills, some of them pointed
        x, w, h = rng.uniform(0, side), rng.uniform(0.2, 0.6) * side, rng.uniform(0.1, 0.4) * side
        colour = near(rng, _green(rng), 40)
        if rng.random() < 0.5:
            pen.polygon((x - w, edge, x, edge - h, x + w, edge), fill=colour)
        else:
            pen.ellipse((x - w, edge - h, x + w, edge + h), fill=colour)
    for _ in range(rng.randint(0, 3)):
        _tree(rng, pen, rng.uniform(0, side), edge + rng.uniform(0, 0.08) * side, rng.uniform(0.2, 0.55) * side)
    grass = _green(rng) if rng.random() < 0.75 else any_colour(rng, 0.6)
    pen.rectangle((0, edge, side, side), fill=grass)
    if rng.random() < 0.3:
        colour, step, top = any_colour(rng, 0.8), rng.uniform(0.06, 0.12) * side, edge - rng.uniform(0.1, 0.25) * side
        for x in np.arange(0, side, step):
            pen.polygon(
                (x, edge, x, top, x + step * 0.35, top - step * 0.5, x + step * 0.7, top, x + step * 0.7, edge),
                fill=colour,
            )
    for _ in range(rng.randint(0, 14)):
        x, y, r = rng.uniform(0, side), rng.uniform(edge, side), rng.uniform(0.01, 0.025) * side
        pen.ellipse((x - r, y - r, x + r, y + r), fill=any_colour(rng, 0.2))
    dark = near(rng, grass, 30)
    for _ in range(rng.randint(0, 16)):
        x, y = rng.uniform(0, side), rng.uniform(edge, side)
        pen.line(
            (x, y, x + rng.uniform(-4, 4), y - rng.uniform(0.02, 0.06) * side), fill=dark, width=max(1, side // 96)
        )
    return picture


def _tree(rng: random.Random, pen: ImageDraw.ImageDraw, x: float, y: float, tall: float) -> None:
    trunk, green = near(rng, (104, 76, 52), 30), _green(rng)
    pen.rectangle((x - 0.05 * tall, y - 0.4 * tall, x + 0.05 * tall, y), fill=trunk)
    if rng.random() < 0.5:
        for level in range(3):
            w, top = (0.34 - 0.08 * level) * tall, y - (0.55 + 0.24 * level) * tall
            pen.polygon((x - w, top + 0.28 * tall, x, top - 0.1 * tall, x + w, top + 0.28 * tall), fill=green)
    else:
        for _ in range(4):
            dx, dy, r = rng.uniform(-0.2, 0.2) * tall, rng.uniform(0.5, 0.9) * tall, rng.uniform(0.16, 0.28) * tall
            pen.ellipse((x + dx - r, y - dy - r, x + dx + r, y - dy + r), fill=near(rng, green, 12))


def _pattern(rng: random.Random, side: int) -> Image.Image:
    """Stripes, checks, dots or blots, as of cloth and wallpaper."""
    a = any_colour(rng)
    b = near(rng, a, 70) if rng.random() < 0.6 else any_colour(rng)
    half = side // 2
    u, v = np.meshgrid(np.arange(half, dtype=np.float32), np.arange(half, dtype=np.float32))
    angle, period = rng.uniform(0, pi), rng.uniform(0.08, 0.3) * half
    u, v = (np.cos(angle) * u + np.sin(angle) * v) / period, (np.cos(angle) * v - np.sin(angle) * u) / period
    kind = rng.randrange(4)
    if kind == 0:
        where = (u % 1) < rng.uniform(0.3, 0.7)
    elif kind == 1:
        where = ((u % 1) < 0.5) ^ ((v % 1) < 0.5)
    elif kind == 2:
        where = (u % 1 - 0.5) ** 2 + (v % 1 - 0.5) ** 2 < rng.uniform(0.04, 0.14)
    else:
        grid = np.array([rng.random() for _ in range(64)], np.float32).reshape(8, 8)
        where = np.asarray(Image.fromarray(grid).resize((half, half), Image.Resampling.BICUBIC)) > 0.5
    pixels = np.where(where[..., None], np.uint8(b), np.uint8(a))
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)


def _shapes(rng: random.Random, side: int) -> Image.Image:
    """Any polygons, discs, drops and lines: pieces that could be ears, eyes, legs and tails, and are not."""
    picture = Image.new("RGB", (side, side), any_colour(rng))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randint(5, 14)):
        at = rng.uniform(0, side) + rng.uniform(0, side) * 1j
        size, turn, colour = rng.uniform(0.05, 0.24) * side, np.exp(1j * rng.uniform(0, 2 * pi)), any_colour(rng)
        kind = rng.randrange(5)
        if kind == 0:
            points = np.array([-0.6 + 0.5j, 0.6 + 0.5j, rng.uniform(-0.3, 0.3) - 0.8j])
        elif kind == 1:
            points = oval(0, 0.7, rng.uniform(0.3, 0.8))
        elif kind == 2:
            points = smooth([0.2 - 0.8j, 0.6 - 0.7j, 0.7 + 0.4j, 0.4 + 0.9j, 0.1 + 0.2j], parts=4)
        elif kind == 3:
            bend = rng.uniform(-1, 1)
            points = limb([-1, -0.3 + bend * 1j, 0.4 - bend * 1j, 1], rng.uniform(0.08, 0.2), 0.1)
        else:
            points = smooth([rng.uniform(0.5, 1) * np.exp(2j * pi * k / 6) for k in range(6)], parts=4)
        pen.polygon((points * (turn * size) + at).view(float).tolist(), fill=colour)
    return picture


_GROUNDS = {
    "plain": _plain,
    "gradient": _gradient,
    "room": _room,
    "garden": _garden,
    "pattern": _pattern,
    "shapes": _shapes,
}


# -- in front ---------------------------------------------------------------------------------------------------------


def front(rng: random.Random, kind: str, picture: Image.Image, box: Box, head: Box) -> None:
    """Put one of FRONTS before what lies in `box`, so that a part of it is hidden, though hardly ever the face."""
    side, pen = picture.width, ImageDraw.Draw(picture)
    left, top, right, bottom = box
    if kind == "leaves":
        x, y = rng.choice((0, side)), rng.uniform(0, side)
        toward = 0.5 * (head[0] + head[2]) - x + (0.5 * (head[1] + head[3]) - y) * 1j
        long = min(0.5 * side, max(0.15 * side, abs(toward) - 0.3 * (head[2] - head[0])))
        for _ in range(rng.randint(3, 8)):
            turn = float(np.angle(toward)) + rng.uniform(-0.9, 0.9)
            _leaf(rng, pen, x, y + rng.uniform(-0.1, 0.1) * side, long * rng.uniform(0.6, 1.0), turn, _green(rng))
    elif kind == "bars":
        step, colour, width = rng.uniform(0.13, 0.24) * side, any_colour(rng, 0.8), rng.uniform(0.012, 0.03) * side
        for x in np.arange(rng.uniform(0, step), side, step):
            pen.line((x, 0, x, side), fill=colour, width=max(1, round(width)))
    elif kind == "grass":
        green = _green(rng)
        for _ in range(rng.randint(12, 30)):
            x, tall = rng.uniform(left - 0.1 * side, right + 0.1 * side), rng.uniform(0.06, 0.2) * side
            pen.polygon((x - 0.012 * side, bottom + 0.03 * side, x + rng.uniform(-0.05, 0.05) * side, bottom - tall,
                         x + 0.012 * side, bottom + 0.03 * side), fill=near(rng, green, 25))  # fmt: skip
    elif kind == "box":
        edge = bottom - rng.uniform(0.12, 0.28) * (bottom - top)
        colour = near(rng, (186, 146, 98), 30)
        out = 0.05 * side
        pen.polygon(
            (left - out, edge, right + out, edge, right + 0.6 * out, bottom + out, left - 0.6 * out, bottom + out),
            fill=colour,
        )
        pen.line((left - out, edge, right + out, edge), fill=near(rng, colour, 40), width=max(2, side // 50))
    elif kind == "ball":
        x, r = rng.uniform(left, right), rng.uniform(0.05, 0.1) * side
        y = bottom - 0.6 * r
        pen.ellipse((x - r, y - r, x + r, y + r), fill=any_colour(rng, 0.1))
        pen.arc((x - 0.7 * r, y - r, x + 1.2 * r, y + r), 100, 250, fill=any_colour(rng, 0.4), width=max(1, side // 80))


# -- neither cat nor dog ----------------------------------------------------------------------------------------------


def other(rng: random.Random, kind: str) -> Figure:
    """One of OTHERS, as an animal would stand there."""
    figure = Figure()
    _OTHERS[kind](figure, rng)
    return figure


def _bird(figure: Figure, rng: random.Random) -> None:
    fat = rng.uniform(0.8, 1.2)
    for x in (-0.2, 0.3):
        figure.add([x + 1.2j, x + 2.0j], (200, 140, 60), 0.12)
    figure.add(smooth([-1.0 + 0.2j, -2.4 + 0.4j, -2.5 + 0.8j, -1.0 + 0.9j], parts=4), FAR)
    figure.add(oval(-0.2 + 0.4j, 1.2, 0.95 * fat, 1 - 0.2j), FUR)
    figure.add(oval(0.9 - 0.7j, 0.62, 0.6), FUR)
    figure.add(oval(0.3 + 0.6j, 0.55, 0.6 * fat), PALE)
    figure.add([1.4 - 0.85j, 2.1 - 0.6j, 1.42 - 0.45j], (232, 160, 50))
    figure.add(smooth([0.3 + 0j, -1.2 + 0.0j, -1.6 + 0.5j, -0.4 + 0.8j]), DEEP)
    figure.add(oval(1.05 - 0.85j, 0.12, 0.12), (20, 18, 20))


def _rabbit(figure: Figure, rng: random.Random) -> None:
    for side in (-1, 1):
        lean = rng.uniform(0.0, 0.35)
        ear = smooth([0.12 - 0.7j, 0.1 + lean - 1.9j, 0.3 + lean - 2.3j, 0.5 + lean - 1.9j, 0.55 - 0.6j])
        figure.add(ear if side > 0 else mirrored(ear), FUR)
        inner = oval(0.33 + 0.8 * lean - 1.5j, 0.1, 0.5)
        figure.add(inner if side > 0 else mirrored(inner), (222, 160, 160))
    figure.add(smooth([-0.6 + 0.5j, -1.2 + 2.2j, -0.9 + 3.2j, 0.9 + 3.2j, 1.2 + 2.2j, 0.6 + 0.5j]), FUR)
    figure.add(oval(0, 0.8, 0.85), FUR)
    for side in (-1, 1):
        figure.add(oval(side * 0.6 + 3.2j, 0.5, 0.22), PALE)
        figure.add(oval(side * 0.42 - 0.1j, 0.16, 0.2), (30, 22, 24))
        figure.add(oval(side * 0.17 + 0.4j, 0.22, 0.2), PALE)
    figure.add([-0.1 + 0.2j, 0.1 + 0.2j, 0.32j], (220, 130, 140))
    figure.add([-0.1 + 0.55j, 0.1 + 0.55j, 0.1 + 0.78j, -0.1 + 0.78j], (250, 248, 240))


def _house(figure: Figure, rng: random.Random) -> None:
    w, h = rng.uniform(1.2, 2.0), rng.uniform(1.2, 2.2)
    figure.add([-w + 0j, w + 0j, w + h * 1j, -w + h * 1j], FUR)
    figure.add([-w - 0.3 + 0j, -1j * rng.uniform(0.9, 1.6), w + 0.3 + 0j], any_colour(rng, 0.3))
    figure.add([-0.3 + h * 1j, -0.3 + (h - 0.9) * 1j, 0.3 + (h - 0.9) * 1j, 0.3 + h * 1j], DEEP)
    for side in (-1, 1):
        x = side * 0.65 * w
        figure.add([x - 0.25 + 0.3j, x + 0.25 + 0.3j, x + 0.25 + 0.8j, x - 0.25 + 0.8j], (240, 224, 150))


def _cup(figure: Figure, rng: random.Random) -> None:
    w, h = rng.uniform(0.8, 1.3), rng.uniform(1.2, 2.0)
    handle = smooth([w + 0.3j, w + 0.8 + 0.3j, w + 0.8 + 0.7j * h, w * 0.9 + 0.75j * h], closed=False)
    figure.add(handle, FAR, 0.24)
    figure.add(
        smooth(
            [
                -w + 0j,
                -w + 0j,
                -0.85 * w + h * 1j,
                -0.6 * w + h * 1.08j,
                0.6 * w + h * 1.08j,
                0.85 * w + h * 1j,
                w + 0j,
                w + 0j,
            ]
        ),
        FUR,
    )
    figure.add(oval(0, w, 0.22), PALE)
    figure.add(oval(0.02j, 0.86 * w, 0.15), (80, 50, 36))


def _fish(figure: Figure, rng: random.Random) -> None:
    figure.add([-1.2 + 0j, -2.3 - 0.9j, -2.0 + 0j, -2.3 + 0.9j], FAR)
    figure.add(smooth([-1.5 + 0j, -0.2 - 0.95j, 1.2 - 0.6j, 1.7 + 0j, 1.2 + 0.6j, -0.2 + 0.95j]), FUR)
    figure.add([-0.3 - 0.85j, 0.1 - 1.5j, 0.7 - 0.8j], DEEP)
    figure.add(oval(1.05 - 0.15j, 0.22, 0.22), (248, 248, 240))
    figure.add(oval(1.1 - 0.15j, 0.12, 0.12), (18, 18, 22))
    figure.add(smooth([0.5 - 0.5j, 0.35 + 0j, 0.5 + 0.5j], closed=False), DEEP, 0.07)


def _tree_alone(figure: Figure, rng: random.Random) -> None:
    figure.add(limb([3.0j, 1.5j, rng.uniform(-0.3, 0.3) + 0j], 0.4, 0.25), (104, 76, 52))
    for _ in range(rng.randint(4, 7)):
        figure.add(
            oval(rng.uniform(-1, 1) + rng.uniform(-1.4, 0.5) * 1j, rng.uniform(0.6, 1), rng.uniform(0.6, 1)),
            near(rng, _green(rng), 10),
        )


def _car(figure: Figure, rng: random.Random) -> None:
    roof = rng.uniform(0.7, 1.0)
    figure.add(smooth([-1.2 + 0j, -0.8 - roof * 1j, 0.7 - roof * 1j, 1.3 + 0j]), FUR)
    figure.add([-0.9 - 0.05j, -0.65 - 0.75j * roof, -0.05 - 0.75j * roof, -0.05 - 0.05j], (190, 215, 225))
    figure.add([0.08 - 0.05j, 0.08 - 0.75j * roof, 0.6 - 0.75j * roof, 0.95 - 0.05j], (190, 215, 225))
    figure.add(smooth([-2.2 + 0j, -2.2 + 0.7j, 2.2 + 0.7j, 2.3 + 0.2j, 1.4 - 0.05j, -1.8 - 0.1j]), FUR)
    for x in (-1.3, 1.3):
        figure.add(oval(x + 0.75j, 0.45, 0.45), (34, 34, 38))
        figure.add(oval(x + 0.75j, 0.2, 0.2), (190, 190, 190))


def _abstract(figure: Figure, rng: random.Random) -> None:
    """Pieces of fur, eyes and ears that make no animal."""
    for _ in range(rng.randint(4, 9)):
        at, turn = rng.uniform(-2, 2) + rng.uniform(-2, 2) * 1j, np.exp(1j * rng.uniform(0, 2 * pi))
        kind = rng.randrange(4)
        if kind == 0:
            shape = smooth([rng.uniform(0.5, 1.3) * np.exp(2j * pi * k / 6) for k in range(6)])
        elif kind == 1:
            shape = smooth([-0.6 + 0.4j, 0 - 1j, 0 - 1j, 0.6 + 0.4j])
        elif kind == 2:
            shape = limb([-1.4, -0.4 + 0.6j, 0.5 - 0.5j, 1.4], 0.25, 0.15)
        else:
            shape = oval(0, 0.3, 0.3)
        figure.add(shape * turn + at, rng.choice([FUR, FUR, FAR, PALE, DEEP, any_colour(rng, 0.2)]))


_OTHERS = {
    "bird": _bird,
    "rabbit": _rabbit,
    "house": _house,
    "cup": _cup,
    "fish": _fish,
    "tree": _tree_alone,
    "car": _car,
    "abstract": _abstract,
}
