"""What a page gets of a scene: few bytes that lose little, the picture that Python paints, a fit that can be read."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.lab.run import Run
from cuaderno.studies.splat import ply, stilllife
from cuaderno.studies.splat.compact import (
    CHUNK,
    MOST_BYTES,
    THINNEST,
    Packed,
    in_morton_order,
    pack,
    quaternions,
    smallest_three,
    unpack,
)
from cuaderno.studies.splat.judge import judged
from cuaderno.studies.splat.planar import VEIL, Fit
from cuaderno.studies.splat.render import render
from cuaderno.studies.splat.splats import Splats
from cuaderno.studies.splat.train import Config, scene_of_run, trained

WEB = Path(__file__).parent / "web"
READY = ".splat-widget[data-state=ready]"
WHITE = (1.0, 1.0, 1.0)


def cloud(count: int, degree: int, seed: int = 0) -> Splats:
    """Splats anywhere, of any shape."""
    rng = np.random.default_rng(seed)
    sh = 0.2 * rng.standard_normal((count, (degree + 1) ** 2, 3))
    shapes = rng.standard_normal((count, 3)), rng.normal(-3, 1, (count, 3)), rng.standard_normal((count, 4))
    return Splats(*(part.astype(np.float32) for part in (*shapes, rng.normal(0, 3, count), sh)))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """A run whose splats were never trained but lie where they should, with two moments before."""
    import torch

    from cuaderno.studies.splat.data import first_splats
    from cuaderno.studies.splat.scene import open_scene
    from cuaderno.studies.splat.train import TINY, tensors_of

    torch.set_num_threads(1)
    scene = open_scene("", TINY.scale, TINY.seed)
    splats = first_splats(scene, 1500, 2, 0)
    rng = np.random.default_rng(0)
    splats.scales += rng.normal(-0.2, 0.3, splats.scales.shape).astype(np.float32)
    splats.opacities += np.float32(3)
    splats.sh[:, 1:] = rng.normal(0, 0.05, splats.sh[:, 1:].shape)
    run = Run.create("splat", TINY, tmp_path_factory.mktemp("splat"))
    run.save_weights(tensors_of(splats))
    (run.folder / "snapshots").mkdir()
    rows = []
    for number, count in enumerate((50, 400, 1500)):
        few = splats.chosen(np.arange(count))
        few.sh = few.sh[:, :1]
        few.save(run.folder / "snapshots" / f"{number}.safetensors")
        rows.append({"file": f"{number}.safetensors", "step": 10 * number + 1, "splats": count, "psnr": 12.5 + number})
    (run.folder / "snapshots" / "stages.json").write_text(json.dumps(rows))
    run.data["steps"] = 21
    return run


@pytest.fixture(scope="module")
def exported(run) -> Path:
    from cuaderno.studies.splat.export import export

    folder = run.folder / "export"
    folder.mkdir()
    export(run, folder)
    return folder


# -- few bytes --------------------------------------------------------------------------------------------------------


@given(count=st.integers(1, 600), degree=st.integers(0, 3), seed=st.integers(0, 99))
@settings(max_examples=12, deadline=None)
def test_what_comes_out_of_the_bytes_is_near_to_what_went_in(count, degree, seed):
    splats = cloud(count, degree, seed)
    found, packed = unpack(pack(splats)).check(), pack(splats)
    assert len(found) == count and found.degree == degree and len(packed.data) == packed.about["bytes"]
    mine, theirs = splats.chosen(in_morton_order(splats.means)), found
    assert np.abs(mine.means - theirs.means).max() < 4e-3 * np.ptp(mine.means, axis=0).max() + 1e-6
    thinnest = np.percentile(mine.scales, THINNEST, method="lower")
    assert np.abs(np.maximum(mine.scales, thinnest) - theirs.scales).max() < 0.03
    assert np.abs(1 / (1 + np.exp(-mine.opacities)) - 1 / (1 + np.exp(-theirs.opacities))).max() < 0.003
    assert np.abs(mine.sh[:, 0] - theirs.sh[:, 0]).max() < 0.01


def test_no_turn_is_lost():
    turns = np.random.default_rng(0).standard_normal((2000, 4))
    turns = np.concatenate([turns, np.eye(4), -np.eye(4), np.ones((1, 4))])
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    found = quaternions(smallest_three(turns))
    assert np.abs((turns * found).sum(1)).min() > 1 - 1e-5, "the same turn, whatever the sign"
    assert np.allclose(quaternions(smallest_three(np.zeros((1, 4)))), [[1, 0, 0, 0]], atol=2e-3), "no turn is one"


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_a_splat_takes_24_bytes_at_most(degree):
    assert len(pack(cloud(3000, degree)).data) <= MOST_BYTES * 3000


@pytest.mark.parametrize("spoil", ["means", "sh"])
def test_splats_that_are_not_finite_are_refused(spoil):
    splats = cloud(CHUNK + 1, 1)
    getattr(splats, spoil)[7] = np.nan
    with pytest.raises(ValueError, match="finite"):
        pack(splats)


def test_little_is_lost():
    """Of a scene in the diary, against a photo that it never saw, by the renderer that trained."""
    kept = Run.open(next((Path(__file__).parents[4] / "diary" / "records").glob("splat-*")))
    splats, seed = trained(kept), kept.config(Config).seed
    cameras = [stilllife.camera_at(index, stilllife.SIDE, seed) for index in range(stilllife.VIEWS)]
    photo, _ = stilllife.render(cameras[8])
    packed = pack(splats, np.array([camera.position for camera in cameras]))
    whole, small = (
        judged(render(one, cameras[8], WHITE).colour, photo)[0] for one in (splats, unpack(packed))
    )  # fmt: skip
    assert whole > 30 and -0.1 < whole - small < 0.1
    assert len(packed.data) <= MOST_BYTES * len(splats)


def test_our_ply_is_the_same_scene_in_a_viewer(run, tmp_path):
    """Written for other viewers, read back, packed for ours: the picture is that of the scene itself."""
    scene, splats = scene_of_run(run), trained(run)
    ply.write_ply(splats, tmp_path / "scene.ply")
    again = unpack(pack(ply.read_ply(tmp_path / "scene.ply")))
    for camera in (scene.cameras[0], scene.cameras[20]):
        seen, wanted = (render(one, camera, WHITE).colour for one in (again, splats))
        assert np.abs(seen - wanted).mean() < 0.01 and wanted.std() > 0.05


def test_what_directions_nobody_looks_from_say_may_be_lost():
    """With the places that a scene is seen from, the same bytes keep the colours that are seen there better."""
    from cuaderno.studies.splat.reference import harmonics

    splats, rng = cloud(3000, 2), np.random.default_rng(1)
    places = rng.standard_normal((40, 3)) * [1, 1, 0.2] + [0, 0, 12]  # all from above
    order = in_morton_order(splats.means)
    lost = []
    for seen_from in (None, places):
        further = unpack(pack(splats, seen_from)).sh - splats.sh[order]
        towards = splats.means[order] - places[:1]
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        values = harmonics(torch.from_numpy(towards), 9).numpy()
        lost.append(np.sqrt((np.einsum("nk,nkc->nc", values, further) ** 2).mean()))
    assert lost[1] < 0.8 * lost[0]


# -- the small fit ----------------------------------------------------------------------------------------------------


def picture(side: int = 24) -> np.ndarray:
    """A disc and a thin bar before a slope."""
    y, x = np.mgrid[:side, :side] / side
    colours = np.stack([x, y, 0.5 * (x + y)], axis=-1)
    colours[(x - 0.3) ** 2 + (y - 0.4) ** 2 < 0.03] = [0.9, 0.2, 0.1]
    colours[np.abs(x - 0.75) < 0.03] = [0.05, 0.1, 0.4]
    return colours


def test_the_slopes_of_the_small_fit_are_true():
    fit = Fit(picture(12), 5, grows=False)
    rng = np.random.default_rng(0)
    fit.numbers += rng.normal(0, 0.4, fit.numbers.shape)
    fit.numbers[0, VEIL] = 6  # thicker than may be: nothing changes in its middle
    painted, _ = fit.paint()
    slopes = fit.slopes(painted, 2 * (painted - fit.target) / fit.target.size)
    for place in np.ndindex(slopes.shape):
        fit.numbers[place] += 1e-5
        above = ((fit.paint()[0] - fit.target) ** 2).mean()
        fit.numbers[place] -= 2e-5
        below = ((fit.paint()[0] - fit.target) ** 2).mean()
        fit.numbers[place] += 1e-5
        assert slopes[place] == pytest.approx((above - below) / 2e-5, abs=2e-7)


def test_new_gaussians_come_where_the_picture_is_worst():
    grown, even = Fit(picture(), 16), Fit(picture(), 16, grows=False)
    for _ in range(120):
        grown.step(), even.step()
    losses = [((fit.paint()[0] - fit.target) ** 2).mean() for fit in (grown, even)]
    assert 4 < len(grown.numbers) <= 16 and losses[0] < losses[1]


# -- in the page ------------------------------------------------------------------------------------------------------


def test_the_script_is_light():
    """150 KB of script beside the scene were allowed."""
    assert sum(len(gzip.compress(path.read_bytes())) for path in WEB.iterdir()) < 40_000


def test_stills_are_light_enough_to_stand_in_a_page(exported):
    assert sum(len(gzip.compress(path.read_bytes())) for path in exported.glob("*.svg")) < 40_000


@pytest.fixture(scope="module")
def drawing(chromium_with) -> Iterator:
    """A browser that has WebGL 2 without a graphics card."""
    return chromium_with("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


@pytest.fixture
def site(exported, tmp_path, serve_folder) -> str:
    folder = shutil.copytree(WEB, tmp_path / "site")
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    head = "<meta name=viewport content='width=device-width,initial-scale=1'><link rel=icon href=data:,>"
    style = "<style>:root { color-scheme: light dark } body { margin: 8px }</style>"
    (folder / "blank.html").write_text(
        f"<!doctype html><html lang=en><title>t</title>{head}{style}<body><main><h1>t</h1></main>"
    )
    return serve_folder(folder)


def mount(page, count: int = 1, **options) -> None:
    page.evaluate("mountWidget", options)
    page.wait_for_function(f"document.querySelectorAll('{READY}').length === {count} && window.answers.length")


PAINT = """
async () => {
  const parts = ["model", "viewer", "sorter"].map((name) => import(`./${name}.js`));
  const [{ load }, { Viewer }, { farthestFirst }] = await Promise.all(parts);
  const { about, scene } = await load(async (name) => (await fetch(name)).arrayBuffer());
  const canvas = document.createElement("canvas"), { cases } = await (await fetch("parity.json")).json();
  const { camera } = cases[0].input;
  Object.assign(canvas, { width: camera.width, height: camera.height });
  const viewer = new Viewer(canvas);
  viewer.show(scene);
  viewer.arrange(farthestFirst(scene.means, camera.matrix[2], 0.05));
  viewer.draw(camera, about.background);
  return [camera.width, camera.height, Array.from(viewer.pixels())];
}
"""


@pytest.mark.browser
def test_the_picture_in_the_page_is_the_one_that_python_paints(site, open_page, drawing, run, exported):
    page = open_page(f"{site}blank.html", browser=drawing)
    width, height, pixels = page.evaluate(PAINT)
    found = np.reshape(pixels, (height, width, 4))[..., :3] / 255
    camera = scene_of_run(run).cameras[0].resized(width, height)
    about = json.loads((exported / "model.json").read_text())["scene"]
    splats = unpack(Packed((exported / "scene.bin").read_bytes(), about))
    wanted = np.clip(render(splats, camera, WHITE).colour, 0, 1)
    assert np.abs(found - wanted).max() < 0.02 and np.abs(found - wanted).mean() < 2e-3
    assert wanted.std() > 0.1, "there is something to see"


@pytest.mark.browser
def test_one_walks_round_with_the_keyboard_and_through_the_training(site, open_page, drawing):
    page = open_page(f"{site}blank.html", browser=drawing, viewport={"width": 900, "height": 1000})
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    mount(page)
    assert "stages.bin" not in asked
    place, stage = page.locator(".sp-place"), page.locator(".sp-stage")
    assert "which it never learnt from" in place.inner_text()
    last = "window.answers.at(-1)"
    assert page.evaluate(f"{last}.splats") == 1500
    stage.focus()
    for keys, words in (("ArrowLeft", "where no camera stood"), ("Home", "Seen from photo"), ("PageDown", "Seen from")):
        count = page.evaluate("window.answers.length")
        page.keyboard.press(keys)
        page.wait_for_function(f"window.answers.length > {count}")
        assert words in place.inner_text()
    page.keyboard.press("c")
    page.locator(".sp-legend").wait_for()
    inked = "document.querySelector('.sp-lines').getContext('2d').getImageData(0, 0, 600, 600).data.some((x) => x > 0)"
    page.wait_for_function(inked)
    page.get_by_label("The training").fill("0")
    page.wait_for_function(f"{last}.stage === 0 && {last}.splats === 50")
    assert "step 1 · 50 splats · 12.5 dB" in page.locator("output").inner_text() and asked.count("stages.bin") == 1
    page.get_by_label("The training").fill("2")
    page.wait_for_function(f"{last}.stage === 2 && {last}.splats === 1500")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    count = page.evaluate("window.answers.length")
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 200)
    page.mouse.up()
    page.wait_for_function(f"window.answers.length > {count}")
    page.evaluate("window.cleanups[0]()")
    assert page.locator(".splat-widget").count() == 0 and page.evaluate("document.adoptedStyleSheets.length") == 0


@pytest.mark.browser
def test_two_fingers_bring_it_nearer(site, open_page):
    """The arithmetic of hands, without a page to touch."""
    page = open_page(f"{site}blank.html")
    near, turned = page.evaluate("""async () => {
      const { Orbit } = await import("./orbit.js"), about = await (await fetch("model.json")).json();
      const orbit = new Orbit(about, 3);
      const there = orbit.camera(100, 100).matrix.flat(), wanted = about.cameras[3].matrix.flat();
      const off = Math.max(...there.map((value, k) => Math.abs(value - wanted[k])));
      const before = orbit.distance;
      orbit.zoom(2);
      const one = orbit.camera(100, 100).matrix.flat();
      orbit.turn(2 * Math.PI, 0);
      const two = orbit.camera(100, 100).matrix.flat();
      return [[off, before / orbit.distance], Math.max(...one.map((value, k) => Math.abs(value - two[k])))];
    }""")
    assert near == pytest.approx([0, 2], abs=1e-9) and turned < 1e-9


@pytest.mark.browser
def test_without_webgl_there_is_a_still_picture_and_it_says_so(site, open_page):
    page = open_page(f"{site}blank.html", viewport={"width": 500, "height": 700})
    page.evaluate("""() => {
      const ask = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind === "webgl2" ? null : ask.call(this, kind, ...rest);
      };
    }""")
    mount(page)
    page.get_by_text("has no WebGL 2").wait_for()
    count = page.evaluate("window.answers.length")
    page.get_by_role("button", name="The next photo").click()
    page.wait_for_function(f"window.answers.length > {count}")


@pytest.mark.browser
def test_the_pictures_before_the_scene_answer(site, open_page, exported):
    page = open_page(f"{site}blank.html", viewport={"width": 700, "height": 900})
    mount(page, view="one")
    page.get_by_label("Opacity").fill("50")
    page.get_by_text("it hides 50%").wait_for()
    page.evaluate("window.cleanups.pop()()")
    mount(page, view="order")
    first = page.evaluate("window.answers.at(-1).shares")
    page.get_by_label("The red veil").fill("2")
    page.wait_for_function("window.answers.at(-1).shares.red < 0.2")
    assert sum(first.values()) == pytest.approx(1) and first["red"] > 0.7
    page.get_by_label("Just add the colours up").check()
    page.wait_for_function("window.answers.at(-1).shares.red > 0.7")
    page.evaluate("window.cleanups.pop()()")
    mount(page, view="fit")
    page.get_by_role("button", name="One step").click()
    page.wait_for_function("window.answers.at(-1).steps === 1")
    before = page.evaluate("window.answers.at(-1)")
    page.locator("input[type=file]").set_input_files(exported / "stages.png")
    page.wait_for_function("window.answers.at(-1).steps === 0")
    page.get_by_label("Show their outlines").check()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("window.answers.at(-1).steps > 3 && window.answers.at(-1).psnr > 3")
    page.get_by_role("button", name="Pause").click()
    assert before["present"] == 40 and page.get_by_text("of 160 Gaussians").count() == 1
    page.locator("input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "image/png", "buffer": b"no picture"}
    )
    page.get_by_text("cannot open this file").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("scheme, lang", [("light", "en"), ("dark", "es")])
def test_it_is_for_everybody(site, open_page, drawing, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{site}blank.html", browser=drawing, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    for count, view in enumerate(("scene", "one", "order", "fit"), start=1):
        mount(page, count, view=view, lang=lang)
    page.get_by_role("button", name={"en": "Show the cameras", "es": "Mostrar las cámaras"}[lang]).click()
    page.evaluate("document.querySelector('main').append(...document.querySelectorAll('body > div'))")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """[...document.querySelectorAll('.splat-widget :is(button, .sp-choose, .sp-check, input[type=range])')]
            .map((node) => node.getBoundingClientRect())
            .filter((box) => box.width && (box.height < 44 || box.width < 44)).length"""
    )
    assert small == 0


@pytest.mark.browser
def test_a_missing_scene_is_said_and_can_be_fetched_again(site, open_page, drawing):
    page = open_page(f"{site}blank.html", browser=drawing)
    page.route("**/scene.bin", lambda route: route.abort())
    page.evaluate("mountWidget", {})
    page.get_by_text("could not be loaded").wait_for()
    page.unroute("**/scene.bin")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(READY)
    assert "ERR_FAILED" in open_page.troubles.pop()


def test_bytes_that_were_packed_are_plain(run):
    """What a reader of the file has to know is in JSON."""
    packed = pack(cloud(10, 1))
    again = Packed(packed.data, json.loads(json.dumps(packed.about)))
    assert (unpack(again).sh == unpack(packed).sh).all()
