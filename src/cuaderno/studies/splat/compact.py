"""A scene in as few bytes as a page can spare: at most 24 a splat, everything included, where a .ply takes 56 to 248.

scene.bin
---------
Little-endian, one section after another, for N splats in chunks of 256 neighbours:

    boxes      chunks x 6 float32     where a chunk begins (x, y, z) and how far it reaches
    means      N x 3 uint16           within the box of the chunk
    rotations  N uint32               three numbers of the quaternion, 10 bits each, and which one is left out
    scales     N x 3 uint8            logarithms, between the least and the largest of the scene
    opacities  N uint8                0 to 1
    colours    N x 3 uint8            the first coefficient, between the least and the largest of the scene
    codes      N x 2 uint16           rows of the two books: how the colour changes with the direction
    books      2 x rows x D int8      D = 3 (K - 1) numbers each; what the first row leaves over, the second adds

What the numbers have to be multiplied by stands in `Packed.about`, which model.json carries. A scene without directions
(degree 0) has neither codes nor books. web/scene.js reads the same.
"""

from dataclasses import dataclass

import numpy as np

from cuaderno.studies.splat.splats import Splats

CHUNK = 256  # splats that share a box
MOST_BYTES = 24  # a splat may take, with its share of boxes and books
PLAIN_BYTES = 17 + 24 / CHUNK  # a splat takes without codes and books
MOST_ROWS = 1024  # of a book
SWEEPS = 8  # of k-means
ROOT_HALF = float(np.sqrt(0.5))  # no number of a unit quaternion but its largest can be larger


@dataclass(frozen=True)
class Packed:
    """The bytes of a scene and what a reader has to know of them."""

    data: bytes
    about: dict


def pack(splats: Splats) -> Packed:
    """Splats as bytes, in an order that puts neighbours together.

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
    scale_bytes, scale_range = _as_bytes(scales.astype(float))
    colour_bytes, colour_range = _as_bytes(sh[:, 0])
    parts = [boxes, places, smallest_three(splats.rotations[order]), scale_bytes]
    parts += [np.rint(opacities * 255).astype(np.uint8), colour_bytes]
    about = {"splats": count, "coefficients": sh.shape[1], "scales": scale_range, "colours": colour_range}
    if sh.shape[1] > 1:
        weights = opacities * np.exp(2 * scales.astype(float).mean(1))  # a splat counts by what it covers
        codes, books, step = _books(sh[:, 1:].reshape(count, -1), weights)
        parts += [codes, books]
        about |= {"rows": books.shape[1], "step": step}
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
    means = boxes[:, 0] + boxes[:, 1] * (take("<u2", count, 3) / 65535)
    rotations = quaternions(take("<u4", count))
    scales = _from_bytes(take("u1", count, 3), about["scales"])
    opacities = np.clip(take("u1", count) / 255, 1e-4, 1 - 1e-4)
    sh = np.zeros((count, width + 3))
    sh[:, :3] = _from_bytes(take("u1", count, 3), about["colours"])
    if width:
        codes, books = take("<u2", count, 2), take("i1", 2, about["rows"], width)
        sh[:, 3:] = books[0][codes[:, 0]] * about["step"][0] + books[1][codes[:, 1]] * about["step"][1]
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
    """The box of each chunk and where in it each splat lies.  Shapes:  (N, 3) -> (C, 2, 3) float32, (N, 3) uint16."""
    chunks = [means[first : first + CHUNK] for first in range(0, len(means), CHUNK)]
    least = np.stack([chunk.min(0) for chunk in chunks]).astype(np.float32)
    reach = np.stack([np.ptp(chunk, axis=0) for chunk in chunks]).astype(np.float32)
    each = np.repeat(np.stack([least, reach], axis=1).astype(float), CHUNK, axis=0)[: len(means)]
    share = (means - each[:, 0]) / np.maximum(each[:, 1], 1e-12)
    return np.stack([least, reach], axis=1), np.rint(np.clip(share, 0, 1) * 65535).astype(np.uint16)


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


def _books(rest: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Two books of typical rows, so that each splat needs two numbers only.

    Shapes:  (N, D), (N,) -> codes (N, 2) uint16, books (2, rows, D) int8, what to multiply each book by.
    """
    count, width = rest.shape
    rows = max(1, min(MOST_ROWS, count, int((MOST_BYTES - PLAIN_BYTES - 4) * count * 0.95 / (2 * width))))
    left, codes, books, steps = rest, [], [], []
    for _ in range(2):
        book = _typical(left, weights, rows)
        step = max(float(np.abs(book).max()) / 127, 1e-12)
        rounded = np.rint(book / step).astype(np.int8)
        nearest = _nearest(left, rounded * step)
        left = left - rounded[nearest] * step
        codes.append(nearest), books.append(rounded), steps.append(step)
    return np.stack(codes, axis=1).astype(np.uint16), np.stack(books), steps


def _typical(values: np.ndarray, weights: np.ndarray, rows: int) -> np.ndarray:
    """Weighted k-means from a seed: what few rows stand best for all of them."""
    shares = weights / weights.sum() if weights.sum() > 0 else np.full(len(values), 1 / len(values))
    draws = np.random.default_rng(0).choice(len(values), rows, replace=False, p=0.5 * shares + 0.5 / len(values))
    book = values[draws]
    for _ in range(SWEEPS):
        nearest = _nearest(values, book)
        total = np.bincount(nearest, shares, rows)
        sums = np.stack([np.bincount(nearest, shares * column, rows) for column in values.T], axis=1)
        book = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-300)[:, None], book)
    return book


def _nearest(values: np.ndarray, book: np.ndarray) -> np.ndarray:
    """The row of the book that lies nearest to each value."""
    size = 0.5 * (book**2).sum(1)
    blocks = range(0, len(values), 4096)
    return np.concatenate([(size - values[first : first + 4096] @ book.T).argmin(1) for first in blocks])
