"""The printed site as a WSGI application, and what it lets a browser do."""

import gzip
import shutil
import threading
import time
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from cuaderno.diary.comments import Comments
from cuaderno.diary.settings import Settings
from cuaderno.site.build import build
from cuaderno.site.policy import policy
from cuaderno.site.published import Published
from cuaderno.site.wsgi import make

WORDS = {"en": "Notes", "es": "Notas"}


def settings(comments=None):
    return Settings(WORDS, WORDS, WORDS, url="https://ada.example/notebook/", comments=comments)


@pytest.fixture
def site(tmp_path) -> Path:
    folder = tmp_path / "_site"
    (folder / "a").mkdir(parents=True)
    (folder / "static").mkdir()
    (folder / "a" / "index.html").write_text("<body>" + "page " * 300 + "</body>")
    (folder / "index.html").write_text("<body>home</body>")
    (folder / "404.html").write_text("<body>lost</body>")
    (folder / "static" / "x.css").write_text("a{}")
    (folder / ".cuaderno-site").touch()
    (folder / "ñ.txt").write_text("content")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def ask(site: Path, path: str, method: str = "GET", query: str = "", **headers) -> tuple[str, dict, bytes]:
    answer = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query, **headers}
    content = Published(settings(), site)(environ, lambda status, found: answer.append((status, dict(found))))
    return *answer[0], b"".join(content)


def test_pages_folders_and_what_is_not_there(site):
    assert b"page" in ask(site, "/notebook/a/")[2] and ask(site, "/notebook/ñ.txt")[2] == b"content"
    assert ask(site, "/notebook/a")[1]["Location"] == "/notebook/a/"
    assert ask(site, "/")[1]["Location"] == "/notebook/"
    status, _, content = ask(site, "/notebook/none/")
    assert status == "404 Not Found" and b"lost" in content


@pytest.mark.parametrize(
    "path",
    [
        "/notebook/../secret.txt",
        "/notebook//etc/passwd",
        "/notebook/\0",
        "/notebook/.cuaderno-site",
        "/notebook/a/../../secret.txt",
    ],
)
def test_nothing_outside_the_folder_is_served(site, path):
    status, _, content = ask(site, path)
    assert status == "404 Not Found" and b"secret" not in content and b"root" not in content


def test_a_redirect_stays_on_this_host(site):
    assert ask(site, "//evil.example/..")[1]["Location"] == "/notebook/"
    (site.parent / "root").mkdir()
    (site / "evil.example").mkdir()
    (site / "evil.example" / "index.html").touch()
    assert ask(site, "/notebook//evil.example")[1].get("Location", "/notebook/").startswith("/notebook/")


def test_only_reading(site):
    assert ask(site, "/notebook/", "POST")[0].startswith("405") and ask(site, "/notebook/", "HEAD")[2] == b""


def test_text_travels_packed_and_unchanged_pages_not_at_all(site):
    _, headers, content = ask(site, "/notebook/a/", HTTP_ACCEPT_ENCODING="br, gzip")
    assert gzip.decompress(content).startswith(b"<body>page") and headers["Vary"] == "Accept-Encoding"
    status, _, content = ask(site, "/notebook/a/", HTTP_IF_NONE_MATCH=headers["ETag"])
    assert (status, content) == ("304 Not Modified", b"")
    assert "immutable" in ask(site, "/notebook/static/x.css", query="v=1")[1]["Cache-Control"]
    assert ask(site, "/notebook/static/x.css")[1]["Cache-Control"] == "no-cache"


def test_between_two_editions_a_reader_waits(site):
    site.rename(site.with_name("old"))

    def later():
        time.sleep(0.2)
        site.with_name("old").rename(site)

    threading.Thread(target=later).start()
    assert ask(site, "/notebook/a/")[0] == "200 OK"
    shutil.rmtree(site)


def rules(text: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (rule.split() for rule in text.split("; "))}


def test_no_script_but_our_own_runs():
    found = rules(policy(settings()))
    assert found["script-src"] == ["'self'", "'wasm-unsafe-eval'"] and found["default-src"] == ["'self'"]
    assert found["object-src"] == ["'none'"] and found["base-uri"] == ["'none'"]


def test_what_the_author_wrote_into_a_page_runs_by_its_hash():
    html = b"<p><script>alert(1)</script><script type=module src='x.js'></script><SCRIPT async>\n2\n</SCRIPT >"
    found = rules(policy(settings(), html))["script-src"]
    assert [source[:7] for source in found[2:]] == ["'sha256", "'sha256"]
    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in found


def test_other_hosts_are_allowed_only_where_comments_come_from_them():
    giscus = rules(policy(settings(Comments("giscus"))))
    assert "https://giscus.app" in giscus["script-src"] and "https://giscus.app" in giscus["style-src"]
    elsewhere = rules(policy(settings(Comments("isso", address="https://talk.example:8443/isso/"))))
    assert (
        "https://talk.example:8443" in elsewhere["script-src"]
        and "https://talk.example:8443" in elsewhere["connect-src"]
    )
    assert rules(policy(settings(Comments("isso")))) == rules(policy(settings()))


@pytest.mark.browser
def test_live_models_and_the_search_work_under_the_policy(diary, chromium):
    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    build(diary, report=lambda line: None)
    (diary / "_site" / "inline").mkdir()
    inline = "<p id=here></p><script>document.getElementById('here').textContent = 'it ran'</script>"
    (diary / "_site" / "inline" / "index.html").write_text(inline)
    server = make_server("127.0.0.1", 0, make(diary), Server, Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address, faults = f"http://127.0.0.1:{server.server_port}/notebook/", []
    try:
        page = chromium.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(address + "es/posts/mazes/")
        page.get_by_role("button", name="Empezar").click()
        page.get_by_text("alive in es").wait_for()
        page.goto(address + "archive/")
        page.get_by_role("searchbox").fill("corridor")
        page.locator("#matches a").first.wait_for()  # its engine is WebAssembly
        page.goto(address + "inline/")
        assert page.locator("#here").inner_text() == "it ran", "what the author wrote runs by its hash"
        page.close()
    finally:
        server.shutdown()
        server.server_close()
    assert not faults
