"""Small pictures of some classes: glyphs drawn here, MNIST, Fashion-MNIST, or a folder of yours.

Source:  without `data` the glyphs of glyphs.py, whose style is known by number. Else "mnist" or "fashion-mnist"
         (upstream.py), a folder with their four files, or pictures laid out in any way that lab/pictures/layouts.py
         knows: one folder a class, lists, the batches of CIFAR, an `.npz`; grey or colour.
Licence: the glyphs are ours (MIT). MNIST is CC BY-SA 3.0: name its authors, and share what you make of it alike.
Splits:  glyphs of different splits share no seed. MNIST's test pictures are the test, and a part of its training
         pictures validates. Of a folder whole groups of near duplicates stay together.
"""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cuaderno.lab.data import cache_folder
from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.lab.files import alone, write_atomic
from cuaderno.lab.pictures import layouts
from cuaderno.lab.pictures.files import printable
from cuaderno.lab.pictures.gather import SPLITS, bar, check_splits, classes_of, gather, split_items, tell
from cuaderno.studies.latent import glyphs, upstream

SMALLEST, LARGEST = 8, 128  # pixels of a side
SHORT = {"fashion": "fashion-mnist"}
GREY = 1.0  # of 255 by which the colours of a grey picture may differ on average
OURS = "ours (MIT)"
YOURS = "that of whoever made them: what holds for the pictures holds for weights trained on them"


@dataclass(frozen=True)
class Pictures:
    """The pictures of one split.

    Shapes:  pixels (N, C, size, size) uint8, one channel for grey or three for RGB; labels (N,) int64, indices into
             the classes; factors (N, F) float32 of glyphs, None for other pictures.
    Units:   factors as glyphs.draw has them.
    """

    pixels: Tensor
    labels: Tensor
    factors: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class PictureSet:
    """All pictures by split, and what identifies them.

    Units:   left_out holds names and reasons, keys of `WHY` in lab/pictures/files.py; twins counts test pictures that
             the data's own training pictures hold as well, or nearly; notes are sentences about what was not used.
    """

    classes: tuple[str, ...]
    train: Pictures
    val: Pictures
    test: Pictures
    source: str
    licence: str
    factor_names: tuple[str, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    twins: int = 0

    @property
    def fingerprint(self) -> str:
        """sha256 of the pictures themselves, as they are seen, with their labels."""
        digest = hashlib.sha256(repr(self.classes).encode())
        for name in SPLITS:
            one = getattr(self, name)
            digest.update(f"{name} {tuple(one.pixels.shape)}".encode())
            digest.update(np.ascontiguousarray(one.pixels.numpy()).tobytes() + one.labels.numpy().tobytes())
        return digest.hexdigest()

    @property
    def channels(self) -> int:
        """1 for grey pictures, 3 for colour."""
        return self.train.pixels.shape[1]

    def describe(self) -> dict[str, str]:
        """What there is, in words for the terminal and the record."""
        counts = ", ".join(f"{len(getattr(self, name)):,} {name}" for name in SPLITS)
        size = self.train.pixels.shape[-1]
        colour = "grey" if self.channels == 1 else "colour"
        said = {"pictures": f"{counts}, {size} × {size} in {colour}", "source": self.source, "licence": self.licence}
        names = ", ".join(self.classes[:24]) + (", …" if len(self.classes) > 24 else "")
        said["classes"] = f"{len(self.classes)}: {names}"
        if self.left_out:
            said["left out"] = tell(self.left_out)
        if self.twins:
            said["twins"] = (
                f"{self.twins:,} test pictures are, or nearly, training pictures too: the data's own splits leak"
            )
        if self.notes:
            said["notes"] = " ".join(self.notes)
        return {name: printable(text) for name, text in said.items()}


def open_pictures(
    data: str = "", num_train: int = 20000, num_val: int = 2000, num_test: int = 5000, size: int = 28, seed: int = 0
) -> PictureSet:
    """Glyphs, or the pictures of a collection or folder, in squares of `size` pixels.

    The three numbers say how many glyphs are drawn, and how many of other pictures are used at most: those are chosen
    by the seed.

    Raises:  CuadernoError when there is nothing of the kind, or too little of it.
    """
    if not SMALLEST <= size <= LARGEST:
        raise CuadernoError(f"Pictures here have sides of {SMALLEST} to {LARGEST} pixels, not {size}.")
    if min(num_train, num_val, num_test) < 2:
        raise CuadernoError("At least 2 pictures are needed to train, to validate and to test: set the numbers higher.")
    numbers = dict(zip(SPLITS, (num_train, num_val, num_test), strict=True))
    if not data:
        return _drawn(numbers, size, seed)
    folder, data = Path(data).expanduser(), SHORT.get(data, data)
    if data in upstream.COLLECTIONS and not folder.exists():
        one = upstream.COLLECTIONS[data]
        return _sheets(upstream.collected(data), one.classes, one.title, one.licence, numbers, size, seed)
    if _has_sheets(folder):
        return _sheets(upstream.in_folder(folder), (), data, YOURS, numbers, size, seed)
    if not folder.exists() and (said := meant(data, [*SHORT, *upstream.COLLECTIONS])):
        raise CuadernoError(f"There is no folder or file {data}.{said}")
    return _found(data, numbers, size, seed)


# -- glyphs -----------------------------------------------------------------------------------------------------------


def _drawn(numbers: dict[str, int], size: int, seed: int) -> PictureSet:
    splits = {name: _glyphs(name, number, size, seed) for name, number in numbers.items()}
    return PictureSet(
        glyphs.CLASSES, **splits, source="drawn by this study", licence=OURS, factor_names=glyphs.FACTOR_NAMES
    )


def _glyphs(split: str, number: int, size: int, seed: int) -> Pictures:
    """The glyphs of one split, each class in its turn; many are kept in the cache once they are drawn."""
    labels = np.arange(number) % len(glyphs.CLASSES)
    factors, tremble = glyphs.styles(seed, split, number)
    if number < glyphs.TOGETHER * len(glyphs.CLASSES):
        pixels = glyphs.draw(labels, factors, tremble, size)
    else:
        pixels = _kept(f"{split} {number} {size} {seed}", labels, factors, tremble, size)
    return Pictures(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.int64)), torch.from_numpy(factors))


