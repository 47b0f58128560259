"""Results as they are kept: a value, its 95 % interval and how many cases stand behind it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution


@dataclass(frozen=True)
class Metric:
    """One measured number.

    Units:   those of the quantity; proportions lie in [0, 1].
    Traps:   `low` and `high` are None when no interval makes sense (a count, a size); `n` is the number of cases.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 1


def wilson(successes: int, n: int) -> Metric:
    """A proportion with its Wilson score interval, which stays honest at 0 and 1.

    Raises:  ValueError when n < 1 or successes lies outside 0..n.
    Source:  Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"need 0 <= successes <= n and n >= 1, not {successes} of {n}")
    p = successes / n
    centre = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    return Metric(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)), n)


def bootstrap(
    values: Sequence[float], statistic: Callable | None = None, num_resamples: int = 2000, seed: int = 0
) -> Metric:
    """A statistic (the mean unless told) of independent values with its percentile bootstrap interval.

    Shapes:  values (N,); `statistic` maps (..., N) to (...) along the last axis, as `numpy.median` does with axis=-1.
    Raises:  ValueError when there are no values or one is not finite.
    Source:  Efron and Tibshirani 1993, chapter 13.
    """
    import numpy as np

    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or sample.size == 0 or not np.isfinite(sample).all():
        raise ValueError("bootstrap needs a flat list of finite numbers, at least one")
    statistic = statistic or np.mean
    rng = np.random.default_rng(seed)
    resampled = rng.choice(sample, size=(num_resamples, sample.size))
    low, high = np.percentile(statistic(resampled, axis=-1), [2.5, 97.5])
    return Metric(float(statistic(sample, axis=-1)), float(low), float(high), sample.size)
