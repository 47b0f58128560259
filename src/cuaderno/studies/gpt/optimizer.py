"""Muon for the matrices inside the blocks, AdamW for everything else."""

import torch
from torch import Tensor

from cuaderno.lab.muon import POLAR_EXPRESS
from cuaderno.studies.gpt.kernels import product


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is made orthogonal, so that no direction of a matrix learns faster than another.

    A matrix three times as tall as wide is taken apart into three squares: queries, keys and values share one. Under
    `--shard` every process makes every whole update orthogonal, one matrix at a time, and keeps its own rows.

    Source:  Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/; the coefficients: Amsel et al. 2025
             (Polar Express), arXiv:2505.16932.
    Differs: three steps instead of five.
    """

    def __init__(self, parameters, lr: float = 0.03, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            averages = [self.state[w].setdefault("momentum_buffer", torch.zeros_like(w)) for w in weights]
            gradients = [weight.grad for weight in weights]
            torch._foreach_lerp_(averages, gradients, 1 - group["momentum"])
            ahead = torch._foreach_lerp(gradients, averages, group["momentum"])  # Nesterov: look one step ahead
            for weight, update in zip(weights, ahead, strict=True):
                rows, columns = weight.shape
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                parts = 3 if rows == 3 * columns else 1
                scale = max(1.0, rows / parts / columns) ** 0.5  # so that outputs move alike whatever the shape
                change = torch.cat([orthogonalize(part) for part in whole(update).chunk(parts)])
                weight.add_(share(change, weight), alpha=-group["lr"] * scale)


def whole(tensor: Tensor) -> Tensor:
    """The tensor itself, or all of one that is split over several processes."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def share(tensor: Tensor, like: Tensor) -> Tensor:
    """Of a whole tensor the part that this process holds of another one, without asking the other processes."""
    if not hasattr(like, "full_tensor"):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)


def orthogonalize(matrix: Tensor) -> Tensor:
    """A matrix with the same directions, and nearly the same strength in all of them.

    Shapes:  (rows, columns) -> the same.
    """
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.t() if tall else matrix
    x = x / (x.norm() * 1.01 + 1e-7)
    for a, b, c in POLAR_EXPRESS:
        square = product(x, x)  # x xᵀ, symmetric, as is all that is made of it
        polynomial = product(square, square).mul_(c).add_(square, alpha=b)
        polynomial.diagonal().add_(a)
        x = product(polynomial, x.t())
    return x.t() if tall else x
