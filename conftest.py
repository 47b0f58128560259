"""What many tests share: a real browser, a loopback server, runs made without training."""

import functools
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
]
HOW_TO_GET_ONE = (
    "No Chromium found. Install one (Debian, Ubuntu: `sudo apt-get install chromium`; macOS: `brew install chromium`; "
    "Windows: `winget install Chromium`), or point CHROMIUM at it."
)


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """A Playwright browser driving the installed Chromium; its absence fails in CI and is a reasoned skip elsewhere."""
    path = find_chromium()
    if path is None:
        pytest.fail(HOW_TO_GET_ONE) if os.environ.get("CI") else pytest.skip(HOW_TO_GET_ONE)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class QuietHandler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """Serve folders on loopback ports: `serve_folder(path)` gives the address, ending in a slash."""
    servers = []

    def serve(folder: Path) -> str:
        handler = functools.partial(QuietHandler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def make_run() -> Callable[..., Path]:
    """Write the folder of a finished run without training: `make_run(folder, id=…, metrics=…)`."""

    def make(folder: Path, id: str = "toy-20261121-101112-abcdef", **fields) -> Path:
        data = {
            "schema_version": 1,
            "id": id,
            "study": id.split("-")[0],
            "status": "finished",
            "created": "2026-11-21T10:11:12+00:00",
            "seed": 0,
            "command": "cuaderno train toy",
            "config": {"learning_rate": 0.1, "seed": 0},
            "effective": {"parameters": 2},
            "metrics": {"error": {"value": 0.25, "low": 0.2, "high": 0.3, "n": 100}},
            "steps": 3,
            "wall_seconds": 2.0,
            "cpu_seconds": 1.5,
            "peak_memory_bytes": 1 << 20,
            "git": {"commit": "0" * 40, "dirty": False},
            "versions": {"python": "3.11.0"},
            "processor": "a processor, 2 cores",
            "platform": "an operating system",
            "data": {},
        }
        target = folder / id
        (target / "checkpoint").mkdir(parents=True)
        (target / "export").mkdir()
        (target / "run.json").write_text(json.dumps(data | fields), encoding="utf-8")
        lines = [json.dumps({"step": step, "seconds": step * 0.5, "loss": 1 / step}) + "\n" for step in (1, 2, 3)]
        (target / "metrics.jsonl").write_text("".join(lines), encoding="utf-8")
        (target / "checkpoint" / "training.pt").write_bytes(b"only to resume")
        (target / "export" / "model.json").write_text("{}")
        (target / "export" / "parity.json").write_text('{"tolerance": 0, "cases": [{"input": 0, "output": 0}]}')
        return target

    return make
