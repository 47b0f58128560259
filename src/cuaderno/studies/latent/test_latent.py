"""What is special about dreaming pictures; the promises of every study are tested in tests/test_studies.py."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings, strategies

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.latent import evaluate, judge, lessons, train
from cuaderno.studies.latent.data import Pictures, PictureSet
from cuaderno.studies.latent.flow import integrate, matching, velocity
from cuaderno.studies.latent.model import Decoder, Encoder, Flow, Networks, Sight
from cuaderno.studies.latent.stages import STAGES, rate_at, stage_at
from cuaderno.studies.latent.train import TINY, Config


class Straight(torch.nn.Module):
    """A flow whose velocity is known: every class goes on its own straight way, the unknown one stands still."""

    num_classes = 2

    def forward(self, z, time, classes):
        ways = torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
        return ways[classes]


class Turning(torch.nn.Module):
    """A flow that turns the plane by one radian in a unit of time."""

    num_classes = 1

    def forward(self, z, time, classes):
        return torch.stack([-z[:, 1], z[:, 0]], dim=1)


# -- the flow ----------------------------------------------------------------------------------------------------------


def test_a_straight_flow_arrives_in_one_step_and_guidance_goes_farther():
    z, classes = torch.zeros(2, 2), torch.tensor([0, 1])
    once = integrate(Straight(), z, classes, 1)
    assert torch.allclose(once, torch.tensor([[-1.0, 0.0], [0.0, -2.0]]))
    assert torch.allclose(integrate(Straight(), z, classes, 7), once, atol=1e-6)
    assert torch.allclose(integrate(Straight(), z, classes, 1, guidance=3.0), 3 * once)
    assert torch.equal(velocity(Straight(), z, 0.5, classes, guidance=0.0), torch.zeros(2, 2))


def test_heun_turns_better_than_euler_and_both_find_their_way_back():
    z, classes = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    right = torch.tensor([[torch.cos(torch.tensor(-1.0)), torch.sin(torch.tensor(-1.0))]])
    error = {
        (method, steps): float((integrate(Turning(), z, classes, steps, method=method) - right).norm())
        for method in ("euler", "heun")
        for steps in (4, 8)
    }
    assert error["heun", 4] < error["euler", 8] < error["euler", 4] and error["heun", 8] < error["heun", 4] / 3
    there = integrate(Turning(), z, classes, 20, method="heun")
    assert torch.allclose(integrate(Turning(), there, classes, 20, method="heun", start=0.0, end=1.0), z, atol=1e-3)


def test_all_the_places_on_the_way_are_kept_and_many_points_move_in_parts(monkeypatch):
    monkeypatch.setattr("cuaderno.studies.latent.flow.AT_ONCE", 3)
    z, classes = torch.randn(8, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(8, dtype=torch.long)
    way = integrate(Turning(), z, classes, 5, keep=True)
    assert way.shape == (6, 8, 2) and torch.equal(way[0], z)
    assert torch.equal(way[-1], integrate(Turning(), z, classes, 5))


@pytest.mark.parametrize(
    ("wrong", "said"), [({"method": "hein"}, "Did you mean 'heun'"), ({"steps": 0}, "at least one")]
)
def test_a_flow_says_what_it_cannot(wrong, said):
    with pytest.raises(CuadernoError, match=said):
        integrate(Straight(), torch.zeros(1, 2), torch.tensor([0]), **({"steps": 1} | wrong))


def test_the_right_velocity_costs_nothing():
    latents, noise = torch.randn(5, 2), torch.randn(5, 2)
    classes, time = torch.zeros(5, dtype=torch.long), torch.rand(5)
    assert float(matching(lambda z, t, c: noise - latents, latents, classes, noise, time)) == 0
    assert float(matching(lambda z, t, c: latents - noise, latents, classes, noise, time)) > 0


# -- the networks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32), (1, 8)])
def test_the_networks_take_grey_and_colour_of_any_side(channels, size):
    networks = Networks(channels, size, 3, latent_dim=5, width=2, hidden_dim=8, num_blocks=1, map_hidden_dim=8)
    pixels, classes = torch.rand(2, channels, size, size), torch.tensor([0, 2])
    white = networks.encode(pixels)
    assert white.shape == (2, 5) and networks.decode(white).shape == pixels.shape
    assert networks.flow(white, torch.rand(2), classes).shape == networks.one_step(white, classes).shape == (2, 5)
    place, _ = networks.map_encoder(pixels)
    assert place.shape == (2, 2) and networks.map_decoder(place).shape == pixels.shape


def test_whitening_goes_there_and_back():
    networks = Networks(latent_dim=3, width=2, hidden_dim=8, num_blocks=1)
    networks.whitening.mean.copy_(torch.tensor([1.0, -2.0, 0.5]))
    networks.whitening.std.copy_(torch.tensor([2.0, 0.5, 1.0]))
    latents = torch.randn(4, 3)
    assert torch.allclose(networks.whitening.back(networks.whitening(latents)), latents, atol=1e-6)


def test_the_weights_fit_a_page():
    """All of them, a byte each, below 2.5 MB."""
    assert sum(weight.numel() for weight in train.build(Config()).parameters()) < 2_400_000


def test_an_untaught_flow_stands_still():
    flow = Flow(num_classes=2, latent_dim=3, hidden_dim=8, num_blocks=2)
    assert torch.equal(flow(torch.randn(2, 3), torch.rand(2), torch.tensor([0, 2])), torch.zeros(2, 3))


# -- what is taught ----------------------------------------------------------------------------------------------------


def test_stages_follow_one_another_and_fill_the_whole():
    for by_time in (False, True):
        seen = [stage_at(i / 1000, by_time) for i in range(1001)]
        names = list(dict.fromkeys(stage.name for stage, _ in seen))
        assert names == [stage.name for stage in STAGES]
        assert all(0 <= gone <= 1 and rate_at(stage, gone) >= 0 for stage, gone in seen)
    assert abs(sum(stage.steps for stage in STAGES) - 1) < 1e-9 > abs(sum(stage.time for stage in STAGES) - 1) - 1e-9


@given(progress=strategies.floats(0, 1), by_time=strategies.booleans())
@settings(max_examples=60, deadline=None)
def test_any_progress_falls_into_a_stage(progress, by_time):
    stage, gone = stage_at(progress, by_time)
    assert stage in STAGES and 0 <= gone <= 1 + 1e-9


def test_colour_pictures_of_two_classes_are_learned_too(tmp_path):
    generator = torch.Generator().manual_seed(0)
    pixels, labels = (
        torch.randint(0, 256, (24, 3, 16, 16), generator=generator, dtype=torch.uint8),
        torch.arange(24) % 2,
    )
    some = Pictures(pixels, labels)
    pictures = PictureSet(("cat", "dog"), some, some, some, source="noise", licence="none")
    run = Run.create("latent", replace(TINY, size=16, steps=20), tmp_path)
    train.teach(run.config(Config), run, pictures)
    networks = train.trained(run)
    assert networks.decode(networks.encode(pixels.float() / 255)).shape == pixels.shape
    assert "energy_distance" in run.history()[-1]
    assert {weight.dtype for weight in run.load_weights().values()} == {torch.float16}
    assert networks.encoder.out.weight.dtype == torch.float32
    metrics = evaluate.mapped(networks, pictures) | evaluate.folded(networks, pictures)
    assert all(metric.low <= metric.value <= metric.high for metric in metrics.values())


def test_the_energy_distance_tells_one_crowd_from_another():
    torch.manual_seed(0)
    classes = torch.arange(400) % 4
    one, same, other = torch.randn(400, 6), torch.randn(400, 6), torch.randn(400, 6) * 0.3
    alike = float(lessons.energy_distance(one, same, classes))
    narrow = float(lessons.energy_distance(other, same, classes))
    swapped = float(lessons.energy_distance(one + 2 * classes[:, None], same + 2 * classes.flip(0)[:, None], classes))
    assert abs(alike) < 0.01 < min(narrow, swapped)


def test_the_divergence_of_the_standard_normal_is_nothing():
    assert float(lessons.divergence(torch.zeros(2, 3), torch.zeros(2, 3))) == 0
    assert float(lessons.divergence(torch.ones(2, 3), torch.zeros(2, 3))) == pytest.approx(1.5)


# -- the judge ---------------------------------------------------------------------------------------------------------


def test_frechet_is_nothing_for_the_same_and_known_for_normals():
    torch.manual_seed(0)
    a = torch.randn(4000, 3)
    assert judge.frechet(a, a) < 1e-9
    assert judge.frechet(a, a + torch.tensor([3.0, 0.0, 0.0])) == pytest.approx(9.0, rel=1e-6)
    assert judge.frechet(a, 2 * a) == pytest.approx(
        float(torch.cov(a.t()).trace() + a.mean(0).square().sum()), rel=1e-4
    )


def test_the_interval_of_a_frechet_distance_is_around_it_and_holds_what_other_crowds_give():
    generator = torch.Generator().manual_seed(0)
    crowds = torch.randn(14, 300, 16, generator=generator)
    floor = judge.frechet_metric(crowds[0], crowds[1])
    others = [judge.frechet(one, other) for one, other in crowds[2:].split(2)]
    assert 0 <= floor.low < floor.value < floor.high < 1.5 * floor.value
    assert all(0.8 * floor.low < other < 1.2 * floor.high for other in others)
    far = judge.frechet_metric(crowds[0], crowds[1] + 1)
    assert far.low < far.value < far.high and far.low > 10
    same = judge.frechet_metric(crowds[0][:1].expand(9, 16), crowds[0][:1].expand(9, 16))
    assert 0 <= same.low <= same.value <= same.high < 1e-6


def test_collapse_is_precise_and_recalls_nothing():
    torch.manual_seed(0)
    real = torch.randn(300, 4)
    precise, recalled = judge.precision_recall(real, real[:1] + 1e-3 * torch.randn(300, 4))
    assert precise.float().mean() == 1 and recalled.float().mean() < 0.05
    precise, recalled = judge.precision_recall(real, torch.randn(300, 4))
    assert precise.float().mean() > 0.7 and recalled.float().mean() > 0.7
    precise, recalled = judge.precision_recall(real, real + 100)
    assert not precise.any() and not recalled.any()


def test_nearest_finds_a_copy():
    among = torch.arange(20.0).reshape(10, 2)
    found = judge.nearest(torch.tensor([[4.0, 5.0], [4.0, 9.0]]), among)
    assert found[0] < 1e-3 and found[1] > 1


def test_neighbours_on_a_map_vote():
    there = torch.cat([torch.zeros(6, 2), torch.ones(6, 2)])
    labels = torch.tensor([0] * 6 + [1] * 6)
    right = evaluate.neighbours_agree(there, labels, torch.tensor([[0.1, 0.0], [0.9, 1.0]]), torch.tensor([0, 0]))
    assert right.tolist() == [True, False]


def test_a_matrix_reads_what_is_there_and_nothing_else():
    torch.manual_seed(0)
    seen, noise = torch.randn(400, 4), torch.randn(400, 1)
    assert evaluate.explained(seen[:300], seen[:300, :2], seen[300:], seen[300:, :2]).value > 0.99
    assert evaluate.explained(seen[:300], noise[:300], seen[300:], noise[300:]).value < 0.1


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 30}, "--size is 30; .* Take --size 32"),
        ({"size": 4}, "--size is 4"),
        ({"size": 132}, "Take --size 128"),
        ({"latent_dim": 0}, "--latent-dim is 0"),
        ({"num_blocks": -1}, "--num-blocks is -1"),
        ({"kl_weight": float("nan")}, "--kl-weight is nan"),
        ({"feature_weight": -1.0}, "--feature-weight is -1.0"),
        ({"map_warm_up": 1.5}, "--map-warm-up is 1.5"),
        ({"label_drop": 1.0}, "--label-drop is 1.0"),
        ({"num_pairs": 0}, "--num-pairs is 0"),
        ({"steps": 0}, "--steps is 0"),
        ({"minutes": -1.0}, "--minutes is -1.0"),
        ({"batch_size": 2}, "--batch-size is 2"),
        ({"learning_rate": float("inf")}, "--learning-rate is inf"),
        ({"precision": "float23"}, "Did you mean 'float32'"),
        ({"seed": 2**40}, "--seed is"),
        ({"data": "\udcff"}, "rename the folder"),
    ],
)
def test_what_cannot_be_is_refused_before_there_is_a_run(wrong, said):
    with pytest.raises(CuadernoError, match=said):
        train.settle(replace(Config(), **wrong))


def test_the_default_and_its_presets_are_plain_json():
    for preset in (Config(), TINY, train.QUICK):
        assert Config(**json.loads(json.dumps(vars(preset)))) == preset == train.settle(preset)


def test_sight_sees_the_same_in_one_pass_as_in_two():
    torch.manual_seed(0)
    sight, pixels = Sight(), torch.rand(8, 1, 28, 28)
    for _ in range(3):
        sight(pixels)  # so that its norms have something to tell
    for norm in sight.norms:
        torch.nn.init.normal_(norm.bias)
    sight.eval()
    x = torch.nn.functional.pixel_unshuffle(pixels, 4)
    for conv, norm, seen in zip(sight.convs, sight.norms, sight.look(pixels), strict=True):
        x = torch.relu(norm(conv(x)))
        assert torch.allclose(x, seen, atol=1e-4)


def test_layers_are_of_few_kinds():
    """What a page has to know how to compute."""
    kinds = {
        type(layer) for part in (Encoder(), Decoder(), Flow()) for layer in part.modules() if not list(layer.children())
    }
    assert kinds == {torch.nn.Conv2d, torch.nn.Linear, torch.nn.Embedding}
