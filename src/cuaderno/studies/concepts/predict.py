"""Ask a trained part: numbers, a formula or a text, as its card says."""

from collections.abc import Iterator

from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.train import trained


def predict(run: Run, inputs: list[str]) -> Iterator[dict]:
    """One answer per input, in order; what the part cannot read answers with an error."""
    learner = trained(run)
    part = parts.load(learner.config.part)
    for text in inputs:
        try:
            yield {"input": text, **part.answer(learner, text)}
        except ValueError as error:
            yield {"input": text, "error": str(error)}
