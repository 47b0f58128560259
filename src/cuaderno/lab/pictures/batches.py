"""Pictures that lie together in one file: CIFAR's batches, in both of their formats, and NumPy archives.

A pickle may run any code when it is loaded. Those of CIFAR hold arrays, texts, lists and dictionaries only, and nothing
else is let in here.
"""

import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cuaderno.lab.errors import CuadernoError

SIDE = 32  # of CIFAR
MOST_BYTES = 4 << 30  # of one archive, unpacked
WANTED = "x_train, y_train, x_test and y_test, pictures (N, height, width, 3) of uint8 and whole numbers for labels"


@dataclass(frozen=True)
class Batch:
    """Pictures of one split that are decoded already.

    Shapes:  pixels (N, H, W, 3) uint8, labels N names of classes.
    """

    name: str
    split: str | None
    pixels: np.ndarray
    labels: list[str]


# -- NumPy ------------------------------------------------------------------------------------------------------------


def read_npz(path: Path) -> list[Batch]:
    """The arrays of an `.npz`, by the names that Keras gave to them; `classes` may hold the names of the labels.

    Raises:  CuadernoError when they are not there, are of the wrong shape, or would have to be unpickled.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise CuadernoError(
                    f"{path} unpacks to more than {MOST_BYTES >> 30} gigabytes. Use a folder of pictures."
                )
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except CuadernoError:
        raise
    except Exception as error:  # a damaged archive, or one that holds Python objects
        raise CuadernoError(f"{path} cannot be read as a NumPy archive ({error}). Wanted: {WANTED}.") from error
    batches = []
    for split in ("train", "val", "test"):
        if f"x_{split}" in found and f"y_{split}" in found:
            pixels, labels = _pixels(path, split, found[f"x_{split}"]), np.asarray(found[f"y_{split}"]).reshape(-1)
            batches.append(Batch(path.name, split, pixels, _named(path, labels, found.get("classes"))))
            _same_length(path, batches[-1])
    if not batches:
        raise CuadernoError(f"{path} holds the arrays {', '.join(sorted(found)) or 'none'}. Wanted: {WANTED}.")
    return batches


def _pixels(path: Path, split: str, array: np.ndarray) -> np.ndarray:
    """As (N, H, W, 3) of uint8, also from grey ones, from channels first and from numbers between 0 and 1."""
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or array.dtype.kind not in "uif" or not array.size:
        raise CuadernoError(
            f"x_{split} in {path} has the shape {array.shape} and the type {array.dtype}. Wanted: {WANTED}."
        )
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise CuadernoError(f"x_{split} in {path} holds values that are no numbers. Wanted: {WANTED}.")
        array = array * 255 if array.max() <= 1.0 else array
    if array.dtype != np.uint8:
        array = np.clip(array, 0, 255).astype(np.uint8)
    return np.repeat(array, 3, axis=3) if array.shape[3] == 1 else array


def _named(path: Path, labels: np.ndarray, classes: np.ndarray | None) -> list[str]:
    if labels.dtype.kind in "US":
        return [str(label) for label in labels]
    if labels.dtype.kind not in "uib":
        raise CuadernoError(f"The labels in {path} are of type {labels.dtype}. Wanted: {WANTED}.")
    names = None if classes is None else [str(name) for name in np.asarray(classes).reshape(-1)]
    return [_name(path, int(label), names) for label in labels]


def _name(path: Path, label: int, names: list[str] | None) -> str:
    if names is None:
        return str(label)
    if not 0 <= label < len(names):
        raise CuadernoError(f"{path} has the label {label}, but names for 0 to {len(names) - 1} only.")
    return names[label]


def _same_length(path: Path, batch: Batch) -> None:
    if len(batch.pixels) != len(batch.labels):
        raise CuadernoError(f"{path} holds {len(batch.pixels):,} pictures, but {len(batch.labels):,} labels.")


# -- CIFAR ------------------------------------------------------------------------------------------------------------


def cifar_files(folder: Path) -> list[tuple[Path, str]]:
    """CIFAR's files with the split of each; none when this is no folder of CIFAR."""
    tens, tests = (
        sorted(path for path in folder.glob(named) if path.is_file()) for named in ("data_batch_[0-9]*", "test_batch*")
    )
    if tens:
        return [(path, "train") for path in tens] + [(path, "test") for path in tests]
    names = {path.name for path in folder.iterdir()}
    for train, test, marks in (
        ("train", "test", {"meta"}),
        ("train.bin", "test.bin", {"fine_label_names.txt", "coarse_label_names.txt"}),
    ):
        if marks & names and (folder / train).is_file():
            return [(folder / name, split) for name, split in ((train, "train"), (test, "test")) if name in names]
    return []


