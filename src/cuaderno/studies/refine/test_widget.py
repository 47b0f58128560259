"""The widget in a real Chromium: it answers, shows the sentence as vectors, speaks two languages, keeps to itself."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cuaderno.lab.export import copy_web

pytestmark = pytest.mark.browser

WEB = Path(__file__).parent / "web"
READY = ".refine-widget[data-state=ready] .rf-token"
BLANK = "<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><body>"


@pytest.fixture(scope="module")
def exported(live_page, tmp_path_factory) -> Path:
    """A folder such as `cuaderno export` writes, with a tiny network in it."""
    from cuaderno.lab.run import Run
    from cuaderno.studies.refine.export import export
    from cuaderno.studies.refine.train import TINY, train

    folder = tmp_path_factory.mktemp("widget")
    run = Run.create("refine", replace(TINY, epochs=1), folder)
    train(run.config(type(TINY)), run)
    target = copy_web(WEB, folder / "site")
    export(run, target)
    (target / "blank.html").write_text(BLANK)
    (target / "index.html").write_text(live_page)
    (target / "pc").mkdir()
    elsewhere = {"format": 1, "runs": False, "task": "chat", "family": "llama", "examples": [["Who is there?"]]}
    (target / "pc" / "model.json").write_text(json.dumps(elsewhere))
    return target


@pytest.fixture
def site(serve_folder, exported) -> str:
    return serve_folder(exported)


@pytest.mark.parametrize("lang, words", [("en", "What the model says"), ("es", "Lo que dice el modelo")])
def test_it_answers_while_one_types_and_points_at_neighbours(site, open_page, lang, words):
    page = open_page(f"{site}index.html?lang={lang}", viewport={"width": 390, "height": 800})
    page.wait_for_selector(READY)
    assert words in page.inner_text(".refine-widget") and page.locator(".rf-bars li").count() == 2
    before = page.locator(".rf-token").count()
    page.fill("textarea", "The soup was lovely.")  # the sample fills the context
    page.wait_for_function("n => document.querySelectorAll('.rf-token').length !== n", arg=before)
    token = page.locator(".rf-token").nth(2)
    token.focus()
    assert token.get_attribute("aria-pressed") == "true" and "·" in page.inner_text(".rf-near")
    page.locator("input[type=radio]").nth(1).check()
    page.wait_for_selector(READY)
    page.wait_for_selector(".map-widget[data-drawn]")
    assert page.locator(".mp-strip").count() == 0, "the sentence as vectors stands above already"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out at 390 pixels"


def test_a_sample_is_taken_over_and_markup_stays_text(site, open_page):
    page = open_page(f"{site}index.html")
    page.wait_for_selector(READY)
    chip = page.locator(".rf-chip").nth(1)
    chip.click()
    assert page.input_value("textarea") == chip.inner_text()
    page.fill("textarea", "<img src=x onerror=alert(1)> [SEP] \u202e")
    page.wait_for_selector(READY)
    assert page.locator(".refine-widget img").count() == 0


def test_it_goes_without_a_trace_and_a_large_model_says_where_it_runs(site, open_page):
    page = open_page(f"{site}blank.html")
    page.evaluate("mountWidget", {"artifact": "./pc/", "lang": "es"})
    page.wait_for_selector(".refine-widget code")
    assert "Who is there?" in page.inner_text(".refine-widget") and "llama" in page.inner_text(".refine-widget")
    page.evaluate("cleanups.pop()()")
    assert page.locator(".refine-widget, body > div > *").count() == 0
    assert page.evaluate("document.adoptedStyleSheets.length") == 0
