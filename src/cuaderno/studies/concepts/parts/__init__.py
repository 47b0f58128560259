"""The ideas, found by looking: a module in this folder with a function `begin` is a part.

A part is read from top to bottom and needs nothing of the lab. It offers

    SETTINGS = {"steps": 60, …}                  what a 0 in Config stands for here
    ALSO = ("momentum", …)                       optional: other settings that it takes; the rest does nothing here
    begin(config) -> Learner                     what is to learn, untrained
    again(config, state) -> Learner              optional: what has been learnt, without the data it came from
    evaluate(learner) -> dict[str, Metric]       on what it has not seen, trivial answers beside it
    answer(learner, text) -> dict                one input of `cuaderno predict`; ValueError says what is wrong with it
    export(learner) -> Export                    what the page needs, cases that it has to repeat, a still picture

and in web/parts/ two files: NAME-model.js computes as the part does, NAME.js is what a reader touches.
"""

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.metrics import Metric

if TYPE_CHECKING:
    from cuaderno.studies.concepts.train import Config

HERE = Path(__file__).parent


class Learner(Protocol):
    """What learns, and what has been learnt."""

    config: "Config"
    data: str  # whose they are, for the record: "ours (MIT)", or where the text came from
    size: int  # numbers that are learnt

    def learn(self, step: int) -> dict[str, float]: ...  # one update, from 1 on; what to log of it

    def state(self) -> dict[str, np.ndarray]: ...  # all that changes

    def load(self, state: dict[str, np.ndarray]) -> None: ...


@dataclass(frozen=True)
class Export:
    """What a part gives to the page.

    Units:   about becomes model.json; cases are {"input": …, "output": …} for parity.json; poster is an SVG; files are
             written beside, by name.
    """

    about: dict
    cases: list[dict]
    poster: str
    tolerance: float = 1e-6
    files: dict[str, bytes] | None = None


class Part(Protocol):
    """A module of this folder."""

    SETTINGS: dict[str, float]

    def begin(self, config: "Config") -> Learner: ...

    def evaluate(self, learner: Learner) -> dict[str, Metric]: ...

    def answer(self, learner: Learner, text: str) -> dict: ...

    def export(self, learner: Learner) -> Export: ...


def names() -> list[str]:
    """The parts there are, in alphabetical order."""
    return sorted(path.stem for path in HERE.glob("*.py") if "\ndef begin(" in path.read_text(encoding="utf-8"))


def load(name: str) -> Part:
    """The part of that name.

    Raises:  CuadernoError with the nearest name when there is none.
    """
    if name not in names():
        raise CuadernoError(
            f"There is no part '{name}'.{nearest(name, names())} Choose one with: cuaderno train concepts --part NAME"
        )
    return import_module(f"{__name__}.{name}")  # type: ignore[return-value]


def filled(config: "Config") -> "Config":
    """The settings with each 0 that stands for the part's own choice written out."""
    own = load(config.part).SETTINGS
    return replace(config, **{name: value for name, value in own.items() if not getattr(config, name)})


def takes(name: str) -> set[str]:
    """The settings that change something in a part."""
    part = load(name)
    return {"part", "seed", *part.SETTINGS, *getattr(part, "ALSO", ())}
