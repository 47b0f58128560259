"""Dreams for the same CPU seconds: our one step beside pytorch/examples' VAE, minRF, and maps without a cure.

    python bench/latent.py [ROW …] [--seeds 0 1 2] [--minrf FOLDER] [--again]

ROW chooses rows by their names, with `*` as in file names: `"mnist *"`; `--list` shows them. Without any, all rows
that bench/results/latent.json does not hold yet are measured, so a bench that was cut off goes on where it was. Every
row trains in this process, one thread, for so many seconds of `process_time`; the clock decides the schedule and
stands still while a result is judged. One judge per set of pictures, trained on its training pictures, judges
everybody; its seconds are nobody's. MNIST and `cifar10_catdog` come from CUADERNO_DATA; the latter carries no
licence, so neither it nor weights trained on it are part of this project. The VAE has the layers, optimizer and
batches of github.com/pytorch/examples, vae/main.py, written anew. minRF is looked for in the checkout of
github.com/cloneofsimo/minRF that `--minrf` names: its DiT and its RF, with the settings of its rf.py for MNIST.
Writes bench/results/latent.json and latent.md.
"""

import argparse
import fnmatch
import functools
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import calm_threads, processor, seed_everything
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.latent import evaluate, judge, lessons, stages, train
from cuaderno.studies.latent.data import PictureSet, open_pictures
from cuaderno.studies.latent.judge import Judge
from cuaderno.studies.latent.model import Decoder, Encoder, MapDecoder, MapEncoder
from cuaderno.studies.latent.settings import number_format
from cuaderno.studies.latent.stages import STAGES, Stage
from cuaderno.studies.latent.train import Config

RESULTS = Path(__file__).parent / "results"
MAP_SECONDS, DREAM_SECONDS, COLOUR_SECONDS = 60, 240, 900
SHORT_SECONDS = 10  # of a map that shows how it collapses
MAP_RATE = 2.5e-3
FEW = 1000  # dreams where a peer needs seconds for each: ours are judged by as many, too
CONVOLUTIONAL = {"convolutional": True}
AVERAGED = {
    "seconds": SHORT_SECONDS,
    "weight": 784.0,
}  # the error a mean over pixels, the divergence a sum: a usual slip
MNIST = Config(data="mnist", num_train=55000, num_val=5000, num_test=10000)
COLOUR = Config(data="cifar10_catdog", num_train=9000, num_val=1000, num_test=2000, size=32, latent_dim=96, width=32)
RECIPES = {"mnist": MNIST, "colour": COLOUR}
MEASURES = ("frechet", "accuracy", "precision", "recall")
NUMBER = number_format("auto", torch.device("cpu"))


class Clocked(Run):
    """A run whose clock is the processor's, so that neighbours on the machine change nothing."""

    def _clock(self) -> dict[str, float]:
        spent = time.process_time() - self._zero["cpu_seconds"] + self._spent["cpu_seconds"]
        return {"wall_seconds": spent, "cpu_seconds": spent}


@functools.cache
def pictures_of(name: str, judged_on_val: bool = False) -> PictureSet:
    """MNIST as the study opens it, or cats and dogs of 32 pixels; to choose by, validation pictures as the test."""
    config = RECIPES[name]
    where = config.data if name == "mnist" else str(Path(os.environ.get("CUADERNO_DATA", "")) / config.data)
    found = open_pictures(where, config.num_train, config.num_val, config.num_test, config.size, 0)
    return replace(found, test=found.val) if judged_on_val else found


@functools.cache
def judge_for(name: str) -> Judge:
    """The one judge of a set of pictures, kept among temporary files so that a bench that goes on has it at once."""
    pictures = pictures_of(name)
    judging = Judge(pictures.train.pixels.size(1), len(pictures.classes))
    path = Path(tempfile.gettempdir()) / f"cuaderno-bench-judge-{name}-{pictures.fingerprint[:16]}.pt"
    if not path.exists():
        judge.teach(judging, pictures.train, NUMBER)
        torch.save(judging.state_dict(), path)
    judging.load_state_dict(torch.load(path, weights_only=True))
    return judging.eval()


