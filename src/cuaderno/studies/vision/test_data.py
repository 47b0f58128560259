"""Pictures of every layout and of every kind of damage: read, or left out with a reason, never a crash."""

import csv
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.pictures import files, gather, twins
from cuaderno.lab.pictures.files import WHY, Unreadable, printable, read_picture
from cuaderno.lab.pictures.layouts import find
from cuaderno.studies.vision import data, upstream
from cuaderno.studies.vision.data import open_pictures

SIZE = 16
WHITE, RED, GREEN, BLUE = (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("CUADERNO_DATA", raising=False)


def picture(seed: int, size=(24, 20)) -> Image.Image:
    """Any picture, each seed another one."""
    rough = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    return Image.fromarray(rough).resize(size, Image.Resampling.BILINEAR)


def fill(folder: Path, classes=("cat", "dog"), count: int = 12, first: int = 0) -> Path:
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            picture(first + 1000 * number + index).save(folder / name / f"{index}.png")
    return folder


def names_of(pictures) -> list[str]:
    return [name for split in (pictures.train, pictures.val, pictures.test) for name in split.names]


# -- the default ------------------------------------------------------------------------------------------------------


def test_without_data_it_draws_and_keeps_what_it_drew(tmp_path, monkeypatch):
    first = open_pictures(size=SIZE, num_train=12, num_test=8, cache=tmp_path)
    monkeypatch.setattr(data.drawings, "draw", None)  # whoever draws again fails
    again = open_pictures(size=SIZE, num_train=12, num_test=8, cache=tmp_path)
    assert first.drawn and first.classes == ("cat", "dog")
    assert [len(split) for split in (first.train, first.val, first.test)] == [12, 4, 8]
    assert first.train.pixels.shape == (12, 3, SIZE, SIZE) and first.train.pixels.dtype == torch.uint8
    assert first.train.labels.tolist() == [0, 1] * 6 and first.train.labels.dtype == torch.int64
    assert first.train.names[:2] == ["drawn cat 0", "drawn dog 1"] and "pose" in first.train.factors[0]
    assert torch.equal(first.test.pixels, again.test.pixels) and first.fingerprint == again.fingerprint
    assert "cat 6, dog 6" in first.describe()["pictures"] and "MIT" in first.describe()["licence"]


def test_other_seeds_and_other_code_draw_anew(tmp_path, monkeypatch):
    def make(seed):
        return open_pictures(size=SIZE, num_train=2, num_test=4, seed=seed, cache=tmp_path).fingerprint

    assert make(0) == make(0) != make(1)
    monkeypatch.setattr(data, "_code", lambda: "other code")
    kept = len(list(tmp_path.glob("*/pictures.json")))
    make(0)
    assert len(list(tmp_path.glob("*/pictures.json"))) == kept, "what is stale is replaced, not left"


@pytest.mark.parametrize("damage", ["half a list", "no pixels"])
def test_a_damaged_cache_is_made_again(tmp_path, damage):
    first = open_pictures(size=SIZE, num_train=2, num_test=4, cache=tmp_path)
    (folder,) = [path.parent for path in tmp_path.glob("*/pictures.json")]
    if damage == "half a list":
        (folder / "pictures.json").write_text('{"classes": ["cat"')
    else:
        (folder / "test.npy").write_bytes(b"\x93NUMPY")
    assert open_pictures(size=SIZE, num_train=2, num_test=4, cache=tmp_path).fingerprint == first.fingerprint


def test_absurd_numbers_are_refused():
    for wrong in ({"size": 2}, {"num_train": 0}, {"num_test": 1}):
        with pytest.raises(CuadernoError, match="at least"):
            open_pictures(**wrong)


# -- layouts ----------------------------------------------------------------------------------------------------------


def test_one_folder_a_class(tmp_path):
    fill(tmp_path / "pets", ("cat", "dog", "parrot"), 20)
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("not a picture")
    pictures = open_pictures(str(tmp_path / "pets"), SIZE)
    assert pictures.classes == ("cat", "dog", "parrot") and not pictures.drawn and pictures.train.factors is None
    assert torch.bincount(pictures.train.labels).tolist() == [16, 16, 16]
    assert torch.bincount(pictures.val.labels).tolist() == torch.bincount(pictures.test.labels).tolist() == [2, 2, 2]
    assert len(set(names_of(pictures))) == 60 and "cat/0.png" in names_of(pictures)
    at = pictures.train.names.index("dog/3.png") if "dog/3.png" in pictures.train.names else None
    if at is not None:
        wanted = read_picture(tmp_path / "pets" / "dog" / "3.png", SIZE)
        assert (pictures.train.pixels[at].permute(1, 2, 0).numpy() == wanted).all() and pictures.train.labels[at] == 1
    assert open_pictures(str(tmp_path / "pets"), SIZE, seed=1).test.names != pictures.test.names


def test_folders_by_split_are_kept_and_others_are_named(tmp_path):
    fill(tmp_path / "train", count=20)
    fill(tmp_path / "val", count=6, first=500)
    fill(tmp_path / "noisy", count=3, first=800)
    pictures = open_pictures(str(tmp_path), SIZE)
    assert len(pictures.train) == 36 and len(pictures.val) == 4, "a part of train validates"
    assert {name.split("/")[0] for name in pictures.test.names} == {"val"} and len(pictures.test) == 12
    assert "noisy/" in pictures.describe()["notes"] and not any("noisy" in name for name in names_of(pictures))


def test_all_three_splits_are_taken_as_they_are(tmp_path):
    for first, (name, count) in enumerate({"Train": 8, "valid": 4, "test": 4}.items()):
        fill(tmp_path / name, count=count, first=100 * first)
    pictures = open_pictures(str(tmp_path), SIZE)
    assert [len(split) for split in (pictures.train, pictures.val, pictures.test)] == [16, 8, 8]


def test_twins_of_training_pictures_in_the_datas_own_test_are_counted(tmp_path):
    fill(tmp_path / "train", count=8)
    fill(tmp_path / "test", count=6, first=500)
    shutil.copy(tmp_path / "train" / "cat" / "0.png", tmp_path / "test" / "cat" / "copy.png")
    pictures = open_pictures(str(tmp_path), SIZE)
    assert pictures.twins == 1 and "1 test pictures" in pictures.describe()["twins"]


def test_a_noisy_folder_beside_the_classes_is_no_class(tmp_path):
    fill(tmp_path)
    fill(tmp_path / "noisy", count=3, first=800)
    pictures = open_pictures(str(tmp_path), SIZE)
    assert pictures.classes == ("cat", "dog") and len(names_of(pictures)) == 24
    assert "noisy/ was not used" in pictures.describe()["notes"]


def test_pictures_deep_inside_and_links_in_circles(tmp_path):
    fill(tmp_path / "archive" / "PetImages")
    inner = tmp_path / "archive" / "PetImages" / "cat"
    (inner / "more").mkdir()
    picture(77).save(inner / "more" / "far.JPG", "JPEG")
    (inner / "more" / "round").symlink_to(inner)
    pictures = open_pictures(str(tmp_path), SIZE)
    assert len(names_of(pictures)) == 25 and "cat/more/far.JPG" in names_of(pictures)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "semicolons"])
