"""Cat or dog, from scratch: our network beside a tutorial's, a ResNet-18 and airbench, each for the same CPU seconds.

    python bench/vision.py [ROW …] [--seeds 0 1 2] [--airbench FOLDER] [--again]

ROW chooses rows by their names, with `*` as in file names: `"ours cifar *"`; `--list` shows them. Without any, all rows
that bench/results/vision.json does not hold yet are measured, so a bench that was cut off goes on where it was. Every
row trains in this process, one thread, for so many seconds of `process_time`; the clock decides the schedule and stands
still while a result is judged. Everyone gets bfloat16 where the processor has it, pictures with channels last, and the
same twelve views in the test. Drawings are the study's own; other pictures come from CUADERNO_DATA: `cifar10_catdog`
and `cats_vs_dogs`, which carry no licence, so neither they nor weights trained on them are part of this project.
airbench is looked for in the checkout of github.com/KellerJordan/cifar10-airbench that `--airbench` names, and is
changed in nothing but its epochs and what a CPU cannot do. Writes bench/results/vision.json and vision.md.
"""

import argparse
import contextlib
import fnmatch
import functools
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import calm_threads, processor, seed_everything
from cuaderno.lab.files import write_atomic
from cuaderno.lab.pictures.files import read_picture
from cuaderno.lab.run import Run
from cuaderno.studies.vision import judge, train
from cuaderno.studies.vision.augment import augment, resized
from cuaderno.studies.vision.backbone import STAND_INS, StandIn, find_timm, forget
from cuaderno.studies.vision.data import Pictures, PictureSet, open_pictures
from cuaderno.studies.vision.model import PictureNet
from cuaderno.studies.vision.train import Config

RESULTS = Path(__file__).parent / "results"
PEERS = {"cifar": (32, 32), "photos": (96, 64), "drawings": (96, 64)}  # sides: stored, and as they see them
PLAIN: dict = {"smallest_crop": 1.0, "rotation": 0.0, "colour": 0.0}
RECIPES = {
    "cifar": Config(
        stored_size=32,
        size=32,
        first_size=24,
        widths=(32, 64, 128),
        stem_stride=1,
        batch_size=250,
        label_smoothing=0.2,
        **PLAIN,
    ),
    "photos": Config(),
    "drawings": Config(),
}
WORST = 0.03  # share of the training pictures among which planted ones should be


def of_one_size(config: Config) -> int:
    """Pieces in the second part of the training as large as whole pictures are seen."""
    return config.size


def with_learned_stem(config: Config, num_classes: int = 2, weights: bool = True) -> PictureNet:
    """The network with a first layer that is learned like all others."""
    return PictureNet(num_classes, config.widths, config.stem_stride, whitened=False)


CHANGES: dict[str, dict] = {  # one thing changed at a time
    "the recipe": {},
    "SGD instead of Muon": {"learning_rate": 0.0},
    "a first layer that is learned": {"build": with_learned_stem},
    "one size from the start": {"first_size": 0},
    "float32": {"precision": "float32"},
}


class Clocked(Run):
    """A run whose clock is the processor's, so that neighbours on the machine change nothing."""

    def _clock(self) -> dict[str, float]:
        spent = time.process_time() - self._zero["cpu_seconds"]
        return {"wall_seconds": spent, "cpu_seconds": spent}


@functools.cache
def pictures_of(name: str, side: int, planted: bool = False) -> PictureSet:
    """The pictures; what stands for validation is not looked at by anybody, since test pictures calibrate."""
    if name == "drawings":
        drawn = open_pictures(size=side)
        return PictureSet(drawn.classes, drawn.train, part(drawn.val, range(8)), drawn.test)
    folder = Path(os.environ.get("CUADERNO_DATA", ""))
    if name == "cifar":
        there = np.load(folder / "cifar10_catdog" / "cifar10_catdog.npz")
        splits = {
            split: Pictures(
                torch.from_numpy(there[f"x_{split}"]).permute(0, 3, 1, 2).contiguous(),
                torch.from_numpy(there[f"y_{split}"]).long(),
                [f"{split} {i}" for i in range(len(there[f"y_{split}"]))],
            )
            for split in ("train", "test")
        }
    else:
        root = folder / "cats_vs_dogs"
        splits = {
            "train": decoded([root / "train"] + ([root / "noisy"] if planted else []), side),
            "test": decoded([root / "val"], side),
        }
    return PictureSet(("cat", "dog"), splits["train"], part(splits["test"], range(8)), splits["test"])


