"""Name what is in photos: `cuaderno predict vision photo.jpg holiday/`; a folder stands for all pictures in it."""

import math
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cuaderno.lab.device import set_threads
from cuaderno.lab.pictures.files import SUFFIXES, Unreadable, printable, read_picture
from cuaderno.lab.pictures.layouts import files_below
from cuaderno.lab.run import Run
from cuaderno.studies.vision import explain, judge, prints
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.judge import Network
from cuaderno.studies.vision.train import Config, trained

TOGETHER = 64  # pictures that are decoded, then asked, at once
NEITHER = "neither"
WORST, FEWEST_SHOWN = 0.03, 10  # share of a labelled set that the terminal shows, and the fewest
DRAWN = 320  # pixels of a side, for the workbench


@dataclass(frozen=True)
class Options:
    """How to look, and what to write besides the answers. Options go behind the photos."""

    views: bool = False  # look at each photo in twelve ways: slower, and more often right
    look: bool = False  # say for each photo where the network looked, as 16 rows of 16 numbers
    explain: str = ""  # a folder: write seen.html there, with maps of where it looked and what lies in the network
    fool: str = ""  # a folder: write fooled.html there, with each photo changed until the answer turns
    mistakes: str = ""  # a folder: write mistakes.html and review.csv there, what is wrong in a labelled set of photos
    folds: int = 3  # with --mistakes: networks to train, each judging photos that it never saw; 0: only this run's
    fold_minutes: float = 1.0  # with --mistakes: how long each of them learns


def predict(run: Run, inputs: list[str], options: Options = Options()) -> Iterator[dict]:
    """One answer per photo, in order; a folder stands for the pictures in it, `-` for paths in standard input.

    The class is "neither" for a photo of which the network is less sure than of nine in ten validation pictures. With
    `--mistakes` the inputs are labelled sets, and the answers are their photos, the most suspicious first.

    Units:   confidence is the calibrated probability of the likeliest class.
    """
    for answer in looked_at(run, inputs, options):
        yield answer | {"input": printable(answer["input"])}


def looked_at(run: Run, inputs: list[str], options: Options) -> Iterator[dict]:
    """The answers, each with the name of its photo as the disk has it, with which the photo can be opened."""
    if options.mistakes:
        from cuaderno.studies.vision.mistakes import review

        yield from review(run, inputs, Path(options.mistakes), options.folds, options.fold_minutes)
        return
    set_threads(run.config(Config).num_threads)
    model = trained(run)
    if options.explain or options.fool:
        from cuaderno.studies.vision.album import Album

        with Album(run, model, options.explain, options.fool) as album:
            for answer in answers(run, model, inputs, options):
                album.add(answer)
                yield answer
        return
    yield from answers(run, model, inputs, options)


def show(answer: dict) -> str:
    """An answer for people: the photo, what is in it, and how sure that is."""
    chances = ", ".join(f"{name} {share:.1%}" for name, share in answer["probabilities"].items())
    where = f"  {answer['page']}" if "page" in answer else ""
    if "given" in answer:
        return show_suspect(answer, chances)
    return f"{answer['input']}  {answer['class']} ({chances}){where}"


def show_suspect(answer: dict, chances: str) -> str:
    """A picture of a labelled set with what speaks against it; nothing of those beyond the worst but their number."""
    rank, count = answer["rank"], answer["of"]
    most = max(FEWEST_SHOWN, math.ceil(WORST * count))
    if rank > most:
        return ""
    if answer["why"] == "strange":
        why = f"like nothing else in the set (distance {answer['distance']:.1f})"
    else:
        why = f"looks like {answer['class']} ({chances})"
    said = f"{answer['input']}  filed as {answer['given']}, {why}"
    if rank < min(most, count):
        return said
    rest = f"{count - rank:,} more, less suspicious, in review.csv. " if rank < count else ""
    return f"{said}\n{rest}Look through them: {answer['page']}"


