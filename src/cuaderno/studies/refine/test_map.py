"""The map in a real Chromium: what is drawn stands where Python put it, and everybody can find the way about in it."""

import base64
import json
import math
import subprocess
from pathlib import Path

import numpy as np
import pytest

from cuaderno.lab.export import copy_web, find_node, shared_web
from cuaderno.lab.maps import draw_map, sentence

WEB = Path(__file__).parent / "web"
DRAWN = ".map-widget[data-drawn]"
BLANK = "<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><main><h1>Map</h1></main>"
MOUNT = """async ([name, lang]) => {
  const [{ mount }, data] = await Promise.all([import(new URL("map.js", location)), fetch(name).then((r) => r.json())]);
  const place = document.querySelector("main").appendChild(document.createElement("div"));
  window.points = [];
  place.addEventListener("point", (event) => window.points.push(event.detail));
  window.cleanup = mount(place, { data, lang });
}"""
EDGE = 18  # pixels, as in map-space.js


@pytest.fixture(scope="module")
def drawn() -> dict:
    """A map of 40 texts in two groups, one of their tokens, and a sentence."""
    rng = np.random.default_rng(4)
    texts = [f"Text {i}: ¿{'café' if i % 3 else 'té'}?" for i in range(39)] + ["<img src=x onerror=alert(1)>"]
    found = draw_map(texts, rng.normal(size=(40, 8)))
    for i, point in enumerate(found["points"]):
        point["group"] = i % 2
    names = [f" t{i}" for i in range(12)]
    found |= {"run": "x-1", "groups": [{"en": "odd", "es": "impar"}, {"en": "even", "es": "par"}]}
    found["tokens"] = draw_map(names, rng.normal(size=(12, 8)))
    return found | {"sentences": [sentence("t3 t4", ["[CLS]", " t3", " t4"], rng.normal(size=(3, 8)))]}


@pytest.fixture
def site(drawn, serve_folder, tmp_path) -> str:
    folder = copy_web(WEB, tmp_path / "site")
    (folder / "map.json").write_text(json.dumps(drawn))
    (folder / "blank.html").write_text(BLANK)
    return serve_folder(folder)


@pytest.fixture
def show(site, open_page):
    """`show(lang="es", …)` gives a page with the map on it; nothing moves by itself there."""

    def show_(lang="en", **options):
        page = open_page(f"{site}blank.html", reduced_motion="reduce", **options)
        page.evaluate(MOUNT, ["map.json", lang])
        page.wait_for_selector(DRAWN)
        return page

    return show_


def spots(page, points, kind="pca", zoom=1.0, x=0.0, y=0.0) -> list[tuple[float, float]]:
    """Where Python's numbers lie on the canvas, in pixels."""
    wide, tall = page.eval_on_selector(".mp-canvas", "(canvas) => [canvas.clientWidth, canvas.clientHeight]")
    unit = (min(wide, tall) / 2 - EDGE) * zoom
    return [(wide / 2 + (p[kind][0] - x) * unit, tall / 2 - (p[kind][1] - y) * unit) for p in points]


def settled(page, what: str) -> None:
    page.wait_for_function("what => document.querySelector('.map-widget').dataset.drawn === what", arg=what)


