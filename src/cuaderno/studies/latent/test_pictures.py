"""Glyphs whose style is known, files of MNIST's kind, and folders of pictures: whatever lies there, no surprise."""

import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.latent import data, glyphs, upstream
from cuaderno.studies.latent.data import open_pictures


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """No test reads what another kept, or what this machine has."""
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CUADERNO_DATA", raising=False)


def styled(**changes: float) -> np.ndarray:
    """A style in the middle of all ranges, but for some factors.  Shapes:  (1, F)."""
    middle = {name: (low + high) / 2 for name, (low, high) in glyphs.FACTORS.items()} | changes
    return np.array([list(middle.values())], np.float32)


def drawn(name: str = "0", **changes: float) -> np.ndarray:
    return glyphs.draw(np.array([glyphs.CLASSES.index(name)]), styled(**changes))[0, 0].astype(float)


# -- glyphs -----------------------------------------------------------------------------------------------------------


def test_every_factor_does_what_its_name_says():
    rows, columns = np.mgrid[0:28, 0:28] + 0.5
    middle = lambda ink, axis: (ink * axis).sum() / ink.sum()  # noqa: E731
    low, high = glyphs.FACTORS["weight"]
    assert drawn(weight=high).sum() > 1.8 * drawn(weight=low).sum()
    extent = lambda ink, axis: np.ptp(np.flatnonzero(ink.max(axis) > 127))  # noqa: E731
    assert extent(drawn(size=0.76), 1) > extent(drawn(size=0.5), 1) + 4
    assert extent(drawn(width=1.05), 0) > extent(drawn(width=0.62), 0) + 4
    assert middle(drawn(x=0.07), columns) - middle(drawn(x=-0.07), columns) == pytest.approx(0.14 * 28, abs=0.1)
    assert middle(drawn(y=0.07), rows) - middle(drawn(y=-0.07), rows) == pytest.approx(0.14 * 28, abs=0.1)
    leaning = drawn(slant=0.35)
    assert middle(leaning[:10], columns[:10]) > middle(leaning[18:], columns[18:]) + 3
    corner = lambda ink: ink[3:5, 3:5].sum()  # noqa: E731
    assert corner(drawn(roundness=0, width=1.0, size=0.7)) > corner(drawn(roundness=1, width=1.0, size=0.7)) + 100


@settings(max_examples=25, deadline=None)
@given(strategies.integers(0, 2**31), strategies.integers(1, 40), strategies.integers(0, len(glyphs.CLASSES) - 1))
def test_any_style_gives_ink_inside_the_picture_and_a_small_change_a_small_one(seed, number, label):
    factors, tremble = glyphs.styles(seed, "any", number)
    low, high = np.array(list(glyphs.FACTORS.values())).T
    assert ((factors >= low - 1e-6) & (factors <= high + 1e-6)).all()
    labels = np.full(number, label)
    pixels = glyphs.draw(labels, factors, tremble)
    assert pixels.dtype == np.uint8 and (pixels.max((1, 2, 3)) > 100).all()
    nearly = glyphs.draw(labels, factors + 1e-3 * (high - low), tremble)
    assert np.abs(pixels.astype(int) - nearly).mean() < 1


def test_a_glyph_depends_on_its_seed_split_and_place_only():
    few, many = open_pictures(num_train=10, num_val=4, num_test=4), open_pictures(num_train=30, num_val=4, num_test=4)
    assert torch.equal(few.train.pixels, many.train.pixels[:10]) and torch.equal(
        few.train.factors, many.train.factors[:10]
    )
    assert not torch.equal(few.val.pixels[:4], few.test.pixels[:4])
    other = open_pictures(num_train=10, num_val=4, num_test=4, seed=1)
    assert few.fingerprint != other.fingerprint
    assert few.fingerprint == open_pictures(num_train=10, num_val=4, num_test=4).fingerprint


def test_many_glyphs_are_kept_and_a_damaged_copy_is_drawn_anew(tmp_path, monkeypatch):
    first = open_pictures(num_train=400, num_val=4, num_test=4).train.pixels
    (kept,) = (tmp_path / "cache" / "latent").glob("*.npy")
    with monkeypatch.context() as patch:
        patch.setattr(data, "_in_parts", None)  # whoever draws again fails
        assert torch.equal(open_pictures(num_train=400, num_val=4, num_test=4).train.pixels, first)
    kept.write_bytes(kept.read_bytes()[:1000])
    assert torch.equal(open_pictures(num_train=400, num_val=4, num_test=4).train.pixels, first)


# -- MNIST and its like -----------------------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(side.to_bytes(4, "big") for side in array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.astype(np.uint8).tobytes()


def sheets(number: int = 36, test: int = 12) -> dict[str, bytes]:
    """Four small files, each picture as bright as its label."""
    found = {}
    for name, count in (("train", number), ("t10k", test)):
        labels = np.arange(count) % 10
        pixels = np.broadcast_to(20 * labels[:, None, None], (count, 28, 28))
        found |= {f"{name}-images-idx3-ubyte": idx(pixels), f"{name}-labels-idx1-ubyte": idx(labels)}
    return found


