"""The renderer once more, as plainly as it can be said, in float64 with torch: what the fast ones are tested against.

Every splat visits every pixel, and torch works out the gradients. Nothing here is fast, and nothing but tests uses it.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.painter import MARGIN
from cuaderno.studies.splat.splats import FIELDS, Splats

NEAR, BLUR, FAINTEST, OPAQUE = 0.05, 0.3, 1 / 255, 0.99


def tensors(splats: Splats) -> dict[str, Tensor]:
    """The splats' numbers in float64, ready to be asked for their gradients."""
    return {name: torch.tensor(getattr(splats, name), dtype=torch.float64, requires_grad=True) for name in FIELDS}


def render(given: dict[str, Tensor], camera: Camera, background: tuple[float, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Colour, coverage and depth of every pixel.  Shapes:  (H, W, 3), (H, W), (H, W)."""
    world = torch.tensor(camera.world_to_camera, dtype=torch.float64)
    turn, position = world[:3, :3], torch.tensor(camera.position, dtype=torch.float64)
    point = given["means"] @ turn.T + world[:3, 3]
    ahead = point[:, 2].clamp_min(NEAR)
    centre = torch.stack([camera.fx * point[:, 0] / ahead + camera.cx, camera.fy * point[:, 1] / ahead + camera.cy], 1)
    covariance = lens(point, ahead, camera) @ turn @ axes(given)
    covariance = covariance @ covariance.mT + BLUR * torch.eye(2, dtype=torch.float64)
    inverse = torch.linalg.inv(covariance)
    opacity = given["opacities"].sigmoid()
    colour = colours(given["sh"], F.normalize(given["means"] - position, dim=1))
    image = torch.zeros(camera.height, camera.width, 3, dtype=torch.float64)
    depth, light = torch.zeros_like(image[..., 0]), torch.ones_like(image[..., 0])
    pixels = torch.stack(
        torch.meshgrid(
            torch.arange(camera.width, dtype=torch.float64) + 0.5,
            torch.arange(camera.height, dtype=torch.float64) + 0.5,
            indexing="xy",
        ),
        dim=-1,
    )
    for i in torch.argsort(point[:, 2], stable=True).tolist():
        if point[i, 2] <= NEAR or opacity[i] <= FAINTEST:
            continue
        apart = pixels - centre[i]
        alpha = (opacity[i] * (-0.5 * torch.einsum("hwi,ij,hwj->hw", apart, inverse[i], apart)).exp()).clamp_max(OPAQUE)
        alpha = torch.where(alpha >= FAINTEST, alpha, 0.0)
        image = image + (alpha * light)[..., None] * colour[i]
        depth = depth + alpha * light * point[i, 2]
        light = light * (1 - alpha)
    return image + light[..., None] * torch.tensor(background, dtype=torch.float64), 1 - light, depth


def lens(point: Tensor, ahead: Tensor, camera: Camera) -> Tensor:
    """The projection's derivative by the point, (N, 2, 3); a point far outside counts as one at the edge."""
    slopes = []
    sides = ((camera.fx, camera.cx, camera.width), (camera.fy, camera.cy, camera.height))
    for axis, (focal, middle, size) in enumerate(sides):
        low, high = -middle / focal - MARGIN * size / focal, (size - middle) / focal + MARGIN * size / focal
        side = (point[:, axis] / ahead).clamp(low, high)
        row = [torch.zeros_like(ahead)] * 2 + [-focal * side / ahead]
        row[axis] = focal / ahead
        slopes.append(torch.stack(row, dim=1))
    return torch.stack(slopes, dim=1)


def axes(given: dict[str, Tensor]) -> Tensor:
    """The splats' axes as the columns of a matrix, (N, 3, 3)."""
    w, x, y, z = F.normalize(given["rotations"], dim=1).T
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.stack(rows, dim=1).reshape(-1, 3, 3) * given["scales"].exp()[:, None, :]


def colours(sh: Tensor, direction: Tensor) -> Tensor:
    """What 16 or fewer harmonics say of a direction, never below black.  Shapes:  (N, K, 3), (N, 3) -> (N, 3)."""
    return (0.5 + torch.einsum("nk,nkc->nc", harmonics(direction, sh.shape[1]), sh)).clamp_min(0)


def harmonics(direction: Tensor, number: int) -> Tensor:
    """The first harmonics, 16 or fewer, in directions from the camera.  Shapes:  (N, 3) -> (N, number)."""
    x, y, z = direction.T
    one = torch.ones_like(x)
    pi = math.pi
    a, b, c = (math.sqrt(value / pi) / 4 for value in (70, 105, 42))
    basis = [
        one / (2 * math.sqrt(pi)),
        *(math.sqrt(3 / (4 * pi)) * part for part in (-y, z, -x)),
        *(math.sqrt(15 / (4 * pi)) * part for part in (x * y, -y * z)),
        math.sqrt(5 / (16 * pi)) * (2 * z * z - x * x - y * y),
        -math.sqrt(15 / (4 * pi)) * x * z,
        math.sqrt(15 / (16 * pi)) * (x * x - y * y),
        -a / 2 * y * (3 * x * x - y * y),
        2 * b * x * y * z,
        -c / 2 * y * (4 * z * z - x * x - y * y),
        math.sqrt(7 / (16 * pi)) * z * (2 * z * z - 3 * x * x - 3 * y * y),
        -c / 2 * x * (4 * z * z - x * x - y * y),
        b * z * (x * x - y * y),
        -a / 2 * x * (x * x - 3 * y * y),
    ]
    return torch.stack(basis[:number], dim=1)


def loss(image: Tensor, photo: Tensor, share: float) -> Tensor:
    """(1 - share) |x - y| + share (1 - SSIM), with black around the picture.  Shapes:  (H, W, 3) each, in [0, 1]."""
    return (1 - share) * (image - photo).abs().mean() + share * (1 - ssim(image, photo))


def ssim(image: Tensor, photo: Tensor) -> Tensor:
    """How alike neighbourhoods of pixels are, the mean over all of them."""
    weights = torch.exp(-0.5 * (torch.arange(-5, 6, dtype=image.dtype, device=image.device) / 1.5) ** 2)
    window = torch.outer(weights, weights)[None, None] / weights.sum() ** 2
    x, y = image.permute(2, 0, 1)[:, None], photo.permute(2, 0, 1)[:, None]

    def mean(value: Tensor) -> Tensor:
        return F.conv2d(value, window, padding=5)

    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return ((2 * mx * my + c1) * (2 * both + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean()
