"""How good is what was learnt? Each part says itself, with the trivial answers beside it."""

from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.train import trained


def evaluate(run: Run) -> dict[str, Metric]:
    learner = trained(run)
    return {**parts.load(learner.config.part).evaluate(learner), "parameters": Metric(learner.size)}
