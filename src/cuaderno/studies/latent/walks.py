"""Ways through a latent space: from one picture to another, sums of pictures, one number or one factor at a time."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.studies.latent.model import Networks

NEAREST = 9  # pictures that say which class another has
PARALLEL = 0.9995  # cosine above which an arc is as good as straight


def lerp(one: Tensor, other: Tensor, stops: int) -> Tensor:
    """Points on the straight line between two, both ends included.  Shapes:  (…), (…) -> (stops, …)."""
    shares = torch.linspace(0, 1, stops).view(-1, *[1] * one.dim())
    return one + shares * (other - one)


def slerp(one: Tensor, other: Tensor, stops: int) -> Tensor:
    """Points on the arc between two noises: as far from the middle as noise is, which a straight line is not.

    Shapes:  (L,), (L,) -> (stops, L)
    Source:  Shoemake 1985; for latent spaces White 2016, arXiv:1609.04468.
    """
    lengths = torch.stack([one.norm(), other.norm()]).clamp_min(1e-12)
    cosine = float((one @ other / lengths.prod()).clamp(-1, 1))
    if abs(cosine) > PARALLEL:
        return lerp(one, other, stops)
    angle = math.acos(cosine)
    shares = torch.linspace(0, 1, stops)[:, None]
    first, last = torch.sin((1 - shares) * angle) * one / lengths[0], torch.sin(shares * angle) * other / lengths[1]
    way = (first + last) / math.sin(angle)
    return way * (lengths[0] + shares * (lengths[1] - lengths[0]))


@torch.no_grad()
def between(networks: Networks, one: Tensor, other: Tensor, stops: int) -> dict[str, Tensor]:
    """Three ways from one picture to another: in the latent space, in the noise behind it, and pixel by pixel.

    The first goes straight between the latents. The second asks the flow which noise leads to each of them and takes
    the arc between those, so every stop is a picture that the flow may dream. The last is a mere average.

    Shapes:  one, other (C, S, S) between 0 and 1 -> each (stops, C, S, S)
    """
    latents = networks.encode(torch.stack([one, other]))
    anything = torch.full((2,), networks.flow.num_classes)
    noise = from_latents(networks, latents, anything)
    arc = slerp(noise[0], noise[1], stops)
    return {
        "latent": networks.decode(lerp(latents[0], latents[1], stops)),
        "noise": networks.decode(to_latents(networks, arc, anything[:1].expand(stops))),
        "pixels": lerp(one, other, stops),
    }


def from_latents(networks: Networks, latents: Tensor, classes: Tensor, steps: int = 40) -> Tensor:
    """The noise from which the flow comes to these latents.  Shapes:  (B, L), (B,) -> (B, L)."""
    from cuaderno.studies.latent.flow import integrate

    return integrate(networks.flow, latents, classes, steps, method="heun", start=0.0, end=1.0)


def to_latents(networks: Networks, noise: Tensor, classes: Tensor, steps: int = 40) -> Tensor:
    """And back.  Shapes:  (B, L), (B,) -> (B, L)."""
    from cuaderno.studies.latent.flow import integrate

    return integrate(networks.flow, noise, classes, steps, method="heun")


@torch.no_grad()
def sums(networks: Networks, pixels: Tensor) -> Tensor:
    """What the first picture is without the second and with the third: decode(a - b + c).

    Shapes:  pixels (3, C, S, S) between 0 and 1 -> (1, C, S, S)
    """
    first, second, third = networks.encode(pixels)
    return networks.decode((first - second + third)[None])


@torch.no_grad()
def along_latent(networks: Networks, picture: Tensor, number: int, stops: int, reach: float = 2.5) -> Tensor:
    """A picture with one of its latents moved from -reach to reach deviations, all the others held.

    Shapes:  picture (C, S, S) -> (stops, C, S, S)
    Raises:  CuadernoError when there is no such latent.
    """
    latents = networks.encode(picture[None]).repeat(stops, 1)
    if not 0 <= number < latents.shape[1]:
        raise CuadernoError(f"There is no latent {number}: they go from 0 to {latents.shape[1] - 1}.")
    latents[:, number] = torch.linspace(-reach, reach, stops)
    return networks.decode(latents)


@torch.no_grad()
def directions(networks: Networks, pixels: Tensor, factors: Tensor) -> tuple[Tensor, list[float]]:
    """For each known factor the direction in which it grows, and how well a straight line tells it from the latents.

    Least squares from the latents to each factor; the direction is how latents change with the factor (covariance),
    which is where pictures are, not where the line is steepest.

    Shapes:  pixels (N, C, S, S) between 0 and 1, factors (N, F) -> directions (F, L) a standard deviation of the factor
             long; R² of each factor, 1 is perfect and 0 no better than the mean, on the second half of the pictures.
    """
    latents, half = networks.encode(pixels), len(pixels) // 2
    scaled = (factors - factors.mean(0)) / factors.std(0).clamp_min(1e-6)
    ways = (latents - latents.mean(0)).T @ scaled / len(latents)
    inputs = torch.cat([latents, torch.ones(len(latents), 1)], dim=1)
    told = torch.linalg.lstsq(inputs[:half], scaled[:half], driver="gelsd").solution
    error = (inputs[half:] @ told - scaled[half:]).square().mean(0)
    spread = (scaled[half:] - scaled[half:].mean(0)).square().mean(0).clamp_min(1e-12)
    return ways.T, (1 - error / spread).tolist()


@torch.no_grad()
def alike(networks: Networks, picture: Tensor, pixels: Tensor, labels: Tensor) -> int:
    """The class that most of the pictures have whose latents are nearest to this one's.

    A factor that is one number in the drawing is not one direction in the latent space: what rounds a 2 is not what
    rounds a K. So directions are asked of pictures of one class.

    Shapes:  picture (C, S, S), pixels (N, C, S, S) between 0 and 1, labels (N,)
    """
    apart = torch.cdist(networks.encode(picture[None]), networks.encode(pixels))[0]
    return int(labels[apart.argsort()[:NEAREST]].mode().values)


@torch.no_grad()
def along_factor(networks: Networks, picture: Tensor, direction: Tensor, stops: int, reach: float = 2.0) -> Tensor:
    """A picture moved along a factor's direction, from -reach to reach deviations.  Shapes:  -> (stops, C, S, S)."""
    latents = networks.encode(picture[None])
    return networks.decode(latents + torch.linspace(-reach, reach, stops)[:, None] * direction)


def number_of(text: str, names: Sequence[str]) -> int | str:
    """What `--traverse` means: a latent by its number, or a factor by its name.

    Raises:  CuadernoError when it is neither.
    """
    if text in names:
        return text
    if text.isdecimal():
        return int(text)
    if not names:
        raise CuadernoError(
            f"'{text}' is not the number of a latent, and these pictures have no known factors: give a number, from 0."
        )
    known = ", ".join(names)
    raise CuadernoError(f"'{text}' is neither the number of a latent nor a factor: {known}.{meant(text, names)}")
