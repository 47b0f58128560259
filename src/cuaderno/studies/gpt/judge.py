"""How surprised a model is by a text: exactly, over every window that does not overlap another."""

import math
from collections.abc import Iterator
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.progress import Progress
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


def token_losses(model: GPT, tokens: np.ndarray, length: int, title: str = "") -> np.ndarray:
    """Nats of surprise at every token of every window: (N, T). With a title it shows how far it is."""
    parts = []
    bar = Progress(title, (len(tokens) - 1) // length, unit="window") if title else None
    with bar or nullcontext():
        for odds, targets in log_probabilities(model, tokens, length):
            parts.append(-odds.gather(-1, targets[..., None])[..., 0])
            if bar:
                bar.update(bar.done + len(targets))
    return torch.cat(parts).double().numpy()


def quick_loss(model: GPT, tokens: np.ndarray, length: int, limit: int) -> float:
    """Nats per token over the whole text, or over windows from all over it that hold so many tokens together."""
    number = max(1, min(limit, len(tokens) - 1) // length)
    parts = [tokens] if len(tokens) - 1 <= limit else spread(tokens, number, length)
    return float(np.concatenate([token_losses(model, part, length) for part in parts]).mean())


def spread(tokens: np.ndarray, number: int, length: int, stretches: int = 16) -> Iterator[np.ndarray]:
    """So many windows of a text in a few stretches from all over it, each one token longer for the last target."""
    number = min(number, (len(tokens) - 1) // length)
    sizes = [len(part) * length for part in np.array_split(np.arange(number), min(stretches, number))]
    for start, size in zip(np.linspace(0, len(tokens) - 1 - max(sizes), len(sizes)).astype(int), sizes, strict=True):
        yield tokens[start : start + size + 1]


def bits_per_character(loss: float, num_tokens: int, num_chars: int) -> float:
    """Nats per token as bits per character, which models with other tokens share."""
    return loss * num_tokens / num_chars / math.log(2)
