"""Learn a scene from photos of it: paint, compare, and move every splat a little, some thousand times.

The first part of the budget looks at small pictures, which cost little and say where things are; then at larger ones.
There are few splats at first and as many as the budget allows later, and those that fade are put where pictures are
still wrong. A colour may depend on the direction only once things are in their place.
"""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from cuaderno.lab.device import seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.lab.parallel import is_main, rank
from cuaderno.lab.run import Run
from cuaderno.studies.splat import settings
from cuaderno.studies.splat.data import Views, extent, first_splats
from cuaderno.studies.splat.judge import decibels
from cuaderno.studies.splat.learner import Exposure, Learner, Rates, learner_for
from cuaderno.studies.splat.painter import Painter, Photo
from cuaderno.studies.splat.photos import STOPS
from cuaderno.studies.splat.relocate import mend, relocate
from cuaderno.studies.splat.render import BLACK, chosen_backend, ready, threads
from cuaderno.studies.splat.scene import Scene, open_scene
from cuaderno.studies.splat.splats import FIELDS, Splats

SIZES = ((0.2, 4), (0.55, 2), (1.0, 1))  # up to which share of the budget pictures are how much smaller
GROWN, SETTLED = 0.75, 0.85  # shares at which all splats are there, and after which none is moved elsewhere
TURNING = 0.15, 0.35, 0.55  # shares from which colours depend on the direction by degree 1, 2 and 3
STAGES = (0.0, 0.02, 0.06, 0.15, 0.4, 1.0)  # shares at which a page may show what there was: from fog to object
SHOWN = 8_000  # splats of a stage, the strongest
FEWEST = 1000  # splats to begin with, if the budget allows so many
TRIED, STEP_COSTS = 5, 4  # pictures painted to foretell the time, and the pictures that a step takes as long as
MOST_LOOKED_AT = 8  # held-out views while it trains; the evaluation takes all


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    data: str = (
        ""  # photos, a video, COLMAP's sparse/ or a transforms.json; also looked for in CUADERNO_DATA; else drawn here
    )
    scale: float = 1.0  # of the pictures' sides: 0.25 learns from small ones, and costs a sixteenth
    # model
    splats: int = 30_000  # the budget: never more of them
    first_splats: float = 0.3  # share of the budget to begin with, or fewer where fewer points are known
    degree: int = 2  # of the spherical harmonics: how finely a colour may depend on the direction, 0 to 3
    # schedule
    steps: int = 3000  # updates, each from one picture
    minutes: float = 0.0  # train for so long instead, whatever the number of steps
    coarse: int = 4  # how much smaller pictures are at first: 4, 2, or 1 for whole ones from the start
    relocate_every: int = 100  # updates between two moves of faint splats to where pictures are wrong
    # optimizer
    learning_rate: float = 1.6e-3  # of the splats' places, by the scene's extent; falls to a hundredth
    scale_rate: float = 0.01  # of the logarithms of their sizes, and a fifth of it for their rotations
    opacity_rate: float = 0.05  # of the logits of their opacities
    colour_rate: float = 0.008  # of their colours, and an eighth of it for how these depend on the direction
    exposure_rate: float = 0.001  # of each photo's gains and offsets, if one is a stop brighter or darker than most
    structure: float = 0.2  # weight of 1 - SSIM in the loss; the rest is the absolute error
    opacity_pull: float = 0.0  # towards transparency, so that what is not needed fades
    scale_pull: float = 0.0  # towards small splats
    # evaluation
    val_every: int = 250  # updates between two looks at views that are held out, which decide nothing; 0: never
    # machine
    backend: str = "auto"  # cpu, cuda (gsplat), or auto for the best there is
    seed: int = 0  # of the drawn scene, the first splats, the order of the pictures, and the moves
    num_threads: int = 1  # that paint; 0: all there are


TINY = Config(
    scale=0.16, splats=400, degree=1, steps=24, coarse=2, relocate_every=5, val_every=12, backend="cpu"
)  # fmt: skip
QUICK = Config(scale=0.5, splats=8000, steps=800)


