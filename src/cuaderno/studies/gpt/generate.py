"""Write on: one token after another, drawn from what the model expects to come next."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.gpt.model import GPT, Cache
from cuaderno.studies.gpt.tokens import decode_stream, encode

# From the tokens so far and the network's probabilities (V,) to the ones to draw from: how a counting model joins in.
Mix = Callable[[list[int], np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sampling:
    """How to draw the next token.

    Units:   temperature 0 always takes the likeliest, 1 draws as the model expects; top_k 0, top_p 1 and min_p 0 leave
             every token in; repetition_penalty 1 punishes nothing; max_tokens 0 writes until a stop string.
    Source:  top-p: Holtzman et al. 2020, arXiv:1904.09751; min-p: Nguyen et al. 2024, arXiv:2407.01082; repetition
             penalty: Keskar et al. 2019, arXiv:1909.05858.
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.05
    repetition_penalty: float = 1.0
    max_tokens: int = 500
    stop: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self):
        limits = {
            "temperature": (0, 100), "top_k": (0, 10**9), "top_p": (1e-9, 1), "min_p": (0, 1),
            "repetition_penalty": (1e-3, 1e3), "max_tokens": (0, 10**9),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise CuadernoError(f"{name} is {getattr(self, name)}: give a number from {low:g} to {high:g}.")


def write(
    model: GPT, tokenizer: Tokenizer, prompt: str, sampling: Sampling = Sampling(), mix: Mix | None = None
) -> Iterator[str]:
    """The continuation of a prompt, piece by piece, up to a stop string, which is not part of it.

    Traps:   the model reads the end of a long prompt only; an empty one begins as after the end of a line.
    """
    yield from until(
        decode_stream(tokenizer, draw(model, beginning(model, tokenizer, prompt), sampling, mix)), sampling.stop
    )


def beginning(model: GPT, tokenizer: Tokenizer, prompt: str) -> list[int]:
    """The tokens to start from: at least one, and no more than the context holds."""
    tail = prompt[-16 * model.context_length :]  # no token is longer on average, and a megabyte need not be read
    return (encode(tokenizer, tail) or encode(tokenizer, "\n") or [0])[-model.context_length :]


@torch.inference_mode()
def draw(model: GPT, tokens: Iterable[int], sampling: Sampling, mix: Mix | None = None) -> Iterator[int]:
    """New tokens behind the given ones, one at a time; a full context goes on from its second half."""
    model.eval()
    place = model.embed.weight.device
    generator = torch.Generator()
    generator.manual_seed(sampling.seed % 2**63) if sampling.seed is not None else generator.seed()
    tokens, cache, unread, written = list(tokens), Cache(model), list(tokens), 0
    while not sampling.max_tokens or written < sampling.max_tokens:
        if cache.length + len(unread) > model.context_length:
            cache, unread = Cache(model), tokens[-max(1, model.context_length // 2) :]
        logits = model(torch.tensor([unread], device=place), cache)[0, -1].float().cpu()
        if mix:
            logits = torch.from_numpy(mix(tokens, logits.softmax(0).numpy())).float().clamp_min(1e-12).log()
        token = choose(logits, tokens[-model.context_length :], sampling, generator)
        tokens.append(token)
        unread, written = [token], written + 1
        yield token


def choose(logits: Tensor, recent: list[int], sampling: Sampling, generator: torch.Generator) -> int:
    """Draw one token.  Shapes:  logits (V,) on the CPU, recent the tokens that the repetition penalty looks at."""
    probabilities = odds(logits, recent, sampling)
    return int(torch.multinomial(probabilities, 1, generator=generator))


def odds(logits: Tensor, recent: list[int], sampling: Sampling) -> Tensor:
    """The probabilities (V,) from which the next token is drawn, after every rule of `sampling`."""
    if sampling.repetition_penalty != 1.0 and recent:
        seen = torch.tensor(sorted(set(recent)))
        logits = logits.clone()
        values = logits[seen]
        logits[seen] = torch.where(
            values > 0, values / sampling.repetition_penalty, values * sampling.repetition_penalty
        )
    if sampling.temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    if 0 < sampling.top_k < len(logits):
        logits = logits.masked_fill(logits < logits.topk(sampling.top_k).values[-1], -torch.inf)
    logits = (logits - logits.max()) / max(sampling.temperature, 1e-30)  # no temperature is too low for float32
    probabilities = logits.softmax(0)
    if sampling.top_p < 1.0:
        ordered, order = probabilities.sort(descending=True, stable=True)
        beyond = ordered.cumsum(0) - ordered >= sampling.top_p  # the likeliest ones that reach top_p together stay
        probabilities[order[beyond]] = 0
    if sampling.min_p > 0.0:
        probabilities[probabilities < sampling.min_p * probabilities.max()] = 0
    return probabilities / probabilities.sum()


def until(pieces: Iterable[str], stops: tuple[str, ...]) -> Iterator[str]:
    """The pieces up to the first stop string; what may be the beginning of one waits until it is known."""
    stops = tuple(filter(None, stops))
    held = ""
    for piece in pieces:
        held += piece
        found = [(at + len(stop), at) for stop in stops if (at := held.find(stop)) >= 0]
        if found:
            _, end = min(found)  # the one that was complete first, so that it does not matter how the pieces were cut
            if end:
                yield held[:end]
            return
        waiting = max((n for stop in stops for n in range(1, len(stop)) if held.endswith(stop[:n])), default=0)
        ready, held = held[: len(held) - waiting], held[len(held) - waiting :]
        if ready:
            yield ready
    if held:
        yield held
