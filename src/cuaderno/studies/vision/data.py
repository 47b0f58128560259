"""Pictures of two or more classes: drawn ones, which are made here, or photos of yours, decoded once.

Source:  without `data` the drawings of drawings.py. Else a folder with one folder a class, torchvision's ImageFolder
         with train, val and test, Hugging Face's imagefolder, a list of paths and labels, the batches of CIFAR, an
         `.npz`; or the name of a collection, "pets" or "microsoft", which is downloaded (layouts.py, upstream.py).
Licence: the drawings are ours (MIT). For photos ask where they came from: what holds for them holds for weights that
         were trained on them.
Splits:  those of the data where it has them; else whole groups of near duplicates, so that no twin of a training
         picture is ever a test. Where there is no test, what was meant to validate is the test, and a part of the
         training pictures validates.
"""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.data import cache_folder
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone, disk_errors
from cuaderno.lab.pictures.files import printable
from cuaderno.lab.pictures.gather import SPLITS, bar, check_splits, classes_of, gather, split_items, tell
from cuaderno.lab.pictures.layouts import Found, find
from cuaderno.lab.progress import Progress
from cuaderno.studies.vision import drawings, upstream

FORMAT = 1  # of the cached pictures; a new number makes old ones unused
OURS = "ours (MIT)"
YOURS = "that of whoever made them: what holds for the pictures holds for weights trained on them"


@dataclass(frozen=True)
class Pictures:
    """The pictures of one split.

    Shapes:  pixels (N, 3, size, size) uint8 in RGB, labels (N,) int64: indices into the classes.
    Units:   names tell where each came from, a path relative to the data or "drawn cat 17", as the disk has it: show
             and write them with `printable`, since they need not be UTF-8; factors what each drawing
             was made of (pose, ears, coat, …), None for photos.
    Traps:   pixels lie in a file that is mapped into memory; writing to them changes nothing on the disk.
    """

    pixels: Tensor
    labels: Tensor
    names: list[str]
    factors: list[dict[str, str]] | None = None

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class PictureSet:
    """All pictures by split, and what identifies them.

    Units:   left_out holds names and reasons, keys of `WHY` in lab/pictures/files.py, which says them in words; notes
             are sentences about what was not used; twins counts test pictures that the data's own training pictures
             hold as well, or nearly.
    """

    classes: tuple[str, ...]
    train: Pictures
    val: Pictures
    test: Pictures
    left_out: list[tuple[str, str]] = field(default_factory=list)
    fingerprint: str = ""
    drawn: bool = False
    source: str = ""
    licence: str = ""
    notes: list[str] = field(default_factory=list)
    twins: int = 0

    def describe(self) -> dict[str, str]:
        """What there is, in words for the terminal and the record."""
        said = {"pictures": "; ".join(f"{name}: {self._counts(getattr(self, name))}" for name in SPLITS)}
        said |= {"source": self.source, "licence": self.licence}
        if self.left_out:
            said["left out"] = tell(self.left_out)
        if self.twins:
            said["twins"] = (
                f"{self.twins:,} test pictures are, or nearly, training pictures too: the data's own splits leak"
            )
        if self.notes:
            said["notes"] = " ".join(self.notes)
        return {name: printable(text) for name, text in said.items()}

    def _counts(self, split: Pictures) -> str:
        counts = torch.bincount(split.labels, minlength=len(self.classes)).tolist()
        shown = [f"{name} {count:,}" for name, count in zip(self.classes, counts, strict=True)]
        return ", ".join(shown) if len(shown) <= 12 else f"{len(split):,} of {len(shown)} classes"


