"""Where tensors live, how many threads work, and what makes a run repeat."""

import os
import platform
import random
import sys
from pathlib import Path


def calm_threads() -> None:
    """Let idle OpenMP threads sleep instead of spin; works only before torch is imported.

    Spinning threads burn many times the CPU of sleeping ones on a shared machine: `bench/threads.py` measures it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")


def device(name: str = "auto"):
    """The torch device to train on: `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises:  CuadernoError when a named device is not there.
    """
    import torch

    from cuaderno.lab.errors import CuadernoError

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device("cuda" if there["cuda"] else "mps" if there["mps"] else "cpu")
    if not there.get(name.split(":")[0], False):
        found = ", ".join(kind for kind, is_there in there.items() if is_there)
        raise CuadernoError(f"There is no device '{name}' here, only: {found}. `--device auto` chooses one.")
    return torch.device(name)


def seed_everything(seed: int) -> None:
    """Start Python's, NumPy's and torch's random numbers from one seed and ask torch for repeatable kernels."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # A debugging aid that writes every new tensor twice:
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def set_threads(num_threads: int) -> None:
    """Give torch this many threads; 0 leaves its own choice."""
    if num_threads:
        import torch

        torch.set_num_threads(num_threads)


def processor() -> str:
    """The processor's name as its maker writes it, with the GPU's behind it when torch is loaded and sees one."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        name += f", {torch.cuda.get_device_name()}"
    return f"{name}, {os.cpu_count()} cores"


def peak_memory_bytes() -> int:
    """The most memory this process has held so far."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux kilobytes
