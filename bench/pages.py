"""How long the models of the pages think: milliseconds in a real browser, warm, for everything that a study answers.

    python bench/pages.py [--diary diary] [--rounds 15] [--study vision]

Of each study with a kept run, the newest one's `web/model.js` and export are loaded in headless Chromium, which may use
one core only where the system can say so (Linux). The inputs are those that the run's `parity.json` compares with
Python's answers. Each is answered four times uncounted, then `--rounds` times. The table has the median
and the 95th percentile over all inputs of a kind, of two times: for how long the page's thread had the core, which is
what a reader with an idle computer of this kind waits, and what the clock said, which is longer the busier the machine.
Writes bench/results/pages.md; with `--study` only that study's rows in it, and below the table how they were measured.
"""

import argparse
import functools
import json
import os
import shlex
import shutil
import statistics
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cuaderno import studies
from cuaderno.lab.device import processor
from cuaderno.lab.export import copy_web
from cuaderno.lab.files import write_atomic
from cuaderno.lab.records import kept
from cuaderno.lab.run import Run

TOP = Path(__file__).parents[1]
RESULTS = TOP / "bench" / "results" / "pages.md"
TITLE = "# The models of the pages: milliseconds in the browser"
TABLE = (
    "| study | run | what | inputs | CPU ms, median | 95 % | on the clock, median | 95 % |",
    "|---|---|---|---|---|---|---|---|",
)
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOAD_THEM = """
async (inputs) => {
  const { load, predict } = await import("./model.js");
  const artifact = await load(async (name) => (await fetch(`export/${name}`)).arrayBuffer());
  window.answer = (i) => predict(artifact, inputs[i]);
  for (let round = 0; round < 3; round++) for (const i of inputs.keys()) answer(i);
  return inputs.map((_, i) => answer(i).tokens?.length ?? 0);
}
"""
ANSWER_OFTEN = """
([i, rounds]) => Array.from({ length: rounds }, () => {
  const began = performance.now();
  answer(i);
  return performance.now() - began;
})
"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


def kind_of(given: dict) -> str:
    """What an input is, in words."""
    if "size" in given:
        return f"a picture of {given['size']} x {given['size']}"
    if "pixels" in given:
        return "a picture of a line"
    if "grid" in given:
        return "a maze of up to 21 x 21, thought about until it settles" if len(given["grid"][0]) <= 21 else "a maze"
    if "prompt" in given:
        return "a token"
    if "texts" in given:
        return "a row of a table"
    return "a line of text" if len(given.get("text", "")) <= 240 else "a long text, read in pieces"


def measure(browser, run: Run, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each input of a run's parity file, by kind; of a text that is written on, for each token."""
    inputs = [case["input"] for case in json.loads((run.folder / "export" / "parity.json").read_text())["cases"]]
    with tempfile.TemporaryDirectory() as folder:
        site = copy_web(studies.folder(run.study) / "web", Path(folder) / "site")
        shutil.copytree(run.folder / "export", site / "export")
        (site / "blank.html").write_text("<!doctype html><title>t</title><link rel=icon href=data:,>")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/blank.html")
        tokens = page.evaluate(LOAD_THEM, inputs)
        times = [clocked(page, i, rounds) for i in range(len(inputs))]
        page.close()
        server.shutdown()
        server.server_close()
    kinds: dict[str, list[tuple[float, float]]] = {}
    for given, count, (worked, passed) in zip(inputs, tokens, times, strict=True):
        count = max(1, count + given.get("num_tokens", 0))
        kinds.setdefault(kind_of(given), []).append((worked / count, passed / count))
    return kinds


def clocked(page, i: int, rounds: int) -> tuple[float, float]:
    """Milliseconds of an answer: how long the page's thread had the core for it, and how long it took."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def worked() -> float:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return 1000 * metrics["ThreadTime"]

    before = worked()
    passed = page.evaluate(ANSWER_OFTEN, [i, rounds])
    result = (worked() - before) / rounds, statistics.median(passed)
    session.detach()
    return result


def newest(diary: Path, only: str | None = None) -> list[Run]:
    """The newest kept run of each study, or of one, whose export can be compared."""
    found = {run.study: run for run in sorted(kept(diary / "records"), key=lambda run: run.id)}
    return [found[name] for name in ([only] if only else studies.names()) if name in found and comparable(found[name])]


def comparable(run: Run) -> bool:
    return (run.folder / "export" / "parity.json").is_file()


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def browser_path() -> str:
    """An installed Chromium, or the one that CHROMIUM names; SystemExit when there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit("No Chromium found. Install one, or point CHROMIUM at it.")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diary", type=Path, default=TOP / "diary")
    parser.add_argument("--rounds", type=int, default=15, help="times that each input is answered")
    parser.add_argument("--study", choices=studies.names(), help="measure only this one; the rows of the others stay")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    path = browser_path()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # what is started from here stays on this core
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    rows: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        version = browser.version
        for run in newest(arguments.diary, arguments.study):
            for kind, times in measure(browser, run, arguments.rounds).items():
                columns = [list(column) for column in zip(*times, strict=True)]
                numbers = [f"{n:.2f}" for own in columns for n in (statistics.median(own), percentile(own, 0.95))]
                rows.append(f"| {run.study} | {run.id} | {kind} | {len(times)} | {' | '.join(numbers)} |")
                print(rows[-1], flush=True)
        browser.close()
    command = shlex.join(["python", "bench/pages.py", *sys.argv[1:]])
    cores = "one core" if hasattr(os, "sched_setaffinity") else "all cores"
    how = (
        f"`{command}` on {processor()}, {cores} for the browser and this program, Chromium {version}, warm. "
        f"Each input was answered {arguments.rounds} times. CPU time is what counts: other programs were running, load "
        f"average {busy:.1f} at the start, so the clock says more."
    )
    if arguments.study:
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else page(TITLE, [])
        write_atomic(RESULTS, with_rows_of(arguments.study, before, rows, how))
    else:
        write_atomic(RESULTS, page(f"{TITLE}\n\n{how}", rows))


def page(head: str, rows: list[str]) -> str:
    return "\n".join([head, "", *TABLE, *rows, ""])


def with_rows_of(study: str, before: str, rows: list[str], how: str) -> str:
    """The results with these rows instead of the study's old ones, and below the table how they were measured."""
    note = f"The rows of `{study}` alone: "
    lines = [line for line in before.splitlines() if not line.startswith((f"| {study} |", note))]
    end = max(number for number, line in enumerate(lines) if line.startswith("|")) + 1
    below = [line for line in lines[end:] if line]
    notes = [part for line in [*below, note + how] for part in ("", line)]
    return "\n".join([*lines[:end], *rows, *notes, ""])


if __name__ == "__main__":
    main()
