"""One loop, one process or many: `torchrun --nproc-per-node 2 -m cuaderno train STUDY` needs no other code.

Every function does nothing, at once and without torch, when there is only one process.
"""

import os
from typing import Any


def rank() -> int:
    """The number of this process, 0 for the one that writes files."""
    return int(os.environ.get("RANK", 0))


def world_size() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", 1))


def is_main() -> bool:
    """True in the one process that writes files and talks to the user."""
    return rank() == 0


def start() -> None:
    """Join the other processes that torchrun started: NCCL where there are GPUs, gloo elsewhere."""
    if world_size() == 1:
        return
    import torch
    import torch.distributed as dist

    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def stop() -> None:
    """Leave the group; the last call of a training command."""
    if world_size() > 1:
        import torch.distributed as dist

        if dist.is_initialized():
            dist.barrier()  # one that leaves early breaks the connection under the others
            dist.destroy_process_group()


def average_gradients(model) -> None:
    """Give every process the mean of all gradients; call it between `backward` and the optimizer's step.

    Differs: torch's DistributedDataParallel overlaps this with `backward`, but wants one forward pass per backward;
             recurrent studies make many. One flat tensor travels, so small models lose nothing.
    Traps:   every process must see the same parameters; one without a gradient counts as zero.
    """
    if world_size() == 1:
        return
    import torch
    import torch.distributed as dist

    parameters = [p for p in model.parameters() if p.requires_grad]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = torch._utils._flatten_dense_tensors(gradients)
    dist.all_reduce(flat)
    flat /= world_size()
    for parameter, gradient in zip(parameters, torch._utils._unflatten_dense_tensors(flat, gradients), strict=True):
        parameter.grad = gradient.clone()


def same_start(model) -> None:
    """Copy the main process's weights to all others, before the first step."""
    if world_size() > 1:
        import torch.distributed as dist

        for tensor in model.state_dict().values():
            dist.broadcast(tensor, src=0)


def gather(value: Any) -> list[Any]:
    """Every process's value, in order of rank, in every process."""
    if world_size() == 1:
        return [value]
    import torch.distributed as dist

    values: list[Any] = [None] * world_size()
    dist.all_gather_object(values, value)
    return values


def wait_for_all() -> None:
    """Go on only when every process has come this far: after the main one wrote what the others read."""
    gather(None)


def any_process(flag: bool) -> bool:
    """True everywhere when it is true anywhere: so that all decide the same."""
    return flag if world_size() == 1 else any(gather(flag))
