"""Data comes from the user's folder, the cache or the source, and a bad download is never kept."""

import hashlib

import pytest

from cuaderno.lab.data import fetch, fingerprint
from cuaderno.lab.errors import CuadernoError

CONTENT = b"sentences" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CUADERNO_DATA", raising=False)


@pytest.fixture
def url(tmp_path, serve_folder):
    (tmp_path / "upstream").mkdir()
    (tmp_path / "upstream" / "text.txt").write_bytes(CONTENT)
    return serve_folder(tmp_path / "upstream") + "text.txt"


def test_a_download_is_checked_kept_and_not_repeated(tmp_path, url):
    path = fetch("text/text.txt", url, SHA256)
    assert path == tmp_path / "cache" / "text" / "text.txt" and path.read_bytes() == CONTENT
    assert fetch("text/text.txt", "http://127.0.0.1:9/gone", SHA256) == path


def test_the_users_own_folder_comes_first(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "text.txt").write_text("mine")
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path / "own"))
    assert fetch("text.txt", "http://127.0.0.1:9/", SHA256).read_text() == "mine"


def test_another_file_than_promised_is_not_kept(tmp_path, url):
    with pytest.raises(CuadernoError, match="another file than expected"):
        fetch("text.txt", url, "0" * 64)
    assert not list((tmp_path / "cache").iterdir())


def test_a_file_larger_than_allowed_is_not_kept(tmp_path, url):
    with pytest.raises(CuadernoError, match="larger than 100 bytes"):
        fetch("text.txt", url, SHA256, max_bytes=100)
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/text.txt", "http://no-such-host.invalid/text.txt"])
def test_without_a_network_it_says_what_it_wants_where_and_from_where(tmp_path, address):
    with pytest.raises(CuadernoError) as caught:
        fetch("text/text.txt", address, SHA256)
    for part in ("text/text.txt", address, str(tmp_path / "cache"), "CUADERNO_DATA"):
        assert part in str(caught.value)


def test_a_connection_that_breaks_leaves_nothing(tmp_path):
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def answer_half():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 9000\r\n\r\n" + CONTENT[:100])

    thread = threading.Thread(target=answer_half)
    thread.start()
    with pytest.raises(CuadernoError, match="could not be downloaded"):
        fetch("text.txt", f"http://127.0.0.1:{listener.getsockname()[1]}/", SHA256)
    thread.join()
    listener.close()
    assert not list((tmp_path / "cache").iterdir())


def test_fingerprints_see_names_and_contents(tmp_path):
    (tmp_path / "a").write_bytes(CONTENT)
    assert fingerprint(tmp_path / "a") == SHA256
    first = fingerprint(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert fingerprint(tmp_path) != first
