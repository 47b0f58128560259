"""Teach a network to tell classes of pictures apart, from nothing but the pictures.

A few thousand pictures are few, so each one is shown differently every time; they are many for a small computer, so the
first part of the training looks at them in a smaller size. What is cropped from a picture looks larger than it does in
the whole, so pieces are shown smaller than whole pictures are seen. How fast to learn is decided by how much of the
budget is gone, never by the pictures kept for validation.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.parallel import average_gradients, rank, same_start
from cuaderno.lab.run import Run
from cuaderno.studies.vision import backbone, judge, settings
from cuaderno.studies.vision.augment import augment, resized
from cuaderno.studies.vision.data import PictureSet, open_pictures
from cuaderno.studies.vision.judge import Network
from cuaderno.studies.vision.model import ENOUGH, PictureNet
from cuaderno.studies.vision.optimizer import make_optimizers

FIRST_PART = 0.5  # of the budget, in which pictures are shown in the smaller size
WARM_UP = 20  # updates
MARGINS = "margins"  # among the weights, for whoever looks for wrong labels


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    data: str = ""  # a folder with one folder a class, a CSV, …; also looked for in CUADERNO_DATA; else drawn here
    num_train: int = 6000  # drawings to train with; of your pictures all that are there
    num_test: int = 2000  # drawings to test with, half as many to validate
    stored_size: int = 84  # side to which every picture is squashed, once
    # model
    size: int = 84  # side at which the network sees a whole picture
    first_size: int = 50  # side of the pieces that it sees in the first part of the training
    widths: tuple[int, ...] = (32, 64, 128, 192)  # channels of each group of two convolutions
    stem_stride: int = 2  # of the first layer, whose window is twice as wide: 1 for pictures of 32 pixels
    backbone: str = ""  # a timm model to fine-tune instead, for example resnet18; pip install 'cuaderno[vision]'
    backbone_weights: str = ""  # its weights: a local .safetensors or .pth; else they come from the hub
    # what is shown
    smallest_crop: float = 0.35  # share of the picture's area
    rotation: float = 0.15  # radians, to either side
    colour: float = 0.3  # largest relative change of contrast, brightness and, twice as large, saturation
    cutout: float = 0.0  # share of the side that a grey square covers
    label_smoothing: float = 0.1  # share of the answer that is spread over all classes
    # optimizer
    steps: int = 2000  # updates of the weights
    minutes: float = 0.0  # train for so long instead, whatever the number of steps
    batch_size: int = 150  # pictures per update
    learning_rate: float = 0.24  # of Muon for the convolutions; falls linearly to 0; 0: SGD moves them too
    # evaluation
    val_every: int = 200  # updates between two looks at validation pictures, which decide nothing; 0: never
    # machine
    precision: str = "auto"  # of the convolutions: bfloat16 where the processor has it, else float32
    seed: int = 0  # of the drawings, the first weights, the order and the augmentation
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    num_threads: int = 1  # of torch on the CPU; 0 leaves torch's choice


TINY = Config(
    num_train=48,
    num_test=32,
    stored_size=32,
    size=32,
    first_size=24,
    widths=(8, 12, 16),
    steps=12,
    batch_size=16,
    val_every=6,
)
QUICK = Config(num_train=2000, num_test=1000, steps=400)


def settle(config: Config) -> Config:
    """The settings, refused before there is a run when they cannot be."""
    settings.check(config)
    return config


def build(config: Config, num_classes: int = 2, weights: bool = True) -> Network:
    """The untrained network; or the backbone, with the weights it comes with or, where others follow, without."""
    if config.backbone:
        source = config.backbone_weights if weights else backbone.FROM_SCRATCH
        return backbone.Backbone(config.backbone, num_classes, source, config.size)
    return PictureNet(num_classes, config.widths, config.stem_stride)


def train(config: Config, run: Run) -> None:
    """The whole training, from first weights to `weights.safetensors`."""
    settings.check(config)
    teach(config, run, _found_for(run, config))


def teach(config: Config, run: Run, pictures: PictureSet) -> None:
    """The training with pictures that are here already."""
    settings.check(config)
    seed_everything(config.seed + rank())
    set_threads(config.num_threads)
    place = device(config.device)
    number = number_format(config.precision, place)
    pixels, labels = pictures.train.pixels, pictures.train.labels
    model, optimizers = beginning(config, pictures, place)
    full_rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    run.data["classes"] = list(pictures.classes)
    _check_same(run, pictures)
    run.used("pictures", pictures.fingerprint)
    run.describe(model=model, optimizer=optimizers, precision=str(number).split(".")[1], **pictures.describe())
    # By how much each picture's class was ahead, on average over the training: hardly ever, where the label is wrong.
    margins = torch.zeros(len(labels))  # Source: Pleiss et al. 2020, arXiv:2001.10528
    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        margins = state["margins"]

    model.train()
    for step in run.steps(config.steps, config.minutes):
        set_rates(optimizers, full_rates, min(1.0, step / WARM_UP) * (1 - run.progress))
        if isinstance(model, backbone.Backbone):
            backbone.thaw(model, run.progress)
        chosen = batch_of(step, len(labels), config.batch_size, config.seed + rank())
        x, y = shown(pixels[chosen], config, run.progress), labels[chosen].to(place)
        logits, loss = update(model, optimizers, x.to(place), y, config.label_smoothing, number)

        ahead = judge.margin(logits, y).cpu()
        margins[chosen] += (ahead - margins[chosen]) / epoch_of(step, len(labels), config.batch_size)
        if step % 10 == 0 or step == run.total:
            run.log(step, loss=loss, train_accuracy=(ahead > 0).float().mean().item())
        if config.val_every and step % config.val_every == 0:
            said = judge.ask(model, pictures.val.pixels, config.size).argmax(dim=1)
            run.log(step, val_accuracy=(said == pictures.val.labels).float().mean().item())
            model.train()
        if run.checkpoint_due():
            saved = [optimizer.state_dict() for optimizer in optimizers]
            run.checkpoint(model=model.state_dict(), optimizers=saved, margins=margins)
    judge.calibrate(model, pictures.val, config.size)
    run.save_weights({**model.state_dict(), MARGINS: margins})


def beginning(config: Config, pictures: PictureSet, place: torch.device) -> tuple[Network, list]:
    """The network before the first update, and the optimizers that will move it."""
    model = build(config, len(pictures.classes)).to(place)
    model = model.to(memory_format=torch.channels_last)  # a convolution is twice as fast with channels last
    same_start(model)
    if isinstance(model, backbone.Backbone):
        return model, backbone.make_optimizers(model, config.learning_rate)
    model.get_ready(resized(pictures.train.pixels[:ENOUGH], config.size).to(place))
    return model, make_optimizers(model, config.learning_rate)


def set_rates(optimizers: list, full_rates: list[list[float]], share: float) -> None:
    """Give every group of weights this share of its full learning rate."""
    for optimizer, rates in zip(optimizers, full_rates, strict=True):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * share


def shown(pixels: Tensor, config: Config, progress: float) -> Tensor:
    """Pictures as they are shown in this part of the training.

    Shapes:  (B, 3, S, S) uint8 -> (B, 3, size, size).
    """
    size = config.first_size if progress < FIRST_PART else size_of_pieces(config)
    return augment(pixels, size, config.smallest_crop, config.rotation, config.colour, config.cutout)


def size_of_pieces(config: Config) -> int:
    """The side at which things in a piece of a picture are as large, on average, as they are in a whole one at `size`.

    But never less than in the first part of the training.

    Source:  Touvron et al. 2019, arXiv:1906.06423.
    Differs: a backbone, which was made for one size, gets pieces at that size.
    """
    if config.backbone:
        return config.size
    share = (1 + math.sqrt(config.smallest_crop)) / 2  # of a side: the harmonic mean over all areas that are cropped
    return max(round(config.size * share), min(config.first_size, config.size))


def update(
    model: Network, optimizers: list, x: Tensor, y: Tensor, label_smoothing: float, number: torch.dtype
) -> tuple[Tensor, float]:
    """Move the weights once; what the network said before that, and its loss, the mean over the batch.

    Shapes:  x (B, 3, size, size), y (B,) -> logits (B, num_classes).
    """
    with torch.autocast(x.device.type, number, enabled=number != torch.float32):
        logits = model(x.contiguous(memory_format=torch.channels_last)).float()
    # The sum over the batch: so the rates mean the same whatever the size of the last batch.
    loss = F.cross_entropy(logits, y, label_smoothing=label_smoothing, reduction="sum")
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    average_gradients(model)
    for optimizer in optimizers:
        optimizer.step()
    return logits.detach(), loss.item() / len(y)


def pictures_of(config: Config) -> PictureSet:
    """The pictures that a run reads."""
    return open_pictures(config.data, config.stored_size, config.num_train, config.num_test, config.seed)


def pictures_of_run(run: Run) -> PictureSet:
    """The very pictures that a run was trained on, in the same splits.

    Raises:  CuadernoError when they are not there any more, or are others by now: then training pictures may have come
             into the test.
    """
    pictures = _found_for(run, run.config(Config))
    _check_same(run, pictures)
    return pictures


def _found_for(run: Run, config: Config) -> PictureSet:
    """The pictures that a run names, or why they are not to be found any more."""
    try:
        return pictures_of(config)
    except CuadernoError as error:
        if not config.data or not run.data["data"].get("pictures"):
            raise  # drawings, or a new run
        where = (
            f" It names them as they were given, {config.data}: go to the folder in which the training was started, or "
            "set CUADERNO_DATA to the folder that they lie in."
        )
        where = "" if Path(config.data).is_absolute() else where
        raise CuadernoError(f"The pictures of {run.id} cannot be had any more.{where} {error}") from error


def _check_same(run: Run, pictures: PictureSet) -> None:
    """Raise a CuadernoError unless these are the pictures that the run read before, if it read any."""
    if run.data["data"].get("pictures", pictures.fingerprint) == pictures.fingerprint:
        return
    if pictures.drawn:
        raise CuadernoError(
            f"The drawings of {run.id} come out in another way here: the code that draws them, or a library, is of "
            "another version. Go back to the versions in its run.json, or train a new run."
        )
    raise CuadernoError(
        f"The pictures in {run.data['config']['data']} are not those that {run.id} was trained on: some came, went, "
        "changed, or have another name. They would fall into other splits, and training pictures into the test. Put "
        "the folder back as it was, or train a new run with it."
    )


def epoch_of(step: int, many: int, batch_size: int) -> int:
    """The number of the epoch that a step belongs to, from 1 on."""
    return (step - 1) // max(1, many // batch_size) + 1


def batch_of(step: int, many: int, batch_size: int, seed: int) -> Tensor:
    """Which pictures an update sees: the next ones of an order that is another in every epoch.

    It depends on the seed and the step alone, so a resumed run goes on where it stopped.
    """
    epoch, place = epoch_of(step, many, batch_size) - 1, (step - 1) % max(1, many // batch_size)
    order = torch.randperm(many, generator=torch.Generator().manual_seed(1_000_003 * seed + epoch))
    return order[place * batch_size : (place + 1) * batch_size]


def number_format(precision: str, place: torch.device) -> torch.dtype:
    """What convolutions compute with: bfloat16 where that is faster, which halves the time of a training, or float32.

    Raises:  CuadernoError for any other word than auto, bfloat16 and float32.
    """
    if precision not in ("auto", "bfloat16", "float32"):
        raise CuadernoError(f"There is no precision '{precision}': choose auto, bfloat16 or float32.")
    if precision != "auto":
        return getattr(torch, precision)
    if place.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = place.type == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if fast else torch.float32


def trained(run: Run) -> Network:
    """The network of a finished run, with its temperature and threshold."""
    model = build(run.config(Config), len(run.data["classes"]), weights=False)
    weights = run.load_weights()
    weights.pop(MARGINS)
    model.load_state_dict(weights)
    return model.eval()


def margins_of(run: Run) -> Tensor:
    """By how much each training picture's class was ahead in the whole training, in the order of `PictureSet.train`."""
    return run.load_weights()[MARGINS]
