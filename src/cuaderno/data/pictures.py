"""Folders of pictures: broken, tiny, huge, there twice, nearly the same, and leaking between splits.

A picture's size is read from its header before anything is decoded, so that a small file that would unfold into
gigabytes is named and left alone.
"""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cuaderno.data.formats import PICTURES, files_in
from cuaderno.data.recipe import DROPPED, FLAGGED, Finding, Settings, StepReport
from cuaderno.lab.progress import Progress

SMALLEST = 16  # pixels of a side
MOST_PIXELS = 50_000_000
MOST_BYTES = 100 << 20
NEAR_BITS = 4  # of 64 that may differ
NEAR_GREY = 10.0  # of 255 that the small grey versions may differ on average
PIECES = 5  # with at most 4 differing bits in 5 pieces, one piece is equal
SPLITS = {"train", "val", "valid", "validation", "test", "dev"}
STEPS = ("corrupt", "size", "leaks", "exact", "near", "balance")


@dataclass
class Picture:
    """One file of the folder."""

    id: int
    name: str  # its path from the folder
    label: str | None
    split: str | None
    bytes: int
    size: tuple[int, int] = (0, 0)
    fault: tuple[str, dict[str, str]] | None = None  # reason and values
    sha256: str = ""
    hash: int = 0  # 64 bits: whether it gets brighter from left to right
    grey: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int16))


@dataclass
class PictureResult:
    """What came out of a folder of pictures."""

    pictures: list[Picture]  # those that stay
    settings: Settings
    findings: list[Finding]
    reports: list[StepReport]
    all: list[Picture]


def read_pictures(folder: Path) -> list[Picture]:
    """Every picture of a folder, opened once; its class is the folder it lies in."""
    paths = [path for path in files_in(folder) if path.suffix.lower() in PICTURES]
    found = []
    with Progress("pictures", len(paths), unit="picture") if len(paths) > 500 else nullcontext() as progress:
        for id, path in enumerate(paths, start=1):
            parts = path.relative_to(folder).parts[:-1]
            split = next((part for part in parts if part.casefold() in SPLITS), None)
            label = parts[-1] if parts and parts[-1] != split else None
            name = path.relative_to(folder).as_posix()
            found.append(look(path, Picture(id, name, label, split, path.stat().st_size)))
            if progress:
                progress.advance()
    return found


def look(path: Path, picture: Picture) -> Picture:
    """Fill in size, hashes and what is wrong; nothing is decoded that is too large."""
    from PIL import Image

    if picture.bytes > MOST_BYTES:
        values = {"megabytes": f"{picture.bytes / 1e6:.0f}", "limit": f"{MOST_BYTES / 1e6:.0f}"}
        picture.fault = ("heavy", values)
        return picture
    try:
        picture.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large ones, which are counted here
            with Image.open(path) as image:
                picture.size = image.size
                picture.fault = _size_fault(*image.size)
                if not picture.fault:
                    image.draft("L", (64, 64))  # a JPEG is decoded at an eighth of its size
                    _hash(picture, image.convert("RGB").convert("L"))
    except Image.DecompressionBombError:
        picture.fault = ("huge", {"width": "?", "height": "?", "limit": f"{MOST_PIXELS / 1e6:.0f}"})
    except Exception as error:  # a broken picture may make its decoder raise anything
        picture.fault = ("broken_picture", {"reason": type(error).__name__})
    return picture


def _size_fault(width: int, height: int) -> tuple[str, dict[str, str]] | None:
    values = {"width": f"{width}", "height": f"{height}"}
    if width * height > MOST_PIXELS:
        return "huge", values | {"limit": f"{MOST_PIXELS / 1e6:.0f}"}
    return ("tiny", values | {"limit": f"{SMALLEST}"}) if min(width, height) < SMALLEST else None


def _hash(picture: Picture, grey) -> None:
    """A difference hash, and a version of 16 × 16 greys to compare for real."""
    from PIL import Image

    wide = np.asarray(grey.resize((9, 8), Image.Resampling.BILINEAR), np.int16)
    bits = (wide[:, 1:] > wide[:, :-1]).ravel()
    picture.hash = int("".join("1" if bit else "0" for bit in bits), 2)
    picture.grey = np.asarray(grey.resize((16, 16), Image.Resampling.BILINEAR), np.int16)


