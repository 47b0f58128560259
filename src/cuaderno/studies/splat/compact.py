"""A scene in as few bytes as a page can spare: at most 24 a splat, everything included, where a .ply takes 56 to 248.

scene.bin
---------
Little-endian, one section after another, for N splats in chunks of 256 neighbours:

    boxes      chunks x 6 float32     where a chunk begins (x, y, z) and how far it reaches
    means      N uint32               within the box of the chunk: x and y in 11 bits, z in the highest 10
    rotations  N uint32               three numbers of the quaternion, 10 bits each, and which one is left out
    scales     N x 3 uint8            logarithms, between the least and the largest of the scene
    opacities  N uint8                0 to 1
    colours    N x 3 uint8            the first coefficient, between the least and the largest of the scene
    axes       A x D int8             how the D = 3 (K - 1) further coefficients change together, most first
    levels     of each axis 2^b int16 how far along it a splat may be
    codes      N x sum of b bits      of each splat and axis, the lowest bit first: which level

What the numbers have to be multiplied by stands in `Packed.about`, which model.json carries. A scene without directions
(degree 0) has no axes, levels and codes. web/scene.js reads the same.
"""

from dataclasses import dataclass

import numpy as np

from cuaderno.studies.splat.splats import Splats

STEPS, SHIFTS = np.array([2047, 2047, 1023], np.uint32), np.array([0, 11, 22], np.uint32)  # of a place in its box
CHUNK = 256  # splats that share a box
MOST_BYTES = 24  # a splat may take, with its share of boxes, axes and levels
PLAIN_BYTES = 15 + 24 / CHUNK  # a splat takes without how its colour changes
MOST_BITS = 96  # for that
LOST = np.array([1, 0.5, 0.1762, 0.0545, 0.0154, 0.00414, 0.00107, 0.00027])  # of a bell with long tails, by bits
THINNEST = 1  # percent of all lengths that may be told as longer than they are
ELSEWHERE, LOOKED_AT = 0.1, 200  # how much other places count than those that it was seen from; splats asked
SWEEPS = 12  # of looking for levels
ROOT_HALF = float(np.sqrt(0.5))  # no number of a unit quaternion but its largest can be larger


@dataclass(frozen=True)
class Packed:
    """The bytes of a scene and what a reader has to know of them."""

    data: bytes
    about: dict


def pack(splats: Splats, seen_from: np.ndarray | None = None) -> Packed:
    """Splats as bytes, in an order that puts neighbours together.

    Colours are kept best for those who look from places like `seen_from`, shape (M, 3); without it, from all around.

    Raises:  ValueError when there is no splat or one is not finite.
    """
    count = len(splats.means)
    everything = (splats.means, splats.scales, splats.rotations, splats.opacities, splats.sh)
    if not count or not all(np.isfinite(values).all() for values in everything):
        raise ValueError("only a scene of finite splats can be packed")
    order = in_morton_order(splats.means)
    means, scales, sh = splats.means[order], splats.scales[order], splats.sh[order].astype(float)
    boxes, places = _within_boxes(means.astype(float))
    opacities = 1 / (1 + np.exp(-splats.opacities[order].astype(float)))
    thinnest = np.percentile(scales, THINNEST, method="lower")  # thinner ones look the same
    scale_bytes, scale_range = _as_bytes(np.maximum(scales.astype(float), thinnest))
    rest, further = None, {}
    if sh.shape[1] > 1:
        area = np.exp(np.sort(scales.astype(float), axis=1)[:, 1:].sum(1))
        weights = opacities * area  # a splat counts by what it covers
        rest = _in_few_bits(sh, weights, _together(means, sh.shape[1], seen_from))
        further, sh[:, 0] = rest.about, sh[:, 0] + rest.made_up
    colour_bytes, colour_range = _as_bytes(sh[:, 0])
    parts = [boxes, places, smallest_three(splats.rotations[order]), scale_bytes]
    parts += [np.rint(opacities * 255).astype(np.uint8), colour_bytes, *(rest.parts if rest else ())]
    about = {"splats": count, "coefficients": sh.shape[1], "scales": scale_range, "colours": colour_range} | further
    data = b"".join(part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts)
    return Packed(data, about | {"bytes": len(data)})


