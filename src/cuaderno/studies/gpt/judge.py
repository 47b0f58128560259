"""How surprised a model is by a text: exactly, over every window that does not overlap another."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.gpt.model import GPT

BATCH_TOKENS = 4096  # that are judged at once: larger batches only need more memory


def windows(tokens: np.ndarray, length: int) -> Iterator[tuple[Tensor, Tensor]]:
    """All windows of a text in batches: inputs (B, T) and targets (B, T), each the tokens one place further.

    Together the targets are tokens[1 : N * T + 1] in order, N being the number of whole windows.
    """
    number = (len(tokens) - 1) // length
    per_batch = max(1, BATCH_TOKENS // length)
    for first in range(0, number, per_batch):
        last = min(first + per_batch, number)
        part = torch.from_numpy(np.asarray(tokens[first * length : last * length + 1], dtype=np.int64))
        yield part[:-1].view(-1, length), part[1:].view(-1, length)


@torch.inference_mode()
def log_probabilities(model: GPT, tokens: np.ndarray, length: int) -> Iterator[tuple[Tensor, Tensor]]:
    """For every batch of windows the log-probabilities of all tokens (B, T, V), and the targets (B, T)."""
    model.eval()
    place = model.embed.weight.device
    for inputs, targets in windows(tokens, length):
        yield F.log_softmax(model(inputs.to(place)).float(), dim=-1).cpu(), targets


def token_losses(model: GPT, tokens: np.ndarray, length: int) -> np.ndarray:
    """Nats of surprise at every token of every window: (N, T)."""
    parts = [-odds.gather(-1, targets[..., None])[..., 0] for odds, targets in log_probabilities(model, tokens, length)]
    return torch.cat(parts).double().numpy()


def bits_per_character(loss: float, num_tokens: int, num_chars: int) -> float:
    """Nats per token as bits per character, which models with other tokens share."""
    return loss * num_tokens / num_chars / math.log(2)