def draw(answer: dict) -> str:
    """The photo as the network sees it, squashed to a square, and beside it lit where the network looked."""
    picture = prints.as_picture(read_picture(answer["input"], DRAWN), DRAWN)
    shown = [picture, prints.spotlight(picture, answer["where"])] if "where" in answer else [picture]
    images = "".join(
        f'<image x="{number * (DRAWN + 12)}" width="{DRAWN}" height="{DRAWN}" href="{prints.address(one, "PNG")}"/>'
        for number, one in enumerate(shown)
    )
    width = len(shown) * (DRAWN + 12) - 12
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {DRAWN}" width="{width}">{images}</svg>'


def answers(run: Run, model: Network, inputs: list[str], options: Options) -> Iterator[dict]:
    """An answer for each photo, many of them asked at once."""
    config, classes = run.config(Config), run.data["classes"]
    with ThreadPoolExecutor(1) as decoder:  # decodes the next ones while the network looks at these
        waiting = None
        for names in together(photos(inputs)):
            begun = decoder.submit(decode, names, config.stored_size)
            if waiting:
                yield from ask(model, config.size, classes, *waiting.result(), options)
            waiting = begun
        if waiting:
            yield from ask(model, config.size, classes, *waiting.result(), options)


def decode(names: list[str], size: int) -> tuple[list[str], list[np.ndarray | str]]:
    """Each photo as (size, size, 3), or in words why it cannot be one."""
    found: list[np.ndarray | str] = []
    for name in names:
        if is_folder(name):
            found.append("There is no picture in this folder.")
            continue
        try:
            found.append(read_picture(name, size))
        except Unreadable as error:
            found.append(complaint(name, error))
    return names, found


def complaint(name: str, error: Unreadable) -> str:
    """Why a photo was left out, and what to do about it."""
    if error.key == "missing" or "\0" in name or not name:
        return "There is no such file."
    if error.key == "no file":
        return f"The photo cannot be read: it is {error}."
    cure = "Mend its permissions" if error.key == "forbidden" else "Save it anew as JPEG or PNG"
    return f"The photo cannot be read: {error}. {cure}, or leave it out."


def ask(
    model: Network, size: int, classes: list[str], names: list[str], found: list[np.ndarray | str], options: Options
) -> Iterator[dict]:
    """The answers for photos that are decoded, in order."""
    there = [one for one in found if isinstance(one, np.ndarray)]
    chances: Iterator[list[float]] = iter(())
    if there:
        pixels = torch.from_numpy(np.stack(there)).permute(0, 3, 1, 2)
        logits = judge.ask(model, pixels, size, options.views)
        chances = iter(judge.probabilities(model, logits, options.views).tolist())
    threshold = float(model.threshold[int(options.views)])
    for name, one in zip(names, found, strict=True):
        if isinstance(one, str):
            yield {"input": name, "error": one}
            continue
        shares = next(chances)
        answer = answer_of(name, classes, shares, threshold)
        if options.look:
            pixels = resized(torch.from_numpy(one).permute(2, 0, 1)[None], size)[0]
            answer["where"] = explain.coarse(explain.occlusion_map(model, pixels, shares.index(max(shares))))
        yield answer


def answer_of(name: str, classes: list[str], shares: list[float], threshold: float) -> dict:
    """What is said of one photo."""
    sure = max(shares)
    likeliest = classes[shares.index(sure)]
    return {
        "input": name,
        "class": likeliest if sure >= threshold else NEITHER,
        "confidence": round(sure, 6),
        "probabilities": {kind: round(share, 6) for kind, share in zip(classes, shares, strict=True)},
    }


def photos(inputs: list[str]) -> Iterator[str]:
    """The paths of all photos: of a folder those in it and below it, by name, but no hidden ones."""
    for given in inputs:
        if given == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        elif is_folder(given):
            named = sorted(path for path in files_below(Path(given)) if path.suffix.lower() in SUFFIXES)
            inside = [path for path in named if path.is_file() or not path.exists()]  # a broken link is told of
            yield from map(str, inside or [Path(given)])  # an empty folder answers with what it lacks
        else:
            yield given


def is_folder(given: str) -> bool:
    try:
        return bool(given) and Path(given).is_dir()  # Path("") would be this folder
    except (OSError, ValueError):  # a name that no file can have
        return False


def together(names: Iterator[str]) -> Iterator[list[str]]:
    """Names in groups."""
    group: list[str] = []
    for name in names:
        group.append(name)
        if len(group) == TOGETHER:
            yield group
            group = []
    if group:
        yield group
