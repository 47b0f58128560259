import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.diary.comments import Comments
from cuaderno.diary.settings import Settings
from cuaderno.site.front import Front, client


def settings(url="https://ada.example/notebook/", proxies=()):
    words = {"en": "Notes", "es": "Notas"}
    return Settings(words, words, words, url=url, comments=Comments("isso", proxies=proxies))


def ask(front, **environ):
    """The answer's status, and the environment that came through."""
    seen, status = {}, []

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return []

    front(app, settings(proxies=("127.0.0.1", "10.0.0.0/8")))(
        {"wsgi.url_scheme": "http", "REMOTE_ADDR": "192.0.2.1", **environ}, lambda said, _: status.append(said)
    )
    return status[0], seen


@pytest.mark.parametrize("host", ["ada.example", "ADA.example", "localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_our_names_come_in(host):
    assert ask(Front, HTTP_HOST=host)[0] == "200 OK"


@pytest.mark.parametrize(
    "host", ["", "evil.example", "ada.example.evil.example", "localhost.evil.example", "ada.example:81"]
)
def test_other_names_do_not(host):
    assert ask(Front, HTTP_HOST=host)[0].startswith("421")


def test_the_scheme_is_the_diarys_own_behind_any_proxy():
    assert ask(Front, HTTP_HOST="ada.example")[1]["wsgi.url_scheme"] == "https"
    assert ask(Front, HTTP_HOST="localhost:80")[1]["wsgi.url_scheme"] == "http"


def test_claims_do_not_come_through():
    claims = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PREFIX": "/x", "HTTP_X_SCRIPT_NAME": "/y"}
    _, seen = ask(Front, HTTP_HOST="ada.example", **claims)
    assert not claims.keys() & seen.keys() and seen["REMOTE_ADDR"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", "203.0.113.9", (), "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", (), "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", ("127.0.0.1",), "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", ("127.0.0.1",), "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", ("127.0.0.1", "10.0.0.0/8"), "203.0.113.9"),
        ("127.0.0.1", "10.1.2.3", ("127.0.0.1", "10.0.0.0/8"), "10.1.2.3"),
        ("127.0.0.1", "rubbish", ("127.0.0.1",), "127.0.0.1"),
        ("127.0.0.1", "", ("127.0.0.1",), "127.0.0.1"),
        ("::ffff:127.0.0.1", "2001:db8::1", ("127.0.0.1",), "2001:db8::1"),
        ("", "203.0.113.9", (), "203.0.113.9"),  # a socket of the file system
    ],
)
def test_who_asks(remote, forwarded, proxies, expected):
    assert client({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}, proxies) == expected


@given(st.lists(st.one_of(st.ip_addresses().map(str), st.text(max_size=20)), max_size=6))
def test_nobody_untrusted_can_choose_an_address(hops):
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": ", ".join(hops)}
    assert client(environ, ("127.0.0.1",)) == "192.0.2.1"
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": ", ".join([*hops, "203.0.113.9"])}
    assert client(environ, ("127.0.0.1",)) == "203.0.113.9"
