"""How often the network is right, how well it knows when, and which pictures and labels look wrong.

Temperature and threshold were fitted on validation pictures at the end of the training; here are test pictures only.
Beside the run it leaves `worst.json`, the mistakes it was surest of and the training labels it does not believe, and
`confusion.json`, what was taken for what and how accuracy depends on what a drawing is made of.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.files import write_atomic
from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.lab.pictures.files import printable
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.vision import judge
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.data import Pictures, PictureSet, draw_others
from cuaderno.studies.vision.train import Config, margins_of, pictures_of_run, trained

MOST_SHOWN = 60  # mistakes, and suspicious labels, that are written down
RESAMPLES = 200
COLOURS = 4  # steps of red, of green and of blue in a histogram
SMALL = 16  # side of the pictures whose pixels are weighed one by one


def evaluate(run: Run) -> dict[str, Metric]:
    """Accuracy, calibration and abstention on test pictures, and simpler ways to tell the classes apart beside them."""
    config = run.config(Config)
    set_threads(config.num_threads)
    seed_everything(config.seed)
    pictures, model = pictures_of_run(run), trained(run).to(device(config.device))
    test = pictures.test
    with Progress("judge the network", total=6, unit="part") as progress:
        one = judge.ask(model, test.pixels, config.size)
        progress.advance()
        many = judge.ask(model, test.pixels, config.size, with_views=True)
        progress.advance()
        metrics = accuracies(one, many, test.labels) | sureness(model, many, test.labels)
        if pictures.drawn:
            others = draw_others(max(8, config.num_test // 4), config.stored_size, config.seed)
            metrics |= abstention(model, others, config.size)
        progress.advance()
        metrics |= baselines(pictures)
        progress.advance()
        textures = judge.Textures(pictures.train.pixels)
        mistakes = worst_mistakes(model, many, pictures, textures)
        progress.advance()
        suspects = suspicious_labels(model, margins_of(run), pictures, textures, config.size)
        progress.advance()
    metrics["parameters"] = Metric(sum(weight.numel() for weight in model.parameters()))
    write(run, "worst.json", {"classes": pictures.classes, "mistakes": mistakes, "suspects": suspects})
    said = many.argmax(dim=1)
    write(run, "confusion.json", confusion(said, test, pictures.classes) | {"by_factor": by_factor(said, test)})
    return metrics


def accuracies(one: Tensor, many: Tensor, labels: Tensor) -> dict[str, Metric]:
    """How often the likeliest class is the right one, and how well probabilities order the pictures."""
    return {
        "accuracy": wilson(int((one.argmax(dim=1) == labels).sum()), len(labels)),
        "accuracy_views": wilson(int((many.argmax(dim=1) == labels).sum()), len(labels)),
        "auc": over_pictures(lambda i: judge.area_under_curve(many[i].softmax(dim=1), labels[i]), len(labels)),
    }


def sureness(model: judge.Network, many: Tensor, labels: Tensor) -> dict[str, Metric]:
    """How far from the truth its probabilities are, and what it gains by not answering when it is unsure."""
    raw, calibrated = many.softmax(dim=1), judge.probabilities(model, many, with_views=True)
    sure = calibrated.amax(dim=1) >= model.threshold[1].cpu()
    right = (many.argmax(dim=1) == labels)[sure]
    return {
        "calibration_error_before": over_pictures(lambda i: judge.calibration_error(raw[i], labels[i]), len(labels)),
        "calibration_error": over_pictures(lambda i: judge.calibration_error(calibrated[i], labels[i]), len(labels)),
        "temperature": Metric(float(model.temperature[1])),
        "answered": wilson(int(sure.sum()), len(labels)),
        "accuracy_answered": wilson(int(right.sum()), len(right)) if len(right) else Metric(0.0, n=0),
    }


def abstention(model: judge.Network, others: Pictures, size: int) -> dict[str, Metric]:
    """How often it declines to answer where there is neither of the classes."""
    logits = judge.ask(model, others.pixels, size, with_views=True)
    unsure = judge.probabilities(model, logits, with_views=True).amax(dim=1) < model.threshold[1].cpu()
    return {"neither_declined": wilson(int(unsure.sum()), len(unsure))}


def over_pictures(statistic: Callable[[Tensor], float], number: int) -> Metric:
    """A statistic of a set of pictures, with the interval that other sets of as many would give."""

    def of_rows(indices: np.ndarray, axis: int) -> np.ndarray:
        rows = torch.from_numpy(indices.astype(np.int64)).reshape(-1, number)
        return np.array([statistic(row) for row in rows]).reshape(indices.shape[:-1])

    found = bootstrap(range(number), of_rows, num_resamples=RESAMPLES)
    # A resampled calibration error is larger than that of the pictures themselves, by the noise that was added.
    return Metric(found.value, min(found.low, found.value), max(found.high, found.value), number)


# -- simpler ways -----------------------------------------------------------------------------------------------------


def baselines(pictures: PictureSet) -> dict[str, Metric]:
    """The commonest class, and two matrices: one sees only how much of each colour there is, one each pixel."""
    train, test = pictures.train, pictures.test
    common = int(torch.bincount(train.labels).argmax())
    found = {"baseline_majority": wilson(int((test.labels == common).sum()), len(test))}
    for name, see in (("colours", histograms), ("pixels", small_pixels)):
        said = linear(see(train.pixels), train.labels, see(test.pixels), len(pictures.classes))
        found[f"baseline_{name}"] = wilson(int((said == test.labels).sum()), len(test))
    return found


def histograms(pixels: Tensor) -> Tensor:
    """How much of each of 64 colours.  Shapes:  (N, 3, S, S) uint8 -> (N, 64)."""
    steps = (pixels.long() * COLOURS // 256).flatten(2)
    colours = (steps[:, 0] * COLOURS + steps[:, 1]) * COLOURS + steps[:, 2]
    counts = torch.zeros(len(pixels), COLOURS**3).scatter_add_(1, colours, torch.ones(colours.shape))
    return (counts / colours.size(1)).sqrt()


def small_pixels(pixels: Tensor) -> Tensor:
    """A small copy, pixel by pixel.  Shapes:  (N, 3, S, S) uint8 -> (N, 768)."""
    return torch.cat([resized(some, SMALL).flatten(1) for some in pixels.split(500)])


def linear(seen: Tensor, labels: Tensor, tested: Tensor, num_classes: int) -> Tensor:
    """What logistic regression with a light penalty says.  Shapes:  (N, F), (N,), (M, F) -> (M,)."""
    mean, std = seen.mean(dim=0), seen.std(dim=0) + 1e-3
    seen, tested = (seen - mean) / std, (tested - mean) / std
    matrix, bias = (nn.Parameter(torch.zeros(size)) for size in ((seen.size(1), num_classes), (num_classes,)))
    optimizer = torch.optim.LBFGS([matrix, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(seen @ matrix + bias, labels) + 0.01 * matrix.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return (tested @ matrix + bias).argmax(dim=1)


# -- single pictures --------------------------------------------------------------------------------------------------


def worst_mistakes(
    model: judge.Network, many: Tensor, pictures: PictureSet, textures: judge.Textures
) -> list[dict[str, Any]]:
    """The test pictures that it got wrong, the surest first."""
    test = pictures.test
    chances = judge.probabilities(model, many, with_views=True)
    losses = -chances.gather(1, test.labels[:, None])[:, 0].clamp_min(1e-9).log()
    wrong = (chances.argmax(dim=1) != test.labels).nonzero()[:, 0]
    wrong = wrong[losses[wrong].argsort(descending=True, stable=True)][:MOST_SHOWN]
    if not len(wrong):
        return []
    far = textures.distances(test.pixels[wrong])
    return [
        described(pictures.classes, test, int(i), chances[i]) | {"distance": round(float(d), 4)}
        for i, d in zip(wrong, far, strict=True)
    ]


def suspicious_labels(
    model: judge.Network, margins: Tensor, pictures: PictureSet, textures: judge.Textures, size: int
) -> list[dict[str, Any]]:
    """The training pictures whose labels it believes least, the most suspicious first."""
    train = pictures.train
    far = textures.own_distances()
    suspicion = judge.suspicion(margins, far)
    worst = suspicion.argsort(descending=True, stable=True)[:MOST_SHOWN]
    chances = judge.probabilities(model, judge.ask(model, train.pixels[worst], size))
    return [
        described(pictures.classes, train, int(i), chance)
        | {
            "distance": round(float(far[i]), 4),
            "margin": round(float(margins[i]), 4),
            "suspicion": round(float(suspicion[i]), 4),
        }
        for i, chance in zip(worst, chances, strict=True)
    ]


def described(classes: tuple[str, ...], pictures: Pictures, index: int, chances: Tensor) -> dict[str, Any]:
    """One picture: what its label says, what the network says, and how sure it is."""
    given, said = int(pictures.labels[index]), int(chances.argmax())
    return {
        "index": index,
        "name": printable(pictures.names[index]),
        "given": classes[given],
        "said": classes[said],
        "probability": round(float(chances[said]), 4),
        "loss": round(float(-chances[given].clamp_min(1e-9).log()), 4),
    }


def confusion(said: Tensor, test: Pictures, classes: tuple[str, ...]) -> dict[str, Any]:
    """How many test pictures of each class, a row, were taken for each class, a column."""
    counts = torch.zeros(len(classes), len(classes), dtype=torch.long)
    counts.index_put_((test.labels, said), torch.ones(len(said), dtype=torch.long), accumulate=True)
    return {"classes": classes, "confusion": counts.tolist()}


def by_factor(said: Tensor, test: Pictures) -> dict[str, dict[str, dict[str, float]]]:
    """Of drawings, accuracy for each value of each thing they are made of, with its interval."""
    groups: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for right, factors in zip((said == test.labels).tolist(), test.factors or [], strict=False):
        for factor, value in factors.items():
            groups[factor][str(value)].append(right)
    return {
        factor: {value: vars(wilson(sum(rights), len(rights))) for value, rights in sorted(values.items())}
        for factor, values in sorted(groups.items())
    }


def write(run: Run, name: str, value: dict[str, Any]) -> None:
    """Leave something beside the run."""
    write_atomic(run.folder / name, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
