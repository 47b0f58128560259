"""MNIST and its like: four files in the IDX format, from a folder of yours or downloaded from where they come from."""

import gzip
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cuaderno.lab.data import fetch
from cuaderno.lab.errors import CuadernoError

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
MOST_BYTES = 512 << 20  # of one file, unpacked
LARGEST_SIDE = 512  # pixels
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Collection:
    """What `--data NAME` stands for: where the four files lie, compressed, and their sha256 in the order of FILES."""

    title: str
    licence: str
    classes: tuple[str, ...]
    address: str
    digests: tuple[str, str, str, str]


COLLECTIONS = {
    "mnist": Collection(
        "MNIST (LeCun, Cortes and Burges), handwritten digits",
        "CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        DIGITS,
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion-mnist": Collection(
        "Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), pieces of clothing",
        "MIT, Zalando SE",
        ("t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "boot"),
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
}


@dataclass(frozen=True)
class Sheets:
    """The pictures of one half with their labels.  Shapes:  pixels (N, H, W) uint8, labels (N,) int64."""

    pixels: np.ndarray
    labels: np.ndarray


def collected(name: str) -> tuple[Sheets, Sheets]:
    """Training and test pictures of a collection: from the folder CUADERNO_DATA, else downloaded once and checked.

    Raises:  CuadernoError when they cannot be had, or are damaged.
    """
    own = Path(os.environ.get("CUADERNO_DATA", ""), name)
    if os.environ.get("CUADERNO_DATA") and has_sheets(own):
        return in_folder(own)
    one = COLLECTIONS[name]
    paths = [
        fetch(f"{name}/{file}.gz", f"{one.address}{file}.gz", digest, max_bytes=64 << 20)
        for file, digest in zip(FILES, one.digests, strict=True)
    ]
    return _paired(*paths[:2]), _paired(*paths[2:])


def has_sheets(folder: Path) -> bool:
    """Whether a folder holds the four files, packed or not."""
    return folder.is_dir() and all(_file(folder, name) for name in FILES)


def in_folder(folder: Path) -> tuple[Sheets, Sheets]:
    """Training and test pictures of a folder for which `has_sheets` is true."""
    images, labels, test_images, test_labels = (_file(folder, name) or folder / name for name in FILES)
    return _paired(images, labels), _paired(test_images, test_labels)


def _file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def _paired(images: Path, labels: Path) -> Sheets:
    pixels, numbers = read_idx(images, 3), read_idx(labels, 1)
    if len(pixels) != len(numbers):
        raise CuadernoError(
            f"{images} has {len(pixels):,} pictures and {labels.name} {len(numbers):,} labels: they do not belong "
            "together. Download both again."
        )
    if not len(pixels) or not all(1 <= side <= LARGEST_SIDE for side in pixels.shape[1:]):
        sides = " × ".join(map(str, pixels.shape[1:]))
        raise CuadernoError(f"{images} has {len(pixels):,} pictures of {sides} pixels, of which none can be used.")
    return Sheets(pixels, numbers.astype(np.int64))


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """An array of bytes in the IDX format: two zeros, type 8, the number of dimensions, their sizes, the bytes.

    Raises:  CuadernoError when it is another format, cut off, too long, or too large.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Delete it, and download it again.") from error
    head = 4 + 4 * dimensions
    if data[:4] != bytes((0, 0, 8, dimensions)) or len(data) < head:
        raise CuadernoError(f"{path} is no IDX file of bytes with {dimensions} dimensions. Download it again.")
    shape = [int.from_bytes(data[at : at + 4], "big") for at in range(4, head, 4)]
    wanted = 1
    for side in shape:
        wanted *= side
    if len(data) - head != wanted:
        sides = " × ".join(map(str, shape))
        found = "more than can be read" if len(data) > MOST_BYTES else f"{len(data) - head:,}"
        raise CuadernoError(f"{path} should hold {sides} bytes and holds {found}. Delete it, and download it again.")
    return np.frombuffer(data, np.uint8, wanted, head).reshape(shape)
