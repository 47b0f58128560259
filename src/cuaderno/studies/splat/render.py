"""Paint a picture of splats: one function, three ways to do it.

`cpu` is written for processors (kernels.py), `cuda` is gsplat's, and `reference` is slow, plain and exact, for tests.
"""

import os
from dataclasses import dataclass

import numpy as np

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.studies.splat import compiled
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.kernels import BLUE, DEPTH, GREEN, RED, ROW
from cuaderno.studies.splat.model import Table
from cuaderno.studies.splat.painter import Painter, Photo
from cuaderno.studies.splat.relocate import rotations
from cuaderno.studies.splat.splats import Splats

BACKENDS = ("cpu", "cuda", "reference")
WHITE = (1.0, 1.0, 1.0)
BLACK = (0.0, 0.0, 0.0)


@dataclass
class Image:
    """A painted picture.

    Shapes:  colour (H, W, 3), alpha (H, W), depth (H, W), normal (H, W, 3) or None; float32.
    Units:   colour may leave [0, 1] a little; alpha is how much of the background is covered; depth is that of the mean
             splat along the camera's axis, in units of the scene, 0 where nothing is; normals are unit vectors in the
             camera's axes, towards it, or 0.
    """

    colour: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    normal: np.ndarray | None = None


def render(
    splats: Splats | Table,
    camera: Camera,
    background: tuple[float, float, float] | None = None,
    backend: str = "cpu",
    with_normals: bool = False,
    painter: Painter | None = None,
) -> Image:
    """Paint a picture of splats as a camera sees them, nearest first; black lies behind them unless told.

    A `painter` keeps its memory, and knows how many threads to use, from one picture to the next.

    Raises:  CuadernoError when there is no such backend, or it cannot be used here.
    """
    behind = background or BLACK
    if backend not in BACKENDS:
        raise CuadernoError(f"There is no backend '{backend}'.{nearest(backend, BACKENDS)}")
    if backend == "cpu":
        return on_processor(splats, camera, behind, with_normals, painter or Painter())
    return by_torch(splats.splats if isinstance(splats, Table) else splats, camera, behind, backend)


def on_processor(
    splats: Splats | Table, camera: Camera, background: tuple[float, ...], with_normals: bool, painter: Painter
) -> Image:
    """The kernels' picture; depth and normals are painted over it, as colours that were not seen yet."""
    ready(painter)
    table = splats if isinstance(splats, Table) else Table.of(splats)
    crop = (slice(camera.height), slice(camera.width))
    planes = painter.paint(table, camera, np.float32(background))
    colour = planes[:3].transpose(1, 2, 0)[crop].copy()
    alpha = 1 - planes[3][crop]
    seen = painter.seen.reshape(-1, ROW)
    painter.background = np.zeros(3, np.float32)
    seen[:, RED] = seen[:, DEPTH]
    painter.brush()
    depth = planes[0][crop] / np.maximum(alpha, 1e-6) * (alpha > 1e-3)
    normal = painted_normals(painter, table, camera, crop) if with_normals else None
    return Image(colour, alpha, depth, normal)


def painted_normals(painter: Painter, table: Table, camera: Camera, crop: tuple[slice, slice]) -> np.ndarray:
    """Of each pixel, where its splats' flat sides look."""
    seen = painter.seen.reshape(-1, ROW)
    order = painter.order[: painter.many]
    which = painter.ids[order]
    thinnest = table.rows[3:6, which].argmin(axis=0)
    towards = rotations(table.rows[6:10, which])[:, thinnest, np.arange(len(which))]
    towards = camera.world_to_camera[:3, :3] @ towards
    place = camera.world_to_camera[:3, :3] @ table.rows[:3, which] + camera.world_to_camera[:3, 3:]
    towards = np.where((towards * place).sum(axis=0) > 0, -towards, towards)
    for slot, row in zip((RED, GREEN, BLUE), towards, strict=True):
        seen[order, slot] = row
    painter.brush()
    normal = painter.planes[:3].transpose(1, 2, 0)[crop].copy()
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    return normal / np.maximum(length, 1e-6) * (length > 1e-3)


def by_torch(splats: Splats, camera: Camera, background: tuple[float, ...], backend: str) -> Image:
    """gsplat's picture, or that of the plain renderer."""
    import torch

    from cuaderno.studies.splat import cuda, reference

    with torch.no_grad():
        if backend == "cuda":
            if why := cuda.missing():
                raise CuadernoError(f"The backend cuda cannot be used: {why}. Choose --backend cpu.")
            given = {name: value.to("cuda", torch.float32) for name, value in reference.tensors(splats).items()}
            found = cuda.render(given, camera, background)
        else:
            found = reference.render(reference.tensors(splats), camera, background)
    colour, alpha, depth = (part.float().cpu().numpy() for part in found)
    return Image(colour, alpha, depth / np.maximum(alpha, 1e-6) * (alpha > 1e-3))


def chosen_backend(name: str) -> str:
    """What `auto` stands for here: the GPU if gsplat can use it, else the processor.

    Raises:  CuadernoError when a backend that was named cannot be used.
    """
    from cuaderno.studies.splat import cuda

    why = cuda.missing()
    if name == "auto":
        return "cpu" if why else "cuda"
    if name == "cuda" and why:
        raise CuadernoError(f"The backend cuda cannot be used: {why}. Choose --backend cpu.")
    if name not in BACKENDS[:2]:
        raise CuadernoError(f"There is no backend '{name}'.{nearest(name, ('auto', *BACKENDS[:2]))}")
    return name


def threads(number: int) -> int:
    """How many threads paint; 0 stands for all that this process may use."""
    if number:
        return number
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ready(painter: Painter) -> None:
    """Have the kernels compiled, once for this machine."""
    compiled.compile_all(lambda: warm_up(painter))


def warm_up(painter: Painter) -> None:
    """Use every kernel once."""
    view = np.eye(4)
    view[2, 3] = 3
    camera = Camera("", view, 16.0, 16.0, 8.0, 8.0, 16, 16)
    one = np.zeros((1, 4), np.float32)
    one[0, 0] = 1
    splats = Splats(one[:, 1:], one[:, 1:] - 2, one, one[:, 1], np.zeros((1, 1, 3), np.float32))
    table, photo = Table.of(splats), Photo(np.zeros((16, 16, 3), np.uint8))
    painter.paint(table, camera, np.zeros(3, np.float32))
    painter.compare(photo, 0.2)
    painter.gradients()
    averages = np.zeros((2, table.flat.size), np.float32)
    numbers, pull = np.ones(72, np.float32), np.zeros(2, np.float32)
    painter.learn(*averages, numbers, pull, np.zeros(table.stride, np.float32))
