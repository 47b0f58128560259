"""Muon for convolutions, Nesterov's momentum for the few numbers that are left: biases and the head."""

import torch
from torch import nn

from cuaderno.lab.muon import orthogonalize

BIAS_RATE, HEAD_RATE, FILTER_RATE = 0.053, 0.67, 0.001  # of SGD, for a loss summed over the batch
DECAY = 5e-4  # of biases and head in every update at the full rate


def make_optimizers(model: nn.Module, learning_rate: float) -> list:
    """Muon for what convolves, SGD for biases and the head; with a rate of 0 SGD moves the convolutions too."""
    trained = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    filters = [weight for _, weight in trained if weight.dim() == 4]
    head = [weight for name, weight in trained if name.startswith("head") and weight.dim() == 2]
    biases = [weight for _, weight in trained if weight.dim() == 1]
    groups = [(biases, BIAS_RATE), (head, HEAD_RATE)] + ([] if learning_rate else [(filters, FILTER_RATE)])
    described = [{"params": weights, "lr": rate, "weight_decay": DECAY / rate} for weights, rate in groups]
    sgd = torch.optim.SGD(described, momentum=0.85, nesterov=True)
    return [sgd, Muon(filters, lr=learning_rate)] if learning_rate else [sgd]


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is made orthogonal, a convolution being the matrix (outputs, inputs * window).

    Source:  Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    Differs: a batch norm follows every convolution, so its size says nothing: it is kept, not decayed, at that of an
             orthogonal matrix, and the learning rate alone says how far a step turns it.
    """

    def __init__(self, parameters, lr: float = 0.24, momentum: float = 0.6):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                average = self.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight))
                average.mul_(group["momentum"]).add_(weight.grad)
                ahead = weight.grad.add(average, alpha=group["momentum"]).flatten(1)
                weight.mul_(len(weight) ** 0.5 / weight.norm())
                weight.add_(orthogonalize(ahead).view_as(weight), alpha=-group["lr"])
