"""Drawings: the same seed draws the same, every one differs, and no shortcut tells a cat from a dog."""

import random

import numpy as np
import pytest

from cuaderno.studies.vision import animals, drawings, scenery
from cuaderno.studies.vision.brush import Figure, limb, mirrored, oval, smooth
from cuaderno.studies.vision.data import draw_others

SIZE = 32
NUMBER = 900


def drawn(kind: str, index: int, size: int = SIZE):
    return drawings.draw(random.Random(f"{kind} {index}"), kind, size)


@pytest.fixture(scope="module")
def many():
    """Pixels (N, 32, 32, 3), labels, and what each was made of."""
    pairs = [drawings.draw(random.Random(f"test {i}"), drawings.CLASSES[i % 2], SIZE) for i in range(NUMBER)]
    return np.stack([pixels for pixels, _ in pairs]), np.arange(NUMBER) % 2, [made_of for _, made_of in pairs]


@pytest.mark.parametrize("kind", drawings.KINDS)
@pytest.mark.parametrize("size", [16, 64, 97])
def test_a_drawing_is_a_square_of_bytes_and_repeats(kind, size):
    pixels, made_of = drawn(kind, 3, size)
    again, same = drawn(kind, 3, size)
    assert pixels.shape == (size, size, 3) and pixels.dtype == np.uint8
    assert (pixels == again).all() and made_of == same


def test_no_two_drawings_are_the_same(many):
    pixels, _, _ = many
    assert len({picture.tobytes() for picture in pixels}) == NUMBER


def test_a_split_never_shares_a_seed_with_another():
    seeds = {drawings.seed_of(seed, split, index) for seed in (0, 1) for split in "ab" for index in range(12)}
    assert len(seeds) == 48


def test_every_pose_ground_coat_style_and_ear_is_drawn(many):
    made_of = many[2]
    for name, known in {
        "pose": animals.POSES, "ground": scenery.GROUNDS, "front": scenery.FRONTS, "coat": drawings.COATS,
        "style": drawings.STYLES, "ears": {"pointed", "wide", "folded", "floppy", "tipped"},
    }.items():  # fmt: skip
        assert {factors[name] for factors in made_of} == set(known)


def test_neither_kind_owns_the_pointed_or_the_folded_ears(many):
    _, labels, made_of = many
    ears = {(label, factors["ears"]) for label, factors in zip(labels.tolist(), made_of, strict=True)}
    assert {(0, "pointed"), (1, "pointed"), (0, "folded"), (1, "folded")} <= ears


def test_there_is_something_to_see(many):
    """Hardly any drawing is nearly of one colour."""
    spread = many[0].reshape(NUMBER, -1).std(axis=1)
    assert (spread > 8).mean() > 0.99


def test_others_are_of_every_sort_and_of_no_class():
    others = draw_others(60, size=SIZE)
    assert {factors["pose"] for factors in others.factors} == set(scenery.OTHERS)
    assert others.labels.tolist() == [-1] * 60 and others.pixels.shape == (60, 3, SIZE, SIZE)


# -- shortcuts --------------------------------------------------------------------------------------------------------


def histogram(pixels):
    bins = (pixels // 64 @ np.uint8([16, 4, 1])).reshape(len(pixels), -1)
    return np.stack([np.bincount(own, minlength=64) for own in bins]) / bins.shape[1]


def thumbnail(pixels):
    return pixels.reshape(len(pixels), 4, SIZE // 4, 4, SIZE // 4, 3).mean(axis=(2, 4)).reshape(len(pixels), -1)


def ink(pixels):
    grey = pixels.mean(axis=3)
    steps = [np.abs(np.diff(grey, axis=axis)) for axis in (1, 2)]
    edges = [(step > least).mean(axis=(1, 2)) for step in steps for least in (8, 20, 50)]
    return np.stack([*edges, grey.mean(axis=(1, 2)), grey.std(axis=(1, 2))], axis=1)


def circumstances(made_of):
    """Everything that was drawn by lot for both kinds alike."""
    names = ("style", "ground", "front", "coat", "light", "place", "pose", "view")
    values = sorted({(name, factors[name]) for factors in made_of for name in names})
    return np.array([[float(factors[name] == value) for name, value in values] for factors in made_of])


@pytest.mark.parametrize("look", [histogram, thumbnail, ink, circumstances])
def test_no_shortcut_tells_what_it_is(many, look):
    """A straight line through colours, brightness by place or the amount of ink: little more than luck."""
    pixels, labels, made_of = many
    values = look(made_of) if look is circumstances else look(pixels)
    assert accuracy(values, labels) < 0.63  # luck alone has a standard deviation of 0.017


def test_that_check_can_fail(many):
    """With a hint of the kind in the colour it does."""
    pixels, labels, _ = many
    tinted = np.clip(pixels + 40.0 * labels[:, None, None, None] * [1, 0, -1], 0, 255)
    assert accuracy(thumbnail(tinted), labels) > 0.75


def accuracy(values, labels, folds: int = 5):
    """Of a linear classifier (least squares, with a ridge), on pictures that it was not fitted to."""
    x = (values - values.mean(0)) / (values.std(0) + 1e-6)
    y, part, right = 2.0 * labels - 1, np.arange(len(labels)) // 2 % folds, 0
    for fold in range(folds):
        here = part != fold
        weights = np.linalg.solve(x[here].T @ x[here] + 30 * np.eye(x.shape[1]), x[here].T @ y[here])
        right += int(((x[~here] @ weights > 0) == labels[~here].astype(bool)).sum())
    return right / len(y)


# -- the brush --------------------------------------------------------------------------------------------------------


def test_a_curve_goes_through_its_points():
    points = np.array([0, 1 + 1j, 3, 2 - 2j])
    closed, line = smooth(points), smooth(points, closed=False)
    assert np.allclose(closed[::5], points) and np.allclose(line[::5], points)


def test_shapes_have_the_extent_they_are_asked_for():
    assert np.isclose(oval(1j, 3, 2).real.max(), 3) and np.isclose(oval(1j, 3, 2).imag.max(), 3)
    assert mirrored([1 + 2j])[0] == -1 + 2j
    leg = limb([0, 1, 2, 3], 0.5, 0.5, blunt=0)
    assert np.isclose(leg.imag.max(), 0.5) and np.isclose(leg.imag.min(), -0.5) and np.isfinite(leg).all()


def test_a_figure_in_a_figure_is_moved_turned_and_mirrored():
    inner, outer = Figure(), Figure()
    inner.add([1, 2 + 1j], (0, 0, 0), 0.5)
    inner.add([0, 1, 1j], "fur")
    outer.put(inner, at=10, turn=2j, mirror=True)
    points, _, width = outer.shapes[0]
    assert points.tolist() == [10 - 2j, 10 - 2 - 4j] and width == 1.0
    assert outer.bounds() == (8.0, -2.0, 10.0, 0.0)
