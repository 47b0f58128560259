"""Where each hyperparameter went, read back from optimizer and modules, and which of them this model cannot use."""

from collections import Counter
from typing import Any

import torch
from torch import nn

RATES = (
    "attention_dropout",
    "dropout",
    "attn_dropout",
)  # plain numbers on attention modules without a Dropout of theirs


def in_words(model: nn.Module, optimizer: torch.optim.Optimizer, asked: Any, num_steps: int, per_epoch: int,
             num_rows: int, warm_up: int) -> dict[str, str]:  # fmt: skip
    """The five hyperparameters by name, each with its value in force."""
    group, kind = optimizer.param_groups[0], type(optimizer).__name__
    taught = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    whole = sum(weight.numel() for weight in model.parameters())
    last = "" if num_rows % asked.batch_size == 0 else f", the last one of {num_rows % asked.batch_size}"
    words = {
        "learning_rate": f"{peak(group):g} at its highest in {kind}: up over {warm_up} steps, then down to 0",
        "batch_size": f"{min(asked.batch_size, num_rows)} of {num_rows:,} rows, {per_epoch} steps an epoch{last}",
        "epochs": f"{num_steps / per_epoch:g}, which are {num_steps:,} steps",
        "momentum": momentum(group, kind),
        "dropout_rate": dropout(model, asked.dropout_rate),
    }
    if taught < whole:
        words["taught"] = f"{taught:,} of {whole:,} weights (LoRA, rank {asked.lora_rank}); the others stay"
    return words


def peak(group: dict[str, Any]) -> float:
    """The highest learning rate of a group under its schedule."""
    return group.get("initial_lr", group["lr"])


def momentum(group: dict[str, Any], kind: str) -> str:
    if "betas" in group:
        return f"{group['betas'][0]:g} as beta1 of {kind}, which has no other momentum"
    return f"{group['momentum']:g} of {kind}"


def dropouts(model: nn.Module) -> Counter[tuple[str, float]]:
    """How many modules leave numbers out, by the kind of module they belong to and their rate."""
    found: Counter[tuple[str, float]] = Counter()
    for module in model.modules():
        own = [child for child in module.children() if isinstance(child, nn.Dropout)]
        for child in own:
            name = type(module).__name__
            found["LoRA" if name == "ModuleDict" else name, child.p] += 1
        rates = [vars(module).get(name) for name in RATES] if not own else []
        for rate in rates:
            if isinstance(rate, float):
                found[f"the attention of {type(module).__name__}", rate] += 1
    return found


def dropout(model: nn.Module, asked: float) -> str:
    """The rates in force, and what the family has no place for."""
    found = dropouts(model)
    if not found:
        return f"0: this model has no dropout, so {asked:g} is used nowhere"
    rates = sorted({rate for _, rate in found})
    where = ", ".join(sorted({name for name, rate in found if rate > 0}))
    words = " and ".join(f"{rate:g}" for rate in rates) + (f" in {where}" if where else "")
    if all("attention" in name.lower() for name, _ in found):
        words += "; it has none outside of its attention, so none is used there"
    return words
