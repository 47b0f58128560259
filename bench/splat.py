"""A scene from photos on a processor: quality against CPU seconds, the cost of a step, threads and frames a second.

    python bench/splat.py [ROW …] [--seeds 0 1 2] [--opensplat BINARY] [--again]

ROW chooses rows by their names, with `*` as in file names; `--list` shows them. Without any, all rows that
bench/results/splat.json does not hold yet are measured, so a bench that was cut off goes on where it was. A training
gets so many seconds of `process_time` on one thread, compiled kernels and decoded photos given; the clock decides the
schedule, and stands still for nothing. Views that are held out are judged once, at the end.

Scenes come from CUADERNO_DATA: `scenes/lego` (200², its own test views) and `scenes/fox_colmap`, a quarter of the
photos' 1080×1920, every eighth held out. They may not be used commercially, and nothing rendered from them is part of
this project; the still life is our own. OpenSplat (github.com/pierotofy/OpenSplat) runs from the binary that is named,
on its CPU path, on the same photos and cameras; the loss that it prints for the view that its `--val` keeps back is
given beside ours of that view. Writes bench/results/splat.json and splat.md.
"""

import argparse
import fnmatch
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.splat import learner, painter, train
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.judge import judged
from cuaderno.studies.splat.kernels import sort
from cuaderno.studies.splat.model import Table
from cuaderno.studies.splat.painter import Painter
from cuaderno.studies.splat.render import ready, render
from cuaderno.studies.splat.scene import Scene, open_scene
from cuaderno.studies.splat.splats import Splats

RESULTS = Path(__file__).parent / "results"
QUARTER = 478 / 640  # of the photos that are shipped, which are a third of what was taken
TRAININGS = {  # scene, CPU seconds, and what is changed in the settings
    "still life 60 s": ("", 60, {}),
    "fox 60 s": ("fox_colmap", 60, {}),
    "fox 60 s, colours the same from everywhere": ("fox_colmap", 60, {"degree": 0}),
    "fox 60 s, whole pictures from the start": ("fox_colmap", 60, {"coarse": 1}),
    "fox 60 s, no exposure": ("fox_colmap", 60, {"exposure_rate": 0.0}),
    "lego 60 s": ("lego", 60, {}),
    "lego 300 s": ("lego", 300, {}),
}
OTHERS = ("profile", "threads", "frames", "opensplat")
PEER_STEPS = 200


class Clocked(Run):
    """A run whose clock is the processor's, so that neighbours on the machine change nothing."""

    def _clock(self) -> dict[str, float]:
        spent = time.process_time() - self._zero["cpu_seconds"]
        return {"wall_seconds": spent, "cpu_seconds": spent}


def scene_named(name: str) -> Scene:
    """A scene in the size that is compared."""
    if not name:
        return open_scene("")
    folder = Path(os.environ.get("CUADERNO_DATA", "")) / "scenes" / name
    return open_scene(str(folder), QUARTER if name.startswith("fox") else 1.0)


def taught(scene: Scene, folder: str, **changes) -> tuple[Run, Splats, list[tuple[float, int]]]:
    """A training, its splats, and for each step when it began and how many pixels it saw."""
    begun: list[tuple[float, int]] = []
    step = learner.Learner.step

    def noted(self, number, camera, *rest):
        begun.append((time.process_time(), camera.width * camera.height))
        return step(self, number, camera, *rest)

    learner.Learner.step = noted
    try:
        config = replace(train.Config(), val_every=0, backend="cpu", **changes)
        run = Clocked.create("splat", config, Path(folder))
        train.teach(config, run, scene)
        return run, train.trained(run), begun
    finally:
        learner.Learner.step = step


def training(name: str, seed: int) -> dict:
    """Quality after so many CPU seconds, and what a step cost: over all, and of the last hundred, at full size."""
    data, seconds, changes = TRAININGS[name]
    scene = scene_named(data)
    ready(Painter())
    with tempfile.TemporaryDirectory() as folder:
        _, splats, begun = taught(scene, folder, minutes=seconds / 60, seed=seed, **changes)
    results = [judged(render(splats, scene.cameras[i], scene.background).colour, scene.pictures[i]) for i in scene.test]
    psnr, ssim = np.mean(results, axis=0).tolist()
    last = begun[-100:]
    return {
        "psnr": psnr,
        "ssim": ssim,
        "views": len(scene.test),
        "size": list(scene.pictures[0].shape[1::-1]),
        "steps": len(begun),
        "splats": len(splats),
        "step_ms": 1000 * (begun[-1][0] - begun[0][0]) / (len(begun) - 1),
        "last_step_ms": 1000 * (last[-1][0] - last[0][0]) / (len(last) - 1),
    }


