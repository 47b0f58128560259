"""The widget in a real Chromium: it paints what Python paints, by mouse and keyboard; nothing leaves the page."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cuaderno.lab.export import copy_web, find_node
from cuaderno.lab.run import Run

WEB = Path(__file__).parent / "web"
READY = ".latent-widget[data-state=ready]"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    """A run with random weights: what is painted does not matter here, only that it is painted everywhere alike."""
    import torch

    from cuaderno.studies.latent.train import TINY, build, pictures_of

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    run, pictures = Run.create("latent", TINY, tmp_path_factory.mktemp("latent")), pictures_of(TINY)
    networks = build(TINY, 1, len(pictures.classes))
    for layer in networks.modules():
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
    networks.whitening.mean.normal_()
    networks.whitening.std.uniform_(0.5, 2)
    run.data["classes"], run.data["channels"] = list(pictures.classes), 1
    run.save_weights(networks.state_dict())
    yield run
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def exported(run) -> Path:
    from cuaderno.studies.latent.export import export

    folder = run.folder / "export"
    folder.mkdir()
    export(run, folder)
    return folder


@pytest.fixture
def site(exported, tmp_path, serve_folder, live_page) -> str:
    """Such a folder as `cuaderno export -o` writes."""
    folder = copy_web(WEB, tmp_path / "site")
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    (folder / "index.html").write_text(live_page)
    (folder / "blank.html").write_text("<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><body>")
    return serve_folder(folder)


def mount(page, **options) -> None:
    page.evaluate("mountWidget", options)
    page.wait_for_selector(READY)


def last(page, source: str, count: int = 1) -> dict:
    """The newest answer of a kind, once there are so many."""
    page.wait_for_function(f"window.answers.filter((one) => one.source === '{source}').length >= {count}")
    return page.evaluate(f"window.answers.findLast((one) => one.source === '{source}')")


# -- what is exported -------------------------------------------------------------------------------------------------


def test_the_published_networks_fit_a_page():
    from cuaderno.lab.quantize import pack
    from cuaderno.studies.latent.quantize import weights
    from cuaderno.studies.latent.train import Config, build

    _, data = pack(weights(build(Config(), 1, 20)))
    assert len(data) < 2_500_000


def test_rounding_changes_little_and_folds_the_whitening(run):
    import torch

    from cuaderno.studies.latent.quantize import rounded
    from cuaderno.studies.latent.train import pictures_of_run, trained

    networks = trained(run)
    page, pixels = rounded(networks), pictures_of_run(run).test.pixels[:8].float() / 255
    with torch.no_grad():
        for ask in (lambda one: one.encode(pixels), lambda one: one.decode(networks.encode(pixels))):
            before, after = ask(networks), ask(page)
            assert 1e-7 < (after - before).abs().mean() < 0.05 * before.std()
    assert not page.whitening.mean.any() and (page.whitening.std == 1).all()


ASK = """
import { readFile } from "node:fs/promises";
const [web, folder] = process.argv.slice(1);
const { load, predict } = await import(web + "/model.js");
const read = async (name) => Uint8Array.from(await readFile(folder + "/" + name)).buffer;
const { cases } = JSON.parse(await readFile(folder + "/parity.json"));
const said = [];
for (const plain of [false, true]) {
  const artifact = await load(read, { plain }), { network } = artifact, many = 70;
  const latents = Float32Array.from({ length: many * network.latents }, (_, i) => Math.sin(i));
  const together = network.decode(latents), last = network.decode(latents.subarray(69 * network.latents));
  const noise = network.dream(latents, Array.from({ length: many }, (_, i) => i % 3));
  said.push({
    name: network.kernel.name, answers: cases.map(({ input }) => predict(artifact, input)),
    same: last.every((value, i) => Math.abs(value - together[69 * network.pixels + i]) < 1e-6),
    finite: noise.length === latents.length && noise.every(Number.isFinite),
  });
}
console.log(JSON.stringify(said));
"""


def test_vectors_and_plain_javascript_say_what_python_says_one_or_many(exported, tmp_path):
    command = [find_node(), "--input-type=module", "-e", ASK, str(copy_web(WEB, tmp_path / "web")), str(exported)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    cases = json.loads((exported / "parity.json").read_text())["cases"]
    assert [kernel["name"] for kernel in said] == ["vectors", "plain"]
    for kernel in said:
        assert kernel["same"] and kernel["finite"]
        for answer, case in zip(kernel["answers"], cases, strict=True):
            ((key, wanted),) = case["output"].items()
            assert answer[key] == pytest.approx(wanted, abs=1e-3)
            assert max(wanted) - min(wanted) > 0.05, "too alike to prove anything"


PRESS_TWICE = "(button) => [1, 2].map(() => { button.click(); return button.textContent; })"


# -- in the page ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_one_flies_looks_and_draws_and_nothing_is_sent(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    first, asked = last(page, "map"), []
    page.on("request", lambda request: asked.append(request.url))
    canvas = page.locator(".lt-map")
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("(x) => window.answers.at(-1).x !== x", arg=first["x"])  # it flies by itself
    page.mouse.move(*middle)  # the ring is in the middle: it is dragged
    page.mouse.down()
    page.get_by_role("button", name="Fly around").wait_for()
    first = last(page, "map")
    page.mouse.move(middle[0] + 60, middle[1] + 40, steps=3)
    page.mouse.up()
    page.wait_for_function("(x) => window.answers.at(-1).x > x + 0.01", arg=first["x"])
    dragged = last(page, "map")
    assert dragged["y"] > first["y"]
    page.mouse.move(box["x"] + 30, box["y"] + 30)  # the map is dragged, and takes the ring along
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 60, steps=4)
    page.mouse.up()
    page.mouse.click(box["x"] + 25, box["y"] + 25)  # a tap puts it there
    page.wait_for_function("(x) => window.answers.at(-1).x < x", arg=first["x"])
    canvas.focus()
    before = last(page, "map")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(x) => window.answers.at(-1).x > x", arg=before["x"])
    for key in ("+", "-", "0"):
        page.keyboard.press(key)
    page.get_by_label("Show where real pictures lie").check()
    page.locator(".lt-legend li").first.wait_for()
    page.get_by_role("button", name="Fly around").click()
    page.get_by_role("button", name="Stop").click()
    board = page.locator(".lt-board")
    board.scroll_into_view_if_needed()
    board.focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Space"):
        page.keyboard.press(key)
    drawing = last(page, "drawing")
    assert len(drawing["latents"]) == 6 and page.locator(".lt-read").is_visible()
    page.get_by_role("button", name="Clear").click()
    page.locator(".lt-read").wait_for(state="hidden")
    assert asked == []


@pytest.mark.browser
def test_the_film_and_the_dreams_and_their_sliders(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page, lang="es")
    page.get_by_role("radio", name="Desde el ruido").check()
    assert last(page, "film")["class"] == 7
    page.get_by_role("radio", name="corazón").check()
    assert last(page, "film", 2)["class"] == 17
    slider = page.get_by_role("slider")
    slider.focus()
    page.wait_for_function("(slider) => slider.value >= 2", arg=slider.element_handle())  # it runs by itself
    page.keyboard.press("Home")
    page.get_by_text("Paso 0 de 20", exact=True).wait_for()
    noise = page.evaluate("document.querySelector('.lt-screen').toDataURL()")
    page.keyboard.press("End")
    page.get_by_text("Paso 20 de 20", exact=True).wait_for()
    assert page.evaluate("document.querySelector('.lt-screen').toDataURL()") != noise
    assert page.get_by_role("button", name="Reproducir").evaluate(PRESS_TWICE) == ["Pausa", "Reproducir"]
    page.get_by_role("radio", name="De un paso").check()
    assert last(page, "dream")["count"] == 20
    last(page, "dream", 3)  # it turns by itself
    page.get_by_role("slider").focus()
    for key in ("End", "Home", "ArrowRight"):
        page.keyboard.press(key)
    assert last(page, "dream")["degrees"] == 3
    noise = page.evaluate("document.querySelector('.lt-dreams').toDataURL()")
    page.get_by_role("button", name="Otro ruido").click()
    assert page.evaluate("document.querySelector('.lt-dreams').toDataURL()") != noise
    page.evaluate("window.cleanups[0]()")
    assert page.locator(".latent-widget").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize(
    "look", [{"color_scheme": "dark", "viewport": {"width": 390, "height": 800}, "has_touch": True}, {}]
)
def test_nothing_sticks_out_and_everybody_can_use_it(site, open_page, look):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{site}index.html", **look)
    page.wait_for_selector(READY)
    for number in range(3):
        page.get_by_role("radio").nth(number).check()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_failed_load_is_told_and_tried_again(site, open_page):
    page = open_page(f"{site}blank.html")
    page.route("**/weights.bin", lambda route: route.abort())
    page.evaluate("mountWidget", {})
    page.get_by_text("could not be loaded").wait_for()
    open_page.troubles.clear()
    page.unroute("**/weights.bin")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(READY)
