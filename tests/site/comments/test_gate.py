import io
import socket

import pytest

from cuaderno.site.comments.gate import MOST_BYTES, Refusal, check_origin, is_wanted, read_body
from cuaderno.site.comments.pace import MOST_ADDRESSES, Pace, network


def test_a_pace_fills_with_time():
    now = [0.0]
    pace = Pace(4, lambda: now[0])
    assert [pace.wait("192.0.2.1") for _ in range(5)] == [0, 0, 0, 0, 16]
    assert pace.wait("192.0.2.2") == 0
    now[0] = 15
    assert pace.wait("192.0.2.1") == 0 and pace.wait("192.0.2.1") == 16
    now[0] = 1000
    assert [pace.wait("192.0.2.1") for _ in range(5)].count(0) == 4


def test_a_pace_forgets_rather_than_grow():
    pace = Pace(1, lambda: 0.0)
    for number in range(MOST_ADDRESSES + 100):
        pace.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(pace._left) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::9"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "not an address"),
    ],
)
def test_who_counts_as_one(address, same):
    assert network(address) == network(same)
    assert network("192.0.2.7") != network("192.0.2.8") and network("2001:db8:1:2::1") != network("2001:db8:1:3::1")


class Endless(io.RawIOBase):
    """A body that never ends; it counts what was taken of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        assert size > 0, "nobody may ask for all of it"
        self.taken += size
        return b"x" * size


@pytest.mark.parametrize("how", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"wsgi.input_terminated": True}])
def test_a_body_without_a_length_is_read_no_further_than_it_may_be(how):
    body = Endless()
    with pytest.raises(Refusal) as refused:
        read_body({"wsgi.input": body, **how})
    assert refused.value.status == 413 and body.taken <= MOST_BYTES + 1


def test_a_chunked_body_of_bearable_size_is_read_whole():
    assert read_body({"wsgi.input": io.BytesIO(b"{}" * 100), "wsgi.input_terminated": True}) == b"{}" * 100
    assert read_body({"wsgi.input": io.BytesIO(b"{}more"), "CONTENT_LENGTH": "2"}) == b"{}"


def test_a_megabyte_is_refused_before_it_is_sent(serve):
    site = serve()
    host, port = "127.0.0.1", int(site.address.split(":")[2].split("/")[0])
    for length in (1 << 20, 10**15):
        with socket.create_connection((host, port), timeout=10) as wire:
            head = f"POST /notebook/comments/new?uri=posts/mazes/ HTTP/1.0\r\nHost: {host}:{port}\r\n"
            wire.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode())
            assert b" 413 " in wire.recv(200).split(b"\r\n")[0]
    assert site.post()[0] == 201


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"HTTP_ORIGIN": "https://ada.example"}, True),
        ({"HTTP_ORIGIN": "https://ADA.example:443"}, True),
        ({"HTTP_ORIGIN": "http://ada.example"}, False),
        ({"HTTP_ORIGIN": "https://ada.example.evil.example"}, False),
        ({"HTTP_ORIGIN": "https://ada.example:444"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": "https://friend.example"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
    ],
)
def test_only_our_own_pages_may_write(headers, allowed):
    environ = {"wsgi.url_scheme": "https", "HTTP_HOST": "ada.example", **headers}
    try:
        check_origin(environ, ["https://friend.example"])
    except Refusal as refusal:
        assert not allowed and refusal.status == 403
    else:
        assert allowed


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "OPTIONS", "CONNECT", "BREW"])
def test_unusual_methods_lead_nowhere(method):
    assert not is_wanted(method, "/") and not is_wanted(method, "/new") and not is_wanted(method, "/id/1")
