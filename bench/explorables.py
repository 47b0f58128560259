"""How heavy the explorables are, and how soon and how smoothly they move: bytes, and milliseconds of the page's thread.

    python bench/explorables.py [--diary diary] [--rounds 5] [--part descent]

Each export of the study concepts that a post of the diary shows is opened in headless Chromium, in a fresh page each
time, on one core where the system can say so (Linux). The numbers are CPU milliseconds of the page's thread,
script, layout and paint together, as an idle computer of this kind would take; the clock says more on a busy machine.

start      from asking for widget.js to the first frame that shows the part, median of `--rounds`
a frame    while it plays; where nothing plays, while it is moved once a frame by key, slider or field, as in MOVES
a check    a frame, on average, while the answer to the slowest of its questions is checked
code, data at start, data later: bytes compressed by gzip; later is what only some of the controls ask for
Writes bench/results/explorables.md.
"""

import argparse
import functools
import gzip
import json
import os
import re
import shlex
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from cuaderno import studies
from cuaderno.lab.device import processor
from cuaderno.lab.export import copy_web
from cuaderno.lab.files import write_atomic
from cuaderno.lab.records import kept
from cuaderno.lab.run import Run
from cuaderno.site.runs import Records
from pages import FLAGS, TOP, QuietHandler, browser_path

RESULTS = TOP / "bench" / "results" / "explorables.md"
FRAMES = 90
TABLE = (
    "| part | run | code | data at start | data later | start, ms | a frame, ms | a check, ms |",
    "|---|---|---|---|---|---|---|---|",
)
START = """
async () => {
  const { mount } = await import("./widget.js"), place = document.querySelector("main");
  const ready = () => place.querySelector(".concepts-widget[data-state=ready]");
  const told = new Promise((done) => new MutationObserver((_, watch) => {
    if (ready()) done(watch.disconnect());
  }).observe(place, { subtree: true, attributes: true, attributeFilter: ["data-state"] }));
  mount(place, { artifact: "./", lang: "en" });
  await told;
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}
"""
PLAY = """
async (frames) => {
  document.querySelector(".cc-buttons button:not(.cc-quiet)").click();
  for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
  return frames;
}
"""
MOVE = """
async ([selector, frames]) => {
  const node = document.querySelector(selector), keys = ["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"];
  for (let i = 0; i < frames; i++) {
    if (node.type === "range") node.value = Number(node.min) + (i % 5) * (node.max - node.min) / 4;
    else if (node.value !== undefined) node.value = node.value.slice(0, -1) + "enaos"[i % 5];
    if (node.value === undefined) node.dispatchEvent(new KeyboardEvent("keydown", { key: keys[i % 4], bubbles: true }));
    else node.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return frames;
}
"""
CHECK = """
async (index) => {
  const form = document.querySelectorAll(".cc-question")[index], input = form.querySelector("input");
  if (input.type === "radio") input.checked = true;
  else input.value = "1";
  let told = false, frames = 1;
  addEventListener("checked", () => { told = true; }, { once: true });
  form.querySelector("button").click();
  for (; !told; frames++) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return frames;
}
"""
MOVES = {  # of the parts that do not play: what is moved
    "vectors": ".cc-handle",
    "dot": ".cc-handle",
    "latent": ".cc-handle",
    "attention": ".cc-field input[type=text]",
    "word2vec": ".cc-field input[type=text]",
    "garbage": ".cc-side input[type=range]",
}


@contextmanager
def served(run: Run) -> Iterator[str]:
    """The address of a page without anything, beside the widget and the export of a run."""
    with tempfile.TemporaryDirectory() as folder:
        site = copy_web(studies.folder(run.study) / "web", Path(folder) / "site")
        for path in (run.folder / "export").iterdir():
            shutil.copy(path, site / path.name)
        (site / "blank.html").write_text("<!doctype html><title>t</title><link rel=icon href=data:,><main></main>")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/blank.html"
        server.shutdown()
        server.server_close()


