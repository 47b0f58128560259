"""What comes in: cameras, lenses, COLMAP, transforms.json, and the study's own scene."""

import json
import math
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat import colmap, develop, layouts, stilllife, transforms
from cuaderno.studies.splat.cameras import FLIP, Camera, focus_of, looking_at, up_of
from cuaderno.studies.splat.lens import Lens, Straightening, straightened
from cuaderno.studies.splat.scene import fingerprint, open_scene

UP = np.array([0.0, 0.0, 1.0])
WIDTH, HEIGHT = 40, 30
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def ring(number: int = 9) -> list[Camera]:
    """Cameras in a ring, three away from the middle of the world."""
    cameras = []
    for index in range(number):
        angle = 2 * math.pi * index / number
        place = np.array([3 * math.cos(angle), 3 * math.sin(angle), 1.0])
        matrix = looking_at(place, np.zeros(3), UP)
        cameras.append(Camera(f"{index + 1}.png", matrix, 35.0, 36.0, 20.5, 14.0, WIDTH, HEIGHT))
    return cameras


def photo(index: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A picture of its own for each index, smooth enough to survive a lens."""
    y, x = np.mgrid[: size[1], : size[0]]
    waves = [np.sin(x / 5 + index), np.cos(y / 4 - index), np.sin((x + y) / 7)]
    return Image.fromarray((127 + 100 * np.stack(waves, axis=-1)).astype(np.uint8))


def write_photos(folder: Path, number: int = 9) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        photo(index).save(folder / f"{index + 1}.png")


def quaternion(matrix: np.ndarray) -> np.ndarray:
    """(w, x, y, z) of a rotation, by the eigenvector of the largest eigenvalue."""
    r = matrix
    k = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0],
            [r[0, 1] + r[1, 0], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
            [r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], r[2, 2] - r[0, 0] - r[1, 1], 0],
            [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], r[0, 0] + r[1, 1] + r[2, 2]],
        ]
    )
    x, y, z, w = np.linalg.eigh(k)[1][:, -1]
    return np.array([w, x, y, z])


POINTS = [(0.5, -0.25, 1.0, 10, 20, 30), (-1.0, 2.0, 0.125, 255, 0, 7)]


def write_bin(folder: Path, cameras: list[Camera], model: int, parameters: tuple[float, ...]) -> None:
    folder.mkdir(parents=True)
    head = struct.pack("<QiiQQ", 1, 7, model, WIDTH, HEIGHT)
    (folder / "cameras.bin").write_bytes(head + struct.pack(f"<{len(parameters)}d", *parameters))
    parts = [struct.pack("<Q", len(cameras))]
    for number, camera in enumerate(cameras, 1):
        pose = [*quaternion(camera.world_to_camera[:3, :3]), *camera.world_to_camera[:3, 3]]
        parts += [struct.pack("<I7dI", number, *pose, 7), camera.name.encode() + b"\0"]
        parts.append(struct.pack("<QddqddQ", 2, 1.0, 2.0, -1, 3.0, 4.0, 1))
    (folder / "images.bin").write_bytes(b"".join(parts))
    rows = [struct.pack("<Q3d3BdQII", number, *row, 0.5, 1, 1, 0) for number, row in enumerate(POINTS, 1)]
    (folder / "points3D.bin").write_bytes(struct.pack("<Q", len(rows)) + b"".join(rows))


def write_txt(folder: Path, cameras: list[Camera], model: str, parameters: tuple[float, ...]) -> None:
    folder.mkdir(parents=True)
    numbers = " ".join(map(repr, parameters))
    (folder / "cameras.txt").write_text(f"# Camera list\n7 {model} {WIDTH} {HEIGHT} {numbers}\n")
    lines = ["# Image list with two lines of data per image:"]
    for number, camera in enumerate(cameras, 1):
        pose = [*quaternion(camera.world_to_camera[:3, :3]), *camera.world_to_camera[:3, 3]]
        seen = "1.0 2.0 -1 3.0 4.0 1" if number % 2 else ""  # a photo in which nothing was found
        lines += [f"{number} {' '.join(repr(float(value)) for value in pose)} 7 {camera.name}", seen]
    (folder / "images.txt").write_text("\n".join(lines) + "\n")
    rows = [f"{number} {' '.join(map(str, row))} 0.5 1 0" for number, row in enumerate(POINTS, 1)]
    (folder / "points3D.txt").write_text("# 3D point list\n" + "\n".join(rows) + "\n")


def write_json(folder: Path, cameras: list[Camera], name: str = "transforms.json", **said) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    frames = [
        {"file_path": f"images/{camera.name}", "transform_matrix": (camera.camera_to_world @ FLIP).tolist()}
        for camera in cameras
    ]
    head = {"fl_x": 35.0, "fl_y": 36.0, "cx": 20.5, "cy": 14.0, "w": WIDTH, "h": HEIGHT} | said
    (folder / name).write_text(json.dumps({**head, "frames": frames}))
    return folder / name


# -- cameras and lenses -----------------------------------------------------------------------------------------------


@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.floats(0.1, 50), st.integers(0, 8))
def test_a_ray_meets_what_is_seen_at_its_pixel(column, row, depth, index):
    camera = ring()[index]
    pixels, depths = camera.project((camera.position + depth * camera.rays()[row, column])[None])
    assert pixels[0] == pytest.approx([column + 0.5, row + 0.5]) and depths[0] == pytest.approx(depth)


@given(st.floats(0.05, 3))
def test_a_scaled_camera_sees_the_same(factor):
    camera = ring()[2]
    small = camera.scaled(factor)
    whole = camera.project(np.array([[0.3, -0.2, 0.4]]))[0][0] / [camera.width, camera.height]
    assert small.project(np.array([[0.3, -0.2, 0.4]]))[0][0] / [small.width, small.height] == pytest.approx(whole)


def test_what_cameras_look_at_and_what_is_up():
    assert focus_of(ring()) == pytest.approx([0, 0, 0], abs=1e-9) and up_of(ring()) == pytest.approx(UP, abs=1e-9)
    straight_down = looking_at(np.array([0.0, 0, 5]), np.zeros(3), UP)
    assert straight_down[:3, :3] @ straight_down[:3, :3].T == pytest.approx(np.eye(3))
    ahead = [
        replace(ring()[0], world_to_camera=looking_at(np.array([3.0, y, 0]), np.array([0.0, y, 0]), UP)) for y in (0, 1)
    ]
    assert focus_of(ahead)[0] < 3  # all look the same way, and meet nowhere


small = st.floats(-0.08, 0.08)


@given(small, small, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
@settings(max_examples=40, deadline=None)
def test_a_lens_is_undone(k1, k2, p1, p2):
    lens = Lens(k1, k2, p1=p1, p2=p2)
    points = np.random.default_rng(0).uniform(-0.6, 0.6, (50, 2))
    assert lens.unbend(lens.bend(points)) == pytest.approx(points, abs=1e-6)


def test_a_straight_picture_shows_what_a_pinhole_would_have_shown():
    lens, bent = Lens(k1=-0.15, k2=0.03, p1=0.002), Camera("a", np.eye(4), 120.0, 118.0, 81.0, 59.0, 160, 120)
    straight = straightened(bent, lens)
    assert straight.fx == bent.fx and 120 < straight.width <= 160 and straight.height <= 120

    def world(points):  # what lies in each direction, smooth
        return 127 + 100 * np.sin(points * 9).sum(axis=-1)[..., None] / 2

    y, x = np.mgrid[:120, :160] + 0.5
    directions = lens.unbend(np.stack([(x - bent.cx) / bent.fx, (y - bent.cy) / bent.fy], axis=-1))
    seen = Straightening(lens, bent, straight)(np.nan_to_num(world(directions)).astype(np.float32))
    y, x = np.mgrid[: straight.height, : straight.width] + 0.5
    wanted = world(np.stack([(x - straight.cx) / straight.fx, (y - straight.cy) / straight.fy], axis=-1))
    assert np.abs(seen - wanted).max() < 1.5
    with pytest.raises(CuadernoError, match="fisheye"):
        straightened(bent, Lens(k1=-3.0))


# -- COLMAP -----------------------------------------------------------------------------------------------------------

LENSES = {
    "SIMPLE_PINHOLE": (35.0, 20.5, 14.0),
    "PINHOLE": (35.0, 36.0, 20.5, 14.0),
    "SIMPLE_RADIAL": (35.0, 20.5, 14.0, 0.05),
    "RADIAL": (35.0, 20.5, 14.0, 0.05, 0.01),
    "OPENCV": (35.0, 36.0, 20.5, 14.0, 0.05, 0.01, 0.001, -0.002),
}


@pytest.mark.parametrize("kind", LENSES)
def test_both_forms_of_colmap_give_the_same_scene(kind, tmp_path):
    scenes = []
    for form, write, model in (("bin", write_bin, colmap.MODELS.index(kind)), ("txt", write_txt, kind)):
        write_photos(tmp_path / form / "images")
        write(tmp_path / form / "sparse" / "0", ring(), model, LENSES[kind])
        scenes.append(open_scene(str(tmp_path / form)))
    one, other = scenes
    assert fingerprint(one) == fingerprint(other) and one.test == [0, 8] and len(one.train) == 7
    assert one.points.tolist() == [list(row[:3]) for row in POINTS] and one.colours[1].tolist() == [255, 0, 7]
    assert one.background is None and one.masks is None
    for camera, truth in zip(one.cameras, ring(), strict=True):
        assert camera.world_to_camera == pytest.approx(truth.world_to_camera, abs=1e-9)
        assert camera.fx == 35.0 and camera.name == truth.name
    is_bent = kind not in ("PINHOLE", "SIMPLE_PINHOLE")
    assert (one.cameras[0].width < WIDTH) == is_bent
    assert is_bent or (one.pictures[3] == np.asarray(photo(3))).all()


def test_the_largest_reconstruction_is_taken_and_the_others_are_named(tmp_path):
    write_photos(tmp_path / "images")
    write_bin(tmp_path / "sparse" / "0", ring()[7:], 1, LENSES["PINHOLE"])
    write_bin(tmp_path / "sparse" / "1", ring()[:6], 1, LENSES["PINHOLE"])
    scene = open_scene(str(tmp_path / "sparse" / "0"))  # a path into it will do
    assert len(scene) == 6 and "Not in it: 8.png and 9.png." in scene.describe()["notes"]


def test_pictures_that_are_missing_or_of_another_shape_are_named(tmp_path):
    write_photos(tmp_path / "images")
    write_bin(tmp_path / "sparse" / "0", ring(), 1, LENSES["PINHOLE"])
    (tmp_path / "images" / "4.png").unlink()
    photo(1).resize((2 * WIDTH, 2 * HEIGHT)).save(tmp_path / "images" / "2.png")  # larger, but alike
    scene = open_scene(str(tmp_path))
    assert "4.png" in scene.describe()["notes"] and len(scene) == 8
    assert scene.cameras[1].fx == 70.0 and scene.pictures[1].shape == (60, 80, 3)
    photo(1).crop((0, 0, 25, 30)).save(tmp_path / "images" / "3.png")
    with pytest.raises(CuadernoError, match=r"3\.png \(25×30, its camera 40×30\)"):
        open_scene(str(tmp_path))
    for index in range(5, 10):
        (tmp_path / "images" / f"{index}.png").unlink()
    with pytest.raises(CuadernoError, match=r"6 of them are missing: 4\.png, 5\.png"):
        open_scene(str(tmp_path))


def test_masks_are_found_beside_the_photos(tmp_path):
    write_photos(tmp_path / "images")
    write_bin(tmp_path / "sparse" / "0", ring(), 4, LENSES["OPENCV"])
    half = np.zeros((HEIGHT, WIDTH), np.uint8)
    half[:, : WIDTH // 2] = 255
    (tmp_path / "masks").mkdir()
    for index in range(1, 9):
        Image.fromarray(half).save(tmp_path / "masks" / (f"{index}.png" if index % 2 else f"{index}.png.png"))
    scene = open_scene(str(tmp_path))
    assert "9.png without a mask" in scene.describe()["notes"] and scene.masks[8].all()
    assert "No picture uses" not in scene.describe()["notes"]
    Image.fromarray(half).save(tmp_path / "masks" / "else.png")
    (tmp_path / "sparse" / "0" / "points3D.bin").unlink()
    notes = open_scene(str(tmp_path)).describe()["notes"]
    assert "No picture uses else.png of the masks." in notes and "has no points (points3D)" in notes
    assert scene.masks[0][:, :15].all() and not scene.masks[0][:, 25:].any()
    Image.fromarray(half[:5]).resize((WIDTH, 20)).save(tmp_path / "masks" / "1.png")
    with pytest.raises(CuadernoError, match="is 40×20, and its picture is 40×30"):
        open_scene(str(tmp_path))
    Image.fromarray(0 * half).save(tmp_path / "masks" / "1.png")
    with pytest.raises(CuadernoError, match=r"1\.png are black all over"):
        open_scene(str(tmp_path))
    for index, path in enumerate(sorted((tmp_path / "masks").iterdir())):
        path.rename(path.with_name(f"mask-{index}.png"))
    with pytest.raises(
        CuadernoError, match=r"No mask in .* belongs to a picture: there is mask-0\.png, .* 1\.png\.png"
    ):
        open_scene(str(tmp_path))


@pytest.mark.parametrize("given", ["", "sparse", "sparse/0"])
def test_a_reconstruction_without_cameras_is_not_taken_for_plain_photos(given, tmp_path):
    write_photos(tmp_path / "images")
    write_bin(tmp_path / "sparse" / "0", ring(), 1, LENSES["PINHOLE"])
    (tmp_path / "sparse" / "0" / "cameras.bin").unlink()
    with pytest.raises(CuadernoError, match=r"sparse.0 lacks cameras\.bin"):
        open_scene(str(tmp_path / given))


def test_a_fisheye_is_refused_with_what_to_do(tmp_path):
    write_photos(tmp_path / "images")
    write_bin(tmp_path / "sparse" / "0", ring(), 5, LENSES["OPENCV"])
    with pytest.raises(CuadernoError, match=r"OPENCV_FISHEYE.*image_undistorter"):
        open_scene(str(tmp_path))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A reconstruction in both forms, as bytes by name."""
    folder = tmp_path_factory.mktemp("whole")
    write_bin(folder / "bin", ring(4), 4, LENSES["OPENCV"])
    write_txt(folder / "txt", ring(4), "OPENCV", LENSES["OPENCV"])
    return {path.name: path.read_bytes() for path in [*(folder / "bin").iterdir(), *(folder / "txt").iterdir()]}


@given(st.sampled_from(("cameras", "images", "points3D")), st.booleans(), st.data())
@settings(max_examples=80, **QUIET)
def test_a_damaged_reconstruction_is_read_or_refused_in_words(whole, tmp_path, name, binary, data):
    end = ".bin" if binary else ".txt"
    model = tmp_path / "model"
    model.mkdir(exist_ok=True)
    for part in ("cameras", "images", "points3D"):
        (model / f"{part}{end}").write_bytes(whole[part + end])
        (model / f"{part}{'.txt' if binary else '.bin'}").unlink(missing_ok=True)
    content = bytearray(whole[name + end])
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (model / f"{name}{end}").write_bytes(bytes(content))
    try:
        found = colmap.read_model(model, tmp_path)
    except CuadernoError as error:
        assert "sparse" in str(error) or str(model) in str(error)
    else:
        assert np.isfinite(found.points).all()


# -- transforms.json --------------------------------------------------------------------------------------------------


def test_nerf_and_colmap_agree(tmp_path):
    for form in ("nerf", "colmap"):
        write_photos(tmp_path / form / "images")
    write_json(tmp_path / "nerf", ring(), k1=0.05, k2=0.01, p1=0.001, p2=-0.002)
    write_bin(tmp_path / "colmap" / "sparse" / "0", ring(), 4, LENSES["OPENCV"])
    one, other = open_scene(str(tmp_path / "nerf"), 0.5), open_scene(str(tmp_path / "colmap"), 0.5)
    for mine, theirs in zip(one.cameras, other.cameras, strict=True):
        assert mine.world_to_camera == pytest.approx(theirs.world_to_camera, abs=1e-9)
        assert (mine.fx, mine.cy, mine.width) == pytest.approx((theirs.fx, theirs.cy, theirs.width))
    assert all((mine == theirs).all() for mine, theirs in zip(one.pictures, other.pictures, strict=True))


def test_blender_scenes_are_put_on_white_and_keep_their_test(tmp_path):
    clear = np.zeros((32, 32, 4), np.uint8)
    clear[8:24, 8:24] = (200, 10, 30, 255)
    for split, number in (("train", 5), ("val", 2), ("test", 3)):
        (tmp_path / split).mkdir()
        frames = []
        for index in range(number):
            Image.fromarray(clear).save(tmp_path / split / f"r_{index}.png")
            matrix = (ring()[index].camera_to_world @ FLIP).tolist()
            frames.append({"file_path": f"./{split}/r_{index}", "rotation": 0.1, "transform_matrix": matrix})
        told = {"camera_angle_x": 0.7, "frames": frames}
        (tmp_path / f"transforms_{split}.json").write_text(json.dumps(told))
    scene = open_scene(str(tmp_path))
    assert len(scene) == 8 and [scene.cameras[i].name for i in scene.test] == [f"test/r_{i}" for i in range(3)]
    assert scene.background == (1.0, 1.0, 1.0)
    assert scene.pictures[0][0, 0].tolist() == [255, 255, 255] and scene.pictures[0][16, 16].tolist() == [200, 10, 30]
    assert scene.cameras[0].fx == pytest.approx(16 / math.tan(0.35)) == scene.cameras[0].fy
    half = open_scene(str(tmp_path), 0.5)
    assert half.pictures[0].shape == (16, 16, 3) and half.cameras[0].fx == pytest.approx(scene.cameras[0].fx / 2)


def test_a_frame_may_have_a_lens_a_mask_and_a_test_of_its_own(tmp_path):
    write_photos(tmp_path / "images")
    file = write_json(tmp_path, ring(), test_filenames=["images/3.png"], ply_file_path="points.ply")
    told = json.loads(file.read_text())
    Image.new("L", (WIDTH, HEIGHT), 255).save(tmp_path / "m.png")
    told["frames"][0] |= {"fl_x": 50.0, "fl_y": 51.0, "cx": 19.0, "mask_path": "m.png"}
    file.write_text(json.dumps(told))
    scene = open_scene(str(file))
    assert (scene.cameras[0].fx, scene.cameras[0].cx, scene.cameras[1].fx) == (50.0, 19.0, 35.0)
    assert scene.test == [2] and scene.masks[0].all() and "points.ply is not there" in scene.describe()["notes"]
    file.write_text(json.dumps(told | {"test_filenames": [f"images/{index}.png" for index in range(1, 10)]}))
    with pytest.raises(CuadernoError, match=r"All 9 pictures of .* are kept for the test"):
        open_scene(str(file))


def test_cameras_that_all_stand_in_one_place_are_refused(tmp_path):
    write_photos(tmp_path / "images")
    file = write_json(tmp_path, ring()[:1] * 9)
    told = json.loads(file.read_text())
    for index, frame in enumerate(told["frames"]):
        frame["file_path"] = f"images/{index + 1}.png"
    file.write_text(json.dumps(told))
    with pytest.raises(CuadernoError, match=r"All 9 cameras .* stand in the same place"):
        open_scene(str(file))


@pytest.mark.parametrize(
    "said, frame, words",
    [
        ({"fl_x": None, "fl_y": None}, {}, "how wide its view"),
        ({"camera_model": "OPENCV_FISHEYE"}, {}, "kind OPENCV_FISHEYE"),
        ({"w": -4}, {}, "is -4×30"),
        ({"k1": "much"}, {}, "'k1' is 'much'"),
        ({}, {"file_path": ""}, "names no picture"),
        ({}, {"transform_matrix": [[1, 0], [0, 1]]}, "4 rows of 4"),
        ({}, {"transform_matrix": np.diag([1.0, 1, -1, 1]).tolist()}, "mirrored"),
        ({}, {"mask_path": "gone.png"}, "mask gone.png"),
    ],
)
def test_what_is_wrong_with_a_frame_is_said(said, frame, words, tmp_path):
    write_photos(tmp_path / "images")
    file = write_json(tmp_path, ring(), **said)
    told = json.loads(file.read_text())
    told["frames"][1] |= frame
    file.write_text(json.dumps(told))
    with pytest.raises(CuadernoError, match=words) as error:
        open_scene(str(tmp_path))
    assert f"frame {2 if frame else 1} of" in str(error.value)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4),
)
KEYS = ("file_path", "transform_matrix", "w", "h", "fl_x", "camera_angle_x", "cx", "k1", "camera_model", "mask_path")


