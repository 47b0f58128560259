"""Go on writing from a prompt: `cuaderno predict gpt "Once upon a time"`."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import mixture
from cuaderno.studies.gpt.generate import Sampling, write
from cuaderno.studies.gpt.tokens import unknown
from cuaderno.studies.gpt.train import trained


@dataclass(frozen=True)
class Options:
    """How to draw the next token."""

    temperature: float = 0.8  # 0 always takes the likeliest token, 1 draws as the model expects
    top_k: int = 0  # only the so many likeliest tokens; 0 for all
    top_p: float = 1.0  # only the likeliest tokens that reach this share together
    min_p: float = 0.05  # only tokens with at least this share of the likeliest one's probability
    repetition_penalty: float = 1.0  # above 1: tokens that were there before become less likely
    max_tokens: int = 300  # how much to write
    seed: int = 0  # of the random draws
    stop: tuple[str, ...] = ()  # stop before any of these


def predict(run: Run, inputs: list[str], options: Options = Options()) -> Iterator[dict]:
    """One continuation per prompt, in order; a prompt that no text could hold answers with an error."""
    sampling = Sampling(**vars(options))
    if not sampling.max_tokens and not any(sampling.stop):
        raise CuadernoError("max_tokens is 0 and there is no stop string, so it would never end: give one of them.")
    model, tokenizer = trained(run)
    mix = mixture.load(run.folder / "checkpoint")
    for prompt in inputs:
        control = sorted(
            {char for char in prompt if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t"}
        )
        if control:
            message = f"The prompt holds {', '.join(map(ascii, control))}, which no text does. Leave it out."
            yield {"input": prompt, "error": message}
            continue
        text = "".join(write(model, tokenizer, prompt, sampling, mix))
        strange = unknown(tokenizer, prompt)
        yield {"input": prompt, "text": text} | ({"not_read": strange} if strange else {})


def show(answer: dict) -> str:
    """The prompt and what follows, as one text."""
    ignored = f"\n(not in its alphabet, so not read: {' '.join(answer['not_read'])})" if "not_read" in answer else ""
    return answer["input"] + answer["text"] + ignored
