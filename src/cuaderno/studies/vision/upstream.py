"""Collections that are downloaded from where they come from, checked, and unpacked once into the cache folder."""

import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from cuaderno.lab.data import cache_folder, fetch
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone, disk_errors
from cuaderno.lab.pictures.files import SUFFIXES
from cuaderno.lab.pictures.layouts import Found, Item, find
from cuaderno.lab.progress import Progress

MOST_BYTES = 4 << 30  # of all files that are unpacked
KEPT = SUFFIXES | {".txt"}


@dataclass(frozen=True)
class Archive:
    """One file to download; the address is its owner's, the digest was published with it."""

    name: str
    url: str
    sha256: str


@dataclass(frozen=True)
class Collection:
    """What `--data NAME` stands for."""

    title: str
    licence: str
    archives: tuple[Archive, ...]


COLLECTIONS = {
    "pets": Collection(
        "Oxford-IIIT Pet (Parkhi, Vedaldi, Zisserman and Jawahar, 2012): 37 breeds, of which only cat or dog is asked",
        "CC BY-SA 4.0",
        (
            Archive(
                "images.tar.gz",
                "https://thor.robots.ox.ac.uk/~vgg/data/pets/images.tar.gz",
                "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d",
            ),
            Archive(
                "annotations.tar.gz",
                "https://thor.robots.ox.ac.uk/~vgg/data/pets/annotations.tar.gz",
                "52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
            ),
        ),
    ),
    "microsoft": Collection(
        "Microsoft's cats and dogs (Asirra; Elson, Douceur, Howell and Saul, 2007)",
        "none granted: publish neither these photos nor weights trained on them",
        (
            Archive(
                "kagglecatsanddogs_5340.zip",
                "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
                "kagglecatsanddogs_5340.zip",
                "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
            ),
        ),
    ),
}


def unpacked(name: str) -> Path:
    """The folder of a collection, downloaded and unpacked if it is not there yet.

    Raises:  CuadernoError when it cannot be downloaded, is another file than promised, or the disk is full.
    """
    folder = cache_folder() / "vision" / name
    with alone(folder.with_name(f"{name}.lock")):
        if folder.is_dir():
            return folder
        partial = folder.with_name(f"{name}.{os.getpid()}.part")
        try:
            for archive in COLLECTIONS[name].archives:
                _unpack(fetch(f"vision-{name}/{archive.name}", archive.url, archive.sha256), partial)
            with disk_errors(folder):
                partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def find_collection(name: str) -> Found:
    """The pictures of a collection with their classes."""
    folder = unpacked(name)
    return pets(folder) if name == "pets" else find(str(folder))


def pets(folder: Path) -> Found:
    """Oxford's lists say for each picture whether it shows a cat (1) or a dog (2), and for what it is meant.

    Raises:  CuadernoError when a list is missing or is none.
    """
    found = Found("Oxford-IIIT Pet", [])
    for name, split in (("trainval", "train"), ("test", "test")):
        path = folder / "annotations" / f"{name}.txt"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CuadernoError(f"{path} cannot be read: {error}. Delete {folder} to unpack it once more.") from error
        for line in lines:
            fields = line.split()
            if len(fields) < 3 or line.startswith("#"):
                continue
            label = {"1": "cat", "2": "dog"}.get(fields[2], "")
            picture = f"images/{Path(fields[0]).name}.jpg"
            if label:
                found.items.append(Item(picture, label, split, folder / picture))
            else:
                found.left_out.append((picture, "no label"))
    return found


def _unpack(path: Path, folder: Path) -> None:
    """Write the pictures and lists of an archive below `folder`; nothing in it can lead out of there."""
    done = 0
    try:
        with (
            disk_errors(folder),
            path.open("rb") as raw,
            Progress(f"unpack {path.name}", path.stat().st_size, unit="byte") as progress,
        ):
            for name, length, file in _members(path, raw):
                done += length
                if done > MOST_BYTES:
                    raise CuadernoError(
                        f"{path} unpacks to more than {MOST_BYTES >> 30} gigabytes: not what was promised."
                    )
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(file, out)
                progress.update(max(progress.done, raw.tell()))
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise CuadernoError(
            f"{path} is no archive that can be unpacked ({error}). Delete it to download it again."
        ) from error


def _members(path: Path, raw: IO[bytes]) -> Iterator[tuple[PurePosixPath, int, IO[bytes]]]:
    """Plain files with safe names."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(raw) as archive:
            for member in archive.infolist():
                if not member.is_dir() and _is_wanted(member.filename):
                    with archive.open(member) as file:
                        yield PurePosixPath(member.filename), member.file_size, file
        return
    with tarfile.open(fileobj=raw) as archive:
        for entry in archive:
            file = archive.extractfile(entry) if entry.isfile() and _is_wanted(entry.name) else None
            if file:
                yield PurePosixPath(entry.name), entry.size, file


def _is_wanted(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    safe = not parts.is_absolute() and ".." not in parts.parts and ":" not in name
    return safe and parts.suffix.lower() in KEPT and not parts.name.startswith(".")
