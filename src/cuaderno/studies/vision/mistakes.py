"""Which labels are wrong, and which pictures do not belong: every photo judged by a network that never saw it.

A network that learned from a wrong label half believes it. So the set is cut into parts, and each part is judged by a
network that learned from the others: where it is sure of another class, look again. An advert or a logo is often taken
for the class under which it was filed, since it has to be one of them; a second sign, which needs no training, says how
unlike everything else a picture is in its texture.

What comes out is a list to look through, never a verdict: a person decides.
"""

import csv
import io
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.pictures.files import printable
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Interrupted, Run
from cuaderno.studies.vision import judge, prints
from cuaderno.studies.vision.data import SPLITS, Pictures, PictureSet, open_pictures
from cuaderno.studies.vision.train import Config, teach, trained

SHOWN, SIDE = 60, 112  # pictures of each kind on the page, and how many pixels wide they are there
COLUMNS = ("path", "split", "given", "said", "probability", "loss", "distance", "suspicion", "keep")


@dataclass(frozen=True)
class Suspect:
    """One picture of a labelled set, with what speaks against it.

    Units:   probability is the one of the given class, loss its negative logarithm in nats; distance is in standard
             deviations of textures; suspicion is highest for the first of the list; `why` is "label" or
             "strange", by the sign that put it where it is.
    """

    path: str
    split: str
    given: str
    said: str
    probability: float
    loss: float
    distance: float
    suspicion: float
    why: str
    shares: dict[str, float]
    number: int  # in the set as a whole


# -- judged by a network that never saw it ----------------------------------------------------------------------------


def parts(labels: Tensor, folds: int, seed: int) -> Tensor:
    """To which part each picture belongs, every class shared out evenly.  Shapes:  (N,) -> (N,)."""
    found = torch.zeros_like(labels)
    rng = random.Random(seed)
    for label in labels.unique().tolist():
        inside = (labels == label).nonzero()[:, 0].tolist()
        rng.shuffle(inside)
        found[inside] = torch.arange(len(inside)) % folds
    return found


def cross_fitted(config: Config, pictures: PictureSet, folds: int) -> Tensor:
    """What is said of each picture by a network that learned from the other parts only: calibrated probabilities.

    The pictures are those of all splits, one after the other.

    Shapes:  -> (N, num_classes).
    Raises:  CuadernoError when it is stopped; nothing is kept of it.
    """
    whole = all_of(pictures)
    part = parts(whole.labels, folds, config.seed)
    said = torch.zeros(len(whole), len(pictures.classes), dtype=torch.float64)
    for number in range(folds):
        held, known = (part == number).nonzero()[:, 0], (part != number).nonzero()[:, 0]
        some = replace(pictures, train=chosen(whole, known), val=chosen(whole, held), test=chosen(whole, held))
        own = replace(config, seed=config.seed + number)
        with tempfile.TemporaryDirectory(prefix="cuaderno-") as folder:
            run = Run.create("vision", own, Path(folder))
            try:
                teach(own, run, some)
            except Interrupted:
                raise CuadernoError("Stopped: nothing was written.") from None
            model = trained(run)
            logits = judge.ask(model, some.val.pixels, config.size, with_views=True)
            said[held] = judge.probabilities(model, logits, with_views=True).double()
    return said


def all_of(pictures: PictureSet) -> Pictures:
    """The pictures of all splits, one after the other."""
    splits = [getattr(pictures, name) for name in SPLITS]
    names = [name for split in splits for name in split.names]
    return Pictures(torch.cat([s.pixels for s in splits]), torch.cat([s.labels for s in splits]), names)


def chosen(pictures: Pictures, which: Tensor) -> Pictures:
    return Pictures(pictures.pixels[which], pictures.labels[which], [pictures.names[i] for i in which.tolist()])


# -- the review -------------------------------------------------------------------------------------------------------


def review(run: Run, inputs: list[str], folder: Path, folds: int = 3, minutes: float = 1.0) -> Iterator[dict]:
    """Judge a labelled set, write mistakes.html and review.csv, and answer each picture, the most suspicious first.

    Raises:  CuadernoError when there is not exactly one set, or its classes are not those of the run.
    """
    if len(inputs) != 1:
        raise CuadernoError(
            f"--mistakes looks through one labelled set at a time, and {len(inputs)} were named. Name the folder that "
            "holds one folder a class."
        )
    if folds < 0 or folds == 1:
        raise CuadernoError(
            "--folds needs 2 or more, so that there is something to learn from; or 0 for this run only."
        )
    config = run.config(Config)
    pictures = open_pictures(inputs[0], config.stored_size, seed=config.seed)
    if not folds and list(pictures.classes) != run.data["classes"]:
        raise CuadernoError(
            f"The set has the classes {', '.join(pictures.classes)}, the run {', '.join(run.data['classes'])}. "
            "With --folds 3 networks for these classes are trained."
        )
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    whole = all_of(pictures)
    if folds:
        own = replace(config, data=inputs[0], minutes=minutes)
        said = cross_fitted(own, pictures, folds)
    else:
        model = trained(run)
        logits = judge.ask(model, whole.pixels, config.size, with_views=True)
        said = judge.probabilities(model, logits, with_views=True).double()
    found = suspects(pictures, whole, said)
    learned = 0 if folds else known_to(run, pictures)
    if learned:
        print(
            f"This run learned from {learned:,} of these {len(whole):,} pictures, so it half believes their labels. "
            "With --folds 3 each picture is judged by a network that never saw it.",
            file=sys.stderr,
        )
    write_review(folder, found, whole, folds, learned)
    for rank, one in enumerate(found, 1):
        yield answer_of(one, folder) | {"rank": rank, "of": len(found)}


