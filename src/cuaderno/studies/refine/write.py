"""Write an answer token by token, each after all before it, until the model ends it."""

import inspect
from collections.abc import Iterator
from typing import Any

import torch

from cuaderno.studies.refine import tokens
from cuaderno.studies.refine.tuned import Tuned

LONGEST = 200  # tokens of an answer, unless told


@torch.no_grad()
def write(tuned: Tuned, messages: list[dict], temperature: float = 0.0, max_tokens: int = 0,
          seed: int | None = None) -> Iterator[str]:  # fmt: skip
    """The answer to a conversation, piece by piece; temperature 0 always takes the likeliest token."""
    from transformers import DynamicCache

    tokenizer = tuned.tokenizer
    end = tokens.end_of(tokenizer)
    stop = tokenizer.convert_tokens_to_ids(end) if end in tokenizer.get_vocab() else None
    ids = tokens.plain_ids(tokenizer, tokens.prompt_of(tokenizer, messages))[-max(1, tuned.context_length - 8) :]
    room = max_tokens or tuned.context_length - len(ids)
    generator = torch.Generator().manual_seed(seed) if seed is not None else None
    said: list[int] = []
    shown, memory, following = "", DynamicCache(), torch.tensor([ids])
    name = "cache" if "cache" in inspect.signature(tuned.model.forward).parameters else "past_key_values"
    for _ in range(max(1, min(room or LONGEST, LONGEST))):
        found: Any = tuned.model(input_ids=following, use_cache=True, **{name: memory})
        token = draw(found.logits[0, -1].float(), temperature, generator)
        if token in (stop, tokenizer.eos_token_id):
            break
        said.append(token)
        following = torch.tensor([[token]])
        text = tokenizer.decode(said, skip_special_tokens=True).lstrip()
        done, _, _ = text.partition(end) if stop is None else (text, "", "")
        if not done.endswith("\ufffd") and len(done) > len(shown):
            yield done[len(shown) :]
            shown = done
        if stop is None and end in text:
            return


def draw(logits: torch.Tensor, temperature: float, generator: torch.Generator | None) -> int:
    if temperature <= 0:
        return int(logits.argmax())
    return int(torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator))
