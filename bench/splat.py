"""A scene from photos on a processor: quality against CPU seconds, the cost of a step, threads and frames a second.

    python bench/splat.py [ROW …] [--seeds 0 1 2] [--opensplat BINARY] [--again]

ROW chooses rows by their names, with `*` as in file names; `--list` shows them. Without any, all rows that
bench/results/splat.json does not hold yet are measured, so a bench that was cut off goes on where it was. A training
gets so many seconds of `process_time` on one thread, compiled kernels and decoded photos given; the clock decides the
schedule, and stands still for nothing. Views that are held out are judged once, at the end.

Scenes come from CUADERNO_DATA: `scenes/lego` (200², its own test views) and `scenes/fox_colmap`, a quarter of the
photos' 1080×1920, every eighth held out. They may not be used commercially, and nothing rendered from them is part of
this project; the still life is our own. OpenSplat (github.com/pierotofy/OpenSplat) runs from the binary that is named,
on its CPU path, on the same photos, cameras and points (opensplat.py). Writes bench/results/splat.json and splat.md.
"""

import argparse
import fnmatch
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import opensplat
from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.splat import learner, painter, train
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.judge import judged
from cuaderno.studies.splat.kernels import sort
from cuaderno.studies.splat.model import Table
from cuaderno.studies.splat.painter import Painter
from cuaderno.studies.splat.ply import read_ply
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
    "lego 60 s": ("lego", 60, {}),
    "lego 300 s": ("lego", 300, {}),
    "lego 300 s, 60,000 splats of degree 3": ("lego", 300, {"splats": 60_000, "degree": 3}),
}
OTHERS = ("profile", "threads", "frames", "photos", "opensplat")
PEER_SECONDS = (60,)  # of OpenSplat


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
    return quality(splats, scene) | {
        "views": len(scene.test),
        "size": list(scene.pictures[0].shape[1::-1]),
        "steps": len(begun),
        "splats": len(splats),
        "load": os.getloadavg()[0],
        "step_ms": milliseconds(begun),
        "last_step_ms": milliseconds(begun[-100:]),
    }


def quality(splats: Splats, scene: Scene) -> dict[str, float]:
    """Means over the views that were held out, in front of the scene's background."""
    results = [judged(render(splats, scene.cameras[i], scene.background).colour, scene.pictures[i]) for i in scene.test]
    psnr, ssim = np.mean(results, axis=0).tolist()
    return {"psnr": psnr, "ssim": ssim}


