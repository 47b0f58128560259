"""The study's own scene: a still life on a round table, drawn by a ray tracer, so that every camera and depth is known.

Licence: ours (MIT), the pictures too.
"""

import hashlib
import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from cuaderno.lab.data import cache_folder
from cuaderno.lab.files import alone, write_atomic
from cuaderno.lab.progress import Progress
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.scene import OURS, Scene, held_out

VIEWS, SIDE = 48, 200  # pictures, and pixels of their sides
FIELD_OF_VIEW = math.radians(36)
DISTANCE = 4.4  # of the cameras from what they look at
TARGET = (0.0, 0.0, 0.34)
LOWEST, HIGHEST = math.radians(9), math.radians(68)  # how high the cameras stand
NUM_POINTS = 4000
POINT_NOISE = 0.008  # standard deviation, about what comes out of photos
SUN = (-0.42, -0.48, 0.77)
SOFTNESS = 7.0  # of shadows: the less, the wider the sun
GOLDEN = math.pi * (3 - math.sqrt(5))

# sRGB colours of what lies on the table
BOARD, GRAIN = "#c98f56", "#7a4a24"
CLOTH, THREAD = "#fbf7ee", "#c8322f"
LEAF, STALK, BARK = "#3f8f4a", "#5fa04e", "#4a3222"


def draw(scale: float = 1.0, seed: int = 0) -> Scene:
    """The still life from `VIEWS` sides; the seed turns the cameras' path and chooses the known points.

    Pictures are kept in the cache, since they take a few seconds.
    """
    side = max(8, int(SIDE * scale + 0.5))
    cameras = [camera_at(index, side, seed) for index in range(VIEWS)]
    pictures, depths = _cached(cameras, side, seed)
    test = held_out(VIEWS)
    trained = [index for index in range(VIEWS) if index not in test]
    points, colours = _points(cameras, pictures, depths, trained, seed)
    return Scene(
        name="still life",
        cameras=cameras,
        pictures=list(pictures),
        masks=None,
        points=points,
        colours=colours,
        background=(1.0, 1.0, 1.0),
        test=test,
        licence=OURS,
        source="ray-traced by this study",
        depths=list(depths),
    )


def camera_at(index: int, side: int, seed: int = 0) -> Camera:
    """One of the views: they wind round the table, low and high by turns, so that every eighth is a fair test."""
    share = (index * 0.6180339887498949 + 0.5) % 1.0
    height = math.asin(math.sin(LOWEST) + share * (math.sin(HIGHEST) - math.sin(LOWEST)))
    angle = index * GOLDEN + np.random.default_rng([seed, 1]).uniform(0, 2 * math.pi)
    towards = np.array([math.cos(angle) * math.cos(height), math.sin(angle) * math.cos(height), math.sin(height)])
    focal = side / 2 / math.tan(FIELD_OF_VIEW / 2)
    matrix = looking_at(np.array(TARGET) + DISTANCE * towards, np.array(TARGET), np.array([0.0, 0.0, 1.0]))
    return Camera(f"view {index:02}", matrix, focal, focal, side / 2, side / 2, side, side)


