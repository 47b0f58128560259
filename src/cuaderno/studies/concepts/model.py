"""A network of a few neurons, forwards and backwards by hand, so that nothing is hidden. web/network.js is its twin."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from cuaderno.studies.concepts.data import Chance

Slopes = list[np.ndarray]


class Network:
    """Layers of neurons: each adds up what it gets, with weights, and bends the sum; the last layer does not bend it.

    Shapes:  sizes (inputs, hidden…, outputs); x (N, inputs) -> (N, outputs). With no hidden size it is one layer.
    """

    def __init__(self, sizes: Sequence[int], chance: Chance, spread: float = 1.0):
        self.sizes = tuple(sizes)
        self.numbers: Slopes = []  # weights (inputs, outputs) and biases (outputs,) of each layer in turn
        for number, (inputs, outputs) in enumerate(pairwise(sizes)):
            # Sums of many inputs would grow with their number: divided by its root they do not.
            scale = (spread if number == 0 else 1.0) / np.sqrt(inputs)
            self.numbers.append(scale * chance.normals(inputs, outputs))
            # Different biases let the neurons of the first layer bend in different places.
            self.numbers.append((spread if number == 0 and len(sizes) > 2 else 0.0) * chance.normals(outputs))

    @property
    def size(self) -> int:
        return sum(array.size for array in self.numbers)

    def forward(self, x: np.ndarray, masks: list[np.ndarray] | None = None) -> np.ndarray:
        """What the network says. With masks, (H,) for each hidden layer, some neurons sit out."""
        self.seen = [x]  # what goes into each layer: backward needs it
        self.masks = masks
        for layer in range(len(self.sizes) - 1):
            weights, biases = self.numbers[2 * layer : 2 * layer + 2]
            sums = self.seen[-1] @ weights + biases  # (N, inputs) @ (inputs, outputs) + (outputs,)
            if layer == len(self.sizes) - 2:
                return sums
            bent = np.tanh(sums)
            self.seen.append(bent * masks[layer] if masks else bent)
        raise ValueError("a network has at least one layer")

    def backward(self, slope: np.ndarray) -> Slopes:
        """How the loss changes with each number, given how it changes with each output (N, outputs): the chain rule."""
        slopes: Slopes = []
        for layer in reversed(range(len(self.sizes) - 1)):
            seen = self.seen[layer]
            slopes = [seen.T @ slope, slope.sum(axis=0), *slopes]
            if layer:
                mask = self.masks[layer - 1] if self.masks else 1.0
                # tanh' = 1 - tanh², and seen is tanh times the mask.
                bent = np.divide(seen, mask, out=np.zeros_like(seen), where=np.not_equal(mask, 0))
                slope = (slope @ self.numbers[2 * layer].T) * mask * (1 - bent**2)
        return slopes


class Momentum:
    """Steps downhill that keep a share of their speed.

    Source:  Polyak 1964.
    """

    def __init__(self, numbers: Slopes, learning_rate: float, momentum: float):
        self.numbers, self.learning_rate, self.momentum = numbers, learning_rate, momentum
        self.speeds = [np.zeros_like(array) for array in numbers]

    def step(self, slopes: Slopes) -> None:
        for number, speed, slope in zip(self.numbers, self.speeds, slopes, strict=True):
            speed *= self.momentum
            speed -= self.learning_rate * slope
            number += speed


class Adam:
    """Steps downhill whose length each number chooses from the slopes that it has seen.

    Source:  Kingma and Ba 2014, arXiv:1412.6980.
    """

    def __init__(self, numbers: Slopes, learning_rate: float):
        self.numbers, self.learning_rate = numbers, learning_rate
        self.means = [np.zeros_like(array) for array in numbers]
        self.squares = [np.zeros_like(array) for array in numbers]

    def step(self, slopes: Slopes, step: int) -> None:
        for number, mean, square, slope in zip(self.numbers, self.means, self.squares, slopes, strict=True):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            number -= self.learning_rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