def likenesses(pictures: Sequence[Picture]) -> dict[int, list[int]]:
    """For each picture, by id, the ids of those that look nearly the same.

    Two do when at most 4 of 64 bits of their difference hashes differ and their small grey versions agree. Pictures of
    one plain colour have no bits to speak of, and are compared by nothing.
    """
    by_piece: dict[tuple[int, int], list[Picture]] = {}
    for picture in pictures:
        if picture.hash:
            for piece in range(PIECES):
                by_piece.setdefault((piece, picture.hash >> (13 * piece) & 0x1FFF), []).append(picture)
    found: dict[int, set[int]] = {}
    for group in by_piece.values():
        for at, one in enumerate(group):
            for other in group[at + 1 :]:
                if (one.hash ^ other.hash).bit_count() <= NEAR_BITS and _is_alike(one, other):
                    found.setdefault(one.id, set()).add(other.id)
                    found.setdefault(other.id, set()).add(one.id)
    return {id: sorted(others) for id, others in found.items()}


def _is_alike(one: Picture, other: Picture) -> bool:
    return float(np.abs(one.grey - other.grey).mean()) <= NEAR_GREY


def follow(pictures: Sequence[Picture], settings: Settings) -> PictureResult:
    """Take every step for pictures."""
    result = PictureResult(list(pictures), settings, [], [], list(pictures))
    distinct = {picture.sha256: picture for picture in reversed(pictures) if not picture.fault}
    near = likenesses(sorted(distinct.values(), key=lambda picture: picture.id))
    for name in STEPS:
        if name in settings.skip:
            continue
        report = StepReport(name, len(result.pictures))
        findings = list(_step(name, result.pictures, near))
        if name == "balance":
            counts = Counter(picture.label for picture in result.pictures if picture.label)
            report.facts = {"classes": dict(counts.most_common())} if len(counts) > 1 else {"left_out": "no_classes"}
        gone = {finding.row for finding in findings if finding.action == DROPPED}
        report.dropped, report.flagged = len(gone), len(findings) - len(gone)
        report.reasons.update(finding.reason for finding in findings)
        result.pictures = [picture for picture in result.pictures if picture.id not in gone]
        result.findings += findings
        result.reports.append(report)
    return result


def _step(name: str, pictures: Sequence[Picture], near: dict[int, list[int]]) -> Iterator[Finding]:
    if name in ("corrupt", "size"):
        for picture in pictures:
            if picture.fault and (picture.fault[0] == "broken_picture") == (name == "corrupt"):
                yield Finding(picture.id, name, DROPPED, *picture.fault)
    elif name == "leaks":
        yield from _leaks(pictures, near)
    elif name == "exact":
        first: dict[str, Picture] = {}
        for picture in pictures:
            other = first.setdefault(picture.sha256, picture) if picture.sha256 else picture
            if other is not picture:
                yield _repeated(picture, other, name, "same", "same_other_label")
    elif name == "near":
        kept: dict[int, Picture] = {}
        for picture in pictures:
            others = [kept[id] for id in near.get(picture.id, []) if id in kept]
            same = next((other for other in others if other.label == picture.label), None)
            if others:
                yield _repeated(picture, same or others[0], name, "almost_the_same", "almost_other_label")
            if not same:
                kept[picture.id] = picture


def _repeated(picture: Picture, other: Picture, step: str, reason: str, doubt: str) -> Finding:
    """One of two pictures of a class goes; of two classes, somebody has to look."""
    if picture.label == other.label:
        return Finding(picture.id, step, DROPPED, reason, {"of": str(other.id)})
    values = {"of": str(other.id), "label": str(picture.label), "other": str(other.label)}
    return Finding(picture.id, step, FLAGGED, doubt, values)


def _leaks(pictures: Sequence[Picture], near: dict[int, list[int]]) -> Iterator[Finding]:
    """Pictures of the largest split that are also, or nearly, in a smaller one."""
    splits = Counter(picture.split for picture in pictures if picture.split)
    if len(splits) < 2:
        return
    largest = splits.most_common(1)[0][0]
    elsewhere = {picture.id: picture for picture in pictures if picture.split not in (largest, None)}
    by_bytes = {picture.sha256: picture for picture in elsewhere.values() if picture.sha256}
    for picture in pictures:
        if picture.split == largest:
            others = [elsewhere[id] for id in near.get(picture.id, []) if id in elsewhere]
            other = by_bytes.get(picture.sha256) or next(iter(others), None)
            if other:
                values = {"of": str(other.id), "split": str(other.split)}
                yield Finding(picture.id, "leaks", DROPPED, "in_split", values)
