"""The widget in a real Chromium: both entrances answer, photos are taken, it speaks two languages, keeps to itself."""

import io
import json
from pathlib import Path

import pytest

from cuaderno.lab.export import copy_web

pytestmark = pytest.mark.browser

WEB = Path(__file__).parent / "web"
READY = ".language-widget[data-state=explained]"


@pytest.fixture(scope="module")
def network():
    """Small random weights: what is said does not matter here, only that it is said."""
    import torch

    from cuaderno.studies.language.train import TINY, build

    torch.manual_seed(3)
    return build(TINY).eval()


@pytest.fixture
def site(network, serve_folder, live_page, tmp_path) -> str:
    """The address of a folder such as `cuaderno export` writes."""
    from cuaderno.lab.quantize import pack
    from cuaderno.lab.run import Run
    from cuaderno.studies.language.export import about
    from cuaderno.studies.language.quantize import folded, weights_of
    from cuaderno.studies.language.train import TINY

    folder = copy_web(WEB, tmp_path / "site")
    model = folded(network)
    layout, data = pack(weights_of(model))
    (folder / "weights.bin").write_bytes(data)
    run = Run.create("language", TINY, tmp_path)
    (folder / "model.json").write_text(json.dumps(about(model, layout, run)))
    (folder / "index.html").write_text(live_page)
    (folder / "blank.html").write_text("<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><body>")
    return serve_folder(folder)


def mount(page, **options):
    """Mount a widget on a blank page; the page keeps its cleanup function and its answers."""
    page.evaluate("mountWidget", options)


def last(page) -> dict:
    return page.evaluate("window.answers.at(-1)")


def picture(words: list[str]) -> dict:
    """A page with lines of text as a file to choose."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (500, 60 + 50 * len(words)), 230)
    for i, text in enumerate(words):
        ImageDraw.Draw(page).text((30, 30 + 50 * i), text, fill=30, font=ImageFont.load_default(26))
    file = io.BytesIO()
    page.save(file, "PNG")
    return {"name": "page.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_both_entrances_answer_letter_by_letter(site, open_page, network):
    from cuaderno.studies.language.predict import text_answers
    from cuaderno.studies.language.quantize import folded, rounded

    page = open_page(f"{site}blank.html")
    mount(page, text="hola")
    page.wait_for_selector(READY)
    before = last(page)
    for answer in (before["asText"], before["asPicture"]):
        assert len(answer) == 4 and sum(answer) == pytest.approx(1, abs=1e-4)
    expected = text_answers(rounded(folded(network)), ["hola"])[0]
    assert before["asText"] == pytest.approx(expected.tolist(), abs=1e-4)
    page.locator("textarea").press_sequentially(" mundo", delay=250)
    page.wait_for_function("window.answers.at(-1).text === 'hola mundo'")
    assert page.evaluate("window.answers.length") > 3, "it answers while one types"
    page.wait_for_selector(READY)
    assert page.locator(".lg-letters span").count() == len("hola mundo")
    drawn = page.evaluate("document.querySelector('.lg-sheet canvas').width")
    page.get_by_label("Bold").check()
    page.wait_for_function(f"document.querySelector('.lg-sheet canvas').width !== {drawn}")


def test_an_empty_field_claims_nothing(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page, text="hola")
    page.wait_for_selector(READY)
    page.locator("textarea").fill("")
    page.wait_for_function("window.answers.at(-1).asPicture === null")
    assert last(page)["asText"] == pytest.approx([0.2, 0.2, 0.2, 0.4])
    assert page.locator(".lg-letters").inner_text() == "Nothing to read yet"


def test_a_photo_is_read_line_by_line(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    page.wait_for_selector(READY)
    page.locator("input[type=file]").set_input_files(picture(["the first line", "and a second one", "a third line"]))
    page.wait_for_selector(".lg-lines li >> nth=2")
    assert last(page)["lines"] == 3 and page.get_by_role("status").inner_text() == "3 lines found, and they vote:"
    page.locator("input[type=file]").set_input_files(picture([""]))
    page.get_by_text("nothing in this picture that looks like a line").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    page.get_by_text("cannot open this file").wait_for()


def test_the_photo_chosen_last_is_the_one_answered(site, open_page):
    page = open_page(f"{site}blank.html")
    page.evaluate("""() => {
      const open = window.createImageBitmap;
      window.createImageBitmap = async (file, options) => {
        if (file.name === "slow.png") await new Promise((go) => (window.hurry = go));
        return open(file, options);
      };
    }""")
    mount(page)
    page.wait_for_selector(READY)
    page.locator("input[type=file]").set_input_files(picture(["One", "two", "three"]) | {"name": "slow.png"})
    page.get_by_text("Looking at the picture").wait_for()
    page.locator("input[type=file]").set_input_files(picture(["A line"]))
    page.get_by_text("One line found").wait_for()
    page.evaluate("hurry()")
    page.wait_for_timeout(300)
    assert page.get_by_text("One line found").count() == 1 and page.get_by_text("3 lines").count() == 0


def test_lines_of_photos_are_those_that_python_finds(site, open_page):
    from PIL import Image

    from cuaderno.studies.language.photos import strips

    file = picture(["the first line", "Y otra más abajo"])
    page = open_page(f"{site}blank.html")
    seen = page.evaluate(
        """async (bytes) => {
            const { greyOf, strips } = await import("./photos.js");
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
            const found = strips(greyOf(image, image.width, image.height));
            return found.map(({ width, pixels }) => [width, Array.from(pixels)]);
        }""",
        list(file["buffer"]),
    )
    expected = strips(Image.open(io.BytesIO(file["buffer"])).convert("L"))
    assert len(seen) == len(expected) == 2
    for (width, pixels), strip in zip(seen, expected, strict=True):
        assert abs(width - strip.shape[1]) <= 4
        if width == strip.shape[1]:
            difference = abs(strip.ravel() - pixels)
            assert difference.mean() < 0.03


@pytest.mark.parametrize("scheme, lang", [("light", "en"), ("dark", "es")])
def test_demo_page_in_both_languages_and_lights(site, open_page, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{site}index.html?lang={lang}", color_scheme=scheme)
    page.wait_for_selector(READY)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.title() == {"en": "Which language is it?", "es": "¿Qué idioma es?"}[lang]


@pytest.mark.parametrize("width", [360, 390])
def test_nothing_scrolls_sideways(site, open_page, width):
    page = open_page(f"{site}index.html?lang=es", viewport={"width": width, "height": 800})
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        """[...document.querySelectorAll('.language-widget :is(button, select, .lg-choose)')]
            .map((node) => node.getBoundingClientRect())
            .filter((box) => box.width && (box.height < 44 || box.width < 44)).length"""
    )
    assert small == 0


def test_a_missing_network_is_said_and_can_be_fetched_again(site, open_page):
    page = open_page(f"{site}blank.html")
    page.route("**/weights.bin", lambda route: route.abort())
    mount(page)
    page.get_by_text("could not be loaded").wait_for()
    page.unroute("**/weights.bin")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(READY)
    assert "ERR_FAILED" in open_page.troubles.pop()


def test_two_widgets_live_side_by_side_and_leave_nothing_behind(site, open_page):
    page = open_page(f"{site}blank.html")
    mount(page)
    mount(page, lang="es-MX")
    page.wait_for_function(f"document.querySelectorAll('{READY}').length === 2")
    assert page.locator("text=Escribe algo").count() == 1
    page.evaluate("window.cleanups.forEach((cleanup) => cleanup())")
    assert page.locator(".language-widget").count() == 0 and page.evaluate("document.adoptedStyleSheets.length") == 0
