"""What is said of photos, where the network looks, what lies in it, how it is fooled, and which labels are wrong."""

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.pictures.files import read_picture
from cuaderno.lab.pictures.layouts import find
from cuaderno.lab.run import Run
from cuaderno.studies.vision import album, explain, fool, inside, judge, mistakes, predict, prints
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.data import Pictures, PictureSet, open_pictures
from cuaderno.studies.vision.predict import Options
from cuaderno.studies.vision.train import TINY, train, trained

CONFIG = replace(TINY, steps=8, widths=(6, 8), stored_size=32, size=32, first_size=24)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Decoded pictures of the tests stay out of the user's own cache."""
    with pytest.MonkeyPatch.context() as patience:
        patience.setenv("CUADERNO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def plain(count: int, seed: int, side: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise that is reddish (0) or bluish (1), which any network learns at once."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(40, 160, (count, 3, side, side), generator=generator)
    labels = torch.arange(count) % 2
    pixels[labels == 0, 0] += 80
    pixels[labels == 1, 2] += 80
    return pixels.byte(), labels


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """A labelled set: 24 photos of each class, one of them under a name that wants to be HTML."""
    folder = tmp_path_factory.mktemp("photos")
    pixels, labels = plain(48, 0)
    for number, (one, label) in enumerate(zip(pixels, labels.tolist(), strict=True)):
        name = "<b>&'" if number == 5 else f"{number:02}"
        path = folder / ("red", "blue")[label] / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(prints.as_array(one)).save(path)
    return folder


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory) -> Run:
    config = replace(CONFIG, data=str(photos))
    found = Run.create("vision", config, tmp_path_factory.mktemp("runs"))
    train(config, found)
    found.finish({})
    return found


@pytest.fixture(scope="module")
def model(run):
    return trained(run)


