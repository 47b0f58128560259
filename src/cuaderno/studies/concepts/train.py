"""Train one idea: `cuaderno train concepts --part descent`.

What a part learns, and how, stands in parts/; here is the loop that all of them share. Nothing in it needs a large
library: the parts are plain Python and NumPy, so that each line can be read and tried.
"""

from dataclasses import dataclass, fields

import numpy as np
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.parts import Learner

LINES = 200  # that a whole training writes into its log, at most
LEAST = {
    "num_points": 0, "noise": 0, "hidden_dim": 0, "dropout_rate": 0, "steps": 0, "learning_rate": 0, "momentum": 0,
    "seed": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run; a 0 where nothing would come of it is the part's own choice."""

    # the idea
    part: str = "network"  # which idea: a file in studies/concepts/parts, such as descent
    # data
    num_points: int = 0  # examples to learn from; 0: as many as the part likes
    text: str = ""  # a text file of yours, for the parts that read; else the help pages of Python
    noise: float = 0.0  # how far examples lie from where they should (standard deviation); 0: the part's own choice
    # model
    hidden_dim: int = 0  # hidden units of the parts that have a network; 0: as many as the part likes
    dropout_rate: float = 0.0  # share of the hidden units that sit out each update
    model: str = ""  # the export folder of a trained GPT, for the part attention; else it learns a layer of its own
    # optimizer
    steps: int = 0  # updates; 0: as many as the part likes
    learning_rate: float = 0.0  # how far an update goes; 0: as far as the part likes
    momentum: float = 0.7  # share of the last update that is kept, where a part has momentum
    # machine
    seed: int = 0  # of the examples and of what is there before the training


TINY = Config(part="network", num_points=24, hidden_dim=3, steps=20)


def settle(config: Config) -> Config:
    """The settings, refused when they cannot be, and with the part's own choices written out."""
    for name, least in LEAST.items():
        if not least <= (value := getattr(config, name)) < float("inf"):
            raise CuadernoError(f"{flag(name)} is {value}, and has to be at least {least}.")
    for name in ("dropout_rate", "momentum"):
        if getattr(config, name) >= 1:
            raise CuadernoError(f"{flag(name)} is a share: at least 0 and below 1.")
    return parts.filled(config)


def flag(name: str) -> str:
    """A setting as one types it."""
    return f"--{name.replace('_', '-')}"


def build(config: Config) -> Learner:
    """What is to learn, untrained.

    Raises:  CuadernoError when a setting was chosen that does nothing there.
    """
    known = parts.takes(config.part)
    idle = [field.name for field in fields(Config) if field.name not in known]
    for name in idle:
        if getattr(config, name) != getattr(Config, name):
            choose = ", ".join(map(flag, sorted(known - {"part"})))
            raise CuadernoError(f"{flag(name)} does nothing in the part {config.part}, which takes {choose}.")
    return parts.load(config.part).begin(settle(config))


def train(config: Config, run: Run) -> None:
    """The whole training of one part."""
    torch.set_num_threads(1)
    learner = build(config)
    config = learner.config
    numbers = sorted(parts.takes(config.part) - {"part", "text", "model"})
    run.describe(
        part=config.part, parameters=learner.size, device="cpu", licence=learner.data,
        **{name: getattr(config, name) for name in numbers},
    )  # fmt: skip
    for name, mark in getattr(learner, "used", {}).items():
        run.used(name, mark)
    if state := run.restore():
        learner.load({name: tensor.numpy() for name, tensor in state["learner"].items()})
    every = max(1, config.steps // LINES)
    for step in run.steps(config.steps):
        values = learner.learn(step)
        if step % every == 0 or step in (1, run.total):
            run.log(step, **values)
        if run.checkpoint_due():
            run.checkpoint(learner=as_tensors(learner))
    run.save_weights(as_tensors(learner))


def trained(run: Run) -> Learner:
    """What a run has learnt.

    Raises:  CuadernoError when its training has not ended.
    """
    config = settle(run.config(Config))
    part, state = parts.load(config.part), {name: tensor.numpy() for name, tensor in run.load_weights().items()}
    if hasattr(part, "again"):
        return part.again(config, state)
    learner = part.begin(config)
    learner.load(state)
    return learner


def as_tensors(learner: Learner) -> dict[str, torch.Tensor]:
    """All that changes, as files want it; copies, since training goes on."""
    return {name: torch.from_numpy(np.array(value)) for name, value in learner.state().items()}
