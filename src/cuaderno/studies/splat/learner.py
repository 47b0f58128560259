"""One step of the training: paint a view, compare it with its photo, and move every splat a little.

`Learner` does it with the kernels. `TensorLearner` does the same through torch, with gsplat on a GPU, or with the plain
renderer in tests; also when several processes train together, each with a view of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.parallel import average_gradients, world_size
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.judge import decibels
from cuaderno.studies.splat.model import Table, aligned
from cuaderno.studies.splat.painter import NO_EXPOSURE, Painter, Photo
from cuaderno.studies.splat.splats import Splats

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-15  # of Adam; gradients are tiny, since each is of a mean over all pixels


@dataclass
class Rates:
    """How far each number may move in a step, and what draws it towards zero.

    Units:   of the number itself, for Adam; means in units of the scene, colours and those of higher degrees of the
             coefficients; pulls are those of Kheradmand et al. by opacity and by scale, summed over all splats.
    """

    means: float
    scales: float
    rotations: float
    opacities: float
    colours: float
    higher: float
    opacity_pull: float
    scale_pull: float

    def by_row(self, degree: int) -> np.ndarray:
        """The rate of each row of a table."""
        single = [self.means] * 3 + [self.scales] * 3 + [self.rotations] * 4 + [self.opacities] + [self.colours] * 3
        return np.array(single + [self.higher] * (3 * (degree + 1) ** 2 - 3), np.float32)


@dataclass
class Exposure:
    """What each photo's camera made of the light: its gain and offset in red, green and blue, moved by Adam.

    Differs: held-out views are painted without any, so the photos' mean exposure is kept at none.
    """

    count: int
    rate: float
    values: np.ndarray = field(init=False)
    means: np.ndarray = field(init=False)
    squares: np.ndarray = field(init=False)
    times: np.ndarray = field(init=False)

    def __post_init__(self):
        self.values, self.means, self.squares = np.zeros((3, self.count, 6))
        self.times = np.zeros(self.count)

    def of(self, view: int) -> np.ndarray:
        """Gains, then offsets."""
        return (NO_EXPOSURE + self.values[view]).astype(np.float32)

    def learn(self, view: int, slope: np.ndarray) -> None:
        if not self.rate or not np.isfinite(slope).all():
            return
        self.times[view] += 1
        self.means[view] += (1 - FIRST) * (slope - self.means[view])
        self.squares[view] += (1 - 0.99) * (slope**2 - self.squares[view])
        first, second = 1 - FIRST ** self.times[view], 1 - 0.99 ** self.times[view]
        self.values[view] -= self.rate * self.means[view] / first / (np.sqrt(self.squares[view] / second) + 1e-12)
        self.values -= self.values.mean(axis=0)

    def state(self) -> dict[str, Tensor]:
        return {name: torch.from_numpy(getattr(self, name).copy()) for name in ("values", "means", "squares", "times")}

    def load(self, state: dict[str, Tensor]) -> None:
        for name, value in state.items():
            setattr(self, name, value.numpy().copy())


class Learner:
    """Splats in training, on the processor."""

    def __init__(self, table: Table, num_threads: int = 1):
        self.table, self.painter = table, Painter(num_threads)
        self.means, self.squares = aligned(table.flat.size), aligned(table.flat.size)
        self.score = np.zeros(table.stride, np.float32)

    def step(self, number, camera, photo, background, exposure, degree, rates: Rates, share: float) -> dict[str, Any]:
        """One update; gives the loss, the squared error, SSIM, and the slope of the exposure."""
        self.painter.paint(self.table, camera, background, degree)
        found = self.painter.compare(photo, share, exposure)
        self.painter.blame()
        numbers = np.zeros(72, np.float32)
        row_rates = rates.by_row(degree)
        numbers[: len(row_rates)] = row_rates
        numbers[64:69] = FIRST, SECOND, 1 - FIRST**number, 1 - SECOND**number, EPSILON
        pull = np.array([rates.opacity_pull, rates.scale_pull / 3], np.float32) / self.table.count
        self.painter.learn(self.means, self.squares, numbers, pull, self.score)
        return found

    def paint(self, camera: Camera, background: np.ndarray, degree: int) -> np.ndarray:
        """A view as it is now.  Shapes:  (H, W, 3)."""
        planes = self.painter.paint(self.table, camera, background, degree)
        return planes[:3, : camera.height, : camera.width].transpose(1, 2, 0).copy()

    def judge(self, camera: Camera, photo: Photo, background: np.ndarray, degree: int) -> tuple[float, float]:
        """PSNR in decibels and SSIM of a view as it is now; as judge.py has it, but by the kernels: ten times faster.

        Differs: where a photo has a mask, SSIM counts what is masked as alike.
        """
        painted = self.paint(camera, background, degree).clip(0, 1)
        self.painter.make_room(self.table, camera)
        self.painter.planes[:3, : camera.height, : camera.width] = painted.transpose(2, 0, 1)
        found = self.painter.compare(photo, 1.0)
        square = found["square"] * photo.height * photo.width / max(1.0, float(photo.mask.sum()))
        return decibels(square), found["ssim"]

    def changed(self, which: np.ndarray) -> None:
        """Forget what Adam knows of splats that were put elsewhere, and all errors."""
        for average in (self.means, self.squares):
            average.reshape(self.table.rows.shape)[:, which] = 0
        self.score[:] = 0

    def fetch(self) -> None:
        """Have the newest numbers in the table."""

    def state(self) -> dict[str, Any]:
        self.fetch()
        arrays = {"rows": self.table.rows, "means": self.means, "squares": self.squares, "score": self.score}
        return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()} | {"count": self.table.count}

    def load(self, state: dict[str, Any]) -> None:
        self.table.rows[:], self.table.count = state["rows"].numpy(), state["count"]
        self.means[:], self.squares[:] = state["means"].numpy(), state["squares"].numpy()
        self.score[:] = state["score"].numpy()


class TensorLearner(Learner):
    """The same through torch: `render(tensors by name, camera, background)` gives colour, coverage and depth."""

    def __init__(self, table: Table, render: Callable, place: torch.device, number: torch.dtype = torch.float32):
        super().__init__(table)
        self.render, self.place, self.number = render, place, number
        self.send()

    def send(self) -> None:
        """Bring the table, and what Adam knows, to where it is computed with."""
        shape = self.table.rows.shape
        arrays = (self.table.rows, self.means.reshape(shape), self.squares.reshape(shape))
        self.rows, self.first, self.second = (torch.from_numpy(a.copy()).to(self.place, self.number) for a in arrays)

    def fetch(self) -> None:
        self.table.rows[:] = self.rows.detach().cpu().numpy()
        self.means[:], self.squares[:] = self.first.cpu().numpy().ravel(), self.second.cpu().numpy().ravel()

    def named(self, rows: Tensor, degree: int) -> dict[str, Tensor]:
        """The rows as whoever renders wants them."""
        there = rows[:, : self.table.count].T
        colours = there[:, 11 : 11 + 3 * (degree + 1) ** 2].reshape(self.table.count, -1, 3)
        parts = {"means": there[:, :3], "scales": there[:, 3:6], "rotations": there[:, 6:10]}
        return parts | {"opacities": there[:, 10], "sh": colours}

    def step(self, number, camera, photo, background, exposure, degree, rates: Rates, share: float) -> dict[str, Any]:
        from cuaderno.studies.splat import reference

        rows = torch.nn.Parameter(self.rows)
        wanted, counts = pixels_of(photo, self.place, self.number)
        light = torch.tensor(exposure, device=self.place, dtype=self.number, requires_grad=True)
        image, _, _ = self.render(self.named(rows, degree), camera, tuple(map(float, background)))
        image = (image * light[:3] + light[3:]) * counts
        loss = reference.loss(image, wanted, share)
        loss.backward()
        average_gradients(torch.nn.ParameterList([rows]))
        with torch.no_grad():
            self.update(rows, number, rates, degree)
            apart = (image - wanted).detach()
            self.score[: self.table.count] += rows.grad[:3, : self.table.count].norm(dim=0).cpu().numpy()
        by_exposure = light.grad.double().cpu().numpy()
        square, alike = float(apart.square().mean()), float(reference.ssim(image.detach(), wanted))
        return {"loss": float(loss.detach()), "square": square, "ssim": alike, "by_exposure": by_exposure}

    def update(self, rows: Tensor, number: int, rates: Rates, degree: int) -> None:
        """Adam for the splats that the picture had in sight."""
        slope = rows.grad.nan_to_num(0.0, 0.0, 0.0)
        here = (slope != 0).any(dim=0)
        opacity, count = self.rows[10].sigmoid(), self.table.count
        slope[10] += opacity * (1 - opacity) * rates.opacity_pull / count
        slope[3:6] += self.rows[3:6].exp() * rates.scale_pull / (3 * count)
        first = self.first * FIRST + slope * (1 - FIRST)
        second = self.second * SECOND + slope * slope * (1 - SECOND)
        row_rates = torch.zeros(len(self.rows), 1, device=self.place, dtype=self.number)
        told = torch.from_numpy(rates.by_row(degree)).to(row_rates)
        row_rates[: len(told), 0] = told
        move = row_rates * (first / (1 - FIRST**number)) / ((second / (1 - SECOND**number)).sqrt() + EPSILON)
        moving = here & (row_rates > 0)
        self.first, self.second = torch.where(moving, first, self.first), torch.where(moving, second, self.second)
        self.rows = torch.where(moving, self.rows - move, self.rows)

    def paint(self, camera: Camera, background: np.ndarray, degree: int) -> np.ndarray:
        with torch.no_grad():
            image, _, _ = self.render(self.named(self.rows, degree), camera, tuple(map(float, background)))
        return image.float().cpu().numpy()

    def changed(self, which: np.ndarray) -> None:
        super().changed(which)
        self.send()

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self.send()


def pixels_of(photo: Photo, place: torch.device, number: torch.dtype) -> tuple[Tensor, Tensor]:
    """A photo in [0, 1] and which of its pixels count.  Shapes:  (H, W, 3), (H, W, 1)."""
    shape = (-1, photo.plane // photo.stride, photo.stride)
    pixels = torch.from_numpy(photo.pixels.reshape(shape)[:, : photo.height, : photo.width].copy())
    counts = torch.from_numpy(photo.mask.reshape(shape)[0, : photo.height, : photo.width].copy())
    counts = counts.to(place, number)[..., None]
    return pixels.permute(1, 2, 0).to(place, number) / 255 * counts, counts


def learner_for(backend: str, splats: Splats, capacity: int, num_threads: int) -> Learner:
    """Whoever trains with that backend; several processes share the work through torch."""
    table = Table.of(splats, capacity)
    if backend == "cuda":
        from cuaderno.studies.splat import cuda

        return TensorLearner(table, cuda.render, torch.device("cuda"))
    if world_size() > 1:
        return SharedLearner(table, num_threads)
    return Learner(table, num_threads)


class SharedLearner(TensorLearner):
    """Several processes, each with a view of its own, painted by the kernels; their gradients are averaged."""

    def __init__(self, table: Table, num_threads: int):
        super().__init__(table, lambda *_: (), torch.device("cpu"))
        self.painter = Painter(num_threads)

    def step(self, number, camera, photo, background, exposure, degree, rates: Rates, share: float) -> dict[str, Any]:
        self.fetch()
        self.painter.paint(self.table, camera, background, degree)
        found = self.painter.compare(photo, share, exposure)
        rows = torch.nn.Parameter(self.rows)
        rows.grad = torch.zeros_like(self.rows)
        slope = torch.from_numpy(self.painter.gradients())
        rows.grad[: len(slope)] = slope
        average_gradients(torch.nn.ParameterList([rows]))
        with torch.no_grad():
            self.update(rows, number, rates, degree)
        self.score[: self.table.count] += rows.grad[:3, : self.table.count].norm(dim=0).numpy()
        return found

    def paint(self, camera: Camera, background: np.ndarray, degree: int) -> np.ndarray:
        self.fetch()
        return Learner.paint(self, camera, background, degree)
