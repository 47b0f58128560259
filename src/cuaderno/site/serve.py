"""The diary on this computer: printed again on every change, and the page reloads itself. Loopback only unless told."""

import contextlib
import gzip
import html
import json
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.output import SWAP

PORT = 8000
EVENTS = "/_cuaderno/events"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jsonl": "application/jsonl; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
}
PACKED = (".html", ".css", ".js", ".mjs", ".json", ".jsonl", ".xml", ".txt", ".svg", ".wasm")
RELOAD = """<script>
new EventSource("%s").onmessage = ({ data }) => {
  const fault = JSON.parse(data);
  if (fault === null) return location.reload();
  const old = document.getElementById("fault");
  const box = Object.assign(document.createElement("pre"), { id: "fault", role: "alert", textContent: fault });
  box.style = "position:fixed;inset:auto 0 0 0;z-index:99;margin:0;padding:1rem 1.5rem;max-height:50vh;overflow:auto;" +
    "border:0;background:#7a1f22;color:#fff;font:14px/1.5 monospace;white-space:pre-wrap";
  old ? old.replaceWith(box) : document.body.append(box);
};
</script>"""


class State:
    """What the pages are told: a count of editions, and the fault that keeps the newest from being printed."""

    def __init__(self) -> None:
        self.edition = 0
        self.fault: str | None = None
        self.changed = threading.Condition()
        self.closing = False

    def tell(self, fault: str | None) -> None:
        with self.changed:
            self.edition, self.fault = self.edition + 1, fault
            self.changed.notify_all()

    def close(self) -> None:
        with self.changed:
            self.closing = True
            self.changed.notify_all()

    def next(self, seen: int) -> tuple[int, str | None]:
        """Wait until there is something newer than `seen`, at most a few seconds."""
        with self.changed:
            self.changed.wait_for(lambda: self.edition != seen or self.closing, timeout=10)
            return self.edition, self.fault


class Handler(BaseHTTPRequestHandler):
    """Serves files of one folder under the site's base path, and never anything outside it."""

    protocol_version = "HTTP/1.1"

    server: "_Server"

    def __init__(self, *arguments, folder: Path, base: str, state: State):
        self.folder, self.base, self.state = folder.resolve(), base, state
        super().__init__(*arguments)

    def log_message(self, *arguments) -> None:
        """Say nothing for each request."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if not self._is_for_us():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "This address does not belong to the diary's server")
            return
        path = unquote(urlsplit(self.path).path)
        with contextlib.suppress(ConnectionError):
            if self.server.comments and path.startswith(self.server.comments.below):
                self._comment(path)
            elif self.command not in ("GET", "HEAD"):
                self.send_error(HTTPStatus.NOT_IMPLEMENTED, f"Unsupported method ({self.command!r})")
            elif path == EVENTS:
                self._stream()
            elif self.base != "/" and not path.startswith(self.base):
                self._redirect(self.base)
            else:
                self._answer(path[len(self.base) :])

    def _comment(self, path: str) -> None:
        """Let the comments answer, over a connection that ends with the answer."""
        from wsgiref.handlers import SimpleHandler

        self.close_connection = True
        environ = {
            "REQUEST_METHOD": self.command, "PATH_INFO": path.encode().decode("latin-1"), "SCRIPT_NAME": "",
            "QUERY_STRING": urlsplit(self.path).query, "SERVER_PROTOCOL": self.request_version,
            "SERVER_NAME": "localhost", "SERVER_PORT": str(self.server.server_port),
            "REMOTE_ADDR": self.client_address[0], "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
        }  # fmt: skip
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        if self.headers.get("Transfer-Encoding"):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        handler = SimpleHandler(
            cast(IO[bytes], self.rfile), cast(IO[bytes], self.wfile), sys.stderr, environ, multithread=True
        )
        handler.os_environ = {}
        handler.run(self.server.comments)

    def _is_for_us(self) -> bool:
        """Whether the page was asked for by an address of this machine: a foreign name that leads here is a trap."""
        if not str(self.connection.getsockname()[0]).startswith("127."):
            return True  # the user opened the server to the network
        return self.headers.get("Host", "").rsplit(":", 1)[0].lower() in ("", "localhost", "127.0.0.1")

    def _answer(self, name: str) -> None:
        with SWAP:
            path = find_file(self.folder, name)
            content = path.read_bytes() if path and not path.is_dir() else b""
        if path and path.is_dir():
            self._redirect(urlsplit(self.path).path + "/")
        elif path:
            self._send(HTTPStatus.OK, content, path.suffix)
        else:
            self._lost()

    def _lost(self) -> None:
        with SWAP:
            page = self.folder / "404.html"
            content = (
                page.read_bytes() if page.is_file() else b"<!doctype html><title>404</title><body><h1>404</h1></body>"
            )
        if self.state.fault and not page.is_file():
            text = f"<!doctype html><title>Cuaderno</title><body><pre>{html.escape(self.state.fault)}</pre></body>"
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, text.encode(), ".html")
        else:
            self._send(HTTPStatus.NOT_FOUND, content, ".html")

    def _redirect(self, address: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", "/" + address.lstrip("/"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, content: bytes, suffix: str) -> None:
        if suffix == ".html":
            content = content.replace(b"</body>", (RELOAD % EVENTS).encode() + b"</body>")
        comments = self.server.comments
        rules = comments.rules(content if suffix == ".html" else b"") if comments else []
        packed = suffix in PACKED and "gzip" in self.headers.get("Accept-Encoding", "")
        content = gzip.compress(content, 5) if packed else content
        self.send_response(status)
        self.send_header("Content-Type", TYPES.get(suffix.lower(), "application/octet-stream"))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        for name, value in rules or [("X-Content-Type-Options", "nosniff")]:
            self.send_header(name, value)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _stream(self) -> None:
        """Tell the page of every new edition, as server-sent events."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        seen = self.state.edition
        if self.state.fault:
            self.wfile.write(f"data: {json.dumps(self.state.fault)}\n\n".encode())
        while not self.state.closing:
            edition, fault = self.state.next(seen)
            news = f"data: {json.dumps(fault)}\n\n" if edition != seen else ": still here\n\n"
            self.wfile.write(news.encode())
            self.wfile.flush()
            seen = edition


