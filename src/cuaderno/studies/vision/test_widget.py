"""The widget in a real Chromium: it answers as Python does, from files, camera and hand; nothing leaves the page."""

import base64
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import copy_web, find_node
from cuaderno.lab.run import Run

WEB = Path(__file__).parent / "web"
READY = ".vision-widget[data-state=ready]"
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """A run with small random weights: what is said does not matter here, only that it is said everywhere alike."""
    import torch

    from cuaderno.studies.vision.export import as_pixels, drawing
    from cuaderno.studies.vision.train import MARGINS, TINY, build

    torch.manual_seed(5)
    model = build(TINY)
    pixels = as_pixels([drawing(number, "cat", TINY.size) for number in range(8)], TINY.size)
    model.get_ready(pixels)
    for parameter in model.parameters():
        if parameter.dim() == 4 and parameter.requires_grad:
            torch.nn.init.kaiming_normal_(parameter)
    model.head.weight.data.normal_(std=30.0)
    model.train()
    for _ in range(8):
        model(pixels)  # so that batch norms know what to expect
    model.temperature[0], model.threshold[0] = 1.5, 0.5
    run = Run.create("vision", TINY, tmp_path_factory.mktemp("vision"))
    run.data["classes"] = ["cat", "dog"]
    run.save_weights({**model.state_dict(), MARGINS: torch.zeros(4)})
    return run


@pytest.fixture(scope="module")
def exported(run) -> Path:
    from cuaderno.studies.vision.export import export

    folder = run.folder / "export"
    folder.mkdir()
    export(run, folder)
    return folder


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Path:
    """The web files as they lie beside one another in an export."""
    return copy_web(WEB, tmp_path_factory.mktemp("vision") / "web")


@pytest.fixture(scope="module")
def net(run):
    from cuaderno.studies.vision.export import network_of
    from cuaderno.studies.vision.quantize import PageNet, rounded

    return rounded(PageNet(network_of(run)))


@pytest.fixture
def folder(exported, tmp_path, live_page) -> Path:
    """Such a folder as `cuaderno export -o` writes."""
    folder = copy_web(WEB, tmp_path / "site")
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    (folder / "index.html").write_text(live_page)
    (folder / "blank.html").write_text("<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><body>")
    return folder


@pytest.fixture
def site(folder, serve_folder) -> str:
    return serve_folder(folder)


def drawn(kind: str, side: int = 192, number: int = 40) -> np.ndarray:
    from cuaderno.studies.vision.export import drawing

    return drawing(number, kind, side)


def as_file(pixels: np.ndarray | Image.Image, kind: str = "PNG", **options) -> dict:
    file = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(file, kind, **options)
    return {"name": f"a.{kind.lower()}", "mimeType": f"image/{kind.lower()}", "buffer": file.getvalue()}


def mount(page, **options) -> None:
    """Mount a widget on a blank page; the page keeps its cleanup function and its answers."""
    page.evaluate("mountWidget", options)
    page.wait_for_selector(READY)


def last(page, source: str, count: int = 1) -> dict:
    """The newest answer of a kind, once there are so many."""
    page.wait_for_function(f"window.answers.filter((one) => one.source === '{source}').length >= {count}")
    return page.evaluate(f"window.answers.findLast((one) => one.source === '{source}')")


# -- what is exported -------------------------------------------------------------------------------------------------


def test_folding_changes_nothing_and_rounding_little(run, net):
    import torch

    from cuaderno.studies.vision.export import as_pixels, network_of
    from cuaderno.studies.vision.quantize import PageNet

    model, pixels = network_of(run), as_pixels([drawn("dog", 32), drawn("cat", 32)], 32)
    with torch.no_grad():
        logits = model(pixels) / model.temperature[0]
        assert torch.allclose(PageNet(model)(pixels), logits, atol=1e-3)
        assert 1e-6 < (net(pixels) - logits).abs().max() < 0.2 * logits.abs().max()


def test_the_published_network_fits_a_page():
    from cuaderno.lab.quantize import pack
    from cuaderno.studies.vision.export import sheet
    from cuaderno.studies.vision.quantize import PageNet
    from cuaderno.studies.vision.train import Config, build

    _, data = pack(PageNet(build(Config())).weights())
    assert len(data) + len(sheet()) < 1_000_000


def test_a_backbone_is_told_that_it_is_too_large(run, monkeypatch):
    from cuaderno.studies.vision import export

    monkeypatch.setattr(export, "trained", lambda run: object())
    with pytest.raises(CuadernoError, match="without --backbone"):
        export.export(run, run.folder)


