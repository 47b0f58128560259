"""The pictures that were found, decoded and split: what every study that learns from a folder of pictures needs first.

Splits:  those of the data where it has them; else whole groups of near duplicates, so that no twin of a training
         picture is ever a test. Where there is no test, what was meant to validate is the test, and a part of the
         training pictures validates.
"""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.pictures import twins
from cuaderno.lab.pictures.files import WHY, Unreadable, read_picture
from cuaderno.lab.pictures.layouts import Found, Item
from cuaderno.lab.progress import Progress

SPLITS = ("train", "val", "test")
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
FEWEST = 4  # pictures of a class: two to learn from, one to validate, one to test
SHORT = 400  # pictures that are made or read without a bar


def gather(found: Found, size: int) -> tuple[list[Item], np.ndarray, list[tuple[str, str]]]:
    """Every picture that can be read, squashed, and the names of the others with the reason.

    Shapes:  pixels (N, 3, size, size) uint8
    """
    _check_memory(len(found.items), size)
    items: list[Item] = []
    pixels, left_out = np.empty((len(found.items), 3, size, size), np.uint8), list(found.left_out)
    with bar("read pictures", len(found.items), "picture") as progress:
        for item in found.items:
            try:
                picture = (
                    _resized(item.source, size)
                    if isinstance(item.source, np.ndarray)
                    else read_picture(item.source, size)
                )
                pixels[len(items)] = picture.transpose(2, 0, 1)
                items.append(item)
            except Unreadable as reason:
                left_out.append((item.name, reason.key))
            if progress:
                progress.advance()
    return items, pixels[: len(items)], left_out


def tell(left_out: Sequence[tuple[str, str]]) -> str:
    """How many and why, with a few names for each reason."""
    parts = []
    for key, count in Counter(key for _, key in left_out).most_common():
        names = [name for name, why in left_out if why == key]
        parts.append(f"{count:,} {WHY[key]['en']} ({', '.join(names[:3])}{', …' if count > 3 else ''})")
    return "; ".join(parts)


def bar(title: str, total: int, unit: str) -> AbstractContextManager[Progress | None]:
    """A bar for what takes longer than a moment."""
    return Progress(title, total, unit=unit) if total > SHORT else nullcontext()


def _resized(pixels: np.ndarray, size: int) -> np.ndarray:
    if pixels.shape[:2] == (size, size):
        return pixels
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((size, size), Image.Resampling.BILINEAR))


def _check_memory(number: int, size: int) -> None:
    import psutil

    needed, free = 2 * 3 * size * size * number, psutil.virtual_memory().available
    if needed > free:
        raise CuadernoError(
            f"{number:,} pictures of {size} pixels a side need about {needed / 2**30:.1f} GB of memory while they are "
            f"read, and {free / 2**30:.1f} GB are free. Take a smaller size or fewer pictures."
        )


# -- splits -----------------------------------------------------------------------------------------------------------


def classes_of(data: str, items: Sequence[Item], left_out: Sequence[tuple[str, str]]) -> list[str]:
    """The classes in the order of their names, numbers by value.

    Raises:  CuadernoError when there are fewer than two, or one of them has too few pictures.
    """
    counts = Counter(item.label for item in items)
    why = f" Left out: {tell(left_out)}." if left_out else ""
    if len(counts) < 2:
        there = f"the class '{next(iter(counts))}' only" if counts else "no picture that can be read"
        raise CuadernoError(f"{data} has {there}. Two classes or more are needed, each in a folder of its own.{why}")
    few = {name: count for name, count in counts.items() if count < FEWEST}
    if few:
        said = ", ".join(f"'{name}' has {count}" for name, count in sorted(few.items())[:5])
        raise CuadernoError(
            f"There are too few pictures in {data}: {said}. Every class needs at least {FEWEST}, and hundreds "
            f"to be learnt. Add pictures, or take the folder away.{why}"
        )
    return sorted(counts, key=lambda name: (int(name), "") if name.isdecimal() else (-1, name))


def split_items(items: Sequence[Item], pixels: np.ndarray, seed: int) -> tuple[np.ndarray, int | None]:
    """The split of each picture, and how many twins the data's own splits hold, None where we split."""
    own = np.array([item.split or "" for item in items])
    group = twins.groups(torch.from_numpy(pixels))
    strata = [item.label for item in items]
    if not {"train"} & set(own) or not {"val", "test"} & set(own):
        return _by_group(np.arange(len(items)), group, strata, SHARES, seed, len(items)), None
    own[own == ""] = "train"
    if "test" not in own:
        own[own == "val"] = "test"
    if "val" not in own:
        at = np.flatnonzero(own == "train")
        own[at] = _by_group(at, group, strata, {"train": 0.9, "val": 0.1}, seed, len(items))[at]
    trained = set(group[own == "train"].tolist())
    return own, sum(one in trained for one in group[own == "test"].tolist())


def _by_group(
    at: np.ndarray, group: np.ndarray, strata: Sequence[str], shares: dict[str, float], seed: int, total: int
) -> np.ndarray:
    """Whole groups at a time, each to the split that lacks most of its class."""
    members: dict[int, list[int]] = {}
    for position in at.tolist():
        members.setdefault(int(group[position]), []).append(position)
    order = list(members.values())
    random.Random(seed).shuffle(order)
    order.sort(key=len, reverse=True)
    counts, had = Counter(strata[position] for position in at.tolist()), {name: Counter[str]() for name in shares}
    splits = np.full(total, "", dtype="<U5")
    for positions in order:
        inside = Counter(strata[position] for position in positions)
        main = inside.most_common(1)[0][0]
        chosen = max(shares, key=lambda name: (shares[name] * counts[main] - had[name][main]) / shares[name])
        had[chosen] += inside
        splits[positions] = chosen
    return splits


def check_splits(data: str, items: Sequence[Item], splits: np.ndarray, classes: Sequence[str], whole: bool) -> None:
    """Raise a CuadernoError when a class is not trained, or with `whole`, is missing in any split of ours."""
    for split in SPLITS:
        there = {items[at].label for at in np.flatnonzero(splits == split).tolist()}
        missing = sorted(set(classes) - there) if whole or split == "train" or not there else []
        if missing:
            raise CuadernoError(
                f"{data} gives no {split} picture of {', '.join(missing[:5])}: there are too few of it that differ, or "
                "that can be read. Copies and near copies of a picture stay together. Add other pictures."
            )
