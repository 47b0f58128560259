"""How far the line is from points it has not seen, with the trivial answer beside it."""

import torch

from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.lab.run import Run
from cuaderno.scaffold.study.data import points
from cuaderno.scaffold.study.train import Config, build

NUM_TEST = 1000


def evaluate(run: Run) -> dict[str, Metric]:
    config = run.config(Config)
    model = build(config)
    model.load_state_dict(run.load_weights())
    x, y = points(NUM_TEST, config.seed, "test")
    with torch.no_grad():
        predicted = model(torch.from_numpy(x)).numpy()
    return {
        "error": bootstrap((predicted - y) ** 2),
        "baseline_mean_error": bootstrap((y.mean() - y) ** 2),  # always answer the mean
    }