def _kept(key: str, labels: np.ndarray, factors: np.ndarray, tremble: np.ndarray, size: int) -> np.ndarray:
    """The drawn pixels, from the cache if the same code drew them before."""
    code = Path(glyphs.__file__).read_bytes()
    path = cache_folder() / "latent" / f"{hashlib.sha256(key.encode() + code).hexdigest()[:20]}.npy"
    with alone(path.with_suffix(".lock")):
        try:
            pixels = np.load(path, allow_pickle=False)
            if pixels.shape == (len(labels), 1, size, size) and pixels.dtype == np.uint8:
                return pixels
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):  # not there, or damaged
            pass
        pixels, file = _in_parts(labels, factors, tremble, size), io.BytesIO()
        np.save(file, pixels)
        write_atomic(path, file.getvalue())
    return pixels


def _in_parts(labels: np.ndarray, factors: np.ndarray, tremble: np.ndarray, size: int) -> np.ndarray:
    parts = np.array_split(np.arange(len(labels)), max(1, len(labels) // 1000))
    drawn = []
    with bar("draw glyphs", len(labels), "glyph") as progress:
        for part in parts:
            drawn.append(glyphs.draw(labels[part], factors[part], tremble[part], size))
            if progress:
                progress.update(progress.done + len(part))
    return np.concatenate(drawn)


# -- MNIST and its like -----------------------------------------------------------------------------------------------


def _has_sheets(folder: Path) -> bool:
    try:
        return upstream.has_sheets(folder)
    except (OSError, ValueError):  # a name that no folder can have
        return False


def _sheets(
    halves: tuple[upstream.Sheets, upstream.Sheets],
    classes: Sequence[str],
    source: str,
    licence: str,
    numbers: dict[str, int],
    size: int,
    seed: int,
) -> PictureSet:
    train, test = halves
    found = np.unique(np.concatenate([train.labels, test.labels]))
    if classes and found.max() >= len(classes):
        raise CuadernoError(f"{source} has a label {found.max()}, and classes up to {len(classes) - 1} only.")
    names = tuple(classes) or tuple(map(str, found))
    at = np.arange(len(names)) if classes else found
    order = np.random.default_rng(seed).permutation(len(train.labels))
    held = min(numbers["val"], len(order) // 6)
    chosen = {"val": order[:held], "train": order[held : held + numbers["train"]]}
    chosen["test"] = np.random.default_rng(seed).permutation(len(test.labels))[: numbers["test"]]
    splits = {}
    for name, rows in chosen.items():
        half, rows = test if name == "test" else train, np.sort(rows)
        labels = torch.from_numpy(np.searchsorted(at, half.labels[rows]))
        splits[name] = Pictures(torch.from_numpy(_sized(half.pixels[rows], size)[:, None]), labels)
    if not all(len(one) for one in splits.values()):
        raise CuadernoError(f"{source} has too few pictures to train, to validate and to test.")
    return PictureSet(names, **splits, source=source, licence=licence)


def _sized(pixels: np.ndarray, size: int) -> np.ndarray:
    """Shapes:  (N, H, W) uint8 -> (N, size, size) uint8."""
    if pixels.shape[1:] == (size, size):
        return pixels.copy()  # the file's own bytes may not be written to, and torch wants such
    shape = (size, size)
    squared = [np.asarray(Image.fromarray(one).resize(shape, Image.Resampling.BILINEAR)) for one in pixels]
    return np.stack(squared) if squared else np.zeros((0, *shape), np.uint8)


# -- folders of pictures ----------------------------------------------------------------------------------------------


def _found(data: str, numbers: dict[str, int], size: int, seed: int) -> PictureSet:
    try:
        found = layouts.find(data)
    except CuadernoError as error:
        raise CuadernoError(_mistaken(data, str(error))) from error
    items, pixels, left_out = gather(found, size)
    classes = classes_of(data, items, left_out)
    parts, leaks = split_items(items, pixels, seed)
    check_splits(data, items, parts, classes, whole=leaks is None)
    if _is_grey(pixels):
        pixels = pixels[:, :1]
    labels = np.array([classes.index(item.label) for item in items])
    splits = {}
    for name, number in numbers.items():
        rows = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(parts == name))[:number])
        splits[name] = Pictures(torch.from_numpy(pixels[rows]), torch.from_numpy(labels[rows].astype(np.int64)))
    source, notes = f"{data} ({found.layout})", found.notes
    return PictureSet(
        tuple(classes), **splits, source=source, licence=YOURS, left_out=left_out, notes=notes, twins=leaks or 0
    )


def _mistaken(data: str, error: str) -> str:
    """What is wrong with a name: perhaps it was meant for a collection."""
    names = sorted(upstream.COLLECTIONS)
    close, every = meant(data.lower(), names), f"The collections are {' and '.join(names)}"
    if close and not Path(data).exists():
        return f"There is no collection or folder {data}.{close} {every}; a folder has one folder a class in it."
    return error if "/" in data else f"{error} {every}."


def _is_grey(pixels: np.ndarray) -> bool:
    """Whether colour pictures hold no colour.  Shapes:  (N, 3, H, W) uint8."""
    red, green, blue = (pixels[:1000, channel].astype(np.int16) for channel in range(3))
    return float(np.maximum(abs(red - green), abs(green - blue)).mean()) <= GREY
