"""The network: a first layer that is computed instead of learned, then groups of convolutions that halve the picture.

It is the smallest relative of the networks that hold the speed records on CIFAR-10, in plain operations: convolution,
maximum, batch norm that folds into the convolution before it, ReLU, one matrix. So it also runs in a page.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ENOUGH = 2000  # pictures from which the first layer is computed
LEAST_VARIANCE = 5e-4  # directions in which patches hardly vary are not blown up further


class PictureNet(nn.Module):
    """Says of which class a picture is.

    Shapes:  pixels (B, 3, H, W) -> logits (B, num_classes), any H and W that survive a halving per group.
    Units:   pixels in RGB between 0 and 1.
    Source:  Jordan 2024, arXiv:2404.00498 (airbench).
    Differs: ReLU, which a page computes faster than GELU; a stem with a stride for photos, which need no finer look.
    """

    mean: Tensor
    std: Tensor
    temperature: Tensor
    sharpening: Tensor
    threshold: Tensor

    def __init__(self, num_classes: int, widths: Sequence[int], stem_stride: int = 1, whitened: bool = True):
        super().__init__()
        window = 2 * stem_stride
        self.num_filters = min(16, 3 * window**2)
        self.register_buffer("mean", torch.full((3, 1, 1), 0.5))
        self.register_buffer("std", torch.full((3, 1, 1), 0.25))
        self.register_buffer("temperature", torch.ones(2))  # for one look and for views; see judge.calibrate
        self.register_buffer("sharpening", torch.zeros(2))
        self.register_buffer("threshold", torch.zeros(2))
        self.stem = nn.Conv2d(3, 2 * self.num_filters, window, stride=stem_stride)
        self.stem.weight.requires_grad = not whitened  # the bias is learned in any case
        nn.init.zeros_(self.stem.bias)
        sides = [2 * self.num_filters, *widths]
        self.groups = nn.ModuleList(Group(inputs, outputs) for inputs, outputs in pairwise(sides))
        self.head = nn.Linear(sides[-1], num_classes, bias=False)
        nn.init.normal_(self.head.weight, std=1.0)

    @torch.no_grad()
    def get_ready(self, pixels: Tensor) -> None:
        """Compute the first layer from pictures: their patches leave it uncorrelated, each with its negative.

        Shapes:  pixels (N, 3, H, W), between 0 and 1.
        """
        pixels = pixels[:ENOUGH]
        self.mean.copy_(pixels.mean((0, 2, 3))[:, None, None])
        self.std.copy_(pixels.std((0, 2, 3))[:, None, None] + 1e-3)
        if self.stem.weight.requires_grad:
            return
        side, stride = self.stem.kernel_size[0], max(1, self.stem.kernel_size[0] // 2)
        patches = F.unfold((pixels - self.mean) / self.std, side, stride=stride).transpose(1, 2).flatten(0, 1)
        variances, directions = torch.linalg.eigh(patches.t() @ patches / len(patches))  # in ascending order
        directions = directions.t().flip(0)[: self.num_filters]
        scaled = directions / (variances.flip(0)[: self.num_filters, None] + LEAST_VARIANCE).sqrt()
        scaled = scaled.view(-1, 3, side, side)
        self.stem.weight.copy_(torch.cat([scaled, -scaled]))

    def look(self, pixels: Tensor) -> Tensor:
        """What each place of the picture shows.  Shapes:  (B, 3, H, W) -> (B, features, H', W')."""
        x = F.relu(self.stem((pixels - self.mean) / self.std))
        for group in self.groups:
            x = group(x)
        return x

    def embed(self, pixels: Tensor) -> Tensor:
        """What the picture shows anywhere: the maximum over all places.  Shapes:  (B, 3, H, W) -> (B, features)."""
        return self.look(pixels).float().amax((2, 3))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.classify(self.embed(pixels))

    def classify(self, features: Tensor) -> Tensor:
        """The head alone.  Shapes:  (B, features) -> (B, num_classes)."""
        return self.head(features) / features.size(1)


class Group(nn.Module):
    """Two convolutions; the first one's result is halved in both directions.

    Shapes:  (B, inputs, H, W) -> (B, outputs, H // 2, W // 2).
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv_1, self.norm_1 = convolution(inputs, outputs), norm(outputs)
        self.conv_2, self.norm_2 = convolution(outputs, outputs), norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm_1(F.max_pool2d(self.conv_1(x), 2)))
        return F.relu(self.norm_2(self.conv_2(x)))


def convolution(inputs: int, outputs: int) -> nn.Conv2d:
    """A convolution of 3 x 3 that begins by passing on what comes in."""
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.dirac_(layer.weight[: min(inputs, outputs)].data)
    return layer


def norm(channels: int) -> nn.BatchNorm2d:
    """A batch norm with a bias but no scale, which keeps its averages over the last few batches only."""
    layer = nn.BatchNorm2d(channels, momentum=0.4)
    layer.weight.requires_grad = False
    return layer


def folded(model: PictureNet) -> list[tuple[Tensor, Tensor]]:
    """The convolutions in order, with all that is fixed multiplied into them: weight (O, I, h, w) and bias (O,).

    Every one is followed by ReLU, the first of each group by a maximum over 2 x 2 before that: a batch norm may come
    before the maximum just as well, since it has no negative scale. Inputs are pixels between 0 and 1.
    """
    stem = model.stem.weight / model.std[:, 0, 0].view(1, 3, 1, 1)
    layers = [(stem, model.stem.bias - (stem * model.mean).sum((1, 2, 3)))]
    for group in model.groups:
        assert isinstance(group, Group)
        for conv, after in ((group.conv_1, group.norm_1), (group.conv_2, group.norm_2)):
            scale = after.weight / (after.running_var + after.eps).sqrt()
            layers.append((conv.weight * scale[:, None, None, None], after.bias - after.running_mean * scale))
    return [(weight.detach(), bias.detach()) for weight, bias in layers]
