"""Muon for matrices and convolutions, AdamW for everything else."""

import torch
from torch import nn

from cuaderno.lab.muon import orthogonalize


def make_optimizers(model: nn.Module, muon_rate: float, adam_rate: float, weight_decay: float) -> list:
    """Muon for what multiplies, AdamW for embeddings, biases, norms, the first layer and the head."""
    matrices, others = [], []
    for name, weight in model.named_parameters():
        inner = weight.dim() >= 2 and not name.startswith(("letters", "head", "eye.conv_1", "trunk.attention"))
        (matrices if inner else others).append(weight)
    return [
        Muon(matrices, lr=muon_rate, weight_decay=weight_decay),
        torch.optim.AdamW(others, lr=adam_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is made orthogonal, a convolution being the matrix (outputs, inputs * window).

    Source:  Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """

    def __init__(self, parameters, lr: float = 0.02, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                average = self.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight))
                average.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(average, group["momentum"]).flatten(1)
                scale = max(1.0, ahead.size(0) / ahead.size(1)) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(orthogonalize(ahead).view_as(weight), alpha=-group["lr"] * scale)
