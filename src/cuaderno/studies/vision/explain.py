"""Where the network looks: maps of a picture by five methods, and a measure of which of them is to be believed.

A map is easily made and easily believed. So each is put to the test: what it calls important is covered first, and
shown first; a map that knows no more than chance changes the answer no faster than squares in any order.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.vision.judge import Network

TOGETHER = 256  # pictures that are asked at once
WINDOW = 4  # windows to a side of the picture, each of which is covered at
PLACES = 16  # places to a side
COPIES = 32  # noisy ones for a gradient that is smooth, and steps on the way to the picture for one that adds up
NOISE = 0.1  # of those copies, where white is 1
LEAST_GRID = 6  # places to a side of a grid on which it makes sense to say where
CELLS = 8  # squares to a side when maps are tested
STEPS = 16  # times that squares are taken away


# Copied from cuaderno.studies.language.explain.evidence
def evidence(logits: Tensor, language: int) -> Tensor:
    """The log-odds of one language against all others: (N, num_languages) -> (N,)."""
    others = [i for i in range(logits.size(1)) if i != language]
    return logits[:, language] - logits[:, others].logsumexp(dim=1)


def blurred(pixels: Tensor) -> Tensor:
    """A picture in which nothing can be made out, with the colours of its parts.  Shapes:  (B, 3, H, W) -> the same.

    It covers things better than grey does, whose edges a network takes for something.
    """
    side = pixels.size(-1) // 4 * 2 + 1
    for _ in range(2):  # two boxes make a triangle, which is nearly a bell
        pixels = F.avg_pool2d(F.pad(pixels, [side // 2] * 4, "replicate"), side, stride=1)
    return pixels


@torch.no_grad()
def occlusion_map(model: Network, pixels: Tensor, label: int) -> Tensor:
    """How much the evidence for a class falls when each place is covered, in nats; below 0 it rises.

    Shapes:  pixels (3, H, W) -> (H, W).
    Source:  Zeiler and Fergus 2013, arXiv:1311.2901.
    Differs: what covers is the blurred picture, and every pixel gets the mean over the windows that covered it.
    """
    side = pixels.size(-1)
    window = max(1, side // WINDOW)
    middles = torch.linspace(0, side - 1, min(PLACES, side), device=pixels.device)
    line = torch.arange(side, device=pixels.device)
    inside = ((line - middles[:, None]).abs() <= window / 2).float()  # (places, side)
    covers = (inside[:, None, :, None] * inside[None, :, None, :]).flatten(0, 1)  # (places ** 2, H, W)
    hidden = torch.lerp(pixels, blurred(pixels[None])[0], covers[:, None])
    drops = evidence(model(pixels[None]), label) - asked(model, hidden, label)
    return torch.einsum("n,nhw->hw", drops, covers) / covers.sum(0).clamp(min=1)


def gradient_map(model: Network, pixels: Tensor, label: int, seed: int = 0) -> Tensor:
    """How much each pixel could change the evidence, on average over noisy copies of the picture.

    Shapes:  pixels (3, H, W) -> (H, W), not below 0.
    Source:  Smilkov et al. 2017, arXiv:1706.03825 (SmoothGrad).
    """
    noise = torch.randn(COPIES, *pixels.shape, generator=torch.Generator().manual_seed(seed))
    _, slopes = slope(model, pixels + NOISE * noise.to(pixels.device), label)
    return slopes.square().mean(0).sum(0).sqrt()


def integrated_map(model: Network, pixels: Tensor, label: int) -> Tensor:
    """What each pixel adds to the evidence on the way from the blurred picture to the sharp one, in nats.

    Shapes:  pixels (3, H, W) -> (H, W); the sum is the difference in evidence between the two, but for rounding.
    Source:  Sundararajan et al. 2017, arXiv:1703.01365.
    """
    start = blurred(pixels[None])
    shares = (torch.arange(COPIES, device=pixels.device) + 0.5) / COPIES
    _, slopes = slope(model, torch.lerp(start, pixels[None], shares[:, None, None, None]), label)
    return (slopes.mean(0) * (pixels - start[0])).sum(0)


def activation_map(model: nn.Module, pixels: Tensor, label: int) -> Tensor:
    """Where the deepest layer that still knows places found something that speaks for the class.

    Shapes:  pixels (3, H, W) -> (H, W), not below 0.
    Source:  Jiang et al. 2021, doi:10.1109/TIP.2021.3089943 (LayerCAM), which needs no mean over places at the end.
    Raises:  CuadernoError when no layer has a grid of places, as in a transformer.
    """
    grids: list[Tensor] = []
    blocks = [part for part in model.modules() if any(True for _ in part.children())]
    hooks = [part.register_forward_hook(lambda _, __, out: grids.append(out)) for part in blocks]
    try:
        score = evidence(model(pixels[None].clone().requires_grad_()), label).sum()
    finally:
        for hook in hooks:
            hook.remove()
    fine = [grid for grid in grids if isinstance(grid, Tensor) and grid.dim() == 4 and grid.size(-1) >= LEAST_GRID]
    if not fine:
        raise CuadernoError("This network has no layer with a grid of places, so there is no map of what it found.")
    grid = fine[-1]
    (slopes,) = torch.autograd.grad(score, grid)
    found = F.relu((F.relu(slopes) * grid.detach()).sum(1, keepdim=True))
    return F.interpolate(found, size=pixels.shape[-2:], mode="bilinear", align_corners=False)[0, 0]


def random_map(model: Network, pixels: Tensor, label: int, seed: int = 0) -> Tensor:
    """A map that knows nothing: what every other one has to beat.  Shapes:  (3, H, W) -> (H, W)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 1, CELLS, CELLS, generator=generator).to(pixels.device)
    return F.interpolate(coarse, size=pixels.shape[-2:])[0, 0]


