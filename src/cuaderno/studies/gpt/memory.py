"""What a training step will need in memory, known before the first one: by a dry run on tensors without content."""

import os
import sys
from contextlib import nullcontext

import psutil
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from cuaderno.lab.parallel import is_main, is_sharded, world_size
from cuaderno.studies.gpt.judge import BATCH_TOKENS
from cuaderno.studies.gpt.model import GPT

GAPS = 0.25  # of the activations: what an allocator cannot use between tensors that come and go


def estimate(model: GPT, batch_tokens: int, accumulation: int = 1, bf16: bool = False) -> dict[str, int]:
    """Bytes of one process for weights, gradients, the optimizer's averages and what the backward pass keeps.

    The model runs once with tensors that know their shape and hold no numbers, while a hook adds up what autograd
    saves: so the figure follows the code. Measured, it is within a third of the true peak.

    Differs: the dry run is always that of a CPU without `torch.compile`; a compiled model needs less.
    """
    inside = sum(weight.numel() for weight in model.blocks.parameters())
    matrices = sum(weight.numel() for weight in model.blocks.parameters() if weight.dim() == 2)
    outside = sum(weight.numel() for weight in model.parameters()) - inside
    numbers, shares = inside + outside, world_size() if is_sharded(model) else 1
    sequences = max(1, batch_tokens // model.context_length // accumulation // world_size())
    activations = int((1 + GAPS) * _saved_bytes(model, sequences, bf16))
    # On the way back from the loss the logits are there three times more; while judging too, but without activations.
    thrice = 12 * model.embed.num_embeddings
    judging = thrice * max(BATCH_TOKENS, model.context_length)
    parts = {
        "weights": 4 * numbers // shares,
        "gradients": 4 * numbers // shares,
        "optimizer": (4 * matrices + 8 * (numbers - matrices)) // shares,  # Muon keeps one average, AdamW two
        "activations": activations,
        "logits": max(thrice * sequences * model.context_length, judging - activations),
    }
    if shares > 1:  # the outermost weights and three layers whole at a time: one computes, one comes, one leaves
        parts["gathered"] = 8 * outside + 12 * inside // len(model.blocks)
    return parts | {"total": sum(parts.values())}


def free_bytes(place: torch.device) -> int:
    """What this process may still take of its device's memory; processes on one machine share the CPU's evenly."""
    if place.type == "cuda":
        return torch.cuda.mem_get_info(place)[0]
    return psutil.virtual_memory().available // int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def warn_if_too_large(parts: dict[str, int], place: torch.device, accumulation: int = 1) -> None:
    """Say before the first step what to change when it needs more memory than there is."""
    needed, free = parts["total"] - parts["weights"], free_bytes(place)  # the weights have their place already
    if needed <= free or not is_main():
        return
    per_token = parts["activations"] + parts["logits"]
    room = free - (needed - per_token)
    pieces = -(-accumulation * per_token // room) if room > 0 else 0
    cures = [f"compute every update in pieces: --accumulation {pieces}, or a smaller --batch-tokens"] if pieces else []
    if "gathered" not in parts:
        cures.append("split the model: torchrun --nproc-per-node 2 -m cuaderno train gpt --shard, with as many GPUs")
    else:
        cures.append("split it over more processes: torchrun --nproc-per-node with a larger number")
    cures.append("take a smaller model: fewer --num-layers, a smaller --embed-dim or --context-length")
    print(
        f"This may not fit: a step will need {in_words(parts)}; {_size(free)} of {place.type} memory are free. "
        f"What helps: {'; '.join(cures)}.",
        file=sys.stderr,
    )


def in_words(parts: dict[str, int]) -> str:
    """The estimate in one line: "about 1.2 GB: weights 25 MB, …"."""
    sizes = {name: _size(size) for name, size in parts.items()}
    total = sizes.pop("total")
    return f"about {total}: " + ", ".join(f"{name} {size}" for name, size in sizes.items())


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"


def _saved_bytes(model: GPT, sequences: int, bf16: bool) -> int:
    """Bytes that autograd keeps of a forward pass over so many whole windows."""
    seen: dict[int, int] = {}
    kept = []  # so that no address is given twice

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in weights:
            seen[storage._cdata] = storage.nbytes()
            kept.append(storage)
        return tensor

    mixed = torch.autocast("cpu", torch.bfloat16) if bf16 else nullcontext()
    with FakeTensorMode():
        twin = GPT(**model.settings)
        tokens = torch.zeros(sequences, model.context_length, dtype=torch.long)
        weights = {weight.untyped_storage()._cdata for weight in twin.parameters()}
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            with mixed:
                logits = twin(tokens)
            loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), tokens.flatten())
    del loss
    return sum(seen.values())
