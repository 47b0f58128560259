"""What is special about the parts with pictures: a filter beside torch's, a map that is not straight."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.studies.concepts.data import Chance
from cuaderno.studies.concepts.parts import convolution, latent
from cuaderno.studies.concepts.train import Config, settle

sizes = st.integers(3, 12)


@settings(max_examples=40, deadline=None)
@given(sizes, sizes, st.integers(0, 10_000))
def test_a_filter_is_that_of_torch(height, width, seed):
    chance = np.random.default_rng(seed)
    cells, kernel = chance.standard_normal((height, width)), chance.standard_normal((3, 3))
    wanted = torch.nn.functional.conv2d(torch.tensor(cells)[None, None], torch.tensor(kernel)[None, None], padding=1)
    assert np.allclose(convolution.convolve(cells, kernel), wanted[0, 0].numpy())


def test_a_step_is_the_gradient_of_the_error():
    finder = convolution.begin(settle(Config(part="convolution", num_points=2, learning_rate=1.0)))
    kernel = torch.tensor(finder.kernel, requires_grad=True)
    seen, after = torch.tensor(finder.seen), torch.tensor(finder.after.flatten())
    (((seen @ kernel.flatten() - after) ** 2).sum() / float((finder.before**2).sum())).backward()
    finder.learn(1)
    assert np.allclose(finder.kernel, -kernel.grad.numpy())


def test_the_unknown_filter_is_found_and_a_full_layer_knows_only_its_pictures():
    finder = convolution.begin(settle(Config(part="convolution", steps=60)))
    for step in range(1, 61):
        finder.learn(step)
    found = convolution.evaluate(finder)
    assert found["numbers_off"].value < 0.05
    assert found["filter_error"].value < 0.01 * found["baseline_full_layer_error"].value


def test_a_picture_is_filtered_on_paper_of_any_shape():
    finder = convolution.begin(settle(Config(part="convolution")))
    finder.kernel[...] = convolution.KERNELS["edges"]
    assert convolution.answer(finder, "... .#. ... ...")["filtered"][1] == [-1, 8, -1]
    for wrong in ("", "## ##", "... .. ...", "..a ... ...", " ".join(["." * 25] * 3)):
        with pytest.raises(ValueError, match="equally long rows"):
            convolution.answer(finder, wrong)


def test_rings_are_empty_in_the_middle_and_strokes_are_not():
    chance = Chance(0)
    for kind, inked in (("ring", False), ("cross", True), ("stroke", True)):
        large = [latent.picture(kind, chance) for _ in range(60)]
        middles = [one.reshape(8, 8)[3:5, 3:5].mean() for one in large if one.sum() > 14]
        assert middles and (np.mean(middles) > 0.5) == inked, kind


def test_two_numbers_of_a_network_hold_more_than_two_straight_directions():
    config = settle(Config(part="latent", num_points=240, steps=700))
    squeezer = latent.begin(config)
    for step in range(1, 701):
        squeezer.learn(step)
    found = latent.evaluate(squeezer)
    assert found["squeeze_error"].value < found["baseline_pca_error"].value
    assert found["baseline_pca_error"].value < found["baseline_mean_picture_error"].value
    places = squeezer.place(squeezer.test[:5])
    assert np.allclose(squeezer.draw(places), squeezer.net.forward(squeezer.test[:5])) and abs(places).max() <= 1