def settle(config: Config) -> Config:
    """The settings, refused before there is a run when they cannot be."""
    settings.check(config)
    chosen_backend(config.backend)
    return config


def build(config: Config) -> Splats:
    """The splats before any training."""
    return first(config, open_scene(config.data, config.scale, config.seed))


def train(config: Config, run: Run) -> None:
    """The whole training, from first splats to `weights.safetensors`."""
    settings.check(config)
    teach(config, run, found_for(run))


def teach(config: Config, run: Run, scene: Scene) -> None:
    """The training with a scene that is here already."""
    seed_everything(config.seed)
    set_threads(config.num_threads)
    backend, num_threads = chosen_backend(config.backend), threads(config.num_threads)
    ready(Painter())
    check_same(run, scene)
    run.data["background"] = list(scene.background or BLACK)
    run.used("pictures", scene.fingerprint)
    splats, size = first(config, scene), extent(scene)
    learner = learner_for(backend, splats, config.splats, num_threads)
    exposure = Exposure(len(scene.cameras), config.exposure_rate if exposure_moves(scene) else 0.0)
    begun = learner.table.count
    run.describe(backend=backend, **expected(config, scene, learner), **scene.describe())
    run.data["effective"]["parameters"] = config.splats * len(learner.table.rows)
    state = run.restore()
    if state:
        learner.load(state["learner"])
        exposure.load(state["exposure"])

    views: dict[int, Views] = {}
    background = np.float32(scene.background or BLACK)
    for step in run.steps(config.steps, config.minutes):
        progress = run.progress
        smaller = smaller_by(config, scene, progress)
        if smaller not in views:
            views = {smaller: Views(scene, smaller)}  # of the sizes before, nobody needs any more
        seen = views[smaller]
        view = scene.train[view_of(step, len(scene.train), config.seed + rank())]
        degree = sum(progress >= share for share in TURNING[: config.degree])
        found = learner.step(
            step, seen.cameras[view], seen.photos[view], background, exposure.of(view), degree,
            rates_at(config, size, progress), config.structure,
        )  # fmt: skip
        exposure.learn(view, found["by_exposure"])

        if step % config.relocate_every == 0 and progress < SETTLED:
            learner.fetch()
            mend(learner.table)
            rng = np.random.default_rng([config.seed, step])
            learner.changed(relocate(learner.table, wanted(config, begun, progress), learner.score, rng))
        if step % 10 == 0 or step == run.total or not np.isfinite(found["loss"]):
            run.log(step, loss=found["loss"], train_psnr=decibels(found["square"]), splats=learner.table.count)
        if scene.test and config.val_every and (step % config.val_every == 0 or step == run.total):
            tell(run, *look(learner, scene, background, degree))
        if stage_due(run, step):
            keep_stage(run, learner, look(learner, scene, background, degree))
        if run.checkpoint_due():
            learner.fetch()
            mend(learner.table)
            run.checkpoint(learner=learner.state(), exposure=exposure.state())
    learner.fetch()
    mend(learner.table)
    run.save_weights(tensors_of(learner.table.splats))


def exposure_moves(scene: Scene) -> bool:
    """Whether a photo is so much brighter or darker than most that its camera must have seen the light otherwise.

    Where none is, gains and offsets would only learn by heart what the training views look like.
    """
    stops = np.array([2.2 * np.log2(picture.mean() / 255 + 1e-4) for picture in scene.pictures])
    return not scene.background and bool(np.abs(stops - np.median(stops)).max() > STOPS)


def first(config: Config, scene: Scene) -> Splats:
    """The splats to begin with."""
    count = max(min(config.splats, FEWEST), round(config.splats * config.first_splats))
    return first_splats(scene, min(count, config.splats), config.degree, config.seed)


def wanted(config: Config, begun: int, progress: float) -> int:
    """How many splats there should be by now: each step the same share more."""
    return int(begun * (config.splats / begun) ** min(1.0, progress / GROWN) + 0.5)


