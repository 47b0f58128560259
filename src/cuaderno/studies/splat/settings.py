"""What the settings of a run may be, said before anything is built."""

import math
from typing import TYPE_CHECKING

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat.splats import LARGEST_DEGREE

if TYPE_CHECKING:
    from cuaderno.studies.splat.train import Config

LEAST = {
    "splats": 16, "degree": 0, "steps": 1, "minutes": 0, "coarse": 1, "relocate_every": 1, "learning_rate": 0,
    "scale_rate": 0, "opacity_rate": 0, "colour_rate": 0, "exposure_rate": 0, "opacity_pull": 0, "scale_pull": 0,
    "val_every": 0, "seed": 0, "num_threads": 0,
}  # fmt: skip
MOST = {"splats": 5_000_000, "degree": LARGEST_DEGREE, "coarse": 16, "seed": 2**31 - 1, "num_threads": 1024}
NUMBERS = 3  # float32 arrays as large as the table: the numbers, and Adam's two averages
A_PAIR = 3 * 4 * 2 + 64  # bytes for each meeting of a splat and a tile
PAIRS = 4  # tiles that a splat meets, about
PROGRAM = 450  # MB of Python, torch and the compiled kernels, measured
A_PIXEL = 3 + 4 + 6 * 4  # bytes of a photo that is ready for a loss


def check(config: "Config") -> None:
    """Say what cannot be, whatever the scene is.

    Raises:  CuadernoError with the setting in question and what to do.
    """
    from cuaderno.studies.splat.layouts import check_scale

    check_scale(config.scale)
    for name, bound in LEAST.items():
        if not bound <= (value := getattr(config, name)) < math.inf:
            raise CuadernoError(f"{option(name)} is {value}, and has to be a number of at least {bound}.")
    for name, bound in MOST.items():
        if (value := getattr(config, name)) > bound:
            raise CuadernoError(f"{option(name)} is {value}, and has to be at most {bound}.")
    if not 0 <= config.structure <= 1:
        raise CuadernoError(f"--structure is {config.structure}, and has to be a share from 0 to 1.")
    if not 0 < config.first_splats <= 1:
        raise CuadernoError(f"--first-splats is {config.first_splats}, and has to be a share above 0, at most 1.")


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def memory(splats: int, degree: int, pixels: int, largest: int) -> int:
    """About how many bytes a training needs, for so many pixels in all photos, so many of which are in the largest."""
    numbers = 11 + 3 * (degree + 1) ** 2
    table = splats * (NUMBERS * 4 * numbers + 64 + 32 + PAIRS * A_PAIR)
    photos = pixels * A_PIXEL * 4 / 3  # each also at half its size, and at a quarter
    return int(table + photos + largest * 40)
