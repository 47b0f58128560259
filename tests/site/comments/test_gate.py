import io
import json
import socket
import time

import pytest

from cuaderno.site.comments.gate import MOST_BYTES, Refusal, check_origin, find_fault, is_wanted, read_body, tidy
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


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None), ({"text": "ab"}, "short"), ({"text": " \n\t a "}, "short"), ({"text": "x" * 10_001}, "long"),
        ({"author": "x" * 101}, "long_name"), ({"email": ""}, None), ({"email": "  ada@example.org "}, None),
        ({"email": "ñandú@correo.example"}, None), ({"email": "not-an-email"}, "bad_email"),
        ({"email": "a@b"}, "bad_email"), ({"email": "a b@example.org"}, "bad_email"),
        ({"email": "<script>@example.org"}, "bad_email"), ({"email": "a@" + "b." * 130 + "org"}, "bad_email"),
        ({"website": "example.org/x?y=1"}, None), ({"website": " Https://example.org:8080/ "}, None),
        ({"website": "localhost:8000"}, None), ({"website": "javascript:x"}, "bad_website"),
        ({"website": "ftp://x"}, "bad_website"), ({"website": "ftp://example.org"}, "bad_website"),
        ({"website": "x"}, "bad_website"), ({"website": "http://a b.example"}, "bad_website"),
        ({"website": "data:text/html,x.example"}, "bad_website"),
        ({"website": "a.example/" + "x" * 254}, "bad_website"),
    ],
)  # fmt: skip
def test_every_refusal_has_a_reason(fields, reason):
    """And what has none is taken by Isso, too: our forms are no wider than its."""
    from isso.views.comments import API

    comment = tidy({"text": "Fine", **fields})
    assert find_fault(comment) == reason
    assert reason or API.verify(comment) == (True, "")


def test_a_preview_may_be_short():
    assert find_fault({"text": "a"}, preview=True) is None


def test_a_form_takes_no_time_to_check():
    started = time.monotonic()
    for value in ("a@" + "a-" * 120, "a." * 127, "a@" + "a." * 126, "http://" + "-" * 240):
        find_fault({"text": "Fine", "email": value, "website": None})
        find_fault({"text": "Fine", "email": None, "website": value})
    assert time.monotonic() - started < 1


def test_what_is_refused_is_not_stored_and_says_why(serve):
    site = serve()
    for fields, reason in (
        ({"email": "not-an-email"}, "bad_email"), ({"website": "javascript:x"}, "bad_website"), ({"text": ""}, "short"),
    ):  # fmt: skip
        body = json.dumps({"text": "Fine", "title": "x", **fields}).encode()
        status, headers, said = site.ask("comments/new?uri=posts/mazes/", "POST", body, Content_Type="application/json")
        assert (status, headers["X-Comment-Refused"]) == (400, reason) and b"Traceback" not in said
    site.post("Fine", email=" ada@example.org ", website="Https://ada.example")
    (stored,) = site.store.all()
    assert (stored.email, stored.website) == ("ada@example.org", "https://ada.example")
