"""The solver: a tiny rule that every open square follows at the same time, again and again.

Squares are rows of a matrix, walls are not there at all, and a square sees nothing but itself and the four squares
around it. Whatever the maze's size, the same few thousand weights do all the work; a larger maze only takes longer.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NUM_FEATURES = 6  # start, goal, and whether the square to the N, W, S, E is open
NUM_ANSWERS = 6  # arrow N, W, S, E, "not yet", and whether the square lies on the path


class Solver(nn.Module):
    """One step of thought, and the head that reads a thought.

    Shapes:  N open squares of one or many mazes, state (N, channels), maze (N, hidden) = from_maze(features), computed
             once per maze, neighbours (N, 4) from `neighbour_rows`; head(state) (N, 6) logits.
    Source:  the gate is that of a minimal gated unit (Zhou et al. 2016, arXiv:1603.09420); reading the maze again in
             every step is DeepThinking's recall (Bansal et al. 2022, arXiv:2202.05826).
    Differs: the state is rounded to multiples of 1 / levels, with levels=1 to -1, 0 and 1. A thought then either moves
             or stands still, and small errors cannot add up over thousands of steps.
    """

    def __init__(self, channels: int, hidden: int, levels: int):
        super().__init__()
        self.channels, self.levels = channels, levels
        self.from_maze = nn.Linear(NUM_FEATURES, hidden)
        self.from_state = nn.Linear(5 * channels, hidden, bias=False)
        self.to_update = nn.Linear(hidden, 2 * channels)
        self.head = nn.Linear(channels, NUM_ANSWERS)

    def forward(self, state: Tensor, maze: Tensor, neighbours: Tensor) -> Tensor:
        """The state after one step."""
        return self.round(self.propose(state, maze, neighbours))

    def propose(self, state: Tensor, maze: Tensor, neighbours: Tensor) -> Tensor:
        """Where each square would move to, before rounding."""
        seen = torch.cat([state, GatherNeighbours.apply(state, neighbours)], dim=1)  # (N, 5 * channels)
        update = self.to_update(F.relu(self.from_state(seen) + maze))
        gate, candidate = torch.sigmoid(update[:, : self.channels]), torch.tanh(update[:, self.channels :])
        return state + gate * (candidate - state)

    def round(self, state: Tensor) -> Tensor:
        """The nearest multiple of 1 / levels; gradients pass through as if nothing had been rounded."""
        rounded = torch.floor(state * self.levels + 0.5) / self.levels
        return state + (rounded - state).detach()


class GatherNeighbours(torch.autograd.Function):
    """Lay the four neighbours of every square side by side: (N, C) -> (N, 4 * C), zeros where there is none.

    Differs: autograd would scatter the gradients back. Being a neighbour is mutual, so they can be gathered too, which
             is faster on a CPU and gives the same sum on every run.
    """

    @staticmethod
    def forward(ctx, state: Tensor, neighbours: Tensor) -> Tensor:
        ctx.save_for_backward(neighbours)
        padded = torch.cat([state, state.new_zeros(1, state.shape[1])])  # the last row answers for walls
        return padded[neighbours].flatten(1)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        (neighbours,) = ctx.saved_tensors
        count = len(neighbours)
        by_side = torch.cat([gradient.reshape(4 * count, -1), gradient.new_zeros(1, gradient.shape[1] // 4)])
        total = 0
        for side, opposite in enumerate((2, 3, 0, 1)):  # my northern neighbour knows me as its southern one
            other = neighbours[:, side]
            total = total + by_side[torch.where(other < count, other * 4 + opposite, 4 * count)]
        return total, None


def neighbour_rows(squares: Tensor) -> Tensor:
    """Which row of the state belongs to each neighbour.

    Shapes:  squares (B, H, W) bool -> (N, 4) for the N open squares in reading order: the row of the neighbour to the
             N, W, S, E, or N where there is a wall or the grid ends.
    """
    batch, height, width = squares.shape
    count = int(squares.sum())
    rows = torch.full((batch, height + 2, width + 2), count, device=squares.device)
    rows[:, 1:-1, 1:-1][squares] = torch.arange(count, device=squares.device)
    sides = (rows[:, :-2, 1:-1], rows[:, 1:-1, :-2], rows[:, 2:, 1:-1], rows[:, 1:-1, 2:])
    return torch.stack([side[squares] for side in sides], dim=1)


def features(squares: Tensor, starts: Tensor, goals: Tensor, neighbours: Tensor) -> Tensor:
    """What each open square is told of its maze: (N, 6) start, goal, open to the N, W, S, E.

    Shapes:  squares (B, H, W) bool, starts and goals (B, 2) as (row, column), neighbours (N, 4).
    """
    ends = torch.zeros((*squares.shape, 2), device=squares.device)
    each = torch.arange(len(squares), device=squares.device)
    ends[each, starts[:, 0], starts[:, 1], 0] = 1
    ends[each, goals[:, 0], goals[:, 1], 1] = 1
    return torch.cat([ends[squares], (neighbours < len(neighbours)).float()], dim=1)
