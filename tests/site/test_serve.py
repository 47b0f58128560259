import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from cuaderno.site.serve import State, listen

SERVE = """
import sys
from pathlib import Path
from cuaderno import studies
studies.HERE = Path(sys.argv[2])
from cuaderno.site.serve import serve
serve(Path(sys.argv[1]))
"""


@pytest.fixture
def served(tmp_path):
    """A folder behind our server: `(port, state)`."""
    folder = tmp_path / "site"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "index.html").write_text("<body>page</body>")
    (folder / "404.html").write_text("<body>lost</body>")
    for name in ("x.mjs", "x.wasm", "x.js", "x.svg", "x.bin", "ñ.txt"):
        (folder / name).write_text("content")
    (tmp_path / "secret.txt").write_text("secret")
    state = State()
    server = listen(folder, "/base/", state, "127.0.0.1", None)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port, state
    state.close()
    server.shutdown()
    server.server_close()


def get(port: int, path: str, **headers) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.mjs", "text/javascript"), ("x.js", "text/javascript"), ("x.wasm", "application/wasm"),
        ("x.svg", "image/svg+xml"), ("x.bin", "application/octet-stream"), ("%C3%B1.txt", "text/plain"),
    ],
)  # fmt: skip
def test_files_have_their_types(served, name, kind):
    status, headers, content = get(served[0], f"/base/{name}")
    assert (status, content) == (200, b"content") and headers["Content-Type"].startswith(kind)


def test_pages_folders_and_what_is_not_there(served):
    port, _ = served
    assert get(port, "/base/a/?x=1")[0] == 200
    assert get(port, "/base/a")[1]["Location"] == "/base/a/"
    assert get(port, "/")[1]["Location"] == "/base/"
    status, _, content = get(port, "/base/none/")
    assert status == 404 and b"lost" in content


@pytest.mark.parametrize(
    "path",
    [
        "/base/../secret.txt",
        "/base/%2e%2e/secret.txt",
        "/base/..%2fsecret.txt",
        "/base//etc/passwd",
        "/base/%00",
        "/base/a/../../secret.txt",
    ],
)
def test_nothing_outside_the_folder_is_served(served, path):
    status, _, content = get(served[0], path)
    assert status == 404 and b"secret" not in content and b"root" not in content


def test_a_redirect_stays_on_this_host(served):
    status, headers, _ = get(served[0], "//evil.example/..")
    assert status == 302 and headers["Location"] == "/base/"


def test_text_travels_compressed(served):
    import gzip

    _, headers, content = get(served[0], "/base/a/", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip" and b"EventSource" in gzip.decompress(content)


def test_the_page_hears_of_editions_and_faults(served):
    port, state = served
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/_cuaderno/events")
    answer = connection.getresponse()
    state.tell("posts/x.md:3: <fault>")
    assert json.loads(answer.readline().removeprefix(b"data: ")) == "posts/x.md:3: <fault>"
    answer.readline()
    state.tell(None)
    assert answer.readline() == b"data: null\n"
    connection.close()


def test_a_taken_port_gives_a_free_one(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = listen(tmp_path, "/", State(), "127.0.0.1", port)
        assert server.server_port != port
        server.server_close()
    assert f"Port {port} is taken" in capsys.readouterr().err


def test_only_this_computer_can_ask(served):
    with socket.socket() as probe:
        probe.connect(("127.0.0.1", served[0]))
    from cuaderno.site.serve import serve

    assert serve.__defaults__[1] == "127.0.0.1"


@pytest.mark.slow
def test_a_change_is_printed_and_a_fault_keeps_the_old_page(diary, study):
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", SERVE, str(diary), str(study.parent)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        address = next(word for word in process.stdout.readline().split() if word.startswith("http"))
        post = diary / "posts" / "hello.md"
        assert "Hello, dear readers" in read(address + "posts/hello/")
        time.sleep(0.5)  # the watcher starts after the first edition
        write(post, post.read_text(encoding="utf-8").replace("dear readers", "dear world"))
        wait_for(lambda: "dear world" in read(address + "posts/hello/"))
        write(post, "---\ntitle: a: b\n---\n")
        time.sleep(1)
        assert "dear world" in read(address + "posts/hello/")
        write(post, "---\ntitle: Back\ndate: 2023-05-19\n---\nhere again\n")
        wait_for(lambda: "here again" in read(address + "posts/hello/"))
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert "hello.md:2" in said


def write(path, text):
    path.write_text(text, encoding="utf-8")


def read(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


def wait_for(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def test_a_foreign_name_that_leads_here_gets_nothing(served):
    """DNS rebinding: a page elsewhere must not read drafts through a name that resolves to this machine."""
    assert get(served[0], "/base/a/", Host="evil.example")[0] == 421
    assert get(served[0], "/base/a/", Host=f"localhost:{served[0]}")[0] == 200


def test_clients_that_hang_up_leave_no_traceback(served, capsys):
    port, state = served
    for said in (b"", b"GET /base/a/ HT", b"GET /base/a/ HTTP/1.1\r\n\r\n", b"GET /_cuaderno/events HTTP/1.1\r\n\r\n"):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", port)) as wire:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
                wire.sendall(said)
                time.sleep(0.01)
    state.tell(None)
    time.sleep(0.2)
    assert get(port, "/base/a/")[0] == 200
    assert capsys.readouterr().err == ""


def test_what_we_did_wrong_is_still_told(tmp_path, capsys):
    server = listen(tmp_path, "/", State(), "127.0.0.1", None)
    try:
        raise ValueError("our own")
    except ValueError:
        server.handle_error(None, ("127.0.0.1", 1))
    server.server_close()
    assert "our own" in capsys.readouterr().err
