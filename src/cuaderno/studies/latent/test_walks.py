"""Walking in a latent space, searching in it, and asking for all that in a terminal."""

import base64
import io
import json
import runpy
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run
from cuaderno.studies.latent import atlas, prints, search, walks
from cuaderno.studies.latent.predict import Options, draw, predict, show


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """A run with random weights: what is said does not matter here, only that it is said and written."""
    from cuaderno.studies.latent.train import TINY, build, pictures_of

    torch.manual_seed(3)
    run, pictures = Run.create("latent", TINY, tmp_path_factory.mktemp("runs")), pictures_of(TINY)
    networks = build(TINY, 1, len(pictures.classes))
    for layer in networks.modules():
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
    run.data["classes"], run.data["channels"] = list(pictures.classes), 1
    run.save_weights(networks.state_dict())
    run.finish({"one_step_frechet": Metric(1.0)})
    return run


@pytest.fixture(scope="module")
def networks(run):
    from cuaderno.studies.latent.train import trained

    return trained(run)


@pytest.fixture(scope="module")
def pictures(run):
    from cuaderno.studies.latent.train import pictures_of_run

    return pictures_of_run(run).test


@pytest.fixture(scope="module")
def files(pictures, tmp_path_factory) -> list[str]:
    """Three glyphs as files, the second dark on light and large."""
    folder, names = tmp_path_factory.mktemp("files"), []
    for number in range(3):
        image = Image.fromarray(pictures.pixels[number, 0].numpy())
        if number == 1:
            image = Image.fromarray(255 - pictures.pixels[1, 0].numpy()).resize((280, 280), Image.Resampling.NEAREST)
        names.append(str(folder / f"{number}.png"))
        image.save(names[-1])
    return names


# -- walks ------------------------------------------------------------------------------------------------------------

vectors = strategies.lists(strategies.floats(-3, 3, width=32), min_size=4, max_size=4).map(torch.tensor)


@settings(max_examples=60, deadline=None)
@given(vectors, vectors, strategies.integers(2, 9))
def test_walks_begin_and_end_where_they_should_and_an_arc_stays_among_noise(one, other, stops):
    for way in (walks.lerp, walks.slerp):
        walk = way(one, other, stops)
        assert walk.shape == (stops, 4) and walk.isfinite().all()
        assert torch.allclose(walk[0], one, atol=1e-4) and torch.allclose(walk[-1], other, atol=1e-4)
    lengths = walks.slerp(one, other, stops).norm(dim=1)
    cosine = torch.nn.functional.cosine_similarity(one, other, dim=0)
    if min(one.norm(), other.norm()) > 0.1 and abs(cosine) < 0.99:
        assert (lengths >= min(one.norm(), other.norm()) - 1e-3).all()


def test_three_ways_lead_from_one_picture_to_another(networks, pictures):
    one, other = pictures.pixels[:2].float() / 255
    found = walks.between(networks, one, other, 5)
    assert list(found) == ["latent", "noise", "pixels"]
    ends = networks.decode(networks.encode(torch.stack([one, other]))).detach()
    assert torch.allclose(found["latent"][[0, -1]], ends, atol=1e-4)
    assert torch.allclose(found["noise"][[0, -1]], ends, atol=2e-2)  # there and back with the flow
    assert torch.allclose(found["pixels"][2], (one + other) / 2, atol=1e-6)


def test_directions_find_a_factor_that_is_there(networks):
    class Plain:
        """Its latents are the first pixels."""

        def encode(self, pixels):
            return pixels.flatten(1)[:, :3]

    generator = torch.Generator().manual_seed(0)
    pixels = torch.rand(400, 1, 2, 2, generator=generator)
    known, unknown = 4 * pixels[:, 0, 0, 1] - 1, torch.rand(400, generator=generator)
    ways, told = walks.directions(Plain(), pixels, torch.stack([known, unknown], dim=1))
    assert told[0] == pytest.approx(1, abs=1e-4) and told[1] < 0.1
    assert ways[0].abs().argmax() == 1 and float(ways[0, 1]) == pytest.approx(float(pixels[:, 0, 0, 1].std()), rel=0.05)


