"""What the settings of a run may be, said before anything is built."""

import math
import re
from typing import TYPE_CHECKING

from cuaderno.lab.errors import CuadernoError, meant

if TYPE_CHECKING:
    from cuaderno.studies.vision.train import Config

LEAST = {
    "num_train": 2, "num_test": 4, "stored_size": 16, "size": 8, "first_size": 8, "stem_stride": 1,
    "rotation": 0, "colour": 0, "steps": 1, "minutes": 0, "batch_size": 2, "learning_rate": 0, "val_every": 0,
    "seed": 0, "num_threads": 0,
}  # fmt: skip
LARGEST_SEED = 2**31 - 1
PRECISIONS = ("auto", "bfloat16", "float32")
PATCH = re.compile(r"patch(\d+)")  # in the name of a transformer, whose pictures are cut into squares of that side


def check(config: "Config") -> None:
    """Say what cannot be, whatever the pictures are.

    Raises:  CuadernoError with the setting in question and what to do.
    """
    for name, bound in LEAST.items():
        if not bound <= (value := getattr(config, name)) < math.inf:
            raise CuadernoError(f"{option(name)} is {value}, and has to be at least {bound}.")
    if config.seed > LARGEST_SEED:
        raise CuadernoError(f"--seed is {config.seed}, and has to be at most {LARGEST_SEED}.")
    if not 0 < config.smallest_crop <= 1:
        raise CuadernoError(f"--smallest-crop is {config.smallest_crop}, and has to be a share above 0, at most 1.")
    for name in ("cutout", "label_smoothing"):
        if not 0 <= (value := getattr(config, name)) < 1:
            raise CuadernoError(f"{option(name)} is {value}, and has to be a share from 0 to below 1.")
    if config.precision not in PRECISIONS:
        raise CuadernoError(
            f"There is no precision '{config.precision}': choose auto, bfloat16 or float32."
            f"{meant(config.precision, PRECISIONS)}"
        )
    _check_data(config)
    (_check_backbone if config.backbone else _check_network)(config)


def _check_data(config: "Config") -> None:
    try:
        config.data.encode()
    except UnicodeEncodeError:
        raise CuadernoError("The name in --data is not UTF-8, so no run can note it: rename the folder.") from None


def _check_network(config: "Config") -> None:
    """Whether pictures are still there after every group of convolutions has halved them."""
    if config.backbone_weights:
        raise CuadernoError("--backbone-weights are the weights of a --backbone, which is missing: name it, too.")
    if not config.widths or min(config.widths) < 1:
        said = " ".join(map(str, config.widths)) or "empty"
        raise CuadernoError(f"--widths is {said}: give the channels of each group, at least 1, such as 32 64 128.")
    stride = config.stem_stride
    fewest = stride * (2 ** len(config.widths) + 1)
    for name in ("size", "first_size"):
        if getattr(config, name) < fewest:
            raise CuadernoError(
                f"{option(name)} is {getattr(config, name)}, and nothing is left of such a picture after a stride of "
                f"{stride} and {len(config.widths)} halvings. Take at least {fewest}, or fewer --widths."
            )


def _check_backbone(config: "Config") -> None:
    """Whether a transformer's pictures can be cut into its patches."""
    if not (found := PATCH.search(config.backbone)):
        return
    patch = int(found[1])
    for name in ("size", "first_size"):
        if (side := getattr(config, name)) % patch:
            raise CuadernoError(
                f"{config.backbone} cuts pictures into squares of {patch} pixels, and {option(name)} is {side}. Take a "
                f"multiple, such as {option(name)} {max(1, round(side / patch)) * patch}."
            )


def option(name: str) -> str:
    return "--" + name.replace("_", "-")