@given(st.dictionaries(st.sampled_from(KEYS), anything), st.dictionaries(st.sampled_from([*KEYS, "frames"]), anything))
@settings(max_examples=60, **QUIET)
def test_any_json_is_read_or_refused_in_words(tmp_path, frame, said):
    file = tmp_path / "transforms.json"
    good = {"file_path": "images/1.png", "transform_matrix": np.eye(4).tolist(), "fl_x": 30.0, "w": 40, "h": 30}
    file.write_text(json.dumps({"frames": [good | frame]} | said))
    try:
        shots, _, _ = transforms.read([file])
    except CuadernoError as error:
        assert str(file) in str(error)
    else:
        assert all(np.isfinite(shot.camera.world_to_camera).all() and shot.camera.fx > 0 for shot in shots)


# -- what there is ----------------------------------------------------------------------------------------------------


def test_no_scene_is_told_of_with_what_there_is_instead(tmp_path):
    write_photos(tmp_path / "fox" / "images", 2)
    with pytest.raises(CuadernoError, match="Perhaps one of its folders is: fox"):
        open_scene(str(tmp_path))
    with pytest.raises(CuadernoError, match="Did you mean 'fox'"):
        open_scene(str(tmp_path / "foks"))
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(CuadernoError, match="a file of another kind"):
        open_scene(str(tmp_path / "notes.txt"))
    with pytest.raises(CuadernoError, match="There is no a"):
        open_scene("a\0b")
    with pytest.raises(CuadernoError, match=r"--scale is 3.0, .* from 0\.01 to 1"):
        open_scene("", 3.0)


