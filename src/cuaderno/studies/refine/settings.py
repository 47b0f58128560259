"""What the settings of a run may be, said before anything is built."""

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.studies.refine import families
from cuaderno.studies.refine.data import TASKS, find

if TYPE_CHECKING:
    from cuaderno.studies.refine.train import Config

LEAST = {
    "num_layers": 1, "num_heads": 1, "embed_dim": 2, "vocab_size": 270, "context_length": 10, "batch_size": 1,
    "epochs": 1, "weight_decay": 0, "lora_rank": 0,
}  # fmt: skip


def settle(config: "Config") -> "Config":
    """The settings with their names written out: `run:gpt` is the run that is the newest now.

    Raises:  CuadernoError with what cannot be, before there is a run or anything is built.
    """
    check(config)
    families.check_pair(config.task, config.model)
    for file in filter(None, (config.data, config.test_data)):
        find(file)
    if config.model.startswith("run:"):
        return replace(config, model="run:" + families.find_run(config.model[4:]))
    families.check_folder(config.task, config.model)
    return config


def check(config: "Config") -> None:
    """Say what cannot be, whatever the rows and the model are.

    Raises:  CuadernoError with the setting in question and what to do.
    """
    for name, known in (("task", TASKS), ("optimizer", ("adamw", "sgd"))):
        if (asked := getattr(config, name)) not in known:
            raise CuadernoError(
                f"{option(name)} is '{asked}', and has to be one of: {', '.join(known)}.{meant(asked, known)}"
            )
    for name, bound in LEAST.items():
        if not getattr(config, name) >= bound:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be at least {bound}.")
    if not 0 < config.learning_rate < math.inf:
        raise CuadernoError(f"--learning-rate is {config.learning_rate}, and has to be a number above 0.")
    for name in ("dropout_rate", "momentum", "mask_rate"):
        if not 0 <= getattr(config, name) < 1:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be from 0 to below 1.")
    if config.embed_dim % (2 * config.num_heads):
        fits = -(-config.embed_dim // (2 * config.num_heads)) * 2 * config.num_heads
        raise CuadernoError(
            f"--embed-dim {config.embed_dim} cannot be shared by {config.num_heads} heads with an even number of "
            f"channels each. Take --embed-dim {fits}, for example."
        )


def changed(config: "Config", name: str) -> bool:
    """Whether a setting is another than it is by itself."""
    return getattr(config, name) != next(field.default for field in fields(config) if field.name == name)


def option(name: str) -> str:
    return "--" + name.replace("_", "-")
