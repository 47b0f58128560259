"""Behind the servers of docs/comments.md, as they are started there."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cuaderno.site.wsgi import make

from .conftest import COMMENTS, OPEN, Site, free_port, wait_for

DOCUMENT = Path(__file__).parents[3] / "docs" / "comments.md"
SERVERS = ("waitress", "gunicorn")


def command(server: str, port: int) -> list[str]:
    """The command line of the document, on another port."""
    line = next(
        line for line in DOCUMENT.read_text().splitlines() if line.startswith(f"{server}") and ":application" in line
    )
    name, *words = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", line).split()
    module = {"waitress-serve": "waitress", "gunicorn": "gunicorn"}[name]
    return [sys.executable, "-m", module, *words]


@pytest.fixture(params=SERVERS)
def published(request, diary):
    """A diary behind a server in a process of its own."""
    folder, port = diary(OPEN), free_port()
    process = subprocess.Popen(
        command(request.param, port), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"CUADERNO_DIARY": str(folder), "PYTHONWARNINGS": "default"}, text=True,
    )  # fmt: skip
    try:
        wait_for(lambda: listens(port) or process.poll() is not None)
        yield Site(folder, f"http://127.0.0.1:{port}/notebook/")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert "Traceback" not in said, said


def test_the_unit_and_the_image_start_what_the_document_starts():
    options = set(" ".join(command("waitress", 0)).split("waitress ")[1].split()) - {"--listen=127.0.0.1:0"}
    unit = (DOCUMENT.parent / "cuaderno.service").read_text()
    image = (DOCUMENT.parent / "Containerfile").read_text()
    assert all(option in unit and f'"{option}"' in image for option in options) and len(options) == 3
    assert ".env" not in "".join(line for line in image.splitlines() if line.startswith("COPY"))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.browser
def test_a_reader_writes_through_a_real_server(published, chromium):
    context = chromium.new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.200"})
    page = context.new_page()
    page.goto(published.address + "es/posts/mazes/")
    page.locator(".talk").scroll_into_view_if_needed()
    page.locator(".isso-textarea").fill("¿Y en hexágonos?")
    page.get_by_role("button", name="Enviar").click()
    page.locator(".news").filter(has_text="Gracias").wait_for()
    context.close()
    assert [one["text"] for one in published.thread()] == ["<p>¿Y en hexágonos?</p>"]
    assert published.store.get(1).remote_addr == "203.0.113.0", "the trusted proxy's word, without its last part"
    refuses_what_is_too_long(published)


def refuses_what_is_too_long(site: Site) -> None:
    port = int(site.address.split(":")[2].split("/")[0])
    head = f"POST /notebook/comments/new?uri=posts/mazes/ HTTP/1.1\r\nHost: localhost:{port}\r\n"
    head += "Content-Type: application/json\r\n"
    for announced in ("Content-Length: 1048576", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(f"{head}{announced}\r\n\r\n".encode())
            sent, chunk = 0, b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
            try:
                while announced.startswith("Transfer") and sent < 1 << 20:
                    wire.sendall(chunk)
                    sent += 0x2000
            except (ConnectionError, TimeoutError):
                pass  # it has closed its ears already
            try:
                answer = wire.recv(100)
            except ConnectionError:
                answer = b" 413 "
        assert b" 413 " in answer, announced
    assert site.post()[0] == 201


@pytest.mark.parametrize(("comments", "says"), [(None, "no cuaderno.toml"), (COMMENTS, "no printed site")])
def test_what_is_missing_is_said_at_the_start(tmp_path, comments, says):
    if comments:
        (tmp_path / "cuaderno.toml").write_text('title = "x"\n' + comments)
    code = "import cuaderno.site.wsgi as wsgi\ntry: wsgi.application\nexcept Exception as error: print(error)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"CUADERNO_DIARY": str(tmp_path)}
    )
    assert says in answer.stdout


def test_a_diary_without_comments_is_served_too(printed):
    folder = printed("")
    answers = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/notebook/", "HTTP_HOST": "localhost", "REMOTE_ADDR": "::1"}
    environ["wsgi.url_scheme"] = "http"
    content = b"".join(make(folder)(environ, lambda status, headers: answers.append(status)))
    assert answers == ["200 OK"] and b"<html" in content and not (folder / "comments").exists()
