"""How near a painted picture is to a photo."""

import numpy as np

from cuaderno.studies.splat.loss import REACH, WINDOW


def judged(painted: np.ndarray, photo: np.ndarray, mask: np.ndarray | None = None) -> tuple[float, float]:
    """PSNR in decibels and SSIM, of what a screen would show: cut off to [0, 1].

    Shapes:  painted (H, W, 3) float, photo (H, W, 3) uint8, mask (H, W) bool or None
    """
    x, y = np.clip(painted.astype(np.float64), 0, 1), photo / 255.0
    counts = np.ones(x.shape[:2], bool) if mask is None else mask
    square = ((x - y) ** 2)[counts].mean() if counts.any() else 0.0
    alike = similarity(x * counts[..., None], y * counts[..., None])
    return decibels(square), float(alike[counts].mean()) if counts.any() else 1.0


def decibels(square: float) -> float:
    """The peak signal-to-noise ratio of a mean squared error."""
    return float(-10 * np.log10(max(square, 1e-10)))


def similarity(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """SSIM of each pixel's neighbourhood, with black around the picture.  Shapes:  (H, W, 3) twice -> (H, W, 3)."""
    mx, my = smoothed(x), smoothed(y)
    vx, vy, both = smoothed(x * x) - mx * mx, smoothed(y * y) - my * my, smoothed(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return (2 * mx * my + c1) * (2 * both + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))


def smoothed(picture: np.ndarray) -> np.ndarray:
    """The mean of each pixel's window, sideways and then downwards."""
    weights = (WINDOW / WINDOW.sum())[: REACH + 1]
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (REACH, REACH)
        wide, size = np.moveaxis(np.pad(picture, pad), axis, 0), picture.shape[axis]
        found = wide[REACH : REACH + size] * weights[REACH]
        for k in range(REACH):
            found += (wide[k : k + size] + wide[2 * REACH - k : 2 * REACH - k + size]) * weights[k]
        picture = np.moveaxis(found, 0, axis)
    return picture
