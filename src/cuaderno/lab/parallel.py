"""One loop, one process or many: `torchrun --nproc-per-node 2 -m cuaderno train STUDY` needs no other code.

Every function does nothing, at once and without torch, when there is only one process.
"""

import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from cuaderno.lab.errors import CuadernoError


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
    """Join the other processes that torchrun started: NCCL for tensors on GPUs, gloo for all else."""
    if world_size() == 1:
        return
    import torch
    import torch.distributed as dist

    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")


def stop() -> None:
    """Leave the group; the last call of a training command."""
    if world_size() > 1:
        import torch.distributed as dist

        if dist.is_initialized():
            dist.barrier()  # one that leaves early breaks the connection under the others
            dist.destroy_process_group()


def leave(code: int = 0) -> NoReturn:
    """End this process; where there are several, without taking Python apart behind it.

    Traps:  one of gloo's threads may hold the last tensor a moment longer than the group lives. When Python is already
            going down then, freeing that tensor aborts the process, and torchrun calls a finished training failed
            (pytorch/pytorch#179291).
    """
    if world_size() == 1:
        sys.exit(code)
    stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def average_gradients(model) -> None:
    """Give every process the mean of all gradients; call it between `backward` and the optimizer's step.

    Differs: torch's DistributedDataParallel overlaps this with `backward`, but wants one forward pass per backward;
             recurrent studies make many. One flat tensor travels, so small models lose nothing.
    Traps:   every process must see the same parameters; one without a gradient counts as zero. A sharded model has
             averaged its gradients during `backward`, and is left as it is.
    """
    if world_size() == 1 or is_sharded(model):
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
    """Copy the main process's weights to all others, before the first step; of a sharded model there is but one."""
    if world_size() > 1 and not is_sharded(model):
        import torch.distributed as dist

        for tensor in model.state_dict().values():
            dist.broadcast(tensor, src=0)


def shard(model, parts: Iterable, place):
    """Split a model over all processes by FSDP2 and put it on their devices; each holds its share and nothing twice.

    The weights of `parts`, for example its layers, are gathered one part at a time while it computes; what is outside
    of them stays gathered from the forward pass to the backward one. Gradients are averaged on the way.

    Raises:  CuadernoError when there is only one process, or it trains on a device that cannot split.
    Traps:   give the model as it is on the CPU, the same in every process, and make the optimizer afterwards. Forward
             passes, `whole_state` and `load_state` are for all processes together, also when only one wants the result.
    """
    if world_size() == 1:
        raise CuadernoError(
            "One process cannot split a model. Start as many as there are GPUs, here two: "
            "torchrun --nproc-per-node 2 -m cuaderno train STUDY …"
        )
    if place.type not in ("cpu", "cuda"):
        raise CuadernoError(f"A model cannot be split on '{place.type}', only on cuda or cpu: add --device cpu.")
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(place.type, (world_size(),))
    for part in parts:
        fully_shard(part, mesh=mesh)
    return fully_shard(model, mesh=mesh)


def is_sharded(model) -> bool:
    """True for a model that `shard` has split."""
    return hasattr(model, "unshard")


def unshard(model) -> None:
    """Let code outside of a forward pass read a sharded model's outermost weights, until the next backward pass."""
    if is_sharded(model):
        model.unshard()


def whole_state(model, optimizers: list) -> dict[str, Any]:
    """What a checkpoint needs of them. Of a sharded model the main process gets whole tensors, the others none."""
    if not is_sharded(model):
        return {"model": model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in optimizers]}
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict

    weights, averages = get_state_dict(
        model, optimizers, options=StateDictOptions(full_state_dict=True, cpu_offload=True)
    )
    return {"model": weights, "optimizers": averages}


def load_state(state: dict[str, Any], model, optimizers: list) -> None:
    """Put back what `whole_state` gave in the same number of processes."""
    if is_sharded(model):
        from torch.distributed.checkpoint import state_dict as whole

        # One after the other: `set_state_dict` waits for ever when a process comes without weights.
        options = whole.StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
        whole.set_model_state_dict(model, state["model"], options=options)
        whole.set_optimizer_state_dict(model, optimizers, state["optimizers"], options=options)
        return
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)


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
