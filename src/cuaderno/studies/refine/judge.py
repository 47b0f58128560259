"""How good answers are: each number with its interval, for answers of whatever came up with them."""

import json
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch

from cuaderno.lab.metrics import Metric, wilson
from cuaderno.studies.refine import tokens
from cuaderno.studies.refine.batches import encode_speech, pad
from cuaderno.studies.refine.data import Row
from cuaderno.studies.refine.model import Pair, answers
from cuaderno.studies.refine.tuned import Tuned
from cuaderno.studies.refine.write import write

BATCH = 64
RESAMPLES = 1000
MOST_WRITTEN = 200  # conversations whose answers are written out and compared


@torch.no_grad()
def ask(tuned: Tuned, texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Probabilities of the labels (N, K), or scores (N, 1), for rows of one text or two."""
    flat = tokens.encode(tuned.tokenizer, [text for row in texts for text in row], tuned.context_length)
    wide = 2 if tuned.is_pair else 1
    rows = [flat[wide * i : wide * i + wide] for i in range(len(texts))]
    by_length = sorted(range(len(rows)), key=lambda i: sum(map(len, rows[i])))
    left = tuned.tokenizer.padding_side == "left"
    found = np.zeros((len(rows), max(1, len(tuned.labels))), np.float32)
    for at in range(0, len(rows), BATCH):
        some = by_length[at : at + BATCH]
        ids, there = pad(
            [own for i in some for own in rows[i]], tuned.tokenizer.pad_token_id, left, torch.device("cpu")
        )
        logits = answers(tuned.model, ids, there).float()
        found[some] = (logits.softmax(-1) if tuned.task == "classify" else logits).numpy()
    return found


@torch.no_grad()
def vectors(tuned: Tuned, texts: Sequence[str]) -> np.ndarray:
    """A vector for each text, the mean of its tokens' vectors behind the last layer.  Shapes:  (N, D)"""
    body = tuned.body
    encoded = tokens.encode(tuned.tokenizer, list(texts), tuned.context_length)
    special = torch.tensor(sorted({*tuned.tokenizer.all_special_ids}))
    by_length = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    found = np.zeros((len(encoded), body.config.hidden_size), np.float32)
    for at in range(0, len(encoded), BATCH):
        some = by_length[at : at + BATCH]
        left = tuned.tokenizer.padding_side == "left"
        ids, there = pad([encoded[i] for i in some], tuned.tokenizer.pad_token_id, left, torch.device("cpu"))
        if isinstance(tuned.model, Pair):
            found[some] = tuned.model.embed(ids, there).numpy()
            continue
        hidden = body(input_ids=ids, attention_mask=there).last_hidden_state
        words = there * ~torch.isin(ids, special)
        weights = torch.where(words.sum(1, keepdim=True) > 0, words, there)[..., None].float()
        found[some] = ((hidden * weights).sum(1) / weights.sum(1)).numpy()
    return found


def judge_labels(guessed: Sequence[str], right: Sequence[str], prefix: str = "") -> dict[str, Metric]:
    """Accuracy, and F1 averaged over the labels so that rare ones count as much."""
    names = sorted({*guessed, *right})
    both = [np.array([names.index(one) for one in side]) for side in (guessed, right)]
    hits = int((both[0] == both[1]).sum())
    wanted = sorted({int(i) for i in both[1]})
    return {
        f"{prefix}accuracy": wilson(hits, len(right)),
        f"{prefix}macro_f1": resampled(lambda some: macro_f1(both[0][some], both[1][some], wanted), len(right)),
    }


def macro_f1(guessed: np.ndarray, right: np.ndarray, labels: Sequence[int]) -> float:
    """The mean over the labels of 2 · hits / (named + true); a label that is nowhere counts 0."""
    shares = []
    for label in labels:
        hits = ((guessed == label) & (right == label)).sum()
        shares.append(2 * hits / max(1, (guessed == label).sum() + (right == label).sum()))
    return float(np.mean(shares))


def judge_numbers(guessed: np.ndarray, right: np.ndarray, prefix: str = "", only: Sequence[str] = ()) -> dict:
    """Root of the mean squared error, and how far the two go together: by value and by rank."""
    kinds: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "rmse": lambda a, b: float(np.sqrt(np.mean((a - b) ** 2))),
        "pearson": correlation,
        "spearman": lambda a, b: correlation(ranks(a), ranks(b)),
    }
    return {
        f"{prefix}{name}": resampled(lambda some, kind=kind: kind(guessed[some], right[some]), len(right))
        for name, kind in kinds.items()
        if not only or name in only
    }


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's; 0 where one of them never changes."""
    a, b = one - one.mean(), other - other.mean()
    size = math.sqrt(float((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-12 else 0.0


def ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value, the mean one where several are equal."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]


def resampled(statistic: Callable[[np.ndarray], float], n: int) -> Metric:
    """A statistic of rows, given by their numbers, with its percentile bootstrap interval."""
    rng = np.random.default_rng(0)
    drawn = [statistic(rng.integers(0, n, n)) for _ in range(RESAMPLES)]
    value = statistic(np.arange(n))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Metric(value, min(value, float(low)), max(value, float(high)), n)


@torch.no_grad()
def judge_answers(tuned: Tuned, rows: Sequence[Row]) -> dict[str, Metric]:
    """How surprising the right answers are, token by token, and how often the very answer is written."""
    encoded = [encode_speech(tuned.tokenizer, row, tuned.context_length) for row in rows]
    losses, counts = [], []
    for at in range(0, len(encoded), BATCH):
        some = encoded[at : at + BATCH]
        ids, there = pad([row.ids[0] for row in some], tuned.tokenizer.pad_token_id, False, torch.device("cpu"))
        logits = tuned.model(input_ids=ids, attention_mask=there).logits[:, :-1].float()
        nats = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        for i, row in enumerate(some):
            losses.append(float(nats[i, row.answer_from - 1 : len(row.ids[0]) - 1].sum()))
            counts.append(len(row.ids[0]) - row.answer_from)
    written = rows[:MOST_WRITTEN]
    same = sum(is_written(tuned, row) for row in written)
    return {"perplexity": perplexity(losses, counts), "exact_match": wilson(same, len(written))}


def is_written(tuned: Tuned, row: Row) -> bool:
    """Whether the model answers with the very words; at the first other one there is no need to hear it out."""
    right, said = normal(row.target), ""
    for piece in write(tuned, json.loads(row.texts[0])):
        said += piece
        if not right.startswith(normal(said)):
            return False
    return normal(said) == right


def perplexity(losses: Sequence[float], counts: Sequence[int]) -> Metric:
    """The exponential of the mean loss per token, over rows of nats and tokens."""
    nats, number = np.array(losses), np.array(counts)
    return resampled(lambda some: math.exp(min(50.0, nats[some].sum() / number[some].sum())), len(nats))


def normal(answer: str) -> str:
    """An answer without what does not matter when two are compared: white space around and between."""
    return " ".join(str(answer).split())