class Watched:
    """A fresh page, 900 wide, and how long its thread has had the core."""

    def __init__(self, browser, address: str):
        self.page = browser.new_page(viewport={"width": 900, "height": 900})
        self.page.goto(address)
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable")

    def cpu(self, script: str, *given) -> float:
        """Milliseconds that a script keeps the thread, with all that the page does for it; of a frame if it counts."""
        before = self._worked()
        frames = self.page.evaluate(script, *given)
        return (self._worked() - before) / (frames or 1)

    def _worked(self) -> float:
        found = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        return 1000 * found["ThreadTime"]


def measure(browser, run: Run, part: str, rounds: int) -> list[float]:
    """Milliseconds: to start, for a frame, for a frame of the slowest check."""
    with served(run) as address:
        starts = []
        for _ in range(rounds):
            watched = Watched(browser, address)
            starts.append(watched.cpu(START))
            if len(starts) < rounds:
                watched.page.close()
        page = watched.page
        script, given = (MOVE, [MOVES[part], FRAMES]) if part in MOVES else (PLAY, FRAMES)
        frame = watched.cpu(script, given)
        check = max(watched.cpu(CHECK, index) for index in range(page.locator(".cc-question").count()))
        page.close()
    return [statistics.median(starts), frame, check]


def weights(records: Records, run: Run) -> list[int]:
    """Bytes on the wire: code, what is needed at the start, what is asked for later."""
    cited = next(one for one in records.all if one.id == run.id)
    about = json.loads((run.folder / "export" / "model.json").read_text())
    later = sum(len(gzip.compress((run.folder / "export" / name).read_bytes(), 6)) for name in about.get("later", []))
    return [cited.widget_bytes - (cited.export_bytes - later), cited.export_bytes - later, later]


def shown(diary: Path, only: str | None) -> dict[Run, str]:
    """The kept runs that a widget in a post shows, with their parts."""
    posts = [path.read_text(encoding="utf-8") for path in (diary / "posts").glob("*/en.md")]
    names = {found for text in posts for found in re.findall(r"^```{widget} (\w+)", text, re.M)}
    ids = {found for text in posts for name in names for found in re.findall(rf"^  {name}: (concepts-\S+)", text, re.M)}
    found = {
        run: json.loads((run.folder / "export" / "model.json").read_text())["part"]
        for run in kept(diary / "records")
        if run.id in ids
    }
    return {
        run: part for run, part in sorted(found.items(), key=lambda one: (one[1], one[0].id)) if only in (None, part)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diary", type=Path, default=TOP / "diary")
    parser.add_argument("--rounds", type=int, default=5, help="times that each part is started")
    parser.add_argument("--part", help="measure only this one, and write nothing")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    path = browser_path()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # what is started from here stays on this core
    rows, records = [], Records(arguments.diary / "records")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        version = browser.version
        for run, part in shown(arguments.diary, arguments.part).items():
            sizes = [f"{size / 1000:.1f} KB" if size else "–" for size in weights(records, run)]
            times = [f"{time:.1f}" for time in measure(browser, run, part, arguments.rounds)]
            rows.append(f"| {' | '.join([part, run.id, *sizes, *times])} |")
            print(rows[-1], flush=True)
        browser.close()
    if arguments.part:
        return
    command = shlex.join(["python", "bench/explorables.py", *sys.argv[1:]])
    head = "# The explorables: bytes, and CPU milliseconds of the page's thread"
    how = (
        f"`{command}` on {processor()}, one core for the browser and this program, Chromium {version}, pages 900 wide. "
        f"Starts are medians of {arguments.rounds} fresh pages, frames means of {FRAMES}. Bounds: 100 ms from "
        "the click, 16 ms a frame."
    )
    write_atomic(RESULTS, "\n".join([head, "", how, "", *TABLE, *rows, ""]))


if __name__ == "__main__":
    main()
