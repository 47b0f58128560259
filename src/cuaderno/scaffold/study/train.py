"""Fit the line by stochastic gradient descent."""

from dataclasses import dataclass

import torch

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.parallel import average_gradients, same_start
from cuaderno.lab.run import Run
from cuaderno.scaffold.study.data import points
from cuaderno.scaffold.study.model import Line


@dataclass(frozen=True)
class Config:
    # data
    num_points: int = 1000  # training points
    # optimizer
    batch_size: int = 32  # points a step
    learning_rate: float = 0.1  # of plain gradient descent
    num_steps: int = 500  # optimizer updates
    # machine
    num_threads: int = 1  # CPU threads; more only help larger models
    seed: int = 0


TINY = Config(num_points=100, num_steps=40)


def build(config: Config) -> Line:
    return Line()


def train(config: Config, run: Run) -> None:
    set_threads(config.num_threads)
    seed_everything(config.seed)
    where = device()
    model = build(config).to(where)
    same_start(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    run.describe(model=model, optimizer=optimizer)

    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])

    x, y = (torch.from_numpy(a).to(where) for a in points(config.num_points, config.seed, "train"))
    for step in run.steps(config.num_steps):
        batch = torch.randint(len(x), (config.batch_size,))  # torch's random numbers travel with the checkpoint
        loss = (model(x[batch]) - y[batch]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        average_gradients(model)
        optimizer.step()
        run.log(step, loss=loss.item())
        if run.checkpoint_due():
            run.checkpoint(model=model.state_dict(), optimizer=optimizer.state_dict())
    run.save_weights(model.state_dict())
