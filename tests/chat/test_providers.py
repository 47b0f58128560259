"""Models that somebody serves, asked over real connections to a loopback server of both protocols."""

import dataclasses
import gzip
import json
import logging
import math
import os
import pickle
import re
import socket
import threading
import time
import traceback
import zlib
from contextlib import closing

import pytest

from cuaderno.chat import connection, providers
from cuaderno.chat.conversation import Conversation
from cuaderno.chat.providers import complete, open_model
from cuaderno.chat.servers import OPENAI, Server
from cuaderno.lab.errors import CuadernoError

KINDS = ("gemini", "openai")


def ask(text="hola"):
    return [{"role": "user", "content": text}]


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No setting of whoever runs the tests, and no long waits."""
    for name in [name for name in os.environ if name.startswith(("GEMINI_", "GOOGLE_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(providers, "FIRST_WAIT", 0.01)


@pytest.fixture
def folder(chat_server, tmp_path):
    return chat_server.write_env(tmp_path)


@pytest.fixture(params=KINDS)
def model(request, folder):
    return open_model(request.param, folder)


def refused(model, seconds=None):
    """The words of the error that comes instead of an answer, or after a part of it."""
    with pytest.raises(CuadernoError) as caught:
        complete(model, ask(), seconds=seconds) if seconds else list(model.stream(ask()))
    return str(caught.value)


# -- questions and answers --------------------------------------------------------------------------------------------


def test_an_answer_comes_in_pieces(model, chat_server):
    chat_server.says("Good day to you")
    assert list(model.stream(ask())) == ["Good", " day", " to", " you"]


def test_complete_gives_the_whole_answer(model, chat_server):
    chat_server.says("¿Qué? سلام 👋🏽 \u2028 end")
    assert complete(model, ask(), seconds=20) == "¿Qué? سلام 👋🏽 \u2028 end"


def test_a_whole_conversation_is_sent_with_what_it_is_to_be(chat_server, folder):
    for kind in KINDS:
        conversation = Conversation(open_model(kind, folder, system="Be brief."))
        assert "".join(conversation.ask("one")) == "re: one"
        assert "".join(conversation.ask("two")) == "re: two"
    assert chat_server.requests[1]["body"]["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    said = [(one["role"], one["parts"][0]["text"]) for one in chat_server.requests[1]["body"]["contents"]]
    assert said == [("user", "one"), ("model", "re: one"), ("user", "two")]
    said = [(one["role"], one["content"]) for one in chat_server.requests[3]["body"]["messages"]]
    assert said == [("system", "Be brief."), ("user", "one"), ("assistant", "re: one"), ("user", "two")]


def test_options_are_called_what_the_provider_calls_them(chat_server, folder):
    options = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 7, "seed": 3}
    for kind, more in zip(KINDS, ({"top_k": 4}, {}), strict=True):
        list(open_model(kind, folder, **options, **more).stream(ask()))
    gemini, openai = (request["body"] for request in chat_server.requests)
    named = {"temperature": 0.5, "topP": 0.9, "topK": 4.0, "maxOutputTokens": 7, "seed": 3}
    assert gemini["generationConfig"] == named
    assert openai.pop("stream_options") == {"include_usage": True}
    assert openai == options | {"model": "gpt-loopback", "stream": True, "messages": ask()}


def test_openai_itself_has_another_word_for_the_longest_answer(chat_server):
    from cuaderno.chat.openai import speak

    server = Server(dataclasses.replace(OPENAI, address=chat_server.openai), chat_server.openai, "gpt-x")
    list(providers.Served(server, speak, options={"max_tokens": 5}).stream(ask()))
    assert chat_server.requests[0]["body"].items() >= {"max_completion_tokens": 5}.items()
    assert "max_tokens" not in chat_server.requests[0]["body"]


def test_an_option_of_nought_is_no_bound(chat_server, folder):
    list(open_model("gemini", folder, max_tokens=0, top_k=0, temperature=0.0).stream(ask()))
    assert chat_server.requests[0]["body"]["generationConfig"] == {"temperature": 0.0}


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_gemini_has_two_addresses(folder, chat_server, monkeypatch, version):
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", version)
    assert complete(open_model("gemini:gemini-x", folder), ask(), seconds=20) == "re: hola"
    assert chat_server.requests[0]["path"] == f"/{version}/models/gemini-x:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("openai", {"top_k": 3}, "knows nothing of --top-k"),
        ("gemini", {"you": "Ann"}, "knows nothing of --you"),
        ("gemini", {"min_p": 0.1}, "knows nothing of --min-p"),
        ("gemini", {"temperature": math.nan}, "--temperature has to be a number"),
    ],
)
def test_an_option_it_does_not_take_is_named(folder, kind, options, words):
    with pytest.raises(CuadernoError, match=words):
        open_model(kind, folder, **options)


def test_halves_of_characters_are_sent_as_question_marks(model, chat_server):
    assert complete(model, ask("a\ud83d"), seconds=20) == "re: a?"


def test_what_it_thinks_is_not_what_it_says(folder, chat_server):
    parts = [{"text": "Hmm, a greeting.", "thought": True}, {"text": "Hello"}, {"functionCall": {"name": "x"}}]
    chunk = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    chat_server.says((f"data: {json.dumps(chunk)}\r\n\r\n".encode(),))
    assert list(open_model("gemini", folder).stream(ask())) == ["Hello"]


def test_older_servers_say_that_each_piece_is_the_last(folder, chat_server):
    chunk = {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}]}
    chat_server.says([f"data: {json.dumps(chunk)}\n\n".encode()] * 3)
    assert list(open_model("gemini", folder).stream(ask())) == ["a", "a", "a"]


def test_a_refusal_in_words_is_an_answer(folder, chat_server):
    choice = {"index": 0, "delta": {"content": None, "refusal": "I would rather not."}, "finish_reason": "stop"}
    chat_server.says((f"data: {json.dumps({'choices': [choice]})}\n\n".encode(), b": a comment\n\ndata: [DONE]\n\n"))
    assert list(open_model("openai", folder).stream(ask())) == ["I would rather not."]


# -- stopping, and running out of time ---------------------------------------------------------------------------------


def forever():
    while True:
        yield "more"
        time.sleep(0.002)


def test_closing_the_iterator_closes_the_connection(model, chat_server):
    chat_server.says(forever())
    with closing(model.stream(ask())) as pieces:
        assert next(pieces) == "more"
        assert not chat_server.hung_up.is_set()
    assert chat_server.hung_up.wait(5)


def test_a_stopped_conversation_keeps_what_was_said(model, chat_server):
    conversation = Conversation(model)
    chat_server.says(forever())
    answer = conversation.ask("count")
    assert next(answer) + next(answer) == "more more"
    answer.close()
    assert conversation.messages[-1]["content"] == "more more" and chat_server.hung_up.wait(5)
    assert "".join(conversation.ask("and?")) == "re: and?"


def test_complete_hangs_up_when_its_time_is_over(model, chat_server):
    chat_server.says(forever())
    began = time.monotonic()
    assert re.search(r"within 0\.5 seconds|too long", refused(model, seconds=0.5))
    assert time.monotonic() - began < 3 and chat_server.hung_up.wait(5)


@pytest.mark.parametrize("pieces", [(), ("half",)])
def test_a_server_that_falls_silent_is_not_waited_for(model, chat_server, pieces):
    chat_server.says({"pieces": pieces, "ends": "hang"})
    began = time.monotonic()
    assert "took too long" in refused(model.within(0.3)) and time.monotonic() - began < 3


def test_a_server_that_never_answers_at_all_is_not_waited_for(folder, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        model = open_model(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1#m", folder)
        assert "took too long" in refused(model.within(0.3))


def test_a_server_that_only_keeps_the_line_busy_is_not_waited_for(model, chat_server):
    def dots():
        while True:
            yield b'data: {"candidates": [], "choices": []}\n\n'
            time.sleep(0.02)

    chat_server.says(dots())
    assert "took too long" in refused(model.within(0.3)) and chat_server.hung_up.wait(5)


def test_complete_stops_whatever_model_when_nobody_waits_any_more(parrot):
    def dots():
        while True:
            yield "."
            time.sleep(0.02)

    model = parrot(dots())
    with pytest.raises(CuadernoError, match="no whole answer"):
        complete(model, ask(), seconds=0.1)
    end = time.monotonic() + 5
    while not model.closed and time.monotonic() < end:
        time.sleep(0.01)
    assert model.closed == 1


class Hanging:
    name = "hanging-1"

    def introduction(self, lang):
        return ""

    def stream(self, messages):
        if messages[0]["content"] == "at once":
            threading.Event().wait(20)
        yield "a"
        while messages[0]["content"] == "dots":
            yield "." * 10_000
        if messages[0]["content"] == "fail":
            raise CuadernoError("The provider said no.")
        if messages[0]["content"] == "blank":
            return
        threading.Event().wait(20)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("at once", "no whole answer within 0.2 seconds"),
        ("later", "no whole answer within 0.2 seconds"),
        ("dots", "does not stop talking"),
        ("fail", "The provider said no."),
    ],
)
def test_complete_bounds_whatever_model(question, words):
    began = time.monotonic()
    with pytest.raises(CuadernoError, match=words):
        complete(Hanging(), ask(question), seconds=0.2 if "within" in words else 20)
    assert time.monotonic() - began < 5
    assert complete(Hanging(), ask("blank"), seconds=5) == "a"


def test_complete_lets_an_error_of_the_program_through(parrot):
    with pytest.raises(ZeroDivisionError):
        complete(parrot([ZeroDivisionError()]), ask(), seconds=5)
    with pytest.raises(CuadernoError, match="empty answer"):
        complete(parrot([" \n"]), ask(), seconds=5)


# -- what goes wrong --------------------------------------------------------------------------------------------------

BLOCKED = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
QUOTA = {"error": {"message": "You exceeded your quota.", "code": "insufficient_quota"}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 401, "body": {"error": {"message": "no"}}}, ["did not accept the key", "_API_KEY in", ".env"]),
        ({"status": 400, "body": {"error": {"message": "API key not valid."}}}, ["did not accept the key", ".env"]),
        ({"status": 403, "body": {"error": {"message": "Not here."}}}, ["does not allow this", "“Not here.”", ".env"]),
        ({"status": 404, "body": {"error": {"message": "none"}}}, ["has no model", "-loopback'", "--model", "_MODEL="]),
        ({"status": 404, "body": "<p>?</p>", "kind": "text/html"}, ["the error 404", "/v1"]),
        ({"status": 501, "body": "<p>?</p>", "kind": "text/html"}, ["the error 501", "/v1"]),
        ({"status": 400, "body": {"error": {"message": "No\n\x1b[2J such"}}}, ["(400)", "“No �[2J such”"]),
        ({"status": 400, "body": [{"error": {"message": "In a list."}}]}, ["“In a list.”"]),
        ({"status": 422, "body": {"detail": "Too long."}}, ["(422)", "“Too long.”"]),
        ({"status": 418, "body": b"\xff\xfe{"}, ["(418). Change"]),
        ({"status": 429, "body": QUOTA}, ["what you paid for is used up", "account"]),
        ({"status": 429, "headers": {"retry-after": "3600"}}, ["too many questions", "in 3600 seconds"]),
        ({"status": 200, "body": "<html>hi</html>", "kind": "text/html; charset=utf-8"}, ["sent a web page", "/v1"]),
        ({"status": 200, "body": {"ok": True}}, ["no stream"]),
        ({"status": 200, "body": {"error": {"code": 401, "message": "no"}}}, ["did not accept the key"]),
        ({"status": 200, "body": b"hello", "kind": "text/plain"}, ["http://127.0.0.1"]),
        ({"status": 204}, ["(204)"]),
        ({"pieces": [], "ends": "stop"}, ["empty answer", "Ask again"]),
        ({"pieces": [], "ends": "length"}, ["empty answer", "--max-tokens"]),
        ({"pieces": ["half"], "ends": "length"}, ["says no more at once"]),
        ({"pieces": ["half"], "ends": "blocked"}, ["broke the answer off", "Ask in other words"]),
        ({"pieces": ["half"], "ends": "cut"}, ["cut before the answer was whole", "Try again"]),
        ({"pieces": ["half"], "ends": "none"}, ["cut before the answer was whole"]),
        ({"pieces": ["half", b"data: {]\n\n"]}, ["could not be read"]),
        ({"pieces": ["half", b"data: " + b"[" * 100_000 + b"\n\n"]}, ["could not be read"]),
        ({"pieces": ["half", b'data: {"error": {"code": 429, "message": "Slower."}}\n\n']}, ["too many", "“Slower.”"]),
        ({"pieces": ["half", b'data: {"error": {"code": 500, "message": "Broken."}}\n\n']}, ["(500)", "“Broken.”"]),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)  # fmt: skip
def test_every_fault_is_told_with_its_cure(model, chat_server, answer, words):
    chat_server.says(answer)
    said = refused(model)
    assert all(word in said for word in words), said
    assert len(chat_server.requests) == 1, "nothing of this is mended by a second try"
    assert "\n" not in said and "\x1b" not in said and said.endswith((".", "=…", "MODEL")) and len(said) < 700


def test_a_question_that_is_blocked(folder, chat_server):
    chat_server.says((f"data: {json.dumps(BLOCKED)}\n\n".encode(),))
    assert "broke the answer off (PROHIBITED_CONTENT)" in refused(open_model("gemini", folder))


@pytest.mark.filterwarnings("ignore:.* is not a valid ")
def test_a_reason_that_nobody_knows_yet(folder, chat_server):
    chunk = {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "MOON_PHASE"}]}
    chat_server.says((f"data: {json.dumps(chunk)}\n\n".encode(),))
    assert "broke the answer off (MOON_PHASE)" in refused(open_model("gemini", folder))


def test_an_answer_as_long_as_was_asked_for_is_whole(folder, chat_server):
    for kind in KINDS:
        chat_server.says({"pieces": ["half"], "ends": "length"})
        assert complete(open_model(kind, folder, max_tokens=1), ask(), seconds=20) == "half"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_what_passes_is_tried_again(model, chat_server, status):
    chat_server.says({"status": status}, {"status": status, "headers": {"retry-after": "0"}}, "at last")
    assert complete(model, ask(), seconds=20) == "at last" and len(chat_server.requests) == 3


def test_three_tries_are_enough(model, chat_server):
    chat_server.says(*[{"status": 503, "body": {"error": {"message": "Overloaded."}}}] * 9)
    assert "(503). It said: “Overloaded.” Try again later." in refused(model) and len(chat_server.requests) == 3


def test_it_waits_as_long_as_it_is_asked_to(model, chat_server, monkeypatch):
    waits = []
    monkeypatch.setattr(providers.time, "sleep", waits.append)
    details = {"error": {"code": 429, "details": [{"@type": "…RetryInfo", "retryDelay": "7.5s"}]}}
    chat_server.says({"status": 429, "headers": {"retry-after": "3"}}, {"status": 429, "body": details}, "now")
    assert complete(model, ask(), seconds=60) == "now" and waits == [3, 7.5]
    chat_server.says({"status": 429, "headers": {"retry-after": "9"}})
    assert "in 9 seconds" in refused(model, seconds=5), "it would be too late"
    chat_server.says({"status": 429, "headers": {"retry-after": "60"}})
    assert "in 60 seconds" in refused(model) and len(waits) == 2, "nobody watches a clock for a minute"


def test_a_connection_that_breaks_before_the_first_word_is_made_again(model, chat_server):
    chat_server.says({"pieces": (), "ends": "cut"}, "here I am")
    assert complete(model, ask(), seconds=20) == "here I am"


def test_a_server_that_hangs_up_is_asked_three_times_and_no_more(model, chat_server):
    chat_server.says(*[{"status": 0}] * 9)
    assert "cut before the answer was whole" in refused(model) and len(chat_server.requests) == 3


def test_what_breaks_after_the_last_word_breaks_nothing(model, chat_server):
    chat_server.says({"pieces": ["all of it"], "ends": "stop", "then": "cut"})
    assert complete(model, ask(), seconds=20) == "all of it"


def test_nobody_is_there(folder):
    with socket.socket() as taken:  # and nobody else comes there meanwhile
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = refused(open_model(f"http://127.0.0.1:{port}/v1#llama3", folder))
    assert f"Nothing answers at http://127.0.0.1:{port}/v1" in said and "ollama serve" in said


def test_there_is_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k" * 20)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(socket.gaierror(-3, "no name")))
    said = refused(open_model("openai", tmp_path))
    assert "https://api.openai.com/v1 cannot be reached" in said and "network" in said


def test_a_certificate_that_nobody_trusts(folder, monkeypatch):
    import httpx2

    model = open_model("openai", folder)
    error = httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", lambda *_: (_ for _ in ()).throw(error))
    assert "certificate is not trusted" in refused(model) and "SSL_CERT_FILE" in refused(model)


def test_an_answer_without_end_is_stopped(model, chat_server, monkeypatch):
    monkeypatch.setattr(providers, "LONGEST_ANSWER", 10_000)
    chat_server.says("x" * 99 for _ in iter(int, 1))
    assert "does not stop talking" in refused(model) and chat_server.hung_up.wait(5)


@pytest.mark.parametrize(("bound", "end"), [("LARGEST_LINE", b""), ("LARGEST_ANSWER", b'"}\n\n')])
def test_neither_a_line_nor_an_answer_has_no_end(model, chat_server, monkeypatch, bound, end):
    assert connection.LARGEST_LINE <= 1 << 22 and connection.LARGEST_ANSWER <= 1 << 26
    monkeypatch.setattr(connection, bound, 1_000_000)
    chat_server.says(b'data: {"x": "' * bool(end) + b"x" * 100_000 + end for _ in range(300))
    assert "an answer without end" in refused(model) and chat_server.hung_up.wait(5)


def test_an_error_without_end_is_not_read_to_its_end(model, chat_server):
    chat_server.says({"status": 400, "body": b"x" * 1_000_000, "headers": {"content-length": str(1 << 40)}})
    assert "(400)" in refused(model)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_bomb_is_not_unpacked(model, chat_server, pack):
    name = "gzip" if pack is gzip.compress else "deflate"
    body = {"body": pack(b"\0" * 10_000_000), "headers": {"content-encoding": name}}
    chat_server.says({"status": 200, "kind": "text/event-stream", **body})
    assert "something compressed" in refused(model)


# -- the key stays where it is ----------------------------------------------------------------------------------------


def echoes(key):
    half, rest = key[: len(key) // 2], key[len(key) // 2 :]
    said = f"Incorrect API key provided: {key}, {key.upper()}, {half}…, …{rest}. See https://x/?key={key}"
    headers = {"x-your-key": key, "set-cookie": f"key={key}", "www-authenticate": f"Bearer {key}", "retry-after": key}
    body = {"error": {"message": said, "code": key, "status": key, "details": [{"retryDelay": key}]}}
    for status in (400, 401, 403, 404, 409, 418, 429, 500, 503):
        yield {"status": status, "body": body, "headers": headers}
    for status in (301, 302, 307, 308):
        yield {"status": status, "headers": headers | {"location": f"http://127.0.0.1:9/{key}?key={key}"}}
    yield {"status": 200, "body": body, "headers": headers}
    yield {"status": 200, "body": said, "headers": headers, "kind": f"text/html; {key}"}
    yield {"status": 400, "body": said, "headers": headers}
    yield {"pieces": ["half", f"data: {json.dumps(body)}\n\n".encode()]}
    yield {"pieces": ["half", f"data: {{{key}\n\n".encode()]}


@pytest.mark.parametrize("number", range(18))
def test_a_server_that_repeats_the_key_does_not_bring_it_out(model, chat_server, number, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore2").setLevel(logging.DEBUG)
    answers = list(echoes(chat_server.KEY))
    assert len(answers) == 18
    chat_server.says(*[answers[number]] * 3)
    with pytest.raises(CuadernoError) as caught:
        list(model.stream(ask()))
    error = caught.value
    shown = [str(error), repr(error), repr(error.__cause__), repr(error.__context__), caplog.text, *capfd.readouterr()]
    shown += traceback.format_exception(error)
    for line in [*shown, repr(model), repr(vars(model))]:
        for piece in (chat_server.KEY, chat_server.KEY[:14], chat_server.KEY[-14:]):
            assert piece.lower() not in line.lower()
    assert sum(chat_server.KEY in str(request["headers"]) for request in chat_server.requests) in (1, 3)


def test_a_redirect_is_not_followed(model, chat_server):
    for status in (301, 302, 303, 307, 308):
        chat_server.says({"status": status, "headers": {"location": f"{chat_server.openai}/elsewhere"}})
        assert "wants to send us to http://127.0.0.1" in refused(model)
    assert len(chat_server.requests) == 5 and not any("elsewhere" in one["path"] for one in chat_server.requests)


def test_only_what_is_needed_is_sent(model, chat_server, monkeypatch):
    """Neither the key of another place nor the telemetry and the ambient settings of the libraries."""
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "ambient")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: ambient\nX-Ambient: ambient")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    list(model.stream(ask()))
    headers = chat_server.requests[0]["headers"]
    carrier = headers.keys() & {"authorization", "x-goog-api-key"}
    known = {"host", "connection", "content-type", "content-length", "accept", "accept-encoding", "user-agent"}
    assert len(carrier) == 1 and headers.keys() - carrier == known and "ambient" not in str(headers)
    assert headers["user-agent"].startswith("cuaderno/")


def test_the_key_is_put_on_no_other_address(model, chat_server):
    with connection.connect(model.server, connection.Patience(5, time.monotonic() + 5)) as http:
        request = http.build_request(
            "POST", model.server.address.replace(".1", ".2"), headers={"Authorization": "Bearer none"}
        )
        http.event_hooks["request"][0](request)
        assert not request.headers.keys() & {"authorization", "x-goog-api-key"}


def test_nothing_is_written_into_the_environment(folder, chat_server):
    before = dict(os.environ)
    for kind in KINDS:
        list(open_model(kind, folder).stream(ask()))
    assert dict(os.environ) == before


def test_a_model_cannot_be_stored_with_its_key(model, chat_server):
    with pytest.raises(TypeError):
        pickle.dumps(model)
    with pytest.raises(TypeError):
        dataclasses.asdict(model)
    assert chat_server.KEY not in f"{model} {model.server} {model.server.key}"


def test_a_server_that_needs_no_key_gets_none(chat_server, folder):
    (folder / ".env").write_text(f"OPENAI_API_KEY={chat_server.KEY}\n")  # for OpenAI, and for nobody else
    assert complete(open_model(f"{chat_server.openai}/#llama3:8b", folder), ask(), seconds=20) == "re: hola"
    assert "authorization" not in chat_server.requests[0]["headers"]
    assert chat_server.requests[0]["body"]["model"] == "llama3:8b"
    chat_server.says({"status": 401, "body": {"error": {"message": "Who are you?"}}})
    said = refused(open_model(f"{chat_server.openai}#llama3", folder))
    assert (
        f"OPENAI_BASE_URL={chat_server.openai} and below it OPENAI_API_KEY=…" in said and str(folder / ".env") in said
    )


# -- what the person is told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "english", "spanish"),
    [
        (
            "http://localhost:11434/v1#llama3",
            "It runs on this computer (localhost:11434)",
            "Funciona en este ordenador",
        ),
        ("http://[::1]:8080/v1#m", "It runs on this computer ([::1]:8080)", "se queda aquí"),
        ("http://192.168.1.7:8080/v1#m", "anyone on the way can read it", "puede leerlo cualquiera"),
        ("https://api.example.org/v1#m", "goes to api.example.org", "viaja a api.example.org"),
    ],
)
def test_the_introduction_says_where_words_go(tmp_path, name, english, spanish):
    model = open_model(name, tmp_path)
    assert english in model.introduction("en") and spanish in model.introduction("es")
    assert model.name in model.introduction("en") and list(providers.TEXT["en"]) == list(providers.TEXT["es"])


def test_the_libraries_may_be_missing(folder, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *arguments):
        if name.startswith(("cuaderno.chat.openai", "cuaderno.chat.gemini")):
            raise ModuleNotFoundError("No module", name="openai")
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    for kind in KINDS:
        with pytest.raises(CuadernoError, match=r"pip install 'cuaderno\[chat\]'"):
            open_model(kind, folder)
