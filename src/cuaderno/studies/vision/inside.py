"""What lies in the network: the filters of its first layer, the pictures it finds alike, what its units wish for."""

import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.vision.judge import Network
from cuaderno.studies.vision.model import PictureNet

DREAM_STEPS, DREAM_RATE = 120, 0.05
START = 0.2  # spread of the noise that it begins with
JITTER = 1 / 8  # of the side: how far a dreamt picture is moved before each look
ZOOM = 1 / 10  # of the side: by how much it is made smaller or larger
SMOOTHNESS = 1.5  # how much rarer fine structure is than coarse: the power of its frequency
CONTRAST = 0.7  # how far pictures go from their mean colour, since further always moves a unit more
# How the colours of photos vary together: mostly light and dark, then orange and blue, then green and purple.
PALETTE = ((0.9, 0.35, 0.1), (1.0, 0.0, -0.2), (1.0, -0.35, 0.1))


def first_filters(model: Network) -> Tensor:
    """The first layer's filters as little pictures, grey where they do not care.

    Shapes:  -> (F, 3, h, w) between 0 and 1; of a network of ours h = w = 2 or 4.
    Traps:   half of ours are the other half turned negative, since a unit can only say how much there is of something.
    """
    if isinstance(model, PictureNet):
        weight = model.stem.weight[: model.num_filters]
    else:
        found = [one for one in model.modules() if isinstance(one, torch.nn.Conv2d) and one.in_channels == 3]
        if not found:
            raise CuadernoError("The first layer of this network does not take colours, so it cannot be shown.")
        weight = found[0].weight
    weight = weight.detach().float().cpu()
    return 0.5 + 0.5 * weight / weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-9)


def nearest(features: Tensor, known: Tensor, count: int = 6) -> tuple[Tensor, Tensor]:
    """The known pictures that are most like each one for the network, and how far away they are.

    Shapes:  features (N, F), known (M, F), both of length 1 as `judge.embed` gives them -> (N, count), (N, count).
    Units:   cosine distances, 0 for the same direction.
    """
    far = (1 - features @ known.t()).topk(min(count, len(known)), largest=False)
    return far.indices, far.values


def telling_units(model: Network, label: int, count: int = 4) -> list[int]:
    """The features that speak most for a class and least for the others, as the head weighs them."""
    weights = model.classify(torch.eye(num_features(model), device=model.mean.device)).detach()  # (features, classes)
    others = [i for i in range(weights.size(1)) if i != label]
    return (weights[:, label] - weights[:, others].amax(1)).topk(count).indices.tolist()


def num_features(model: Network) -> int:
    """How many features the head is given."""
    return int(model.embed(model.mean.expand(3, 64, 64)[None]).size(1))


def dream(model: Network, units: list[int], size: int, seed: int = 0, steps: int = DREAM_STEPS) -> Tensor:
    """Pictures made up, one for each unit, that move it as much as can be.

    Shapes:  -> (len(units), 3, size, size) between 0 and 1.
    Source:  Olah, Mordvintsev and Schubert 2017, doi:10.23915/distill.00007: steps in the spectrum of a picture, which
             is moved and scaled a little before each look, so that what comes out is a shape and not noise.
    """
    generator = torch.Generator().manual_seed(seed)
    place = model.mean.device
    rows, columns = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
    scale = (rows.square() + columns.square()).sqrt().clamp(min=1 / size) ** -SMOOTHNESS
    scale = (scale / scale.square().mean().sqrt()).to(place)
    spectrum = START * torch.randn(len(units), 3, size, size // 2 + 1, 2, generator=generator)
    spectrum = spectrum.to(place).requires_grad_()
    optimizer = torch.optim.Adam([spectrum], lr=DREAM_RATE)
    chosen = torch.tensor(units, device=place)
    for _ in range(steps):
        picture = coloured(in_space(spectrum, scale), model)
        loss = -model.embed(moved(picture, generator)).gather(1, chosen[:, None]).sum()
        optimizer.zero_grad()
        loss.backward(inputs=[spectrum])
        optimizer.step()
    return coloured(in_space(spectrum, scale), model).detach()


def in_space(spectrum: Tensor, scale: Tensor) -> Tensor:
    """The waves of a spectrum added up, with a spread of 1.  Shapes:  (N, 3, S, S // 2 + 1, 2) -> (N, 3, S, S)."""
    size = spectrum.size(2)
    waves = torch.fft.irfft2(torch.view_as_complex(spectrum) * scale, s=(size, size), norm="ortho")
    return waves / (waves.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-6)


def coloured(waves: Tensor, model: Network) -> Tensor:
    """Light and two pairs of colours as RGB between 0 and 1, around the mean colour of the training pictures."""
    palette = torch.tensor(PALETTE, device=waves.device)
    middle = torch.logit(model.mean.clamp(0.05, 0.95))
    return torch.sigmoid(middle + CONTRAST * torch.einsum("cd,ndhw->nchw", palette, waves))


def moved(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """The same pictures shifted and scaled a little at random, mirrored at the edge."""
    size = pictures.size(-1)
    jitter, zoom = max(1, round(size * JITTER)), round(size * ZOOM)
    down, right = torch.randint(0, 2 * jitter + 1, (2,), generator=generator).tolist()
    other = size + int(torch.randint(-zoom, zoom + 1, (1,), generator=generator))
    shifted = F.pad(pictures, [jitter] * 4, "reflect")[:, :, down : down + size, right : right + size]
    return F.interpolate(shifted, size=(other, other), mode="bilinear", align_corners=False)