def judged(name: str, shown: Tensor, labels: Tensor | None, on_val: bool = False) -> dict:
    """What the judge says about as many pictures as the test has."""
    test = pictures_of(name, on_val).test
    real, _ = judge_for(name).see(test.pixels.float() / 255)
    found = evaluate.judged("it", judge_for(name), real, shown, labels)
    return {key.removeprefix("it_"): metric.value for key, metric in found.items()}


# -- who takes part ----------------------------------------------------------------------------------------------------


def ours(name: str, seed: int, seconds: float = MAP_SECONDS + DREAM_SECONDS, on_val: bool = False, **changes) -> dict:
    """The study's own training: its map, its one step and its flow, with the way that collapses beside them."""
    pictures = pictures_of(name, on_val)
    config = replace(RECIPES[name], minutes=seconds / 60, seed=seed, num_threads=1, device="cpu", **changes)
    run = taught(f"{name}-{seed}-{seconds}", config, pictures)
    networks, spent = train.trained(run), run.history()[-1]["seconds"]
    dreams, _ = evaluate.dreamed(networks, judge_for(name), pictures)
    flat = evaluate.mapped(networks, pictures) | evaluate.folded(networks, pictures)
    noise, labels = questions(name, pictures)
    with torch.no_grad():
        shown = evaluate.painted(networks, networks.one_step(noise, labels))
    copies = evaluate.copied(networks, pictures, shown)
    row = {key: metric.value for key, metric in (dreams | flat | copies).items()}
    row |= {f"few_{key}": value for key, value in judged(name, shown[:FEW], labels[:FEW], on_val).items()}
    dreaming = sum(stage.time for stage in STAGES if stage.name != "map")
    shares = {"dream_seconds": dreaming * spent, "map_seconds": (1 - dreaming) * spent}
    row |= {"cpu_seconds": spent, "parameters": sum(p.numel() for p in networks.parameters())}
    return row | shares | {"bfloat16": float(torch.bfloat16 == NUMBER)}


def taught(row: str, config: Config, pictures: PictureSet) -> Run:
    """A finished run among temporary files; one that was cut off goes on where it was."""
    folder = Path(tempfile.gettempdir()) / f"cuaderno-bench-latent-{row}"
    there = sorted(folder.glob("latent-*"))
    run = Clocked.open(there[-1]) if there else Clocked.create("latent", config, folder)
    if there:
        run.resumed()
    if not run.has_weights:
        train.teach(config, run, pictures)
    return run


def questions(name: str, pictures: PictureSet) -> tuple[Tensor, Tensor]:
    """Noise and classes, as many as the test has pictures."""
    labels = pictures.test.labels
    noise = torch.randn(len(labels), RECIPES[name].latent_dim, generator=torch.Generator().manual_seed(1))
    return noise, labels


