"""What many tests share: a real browser, a loopback server, runs made without training."""

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cuaderno.lab.device import calm_threads
from cuaderno.lab.files import alone

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is looked up on the hub, in no process
# The workers share the cores, so a second thread of a small model mostly waits, which costs too: `bench/threads.py`.
os.environ.setdefault("OMP_NUM_THREADS", "1")
calm_threads()
# The shell is Chromium without windows of its own; theirs cost five times what a small page does, also unseen.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
BROWSERS = (*SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
]
LOCAL = ("http://127.0.0.1:", "data:", "blob:")
MOUNT_WIDGET = """
window.mountWidget = async (options) => {
  const { mount } = await import(new URL("widget.js", location).href);
  const place = document.body.appendChild(document.createElement("div"));
  window.answers ??= [];
  place.addEventListener("answer", (event) => window.answers.push(event.detail));
  (window.cleanups ??= []).push(mount(place, { artifact: "./", lang: "en", ...options }));
};
"""
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


@pytest.fixture(scope="session")
def chromium_with(chromium) -> Iterator[Callable]:
    """`chromium_with(*flags)` starts one more browser, for what is decided at the start: a camera that films a file."""
    browsers = []

    def launch(*flags: str):
        browsers.append(chromium.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, *flags]))
        return browsers[-1]

    yield launch
    for browser in browsers:
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
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def open_page(chromium) -> Iterator[Callable]:
    """`open_page(address, **context)` gives a page; at the end nothing may have gone wrong or left this machine.

    `browser` is another than the usual one. On a page, `mountWidget(options)` puts the widget.js beside it into it and
    keeps its cleanups and its answers.
    """
    troubles, contexts = [], []

    def open_(address: str, browser=chromium, **options):
        context = browser.new_context(**options)
        context.add_init_script(MOUNT_WIDGET)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(LOCAL) else troubles.append(request.url))
        page.goto(address)
        return page

    open_.troubles = troubles  # a test that makes trouble on purpose empties it again
    yield open_
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture(scope="session")
def live_page() -> str:
    """The page that `cuaderno export -o` writes beside a study's widget."""
    from cuaderno.scaffold import live_page

    return live_page({"en": "A model", "es": "Un modelo"}, "A model that runs in your browser.")


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


