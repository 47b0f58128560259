"""What a server says about its error is quoted without a piece of the key, whatever it says."""

import time
from email.utils import formatdate

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.chat.faults import Refused, explain, fields, hidden, quote, retry_after
from cuaderno.chat.servers import OPENAI, Server
from cuaderno.lab.text import printable

EASY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SERVER = Server(OPENAI, "https://api.example.org/v1", "m")
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)


@EASY
@given(keys, st.lists(st.one_of(st.text(max_size=20), st.tuples(st.integers(0, 80), st.integers(0, 80))), max_size=8))
def test_no_piece_of_the_key_is_left(key, parts):
    text = "".join(part if isinstance(part, str) else key[part[0] : part[1]] for part in parts)
    left, size = hidden(text, key).lower(), min(6, len(key))
    pieces = {key.lower()[at : at + size] for at in range(len(key) - size + 1)}
    assert not any(piece in part for piece in pieces for part in left.split("***"))


@EASY
@given(st.text(max_size=200))
def test_without_a_key_in_it_a_text_stays_as_it_is(text):
    assert hidden(text, "") == text == hidden(text, "\x00" * 30) or "\x00" * 6 in text


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "detail", "details", "code", "retryDelay"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@EASY
@given(json_values | st.binary(max_size=60), st.integers(0, 700), st.text(max_size=20))
def test_every_refusal_becomes_one_sentence_or_two(body, status, header):
    no = Refused(status, body, {"retry-after": header, "location": header})
    problem = explain(no, SERVER)
    assert printable(problem.says) == problem.says and "\n" not in problem.says
    assert len(problem.says) < 1_000 and 0 <= problem.asked <= 86_400
    assert isinstance(fields(no.body), dict) and len(quote(no.body, "k" * 20)) < 400


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("2.5", 2.5), ("-3", 0), ("1e99", 86_400), ("", None), ("nan", None), ("inf", None),
     ("9" * 5_000, None), ("soon", None), ("Fri, 32 Nov 2026 10:00:00 GMT", None), ("\x00", None)],
)  # fmt: skip
def test_a_wait_is_read_and_bounded(header, seconds):
    assert retry_after(Refused(429, b"", {"retry-after": header})) == seconds


def test_a_wait_may_be_a_date():
    assert retry_after(Refused(429, b"", {"retry-after": formatdate(time.time() + 30)})) == pytest.approx(30, abs=2)
    assert retry_after(Refused(429, b"", {"retry-after": formatdate(0)})) == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ImportError("socks", name="socksio"), "pip install socksio"),
        (FileNotFoundError(2, "no file"), "SSL_CERT_FILE"),
        (httpx2.ProxyError("no"), "HTTPS_PROXY"),
        (httpx2.ConnectTimeout("no"), "cannot be reached"),
        (httpx2.ReadTimeout("no"), "took too long"),
    ],
)
def test_what_stands_in_the_way_is_named(error, words):
    assert words in explain(error, SERVER).says


def test_what_nobody_foresaw_is_named_by_its_kind_alone():
    try:
        try:
            raise KeyError("sk-secret")
        except KeyError as inner:
            raise ValueError("sk-secret") from inner
    except ValueError as error:
        says = explain(error, SERVER).says
    assert "what could not be read (ValueError)" in says and "secret" not in says