def milliseconds(begun: list[tuple[float, int]]) -> float:
    """CPU time from one step to the next, the mean."""
    return 1000 * (begun[-1][0] - begun[0][0]) / (len(begun) - 1)


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
    """Wall seconds of the same training with one thread and with two, in turns, and the medians of their ratios.

    Two trainings of one thread each, side by side, have nothing to wait for: as much as they get done is what this
    machine can give.
    """
    scene = scene_named("fox_colmap")
    ready(Painter())
    walls: dict[str, list[float]] = {"one": [], "two": [], "apart": []}
    sums = set()

    def trained(number: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            _, splats, _ = taught(scene, folder, steps=300, coarse=1, num_threads=number, seed=seed)
            sums.add(float(splats.means.sum()))

    for _ in range(3):
        for name, number in (("one", 1), ("two", 2)):
            begun = time.perf_counter()
            trained(number)
            walls[name].append(time.perf_counter() - begun)
        other = multiprocessing.get_context("fork").Process(target=trained, args=(1,))
        begun = time.perf_counter()
        other.start()
        trained(1)
        other.join()
        assert other.exitcode == 0, "one that failed would look fast"
        walls["apart"].append(time.perf_counter() - begun)
    assert len(sums) == 1, "any number of threads gives the same splats"
    faster = [one / two for one, two in zip(walls["one"], walls["two"], strict=True)]
    most = [2 * one / both for one, both in zip(walls["one"], walls["apart"], strict=True)]
    found = {"faster": statistics.median(faster), "most": statistics.median(most)}
    return {"walls": walls, "load": os.getloadavg()[0]} | found


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


def peer(binary: str, seed: int) -> dict:
    """OpenSplat on the same photos: what a step costs, ours beside it, and its quality after some time."""
    scene, source = scene_named("fox_colmap"), Path(os.environ.get("CUADERNO_DATA", "")) / "scenes" / "fox_colmap"
    names = [scene.cameras[i].name for i in scene.test]
    points, found = len(scene.points), {}
    with tempfile.TemporaryDirectory() as folder:
        project, output = Path(folder) / "fox", Path(folder) / "splat.ply"
        opensplat.project_without(source, project, set(names[1:]))
        found["step_ms"] = opensplat.cost_of_a_step(binary, project, 1 / QUARTER, output)
        steps = opensplat.FIRST_STEPS[1]
        same = {"splats": points, "first_splats": 1.0, "degree": 3, "coarse": 1, "steps": steps, "seed": seed}
        ready(Painter())
        _, _, begun = taught(scene, str(Path(folder) / "ours"), **same)
        found["our_step_ms"] = milliseconds(begun[opensplat.FIRST_STEPS[0] :])
        for seconds in PEER_SECONDS:
            told = opensplat.within(binary, project, seconds, 1 / QUARTER, output, names[0])
            splats = read_ply(output)
            results = quality(splats, replace(scene, background=opensplat.BACKGROUND))
            found[f"{seconds} s"] = told | results | {"splats": len(splats)}
    return found | {"points": points, "cheaper": found["step_ms"] / found["our_step_ms"]}


def photos(seed: int) -> dict:
    """The whole way that a user goes, 50 photos without cameras, two threads: seconds of wall time and of CPU time."""
    folder = Path(os.environ.get("CUADERNO_DATA", "")) / "scenes" / "fox_colmap" / "images"
    with tempfile.TemporaryDirectory() as place:
        os.environ["CUADERNO_CACHE"] = place
        begun, spent = time.perf_counter(), cpu_seconds()
        scene = open_scene(str(folder))
        found = {"cameras_wall": time.perf_counter() - begun, "cameras_cpu": cpu_seconds() - spent}
        _, splats, begun_steps = taught(scene, str(Path(place) / "run"), seed=seed, num_threads=2)
        found |= {"wall": time.perf_counter() - begun, "cpu": cpu_seconds() - spent}
    size = list(scene.pictures[0].shape[1::-1])
    return found | quality(splats, scene) | {"photos": len(scene), "size": size, "steps": len(begun_steps)}


def cpu_seconds() -> float:
    """Of this process, and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


# -- what is written ---------------------------------------------------------------------------------------------------


def measure(row: str, seed: int, binary: str) -> dict:
    """One row with one seed."""
    if row in TRAININGS:
        return training(row, seed)
    if row == "opensplat":
        return peer(binary, seed)
    return {"profile": profile, "threads": threads, "frames": frames, "photos": photos}[row](seed)


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
        "deviation over seeds. Where others use the machine, too, a CPU second does less. What lies behind everything:",
        "white for lego, whose pictures have transparent parts; for fox it is unknown, and painted black.",
        "",
        "| training | pictures | PSNR, dB | SSIM | steps | ms a step | ms a step at the end | load | seeds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in TRAININGS:
        if results := rows.get(name):
            size = "×".join(map(str, results[0]["size"]))
            cells = [name, size, spread(results, "psnr"), spread(results, "ssim", 3), spread(results, "steps", 0)]
            cells += [spread(results, "step_ms", 1), spread(results, "last_step_ms", 1)]
            cells += [spread(results, "load", 1), str(len(results))]
            lines.append("| " + " | ".join(cells) + " |")
    if results := rows.get("profile"):
        lines += ["", "| kernel | ms of a step on whole fox photos, 30,000 splats |", "|---|---|"]
        lines += [f"| {name} | {spread(results, name)} |" for name in results[0] if name not in ("splats", "pairs")]
    if results := rows.get("threads"):
        faster, most, load = (spread(results, name) for name in ("faster", "most", "load"))
        lines += [
            "",
            f"Two threads are {faster} times as fast as one: 300 steps on whole fox photos, wall time, load {load}.",
            f"Two trainings of one thread each, side by side, are {most} times as fast as one after the other:",
            "more this machine does not give.",
        ]
    if results := rows.get("frames"):
        one, two, each = spread(results, "wall_1", 1), spread(results, "wall_2", 1), spread(results, "cpu_1", 1)
        load = spread(results, "load", 1)
        lines += [
            "",
            f"640×480, 50,000 splats: {one} pictures a second with one thread, {two} with two (wall time, load",
        ]
        lines += [f"{load}); {each} in a CPU second."]
    if results := rows.get("photos"):
        size = "×".join(map(str, results[0]["size"]))
        lines += [
            "",
            f"From {results[0]['photos']} photos ({size}, a phone's) to a scene, default settings, two threads:"
            f" {spread(results, 'wall', 0)} seconds,",
            f"of which {spread(results, 'cameras_wall', 0)} for the cameras; {spread(results, 'cpu', 0)} CPU seconds;"
            f" {spread(results, 'psnr')} dB on photos that were held out.",
        ]
    if results := rows.get("opensplat"):
        lines += ["", *beside_opensplat(results, rows.get("fox 60 s"))]
    return "\n".join(lines) + "\n"


def beside_opensplat(results: list[dict], ours: list[dict] | None) -> list[str]:
    """What a step costs there and here, and what comes of some time."""
    lines = [
        f"A step on whole fox photos with {results[0]['points']:,} splats: {spread(results, 'step_ms', 0)} CPU ms"
        f" in OpenSplat, {spread(results, 'our_step_ms', 1)} here: {spread(results, 'cheaper', 1)} times as cheap.",
        "",
        "| fox, held-out views | CPU s | steps | splats | PSNR, dB | SSIM |",
        "|---|---|---|---|---|---|",
    ]
    table = [("OpenSplat", [result[f"{seconds} s"] for result in results]) for seconds in PEER_SECONDS]
    table += [("ours", [one | {"cpu_seconds": 60} for one in ours])] if ours else []
    for name, rows in table:
        cells = [name, spread(rows, "cpu_seconds", 0), spread(rows, "steps", 0), spread(rows, "splats", 0)]
        lines.append("| " + " | ".join([*cells, spread(rows, "psnr"), spread(rows, "ssim", 3)]) + " |")
    trained = [results[0][f"{seconds} s"] for seconds in PEER_SECONDS]
    losses = ", ".join(f"{one['loss']:.4f} after {one['cpu_seconds']:.0f} s" for one in trained)
    return [*lines, "", f"The loss that OpenSplat prints for the one view that its `--val` kept back: {losses}."]


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