def test_a_network_of_other_classes_brings_no_drawings(run):
    from dataclasses import replace

    from cuaderno.studies.vision.export import knows_drawings
    from cuaderno.studies.vision.train import TINY

    assert knows_drawings(run)
    other = Run.create("vision", replace(TINY, data="photos"), run.folder / "other")
    other.data["classes"] = ["cat", "dog"]
    assert not knows_drawings(other)


ASK = """
import { readFile } from "node:fs/promises";
const [web, folder] = process.argv.slice(1);
const { load, predict } = await import(web + "/model.js");
const { cover } = await import(web + "/cover.js");
const read = async (name) => Uint8Array.from(await readFile(folder + "/" + name)).buffer;
const { cases } = JSON.parse(await readFile(folder + "/parity.json"));
const said = [];
for (const plain of [false, true]) {
  const artifact = await load(read, { plain }), { network } = artifact;
  const answers = cases.map(({ input }) => {
    const answer = predict(artifact, input);
    return { ...answer, maps: [0, 1].map((k) => network.weigh(k)) };
  });
  const pixels = network.kernel.floats.slice(network.input.at / 4, network.input.at / 4 + 3 * network.size ** 2);
  const covering = cover(network, pixels, 0);
  let step, times = 0;
  while (!(step = covering.next()).done) times++;
  said.push({ name: network.kernel.name, answers, times, covered: step.value });
}
const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
console.log(JSON.stringify(said, plain));
"""


@pytest.fixture(scope="module")
def said(exported, web) -> list[dict]:
    """What Node says with vectors and without."""
    command = [find_node(), "--input-type=module", "-e", ASK, str(web), str(exported)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_vectors_and_plain_javascript_say_the_same(said, exported):
    cases = json.loads((exported / "parity.json").read_text())["cases"]
    assert [kernel["name"] for kernel in said] == ["vectors", "plain"]
    for kernel in said:
        for answer, case in zip(kernel["answers"], cases, strict=True):
            for key, wanted in case["output"].items():
                assert answer[key] == pytest.approx(wanted, abs=1e-3)
    assert len({round(case["output"]["probabilities"][0], 3) for case in cases}) > 3, "too alike to prove anything"


def test_maps_are_those_of_python(said, exported, run, net):
    import torch

    from cuaderno.studies.vision.explain import activation_map, occlusion_map

    pixels, model = pixels_of(exported), with_weights_of(net, run)
    covered = occlusion_map(net, pixels[-1], 0).flatten().tolist()
    maps = [[activation_map(model, picture, k) / 1.5 for k in range(2)] for picture in pixels]  # the temperature
    assert max(map(abs, covered)) > 0.01
    for kernel in said:
        for answer, wanted in zip(kernel["answers"], maps, strict=True):
            for found, one in zip(answer["maps"], wanted, strict=True):
                mine = torch.tensor(found["values"], dtype=torch.float32).view(1, 1, found["side"], found["side"])
                mine = torch.nn.functional.interpolate(mine, (32, 32), mode="bilinear")[0, 0]
                assert torch.allclose(mine, one, atol=1e-3 * float(one.max()) + 1e-5)
        assert kernel["times"] == 256 and kernel["covered"]["values"] == pytest.approx(covered, abs=2e-3)


def with_weights_of(net, run):
    """The run's network before folding, with the rounded weights of the page."""
    from cuaderno.studies.vision.export import network_of

    model = network_of(run)
    rounded = iter(weight for weight, _ in net.convolutions[1:])
    for group in model.groups:
        for conv, norm in ((group.conv_1, group.norm_1), (group.conv_2, group.norm_2)):
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            conv.weight.data = next(rounded) / scale.detach()[:, None, None, None]
    return model


def pixels_of(exported: Path) -> list:
    """The pictures of parity.json as the network gets them."""
    from cuaderno.studies.vision.export import as_pixels

    cases = json.loads((exported / "parity.json").read_text())["cases"]
    found = []
    for case in cases:
        side = case["input"]["size"]
        pixels = np.frombuffer(base64.b64decode(case["input"]["pixels"]), np.uint8).reshape(side, side, 3)
        found.append(as_pixels([pixels], 32)[0])
    return found


SQUASH = """
const { squashed } = await import(process.argv[1] + "/model.js");
const pictures = JSON.parse(await new Response(process.stdin).text());
const squares = pictures.map(([data, ...shape]) => squashed(Buffer.from(data, "base64"), ...shape));
console.log(JSON.stringify(squares.map((square) => Array.from(square))));
"""


def test_a_square_of_any_picture_is_the_one_that_pillow_makes(web):
    shapes = [
        (37, 150, 32),
        (200, 31, 64),
        (96, 96, 64),
        (96, 96, 96),
        (192, 192, 96),
        (1, 5, 8),
        (8, 8, 96),
        (131, 67, 66),
    ]
    pictures = [drawn("cat", 200)[:height, :width] for width, height, _ in shapes]
    given = [
        [base64.b64encode(picture.tobytes()).decode(), *shape] for picture, shape in zip(pictures, shapes, strict=True)
    ]
    command = [find_node(), "--input-type=module", "-e", SQUASH, str(web)]
    answer = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    for found, picture, (_, _, side) in zip(json.loads(answer.stdout), pictures, shapes, strict=True):
        wanted = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR), float)
        assert np.abs(np.reshape(found, wanted.shape) - wanted).max() < 1.5  # Pillow rounds twice


