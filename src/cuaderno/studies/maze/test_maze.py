"""What is special about the maze study: the generators, the wave that the loss describes, and lazy thinking."""

from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.lab.run import Run
from cuaderno.studies.maze import data, evaluate, export, predict, solve, train
from cuaderno.studies.maze.model import Solver, features, neighbour_rows

few = settings(max_examples=40, deadline=None)
sides = st.integers(2, 41)
seeds = st.integers(0, 2**70)
perfect = st.sampled_from(["dfs", "wilson", "kruskal"])
corridor = data.from_text("S...\n###.\nG...")
FROZEN = [".......#.", ".###.###.", "S#.#.#...", ".#.#.###.", ".#..G...."]


def num_passages(squares: np.ndarray) -> int:
    return int((squares[1:] & squares[:-1]).sum() + (squares[:, 1:] & squares[:, :-1]).sum())


def random_solver(seed: int, levels: int = 1) -> Solver:
    """An untrained solver with weights large enough that its memories move."""
    torch.manual_seed(seed)
    solver = Solver(channels=8, hidden=16, levels=levels)
    with torch.no_grad():
        for parameter in solver.parameters():
            parameter.mul_(4)
    return solver


def rows_of(maze: data.Maze) -> tuple[torch.Tensor, torch.Tensor]:
    squares = torch.from_numpy(maze.open)[None]
    neighbours = neighbour_rows(squares)
    return features(squares, torch.tensor([maze.start]), torch.tensor([maze.goal]), neighbours), neighbours


# -- mazes ------------------------------------------------------------------------------------------------------------


@few
@given(perfect, sides, sides, seeds)
def test_a_perfect_maze_has_exactly_one_way_between_any_two_squares(kind, height, width, seed):
    maze = data.generate(kind, height, width, seed=seed)
    if min(height, width) > 2:  # a connected graph with one edge fewer than nodes is a tree
        assert num_passages(maze.open) == maze.open.sum() - 1
    assert (data.distances(maze.open, maze.goal) >= 0).sum() == maze.open.sum()


@few
@given(st.sampled_from(data.KINDS), sides, sides, st.floats(0, 1), seeds)
def test_every_maze_can_be_solved(kind, height, width, loops, seed):
    maze = data.generate(kind, height, width, loops, seed)
    assert maze.open.shape == (height, width) and maze.start != maze.goal
    labels = data.label(maze)
    assert labels.distance[maze.start] > 0 and labels.path.sum() == labels.distance[maze.start] + 1
    path = evaluate.breadth_first(maze)
    assert data.is_shortest(maze, path) and all(labels.path[place] for place in path)


@few
@given(perfect, st.integers(9, 41), seeds)
def test_loops_open_walls_and_close_none(kind, side, seed):
    maze = data.generate(kind, side, side, loops=1.0, seed=seed)
    cells = (side + 1) // 2
    assert maze.open.sum() == cells**2 + 2 * cells * (cells - 1)
    assert num_passages(data.generate(kind, side, side, 0.3, seed).open) > 2 * cells**2 - 2


@few
@given(st.sampled_from(data.KINDS[:4]), sides, sides, seeds)
def test_a_seed_repeats_its_maze_and_the_next_seed_does_not(kind, height, width, seed):
    one, same = (data.generate(kind, height, width, seed=seed) for _ in range(2))
    assert str(one) == str(same)
    others = [data.generate(kind, height, width, seed=seed + i) for i in range(1, 9)]
    assert height * width < 16 or any(str(other) != str(one) for other in others)


def test_mazes_stay_the_same_from_version_to_version():
    assert str(data.generate("wilson", 5, 9, 0.2, seed=7)).splitlines() == FROZEN


@few
@given(sides, sides, seeds)
def test_distances_are_those_of_a_plain_search(height, width, seed):
    maze = data.generate("walls", height, width, seed=seed)
    known, queue = {maze.goal: 0}, deque([maze.goal])
    while queue:
        row, column = queue.popleft()
        for place in ((row - 1, column), (row, column - 1), (row + 1, column), (row, column + 1)):
            if 0 <= place[0] < height and 0 <= place[1] < width and maze.open[place] and place not in known:
                known[place] = known[row, column] + 1
                queue.append(place)
    expected = np.full((height, width), -1)
    for place, distance in known.items():
        expected[place] = distance
    assert (data.distances(maze.open, maze.goal) == expected).all()


@few
@given(seeds, seeds)
def test_no_seed_belongs_to_two_splits(one, other):
    assert len({data.seed_of(split, one) for split in data.SPLITS} | {data.seed_of("val", other)}) >= 3
    assert data.seed_of("train", one) != data.seed_of("test", other)


def test_hard_mazes_are_long():
    for i in range(5):
        maze = data.generate("hard", 30, 30, seed=data.seed_of("test", i))
        assert data.shortest_length(maze) >= 110 and 0.3 < 1 - maze.open.mean() < 0.48


