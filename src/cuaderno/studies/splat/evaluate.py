"""How near the views that were held out are to the photos taken there, and how near one comes without any 3D.

Beside the run it leaves `views.json`: of each held-out view its name, PSNR and SSIM, the worst first.
"""

import json
import sys

import numpy as np

from cuaderno.lab.device import seed_everything, set_threads
from cuaderno.lab.files import write_atomic
from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.lab.parallel import is_main
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.splat.judge import judged
from cuaderno.studies.splat.model import Table
from cuaderno.studies.splat.painter import Painter
from cuaderno.studies.splat.render import render, threads
from cuaderno.studies.splat.scene import Scene
from cuaderno.studies.splat.train import Config, mask_of, scene_of_run, trained

BROKEN = (
    "warning: the mean of all photos is nearer to the held-out views than this scene is, so the training broke or was "
    "far too short. Try the usual --learning-rate and rates, or more --steps."
)


def evaluate(run: Run) -> dict[str, Metric]:
    """PSNR and SSIM of held-out views, of the training's own, and of two ways to guess a view from other photos."""
    config = run.config(Config)
    set_threads(config.num_threads)
    seed_everything(config.seed)
    scene, splats = scene_of_run(run), trained(run)
    held_out = scene.test or scene.train  # a scene so small that nothing is held out is judged by what it learnt
    painter, table = Painter(threads(config.num_threads)), Table.of(splats)

    def painted(index: int) -> np.ndarray:
        return render(table, scene.cameras[index], scene.background, painter=painter).colour

    with Progress("judge the held-out views", total=4 * len(held_out), unit="view") as progress:
        found = {}
        for name, guess, views in (
            ("", painted, held_out),
            ("train_", painted, some(scene.train, len(held_out))),
            ("baseline_mean_", mean_picture(scene), held_out),
            ("baseline_nearest_", lambda index: nearest_photo(scene, index), held_out),
        ):
            found[name] = []
            for index in views:
                found[name].append(judged(guess(index), scene.pictures[index], mask_of(scene, index)))
                progress.advance()
    metrics = {}
    for name, results in found.items():
        metrics[f"{name}psnr"], metrics[f"{name}ssim"] = (
            bootstrap(list(values)) for values in zip(*results, strict=True)
        )
    if is_main() and metrics["psnr"].value < metrics["baseline_mean_psnr"].value:
        print(BROKEN, file=sys.stderr)
    rows = [
        {"view": scene.cameras[index].name, "psnr": round(psnr, 3), "ssim": round(ssim, 4)}
        for index, (psnr, ssim) in zip(held_out, found[""], strict=True)
    ]
    rows.sort(key=lambda row: row["psnr"])
    write_atomic(run.folder / "views.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return metrics | {"splats": Metric(len(splats))}


def some(indices: list[int], most: int) -> list[int]:
    """At most so many of them, evenly."""
    return indices[:: max(1, len(indices) // most)][:most]


def mean_picture(scene: Scene):
    """The mean of all training photos of the view's size, whatever the view."""
    means: dict[tuple[int, ...], np.ndarray] = {}

    def guess(index: int) -> np.ndarray:
        shape = scene.pictures[index].shape
        if shape not in means:
            same = [scene.pictures[i] for i in scene.train if scene.pictures[i].shape == shape]
            means[shape] = np.mean(same, axis=0) / 255 if same else np.full(shape, 0.5)
        return means[shape]

    return guess


def nearest_photo(scene: Scene, index: int) -> np.ndarray:
    """The training photo whose camera stood nearest and looked most the same way."""
    camera = scene.cameras[index]
    same = [i for i in scene.train if scene.pictures[i].shape == scene.pictures[index].shape]
    if not same:
        return np.full(scene.pictures[index].shape, 0.5)

    def apart(other: int) -> float:
        there = scene.cameras[other]
        turned = 1 - float(there.world_to_camera[2, :3] @ camera.world_to_camera[2, :3])
        return float(np.linalg.norm(there.position - camera.position)) / scene.radius + turned

    return scene.pictures[min(same, key=apart)] / 255
