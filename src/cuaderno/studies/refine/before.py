"""What a pretrained model was worth before it was tuned, on the same rows: else nobody knows whether tuning helped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric
from cuaderno.studies.refine.baselines import PARTS, linear_labels, linear_numbers, numbers_of
from cuaderno.studies.refine.data import Row, Table, say
from cuaderno.studies.refine.judge import judge_answers, judge_labels, judge_numbers, vectors
from cuaderno.studies.refine.start import prepare
from cuaderno.studies.refine.tuned import Tuned

if TYPE_CHECKING:
    from cuaderno.studies.refine.train import Config

PREFIX = "baseline_untuned_"


def judge_before(config: "Config", tuned: Tuned, table: Table) -> dict[str, Metric]:
    """Its own answers in a chat; elsewhere, as it has none yet, what a linear model makes of its vectors."""
    try:
        before = replace(tuned, model=prepare(config).model.eval())
    except CuadernoError as error:
        say(f"What the model was worth before it was tuned cannot be measured: {error}")
        return {}
    if tuned.task == "chat":
        return {PREFIX + name: metric for name, metric in judge_answers(before, table.test).items()}
    inputs = scaled({part: features(before, getattr(table, part)) for part in PARTS})
    if tuned.task == "classify":
        return judge_labels(linear_labels(inputs, table), [str(row.target) for row in table.test], PREFIX)
    return judge_numbers(linear_numbers(inputs, table), numbers_of(table.test), PREFIX, only=("rmse", "pearson"))


def features(tuned: Tuned, rows: Sequence[Row]) -> np.ndarray:
    """The vector of a text; of a pair how the two vectors differ and agree.  Shapes:  (N, D) or (N, 2D + 1)"""
    found = vectors(tuned, [text for row in rows for text in row.texts])
    if not tuned.is_pair:
        return found
    one, other = found[0::2], found[1::2]
    sizes = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    alike = (one * other).sum(1) / np.maximum(sizes, 1e-12)
    return np.hstack([abs(one - other), one * other, alike[:, None]])


def scaled(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every number with mean 0 and spread 1 over the training rows."""
    mean, spread = inputs["train"].mean(0), inputs["train"].std(0)
    return {part: (values - mean) / np.maximum(spread, 1e-6) for part, values in inputs.items()}