def test_a_factor_has_its_own_direction_in_each_class():
    class Plain:
        """Its latents are the pixels; the factor is in the first of them, upside down in the second class."""

        def encode(self, pixels):
            return pixels.flatten(1)

    generator = torch.Generator().manual_seed(0)
    pixels, labels = torch.rand(800, 1, 2, 2, generator=generator), torch.arange(800) % 2
    pixels[:, 0, 1, 1] = labels + 0.01 * pixels[:, 0, 1, 1]
    factor = ((1 - 2 * labels) * pixels[:, 0, 0, 0])[:, None] + labels[:, None]
    assert walks.directions(Plain(), pixels, factor)[1][0] < 0.1
    for number in (0, 1):
        own = labels == walks.alike(Plain(), pixels[number], pixels[2:], labels[2:])
        assert own[number]
        (way,), (told,) = walks.directions(Plain(), pixels[own], factor[own])
        assert told > 0.99 and way[0].sign() == 1 - 2 * number


def test_search_is_no_worse_than_the_encoder_and_leaves_what_is_known(networks, pictures):
    pixels = pictures.pixels[:3].float() / 255
    latents, before, after = search.invert(networks, pixels, steps=20)
    assert latents.shape == (3, 6) and all(b <= a for a, b in zip(before, after, strict=True)) and after != before
    filled, mask, errors = search.fill(networks, pixels[0], "left", 3, steps=20)
    assert filled.shape == (3, 1, 28, 28) and (mask[:, :14] == 0).all() and (mask[:, 14:] == 1).all()
    assert torch.equal(filled[:, :, :, 14:], pixels[0][:, :, 14:].expand(3, 1, 28, 14))
    assert (errors.diff() >= 0).all() and not torch.equal(filled[0], filled[1])


@settings(max_examples=40, deadline=None)
@given(strategies.lists(strategies.tuples(*[strategies.floats(-50, 50)] * 2), min_size=1, max_size=30))
def test_the_part_of_the_map_is_a_square_around_nearly_all(places):
    left, top, right, bottom = atlas.corners(places)
    assert right - left == pytest.approx(bottom - top, abs=2e-3) and right > left
    xs, ys = np.array(places).T
    assert left - 1e-3 <= np.median(xs) <= right + 1e-3 and top - 1e-3 <= np.median(ys) <= bottom + 1e-3
    tiles = atlas.lattice((left, top, right, bottom), 3)
    assert tiles.shape == (9, 2) and tiles[1, 0] > tiles[0, 0] and tiles[3, 1] > tiles[0, 1]


# -- in a terminal ----------------------------------------------------------------------------------------------------


def test_a_picture_is_placed_and_folded_whatever_its_ink(run, files):
    first, second = predict(run, files[:2], Options(latents=True))
    assert len(first["place"]) == 2 and len(first["latents"][0]) == 6 and first["mse"] > 0
    assert "place" in show(first) and "latents " in show(first) and draw(first) == ""
    upright = next(iter(predict(run, files[1:2], Options(picture=True))))
    image = Image.open(io.BytesIO(base64.b64decode("".join(upright["picture"]))))
    assert image.size == (28 * 3 + 4, 28) and draw(upright).startswith("<svg")
    assert second["mse"] > 0