def decoded(folders: list[Path], side: int) -> Pictures:
    """All photos of folders with one folder a class, squashed to squares."""
    pixels, labels, names = [], [], []
    for folder in folders:
        for label, kind in enumerate(("cat", "dog")):
            for path in sorted((folder / kind).glob("*.jpg")):
                pixels.append(read_picture(path, side))
                labels.append(label)
                names.append(f"{folder.name}/{kind}/{path.name}")
    stacked = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous()
    return Pictures(stacked, torch.tensor(labels), names)


def part(pictures: Pictures, chosen) -> Pictures:
    """Some of the pictures."""
    chosen = list(chosen)
    return Pictures(pictures.pixels[chosen], pictures.labels[chosen], [pictures.names[i] for i in chosen])


# -- who takes part ----------------------------------------------------------------------------------------------------


def ours(name: str, seconds: float, seed: int, number: int = 0, planted: bool = False, **changes) -> dict:
    """The study's own training, with one thing changed or none."""
    pictures = pictures_of(name, changes.get("stored_size", RECIPES[name].stored_size), planted)
    if number:  # the classes take turns, so that few pictures are half cats as well
        order = torch.randperm(len(pictures.train), generator=torch.Generator().manual_seed(seed)).tolist()
        pictures = replace(pictures, train=part(pictures.train, order[:number]))
    config = replace(RECIPES[name], minutes=seconds / 60, seed=seed, val_every=0, num_threads=1, device="cpu")
    parts = {name: changes.pop(name) for name in ("build", "size_of_pieces") if name in changes}
    if changes.get("first_size") == 0:
        changes["first_size"] = train.size_of_pieces(config)
    config = replace(config, **changes)
    with contextlib.ExitStack() as stack:
        for name, other in parts.items():
            stack.enter_context(mock.patch.object(train, name, other))
        run = Clocked.create("vision", config, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        train.teach(config, run, pictures)
        model, margins = train.trained(run), train.margins_of(run)
        spent, seen = run.history()[-1]["seconds"], run.data["steps"] * min(config.batch_size, len(pictures.train))
    found = judged(model, pictures, config.size) | {
        "cpu_seconds": spent,
        "pictures_a_second": seen / spent,
        "epochs": seen / len(pictures.train),
    }
    return found | (look_for_planted(pictures, margins) if planted else {})


def look_for_planted(pictures: PictureSet, margins: Tensor) -> dict:
    """How many of the planted wrong items are among the worst of the training pictures, by each sign and by both."""
    planted = torch.tensor([name.startswith("noisy") for name in pictures.train.names])
    far = judge.Textures(pictures.train.pixels).own_distances()
    signs = {"margin": -margins, "distance": far, "both": judge.suspicion(margins, far)}
    most = round(WORST * len(planted))
    found: dict = {
        f"planted_by_{sign}": int(planted[s.argsort(descending=True)[:most]].sum()) for sign, s in signs.items()
    }
    places = {sign: s.argsort(descending=True).argsort() + 1 for sign, s in signs.items()}
    found["planted"] = {
        name: {sign: int(places[sign][i]) for sign in signs}
        for i, name in enumerate(pictures.train.names)
        if planted[i]
    }
    return found


def tutorial() -> nn.Module:
    """Three convolutions, as tutorials write it."""
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, 2)),
    )


