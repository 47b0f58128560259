"""Carry a trained solver into the browser: weights, test cases with Python's answers, one ONNX step, a picture.

What the forward pass computes
------------------------------
Every open square i holds a state h_i of `channels` numbers, 0 at the beginning, always a multiple of 1 / `levels`.
Walls and everything outside the grid hold 0 for ever. In one step all squares at once read themselves and their
four neighbours in the order north, west, south, east:

    x_i  = [start, goal, open N, open W, open S, open E]            6 numbers, each 0 or 1 (outside counts as closed)
    u_i  = [h_i, h_N, h_W, h_S, h_E]                                5 * channels numbers
    f_i  = from_maze.weight x_i + from_maze.bias                    (hidden), computed once per maze
    a_i  = to_update.weight relu(from_state.weight u_i + f_i) + to_update.bias         (2 * channels)
    z    = sigmoid(a_i[:channels]),   c = tanh(a_i[channels:])
    h_i' = floor((h_i + z * (c - h_i)) * levels + 1/2) / levels

The answers are read from the state at any time:

    o_i    = head.weight h_i + head.bias                            6 logits
    arrows = softmax(o_i[0:5])     N, W, S, E, "not yet"            towards the goal
    path   = sigmoid(o_i[5])       the square is marked when o_i[5] > 0

A square needs a new look only when its own state or a neighbour's changed in the step before (all squares in the first
step); this changes nothing, since h' depends on nothing else. Thinking has settled when no state changed. It is given
up after 2 * H * W + 64 steps (a way visits each square at most once and is walked twice, once by the arrows from the
goal and once by the marks from the start), or at the end of the step with which 100 looks per open square are used up,
all squares and steps counted together. `steps` counts the steps up to the last one in which a state changed.
The answer is the chain of marks from start to goal: stand on start, go to the only marked neighbour not yet visited,
until goal; no mark may be missing, left over or in doubt. Its confidence is the least sigmoid(o_i[5]) on the chain.

model.json
----------
    {"format": 1, "channels": 24, "hidden": 64, "levels": 1,
     "weights": {"from_maze.weight": {"shape": [hidden, 6], "data": "<base64>"}, "from_maze.bias": …,
                 "from_state.weight": [hidden, 5 * channels], "to_update.weight": [2 * channels, hidden],
                 "to_update.bias", "head.weight": [6, channels], "head.bias"}}

`data` is little-endian float32 in row-major order: weight[row][column] sits at row * columns + column.

Parity
------
With `levels` 1 a state is -1, 0 or 1, and a hair's difference in a sum can become a whole level. The browser therefore
rounds every product and sum to float32 and takes them in the order of `solve.py`: f_i sums over the features and adds
the bias last, the other two begin with f_i or the bias; channels come in order, itself before N, W, S, E.

    {"tolerance": 1e-4, "cases": [{"input":  {"grid": ["S.#", "#.G", …], "steps": 7?},
                                   "output": {"path": [[row, column], …], "length": 3, "settled": true, "steps": 12,
                                              "confidence": 0.99, "probabilities": […]?, "arrows": […]?}}]}

`path` and `length` are null, and `confidence` is 0, when the marks are no chain from start to goal. A case with "steps"
in its input thinks for so many steps at most; its output also has "probabilities" (of the path, every open square in
reading order) and "arrows" (the index of the largest of the five, likewise): unfinished thought is compared too.
"""

import base64
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from cuaderno.lab.export import save_json, save_onnx, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.maze.data import Maze, generate, seed_of
from cuaderno.studies.maze.model import NUM_ANSWERS, Solver
from cuaderno.studies.maze.solve import Rule, rule_of, solve
from cuaderno.studies.maze.train import trained

# kind, height, width, loops, and steps to think when not to the end
CASES = (
    ("dfs", 9, 9, 0.0, None),
    ("dfs", 13, 21, 0.0, None),
    ("wilson", 17, 17, 0.1, None),
    ("kruskal", 15, 9, 0.3, None),
    ("walls", 14, 11, 0.0, None),
    ("hard", 18, 18, 0.0, None),
    ("dfs", 9, 9, 0.1, 1),
    ("wilson", 9, 13, 0.1, 7),
    ("walls", 12, 12, 0.0, 16),
)


def export(run: Run, folder: Path) -> None:
    """Write model.json, parity.json, model.onnx and poster.svg."""
    model = trained(run)
    rule = rule_of(model)
    save_json(folder / "model.json", as_json(model))
    save_parity(folder, [parity_case(rule, number, *case) for number, case in enumerate(CASES)])
    state, maze = torch.zeros(1, model.channels, 9, 11), torch.zeros(1, 3, 9, 11)  # unequal sides, or they count as one
    maze[:, 0], maze[0, 1, 2, 3], maze[0, 2, 7, 5] = 1, 1, 1
    sides = {2: torch.export.Dim("height", min=2, max=4096), 3: torch.export.Dim("width", min=2, max=4096)}
    save_onnx(
        ConvolutionStep(model),
        (state, maze),
        folder / "model.onnx",
        ["state", "maze"],
        ["next_state", "path", "arrows", "moved"],
        {"state": sides, "maze": sides},
    )
    write_atomic(folder / "poster.svg", poster(rule))