def rates_at(config: Config, size: float, progress: float) -> Rates:
    """How far things move: places less and less from the beginning, everything else in the second half."""
    late = 1.0 if progress < 0.5 else 10 ** (-2 * (progress - 0.5))
    return Rates(
        means=config.learning_rate * size * 0.01**progress,
        scales=config.scale_rate * late,
        rotations=config.scale_rate / 5 * late,
        opacities=config.opacity_rate * late,
        colours=config.colour_rate * late,
        higher=config.colour_rate / 8 * late,
        opacity_pull=config.opacity_pull,
        scale_pull=config.scale_pull,
    )


def smaller_by(config: Config, scene: Scene, progress: float) -> int:
    """By how much pictures are smaller at this time; no picture becomes smaller than one block of pixels."""
    side = min(min(camera.width, camera.height) for camera in scene.cameras)
    return next(
        max(1, min(smaller, config.coarse, side // 4)) for share, smaller in SIZES if progress < share or share == 1
    )


def view_of(step: int, many: int, seed: int) -> int:
    """Which training picture a step looks at: each once in an order that is another every time."""
    epoch, place = divmod(step - 1, many)
    return int(np.random.default_rng([seed, epoch]).permutation(many)[place])


# -- what is seen while it trains --------------------------------------------------------------------------------------


def look(learner: Learner, scene: Scene, background: np.ndarray, degree: int) -> tuple[float, float]:
    """PSNR and SSIM of some held-out views as they are now; 0 where nothing is held out."""
    results = []
    for index in scene.test[:: max(1, len(scene.test) // MOST_LOOKED_AT)][:MOST_LOOKED_AT]:
        photo = Photo(scene.pictures[index], mask_of(scene, index))
        results.append(learner.judge(scene.cameras[index], photo, background, degree))
    psnr, ssim = np.mean(results or [(0.0, 0.0)], axis=0).tolist()
    return psnr, ssim


def tell(run: Run, psnr: float, ssim: float) -> None:
    """Log how good it is, and what that cost so far."""
    run.log(run.step, val_psnr=psnr, val_ssim=ssim)
    if is_main():
        spent = run._clock()["cpu_seconds"]
        note(run, {"step": run.step, "cpu_seconds": round(spent, 2), "psnr": round(psnr, 3), "ssim": round(ssim, 4)})
        print(f"after {spent:.0f} CPU seconds: {psnr:.2f} dB, SSIM {ssim:.3f} on held-out views", file=sys.stderr)


def note(run: Run, row: dict[str, Any]) -> None:
    """One more point of the curve of quality against CPU seconds; what a killed run noted too late is written anew."""
    path = run.folder / "quality.json"
    rows = json.loads(path.read_text()) if path.is_file() else []
    write_atomic(path, json.dumps([*(old for old in rows if old["step"] < row["step"]), row]) + "\n")


def stage_due(run: Run, step: int) -> bool:
    """Whether the next of STAGES is reached, and not kept yet."""
    return is_main() and (step == run.total or not (run.folder / "snapshots" / stage_name(run.progress)).is_file())


def stage_name(progress: float) -> str:
    return f"{sum(progress >= share for share in STAGES) - 1}.safetensors"


def keep_stage(run: Run, learner: Learner, quality: tuple[float, float]) -> None:
    """Keep what there is, small enough for a page, with its quality on held-out views."""
    folder = run.folder / "snapshots"
    folder.mkdir(exist_ok=True)
    path = folder / stage_name(1.0 if run.step == run.total else run.progress)
    learner.fetch()
    mend(learner.table)
    strongest(learner.table.splats).save(path)
    row = {"file": path.name, "step": run.step, "splats": learner.table.count}
    row |= {"psnr": round(quality[0], 4), "ssim": round(quality[1], 6)}
    rows = [old for old in stages(run) if old["step"] < run.step and old["file"] != path.name]
    write_atomic(folder / "stages.json", json.dumps([*rows, row]) + "\n")


def stages(run: Run) -> list[dict[str, Any]]:
    """What is known of the stages that were kept: file, step, number of splats, PSNR and SSIM."""
    path = run.folder / "snapshots" / "stages.json"
    return json.loads(path.read_text()) if path.is_file() else []


def strongest(splats: Splats) -> Splats:
    """Those that a viewer would miss most: opaque and large; their colours from everywhere the same."""
    size = np.sort(splats.scales, axis=1)[:, 1:].sum(axis=1)  # the logarithm of the area of their largest side
    worth = size - np.log1p(np.exp(-splats.opacities.astype(np.float64)))
    chosen = np.sort(np.argsort(-worth, kind="stable")[:SHOWN])
    found = splats.chosen(chosen)
    found.sh = found.sh[:, :1]
    return found


def snapshots(run: Run) -> list[tuple[int, float, Splats]]:
    """The stages of a training, from fog to object: step, PSNR on held-out views, and a few thousand splats each."""
    folder = run.folder / "snapshots"
    return [(row["step"], row["psnr"], Splats.load(folder / row["file"])) for row in stages(run)]


def expected(config: Config, scene: Scene, learner: Learner) -> dict[str, str]:
    """What the training will need, before it begins: memory, and CPU time by pictures that are painted to try."""
    pixels = [camera.width * camera.height for camera in scene.cameras]
    needed = settings.memory(config.splats, config.degree, sum(pixels), max(pixels)) / 1e6
    said = {"memory": f"about {needed:,.0f} MB, besides some {settings.PROGRAM} MB for the program itself"}
    if config.minutes:
        return said | {"time": f"{config.minutes:g} minutes, as you asked"}
    return said | {"time": f"about {in_words(picture_seconds(scene, learner) * pictures_to_paint(config, learner))}"}


def picture_seconds(scene: Scene, learner: Learner) -> float:
    """CPU seconds of one picture: the least of some, after one that loads what is needed."""
    spent = []
    for camera in (scene.cameras * TRIED)[: TRIED + 1]:
        begun = time.process_time()
        learner.paint(camera, np.zeros(3, np.float32), 0)
        spent.append(time.process_time() - begun)
    return min(spent[1:])


def pictures_to_paint(config: Config, learner: Learner) -> float:
    """As how many pictures of the first splats the whole training counts: a step takes STEP_COSTS of them.

    Over the schedule, splats and pixels are about half of what there is in the end.
    """
    return STEP_COSTS * 0.5 * config.splats / max(1, learner.table.count) * config.steps


def in_words(seconds: float) -> str:
    """CPU time, no more exact than it is known."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds of CPU time"
    return f"{seconds / 60:.0f} minutes of CPU time"


# -- what others ask for -----------------------------------------------------------------------------------------------


def found_for(run: Run) -> Scene:
    """The scene that a run names, or why it is not to be found any more."""
    config = run.config(Config)
    try:
        return open_scene(config.data, config.scale, config.seed)
    except CuadernoError as error:
        if not config.data or not run.data["data"].get("pictures"):
            raise  # drawn, or a new run
        raise CuadernoError(f"The pictures of {run.id} cannot be had any more. {error}") from error


def scene_of_run(run: Run) -> Scene:
    """The very scene that a run was trained on, with the same views held out.

    Raises:  CuadernoError when it is not there any more, or is another by now.
    """
    scene = found_for(run)
    check_same(run, scene)
    return scene


def check_same(run: Run, scene: Scene) -> None:
    """Raise a CuadernoError unless this is the scene that the run read before, if it read any."""
    if run.data["data"].get("pictures", scene.fingerprint) != scene.fingerprint:
        raise CuadernoError(
            f"The pictures of {scene.name} are not those that {run.id} was trained on: some came, went or changed, or "
            "another version reads or draws them. Held-out views may have come into the training. Put them back as "
            "they were, or train a new run."
        )


def mask_of(scene: Scene, index: int) -> np.ndarray | None:
    return scene.masks[index] if scene.masks else None


def tensors_of(splats: Splats) -> dict:
    import torch

    return {name: torch.from_numpy(getattr(splats, name)) for name in FIELDS}


def background_of(run: Run) -> tuple[float, float, float]:
    """What lies behind the splats of a run: red, green and blue in [0, 1]."""
    red, green, blue = run.data["background"]
    return red, green, blue


def trained(run: Run) -> Splats:
    """The splats of a finished run."""
    weights = run.load_weights()
    return Splats(*(weights[name].numpy() for name in FIELDS)).check()
