"""Points near the line y = 2 x - 1, made from a seed; nothing to download.

Licence: none needed, our own code makes them.
Splits:  train and test differ in the seed, so no point is in both.
"""

import numpy as np

SLOPE, INTERCEPT, NOISE = 2.0, -1.0, 0.1


def points(num_points: int, seed: int, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Noisy points of one split.

    Shapes:  x (N,), y (N,), float32
    """
    rng = np.random.default_rng([seed, ("train", "test").index(split)])
    x = rng.uniform(-1, 1, num_points)
    y = SLOPE * x + INTERCEPT + NOISE * rng.standard_normal(num_points)
    return x.astype(np.float32), y.astype(np.float32)
