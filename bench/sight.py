"""What a trained classifier of pictures looks at, which maps of it are to be believed, and how fast it answers.

    python bench/sight.py maps RUN [--number 60]       # each kind of map on test pictures of the run
    python bench/sight.py planted [--steps 420] [--seeds 0 1 2]   # wrong items planted among the photos, cross-fitted
    python bench/sight.py speed RUN FOLDER             # photos a second on one core, decoding included

`planted` needs `cats_vs_dogs` in CUADERNO_DATA, whose photos carry no licence: neither they nor weights trained on them
are part of this project. What is measured is added to bench/results/sight.json, from which sight.md is written.
"""

import argparse
import json
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path

import torch

from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.pictures.files import SUFFIXES, read_picture
from cuaderno.lab.run import Run
from cuaderno.studies.vision import explain, judge
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.data import Pictures, PictureSet
from cuaderno.studies.vision.mistakes import cross_fitted
from cuaderno.studies.vision.predict import predict
from cuaderno.studies.vision.train import Config, pictures_of, trained

RESULTS = Path(__file__).parent / "results"
WORST = 0.03  # of the pictures, among which planted ones should be


def maps(run: Run, number: int) -> dict:
    """How far each kind of map can be believed, on test pictures that the network names rightly."""
    config, model = run.config(Config), trained(run)
    test = pictures_of(config).test
    order = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))
    pixels = resized(test.pixels[order], config.size)
    with torch.no_grad():
        right = torch.cat([model(some).argmax(1) for some in pixels.split(250)]) == test.labels[order]
    pixels, labels = pixels[right][:number], test.labels[order][right][:number]
    found = explain.compare_maps(model, pixels, labels)
    rows = {}
    for name, values in found.items():
        chance = found["random"]
        better = [value > other for value, other in zip(values, chance, strict=True)]
        error = statistics.stdev(values) / len(values) ** 0.5
        rows[name] = {"trust": statistics.mean(values), "error": error, "better": statistics.mean(better)}
    return {"number": len(labels), "rows": rows}


def planted(steps: int, seed: int) -> dict:
    """The places of the wrong items when every photo is judged by a network that did not learn from it."""
    root = Path(os.environ.get("CUADERNO_DATA", "")) / "cats_vs_dogs"
    pixels, labels, names = [], [], []
    for split in ("train", "noisy"):
        for label, kind in enumerate(("cat", "dog")):
            for path in sorted((root / split / kind).glob("*.jpg")):
                pixels.append(torch.from_numpy(read_picture(path, 96)).permute(2, 0, 1))
                labels.append(label)
                names.append(f"{split}/{kind}/{path.name}")
    whole = Pictures(torch.stack(pixels), torch.tensor(labels), names)
    none = Pictures(whole.pixels[:0], whole.labels[:0], [])
    began = time.process_time()
    said = cross_fitted(replace(Config(), steps=steps, seed=seed), PictureSet(("cat", "dog"), whole, none, none), 3)
    spent = time.process_time() - began
    losses = -said.gather(1, whole.labels[:, None])[:, 0].clamp(min=1e-12).log()
    far = judge.Textures(whole.pixels).own_distances()
    signs = {"loss": losses, "texture": far, "both": judge.suspicion(-losses, far)}
    most, wrong = round(WORST * len(names)), [i for i, name in enumerate(names) if name.startswith("noisy")]
    places = {name: (-sign).argsort(stable=True).argsort(stable=True) + 1 for name, sign in signs.items()}
    return {
        "accuracy": float((said.argmax(1) == whole.labels).float().mean()),
        "cpu_seconds": spent,
        "most": most,
        "found": {name: sum(int(place[i]) <= most for i in wrong) for name, place in places.items()},
        "places": {names[i]: {name: int(place[i]) for name, place in places.items()} for i in wrong},
    }


def speed(run: Run, folder: Path) -> dict:
    """Photos answered in a second of one core, the second time, when everything is warm."""
    count = sum(path.suffix.lower() in SUFFIXES for path in folder.rglob("*"))
    seconds = []
    for _ in range(3):
        began = time.process_time()
        answers = sum("error" not in answer for answer in predict(run, [str(folder)]))
        seconds.append(time.process_time() - began)
    return {"photos": count, "answers": answers, "a_second": count / min(seconds[1:])}


def seen(config: Config) -> str:
    """At which size the network sees pictures: on that depends all that is measured here."""
    return f"whole pictures at {config.size} pixels"


def write(result: dict) -> None:
    """sight.json, and the same for people."""
    write_atomic(RESULTS / "sight.json", json.dumps(result, indent=1) + "\n")
    lines = [
        "# What it looks at, and which labels it does not believe",
        "",
        f"On {result['processor']}, one thread.",
        "",
    ]
    for title, one in result.get("maps", {}).items():
        lines += [
            f"## Maps: {title}",
            "",
            f"On {one['number']} test pictures that it names rightly. Squares are shown, then covered, in the order of "
            "the map: mean probability of the class while showing less while covering, ± its standard error; squares "
            "in any order get 0 on average.",
            "",
            "| map | how far it can be believed | beats a random order on |",
            "|---|---|---|",
        ]
        for name, row in sorted(one["rows"].items(), key=lambda item: -item[1]["trust"]):
            lines.append(f"| {name} | {row['trust']:.3f} ± {row['error']:.3f} | {row['better']:.0%} of the pictures |")
        lines.append("")
    for title, one in result.get("planted", {}).items():
        found = ", ".join(f"{name} {count}" for name, count in one["found"].items())
        lines += [
            f"## Wrong items planted among the photos: {title}",
            "",
            f"Three networks, {one['cpu_seconds']:.0f} CPU seconds together; right on {one['accuracy']:.1%} of the "
            f"photos that they had not seen. Among the worst {one['most']} (3 %), of 9: {found}.",
            "",
            "| item | place by loss | by texture | by both |",
            "|---|---|---|---|",
        ]
        for name, place in one["places"].items():
            lines.append(f"| {name} | {place['loss']:,} | {place['texture']:,} | {place['both']:,} |")
        lines.append("")
    for title, one in result.get("speed", {}).items():
        lines += [f"## Speed: {title}", "", f"{one['a_second']:.0f} photos a CPU second, decoding included.", ""]
    write_atomic(RESULTS / "sight.md", "\n".join(lines).rstrip() + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="what", required=True)
    verb = verbs.add_parser("maps")
    verb.add_argument("run", type=Path)
    verb.add_argument("--number", type=int, default=60)
    verb.add_argument("--title", default="drawings", help="what the pictures are, for the table")
    verb = verbs.add_parser("planted")
    verb.add_argument("--steps", type=int, default=420)
    verb.add_argument("--seeds", type=int, nargs="+", default=[0])
    verb = verbs.add_parser("speed")
    verb.add_argument("run", type=Path)
    verb.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / "sight.json"
    result = json.loads(path.read_text()) if path.exists() else {}
    result |= {"processor": processor()}
    rows = result.setdefault(arguments.what, {})
    if arguments.what == "maps":
        run = Run.open(arguments.run)
        rows[f"{arguments.title}, {seen(run.config(Config))}"] = maps(run, arguments.number)
        write(result)
    elif arguments.what == "speed":
        run = Run.open(arguments.run)
        rows[f"{arguments.folder.name}, {seen(run.config(Config))}"] = speed(run, arguments.folder)
        write(result)
    else:
        for seed in arguments.seeds:
            rows[f"seed {seed}, {arguments.steps} steps, {seen(Config())}"] = planted(arguments.steps, seed)
            write(result)


if __name__ == "__main__":
    calm_threads()
    main()
