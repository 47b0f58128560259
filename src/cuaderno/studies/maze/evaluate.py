"""Measure a solver on mazes whose seeds no training run can have drawn, and whose sizes it has never seen.

A maze counts as solved when the network's marks are one of its shortest paths, whole and with nothing left over. The
limits on thinking come from the size of the maze; the true distance is looked up only afterwards, to judge the answer.
"""

from collections.abc import Callable

import numpy as np

from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.maze.data import MOVES, Maze, distances, generate, is_shortest, label, seed_of
from cuaderno.studies.maze.environment import MazeEnv
from cuaderno.studies.maze.qlearning import corner_to_corner, greedy_route, learn
from cuaderno.studies.maze.solve import Rule, rule_of, solve
from cuaderno.studies.maze.train import Config, trained

# name: kind, side, share of walls opened, share of Config.num_test_mazes
TESTS: dict[str, tuple[str, int, float, float]] = {
    "dfs_59": ("dfs", 59, 0.0, 1.0),
    "wilson_59": ("wilson", 59, 0.0, 1.0),
    "kruskal_59": ("kruskal", 59, 0.0, 1.0),
    "loops_59": ("dfs", 59, 0.1, 1.0),
    "hard_30": ("hard", 30, 0.0, 1.0),
    "dfs_13": ("dfs", 13, 0.0, 1.0),
    "dfs_201": ("dfs", 201, 0.0, 0.2),
    "loops_201": ("wilson", 201, 0.1, 0.2),
}
BASELINE_TESTS = ("dfs_13", "dfs_59", "loops_59", "hard_30")

Path = list[tuple[int, int]] | None


def evaluate(run: Run) -> dict[str, Metric]:
    """Solve rates with their intervals, what they cost, and trivial ways to solve the same mazes beside them."""
    config, model = run.config(Config), trained(run)
    tests = {
        name: test_mazes(name, config.num_test_mazes)
        for name, (_, side, _, _) in TESTS.items()
        if side <= config.max_test_side
    }
    metrics: dict[str, Metric] = {}
    with Progress("solve unseen mazes", sum(map(len, tests.values())), unit="maze") as progress:
        for name, mazes in tests.items():
            metrics |= measure(rule_of(model), name, mazes, progress)
            if name in BASELINE_TESTS:
                metrics |= measure_baselines(name, mazes)
    metrics |= measure_tables(max(1, config.num_test_mazes // 5))
    metrics["parameters"] = Metric(sum(parameter.numel() for parameter in model.parameters()))
    return metrics


def test_mazes(name: str, num_mazes: int) -> list[Maze]:
    """The mazes of one test; the first ones are the same whatever their number."""
    kind, side, loops, share = TESTS[name]
    return [generate(kind, side, side, loops, seed_of("test", i)) for i in range(max(1, round(share * num_mazes)))]


def measure(rule: Rule, name: str, mazes: list[Maze], progress: Progress) -> dict[str, Metric]:
    """What the network makes of the mazes of one test."""
    answers = []
    for maze in mazes:
        answers.append(solve(rule, maze))
        progress.advance()
    both = list(zip(mazes, answers, strict=True))
    solved = sum(is_shortest(maze, answer.path) for maze, answer in both)
    exact = sum(bool((answer.marks == label(maze).path).all()) for maze, answer in both)
    return {
        f"solved_{name}": wilson(solved, len(mazes)),
        f"exact_{name}": wilson(exact, len(mazes)),
        f"settled_{name}": wilson(sum(answer.settled for answer in answers), len(mazes)),
        f"steps_{name}": bootstrap([answer.steps for answer in answers]),
        f"updates_{name}": bootstrap([answer.updates / maze.open.sum() for maze, answer in both]),
        f"confidence_{name}": bootstrap([answer.confidence for answer in answers]),
    }


def measure_baselines(name: str, mazes: list[Maze]) -> dict[str, Metric]:
    """How far one comes without learning. Breadth-first search solves every maze there is: the point is not to win."""
    return {
        f"baseline_{method}_{name}": wilson(sum(is_shortest(maze, walk(maze)) for maze in mazes), len(mazes))
        for method, walk in BASELINES.items()
    }


def measure_tables(num_mazes: int) -> dict[str, Metric]:
    """Tabular Q-learning in mazes of 10 x 10 cells: the share solved of those it walked in, and of the next ones."""
    mazes = [corner_to_corner(i) for i in range(num_mazes + 1)]
    tables = [learn(MazeEnv(maze=maze, max_moves=10**6)).table for maze in mazes[:-1]]

    def solved(pairs) -> Metric:
        routes = [(maze, greedy_route(MazeEnv(maze=maze), table)) for maze, table in pairs]
        return wilson(sum(is_shortest(maze, route) for maze, route in routes), num_mazes)

    return {
        "baseline_table_own": solved(zip(mazes[:-1], tables, strict=True)),
        "baseline_table_other": solved(zip(mazes[1:], tables, strict=True)),
    }


def greedy_walk(maze: Maze) -> Path:
    """Always step to the open neighbour not yet visited that is nearest to the goal as the crow flies."""
    here, path, left = maze.start, [maze.start], np.pad(maze.open, 1)
    while here != maze.goal:
        left[here[0] + 1, here[1] + 1] = False
        ways = [(here[0] + r, here[1] + c) for r, c in MOVES.tolist() if left[here[0] + r + 1, here[1] + c + 1]]
        if not ways:
            return None
        here = min(ways, key=lambda way: abs(way[0] - maze.goal[0]) + abs(way[1] - maze.goal[1]))
        path.append(here)
    return path


def wall_walk(maze: Maze) -> Path:
    """Keep the right hand on the wall, then cut out the detours: enough for a perfect maze, not for every other."""
    here, heading, path, inside = maze.start, 0, [maze.start], np.pad(maze.open, 1)
    for _ in range(4 * maze.open.size):
        if here == maze.goal:
            return path
        for turn in (3, 0, 1, 2):  # right, ahead, left, back; headings N, W, S, E turn left
            r, c = MOVES[(heading + turn) % 4].tolist()
            if inside[here[0] + r + 1, here[1] + c + 1]:
                here, heading = (here[0] + r, here[1] + c), (heading + turn) % 4
                break
        path = path[: path.index(here) + 1] if here in path else [*path, here]
    return None


def breadth_first(maze: Maze) -> Path:
    """Follow falling distances, as any textbook does."""
    here, path, distance = maze.start, [maze.start], np.pad(distances(maze.open, maze.goal), 1, constant_values=-1)
    while here != maze.goal:
        closer = distance[here[0] + 1, here[1] + 1] - 1
        ways = [(here[0] + r, here[1] + c) for r, c in MOVES.tolist()]
        here = next(way for way in ways if distance[way[0] + 1, way[1] + 1] == closer)
        path.append(here)
    return path


BASELINES: dict[str, Callable[[Maze], Path]] = {"greedy": greedy_walk, "wall": wall_walk, "search": breadth_first}
