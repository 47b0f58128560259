"""The workbench in a real browser, as `cuaderno workbench` serves it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cuaderno import studies
from cuaderno.lab import records
from cuaderno.lab.run import Run
from cuaderno.workbench.playing.inputs import read_play

pytest.importorskip("streamlit")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def start():
    """`start(folder)` runs the command and gives the process and its address."""
    running = []

    def run(folder, port=None):
        if port is None:
            with socket.socket() as probe:  # a port of our own: other tests start workbenches too
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        command = [sys.executable, "-m", "cuaderno", "workbench", "--no-open", "--diary", str(folder)]
        command += ["--port", str(port)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"}
        )
        running.append(process)
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + process.stderr.read()
        return process, found[0]

    yield run
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def open_page(chromium):
    contexts = []

    def open_page(address, width=1280, scheme="light", ready="textarea"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(address)
        page.locator(ready).first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def desk(start, make_diary, tmp_path_factory):
    """A diary at the desk: its folder and the address."""
    folder = make_diary(tmp_path_factory.mktemp("desk") / "diary")
    return folder, start(folder)[1]


def drafts(folder):
    return [path.read_text(encoding="utf-8") for path in (folder / ".cache" / "translate").glob("*.md")]


def wait_until(page, true):
    for _ in range(300):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it never came about: {typed(page.locator('textarea'))}")


def typed(areas):
    """What all of them hold, asked at once: for a moment there may be the one before, too."""
    return areas.evaluate_all("areas => areas.map(area => area.value)")


def shows(area, text=""):
    """Whether there is one place to type in, and it begins so."""
    found = typed(area)
    return len(found) == 1 and found[0].startswith(text)


def press(page, keys):
    """Press a shortcut of the page's: while a script runs, its buttons may not be listening yet."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.keyboard.press(keys)


def is_ready(area, text):
    """Whether it says just that, and has the focus."""
    focused = "areas => areas.map(area => [area.value, area.getRootNode().activeElement === area])"
    return area.evaluate_all(focused) == [[text, True]]


def test_it_is_pleasant_and_accessible_in_light_dark_and_narrow(desk, open_page):
    from axe_playwright_python.sync_playwright import Axe

    _, address = desk
    paper = {"light": "rgb(252, 251, 247)", "dark": "rgb(20, 22, 26)"}
    for scheme, width, lang in (("light", 1280, "en"), ("dark", 390, "es")):
        page = open_page(f"{address}/?post=mazes&lang={lang}", width, scheme)
        page.get_by_role("heading", level=1).wait_for()
        assert page.locator(".stApp").evaluate("app => getComputedStyle(app).backgroundColor") == paper[scheme]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        bar, title = page.get_by_test_id("stHeader").bounding_box(), page.locator("h1.page").bounding_box()
        assert width > 400 or title["y"] >= bar["y"] + bar["height"], "the title lies under the bar"
        for clutter in ("stAppDeployButton", "stMainMenu", "stDecoration"):
            assert not page.get_by_test_id(clutter).is_visible()
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
        found = Axe().run(page, context=".stMain", options=rules).response["violations"]
        assert not [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]
        assert {url.split("/")[2] for url in page.asked if "://" in url} == {address.split("/")[2]}, "it asked others"
        assert page.faults == []


def test_a_paragraph_by_keyboard(desk, open_page):
    """Go to the next, type, see it checked, save, be at the next again."""
    folder, address = desk
    page = open_page(f"{address}/?post=mazes&lang=en")
    area = page.locator("textarea[id]")
    wait_until(page, lambda: shows(area))
    assert area.get_attribute("lang") == "es" and page.get_by_label("Your translation, in Spanish").count()
    press(page, "Alt+n")
    wait_until(page, lambda: is_ready(area, "- "))
    page.keyboard.type("un muro 5")
    page.get_by_text("the code wall is missing").wait_for()
    page.get_by_text("Draft kept").wait_for()
    assert "- un muro 5" in drafts(folder)[0]
    page.keyboard.press("Control+a")
    page.keyboard.type("- un `wall`")
    page.keyboard.press("Control+Enter")  # at once, before any pause
    page.get_by_text("Paragraph 3 is saved.").wait_for()
    assert "- un `wall`\n" in (folder / "posts" / "mazes" / "es.md").read_text() and drafts(folder) == []
    page.get_by_text("3 of 4 paragraphs translated").wait_for()
    press(page, "Alt+n")
    wait_until(page, lambda: is_ready(area, ""))
    page.keyboard.type("Cada ejecución")
    page.get_by_text("Draft kept").wait_for()
    page.reload()
    wait_until(page, lambda: shows(area, "Cada ejecución"))
    assert page.faults == []


