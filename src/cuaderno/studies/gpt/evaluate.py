"""Judge a GPT by the tenth of its text that it has not read, beside models that only count.

Losses are nats per token over every window that does not overlap another, so nothing is sampled and no token is left
out but the last few. Bits per character make texts and tokenizers comparable. Two models may also speak together: a
weighted mean of both models' probabilities, the weight fitted on a slice of the training text.
"""

import math
import sys

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.lab.quantize import pack, unpack
from cuaderno.lab.run import Run
from cuaderno.studies.gpt.data import Corpus
from cuaderno.studies.gpt.judge import bits_per_character, spread, token_losses
from cuaderno.studies.gpt.mixture import COUNTED_TOKENS, fit, fit_weight, mixed, surprise
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.ngram import KneserNey
from cuaderno.studies.gpt.train import corpus_of, trained

ORDER = 7  # tokens in the longest gram that is counted
MEMORISED_GAP = 0.5  # nats that the training text is easier than the validation text before we speak of it


def evaluate(run: Run) -> dict[str, Metric]:
    """Losses with intervals over windows, counting models beside them, what int8 costs and what mixing brings."""
    return judge(trained(run)[0], corpus_of(run))


def judge(model: GPT, corpus: Corpus) -> dict[str, Metric]:
    """All metrics of a model and its text."""
    length = model.context_length
    losses = token_losses(model, corpus.val, length, "judge the network")  # (N, T)
    known = spread(corpus.learn, min(len(losses), 1024), length)
    read = np.concatenate([token_losses(model, part, length) for part in known])
    int8 = token_losses(as_int8(model), corpus.val, length, "judge it with 8-bit weights")

    ngram = KneserNey.count(corpus.train[-COUNTED_TOKENS:], model.embed.num_embeddings, ORDER)
    counting = surprise(ngram, corpus.val, losses.shape)
    weight = fit_weight(model, corpus, ORDER)
    together = mixed(losses, counting, weight)
    alone = surprise(ngram.prune(1), corpus.val, losses.shape)
    small = fit(model, corpus)
    browser = mixed(int8, surprise(small.ngram, corpus.val, losses.shape), small.weight) if small else int8

    def bits(values: np.ndarray) -> Metric:
        per_window = [bits_per_character(v, len(corpus.val), corpus.val_chars) for v in values.mean(axis=1)]
        return bootstrap(per_window)

    warn_if_memorised(read.mean(), losses.mean())
    return {
        "loss": bootstrap(losses.mean(axis=1)),
        "bits_per_character": bits(losses),
        "baseline_ngram_loss": bootstrap(counting.mean(axis=1)),
        "baseline_ngram_bits_per_character": bits(counting),
        "mixed_loss": bootstrap(together.mean(axis=1)),
        "mixed_bits_per_character": bits(together),
        "ngram_weight": Metric(weight),
        "browser_loss": bootstrap(browser.mean(axis=1)),
        "train_loss": bootstrap(read.mean(axis=1)),
        "int8_loss": bootstrap(int8.mean(axis=1)),
        "int8_cost": bootstrap((int8 - losses).mean(axis=1)),
        "baseline_unigram_loss": bootstrap(alone.mean(axis=1)),
        "baseline_uniform_loss": Metric(math.log(model.embed.num_embeddings)),
        "parameters": Metric(sum(weight.numel() for weight in model.parameters())),
    }


def as_int8(model: GPT) -> GPT:
    """The same model with the weights that the browser computes with."""
    small = GPT(**model.settings)
    small.load_state_dict(unpack(*pack(model.browser_weights())), strict=False)
    return small.eval()


def warn_if_memorised(train_loss: float, val_loss: float) -> None:
    """Say so when the model knows its training text by heart and little else."""
    if val_loss - train_loss > MEMORISED_GAP:
        print(
            f"The model has memorised its text: its loss is {train_loss:.2f} on what it read and {val_loss:.2f} on "
            "what it did not. Give it more text, fewer --steps or a smaller --embed-dim, or try --dropout-rate 0.1.",
            file=sys.stderr,
        )
