"""Mazes by the million: five ways to draw one, the labels that go with it, and nothing on disk.

Every maze is a pure function of (kind, height, width, loops, seed), so a data set is a range of seeds: nothing is
downloaded, nothing is stored, and a training run that resumes needs to remember only how far it had counted.

Source:  drawn here; depth-first carving, Wilson 1996 (https://doi.org/10.1145/237814.237880), Kruskal 1956, and
         random walls as in Searchformer (arXiv:2402.14083) and in the Maze-Hard set of HRM (arXiv:2506.21734).
Licence: none needed, these are random numbers.
Splits:  a seed belongs to exactly one of train, val and test, see `seed_of`.
Units:   one square of the grid is one unit, for walls and ways alike. The outer border is not part of the grid, so
         30 x 30 cells with the walls between them are 59 x 59 squares. Places are (row, column) from the top left.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

KINDS = ("dfs", "wilson", "kruskal", "walls", "hard")
SPLITS = ("train", "val", "test")
MAX_SIDE = 801
NOT_YET = 4  # the arrow class of a square that the wave from the goal has not reached; 0 to 3 are N, W, S, E
MOVES = np.array([(-1, 0), (0, -1), (1, 0), (0, 1)])  # N, W, S, E: the order that breaks ties


@dataclass(frozen=True, eq=False)
class Maze:
    """A grid of squares, some open, with one start and one goal.

    Shapes:  open (H, W) bool; start and goal are (row, column) of open squares.
    """

    open: np.ndarray
    start: tuple[int, int]
    goal: tuple[int, int]

    def __str__(self) -> str:
        """The maze as text: `#` wall, `.` open, `S` start, `G` goal, one line per row."""
        squares = np.where(self.open, ".", "#")
        squares[self.start], squares[self.goal] = "S", "G"
        return "\n".join("".join(row) for row in squares)


def from_text(text: str) -> Maze:
    """The maze that `str(maze)` prints."""
    squares = np.array([list(line) for line in text.split()])
    (start,), (goal,) = (np.argwhere(squares == mark).tolist() for mark in "SG")
    return Maze(squares != "#", tuple(start), tuple(goal))


class Labels(NamedTuple):
    """What a perfect solver would answer.

    Shapes:  distance (H, W) int32, moves to the goal, -1 where there is no way; arrow (H, W) int8, the first of
             N, W, S, E that leads one move closer, NOT_YET where there is none; path (H, W) bool, the squares that
             the arrows visit from start to goal.
    """

    distance: np.ndarray
    arrow: np.ndarray
    path: np.ndarray


def seed_of(split: str, index: int) -> int:
    """The seed of the index-th maze of a split. No seed belongs to two splits: their remainders by three differ."""
    return 3 * index + SPLITS.index(split)


def generate(kind: str, height: int, width: int, loops: float = 0.0, seed: int = 0) -> Maze:
    """Draw the maze that belongs to these five values, the same on every machine.

    dfs, wilson and kruskal are perfect mazes (exactly one way between any two squares) of which a share `loops` of the
    remaining inner walls is then opened. walls has 25 to 50 % single wall squares and a start at least half as far off
    as can be. hard has 36 to 42 % and a shortest path of at least 110 moves at 30 x 30, in proportion to the
    side at other sizes, or the longest of 20,000 drawings.

    Raises:  ValueError for an unknown kind, a side outside 2..801 or a share outside 0..1.
    Traps:   cells lie on even rows and columns, so an even side leaves the last row or column of a perfect maze walled;
             `loops` means nothing to walls and hard.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of maze '{kind}', known: {', '.join(KINDS)}")
    if not (2 <= height <= MAX_SIDE and 2 <= width <= MAX_SIDE and 0 <= loops <= 1):
        raise ValueError(f"need sides in 2..{MAX_SIDE} and loops in 0..1, not {height} x {width} with loops {loops}")
    stream = _stream(KINDS.index(kind), height, width, round(loops * 1e6), seed)
    squares = np.zeros((height, width), dtype=np.bool_)
    ends = _draw_maze(stream, KINDS.index(kind), squares, float(loops))
    start, goal = (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3]))
    return Maze(squares, start, goal)


