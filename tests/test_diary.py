"""The project's own diary, printed as it is: whole, light before a click, and its models answer as Python does."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cuaderno import studies
from cuaderno.diary.diary import Diary
from cuaderno.diary.progress import Progress
from cuaderno.lab.export import check_parity
from cuaderno.lab.records import kept
from cuaderno.site.build import build
from cuaderno.site.check import check

DIARY = Path(__file__).parents[1] / "diary"
MOST_ON_THE_WIRE = 60 << 10
RECORDS = kept(DIARY / "records")


@pytest.fixture(scope="module")
def site(once) -> Path:
    return once("site", lambda folder: build(DIARY, folder / "site", report=lambda _: None)) / "site"


def test_it_is_whole():
    assert "links lead somewhere" in check(DIARY)


def test_its_journey_is_the_seven_objectives_and_the_first_bet():
    diary = Diary.open(DIARY)
    progress = Progress(diary.journey, RECORDS, diary.posts)
    assert len(progress.standings) == 7 and progress.standing("mazes").marks["published"]
    bet = progress.bets[0]
    assert bet.bet.made.year == 2023 and (bet.verdict == "open") == (bet.run is None)


@pytest.mark.parametrize("run", RECORDS, ids=lambda run: run.id)
def test_every_kept_model_still_answers_as_python_did(run):
    """The JavaScript of today against the answers kept with the run."""
    assert check_parity(studies.folder(run.study) / "web", run.folder / "export")


@pytest.mark.parametrize("run", RECORDS, ids=lambda run: run.id)
def test_every_kept_model_can_be_exported_again(run, tmp_path):
    """The Python of today gives the answers kept with the run: nobody changed the model behind its back."""
    studies.load(run.study, "export").export(run, tmp_path)
    assert_same(*(json.loads((folder / "parity.json").read_text()) for folder in (tmp_path, run.folder / "export")))


def assert_same(now, kept) -> None:
    """Equal, numbers to four digits: another processor may round the last bits differently."""
    if isinstance(kept, float):
        assert now == pytest.approx(kept, abs=1e-4)
    elif isinstance(kept, dict):
        assert now.keys() == kept.keys()
        for key, value in kept.items():
            assert_same(now[key], value)
    elif isinstance(kept, list):
        assert len(now) == len(kept)
        for one, other in zip(now, kept, strict=True):
            assert_same(one, other)
    else:
        assert now == kept


@pytest.mark.browser
def test_a_page_is_light_before_a_click_and_live_after_it(site, serve_folder, chromium):
    address = serve_folder(site)
    pages = [path.parent for path in sorted(site.glob("posts/*/index.html")) if "data-artifact" in path.read_text()]
    assert pages, "at least one post has a live model"
    for folder in pages:
        page = chromium.new_page()
        loaded, errors = [], []
        page.on("response", lambda answer, loaded=loaded: loaded.append(answer))
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.goto(address + folder.relative_to(site).as_posix() + "/")
        page.wait_for_load_state("networkidle")
        assert sum(len(gzip.compress(answer.body())) for answer in loaded) <= MOST_ON_THE_WIRE
        assert all(answer.url.startswith(address) for answer in loaded)
        models = [answer.url for answer in loaded if "export" in answer.url and answer.request.resource_type != "image"]
        assert not models, "pictures that a run drew are shown, its model waits for the click"
        page.evaluate("addEventListener('answer', (event) => (window.answered = event.detail))")
        page.click("[data-start]")
        page.wait_for_selector(".widget.live")
        assert not errors
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["", "es/"])
def test_the_network_in_the_page_answers_as_python(site, serve_folder, chromium, tmp_path, language):
    """Press Start in the post, let it think, and give the very maze that it solved to `cuaderno predict`."""
    page = chromium.new_page(reduced_motion="reduce")
    page.goto(f"{serve_folder(site)}{language}posts/mazes-by-thinking-longer/")
    page.evaluate("addEventListener('answer', (event) => (window.answered = event.detail))")
    page.click("[data-start]")
    page.wait_for_function("window.answered", timeout=30_000)
    seen = page.evaluate("window.answered")
    page.close()
    (tmp_path / "seen.txt").write_text("\n".join(seen["maze"]))
    command = [sys.executable, "-m", "cuaderno", "predict", "maze", str(tmp_path / "seen.txt"), "--json"]
    answer = json.loads(subprocess.run(command, cwd=DIARY, capture_output=True, text=True, check=True).stdout)
    assert answer["path"] == seen["path"] and answer["length"] == seen["length"] > 10
    assert answer["settled"] and seen["settled"] and answer["steps"] == seen["steps"]