def test_text_comes_back_as_the_same_maze():
    maze = data.generate("kruskal", 7, 12, seed=3)
    assert str(data.from_text(str(maze))) == str(maze)


@pytest.mark.parametrize("arguments", [("spiral", 9, 9), ("dfs", 1, 9), ("dfs", 9, 802), ("dfs", 9, 9, 1.5)])
def test_impossible_mazes_are_refused(arguments):
    with pytest.raises(ValueError):
        data.generate(*arguments)


def test_only_a_shortest_path_from_start_to_goal_counts():
    maze = data.from_text("S..\n...\n..G")
    path = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2)]
    assert data.is_shortest(maze, path) and data.is_shortest(maze, [(c, r) for r, c in path])
    detour = [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (2, 1), (2, 2)]
    assert data.is_path(maze, detour) and not data.is_shortest(maze, detour)
    for broken in (None, [], path[1:], path[:-1], path[:2] + path[3:], [*path, (2, 2)], [(0, 0), (-1, 0), *path[1:]]):
        assert not data.is_path(maze, broken)


# -- the lesson -------------------------------------------------------------------------------------------------------


def test_the_wave_comes_and_goes_one_square_per_step():
    """A machine that follows the two rules literally makes no mistake at any step."""
    maze = data.generate("walls", 9, 9, seed=4)
    labels = data.label(maze)
    rows, neighbours = rows_of(maze)
    distance = torch.from_numpy(labels.distance)[torch.from_numpy(maze.open)].long()
    batch = train.Batch(
        features=rows,
        neighbours=neighbours,
        memory=torch.zeros(len(rows), 8),
        clock=torch.zeros(len(rows)),
        distance=distance,
        length=torch.full_like(distance, int(labels.distance[maze.start])),
        arrow=torch.from_numpy(labels.arrow)[torch.from_numpy(maze.open)].long(),
        path=torch.from_numpy(labels.path)[torch.from_numpy(maze.open)],
    )
    reached, arrows, marks = torch.zeros(3, len(rows) + 1, dtype=torch.long)
    arrows += data.NOT_YET
    padded = torch.cat([neighbours, torch.full((1, 4), len(rows))])
    is_start, is_goal = (torch.cat([rows[:, i], torch.zeros(1)]) > 0 for i in (0, 1))
    towards_me = torch.tensor([2, 3, 0, 1])  # the arrow of my northern neighbour that points at me is south
    for clock in range(1, 2 * data.shortest_length(maze) + 9):
        seen = reached[padded]
        called = ((marks[padded] > 0) & (arrows[padded] == towards_me)).any(1)
        marks = (marks > 0) | called | is_start & (reached > 0)
        arrows = torch.where((arrows == data.NOT_YET) & seen.any(1) & ~is_goal, seen.argmax(1), arrows)
        reached = ((reached > 0) | seen.any(1) | is_goal).long()
        reached[-1], marks[-1], arrows[-1] = 0, False, data.NOT_YET  # walls take no part
        answer = torch.nn.functional.one_hot(arrows[:-1], 5) * 40.0
        logits = torch.cat([answer, marks[:-1, None] * 80.0 - 40], dim=1)
        losses = train.lesson(logits, torch.zeros(len(rows), 8), batch, batch.clock + clock, train.Config())
        assert losses.max() < 1e-6, clock


def test_restlessness_costs_only_when_no_wave_passes():
    rows, neighbours = rows_of(corridor)
    labels = data.label(corridor)
    squares = torch.from_numpy(corridor.open)
    distance = torch.from_numpy(labels.distance)[squares].long()
    fields = {"features": rows, "neighbours": neighbours, "memory": torch.zeros(len(rows), 8)}
    batch = train.Batch(
        **fields,
        clock=torch.zeros(len(rows)),
        distance=distance,
        length=torch.full_like(distance, 8),
        arrow=torch.from_numpy(labels.arrow)[squares].long(),
        path=torch.from_numpy(labels.path)[squares],
    )
    moving, logits = torch.ones(len(rows), 8), torch.zeros(len(rows), 6)
    costs = [train.lesson(logits, moving, batch, batch.clock + clock, train.Config())[2] for clock in (2, 60)]
    assert costs[0] == 0 and costs[1] == 0.75


def test_a_pool_goes_on_from_its_checkpoint():
    config = replace(train.TINY, noise=0.0)
    torch.manual_seed(1)
    pool = train.Pool(config, torch.device("cpu"))
    pool.fill(torch.arange(config.pool_size))
    pool.put_back(torch.tensor([3, 5]), torch.ones(int(pool.squares[[3, 5]].sum()), config.channels), 4)
    again = train.Pool(config, torch.device("cpu"))
    again.load_state_dict(pool.state_dict())
    for name in ("squares", "distance", "arrow", "path", "starts", "goals", "memory", "clock", "end", "length"):
        assert torch.equal(getattr(again, name), getattr(pool, name)), name
    assert again.next_number == pool.next_number == config.pool_size