def training_maze(size: int, run_seed: int, counter: int) -> Maze:
    """The counter-th maze of a training run: a mixture of all kinds, a third of the perfect ones with loops."""
    seed = seed_of("train", run_seed * 2**40 + counter)
    share = np.random.default_rng(seed % 2**64)
    kind = share.choice(["dfs", "wilson", "kruskal", "walls"], p=[0.2, 0.2, 0.2, 0.4])
    loops = share.choice([0.0, 0.0, 0.1, 0.3])
    return generate(str(kind), size, size, float(loops), seed)


def label(maze: Maze) -> Labels:
    """Distance, arrow and path of every square, by breadth-first search from the goal."""
    distance = distances(maze.open, maze.goal)
    arrow, path = _arrows_and_path(distance, maze.start[0], maze.start[1])
    return Labels(distance, arrow, path)


def distances(squares: np.ndarray, origin: tuple[int, int]) -> np.ndarray:
    """Moves from every open square to `origin`, -1 where there is no way: plain breadth-first search."""
    return _distances(np.ascontiguousarray(squares), origin[0], origin[1])


def shortest_length(maze: Maze) -> int:
    """The number of moves of a shortest path, -1 when there is none."""
    return int(distances(maze.open, maze.goal)[maze.start])


def is_path(maze: Maze, path: list[tuple[int, int]] | None) -> bool:
    """Whether `path` leads from start to goal by single moves over open squares, visiting none twice."""
    if not path or tuple(path[0]) != maze.start or tuple(path[-1]) != maze.goal or len(set(path)) != len(path):
        return False
    steps = np.abs(np.diff(np.array(path), axis=0)).sum(axis=1)
    inside = all(0 <= row < maze.open.shape[0] and 0 <= column < maze.open.shape[1] for row, column in path)
    return inside and bool((steps == 1).all()) and all(maze.open[place] for place in path)


def is_shortest(maze: Maze, path: list[tuple[int, int]] | None) -> bool:
    """Whether `path` is one of the shortest: any of them counts, not only the one in the labels."""
    return is_path(maze, path) and path is not None and len(path) - 1 == shortest_length(maze)


# --- Random numbers: SplitMix64, ten lines that give every maze a stream of its own and leave no global state behind.
# Source: Steele, Lea and Flood 2014, https://doi.org/10.1145/2660193.2660195.


@njit(cache=True)
def _mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _stream(kind: int, height: int, width: int, millionths: int, seed: int) -> np.ndarray:
    """A fresh stream of random numbers, different for each value of each argument."""
    shape = np.uint64(((kind * 1024 + height) * 1024 + width) * 2**20 + millionths)
    return np.array([_mix(_mix(shape) ^ np.uint64(seed % 2**64))], dtype=np.uint64)


@njit(cache=True)
def _draw(stream, n):
    """A whole number in 0..n-1."""
    stream[0] += np.uint64(0x9E3779B97F4A7C15)
    return np.int64((_mix(stream[0]) >> np.uint64(11)) % np.uint64(n))


@njit(cache=True)
def _chance(stream, probability):
    """True with this probability."""
    return _draw(stream, 2**53) < probability * 2.0**53


@njit(cache=True)
def _shuffle(stream, values):
    for i in range(len(values) - 1, 0, -1):
        j = _draw(stream, i + 1)
        values[i], values[j] = values[j], values[i]


# --- Perfect mazes: spanning trees of the cells at even rows and columns.


