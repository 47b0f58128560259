"""The model as the page runs it: which can, its weights under short names, its matrices rounded to 8 bits."""

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from cuaderno.lab.quantize import dequantize, quantize
from cuaderno.studies.refine.model import Pair
from cuaderno.studies.refine.tuned import Tuned

LARGEST = 20_000_000  # weights that a page is asked to load
LAYER = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "out": "attention.output.dense", "norm_1": "attention.output.LayerNorm", "wide": "intermediate.dense",
    "narrow": "output.dense", "norm_2": "output.LayerNorm",
}  # fmt: skip


def in_page(tuned: Tuned) -> Tuned | None:
    """The model as it runs in the page, or None when it cannot: a pretrained one, a large one, or no BERT."""
    number = sum(weight.numel() for weight in tuned.model.parameters())
    if tuned.model_type != "bert" or tuned.pretrained or tuned.task == "chat" or number > LARGEST:
        return None
    return replace(tuned, model=rounded(tuned.model))


def named_weights(model: nn.Module) -> dict[str, Tensor]:
    """What the browser needs, under short names."""
    body = model.body if isinstance(model, Pair) else model.bert
    found = {
        "words": body.embeddings.word_embeddings.weight,
        "places": body.embeddings.position_embeddings.weight,
        "kinds": body.embeddings.token_type_embeddings.weight,
        "norm.weight": body.embeddings.LayerNorm.weight,
        "norm.bias": body.embeddings.LayerNorm.bias,
    }
    for number, layer in enumerate(body.encoder.layer):
        for name, path in LAYER.items():
            part = layer.get_submodule(path)
            found |= {f"{number}.{name}.weight": part.weight, f"{number}.{name}.bias": part.bias}
    if isinstance(model, Pair):
        top = {"weights": model.weights.weight, "cosine.weight": model.cosine.weight, "cosine.bias": model.cosine.bias}
        return found | top | {"details.weight": model.details.weight}
    for name, part in (("pool", body.pooler.dense), ("head", model.classifier)):
        found |= {f"{name}.weight": part.weight, f"{name}.bias": part.bias}
    return found


def rounded(model: nn.Module) -> nn.Module:
    """The same network with every matrix as the browser has it: rounded to 8 bits a row."""
    model = copy.deepcopy(model).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.copy_(dequantize(*quantize(weight)))
    return model
