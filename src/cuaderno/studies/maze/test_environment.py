"""The environment keeps Gymnasium's promises, and the table learns its one maze."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.maze import data, environment, qlearning
from cuaderno.studies.maze.environment import MazeEnv


@pytest.mark.parametrize("observation", environment.OBSERVATIONS)
@pytest.mark.parametrize("render_mode", [None, "ansi", "rgb_array"])
def test_gymnasiums_own_checker_is_content(observation, render_mode):
    environment.register()
    environment.register()  # twice is once, and no warning
    check_env(gymnasium.make(environment.ID, observation=observation, render_mode=render_mode, size=9).unwrapped)


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import cuaderno, gymnasium", "cuaderno/Maze-v0"),
        ("import gymnasium, cuaderno", "cuaderno/Maze-v0"),
        ("import gymnasium", "cuaderno:cuaderno/Maze-v0"),
    ],
)
def test_making_it_in_a_fresh_interpreter(imports, name):
    code = f"{imports}; print(gymnasium.make('{name}').reset()[0])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().isdigit()


def test_registering_is_light():
    code = "import sys, cuaderno.studies.maze.environment; sys.exit('numba' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_walls_stop_and_the_goal_pays():
    maze = data.from_text("S.#\n#.G")
    env = MazeEnv(maze=maze)
    env.reset()
    north, west, south, east = range(4)
    walk = ((north, (0, 0)), (west, (0, 0)), (south, (0, 0)), (east, (0, 1)), (east, (0, 1)), (south, (1, 1)))
    for action, place in walk:
        _, reward, arrived, cut_off, info = env.step(action)
        assert (info["place"], reward, arrived, cut_off) == (place, environment.STEP_REWARD, False, False)
    observation, reward, arrived, cut_off, _ = env.step(east)
    assert (observation, reward, arrived, cut_off) == (5, environment.GOAL_REWARD, True, False)


def test_episodes_are_cut():
    env = MazeEnv(size=5, max_moves=3)
    env.reset()
    assert [env.step(0)[3] for _ in range(3)][-1]


def test_the_same_seed_is_the_same_maze():
    one, same, other = (MazeEnv(kind="wilson", maze_seed=seed).maze for seed in (4, 4, 5))
    assert np.array_equal(one.open, same.open)
    assert not np.array_equal(one.open, other.open)


@pytest.mark.parametrize("wrong", [{"kind": "spiral"}, {"size": 1}, {"observation": "smell"}, {"render_mode": "human"}])
def test_wrong_options_say_what_is_right(wrong):
    with pytest.raises(CuadernoError):
        MazeEnv(**wrong)


def test_the_table_learns_its_maze_and_no_other():
    maze = qlearning.corner_to_corner(3)
    env = MazeEnv(maze=maze, max_moves=10**6)
    lesson = qlearning.learn(env)
    route = qlearning.greedy_route(env, lesson.table)
    assert data.is_shortest(maze, route)
    assert min(lesson.moves) < 0.2 * max(lesson.moves)
    assert np.mean([qlearning.arrives(qlearning.corner_to_corner(seed), lesson.table) for seed in range(4, 24)]) < 0.2


def test_learning_is_the_same_twice():
    env = MazeEnv(size=7)
    one, two = (qlearning.learn(env, num_episodes=20, seed=1) for _ in range(2))
    assert one.moves == two.moves
    assert np.array_equal(one.table, two.table)


def test_the_lesson_prints_itself(capsys):
    qlearning.main(num_others=5)
    text = capsys.readouterr().out
    assert "it arrives" in text
    assert "In 5 other mazes" in text
