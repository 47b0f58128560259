"""The network as the browser has it: norms folded into the convolutions before them, matrices rounded to 8 bits."""

import copy

import torch
from torch import Tensor

from cuaderno.lab.quantize import dequantize, quantize
from cuaderno.studies.language.model import LanguageNet


def folded(model: LanguageNet) -> LanguageNet:
    """The same network with nothing left in its batch norms but a bias, and letters already normalised."""
    model = copy.deepcopy(model).eval()
    eye = model.eye
    with torch.no_grad():
        for conv, norm in zip((eye.conv_1, eye.conv_2, eye.conv_3, eye.conv_4, eye.conv_5), eye.norms, strict=True):
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            conv.weight *= scale[:, None, None, None]
            norm.bias -= norm.running_mean * scale
            norm.weight.fill_(1)
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
        model.letters.weight.copy_(model.letter_vectors())
    return model


def weights_of(model: LanguageNet) -> dict[str, Tensor]:
    """What the browser needs of a folded network: matrices (outputs, inputs in the order height, width, channel)."""
    weights = {"letters": model.letters.weight}
    for number in range(1, 6):
        conv, norm = getattr(model.eye, f"conv_{number}"), model.eye.norms[number - 1]
        weights[f"conv_{number}.weight"] = conv.weight.permute(0, 2, 3, 1).flatten(1)
        weights[f"conv_{number}.bias"] = norm.bias
    for name, layer in (("out", model.eye.out), ("join", model.trunk.join), ("head", model.head)):
        weights[f"{name}.weight"], weights[f"{name}.bias"] = layer.weight, layer.bias
    weights["attention.weight"], weights["attention.bias"] = model.trunk.attention.weight, model.trunk.attention.bias
    for name in ("window", "narrow", "wider"):
        layer = getattr(model.trunk, name)
        weights[f"{name}.weight"] = layer.weight.permute(0, 2, 1).flatten(1)
        weights[f"{name}.bias"] = layer.bias
    return {name: weight.detach().float() for name, weight in weights.items()}


def rounded(model: LanguageNet) -> LanguageNet:
    """A folded network with every matrix as the browser has it: rounded to 8 bits a row."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() >= 2:
                numbers, scales = quantize(weight.flatten(1))
                weight.copy_(dequantize(numbers, scales).view_as(weight))
    return model