class Corner(nn.Module):
    """Knows the answer from the upper left quarter alone: evidence for 0 is how light it is."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.AvgPool2d(2))
        self.register_buffer("mean", torch.full((3, 1, 1), 0.5))
        self.register_buffer("temperature", torch.ones(2))
        self.register_buffer("sharpening", torch.zeros(2))

    def forward(self, x):
        there = self.block(x)
        light = there[:, :, : there.size(2) // 2, : there.size(3) // 2].mean((1, 2, 3))
        return torch.stack([6 * light, torch.full_like(light, 2.0)], dim=1)


@pytest.fixture
def corner():
    pixels = torch.full((3, 32, 32), 0.1)
    pixels[:, 4:12, 4:12] = 1.0
    pixels[:, 18:28, 18:28] = 1.0  # as light, and of no meaning
    return Corner().eval(), pixels


# -- answers -----------------------------------------------------------------------------------------------------------


def test_answers_come_in_order_and_a_bad_file_stops_nothing(run, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "TOGETHER", 5)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (tmp_path / "empty").mkdir()
    strange = [str(tmp_path / "broken.jpg"), "nowhere.png", str(tmp_path / "empty"), "\0.png"]
    found = list(predict.predict(run, [strange[0], str(photos), *strange[1:]]))
    names = sorted(str(path) for path in photos.rglob("*.png"))
    assert [one["input"] for one in found] == [strange[0], *names, *strange[1:]]
    assert ["error" in one for one in found] == [True, *[False] * 48, True, True, True]
    assert "Save it anew" in found[0]["error"]
    assert [one["error"] for one in found[-3:]] == [
        "There is no such file.",
        "There is no picture in this folder.",
        "There is no such file.",
    ]
    for one in found[1:-3]:
        assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert one["confidence"] == max(one["probabilities"].values())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_only_photos_of_a_folder_are_asked_about_and_names_can_be_written(run, photos, tmp_path):
    picture = next(photos.rglob("*.png")).read_bytes()
    for name in ("._a.png", "a.png", os.fsdecode(b"\xff.png")):
        (tmp_path / name).write_bytes(picture)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    found = list(predict.predict(run, [str(tmp_path), str(tmp_path / "pipe.png"), ""]))
    assert [Path(one["input"]).name for one in found] == ["a.png", "lost.png", "\\xff.png", "pipe.png", ""]
    assert [one.get("error") for one in found] == [
        None,
        "There is no such file.",
        None,
        "The photo cannot be read: it is no plain file, but a folder, a pipe or a device.",
        "There is no such file.",
    ]
    assert json.dumps(found, ensure_ascii=False).encode()


def test_probabilities_are_calibrated_and_doubt_says_neither(run, photos, model):
    names = sorted(str(path) for path in photos.rglob("*.png"))[:6]
    pixels = torch.stack([torch.from_numpy(read_picture(name, 32)).permute(2, 0, 1) for name in names])
    wanted = judge.probabilities(model, judge.ask(model, pixels, 32, True), True)
    found = list(predict.predict(run, names, Options(views=True)))
    assert torch.tensor([list(one["probabilities"].values()) for one in found]) == pytest.approx(wanted, abs=1e-5)
    classes = ["blue", "red"]
    assert predict.answer_of("x", classes, [0.7, 0.3], 0.6)["class"] == "blue"
    assert predict.answer_of("x", classes, [0.7, 0.3], 0.8)["class"] == "neither"
    assert "neither (blue 70.0%, red 30.0%)" in predict.show(predict.answer_of("x", classes, [0.7, 0.3], 0.8))


def test_paths_may_come_from_a_pipe(run, photos, monkeypatch):
    names = sorted(str(path) for path in photos.rglob("*.png"))[:3]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(names) + "\n\n"))
    assert [one["input"] for one in predict.predict(run, ["-"])] == names


def test_the_drawing_shows_the_photo_and_where_it_looked(run, photos):
    name = str(next(photos.rglob("*.png")))
    (answer,) = predict.predict(run, [name], Options(look=True))
    assert len(answer["where"]) == 16 and {len(line) for line in answer["where"]} == {16}
    assert min(map(min, answer["where"])) >= 0 and max(map(max, answer["where"])) <= 1
    for said, images in ((answer, 2), ({"input": name}, 1)):
        svg = ElementTree.fromstring(predict.draw(said))
        found = [one.get("href", "") for one in svg]
        assert len(found) == images and all(one.startswith("data:image/png;base64,") for one in found)


# -- where it looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["occlusion", "activation", "integrated", "gradient"])
def test_every_map_finds_the_only_place_that_matters(name, corner):
    model, pixels = corner
    found = explain.MAPS[name](model, pixels, 0)
    assert found.shape == (32, 32) and found[:16, :16].clamp(min=0).sum() > 0.9 * found.clamp(min=0).sum() > 0
    assert explain.trust(model, pixels, 0, found) > 0.05
    assert explain.trust(model, pixels, 0, -found) < -0.02


def test_what_covers_hides_and_covering_what_speaks_against_raises_the_evidence(corner):
    model, pixels = corner
    assert explain.occlusion_map(model, pixels, 1)[6:10, 6:10].max() < 0
    cover = explain.blurred(pixels[None])[0]
    assert cover.shape == pixels.shape and cover.std() < pixels.std() / 2
    flat = torch.full((1, 3, 8, 8), 0.3)
    assert torch.allclose(explain.blurred(flat), flat, atol=1e-6)


def test_what_adds_up_adds_up(model, photos):
    pixels = resized(torch.from_numpy(read_picture(next(photos.rglob("*.png")), 32)).permute(2, 0, 1)[None], 32)
    with torch.no_grad():
        ends = [explain.evidence(model(x), 1) for x in (pixels, explain.blurred(pixels))]
    whole = float(ends[0] - ends[1])
    assert float(explain.integrated_map(model, pixels[0], 1).sum()) == pytest.approx(whole, abs=0.1 + 0.05 * abs(whole))


def test_an_order_and_its_reverse_cancel_out_so_chance_is_nothing(corner):
    model, pixels = corner
    found = torch.linspace(0, 1, 64)[torch.randperm(64, generator=torch.Generator().manual_seed(1))]
    grid = F.interpolate(found.view(1, 1, 8, 8), size=(32, 32))[0, 0]
    there, back = explain.trust(model, pixels, 0, grid), explain.trust(model, pixels, 0, -grid)
    assert abs(there + back) < 1e-5
    assert explain.chance(model, pixels, 0) < 0.3


def test_maps_are_compared_picture_by_picture_and_random_is_the_worst(corner):
    model, pixels = corner
    found = explain.compare_maps(model, pixels[None].repeat(2, 1, 1, 1), torch.tensor([0, 0]))
    assert set(found) == set(explain.MAPS) and {len(values) for values in found.values()} == {2}
    assert all(found[name][0] > found["random"][0] for name in found if name != "random")


def test_a_network_without_places_has_no_map_of_them():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    with pytest.raises(CuadernoError, match="no layer with a grid"):
        explain.activation_map(flat, torch.rand(3, 4, 4), 0)


# -- what lies in it ---------------------------------------------------------------------------------------------------


def test_filters_neighbours_and_units(model):
    filters = inside.first_filters(model)
    assert filters.shape == (16, 3, 4, 4) and filters.min() >= 0 and filters.max() <= 1
    features = F.normalize(torch.rand(9, 5, generator=torch.Generator().manual_seed(0)), dim=1)
    which, far = inside.nearest(features, features, 3)
    assert which[:, 0].tolist() == list(range(9)) and (far.diff(dim=1) >= 0).all() and far[:, 0].abs().max() < 1e-6
    units = inside.telling_units(model, 0, 2)
    weights = model.head.weight.detach()
    assert units[0] == int((weights[0] - weights[1]).argmax())


def test_a_dream_moves_its_unit_and_comes_again(model):
    with torch.no_grad():
        heard = model.embed(inside.dream(model, [0, 1], 32, steps=0)).amin(dim=0)
        units = [int(heard.argmax())] * 2  # so few steps wake no unit that is silent
    start, found = (inside.dream(model, units, 32, steps=steps) for steps in (0, 30))
    assert found.shape == (2, 3, 32, 32) and found.min() >= 0 and found.max() <= 1
    assert torch.equal(found, inside.dream(model, units, 32, steps=30))
    with torch.no_grad():
        moved, before = (model.embed(x).gather(1, torch.tensor(units)[:, None]) for x in (found, start))
    assert (moved > before).all()


# -- how it is fooled --------------------------------------------------------------------------------------------------


def test_a_change_stays_within_bounds_and_beats_noise(corner):
    model, pixels = corner
    pixels = pixels * 0.6 + 0.2  # so that it can become both lighter and darker
    changed, trials = fool.fool(model, pixels, 0, epsilon=0.05)
    assert (changed - pixels).abs().max() <= 0.05 + 0.5 / 255 and changed.min() >= 0 and changed.max() <= 1
    assert torch.equal(changed, fool.as_file(changed))
    assert trials.after < trials.before and trials.rounded < trials.noise
    # Of this network the best that can be done is known: every pixel of the quarter darker by epsilon.
    one = fool.perturb(model, pixels, 0, 0.05, rounds=1)
    assert torch.allclose(one[:, :16, :16], pixels[:, :16, :16] - 0.05, atol=1e-6)


def test_the_smallest_change_is_found_or_said_to_be_none(corner):
    model = corner[0]
    nearly = torch.full((3, 32, 32), 1 / 3 + 1.5 / 255)
    assert fool.smallest_epsilon(model, nearly, 0) == 2
    assert fool.smallest_epsilon(model, torch.ones(3, 32, 32), 0) is None


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(run, photos, tmp_path_factory) -> dict[str, str]:
    """All pages about a few photos and the labelled set, and the list."""
    folder, patience = tmp_path_factory.mktemp("pages"), pytest.MonkeyPatch()
    patience.setattr(inside, "DREAM_STEPS", 2)
    patience.setattr(inside.dream, "__defaults__", (0, 2))
    names = [str(photos / "blue" / "<b>&'.png"), str(photos / "red" / "00.png"), "nowhere.png"]
    said = list(predict.predict(run, names, Options(explain=str(folder / "a"), fool=str(folder / "b"))))
    patience.undo()
    assert said[0]["page"].endswith("fooled.html") and "error" in said[2]
    options = Options(mistakes=str(folder), folds=2, fold_minutes=0)
    reviewed = list(predict.predict(run, [str(photos)], options))
    assert len(reviewed) == 48 and [one["suspicion"] for one in reviewed] == sorted(
        (one["suspicion"] for one in reviewed), reverse=True
    )
    said = [predict.show(one) for one in reviewed]
    assert "filed as" in said[0] and all(said[:10]) and not any(said[10:]), "the rest is on the page"
    assert "38 more, less suspicious" in said[9] and "mistakes.html" in said[9]
    paths = [folder / "a" / "seen.html", folder / "b" / "fooled.html", folder / "mistakes.html", folder / "review.csv"]
    return {path.name: path.read_text(encoding="utf-8") for path in paths} | {"folder": str(folder)}


@pytest.mark.parametrize("name", ["seen.html", "fooled.html", "mistakes.html"])
def test_a_page_stands_alone_in_both_languages(name, pages, photos):
    text = pages[name]
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text) and "default-src 'none'" in text
    assert str(photos) not in text and "<b>&'.png" not in text
    assert "&lt;b&gt;&amp;&#39;.png" in text or name == "mistakes.html"
    assert text.count('<span lang="en">') == text.count('<span lang="es">') > 10
    assert not re.search(r"\{[{%]|Undefined", text)


def test_pictures_are_written_beside_the_page(pages):
    folder = Path(pages["folder"]) / "a"
    for name in ("seen-1.png", "seen-2.png", "filters.png", "units.png"):
        with Image.open(folder / name) as picture:
            assert picture.width > 100


def test_without_the_training_pictures_the_rest_is_shown(run, photos, tmp_path, monkeypatch):
    def gone(config):
        raise CuadernoError("There is no such folder.")

    monkeypatch.setattr(album, "pictures_of", gone)
    monkeypatch.setattr(inside.dream, "__defaults__", (0, 1))
    name = str(photos / "red" / "00.png")
    list(predict.predict(run, [name], Options(explain=str(tmp_path))))
    assert "no longer where they were" in (tmp_path / "seen.html").read_text(encoding="utf-8")


def test_training_pictures_that_changed_are_not_shown(run, photos, tmp_path, monkeypatch):
    """Others that lie in their place are nobody's neighbours."""
    monkeypatch.setattr(inside.dream, "__defaults__", (0, 1))
    changed = Run(run.folder, json.loads(json.dumps(run.data)) | {"data": {"pictures": "others"}})
    list(predict.predict(changed, [str(photos / "red" / "00.png")], Options(explain=str(tmp_path))))
    text = (tmp_path / "seen.html").read_text(encoding="utf-8")
    assert "no longer the same" in text and "training pictures most like it" not in text


