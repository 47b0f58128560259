"""The architecture only: one weight and one bias."""

import torch
from torch import nn


class Line(nn.Module):
    """y = weight · x + bias.

    Shapes:  x (N,) -> y (N,)
    """

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x[:, None])[:, 0]  # (N,) -> (N, 1) -> (N,)
