"""Splats as a `.ply` file, as INRIA's code writes them and most viewers read them; and points of any `.ply`.

Source:  Kerbl et al. 2023, https://github.com/graphdeco-inria/gaussian-splatting, by its behaviour.
"""

import re
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.studies.splat.splats import Splats

TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
FORMATS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
LARGEST_FILE, LONGEST_HEADER, MOST_PROPERTIES = 4 << 30, 1 << 16, 1000
REST = {0: 0, 9: 1, 24: 2, 45: 3}  # how many f_rest_ there are, and the degree that they mean
ANEW = "Write it anew with the program it came from."


class Broken(Exception):
    """A file is not what it should be; the text says why."""


def names_of(degree: int) -> list[str]:
    """The properties of a splat in the order of INRIA's files; normals are written as 0, which viewers expect."""
    rest = 3 * ((degree + 1) ** 2 - 1)
    return [
        *("x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"),
        *(f"f_rest_{number}" for number in range(rest)),
        *("opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"),
    ]


def write_ply(splats: Splats, path: Path) -> None:
    """Write splats, whole or not at all.

    Traps:   colours beyond the first lie red, then green, then blue, each with all its coefficients.
    """
    splats.check()
    count, rest = len(splats), splats.sh[:, 1:].transpose(0, 2, 1).reshape(len(splats), -1)
    columns = [splats.means, np.zeros((count, 3)), splats.sh[:, 0], rest, splats.opacities[:, None], splats.scales]
    rows = np.concatenate([*columns, splats.rotations], axis=1, dtype="<f4")
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    head += [f"property float {name}" for name in names_of(splats.degree)]
    write_atomic(Path(path), "\n".join([*head, "end_header", ""]).encode() + rows.tobytes())


def read_ply(path: Path) -> Splats:
    """The splats of a file.

    Raises:  CuadernoError when it holds none, or is damaged.
    """
    rows = _read(path)
    names = rows.dtype.names or ()
    rest = sum(name.startswith("f_rest_") for name in names)
    lacking = [name for name in names_of(REST.get(rest, 0)) if name not in names and name not in ("nx", "ny", "nz")]
    if lacking or rest not in REST:
        what = f"it has {rest} f_rest_ properties" if not lacking else f"it lacks {', '.join(lacking[:4])}"
        raise CuadernoError(
            f"{path} holds no splats: {what}. It may be a cloud of points; a scene of splats is needed."
        )
    if not len(rows):
        raise CuadernoError(f"{path} holds no splats: it says itself that there are 0. {ANEW}")
    degree = REST[rest]

    def columns(*wanted: str) -> np.ndarray:
        return np.stack([_float32(rows[name]) for name in wanted], axis=1)

    sh = np.empty((len(rows), (degree + 1) ** 2, 3), np.float32)
    sh[:, 0] = columns("f_dc_0", "f_dc_1", "f_dc_2")
    if degree:
        bands = columns(*(f"f_rest_{number}" for number in range(rest)))
        sh[:, 1:] = bands.reshape(len(rows), 3, -1).transpose(0, 2, 1)
    splats = Splats(
        columns("x", "y", "z"),
        columns("scale_0", "scale_1", "scale_2"),
        columns("rot_0", "rot_1", "rot_2", "rot_3"),
        _float32(rows["opacity"]),
        sh,
    )
    try:
        return splats.check()
    except CuadernoError as error:
        raise CuadernoError(f"{path}: {error} {ANEW}") from None


