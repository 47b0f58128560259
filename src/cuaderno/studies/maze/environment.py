"""The maze as a Gymnasium environment: an agent that sees one square at a time and is paid for arriving.

`gymnasium.make("cuaderno/Maze-v0")` works wherever `cuaderno` is imported, before or after Gymnasium (whose version 1
finds no environments by itself); `gymnasium.make("cuaderno:cuaderno/Maze-v0")` does both in one go.

Units:   actions 0 to 3 are north, west, south and east, the order of `data.MOVES`; a move into a wall stays in place.
"""

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces

from cuaderno.lab.errors import CuadernoError

if TYPE_CHECKING:
    from cuaderno.studies.maze.data import Maze

ID = "cuaderno/Maze-v0"
STEP_REWARD = -0.01  # a small toll for every move, so that the shortest way is the best one
GOAL_REWARD = 1.0
OBSERVATIONS = ("square", "place", "image")


def register() -> None:
    """Tell Gymnasium about `cuaderno/Maze-v0`; a second call changes nothing."""
    if ID not in gymnasium.registry:
        gymnasium.register(ID, entry_point="cuaderno.studies.maze.environment:MazeEnv")


class MazeEnv(gymnasium.Env):
    """One maze, the same in every episode. Walk from start to goal.

    Shapes:  square: Discrete(H * W), row * W + column. place: (2,) float32 in [0, 1], row and column. image: (H, W, 3)
             uint8 with walls black, ways white, the goal red, the agent blue.
    Units:   each move is rewarded with -0.01, the one that arrives with +1; episodes are cut after 4 moves per square.
    Raises:  CuadernoError for an unknown kind, size or observation.
    Traps:   a seed given to `reset` does not draw another maze; the maze belongs to the environment, not the episode.
    """

    metadata = {"render_modes": ["ansi", "rgb_array"], "render_fps": 8}  # noqa: RUF012 - the name and form Gymnasium wants

    def __init__(
        self,
        size: int | tuple[int, int] = 19,
        kind: str = "dfs",
        loops: float = 0.0,
        maze_seed: int = 0,
        maze: "Maze | None" = None,
        observation: str = "square",
        max_moves: int | None = None,
        render_mode: str | None = None,
    ):
        from cuaderno.studies.maze import data  # numba takes a second to load: only who walks a maze waits for it

        if observation not in OBSERVATIONS:
            raise CuadernoError(f"There is no observation '{observation}'. Choose one of {', '.join(OBSERVATIONS)}.")
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise CuadernoError(f"There is no render mode '{render_mode}'. Choose ansi, rgb_array or None.")
        if maze is None:
            height, width = (size, size) if isinstance(size, int) else size
            try:
                maze = data.generate(kind, height, width, loops, maze_seed)
            except ValueError as error:
                raise CuadernoError(f"This maze cannot be drawn: {error}.") from error
        self.maze, self.observation, self.render_mode = maze, observation, render_mode
        self.max_moves = max_moves or 4 * maze.open.size
        self.next_place = _neighbours(maze.open, data.MOVES)
        self.action_space = spaces.Discrete(4)
        self.observation_space = self._space()
        self.num_squares = maze.open.size
        self._ground = np.where(maze.open[..., None], np.uint8(255), np.uint8(0)).repeat(3, axis=-1)
        self._ground[maze.goal] = (220, 38, 38)
        self._place, self._moves = self._flat(maze.start), 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Back to the start."""
        super().reset(seed=seed)
        self._place, self._moves = self._flat(self.maze.start), 0
        return self._observe(), self._info()

    def step(self, action):
        """One move: (observation, reward, arrived, cut off, info)."""
        self._place = int(self.next_place[self._place, int(action)])
        self._moves += 1
        arrived = self._place == self._flat(self.maze.goal)
        reward = GOAL_REWARD if arrived else STEP_REWARD
        return self._observe(), reward, arrived, not arrived and self._moves >= self.max_moves, self._info()

    def render(self):
        """The maze with the agent in it: text with an `@` for ansi, a picture for rgb_array."""
        if self.render_mode == "ansi":
            lines = [list(line) for line in str(self.maze).split("\n")]
            row, column = divmod(self._place, self.maze.open.shape[1])
            lines[row][column] = "@"
            return "\n".join(map("".join, lines))
        if self.render_mode == "rgb_array":
            size = max(1, 480 // max(self.maze.open.shape))
            return self._picture().repeat(size, axis=0).repeat(size, axis=1)
        return None

    def _space(self) -> spaces.Space:
        height, width = self.maze.open.shape
        if self.observation == "square":
            return spaces.Discrete(height * width)
        if self.observation == "place":
            return spaces.Box(0.0, 1.0, (2,), np.float32)
        return spaces.Box(0, 255, (height, width, 3), np.uint8)

    def _observe(self):
        if self.observation == "square":
            return self._place
        if self.observation == "image":
            return self._picture()
        height, width = self.maze.open.shape
        row, column = divmod(self._place, width)
        return np.array([row / max(1, height - 1), column / max(1, width - 1)], dtype=np.float32)

    def _info(self) -> dict[str, Any]:
        return {"place": divmod(self._place, self.maze.open.shape[1]), "moves": self._moves}

    def _flat(self, place: tuple[int, int]) -> int:
        return place[0] * self.maze.open.shape[1] + place[1]

    def _picture(self) -> np.ndarray:
        picture = self._ground.copy()
        picture.reshape(-1, 3)[self._place] = (29, 78, 216)
        return picture


def _neighbours(squares: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Where each of the four moves leads from each square; (H, W) bool -> (H * W, 4)."""
    height, width = squares.shape
    here = np.arange(height * width).reshape(height, width)
    around, free = np.pad(here, 1), np.pad(squares, 1)
    there = np.empty((height * width, 4), dtype=np.int64)
    for action, (down, right) in enumerate(moves):
        window = slice(1 + down, 1 + down + height), slice(1 + right, 1 + right + width)
        there[:, action] = np.where(free[window], around[window], here).ravel()
    return there


register()
