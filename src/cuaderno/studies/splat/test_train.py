"""Training: schedules, what is kept, what is refused, and that it learns."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.splat import settings
from cuaderno.studies.splat.data import cropped, first_splats, shrunk, spacing
from cuaderno.studies.splat.evaluate import evaluate
from cuaderno.studies.splat.judge import judged
from cuaderno.studies.splat.learner import Exposure, Learner
from cuaderno.studies.splat.model import Table
from cuaderno.studies.splat.painter import Photo
from cuaderno.studies.splat.render import render
from cuaderno.studies.splat.scene import open_scene
from cuaderno.studies.splat.train import (
    QUICK,
    SHOWN,
    TINY,
    Config,
    background_of,
    check_same,
    exposure_moves,
    rates_at,
    settle,
    smaller_by,
    snapshots,
    stages,
    strongest,
    teach,
    train,
    trained,
    view_of,
    wanted,
)


@pytest.fixture(scope="module")
def scene():
    return open_scene("", TINY.scale, TINY.seed)


@pytest.fixture(scope="module")
def learnt(scene, tmp_path_factory) -> Run:
    """A run that is long enough to see something."""
    config = replace(TINY, splats=1000, steps=300, relocate_every=30, val_every=150)
    run = Run.create("splat", config, tmp_path_factory.mktemp("splat"))
    teach(config, run, scene)
    run.finish(evaluate(run))
    return run


@pytest.mark.parametrize("shut_out", [False, True])
def test_what_is_seen_while_it_trains_is_what_the_evaluation_finds(scene, learnt, shut_out):
    splats, index = trained(learnt), scene.test[0]
    picture = scene.pictures[index]
    mask = np.ones(picture.shape[:2], bool)
    if shut_out:
        mask[:, : mask.shape[1] // 3] = False
    learner = Learner(Table.of(splats))
    told = learner.judge(scene.cameras[index], Photo(picture, mask), np.float32(background_of(learnt)), splats.degree)
    found = judged(render(splats, scene.cameras[index], background_of(learnt)).colour, picture, mask)
    assert told[0] == pytest.approx(found[0], abs=1e-3)
    assert told[1] == pytest.approx(found[1], abs=1e-4) if not shut_out else told[1] > found[1]


def test_it_comes_nearer_to_unseen_views_than_other_photos_do(learnt):
    found = learnt.metrics
    assert found["psnr"].value > max(found["baseline_mean_psnr"].value, found["baseline_nearest_psnr"].value) + 1
    assert found["ssim"].value > found["baseline_mean_ssim"].value
    assert found["psnr"].low <= found["psnr"].value <= found["psnr"].high and found["psnr"].n == 6
    worst = json.loads((learnt.folder / "views.json").read_text())
    assert len(worst) == 6 and worst[0]["psnr"] == min(row["psnr"] for row in worst)
    assert found["splats"].value <= 1000 == len(trained(learnt))


def test_stages_go_from_fog_to_object(learnt):
    kept = snapshots(learnt)
    steps, quality = [step for step, _, _ in kept], [psnr for _, psnr, _ in kept]
    assert len(kept) == 6 and steps == sorted(set(steps)) and steps[0] == 1 and steps[-1] == 300
    assert quality[-1] > quality[0] + 3
    assert all(splats.degree == 0 and len(splats) <= SHOWN for _, _, splats in kept)
    curve = json.loads((learnt.folder / "quality.json").read_text())
    assert [row["step"] for row in curve] == [150, 300] and curve[0]["cpu_seconds"] < curve[1]["cpu_seconds"]
    assert background_of(learnt) == (1.0, 1.0, 1.0) and len(stages(learnt)) == 6


def test_what_it_needs_is_said_before_it_starts(learnt):
    said = learnt.data["effective"]
    assert said["memory"].endswith("MB for the program itself") and said["backend"] == "cpu"
    assert re.fullmatch(r"about \d+ seconds of CPU time", said["time"]), "not those that compiling and loading took"
    large, small = (settings.memory(n, 3, 10_000_000, 500_000) for n in (1_000_000, 1_000))
    assert large > 1_000_000 * 59 * 12 and large > small > 10_000_000 * 31


def test_two_threads_train_what_one_trains(scene, tmp_path):
    losses = []
    for number in (1, 2):
        config = replace(TINY, num_threads=number, steps=10, val_every=0)
        run = Run.create("splat", config, tmp_path)
        teach(config, run, scene)
        losses.append([{**row, "seconds": 0} for row in run.history()])
        last = trained(run)
    assert losses[0] == losses[1] and np.isfinite(last.means).all()


def test_other_pictures_are_refused_on_the_way_back(learnt, scene):
    check_same(learnt, scene)
    with pytest.raises(CuadernoError, match="not those that"):
        check_same(learnt, replace(scene, fingerprint="another"))


def test_a_learning_rate_that_breaks_everything_is_told(scene, tmp_path, capsys):
    """Nothing that is no number reaches the weights, and a warning says what to do."""
    config = replace(TINY, learning_rate=1e30, scale_rate=1e30, steps=8, relocate_every=2, val_every=0)
    run = Run.create("splat", config, tmp_path)
    teach(config, run, scene)
    assert all(np.isfinite(getattr(trained(run), name)).all() for name in ("means", "scales", "sh"))
    found = evaluate(run)
    assert found["psnr"].value < found["baseline_mean_psnr"].value
    assert "the training broke" in (said := capsys.readouterr().err) and "--learning-rate" in said


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"splats": 3}, "--splats"),
        ({"degree": 4}, "--degree"),
        ({"structure": 1.5}, "--structure"),
        ({"first_splats": 0.0}, "--first-splats"),
        ({"minutes": float("nan")}, "--minutes"),
        ({"minutes": float("inf")}, "--minutes is inf, and has to be a number of at least 0"),
        ({"learning_rate": -1.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate is nan, and has to be a number"),
        ({"scale": 0.0}, "--scale is 0.0"),
        ({"scale": float("nan")}, "--scale is nan"),
        ({"backend": "vulkan"}, "backend 'vulkan'"),
        ({"coarse": 0}, "--coarse"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, word):
    with pytest.raises(CuadernoError) as told:
        settle(replace(Config(), **change))
    assert word in str(told.value)
    assert settle(QUICK) == QUICK


def test_schedules_go_one_way(scene):
    config, shares = Config(), np.linspace(0, 1, 41)
    numbers = [wanted(config, 5000, share) for share in shares]
    assert numbers[0] == 5000 and numbers[-1] == config.splats and numbers == sorted(numbers)
    large = replace(scene, cameras=[camera.scaled(10) for camera in scene.cameras])
    sizes = [smaller_by(config, large, share) for share in shares]
    assert sizes[0] == 4 and sizes[-1] == 1 and sizes == sorted(sizes, reverse=True)
    assert {smaller_by(replace(config, coarse=1), large, share) for share in shares} == {1}
    moves = [rates_at(config, 2.0, share).means for share in shares]
    assert moves == sorted(moves, reverse=True) and moves[0] == pytest.approx(2 * config.learning_rate)


def test_every_picture_has_its_turn_before_one_comes_again():
    seen = [view_of(step, 7, 3) for step in range(1, 22)]
    assert all(sorted(seen[i : i + 7]) == list(range(7)) for i in (0, 7, 14))
    assert seen[:7] != seen[7:14] and seen == [view_of(step, 7, 3) for step in range(1, 22)]


def test_first_splats_lie_on_points_or_in_front_of_the_cameras(scene):
    known = first_splats(scene, 300, 2, 0)
    assert len(known) == 300 and known.degree == 2
    assert all((np.abs(scene.points - mean).sum(axis=1) < 1e-6).any() for mean in known.means[:20])
    blind = replace(scene, points=scene.points[:0], colours=scene.colours[:0])
    spread = first_splats(blind, 50, 0, 0)
    assert np.linalg.norm(spread.means - scene.focus, axis=1).max() < scene.radius
    apart = spacing(np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    assert apart[0] == pytest.approx(1) and np.isfinite(spacing(np.zeros((3, 3), np.float32))).all()


def test_smaller_pictures_keep_what_is_where(scene):
    camera = cropped(scene.cameras[0], 3)
    assert (camera.width, camera.height) == shrunk(scene.pictures[0].astype(np.float32), 3).shape[1::-1]
    point = scene.points[:1]
    assert np.allclose(camera.project(point)[0] * 3, scene.cameras[0].project(point)[0])


def test_exposure_is_found_and_stays_none_on_average():
    """Two cameras that differ in gain: the exposures move apart, their mean stays."""
    exposure, truth = Exposure(2, 0.01), np.array([1.2, 0.8])
    for step in range(200):
        view = step % 2
        gain = exposure.of(view)[0]
        exposure.learn(view, np.array([gain - truth[view], 0, 0, 0, 0, 0]))
    assert exposure.of(0)[0] - exposure.of(1)[0] == pytest.approx(0.4, abs=0.05)
    assert np.abs(exposure.values.mean(axis=0)).max() < 1e-12
    still = Exposure(2, 0.0)
    still.learn(0, np.ones(6))
    assert (still.values == 0).all()


def test_exposure_is_learnt_only_where_it_moves(scene):
    photos = replace(scene, background=None)
    odd = replace(photos, pictures=[scene.pictures[0] // 2, *scene.pictures[1:]])
    assert exposure_moves(odd) and not exposure_moves(photos)
    assert not exposure_moves(replace(odd, background=(1.0, 1.0, 1.0))), "renderings have no camera that adapts"


def test_the_strongest_splats_are_the_opaque_and_large(learnt):
    splats = trained(learnt)
    splats.opacities[:10], splats.scales[:10] = 5, 1
    kept = strongest(splats)
    assert (kept.means[:10] == splats.means[:10]).all()


def test_a_scene_is_drawn_when_none_is_named(tmp_path):
    config = replace(TINY, steps=2, val_every=0)
    run = Run.create("splat", config, tmp_path)
    train(config, run)
    assert run.data["data"]["pictures"] == open_scene("", TINY.scale, TINY.seed).fingerprint
