"""Rows as the model reads them: in tokens, in batches of similar length, padded to rectangles."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cuaderno.studies.refine import tokens
from cuaderno.studies.refine.data import Row
from cuaderno.studies.refine.start import Prepared

SORTED_BATCHES = 8  # whose rows are sorted by length together, so that little is padded


@dataclass(frozen=True)
class Encoded:
    """A row in tokens: one or two texts, or one conversation with where its answer begins."""

    ids: tuple[list[int], ...]
    target: Any
    answer_from: int = 0


def encode_rows(ready: Prepared, task: str, rows: list[Row]) -> list[Encoded]:
    """Rows in the tokens of a prepared model."""
    if task == "chat":
        return [encode_speech(ready.tokenizer, row, ready.context_length) for row in rows]
    labels = {label: number for number, label in enumerate(ready.table.labels)}
    flat = tokens.encode(ready.tokenizer, [text for row in rows for text in row.texts], ready.context_length)
    wide = 2 if ready.is_pair else 1
    return [
        Encoded(
            tuple(flat[wide * i : wide * i + wide]),
            labels[str(row.target)] if task == "classify" else float(row.target),
        )
        for i, row in enumerate(rows)
    ]


def encode_speech(tokenizer: Any, row: Row, context_length: int) -> Encoded:
    """A conversation and its answer; of what does not fit, the oldest part is left out."""
    end, answer = tokens.end_of(tokenizer), str(row.target)
    if end == "\n\n":  # a gap ends a speech, so there can be none inside
        answer = "\n".join(line for line in answer.splitlines() if line.strip())
    lead = " " if tokenizer.chat_template == tokens.PLAIN_SPEECHES else ""
    said = tokens.plain_ids(tokenizer, f"{lead}{answer}{end}")[: max(1, context_length - 8)]
    asked = tokens.plain_ids(tokenizer, tokens.prompt_of(tokenizer, json.loads(row.texts[0])))
    asked = asked[-max(1, context_length - len(said)) :]
    return Encoded((asked + said,), row.target, len(asked))


def order(rows: list[Encoded], batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The batches of an epoch: a permutation that is a function of seed and epoch, with similar lengths together."""
    rng = np.random.default_rng([seed, epoch])
    shuffled, batches = rng.permutation(len(rows)), []
    for start in range(0, len(rows), SORTED_BATCHES * batch_size):
        some = shuffled[start : start + SORTED_BATCHES * batch_size]
        lengths = np.array([sum(map(len, rows[i].ids)) for i in some])
        some = some[np.argsort(lengths, kind="stable")]
        batches += [some[at : at + batch_size] for at in range(0, len(some), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pad(lists: list[list[int]], blank: int, left: bool, place: torch.device) -> tuple[Tensor, Tensor]:
    """Token lists as one rectangle and where tokens are.  Shapes:  (N, T), (N, T)"""
    width = max(map(len, lists))
    ids = torch.full((len(lists), width), blank, dtype=torch.long)
    there = torch.zeros(len(lists), width, dtype=torch.long)
    for i, own in enumerate(lists):
        at = slice(width - len(own), width) if left else slice(0, len(own))
        ids[i, at], there[i, at] = torch.tensor(own), 1
    return ids.to(place), there.to(place)
