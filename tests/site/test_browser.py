"""Real pages in a real browser: accessible in light and dark, narrow without sideways scroll, alive when asked."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from cuaderno.site.build import build

pytestmark = pytest.mark.browser

PAGES = {
    "home": "",
    "home in Spanish": "es/",
    "post": "posts/mazes/",
    "post in Spanish": "es/posts/mazes/",
    "plain post": "posts/plans/",
    "archive": "archive/",
    "tags": "tags/",
    "tag": "tags/mazes/",
    "studies": "studies/",
    "study": "studies/labyrinth/",
    "run": "runs/labyrinth-20261121-153012-ab12cd/",
    "about": "about/",
    "404": "404.html",
}


@pytest.fixture
def address(diary, tmp_path, serve_folder):
    """The site behind a plain file server, search included."""
    build(diary, tmp_path / "www" / "notebook", report=lambda line: None)
    return serve_folder(tmp_path / "www") + "notebook/"


@pytest.fixture
def open_page(chromium):
    contexts = []

    def open_page(width: int = 1280, scheme: str = "light", **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing(address, open_page, width, scheme):
    page, found = open_page(width, scheme), []
    for name, path in PAGES.items():
        page.goto(address + path)
        for violation in Axe().run(page).response["violations"]:
            found.append((name, violation["id"], [node["html"][:120] for node in violation["nodes"]]))
    assert not found


def test_nothing_scrolls_sideways(address, open_page):
    page = open_page()
    for name, path in PAGES.items():
        page.goto(address + path)
        for width in (320, 360, 390, 820, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


SHOWN = """\
---
title: What it looks at and what it wrote
date: 2026-11-22
---
```{curve} labyrinth
:bars: baseline_walk, solved_large, solved_loops
```

```{picture} labyrinth
:file: attention.svg
:alt: Who looks at whom
It looks *back*.
```

```{picture} labyrinth
:file: tent.png
:alt: A tent
```

```{samples} labyrinth
:language: en
```
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_what_a_run_drew_and_wrote_fits_and_can_be_read(diary, shown, tmp_path, serve_folder, open_page, scheme, width):
    (diary / "posts" / "shown.md").write_text(SHOWN)
    build(diary, tmp_path / "www" / "notebook", search=False, report=lambda line: None)
    page, faults = open_page(width, scheme), []
    page.on("dialog", lambda dialog: faults.append("dialog"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(serve_folder(tmp_path / "www") + "notebook/posts/shown/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = page.locator(".drawing").evaluate_all("found => found.map(node => node.scrollWidth > node.clientWidth)")
    assert inner == [width < 1280] * 2
    assert page.locator(".bars i").first.is_visible() == (width == 1280) != page.locator(".for-bars").is_visible()
    page.locator(".curve summary").click()
    assert not [found["id"] for found in Axe().run(page).response["violations"]] and not faults


def test_targets_are_large_enough_on_a_phone(address, open_page):
    page = open_page(360)
    targets = "button, .button, nav a, .tools a, .mark, summary, .tags a, input[type=search], .end a"
    small = f"""[...document.querySelectorAll('{targets}')].filter((node) => {{
        const box = node.getBoundingClientRect();
        return box.width && box.height < 43.5;
    }}).map((node) => node.outerHTML)"""
    for name, path in PAGES.items():
        page.goto(address + path)
        assert page.evaluate(small) == [], name


def test_nothing_of_the_model_loads_before_it_is_asked_for(address, open_page):
    page, asked, faults = open_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + "es/posts/mazes/", wait_until="networkidle")
    assert not [url for url in asked if "/web/" in url or "/export/" in url or "pagefind" in url]
    page.get_by_role("button", name="Empezar").press("Enter")
    page.get_by_text("alive in es").wait_for()
    assert any(url.endswith("/export/model.json") for url in asked)
    assert not faults and all(url.startswith(address) for url in asked)
    assert page.get_by_role("button", name="Empezar").count() == 0


def test_a_model_that_cannot_load_says_so_and_may_be_tried_again(address, open_page):
    page = open_page()
    page.route("**/export/model.json", lambda route: route.abort())
    page.goto(address + "posts/mazes/")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("could not be loaded").wait_for()
    assert page.locator(".stage svg").count() == 1
    page.unroute("**/export/model.json")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("alive in en").wait_for()
    assert page.get_by_text("nothing is sent").count() == 1


def test_the_page_is_whole_without_script(address, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(address + "posts/mazes/")
    assert page.locator(".stage svg").is_visible() and not page.get_by_role("button", name="Start").is_visible()
    assert page.get_by_role("img", name="Loss against step").or_(page.locator(".curve svg")).first.is_visible()


@pytest.mark.parametrize(
    ("path", "word", "expected"), [("archive/", "corridor", "A network"), ("es/archive/", "pérdida", "Qué mide")]
)
def test_the_search_finds_words_in_each_language(address, open_page, path, word, expected):
    page = open_page()
    page.goto(address + path)
    page.get_by_role("searchbox").focus()
    page.get_by_role("searchbox").fill(word)
    page.locator("#matches a").first.wait_for()
    assert expected in page.locator("#matches").inner_text()
    with page.expect_navigation():
        page.locator("#matches a").first.click()
    assert "/notebook/" in page.url and page.locator("h1").count() == 1


def test_a_number_explains_itself_to_the_keyboard(address, open_page):
    page = open_page()
    page.goto(address + "posts/mazes/")
    note = page.locator(".stamp").first
    assert not note.is_visible()
    page.locator(".num > a").first.focus()
    assert note.is_visible() and "n = 200" in note.inner_text()


def test_the_first_stop_of_the_keyboard_skips_the_menu(address, open_page):
    page = open_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"


def test_nothing_moves_while_a_page_loads(address, open_page):
    page = open_page(390)
    page.add_init_script(
        "window.shift = 0;"
        "new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    for path in PAGES.values():
        page.goto(address + path, wait_until="networkidle")
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(150)
        assert page.evaluate("window.shift") < 0.01, path
