"""Show a picture in another way every time: whole batches at once, as tensors.

Crop, aspect, flip, turn and size are one matrix for each picture, so each pixel is looked up once.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

MOST_STRETCHED = 0.2  # logarithm of the widest crop's aspect
OVER_THE_EDGE = 0.06  # of the side; beyond it the picture is mirrored


def augment(pixels: Tensor, size: int, smallest_crop: float, rotation: float, colour: float, cutout: float) -> Tensor:
    """A random piece of each picture, perhaps mirrored, turned, in other light, and with a square missing.

    Shapes:  pixels (B, 3, S, S) uint8 -> (B, 3, size, size) float.
    Units:   smallest_crop is a share of the area, rotation in radians, colour the largest relative change, cutout the
             hole's share of the side; the result lies around 0 to 1 but may leave it a little.
    """
    x = cropped(pixels.float() / 255, size, smallest_crop, rotation)
    x = in_other_light(x, colour) if colour else x
    return with_hole(x, cutout) if cutout else x


def cropped(x: Tensor, size: int, smallest_crop: float, rotation: float) -> Tensor:
    """A random part of each picture, stretched to a square of `size` pixels; half of them mirrored."""
    count, place = len(x), x.device
    area = _between(smallest_crop, 1.0, count, place)
    stretch = torch.exp(_between(-MOST_STRETCHED, MOST_STRETCHED, count, place)) if smallest_crop < 1 else 1.0
    width, height = (area * stretch).sqrt().clamp(max=1), (area / stretch).sqrt().clamp(max=1)
    right = _between(-1, 1, count, place) * (1 - width + 2 * OVER_THE_EDGE)
    down = _between(-1, 1, count, place) * (1 - height + 2 * OVER_THE_EDGE)
    if smallest_crop == 1 and not rotation:  # whole pixels, so that nothing is blurred
        right, down = ((2 * (by * size / 2).round()) / size for by in (right, down))
    turn = _between(-rotation, rotation, count, place)
    mirror = 1 - 2 * torch.randint(0, 2, (count,), device=place)
    matrix = torch.stack(  # from places in the new picture to places in the old one, -1 to 1 in both
        [
            torch.stack([width * mirror * turn.cos(), -height * turn.sin(), right], 1),
            torch.stack([width * mirror * turn.sin(), height * turn.cos(), down], 1),
        ],
        1,
    )
    grid = F.affine_grid(matrix, [count, 3, size, size], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def in_other_light(x: Tensor, most: float) -> Tensor:
    """Other contrast, brightness and saturation for each picture."""
    contrast, brightness, saturation = (_between(-most, most, len(x), x.device)[:, None, None, None] for _ in range(3))
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * (1 + contrast) + mean + 0.2 * brightness
    grey = x.mean(1, keepdim=True)
    return grey + (x - grey) * (1 + 2 * saturation)


def with_hole(x: Tensor, share: float) -> Tensor:
    """A square of each picture made grey, so that no single spot is enough."""
    rows = torch.arange(x.size(2), device=x.device)
    columns = torch.arange(x.size(3), device=x.device)
    half = share * x.size(2) / 2
    middle = torch.rand(2, len(x), 1, device=x.device) * x.size(2)
    inside = ((rows - middle[0]).abs() < half)[:, :, None] & ((columns - middle[1]).abs() < half)[:, None, :]
    return torch.where(inside[:, None], 0.5, x)


def resized(pixels: Tensor, size: int) -> Tensor:
    """Whole pictures at another size.  Shapes:  (B, 3, S, S) uint8 -> (B, 3, size, size) between 0 and 1."""
    x = pixels.float() / 255
    return x if x.size(-1) == size else F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)


def views(pixels: Tensor, size: int) -> list[Tensor]:
    """The same pictures seen in several ways: whole, and as five crops, each also mirrored.

    Shapes:  (B, 3, S, S) uint8 -> 12 of (B, 3, size, size).
    """
    whole = resized(pixels, size)
    is_finer = pixels.size(-1) > size  # otherwise there is nothing to magnify, only to shift
    margin = round(size / 8) if is_finer else round(size / 16)
    larger = resized(pixels, size + 2 * margin) if is_finer else F.pad(whole, [margin] * 4, "reflect")
    pieces = [whole]
    for top, left in ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1)):
        pieces.append(larger[:, :, top * margin :, left * margin :][:, :, :size, :size])
    return [view for piece in pieces for view in (piece, piece.flip(-1))]


def _between(low: float, high: float, count: int, place: torch.device) -> Tensor:
    return torch.rand(count, device=place) * (high - low) + low
