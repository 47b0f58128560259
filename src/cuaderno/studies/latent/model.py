"""The networks: an autoencoder, a flow in its latent space, a dreamer in one step, and an autoencoder in the plane.

All of them are made of few kinds of layers, so that a page can run them without a library: linear, SiLU, layer norm
without weights, 3 x 3 convolutions, and squares of pixels folded into channels or out of them.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FOLDED = 4  # squares of 4 x 4 pixels become channels: a small computer convolves few wide places faster than many
FREQUENCIES = 16  # of the sines and cosines that tell a network the time
MAP_WAVES = 32  # over the map, that tell its decoder where it is
STEEPEST = 3.0  # radians by which they turn per unit of the map, as a deviation
CONDITION = 64  # numbers that carry time and class into every block


class Encoder(nn.Module):
    """Tells where in latent space a picture may lie: a mean and a log-variance for each latent.

    Shapes:  pixels (B, C, S, S) in [0, 1]  ->  two of (B, L).
    """

    def __init__(self, channels: int = 1, size: int = 28, latent_dim: int = 24, width: int = 16):
        super().__init__()
        self.conv_1 = nn.Conv2d(channels * FOLDED**2, 2 * width, 3, padding=1)
        self.conv_2 = nn.Conv2d(2 * width, 2 * width, 3, padding=1)
        self.out = nn.Linear(2 * width * (size // FOLDED) ** 2, 2 * latent_dim)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        x = channels_last(F.pixel_unshuffle(2 * pixels - 1, FOLDED))  # (B, 16 C, S/4, S/4)
        x = F.silu(self.conv_2(F.silu(self.conv_1(x))))
        mean, log_variance = self.out(x.flatten(1)).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 4)


class Decoder(nn.Module):
    """Paints what lies at a place in latent space.

    Shapes:  latents (B, L)  ->  logits (B, C, S, S), whose sigmoid is the picture.
    """

    def __init__(self, channels: int = 1, size: int = 28, latent_dim: int = 24, width: int = 16, hidden_dim: int = 256):
        super().__init__()
        self.places = (2 * width, size // FOLDED, size // FOLDED)
        self.linear_1 = nn.Linear(latent_dim, hidden_dim)
        self.linear_2 = nn.Linear(hidden_dim, math.prod(self.places))
        self.conv_1 = nn.Conv2d(2 * width, 4 * width, 3, padding=1)
        self.conv_2 = nn.Conv2d(4 * width, channels * FOLDED**2, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        x = F.silu(self.linear_2(F.silu(self.linear_1(latents))))
        x = channels_last(x.unflatten(1, self.places))  # (B, 2 width, S/4, S/4)
        return F.pixel_shuffle(self.conv_2(F.silu(self.conv_1(x))), FOLDED)


class Block(nn.Module):
    """Two layers beside a residual path; the condition shifts and scales what goes in and gates what comes out.

    Source:  adaLN-Zero, Peebles and Xie 2022, arXiv:2212.09748.
    """

    def __init__(self, hidden_dim: int):
        super().__init__()
        self.modulation = nn.Linear(CONDITION, 3 * hidden_dim)
        self.linear_1 = nn.Linear(hidden_dim, hidden_dim)
        self.linear_2 = nn.Linear(hidden_dim, hidden_dim)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        shift, scale, gate = self.modulation(condition).chunk(3, dim=1)
        y = F.layer_norm(x, x.shape[1:]) * (1 + scale) + shift
        return x + gate * self.linear_2(F.silu(self.linear_1(y)))


class Flow(nn.Module):
    """The velocity at which a point moves from a picture's latents, at time 0, to noise, at time 1.

    Shapes:  z (B, L) whitened latents, time (B,), classes (B,) int64, `num_classes` for any class  ->  (B, L).
    Source:  rectified flow, Liu et al. 2022, arXiv:2209.03003.
    """

    rates: Tensor

    def __init__(self, num_classes: int = 10, latent_dim: int = 24, hidden_dim: int = 256, num_blocks: int = 3):
        super().__init__()
        self.num_classes = num_classes
        self.into = nn.Linear(latent_dim, hidden_dim)
        self.time = nn.Linear(2 * FREQUENCIES, CONDITION)
        self.classes = nn.Embedding(num_classes + 1, CONDITION)
        self.blocks = nn.ModuleList(Block(hidden_dim) for _ in range(num_blocks))
        self.out = nn.Linear(hidden_dim, latent_dim)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        rates = torch.linspace(0, math.log(100.0), FREQUENCIES).exp()
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, z: Tensor, time: Tensor, classes: Tensor) -> Tensor:
        angles = time[:, None] * self.rates
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        condition = F.silu(self.time(waves) + self.classes(classes))
        x = self.into(z)
        for block in self.blocks:
            x = block(x, condition)
        return self.out(x)


class OneStep(nn.Module):
    """From noise to latents in one step: a flow that is asked once, at time 1, and taught to arrive.

    Shapes:  noise (B, L), classes (B,)  ->  whitened latents (B, L).
    """

    def __init__(self, num_classes: int = 10, latent_dim: int = 24, hidden_dim: int = 256, num_blocks: int = 3):
        super().__init__()
        self.flow = Flow(num_classes, latent_dim, hidden_dim, num_blocks)

    def forward(self, noise: Tensor, classes: Tensor) -> Tensor:
        return noise - self.flow(noise, torch.ones_like(noise[:, 0]), classes)


class MapEncoder(nn.Module):
    """Tells where on the map a picture lies.  Shapes:  pixels (B, C, S, S) in [0, 1]  ->  two of (B, 2)."""

    def __init__(self, channels: int = 1, size: int = 28, hidden_dim: int = 256):
        super().__init__()
        self.linear_1 = nn.Linear(channels * size**2, hidden_dim)
        self.linear_2 = nn.Linear(hidden_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, 4)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        x = F.silu(self.linear_1(pixels.flatten(1)))
        x = F.silu(self.linear_2(x))
        mean, log_variance = self.out(x).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 4)


class MapDecoder(nn.Module):
    """Paints what lies at a place of the map.

    Two numbers change too slowly to tell neighbours apart, so it reads waves over the map beside them.

    Shapes:  places (B, 2)  ->  logits (B, C, S, S).
    Source:  Tancik et al. 2020, arXiv:2006.10739.
    Differs: the waves are learned.
    """

    def __init__(self, channels: int = 1, size: int = 28, hidden_dim: int = 256):
        super().__init__()
        self.shape = (channels, size, size)
        self.waves = nn.Linear(2, MAP_WAVES)
        self.linear_1 = nn.Linear(2 + 2 * MAP_WAVES, hidden_dim)
        self.linear_2 = nn.Linear(hidden_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, channels * size**2)
        nn.init.normal_(self.waves.weight, std=STEEPEST)

    def forward(self, places: Tensor) -> Tensor:
        angles = self.waves(places)
        x = F.silu(self.linear_1(torch.cat([places, angles.sin(), angles.cos()], dim=1)))
        return self.out(F.silu(self.linear_2(x))).unflatten(1, self.shape)


class Whitening(nn.Module):
    """Latents as the flow sees them, each with mean 0 and deviation 1, and back."""

    mean: Tensor
    std: Tensor

    def __init__(self, latent_dim: int = 24):
        super().__init__()
        self.register_buffer("mean", torch.zeros(latent_dim))
        self.register_buffer("std", torch.ones(latent_dim))

    def forward(self, latents: Tensor) -> Tensor:
        return (latents - self.mean) / self.std

    def back(self, white: Tensor) -> Tensor:
        return white * self.std + self.mean


class Sight(nn.Module):
    """A small network that says how pictures differ to the eye; whoever judges has another one.

    Shapes:  pixels (B, C, S, S) in [0, 1]  ->  logits (B, num_classes); `look` gives what each layer sees.
    """

    def __init__(self, channels: int = 1, num_classes: int = 10, width: int = 16):
        super().__init__()
        widths = (channels * FOLDED**2, width, 2 * width, 2 * width)
        pairs = list(pairwise(widths))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b in pairs)
        self.head = nn.Linear(2 * width, num_classes)

    def look(self, pixels: Tensor) -> list[Tensor]:
        """What each layer sees: (B, width, S/4, S/4), then twice (B, 2 width, S/4, S/4)."""
        x, seen = channels_last(F.pixel_unshuffle(pixels, FOLDED)), []
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.relu(norm(conv(x)) if self.training else F.conv2d(x, *folded(conv, norm), padding=1))
            seen.append(x)
        return seen

    def forward(self, pixels: Tensor) -> Tensor:
        return self.head(self.look(pixels)[-1].mean(dim=(2, 3)))


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Weight and bias of a convolution that does what both do once the norm has learned: one pass instead of two."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale


def channels_last(pixels: Tensor) -> Tensor:
    """The same, in the order in which convolutions are fastest."""
    return pixels.contiguous(memory_format=torch.channels_last)


class Networks(nn.Module):
    """All of them together, as a run keeps them."""

    def __init__(
        self,
        channels: int = 1,
        size: int = 28,
        num_classes: int = 10,
        latent_dim: int = 24,
        width: int = 16,
        hidden_dim: int = 256,
        num_blocks: int = 3,
        map_hidden_dim: int = 256,
    ):
        super().__init__()
        self.encoder = Encoder(channels, size, latent_dim, width)
        self.decoder = Decoder(channels, size, latent_dim, width, hidden_dim)
        self.whitening = Whitening(latent_dim)
        self.flow = Flow(num_classes, latent_dim, hidden_dim, num_blocks)
        self.one_step = OneStep(num_classes, latent_dim, hidden_dim, num_blocks)
        self.map_encoder = MapEncoder(channels, size, map_hidden_dim)
        self.map_decoder = MapDecoder(channels, size, map_hidden_dim)

    def encode(self, pixels: Tensor) -> Tensor:
        """The whitened latents in the middle of where a picture may lie.  Shapes:  (B, C, S, S) -> (B, L)."""
        return self.whitening(self.encoder(pixels)[0])

    def decode(self, white: Tensor) -> Tensor:
        """The picture at whitened latents.  Shapes:  (B, L) -> (B, C, S, S) in [0, 1]."""
        return self.decoder(self.whitening.back(white)).sigmoid()
