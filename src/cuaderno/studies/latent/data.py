"""Pictures of digits: MNIST where it lies in CUADERNO_DATA, else seven strokes drawn by a few lines of code."""

import gzip
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError

SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
ENDS = {
    "a": (0, 0, 1, 0),
    "b": (1, 0, 1, 1),
    "c": (1, 1, 1, 2),
    "d": (0, 2, 1, 2),
    "e": (0, 1, 0, 2),
    "f": (0, 0, 0, 1),
}
ENDS["g"] = (0, 1, 1, 1)


@dataclass(frozen=True)
class Pictures:
    """Some pictures.  Shapes:  pixels (N, C, H, W) uint8, labels (N,) int64, factors (N, F) float32 or None."""

    pixels: Tensor
    labels: Tensor
    factors: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class PictureSet:
    """Pictures in three splits."""

    train: Pictures
    val: Pictures
    test: Pictures
    classes: tuple[str, ...]
    factor_names: tuple[str, ...] = ()
    fingerprint: str = ""
    licence: str = ""
    about: dict = field(default_factory=dict)

    def describe(self) -> dict:
        return self.about


def open_pictures(data: str, num_train: int, num_val: int, num_test: int, size: int, seed: int) -> PictureSet:
    """Pictures to train with.

    Raises:  CuadernoError when there is no such data.
    """
    if data == "mnist":
        return _mnist(num_train, num_val, num_test)
    if data:
        raise CuadernoError(f"There is no data '{data}'.")
    splits = [_drawn(number, size, 3 * seed + i) for i, number in enumerate((num_train, num_val, num_test))]
    print_ = hashlib.sha256(b"".join(split.pixels.numpy().tobytes() for split in splits)).hexdigest()
    names = ("slant", "thickness", "height")
    return PictureSet(*splits, tuple("0123456789"), names, print_[:16], "drawn here", {"source": "drawn here"})


def _mnist(num_train: int, num_val: int, num_test: int) -> PictureSet:
    folder = Path(os.environ.get("CUADERNO_DATA", "")) / "mnist"

    def read(name: str) -> Tensor:
        data = gzip.decompress((folder / f"{name}.gz").read_bytes())
        if "labels" in name:
            return torch.from_numpy(np.frombuffer(data, np.uint8, offset=8).astype(np.int64))
        return torch.from_numpy(np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 28, 28).copy())

    pixels, labels = read("train-images-idx3-ubyte"), read("train-labels-idx1-ubyte")
    test = Pictures(read("t10k-images-idx3-ubyte")[:num_test], read("t10k-labels-idx1-ubyte")[:num_test])
    cut = len(labels) - num_val
    train, val = (
        Pictures(pixels[: min(cut, num_train)], labels[: min(cut, num_train)]),
        Pictures(pixels[cut:], labels[cut:]),
    )
    return PictureSet(train, val, test, tuple("0123456789"), (), "mnist", "CC BY-SA 3.0", {"source": "MNIST"})


def _drawn(number: int, size: int, seed: int) -> Pictures:
    rng = np.random.default_rng(seed)
    labels, factors = rng.integers(0, 10, number), rng.uniform(-1, 1, (number, 3)).astype(np.float32)
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    pixels = np.zeros((number, 1, size, size), np.uint8)
    for i, (label, (slant, thick, tall)) in enumerate(zip(labels, factors, strict=True)):
        ink, height = np.zeros((size, size), np.float32), 0.28 + 0.06 * tall
        for segment in SEGMENTS[label]:
            x0, y0, x1, y1 = ENDS[segment]
            (ax, ay), (bx, by) = (
                (0.32 + 0.36 * x - 0.2 * slant * (y - 1), 0.5 + height * (y - 1)) for x, y in ((x0, y0), (x1, y1))
            )
            length = (bx - ax) ** 2 + (by - ay) ** 2
            along = (((columns - ax) * (bx - ax) + (rows - ay) * (by - ay)) / length).clip(0, 1)
            far = np.hypot(columns - ax - along * (bx - ax), rows - ay - along * (by - ay))
            ink = np.maximum(ink, ((0.07 + 0.025 * thick - far) * size + 0.5).clip(0, 1))
        pixels[i, 0] = ink * 255
    return Pictures(torch.from_numpy(pixels), torch.from_numpy(labels), torch.from_numpy(factors))