def test_names_and_numbers_are_spanish_in_spanish():
    trials = {"before": 0.9, "after": 0.8, "rounded": 0.8, "moved": 0.8, "noise": 0.9, "smallest": None}
    entry = {"name": "a.png", "label": "cat", "said": "neither", "sure": 0.9, "picture": "data:,", "alike": []}
    fooled = [entry | {"pictures": ["data:,"] * 3, "trials": trials, "turned": turned} for turned in (True, False)]

    def lead(entries):
        text = prints.page("fooled.html", entries=entries, run="r", epsilon=4.0)
        return re.sub(r"\s+", " ", re.search('<p class="lead">(.*?)</p>', text, re.S)[1]), text

    assert "says something else.<" in lead(fooled[:1])[0] and "keeps its answer" in lead(fooled[1:])[0]
    some, text = lead(fooled)
    assert '<span lang="en">2</span>' in some and '<span lang="en">1</span>' in some
    assert '<span lang="es">gato</span>' in text and "lo más parecido:" in text and 'data-es="La foto tal cual"' in text
    maps = [{"name": "occlusion", "trust": -0.03, "picture": "data:,"}]
    seen = prints.page(
        "seen.html", entries=[entry | {"maps": maps}], run="r", filters=["data:,"], units=[], has_training=True
    )
    assert '<span lang="es">−0,03</span>' in seen and '<span lang="en">−0.03</span>' in seen
    assert 'alt=""' not in seen + text and "Filtro 1" in seen


