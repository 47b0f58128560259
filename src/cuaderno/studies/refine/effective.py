"""Where each hyperparameter went, read back from optimizer and modules, and which of them this model cannot use."""

from collections import Counter
from typing import Any

import torch
from torch import nn

from cuaderno.studies.refine.settings import changed
from cuaderno.studies.refine.start import Prepared

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


def unused(ready: Prepared, asked: Any) -> dict[str, str]:
    """The settings that were changed and that this model, or this task, cannot use, and why; or can use in part."""
    said = {}

    def leave_out(why: str, *names: str) -> None:
        for name in names:
            if changed(asked, name):
                value = getattr(asked, name)
                said[name] = f"{value if value != '' else 'nothing'}, not used: {why}"

    if ready.pretrained:
        why = f"the model is as it is in {asked.model}"
        leave_out(why, "num_layers", "num_heads", "embed_dim", "vocab_size", "lowercase")
        if asked.context_length > ready.context_length and changed(asked, "context_length"):
            said["context_length"] = f"{ready.context_length}, not {asked.context_length}: the model sees no more"
    elif len(ready.tokenizer) < asked.vocab_size and changed(asked, "vocab_size"):
        said["vocab_size"] = f"{len(ready.tokenizer):,}, not {asked.vocab_size:,}: the rows give no more pairs"
    if asked.task != "chat":
        leave_out("only a pretrained model that learns to chat has LoRA's matrices", "lora_rank")
    elif not ready.pretrained:
        leave_out("a new model is taught whole, without LoRA", "lora_rank")
    if asked.task == "chat":
        leave_out("a chat is made of messages", "text_column", "target_column")
        leave_out("a model that writes hides no tokens", "mask_rate")
    elif ready.tokenizer.mask_token_id is None:
        leave_out("this model knows no mask", "mask_rate")
    return said


def prefixed(words: dict[str, str]) -> dict[str, str]:
    """The words about each hyperparameter, under names that do not hide the values themselves."""
    return {f"effective {name}": text for name, text in words.items()}


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