def open_pictures(
    data: str = "",
    size: int = 96,
    num_train: int = 6000,
    num_test: int = 2000,
    seed: int = 0,
    cache: Path | None = None,
) -> PictureSet:
    """The pictures of a folder, file or collection, or drawn ones: `num_train`, and half of `num_test` to validate.

    `size` is the side of the square to which every picture is squashed; `num_train` and `num_test` count drawings
    only; `cache` is the folder in which decoded pictures are kept, by default in the user's cache folder.

    Raises:  CuadernoError when there is nothing of the kind, or too little of it.
    """
    if size < 16 or num_train < 2 or num_test < 4:
        raise CuadernoError("Pictures need a side of 16 pixels or more, drawings at least 2 to train and 4 to test.")
    cache = cache or cache_folder() / "vision"
    if data:
        return _photos(data, size, seed, cache)
    return _drawings(size, {"train": num_train, "val": num_test // 2, "test": num_test}, seed, cache)


# -- drawings ---------------------------------------------------------------------------------------------------------


def _drawings(size: int, numbers: dict[str, int], seed: int, cache: Path) -> PictureSet:
    def make(folder: Path) -> dict:
        splits = {}
        with bar("draw cats and dogs", sum(numbers.values()), "drawing") as progress:
            for split, number in numbers.items():
                splits[split] = _draw(split, number, size, seed, folder, progress)
        about = {"classes": list(drawings.CLASSES), "left_out": [], "notes": [], "twins": 0}
        return about | {"splits": splits, "source": "drawn by this study", "licence": OURS}

    return _cached(cache, ("drawn", size, numbers, seed), _code(), make, drawn=True)


def _draw(split: str, number: int, size: int, seed: int, folder: Path, progress: Progress | None) -> dict:
    pixels, factors = np.empty((number, 3, size, size), np.uint8), []
    kinds = [drawings.CLASSES[index % len(drawings.CLASSES)] for index in range(number)]
    for index, kind in enumerate(kinds):
        rng = random.Random(drawings.seed_of(seed, split, index))
        picture, made_of = drawings.draw(rng, kind, size)
        pixels[index] = picture.transpose(2, 0, 1)
        factors.append(made_of)
        if progress:
            progress.advance()
    np.save(folder / f"{split}.npy", pixels)
    names = [f"drawn {kind} {index}" for index, kind in enumerate(kinds)]
    return {"labels": [drawings.CLASSES.index(kind) for kind in kinds], "names": names, "factors": factors}


def draw_others(number: int, size: int = 96, seed: int = 0) -> Pictures:
    """Drawings that are neither cat nor dog, labelled -1: what a good network should decline to name."""
    pixels, factors = np.empty((number, 3, size, size), np.uint8), []
    for index in range(number):
        picture, made_of = drawings.draw(random.Random(drawings.seed_of(seed, "other", index)), "other", size)
        pixels[index] = picture.transpose(2, 0, 1)
        factors.append(made_of)
    names = [f"drawn {made_of['pose']} {index}" for index, made_of in enumerate(factors)]
    return Pictures(torch.from_numpy(pixels), torch.full((number,), -1), names, factors)


def _code() -> str:
    """What makes the drawings: other code, other drawings."""
    folder, digest = Path(__file__).parent, hashlib.sha256()
    for name in ("animals.py", "brush.py", "drawings.py", "scenery.py"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


# -- photos -----------------------------------------------------------------------------------------------------------


def _photos(data: str, size: int, seed: int, cache: Path) -> PictureSet:
    collection = upstream.COLLECTIONS.get(data) if data in upstream.COLLECTIONS and not Path(data).exists() else None
    found = upstream.find_collection(data) if collection else find(data)
    source = collection.title if collection else f"{data} ({found.layout})"
    about = {"source": source, "licence": collection.licence if collection else YOURS, "notes": found.notes}

    def make(folder: Path) -> dict:
        items, pixels, left_out = gather(found, size)
        classes = classes_of(data, items, left_out)
        splits, leaks = split_items(items, pixels, seed)
        check_splits(data, items, splits, classes, whole=leaks is None)
        written = {}
        for split in SPLITS:
            own = np.flatnonzero(splits == split)
            np.save(folder / f"{split}.npy", pixels[own])
            labels, names = [classes.index(items[at].label) for at in own], [items[at].name for at in own]
            written[split] = {"labels": labels, "names": names, "factors": None}
        return about | {"classes": classes, "left_out": left_out, "twins": leaks or 0, "splits": written}

    key = ("photos", str(Path(data).absolute()) if not collection else data, size, seed)
    return _cached(cache, key, _state(found), make, drawn=False)


def _state(found: Found) -> str:
    """What says that nothing changed, without reading any picture: names, classes, lengths and times."""
    digest = hashlib.sha256(repr((FORMAT, found.layout, found.left_out, found.notes)).encode())
    for item in found.items:
        digest.update(f"{item.name}\0{item.label}\0{item.split}\0".encode("utf-8", "surrogatepass"))
        if isinstance(item.source, np.ndarray):
            digest.update(np.ascontiguousarray(item.source).tobytes())
        else:
            digest.update(_stamp(item.source))
    return digest.hexdigest()


def _stamp(path: Path) -> bytes:
    try:
        stat = path.stat()
    except (OSError, ValueError) as error:  # it is not there, or no file can have such a name
        return str(getattr(error, "errno", "no name")).encode()
    return f"{stat.st_size} {stat.st_mtime_ns}\n".encode()


# -- what is kept on the disk -----------------------------------------------------------------------------------------


def _cached(cache: Path, key: tuple, state: str, make: Callable[[Path], dict], drawn: bool) -> PictureSet:
    """What `make` wrote for this key, if it is there and its source is in the same state; else made again."""
    folder = cache / hashlib.sha256(repr(key).encode()).hexdigest()[:20]
    with alone(folder.with_name(f"{folder.name}.lock")):
        about, splits = _kept(folder, state)
        if splits is None:
            with disk_errors(folder):
                _remake(folder, state, make)
            about, splits = _kept(folder, state)
    if splits is None:
        raise CuadernoError(f"What was just written to {folder} cannot be read. Check the disk, and try once more.")
    left_out = [(name, why) for name, why in about["left_out"]]
    rest = {name: about[name] for name in ("fingerprint", "source", "licence", "notes", "twins")}
    return PictureSet(tuple(about["classes"]), **splits, left_out=left_out, drawn=drawn, **rest)


def _kept(folder: Path, state: str) -> tuple[dict, dict[str, Pictures] | None]:
    """What the folder holds, unless it is of another state or damaged."""
    try:
        about = json.loads((folder / "pictures.json").read_text(encoding="utf-8"))
        if about["state"] != state:
            return {}, None
        return about, {name: _opened(folder / f"{name}.npy", about["splits"][name]) for name in SPLITS}
    except (OSError, ValueError, KeyError, EOFError):
        return {}, None


def _remake(folder: Path, state: str, make: Callable[[Path], dict]) -> None:
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        about = make(partial) | {"state": state}
        about["fingerprint"] = _fingerprint(partial, about)
        (partial / "pictures.json").write_text(json.dumps(about), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)  # it is stale
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fingerprint(folder: Path, about: dict) -> str:
    """The pictures themselves, as they are seen, with their labels."""
    digest = hashlib.sha256(repr(about["classes"]).encode())
    for name in SPLITS:
        digest.update(repr(about["splits"][name]["labels"]).encode())
        digest.update(np.load(folder / f"{name}.npy", mmap_mode="r").tobytes())
    return digest.hexdigest()


def _opened(path: Path, about: dict) -> Pictures:
    pixels = torch.from_numpy(np.load(path, mmap_mode="c"))  # "c": torch wants memory that may be written to
    return Pictures(pixels, torch.tensor(about["labels"], dtype=torch.int64), about["names"], about["factors"])