@pytest.mark.slow
def test_half_a_minute_of_training_solves_small_mazes(tmp_path):
    config = train.Config(num_steps=700, val_every=700)
    run = Run.create("maze", config, tmp_path)
    train.train(config, run)
    assert [row["val_solved"] for row in run.history() if "val_solved" in row][-1] > 0.5


# -- thinking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [1, 4])
@pytest.mark.parametrize("kind", ["dfs", "walls"])
def test_looking_only_where_something_moved_changes_nothing(kind, levels):
    """Against the plain loop over all squares; a sum may fall on either side of a rounding edge once in a blue moon."""
    for seed in range(6):
        solver = random_solver(seed, levels)
        maze = data.generate(kind, 9, 12, 0.2, seed)
        rows, neighbours = rows_of(maze)
        with torch.no_grad():
            state, told = torch.zeros(len(rows), solver.channels), solver.from_maze(rows)
            for _ in range(5):
                state = solver(state, told, neighbours)
            logits = solver.head(state).numpy()
        answer = solve.solve(solve.rule_of(solver), maze, max_steps=5)
        assert np.allclose(answer.probabilities[maze.open], 1 / (1 + np.exp(-logits[:, 5])), atol=1e-4)
        assert (answer.arrows[maze.open] == logits[:, :5].argmax(1)).all()


def test_limits_depend_on_the_size_alone():
    solver = random_solver(0)
    with torch.no_grad():  # full gates and candidates that flee from the present: nothing ever rests
        solver.from_maze.weight.zero_()
        solver.from_maze.bias.fill_(1)
        solver.from_state.weight.zero_()
        solver.from_state.weight[:, :8] = -5
        solver.to_update.weight.fill_(3)
        solver.to_update.bias.fill_(-4)
        solver.to_update.bias[:8] = 50
    maze = data.generate("dfs", 21, 21, seed=1)
    answer = solve.solve(solve.rule_of(solver), maze)
    assert not answer.settled and answer.steps == solve.WORK_LIMIT
    assert answer.updates == solve.WORK_LIMIT * maze.open.sum()
    assert solve.step_limit(59, 59) == 2 * 59 * 59 + 64


def test_marks_must_be_one_chain_with_nothing_left_over():
    maze = data.generate("dfs", 15, 15, seed=5)
    marks = data.label(maze).path
    path = solve.chain(marks, maze.start, maze.goal)
    assert data.is_shortest(maze, path)
    for place in np.argwhere(marks):
        gap = marks.copy()
        gap[tuple(place)] = False
        assert solve.chain(gap, maze.start, maze.goal) is None
    for place in np.argwhere(~marks):
        more = marks.copy()
        more[tuple(place)] = True
        assert solve.chain(more, maze.start, maze.goal) is None
    assert solve.chain(np.ones((3, 3), dtype=bool), (0, 0), (2, 2)) is None


def test_one_convolution_is_the_same_step():
    for seed in range(4):
        solver = random_solver(seed)
        maze = data.generate("walls", 7, 10, seed=seed)
        rows, neighbours = rows_of(maze)
        grid = torch.zeros(1, 3, 7, 10)
        grid[0, 0] = torch.from_numpy(maze.open).float()
        grid[0, 1][maze.start] = grid[0, 2][maze.goal] = 1
        convolution = export.ConvolutionStep(solver)
        with torch.no_grad():
            state, picture, told = torch.zeros(len(rows), 8), torch.zeros(1, 8, 7, 10), solver.from_maze(rows)
            for _ in range(4):
                state = solver(state, told, neighbours)
                picture, path, arrows, moved = convolution(picture, grid)
        squares = torch.from_numpy(maze.open)
        assert torch.allclose(picture[0].permute(1, 2, 0)[squares], state)
        logits = solver.head(state)
        assert torch.allclose(arrows[0].permute(1, 2, 0)[squares], logits[:, :5], atol=1e-5)
        assert torch.allclose(path[0, 0][squares], torch.sigmoid(logits[:, 5]), atol=1e-5)
        assert moved.shape == (1,)


def test_a_network_without_an_answer_says_so(tmp_path):
    run = Run.create("maze", train.TINY, tmp_path)
    run.save_weights(train.build(train.TINY).state_dict())
    file = tmp_path / "maze.txt"
    file.write_text(str(data.generate("dfs", 15, 15, seed=1)))
    (answer,) = predict.predict(run, [str(file)])
    assert "no way" in answer["error"] and answer["settled"] in (True, False)


# -- baselines --------------------------------------------------------------------------------------------------------


@few
@given(perfect, seeds)
def test_a_hand_on_the_wall_finds_the_way_through_a_perfect_maze(kind, seed):
    maze = data.generate(kind, 13, 13, seed=seed)
    assert data.is_shortest(maze, evaluate.wall_walk(maze))


@few
@given(st.sampled_from(data.KINDS), seeds)
def test_walks_are_paths_or_nothing(kind, seed):
    maze = data.generate(kind, 15, 15, 0.2, seed)
    for walk in evaluate.BASELINES.values():
        path = walk(maze)
        assert path is None or data.is_path(maze, path)
