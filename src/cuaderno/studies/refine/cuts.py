"""Words cut into pieces in other ways each epoch, so that a new model knows them by more than one of their cuts."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from cuaderno.studies.refine.batches import Encoded
from cuaderno.studies.refine.start import Prepared

RATE = 0.1  # share of the merges that are left out at each turn


class LooseCuts:
    """A learnt tokenizer whose merges are left out now and then; how is a function of seed and epoch.

    Source:  BPE-dropout, Provilkov et al. 2020, arXiv:1910.13267.
    Traps:   tokenizers has it as well, with luck of its own that no seed decides, so that no run could be repeated.
    """

    def __init__(self, tokenizer: Any, texts: Sequence[str], context_length: int):
        about = json.loads(tokenizer.backend_tokenizer.to_str())
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(about["model"]["merges"])}
        self.numbers: dict[str, int] = about["model"]["vocab"]
        self.left = tokenizer.padding_side == "left"  # as in XLNet, whose marks both come last
        self.marks: list[int] = tokenizer("")["input_ids"]
        self.most = context_length - len(self.marks)
        self.words = [words_of(tokenizer, text) for text in texts]

    @classmethod
    def of(cls, ready: Prepared, task: str) -> "LooseCuts | None":
        """For a small new model that reads one text; a pair is compared by its words, which stay whole."""
        if task == "chat" or ready.pretrained or ready.is_pair or ready.tokenizer.mask_token_id is None:
            return None
        return cls(ready.tokenizer, [row.texts[0] for row in ready.table.train], ready.context_length)

    def recut(self, rows: Sequence[Encoded], seed: int, epoch: int) -> list[Encoded]:
        """The training rows as they are in one epoch."""
        return [replace(row, ids=(ids,)) for row, ids in zip(rows, self.cut(seed, epoch), strict=True)]

    def cut(self, seed: int, epoch: int) -> list[list[int]]:
        """The tokens of every text, as they are in one epoch."""
        luck = random.Random(f"{seed} {epoch}")
        return [self.marked([token for word in words for token in self.pieces(word, luck)]) for words in self.words]

    def marked(self, found: list[int]) -> list[int]:
        """Tokens with the marks that the family puts around them."""
        found = found[: self.most]
        return [*found, *self.marks] if self.left else [self.marks[0], *found, *self.marks[1:]]

    def pieces(self, word: str, luck: random.Random, rate: float = RATE) -> list[int]:
        """Merge the pair that was learnt first of those that are not left out this time, until none is to be had."""
        parts = list(word)
        while len(parts) > 1:
            known = [(self.ranks[pair], i) for i, pair in enumerate(pairwise(parts)) if pair in self.ranks]
            kept = [one for one in known if luck.random() >= rate]
            if not kept:
                break
            _, at = min(kept)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return [self.numbers[part] for part in parts]


def words_of(tokenizer: Any, text: str) -> list[str]:
    """The words of a text in the letters that stand for bytes."""
    backend = tokenizer.backend_tokenizer
    return [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(text))]
