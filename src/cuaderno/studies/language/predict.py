"""Name the language of texts and pictures of text: `cuaderno predict language "una frase" photo.png`; - reads lines."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.language.data import LANGUAGES
from cuaderno.studies.language.judge import judge_pictures, judge_texts
from cuaderno.studies.language.model import LanguageNet
from cuaderno.studies.language.photos import SUFFIXES, open_picture, strips
from cuaderno.studies.language.train import Config, trained

TOGETHER = 512  # inputs that are answered at once
PIECE = 240  # characters that are read at once; of a longer text several such pieces
MOST_PIECES = 64
LEAST_LETTERS = 3  # with fewer it does not claim to know
STRANGE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # commands to terminals, halves of letters


@dataclass(frozen=True)
class Options:
    """What the inputs are."""

    image: bool = False  # every input is the path of a picture
    text: bool = False  # every input is a text, even one that looks like a path


def predict(run: Run, inputs: list[str], options: Options = Options()) -> Iterator[dict]:
    """One answer per input, in order; `-` stands for all lines of standard input, as they come.

    Those are texts, whatever they end in, unless they are said to be pictures.

    Units:   confidence is the probability of the language that is named; lines the number of lines in a picture.
    """
    if options.image and options.text:
        raise CuadernoError("--image and --text contradict each other. Leave both out, and each input is looked at.")
    model, own_ends = trained(run), run.config(Config).letters_weight > 0
    for some, how in _together(inputs, options):
        yield from _answers(model, own_ends, some, how)


def show(answer: dict) -> str:
    """An answer for people: the input, its language, and how sure that is."""
    given = answer["input"] if len(answer["input"]) <= 70 else answer["input"][:69] + "…"
    names = {"en": "English", "es": "Spanish", "ar": "Arabic", "other": "none of the three"}
    others = ", ".join(f"{code} {share:.1%}" for code, share in answer["probabilities"].items())
    lines = f" from {answer['lines']} lines" if answer.get("lines", 1) > 1 else ""
    return f"{given}  {names[answer['language']]} ({answer['confidence']:.1%}{lines}; {others})"


def text_answers(model: LanguageNet, texts: list[str]) -> np.ndarray:
    """Probabilities (N, 4) for texts of any length: long ones are read in pieces from all over, which vote."""
    cut = [pieces_of(text) for text in texts]
    each = judge_texts(model, [piece for own in cut for piece in own])
    ends = np.cumsum([len(own) for own in cut])
    found = each[ends - 1]
    for i, own in enumerate(cut):
        if len(own) > 1:
            found[i] = vote(each[ends[i] - len(own) : ends[i]], [len(piece) for piece in own])
    return doubt(found, np.array([count_letters(text) for text in texts]))


def picture_answer(model: LanguageNet, lines: list[np.ndarray], own_ends: bool = True) -> np.ndarray:
    """Probabilities (4,) for the lines of a picture, which vote, longer ones with more weight."""
    return vote(judge_pictures(model, lines, own_ends), [line.shape[1] for line in lines])


def pieces_of(text: str) -> list[str]:
    """The text itself, or pieces of a long one, evenly from beginning to end and cut between words."""
    if len(text) <= PIECE:
        return [text]
    count = min(MOST_PIECES, -(-len(text) // PIECE))
    starts = np.linspace(0, len(text) - PIECE, count).astype(int)
    pieces = []
    for start in starts.tolist():
        piece = text[start : start + PIECE]
        cut = piece.split(" ")
        pieces.append(" ".join(cut[1:-1]) if len(cut) > 4 else piece)
    return pieces


def vote(answers: np.ndarray, weights: list[int]) -> np.ndarray:
    """The mean of several answers, each counting by its weight: a page half English, half Spanish stays undecided."""
    return np.average(answers, axis=0, weights=np.maximum(weights, 1))


def count_letters(text: str) -> int:
    """How many letters there are, up to as many as matter."""
    return sum(1 for _ in islice((char for char in text if char.isalpha()), LEAST_LETTERS))


def doubt(answers: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """What it says about texts of one or two letters is worth less, and about none nothing: (N, 4), (N,) -> (N, 4)."""
    shares = np.minimum(1.0, letters / LEAST_LETTERS)[:, None]
    nothing = np.full(answers.shape[1], 0.2)
    nothing[-1] = 1 - nothing[:-1].sum()  # `other`, a little ahead
    return shares * answers + (1 - shares) * nothing


def _answers(model: LanguageNet, own_ends: bool, inputs: list[str], options: Options) -> Iterator[dict]:
    texts = {i: one for i, one in enumerate(inputs) if not _is_picture(one, options) and not _complaint(one, options)}
    found = dict(zip(texts, text_answers(model, list(texts.values())), strict=True)) if texts else {}
    for i, one in enumerate(inputs):
        if i in found:
            yield _answer(one, "text", found[i])
        elif not _is_picture(one, options):
            yield {"input": one, "error": _complaint(one, options)}
        else:
            try:
                lines = strips(open_picture(one))
                yield _answer(one, "picture", picture_answer(model, lines, own_ends)) | {"lines": len(lines)}
            except CuadernoError as error:
                yield {"input": one, "error": str(error)}


def _answer(given: str, kind: str, chances: np.ndarray) -> dict:
    best = int(chances.argmax())
    shares = {code: round(float(share), 6) for code, share in zip(LANGUAGES, chances, strict=True)}
    return {
        "input": given,
        "language": LANGUAGES[best],
        "confidence": shares[LANGUAGES[best]],
        "probabilities": shares,
        "read_as": kind,
    }


def _is_picture(given: str, options: Options) -> bool:
    """Whether an input is the path of a picture: by its ending, unless it is said."""
    if options.image or options.text:
        return options.image
    return len(given) < 4096 and Path(given).suffix.lower() in SUFFIXES and "\n" not in given and "\0" not in given


def _complaint(text: str, options: Options) -> str:
    """Why a text cannot be one, or nothing."""
    if strange := sorted(set(STRANGE.findall(text, 0, 10_000))):
        return f"The text holds {', '.join(map(ascii, strange))}, which no text does. Leave it out."
    if options.text or len(text) > 4096 or "\n" in text or not ("/" in text or "." in text or os.sep in text):
        return ""
    try:
        is_folder, is_file = Path(text).is_dir(), Path(text).is_file()
    except OSError:  # no path that could exist
        return ""
    if is_folder:
        return f"{text} is a folder. Name the pictures in it, or say --text if this is the text."
    cure = f"--image if it is a picture, `cuaderno predict language - < {text}` for its lines, --text for its name"
    return f"{text} is a file, but by its name no picture. Say {cure}." if is_file else ""


def _together(inputs: list[str], options: Options) -> Iterator[tuple[list[str], Options]]:
    """The inputs in groups; lines of standard input as soon as they are there, as texts unless it is said otherwise."""
    waiting: list[str] = []
    for one in inputs:
        if one == "-":
            if waiting:
                yield waiting, options
                waiting = []
            for lines in _from_standard_input():
                yield lines, Options(image=options.image, text=not options.image)
            continue
        waiting.append(one)
        if len(waiting) == TOGETHER:
            yield waiting, options
            waiting = []
    if waiting:
        yield waiting, options


def _from_standard_input() -> Iterator[list[str]]:
    """Whatever has arrived, line by line, without waiting for more."""
    rest: list[bytes] = []  # of a line that has not ended yet, which may be very long
    while block := sys.stdin.buffer.read1(1 << 16):
        first, *others = block.split(b"\n")
        rest.append(first)
        if others:
            lines, rest = [b"".join(rest), *others[:-1]], others[-1:]
            for at in range(0, len(lines), TOGETHER):
                yield [line.rstrip(b"\r").decode("utf-8", "replace") for line in lines[at : at + TOGETHER]]
    if last := b"".join(rest):
        yield [last.decode("utf-8", "replace")]
