"""Weights as 8-bit whole numbers, one scale per row: a quarter of the bytes for next to none of the loss."""

import numpy as np
import torch
from torch import Tensor


def quantize(weight: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from -127 to 127 and the scale of each row: weight ≈ scales[:, None] * numbers.

    Shapes:  weight (rows, columns) -> numbers int8 (rows, columns), scales float32 (rows,).
    """
    scales = weight.abs().amax(dim=1).clamp_min(1e-12) / 127
    numbers = torch.round(weight / scales[:, None]).to(torch.int8)
    return numbers.numpy(), scales.numpy().astype("<f4")


def dequantize(numbers: np.ndarray, scales: np.ndarray) -> Tensor:
    """The weights that the browser computes with."""
    return torch.from_numpy(numbers.astype(np.float32) * scales[:, None])


def pack(weights: dict[str, Tensor]) -> tuple[list[dict], bytes]:
    """All tensors in one file, and the list that says where each one lies.

    A matrix is its scales (float32), then its rows (int8); a vector is float32. Each begins at a multiple of 4 bytes.
    """
    layout, data = [], bytearray()
    for name, weight in weights.items():
        weight = weight.detach().float().cpu()
        layout.append({"name": name, "shape": list(weight.shape), "offset": len(data)})
        if weight.dim() == 2:
            numbers, scales = quantize(weight)
            data += scales.tobytes() + numbers.tobytes()
        else:
            data += weight.numpy().astype("<f4").tobytes()
        data += bytes(-len(data) % 4)
    return layout, bytes(data)


def unpack(layout: list[dict], data: bytes) -> dict[str, Tensor]:
    """The weights of a packed file as torch knows them: what a test compares the browser with."""
    weights = {}
    for entry in layout:
        shape, at = entry["shape"], entry["offset"]
        if len(shape) == 2:
            scales = np.frombuffer(data, "<f4", shape[0], at)
            numbers = np.frombuffer(data, np.int8, shape[0] * shape[1], at + 4 * shape[0]).reshape(shape)
            weights[entry["name"]] = dequantize(numbers, scales)
        else:
            weights[entry["name"]] = torch.from_numpy(np.frombuffer(data, "<f4", shape[0], at).copy())
    return weights