def known_to(run: Run, pictures: PictureSet) -> int:
    """How many pictures of a set the run learned from: none of another set."""
    is_its_own = run.data["data"].get("pictures") == pictures.fingerprint
    return len(pictures.train) if is_its_own else 0


def suspects(pictures: PictureSet, whole: Pictures, said: Tensor) -> list[Suspect]:
    """Every picture with its signs, the most suspicious first."""
    own = said.gather(1, whole.labels[:, None])[:, 0].clamp(min=1e-12)
    losses, far = -own.log(), judge.Textures(whole.pixels).own_distances()
    order = judge.suspicion(-losses, far)
    by_loss, by_far = losses.argsort().argsort(), far.argsort().argsort()
    splits = [name for name in SPLITS for _ in getattr(pictures, name).names]
    found = []
    for i in order.argsort(descending=True, stable=True).tolist():
        shares = {name: round(float(p), 6) for name, p in zip(pictures.classes, said[i], strict=True)}
        found.append(
            Suspect(
                path=printable(whole.names[i]),
                split=splits[i],
                given=pictures.classes[int(whole.labels[i])],
                said=pictures.classes[int(said[i].argmax())],
                probability=round(float(own[i]), 6),
                loss=round(float(losses[i]), 4),
                distance=round(float(far[i]), 4),
                suspicion=round(float(order[i]), 5),
                why="label" if by_loss[i] >= by_far[i] else "strange",
                shares=shares,
                number=i,
            )
        )
    return found


def answer_of(one: Suspect, folder: Path) -> dict:
    return {
        "input": one.path,
        "given": one.given,
        "class": one.said,
        "confidence": max(one.shares.values()),
        "probabilities": one.shares,
        "loss": one.loss,
        "distance": one.distance,
        "suspicion": one.suspicion,
        "why": one.why,
        "page": str(folder / "mistakes.html"),
    }


def write_review(folder: Path, found: Sequence[Suspect], whole: Pictures, folds: int, learned: int = 0) -> None:
    """The list as review.csv, and what is worth looking at as mistakes.html; pictures lie inside the page.

    `learned` is how many of them the network that judged had learned from.

    A review.csv that was worked on before is never lost: it is kept beside the new one.
    """
    path = folder / "review.csv"
    with disk_errors(path):
        if path.exists():
            path.replace(spare(path))
    write_atomic(path, as_csv(found))
    labels = [one for one in found if one.said != one.given][:SHOWN]
    labels = sorted(labels, key=lambda one: -one.loss)
    strange = sorted(found, key=lambda one: -one.distance)[:SHOWN]
    with Progress("draw the page", len(labels) + len(strange), unit="picture") as progress:
        at = {one.number: row for row, one in enumerate(found)}
        groups = [[shown(one, at[one.number], whole, progress) for one in group] for group in (labels, strange)]
    text = prints.page(
        "mistakes.html",
        labels=groups[0],
        strange=groups[1],
        count=len(found),
        wrong=sum(one.said != one.given for one in found),
        folds=folds,
        learned=learned,
        columns=COLUMNS,
        rows=[row_of(one) for one in found],
    )
    write_atomic(folder / "mistakes.html", text)


def spare(path: Path) -> Path:
    """A name beside a file that nothing has yet."""
    number = 1
    while (other := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    return other


def as_csv(found: Sequence[Suspect]) -> str:
    """Every picture in a row, the most suspicious first; write `no` under keep, or another class under given."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row_of(one) for one in found)
    return out.getvalue()


def row_of(one: Suspect) -> list[object]:
    return [*(getattr(one, name) for name in COLUMNS[:-1]), "yes"]


def shown(one: Suspect, row: int, whole: Pictures, progress: Progress) -> dict[str, object]:
    """What the page shows of one picture, which is in this row of the list."""
    progress.advance()
    picture = prints.as_picture(whole.pixels[one.number], SIDE)
    return {"picture": prints.address(picture), "one": one, "row": row, "sure": max(one.shares.values())}