def test_mnist_comes_from_its_source_once_and_is_checked(tmp_path, monkeypatch):
    files = {f"/{name}.gz": gzip.compress(content, mtime=0) for name, content in sheets().items()}
    asked = []

    class Source(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(files[self.path])))
            self.end_headers()
            self.wfile.write(files[self.path])

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        digests = tuple(hashlib.sha256(files[f"/{name}.gz"]).hexdigest() for name in upstream.FILES)
        real = upstream.COLLECTIONS["mnist"]
        one = upstream.Collection(
            real.title, real.licence, real.classes, f"http://127.0.0.1:{server.server_port}/", digests
        )
        monkeypatch.setitem(upstream.COLLECTIONS, "mnist", one)
        found = open_pictures("mnist", 100, 4, 100)
        assert [len(split) for split in (found.train, found.val, found.test)] == [32, 4, 12]
        assert found.licence.startswith("CC BY-SA") and found.classes == tuple("0123456789") and found.channels == 1
        for split in (found.train, found.val, found.test):
            assert torch.equal(split.pixels[:, 0, 5, 5], (20 * split.labels).byte())
        assert open_pictures("mnist", 100, 4, 100).fingerprint == found.fingerprint and len(asked) == 4
        (tmp_path / "cache" / "mnist" / f"{upstream.FILES[0]}.gz").unlink()
        files[f"/{upstream.FILES[0]}.gz"] += b" "
        with pytest.raises(CuadernoError, match="another file than expected"):
            open_pictures("mnist", 100, 4, 100)
        server.shutdown()


def test_four_files_of_ones_own_are_read_packed_or_not(tmp_path, monkeypatch):
    for place in ("mnist", "own"):
        (tmp_path / place).mkdir()
        for number, (name, content) in enumerate(sheets().items()):
            packed = number % 2
            path = tmp_path / place / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path))
    assert len(open_pictures("mnist", 10, 4, 5).train) == 10
    small = open_pictures(str(tmp_path / "own"), 10, 4, 5, size=16)
    assert small.train.pixels.shape == (10, 1, 16, 16) and small.licence == data.YOURS


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda content: content[:-1], "should hold"),
        (lambda content: content + b"x", "should hold"),
        (lambda content: b"\x00\x00\x0d\x03" + content[4:], "no IDX file"),
        (lambda content: b"", "no IDX file"),
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "should hold"),
    ],
)
def test_a_damaged_file_is_told(tmp_path, change, words):
    path = tmp_path / "images"
    path.write_bytes(change(idx(np.zeros((3, 4, 5)))))
    with pytest.raises(CuadernoError, match=words):
        upstream.read_idx(path, 3)
    packed = tmp_path / "images.gz"
    packed.write_bytes(gzip.compress(idx(np.zeros((3, 4, 5))))[:-9])
    with pytest.raises(CuadernoError, match="download it again"):
        upstream.read_idx(packed, 3)


@settings(max_examples=40, deadline=None)
@given(content=strategies.binary(max_size=60), packed=strategies.booleans())
def test_any_bytes_are_an_array_or_told(tmp_path_factory, content, packed):
    path = tmp_path_factory.mktemp("idx") / ("a.gz" if packed else "a")
    path.write_bytes(content)
    with pytest.raises(CuadernoError):
        upstream.read_idx(path, 3)


# -- folders ----------------------------------------------------------------------------------------------------------


def fill(folder, colour: bool) -> None:
    """Two classes of pictures of noise, and what may lie among them."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            pixels = rng.integers(0, 255, (20, 24, 3) if colour else (20, 24), np.uint8)
            picture = Image.fromarray(pixels)
            picture.convert("CMYK" if colour and number == 1 else picture.mode).save(
                folder / name / f"{number}.{'jpg' if number == 1 else 'png'}"
            )
    (folder / "a" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")


@pytest.mark.parametrize("colour, channels", [(False, 1), (True, 3)])
def test_a_folder_of_small_pictures_is_read_as_grey_or_colour(tmp_path, colour, channels):
    fill(tmp_path / "pictures", colour)
    found = open_pictures(str(tmp_path / "pictures"), 100, 100, 100, size=16)
    assert found.channels == channels and found.train.pixels.shape[2:] == (16, 16) and found.classes == ("a", "b")
    assert sum(len(split) for split in (found.train, found.val, found.test)) == 24
    assert found.left_out and "broken.png" in found.describe()["left out"]
    assert len(open_pictures(str(tmp_path / "pictures"), 5, 100, 100, size=16).train) == 5


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"data": "nowhere"}, "no folder or file nowhere.* The collections are fashion-mnist and mnist"),
        ({"data": "MNIST"}, "^There is no collection or folder MNIST. Did you mean 'mnist'"),
        ({"data": "fashon"}, "Did you mean 'fashion"),
        ({"data": "a\0b"}, "no folder or file|no name of"),
        ({"size": 4}, "sides of 8"),
        ({"num_val": 1}, "At least 2"),
    ],
)
def test_what_cannot_be_is_told(wrong, words):
    with pytest.raises(CuadernoError, match=words):
        open_pictures(**wrong)