@pytest.fixture(scope="session")
def once(request, tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """`once(name, make)` is a folder that `make(folder)` has filled: for all workers of pytest, by the first to ask."""
    top = tmp_path_factory.getbasetemp()
    shared = (top.parent if hasattr(request.config, "workerinput") else top) / "once"

    def get(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with alone(shared / f"{name}.lock", patience=900):
            if not done.is_file():
                shutil.rmtree(folder, ignore_errors=True)  # of one who failed
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return get


# -- processes of their own --------------------------------------------------------------------------------------------

# What torchrun starts twice: for each program a process of its own, and a port where the two meet.
TOGETHER = """
import os, runpy, sys
import torch, torch._dynamo  # which every optimizer of torch asks for
from cuaderno import studies

for name in sys.argv[2:]:
    if name in studies.names():  # a program that trains a study finds it imported
        studies.load(name, "train")
for number, program in enumerate(sys.argv[2:]):
    mine = f"{program}-{os.environ['RANK']}"
    if os.fork() == 0:
        for stream, ending in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(mine + ending, os.O_WRONLY | os.O_CREAT), stream)
        os.environ |= {"MASTER_PORT": sys.argv[1].split(",")[number], "TORCHELASTIC_USE_AGENT_STORE": "False"}
        runpy.run_path(program, run_name="__main__")
        sys.exit()
    code = os.waitstatus_to_exitcode(os.wait()[1])
    with open(mine + ".code", "w") as file:
        file.write(str(code))
"""


@pytest.fixture(scope="session")
def torchrun() -> Callable[[Path, dict[str, str]], dict[str, str]]:
    """Run programs one after the other in two processes under torchrun, in a folder: what each main process printed.

    Starting torch takes longer than they do, so it is started once for all of them. One that fails has said "FAILED".
    """
    if not hasattr(os, "fork"):
        pytest.skip("needs a system that can fork")

    def run(folder: Path, programs: dict[str, str]) -> dict[str, str]:
        (folder / "together.py").write_text(TOGETHER)
        for name, code in programs.items():
            (folder / name).write_text(textwrap.dedent(code))
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        with contextlib.ExitStack() as probes:
            found = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in programs]
            ports = ",".join(str(probe.getsockname()[1]) for probe in found)
        command += ["together.py", ports, *programs]
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
        assert answer.returncode == 0, answer.stderr
        said = {}
        for name in programs:
            codes = [(folder / f"{name}-{rank}.code").read_text() for rank in (0, 1)]
            faults = [(folder / f"{name}-{rank}.err").read_text() for rank in (0, 1)]
            printed = (folder / f"{name}-0.out").read_text()
            said[name] = printed if codes == ["0", "0"] else "\n".join(["FAILED", *faults])
        return said

    return run


# -- a server of models -----------------------------------------------------------------------------------------------


class ChatServer:
    """A stand-in for Gemini and for every OpenAI-compatible server, on loopback.

    Each question takes the next answer of `script`: a text, its pieces (any iterable, also one without end), a fault,
    `{"status": 429, "headers": {…}, "body": …}` (0: hangs up), or pieces that end otherwise,
    `{"pieces": […], "ends": "cut"}`; an ending is "stop", "length", "blocked", "cut", "none" or "hang".
    Without a script it says again what it was asked.
    """

    KEY = "sk-Loopback0123456789abcdefXYZ"

    def __init__(self, *script):
        self.script, self.requests = list(script), []  # of each request: path, headers, body
        self.hung_up, self.over = threading.Event(), threading.Event()
        handler = functools.partial(ChatHandler, self)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads, self.http.block_on_close = True, False
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def gemini(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    @property
    def openai(self) -> str:
        return f"{self.gemini}/v1"

    def says(self, *script) -> "ChatServer":
        self.script += script
        return self

    def write_env(self, folder: Path) -> Path:
        """A `.env` by which `gemini` and `openai` mean this server."""
        lines = [f"GEMINI_API_KEY={self.KEY}", f"GEMINI_BASE_URL={self.gemini}", f"OPENAI_API_KEY={self.KEY}"]
        lines += [f"OPENAI_BASE_URL={self.openai}", "OPENAI_MODEL=gpt-loopback", "GEMINI_MODEL=gemini-loopback"]
        (folder / ".env").write_text("\n".join(lines) + "\n")
        return folder

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.http.server_close()


class ChatHandler(QuietHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server, *arguments):
        self.chat = server
        super().__init__(*arguments)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.chat.requests.append({"path": self.path, "headers": self.lowered(), "body": body})
        as_gemini = ":streamGenerateContent" in self.path
        answer = self.chat.script.pop(0) if self.chat.script else f"re: {self.asked(body, as_gemini)}"
        try:
            if isinstance(answer, dict) and "status" in answer:
                self.refuse(**answer) if answer["status"] else None  # a status of 0 hangs up
            elif isinstance(answer, dict):
                self.answer(as_gemini, **answer)
            else:
                self.answer(as_gemini, answer.split(" ") if isinstance(answer, str) else answer)
        except OSError:
            self.chat.hung_up.set()
        self.close_connection = True

    def lowered(self) -> dict:
        return {name.lower(): value for name, value in self.headers.items()}

    @staticmethod
    def asked(body, as_gemini) -> str:
        return body["contents"][-1]["parts"][0]["text"] if as_gemini else body["messages"][-1]["content"]

    def refuse(self, status, body=b"", headers=(), kind="application/json") -> None:
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        said = {"content-type": kind, "content-length": str(len(data)), "connection": "close"}  # or it is used again
        for name, value in (said | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def answer(self, as_gemini, pieces, ends="stop", then="", kind="text/event-stream") -> None:
        self.send_response(200)
        for header in [("content-type", kind), ("transfer-encoding", "chunked"), ("connection", "close")]:
            self.send_header(*header)
        self.end_headers()
        spaced = " " if not isinstance(pieces, tuple) else ""  # a tuple of pieces is sent as it is
        for number, piece in enumerate(pieces):
            self.send(self.event(as_gemini, spaced * (number > 0) + piece) if isinstance(piece, str) else piece)
        if ends in ("stop", "length", "blocked"):
            self.send(self.event(as_gemini, "", ends))
            self.send(b"" if as_gemini else b"data: [DONE]\n\n")
        if ends == "hang":
            self.chat.over.wait(20)
        if "cut" not in (ends, then):
            self.wfile.write(b"0\r\n\r\n")

    def send(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    @staticmethod
    def event(as_gemini, text, ends="") -> bytes:
        if as_gemini:
            reasons = {"stop": "STOP", "length": "MAX_TOKENS", "blocked": "SAFETY"}
            one = {"content": {"role": "model", "parts": [{"text": text}] if text else []}, "index": 0}
            chunk = {
                "candidates": [one | ({"finishReason": reasons[ends]} if ends else {})],
                "modelVersion": "loopback",
            }
        else:
            reasons = {"stop": "stop", "length": "length", "blocked": "content_filter"}
            choice = {"index": 0, "delta": {"content": text or None}, "finish_reason": reasons.get(ends)}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return f"data: {json.dumps(chunk)}\n\n".encode()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """A server of models on loopback, to be scripted: `chat_server.says("Good day", {"status": 500})`."""
    server = ChatServer()
    yield server
    server.close()