def test_lists(tmp_path, kind):
    fill(tmp_path)
    rows = [
        {"path": f"{name}/{i}.png", "label": name, "split": "test" if i < 3 else "train"}
        for name in ("cat", "dog")
        for i in range(12)
    ]
    rows += [
        {"path": "cat/0.png", "label": "cat", "split": "train"},
        {"path": "../out.png", "label": "dog", "split": ""},
    ]
    rows += [{"path": "dog/4.png", "label": "", "split": ""}, {"path": "gone.png", "label": "dog", "split": "train"}]
    path = tmp_path / f"list.{'csv' if kind == 'semicolons' else kind}"
    with path.open("w", newline="", encoding="utf-8") as file:
        if kind == "jsonl":
            file.writelines(json.dumps(row) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(file, list(rows[0]), delimiter={"tsv": "\t", "semicolons": ";"}.get(kind, ","))
            writer.writeheader()
            writer.writerows(rows)
    pictures = open_pictures(str(path), SIZE)
    assert len(pictures.test) == 6 and len(names_of(pictures)) == 24
    assert dict(pictures.left_out) == {
        "cat/0.png": "twice", "../out.png": "outside", "dog/4.png": "no label", "gone.png": "missing",
    }  # fmt: skip


def test_a_list_leads_nowhere_out_of_its_folder_however_it_is_named(tmp_path, monkeypatch):
    inner = fill(tmp_path / "a" / "b")
    picture(1).save(tmp_path / "secret.png")
    rows = [f"{name}/{i}.png,{name}" for name in ("cat", "dog") for i in range(12)]
    strange = ["../../secret.png", str(tmp_path / "secret.png"), "cat/../../../secret.png", "..\\..\\secret.png"]
    for name in ("list.csv", "metadata.csv"):
        (inner / name).write_text("\n".join(["path,label", *rows, *(f"{path},cat" for path in strange)]))
    monkeypatch.chdir(inner)
    for source in ("list.csv", "./list.csv", ".", "../b/list.csv"):
        pictures = open_pictures(source, SIZE)
        assert dict(pictures.left_out) == dict.fromkeys(strange, "outside") and len(names_of(pictures)) == 24


def test_a_list_of_absolute_paths_says_what_to_write(tmp_path, monkeypatch):
    rows = [f"{fill(tmp_path / 'pictures')}/{name}/{i}.png,{name}" for name in ("cat", "dog") for i in range(6)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").write_text("\n".join(["path,label", *rows]))
    with pytest.raises(CuadernoError, match="paths relative to the list"):
        open_pictures(str(tmp_path / "lists" / "a.csv"), SIZE)
    (tmp_path / "pictures" / "a.csv").write_text("\n".join(["path,label", *rows]))
    assert len(names_of(open_pictures(str(tmp_path / "pictures" / "a.csv"), SIZE))) == 12, "inside it they will do"


def test_hugging_faces_imagefolder(tmp_path):
    for split, first in (("train", 0), ("test", 100)):
        folder = tmp_path / split
        folder.mkdir()
        rows = [{"file_name": f"{i}.png", "label": i % 2, "text": "any"} for i in range(10)]
        for i in range(10):
            picture(first + i).save(folder / f"{i}.png")
        (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pictures = open_pictures(str(tmp_path), SIZE)
    assert pictures.classes == ("0", "1") and len(pictures.test) == 10 and pictures.test.names[0].startswith("test/")


def test_metadata_without_classes_leaves_them_to_the_folders(tmp_path):
    fill(tmp_path)
    (tmp_path / "metadata.csv").write_text("file_name,text\ncat/0.png,a cat\n")
    assert open_pictures(str(tmp_path), SIZE).classes == ("cat", "dog")


def test_kaggles_cats_and_dogs_are_told_by_name(tmp_path):
    for split, names in (("train", ("cat.{}", "dog.{}")), ("test1", ("{}",))):
        (tmp_path / split).mkdir()
        for at, name in enumerate(names):
            for index in range(12):
                picture(100 * at + index).save(tmp_path / split / f"{name.format(index)}.jpg")
    pictures = open_pictures(str(tmp_path), SIZE)
    assert pictures.classes == ("cat", "dog") and len(names_of(pictures)) == 24
    assert "test1/" in pictures.describe()["notes"]


def test_numbers_of_classes_are_sorted_by_value(tmp_path):
    fill(tmp_path, ("10", "2", "1"), 6)
    assert open_pictures(str(tmp_path), SIZE).classes == ("1", "2", "10")


def batch(count, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, 3, 32, 32), np.uint8), (np.arange(count) % 2).tolist()


def write_cifar(folder: Path, kind: str) -> np.ndarray:
    """CIFAR as its page has it; the pixels of the test batch."""
    folder.mkdir()
    train, labels = batch(10)
    test, _ = batch(10, 1)
    if kind == "python":
        for name, pixels in (("data_batch_1", train), ("test_batch", test)):
            (folder / name).write_bytes(pickle.dumps({b"data": pixels.reshape(10, -1), b"labels": labels}, 2))
        (folder / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"cat", b"dog"]}, 2))
    elif kind == "binary":
        for name, pixels in (("data_batch_1.bin", train), ("test_batch.bin", test)):
            rows = np.hstack([np.uint8(labels)[:, None], pixels.reshape(10, -1)])
            (folder / name).write_bytes(rows.tobytes())
        (folder / "batches.meta.txt").write_text("cat\ndog\n\n")
    elif kind == "hundred":
        for name, pixels in (("train", train), ("test", test)):
            found = {"data": pixels.reshape(10, -1), "fine_labels": labels, "coarse_labels": [0] * 10}
            (folder / name).write_bytes(pickle.dumps(found, 2))
        (folder / "meta").write_bytes(
            pickle.dumps({"fine_label_names": ["cat", "dog"], "coarse_label_names": ["pet"]}, 2)
        )
    else:
        for name, pixels in (("train.bin", train), ("test.bin", test)):
            rows = np.hstack([np.zeros((10, 1), np.uint8), np.uint8(labels)[:, None], pixels.reshape(10, -1)])
            (folder / name).write_bytes(rows.tobytes())
        (folder / "fine_label_names.txt").write_text("cat\ndog\n")
    return test