def profile(seed: int) -> dict:
    """Milliseconds of each kernel in a step on whole fox photos with 30,000 splats: the median of many."""
    scene = scene_named("fox_colmap")
    ready(Painter())
    with tempfile.TemporaryDirectory() as folder:
        _, splats, _ = taught(scene, folder, steps=600, seed=seed, coarse=2)
        table = Table.of(splats)
    spent: dict[str, list[float]] = {}

    def timed(function, *arguments):
        begun = time.process_time()
        result = function(*arguments)
        spent.setdefault(function.__name__, []).append(1000 * (time.process_time() - begun))
        return result

    brush = Painter()
    brush.together = lambda function, *arguments: timed(function, 0, 1, *arguments)
    painter.kernels.sort = lambda *arguments: timed(sort, *arguments)
    averages, rates = np.zeros((2, table.flat.size), np.float32), np.zeros(72, np.float32)
    rates[64:69] = 0.9, 0.999, 0.1, 0.1, 1e-15
    views = scene.train[:10]
    photos = [painter.Photo(scene.pictures[i]) for i in views]
    for _ in range(6):
        for index, photo in zip(views, photos, strict=True):
            brush.paint(table, scene.cameras[index], np.zeros(3, np.float32))
            brush.compare(photo, 0.2)
            brush.blame()
            brush.learn(*averages, rates, np.zeros(2, np.float32), np.zeros(table.stride, np.float32))
    painter.kernels.sort = sort
    found = {name: statistics.median(values) for name, values in spent.items() if name != "statistics"}
    return found | {"all": sum(found.values()), "splats": len(splats), "pairs": int(brush.bounds[-1])}


def threads(seed: int) -> dict:
    """Wall seconds of the same 600 steps with one thread and with two, in turns."""
    scene = scene_named("fox_colmap")
    ready(Painter())
    found = {}
    for number in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            _, splats, _ = taught(scene, folder, steps=600, coarse=1, num_threads=number, seed=seed)
            found[f"wall_{number}"] = time.perf_counter() - begun
            found[f"sum_{number}"] = float(splats.means.sum())
    assert found["sum_1"] == found["sum_2"], "any number of threads gives the same splats"
    return found | {"faster": found["wall_1"] / found["wall_2"], "load": os.getloadavg()[0]}


def frames(seed: int) -> dict:
    """Pictures a second of 50,000 splats at 640×480, painted by one thread and by two, while a camera goes round."""
    scene = scene_named("")
    with tempfile.TemporaryDirectory() as folder:
        _, splats, _ = taught(scene, folder, steps=800, splats=50_000, first_splats=0.9, degree=1, seed=seed)
    table, found = Table.of(splats), {"splats": len(splats)}
    for number in (1, 2):
        brush, begun, spent = Painter(number), time.perf_counter(), time.process_time()
        for turn in range(40):
            angle = 2 * np.pi * turn / 40
            place = scene.focus + scene.radius * np.array([np.cos(angle), np.sin(angle), 0.5])
            camera = Camera("", looking_at(place, scene.focus, scene.up), 700.0, 700.0, 320.0, 240.0, 640, 480)
            brush.paint(table, camera, np.ones(3, np.float32))
        found[f"wall_{number}"] = 40 / (time.perf_counter() - begun)
        found[f"cpu_{number}"] = 40 / (time.process_time() - spent)
    return found | {"load": os.getloadavg()[0]}


def opensplat(binary: str, seed: int) -> dict:
    """OpenSplat on the same photos: CPU seconds a step, and the loss that it prints for the view it kept back."""
    folder = Path(os.environ.get("CUADERNO_DATA", "")) / "scenes" / "fox_colmap"
    kept = sorted((folder / "images").iterdir())[0].name
    with tempfile.TemporaryDirectory() as output:
        command = [binary, str(folder), "-n", str(PEER_STEPS), "--val", "--val-image", kept, "--cpu"]
        command += ["-o", str(Path(output) / "splat.ply")]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = answer.stdout + answer.stderr
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return read_opensplat(said) | {"cpu_seconds": spent, "step_ms": 1000 * spent / PEER_STEPS, "view": kept}


