"""What goes out: .ply files, turntables, pictures of depths and normals, and the answers of predict.py."""

import json
import math
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.splat import ply, predict, turntable
from cuaderno.studies.splat.cameras import Camera, looking_at
from cuaderno.studies.splat.predict import Options, file_name, view_named
from cuaderno.studies.splat.scene import Scene
from cuaderno.studies.splat.splats import FIELDS, Splats

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def some_splats(count: int, degree: int, seed: int = 0) -> Splats:
    rng = np.random.default_rng(seed)
    shapes = [(count, 3), (count, 3), (count, 4), (count,), (count, (degree + 1) ** 2, 3)]
    return Splats(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes))


# -- .ply -------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(0, 3), st.integers(0, 99))
@settings(max_examples=25, **QUIET)
def test_splats_come_back_bit_by_bit(tmp_path, count, degree, seed):
    splats = some_splats(count, degree, seed)
    ply.write_ply(splats, tmp_path / "a.ply")
    again = ply.read_ply(tmp_path / "a.ply")
    assert all((getattr(again, name) == getattr(splats, name)).all() for name in FIELDS) and again.degree == degree


def test_the_file_is_laid_out_as_inria_lays_it_out(tmp_path):
    splats = some_splats(2, 1)
    ply.write_ply(splats, tmp_path / "a.ply")
    head, body = (tmp_path / "a.ply").read_bytes().split(b"end_header\n")
    lines = head.decode().splitlines()
    assert lines[:3] == ["ply", "format binary_little_endian 1.0", "element vertex 2"]
    names = [line.split()[2] for line in lines[3:]]
    assert names[:9] == ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"]
    assert names[-8:] == ["opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    first = dict(zip(names, struct.unpack_from(f"<{len(names)}f", body), strict=True))
    assert first["f_rest_1"] == splats.sh[0, 2, 0], "red with its second coefficient"
    assert first["f_rest_3"] == splats.sh[0, 1, 1], "green begins when red is complete"
    assert first["rot_0"] == splats.rotations[0, 0] and first["nx"] == 0


def test_other_programs_files_are_read(tmp_path):
    splats = some_splats(3, 0)
    names = [name for name in ply.names_of(0) if name not in ("nx", "ny", "nz")]
    columns = [splats.means, splats.sh[:, 0], splats.opacities[:, None], splats.scales, splats.rotations]
    rows = np.concatenate(columns, axis=1)
    head = ["ply", "format ascii 1.0", "comment by hand", "element camera 1", "property int id", "element vertex 3"]
    head += [f"property double {name}" for name in names] + ["element face 0", "property list uchar int vertex_index"]
    lines = [" ".join(repr(float(value)) for value in row) for row in rows]
    (tmp_path / "a.ply").write_text("\r\n".join([*head, "end_header", "7", *lines, ""]), newline="")
    again = ply.read_ply(tmp_path / "a.ply")
    assert (again.means == splats.means).all() and (again.rotations == splats.rotations).all()
    kind = [(name, ">f4") for name in names]
    big = "\n".join(
        ["ply", "format binary_big_endian 1.0", "element vertex 3", *(f"property float {n}" for n in names)]
    )
    body = np.array([tuple(row) for row in rows], kind).tobytes()
    (tmp_path / "b.ply").write_bytes(big.encode() + b"\nend_header\n" + body)
    assert (ply.read_ply(tmp_path / "b.ply").scales == splats.scales).all()


def test_points_are_read_with_their_colours(tmp_path):
    rows = np.array(
        [(1.0, 2.0, 3.0, 10, 20, 30), (np.nan, 0, 0, 1, 1, 1)],
        [*((n, "<f4") for n in "xyz"), *((n, "u1") for n in "rgb")],
    )
    head = "ply\nformat binary_little_endian 1.0\nelement vertex 2\n" + "".join(f"property float {n}\n" for n in "xyz")
    head += "".join(f"property uchar {n}\n" for n in ("red", "green", "blue")) + "end_header\n"
    (tmp_path / "p.ply").write_bytes(head.encode() + rows.tobytes())
    points, colours = ply.read_points(tmp_path / "p.ply")
    assert points.tolist() == [[1, 2, 3]] and colours.tolist() == [[10, 20, 30]]
    with pytest.raises(CuadernoError, match=r"lacks f_dc_0.*cloud of points"):
        ply.read_ply(tmp_path / "p.ply")


@given(st.data())
@settings(max_examples=80, **QUIET)
def test_a_damaged_ply_is_read_or_refused_in_words(tmp_path, data):
    ply.write_ply(some_splats(3, 1), tmp_path / "a.ply")
    content = bytearray((tmp_path / "a.ply").read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    where = st.integers(0, 120 if data.draw(st.booleans()) else max(0, len(content) - 1))  # the head, or anywhere
    for _ in range(data.draw(st.integers(1, 5))):
        if (at := data.draw(where)) < len(content):
            content[at] = data.draw(st.integers(0, 255))
    (tmp_path / "a.ply").write_bytes(bytes(content))
    for read in (ply.read_ply, ply.read_points):
        try:
            read(tmp_path / "a.ply")
        except CuadernoError as error:
            assert "a.ply" in str(error)


@pytest.mark.parametrize(
    "head",
    [
        "ply\nformat ascii 1.0\nelement vertex 999999999999\nproperty float x\nend_header\n1\n",
        "ply\nformat binary_little_endian 1.0\nelement vertex 99999999999999999999\nproperty float x\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex 1\n"
        "property uchar x\nproperty uchar y\nproperty uchar z\nend_header\n1e9 nan 3\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float x\nend_header\n1 1\n",
        "ply\nformat ascii 1.0\nproperty float x\nend_header\n",
        "ply\nformat middle_endian 1.0\nelement vertex 0\nend_header\n",
    ],
)
def test_a_hostile_ply_is_refused(head, tmp_path):
    (tmp_path / "a.ply").write_text(head)
    for read in (ply.read_ply, ply.read_points):
        with pytest.raises(CuadernoError, match=r"a\.ply"):
            read(tmp_path / "a.ply")


# -- turntable and pictures -------------------------------------------------------------------------------------------


def scene_of(angles: list[float]) -> Scene:
    cameras = []
    for number, angle in enumerate(angles):
        place = np.array([5 + 2 * math.cos(angle), 1 + 2 * math.sin(angle), 0.8])
        matrix = looking_at(place, np.array([5.0, 1, 0]), np.array([0.0, 0, 1]))
        cameras.append(Camera(f"images/{number:04}.jpg", matrix, 50.0, 50.0, 30.0, 22.0, 64, 48))
    pictures = [np.zeros((48, 64, 3), np.uint8)] * len(cameras)
    none = np.empty((0, 3), np.float32)
    return Scene("ring", cameras, pictures, None, none, none.astype(np.uint8), None, [0])


def test_the_camera_goes_all_round_and_stays_upright():
    cameras = turntable.path_round(scene_of([2 * math.pi * step / 9 for step in range(9)]), 12, 32)
    assert (cameras[0].width, cameras[0].height, cameras[0].cx) == (32, 24, 16.0)
    places = np.array([camera.position for camera in cameras])
    assert np.hypot(*(places[:, :2] - [5, 1]).T) == pytest.approx(2.0) and places[:, 2] == pytest.approx(0.8)
    assert places.mean(axis=0) == pytest.approx([5, 1, 0.8], abs=1e-6), "a whole turn"
    for camera in cameras:
        assert camera.project(np.array([[5.0, 1, 0]]))[0][0] == pytest.approx([16, 12]) and camera.up[2] > 0.8


def test_it_swings_where_nobody_went_round():
    scene = scene_of([3.0, 3.2, 3.5, 3.9])
    cameras = turntable.path_round(scene, 30, 64)
    angles = [math.atan2(*(camera.position[1::-1] - [1, 5])) % (2 * math.pi) for camera in cameras]
    assert min(angles) == pytest.approx(3.0, abs=0.01) and max(angles) == pytest.approx(3.9, abs=0.03)


def test_depths_are_colours_from_near_to_far():
    depth = np.tile(np.linspace(1, 3, 50, dtype=np.float32), (10, 1))
    alpha = np.ones_like(depth)
    alpha[:, :5] = 0
    picture, near, far = turntable.depth_picture(depth, alpha)
    assert (picture[:, 0] == 255).all() and 1.15 < near < 1.3 and 2.9 < far <= 3
    assert picture[0, 6].tolist() == pytest.approx([253, 231, 37], abs=25) and picture[0, 49].tolist() == [68, 1, 84]
    assert turntable.depth_picture(depth, 0 * alpha)[1:] == (0.0, 0.0)
    towards = np.zeros((2, 2, 3), np.float32)
    towards[0, 0] = 0, 0, -1
    assert turntable.normal_picture(towards)[0].tolist() == [[128, 128, 255], [255, 255, 255]]


def test_a_film_is_whole_or_not_there(tmp_path):
    frames = [np.full((24, 32, 3), 40 * number, np.uint8) for number in range(5)]
    turntable.write_film(tmp_path / "a.gif", frames)
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 5 and film.size == (32, 24) and film.info["duration"] == 80

    def breaking():
        yield frames[0]
        raise KeyboardInterrupt

    before = (tmp_path / "a.gif").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        turntable.write_film(tmp_path / "a.gif", breaking())
    assert (tmp_path / "a.gif").read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["a.gif"]
    with pytest.raises(CuadernoError, match=r"\.gif or an \.mp4"):
        turntable.film_path(tmp_path / "a.avi")


def test_an_mp4_is_read_back_frame_by_frame(tmp_path):
    av = pytest.importorskip("av", reason="films as MP4 need the extra splat")
    turntable.write_film(tmp_path / "a.mp4", [np.full((25, 33, 3), 30 * number, np.uint8) for number in range(6)])
    with av.open(str(tmp_path / "a.mp4")) as film:
        seen = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert [frame.shape for frame in seen] == [(24, 32, 3)] * 6, "an even number of pixels"
    assert [frame.mean() for frame in seen] == pytest.approx([30 * number for number in range(6)], abs=4)


# -- predict ----------------------------------------------------------------------------------------------------------


def test_views_are_named_by_number_by_name_and_by_the_end_of_it():
    names = ["images/0001.jpg", "images/0002.jpg", "other/0002.jpg"]
    assert [view_named(said, names) for said in ("0", "images/0002.jpg", "0001.jpg", "0001")] == [0, 1, 0, 0]
    for said, words in (("0002", "Several views"), ("9", "There is no view"), ("", "There is no view")):
        with pytest.raises(CuadernoError, match=words):
            view_named(said, names)
    moments = ["0.00 s", "0.35 s", "1.05 s"]
    assert [view_named(said, moments) for said in ("0", "1", "0.35 s")] == [0, 1, 1], "a second is no suffix"


def test_no_two_views_are_written_to_one_file():
    names = ["0.00 s", "0.35 s", "日1.jpg", "夜1.jpg", "a.jpg", "A.png", "x/y.jpg", "x-y.jpg", "../b.jpg", ".jpg"]
    files = [file_name(name, names) for name in names]
    assert len({file.casefold() for file in files}) == len(names)
    assert files[:3] == ["0.00-s", "0.35-s", "日1"] and not any("/" in file or file.startswith(".") for file in files)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A run of a few steps on the study's own scene."""
    from cuaderno.studies.splat import train

    run = Run.create("splat", replace(train.TINY, steps=4, val_every=0), tmp_path_factory.mktemp("runs"))
    train.train(run.config(train.Config), run)
    run.finish({})
    return run


def test_a_scene_answers_and_writes_what_is_asked_for(tiny, tmp_path):
    options = Options(
        view=str(tmp_path / "seen"), depth=str(tmp_path / "seen"), normal=str(tmp_path / "seen"), seconds=0.4, size=24,
        turntable=str(tmp_path / "turn.gif"), ply=str(tmp_path / "scene.ply"),
    )  # fmt: skip
    answers = list(predict.predict(tiny, ["1", "view 08", "never"], options))
    written, one, other, wrong, turned = answers
    assert written["splats"] == len(ply.read_ply(tmp_path / "scene.ply")) > 0
    assert (one["view"], one["held_out"], other["held_out"]) == ("view 01", False, True)
    assert 0 < one["psnr"] < 60 and -1 < one["ssim"] < 1 and 0 <= one["near"] <= one["far"]
    assert "no view 'never'" in wrong["error"] and turned["frames"] == 5
    names = sorted(path.name for path in (tmp_path / "seen").iterdir())
    assert names == [f"view-{view}{kind}.png" for view in ("01", "08") for kind in ("-depth", "-normal", "")]
    with Image.open(one["picture"]) as picture:
        assert picture.size == (32, 32)
    shown = [predict.show(answer) for answer in answers if "error" not in answer]
    assert "held out" in shown[2] and "5 pictures" in shown[3] and json.dumps(answers)


def test_the_picture_is_drawn_beside_the_photo(tiny):
    (answer,) = predict.predict(tiny, ["8"], Options(pixels=True))
    assert len(answer["photo"]) == 32 and predict.from_rows(answer["painted"]).shape == (32, 32, 3)
    drawing = predict.draw(answer)
    assert drawing.count("<image") == 2 and 'viewBox="0 0 76 32"' in drawing
    assert predict.draw({}).endswith("</svg>")


def test_without_an_input_the_views_are_those_held_out(tiny, tmp_path):
    assert [answer["view"] for answer in predict.predict(tiny, [])] == [f"view {index:02}" for index in range(0, 48, 8)]
    (answer,) = predict.predict(tiny, [], Options(ply=str(tmp_path / "only.ply")))
    assert answer["written"].endswith("only.ply")


@pytest.mark.parametrize(
    "options, words",
    [
        (Options(turntable="a.avi"), "neither"), (Options(ply="a.txt"), r"Name it scene\.ply"),
        (Options(turntable="a.gif", seconds=0), "600 seconds"), (Options(view="one.png"), "Name a folder instead"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(options, words, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CuadernoError, match=words):
        list(predict.predict(tiny, ["1", "2"], options))
    assert not list(tmp_path.iterdir())