@njit(cache=True)
def _carve_dfs(stream, squares):
    """Walk to a random unvisited neighbour, step back when there is none: long winding corridors."""
    rows, columns = (squares.shape[0] + 1) // 2, (squares.shape[1] + 1) // 2
    trail = np.empty(rows * columns, dtype=np.int64)
    choices = np.empty(4, dtype=np.int64)
    trail[0] = _draw(stream, rows * columns)
    squares[2 * (trail[0] // columns), 2 * (trail[0] % columns)] = True
    length = 1
    while length > 0:
        row, column = trail[length - 1] // columns, trail[length - 1] % columns
        count = 0
        for d in range(4):
            r, c = row + MOVES[d, 0], column + MOVES[d, 1]
            if 0 <= r < rows and 0 <= c < columns and not squares[2 * r, 2 * c]:
                choices[count] = d
                count += 1
        if count == 0:
            length -= 1
            continue
        d = choices[_draw(stream, count)]
        r, c = row + MOVES[d, 0], column + MOVES[d, 1]
        squares[2 * r, 2 * c] = squares[row + r, column + c] = True  # row + r: the square halfway between the cells
        trail[length] = r * columns + c
        length += 1


@njit(cache=True)
def _carve_wilson(stream, squares):
    """Loop-erased random walks onto the tree so far: every spanning tree is equally likely."""
    rows, columns = (squares.shape[0] + 1) // 2, (squares.shape[1] + 1) // 2
    leaving = np.zeros(rows * columns, dtype=np.int64)  # the move with which the walk last left a cell
    order = np.arange(rows * columns)
    _shuffle(stream, order)
    squares[2 * (order[0] // columns), 2 * (order[0] % columns)] = True
    for first in order[1:]:
        row, column = first // columns, first % columns
        while not squares[2 * row, 2 * column]:  # wander until the tree is met; later moves overwrite loops
            d = _draw(stream, 4)
            r, c = row + MOVES[d, 0], column + MOVES[d, 1]
            if 0 <= r < rows and 0 <= c < columns:
                leaving[row * columns + column] = d
                row, column = r, c
        row, column = first // columns, first % columns
        while not squares[2 * row, 2 * column]:  # walk again without the loops, this time carving
            d = leaving[row * columns + column]
            r, c = row + MOVES[d, 0], column + MOVES[d, 1]
            squares[2 * row, 2 * column] = squares[row + r, column + c] = True
            row, column = r, c


@njit(cache=True)
def _find(parent, cell):
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = parent[cell]
    return cell


@njit(cache=True)
def _carve_kruskal(stream, squares):
    """Open walls in random order wherever they part two separate regions: many short dead ends."""
    rows, columns = (squares.shape[0] + 1) // 2, (squares.shape[1] + 1) // 2
    parent = np.arange(rows * columns)
    walls = np.arange(2 * rows * columns)  # wall 2 * cell + side parts a cell from the one to its south or east
    _shuffle(stream, walls)
    for cell in range(rows * columns):
        squares[2 * (cell // columns), 2 * (cell % columns)] = True
    for wall in walls:
        row, column = (wall // 2) // columns, (wall // 2) % columns
        r, c = row + MOVES[2 + wall % 2, 0], column + MOVES[2 + wall % 2, 1]
        if r < rows and c < columns:
            one, other = _find(parent, row * columns + column), _find(parent, r * columns + c)
            if one != other:
                parent[one] = other
                squares[row + r, column + c] = True


@njit(cache=True)
def _open_loops(stream, squares, share):
    """Open each remaining wall between two neighbouring cells with probability `share`."""
    rows, columns = (squares.shape[0] + 1) // 2, (squares.shape[1] + 1) // 2
    for row in range(2 * rows - 1):
        for column in range(2 * columns - 1):
            if row % 2 != column % 2 and not squares[row, column] and _chance(stream, share):
                squares[row, column] = True


# --- Whole mazes and their labels.


@njit(cache=True)
def _pick(stream, wanted):
    """(row, column) of a random True square, (-1, -1) when there is none."""
    places = np.flatnonzero(wanted)
    if len(places) == 0:
        return -1, -1
    place = places[_draw(stream, len(places))]
    return place // wanted.shape[1], place % wanted.shape[1]


@njit(cache=True)
def _scatter_walls(stream, squares, least, most, length):
    """Random walls, a goal, and a start at least `length` moves away; the farthest of 20,000 drawings if none is.

    With length 0 the first drawing will do, and the start is at least half as far away as can be.
    """
    farthest = 0
    best = squares.copy()
    ends = np.zeros(4, dtype=np.int64)
    for _ in range(20_000):
        share = least + (most - least) * _draw(stream, 2**53) / 2.0**53
        for row in range(squares.shape[0]):
            for column in range(squares.shape[1]):
                squares[row, column] = not _chance(stream, share)
        goal_row, goal_column = _pick(stream, squares)
        if goal_row < 0:
            continue
        distance = _distances(squares, goal_row, goal_column)
        reach = min(length, distance.max()) if length > 0 else (distance.max() + 1) // 2
        if reach > farthest:
            farthest = reach
            best[:] = squares
            row, column = _pick(stream, distance >= reach)
            ends[:] = (row, column, goal_row, goal_column)
            if length in (0, reach):
                break
    if farthest == 0:  # only a grid of a few squares can fail that often: open it
        best[:] = True
        ends[2], ends[3] = squares.shape[0] - 1, squares.shape[1] - 1
    squares[:] = best
    return ends


@njit(cache=True)
def _draw_maze(stream, kind, squares, loops):
    """Fill `squares` and return (start row, start column, goal row, goal column); `kind` counts along KINDS."""
    if kind == 3:
        return _scatter_walls(stream, squares, 0.25, 0.5, 0)
    if kind == 4:
        length = round(110 / 30 * np.sqrt(squares.size))
        return _scatter_walls(stream, squares, 0.36, 0.42, length)
    if kind == 0:
        _carve_dfs(stream, squares)
    elif kind == 1:
        _carve_wilson(stream, squares)
    else:
        _carve_kruskal(stream, squares)
    if loops > 0:
        _open_loops(stream, squares, loops)
    ends = np.zeros(4, dtype=np.int64)
    if squares.sum() == 1:  # one cell only, 2 x 2: make room for a goal
        squares[0, 1] = True
    ends[0], ends[1] = _pick(stream, squares)
    ends[2], ends[3] = ends[0], ends[1]
    while ends[0] == ends[2] and ends[1] == ends[3]:
        ends[2], ends[3] = _pick(stream, squares)
    return ends


@njit(cache=True)
def _distances(squares, row, column):
    """Breadth-first search over a queue of squares, each entered once."""
    height, width = squares.shape
    distance = np.full((height, width), -1, dtype=np.int32)
    queue = np.empty(height * width, dtype=np.int64)
    queue[0] = row * width + column
    distance[row, column] = 0
    tail = 1
    for head in range(height * width):
        if head == tail:
            break
        row, column = queue[head] // width, queue[head] % width
        for d in range(4):
            r, c = row + MOVES[d, 0], column + MOVES[d, 1]
            if 0 <= r < height and 0 <= c < width and squares[r, c] and distance[r, c] < 0:
                distance[r, c] = distance[row, column] + 1
                queue[tail] = r * width + c
                tail += 1
    return distance


@njit(cache=True)
def _arrows_and_path(distance, row, column):
    """Point every square at the first neighbour that is closer, then follow the arrows from (row, column)."""
    height, width = distance.shape
    arrow = np.full((height, width), NOT_YET, dtype=np.int8)
    path = np.zeros((height, width), dtype=np.bool_)
    for i in range(height):
        for j in range(width):
            for d in range(3, -1, -1):  # backwards, so that the first direction has the last word
                r, c = i + MOVES[d, 0], j + MOVES[d, 1]
                if distance[i, j] > 0 and 0 <= r < height and 0 <= c < width and distance[r, c] == distance[i, j] - 1:
                    arrow[i, j] = d
    if distance[row, column] >= 0:
        path[row, column] = True
        while distance[row, column] > 0:
            d = arrow[row, column]
            row, column = row + MOVES[d, 0], column + MOVES[d, 1]
            path[row, column] = True
    return arrow, path
