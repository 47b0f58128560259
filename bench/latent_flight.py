"""What a frame costs while the page of the latent study flies over its map: CPU milliseconds of the page's thread.

    python bench/latent_flight.py [--run latent-…] [--seconds 10] [--widths 720 1200] [--ratios 1 2]

The widget flies by itself in headless Chromium without a graphics card, in a column of so many CSS pixels and on a
screen of so many pixels for each of them. Counted are the time for which the page's thread had the core, its JavaScript
by the clock, and the frames that came of it. Whoever shows 60 in a second has 16.7 ms for each. Putting the layers
together is another thread's work, and a graphics card's where there is one; here it takes frames away.
"""

import argparse
import functools
import shutil
import tempfile
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from cuaderno import studies
from cuaderno.lab.export import copy_web
from cuaderno.lab.records import kept
from pages import FLAGS, TOP, QuietHandler, browser_path

PAGE = """<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,>
<body style="margin: 0"><div id=widget style="width: {width}px"></div>
<script type=module>
import {{ mount }} from "./widget.js";
mount(document.getElementById("widget"), {{ artifact: "export/" }});
const count = () => {{ window.frames_shown = (window.frames_shown ?? 0) + 1; requestAnimationFrame(count); }};
count();
</script>"""
SETTLED_S = 2  # until the code is fast and the flight has begun


def flown(browser, address: str, ratio: float, seconds: float) -> tuple[float, float, float]:
    """Milliseconds of a frame, of the thread and of JavaScript, and frames in a second."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=ratio)
    page.goto(address)
    page.get_by_role("button", name="Stop").wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def counted() -> tuple[float, float, float, float]:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return metrics["ThreadTime"], metrics["ScriptDuration"], page.evaluate("frames_shown"), time.monotonic()

    time.sleep(SETTLED_S)
    before = counted()
    time.sleep(seconds)
    thread, script, frames, passed = (b - a for a, b in zip(before, counted(), strict=True))
    page.close()
    return 1000 * thread / frames, 1000 * script / frames, frames / passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="a kept run (default: the newest)")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--widths", type=int, nargs="+", default=[720, 1200])
    parser.add_argument("--ratios", type=float, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    runs = {
        run.id: run for run in sorted(kept(TOP / "diary" / "records"), key=lambda run: run.id) if run.study == "latent"
    }
    run = runs[arguments.run or list(runs)[-1]]
    path = browser_path()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = copy_web(studies.folder("latent") / "web", Path(folder) / "site")
        shutil.copytree(run.folder / "export", site / "export")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        print(
            "| column | pixels a CSS pixel | CPU ms a frame | JavaScript, by the clock | frames a second |",
            "|---|---|---|---|---|",
            sep="\n",
        )
        for width in arguments.widths:
            (site / f"{width}.html").write_text(PAGE.format(width=width))
            for ratio in arguments.ratios:
                address = f"http://127.0.0.1:{server.server_port}/{width}.html"
                thread, script, frames = flown(browser, address, ratio, arguments.seconds)
                print(f"| {width} | {ratio:g} | {thread:.2f} | {script:.2f} | {frames:.0f} |", flush=True)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
