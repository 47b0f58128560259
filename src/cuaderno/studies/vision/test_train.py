"""What is special about training on pictures; the promises of every study are tested in tests/test_studies.py."""

import importlib.util
import json
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.vision import backbone, judge, train
from cuaderno.studies.vision.augment import augment, resized, views
from cuaderno.studies.vision.data import Pictures, PictureSet
from cuaderno.studies.vision.model import PictureNet, folded
from cuaderno.studies.vision.optimizer import make_optimizers
from cuaderno.studies.vision.train import TINY, Config, batch_of, number_format


def blobs(count: int, seed: int, side: int = 32) -> Pictures:
    """Noise with a light spot above (0) or below (1): easy for whoever can look for a spot."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 160, (count, 3, side, side), generator=generator, dtype=torch.uint8)
    labels = torch.arange(count) % 2
    columns = torch.randint(4, side - 12, (count,), generator=generator).tolist()
    for i, column in enumerate(columns):
        top = 3 if labels[i] == 0 else side - 11
        pixels[i, :, top : top + 8, column : column + 8] = 250
    return Pictures(pixels, labels, [f"blob {i}" for i in range(count)])


@pytest.fixture(scope="module")
def spots() -> PictureSet:
    return PictureSet(("above", "below"), blobs(64, 0), blobs(32, 1), blobs(64, 2), fingerprint="spots")


def taught(config: Config, pictures: PictureSet, folder) -> Run:
    run = Run.create("vision", config, folder)
    train.teach(config, run, pictures)
    return run


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_augmenting_nothing_leaves_the_picture_or_its_mirror():
    pixels = blobs(16, 0).pixels
    torch.manual_seed(0)
    shown = augment(pixels, 32, smallest_crop=1.0, rotation=0.0, colour=0.0, cutout=0.0)
    assert shown.shape == (16, 3, 32, 32) and shown.min() >= 0 and shown.max() <= 1
    plain = pixels.float() / 255
    for one, whole in zip(shown, plain, strict=True):  # but for a shift of up to two pixels
        middle = whole[:, 8:-8, 8:-8]
        nearest = min(
            (one.roll((a, b), (1, 2))[:, 8:-8, 8:-8] - m).abs().mean()
            for m in (middle, whole.flip(-1)[:, 8:-8, 8:-8])
            for a in range(-3, 4)
            for b in range(-3, 4)
        )
        assert nearest < 0.2


def test_every_part_of_augmentation_does_something():
    pixels = blobs(8, 0).pixels
    plain = {"smallest_crop": 1.0, "rotation": 0.0, "colour": 0.0, "cutout": 0.0}
    seen = []
    for change in ({}, {"smallest_crop": 0.4}, {"rotation": 0.5}, {"colour": 0.5}, {"cutout": 0.5}):
        torch.manual_seed(0)
        seen.append(augment(pixels, 24, **(plain | change)))
    assert all(torch.isfinite(x).all() for x in seen)
    assert all((seen[0] - x).abs().mean() > 0.005 for x in seen[1:])


def test_a_hole_covers_its_share():
    torch.manual_seed(0)
    white = torch.full((200, 3, 40, 40), 255, dtype=torch.uint8)
    shown = augment(white, 40, smallest_crop=1.0, rotation=0.0, colour=0.0, cutout=0.5)
    covered = (shown == 0.5).float().mean(dim=(1, 2, 3))
    assert covered.min() > 0.05 and covered.max() <= 0.26 and (shown[:, 0] == shown[:, 2]).all()


@pytest.mark.parametrize(("stored", "size"), [(32, 32), (96, 64), (20, 32)])
def test_views_have_one_size_and_come_with_their_mirrors(stored, size):
    pixels = torch.randint(0, 256, (2, 3, stored, stored), dtype=torch.uint8)
    looks = views(pixels, size)
    assert len(looks) == 12 and all(look.shape == (2, 3, size, size) for look in looks)
    assert all(torch.equal(a, b.flip(-1)) for a, b in zip(looks[::2], looks[1::2], strict=True))
    assert torch.equal(looks[0], resized(pixels, size))


def test_an_epoch_shows_every_picture_once_and_the_next_one_in_another_order():
    epoch = [batch_of(step, 10, 5, seed=0) for step in (1, 2, 3, 4)]
    assert sorted(torch.cat(epoch[:2]).tolist()) == list(range(10)) == sorted(torch.cat(epoch[2:]).tolist())
    assert torch.cat(epoch[:2]).tolist() != torch.cat(epoch[2:]).tolist()
    assert len(batch_of(1, 3, 16, seed=0)) == 3, "fewer pictures than a batch holds"


# -- the network -------------------------------------------------------------------------------------------------------


def test_the_first_layer_leaves_patches_uncorrelated():
    torch.manual_seed(0)
    model = PictureNet(2, (8, 8))
    pixels = torch.rand(200, 3, 16, 16).cumsum(-1).cumsum(-2)
    pixels = pixels / pixels.amax()
    model.get_ready(pixels)
    assert not model.stem.weight.requires_grad
    half = model.num_filters
    with torch.no_grad():
        answers = model.stem((pixels - model.mean) / model.std)[:, :half].transpose(0, 1).flatten(1)
    second = answers @ answers.t() / answers.size(1)
    outside = second - second.diag().diag()
    assert outside.abs().max() < 0.15 * second.diag().max()
    assert torch.equal(model.stem.weight[:half], -model.stem.weight[half:])


def test_folded_layers_say_the_same():
    torch.manual_seed(0)
    model = PictureNet(3, (8, 12), stem_stride=2)
    x = torch.rand(4, 3, 32, 32)
    model.get_ready(x)
    for _ in range(3):
        model(x)  # batch norms get their averages
    model.eval()
    layers = iter(folded(model))
    weight, bias = next(layers)
    y = F.relu(F.conv2d(x, weight, bias, stride=2))
    for number, (weight, bias) in enumerate(layers):
        y = F.conv2d(y, weight, bias, padding=1)
        y = F.relu(F.max_pool2d(y, 2) if number % 2 == 0 else y)
    assert torch.allclose(y, model.look(x), atol=1e-4)


def test_muon_leaves_filters_at_the_size_of_an_orthogonal_matrix():
    torch.manual_seed(0)
    model = PictureNet(2, (8, 12))
    optimizers = make_optimizers(model, 0.24)
    F.cross_entropy(model(torch.rand(8, 3, 16, 16)), torch.arange(8) % 2).backward()
    weight = model.groups[1].conv_2.weight
    before = weight.detach().clone()
    for optimizer in optimizers:
        optimizer.step()
    assert not torch.equal(weight, before) and abs(float(weight.detach().norm()) - 12**0.5) < 0.5 * 12**0.5
    assert len(make_optimizers(model, 0.0)) == 1, "a rate of 0 leaves everything to SGD"


def test_it_learns_where_to_look(spots, tmp_path):
    run = taught(replace(TINY, steps=40, batch_size=32, smallest_crop=0.9, rotation=0.05), spots, tmp_path)
    model = train.trained(run)
    said = judge.ask(model, spots.test.pixels, 32).argmax(dim=1)
    assert (said == spots.test.labels).float().mean() > 0.8
    assert run.data["effective"]["precision"] in ("bfloat16", "float32")
    assert 0 < float(model.temperature[0]) < 150 and 0.4 < float(model.threshold[0]) <= 1
    assert len(train.margins_of(run)) == 64 and train.margins_of(run).mean() > 0


def test_where_the_processor_has_no_bfloat16_it_computes_with_float32(monkeypatch):
    place = torch.device("cpu")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert number_format("auto", place) == torch.float32
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert number_format("auto", place) == torch.bfloat16
    assert number_format("float32", place) == torch.float32
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")
    assert number_format("auto", place) == torch.float32, "an older or newer torch may not say"
    with pytest.raises(CuadernoError, match="bfloat16 or float32"):
        number_format("half", place)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 0}, "--size is 0"),
        ({"size": 33}, "--size is 33, and nothing is left .* at least 34"),
        ({"first_size": -3}, "--first-size is -3"),
        ({"stored_size": 8}, "--stored-size is 8"),
        ({"widths": ()}, "--widths is empty"),
        ({"widths": (8, -2)}, "--widths is 8 -2"),
        ({"stem_stride": 0}, "--stem-stride is 0"),
        ({"smallest_crop": 0.0}, "--smallest-crop is 0.0"),
        ({"colour": float("nan")}, "--colour is nan"),
        ({"label_smoothing": 1.5}, "--label-smoothing is 1.5"),
        ({"batch_size": 0}, "--batch-size is 0"),
        ({"precision": "float23"}, "Did you mean 'float32'"),
        ({"steps": 0}, "--steps is 0"),
        ({"minutes": -1.0}, "--minutes is -1.0, and has to be at least 0"),
        ({"learning_rate": float("inf")}, "--learning-rate is inf"),
        ({"seed": 2**40}, "--seed is"),
        ({"data": "\udcff"}, "rename the folder"),
        ({"backbone_weights": "a.pth"}, "name it, too"),
        ({"backbone": "vit_tiny_patch16_224", "size": 50}, "--size 48"),
    ],
)
def test_what_cannot_be_is_refused_before_there_is_a_run(wrong, said):
    with pytest.raises(CuadernoError, match=said):
        train.settle(replace(Config(), **wrong))


def test_things_in_pieces_are_as_large_as_in_whole_pictures(monkeypatch):
    sides = []
    monkeypatch.setattr(train, "augment", lambda pixels, size, *_: sides.append(size))
    for progress in (0.0, 0.49, 0.5, 1.0):
        train.shown(torch.empty(0), Config(), progress)
    first, first_again, second, last = sides
    assert (
        first == first_again == Config().first_size < second == last == train.size_of_pieces(Config()) < Config().size
    )
    crops = torch.rand(100_000).mul(1 - Config().smallest_crop).add(Config().smallest_crop).sqrt()
    assert float((second / crops).mean()) == pytest.approx(Config().size, rel=0.01)
    assert train.size_of_pieces(replace(Config(), smallest_crop=1.0)) == Config().size, "a whole picture is no piece"
    assert train.size_of_pieces(replace(Config(), first_size=80)) == 80
    assert train.size_of_pieces(replace(Config(), backbone="resnet18")) == Config().size


@pytest.mark.parametrize(("stride", "widths"), [(1, (4,)), (1, (4, 4, 4)), (2, (4, 4)), (3, (4, 4, 4))])
def test_the_smallest_size_that_is_let_in_is_the_smallest_that_works(stride, widths):
    fewest = max(8, stride * (2 ** len(widths) + 1))
    config = Config(size=fewest, first_size=fewest, stem_stride=stride, widths=widths)
    assert train.settle(config) == config and train.settle(Config()) == Config()
    assert train.size_of_pieces(config) == fewest
    assert torch.isfinite(train.build(config)(torch.rand(2, 3, fewest, fewest))).all()
    if fewest > 8:
        with pytest.raises(RuntimeError):
            train.build(config)(torch.rand(2, 3, fewest - 1, fewest - 1))


# -- what others trained -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def timm():
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm is an extra of its own: pip install 'cuaderno[vision]'")
    return backbone.find_timm()


def test_a_backbone_that_has_seen_such_pictures_beats_its_random_twin(timm, spots, tmp_path):
    """A tiny ResNet learns the spots from many pictures, and its like, with a new head, from a few others."""
    torch.manual_seed(0)
    teacher = backbone.Backbone("test_resnet", 2, "none")
    optimizer = torch.optim.AdamW(teacher.parameters(), lr=3e-3)
    many = blobs(256, 5)
    for step in range(24):
        chosen = batch_of(step + 1, 256, 64, 0)
        loss = F.cross_entropy(teacher(many.pixels[chosen].float() / 255), many.labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    path = tmp_path / "teacher.pth"
    torch.save(teacher.body.state_dict(), path)

    few = replace(spots, train=blobs(16, 7))
    config = replace(
        TINY, backbone="test_resnet", backbone_weights=str(path), steps=24, smallest_crop=0.9, rotation=0.0
    )
    config = replace(config, first_size=32, learning_rate=2.4)
    losses = {}
    for name, weights in (("taught", str(path)), ("random", "none")):
        run = taught(replace(config, backbone_weights=weights), few, tmp_path / name)
        logits = judge.ask(train.trained(run), few.test.pixels, 32)
        losses[name] = float(F.cross_entropy(logits, few.test.labels))
    assert losses["taught"] < 0.8 * losses["random"], losses


def test_a_backbone_is_frozen_first(timm):
    model = backbone.Backbone("test_resnet", 2, "none")
    backbone.thaw(model, 0.0)
    assert [name for name, weight in model.named_parameters() if weight.requires_grad] == [
        "body.fc.weight",
        "body.fc.bias",
    ]
    assert not model.body.training
    backbone.thaw(model, backbone.FROZEN_PART)
    assert all(weight.requires_grad for weight in model.parameters()) and model.body.training


def test_a_backbone_has_the_methods_of_our_network(timm):
    x = torch.rand(2, 3, 64, 64)
    for name in ("test_resnet", "test_vit"):
        model = backbone.Backbone(name, 3, "none", size=64).eval()
        places = model.look(x)
        assert model(x).shape == (2, 3) and places.dim() == 4 and places.size(1) == model.body.num_features
        assert torch.allclose(model.classify(model.embed(x)), model(x))


def test_weights_of_another_network_are_refused(timm, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": {"module.conv1.weight": torch.zeros(3, 3)}}, path)
    with pytest.raises(CuadernoError, match="does not hold the weights"):
        backbone.Backbone("test_resnet", 2, str(path))
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(CuadernoError, match="cannot be read as weights"):
        backbone.Backbone("test_resnet", 2, str(path))
    with pytest.raises(CuadernoError, match="Did you mean 'resnet18'"):
        backbone.Backbone("resnt18", 2, "none")


def test_weights_are_looked_for_at_home_first_and_on_the_hub_once(timm, tmp_path, monkeypatch):
    import huggingface_hub
    from safetensors.torch import save_file
    from timm.models import _hub

    asked, heads, there = [], [], tmp_path / "model.safetensors"

    def download(*names, **how):
        asked.append(how.get("local_files_only", False))
        if not there.is_file():
            raise FileNotFoundError("not here")
        return str(there)

    def head(address, timeout):
        heads.append(address)
        raise ConnectionError("no network")

    monkeypatch.setattr(_hub, "hf_hub_download", download)
    monkeypatch.setattr(huggingface_hub.utils, "get_session", lambda: type("Session", (), {"head": staticmethod(head)}))
    with pytest.raises(CuadernoError, match=r"from the hub \(no network\)"):
        backbone.Backbone("test_resnet", 2)
    assert set(asked) == {True} and len(heads) == 1
    assert _hub.hf_hub_download is download, "what was replaced is back"
    save_file(timm.create_model("test_resnet", pretrained=False).state_dict(), there)
    assert backbone.Backbone("test_resnet", 2)(torch.rand(2, 3, 32, 32)).shape == (2, 2) and len(heads) == 1


def test_a_network_for_one_size_only_is_refused_in_words(timm):
    with pytest.raises(CuadernoError, match="one size only"):
        backbone.Backbone("mixer_s32_224", 2, "none")


def test_without_timm_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "timm", raising=False)
    monkeypatch.setattr(backbone.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CuadernoError, match=r"cuaderno\[vision\]"):
        backbone.find_timm()


def test_the_default_and_its_presets_are_plain_json():
    for preset in (Config(), TINY, train.QUICK):
        assert Config(**json.loads(json.dumps(vars(preset)))).size == preset.size
