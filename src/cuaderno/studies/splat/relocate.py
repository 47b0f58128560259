"""Put splats where they are needed, with never more of them than the budget allows.

A splat that has become too faint to be seen moves onto one that has much left to explain, and shares its work: both
become smaller and fainter, so that together they look as the one did. New splats come into the world the same way.

Source:  Kheradmand et al. 2024, "3D Gaussian splatting as Markov chain Monte Carlo", arXiv:2404.09591, equation 9.
Differs: whom to share with is drawn by the error that a splat covers (as Bulò et al. 2024, arXiv:2404.06109, have it),
         not by its opacity; no noise is added, which short trainings have no time to profit from.
"""

import numpy as np

from cuaderno.studies.splat.model import Table

DEAD = 0.005  # opacity
LEAST, MOST = 0.006, 0.995  # opacity of one that was shared
APART = 0.7  # standard deviations of the parent, by which a child is put aside


def mend(table: Table) -> int:
    """Make splats that hold no number any more invisible, so that they are moved; says how many there were."""
    there = table.rows[:, : table.count]
    broken = np.flatnonzero(~np.isfinite(there).all(axis=0))
    there[:, broken] = 0
    there[6, broken], there[10, broken] = 1, -20
    return len(broken)


def relocate(table: Table, target: int, needs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move what is too faint, and add splats up to `target`; gives the indices of all that were changed.

    Shapes:  needs (stride,): how much each splat would like to share.
    """
    opacities = 1 / (1 + np.exp(-table.rows[10, : table.count].astype(np.float64)))
    dead = opacities < DEAD
    target = min(target, table.stride)
    places = np.concatenate([np.flatnonzero(dead), np.arange(table.count, target)])
    weights = np.where(dead, 0, np.maximum(needs[: table.count], 0).astype(np.float64))
    places = places[: np.count_nonzero(weights)]
    if not len(places):
        return places
    parents = rng.choice(table.count, len(places), replace=False, p=weights / weights.sum())
    share(table, parents, places, opacities[parents], rng)
    table.count = max(table.count, int(places.max()) + 1)
    return np.concatenate([parents, places])


def share(
    table: Table, parents: np.ndarray, places: np.ndarray, opacities: np.ndarray, rng: np.random.Generator
) -> None:
    """Make two of each parent, which look alike from afar."""
    whole = np.clip(opacities, LEAST, MOST)
    half = 1 - np.sqrt(1 - whole)
    shrink = whole / (2 * half - half**2 / np.sqrt(2))
    half = np.clip(half, LEAST, MOST)
    rows = table.rows
    rows[10, parents] = np.log(half / (1 - half))
    rows[3:6, parents] += np.log(shrink)
    rows[:, places] = rows[:, parents]
    aside = np.exp(rows[3:6, parents]) * rng.normal(0, APART, (3, len(parents)))
    rows[:3, places] += np.einsum("ijn,jn->in", rotations(rows[6:10, parents]), aside).astype(np.float32)


def rotations(quaternions: np.ndarray) -> np.ndarray:
    """Their matrices.  Shapes:  (4, N) -> (3, 3, N)."""
    w, x, y, z = quaternions / np.maximum(np.linalg.norm(quaternions, axis=0), 1e-10)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