def unpack(packed: Packed) -> Splats:
    """Splats from bytes, as the browser sees them."""
    about, at = packed.about, 0
    count, width = about["splats"], 3 * (about["coefficients"] - 1)

    def take(kind: str, *shape: int) -> np.ndarray:
        nonlocal at
        found = np.frombuffer(packed.data, kind, int(np.prod(shape)), at).reshape(shape)
        at += found.nbytes
        return found

    boxes = np.repeat(take("<f4", -(-count // CHUNK), 2, 3).astype(float), CHUNK, axis=0)[:count]
    places = (take("<u4", count)[:, None] >> SHIFTS & STEPS) / STEPS
    means = boxes[:, 0] + boxes[:, 1] * places
    rotations = quaternions(take("<u4", count))
    scales = _from_bytes(take("u1", count, 3), about["scales"])
    opacities = np.clip(take("u1", count) / 255, 1e-4, 1 - 1e-4)
    sh = np.zeros((count, width + 3))
    sh[:, :3] = _from_bytes(take("u1", count, 3), about["colours"])
    if width:
        axes = take("i1", len(about["bits"]), width) / 127
        levels = [take("<i2", 2**bits) * about["step"] for bits in about["bits"]]
        codes = _out_of_bits(take("u1", -(-count * sum(about["bits"]) // 8)), about["bits"], count)
        sh[:, 3:] = sum(level[code][:, None] * axis for level, code, axis in zip(levels, codes, axes, strict=True))
    logits = np.log(opacities / (1 - opacities))
    found = (means, scales, rotations, logits, sh.reshape(count, -1, 3))
    return Splats(*(np.ascontiguousarray(values, np.float32) for values in found))


# -- places -----------------------------------------------------------------------------------------------------------


def in_morton_order(means: np.ndarray) -> np.ndarray:
    """Numbers of the splats along a curve that stays in one corner of space before it goes on to the next."""
    means = means.astype(float)
    least, width = means.min(0), np.maximum(np.ptp(means, axis=0), 1e-12)
    cells = np.minimum((means - least) / width * 1024, 1023).astype(np.uint32)
    return np.argsort(sum(_spread(cells[:, axis]) << axis for axis in range(3)), kind="stable")


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Ten bits with two empty places after each."""
    numbers = numbers.astype(np.uint32)
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        numbers = (numbers | (numbers << np.uint32(shift))) & np.uint32(mask)
    return numbers


def _within_boxes(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The box of each chunk and where in it each splat lies.  Shapes:  (N, 3) -> (C, 2, 3) float32, (N,) uint32."""
    chunks = [means[first : first + CHUNK] for first in range(0, len(means), CHUNK)]
    least = np.stack([chunk.min(0) for chunk in chunks]).astype(np.float32)
    reach = np.stack([np.ptp(chunk, axis=0) for chunk in chunks]).astype(np.float32)
    each = np.repeat(np.stack([least, reach], axis=1).astype(float), CHUNK, axis=0)[: len(means)]
    share = (means - each[:, 0]) / np.maximum(each[:, 1], 1e-12)
    places = np.rint(np.clip(share, 0, 1) * STEPS).astype(np.uint32) << SHIFTS
    return np.stack([least, reach], axis=1), places[:, 0] | places[:, 1] | places[:, 2]


# -- turns ------------------------------------------------------------------------------------------------------------


def smallest_three(rotations: np.ndarray) -> np.ndarray:
    """A quaternion in four bytes: q and -q turn alike, so the largest number may be taken as positive and left out.

    Shapes:  (N, 4), w x y z of any length -> (N,) uint32; the highest two bits say which number is left out.
    """
    turns = rotations.astype(float)
    turns = turns / np.maximum(np.linalg.norm(turns, axis=1, keepdims=True), 1e-12)
    turns[(turns == 0).all(1), 0] = 1
    left_out = np.abs(turns).argmax(1)
    rows = np.arange(len(turns))
    turns *= np.where(turns[rows, left_out] < 0, -1, 1)[:, None]
    packed = left_out.astype(np.uint32)
    for number in range(1, 4):  # the others, in a ring
        share = turns[rows, (left_out + number) % 4] / ROOT_HALF * 0.5 + 0.5
        packed = (packed << np.uint32(10)) | np.rint(np.clip(share, 0, 1) * 1023).astype(np.uint32)
    return packed


def quaternions(packed: np.ndarray) -> np.ndarray:
    """Shapes:  (N,) uint32 -> (N, 4), w x y z of length 1."""
    rows, left_out = np.arange(len(packed)), (packed >> 30).astype(int)
    turns = np.zeros((len(packed), 4))
    for number in range(1, 4):
        bits = (packed >> np.uint32(10 * (3 - number))) & np.uint32(1023)
        turns[rows, (left_out + number) % 4] = (bits / 1023 * 2 - 1) * ROOT_HALF
    turns[rows, left_out] = np.sqrt(np.maximum(0, 1 - (turns**2).sum(1)))
    return turns


# -- numbers ----------------------------------------------------------------------------------------------------------


def _as_bytes(values: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Values as bytes between the least and the largest, and those two."""
    least, most = float(values.min()), float(values.max())
    return np.rint((values - least) / max(most - least, 1e-12) * 255).astype(np.uint8), [least, most]


def _from_bytes(values: np.ndarray, ends: list[float]) -> np.ndarray:
    return ends[0] + (ends[1] - ends[0]) * (values / 255)


# -- how a colour changes with the direction --------------------------------------------------------------------------


@dataclass(frozen=True)
class Rest:
    """Everything of the colours but their first coefficients, in a few bits a splat.

    Shapes:  axes (axes, D) int8, levels: of each axis 2^bits int16, codes uint8, made_up (N, 3): what the first
             coefficient has to take over
    """

    axes: np.ndarray
    levels: list[np.ndarray]
    codes: np.ndarray
    step: float  # of the levels
    made_up: np.ndarray

    @property
    def parts(self) -> list[np.ndarray]:
        return [self.axes, *self.levels, self.codes]

    @property
    def about(self) -> dict:
        bits = [len(levels).bit_length() - 1 for levels in self.levels]
        return {"bits": bits, "step": self.step}


def _together(means: np.ndarray, coefficients: int, seen_from: np.ndarray | None) -> np.ndarray:
    """How much two coefficients count together, on average over who looks at what; all around it is their own only.

    Shapes:  (N, 3), (M, 3) -> (coefficients, coefficients)
    """
    import torch

    from cuaderno.studies.splat.reference import harmonics

    everywhere = np.eye(coefficients) / (4 * np.pi)
    if seen_from is None or not len(seen_from):
        return everywhere
    some = means[:: max(1, len(means) // LOOKED_AT)].astype(float)
    apart = (some[:, None] - seen_from[None]).reshape(-1, 3)
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-12)
    values = harmonics(torch.from_numpy(apart), coefficients).numpy()
    return (1 - ELSEWHERE) * values.T @ values / len(values) + ELSEWHERE * everywhere


def _in_few_bits(sh: np.ndarray, weights: np.ndarray, together: np.ndarray) -> Rest:
    """The directions in which colours change most, and along each of them the nearest of a few levels.

    What is lost of them and looks the same from wherever one looks is made up for by the first coefficient.

    Shapes:  (N, K, 3), (N,), (K, K) -> Rest.  There is as much room as MOST_BYTES leaves.
    """
    count, width = len(sh), 3 * (sh.shape[1] - 1)
    rest = sh[:, 1:].reshape(count, -1)
    weights = np.sqrt(weights)
    weights = weights / weights.sum() * 0.9 + 0.1 / count  # no splat counts for nothing
    share = together[0, 1:] / together[0, 0]  # of each coefficient, that the first can stand for
    left = together[1:, 1:] - np.outer(share, together[0, 1:])
    look = np.kron(np.linalg.cholesky(left), np.eye(3))  # after it, a difference counts as much as one sees of it
    seen = rest @ look
    spread, axes = np.linalg.eigh((seen * weights[:, None]).T @ seen)
    spread, axes = spread[::-1], axes.T[::-1]
    for total in range(MOST_BITS, 0, -1):
        bits = _bits_for(spread, total)
        tables = sum(width + 2 * 2**number for number in bits)
        if PLAIN_BYTES + total / 8 + (tables + 1) / count <= MOST_BYTES:
            break
    axes = axes[: len(bits)] @ np.linalg.inv(look)
    axes *= np.where(axes.sum(1, keepdims=True) < 0, -1, 1) / np.abs(axes).max(1, keepdims=True)
    rounded = np.rint(axes * 127).astype(np.int8)
    along = seen @ np.linalg.pinv(rounded / 127 @ look)
    typical = [_levels(along[:, k], weights, 2**number) for k, number in enumerate(bits)]
    step = max(max(float(np.abs(levels).max()) for levels in typical) / 32767, 1e-12)
    levels = [np.rint(one / step).astype(np.int16) for one in typical]
    nearest = [_nearest(along[:, k], levels[k] * step) for k in range(len(bits))]
    each = [code[:, None] >> np.arange(number) & 1 for code, number in zip(nearest, bits, strict=True)]
    codes = np.packbits(np.concatenate(each, axis=1).astype(np.uint8), bitorder="little")
    kept = sum(np.outer(levels[k][nearest[k]] * step, rounded[k] / 127) for k in range(len(bits)))
    made_up = np.einsum("k,nkc->nc", share, (rest - kept).reshape(count, -1, 3))
    return Rest(rounded, levels, codes, step, made_up)


def _bits_for(spread: np.ndarray, bits: int) -> list[int]:
    """So many bits, each given to the axis along which most is still lost; axes that get none come last."""
    given = np.zeros(len(spread), int)
    for _ in range(bits):
        lost = np.maximum(spread, 0) * LOST[given]
        given[int(lost.argmax())] += 1 if given[int(lost.argmax())] < len(LOST) - 1 else 0
    return [int(number) for number in given if number] or [1]


def _levels(values: np.ndarray, weights: np.ndarray, count: int) -> np.ndarray:
    """The levels that stand best for all values (Lloyd 1982), from the least to the largest."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    shares = np.cumsum(weights ** (1 / 3)) / (weights ** (1 / 3)).sum()  # a cube root leaves the rare ones some levels
    levels = values[np.minimum(np.searchsorted(shares, (np.arange(count) + 0.5) / count), len(values) - 1)]
    levels[[0, -1]] = values[[0, -1]]
    whole, total = np.concatenate([[0], np.cumsum(weights)]), np.concatenate([[0], np.cumsum(weights * values)])
    for _ in range(SWEEPS):
        ends = np.searchsorted(values, (levels[1:] + levels[:-1]) / 2)
        ends = np.concatenate([[0], ends, [len(values)]])
        share = np.diff(whole[ends])
        levels = np.where(share > 0, np.diff(total[ends]) / np.maximum(share, 1e-300), levels)
    return np.sort(levels)


def _nearest(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return np.searchsorted((levels[1:] + levels[:-1]) / 2, values)


def _out_of_bits(codes: np.ndarray, bits: list[int], count: int) -> list[np.ndarray]:
    """Of each axis the number of the level.  Shapes:  bytes -> of each axis (N,)."""
    each = np.unpackbits(codes, count=sum(bits) * count, bitorder="little").reshape(count, -1).astype(int)
    ends = np.cumsum(bits)
    return [each[:, end - number : end] @ (1 << np.arange(number)) for end, number in zip(ends, bits, strict=True)]
