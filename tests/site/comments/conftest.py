"""A small bilingual diary with comments, printed once, and real servers of it on loopback."""

import json
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from cuaderno import studies
from cuaderno.site.build import build
from cuaderno.site.comments.store import Store
from cuaderno.site.wsgi import make

SETTINGS = """\
title = {{ en = "Margin notes", es = "Notas al margen" }}
url = "{url}"
{comments}
"""
COMMENTS = """
[comments]
kind = "isso"
proxies = ["127.0.0.1"]
"""
OPEN = COMMENTS + "moderation = false\nper_minute = 600\n"
PASSWORD = "the cat sat on it"
LONG = "\n\n".join(
    f"Paragraph {number}. " + "Each open square looks at its four neighbours. " * 12 for number in range(14)
)


def write(folder: Path, comments: str, url: str = "http://localhost:8000/notebook/") -> Path:
    """A diary of two posts, one of them in both languages."""
    (folder / "posts" / "mazes").mkdir(parents=True)
    (folder / "cuaderno.toml").write_text(SETTINGS.format(url=url, comments=comments), encoding="utf-8")
    (folder / ".env").write_text(f"ISSO_ADMIN_PASSWORD={PASSWORD}\n")
    head = "---\ntitle: {}\ndate: 2026-11-21\n---\n{}\n"
    (folder / "posts" / "mazes" / "en.md").write_text(head.format("Mazes & “more”", LONG), encoding="utf-8")
    (folder / "posts" / "mazes" / "es.md").write_text(head.format("Laberintos", LONG), encoding="utf-8")
    (folder / "posts" / "short.md").write_text(head.format("Short", "One line."), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def printed(tmp_path_factory) -> Callable[[str], Path]:
    """A folder with the printed diary for a [comments] table, printed once each."""
    known: dict[str, Path] = {}

    def print_once(comments: str) -> Path:
        if comments not in known:
            folder = write(tmp_path_factory.mktemp("printed") / "diary", comments)
            with pytest.MonkeyPatch.context() as patch:
                (folder.parent / "studies").mkdir()
                patch.setattr(studies, "HERE", folder.parent / "studies")
                build(folder, search=False, report=lambda line: None)
            known[comments] = folder
        return known[comments]

    return print_once


@pytest.fixture
def diary(printed, tmp_path) -> Callable[..., Path]:
    """A diary of one's own, already printed: `diary(comments)`."""

    def copy(comments: str = OPEN) -> Path:
        return Path(shutil.copytree(printed(comments), tmp_path / "diary"))

    return copy


@dataclass
class Site:
    """A diary behind a real server."""

    folder: Path
    address: str
    below: str = field(init=False)

    def __post_init__(self) -> None:
        self.below = self.address + "comments/"

    @property
    def store(self) -> Store:
        return Store(self.folder / "comments" / "comments.db")

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def post(self, text: str = "A comment.", thread: str = "posts/mazes/", headers: dict | None = None, **fields):
        """Post a comment; the status and what came back."""
        body = json.dumps({"text": text, "title": "Mazes", **fields}).encode()
        status, _, content = self.ask(
            f"comments/new?uri={thread}", "POST", body, **{"Content_Type": "application/json", **(headers or {})}
        )
        return status, json.loads(content) if status in (201, 202) else content

    def thread(self, thread: str = "posts/mazes/") -> list[dict]:
        """What readers are shown of a thread."""
        return json.loads(self.ask(f"comments/?uri={thread}")[2])["replies"]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def serve(diary) -> Iterator[Callable[..., Site]]:
    """Serve a diary as it is published: `serve(comments)`, behind the plainest of WSGI servers."""
    servers = []

    def start(comments: str = OPEN, folder: Path | None = None) -> Site:
        folder = folder or diary(comments)
        server = make_server("127.0.0.1", 0, make(folder), _Server, _Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return Site(folder, f"http://127.0.0.1:{server.server_port}/notebook/")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> object:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
