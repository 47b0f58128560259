"""What is taught when: six stages, each with its share of the training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One part of the training.

    Units:   `steps` and `time` are shares of all updates and, where the clock decides, of all the time; `rate` is a
             multiple of --learning-rate; `batch` one of --batch-size; `average` is how much of the running average of
             the weights survives an update.
    """

    name: str
    steps: float
    time: float
    rate: float = 1.0
    batch: float = 1.0
    average: float = 0.998


STAGES = (
    Stage("map", 0.30, 0.20, rate=2.0, batch=2.0),
    Stage("sight", 0.14, 0.08, rate=2.0),
    Stage("autoencoder", 0.28, 0.32, rate=1.5),
    Stage("flow", 0.14, 0.12, rate=1.5, batch=4.0),
    Stage("one_step", 0.07, 0.04, rate=0.5, batch=2.0, average=0.995),
    Stage("polish", 0.07, 0.24, rate=0.6, batch=2.0, average=0.99),
)
WARM_UP = 0.03  # of a stage, in which its rate grows


def stage_at(progress: float, by_time: bool) -> tuple[Stage, float]:
    """The stage that a share of the training falls into, and how much of that stage is gone."""
    start = 0.0
    for stage in STAGES[:-1]:
        share = stage.time if by_time else stage.steps
        if progress < start + share - 1e-9:
            return stage, max(0.0, progress - start) / share
        start += share
    return STAGES[-1], min(1.0, max(0.0, progress - start) / (1 - start))


def rate_at(stage: Stage, gone: float) -> float:
    """How fast to learn, as a multiple of --learning-rate: a short rise, then straight down to 0."""
    return stage.rate * min(1.0, (gone + 1e-3) / WARM_UP) * (1 - gone)
