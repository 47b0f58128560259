"""Lines of text as pictures: drawn with real fonts, placed as a line stands in a photo, then spoilt as photos are.

Beside each picture stands which letter each pixel column belongs to: we drew it, so we know. That is used in training
only.
"""

import io
import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from cuaderno.studies.language.fonts import Font, Pool, characters, open_font
from cuaderno.studies.language.letters import RIGHT_TO_LEFT, SPACE, encode, tidy, without_accents
from cuaderno.studies.language.model import COLUMN, HEIGHT, STRIDE

SIZES = (14, 25)  # of the letters in pixels, an em
MARGIN = 3  # pixels of paper at either end
NO_LEFT = set("اأإآٱدڈڌڎذرڑژزوؤۀۃۆۇۈۋےۓةىء")  # Arabic letters that do not join the next one
JOINER = "\u200d"
VOWELS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"


@dataclass
class Lines:
    """Pictures of lines, all of one width, with what is known about them.

    Shapes:  pixels float32 (B, 32, W) in 0..1, letters int64 (B, W / 2) the character number at each column of two
             pixels, segments int64 (B, W / 2) which letter of the line it belongs to.
    """

    pixels: torch.Tensor
    letters: torch.Tensor
    segments: torch.Tensor


def choose(rng: random.Random, pool: Pool, text: str) -> Font:
    """A font for a text: each design is as likely as any other.

    Raises:  LookupError when no font can draw the script.
    """
    designs = pool.of(bool(RIGHT_TO_LEFT.search(text)))
    if not designs:
        raise LookupError("no font for this script")
    return rng.choice(rng.choice(designs))


def covered(text: str, font: Font) -> str:
    """The text without what the font cannot draw, an accented letter without its accent if that helps.

    The empty box in its place would give the script away.
    """
    known = characters(font.path)
    if all(ord(char) in known or char == " " for char in text):
        return text
    chars = (char if ord(char) in known or char == " " else without_accents(char) for char in text)
    return " ".join("".join(char for char in chars if char == " " or (char and ord(char[0]) in known)).split())