@pytest.mark.parametrize("kind", ["python", "binary", "hundred", "hundred binary"])
def test_cifar(tmp_path, kind):
    wanted = write_cifar(tmp_path / "cifar", kind)
    pictures = open_pictures(str(tmp_path), 32)
    assert pictures.classes == ("cat", "dog") and len(pictures.train) + len(pictures.val) == 10
    assert (pictures.test.pixels.numpy() == wanted).all() and pictures.test.labels.tolist() == [0, 1] * 5


class Touch:
    """What runs a program when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_runs_a_program_is_not_let_in(tmp_path):
    write_cifar(tmp_path / "cifar", "python")
    (tmp_path / "cifar" / "data_batch_2").write_bytes(
        pickle.dumps({b"data": Touch(tmp_path / "ran"), b"labels": []}, 2)
    )
    with pytest.raises(CuadernoError, match="Only arrays"):
        open_pictures(str(tmp_path), 32)
    assert not (tmp_path / "ran").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_batch_is_refused_in_words(tmp_path, data):
    folder = tmp_path / "cifar"
    if not folder.exists():
        write_cifar(folder, "python")
    whole = pickle.dumps({b"data": batch(1)[0].reshape(1, -1), b"labels": [0]}, 2)
    at = data.draw(st.integers(0, 120))
    damaged = whole[:at] + data.draw(st.binary(max_size=6)) + whole[at + data.draw(st.integers(0, 6)) :]
    (folder / "data_batch_1").write_bytes(damaged)
    try:
        find(str(folder))
    except CuadernoError as error:
        assert str(error)


def write_npz(path, **arrays):
    pixels, labels = batch(12)
    np.savez(path, **{"x_train": pixels, "y_train": labels, "x_test": pixels[:4], "y_test": labels[:4]} | arrays)
    return str(path)


@pytest.mark.parametrize("how", ["channels first", "channels last", "one channel", "between 0 and 1", "a folder"])
def test_npz(tmp_path, how):
    pixels = batch(12)[0]
    shapes = {
        "channels last": pixels.transpose(0, 2, 3, 1), "one channel": pixels[:, 0], "between 0 and 1": pixels / 255,
    }  # fmt: skip
    path = write_npz(tmp_path / "pets.npz", x_train=shapes.get(how, pixels), classes=np.array(["cat", "dog"]))
    pictures = open_pictures(str(tmp_path) if how == "a folder" else path, 32)
    assert pictures.classes == ("cat", "dog") and len(pictures.test) == 4
    wanted = pixels[:, :1].repeat(3, 1) if how == "one channel" else pixels
    at = [int(name.rsplit("/")[-1]) for name in pictures.train.names]
    assert np.abs(pictures.train.pixels.numpy().astype(int) - wanted[at]).max() <= 1


@pytest.mark.parametrize(
    "arrays, said",
    [
        ({"y_train": np.array([Touch("x")] * 12, object)}, "cannot be read as a NumPy archive"),
        ({"x_train": np.zeros((12, 5), np.uint8)}, "has the shape"),
        ({"y_train": np.zeros(3, int)}, "12 pictures, but 3 labels"),
        ({"classes": np.array(["cat"])}, "label 1"),
        ({"x_train": np.full((12, 8, 8, 3), np.nan)}, "no numbers"),
        ({"y_train": np.zeros(12)}, "type float64"),
    ],
)
def test_an_npz_of_another_kind_is_refused_in_words(tmp_path, arrays, said):
    with pytest.raises(CuadernoError, match=said):
        open_pictures(write_npz(tmp_path / "x.npz", **arrays), 32)


def test_what_is_no_archive_is_refused_in_words(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(CuadernoError, match="NumPy archive"):
        open_pictures(str(tmp_path / "x.npz"))


# -- what cannot be used ----------------------------------------------------------------------------------------------


def nowhere(folder):
    return folder / "nowhere"


def empty(folder):
    return folder


def one_class(folder):
    return fill(folder, ("cat",))


def loose(folder):
    picture(1).save(folder / "a.png")
    return folder


def few(folder):
    fill(folder, count=9)
    fill(folder, ("parrot",), 2)
    return folder


def all_the_same(folder):
    fill(folder)
    for path in sorted((folder / "dog").iterdir())[1:]:
        shutil.copy(folder / "dog" / "0.png", path)
    return folder


def strange_split(folder):
    fill(folder / "train")
    fill(folder / "test", ("cat", "wolf"))
    return folder


def a_zip(folder):
    (folder / "pets.zip").write_bytes(b"PK")
    return folder / "pets.zip"


def bad_list(folder):
    (folder / "list.csv").write_text("name,colour\na.png,red\n")
    return folder / "list.csv"


def latin_list(folder):
    (folder / "list.csv").write_bytes("path,label\nñ.png,cat\n".encode("latin-1"))
    return folder / "list.csv"


@pytest.mark.parametrize(
    "make, said",
    [
        (nowhere, "There is no folder or file"),
        (empty, "is empty. Wanted is one folder a class"),
        (one_class, r"1 folders \(cat/ with 12 pictures\)"),
        (loose, r"1 files \(1 .png\)"),
        (few, "'parrot' has 2"),
        (all_the_same, "gives no (val|test) picture of dog"),
        (strange_split, "also 'wolf'"),
        (a_zip, "Unpack it first"),
        (bad_list, "one called `path` is missing"),
        (latin_list, "not UTF-8"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_errors_say_what_was_found_and_what_is_wanted(tmp_path, make, said):
    (tmp_path / "data").mkdir()
    with pytest.raises(CuadernoError, match=said):
        open_pictures(str(make(tmp_path / "data")), SIZE)


def test_too_many_for_the_memory_is_said_before_anything_is_read(tmp_path, monkeypatch):
    import psutil

    fill(tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 1000}))
    with pytest.raises(CuadernoError, match="GB are free"):
        open_pictures(str(tmp_path), SIZE)


# -- twins and the cache ----------------------------------------------------------------------------------------------


def test_copies_and_near_copies_stay_in_one_split(tmp_path):
    folder = fill(tmp_path / "data", count=16)
    for name in ("cat", "dog"):
        for index in range(6):
            with Image.open(folder / name / f"{index}.png") as original:
                original.resize((60, 50)).save(folder / name / f"again{index}.jpg", quality=80)
    for seed in range(3):
        pictures = open_pictures(str(folder), SIZE, seed=seed)
        split_of = {n: at for at, s in enumerate((pictures.train, pictures.val, pictures.test)) for n in s.names}
        for name in ("cat", "dog"):
            for index in range(6):
                assert split_of[f"{name}/{index}.png"] == split_of[f"{name}/again{index}.jpg"]


def test_groups_of_twins():
    pixels = torch.from_numpy(np.stack([np.asarray(picture(seed, (32, 32))) for seed in range(40)])).permute(0, 3, 1, 2)
    darker = (pixels[:5].float() * 0.98).to(torch.uint8)
    groups = twins.groups(torch.cat([pixels, darker]))
    assert groups[:40].tolist() == list(range(40)) and groups[40:].tolist() == [0, 1, 2, 3, 4]


def test_thousands_of_plain_pictures_are_grouped_quickly():
    plain = torch.full((3000, 3, 16, 16), 7, dtype=torch.uint8)
    assert set(twins.groups(plain).tolist()) == {0}


def test_decoded_pictures_are_kept_until_the_folder_changes(tmp_path, monkeypatch):
    folder, cache = fill(tmp_path / "data"), tmp_path / "cache"
    first = open_pictures(str(folder), SIZE, cache=cache)
    with monkeypatch.context() as patch:
        patch.setattr(gather, "read_picture", None)  # whoever decodes again fails
        assert open_pictures(str(folder), SIZE, cache=cache).fingerprint == first.fingerprint
    picture(5000).save(folder / "cat" / "new.png")
    more = open_pictures(str(folder), SIZE, cache=cache)
    assert len(names_of(more)) == 25 and more.fingerprint != first.fingerprint
    assert len(list(cache.glob("*/pictures.json"))) == 1 and not list(cache.glob("*.part"))


def test_a_kill_while_reading_leaves_nothing_that_counts(tmp_path, monkeypatch):
    folder, cache = fill(tmp_path / "data"), tmp_path / "cache"
    with monkeypatch.context() as patch:
        patch.setattr(data, "_fingerprint", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            open_pictures(str(folder), SIZE, cache=cache)
    assert not list(cache.glob("*/pictures.json"))
    assert len(names_of(open_pictures(str(folder), SIZE, cache=cache))) == 24


def test_a_full_disk_is_said_in_words(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(CuadernoError, match="disk is full"):
        open_pictures(size=SIZE, num_train=2, num_test=4, cache=tmp_path)


# -- one picture ------------------------------------------------------------------------------------------------------


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def halves(left, right, mode="RGB", size=(40, 20)) -> Image.Image:
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def corner(pixels, at) -> tuple[int, ...]:
    return tuple(int(value) for value in pixels[at])


def close(a, b) -> bool:
    return np.abs(np.array(a, int) - np.array(b, int)).max() < 12


def exif(turn: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = turn
    return found


@pytest.mark.parametrize("turn", range(1, 9))
def test_turned_photos_stand_upright(turn):
    """A photo as a phone stores it, and the note how to turn it, give back what was seen."""
    seen = Image.new("RGB", (60, 40), RED)
    seen.paste(GREEN, (30, 0, 60, 20))
    seen.paste(BLUE, (0, 20, 30, 40))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Transpose that leads back
    stored = seen.transpose(Image.Transpose(undo[turn])) if turn > 1 else seen
    pixels = read_picture(saved(stored, "JPEG", quality=95, exif=exif(turn)), 32)
    assert close(corner(pixels, (4, 4)), RED) and close(corner(pixels, (4, 28)), GREEN)
    assert close(corner(pixels, (28, 4)), BLUE)


def sixteen() -> bytes:
    values = np.zeros((20, 40), np.uint16)
    values[:, 20:] = 65535
    return saved(Image.fromarray(values), "PNG")


def palette() -> bytes:
    image = halves(0, 1, "P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    return saved(image, "PNG", transparency=1)


def animated() -> bytes:
    return saved(halves(BLACK, WHITE), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 20), RED)])


BLACK = (0, 0, 0)
ODD = {
    "grey": (lambda: saved(halves(0, 255, "L"), "PNG"), BLACK, WHITE),
    "black and white": (lambda: saved(halves(0, 1, "1"), "PNG"), BLACK, WHITE),
    "16 bits": (sixteen, BLACK, WHITE),
    "32-bit floats": (lambda: saved(Image.fromarray(np.float32([[0.0] * 20 + [5.0] * 20] * 20)), "TIFF"), BLACK, WHITE),
    "CMYK": (lambda: saved(halves((255, 255, 0, 0), (0, 0, 0, 0), "CMYK"), "JPEG", quality=95), BLUE, WHITE),
    "transparent": (lambda: saved(halves((0, 0, 255, 255), (0, 0, 0, 0), "RGBA"), "PNG"), BLUE, WHITE),
    "transparent palette": (palette, RED, WHITE),
    "grey with transparency": (lambda: saved(halves((0, 255), (0, 0), "LA"), "PNG"), BLACK, WHITE),
    "animated": (animated, BLACK, WHITE),
    "animated webp": (
        lambda: saved(
            halves(BLUE, WHITE), "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 20))], quality=95
        ),
        BLUE,
        WHITE,
    ),
    "a large photo": (lambda: saved(halves(RED, BLUE, size=(3000, 2000)), "JPEG", quality=90), RED, BLUE),
    "a very long one": (lambda: saved(halves(RED, BLUE, size=(9000, 8)), "PNG"), RED, BLUE),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_pictures_are_read(kind):
    make, left, right = ODD[kind]
    pixels = read_picture(make(), SIZE)
    assert pixels.shape == (SIZE, SIZE, 3) and pixels.dtype == np.uint8
    assert close(corner(pixels, (8, 3)), left) and close(corner(pixels, (8, 12)), right)


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_deep_pictures_are_brought_to_eight_bits_band_by_band(kind, monkeypatch):
    values = (np.random.default_rng(0).random((50, 40)) * 60000).astype(kind)
    whole = files._from_deep(Image.fromarray(values))
    monkeypatch.setattr(files, "BAND", 280)
    assert (np.asarray(files._from_deep(Image.fromarray(values))) == np.asarray(whole)).all()
    shift, scale = (values.min(), np.ptp(values) / 255) if kind == np.float32 else (0, 257)
    assert np.abs(np.asarray(whole) - (values - shift) / scale).max() < 1


def test_a_large_picture_of_sixteen_bits_needs_little_more_than_itself():
    tracemalloc.start()
    read_picture(saved(Image.fromarray(np.zeros((3000, 3000), np.uint16)), "PNG"), SIZE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 60 << 20, "eight bytes for each pixel, several times over, would be 72 MB and more"


def bomb(side: int) -> bytes:
    """A few bytes that say they are a picture of that side."""
    header = saved(Image.new("L", (8, 8)), "PNG")
    chunk = b"IHDR" + side.to_bytes(4, "big") * 2 + header[24:29]
    return header[:8] + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]


BAD = {
    "no picture": lambda: b"GIF, or so it says" * 9,
    "empty": lambda: b"",
    "truncated": lambda: saved(picture(1, (90, 70)), "JPEG")[:-200],
    "broken": lambda: saved(picture(1, (90, 70)), "PNG").replace(b"IDAT", b"IDAT\0\0", 1),
    "huge": lambda: bomb(100_000),
    "huge too": lambda: bomb(10_050),  # within Pillow's own limit, beyond ours
    "tiny": lambda: saved(Image.new("RGB", (1, 1)), "PNG"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_pictures_are_left_out_with_the_reason(kind):
    with pytest.raises(Unreadable) as raised:
        read_picture(BAD[kind](), SIZE)
    assert raised.value.key == kind.removesuffix(" too")


def test_every_reason_is_there_in_both_languages():
    assert all(set(words) == {"en", "es"} and all(words.values()) for words in WHY.values())


KINDS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")
SEEDS = [*(saved(picture(3), kind) for kind in KINDS), animated(), palette()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 3000), st.binary(max_size=12), st.integers(0, 40))
def test_no_damage_does_more_than_leave_a_picture_out(whole, at, put, lost):
    at %= len(whole)
    try:
        assert read_picture(whole[:at] + put + whole[at + lost :], SIZE).shape == (SIZE, SIZE, 3)
    except Unreadable as reason:
        assert reason.key in WHY


def test_a_folder_with_bad_pictures_is_read_and_tells_of_them(tmp_path):
    fill(tmp_path)
    for kind in ("no picture", "empty", "truncated", "huge", "tiny"):
        (tmp_path / "cat" / f"{kind}.png").write_bytes(BAD[kind]())
    (tmp_path / "cat" / "nothing.png").symlink_to(tmp_path / "nowhere.png")
    pictures = open_pictures(str(tmp_path), SIZE)
    kinds = {name.removeprefix("cat/").removesuffix(".png"): key for name, key in pictures.left_out}
    assert kinds == {kind: kind for kind in ("no picture", "empty", "truncated", "huge", "tiny")} | {
        "nothing": "missing"
    }
    said = pictures.describe()["left out"]
    assert "1 cut off in the middle (cat/truncated.png)" in said and len(names_of(pictures)) == 24


def test_names_that_are_no_utf8_are_read_and_shown(tmp_path):
    folder = os.fsencode(fill(tmp_path / "data", ("dog",)))
    Path(os.fsdecode(folder + b"/gato_\xe9")).mkdir()
    for index in range(12):
        (path := Path(os.fsdecode(folder + b"/gato_\xe9/caf\xe9%d.png" % index))).write_bytes(
            saved(picture(index), "PNG")
        )
    path.with_name(os.fsdecode(b"bad\xff.png")).write_bytes(b"no picture")
    pictures = open_pictures(str(tmp_path / "data"), SIZE)
    assert pictures.classes == ("dog", "gato_\\xe9"), "a class is written in many places"
    names = names_of(pictures)
    assert len(names) == 24 and all((tmp_path / "data" / name).is_file() for name in names), "these find the file"
    assert "gato_\\xe9/caf\\xe90.png" in map(printable, names)
    assert "gato_\\xe9/bad\\xff.png" in pictures.describe()["left out"]
    assert all(text.encode() for text in pictures.describe().values())


@given(st.text(st.characters()))
def test_every_name_can_be_written(name):
    odd = any("\ud800" <= char <= "\udfff" for char in name)
    assert isinstance(printable(name).encode(), bytes) and (printable(name) != name) == odd


def test_a_list_with_names_that_no_file_can_have(tmp_path):
    fill(tmp_path)
    rows = [{"path": f"{name}/{i}.png", "label": name} for name in ("cat", "dog") for i in range(6)]
    rows += [{"path": "\ud800.png", "label": "cat"}, {"path": "cat/1.png/x.png", "label": "cat"}]
    (tmp_path / "list.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pictures = open_pictures(str(tmp_path / "list.jsonl"), SIZE)
    assert [why for _, why in pictures.left_out] == ["missing", "missing"] and pictures.describe()["left out"].encode()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_plain_file_is_left_out_and_nothing_hangs(tmp_path):
    fill(tmp_path)
    os.mkfifo(tmp_path / "cat" / "pipe.jpg")
    os.mkfifo(tmp_path / "a.npz")
    os.mkfifo(tmp_path / "data_batch_1")
    (tmp_path / "cat" / "folder.jpg").mkdir()
    pictures = open_pictures(str(tmp_path), SIZE)
    assert pictures.left_out == [("cat/pipe.jpg", "no file")] and len(names_of(pictures)) == 24
    for strange in (tmp_path, tmp_path / "cat" / "pipe.jpg", os.devnull, ""):
        with pytest.raises(Unreadable, match="no plain file"):
            read_picture(strange, SIZE)


# -- collections ------------------------------------------------------------------------------------------------------


def serve(monkeypatch, name: str, *paths: Path, broken: bool = False) -> None:
    """Let a collection come from these files."""
    archives = tuple(
        upstream.Archive(
            path.name, path.as_uri(), "0" * 64 if broken else hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in paths
    )
    monkeypatch.setitem(upstream.COLLECTIONS, name, upstream.Collection("a title", "a licence", archives))


def tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def test_oxfords_pets(tmp_path, monkeypatch):
    names = [f"{breed}_{i}" for breed in ("Bengal", "pug") for i in range(12)]
    images = {f"images/{name}.jpg": saved(picture(at), "JPEG") for at, name in enumerate(names)}
    images |= {"../out.jpg": b"x", "images/Bengal_1.mat": b"x"}
    lines = [f"{name} 1 {2 if 'pug' in name else 1} 1" for name in names]
    lists = {"trainval": lines[:8] + lines[12:20], "test": ["# a comment", *lines[8:12], *lines[20:]]}
    texts = {f"annotations/{name}.txt": "\n".join(own).encode() for name, own in lists.items()}
    serve(monkeypatch, "pets", tar(tmp_path / "images.tar.gz", images), tar(tmp_path / "annotations.tar.gz", texts))
    pictures = open_pictures("pets", SIZE)
    assert pictures.classes == ("cat", "dog") and torch.bincount(pictures.test.labels).tolist() == [4, 4]
    assert pictures.licence == "a licence" and pictures.source == "a title"
    assert not (tmp_path / "out.jpg").exists() and not list(Path(os.environ["CUADERNO_CACHE"]).rglob("*.mat"))
    for path in tmp_path.glob("*.gz"):
        path.unlink()
    assert open_pictures("pets", SIZE).fingerprint == pictures.fingerprint, "downloaded and unpacked once"


def test_microsofts_cats_and_dogs(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        archive.writestr("readme[1].txt", "words")
        for at, name in enumerate(("Cat", "Dog")):
            archive.writestr(f"PetImages/{name}/666.jpg", b"")  # as there are in the real one
            archive.writestr(f"PetImages/{name}/Thumbs.db", b"x")
            for i in range(12):
                archive.writestr(f"PetImages/{name}/{i}.jpg", saved(picture(100 * at + i), "JPEG"))
    serve(monkeypatch, "microsoft", tmp_path / "pets.zip")
    pictures = open_pictures("microsoft", SIZE)
    assert pictures.classes == ("Cat", "Dog") and len(names_of(pictures)) == 24
    assert [key for _, key in pictures.left_out] == ["empty", "empty"]


def test_a_name_in_cuaderno_data_will_do(tmp_path, monkeypatch):
    fill(tmp_path / "my_pets")
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path))
    assert len(names_of(open_pictures("my_pets", SIZE))) == 24
    for strange in ("a\0b", "~nobody_of_that_name/pets", "x" * 5000):
        with pytest.raises(CuadernoError):
            open_pictures(strange, SIZE)


def test_a_folder_of_that_name_goes_first(tmp_path, monkeypatch):
    fill(tmp_path / "pets")
    monkeypatch.chdir(tmp_path)
    assert len(names_of(open_pictures("pets", SIZE))) == 24


def test_another_file_than_promised_or_none_is_said_in_words(tmp_path, monkeypatch):
    path = tar(tmp_path / "images.tar.gz", {"images/a.jpg": b"x"})
    serve(monkeypatch, "pets", path, broken=True)
    with pytest.raises(CuadernoError, match="another file than expected"):
        open_pictures("pets", SIZE)
    serve(monkeypatch, "pets", path)
    path.unlink()
    with pytest.raises(CuadernoError, match="could not be downloaded"):
        open_pictures("pets", SIZE)


def test_an_archive_that_is_none_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "images.tar.gz").write_bytes(gzip.compress(b"not a tar" * 200))
    serve(monkeypatch, "pets", tmp_path / "images.tar.gz")
    with pytest.raises(CuadernoError, match="no archive"):
        open_pictures("pets", SIZE)
    assert not list(Path(os.environ["CUADERNO_CACHE"]).glob("vision/*.part"))


def test_the_published_addresses_are_whole():
    for collection in upstream.COLLECTIONS.values():
        for archive in collection.archives:
            assert archive.url.startswith("https://") and len(archive.sha256) == 64
