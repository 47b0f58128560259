"""A picture changed so little that nobody sees it, and the network says something else; and what that does not mean."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cuaderno.studies.vision.explain import evidence, slope
from cuaderno.studies.vision.judge import Network, probabilities

EPSILON = 4 / 255  # the most that a value of a pixel is changed
ROUNDS = 20
SHIFT = 2  # pixels by which the picture is moved to see whether the trick survives


def perturb(model: Network, pixels: Tensor, label: int, epsilon: float = EPSILON, rounds: int = ROUNDS) -> Tensor:
    """A picture that speaks as little for a class as can be found within `epsilon` of each value.

    Shapes:  pixels (3, H, W) between 0 and 1 -> the same.
    Source:  Madry et al. 2017, arXiv:1706.06083 (projected gradient descent); with one round it is the fast gradient
             sign method of Goodfellow et al. 2014, arXiv:1412.6572.
    """
    step = epsilon if rounds == 1 else 2.5 * epsilon / rounds
    changed, best, least = pixels.clone(), pixels.clone(), float("inf")
    for _ in range(rounds):
        said, slopes = slope(model, changed[None], label)
        if said.item() < least:
            best, least = changed, said.item()
        changed = changed - step * slopes[0].sign()
        changed = pixels + (changed - pixels).clamp(-epsilon, epsilon)
        changed = changed.clamp(0, 1)
    with torch.no_grad():
        return changed if evidence(model(changed[None]), label).item() < least else best


@dataclass(frozen=True)
class Fooled:
    """How probable a class is before and after, and what the trick is worth elsewhere.

    Units:   calibrated probabilities of the class that was named first; `smallest` is the least epsilon that turned
             the answer, of those tried, in 255ths, or None.
    """

    before: float
    after: float
    rounded: float  # the changed picture as a file has it, in whole numbers
    moved: float  # moved by two pixels
    noise: float  # the original with noise of the same size and no aim
    smallest: float | None


def fool(model: Network, pixels: Tensor, label: int, epsilon: float = EPSILON, seed: int = 0) -> tuple[Tensor, Fooled]:
    """A changed picture, and the trials that say what it shows.  Shapes:  (3, H, W) -> (3, H, W)."""
    changed = perturb(model, pixels, label, epsilon)
    rounded = as_file(changed)
    noise = torch.randint(0, 2, pixels.shape, generator=torch.Generator().manual_seed(seed)).to(pixels.device) * 2 - 1
    trials = torch.stack(
        [pixels, changed, rounded, rounded.roll((SHIFT, SHIFT), (1, 2)), (pixels + epsilon * noise).clamp(0, 1)]
    )
    with torch.no_grad():
        chances = probabilities(model, model(trials).cpu())[:, label].tolist()
    before, after, saved, moved, aimless = chances
    return rounded, Fooled(before, after, saved, moved, aimless, smallest_epsilon(model, pixels, label))


def smallest_epsilon(model: Network, pixels: Tensor, label: int) -> float | None:
    """The smallest of a few changes that turns the answer, in 255ths."""
    for parts in (0.25, 0.5, 1, 2, 4, 8, 16):
        changed = perturb(model, pixels, label, parts / 255)
        with torch.no_grad():
            if model(changed[None]).argmax().item() != label:
                return parts
    return None


def as_file(pixels: Tensor) -> Tensor:
    """What is left after saving in whole numbers from 0 to 255."""
    return (pixels * 255).round() / 255
