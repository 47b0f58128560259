"""Pictures of two or more classes: drawn ones, which are made here, or photos of yours, decoded once."""

import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.progress import Progress
from cuaderno.studies.vision import drawings


@dataclass(frozen=True)
class Pictures:
    """The pictures of one split.

    Shapes:  pixels (N, 3, size, size) uint8 in RGB, labels (N,) int64: indices into the classes.
    Units:   names tell where each came from, a path relative to the data or "drawn cat 17"; factors what each drawing
             was made of (pose, ears, coat, …), None for photos.
    """

    pixels: Tensor
    labels: Tensor
    names: list[str]
    factors: list[dict[str, str]] | None = None

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class PictureSet:
    """All pictures by split, and what identifies them; `left_out` holds names and reasons, keys of WHY."""

    classes: tuple[str, ...]
    train: Pictures
    val: Pictures
    test: Pictures
    left_out: list[tuple[str, str]] = field(default_factory=list)
    fingerprint: str = ""
    drawn: bool = False

    def describe(self) -> dict[str, str]:
        """What there is, in words for the terminal and the record."""
        splits = {"train": self.train, "val": self.val, "test": self.test}
        counts = {
            name: ", ".join(f"{c} {int((s.labels == i).sum()):,}" for i, c in enumerate(self.classes))
            for name, s in splits.items()
        }
        return {"pictures": "; ".join(f"{name}: {count}" for name, count in counts.items())}


def open_pictures(
    data: str = "",
    size: int = 96,
    num_train: int = 6000,
    num_test: int = 2000,
    seed: int = 0,
    cache: Path | None = None,
) -> PictureSet:
    """The pictures of a folder, file or named collection, or drawn ones: `num_train`, half of `num_test` to validate.

    `size` is the side to which every picture is squashed; `num_train` and `num_test` count drawings only; `cache` is
    the folder for decoded pictures, by default in the user's cache folder.

    Raises:  CuadernoError when there is nothing of the kind, or too little of it.
    """
    if data:
        raise CuadernoError("Not yet: only drawings.")
    splits = {
        name: _drawn(name, number, size, seed)
        for name, number in {"train": num_train, "val": num_test // 2, "test": num_test}.items()
    }
    digest = hashlib.sha256(b"".join(s.pixels.numpy().tobytes() for s in splits.values())).hexdigest()
    return PictureSet(drawings.CLASSES, **splits, fingerprint=digest, drawn=True)


def _drawn(split: str, number: int, size: int, seed: int) -> Pictures:
    pixels, names, factors = np.empty((number, 3, size, size), np.uint8), [], []
    with Progress("draw cats and dogs", number, unit="drawing") as progress:
        for index in range(number):
            kind = drawings.CLASSES[index % 2]
            picture, made_of = drawings.draw(random.Random(drawings.seed_of(seed, split, index)), kind, size)
            pixels[index] = picture.transpose(2, 0, 1)
            names.append(f"drawn {kind} {index}")
            factors.append(made_of)
            progress.advance()
    return Pictures(torch.from_numpy(pixels), torch.arange(number) % 2, names, factors)