def test_another_program_writes_meanwhile(desk, open_page):
    folder, address = desk
    path = folder / "posts" / "mazes" / "es.md"
    page = open_page(f"{address}/?post=mazes&lang=en")
    page.get_by_text("1 The maze").click()
    area = page.locator("textarea[id]")
    wait_until(page, lambda: shows(area, "El laberinto"))
    area.fill("El mío tiene 1.000.")
    page.get_by_text("Draft kept").wait_for()
    path.write_text(path.read_text().replace("El laberinto", "El suyo"))
    page.keyboard.press("Control+Enter")
    page.get_by_text("Another program changed").wait_for()
    assert "El suyo" in path.read_text() and typed(area) == ["El mío tiene 1.000."]
    page.get_by_role("button", name="Take the file's").click()
    wait_until(page, lambda: shows(area, "El suyo"))
    assert any("El mío tiene 1.000." in text for text in drafts(folder))


def test_a_killed_workbench_loses_no_letter(start, folder, open_page):
    process, address = start(folder)
    page = open_page(f"{address}/?post=mazes&lang=en")
    area = page.locator("textarea[id]")
    wait_until(page, lambda: shows(area))
    area.fill("Cada ejecución")
    page.get_by_text("Draft kept").wait_for()
    process.kill()
    process.wait()
    area.press_sequentially(" es nueva.")
    page.get_by_text("The workbench does not answer").wait_for()
    process, again = start(folder, address.rsplit(":", 1)[1])
    assert again == address
    wait_until(page, lambda: any("Cada ejecución es nueva." in text for text in drafts(folder)))
    assert typed(area) == ["Cada ejecución es nueva."]

    process.send_signal(signal.SIGINT)  # with a page open
    begun = time.monotonic()
    assert process.wait(20) in (0, 130) and time.monotonic() - begun < 15
    assert "Traceback" not in process.stderr.read()


@pytest.fixture(scope="module")
def drawn_for():
    """A kept run of the project's own diary whose study takes a drawing on squares."""
    for run in records.kept(Path(__file__).parents[2] / "diary" / "records"):
        if any(take.kind == "drawing" and take.cells for take in read_play(run.study).takes):
            return run
    pytest.skip("no study that was kept takes a drawing")


@pytest.fixture(scope="module")
def bench(start, make_diary, tmp_path_factory, drawn_for):
    """A diary with a kept run, and its address."""
    folder = make_diary(tmp_path_factory.mktemp("bench") / "diary")
    shutil.copytree(drawn_for.folder, folder / "records" / drawn_for.id)
    return folder, start(folder)[1]


@pytest.mark.parametrize(
    ("name", "lang", "width", "scheme"),
    [
        ("train", "en", 1280, "light"),
        ("runs", "es", 390, "dark"),
        ("play", "en", 390, "light"),
        ("chat", "es", 1280, "dark"),
        ("data", "en", 390, "dark"),
        ("tune", "es", 390, "light"),
    ],
)
def test_the_pages_are_pleasant_and_accessible(bench, open_page, name, lang, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    address = bench[1]
    page = open_page(f"{address}/{name}?lang={lang}", width, scheme, ready="h1.page")
    page.locator(".stMain button").first.wait_for()
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
    found = Axe().run(page, context=".stMain", options=rules).response["violations"]
    assert not [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]
    assert {url.split("/")[2] for url in page.asked if "://" in url} == {address.split("/")[2]}, "it asked others"
    assert page.faults == []


def test_a_drawing_is_painted_and_answered(bench, open_page, drawn_for):
    page = open_page(f"{bench[1]}/play?study={drawn_for.study}&lang=en", ready="canvas")
    canvas, pixel = page.locator("canvas"), "canvas => canvas.getContext('2d').getImageData(24, 24, 1, 1).data[0]"
    assert canvas.evaluate(pixel) == 255
    canvas.focus()
    for key in ("ArrowRight", "ArrowDown", " "):
        page.keyboard.press(key)
    wait_until(page, lambda: canvas.evaluate(pixel) < 255)
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: canvas.evaluate(pixel) == 255)
    page.wait_for_timeout(1500)  # the drawing is sent when the hand rests, and the page is drawn anew
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("on this computer: nothing was sent.").wait_for(timeout=90_000)
    assert page.locator(".answer-drawing img").evaluate("image => image.naturalWidth") > 100 and page.faults == []