INK = """([spots, size]) => {
  const canvas = document.querySelector(".mp-canvas"), many = canvas.width / canvas.clientWidth;
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const hit = spots.map(([x, y]) => data[4 * (Math.round(y * many) * width + Math.round(x * many)) + 3] > 100);
  let outside = 0;
  for (let i = 0; i < data.length / 4; i++) {
    const x = (i % width) / many, y = Math.floor(i / width) / many;
    if (data[4 * i + 3] > 20 && !spots.some(([a, b]) => Math.hypot(a - x, b - y) < size)) outside++;
  }
  return [hit.every(Boolean), outside];
}"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1000])
def test_every_dot_stands_where_python_put_it_and_nothing_else_is_drawn(show, drawn, width):
    page = show(viewport={"width": width, "height": 800}, device_scale_factor=2)
    for kind in ("pca", "tsne"):
        page.locator(f"input[value={kind}]").check()
        settled(page, f"texts {kind} -1")
        assert page.evaluate(INK, [spots(page, drawn["points"], kind), 8]) == [True, 0], kind
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_pointing_reads_a_dot_and_a_click_shows_its_neighbours(show, drawn):
    page = show()
    points, box = drawn["points"], page.locator(".mp-canvas").bounding_box()
    number = max(range(40), key=lambda i: points[i]["pca"][0])
    x, y = spots(page, points)[number]
    page.mouse.move(box["x"] + x, box["y"] + y)
    settled(page, f"texts pca {number}")
    assert page.inner_text(".mp-tip") == points[number]["text"] and page.evaluate("points") == []
    page.mouse.click(box["x"] + x, box["y"] + y)
    assert page.evaluate("points") == [{"layer": "texts", "number": number}]
    assert page.inner_text(".mp-said") == points[number]["text"]
    rows = page.locator(".mp-right .mp-rows button").all_inner_texts()
    assert [row.split("\n")[0] for row in rows] == [points[i]["text"] for i in points[number]["near"]]
    assert [float(row.split("\n")[-1]) for row in rows] == points[number]["like"]
    page.locator(".mp-right .mp-rows button").nth(1).click()
    assert page.evaluate("points.at(-1).number") == points[number]["near"][1]


@pytest.mark.browser
def test_keys_go_from_dot_to_dot_and_zoom_at_the_chosen_one(show, drawn):
    page = show()
    page.locator(".mp-canvas").focus()
    page.keyboard.press("Home")
    settled(page, "texts pca 0")
    places = [point["pca"] for point in drawn["points"]]
    for key, axis, sign in (("ArrowRight", 0, 1), ("ArrowUp", 1, 1), ("ArrowLeft", 0, -1), ("ArrowDown", 1, -1)):
        before = page.evaluate("points.at(-1).number")
        page.keyboard.press(key)
        after = page.evaluate("points.at(-1).number")
        beyond = [place for place in places if sign * (place[axis] - places[before][axis]) > 0]
        assert places[after] in beyond if beyond else after == before, key
    page.keyboard.press("+")
    page.wait_for_selector(".mp-canvas.mp-moved")
    page.keyboard.press("0")
    page.wait_for_selector(".mp-canvas:not(.mp-moved)")
    page.keyboard.press("Escape")
    settled(page, "texts pca -1")
    assert "Choose a dot" in page.inner_text(".mp-said")


@pytest.mark.browser
def test_two_fingers_zoom_and_a_tap_chooses(show, drawn, chromium):
    page = show(viewport={"width": 390, "height": 800}, has_touch=True)
    box = page.locator(".mp-canvas").bounding_box()
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, far in (("touchStart", 30), ("touchMove", 60), ("touchMove", 90), ("touchEnd", None)):
        fingers = [] if far is None else [{"x": x - far, "y": y, "id": 1}, {"x": x + far, "y": y, "id": 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    page.wait_for_selector(".mp-canvas.mp-moved")
    assert page.evaluate("points") == [] and page.evaluate("visualViewport.scale") == 1
    inside = min(spots(page, drawn["points"], zoom=3), key=lambda spot: math.dist(spot, (180, 150)))
    page.touchscreen.tap(box["x"] + inside[0], box["y"] + inside[1])
    page.wait_for_function("points.length === 1 && points[0].number >= 0")


@pytest.mark.browser
def test_search_and_the_list_find_what_is_meant(show):
    page = show("es")
    page.get_by_label("Buscar").fill("CAFE 1")
    assert page.inner_text("output") == "9 de 40"
    page.get_by_text("Lo mismo en una lista").click()
    page.wait_for_function("document.querySelectorAll('.mp-all button').length === 9")
    page.locator(".mp-all button").nth(1).click()
    assert "caf\u00e9" in page.inner_text(".mp-said") and page.locator(".mp-all [aria-pressed=true]").count() == 1
    page.get_by_label("Buscar").fill("<img")
    page.keyboard.press("Enter")
    assert page.inner_text(".mp-said").startswith("<img") and page.locator(".map-widget img").count() == 0


@pytest.mark.browser
def test_a_token_of_a_sentence_is_found_on_the_map_of_tokens(show):
    page = show()
    assert page.locator(".mp-token").all_inner_texts() == ["[CLS]", "␣t3", "␣t4"]
    page.locator(".mp-token").nth(1).click()
    assert page.evaluate("points.at(-1)") == {"layer": "tokens", "number": 3}
    assert page.inner_text(".mp-said") == "␣t3" and page.locator("input[value=tokens]").is_checked()
    page.evaluate("cleanup()")
    assert page.locator(".map-widget").count() == 0 and page.evaluate("document.adoptedStyleSheets.length") == 0


@pytest.mark.browser
@pytest.mark.parametrize("scheme, lang", [("light", "en"), ("dark", "es")])
def test_axe_finds_nothing(show, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    page = show(lang, color_scheme=scheme)
    page.locator("summary").click()
    page.locator(".mp-canvas").focus()
    page.keyboard.press("Home")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_what_is_under_a_pointer_stays_there_and_vectors_arrive_whole(drawn):
    """The pure parts, in Node, on many views and on the vectors of a sentence."""
    rng = np.random.default_rng(0)
    cases = [
        [rng.uniform(1, 9), *rng.uniform(-0.5, 0.5, 2), *rng.uniform(0, 400, 2), rng.uniform(1, 3)] for _ in range(60)
    ]
    code = f"""
        const {{ place, zoomed, unit }} = await import("{WEB.as_uri()}/map-space.js");
        const {{ unpack }} = await import("{WEB.as_uri()}/map-strip.js");
        const {{ readFileSync }} = await import("node:fs");
        const {{ cases, sentence }} = JSON.parse(readFileSync(0, "utf8")), sheet = {{ width: 400, height: 400 }};
        const moves = cases.map(([zoom, x, y, px, py, factor]) => {{
          const most = 1 - 1 / zoom, inside = (v) => Math.max(-most, Math.min(most, v));
          const view = {{ zoom, x: inside(x), y: inside(y) }};
          const u = unit(sheet, view), under = [view.x + (px - 200) / u, view.y + (200 - py) / u];
          const after = place(sheet, zoomed(sheet, view, factor, px, py), under);
          return Math.hypot(after[0] - px, after[1] - py);
        }});
        console.log(JSON.stringify([Math.max(...moves), unpack(sentence).map((v) => [...v])]));"""
    command = [find_node(), "--input-type=module", "-e", code]
    given = json.dumps({"cases": np.round(cases, 4).tolist(), "sentence": drawn["sentences"][0]})
    answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
    farthest, vectors = json.loads(answer)
    said = drawn["sentences"][0]
    mine = np.frombuffer(base64.b64decode(said["vectors"]), np.int8).reshape(-1, 8) * said["scale"]
    assert np.allclose(vectors, mine, atol=1e-6)
    assert farthest < 25, "only the edge of the map holds it back"


def test_it_is_light():
    modules = sorted(WEB.glob("map*.js"))
    code = b"".join(path.read_bytes() for path in [*modules, *shared_web(modules)])
    packed = subprocess.run(["gzip", "-9c"], input=code, capture_output=True)
    assert len(packed.stdout) < 25 << 10