def read_opensplat(said: str) -> dict:
    """What OpenSplat wrote: the last step that it told of, and the loss of the view that was kept back.

    Raises:  SystemExit with its own words when there is no such loss.
    """
    steps = re.findall(r"Step (\d+): ([0-9.eE+-]+)", said)
    loss = re.findall(r"validation loss: ([0-9.eE+-]+)", said)
    if not steps or not loss:
        sys.exit(f"OpenSplat did not train to the end. It said: …{said[-600:]}")
    return {"steps": int(steps[-1][0]), "loss": float(loss[-1])}


# -- what is written ---------------------------------------------------------------------------------------------------


def measure(row: str, seed: int, binary: str) -> dict:
    """One row with one seed."""
    if row in TRAININGS:
        return training(row, seed)
    if row == "opensplat":
        return opensplat(binary, seed)
    return {"profile": profile, "threads": threads, "frames": frames}[row](seed)


def spread(results: list[dict], name: str, digits: int = 2) -> str:
    """Mean and standard deviation over seeds."""
    values = [result[name] for result in results]
    if len(values) < 2:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.mean(values):.{digits}f} ± {statistics.stdev(values):.{digits}f}"


def written(known: dict) -> str:
    """The tables, and a sentence for each measurement that is none."""
    rows = {name: list(results.values()) for name, results in known["rows"].items()}
    lines = [
        "# Splatting on a processor",
        "",
        f"`python bench/splat.py`, on {known['processor']}. One thread unless told; CPU seconds; mean ± standard",
        "deviation over seeds. Where others use the machine, too, a CPU second does less.",
        "",
        "| training | pictures | PSNR, dB | SSIM | steps | ms a step | ms a step at the end | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in TRAININGS:
        if results := rows.get(name):
            size = "×".join(map(str, results[0]["size"]))
            cells = [name, size, spread(results, "psnr"), spread(results, "ssim", 3), spread(results, "steps", 0)]
            cells += [spread(results, "step_ms", 1), spread(results, "last_step_ms", 1), str(len(results))]
            lines.append("| " + " | ".join(cells) + " |")
    if results := rows.get("profile"):
        lines += ["", "| kernel | ms of a step on whole fox photos, 30,000 splats |", "|---|---|"]
        lines += [f"| {name} | {spread(results, name)} |" for name in results[0] if name not in ("splats", "pairs")]
    if results := rows.get("threads"):
        faster, load = spread(results, "faster"), spread(results, "load", 1)
        lines += [
            "",
            f"Two threads are {faster} times as fast as one: 600 steps, wall time, load of the machine {load}.",
        ]
    if results := rows.get("frames"):
        one, two, each = spread(results, "wall_1", 1), spread(results, "wall_2", 1), spread(results, "cpu_1", 1)
        load = spread(results, "load", 1)
        lines += [
            "",
            f"640×480, 50,000 splats: {one} pictures a second with one thread, {two} with two (wall time, load",
        ]
        lines += [f"{load}); {each} in a CPU second."]
    if results := rows.get("opensplat"):
        each, loss = spread(results, "step_ms", 0), spread(results, "loss", 4)
        lines += ["", f"OpenSplat on its CPU path: {each} CPU milliseconds a step over its first {PEER_STEPS};"]
        lines += [f"loss of {results[0]['view']}: {loss}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", help="names of rows, with * as in file names")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--opensplat", default="", help="a binary of OpenSplat")
    parser.add_argument("--again", action="store_true", help="measure what is there already")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    told = parser.parse_args()
    names = [*TRAININGS, *OTHERS]
    if told.list:
        print("\n".join(names))
        return
    path = RESULTS / "splat.json"
    known = json.loads(path.read_text()) if path.is_file() else {"rows": {}}
    known["processor"] = processor()
    for row in names:
        if told.rows and not any(fnmatch.fnmatch(row, pattern) for pattern in told.rows):
            continue
        if row == "opensplat" and not told.opensplat:
            continue
        for seed in map(str, told.seeds):
            if seed in known["rows"].get(row, {}) and not told.again:
                continue
            print(f"{row}, seed {seed}", file=sys.stderr, flush=True)
            known["rows"].setdefault(row, {})[seed] = measure(row, int(seed), told.opensplat)
            RESULTS.mkdir(exist_ok=True)
            write_atomic(path, json.dumps(known, indent=1) + "\n")
            write_atomic(RESULTS / "splat.md", written(known))


if __name__ == "__main__":
    calm_threads()
    main()
