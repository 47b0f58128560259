"""Latents by search instead of by the encoder: what comes nearest to a picture, or to the part of one that is known."""

import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.latent.model import Networks

STEPS = 200
LEARNING_RATE = 0.05
PRIOR = 0.02  # how much a latent far from where latents are counts, against the pixels
STARTS = 8  # of the search when a part of the picture is hidden
HIDDEN = ("left", "right", "top", "bottom", "middle")


def invert(networks: Networks, pixels: Tensor, steps: int = STEPS) -> tuple[Tensor, list[float], list[float]]:
    """Latents whose pictures come nearest to these, found by gradient descent that begins where the encoder points.

    Shapes:  pixels (N, C, S, S) between 0 and 1 -> latents (N, L); the mean squared error of each picture with the
             encoder's latents, and with those that were found, which are no worse.
    """
    with torch.no_grad():
        first = networks.encode(pixels)
    found = _descend(networks, pixels, torch.ones_like(pixels), first, steps, prior=0.0)
    before, after = _errors(networks, pixels, first), _errors(networks, pixels, found)
    better = (after < before)[:, None]
    return torch.where(better, found, first), before.tolist(), torch.minimum(before, after).tolist()


def fill(
    networks: Networks, picture: Tensor, hidden: str, number: int, seed: int = 0, steps: int = STEPS
) -> tuple[Tensor, Tensor, Tensor]:
    """Different ways in which a picture may go on where it is hidden, the likeliest first.

    The search begins at several dreams, moves each until the known part fits, and keeps what is known as it is.

    Shapes:  picture (C, S, S) between 0 and 1 -> filled (number, C, S, S), mask (S, S) with 1 where it is known,
             errors (number,) of the known part
    Raises:  CuadernoError when there is no such part.
    """
    mask = mask_of(hidden, picture.shape[-1])
    generator = torch.Generator().manual_seed(seed)
    many = max(STARTS, 2 * number)
    noise = torch.randn(many, len(networks.whitening.mean), generator=generator)
    classes = torch.arange(many) % networks.flow.num_classes
    with torch.no_grad():
        begin = networks.one_step(noise, classes)
    wanted = picture.expand(many, *picture.shape)
    found = _descend(networks, wanted, mask.expand_as(wanted), begin, steps, PRIOR)
    with torch.no_grad():
        painted = networks.decode(found)
        errors = ((painted - wanted).square() * mask).sum((1, 2, 3)) / (mask.sum() * picture.shape[0])
    best = errors.argsort()[:number]
    return torch.where(mask.bool(), wanted[best], painted[best]), mask, errors[best]


def mask_of(hidden: str, size: int) -> Tensor:
    """1 where a picture is known.  Shapes:  (S, S).

    Raises:  CuadernoError when the part has no name that is known.
    """
    if hidden not in HIDDEN:
        raise CuadernoError(f"There is no part '{hidden}' of a picture to fill in: choose {', '.join(HIDDEN)}.")
    mask, half, quarter = torch.ones(size, size), size // 2, size // 4
    rows = {"top": slice(0, half), "bottom": slice(half, None), "middle": slice(quarter, size - quarter)}
    columns = {"left": slice(0, half), "right": slice(half, None), "middle": slice(quarter, size - quarter)}
    mask[rows.get(hidden, slice(None)), columns.get(hidden, slice(None))] = 0
    return mask


def _errors(networks: Networks, pixels: Tensor, latents: Tensor) -> Tensor:
    with torch.no_grad():
        return (networks.decode(latents) - pixels).square().mean((1, 2, 3))


def _descend(networks: Networks, pixels: Tensor, mask: Tensor, latents: Tensor, steps: int, prior: float) -> Tensor:
    """Adam on the latents alone; the networks stay as they are."""
    latents = latents.clone().requires_grad_()
    optimizer = torch.optim.Adam([latents], LEARNING_RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 - step / steps)
        logits = networks.decoder(networks.whitening.back(latents))
        misfit = (F.binary_cross_entropy_with_logits(logits, pixels, reduction="none") * mask).sum()
        (gradient,) = torch.autograd.grad(misfit + prior * latents.square().sum() * pixels[0].numel() / 28, latents)
        latents.grad = gradient
        optimizer.step()
    return latents.detach()
