"""Matrix products for training on a CPU that use its widest instructions whoever made it.

PyTorch multiplies float32 matrices with Intel's MKL, which on processors of other makers stays with AVX2. oneDNN, which
PyTorch also carries and which `torch.compile` uses, takes AVX-512 on all of them: some two times as fast. Elsewhere (on
a GPU, in half precision, in a build without oneDNN) everything here falls back to plain PyTorch with the same results.
"""

import sysconfig
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError

HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")

MANY_ROWS = 32


def linear(x: Tensor, layer: nn.Linear) -> Tensor:
    """What the layer answers.  Shapes:  x (..., in_features) -> (..., out_features)."""
    if layer.bias is not None or not _pays(x):
        return layer(x)
    return _Linear.apply(x.reshape(-1, x.size(-1)), layer.weight).view(*x.shape[:-1], -1)


def squared_relu_mlp(x: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """relu(x upᵀ)² downᵀ, keeping for the backward pass only what it needs.

    Shapes:  x (..., C), up (hidden, C), down (C, hidden) -> (..., C).
    """
    if not _pays(x):
        return F.linear(F.relu(F.linear(x, up)).square(), down)
    return _SquaredReLUMLP.apply(x.reshape(-1, x.size(-1)), up, down).view(x.shape)


def product(x: Tensor, y: Tensor) -> Tensor:
    """x yᵀ without gradients.  Shapes:  x (M, K), y (N, K) -> (M, N)."""
    return _product(x, y) if _pays(x) else x @ y.t()


def _pays(x: Tensor) -> bool:
    """Only for many rows of plain float32 on a CPU; a single token is quicker the usual way."""
    if not HAS_ONEDNN or torch.compiler.is_compiling():  # a compiler may not even see that the length matters
        return False
    if x.numel() < MANY_ROWS * x.size(-1):
        return False
    return x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")


def _product(x: Tensor, weight: Tensor, then: str = "none") -> Tensor:
    """x weightᵀ by oneDNN, and what is to be done with every number of it."""
    return torch.ops.mkldnn._linear_pointwise.default(x, weight, None, then, [], "")


def _weight_gradient(gradient: Tensor, x: Tensor) -> Tensor:
    """gradientᵀ x; the first argument is copied when it is transposed, so let that be the smaller."""
    if gradient.size(1) <= x.size(1):
        return _product(gradient.t(), x.t())
    return _product(x.t(), gradient.t()).t()


def has_compiler(place: torch.device) -> bool:
    """Whether `torch.compile` finds here what it builds its kernels with."""
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch.utils._triton import has_triton

    try:
        found = bool(get_cpp_compiler())
    except Exception:  # each system has its own way to say no
        return False
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    return found and headers and (place.type != "cuda" or has_triton())


def compiled(model: nn.Module, place: torch.device) -> Callable:
    """The same forward pass, once for the first length of windows and once for all others turned into machine code.

    Raises:  CuadernoError when there is no compiler.
    """
    if not has_compiler(place):
        raise CuadernoError(
            "torch.compile needs a C++ compiler and Python's header files (on Debian or Ubuntu: apt install g++ "
            "python3-dev; on a GPU also the package triton). Install them, or train with --compile no."
        )
    return torch.compile(model)


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x, weight)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous()
        return _product(gradient, weight.t()), _weight_gradient(gradient, x)


class _SquaredReLUMLP(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, up: Tensor, down: Tensor) -> Tensor:
        h = _product(x, up, "relu")
        squares = h * h
        ctx.save_for_backward(x, up, down, h, squares)
        return _product(squares, down)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, up, down, h, squares = ctx.saved_tensors
        inner = _product(gradient + gradient, down.t()).mul_(h)  # 2 h, and 0 where the ReLU was closed
        return _product(inner, up.t()), _weight_gradient(inner, x), _weight_gradient(gradient.contiguous(), squares)
