"""In which order a training reads its text, as a function of the seed: so that a run can be stopped and repeated."""

import numpy as np
import torch
from torch import Tensor


class Windows:
    """The order in which windows of the text are read: all of them once, shuffled, and again from another offset.

    It is a function of the seed and the three numbers that a checkpoint holds.

    Units:   `epoch` counts the orders so far, `length` is that of the present windows, `used` how many are read.
    """

    def __init__(self, num_tokens: int, seed: int):
        self.num_tokens, self.seed = num_tokens, seed
        self.epoch, self.length, self.used = 0, 0, 0

    def take(self, length: int, number: int) -> np.ndarray:
        """The places in the text where the next windows start: (number,)."""
        if length != self.length or self.used + number > len(self._order()):
            self.epoch, self.length, self.used = self.epoch + 1, length, 0
        order = self._order()
        self.used += number
        return order[self.used - number : self.used] if number <= len(order) else np.resize(order, number)

    def _order(self) -> np.ndarray:
        if not self.length:
            return np.zeros(0, dtype=np.int64)
        key = (self.seed, self.epoch, self.length)
        if getattr(self, "_kept", None) != key:
            random = np.random.default_rng(key)
            offset = random.integers(min(self.length, self.num_tokens - self.length))
            number = (self.num_tokens - 1 - offset) // self.length
            self._kept, self._starts = key, random.permutation(number) * self.length + offset
        return self._starts


def read(tokens: np.ndarray, starts: np.ndarray, length: int, place: torch.device) -> tuple[Tensor, Tensor]:
    """Windows of the memory-mapped text: inputs and targets (B, T), each target the token after its input."""
    rows = np.stack([tokens[start : start + length + 1] for start in starts]).astype(np.int64)
    both = torch.from_numpy(rows).to(place)
    return both[:, :-1], both[:, 1:]
