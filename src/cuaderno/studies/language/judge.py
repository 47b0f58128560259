"""Ask a network about many texts or many pictures, and draw the pictures that it is judged by, always the same ones."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.language.fonts import Pool
from cuaderno.studies.language.letters import RIGHT_TO_LEFT
from cuaderno.studies.language.model import WINDOW, LanguageNet, gather_letters, segment
from cuaderno.studies.language.parts import judge_lines
from cuaderno.studies.language.pictures import Lines, bend, draw_line, spoil
from cuaderno.studies.language.train import NO_LESSON_WIDTH, as_batch

WIDEST = 1200  # pixels of a test picture; what is wider is cut
GROUP = 32  # pixels by which pictures of one batch may differ in width
BATCH = 32
TEXT_BATCH = 64
SPOILT, BENT = 0.7, 0.35  # how badly test pictures are treated, as a share of what training does


def draw_pictures(texts: Sequence[str], pool: Pool, seed: int = 5, spoilt: float = SPOILT) -> list[np.ndarray]:
    """One picture of each text, each with a font, a size and faults of its own: float32 (32, W) in 0..1."""
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    pictures = []
    for text in texts:
        strip = torch.from_numpy(draw_line(rng, text, pool)[:, :WIDEST]).float()[None] / 255
        nowhere = torch.zeros(1, strip.size(2) // 2, dtype=torch.long)
        bent = bend(Lines(strip, nowhere, nowhere), generator, BENT * spoilt / SPOILT)
        pictures.append(spoil(bent.pixels, generator, spoilt)[0].clamp(0, 1).numpy())
    return pictures


@torch.no_grad()
def embed_pictures(model: LanguageNet, pictures: Sequence[np.ndarray], own_ends: bool = True) -> Tensor:
    """The network's vector for each picture: (N, embed_dim)."""
    vectors = torch.zeros(len(pictures), model.head.in_features)
    for some, letters, there in _see(model, pictures, own_ends):
        vectors[some] = model.embed(letters, there)
    return vectors


@torch.no_grad()
def windows_of_pictures(model: LanguageNet, pictures: Sequence[np.ndarray], own_ends: bool = True) -> list[Tensor]:
    """What the trunk's first layer makes of each place in each picture: (letters, hidden_dim) for each."""
    found = [torch.zeros(0)] * len(pictures)
    for some, letters, there in _see(model, pictures, own_ends):
        for i, row, mask in zip(some, model.trunk.windows(letters, there), there, strict=True):
            found[i] = row[mask]
    return found


@torch.no_grad()
def windows_of_texts(model: LanguageNet, texts: Sequence[str]) -> list[Tensor]:
    """The same for texts."""
    return [model.trunk.windows(*model.read_text(as_batch([text])))[0] for text in texts]


def _see(
    model: LanguageNet, pictures: Sequence[np.ndarray], own_ends: bool
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """The rows of letters in pictures, batch by batch; those of similar width share one."""
    widths = [-(-picture.shape[1] // GROUP) * GROUP for picture in pictures]
    order = sorted(range(len(pictures)), key=lambda i: widths[i])
    at = 0
    while at < len(order):
        some = [i for i in order[at : at + BATCH] if widths[i] == widths[order[at]]]
        batch = np.stack([_padded(pictures[i], widths[i]) for i in some])
        columns, begins = model.eye(torch.from_numpy(batch))
        equal = torch.arange(columns.size(1)).expand(len(some), -1) // NO_LESSON_WIDTH
        yield some, *gather_letters(columns, segment(begins) if own_ends else equal)
        at += len(some)


@torch.no_grad()
def judge_pictures(model: LanguageNet, pictures: Sequence[np.ndarray], own_ends: bool = True) -> np.ndarray:
    """How likely each language is for each picture of a line, two languages in one line minded: (N, num_languages)."""
    answers = torch.zeros(len(pictures), model.head.out_features)
    for some, letters, there in _see(model, pictures, own_ends):
        places = model.trunk.places(model.trunk.windows(letters, there), there)
        answers[some] = judge_lines(model, places, there)
    return answers.numpy()


@torch.no_grad()
def embed_texts(model: LanguageNet, texts: Sequence[str]) -> Tensor:
    """The network's vector for each text: (N, embed_dim)."""
    vectors = torch.zeros(len(texts), model.head.in_features)
    for some, places, there in _read(model, texts):
        vectors[some] = model.trunk.glance(places, there)
    return vectors


@torch.no_grad()
def judge_texts(model: LanguageNet, texts: Sequence[str]) -> np.ndarray:
    """How likely each language is for each line of text, two languages in one line minded: (N, num_languages)."""
    answers = torch.zeros(len(texts), model.head.out_features)
    for some, places, there in _read(model, texts):
        answers[some] = judge_lines(model, places, there)
    return answers.numpy()


def _read(model: LanguageNet, texts: Sequence[str]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """What the trunk makes of each place in texts, batch by batch. What a window makes of a character is looked up."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    table = window_table(model)
    for at in range(0, len(order), TEXT_BATCH):
        some = order[at : at + TEXT_BATCH]
        characters = as_batch([texts[i] for i in some])
        there = characters != 0
        yield some, model.trunk.places(_windows(model, table, characters), there), there


def window_table(model: LanguageNet) -> Tensor:
    """What each place of the trunk's first window adds for each character: (window * vocab_size, hidden_dim)."""
    letters = model.letter_vectors()
    table = torch.stack([letters @ model.trunk.window.weight[:, :, place].t() for place in range(WINDOW)])
    table[:, 0] = 0  # where there is no character
    return table.flatten(0, 1)


def _windows(model: LanguageNet, table: Tensor, characters: Tensor) -> Tensor:
    """The first of the trunk's layers, half of its work, taken from a table: (B, N) -> (B, N, hidden_dim)."""
    vocab_size, reach = len(table) // WINDOW, WINDOW // 2
    places = F.pad(characters, (reach, reach)).unfold(1, WINDOW, 1) + vocab_size * torch.arange(WINDOW)
    seen = F.embedding_bag(places.flatten(0, 1), table, mode="sum").view(*characters.shape, -1)
    return F.relu(seen + model.trunk.window.bias)


@torch.no_grad()
def probabilities(model: LanguageNet, vectors: Tensor) -> np.ndarray:
    """How likely each language is for each vector: (N, num_languages)."""
    return model.head(vectors).softmax(dim=1).numpy()


def drawable(tests: list[tuple[str, str]], pool: Pool) -> list[tuple[str, str]]:
    """Those that the fonts of a pool can draw: without Arabic fonts there are no pictures of Arabic."""
    return [(text, language) for text, language in tests if pool.arabic or not RIGHT_TO_LEFT.search(text)]


def _padded(picture: np.ndarray, width: int) -> np.ndarray:
    """A picture on as much paper as its batch needs: more of what its right edge shows."""
    missing = width - picture.shape[1]
    return np.pad(picture, ((0, 0), (0, missing)), mode="edge") if missing else picture