class Peer(nn.Module):
    """Somebody else's network, with what the judge asks of one."""

    def __init__(self, net: nn.Module, mean: Tensor | float = 0.45, std: Tensor | float = 0.25):
        super().__init__()
        self.net, self.mean, self.std = net, mean, std

    def forward(self, x: Tensor) -> Tensor:
        return self.net((x - self.mean) / self.std)


def peer(who: str, name: str, seconds: float, seed: int) -> dict:
    """A peer trained in the way of its kind.

    The tutorial: Adam at a constant rate, 64 pictures an update, no augmentation. ResNet-18 as torchvision has it: SGD
    with momentum and weight decay, a warm-up, then a cosine, and the augmentation of our recipe.
    """
    seed_everything(seed)
    (side, size), config = PEERS[name], RECIPES[name]
    pictures = pictures_of(name, side)
    pixels, labels = pictures.train.pixels, pictures.train.labels
    is_tutorial = who == "tutorial"
    net = tutorial() if is_tutorial else find_timm().create_model("resnet18", num_classes=2)
    model = Peer(net)
    model(torch.zeros(2, 3, size, size))
    model = model.to(memory_format=torch.channels_last).train()
    number = train.number_format("auto", torch.device("cpu"))
    batch_size = 64 if is_tutorial else 128
    if is_tutorial:
        optimizer: torch.optim.Optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
    began, step, progress = time.process_time(), 0, 0.0
    while progress < 1:
        step += 1
        chosen = train.batch_of(step, len(labels), batch_size, seed)
        if is_tutorial:
            x = resized(pixels[chosen], size)
        else:
            optimizer.param_groups[0]["lr"] = 0.05 * min(1, progress / 0.05) * (1 + np.cos(np.pi * progress)) / 2
            x = augment(pixels[chosen], size, config.smallest_crop, config.rotation, config.colour, config.cutout)
        with torch.autocast("cpu", number, enabled=number != torch.float32):
            logits = model(x.contiguous(memory_format=torch.channels_last)).float()
        loss = F.cross_entropy(logits, labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress = (time.process_time() - began) / seconds
    spent, seen = time.process_time() - began, step * batch_size
    rates = {"cpu_seconds": spent, "pictures_a_second": seen / spent, "epochs": seen / len(labels)}
    return judged(model, pictures, size) | rates


class Stopwatch:
    """What airbench asks of CUDA's clock, by the processor's."""

    def __init__(self, enable_timing: bool = True):
        self.at = 0.0

    def record(self) -> None:
        self.at = time.process_time()

    def elapsed_time(self, other: "Stopwatch") -> float:
        return 1000 * (other.at - self.at)


AS_ON_A_CPU = {  # what of airbench94_muon.py needs CUDA, and a half precision in which a CPU does not convolve
    "@torch.compile\n": "",
    'torch.device("cuda")': 'torch.device("cpu")',
    ".half()": ".float()",
    "torch.cuda.Event": "Stopwatch",
    "torch.cuda.synchronize()": "pass",
    "ceil(8 * len(train_loader))": "ceil(EPOCHS * len(train_loader))",
    "with open(sys.argv[0]) as f:\n    code = f.read()\n": "",
}


def airbench(checkout: Path, seconds: float, seed: int) -> dict:
    """airbench94_muon.py of a checkout, its epochs cut to what the seconds allow, which one epoch before tells."""
    code = (checkout / "airbench94_muon.py").read_text()
    for old, new in AS_ON_A_CPU.items():
        if old not in code:
            raise SystemExit(f"{checkout}/airbench94_muon.py is another version: it lacks {old!r}.")
        code = code.replace(old, new)
    pictures = pictures_of("cifar", 32)
    module: dict = {"__name__": "airbench94_muon", "Stopwatch": Stopwatch, "EPOCHS": 1}
    stand_ins = {name: StandIn(name) for name in STAND_INS}
    sys.modules.update(stand_ins)
    stand_ins["torchvision.transforms"].Normalize = Normalize  # type: ignore[attr-defined]
    try:
        exec(compile(code, "airbench94_muon.py", "exec"), module)
    finally:
        forget("torchvision")
    module["print_training_details"] = lambda *_, **__: None
    compute_as_we_do(module["CifarNet"])
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cifar10").mkdir()
        for name, split in (("train", pictures.train), ("test", pictures.test)):
            there = {"images": split.pixels.permute(0, 2, 3, 1).contiguous(), "labels": split.labels}
            torch.save(there | {"classes": list(pictures.classes)}, Path(folder) / "cifar10" / f"{name}.pt")
        os.chdir(folder)
        try:
            began = time.process_time()
            module["main"](0, module["CifarNet"]().to(memory_format=torch.channels_last))
            module["EPOCHS"] = max(1, round(seconds / (time.process_time() - began)))
            seed_everything(seed)
            model = module["CifarNet"]().to(memory_format=torch.channels_last)
            began = time.process_time()
            module["main"](0, model)
            spent = time.process_time() - began
        finally:
            os.chdir(before)
    mean, std = (torch.tensor(module[name])[:, None, None] for name in ("CIFAR_MEAN", "CIFAR_STD"))
    seen = module["EPOCHS"] * len(pictures.train)
    rates = {"cpu_seconds": spent, "pictures_a_second": seen / spent, "epochs": module["EPOCHS"]}
    return judged(Peer(model, mean, std), pictures, 32) | rates


def compute_as_we_do(kind: type[nn.Module]) -> None:
    """Let a network convolve in bfloat16 where ours does, and in nothing else."""
    number, forward = train.number_format("auto", torch.device("cpu")), kind.forward

    def with_autocast(self, *inputs, **options) -> Tensor:
        with torch.autocast("cpu", number, enabled=number != torch.float32):
            return forward(self, *inputs, **options).float()

    kind.forward = with_autocast  # type: ignore[method-assign]


class Normalize:
    """torchvision's, of which airbench needs nothing else."""

    def __init__(self, mean, std):
        self.mean, self.std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]

    def __call__(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


def judged(model: nn.Module, pictures: PictureSet, size: int) -> dict:
    """Accuracy with and without views, and how sure it was.

    Calibration is fitted on half of the test pictures and judged on the other half, and the other way round: each
    picture is judged by one that has not seen it.
    """
    test = pictures.test
    one, many = (judge.ask(model, test.pixels, size, with_views) for with_views in (False, True))
    even = torch.arange(len(test)) % 4 < 2
    calibrated = torch.empty_like(many)
    for fitted, rest in ((even, ~even), (~even, even)):
        calibrated[rest] = judge.calibrated(many[rest], *judge.fit(many[fitted], test.labels[fitted]))
    return {
        "accuracy": float((one.argmax(1) == test.labels).float().mean()),
        "accuracy_views": float((many.argmax(1) == test.labels).float().mean()),
        "auc": judge.area_under_curve(many.softmax(1), test.labels),
        "calibration_error_before": judge.calibration_error(many.softmax(1), test.labels),
        "calibration_error": judge.calibration_error(calibrated.softmax(1), test.labels),
        "calibration_error_by_chance": by_chance(calibrated.softmax(1)),
        "parameters": sum(weight.numel() for weight in model.parameters()),
    }


def by_chance(probabilities: Tensor, times: int = 200) -> float:
    """The calibration error that these probabilities would have if they were true, for there are only so many."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.multinomial(probabilities, times, replacement=True, generator=generator)
    return statistics.mean(judge.calibration_error(probabilities, labels) for labels in drawn.t())


# -- rows and tables ---------------------------------------------------------------------------------------------------


def all_rows(airbench_folder: Path | None) -> dict[str, tuple]:
    """What there is to measure, the most important first: name -> function and its arguments but the seed."""
    rows: dict[str, tuple] = {}
    for name, seconds in (("cifar", 60), ("cifar", 300), ("photos", 300), ("drawings", 300)):
        rows[f"ours {name} {seconds}"] = (ours, {"name": name, "seconds": seconds, "planted": name == "photos"})
    for who in ("tutorial", "resnet18"):
        for name, seconds in (("cifar", 60), ("photos", 300), ("cifar", 300), ("drawings", 300)):
            rows[f"{who} {name} {seconds}"] = (peer, {"who": who, "name": name, "seconds": seconds})
    for change, changes in CHANGES.items():
        rows[f"ablation cifar, {change}"] = (ours, {"name": "cifar", "seconds": 60, **changes})
    at_64 = {"stored_size": 96, "first_size": 48, "size": 64, "size_of_pieces": of_one_size}
    photos = {
        "the recipe": {},
        "only mirrored and shifted": PLAIN,
        "pieces and whole ones at 64": at_64,
        "both at 64, only mirrored and shifted": {**at_64, **PLAIN},
    }
    for name, changes in photos.items():
        rows[f"ablation photos, {name}"] = (ours, {"name": "photos", "seconds": 100, **changes})
    longer = {"name": "photos", "seconds": 300, "planted": True, **at_64}
    rows["ablation photos 300, pieces and whole ones at 64"] = (ours, longer)
    for number in (300, 1000, 3000):
        rows[f"size cifar {number}"] = (ours, {"name": "cifar", "seconds": 60, "number": number})
    if airbench_folder:
        for seconds in (60, 300):
            rows[f"airbench cifar {seconds}"] = (airbench, {"checkout": airbench_folder, "seconds": seconds})
    rows["ours photos 600"] = (ours, {"name": "photos", "seconds": 600, "planted": True})
    return rows


def measure(rows: dict[str, tuple], chosen: list[str], seeds: list[int], again: bool) -> dict:
    """Measure what is missing, seed by seed, and write after each."""
    path = RESULTS / "vision.json"
    result = json.loads(path.read_text()) if path.exists() else {"rows": {}}
    for name, (function, arguments) in rows.items():
        if not any(fnmatch.fnmatch(name, pattern) for pattern in chosen):
            continue
        for seed in seeds:
            done = result["rows"].setdefault(name, {})
            if str(seed) in done and not again:
                continue
            began = time.monotonic()
            done[str(seed)] = function(**arguments, seed=seed)
            result |= {"processor": processor(), "torch": torch.__version__}
            write_atomic(path, json.dumps(result, indent=1) + "\n")
            shown = {k: round(v, 4) for k, v in done[str(seed)].items() if isinstance(v, float | int)}
            print(f"{name}, seed {seed}, {time.monotonic() - began:.0f} s:", json.dumps(shown), flush=True)
    return result


def across(seeds: dict[str, dict], key: str, digits: int = 1, scale: float = 100) -> str:
    """The mean over seeds and their standard deviation."""
    values = [scale * row[key] for row in seeds.values() if key in row]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


INTRODUCTION = """\
# Cat or dog, from scratch, for the same CPU seconds

`python bench/vision.py` on {processor}, one thread, torch {torch}.
Means over seeds ± standard deviation. A row's name ends with the pictures and the CPU seconds it had.
CIFAR: 10,000 pictures of 32 pixels to train, 2,000 to test (saved as JPEG once, so not comparable with
published figures). Photos: 2,989 to train, 500 to test. Drawings: the study's own, 6,000 and 2,000. By the
choice of test pictures alone, accuracy on 2,000 of them has a standard deviation of 0.7 points, on 500 of
1.2. The clock decides when a training ends, so a seed does not repeat bit by bit here. Neither CIFAR nor the
photos carry a licence: neither they nor weights trained on them are part of this project. airbench is made for a
graphics card: it takes 2,000 pictures at once, and on one core of a processor an epoch of five such updates takes it a
minute.
"""
CALIBRATED = """
## How well it knows when it is right

Expected calibration error in 15 bins, percent, with twelve looks. Calibration is fitted on half of the test
pictures and judged on the other half. By chance: what true probabilities would show with as few pictures.
"""
PLANTED = f"""
## Planted wrong items among the worst {WORST:.0%} of the training photos

Nine: wrong labels, drawings, adverts and logos, with the label they were found with. Ours had them among
its training photos above, too; margins are those it had while it trained, so one training is enough.
"""
CHANGED = """
## One thing changed at a time

60 CPU seconds each on CIFAR, 100 on photos where nothing else stands. With one seed, less than two points say nothing.
"""
FEWER = """
## With fewer pictures

CIFAR, 60 CPU seconds each; the number of pictures to train with.
"""


def write_table(result: dict) -> None:
    """vision.md: the same figures for people."""
    rows = {name: result["rows"][name] for name in all_rows(Path()) if result["rows"].get(name)}

    def begin(*words: str) -> dict[str, dict]:
        return {name: seeds for name, seeds in rows.items() if name.startswith(words)}

    everybody = {name: seeds for name, seeds in rows.items() if name not in begin("ablation", "size")}
    parts = [(INTRODUCTION.format(**result), accuracies(everybody)), (CALIBRATED, calibrations(begin("ours")))]
    parts += [(PLANTED, planted_found(begin("ours photos")))]
    parts += [(CHANGED, variants(begin("ablation"))), (FEWER, variants(begin("size")))]
    text = "\n".join("\n".join([words, *lines]) for words, lines in parts if len(lines) > 2)
    write_atomic(RESULTS / "vision.md", text + "\n")


def accuracies(rows: dict[str, dict]) -> list[str]:
    """The table of everybody who takes part."""
    lines = headed("", "seeds", "right at one look", "with twelve looks", "AUC", "pictures a CPU second", "epochs",
                   "parameters")  # fmt: skip
    for name, seeds in rows.items():
        right = (across(seeds, key) for key in ("accuracy", "accuracy_views", "auc"))
        speed = across(seeds, "pictures_a_second", 0, 1), across(seeds, "epochs", 1, 1)
        parameters = next(iter(seeds.values()))["parameters"]
        lines.append(cells(name, len(seeds), *right, *speed, f"{parameters:,}"))
    return lines


def calibrations(rows: dict[str, dict]) -> list[str]:
    """The table of how far sureness and accuracy are apart."""
    lines = headed("", "as it comes", "calibrated", "by chance")
    for name, seeds in rows.items():
        lines.append(
            cells(name, *(across(seeds, f"calibration_error{when}") for when in ("_before", "", "_by_chance")))
        )
    return lines


def planted_found(rows: dict[str, dict]) -> list[str]:
    """The table of wrong items that were found, a line for each training."""
    lines = headed("", "by margin", "by distance", "by both")
    for name, seeds in rows.items():
        for seed, row in seeds.items():
            if "planted" in row:
                found = (f"{row[f'planted_by_{sign}']} of 9" for sign in ("margin", "distance", "both"))
                lines.append(cells(f"{name}, seed {seed}", *found))
    return lines


def variants(rows: dict[str, dict]) -> list[str]:
    """The table of our own training with something changed, or with fewer pictures."""
    lines = headed("", "seeds", "right at one look", "with twelve looks", "AUC", "epochs")
    for name, seeds in rows.items():
        right = (across(seeds, key) for key in ("accuracy", "accuracy_views", "auc"))
        lines.append(cells(name.split(" ", 1)[1], len(seeds), *right, across(seeds, "epochs", 1, 1)))
    return lines


def headed(*columns: str) -> list[str]:
    """The first two lines of a table."""
    return [cells(*columns), "|" + "---|" * len(columns)]


def cells(*values: object) -> str:
    """A line of a table."""
    return "".join(f"| {value} " if value != "" else "| " for value in values) + "|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", default=["*"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--airbench", type=Path, help="a checkout of cifar10-airbench")
    parser.add_argument("--again", action="store_true", help="measure also what is there")
    parser.add_argument("--list", action="store_true", help="show the rows and stop")
    arguments = parser.parse_args()
    rows = all_rows(arguments.airbench)
    if arguments.list:
        print("\n".join(rows))
        return
    torch.set_num_threads(1)
    write_table(measure(rows, arguments.rows, arguments.seeds, arguments.again))


if __name__ == "__main__":
    calm_threads()
    main()