def test_a_scene_is_looked_for_in_the_data_folder(tmp_path, monkeypatch):
    write_photos(tmp_path / "deep" / "fox" / "images")
    write_json(tmp_path / "deep" / "fox", ring())
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path))
    assert open_scene("deep/fox").name == "fox" and layouts.find("deep") == tmp_path / "deep"
    with pytest.raises(CuadernoError, match="there is deep/fox"):
        layouts.find("fox")


def test_damaged_pictures_are_named(tmp_path):
    write_photos(tmp_path / "images")
    write_json(tmp_path, ring())
    whole_file = (tmp_path / "images" / "5.png").read_bytes()
    for content in (b"", b"no picture at all", whole_file[: len(whole_file) // 2]):
        (tmp_path / "images" / "5.png").write_bytes(content)
        with pytest.raises(CuadernoError, match=r"5\.png"):
            open_scene(str(tmp_path))


def test_pictures_of_every_kind_become_rgb(tmp_path):
    deep = np.full((20, 20), 257 * 99, np.uint16)
    kinds = {"deep.png": Image.fromarray(deep), "palette.png": photo(1).quantize(8), "grey.png": photo(1).convert("L")}
    for name, picture in kinds.items():
        picture.save(tmp_path / name)
        assert develop.read_picture(tmp_path / name).mode == "RGB"
    assert np.asarray(develop.read_picture(tmp_path / "deep.png"))[0, 0].tolist() == [99, 99, 99]
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side, as phones write it
    photo(2).save(tmp_path / "side.jpg", exif=exif)
    assert (
        develop.read_picture(tmp_path / "side.jpg").size
        == (HEIGHT, WIDTH)
        == develop.upright_size(tmp_path / "side.jpg")
    )
    assert develop.read_picture(tmp_path / "side.jpg", ring()[0]).size == (WIDTH, HEIGHT), "as it was calibrated"


def test_names_are_sorted_as_people_count():
    names = ["r_10.png", "r_2.png", "r_1.png", "²", "a" + "9" * 30]
    assert sorted(names, key=develop.natural)[1:4] == ["r_1.png", "r_2.png", "r_10.png"]
    assert (
        develop.listed(list("abcdefg")).endswith(", f and g")
        and develop.listed(list("abcdefgh")) == "a, b, c, d, e, f and 2 others"
        and develop.listed(["a", "b"]) == "a and b"
    )


# -- the still life ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The study's own scene, very small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUADERNO_CACHE", str(tmp_path_factory.mktemp("cache")))
        first = open_scene("", 0.12)
        patch.setattr(stilllife, "render", None)  # the second time it comes from the cache
        assert fingerprint(open_scene("", 0.12)) == first.fingerprint
        yield first


def test_the_still_life_is_complete(drawn):
    assert len(drawn) == 48 and drawn.test == list(range(0, 48, 8)) and drawn.licence.startswith("ours")
    assert drawn.background == (1.0, 1.0, 1.0) and drawn.pictures[0].shape == (24, 24, 3)
    assert drawn.focus == pytest.approx(stilllife.TARGET, abs=1e-6) and drawn.radius == pytest.approx(4.4)
    assert np.std([picture.mean(axis=(0, 1)) for picture in drawn.pictures], axis=0).max() < 40
    assert np.unique(np.concatenate([picture.reshape(-1, 3) // 32 for picture in drawn.pictures]), axis=0).shape[0] > 60


def test_its_views_and_depths_agree_with_each_other(drawn):
    """What one camera sees at a depth, the next one sees there too, unless something stands before it."""
    one, other = drawn.cameras[5], drawn.cameras[26]  # hardly apart
    there = drawn.depths[5] > 0
    points = one.position + one.rays()[there] * drawn.depths[5][there][:, None]
    assert np.abs(points[:, :2]).max() < 1.6 and points[:, 2].min() > -0.2 and points[:, 2].max() < 1.5
    pixels, depths = other.project(points)
    column, row = np.floor(pixels).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < 24) & (row < 24)
    seen = drawn.depths[26][row[inside], column[inside]]
    assert (seen < depths[inside] + 0.35)[seen > 0].mean() > 0.97, "nothing is seen through"


def test_its_points_lie_on_what_the_cameras_see(drawn):
    camera = drawn.cameras[3]
    pixels, depths = camera.project(drawn.points.astype(float))
    column, row = np.floor(pixels).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < 24) & (row < 24)
    seen = drawn.depths[3][row[inside], column[inside]]
    assert ((seen < depths[inside] + 0.4) | (seen == 0)).mean() > 0.95
    assert drawn.points.shape == drawn.colours.shape == (4000, 3) and drawn.points.dtype == np.float32