def read_points(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The points of a file with their colours, grey where it has none.

    Shapes:  (M, 3) float32, (M, 3) uint8
    Raises:  CuadernoError when it holds none, or is damaged.
    """
    rows = _read(path)
    names = rows.dtype.names or ()
    if not {"x", "y", "z"} <= set(names):
        raise CuadernoError(f"{path} holds no points: it lacks x, y or z. {ANEW}")
    points = np.stack([_float32(rows[name]) for name in "xyz"], axis=1)
    colours = np.full((len(rows), 3), 128, np.uint8)
    if {"red", "green", "blue"} <= set(names):
        seen = np.stack([rows[name] for name in ("red", "green", "blue")], axis=1)
        bright = seen * 255.0 if seen.dtype.kind == "f" and len(seen) and np.nanmax(seen) <= 1 else seen
        colours = np.clip(np.nan_to_num(bright.astype(float)), 0, 255).astype(np.uint8)
    good = np.isfinite(points).all(axis=1)
    return points[good], colours[good]


def _float32(values: np.ndarray) -> np.ndarray:
    """What is too large becomes infinite, which is looked for later."""
    with np.errstate(all="ignore"):
        return values.astype(np.float32)


def _read(path: Path) -> np.ndarray:
    """The vertices of a file as rows with named columns.

    Raises:  CuadernoError when it is none, or damaged.
    """
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            raise Broken(f"it is larger than {LARGEST_FILE >> 30} GB")
        return _vertices(Path(path).read_bytes())
    except OSError as error:
        raise CuadernoError(f"{path} cannot be read ({error.strerror}).") from None
    except (Broken, ValueError, OverflowError) as error:
        raise CuadernoError(f"{path} is damaged or no .ply file ({error}). {ANEW}") from None


def _vertices(content: bytes) -> np.ndarray:
    head, body = _split(content)
    order, elements = _elements(head)
    at = 0
    for name, count, properties in elements:
        kind = np.dtype([(column, FORMATS[order] + code) for column, code in properties])
        if name == "vertex":
            return _ascii(body, count, kind, at) if order == "ascii" else _binary(body, count, kind, at)
        at += count if order == "ascii" else count * kind.itemsize
    raise Broken("it has no vertices")


def _split(content: bytes) -> tuple[list[str], bytes]:
    """The lines of the head, and what comes after it."""
    end = re.search(rb"(?:^|\n)end_header\r?\n", content[:LONGEST_HEADER])
    if not re.match(rb"ply\r?\n", content) or not end:
        raise Broken("its head does not begin with 'ply', or does not end")
    return content[: end.start()].decode("ascii", "replace").splitlines(), content[end.end() :]


def _elements(head: list[str]) -> tuple[str, list[tuple[str, int, list[tuple[str, str]]]]]:
    """The order of bytes, and each element with its number and its properties, up to the vertices."""
    order, elements = "", []
    for line in head[1:]:
        words = line.split()
        if words[:1] == ["format"] and len(words) > 1:
            order = words[1]
        elif words[:1] == ["element"] and len(words) == 3:
            if not words[2].isdecimal() or len(words[2]) > 12:
                raise Broken(f"'{line[:60]}' is no number of things")
            elements.append((words[1], int(words[2]), []))
        elif words[:1] == ["property"]:
            if not elements:
                raise Broken("a property belongs to no element")
            if elements[-1][0] != "vertex" and "vertex" in [name for name, _, _ in elements]:
                continue  # what comes behind the vertices is not read
            if len(words) != 3 or words[1] not in TYPES:
                raise Broken(f"'{line[:60]}' is of a kind that is not known here")
            _append(elements[-1][2], words[2], TYPES[words[1]])
    if order not in FORMATS:
        raise Broken(f"its format '{order}' is not known")
    return order, elements


def _append(properties: list[tuple[str, str]], name: str, code: str) -> None:
    if name in [known for known, _ in properties] or len(properties) >= MOST_PROPERTIES:
        raise Broken(f"the property '{name[:40]}' is there twice, or there are too many")
    properties.append((name, code))


def _binary(body: bytes, count: int, kind: np.dtype, at: int) -> np.ndarray:
    if not kind.itemsize or at + count * kind.itemsize > len(body):
        raise Broken(f"it ends too early for its {count:,} vertices")
    return np.frombuffer(body, kind, count, at)


def _ascii(body: bytes, count: int, kind: np.dtype, at: int) -> np.ndarray:
    lines = body.decode("ascii", "replace").splitlines()[at : at + count]
    if len(lines) < count or not kind.names:
        raise Broken(f"it ends too early for its {count:,} vertices")
    rows = np.empty(count, kind)
    for index, line in enumerate(lines):
        words = line.split()
        if len(words) < len(kind.names):
            raise Broken(f"line {index + 1} has too few numbers")
        rows[index] = tuple(float(word) for word in words[: len(kind.names)])
    return rows
