"""Let a trained rule think about one maze until nothing moves, looking only where something did.

The loop in `train.py` updates every square in every step. Here a square is computed anew only when it or one of its
four neighbours changed in the step before. Because the state is rounded, "changed" is exact, and so is the saving: the
answer is the same, but a maze costs about as many updates as a wave needs to pass over it, not squares times steps.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numba import njit

from cuaderno.studies.maze.data import MOVES, NOT_YET, Maze
from cuaderno.studies.maze.model import Solver, features, neighbour_rows

WORK_LIMIT = 100  # give up after this many updates per open square, many times what a settled answer takes


class Rule(NamedTuple):
    """The weights of a Solver as plain float32 arrays, laid out so that the innermost loops run along memory.

    Shapes:  for C channels and M hidden units: maze_weight (6, M), maze_bias (M,), state_weight (5 * C, M),
             update_weight (M, 2 * C), update_bias (2 * C,), head_weight (C, 6), head_bias (6,).
    """

    maze_weight: np.ndarray
    maze_bias: np.ndarray
    state_weight: np.ndarray
    update_weight: np.ndarray
    update_bias: np.ndarray
    head_weight: np.ndarray
    head_bias: np.ndarray
    levels: int


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network came to think.

    Shapes:  marks (H, W) bool; probabilities (H, W) float32 that a square lies on the path; arrows (H, W) int8, the
             likeliest of N, W, S, E and "not yet". Walls hold False, 0 and 4.
             path is the chain of marks [(row, column), …] from start to goal, None when they form none.
    Units:   steps up to the last that changed anything; updates counts squares computed, in all steps together.
    """

    path: list[tuple[int, int]] | None
    settled: bool
    steps: int
    updates: int
    marks: np.ndarray
    probabilities: np.ndarray
    arrows: np.ndarray

    @property
    def length(self) -> int | None:
        """The number of moves of the path, None without one."""
        return len(self.path) - 1 if self.path else None

    @property
    def confidence(self) -> float:
        """How sure the network is of the least sure square on its path; 0 without a path."""
        return min((float(self.probabilities[place]) for place in self.path), default=0.0) if self.path else 0.0


def rule_of(model: Solver) -> Rule:
    """The weights of a model, ready for `solve`."""
    w = {name: tensor.detach().cpu().float().numpy() for name, tensor in model.state_dict().items()}
    return Rule(
        np.ascontiguousarray(w["from_maze.weight"].T),
        w["from_maze.bias"],
        np.ascontiguousarray(w["from_state.weight"].T),
        np.ascontiguousarray(w["to_update.weight"].T),
        w["to_update.bias"],
        np.ascontiguousarray(w["head.weight"].T),
        w["head.bias"],
        model.levels,
    )


def step_limit(height: int, width: int) -> int:
    """When to give up, from the size alone: a way visits each square at most once, and it is walked twice."""
    return 2 * height * width + 64


def solve(rule: Rule, maze: Maze, max_steps: int | None = None) -> Answer:
    """Think until settled, or until the limits that the size of the maze sets; or for at most `max_steps` steps."""
    squares = torch.from_numpy(maze.open)[None]
    neighbours = neighbour_rows(squares)
    seen = features(squares, torch.tensor([maze.start]), torch.tensor([maze.goal]), neighbours).numpy()
    recall = _recall(seen, rule.maze_weight, rule.maze_bias)
    limit = step_limit(*maze.open.shape) if max_steps is None else max_steps
    state, steps, settled, updates = _think(
        neighbours.numpy(), recall, rule.state_weight, rule.update_weight, rule.update_bias, rule.levels, limit
    )
    logits = state @ rule.head_weight + rule.head_bias  # (N, 6)
    probabilities = np.zeros(maze.open.shape, dtype=np.float32)
    arrows = np.full(maze.open.shape, NOT_YET, dtype=np.int8)
    probabilities[maze.open] = 1 / (1 + np.exp(-logits[:, 5]))
    arrows[maze.open] = logits[:, :5].argmax(axis=1)
    marks = np.zeros_like(maze.open)
    marks[maze.open] = logits[:, 5] > 0
    return Answer(chain(marks, maze.start, maze.goal), settled, steps, updates, marks, probabilities, arrows)


