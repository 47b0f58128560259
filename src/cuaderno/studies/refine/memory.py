"""What a training step will need in memory, known before the first one."""

import sys
from collections.abc import Callable

import psutil
import torch
from torch import Tensor, nn

GAPS = 0.25  # of the activations: what an allocator cannot use between tensors that come and go


def estimate(model: nn.Module, loss_of_one: Callable[[], Tensor], batch_size: int, kept: int = 2) -> dict[str, int]:
    """Bytes for weights, gradients, the optimizer's averages (`kept` of them) and what the backward pass keeps.

    `loss_of_one` is the loss of the longest row by itself: a hook adds up what autograd saves of it.
    """
    whole = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    taught = sum(weight.numel() * 4 for weight in model.parameters() if weight.requires_grad)
    parts = {
        "weights": whole,
        "gradients": taught,
        "optimizer": kept * taught,
        "activations": int((1 + GAPS) * batch_size * saved_bytes(model, loss_of_one)),
    }
    return parts | {"total": sum(parts.values())}


def saved_bytes(model: nn.Module, loss_of_one: Callable[[], Tensor]) -> int:
    """Bytes that autograd keeps for one row; neither random numbers nor weights are changed."""
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    seen: dict[int, int] = {}
    alive = []  # so that no address is given twice

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            seen[storage.data_ptr()] = storage.nbytes()
            alive.append(storage)
        return tensor

    with torch.random.fork_rng(), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = loss_of_one()
    del loss
    return sum(seen.values())


def free_bytes(place: torch.device) -> int:
    """What may still be taken of a device's memory."""
    return torch.cuda.mem_get_info(place)[0] if place.type == "cuda" else psutil.virtual_memory().available


def in_words(parts: dict[str, int]) -> str:
    """The estimate in one line: "about 120.0 MB: weights 25.0 MB, …"."""
    sizes = {name: size_in_words(size) for name, size in parts.items()}
    total = sizes.pop("total")
    return f"about {total}: " + ", ".join(f"{name} {size}" for name, size in sizes.items())


def warn_if_too_large(parts: dict[str, int], place: torch.device, batch_size: int) -> None:
    """Say before the first step what to change when it needs more memory than there is."""
    needed, free = parts["total"] - parts["weights"], free_bytes(place)
    if needed <= free:
        return
    room = free - (needed - parts["activations"])
    fits = int(batch_size * room / parts["activations"]) if room > 0 else 0
    cure = f"--batch-size {fits}" if fits else "a smaller model"
    print(
        f"This may not fit: a step will need {in_words(parts)}; {size_in_words(free)} of {place.type} memory are free. "
        f"Take {cure}, or a smaller --context-length.",
        file=sys.stderr,
    )


def size_in_words(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
