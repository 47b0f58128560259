"""The judge is judged: on figures that are known beforehand, and on one tiny run of drawings."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.vision import evaluate, judge, train
from cuaderno.studies.vision.train import TINY


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    run = Run.create("vision", TINY, tmp_path_factory.mktemp("runs"))
    train.train(TINY, run)
    run.finish(evaluate.evaluate(run))
    return run


# -- how sure it may be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature):
    generator = torch.Generator().manual_seed(0)
    honest = torch.randn(6000, 3, generator=generator) * 2
    labels = torch.multinomial(honest.softmax(dim=1), 1, generator=generator)[:, 0]
    found = judge.fit_temperature(honest * temperature, labels)
    assert found == pytest.approx(temperature, rel=0.06)
    before = judge.calibration_error((honest * temperature).softmax(dim=1), labels)
    after = judge.calibration_error((honest * temperature / found).softmax(dim=1), labels)
    assert after < 0.02 and (temperature == 1.0 or after < before / 4)


def test_what_label_smoothing_does_to_logits_is_undone():
    generator = torch.Generator().manual_seed(0)
    honest = torch.randn(8000, 1, generator=generator) * 3 * torch.tensor([[-0.5, 0.5]])
    labels = torch.multinomial(honest.softmax(dim=1), 1, generator=generator)[:, 0]
    held_back = honest.tanh()
    temperature, sharpening = judge.fit(held_back[::2], labels[::2])
    plain = (held_back[1::2] / judge.fit_temperature(held_back[::2], labels[::2])).softmax(dim=1)
    found = judge.calibrated(held_back, temperature, sharpening)
    assert judge.calibration_error(found[1::2].softmax(dim=1), labels[1::2]) < 0.02
    assert judge.calibration_error(plain, labels[1::2]) > judge.calibration_error(found[1::2].softmax(1), labels[1::2])
    assert torch.equal(found.argmax(dim=1), held_back.argmax(dim=1))


def test_calibration_error_by_hand():
    sure = torch.tensor([[0.9, 0.1]] * 10)
    labels = torch.tensor([0] * 9 + [1])
    assert judge.calibration_error(sure, labels) == pytest.approx(0.0, abs=1e-6)
    assert judge.calibration_error(sure, 1 - labels) == pytest.approx(0.8, abs=1e-6)
    assert judge.calibration_error(torch.tensor([[1.0, 0.0]]), torch.tensor([0])) == 0, "the last bin holds 1 itself"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=2, max_size=30))
def test_the_area_is_the_share_of_ordered_pairs(rows):
    scores = torch.tensor([score / 5 for score, _ in rows], dtype=torch.double)
    labels = torch.tensor([label for _, label in rows])
    inside, outside = scores[labels == 1].tolist(), scores[labels == 0].tolist()
    found = judge.area_under_curve(torch.stack([1 - scores, scores], dim=1), labels)
    if not inside or not outside:
        assert found == 0.5
    else:
        pairs = [(a > b) + (a == b) / 2 for a in inside for b in outside]
        assert found == pytest.approx(sum(pairs) / len(pairs), abs=1e-6)


def test_margin_is_the_lead_over_the_best_other_class():
    logits = torch.tensor([[3.0, 1.0, 2.0], [0.0, 5.0, 1.0]])
    assert judge.margin(logits, torch.tensor([0, 2])).tolist() == [1.0, -4.0]


# -- which labels are wrong --------------------------------------------------------------------------------------------


def test_both_signs_of_a_wrong_item_count():
    margins, far = torch.full((100,), 2.0), torch.full((100,), 0.1)
    margins += torch.arange(100) * 1e-3
    far += torch.arange(100) * 1e-5
    margins[7], far[42] = -3.0, 0.9  # a wrong label, and something unlike everything else
    assert set(judge.suspicion(margins, far).argsort(descending=True)[:3].tolist()) >= {7, 42}


def test_what_is_like_nothing_else_is_far():
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(60, 3, 12, 12, generator=generator)
    soft = torch.nn.functional.interpolate(noise, size=(64, 64), mode="bilinear")  # as photos are
    pixels = (255 * soft).to(torch.uint8)
    pixels[17] = 255
    pixels[17, :, 20:44, 20:44] = 0  # a logo
    textures = judge.Textures(pixels)
    own = textures.own_distances()
    assert own.argmax() == 17 and own[17] > 2 * own.median()
    assert textures.distances(pixels[17:18])[0] < own[17], "seen as a stranger it finds itself among the known"
    state = torch.get_rng_state()
    judge.Textures(pixels)
    assert torch.equal(state, torch.get_rng_state()), "judging draws no random numbers"


# -- a whole run -------------------------------------------------------------------------------------------------------


def test_it_says_what_was_asked_of_it(run):
    metrics = run.metrics
    wanted = {"accuracy", "accuracy_views", "auc", "calibration_error", "calibration_error_before", "temperature"}
    wanted |= {"answered", "accuracy_answered", "neither_declined", "parameters"}
    wanted |= {"baseline_majority", "baseline_colours", "baseline_pixels"}
    assert metrics.keys() == wanted
    assert metrics["accuracy"].n == TINY.num_test and metrics["baseline_majority"].value == 0.5


def test_it_leaves_the_worst_beside_the_run(run):
    worst = json.loads((run.folder / "worst.json").read_text(encoding="utf-8"))
    assert worst["classes"] == ["cat", "dog"]
    for row in worst["mistakes"]:
        assert row["given"] != row["said"] and row["probability"] >= 0.5 and row["loss"] >= 0
        assert {"index", "name", "distance"} <= row.keys()
    losses = [row["loss"] for row in worst["mistakes"]]
    assert losses == sorted(losses, reverse=True)
    wrong = round((1 - run.metrics["accuracy_views"].value) * TINY.num_test)
    assert len(losses) == wrong
    suspects = worst["suspects"]
    assert len(suspects) == TINY.num_train and {"margin", "distance", "suspicion"} <= suspects[0].keys()
    assert suspects[0]["suspicion"] >= suspects[-1]["suspicion"]


def test_confusion_counts_every_test_picture_once_and_each_factor_too(run):
    found = json.loads((run.folder / "confusion.json").read_text(encoding="utf-8"))
    assert sum(map(sum, found["confusion"])) == TINY.num_test
    assert found["by_factor"]
    for values in found["by_factor"].values():
        assert sum(value["n"] for value in values.values()) <= TINY.num_test


def test_simple_ways_learn_what_is_simple():
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 90, (80, 3, 24, 24), generator=generator, dtype=torch.uint8)
    labels = torch.arange(80) % 2
    pixels[labels == 1, 2] += 120  # the second class is blue
    for see in (evaluate.histograms, evaluate.small_pixels):
        said = evaluate.linear(see(pixels[:40]), labels[:40], see(pixels[40:]), 2)
        assert (said == labels[40:]).float().mean() > 0.95
    assert torch.allclose(evaluate.histograms(pixels).square().sum(dim=1), torch.ones(80), atol=1e-4)


# -- the pictures of a run ---------------------------------------------------------------------------------------------


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A run that was trained on a folder, named relative to where it was started."""
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CUADERNO_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for index in range(10):
            rough = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
            rough.resize((32, 32)).save(tmp_path / "animals" / name / f"{index}.png")
    config = replace(TINY, data="animals", steps=1, batch_size=8, val_every=0)
    run = Run.create("vision", config, tmp_path / "runs")
    train.train(config, run)
    return run


def test_a_run_is_not_judged_by_other_pictures(photos, tmp_path):
    was = train.pictures_of_run(photos)
    assert was.fingerprint == photos.data["data"]["pictures"]
    folder = tmp_path / "animals" / "cat"
    for index in range(10):  # the same pictures in another order fall into other splits
        (folder / f"{index}.png").rename(folder / f"new{9 - index}.png")
    for judge_or_resume in (evaluate.evaluate, lambda run: train.train(run.config(train.Config), run)):
        with pytest.raises(CuadernoError, match=r"are not those that .* was trained on"):
            judge_or_resume(photos)
    assert Run.open(photos.folder).data["data"]["pictures"] == was.fingerprint, "what is recorded stays"


def test_a_folder_that_was_named_relatively_is_looked_for_with_a_cure(photos, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(CuadernoError, match="set CUADERNO_DATA"):
        evaluate.evaluate(photos)
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path))
    assert train.pictures_of_run(photos).fingerprint == photos.data["data"]["pictures"]


def test_other_drawings_are_not_taken_for_those_of_a_run(run):
    changed = Run(run.folder, run.data | {"data": {"pictures": "0"}})
    with pytest.raises(CuadernoError, match=r"drawings .* come out in another way"):
        evaluate.evaluate(changed)
