"""What the settings of a run may be, said before anything is built."""

import math
from typing import TYPE_CHECKING

import torch

from cuaderno.lab.errors import CuadernoError, meant

if TYPE_CHECKING:
    from cuaderno.studies.latent.train import Config

LEAST = {
    "num_train": 8, "num_val": 4, "num_test": 8, "size": 8, "latent_dim": 1, "width": 1, "hidden_dim": 1,
    "num_blocks": 0, "map_hidden_dim": 1, "kl_weight": 0, "feature_weight": 0, "num_pairs": 1, "steps": 1, "minutes": 0,
    "batch_size": 4, "learning_rate": 0, "seed": 0, "num_threads": 0,
}  # fmt: skip
LARGEST_SEED = 2**31 - 1
LARGEST_SIZE = 128
PRECISIONS = ("auto", "bfloat16", "float32")


def check(config: "Config") -> None:
    """Say what cannot be, whatever the pictures are.

    Raises:  CuadernoError with the setting in question and what to do.
    """
    for name, bound in LEAST.items():
        if not bound <= (value := getattr(config, name)) < math.inf:
            raise CuadernoError(f"{option(name)} is {value}, and has to be at least {bound}.")
    if config.seed > LARGEST_SEED:
        raise CuadernoError(f"--seed is {config.seed}, and has to be at most {LARGEST_SEED}.")
    for name, low, high in (("map_warm_up", 0, 1), ("label_drop", 0, 0.9)):
        if not low <= (value := getattr(config, name)) <= high:
            raise CuadernoError(f"{option(name)} is {value}, and has to be a share from {low} to {high}.")
    if config.size % 4 or config.size > LARGEST_SIZE:
        near = min(LARGEST_SIZE, 4 * max(2, round(config.size / 4)))
        raise CuadernoError(
            f"--size is {config.size}; pictures are folded twice, so it has to be a multiple of 4, at most "
            f"{LARGEST_SIZE}. Take --size {near}."
        )
    if config.precision not in PRECISIONS:
        raise CuadernoError(
            f"There is no precision '{config.precision}': choose auto, bfloat16 or float32."
            f"{meant(config.precision, PRECISIONS)}"
        )
    try:
        config.data.encode()
    except UnicodeEncodeError:
        raise CuadernoError("The name in --data is not UTF-8, so no run can note it: rename the folder.") from None


def number_format(precision: str, place: torch.device) -> torch.dtype:
    """What networks compute with: bfloat16 where it is faster, and nearly halves the time of a training, or float32."""
    if precision != "auto":
        return getattr(torch, precision)
    if place.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = place.type == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if fast else torch.float32


def option(name: str) -> str:
    return "--" + name.replace("_", "-")
