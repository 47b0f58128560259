"""The map: a latent space of two numbers, which is a plane one can look at; as a picture, and as data."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.export import save_json
from cuaderno.studies.latent import prints
from cuaderno.studies.latent.data import Pictures
from cuaderno.studies.latent.model import Networks

EDGE = 0.01  # share of the pictures on each side that the part of the map leaves out
MARGIN = 0.06  # of its width, around the rest
AT_ONCE = 1000


def corners(places: Sequence[Sequence[float]]) -> list[float]:
    """The part of the map where nearly all pictures lie: left, top, right, bottom, as a square.

    Shapes:  places (N, 2)
    """
    low, high = np.quantile(np.asarray(places, dtype=np.float64).reshape(-1, 2), (EDGE, 1 - EDGE), axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2 * (1 + 2 * MARGIN), 0.5)
    left, top = middle - half
    return [round(float(value), 3) for value in (left, top, left + 2 * half, top + 2 * half)]


def lattice(part: Sequence[float], across: int) -> Tensor:
    """The middles of tiles, row by row.  Shapes:  (across ** 2, 2)."""
    left, top, right, bottom = part
    shares = (torch.arange(across) + 0.5) / across
    y, x = torch.meshgrid(top + (bottom - top) * shares, left + (right - left) * shares, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


@torch.no_grad()
def tiles(networks: Networks, part: Sequence[float], across: int) -> Tensor:
    """What is painted at each tile of the map.  Shapes:  (across ** 2, C, S, S) between 0 and 1."""
    return networks.map_decoder(lattice(part, across)).sigmoid()


@torch.no_grad()
def places(networks: Networks, pixels: Tensor) -> Tensor:
    """Where pictures lie on the map.  Shapes:  pixels (N, C, S, S) uint8 -> (N, 2)."""
    return torch.cat([networks.map_encoder(some.float() / 255)[0] for some in pixels.split(AT_ONCE)])


def write(networks: Networks, pictures: Pictures, classes: Sequence[str], path: Path, across: int = 24) -> dict:
    """The map as a picture, and beside it as data: where each picture lies, with its class and its known factors.

    Raises:  CuadernoError when the file's name asks for no format of pictures.
    """
    found = places(networks, pictures.pixels)
    part = corners(found.tolist())
    prints.save(prints.grid(tiles(networks, part, across), columns=across), path)
    rows = [
        {"x": round(x, 4), "y": round(y, 4), "class": classes[label]}
        for (x, y), label in zip(found.tolist(), pictures.labels.tolist(), strict=True)
    ]
    if pictures.factors is not None:
        for row, factors in zip(rows, pictures.factors.tolist(), strict=True):
            row["factors"] = [round(value, 4) for value in factors]
    data = path.with_suffix(".json")
    save_json(data, {"corners": part, "across": across, "pictures": rows})
    return {"map": str(path), "data": str(data), "corners": part, "pictures": len(rows)}


def read(path: Path) -> dict:
    """The map's data as `write` left it."""
    return json.loads(path.read_text(encoding="utf-8"))
