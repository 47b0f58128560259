"""Train, val and test without leaks: what is nearly the same always lands in the same split."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from cuaderno.data.duplicates import clusters
from cuaderno.lab.errors import CuadernoError

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
MOST_CLASSES = 20  # more distinct numbers than this are a scale, split by fifths


def split(
    texts: Sequence[str],
    labels: Sequence[str | float | None] | None = None,
    shares: Mapping[str, float] = SHARES,
    seed: int = 0,
    near: Sequence[int] | None = None,
) -> list[str]:
    """The split of each text: whole clusters of near duplicates, and the same mixture of labels in every split.

    Labels may be classes, numbers on a scale, or None. The same texts, labels, shares and seed give the same splits.
    `near` is the cluster of each text, where `clusters` has named them already.

    Raises:  CuadernoError when the shares are not positive or their sum is not 1.
    """
    if not shares or any(share <= 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
        said = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise CuadernoError(f"The shares of the splits must be positive and add up to 1; they are: {said or 'none'}.")
    strata = _strata(labels if labels is not None else [None] * len(texts))
    members: dict[int, list[int]] = defaultdict(list)
    for position, cluster in enumerate(clusters(texts) if near is None else near):
        members[cluster].append(position)
    groups = list(members.values())
    random.Random(seed).shuffle(groups)
    groups.sort(key=len, reverse=True)
    return _fill(groups, strata, shares, len(texts))


def _strata(labels: Sequence[str | float | None]) -> list[str]:
    """A class for each label; a scale of numbers is cut into fifths."""
    known = [label for label in labels if label is not None]
    try:
        numbers = sorted(float(label) for label in known)
    except ValueError:
        numbers = []
    if len(set(numbers)) <= MOST_CLASSES:
        return [str(label) for label in labels]
    borders = [numbers[len(numbers) * fifth // 5] for fifth in range(1, 5)]
    return ["None" if label is None else str(sum(float(label) >= b for b in borders)) for label in labels]


def _fill(groups: list[list[int]], strata: list[str], shares: Mapping[str, float], total: int) -> list[str]:
    """Give each cluster to the split that lacks most of its main label."""
    counts, had = Counter(strata), {name: Counter[str]() for name in shares}
    splits = [""] * total
    for group in groups:
        inside = Counter(strata[position] for position in group)
        main = inside.most_common(1)[0][0]
        lacks = {name: (share * counts[main] - had[name][main]) / share for name, share in shares.items()}
        chosen = max(shares, key=lambda name: lacks[name])
        had[chosen].update(inside)
        for position in group:
            splits[position] = chosen
    return splits


def leaks(texts: Sequence[str], splits: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs (i, j) of near duplicates in different splits: i is the first text of the cluster, j one elsewhere."""
    first: dict[int, int] = {}
    found = []
    for position, cluster in enumerate(clusters(texts)):
        home = first.setdefault(cluster, position)
        if splits[home] != splits[position]:
            found.append((home, position))
    return found
