"""Texts and tokens as vectors, from any tuned model."""

from collections.abc import Sequence

import numpy as np
import torch

from cuaderno.lab.run import Run
from cuaderno.studies.refine import tokens
from cuaderno.studies.refine.judge import vectors
from cuaderno.studies.refine.tuned import Tuned, trained


def embed(run: Run, texts: Sequence[str]) -> np.ndarray:
    """A vector for each text, the mean over its tokens behind the last layer.  Shapes:  float32 (N, D)"""
    return vectors(trained(run), [" ".join(text.split()) for text in texts])


def embed_tokens(run: Run) -> tuple[list[str], np.ndarray]:
    """Every token that the model knows, as people write it, and its vector.  Shapes:  float32 (V, D)"""
    return token_vectors(trained(run))


def token_vectors(tuned: Tuned) -> tuple[list[str], np.ndarray]:
    body = getattr(tuned.model, "body", tuned.model)
    weights = body.get_input_embeddings().weight.detach().float().numpy()
    return [tuned.tokenizer.decode([i]) for i in range(len(tuned.tokenizer))], weights[: len(tuned.tokenizer)]


def embed_sequence(run: Run, text: str) -> tuple[list[str], np.ndarray]:
    """One text as the sequence of vectors that it is to the model, behind the last layer.  Shapes:  float32 (T, D)"""
    return sequence_vectors(trained(run), text)


def sequence_vectors(tuned: Tuned, text: str) -> tuple[list[str], np.ndarray]:
    ids = tokens.encode(tuned.tokenizer, [" ".join(text.split())], tuned.context_length)[0]
    with torch.no_grad():
        hidden = tuned.body(input_ids=torch.tensor([ids])).last_hidden_state[0]
    return [tuned.tokenizer.decode([i]) for i in ids], hidden.float().numpy()
