"""First steps in reinforcement learning: a table that learns one maze in a second and knows nothing of the next.

Run it: `python -m cuaderno.studies.maze.qlearning`. It learns a maze of 10 x 10 cells by walking in it, draws the way
it found, and then takes the same table into 200 mazes it has never walked in. That second number is the lesson, and
the reason why the rest of this study trains a network on many mazes instead.

Source:  Watkins and Dayan 1992, https://doi.org/10.1007/BF00992698; Sutton and Barto 2018, section 6.5.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cuaderno.studies.maze import data
from cuaderno.studies.maze.environment import MazeEnv
from cuaderno.studies.maze.pictures import to_text

SIDE = 19  # squares: 10 x 10 cells and the walls between them
CELLS = (SIDE + 1) // 2


@dataclass(frozen=True)
class Lesson:
    """What one round of learning leaves behind.

    Shapes:  table (H * W, 4): what each of the four moves is thought to be worth on each square;
             moves: for each episode, how many moves it took to arrive.
    """

    table: np.ndarray
    moves: list[int]


def learn(
    env: MazeEnv,
    num_episodes: int = 200,
    learning_rate: float = 1.0,
    discount: float = 0.99,
    exploration: float = 0.05,
    seed: int = 0,
) -> Lesson:
    """Walk from start to goal again and again, and note after every move what it was worth.

    Units:   exploration is the share of moves that are made at random.
    Traps:   a learning rate of 1 suits only a world without chance, where one look at a square's exits tells the truth.
    """
    rng = np.random.default_rng(seed)
    # One row of four guesses per square. All zero: it has not seen anything yet. Plain lists, because reading single
    # numbers out of an array is several times slower, and here nothing else is done.
    table = [[0.0] * 4 for _ in range(env.num_squares)]
    moves = []
    for _ in range(num_episodes):
        square, _ = env.reset()
        ended = False
        while not ended:
            # Mostly the best move known, now and then any move: else a first lucky way would never be improved.
            action = rng.integers(4) if rng.random() < exploration else best_move(table[square])
            next_square, reward, arrived, cut_off, info = env.step(action)
            # The rule itself. A move is worth its reward and, a little discounted, the best of what can follow.
            # Arriving ends the walk, so nothing follows. The toll of each move makes known ground look worse than
            # unknown ground, which is why even the greedy walker explores.
            future = 0.0 if arrived else discount * max(table[next_square])
            table[square][action] += learning_rate * (reward + future - table[square][action])
            square, ended = next_square, arrived or cut_off
        moves.append(info["moves"])
    return Lesson(np.array(table), moves)


def best_move(guesses: list[float]) -> int:
    """The move with the highest guess, the first of them when several are equal."""
    return guesses.index(max(guesses))


def greedy_route(env: MazeEnv, table: np.ndarray) -> list[tuple[int, int]]:
    """Follow the table without exploring, until the goal or until a square comes round again.

    Shapes:  table (H * W, 4)  ->  the (row, column) places that were visited, the start first.
    """
    square, info = env.reset()
    route, arrived = [info["place"]], False
    # In a world without chance, a greedy walker who meets a square twice walks in a circle for ever.
    while not arrived and len(set(route)) == len(route):
        square, _, arrived, _, info = env.step(int(table[square].argmax()))
        route.append(info["place"])
    return route


def arrives(maze: data.Maze, table: np.ndarray) -> bool:
    """Whether the table leads through this maze."""
    return greedy_route(MazeEnv(maze=maze), table)[-1] == maze.goal


def corner_to_corner(seed: int) -> data.Maze:
    """A maze of 10 x 10 cells from the top left to the bottom right, so that every maze asks the same question."""
    maze = data.generate("dfs", SIDE, SIDE, seed=data.seed_of("test", seed))
    return data.Maze(maze.open, (0, 0), (SIDE - 1, SIDE - 1))


def curve(moves: list[int], width: int = 40) -> Iterator[str]:
    """The learning curve as text: one bar for each of the first few episodes and for every doubling after them."""
    shown = [episode for episode in (1, 2, 3, 4, 8, 16, 32, 64, 128, 200, 400) if episode <= len(moves)]
    for episode in shown:
        # Root lengths, or the first walk would flatten all others.
        bar = "#" * max(1, round(width * (moves[episode - 1] / max(moves)) ** 0.5))
        yield f"  episode {episode:3d}  {moves[episode - 1]:6,d} moves  {bar}"


def main(num_others: int = 200) -> None:
    """Print the lesson."""
    maze = corner_to_corner(0)
    env = MazeEnv(maze=maze, max_moves=10**6)  # long enough for the first walk, which is a blind one
    began = time.process_time()
    lesson = learn(env)
    seconds = time.process_time() - began

    print(f"A table with {lesson.table.size:,} numbers learns one maze of {CELLS} x {CELLS} cells by walking in it:\n")
    print("\n".join(curve(lesson.moves)))
    route = greedy_route(env, lesson.table)
    found = "arrives" if route[-1] == maze.goal else "does not arrive"
    print(f"\nAfter {seconds:.2f} seconds it {found}, in {len(route) - 1} moves.", end=" ")
    print(f"The shortest way has {data.shortest_length(maze)}.\n")
    print(to_text(maze, route))

    # The same table, mazes of the same size, the same corners: only the walls are others.
    solved = sum(arrives(corner_to_corner(seed), lesson.table) for seed in range(1, num_others + 1))
    print(f"\nIn {num_others} other mazes of the same size, the same table arrives {solved} times.")
    print("It learnt where to turn on each square of this one maze. It did not learn what a wall is.")


if __name__ == "__main__":
    main()