def read_cifar(folder: Path) -> list[Batch]:
    """All batches of CIFAR-10 or CIFAR-100 (its hundred fine classes), as python or as binary files.

    Raises:  CuadernoError when a file is not of that format, or a pickle holds more than arrays.
    """
    names = _cifar_names(folder)
    batches = []
    for path, split in cifar_files(folder):
        pixels, labels = _binary(path) if path.suffix == ".bin" else _pickled(path)
        batches.append(Batch(path.name, split, pixels, [_name(path, int(label), names) for label in labels]))
        _same_length(path, batches[-1])
    return batches


def _cifar_names(folder: Path) -> list[str] | None:
    for name in ("batches.meta.txt", "fine_label_names.txt"):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8", errors="replace").split()
    for name in ("batches.meta", "meta"):
        if (folder / name).is_file():
            found = _load(folder / name)
            names = found.get("label_names") or found.get("fine_label_names") if isinstance(found, dict) else None
            return [str(one) for one in names] if isinstance(names, list) else None
    return None


def _binary(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Rows of one label (CIFAR-100: two, of which the second is the fine one) and 3 × 32 × 32 bytes."""
    data = np.fromfile(path, np.uint8)
    picture = 3 * SIDE * SIDE
    heads = 2 if path.stem in ("train", "test") else 1
    if not len(data) or len(data) % (heads + picture):
        raise CuadernoError(
            f"{path} has {len(data):,} bytes, which is no multiple of {heads + picture:,}, the bytes of a row. "
            "Download the archive again."
        )
    rows = data.reshape(-1, heads + picture)
    return rows[:, heads:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), rows[:, heads - 1]


def _pickled(path: Path) -> tuple[np.ndarray, np.ndarray]:
    found = _load(path)
    data = found.get("data") if isinstance(found, dict) else None
    labels = found.get("fine_labels", found.get("labels")) if isinstance(found, dict) else None
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.size % (3 * SIDE * SIDE) or labels is None:
        raise CuadernoError(f"{path} is no batch of CIFAR: wanted are `data` (N, 3072) of uint8 and `labels`.")
    return data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), np.asarray(labels, np.int64)


class _OnlyArrays(pickle.Unpickler):
    """Lets in what arrays are made of, under the names that old and new versions of NumPy gave to it."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _empty_array
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):
            return _latin
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _empty_array(kind: type, shape: tuple, code: bytes | str) -> np.ndarray:
    if kind is not np.ndarray or tuple(shape) != (0,):
        raise pickle.UnpicklingError("it asks for an array of an unknown kind")
    return np.ndarray((0,), np.dtype("b"))


def _latin(text: str, encoding: str) -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding}")
    return text.encode("latin1")


def _load(path: Path) -> Any:
    """A pickle of CIFAR, its keys as texts.

    Raises:  CuadernoError when it is damaged, or would need anything but arrays.
    """
    try:
        with path.open("rb") as file:
            found = _unpickled(file)
    except Exception as error:
        raise CuadernoError(
            f"{path} was not opened as a pickle of CIFAR: {error}. Only arrays, texts, lists and dictionaries are let "
            "in, since a pickle may run any program. Take the archive from its own page, or the binary version."
        ) from error
    return _texts(found)


def _unpickled(file: BinaryIO) -> Any:
    loader: Callable[..., pickle.Unpickler] = _OnlyArrays
    return loader(file, encoding="bytes").load()


def _texts(value: Any) -> Any:
    """Bytes of Python 2 as texts, in keys and lists."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_texts(key): _texts(one) for key, one in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [_texts(one) for one in value]
    return value


def rows(batches: list[Batch]) -> Iterator[tuple[str, str, str | None, np.ndarray]]:
    """Name, class, split and pixels of every picture."""
    for batch in batches:
        for number, (pixels, label) in enumerate(zip(batch.pixels, batch.labels, strict=True)):
            yield f"{batch.name}/{batch.split}/{number}", label, batch.split, pixels