def chain(marks: np.ndarray, start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]] | None:
    """Read the marks as a way: from start always to the only mark not yet visited, until goal. None if they are none.

    A fork, a gap or a mark left over is no answer: nothing is searched or repaired here, the network does the work.
    """
    if not (marks[start] and marks[goal]):
        return None
    left = np.pad(marks, 1)  # a border of no marks, so that no neighbour is outside
    row, column = start[0] + 1, start[1] + 1
    left[row, column] = False
    path = [start]
    while path[-1] != goal:
        ways = [(row + r, column + c) for r, c in MOVES.tolist() if left[row + r, column + c]]
        if len(ways) != 1:
            return None
        row, column = ways[0]
        left[row, column] = False
        path.append((row - 1, column - 1))
    return None if left.any() else path


@njit(cache=True)
def _recall(seen, maze_weight, maze_bias):
    """(N, M), what every step is told again of the maze. Summed in this order, which the browser repeats bit by bit."""
    recall = np.zeros((len(seen), len(maze_bias)), dtype=np.float32)
    for row in range(len(seen)):
        for i in range(seen.shape[1]):
            recall[row] += seen[row, i] * maze_weight[i]
        recall[row] += maze_bias
    return recall


@njit(cache=True)
def _think(neighbours, recall, state_weight, update_weight, update_bias, levels, limit):
    """Lazy synchronous updates; gives the state, the last step that changed it, whether it settled, and the work."""
    count, hidden = recall.shape
    channels = update_bias.shape[0] // 2
    state = np.zeros((count, channels), dtype=np.float32)
    fresh = np.empty((count, channels), dtype=np.float32)  # next states, kept apart: all squares move at once
    active = np.arange(count)
    num_active = count
    queued = np.zeros(count, dtype=np.int64)  # the step for which a square was last put on the list
    inner = np.empty(hidden, dtype=np.float32)
    update = np.empty(2 * channels, dtype=np.float32)
    steps, updates, step = 0, 0, 0
    while num_active > 0 and step < limit and updates < WORK_LIMIT * count:
        step += 1
        updates += num_active
        for i in range(num_active):
            row = active[i]
            inner[:] = recall[row]
            for side in range(5):  # itself, N, W, S, E
                source = row if side == 0 else neighbours[row, side - 1]
                if source < count:
                    for channel in range(channels):
                        value = state[source, channel]
                        if value != 0:  # rounded states hold many exact zeros
                            inner += value * state_weight[side * channels + channel]
            update[:] = update_bias
            for unit in range(hidden):
                if inner[unit] > 0:  # relu
                    update += inner[unit] * update_weight[unit]
            for channel in range(channels):
                gate = np.float32(1) / (np.float32(1) + np.exp(-update[channel]))
                old = state[row, channel]
                new = old + gate * (np.tanh(update[channels + channel]) - old)
                fresh[i, channel] = np.floor(new * levels + np.float32(0.5)) / levels
        num_active = _move(neighbours, state, fresh, active, num_active, queued, step)
        if num_active > 0:
            steps = step
    return state, steps, num_active == 0, updates


@njit(cache=True)
def _move(neighbours, state, fresh, active, num_active, queued, step):
    """Take over the new states and list who must look again: those that changed, and their neighbours."""
    changed = np.empty(num_active, dtype=np.int64)
    num_changed = 0
    for i in range(num_active):
        row = active[i]
        if not np.array_equal(state[row], fresh[i]):
            state[row] = fresh[i]
            changed[num_changed] = row
            num_changed += 1
    count = 0
    for i in range(num_changed):
        for side in range(5):
            row = changed[i] if side == 0 else neighbours[changed[i], side - 1]
            if row < len(queued) and queued[row] != step:
                queued[row] = step
                active[count] = row
                count += 1
    return count