MAPS: dict[str, Callable[[Network, Tensor, int], Tensor]] = {
    "occlusion": occlusion_map,
    "activation": activation_map,
    "integrated": integrated_map,
    "gradient": gradient_map,
    "random": random_map,
}


def slope(model: Network, pixels: Tensor, label: int) -> tuple[Tensor, Tensor]:
    """The evidence for a class, and how it changes with every pixel.  Shapes:  (N, 3, H, W) -> (N,), (N, 3, H, W)."""
    pixels = pixels.detach().clone().requires_grad_()
    said = evidence(model(pixels), label)
    (slopes,) = torch.autograd.grad(said.sum(), pixels)
    return said.detach(), slopes


@torch.no_grad()
def asked(model: nn.Module, pixels: Tensor, label: int) -> Tensor:
    """The evidence for a class in many pictures, a part of them at a time.  Shapes:  (N, 3, H, W) -> (N,)."""
    return torch.cat([evidence(model(some), label) for some in pixels.split(TOGETHER)])


# -- is it to be believed? --------------------------------------------------------------------------------------------


@torch.no_grad()
def curves(model: Network, pixels: Tensor, label: int, found: Tensor) -> tuple[Tensor, Tensor]:
    """The probability of a class while squares are covered, and while they are shown, the most important ones first.

    Shapes:  pixels (3, H, W), found (H, W) -> (STEPS + 1,), (STEPS + 1,).
    Source:  Petsiuk et al. 2018, arXiv:1806.07421 (deletion and insertion).
    Differs: whole squares are taken, so that a speckled map has no advantage: single pixels that are changed here and
             there fool a network without hiding anything from it.
    """
    order = F.adaptive_avg_pool2d(found[None, None], CELLS).flatten().argsort(descending=True)
    places = order.argsort()  # when the turn of each square comes
    when = F.interpolate(places.view(1, 1, CELLS, CELLS).float(), size=pixels.shape[-2:])[0, 0]
    taken = torch.linspace(0, CELLS**2, STEPS + 1, device=pixels.device)
    gone = (when < taken[:, None, None]).float()[:, None]  # (STEPS + 1, 1, H, W)
    cover = blurred(pixels[None])
    covered, shown = torch.lerp(pixels[None], cover, gone), torch.lerp(cover, pixels[None], gone)
    said = asked(model, torch.cat([covered, shown]), label).sigmoid()
    return said[: STEPS + 1], said[STEPS + 1 :]


def trust(model: Network, pixels: Tensor, label: int, found: Tensor) -> float:
    """How far a map can be believed: the mean height of the curve of showing less that of covering.

    Units:   1 at best; 0 on average for squares in any order, below that for a map that has it the wrong way round.
    """
    covering, showing = curves(model, pixels, label, found)
    return float(showing.mean() - covering.mean())


def chance(model: Network, pixels: Tensor, label: int, orders: int = 4) -> float:
    """How far from 0 squares in any order get on this picture: the root of the mean square of a few.

    On average it is exactly 0: an order and its reverse cancel out.
    """
    found = [trust(model, pixels, label, random_map(model, pixels, label, seed)) for seed in range(orders)]
    return float(torch.tensor(found).square().mean().sqrt())


def compare_maps(model: Network, pixels: Tensor, labels: Tensor) -> dict[str, list[float]]:
    """How far each kind of map can be believed, picture by picture.  Shapes:  pixels (N, 3, H, W), labels (N,)."""
    found: dict[str, list[float]] = {name: [] for name in MAPS}
    for number, (picture, label) in enumerate(zip(pixels, labels.tolist(), strict=True)):
        for name, draw in MAPS.items():
            is_random = name == "random"  # another order for each picture
            seen = random_map(model, picture, label, number) if is_random else draw(model, picture, label)
            found[name].append(trust(model, picture, label, seen))
    return found


def coarse(found: Tensor, side: int = PLACES) -> list[list[float]]:
    """A map as few numbers: its greatest is 1, and what speaks against the class is 0.  Shapes:  (H, W)."""
    small = F.relu(F.adaptive_avg_pool2d(found[None, None], side)[0, 0])
    return [[round(value, 3) for value in row] for row in (small / small.max().clamp(min=1e-9)).tolist()]