def size_of(path: str) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def ask(*words: str) -> None:
    """`cuaderno predict latent …`, which has to end well."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr(sys, "argv", ["cuaderno", "predict", "latent", *words])
        runpy.run_module("cuaderno", run_name="__main__")
    assert end.value.code == 0, words


def test_the_commands_of_the_card(run, files, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    where = ["--run", str(run.folder)]
    ask("--class", "7", "--n", "9", "-o", "grid.png", *where)
    assert size_of("grid.png") == (3 * 30 - 2, 3 * 30 - 2)
    ask("--class", "all", "--n", "20", "--steps", "3", "--guidance", "2", "-o", "all.png", *where)
    ask("--between", *files[:2], "--n", "5", "-o", "walk.png", "--json", *where)
    assert size_of("walk.png") == (5 * 30 - 2, 3 * 30 - 2)
    ask("--map", "map.png", *where)
    said = atlas.read(tmp_path / "map.json")
    assert len(said["pictures"]) == 64 and len(said["pictures"][0]["factors"]) == 7
    for number, options in enumerate((["--traverse", "slant"], ["--traverse", "2"], ["--fill", "top", "--n", "2"])):
        ask(files[0], *options, "-o", f"{number}.png", "--json", *where)
        assert size_of(f"{number}.png")[1] == 28
    ask("--arithmetic", *files, "-o", "sum.png", *where)
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert answers[0]["rows"] == ["latent", "noise", "pixels"] and answers[1]["factor"] == "slant"
    assert answers[1]["class"] in {one["class"] for one in said["pictures"]}


@pytest.mark.parametrize(
    "options, words",
    [
        (Options(), "nothing to do"),
        (Options(class_="seven", output="a.png"), "no class 'seven'"),
        (Options(class_="7"), "Say where"),
        (Options(class_="7", output="a.txt"), "should end in"),
        (Options(between=("a.png", "b.png"), output="./b.png"), "would be lost"),
        (Options(class_="Z", output="a.png"), "^There is no class 'Z'. There are: [^:]*; or all, any.$"),
        (Options(class_="7", n=0, output="a.png"), "--n is 0"),
        (Options(class_="7", n=10_001, output="a.png"), "from 1 to 10,000"),
        (Options(class_="7", seed=-1, output="a.png"), "--seed is -1, and has to be from 0"),
        (Options(class_="7", seed=10**20 - 1, output="a.png"), "--seed is 9+, and has to be"),
        (Options(class_="all", guidance=3.0, output="a.png"), "add --steps 8"),
        (Options(class_="all", guidance=0.0, output="a.png"), "add --steps 8"),
        (Options(class_="all", method="heun", output="a.png"), "add --steps 8"),
        (Options(class_="7", output="a.png", map="b.png"), "file of its own"),
        (Options(map="b.png", output="a.png"), "file of its own"),
        (Options(class_="7", steps=0, output="a.png"), "--steps is 0"),
        (Options(class_="7", guidance=float("nan"), output="a.png"), "--guidance"),
        (Options(between=("a.png",), output="a.png"), "takes 2 pictures"),
        (Options(between=("a.png", "b.png"), n=1, output="c.png"), "a walk has two ends"),
        (Options(fill="up"), "no part 'up'"),
        (Options(invert=True), "need a picture"),
        (Options(traverse="slant", invert=True), "exclude one another"),
        (Options(between=("no.png", "no.png"), output="a.png"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_told(run, options, words):
    with pytest.raises(CuadernoError, match=words):
        list(predict(run, [], options))


def test_a_file_that_is_no_picture_answers_with_an_error_and_the_next_goes_on(run, files, tmp_path):
    (tmp_path / "no.png").write_bytes(b"no")
    bad, good = predict(run, [str(tmp_path / "no.png"), files[0]], Options())
    assert bad["error"].startswith("cannot be read") and "no.png" not in bad["error"] and "mse" in good


@pytest.mark.parametrize(
    "options, words",
    [
        (Options(traverse="boldness", output="a.png"), "^'boldness' is neither the number .* a factor: [^:]*$"),
        (Options(traverse="-1", output="a.png"), "^'-1' is neither the number .* a factor: [^:]*$"),
        (Options(traverse="slent", output="a.png"), "Did you mean 'slant'"),
        (Options(traverse="6", output="a.png"), "no latent 6"),
        (Options(invert=True, n=3), "--n counts"),
    ],
)
def test_what_cannot_be_done_with_a_picture_is_told(run, files, options, words):
    with pytest.raises(CuadernoError, match=words):
        list(predict(run, files[:1], options))


def test_pictures_without_known_factors_are_walked_by_number():
    assert walks.number_of("3", ()) == 3
    with pytest.raises(CuadernoError, match="no known factors: give a number"):
        walks.number_of("slant", ())


def test_a_grid_holds_its_pictures_in_order():
    pixels = torch.linspace(0, 1, 5).view(5, 1, 1, 1).expand(5, 1, 4, 4)
    sheet = prints.grid(pixels, columns=3, gap=1)
    assert (
        sheet.shape == (9, 14, 1) and sheet[0, 0, 0] == 0 and sheet[5, 5, 0] == 255 and sheet[8, 13, 0] == prints.PAPER
    )
    assert prints.svg(pixels.expand(5, 3, 4, 4), 3).count("<image") == 1