def find_file(folder: Path, name: str) -> Path | None:
    """The file of a resolved folder that a name means, or the folder below it that has a page; nothing outside it."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            return None
        if name.endswith("/") or not name:
            path = path / "index.html"
        return path if path.is_file() or (path / "index.html").is_file() else None
    except (OSError, ValueError):
        return None


def serve(
    diary_folder: Path,
    port: int | None = None,
    host: str = "127.0.0.1",
    drafts: bool = True,
    open_browser: bool = False,
    comments: bool = False,
) -> None:
    """Print the diary, serve it, and print it again whenever a file changes, until Ctrl-C.

    Raises:  CuadernoError when the folder is no diary, no port is free, or comments are asked for and cannot be had.
    """
    from cuaderno.diary.settings import read_settings

    folder = Path(diary_folder)
    settings = read_settings(folder)
    state, output = State(), folder / ".cache" / "preview"
    server = listen(output, settings.base, state, host, port)
    address = f"http://{host}:{server.server_port}{settings.base}"
    if comments:
        try:
            server.comments = _mounted(settings, folder, output, address)
        except CuadernoError:
            server.server_close()
            raise
    _rebuild(folder, output, drafts, state, search=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"The diary is at {address}  (Ctrl-C ends)", flush=True)
    if open_browser:
        import webbrowser

        webbrowser.open(address)
    try:
        for _ in _changes(folder, settings.comments.database if settings.comments else None):
            _rebuild(folder, output, drafts, state, search=False)
    except KeyboardInterrupt:
        pass
    finally:
        state.close()
        server.shutdown()
        server.server_close()


def listen(folder: Path, base: str, state: State, host: str, port: int | None) -> "_Server":
    """A server on the port that was asked for, or on a free one when that is taken.

    Raises:  CuadernoError when the host cannot be listened on.
    """
    handler = partial(Handler, folder=folder, base=base, state=state)
    for candidate in (port or PORT, 0):
        try:
            server = _Server((host, candidate), handler)
        except (OSError, OverflowError) as error:
            fault = error
            continue
        if port and server.server_port != port:
            print(f"Port {port} is taken; using {server.server_port}.", file=sys.stderr)
        return server
    raise CuadernoError(f"Cannot listen on {host}: {fault}. Leave out --host, or name an address of this computer.")


def _mounted(settings: Any, folder: Path, output: Path, home: str) -> Any:
    """The comments of the diary, to be asked through this server."""
    from cuaderno.site.comments.mount import Comments

    comments = Comments(settings, folder, output, home, (home.removesuffix(settings.base),))
    where = f"{home.removesuffix(settings.base)}{comments.below}admin/"
    print(f"Comments wait for you at {where}" if comments.has_desk else "Comments wait for you in: cuaderno comments")
    return comments


class _Server(ThreadingHTTPServer):
    comments: Any = None  # what answers below their address
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would share a port that is taken

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: they do it all the time."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def _rebuild(folder: Path, output: Path, drafts: bool, state: State, search: bool) -> None:
    """Print the diary; a fault goes to the terminal and to the open pages, and the old edition stays."""
    from cuaderno.site.build import build

    try:
        build(folder, output, drafts=drafts, search=search, report=lambda line: print(line, file=sys.stderr))
    except CuadernoError as error:
        print(f"\n{error}\n", file=sys.stderr)
        state.tell(str(error))
    else:
        state.tell(None)


def _changes(folder: Path, database: str | None = None) -> Iterator[object]:
    """Wait for changes of the diary or of a study's card and web files; what readers write is none."""
    from watchfiles import DefaultFilter, watch

    from cuaderno import studies

    roots, usual = [folder.resolve(), studies.HERE.resolve()], DefaultFilter()
    stored = str((folder / database).resolve()) if database else None  # SQLite's journal lies beside it

    def written_by_hand(change, path: str) -> bool:
        root = next((root for root in roots if Path(path).is_relative_to(root)), None)
        first = Path(path).relative_to(root).parts[:1] if root else ()
        generated = first and first[0].lstrip(".").startswith(("cache", "_site"))
        return usual(change, path) and not generated and not (stored and path.startswith(stored))

    yield from watch(*roots, watch_filter=written_by_hand, debounce=200, step=50, raise_interrupt=True)
