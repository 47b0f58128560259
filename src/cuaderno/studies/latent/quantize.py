"""The networks as the browser has them: latents white by themselves, matrices of 8 bits, numbers in its order."""

import copy

import torch
from torch import Tensor, nn

from cuaderno.lab.quantize import dequantize, quantize
from cuaderno.studies.latent.model import FOLDED, Networks


@torch.no_grad()
def rounded(networks: Networks) -> Networks:
    """A copy with the whitening folded into its neighbours, and every matrix rounded a row at a time.

    The conditions of the one-step network, which is asked at one time only, stay as they are.
    """
    page = copy.deepcopy(networks).eval()
    latent_dim, white = len(page.whitening.mean), page.whitening
    out, into = page.encoder.out, page.decoder.linear_1
    out.weight[:latent_dim] /= white.std[:, None]
    out.bias[:latent_dim] = (out.bias[:latent_dim] - white.mean) / white.std
    into.bias += into.weight @ white.mean
    into.weight *= white.std
    white.mean.zero_()
    white.std.fill_(1)
    for name, layer in page.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and name != "one_step.flow.time":
            rows = layer.weight.flatten(1)
            layer.weight.copy_(dequantize(*quantize(rows)).view_as(layer.weight))
    return page


@torch.no_grad()
def conditions(networks: Networks) -> Tensor:
    """What the one-step network is told for each class, any class last.  Shapes:  (num_classes + 1, CONDITION)."""
    flow = networks.one_step.flow
    angles = torch.ones(1, 1) * flow.rates
    waves = torch.cat([angles.sin(), angles.cos()], dim=1)
    return nn.functional.silu(flow.time(waves) + flow.classes.weight)


@torch.no_grad()
def weights(page: Networks) -> dict[str, Tensor]:
    """Matrices and vectors by the names that model.js knows.

    Everywhere the order is row, column, channel; what is folded lies as (row of the fold, column of the fold, channel).
    """
    encoder, decoder, latent_dim = page.encoder, page.decoder, len(page.whitening.mean)
    wide = decoder.places
    found = {
        "encoder.conv_1": (_convolution(_unfolded(encoder.conv_1.weight, 1)), encoder.conv_1.bias),
        "encoder.conv_2": (_convolution(encoder.conv_2.weight), encoder.conv_2.bias),
        "encoder.out": (_last(encoder.out.weight[:latent_dim], wide), encoder.out.bias[:latent_dim]),
        "decoder.linear_1": (decoder.linear_1.weight, decoder.linear_1.bias),
        "decoder.linear_2": (_last(decoder.linear_2.weight.T, wide).T, _last(decoder.linear_2.bias[None], wide)[0]),
        "decoder.conv_1": (_convolution(decoder.conv_1.weight), decoder.conv_1.bias),
        "decoder.conv_2": (_convolution(_unfolded(decoder.conv_2.weight, 0)), _unfolded(decoder.conv_2.bias, 0)),
    }
    found |= _layers("flow", page.flow, ("into", "time", "out")) | _layers(
        "one_step", page.one_step.flow, ("into", "out")
    )
    plane, painter, picture = page.map_encoder, page.map_decoder, page.map_decoder.shape
    found |= {
        "map_encoder.linear_1": (_last(plane.linear_1.weight, picture), plane.linear_1.bias),
        "map_encoder.linear_2": (plane.linear_2.weight, plane.linear_2.bias),
        "map_encoder.out": (plane.out.weight[:2], plane.out.bias[:2]),
        "map_decoder.waves": (painter.waves.weight, painter.waves.bias),
        "map_decoder.linear_1": (painter.linear_1.weight, painter.linear_1.bias),
        "map_decoder.linear_2": (painter.linear_2.weight, painter.linear_2.bias),
        "map_decoder.out": (_last(painter.out.weight.T, picture).T, _last(painter.out.bias[None], picture)[0]),
    }
    packed = {}
    for name, (weight, bias) in found.items():
        packed |= {f"{name}.weight": weight.contiguous(), f"{name}.bias": bias.contiguous()}
    tables = {"flow.classes": page.flow.classes.weight.flatten(), "one_step.conditions": conditions(page).flatten()}
    return packed | tables


def _layers(name: str, flow: nn.Module, own: tuple[str, ...]) -> dict[str, tuple[Tensor, Tensor]]:
    layers = {f"{name}.{one}": getattr(flow, one) for one in own}
    for number, block in enumerate(flow.blocks):
        for one in ("modulation", "linear_1", "linear_2"):
            layers[f"{name}.block_{number + 1}.{one}"] = getattr(block, one)
    return {key: (layer.weight, layer.bias) for key, layer in layers.items()}


def _convolution(weight: Tensor) -> Tensor:
    """Shapes:  (O, I, 3, 3) -> (O, 9 I), inputs last."""
    return weight.permute(0, 2, 3, 1).flatten(1)


def _unfolded(tensor: Tensor, dim: int) -> Tensor:
    """Channels that pixel_shuffle and pixel_unshuffle have as (channel, row, column), with the channel last."""
    split = tensor.unflatten(dim, (-1, FOLDED, FOLDED))
    return split.movedim(dim, dim + 2).flatten(dim, dim + 2)


def _last(weight: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Columns that lie as (channel, row, column), with the channel last."""
    return weight.unflatten(1, shape).permute(0, 2, 3, 1).flatten(1)