# -- in the page ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_it_answers_at_once_and_sends_nothing(site, open_page):
    """From the drawings that come along; after the load there is not one more request, whatever is done."""
    page = open_page(f"{site}blank.html")
    mount(page)
    first = last(page, "sample")
    assert first["answer"] in ("cat", "dog") and sum(first["probabilities"]) == pytest.approx(1)
    asked = []
    page.on("request", lambda request: None if request.url.startswith("blob:") else asked.append(request.url))
    page.get_by_role("button", name="Drawing 3: dog").click()
    second = last(page, "sample", 2)
    assert second["probabilities"] != first["probabilities"] and second["milliseconds"] >= 0
    assert page.locator(".vs-light").is_hidden()
    page.get_by_label("Show where it looks").check()
    page.locator(".vs-light").wait_for()
    page.get_by_text("What the first layer sees").click()
    assert page.locator(".vs-filters li").count() == 16
    page.get_by_role("button", name="Cover it piece by piece").click()
    page.get_by_text("Each spot was covered").wait_for()
    page.get_by_role("button", name="Cover it piece by piece").wait_for()
    page.locator("input[type=file]").set_input_files(as_file(drawn("dog")))
    last(page, "photo")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_text("Draw a cat or a dog.").wait_for()
    assert asked == []


@pytest.mark.browser
def test_it_runs_under_the_policy_of_a_published_site(site, open_page, folder):
    """With vectors too: without 'wasm-unsafe-eval' it would fall back to plain JavaScript and be slow."""
    rules = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'"
    rules += "; img-src 'self' data: blob:; connect-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
    page = open_page(f"{site}blank.html")
    html = (folder / "blank.html").read_bytes()
    page.route("**/blank.html", lambda route: route.fulfill(body=html, headers={"Content-Security-Policy": rules}))
    page.goto(f"{site}blank.html")
    page.evaluate("mountWidget", {})
    page.locator(".vs-verdict b").get_by_text(re.compile("Cat|Dog")).wait_for()
    name = page.evaluate("import('./kernel.js').then(({ makeKernel }) => makeKernel(64)).then(({ name }) => name)")
    assert name == "vectors"


@pytest.mark.browser
def test_the_answer_is_said_when_it_rests(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    page.wait_for_function("/^(Cat|Dog), \\d/.test(document.querySelector('[aria-live]').textContent)")


@pytest.mark.browser
def test_it_says_neither_when_it_is_not_sure_enough(site, open_page, folder):
    about = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(about | {"threshold": 1.01}))
    page = open_page(f"{site}blank.html")
    mount(page, lang="es")
    assert last(page, "sample")["answer"] is None
    page.get_by_text("Ninguno de los dos", exact=True).wait_for()
    assert page.locator(".vs-best").count() == 0 and page.get_by_text("muy poco para dar una respuesta").count() == 1


