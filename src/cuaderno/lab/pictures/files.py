"""One picture of any kind as a square of RGB, or the reason why not: nothing that a file may hold ends a training."""

import io
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".avif"}
LARGEST = 100_000_000  # pixels of a picture that is decoded at all
BAND = 1 << 20  # pixels of sixteen bits that are brought to eight at once
SMALLEST = 8  # pixels of a side
ODD_BYTE = re.compile(rb"\\x([89a-f][0-9a-f])")  # as `printable` writes a byte that is not UTF-8
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
WHY = {
    "missing": {"en": "there is no such file", "es": "no existe el archivo"},
    "forbidden": {"en": "it may not be read", "es": "no se permite leerlo"},
    "no file": {
        "en": "no plain file, but a folder, a pipe or a device",
        "es": "no es un archivo, sino una carpeta, una tubería o un dispositivo",
    },
    "empty": {"en": "the file is empty", "es": "el archivo está vacío"},
    "no picture": {"en": "not a picture, whatever its name says", "es": "no es una imagen, diga lo que diga su nombre"},
    "truncated": {"en": "cut off in the middle", "es": "está cortada a la mitad"},
    "broken": {"en": "damaged", "es": "está dañada"},
    "huge": {
        "en": f"more than {LARGEST // 10**6} million pixels",
        "es": f"más de {LARGEST // 10**6} millones de píxeles",
    },
    "tiny": {
        "en": f"less than {SMALLEST} pixels high or wide",
        "es": f"menos de {SMALLEST} píxeles de alto o de ancho",
    },
    "outside": {
        "en": "named by a list, but outside its folder",
        "es": "una lista la nombra, pero está fuera de su carpeta",
    },
    "no label": {"en": "no class is given for it", "es": "no se indica su clase"},
    "not kept": {"en": "left out by the list itself", "es": "la propia lista la deja fuera"},
    "twice": {"en": "listed a second time", "es": "aparece otra vez en la lista"},
}


class Unreadable(Exception):
    """Why a picture was left out: a key of WHY."""

    def __init__(self, key: str):
        super().__init__(WHY[key]["en"])
        self.key = key


def printable(name: str) -> str:
    """A file's name as it can be written anywhere: bytes of it that are not UTF-8 as in caf\\xe9.jpg."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "surrogateescape") if _from_bytes(name) else name.encode("utf-8", "backslashreplace")
        return raw.decode("utf-8", "backslashreplace")
    return name


def named(folder: Path, text: str) -> str:
    """The name that `printable` wrote: as it stands where there is such a file, else with its odd bytes back in it."""
    if "\\x" not in text or os.path.lexists(folder / text):
        return text
    raw = ODD_BYTE.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "surrogatepass"))
    name = os.fsdecode(raw)
    return name if os.path.lexists(folder / name) else text


def _from_bytes(name: str) -> bool:
    """Whether all that is odd in a name are bytes that Python could not read as UTF-8."""
    return all("\udc80" <= char <= "\udcff" for char in name if "\ud800" <= char <= "\udfff")


def read_picture(source: Path | str | bytes, size: int) -> np.ndarray:
    """A picture squashed to a square, upright, in RGB, transparent parts white, the first frame of an animation.

    Shapes:  (size, size, 3) uint8
    Raises:  Unreadable, and nothing else whatever is in the file.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
    try:
        if isinstance(file, Path) and not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for for ever
            raise Unreadable("no file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large ones, which are measured here, and of odd metadata
            with Image.open(file) as picture:
                return _squashed(picture, size)
    except Unreadable:
        raise
    except (Image.DecompressionBombError, MemoryError):
        raise Unreadable("huge") from None
    except Exception as error:  # a broken picture may make its decoder raise anything
        raise Unreadable(_reason(file, error)) from None


def _reason(file: Path | io.BytesIO, error: Exception) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError | UnicodeEncodeError):
        return "missing"
    if isinstance(error, PermissionError):
        return "forbidden"
    if isinstance(error, UnidentifiedImageError):
        with suppress(OSError):
            if not (file.getbuffer().nbytes if isinstance(file, io.BytesIO) else file.stat().st_size):
                return "empty"
        return "no picture"
    return "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "broken"


def _squashed(picture: Image.Image, size: int) -> np.ndarray:
    if picture.width * picture.height > LARGEST:
        raise Unreadable("huge")
    if min(picture.size) < SMALLEST:
        raise Unreadable("tiny")
    picture.draft(None, (size, size))  # a JPEG is decoded at a half, a quarter or an eighth, never smaller than asked
    picture.load()  # here, since looking for the turn of a PNG would load it and hide what is wrong with it
    turn = TURNS.get(_orientation(picture))
    square = _in_colour(picture, size)
    # a square may be turned after it was squashed, which is cheap
    return np.array(square.transpose(turn) if turn is not None else square)


def _orientation(picture: Image.Image) -> int:
    with suppress(Exception):  # metadata of any kind of damage
        return int(picture.getexif().get(0x0112, 1))
    return 1


def _in_colour(picture: Image.Image, size: int) -> Image.Image:
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _resized(_from_deep(picture), size).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        clear = _resized(picture.convert("RGBA"), size)
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("RGB")
    if picture.mode != "RGB":  # grey, black and white, palette, CMYK, YCbCr, Lab
        picture = picture.convert("RGB")
    return _resized(picture, size)


def _resized(picture: Image.Image, size: int) -> Image.Image:
    return picture.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _from_deep(picture: Image.Image) -> Image.Image:
    """Sixteen bits, or numbers with a point, brought to eight: by 65,535, or by what there is beyond that."""
    low, high = np.inf, -np.inf
    for _, values in _bands(picture):
        if not np.isfinite(values).all():
            raise Unreadable("broken")
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    eight = np.empty((picture.height, picture.width), np.uint8)
    for top, values in _bands(picture):
        if picture.mode == "F" or low < 0 or high > 65535:
            values = (values - low) / max(high - low, 1e-12) * 255
        elif high > 255 or picture.mode != "I":
            values = values / 257
        eight[top : top + len(values)] = np.clip(values + 0.5, 0, 255)
    return Image.fromarray(eight)


def _bands(picture: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """The values of some rows at a time, so that a large picture does not need eight bytes for each of its pixels."""
    rows = max(1, BAND // picture.width)
    for top in range(0, picture.height, rows):
        part = picture.crop((0, top, picture.width, min(picture.height, top + rows)))
        yield top, np.asarray(part, np.float64)
