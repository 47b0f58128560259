"""Following a flow: from noise to latents, or back, in as many steps as one likes."""

from collections.abc import Callable

import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.studies.latent.model import Flow

METHODS = ("euler", "heun")
AT_ONCE = 2000  # points that move together


def matching(flow: Callable, latents: Tensor, classes: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """How far the flow is from the straight way between latents and noise, on average.

    Shapes:  latents (B, L), classes (B,), noise (B, L), time (B,)  ->  a number.
    Source:  Liu et al. 2022, arXiv:2209.03003; Lipman et al. 2022, arXiv:2210.02747.
    """
    on_the_way = torch.lerp(latents, noise, time[:, None])
    return (flow(on_the_way, time, classes).float() - (noise - latents)).square().mean()


def velocity(flow: Flow, z: Tensor, time: float, classes: Tensor, guidance: float = 1.0) -> Tensor:
    """The velocity of every point; guidance above 1 goes farther in what the class changes, 0 forgets the class.

    Source:  Ho and Salimans 2022, arXiv:2207.12598.
    """
    times = z.new_full((len(z),), time)
    told = flow(z, times, classes) if guidance else None
    if told is not None and guidance == 1:
        return told
    free = flow(z, times, torch.full_like(classes, flow.num_classes))
    return free if told is None else torch.lerp(free, told, guidance)


@torch.no_grad()
def integrate(
    flow: Flow,
    z: Tensor,
    classes: Tensor,
    steps: int,
    guidance: float = 1.0,
    method: str = "euler",
    start: float = 1.0,
    end: float = 0.0,
    keep: bool = False,
) -> Tensor:
    """Let points move with the flow from one time to another, by default from noise to latents.

    Heun's method looks at the velocity where Euler's step would end, too, and takes the mean: two questions a step.

    Shapes:  z (B, L), classes (B,)  ->  (B, L), or with `keep` all the places on the way (steps + 1, B, L).
    Raises:  CuadernoError for another method, or fewer than one step.
    Traps:   from 0 to 1 it inverts: latents become the noise that leads to them, nearly, the nearer the more steps.
    """
    if method not in METHODS:
        raise CuadernoError(f"There is no method '{method}': choose euler or heun.{meant(method, METHODS)}")
    if steps < 1:
        raise CuadernoError(f"A flow needs at least one step, not {steps}.")
    if len(z) > AT_ONCE:
        parts = zip(z.split(AT_ONCE), classes.split(AT_ONCE), strict=True)
        moved = [integrate(flow, some, c, steps, guidance, method, start, end, keep) for some, c in parts]
        return torch.cat(moved, dim=1 if keep else 0)
    places = [z]
    for number in range(steps):
        now, then = (start + (end - start) * count / steps for count in (number, number + 1))
        speed = velocity(flow, z, now, classes, guidance)
        if method == "heun":
            ahead = velocity(flow, z + (then - now) * speed, then, classes, guidance)
            speed = (speed + ahead) / 2
        z = z + (then - now) * speed
        places.append(z)
    return torch.stack(places) if keep else z
