"""How unlike all others a picture is in its texture, whatever it shows: adverts, logos and cut-outs among photos.

No network is asked. The features of one that learned to tell cats from dogs hold cats and dogs, and a logo has to be
one of them; what gives it away are flat surfaces, sharp edges and colours that no camera makes.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.vision.augment import resized

NEIGHBOURS = 5  # pictures to which a distance is taken
PATCH, DIRECTIONS = 4, 16  # side of a patch in pixels, and in how many ways patches are compared
ENOUGH = 2000  # pictures from which those ways are computed
SIDE = 96  # pixels to which larger pictures are brought
BATCH = 250


@torch.no_grad()
def strangeness(pixels: Tensor) -> Tensor:
    """How far each picture is from those that are most like it in texture.  Shapes:  (N, 3, S, S) uint8 -> (N,)."""
    signs = texture(pixels)
    count = min(NEIGHBOURS, len(signs) - 1)
    near = [torch.cdist(some, signs).topk(count + 1, largest=False).values[:, 1:] for some in signs.split(BATCH)]
    return torch.cat(near).mean(dim=1)


def texture(pixels: Tensor) -> Tensor:
    """What kind of surface each picture has: how flat, how sharp, how even, in each of a few ways of varying.

    Patches are made uncorrelated, as the first layer of the network does it; of each direction the mean, the spread,
    the mean size, the share of places where there is nothing of it, and how rare its peaks are.

    Shapes:  pixels (N, 3, S, S) uint8 -> (N, 5 * DIRECTIONS), each column with mean 0 and spread 1.
    """
    side = min(SIDE, pixels.size(-1))
    sample = resized(pixels[:ENOUGH], side)
    mean, std = sample.mean((0, 2, 3))[:, None, None], sample.std((0, 2, 3))[:, None, None] + 1e-3
    filters = directions((sample - mean) / std)
    rows = []
    for some in pixels.split(BATCH):
        found = F.conv2d((resized(some, side) - mean) / std, filters, stride=PATCH // 2).flatten(2)
        size = found.abs()  # (B, DIRECTIONS, places)
        nothing, peaks = (size < 0.1).float().mean(2), size.square().square().mean(2)
        spread, extent = (found.std(2) + 1e-4).log(), (size.mean(2) + 1e-4).log()
        rows.append(torch.cat([found.mean(2), spread, extent, nothing, (peaks + 1e-6).log()], dim=1))
    signs = torch.cat(rows)
    return (signs - signs.mean(0)) / signs.std(0).clamp(min=1e-6)


def directions(pixels: Tensor) -> Tensor:
    """Filters that leave the patches of these pictures uncorrelated.  Shapes:  (DIRECTIONS, 3, PATCH, PATCH)."""
    patches = F.unfold(pixels, PATCH, stride=PATCH).transpose(1, 2).flatten(0, 1)
    variances, found = torch.linalg.eigh(patches.t() @ patches / len(patches))
    scaled = found.t() / (variances[:, None].clamp(min=0) + 5e-4).sqrt()
    return scaled.flip(0)[:DIRECTIONS].reshape(-1, 3, PATCH, PATCH)
