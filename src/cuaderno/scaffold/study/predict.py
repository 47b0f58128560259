"""Answer one number for each number: `cuaderno predict sample 0.5`."""

import math
from collections.abc import Iterator

import torch

from cuaderno.lab.run import Run
from cuaderno.scaffold.study.train import Config, build


def predict(run: Run, inputs: list[str]) -> Iterator[dict]:
    """One answer per input, in order; what is no number answers with an error."""
    model = build(run.config(Config))
    model.load_state_dict(run.load_weights())
    for text in inputs:
        try:
            x = float(text)
        except ValueError:
            x = math.nan
        if not math.isfinite(x):
            yield {"input": text, "error": f"'{text}' is not a number. Write one such as 0.5."}
            continue
        with torch.no_grad():
            yield {"input": text, "y": model(torch.tensor([x])).item()}
