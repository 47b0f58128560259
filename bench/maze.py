"""How much does it help to tell a recurrent solver when to answer, not only what? Solve rate against CPU seconds.

    python bench/maze.py [--seeds 3] [--steps 3000] [--mazes 20]

One network, one pool of 9 x 9 mazes, one optimizer and one schedule. What the loss asks for differs, and with it how
finely memories are rounded (see RECIPES); the other two recipes were not tuned:

- exact: the published recipe, every square told at every step what to say, memories rounded to -1, 0, 1
- no later than: the arrow within 2 * distance + 2 steps, the mark in twice the time of the two waves; before that,
  anything goes (the recipe of an earlier sketch)
- path only: the path at all times and nothing else, as DeepThinking is taught (arXiv:2202.05826), on its progressive
  loss's schedule of random starting points, which the pool provides

Each is stopped at four moments of its training and asked to solve mazes that it has never seen, with limits on thinking
that depend on the size alone. Costs are `process_time` of the training, evaluation not counted. Breadth-first search
needs no training and solves everything. Writes bench/results/maze.md and maze.svg.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import processor, seed_everything
from cuaderno.studies.maze.data import generate, is_shortest, seed_of, shortest_length
from cuaderno.studies.maze.evaluate import test_mazes
from cuaderno.studies.maze.model import Solver
from cuaderno.studies.maze.solve import rule_of, solve
from cuaderno.studies.maze.train import Batch, Config, Pool, build, lesson, rate_at

RESULTS = Path(__file__).parent / "results"
TESTS = ("dfs_13", "dfs_59", "loops_59", "hard_30")
Lesson = Callable[[Tensor, Tensor, Batch, Tensor, Config], Tensor]


def no_later_than(logits: Tensor, movement: Tensor, batch: Batch, clock: Tensor, config: Config) -> Tensor:
    """Upper bounds only: right from a deadline on."""
    known = (batch.distance > 0) & (clock >= 2 * batch.distance + 2)
    marked = torch.where(batch.path, 2 * (2 * batch.length - batch.distance) + 4, 0)
    arrows = F.cross_entropy(logits[:, :5], batch.arrow, reduction="none") * known
    marks = F.binary_cross_entropy_with_logits(logits[:, 5], batch.path.float(), reduction="none")
    marks = marks * (clock >= marked) * (1 + 2 * batch.path)
    return torch.stack([arrows.sum() / (known.sum() + 1), marks.mean(), torch.zeros(())])


def path_only(logits: Tensor, movement: Tensor, batch: Batch, clock: Tensor, config: Config) -> Tensor:
    """The final answer at all times."""
    marks = F.binary_cross_entropy_with_logits(logits[:, 5], batch.path.float())
    return torch.stack([torch.zeros(()), marks, torch.zeros(())])


# What the loss asks for, how finely memories are rounded (without exact times they need more than three values), the
# noise (the sketch's, where a lesson is not ours), and how much longer a maze is thought about: deadlines come late.
RECIPES: dict[str, tuple[Lesson, int, float, float]] = {
    "exact": (lesson, 1, 0.1, 1.0),
    "no later than": (no_later_than, 64, 0.05, 2.0),
    "path only": (path_only, 64, 0.05, 2.0),
}


def teach(config: Config, lesson: Lesson, patience: float, stops: list[int]) -> Iterator[tuple[float, Solver]]:
    """The loop of the study with another lesson; gives (CPU seconds so far, model) at each stop."""
    seed_everything(config.seed)
    model = build(config)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=(0.9, 0.98), weight_decay=config.weight_decay
    )
    pool, spent, started = Pool(config, torch.device("cpu")), 0.0, time.process_time()
    pool.fill(torch.arange(config.pool_size))
    pool.end *= patience * torch.rand(config.pool_size)
    for step in range(1, config.num_steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * rate_at(step, config.num_steps)
        slots = torch.randperm(config.pool_size)[: config.batch_size]
        finished = slots[pool.clock[slots] >= pool.end[slots]]
        pool.fill(finished)
        pool.end[finished] *= patience
        batch = pool.take(slots)
        maze, memory, losses = model.from_maze(batch.features), batch.memory, []
        for tick in range(1, config.unroll + 1):
            noisy = memory + config.noise * torch.randn_like(memory)
            proposal = model.propose(noisy, maze, batch.neighbours)
            memory = model.round(proposal)
            losses.append(lesson(model.head(memory), proposal - noisy, batch, batch.clock + tick, config))
        weights = torch.tensor([1.0, 1.0, config.stillness_weight])
        optimizer.zero_grad()
        (torch.stack(losses).mean(dim=0) * weights).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
        optimizer.step()
        pool.put_back(slots, memory.detach(), config.unroll)
        if step in stops:
            spent += time.process_time() - started
            yield spent, model
            started = time.process_time()


def solve_rates(model: Solver, num_mazes: int) -> dict[str, float]:
    rule = rule_of(model)
    mazes = {name: test_mazes(name, num_mazes) for name in TESTS}
    return {
        name: sum(is_shortest(maze, solve(rule, maze).path) for maze in some) / num_mazes
        for name, some in mazes.items()
    }


def cost_of_search(num_mazes: int) -> float:
    """CPU seconds of breadth-first search for one 59 x 59 maze."""
    mazes = [generate("dfs", 59, 59, seed=seed_of("test", i)) for i in range(num_mazes)]
    shortest_length(mazes[0])  # compiles
    started = time.process_time()
    for maze in mazes:
        shortest_length(maze)
    return (time.process_time() - started) / num_mazes


def cost_of_thought(model: Solver, num_mazes: int) -> float:
    """CPU seconds of the network for one 59 x 59 maze."""
    rule, mazes = rule_of(model), test_mazes("dfs_59", num_mazes)
    started = time.process_time()
    for maze in mazes:
        solve(rule, maze)
    return (time.process_time() - started) / num_mazes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3000, help="optimizer updates of each training")
    parser.add_argument("--mazes", type=int, default=20, help="test mazes of each kind at each stop")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    stops = [round(arguments.steps * share) for share in (0.25, 0.5, 0.75, 1.0)]
    rows, thought = [], 0.0
    for name, (asked, levels, noise, patience) in RECIPES.items():
        for seed in range(arguments.seeds):
            config = replace(Config(), num_steps=arguments.steps, levels=levels, noise=noise, seed=seed)
            for stop, (spent, model) in zip(stops, teach(config, asked, patience, stops), strict=True):
                rates = solve_rates(model, arguments.mazes)
                rows.append({"recipe": name, "seed": seed, "step": stop, "cpu": spent, **rates})
                print(rows[-1], flush=True)
            if name == "exact":
                thought = cost_of_thought(model, arguments.mazes)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "maze.md").write_text(report(rows, arguments, thought, cost_of_search(200)), encoding="utf-8")
    (RESULTS / "maze.svg").write_text(chart(rows), encoding="utf-8")
    print((RESULTS / "maze.md").read_text(encoding="utf-8"))


def report(rows: list[dict], arguments: argparse.Namespace, thought: float, search: float) -> str:
    """The Markdown table: least, mean and most of the seeds."""
    lines = [
        "# Maze: exact times against weaker lessons",
        "",
        f"`python bench/maze.py --seeds {arguments.seeds} --steps {arguments.steps} --mazes {arguments.mazes}` "
        f"on {processor()}, one thread, torch {torch.__version__}.",
        "Solved means: the marks are one of the shortest paths. Mean over the seeds, with the least and the most.",
        "",
        "| recipe | updates | CPU s | " + " | ".join(TESTS) + " |",
        "|---|---|---|" + "---|" * len(TESTS),
    ]
    for recipe, step in dict.fromkeys((row["recipe"], row["step"]) for row in rows):
        group = [row for row in rows if (row["recipe"], row["step"]) == (recipe, step)]
        cells = [f"{sum(row['cpu'] for row in group) / len(group):.0f}"]
        for test in TESTS:
            rates = [100 * row[test] for row in group]
            cells.append(f"{sum(rates) / len(rates):.0f} % ({min(rates):.0f}–{max(rates):.0f})")
        lines.append(f"| {recipe} | {step:,} | " + " | ".join(cells) + " |")
    lines += [
        "| breadth-first search | 0 | 0 |" + " 100 % |" * len(TESTS),
        "",
        f"One 59 x 59 maze costs the network {1e3 * thought:.0f} ms and breadth-first search {1e3 * search:.2f} ms: "
        "who only wants the way takes the search. The question here is what a network can learn from small mazes.",
        "",
    ]
    return "\n".join(lines)


def chart(rows: list[dict]) -> str:
    """Solve rate over CPU seconds, one panel per test, one line per seed, in the colours of the page it stands on."""
    width, height, left, top, gap = 200, 130, 34, 28, 24
    most = max(row["cpu"] for row in rows) * 1.05
    colours = dict(zip(RECIPES, ("var(--blue, #36c)", "var(--red, #b33)", "var(--muted, #777)"), strict=True))
    parts = []
    for number, test in enumerate(TESTS):
        x0, y0 = left + (number % 2) * (width + gap + left), top + (number // 2) * (height + 2 * gap)
        frame = f'<path class="axis" d="M{x0} {y0}v{height}h{width}"/>'
        labels = f'<text x="{x0}" y="{y0 - 8}">{test.replace("_", " ")}</text>'
        labels += f'<text class="tick" x="{x0 - 4}" y="{y0 + 4}">100 %</text>'
        labels += f'<text class="tick" x="{x0 - 4}" y="{y0 + height}">0</text>'
        labels += f'<text class="tick" x="{x0 + width}" y="{y0 + height + 14}">{most:.0f} CPU s</text>'
        parts += [frame, labels]
        for recipe, seed in dict.fromkeys((row["recipe"], row["seed"]) for row in rows):
            points = [(0.0, 0.0)]
            points += [(row["cpu"], row[test]) for row in rows if (row["recipe"], row["seed"]) == (recipe, seed)]
            line = " ".join(f"{x0 + width * x / most:.1f},{y0 + height * (1 - y):.1f}" for x, y in points)
            parts.append(f'<polyline fill="none" stroke="{colours[recipe]}" stroke-width="1.6" points="{line}"/>')
    bottom = top + 2 * (height + 2 * gap)
    for number, (recipe, colour) in enumerate(colours.items()):
        x = left + 140 * number
        parts.append(f'<path stroke="{colour}" stroke-width="2" d="M{x} {bottom}h18"/>')
        parts.append(f'<text x="{x + 24}" y="{bottom + 4}">{recipe}</text>')
    style = (
        "text{font:12px system-ui,sans-serif;fill:var(--ink,#222)}.tick{font-size:10px;text-anchor:end}"
        ".axis{fill:none;stroke:var(--muted,#999)}"
    )
    size = f'viewBox="0 0 {2 * (width + left) + gap + 10} {bottom + 16}"'
    title = "<title>Solve rate against CPU seconds of training, a line per seed</title>"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n{title}\n<style>{style}</style>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    main()
