"""Solve mazes that somebody drew: `cuaderno predict maze my-maze.png their-maze.txt`."""

from collections.abc import Iterator

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.maze.pictures import read, to_svg, to_text
from cuaderno.studies.maze.solve import rule_of, solve
from cuaderno.studies.maze.train import trained

MAX_DRAWN = 79  # squares a side that a terminal of the usual width can show


def predict(run: Run, inputs: list[str]) -> Iterator[dict]:
    """One answer per file, in order; a file that is no maze answers with an error.

    Units:   path is [[row, column], …] from start to goal on the grid of squares that was read, length its number of
             moves, steps the network's steps of thought, confidence the probability of the least sure square.
    """
    rule = rule_of(trained(run))
    for name in inputs:
        try:
            maze = read(name)
        except CuadernoError as error:
            yield {"input": name, "error": str(error)}
            continue
        answer = solve(rule, maze)
        thought = {"settled": answer.settled, "steps": answer.steps, "confidence": answer.confidence}
        if answer.path is None:
            how = f"settled after {answer.steps}" if answer.settled else f"had not settled after {answer.steps}"
            message = f"The network {how} steps of thought, and its marks are no way from start to goal. Train longer."
            yield {"input": name, "error": message, **thought}
        else:
            yield {"input": name, "path": [list(place) for place in answer.path], "length": answer.length, **thought}


def show(answer: dict) -> str:
    """An answer for people: one line, and the way drawn into the maze when it fits into a terminal."""
    ends = " to ".join(f"({row}, {column})" for row, column in (answer["path"][0], answer["path"][-1]))
    rest = "settled" if answer["settled"] else "not settled"
    line = (
        f"{answer['input']}  {answer['length']} moves from {ends}, "
        f"{rest} after {answer['steps']} steps, confidence {answer['confidence']:.3f}"
    )
    maze = read(answer["input"])
    return f"{line}\n{to_text(maze, answer['path'])}" if max(maze.open.shape) <= MAX_DRAWN else line


def draw(answer: dict) -> str:
    """The maze with the way in it, as an SVG."""
    return to_svg(read(answer["input"]), answer["path"])