def test_a_file_is_examined_cleaned_and_handed_on(bench, open_page):
    from axe_playwright_python.sync_playwright import Axe

    folder, address = bench
    page = open_page(f"{address}/data?lang=en", ready="[data-testid=stFileUploader]")
    rows = "".join(f"a room with the number {number * 7919},good\n" for number in range(12))
    dropped = {"name": "rows.csv", "mimeType": "text/csv", "buffer": f"text,label\n maÃ±ana,bad\n{rows}".encode()}
    page.locator("input[type=file]").set_input_files(dropped)
    page.get_by_text("13 rows:").wait_for()
    page.get_by_role("button", name="Clean", exact=True).click()
    page.get_by_text("What was written").wait_for()
    [clean] = (folder.parent / "runs" / ".data").glob("*/rows.clean.csv")
    assert "mañana" in clean.read_text(encoding="utf-8")
    page.locator("[data-test-script-state=notRunning]").wait_for()  # until then Streamlit fades what may change yet
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
    found = Axe().run(page, context=".stMain", options=rules).response["violations"]
    assert not [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]
    page.get_by_role("link", name="Tune a model to it").click()
    page.get_by_role("heading", name="Refine", level=1).wait_for()
    page.get_by_text(str(clean)).first.wait_for()
    assert page.faults == []


def test_texts_become_a_map(start, folder, open_page):
    """With a run of seconds of a study that gives vectors."""
    able = [name for name in studies.names() if (studies.folder(name) / "embed.py").is_file()]
    pytest.importorskip("transformers") and pytest.importorskip("sklearn")
    if not able:
        pytest.skip("no study here gives vectors")
    command = [sys.executable, "-m", "cuaderno", "train", able[0], "--preset", "tiny", "--epochs", "1", "--no-evaluate"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    page = open_page(f"{start(folder)[1]}/embeddings?lang=en", ready="textarea")
    page.get_by_role("button", name="Turn into vectors").click()
    page.get_by_text("on this computer: nothing was sent.").wait_for(timeout=90_000)
    page.locator(".stMain canvas, .stMain .vega-embed svg").first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Draw it").click()
    page.locator(".drawing img").first.wait_for(timeout=60_000)
    widths = "drawn => drawn.map(image => image.naturalWidth > 100)"
    wait_until(page, lambda: page.locator(".drawing img").evaluate_all(widths) == [True])
    assert page.faults == []


def test_a_run_is_looked_at(bench, open_page, drawn_for):
    page = open_page(f"{bench[1]}/runs?lang=en", ready="h2.part")
    page.get_by_role("heading", name=drawn_for.id).wait_for()
    page.get_by_text("Logarithmic").click()
    widths = "curves => curves.map(image => image.naturalWidth > 0)"
    wait_until(page, lambda: page.locator(".curve img").evaluate_all(widths) == [True])


def count():
    for number in range(100_000):
        yield f"<{number}>"
        time.sleep(0.02)


def test_an_answer_is_stopped_and_stays_after_a_reload(bench, open_page, chat_server):
    folder, address = bench
    chat_server.write_env(folder)
    chat_server.says(count())
    page = open_page(f"{address}/chat?lang=en", ready="textarea:visible")
    page.get_by_text("It runs on this computer").wait_for()
    page.get_by_test_id("stChatInputTextArea").fill("Count!")
    page.keyboard.press("Enter")
    page.get_by_text("<9>").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop").wait_for(state="detached")
    assert chat_server.hung_up.wait(10)
    page.reload()
    page.get_by_text("<9>").wait_for()
    [kept] = (folder / "conversations").glob("*.jsonl")
    assert [one["role"] for one in json.loads(kept.read_text())["messages"]] == ["user", "assistant"]
    (folder / ".env").unlink()


def test_a_training_outlives_the_workbench_and_stops_when_asked(start, folder, open_page):
    """Started in one workbench, which is killed; stopped and taken up again in the next."""
    study = "gpt"  # its default trains for minutes
    process, address = start(folder)
    page = open_page(f"{address}/train?study={study}&lang=en", ready="h1.page")
    page.get_by_role("button", name="Start training").click()

    def runs():
        return [Run.open(path.parent) for path in (folder.parent / "runs").glob("*/run.json")]

    try:
        outlive(start, folder, page, process, study, runs, open_page)
    finally:
        for run in runs():
            if run.status == "running":
                os.kill(run.data["process"]["id"], signal.SIGKILL)


def outlive(start, folder, page, process, study, runs, open_page):
    wait_until(page, lambda: any("planned" in run.data for run in runs()))
    process.kill()
    process.wait()
    page = open_page(f"{start(folder)[1]}/train?study={study}&lang=en", ready="h1.page")
    [run] = runs()
    assert run.status == "running"
    page.get_by_text(run.id).wait_for()
    page.get_by_role("button", name="Stop and save").click()
    page.get_by_text("stopped and saved", exact=True).wait_for()
    assert runs()[0].status == "interrupted" and (run.folder / "checkpoint" / "training.pt").is_file()
    page.get_by_role("button", name="Go on").click()
    wait_until(page, lambda: runs()[0].status == "running")
    os.kill(runs()[0].data["process"]["id"], signal.SIGKILL)
    wait_until(page, lambda: runs()[0].status == "interrupted")
    page.get_by_text("stopped and saved", exact=True).wait_for()