# -- wrong labels ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=20))
def test_what_is_more_suspicious_by_both_signs_is_so_by_the_list(signs):
    losses, far = torch.tensor(signs).double().t()
    found = judge.suspicion(-losses, far)
    for i, one in enumerate(signs):
        for j, other in enumerate(signs):
            if one[0] > other[0] and one[1] > other[1]:
                assert found[i] > found[j]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(2, 5), st.integers(0, 9))
def test_every_part_gets_its_share_of_every_class(labels, folds, seed):
    found = mistakes.parts(torch.tensor(labels), folds, seed)
    for label in set(labels):
        counts = torch.bincount(found[torch.tensor(labels) == label], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_wrong_labels_are_found_by_networks_that_never_saw_them():
    splits = []
    for seed, count in enumerate((40, 12, 12)):
        pixels, labels = plain(count, seed)
        splits.append(Pictures(pixels, labels.clone(), [f"{seed} {i}" for i in range(count)]))
    for i in (3, 20):
        splits[0].labels[i] = 1 - splits[0].labels[i]
    pictures = PictureSet(("red", "blue"), splits[0], splits[1], splits[2])
    said = mistakes.cross_fitted(replace(CONFIG, steps=14), pictures, 2)
    assert said.shape == (64, 2) and torch.allclose(said.sum(1), torch.ones(64, dtype=torch.float64))
    whole = mistakes.all_of(pictures)
    found = mistakes.suspects(pictures, whole, said)
    assert {one.path for one in sorted(found, key=lambda one: -one.loss)[:2]} == {"0 3", "0 20"}
    assert {one.split for one in found} == {"train", "val", "test"}
    assert all(one.loss == pytest.approx(-torch.tensor(one.probability).log().item(), abs=0.05) for one in found[:5])


def test_the_list_can_be_edited_and_trained_with(pages, photos, tmp_path):
    rows = list(csv.reader(io.StringIO(pages["review.csv"])))
    assert rows[0] == list(mistakes.COLUMNS) and len(rows) == 49 and {row[-1] for row in rows[1:]} == {"yes"}
    out, other = rows[1][0], rows[2]
    rows[1][-1] = "no"
    other[2] = "red" if other[2] == "blue" else "blue"
    listed = photos / "review.csv"
    try:
        with listed.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        found = find(str(listed))
    finally:
        listed.unlink()
    assert found.left_out == [(out, "not kept")] and len(found.items) == 47
    by_name = {item.name: item for item in found.items}
    assert by_name[other[0]].label == other[2] and all(Path(str(item.source)).is_file() for item in found.items)


def test_a_review_of_names_that_are_no_utf8_finds_its_files_again(tmp_path):
    pixels, labels = plain(8, 0)
    names = [os.fsdecode(b"caf\xe9%d.png" % i) for i in range(7)] + ["told\\xe9.png"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    whole = Pictures(pixels, labels, names)
    none = mistakes.chosen(whole, labels[:0])
    found = mistakes.suspects(PictureSet(("red", "blue"), whole, none, none), whole, torch.full((8, 2), 0.5).double())
    mistakes.write_review(tmp_path, found, whole, 0)
    assert "caf\\xe90.png" in (tmp_path / "mistakes.html").read_text(encoding="utf-8")
    assert {item.name for item in find(str(tmp_path / "review.csv")).items} == set(names)
    assert all(Path(str(item.source)).is_file() for item in find(str(tmp_path / "review.csv")).items)


def test_a_review_that_somebody_worked_on_is_kept(tmp_path):
    pixels, labels = plain(8, 0)
    whole = Pictures(pixels, labels, [f"{i}.png" for i in range(8)])
    pictures = PictureSet(
        ("red", "blue"), whole, mistakes.chosen(whole, labels[:0]), mistakes.chosen(whole, labels[:0])
    )
    found = mistakes.suspects(pictures, whole, torch.full((8, 2), 0.5, dtype=torch.float64))
    (tmp_path / "review.csv").write_text("my work")
    for _ in range(2):
        mistakes.write_review(tmp_path, found, whole, 0)
    assert (tmp_path / "review.1.csv").read_text() == "my work" and (tmp_path / "review.2.csv").is_file()


@pytest.mark.parametrize(
    "why, words", [("label", "looks like dog (dog 90.0%)"), ("strange", "like nothing else in the set")]
)
def test_the_terminal_says_why(why, words):
    answer = {"input": "a.png", "given": "cat", "class": "dog", "probabilities": {"dog": 0.9}, "distance": 4.26}
    answer |= {"why": why, "page": "mistakes.html"}
    assert predict.show(answer | {"rank": 1, "of": 3}) == f"a.png  filed as cat, {words}" + (
        " (distance 4.3)" if why == "strange" else ""
    )
    assert predict.show(answer | {"rank": 30, "of": 1000}).endswith("\n970 more, less suspicious, in review.csv. "
                                                                    "Look through them: mistakes.html")  # fmt: skip
    assert predict.show(answer | {"rank": 31, "of": 1000}) == ""
    assert predict.show(answer | {"rank": 3, "of": 3}).endswith("\nLook through them: mistakes.html")


def test_a_run_that_judges_what_it_learned_from_says_so(run, photos, tmp_path, capsys):
    list(predict.predict(run, [str(photos)], Options(mistakes=str(tmp_path), folds=0)))
    learned = len(open_pictures(str(photos), 32, seed=run.config(type(CONFIG)).seed).train)
    assert f"learned from {learned} of these 48 pictures" in capsys.readouterr().err
    assert "half believes their labels" in (tmp_path / "mistakes.html").read_text(encoding="utf-8")
    others = Run(run.folder, json.loads(json.dumps(run.data)) | {"data": {"pictures": "others"}})
    list(predict.predict(others, [str(photos)], Options(mistakes=str(tmp_path), folds=0)))
    assert "learned from" not in capsys.readouterr().err


def test_what_cannot_be_reviewed_is_refused_in_words(run, photos, tmp_path):
    with pytest.raises(CuadernoError, match="one labelled set at a time"):
        list(predict.predict(run, [str(photos), str(photos)], Options(mistakes=str(tmp_path))))
    with pytest.raises(CuadernoError, match="2 or more"):
        list(predict.predict(run, [str(photos)], Options(mistakes=str(tmp_path), folds=1)))
    run_of_others = Run(run.folder, json.loads(json.dumps(run.data)) | {"classes": ["cat", "dog"]})
    with pytest.raises(CuadernoError, match="classes blue, red"):
        list(predict.predict(run_of_others, [str(photos)], Options(mistakes=str(tmp_path), folds=0)))


def test_marks_on_the_page_end_up_in_the_list(pages, open_page, serve_folder):
    page = open_page(serve_folder(Path(pages["folder"])) + "mistakes.html", locale="es-ES", accept_downloads=True)
    assert page.evaluate("document.documentElement.lang") == "es"
    page.locator("button[data-column=keep]").first.click()
    with page.expect_download() as waiting:
        page.locator("#save").click()
    assert page.evaluate("[...document.images].every((one) => one.alt.startsWith('La imagen '))")
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert rows[0] == list(mistakes.COLUMNS) and sum(row[-1] == "no" for row in rows) == 1 and len(rows) == 49
