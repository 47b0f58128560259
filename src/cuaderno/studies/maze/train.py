"""Teach the solver on mazes of 9 x 9 squares to think one step further.

The lesson is a wave. It leaves the goal at the first step and moves one square per step; a square that it reaches must
from then on point to the neighbour it came from, and before that must say "not yet". When the wave reaches the start, a
mark travels back along the arrows, again one square per step. Every square is told at every step exactly what to say:
not sooner, not later. A rule that keeps such time in small mazes keeps it in large ones.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.parallel import average_gradients, rank, same_start, world_size
from cuaderno.lab.run import Run
from cuaderno.studies.maze.data import NOT_YET, generate, is_shortest, label, seed_of, training_maze
from cuaderno.studies.maze.model import Solver, features, neighbour_rows
from cuaderno.studies.maze.solve import rule_of, solve

NEVER = 1e9  # the time at which the wave reaches a square that has no way to the goal


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    size: int = 9  # side of the training mazes in squares; 9 is 5 x 5 cells
    pool_size: int = 512  # mazes that are being thought about at the same time
    linger: int = 20  # a solved maze stays in the pool for up to this many steps more, to learn to stand still
    # model
    channels: int = 24  # numbers that each square remembers
    hidden: int = 64  # units of the layer between two thoughts
    levels: int = 1  # memories are multiples of 1 / levels between -1 and 1; with 1 they are -1, 0 or 1
    # loss
    unroll: int = 4  # steps of thought per update, through which gradients flow
    noise: float = 0.1  # standard deviation added to the memories before each step
    stillness_weight: float = 1.0  # weight of the penalty on memories that move when no wave is passing
    # optimizer
    num_steps: int = 10_000  # updates of the weights
    batch_size: int = 48  # mazes per update, drawn from the pool
    learning_rate: float = 4e-3  # constant for 40 % of the steps, then falling linearly to 1 % of it
    weight_decay: float = 1e-4  # of AdamW
    max_gradient_norm: float = 1.0  # longer gradients are cut to this length
    # evaluation
    val_every: int = 500  # updates between two looks at the validation mazes
    num_test_mazes: int = 200  # test mazes of each kind; a fifth as many of 201 x 201
    max_test_side: int = 201  # leave out test mazes with longer sides
    # machine
    seed: int = 0  # of the first weights, the mazes and the order in which they come
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    num_threads: int = 1  # of torch on the CPU: matrices this small gain little from a second; 0 leaves torch's choice


TINY = Config(
    pool_size=16, batch_size=8, channels=8, hidden=16, num_steps=12, val_every=6, num_test_mazes=4, max_test_side=13
)
QUICK = Config(num_steps=6000, val_every=250, num_test_mazes=50)


def build(config: Config) -> Solver:
    """The untrained solver."""
    return Solver(config.channels, config.hidden, config.levels)


def train(config: Config, run: Run) -> None:
    """The whole training, from first weights to `weights.safetensors`."""
    seed_everything(config.seed + rank())  # other noise and other batches in every process
    set_threads(config.num_threads)
    place = device(config.device)
    model = build(config).to(place)
    same_start(model)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=(0.9, 0.98), weight_decay=config.weight_decay
    )
    run.describe(model=model, optimizer=optimizer)
    pool = Pool(config, place)
    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        pool.load_state_dict(state["pool"])
    else:
        pool.fill(torch.arange(config.pool_size))
        pool.end *= torch.rand(config.pool_size)  # so that they do not all finish at once

    for step in run.steps(config.num_steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * rate_at(step, config.num_steps)

        slots = torch.randperm(config.pool_size)[: config.batch_size]
        pool.fill(slots[pool.clock[slots] >= pool.end[slots]])  # thought about long enough: a new maze takes the place
        batch = pool.take(slots)
        maze = model.from_maze(batch.features)  # (N, hidden)
        memory, losses = batch.memory, []
        for tick in range(1, config.unroll + 1):
            noisy = memory + config.noise * torch.randn_like(memory)
            proposal = model.propose(noisy, maze, batch.neighbours)
            memory = model.round(proposal)
            losses.append(lesson(model.head(memory), proposal - noisy, batch, batch.clock + tick, config))
        arrow_loss, path_loss, stillness_loss = torch.stack(losses).mean(dim=0)
        loss = arrow_loss + path_loss + config.stillness_weight * stillness_loss

        optimizer.zero_grad()
        loss.backward()
        average_gradients(model)
        nn.utils.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
        optimizer.step()
        pool.put_back(slots, memory.detach(), config.unroll)

        if step % 10 == 0 or step == config.num_steps:
            run.log(step, loss=loss.item(), arrow_loss=arrow_loss.item(), path_loss=path_loss.item())
        if step % config.val_every == 0:
            run.log(step, val_solved=val_solved(model, config))
        if run.checkpoint_due():
            run.checkpoint(model=model.state_dict(), optimizer=optimizer.state_dict(), pool=pool.state_dict())
    run.save_weights(model.state_dict())


def trained(run: Run) -> Solver:
    """The solver of a finished run."""
    model = build(run.config(Config))
    model.load_state_dict(run.load_weights())
    return model.eval()


def rate_at(step: int, num_steps: int) -> float:
    """The learning rate as a share of the full one: 50 steps of warm-up, a plateau, a straight way down to 1 %."""
    warm_up = min(1.0, step / 50)
    left = 1 - (step - 1) / num_steps
    return warm_up * max(0.01, min(1.0, left / 0.6))


@dataclass
class Batch:
    """A few mazes of the pool as one matrix with a row per open square, N in all.

    Shapes:  features (N, 6), neighbours (N, 4), memory (N, channels); arrow (N,) class 0 to 4, path (N,) bool.
    Units:   clock (N,) steps since this maze came in, distance (N,) moves to the goal, length (N,) moves of its path.
    """

    features: Tensor
    neighbours: Tensor
    memory: Tensor
    clock: Tensor
    distance: Tensor
    length: Tensor
    arrow: Tensor
    path: Tensor


def lesson(logits: Tensor, movement: Tensor, batch: Batch, clock: Tensor, config: Config) -> Tensor:
    """What one step of thought got wrong: (3,) loss of the arrows, of the marks, and of memories that would not rest.

    Shapes:  logits (N, 6), movement (N, channels) as proposed before rounding, clock (N,).
    Differs: DeepThinking and the tiny recursive models are told the path only. Distances say much more.
    """
    arrives = torch.where(batch.distance >= 0, batch.distance + 1, NEVER)  # the goal itself is reached in step 1
    # From goal to start takes `length` steps, from start back to here length - distance, and reading the arrow one.
    marked = torch.where(batch.path, 2 * batch.length - batch.distance + 2, NEVER)

    arrow = torch.where(clock >= arrives, batch.arrow, NOT_YET)
    arrow_losses = F.cross_entropy(logits[:, :5], arrow, reduction="none") * (batch.distance != 0)  # the goal is free
    path_losses = F.binary_cross_entropy_with_logits(logits[:, 5], (clock >= marked).float(), reduction="none")

    # A wave may stir a square from one step before it comes until three after; the first four steps are free as well.
    stirred = (clock <= 4) | near(clock, arrives) | near(clock, marked)
    restless = F.relu(movement.abs() - 0.25 / config.levels).mean(dim=1)  # from 0.5 on, rounding lets it through
    return torch.stack([arrow_losses.mean(), path_losses.mean(), (restless * ~stirred).mean()])


def near(clock: Tensor, event: Tensor) -> Tensor:
    """Whether a wave that comes at the step `event` is about to come, here, or just gone."""
    return (clock >= event - 1) & (clock < event + 4)


class Pool:
    """Mazes at different moments of being thought about, so that every batch sees early and late times.

    A maze is a function of the seed and its number, so a checkpoint holds numbers, clocks and memories, but no mazes.

    Shapes:  P mazes of S x S squares: squares, arrow, path, distance (P, S, S), starts, goals (P, 2), memory
             (P, S, S, channels) on the device; number, clock, end and length (P,) on the CPU.
    """

    def __init__(self, config: Config, place: torch.device):
        self.config, self.place = config, place
        shape = (config.pool_size, config.size, config.size)
        self.squares = torch.zeros(shape, dtype=torch.bool, device=place)
        self.arrow = torch.zeros(shape, dtype=torch.long, device=place)
        self.path = torch.zeros(shape, dtype=torch.bool, device=place)
        self.distance = torch.zeros(shape, dtype=torch.long, device=place)
        self.starts = torch.zeros((config.pool_size, 2), dtype=torch.long, device=place)
        self.goals = torch.zeros((config.pool_size, 2), dtype=torch.long, device=place)
        self.memory = torch.zeros((*shape, config.channels), device=place)
        self.number = torch.zeros(config.pool_size, dtype=torch.long)
        self.clock = torch.zeros(config.pool_size)  # steps that a maze has been thought about
        self.end = torch.zeros(config.pool_size)  # and after how many it leaves
        self.length = torch.zeros(config.pool_size, dtype=torch.long)
        self.next_number = rank()  # processes take turns: 0, 2, 4, … and 1, 3, 5, …

    def fill(self, slots: Tensor) -> None:
        """Put new mazes with empty memories into these slots."""
        for slot in slots.tolist():
            self.number[slot] = self.next_number
            self.next_number += world_size()
            self.draw(slot)
        self.clock[slots] = 0
        self.memory[slots.to(self.place)] = 0
        self.end[slots] = 2.0 * self.length[slots] + 4 + torch.randint(0, self.config.linger, slots.shape)

    def draw(self, slot: int) -> None:
        """Draw the maze whose number stands in this slot, with its labels."""
        maze = training_maze(self.config.size, self.config.seed, int(self.number[slot]))
        labels = label(maze)
        self.squares[slot] = torch.from_numpy(maze.open)
        self.arrow[slot] = torch.from_numpy(labels.arrow)
        self.path[slot] = torch.from_numpy(labels.path)
        self.distance[slot] = torch.from_numpy(labels.distance)
        self.starts[slot], self.goals[slot] = torch.tensor(maze.start), torch.tensor(maze.goal)
        self.length[slot] = int(labels.distance[maze.start])

    def take(self, slots: Tensor) -> Batch:
        """The mazes in these slots as one matrix, a row per open square."""
        here = slots.to(self.place)
        squares = self.squares[here]
        neighbours = neighbour_rows(squares)

        def each(values: Tensor) -> Tensor:  # one value per maze -> one per open square
            return values.to(self.place)[:, None, None].expand(squares.shape)[squares]

        return Batch(
            features=features(squares, self.starts[here], self.goals[here], neighbours),
            neighbours=neighbours,
            memory=self.memory[here][squares],
            clock=each(self.clock[slots]),
            distance=self.distance[here][squares],
            length=each(self.length[slots]),
            arrow=self.arrow[here][squares],
            path=self.path[here][squares],
        )

    def put_back(self, slots: Tensor, memory: Tensor, num_steps: int) -> None:
        """Remember how far these mazes have been thought about."""
        here = slots.to(self.place)
        memories = torch.zeros_like(self.memory[here])
        memories[self.squares[here]] = memory
        self.memory[here] = memories
        self.clock[slots] += num_steps

    def state_dict(self) -> dict:
        """What a checkpoint must hold to go on from here."""
        kept = {"number": self.number, "clock": self.clock, "end": self.end, "memory": self.memory}
        return {**kept, "next_number": self.next_number}

    def load_state_dict(self, state: dict) -> None:
        """Draw the mazes of a checkpoint again and take over where each of them was."""
        self.number, self.clock, self.end = state["number"], state["clock"], state["end"]
        self.memory, self.next_number = state["memory"].to(self.place), state["next_number"]
        for slot in range(self.config.pool_size):
            self.draw(slot)


def val_solved(model: Solver, config: Config, side: int = 13, num_mazes: int = 20) -> float:
    """The share of small validation mazes solved, a quick look for the progress bar."""
    kinds = ("dfs", "wilson", "kruskal", "walls")
    rule, solved = rule_of(model), 0
    for i in range(num_mazes):
        maze = generate(kinds[i % 4], side, side, loops=0.1 * (i % 2), seed=seed_of("val", i))
        answer = solve(rule, maze, max_steps=side * side)
        solved += is_shortest(maze, answer.path)
    return solved / num_mazes
