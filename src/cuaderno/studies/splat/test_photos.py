"""From photos and videos to cameras: what is looked over, what is said, and pycolmap itself on a room that is known."""

import json
import math
import re
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat import photos, video
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.scene import open_scene

needs_pycolmap = pytest.mark.skipif(photos.find_spec("pycolmap") is None, reason="pycolmap is not installed")


def room(size: int = 512) -> np.ndarray:
    """Paint for three walls, (3, size, size, 3): noise of all sizes, in which there is something to find everywhere."""
    rng, walls = np.random.default_rng(0), np.zeros((3, size, size, 3))
    for cells in (8, 32, 128, 256):
        coarse = rng.uniform(0, 1, (3, cells, cells, 3))
        walls += coarse.repeat(size // cells, 1).repeat(size // cells, 2)
    return (255 * walls / 4).astype(np.uint8)


def camera_in_room(index: int, width: int, height: int) -> Camera:
    angle = 0.35 + 0.12 * index
    place = np.array([2.6 * math.cos(angle), 2.6 * math.sin(angle), 1.2 + 0.15 * (index % 3)])
    matrix = looking_at(place, np.array([0.4, 0.4, 0.4]), np.array([0.0, 0, 1]))
    return Camera(f"{index}", matrix, 0.9 * width, 0.9 * width, width / 2, height / 2, width, height)


def view_of_room(walls: np.ndarray, camera: Camera) -> Image.Image:
    """The corner where three walls meet, at x, y and z = 0: each ray meets the wall that is nearest to it."""
    fine = camera.resized(2 * camera.width, 2 * camera.height)
    rays, place = fine.rays(), camera.position
    with np.errstate(divide="ignore"):
        t = np.where(rays < 0, -place / rays, np.inf)
    wall = t.argmin(axis=-1)
    hit = place + rays * np.take_along_axis(t, wall[..., None], axis=-1)
    first, second = np.array([1, 2, 0])[wall], np.array([2, 0, 1])[wall]
    size = walls.shape[1]
    at = [
        (np.take_along_axis(hit, which[..., None], -1)[..., 0] / 3 * size).astype(int) % size
        for which in (first, second)
    ]
    colours = walls[wall, at[0], at[1]].astype(np.float32)
    colours = colours.reshape(camera.height, 2, camera.width, 2, 3).mean(axis=(1, 3))
    return Image.fromarray(colours.astype(np.uint8))


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Nine photos of a room, and the cameras that took them."""
    folder, walls = tmp_path_factory.mktemp("album"), room()
    cameras = [camera_in_room(index, 240, 180) for index in range(9)]
    for index, camera in enumerate(cameras):
        view_of_room(walls, camera).save(folder / f"IMG_{index}.jpg", quality=95)
    return folder, cameras


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))


def copied(album: Path, target: Path) -> Path:
    target.mkdir()
    for path in album.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


@pytest.fixture
def pretend(monkeypatch):
    """Instead of pycolmap: all photos but the first `lost` ones are placed, and `seen` says what was seen."""
    asked: list = []

    def begin(lost: int = 0, apart: int = 0, blank: int = 0):
        def registered(good, work, progress):
            asked.append(good)
            for number, placed in enumerate((good[lost:], good[:apart])):
                if placed:
                    write_model(work / "sparse" / str(number), placed)
            names = [photo.copy for photo in good]
            features = {name: 20 if index < blank else 900 for index, name in enumerate(names)}
            some = names if apart else names[lost:]
            return {
                "features": features,
                "together": [[one, other, 99] for one, other in pairwise(some)],
            }

        monkeypatch.setattr(photos, "_registered", registered)
        monkeypatch.setattr(photos, "need", lambda package: None)
        return asked

    return begin


def write_model(folder: Path, placed) -> None:
    folder.mkdir(parents=True)
    cameras = [
        f"{n} SIMPLE_PINHOLE {p.width} {p.height} 200 {p.width / 2} {p.height / 2}" for n, p in enumerate(placed, 1)
    ]
    images = [f"{n} 1 0 0 0 {n} 0 0 {n} {p.copy}\n" for n, p in enumerate(placed, 1)]
    (folder / "cameras.txt").write_text("\n".join(cameras))
    (folder / "images.txt").write_text("\n".join(images))
    (folder / "points3D.txt").write_text("1 0 0 5 1 2 3 0.1\n")


def test_the_same_photos_are_asked_once(album, pretend, tmp_path):
    asked, folder = pretend(), copied(album[0], tmp_path / "a")
    (tmp_path / "cache" / "splat" / f"photos-{photos._state(folder)}.1.part").mkdir(parents=True)  # of a killed one
    scene, again = open_scene(str(folder)), open_scene(str(folder), 0.5)
    assert len(asked) == 1 and len(scene) == 9 and scene.cameras[2].name == "IMG_2.jpg" and not scene.notes
    assert scene.pictures[0].shape == (180, 240, 3) and again.pictures[0].shape == (90, 120, 3)
    (folder / "IMG_9.jpg").write_bytes((folder / "IMG_8.jpg").read_bytes())
    assert len(open_scene(str(folder))) == 10 and len(asked) == 2
    assert not list((tmp_path / "cache" / "splat").glob("*.part"))


def test_too_few_photos_are_refused(album, pretend, tmp_path):
    pretend()
    folder = copied(album[0], tmp_path / "a")
    for index in range(2, 9):
        (folder / f"IMG_{index}.jpg").unlink()
    with pytest.raises(CuadernoError, match=r"gives 2 photos, and at least 6.*Walk round it"):
        open_scene(str(folder))


def test_blurred_photos_are_left_out_and_named(album, pretend, tmp_path):
    asked, folder = pretend(), copied(album[0], tmp_path / "a")

    def blur(index: int) -> None:
        with Image.open(folder / f"IMG_{index}.jpg") as picture:
            picture.filter(ImageFilter.GaussianBlur(2.5)).save(folder / f"IMG_{index}.jpg", quality=95)

    blur(4)
    assert open_scene(str(folder)).notes == ["Blurred, so left out: IMG_4.jpg."] and len(asked[0]) == 8
    for index in (0, 1, 2, 3, 5, 6):
        blur(index)
    with pytest.raises(CuadernoError, match=r"Most photos in .* are blurred, or show nothing with an edge: IMG_0\.jpg"):
        open_scene(str(folder))


def test_exposure_that_moves_is_told_of(album, pretend, tmp_path):
    pretend()
    folder = copied(album[0], tmp_path / "a")
    with Image.open(folder / "IMG_3.jpg") as picture:
        picture.point(lambda value: value * 0.45).save(folder / "IMG_3.jpg", quality=95)
    (note,) = open_scene(str(folder)).notes
    assert "The exposure moves: IMG_3.jpg (-" in note and "lock exposure" in note


@pytest.mark.parametrize(
    "lost, apart, blank, words",
    [
        (2, 0, 2, r"7 of 9 photos could be placed\. Too little to see in IMG_0\.jpg and IMG_1\.jpg"),
        (1, 0, 0, r"8 of 9 .* No overlap with any other photo: IMG_0\.jpg"),
        (
            3,
            3,
            0,
            r"6 of 9 .* overlap with the rest: IMG_0\.jpg, IMG_1\.jpg and IMG_2\.jpg \(they belong to another part",
        ),
    ],
)
def test_photos_without_a_place_are_named_with_the_reason(lost, apart, blank, words, album, pretend, tmp_path):
    pretend(lost, apart, blank)
    (note,) = open_scene(str(copied(album[0], tmp_path / "a"))).notes
    assert re.search(words, note), note


def test_when_hardly_any_has_a_place_nothing_is_kept(album, pretend, tmp_path):
    pretend(lost=7)
    with pytest.raises(CuadernoError, match=r"Of 9 photos in .* only 2 could be placed\. No overlap with any"):
        open_scene(str(copied(album[0], tmp_path / "a")))
    pretend(lost=9)
    with pytest.raises(CuadernoError, match=r"photos in .* none could be placed"):
        open_scene(str(tmp_path / "a"))
    assert not list((tmp_path / "cache" / "splat").glob("photos-*/"))


def test_masks_that_belong_to_no_photo_are_told_of_before_anything_costs_time(album, tmp_path):
    folder = copied(album[0], tmp_path / "a")
    (folder / "masks").mkdir()
    Image.new("L", (240, 180), 255).save(folder / "masks" / "mask_1.png")
    with pytest.raises(CuadernoError, match=r"there is mask_1\.png\. The mask of IMG_0\.jpg is called IMG_0\.jpg\.png"):
        open_scene(str(folder))


def test_photos_are_turned_and_keep_their_focal_length_and_mask(album, pretend, tmp_path):
    asked, folder = pretend(), copied(album[0], tmp_path / "a")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0xA405] = 26
    (folder / "masks").mkdir()
    with Image.open(folder / "IMG_1.jpg") as picture:
        picture.save(folder / "IMG_1.jpg", exif=exif, quality=95)
        half = Image.new("L", (180, 240), 255)
        half.paste(0, (0, 0, 90, 240))
        half.save(folder / "masks" / "IMG_1.png")
    scene = open_scene(str(folder))
    photo = asked[0][1]
    assert (photo.width, photo.height) == (180, 240) and photo.focal == pytest.approx(26 * 300 / 43.27)
    turned = [camera.name for camera in scene.cameras].index("IMG_1.jpg")
    assert scene.pictures[turned].shape == (240, 180, 3)
    assert not scene.masks[turned][:, :88].any() and scene.masks[turned][:, 92:].all() and scene.masks[0].all()
    groups = photos._groups(asked[0])
    assert sorted(len(group["names"]) for group in groups) == [1, 8] and sum(group["known"] for group in groups) == 1


def test_which_photos_are_compared():
    assert len(photos.pairs([str(index) for index in range(50)])) == 50 * 49 // 2
    many = photos.pairs([str(index) for index in range(300)])
    assert len(many) < 7000 and {("0", "295"), ("120", "125"), ("7", "8")} <= set(many) and ("1", "297") not in many


def test_a_missing_package_is_said_with_the_command(album, monkeypatch):
    monkeypatch.setattr(photos, "find_spec", lambda name: None)
    with pytest.raises(CuadernoError, match=r"'pycolmap'.*pip install 'cuaderno\[splat\]'"):
        open_scene(str(album[0]))


def test_a_process_that_dies_is_told_of_and_leaves_nothing(album, tmp_path, monkeypatch):
    monkeypatch.setattr(photos, "need", lambda package: None)
    script = tmp_path / "dies.py"
    script.write_text(
        "import os, sys\nprint('no json', flush=True)\nprint('out of luck', file=sys.stderr, flush=True)\nos.abort()"
    )
    popen = photos.subprocess.Popen
    monkeypatch.setattr(photos.subprocess, "Popen", lambda command, **how: popen([sys.executable, str(script)], **how))
    with pytest.raises(CuadernoError, match=r"pycolmap, which finds the cameras, ended with code -6"):
        open_scene(str(album[0]))
    assert not [path for path in (tmp_path / "cache" / "splat").iterdir() if path.is_dir()]


@needs_pycolmap
@pytest.mark.slow
def test_pycolmap_finds_the_cameras_of_a_room(album, monkeypatch, capsys):
    """In a process of its own; distances between cameras are those of the truth, up to one scale for all."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    scene = open_scene(str(album[0]))
    assert len(scene) == 9 and len(scene.points) > 150 and not scene.notes
    found = np.array([camera.position for camera in scene.cameras])
    truth = np.array([camera.position for camera in album[1]])
    apart = [np.linalg.norm(places[:, None] - places[None], axis=-1) for places in (found, truth)]
    scale = apart[1].sum() / apart[0].sum()
    assert np.abs(scale * apart[0] - apart[1]).max() < 0.06
    assert scene.cameras[0].fx / scene.cameras[0].width == pytest.approx(0.9, abs=0.1)
    work = next(path for path in photos.cache_folder().glob("splat/photos-*") if path.is_dir())
    assert json.loads((work / "found.json").read_text())["notes"] == []


# -- video ------------------------------------------------------------------------------------------------------------


def test_a_video_gives_its_sharpest_frames(tmp_path, monkeypatch):
    pytest.importorskip("av", reason="videos need the extra splat")
    walls = room(256)
    sharp = [view_of_room(walls, camera_in_room(index, 96, 64)) for index in range(4)]
    frames = [
        np.asarray(picture if index == 2 else picture.filter(ImageFilter.GaussianBlur(3)))
        for picture in sharp
        for index in range(5)
    ]
    video.write(tmp_path / "walk.mp4", frames, 10)
    monkeypatch.setattr(video, "FRAMES", 4)
    found = list(video.frames(tmp_path / "walk.mp4"))
    assert [name for name, _ in found] == ["0.20 s", "0.70 s", "1.20 s", "1.70 s"]
    assert all(frame.shape == (64, 96, 3) for _, frame in found)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(CuadernoError, match=r"broken\.mp4 cannot be read as a video"):
        list(video.frames(tmp_path / "broken.mp4"))