def draw(text: str, font: Font, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A text as ink, and where its letters stand, from left to right.

    Shapes:  -> ink uint8 (h, w), borders float (N + 1,): letter i of `encode(text)` reaches from i to i + 1, in pixels.
    """
    drawn = open_font(font.path, size)
    turned = bool(RIGHT_TO_LEFT.search(text))
    options = {"direction": "rtl" if turned else "ltr"} if drawn.layout_engine == 1 else {}
    mask, offset = drawn.getmask2(text, mode="L", **options)
    width, height = mask.size
    ink = (
        np.frombuffer(bytes(mask), dtype=np.uint8).reshape(height, width)
        if width * height
        else np.zeros((1, 1), np.uint8)
    )
    advances = advances_of(tidy(text), font, size, turned)
    borders = np.concatenate([[0.0], np.cumsum(advances)])
    total = drawn.getlength(text, **options)
    if borders[-1] > 0:
        borders *= total / borders[-1]  # kerning and ligatures, spread evenly
    return ink, borders - offset[0]


def advances_of(text: str, font: Font, size: int, turned: bool) -> list[float]:
    """How far each character of a tidied text moves the pen, in the order on paper."""
    if not turned:
        return [_advance(font.path, size, char) for char in text]
    forms = []
    for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False):
        joins = before not in NO_LEFT and before.isalpha() and char.isalpha() and char != "ء"
        joined = char not in NO_LEFT and after.isalpha() and char.isalpha() and after != "ء"
        forms.append(JOINER * joins + char + JOINER * joined)
    return [_advance(font.path, size, form) for form in reversed(forms)]


@lru_cache(maxsize=1 << 17)
def _advance(path: str, size: int, form: str) -> float:
    return open_font(path, size).getlength(form)


def fit(text: str, font: Font, size: int, width: float) -> str:
    """As many words of the text as fit into so many pixels, at least one."""
    room, kept = width, []
    space = _advance(font.path, size, " ")
    for word in text.split():
        length = sum(_advance(font.path, size, char) for char in word)
        if kept and length > room:
            break
        kept.append(word)
        room -= length + space
    return " ".join(kept)


def with_vowels(rng: random.Random, text: str) -> str:
    """An Arabic text with some vowel signs: they are drawn, and mean nothing here."""
    return "".join(char + rng.choice(VOWELS) if char.isalpha() and rng.random() < 0.5 else char for char in text)


def place(
    rng: random.Random, ink: np.ndarray, borders: np.ndarray, width: int, full: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Ink somewhere on a strip 32 pixels high, squeezed only where it would not fit.

    Shapes:  ink (h, w), borders (N + 1,) -> strip uint8 (32, width), borders in its pixels.
    """
    height, length = ink.shape
    shrink_y, shrink_x = min(1.0, (HEIGHT - 2) / height), min(1.0, (width - 2) / length)
    shrink_x = min(shrink_x, shrink_y) if shrink_y < 1 else shrink_x
    if shrink_x < 1 or shrink_y < 1:
        size = (max(1, int(length * shrink_x)), max(1, int(height * shrink_y)))
        ink = np.asarray(
            Image.fromarray(ink).resize(size, Image.Resampling.BOX if shrink_y < 0.5 else Image.Resampling.BILINEAR)
        )
        borders = borders * (size[0] / length)
        height, length = ink.shape
    strip = np.zeros((HEIGHT, width), np.uint8)
    top = min(max(round((HEIGHT - height) / 2 + rng.uniform(-4, 4)), 0), HEIGHT - height)
    left = rng.randint(0, width - length)
    strip[top : top + height, left : left + length] = ink
    return strip, borders + left


def columns_of(characters_: np.ndarray, borders: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Which character, and which letter of the line, each column of two pixels shows; paper around it is one space.

    Shapes:  characters int (N,), borders (N + 1,) -> letters (width / 2,), segments (width / 2,).
    """
    centres = np.arange(width // COLUMN) * COLUMN + COLUMN / 2
    places = np.searchsorted(borders, centres, side="right")  # 0 before, 1..N inside, N + 1 behind
    row = np.concatenate([[SPACE], characters_, [SPACE]])
    return row[places], np.concatenate([[0], np.cumsum(places[1:] != places[:-1])])


def strip_width(length: float, rng: random.Random) -> int:
    """A width for a line of so many pixels, with some paper around it, that the network can take."""
    width = int(length) + rng.randint(2 * MARGIN, 30)
    return max(8 * STRIDE, -(-width // STRIDE) * STRIDE)


def draw_line(rng: random.Random, text: str, pool: Pool, size: int = 0, font: Font | None = None) -> np.ndarray:
    """One line by itself as white ink on black, 32 pixels high and as wide as it must be: uint8 (32, W)."""
    font = font or choose(rng, pool, text)
    size = size or rng.randint(*SIZES)
    ink, borders = draw(covered(text, font) or "?", font, size)
    shrink = min(1.0, (HEIGHT - 2) / ink.shape[0])
    strip, _ = place(rng, ink, borders, strip_width(ink.shape[1] * shrink, rng))
    return strip


def draw_batch(rng: random.Random, texts: list[str], pool: Pool, width: int) -> Lines:
    """Training pictures: clean white ink on black, all `width` pixels wide, with their letters."""
    strips, letters, segments = [], [], []
    for text in texts:
        font, size = choose(rng, pool, text), rng.randint(*SIZES)
        text = fit(covered(text, font), font, size, width - 2 * MARGIN) or "."
        marked = with_vowels(rng, text) if RIGHT_TO_LEFT.search(text) and rng.random() < 0.15 else text
        ink, borders = draw(marked, font, size)
        strip, borders = place(rng, ink, borders, width)
        own_letters, own_segments = columns_of(encode(tidy(text)), borders, width)
        strips.append(strip)
        letters.append(own_letters)
        segments.append(own_segments)
    pixels = torch.from_numpy(np.stack(strips)).float() / 255
    return Lines(pixels, torch.from_numpy(np.stack(letters)).long(), torch.from_numpy(np.stack(segments)).long())


def bend(lines: Lines, generator: torch.Generator, strength: float = 1.0) -> Lines:
    """Every line a little turned, slanted, stretched and seen from the side; its letters go with it."""
    B, H, W = lines.pixels.shape

    def some(spread: float) -> torch.Tensor:
        return (2 * torch.rand(B, generator=generator) - 1) * spread * strength

    stretch, squash, slant = 1 + some(0.14), 1 + some(0.1), some(0.22)
    turn, lean = some(1.8 / H), some(0.08)  # one end higher by up to 1.8 pixels; one end smaller
    x = torch.linspace(-1, 1, W)[None, None]
    y = torch.linspace(-1, 1, H)[None, :, None]
    each = (slice(None), None, None)
    across = x * stretch[each] + y * slant[each] * H / W
    down = (y + x * 2 * turn[each]) * squash[each] * (1 + lean[each] * x)
    grid = torch.stack([across.expand(B, H, W), down.expand(B, H, W)], dim=-1)
    pixels = F.grid_sample(lines.pixels[:, None], grid, mode="bilinear", padding_mode="zeros", align_corners=True)[:, 0]
    centres = torch.linspace(-1 + COLUMN / W, 1 - COLUMN / W, W // COLUMN)[None] * stretch[:, None]
    places = ((centres + 1) / 2 * (W // COLUMN)).long().clamp(0, W // COLUMN - 1)
    letters = lines.letters.gather(1, places)
    segments = lines.segments.gather(1, places)
    outside = centres.abs() > 1
    return Lines(pixels, letters.masked_fill(outside, SPACE), renumber(segments))


def renumber(segments: torch.Tensor) -> torch.Tensor:
    """Segments counted from 0 again after some were lost."""
    changes = (segments[:, 1:] != segments[:, :-1]).long()
    return F.pad(changes.cumsum(dim=1), (1, 0))


def spoil(pixels: torch.Tensor, generator: torch.Generator, strength: float = 1.0) -> torch.Tensor:
    """Blur, low resolution, uneven light, weak contrast, noise, and light letters on dark as often as not.

    Shapes:  (B, 32, W) ink 1 on paper 0 -> (B, 32, W).
    """
    B, H, W = pixels.shape

    def some(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(B, 1, 1, generator=generator)

    def few(share: float) -> torch.Tensor:
        return (torch.rand(B, 1, 1, generator=generator) < share).float()

    x = pixels
    blur = some(0, 0.45 * strength) * few(0.6)
    for dim in (1, 2):
        x = x + 0.5 * blur * (x.roll(1, dim) + x.roll(-1, dim) - 2 * x)
    thick = few(0.12) * some(0.3, 1.0)  # ink that runs, or a fat pen
    x = x + thick * torch.relu(torch.maximum(x, x.roll(1, 2)) - x)
    small = F.interpolate(F.avg_pool2d(x[:, None], 2), size=(H, W), mode="bilinear")[:, 0]  # as if from far away
    far = few(0.12 * strength)
    x = far * small + (1 - far) * x
    paper, contrast = some(0, 0.3), some(0.5, 1.0)
    ramp = torch.linspace(-0.5, 0.5, W)[None, None] * some(-0.25, 0.25) + torch.linspace(-0.5, 0.5, H)[
        None, :, None
    ] * some(-0.15, 0.15)
    x = paper + (contrast - paper).clamp_min(0.25) * x + ramp * few(0.4)
    x = x + torch.randn(B, H, W, generator=generator) * some(0, 0.07 * strength)
    inverted = few(0.5)
    return inverted * x + (1 - inverted) * (1 - x)


def as_jpeg(pixels: torch.Tensor, rng: random.Random, share: float = 0.1) -> torch.Tensor:
    """Some of the pictures once through JPEG and back."""
    result = pixels.clone()
    for i in range(len(pixels)):
        if rng.random() < share:
            grey = (pixels[i].clamp(0, 1) * 255).byte().numpy()
            file = io.BytesIO()
            Image.fromarray(grey).save(file, "JPEG", quality=rng.randint(15, 70))
            result[i] = torch.from_numpy(np.asarray(Image.open(file), dtype=np.float32) / 255)
    return result
