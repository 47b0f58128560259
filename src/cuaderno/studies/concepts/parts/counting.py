"""Words as vectors without learning anything: count which words stand near each other, and fold the table.

Source: Levy and Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization": skip-gram with negative
sampling is close to such a table, folded.
"""

import numpy as np

SMOOTHING = 0.75  # of how often neighbours occur, as skip-gram draws them
ROUNDS, SPARE = 5, 16  # of the folding: passes over the table, and directions that are thrown away in the end


def table(words: np.ndarray, size: int, window: int) -> np.ndarray:
    """By how much more often two words stand near each other than by chance: the logarithm, where it is positive.

    Shapes:  (N,) numbers of words -> (size, size) float32, positive pointwise mutual information.
    """
    counts = np.zeros(size * size, dtype=np.float32)
    for distance in range(1, window + 1):  # the nearer, the more it counts
        pairs = words[:-distance].astype(np.int64) * size + words[distance:]
        near, often = np.unique(pairs, return_counts=True)
        counts[near] += often * ((window + 1 - distance) / window)
    counts = counts.reshape(size, size)
    counts += counts.T.copy()
    total = counts.sum(axis=1)
    smooth = total**SMOOTHING
    with np.errstate(divide="ignore", invalid="ignore"):
        by_chance = total[:, None] * (smooth / smooth.sum())[None]
        return np.nan_to_num(np.maximum(np.log(counts / by_chance), 0), posinf=0.0).astype(np.float32)


def fold(square: np.ndarray, dims: int, seed: int = 0) -> np.ndarray:
    """The rows of a table in the few directions in which they differ most.

    Shapes:  (N, N) -> (N, dims).
    Source:  Halko, Martinsson and Tropp 2011, randomized subspace iteration.
    """
    dims = min(dims, len(square))
    chance = np.random.default_rng(seed)
    basis = chance.standard_normal((len(square), min(dims + SPARE, len(square)))).astype(np.float32)
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(square @ (square.T @ basis))
    turned, strength, _ = np.linalg.svd(basis.T @ square, full_matrices=False)
    return (basis @ turned)[:, :dims] * np.sqrt(strength[:dims])