@pytest.mark.browser
def test_a_picture_becomes_the_square_that_python_makes_of_it(site, open_page):
    """Whatever its shape and size: PNG, JPEG turned by its EXIF, transparent, smaller than the square, larger."""
    from cuaderno.lab.pictures.files import read_picture

    turned = Image.Exif()
    turned[0x0112] = 6
    clear = Image.fromarray(drawn("cat", 192)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    large = np.concatenate([drawn("dog", 256, number) for number in range(4)], axis=1)  # 1024 x 512, full of detail
    large = Image.fromarray(np.concatenate([large, large[:, ::-1]]))
    files = [
        as_file(drawn("cat", 192)), as_file(drawn("dog", 256)[:, :150]), as_file(clear), as_file(drawn("cat", 64)[:40]),
        as_file(large), as_file(large, "JPEG", quality=95, exif=turned),
    ]  # fmt: skip
    page = open_page(f"{site}blank.html")
    squares = page.evaluate(
        """async (files) => {
            const { makeSquasher, openPhoto } = await import("./pixels.js");
            const squash = makeSquasher(96), squares = [];
            for (const [data, type] of files) {
                const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
                const photo = await openPhoto(new File([bytes], "a", { type }));
                squares.push(Array.from(squash(photo, photo.width, photo.height)));
            }
            return squares;
        }""",
        [[base64.b64encode(file["buffer"]).decode(), file["mimeType"]] for file in files],
    )
    for square, file in zip(squares, files, strict=True):
        wanted = read_picture(file["buffer"], 96).astype(float)
        away = np.abs(np.reshape(square, wanted.shape) - wanted)
        assert away.mean() < 2.5 and np.quantile(away, 0.99) < 20, (file["name"], away.mean(), away.max())


@pytest.mark.browser
def test_files_that_are_no_pictures_are_told_and_the_last_picture_stays(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    last(page, "sample")
    choose = page.locator("input[type=file]")
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    huge = b'<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"></svg>'
    for buffer, kind, words in (
        (b"no picture", "image/png", "cannot open this file"),
        (heic, "image/heic", "This is a HEIC photo"),
        (huge, "image/svg+xml", "more than 100 million points"),
    ):
        choose.set_input_files({"name": "a", "mimeType": kind, "buffer": buffer})
        page.get_by_role("status").get_by_text(words).wait_for()
    assert page.evaluate("window.answers.every((one) => one.source === 'sample')")
    choose.set_input_files(as_file(drawn("dog")))
    last(page, "photo")
    assert page.get_by_role("status").inner_text() == ""


@pytest.mark.browser
def test_a_dropped_picture_is_taken_and_the_last_one_counts(site, open_page):
    page = open_page(f"{site}blank.html")
    page.evaluate("""() => {
      const open = window.createImageBitmap;
      window.createImageBitmap = async (file, options) => {
        if (file.name === "slow.png") await new Promise((go) => (window.hurry = go));
        return open(file, options);
      };
    }""")
    mount(page)
    last(page, "sample")
    page.locator("input[type=file]").set_input_files(as_file(drawn("cat")[:60]) | {"name": "slow.png"})
    page.wait_for_function("typeof window.hurry === 'function'")
    page.evaluate(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector(".vs-stage").dispatchEvent(drop);
        }""",
        list(as_file(drawn("dog"))["buffer"]),
    )
    last(page, "photo")
    page.evaluate("hurry()")
    page.wait_for_timeout(300)
    assert page.evaluate("window.answers.filter((one) => one.source === 'photo').length") == 1
    assert page.evaluate("document.querySelector('.vs-picture').height") == 192


@pytest.mark.browser
def test_one_draws_with_the_mouse_and_with_the_keyboard(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    last(page, "sample")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_text("Draw a cat or a dog.").wait_for()
    assert page.locator(".vs-verdict b").inner_text() == "…", "an empty sheet is nothing"
    page.get_by_label("orange").check(force=True)
    box = page.locator(".vs-picture").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 160, steps=4)
    page.mouse.up()
    last(page, "board")
    orange = """() => {
        const { data } = document.querySelector('.vs-picture').getContext('2d').getImageData(0, 0, 320, 320);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] === 217 && data[i + 1] === 130) count++;
        return count;
    }"""
    with_mouse = page.evaluate(orange)
    assert with_mouse > 500
    page.locator(".vs-picture").focus()
    for key in (" ", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", " ", "ArrowLeft"):
        page.keyboard.press(key)
    page.wait_for_function(f"({orange})() > {with_mouse + 100}")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(f"({orange})() === {with_mouse}")
    page.get_by_role("button", name="Start over").click()
    page.wait_for_function(f"({orange})() === 0 && document.querySelector('.vs-verdict b').textContent === '…'")
    page.locator(".vs-pen").wait_for()
    page.get_by_role("button", name="Drawing 1: cat").click()
    assert page.locator(".vs-pen").is_hidden(), "the pen belongs to the sheet"
    page.get_by_role("button", name="Draw", exact=True).click()
    assert page.locator(".vs-pen").is_hidden(), "until it is moved again"


@pytest.mark.browser
def test_a_blank_sheet_says_nothing_of_what_was_there(site, open_page, folder):
    about = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(about | {"threshold": 1.01}))
    page = open_page(f"{site}blank.html")
    mount(page)
    page.wait_for_function("document.querySelector('[aria-live]').textContent.startsWith('Neither')")
    page.get_by_role("button", name="Drawing 1: cat").click()
    last(page, "sample", 2)
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_function("document.querySelector('.vs-verdict b').textContent === '…'")
    page.wait_for_timeout(1100)  # in which the answer to the drawing would have been spoken
    assert page.evaluate("document.querySelector('[aria-live]').textContent") == ""
    assert page.get_by_text("Likeliest is").count() == 0 and page.get_by_text("the mark in the bars").count() == 1


@pytest.mark.browser
def test_a_network_of_photos_says_their_licence_and_explains_no_mark_that_is_never_missed(site, open_page, folder):
    from cuaderno.studies.vision.data import YOURS

    path = folder / "model.json"
    whole = path.read_text()
    about = json.loads(whole)
    del about["licence"]  # as in older exports
    try:
        path.write_text(json.dumps(about))
        page = open_page(f"{site}blank.html")
        mount(page)
        assert "licence" not in page.locator(".vs-foot").inner_text()
        assert page.get_by_text("the mark in the bars").count() == 0, "of two classes one always has a half"
        path.write_text(json.dumps(about | {"drawn": False, "licence": YOURS}))
        page = open_page(f"{site}blank.html")  # another one, which has nothing in store
        mount(page, lang="es")
        said = "licencia de las imágenes con las que aprendió: la de quien las hizo"
        assert said in page.locator(".vs-foot").inner_text()
    finally:
        path.write_text(whole)


# -- the camera -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filming(chromium_with, tmp_path_factory):
    """A browser whose camera films one drawing."""
    film = tmp_path_factory.mktemp("film") / "dog.mjpeg"
    film.write_bytes(as_file(Image.fromarray(drawn("dog", 240)).resize((320, 240)), "JPEG", quality=95)["buffer"] * 4)
    return chromium_with(*CAMERA, f"--use-file-for-fake-video-capture={film}")


@pytest.mark.browser
def test_it_answers_while_the_camera_runs_and_lets_it_go(site, open_page, filming):
    page = open_page(f"{site}blank.html", browser=filming, permissions=["camera"])
    page.evaluate("""() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.asked = 0;
      navigator.mediaDevices.enumerateDevices = async () => [{ kind: "videoinput" }, { kind: "videoinput" }]; // a phone
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        window.asked++;
        return (window.stream = await ask(wanted));
      };
    }""")
    mount(page)
    last(page, "sample")
    assert page.evaluate("window.asked") == 0, "only after a click"
    page.get_by_role("button", name="Use the camera").click()
    last(page, "camera", 4)
    assert page.evaluate("document.querySelector('.vs-stage').classList.contains('vs-mirrored')")
    page.get_by_role("button", name="Cover it piece by piece").click()
    page.get_by_role("button", name="Go on").click()
    before = page.evaluate("window.answers.length")
    page.wait_for_function(f"window.answers.length > {before + 2}")
    page.evaluate("window.first = window.stream")
    page.get_by_role("button", name="The other camera").click()
    page.wait_for_function("window.asked === 2 && window.first.getTracks()[0].readyState === 'ended'")
    page.wait_for_function(f"window.answers.length > {page.evaluate('window.answers.length') + 2}")
    page.get_by_role("button", name="Cover it piece by piece").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_role("button", name="Stop the camera").click()
    page.get_by_role("button", name="Cover it piece by piece").wait_for()
    assert page.get_by_text("The camera is held").count() == 0
    assert page.evaluate("document.querySelector('.vs-stage').classList.contains('vs-mirrored')"), "it does not flip"
    page.get_by_role("button", name="Drawing 1: cat").click()
    assert not page.evaluate("document.querySelector('.vs-stage').classList.contains('vs-mirrored')")
    assert page.evaluate("window.stream.getTracks().every((track) => track.readyState === 'ended')")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Stop the camera").wait_for()
    page.evaluate("window.stream.getTracks()[0].dispatchEvent(new Event('ended'))")  # as when it is unplugged
    page.get_by_role("status").get_by_text("The camera has stopped.").wait_for()
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Stop the camera").wait_for()
    page.evaluate("window.cleanups[0]()")
    assert page.evaluate("window.stream.getTracks().every((track) => track.readyState === 'ended')")


@pytest.mark.browser
def test_it_says_why_there_is_no_camera(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    for reason, words in (
        ("NotAllowedError", "was not allowed"),
        ("NotFoundError", "no camera here"),
        ("NotReadableError", "does not start"),
    ):
        page.evaluate(
            "(name) => Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: {"
            " getUserMedia: async () => { throw new DOMException('', name); } } })",
            reason,
        )
        page.get_by_role("button", name="Use the camera").click()
        page.get_by_role("status").get_by_text(words).wait_for()
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("status").get_by_text("only on pages with https").wait_for()


# -- for everybody ----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("scheme, lang", [("light", "en"), ("dark", "es")])
def test_demo_page_in_both_languages_and_lights(site, open_page, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{site}index.html?lang={lang}", color_scheme=scheme)
    page.wait_for_selector(READY)
    page.locator("summary").click()
    for words in ("", "Draw" if lang == "en" else "Dibujar"):  # with a drawing, and with the sheet and its tools
        if words:
            page.get_by_role("button", name=words, exact=True).click()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    assert page.title() == {"en": "What is in the picture?", "es": "¿Qué hay en la imagen?"}[lang]


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 390])
def test_nothing_scrolls_sideways(site, open_page, width):
    page = open_page(f"{site}index.html?lang=es", viewport={"width": width, "height": 800})
    page.wait_for_selector(READY)
    page.locator("summary").click()
    page.get_by_role("button", name="Dibujar", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        """[...document.querySelectorAll('.vision-widget :is(button, .vs-choose, .vs-inks label, .vs-check, summary)')]
            .map((node) => node.getBoundingClientRect())
            .filter((box) => box.width && (box.height < 44 || box.width < 44)).length"""
    )
    assert small == 0


@pytest.mark.browser
def test_a_missing_network_is_said_and_can_be_fetched_again(site, open_page):
    page = open_page(f"{site}blank.html")
    page.route("**/weights.bin", lambda route: route.abort())
    page.evaluate("mountWidget", {})
    page.get_by_text("could not be loaded").wait_for()
    page.unroute("**/weights.bin")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(READY)
    assert "ERR_FAILED" in open_page.troubles.pop()


@pytest.mark.browser
def test_two_widgets_live_side_by_side_and_leave_nothing_behind(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    mount(page, lang="es-MX")
    page.wait_for_function(f"document.querySelectorAll('{READY}').length === 2")
    assert page.get_by_role("button", name="Usar la cámara").count() == 1
    page.evaluate("window.cleanups.forEach((cleanup) => cleanup())")
    assert page.locator(".vision-widget").count() == 0 and page.evaluate("document.adoptedStyleSheets.length") == 0


@pytest.mark.browser
def test_of_many_classes_the_likeliest_are_shown(site, open_page, folder):
    """A network of twelve classes: two that it knows, ten made of the first one's weights, a little weaker."""
    about, data = json.loads((folder / "model.json").read_text()), bytearray((folder / "weights.bin").read_bytes())
    head = next(entry for entry in about["tensors"] if entry["name"] == "head.weight")
    weights = np.frombuffer(data, "<f4", offset=head["offset"]).reshape(2, -1)
    more = np.concatenate([weights, *(weights[:1] * (1 - 0.02 * i) for i in range(1, 11))]).astype("<f4")
    head["shape"] = [more.size]
    (folder / "weights.bin").write_bytes(data[: head["offset"]] + more.tobytes())
    named = {"classes": [f"kind {i}" for i in range(12)], "drawn": False, "samples": None, "threshold": 0.0}
    (folder / "model.json").write_text(json.dumps(about | named))
    page = open_page(f"{site}blank.html")
    mount(page)
    page.locator("input[type=file]").set_input_files(as_file(drawn("dog")))
    answer = last(page, "photo")
    shown = page.evaluate("[...document.querySelectorAll('.vs-bars li')].map((row) => row.firstChild.textContent)")
    order = sorted(range(12), key=lambda k: -answer["probabilities"][k])
    assert shown == [f"Kind {k}" for k in order[:8]]
    assert page.locator(".vs-sample").count() == 0 and page.get_by_text("from no photo").count() == 0
