"""Texts and tokens as vectors, from any tuned model."""

from collections.abc import Sequence

import numpy as np

from cuaderno.lab.run import Run
from cuaderno.studies.refine.judge import vectors
from cuaderno.studies.refine.train import trained


def embed(run: Run, texts: Sequence[str]) -> np.ndarray:
    """A vector for each text, the mean over its tokens behind the last layer.  Shapes:  float32 (N, D)"""
    return vectors(trained(run), [" ".join(text.split()) for text in texts])


def embed_tokens(run: Run) -> tuple[list[str], np.ndarray]:
    """Every token that the model knows, as people write it, and its vector.  Shapes:  float32 (V, D)"""
    tuned = trained(run)
    body = getattr(tuned.model, "body", tuned.model)
    weights = body.get_input_embeddings().weight.detach().float().numpy()
    return [tuned.tokenizer.decode([i]) for i in range(len(tuned.tokenizer))], weights[: len(tuned.tokenizer)]