def as_json(model: Solver) -> dict:
    """The weights and the four numbers that say how to read them."""

    def packed(tensor: Tensor) -> dict:
        data = base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()
        return {"shape": list(tensor.shape), "data": data}

    return {
        "format": 1,
        "channels": model.channels,
        "hidden": model.to_update.in_features,
        "levels": model.levels,
        "weights": {name: packed(tensor) for name, tensor in model.state_dict().items()},
    }


def parity_case(rule: Rule, number: int, kind: str, height: int, width: int, loops: float, steps: int | None) -> dict:
    """One maze and what Python answers."""
    maze = generate(kind, height, width, loops, seed_of("val", 1000 + number))
    answer = solve(rule, maze, max_steps=steps)
    given: dict = {"grid": str(maze).splitlines()}
    output: dict = {
        "path": answer.path,
        "length": answer.length,
        "settled": answer.settled,
        "steps": answer.steps,
        "confidence": answer.confidence,
    }
    if steps is not None:
        given["steps"] = steps
        output["probabilities"] = [round(p, 6) for p in answer.probabilities[maze.open].tolist()]
        output["arrows"] = answer.arrows[maze.open].tolist()
    return {"input": given, "output": output}


class ConvolutionStep(nn.Module):
    """The same step as one cross-shaped convolution over the whole grid, for ONNX: walls hold no thought.

    Shapes:  state (1, C, H, W), maze (1, 3, H, W) open, start, goal -> next_state (1, C, H, W), path (1, 1, H, W)
             probabilities, arrows (1, 5, H, W) logits, moved (1,) the largest change of the state.
    """

    TAPS = ((1, 1), (0, 1), (1, 0), (2, 1), (1, 2))  # itself, N, W, S, E in a 3 x 3 kernel

    def __init__(self, model: Solver):
        super().__init__()
        channels, hidden = model.channels, model.to_update.in_features
        self.channels, self.levels = channels, model.levels
        self.read = nn.Conv2d(channels + 3, hidden, kernel_size=3, padding=1)
        self.to_update = nn.Conv2d(hidden, 2 * channels, kernel_size=1)
        self.head = nn.Conv2d(channels, NUM_ANSWERS, kernel_size=1)
        from_state = model.from_state.weight.detach().view(hidden, 5, channels)
        from_maze = model.from_maze.weight.detach()  # (hidden, 6): start, goal, open N, W, S, E
        kernel = torch.zeros_like(self.read.weight.detach())
        for tap, (row, column) in enumerate(self.TAPS):
            kernel[:, :channels, row, column] = from_state[:, tap]
            if tap > 0:
                kernel[:, channels, row, column] = from_maze[:, 1 + tap]
        kernel[:, channels + 1 :, 1, 1] = from_maze[:, :2]
        weights = (kernel, model.to_update.weight[:, :, None, None], model.head.weight[:, :, None, None])
        biases = (model.from_maze.bias, model.to_update.bias, model.head.bias)
        for layer, weight, bias in zip((self.read, self.to_update, self.head), weights, biases, strict=True):
            layer.weight = nn.Parameter(weight.detach().clone())
            layer.bias = nn.Parameter(bias.detach().clone())

    def forward(self, state: Tensor, maze: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        is_open = maze[:, :1]
        update = self.to_update(torch.relu(self.read(torch.cat([state, maze], dim=1))))
        gate, candidate = torch.sigmoid(update[:, : self.channels]), torch.tanh(update[:, self.channels :])
        moved = state + gate * (candidate - state)
        next_state = torch.floor(moved * self.levels + 0.5) / self.levels * is_open
        logits = self.head(next_state)
        change = (next_state - state).abs().amax(dim=(1, 2, 3))
        return next_state, torch.sigmoid(logits[:, 5:]) * is_open, logits[:, :5], change


def poster(rule: Rule) -> str:
    """A small maze and the way that the network found, in the colours of the page it stands on."""
    maze = generate("wilson", 21, 37, 0.1, seed_of("val", 2007))
    maze = Maze(maze.open, (0, 0), (20, 36))  # corners are cells, and all cells are connected
    height, width = maze.open.shape
    path = solve(rule, maze).path or []
    walls = np.pad(~maze.open, 1, constant_values=True)
    for row, column in (maze.start, maze.goal):  # a gap in the border where one comes in and goes out
        walls[row + 1, 0 if column == 0 else width + 1] = False
    edges = np.diff(walls, axis=1, prepend=False, append=False)  # where runs of walls begin and end
    runs = np.argwhere(edges).reshape(-1, 4).tolist()
    blocks = "".join(f"M{begin} {row}H{end}v1H{begin}z" for row, begin, _, end in runs)
    route = [(0, -1), *path, (height - 1, width)] if path else []  # in through one gap and out through the other
    line = " ".join(f"{c + 1.5},{r + 1.5}" for r, c in route)
    pen = 'fill="none" stroke="var(--blue, #36c)" stroke-width=".45" stroke-linecap="round" stroke-linejoin="round"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2} {height + 2}" role="img">
<path fill="var(--paper, #fff)" d="M0 0h{width + 2}v{height + 2}h-{width + 2}z"/>
<path fill="var(--ink, #222)" shape-rendering="crispEdges" d="{blocks}"/>
<polyline {pen} points="{line}"/>
</svg>
"""
