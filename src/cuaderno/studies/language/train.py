"""Teach one network languages through both of its entrances at once.

Text is cheap: some dozens of excerpts in every update teach the trunk which letters follow which in which language.
Pictures are dear: they teach the eye what letters look like, and that is all they have to teach, since what follows the
eye is the same trunk. Two lessons are about pictures only, and need no language: where each letter ends, and that its
columns should look like what the text entrance has for that letter. `letters_weight=0` leaves them out; then letters
are taken to be 8 pixels wide, and only the languages' names teach the eye.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.parallel import average_gradients, rank, same_start
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language.data import LANGUAGES, Corpus, open_corpus
from cuaderno.studies.language.excerpts import Teacher
from cuaderno.studies.language.fonts import Pool
from cuaderno.studies.language.letters import RIGHT_TO_LEFT, SPACE, VOCAB_SIZE, encode, tidy
from cuaderno.studies.language.model import LanguageNet, gather_letters, segment
from cuaderno.studies.language.optimizer import make_optimizers
from cuaderno.studies.language.pictures import Lines, as_jpeg, bend, draw_batch, spoil

WIDTHS = (96, 160, 224, 320)  # pixels of the training pictures; all of an update have the same
LETTER_PIXELS = 9  # of a usual letter, to know how much text fits
SHARPNESS = 0.25  # of the comparison between columns and letters
NO_LESSON_WIDTH = 4  # columns of a letter where nobody says where it ends


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    sentences: str = (
        ""  # folder with en.txt, es.txt, ar.txt and others, or Tatoeba's files; here or in CUADERNO_DATA; else made up
    )
    max_designs: int = 0  # use only so many designs of fonts; 0 all that are found, 1 the one inside Pillow
    # model
    letter_dim: int = 64  # numbers per letter, what both entrances give
    hidden_dim: int = 256  # windows of five letters that the trunk can tell apart
    trunk_dim: int = 64  # numbers per place in the trunk; 96 names no more words and costs half as much again
    embed_dim: int = 128  # numbers per line
    # lessons
    letters_weight: float = 1.0  # of the two lessons about single letters; 0: only languages are taught
    own_ends_from: float = (
        0.15  # share of the training after which it must find the ends of letters itself, half the time
    )
    # optimizer
    steps: int = 10_000  # updates of the weights
    minutes: float = 0.0  # train for so long instead, whatever the number of steps
    picture_pixels: int = 6400  # width of all pictures of an update together
    texts: int = 64  # excerpts of text per update
    matrix_learning_rate: float = 0.05  # of Muon; falls linearly to 0
    learning_rate: float = 2e-3  # of AdamW; falls linearly to 0
    weight_decay: float = 0.01  # of Muon
    max_gradient_norm: float = 2.0  # longer gradients are cut to this length
    # evaluation
    val_every: int = 200  # updates between two looks at validation sentences
    num_test: int = 1050  # test pictures of each language, half as many in the controls; texts all that there are
    # machine
    seed: int = 0  # of the first weights, the excerpts, the fonts and the distortions
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    num_threads: int = 1  # of torch on the CPU; 0 leaves torch's choice


TINY = Config(
    max_designs=1,
    letter_dim=16,
    hidden_dim=32,
    trunk_dim=16,
    embed_dim=16,
    steps=10,
    picture_pixels=640,
    texts=8,
    val_every=5,
    num_test=6,
)
QUICK = Config(steps=1800, num_test=400)


def build(config: Config) -> LanguageNet:
    """The untrained network."""
    return LanguageNet(
        VOCAB_SIZE, len(LANGUAGES), config.letter_dim, config.hidden_dim, config.trunk_dim, config.embed_dim
    )


def train(config: Config, run: Run) -> None:
    """The whole training, from first weights to `weights.safetensors`."""
    seed_everything(config.seed + rank())
    set_threads(config.num_threads)
    place = device(config.device)
    corpus = open_corpus(config.sentences)
    found = fonts_here.find_fonts(config.max_designs)
    pools = fonts_here.pools(found)
    run.used("sentences", corpus.fingerprint)
    run.used("fonts", fonts_here.fingerprint(found))
    model = build(config).to(place)
    same_start(model)
    optimizers = make_optimizers(model, config.matrix_learning_rate, config.learning_rate, config.weight_decay)
    full_rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    run.describe(model=model, optimizer=optimizers, **corpus.describe(), **fonts_here.describe(found))
    run.data["fonts"] = fonts_here.licences(found)
    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
    teacher, look = Teacher(corpus.train), validation(corpus, pools["seen"], place)

    for step in run.steps(config.steps, config.minutes):
        for optimizer, rates in zip(optimizers, full_rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(1.0, step / 30) * (1 - run.progress)
        # What is drawn depends on the seed and the step alone, so a resumed run sees the same.
        rng = random.Random(f"{config.seed} {rank()} {step}")
        pixels, lines, languages = draw_lesson(rng, teacher, pools["seen"], config, place)
        excerpts = [teacher.draw(rng, rng.choice((10, 25, 60))) for _ in range(config.texts)]
        characters = as_batch([text for text, _ in excerpts]).to(place)
        text_languages = torch.tensor([language for _, language in excerpts], device=place)

        model.train()
        text_loss = F.cross_entropy(model.text(characters), text_languages)
        columns, begins = model.eye(pixels)
        if config.letters_weight:
            segments = lines.segments
            letters_loss, begins_loss = lessons_about_letters(model, columns, begins, lines)
            if run.progress > config.own_ends_from and step % 2:
                segments = segment(begins)
        else:
            segments = torch.arange(columns.size(1), device=place).expand(len(columns), -1) // NO_LESSON_WIDTH
            letters_loss = begins_loss = torch.zeros((), device=place)
        logits = model.head(model.embed(*gather_letters(columns, segments)))
        picture_loss = F.cross_entropy(logits, languages)
        loss = picture_loss + text_loss + config.letters_weight * (letters_loss + 4 * begins_loss)

        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        average_gradients(model)
        nn.utils.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
        for optimizer in optimizers:
            optimizer.step()

        if step % 10 == 0 or step == run.total:
            losses = {"picture_loss": picture_loss, "text_loss": text_loss, "letters_loss": letters_loss}
            run.log(step, **{name: value.item() for name, value in losses.items()})
        if step % config.val_every == 0 and look:
            run.log(step, val_image_es_vs_en=look_at(model, look, config))
        if run.checkpoint_due():
            run.checkpoint(model=model.state_dict(), optimizers=[optimizer.state_dict() for optimizer in optimizers])
    run.save_weights(model.state_dict())


def lessons_about_letters(model: LanguageNet, columns: Tensor, begins: Tensor, lines: Lines) -> tuple[Tensor, Tensor]:
    """How unlike the text entrance's letters the drawn ones look, and how badly their beginnings are found.

    Shapes:  columns (B, T, letter_dim), begins (B, T) -> two losses.
    """
    seen, there = gather_letters(columns, lines.segments)
    wanted = torch.zeros(there.shape, dtype=torch.long, device=columns.device).scatter(1, lines.segments, lines.letters)
    likeness = SHARPNESS * seen @ model.letter_vectors().t()  # (B, N, vocab_size)
    letters_loss = F.cross_entropy(likeness[there], wanted[there])
    truly = F.pad((lines.segments[:, 1:] != lines.segments[:, :-1]).float(), (1, 0))
    return letters_loss, F.binary_cross_entropy_with_logits(begins, truly)


def draw_lesson(
    rng: random.Random, teacher: Teacher, pool: Pool, config: Config, place: torch.device
) -> tuple[Tensor, Lines, Tensor]:
    """The pictures of one update, spoilt, with their letters and languages."""
    width = rng.choice(WIDTHS)
    excerpts: list[tuple[str, int]] = []
    while len(excerpts) < max(1, config.picture_pixels // width):
        text, language = teacher.draw(rng, width / LETTER_PIXELS, paper=True)
        if pool.arabic or not RIGHT_TO_LEFT.search(text):
            excerpts.append((text, language))
    generator = torch.Generator().manual_seed(rng.getrandbits(62))
    lines = bend(draw_batch(rng, [text for text, _ in excerpts], pool, width), generator)
    pixels = as_jpeg(spoil(lines.pixels, generator), rng)
    lines = Lines(pixels.to(place), lines.letters.to(place), lines.segments.to(place))
    return lines.pixels, lines, torch.tensor([language for _, language in excerpts], device=place)


def as_batch(texts: list[str]) -> Tensor:
    """Texts as rows of characters between two spaces, padded with 0: (B, N) int64."""
    rows = [encode(tidy(text)) for text in texts]
    batch = np.zeros((len(rows), max(map(len, rows)) + 2), dtype=np.int64)
    for i, row in enumerate(rows):
        batch[i, 0] = batch[i, len(row) + 1] = SPACE
        batch[i, 1 : len(row) + 1] = row
    return torch.from_numpy(batch)


def trained(run: Run) -> LanguageNet:
    """The network of a finished run."""
    model = build(run.config(Config))
    model.load_state_dict(run.load_weights())
    return model.eval()


def validation(corpus: Corpus, pool: Pool, place: torch.device, most: int = 60) -> list[tuple[Tensor, int]]:
    """Pictures of validation sentences in English and Spanish, in fonts that training sees too, a few at a time."""
    rng, generator = random.Random(5), torch.Generator().manual_seed(5)
    pictures = []
    for i in range(min(most, 2 * min(len(corpus.val.of(one)) for one in LANGUAGES[:2]))):
        text = corpus.val.of(LANGUAGES[i % 2])[i // 2]
        lines = draw_batch(rng, [text], pool, 320)
        pictures.append((spoil(lines.pixels, generator, 0.7).to(place), i % 2))
    return pictures


@torch.no_grad()
def look_at(model: LanguageNet, pictures: list[tuple[Tensor, int]], config: Config) -> float:
    """The share of validation pictures in which the right one of English and Spanish is the likelier."""
    model.eval()
    pixels = torch.cat([pixels for pixels, _ in pictures])
    right = torch.tensor([language for _, language in pictures], device=pixels.device)
    return (picture_logits(model, pixels, config)[:, :2].argmax(dim=1) == right).float().mean().item()


def picture_logits(model: LanguageNet, pixels: Tensor, config: Config) -> Tensor:
    """The network's answer to pictures, its own ends of letters or, where it was not taught any, equal ones."""
    if config.letters_weight:
        return model.picture(pixels)
    columns, _ = model.eye(pixels)
    segments = torch.arange(columns.size(1), device=pixels.device).expand(len(columns), -1) // NO_LESSON_WIDTH
    return model.head(model.embed(*gather_letters(columns, segments)))