def render(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """The picture of any camera, and the depth of each pixel.

    Shapes:  (H, W, 3) uint8, (H, W) float32
    """
    from cuaderno.studies.splat import tracer

    sun = np.array(SUN) / np.linalg.norm(SUN)
    fine = camera.resized(2 * camera.width, 2 * camera.height)
    light, depths = tracer.trace(_table(), camera.position, fine.rays(), sun, SOFTNESS, np.array([0.0, 0.0, 0.5, 1.85]))
    return (to_srgb(light) * 255 + 0.5).astype(np.uint8), depths.astype(np.float32)


def to_srgb(light: np.ndarray) -> np.ndarray:
    """Linear light as a screen wants it, both in [0, 1]."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _points(
    cameras: list[Camera], pictures: np.ndarray, depths: np.ndarray, trained: list[int], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Points of the surfaces with their colours, as a reconstruction from the training photos would find them."""
    rng = np.random.default_rng([seed, 2])
    points, colours = [], []
    for index in trained:
        rows, columns = np.nonzero(depths[index])
        chosen = rng.choice(len(rows), NUM_POINTS // len(trained) + 1)
        row, column = rows[chosen], columns[chosen]
        rays = cameras[index].rays()[row, column] * depths[index][row, column, None]
        points.append(cameras[index].position + rays + POINT_NOISE * rng.standard_normal(rays.shape))
        colours.append(pictures[index][row, column])
    return np.concatenate(points)[:NUM_POINTS].astype(np.float32), np.concatenate(colours)[:NUM_POINTS]


def _cached(cameras: list[Camera], side: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The pictures and depths of all views, from the cache if the code that draws them is the same."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(repr((side, seed, VIEWS)).encode())
    for name in ("cameras.py", "stilllife.py", "tracer.py"):
        digest.update((folder / name).read_bytes())
    path = cache_folder() / "splat" / f"still-life-{digest.hexdigest()[:20]}.npz"
    with alone(path.with_suffix(".lock")):
        if (found := _opened(path)) is None:
            found = _drawn(cameras)
            _write(path, found)
    return found


def _opened(path: Path) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        with np.load(path) as file:
            return file["pictures"], file["depths"]
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _write(path: Path, found: tuple[np.ndarray, np.ndarray]) -> None:
    import io

    memory = io.BytesIO()
    np.savez(memory, pictures=found[0], depths=found[1])
    write_atomic(path, memory.getvalue())


def _drawn(cameras: list[Camera]) -> tuple[np.ndarray, np.ndarray]:
    pictures, depths = [], []
    print("drawing the still life; the first use also compiles the ray tracer", file=sys.stderr, flush=True)
    render(cameras[0].resized(8, 8))
    with (
        ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as painters,
        Progress("draw the still life", len(cameras), unit="view") as progress,
    ):
        for picture, depth in painters.map(render, cameras):
            pictures.append(picture)
            depths.append(depth)
            progress.advance()
    return np.stack(pictures), np.stack(depths)


# -- what lies on the table -------------------------------------------------------------------------------------------


def _table() -> np.ndarray:
    """All shapes as rows of numbers, see `tracer`."""
    from cuaderno.studies.splat import tracer as t

    return np.array(
        [
            _shape(t.CYLINDER, t.WOOD, (1.42, 0.06, 0, 0.03), BOARD, GRAIN, (0, 0, -0.06), gloss=0.12),
            _shape(t.BOX, t.CHECKS, (0.92, 0.92, 0.014, 0.012), CLOTH, THREAD, (0.02, 0.0, 0.012), turn=0.32),
            *_vase(-0.28, 0.42),
            *_fruit(),
            *_books(0.60, 0.34),
            *_pencil((0.10, -0.98, 0.045), 0.35),
            _shape(t.CYLINDER, t.PLAIN, (0.15, 0.15, 0, 0.02), "#2b6f77", "#2b6f77", (-0.88, -0.20, 0.16), gloss=0.5),
            _shape(
                t.CYLINDER, t.PLAIN, (0.128, 0.012, 0, 0.004), "#3a2015", "#3a2015", (-0.88, -0.20, 0.302), gloss=0.8
            ),
            _shape(t.CAPSULE, t.PLAIN, (0.022, 0.055), "#2b6f77", "#2b6f77", (-1.06, -0.20, 0.16), gloss=0.5),
        ]
    )


def _vase(x: float, y: float) -> list[np.ndarray]:
    """A white vase with blue bands, and three tulips in it."""
    from cuaderno.studies.splat import tracer as t

    shapes = [
        _shape(t.VASE, t.BANDS, (0.235, 0.34), "#f4f6f8", "#1f4fa3", (x, y, 0.36), gloss=0.9),
        _shape(t.CYLINDER, t.PLAIN, (0.125, 0.004, 0, 0.002), "#20242c", "#20242c", (x, y, 0.703)),
    ]
    flowers = (
        ("#e9a11f", "#fbe08a", 0.30, 0.10),
        ("#b3184f", "#f07f9f", -0.26, 0.16),
        ("#6a3fa0", "#c9a8ee", 0.05, -0.30),
    )
    for dark, bright, lean_x, lean_y in flowers:
        foot = np.array([x, y, 0.62])
        head = foot + np.array([lean_x, lean_y, 0.56 - 0.3 * abs(lean_x)])
        middle, direction = (foot + head) / 2, head - foot
        length = float(np.linalg.norm(direction))
        along = direction / length
        shapes.append(_shape(t.CAPSULE, t.PLAIN, (0.014, length / 2), STALK, STALK, middle, along=along))
        shapes.append(
            _shape(t.EGG, t.PETAL, (0.092, 0.092, 0.125), dark, bright, head + 0.08 * along, along=along, gloss=0.25)
        )
    leaf = np.array([-0.5, -0.15, 0.85])
    leaf /= np.linalg.norm(leaf)
    shapes.append(
        _shape(t.EGG, t.PETAL, (0.03, 0.075, 0.26), LEAF, STALK, np.array([x, y, 0.62]) + 0.24 * leaf, along=leaf)
    )
    return shapes


def _fruit() -> list[np.ndarray]:
    """An apple, a pear, two oranges, a lemon and three cherries."""
    from cuaderno.studies.splat import tracer as t

    shapes = [
        _shape(t.APPLE, t.BLUSH, (0.165, 0.075, 1.0), "#c81e26", "#e8c04a", (0.30, -0.36, 0.19), gloss=0.7),
        _shape(t.CAPSULE, t.PLAIN, (0.011, 0.05), BARK, BARK, (0.305, -0.36, 0.36), along=(0.15, 0.1, 1)),
        _shape(t.PEAR, t.FRECKLES, (0.185, 0.10, 0.25, 0.16), "#a9b83a", "#8a6a2a", (-0.30, -0.30, 0.205), gloss=0.35),
        _shape(t.CAPSULE, t.PLAIN, (0.012, 0.055), BARK, BARK, (-0.30, -0.30, 0.58), along=(0.25, 0.1, 1)),
        _shape(t.SPHERE, t.PEEL, (0.178,), "#ee7d17", "#f7a93c", (0.02, -0.62, 0.20), gloss=0.45),
        _shape(t.SPHERE, t.PEEL, (0.165,), "#e8700f", "#f7a93c", (0.08, 0.02, 0.187), gloss=0.45),
        _shape(
            t.EGG,
            t.PEEL,
            (0.115, 0.115, 0.165),
            "#f2cf1d",
            "#f9e876",
            (-0.62, -0.62, 0.137),
            along=(1, 0.5, 0),
            gloss=0.45,
        ),
    ]
    for x, y in ((0.66, -0.58), (0.76, -0.50), (0.73, -0.64)):
        shapes.append(_shape(t.SPHERE, t.PLAIN, (0.058,), "#7d0f1e", "#7d0f1e", (x, y, 0.08), gloss=1.0))
        shapes.append(
            _shape(t.CAPSULE, t.PLAIN, (0.006, 0.09), STALK, STALK, (x + 0.02, y + 0.03, 0.21), along=(0.25, 0.4, 1))
        )
    return shapes


def _books(x: float, y: float) -> list[np.ndarray]:
    """Two notebooks, one on the other."""
    from cuaderno.studies.splat import tracer as t

    return [
        _shape(t.BOX, t.COVER, (0.27, 0.36, 0.055, 0.012), "#1d5c63", "#f3ead8", (x, y, 0.085), turn=-0.35, gloss=0.15),
        _shape(
            t.BOX,
            t.COVER,
            (0.23, 0.31, 0.040, 0.010),
            "#c4532d",
            "#f6efe0",
            (x - 0.01, y + 0.01, 0.182),
            turn=-0.02,
            gloss=0.15,
        ),
    ]


def _pencil(place: tuple[float, float, float], turn: float) -> list[np.ndarray]:
    """A yellow pencil with its wood and its lead."""
    from cuaderno.studies.splat import tracer as t

    along, place = np.array([math.cos(turn), math.sin(turn), 0.0]), np.array(place)
    return [
        _shape(t.CYLINDER, t.PLAIN, (0.032, 0.34, 0, 0.006), "#f0b81c", "#f0b81c", place, along=along, gloss=0.4),
        _shape(t.CONE, t.PLAIN, (0.032, 0.06), "#e3c39a", "#e3c39a", place + 0.40 * along, along=along),
        _shape(t.CAPSULE, t.PLAIN, (0.008, 0.012), "#25262b", "#25262b", place + 0.44 * along, along=along),
        _shape(t.CYLINDER, t.PLAIN, (0.034, 0.04, 0, 0.01), "#d9707f", "#d9707f", place - 0.36 * along, along=along),
    ]


def _shape(
    kind: int,
    paint: int,
    size: tuple[float, ...],
    colour: str,
    other: str,
    place,
    turn: float = 0.0,
    along=None,
    gloss: float = 0.0,
) -> np.ndarray:
    """One row of the table: turned about its own z by `turn`, or with its z axis `along` a direction."""
    from cuaderno.studies.splat import tracer as t

    row = np.zeros(t.COLUMNS)
    row[t.KIND], row[t.PAINT], row[t.GLOSS], row[t.REACH] = kind, paint, gloss, _reach(kind, size)
    row[t.SIZE] = [*size, *[0.0] * (4 - len(size))]
    row[t.COLOUR], row[t.OTHER], row[t.PLACE] = _linear(colour), _linear(other), place
    row[t.TURN] = _axes(turn, along).ravel()
    return row


def _axes(turn: float, along) -> np.ndarray:
    """A shape's own axes as rows (3, 3)."""
    if along is None:
        return np.array([[math.cos(turn), math.sin(turn), 0], [-math.sin(turn), math.cos(turn), 0], [0, 0, 1.0]])
    z = np.asarray(along, float) / np.linalg.norm(along)
    x = np.cross([0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0], z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])


def _reach(kind: int, size: tuple[float, ...]) -> float:
    """The radius of a ball about the shape's place that holds it all."""
    from cuaderno.studies.splat import tracer as t

    if kind == t.PEAR:
        return size[0] + size[2] + size[1]
    if kind == t.VASE:
        return math.hypot(1.3 * size[0], size[1])
    return float(np.linalg.norm(size[:3])) + (size[1] if kind == t.CAPSULE else 0.0)


def _linear(colour: str) -> np.ndarray:
    """`#rrggbb` as linear light."""
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
