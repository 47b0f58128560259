"""Folders of pictures: made here, broken here."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cuaderno.data import doctor, pictures
from cuaderno.data.recipe import Settings


def photo(seed: int, size: int = 64) -> Image.Image:
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 255, (6, 6, 3), np.uint8))
    return small.resize((size, size), Image.Resampling.BICUBIC)


def bomb() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    )


@pytest.fixture
def folder(tmp_path):
    for label, seeds in {"cat": range(5), "dog": range(5, 10)}.items():
        (tmp_path / "photos" / label).mkdir(parents=True)
        for seed in seeds:
            photo(seed).save(tmp_path / "photos" / label / f"{seed}.png")
    return tmp_path / "photos"


def faults(folder, **settings) -> dict[str, tuple[str, str]]:
    result = pictures.follow(pictures.read_pictures(folder), Settings(**settings))
    names = {picture.id: picture.name for picture in result.all}
    return {names[finding.row]: (finding.step, finding.reason) for finding in result.findings}


def test_clean_pictures_stay_with_their_classes(folder):
    read = pictures.read_pictures(folder)
    assert faults(folder) == {} and [picture.label for picture in read] == ["cat"] * 5 + ["dog"] * 5


def test_broken_tiny_huge_and_repeated_pictures_are_found(folder):
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "cat" / "text.jpg").write_text("not a picture")
    (folder / "cat" / "zero.png").write_bytes(b"")
    (folder / "dog" / "bomb.png").write_bytes(bomb())
    photo(40, 8).save(folder / "dog" / "tiny.png")
    (folder / "dog" / "same.png").write_bytes((folder / "dog" / "5.png").read_bytes())
    photo(6).save(folder / "dog" / "again.jpg", quality=60)
    assert faults(folder) == {
        "cat/half.png": ("corrupt", "broken_picture"),
        "cat/text.jpg": ("corrupt", "broken_picture"),
        "cat/zero.png": ("corrupt", "broken_picture"),
        "dog/bomb.png": ("size", "huge"),
        "dog/tiny.png": ("size", "tiny"),
        "dog/same.png": ("exact", "same"),
        "dog/again.jpg": ("near", "almost_the_same"),
    }


def test_one_picture_in_two_classes_is_for_a_person_to_look_at(folder, tmp_path):
    (folder / "dog" / "cat.png").write_bytes((folder / "cat" / "0.png").read_bytes())
    written = doctor.clean(folder, tmp_path / "clean", doctor.Reading(), Settings(), "en")
    assert (written.report["dropped"], written.report["flagged"]) == (0, 1)
    assert written.review and 'dog/cat.png,cat/0.png,"the same as picture 1, but' in written.review.read_text()


def test_a_bomb_is_never_decoded(folder, monkeypatch):
    (folder / "dog" / "bomb.png").write_bytes(bomb())
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    picture = pictures.look(folder / "dog" / "bomb.png", pictures.Picture(1, "bomb.png", None, None, 300))
    assert picture.fault and picture.fault[0] == "huge"


def test_plain_pictures_of_one_colour_are_like_nothing(folder):
    for number, colour in enumerate(("red", "blue", "black")):
        Image.new("RGB", (40, 40), colour).save(folder / "cat" / f"plain{number}.png")
    assert faults(folder) == {}


def test_a_picture_of_train_that_is_in_val_goes(tmp_path):
    for split, seeds in {"train": range(6), "val": (3, 20)}.items():
        (tmp_path / "set" / split / "cat").mkdir(parents=True)
        for seed in seeds:
            photo(seed).save(tmp_path / "set" / split / "cat" / f"{seed}.png")
    assert faults(tmp_path / "set") == {"train/cat/3.png": ("leaks", "in_split")}


def test_a_cleaned_folder_can_be_undone(folder, tmp_path):
    (folder / "dog" / "same.png").write_bytes((folder / "dog" / "5.png").read_bytes())
    (folder / "cat" / "text.jpg").write_text("not a picture")
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    out = tmp_path / "clean"
    written = doctor.clean(folder, out, doctor.Reading(), Settings(), "es")
    assert written.report["dropped"] == 2 and not (out / "dog" / "same.png").exists()
    page = (tmp_path / "clean.report.html").read_text(encoding="utf-8")
    assert "data:image/jpeg;base64," in page and "12 imágenes" in page
    doctor.restore(out, ["exact"], [])
    assert (out / "dog" / "same.png").exists() and not (out / "cat" / "text.jpg").exists()
    doctor.restore(out, [], [])
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
