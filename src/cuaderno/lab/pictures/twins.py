"""Which pictures are the same or nearly so, so that no twin of a training picture is ever a test.

Source:  the difference hash of N. Krawetz: whether each of 8 × 8 places is darker than its right neighbour.
"""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

NEAR_BITS = 4  # of 64 that may differ
NEAR_GREY = 10.0  # of 255 that 16 × 16 grey versions may differ on average
PIECES = 5  # with at most 4 differing bits in 5 pieces, one piece is equal
CROWD = 400  # of one piece: so many are plain pictures or line drawings, which are compared with their neighbours only
CHUNK = 1024


def groups(pixels: Tensor) -> np.ndarray:
    """A number for each picture: the position of the first one to which a chain of likenesses leads.

    Shapes:  pixels (N, 3, H, W) uint8 -> (N,) int64
    """
    hashes, grey = looks(pixels)
    parents = np.arange(len(hashes))

    def root(position: int) -> int:
        while parents[position] != position:
            parents[position] = position = parents[parents[position]]
        return int(position)

    for i, j in _alike(hashes, grey):
        low, high = sorted((root(i), root(j)))
        parents[high] = low
    return np.array([root(position) for position in range(len(hashes))], np.int64)


def looks(pixels: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The hash of each picture, and a small grey version to compare for real.

    Shapes:  (N, 64) bool and (N, 256) float32
    """
    hashes, greys = [], []
    for chunk in pixels.split(CHUNK):
        grey = chunk.float().mean(1, keepdim=True)
        wide = F.adaptive_avg_pool2d(grey, (8, 9))
        hashes.append((wide[..., 1:] > wide[..., :-1]).flatten(1))
        greys.append(F.adaptive_avg_pool2d(grey, 16).flatten(1))
    return torch.cat(hashes).numpy(), torch.cat(greys).numpy()


def _alike(hashes: np.ndarray, grey: np.ndarray) -> set[tuple[int, int]]:
    """Pairs whose hashes and grey versions agree."""
    found: set[tuple[int, int]] = set()
    for piece in np.array_split(np.arange(hashes.shape[1]), PIECES):
        keys = hashes[:, piece] @ (1 << np.arange(len(piece)))
        order = np.argsort(keys, kind="stable")
        borders = [0, *(np.flatnonzero(np.diff(keys[order])) + 1).tolist(), len(order)]
        for start, end in pairwise(borders):
            members = order[start:end]
            if len(members) > CROWD:  # the nearest in brightness, which exact copies are
                members = members[np.lexsort(grey[members, ::37].T)]
                pairs = np.stack([members[:-1], members[1:]], 1)
            else:
                pairs = members[np.stack(np.triu_indices(len(members), 1), 1)]
            if len(pairs):
                a, b = pairs.T
                near = (hashes[a] != hashes[b]).sum(1) <= NEAR_BITS
                a, b = a[near], b[near]
                same = np.abs(grey[a] - grey[b]).mean(1) <= NEAR_GREY
                found.update(zip(a[same].tolist(), b[same].tolist(), strict=True))
    return found