class ExamplesVAE(nn.Module):
    """The layers of pytorch/examples' VAE, 784, 400 and 20 in its file; here of any picture, with any latents.

    With `num_classes` both halves are told the class, one number for each, beside what they read anyway.

    Source:  the class: Sohn et al. 2015, "Learning Structured Output Representation".
    """

    def __init__(self, pixels: int = 784, latent_dim: int = 20, hidden_dim: int = 400, num_classes: int = 0):
        super().__init__()
        self.num_classes = num_classes
        self.into, self.mean = nn.Linear(pixels + num_classes, hidden_dim), nn.Linear(hidden_dim, latent_dim)
        self.log_variance = nn.Linear(hidden_dim, latent_dim)
        self.back, self.out = nn.Linear(latent_dim + num_classes, hidden_dim), nn.Linear(hidden_dim, pixels)

    def encode(self, x: Tensor, classes: Tensor | None = None) -> tuple[Tensor, Tensor]:
        hidden = F.relu(self.into(self.told(x.flatten(1), classes)))
        return self.mean(hidden), self.log_variance(hidden)

    def decode(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        return self.out(F.relu(self.back(self.told(z, classes))))

    def told(self, x: Tensor, classes: Tensor | None) -> Tensor:
        return x if classes is None else torch.cat([x, F.one_hot(classes, self.num_classes).to(x)], dim=1)


def examples_vae(name: str, seconds: float, seed: int, latent_dim: int = 20, tell: bool = False) -> dict:
    """pytorch/examples' VAE: Adam at 0.001, 128 pictures an update, for as many seconds; `tell` it the class."""
    seed_everything(seed)
    pictures = pictures_of(name)
    train_set, test = pictures.train, pictures.test
    model = ExamplesVAE(train_set.pixels[0].numel(), latent_dim, num_classes=len(pictures.classes) if tell else 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    began, step = time.process_time(), 0
    while time.process_time() - began < seconds:
        step += 1
        chosen = train.batch_of(step, len(train_set), 128, seed)
        x = train_set.pixels[chosen].float().flatten(1) / 255
        classes = train_set.labels[chosen] if tell else None
        mean, log_variance = model.encode(x, classes)
        logits = model.decode(lessons.drawn(mean, log_variance), classes)
        loss = lessons.reconstruction(logits, x) + lessons.divergence(mean, log_variance)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    spent = time.process_time() - began
    model.eval()
    labels = test.labels if tell else None
    with torch.no_grad():
        z = torch.randn(len(test), latent_dim, generator=torch.Generator().manual_seed(1))
        shown = model.decode(z, labels).sigmoid().reshape(test.pixels.shape)
    row = {"cpu_seconds": spent, "parameters": sum(p.numel() for p in model.parameters())}
    row |= {f"one_step_{key}": value for key, value in judged(name, shown, labels).items()}
    return row if tell else row | as_a_map(model.encode, model.decode, pictures)


def as_a_map(encode: Callable, decode: Callable, pictures: PictureSet) -> dict:
    """NELBO, KL and neighbours of any variational autoencoder on test pictures."""
    generator, costs, kls = torch.Generator().manual_seed(4), [], []
    few = evaluate.some_of(pictures.train, evaluate.MOST_ON_MAP)
    with torch.no_grad():
        for some in pictures.test.pixels.split(500):
            x = some.float() / 255
            mean, log_variance = encode(x)
            logits = decode(mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator))
            kl = lessons.divergence(mean, log_variance)
            costs.append(float(lessons.reconstruction(logits.reshape(x.shape), x) + kl) * len(x))
            kls.append(float(kl) * len(x))
        there, asked = (
            torch.cat([encode(some.float() / 255)[0] for some in split.pixels.split(500)])
            for split in (few, pictures.test)
        )
    right = evaluate.neighbours_agree(there, few.labels, asked, pictures.test.labels)
    many = len(pictures.test)
    return {"map_nelbo": sum(costs) / many, "map_kl": sum(kls) / many, "map_neighbours": float(right.float().mean())}


def plain_map(
    seconds: float, seed: int, warm_up: float, weight: float = 1.0, free: float = 0.0, convolutional: bool = False
) -> dict:
    """Two latents, and what makes a map collapse: how much KL divergence weighs, whether that grows, what is free.

    Units:   `seconds` of the processor; `warm_up` is the part of them in which the weight grows from a tenth (0: it is
             full from the first update on); `free` nats of divergence cost nothing.
    Source:  free bits, Kingma et al. 2016, arXiv:1606.04934.
    """
    seed_everything(seed)
    pictures = pictures_of("mnist")
    encoder, decoder = (Encoder(latent_dim=2), Decoder(latent_dim=2)) if convolutional else (MapEncoder(), MapDecoder())
    weights, rate = [*encoder.parameters(), *decoder.parameters()], 2e-3 if convolutional else MAP_RATE
    optimizer = torch.optim.AdamW(weights, rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
    stage, began, step, gone = Stage("map", 1, 1), time.process_time(), 0, 0.0
    while gone < 1:
        step += 1
        optimizer.param_groups[0]["lr"] = rate * stages.rate_at(stage, gone)
        x = pictures.train.pixels[train.batch_of(step, len(pictures.train), 256, seed)].float() / 255
        with torch.autocast("cpu", NUMBER, enabled=torch.float32 != NUMBER):
            mean, log_variance = encoder(x)
        mean, log_variance = mean.float(), log_variance.float()
        z = lessons.drawn(mean, log_variance)
        with torch.autocast("cpu", NUMBER, enabled=torch.float32 != NUMBER):
            logits = decoder(z)
        counts = weight * (min(1.0, 0.1 + gone / warm_up) if warm_up else 1.0)
        costs = lessons.divergence(mean, log_variance).clamp_min(free)
        loss = lessons.reconstruction(logits.float(), x) + counts * costs
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        gone = (time.process_time() - began) / seconds
    spent = time.process_time() - began
    row = {"cpu_seconds": spent, "updates": step, "parameters": sum(p.numel() for p in weights)}
    return row | as_a_map(encoder, decoder, pictures)


def minrf(checkout: Path, seconds: float, seed: int, steps: int = 50) -> dict:
    """minRF's recipe for MNIST: a DiT of 64 x 6, 256 pictures an update, Adam at 0.0005; 50 steps, guidance 2."""
    modules: dict[str, dict] = {name: {"__name__": name} for name in ("dit", "rf")}
    for name, module in modules.items():  # as they are, but for tensors sent to a GPU
        exec(compile((checkout / f"{name}.py").read_text().replace(".cuda()", ""), f"{name}.py", "exec"), module)
    DiT_Llama, RF = modules["dit"]["DiT_Llama"], modules["rf"]["RF"]
    seed_everything(seed)
    train_set = pictures_of("mnist").train
    rf = RF(DiT_Llama(1, 32, dim=64, n_layers=6, n_heads=4, num_classes=10))
    optimizer = torch.optim.Adam(rf.model.parameters(), lr=5e-4)
    began, step = time.process_time(), 0
    while time.process_time() - began < seconds:
        step += 1
        chosen = train.batch_of(step, len(train_set), 256, seed)
        x = F.pad(train_set.pixels[chosen].float() / 255, (2,) * 4) * 2 - 1
        loss, _ = rf.forward(x, train_set.labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    spent = time.process_time() - began
    rf.model.eval()
    labels, shown, began = pictures_of("mnist").test.labels[:FEW], [], time.process_time()
    for some in labels.split(250):
        noise = torch.randn(len(some), 1, 32, 32)
        shown.append(rf.sample(noise, some, torch.full_like(some, 10), steps)[-1])
    painted = (torch.cat(shown)[:, :, 2:-2, 2:-2] * 0.5 + 0.5).clamp(0, 1)
    row = {f"few_{key}": value for key, value in judged("mnist", painted, labels).items()}
    each = 1000 * (time.process_time() - began) / len(labels)
    return row | {
        "cpu_seconds": spent,
        "updates": step,
        "milliseconds_a_picture": each,
        "parameters": sum(p.numel() for p in rf.model.parameters()),
    }


def floor(name: str, seed: int) -> dict:
    """Real training pictures against real test pictures: as good as it gets."""
    some = evaluate.some_of(pictures_of(name).train, len(pictures_of(name).test))
    row = {f"one_step_{key}": value for key, value in judged(name, some.pixels.float() / 255, some.labels).items()}
    _, said = judge_for(name).see(pictures_of(name).test.pixels.float() / 255)
    return row | {"judge_accuracy": float((said == pictures_of(name).test.labels).float().mean())}


def all_rows(checkout: Path | None) -> dict[str, tuple]:
    """Every row by its name: what to call, with what besides the seed."""
    rows: dict[str, tuple] = {
        "mnist real pictures (floor)": (floor, {"name": "mnist"}),
        "mnist ours": (ours, {"name": "mnist"}),
        "mnist pytorch/examples VAE": (examples_vae, {"name": "mnist", "seconds": DREAM_SECONDS}),
        "map pytorch/examples VAE": (examples_vae, {"name": "mnist", "seconds": MAP_SECONDS, "latent_dim": 2}),
        "map convolutional, no warm-up": (plain_map, {"seconds": MAP_SECONDS, "warm_up": 0.0} | CONVOLUTIONAL),
        "map convolutional, warm-up": (plain_map, {"seconds": MAP_SECONDS, "warm_up": 0.3} | CONVOLUTIONAL),
        "map short, warm-up": (plain_map, {"seconds": SHORT_SECONDS, "warm_up": 0.3}),
        "map short, no warm-up": (plain_map, {"seconds": SHORT_SECONDS, "warm_up": 0.0}),
        "map short, error averaged over pixels": (plain_map, AVERAGED | {"warm_up": 0.0}),
        "map short, averaged, warm-up": (plain_map, AVERAGED | {"warm_up": 0.9}),
        "map short, averaged, 6 nats free": (plain_map, AVERAGED | {"warm_up": 0.0, "free": 6.0}),
        "colour real pictures (floor)": (floor, {"name": "colour"}),
        "colour ours": (ours, {"name": "colour", "seconds": COLOUR_SECONDS}),
        "colour pytorch/examples VAE, told the class": (
            examples_vae,
            {"name": "colour", "seconds": COLOUR_SECONDS, "latent_dim": COLOUR.latent_dim, "tell": True},
        ),
    }
    if checkout:
        rows["mnist minRF, 50 steps, 1,000 dreams"] = (minrf, {"checkout": checkout, "seconds": DREAM_SECONDS})
    return rows


# -- the table ---------------------------------------------------------------------------------------------------------


def measure(rows: dict[str, tuple], chosen: list[str], seeds: list[int], again: bool) -> dict:
    """Measure what is missing, seed by seed, and write after each."""
    path = RESULTS / "latent.json"
    result = json.loads(path.read_text()) if path.exists() else {"rows": {}}
    for name, (function, arguments) in rows.items():
        if not any(fnmatch.fnmatch(name, pattern) for pattern in chosen):
            continue
        for seed in seeds[:1] if "(floor)" in name else seeds:
            done = result["rows"].setdefault(name, {})
            if str(seed) in done and not again:
                continue
            began = time.monotonic()
            done[str(seed)] = function(**arguments, seed=seed)
            result |= {"processor": processor(), "torch": torch.__version__}
            write_atomic(path, json.dumps(result, indent=1) + "\n")
            shown = {k: round(v, 4) for k, v in done[str(seed)].items()}
            print(f"{name}, seed {seed}, {time.monotonic() - began:.0f} s:", json.dumps(shown), flush=True)
            write_table(result)
    return result


def across(seeds: dict[str, dict], key: str, digits: int = 3) -> str:
    """The mean over seeds and their standard deviation."""
    values = [row[key] for row in seeds.values() if key in row and math.isfinite(row[key])]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


WAYS = {
    "one_step": "one step",
    "few": "one step, 1,000 dreams",
    "flow": "its flow, 20 steps of Heun",
    "baseline_untaught": "its flow asked once, untaught",
    "baseline_prior": "its autoencoder, without the flow",
    "reconstructed": "its reconstructions of real pictures",
}


SECTIONS = {
    "mnist": "MNIST, 10,000 test pictures",
    "colour": "Colour, 32 pixels, cats and dogs, 2,000 test pictures",
}


BEFORE = (
    'Rows with "before" are kept beside the recipe that took their place. In bfloat16 it is that of commit 3765cc3,',
    "whose autoencoder learned in batches of 256. Without bfloat16 it is that of commit 3747cb2, where dreams kept to",
    "the flow 400 times as strictly in the last stage, which had 17 % of all seconds instead of 24 %; the network that",
    "sees had 5 % instead of 8 %, the autoencoder 40 % instead of 32 %; and the map learned in batches of 512 instead",
    "of 256. Rows in bfloat16 or on the faster processor, the floor in colour and the maps of others come from a",
    "processor that has bfloat16, with a judge that was trained there; all others from one that computes in float32",
    "only. minRF's updates were not counted in its run: four of them, timed alone, took 9 to 15 CPU seconds each.",
)


def lines_of(name: str, seeds: dict[str, dict]) -> list[str]:
    """A line of the table for each way in which a row makes pictures."""
    ways = [way for way in WAYS if any(f"{way}_frechet" in row for row in seeds.values())]
    spent = across(
        seeds, "dream_seconds" if any("dream_seconds" in row for row in seeds.values()) else "cpu_seconds", 0
    )
    lines = []
    for way in ways:
        cells = " | ".join(across(seeds, f"{way}_{measure}") for measure in MEASURES)
        title = f"{name}, {WAYS[way]}" if len(ways) > 1 else name
        lines.append(f"| {title} | {len(seeds)} | {spent} | {cells} |")
    return lines


def write_table(result: dict) -> None:
    """latent.md: the same figures for people."""
    rows = {name: seeds for name, seeds in result["rows"].items() if seeds}
    lines = [
        "# Dreams for the same CPU seconds",
        "",
        f"`python bench/latent.py` on {result['processor']}, one thread, torch {result['torch']}.",
        "Means over seeds ± standard deviation. Fréchet distance, precision and recall in the features of a judge that",
        "was trained on training pictures only and that no training has looked at; its seconds count for nobody. Class",
        "accuracy alone is won by collapse: look at the flow asked once without having been taught, and at its recall.",
        "The clock decides when a training ends, so a seed does not repeat bit by bit here.",
        "",
        *BEFORE,
        "",
    ]
    for prefix, title in SECTIONS.items():
        some = {name.removeprefix(prefix + " "): seeds for name, seeds in rows.items() if name.startswith(prefix)}
        if some:
            lines += [f"## {title}", "", "| | seeds | CPU s | Fréchet | class accuracy | precision | recall |"]
            lines += ["|---|---|---|---|---|---|---|"]
            lines += [line for name, seeds in some.items() for line in lines_of(name, seeds)] + [""]
    lines += [
        "## A map of two latents, MNIST",
        "",
        "| | seeds | CPU s | NELBO | KL | 5-NN |",
        "|---|---|---|---|---|---|",
    ]
    for name, seeds in rows.items():
        if name.startswith(("map", "mnist ours")):
            spent = across(seeds, "map_seconds" if name.startswith("mnist") else "cpu_seconds", 0)
            cells = (
                f"{across(seeds, 'map_nelbo', 1)} | {across(seeds, 'map_kl', 2)} | {across(seeds, 'map_neighbours')}"
            )
            lines.append(f"| {name.removeprefix('map ')} | {len(seeds)} | {spent} | {cells} |")
    write_atomic(RESULTS / "latent.md", "\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", default=["*"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--minrf", type=Path, help="a checkout of minRF")
    parser.add_argument("--again", action="store_true", help="measure also what is there")
    parser.add_argument("--list", action="store_true", help="show the rows and stop")
    arguments = parser.parse_args()
    rows = all_rows(arguments.minrf)
    if arguments.list:
        print("\n".join(rows))
        return
    torch.set_num_threads(1)
    measure(rows, arguments.rows, arguments.seeds, arguments.again)


if __name__ == "__main__":
    calm_threads()
    main()
