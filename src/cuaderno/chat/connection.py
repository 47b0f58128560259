"""A connection to a server of models: the key stays in it, everything has bounds, and what goes wrong becomes words.

The libraries of the providers are given no key at all. It is put on each request here, on its way out, and only when
that goes to the address the key was written for; so it is in no object, message or log of theirs.
"""

import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from cuaderno import __version__
from cuaderno.chat.conversation import printable
from cuaderno.chat.servers import Server, is_loopback

LOGGERS = ("openai", "google_genai", "httpx2", "httpcore2")
HEADERS = ("host", "content-type", "content-length", "connection")  # of what a library sends, all that a server needs
OURS = {
    "accept": "text/event-stream, application/json",
    "accept-encoding": "identity",  # what is compressed has no bounds
    "user-agent": f"cuaderno/{__version__}",
}
PLACEHOLDER = "none"  # the key that the libraries see

MiB = 1 << 20
LARGEST_LINE, LARGEST_ANSWER, LARGEST_ERROR = 4 * MiB, 64 * MiB, MiB // 16  # bytes on the wire
CONNECT_SECONDS = 10
LONGEST_WAIT = 20  # seconds that we wait because a server asks for it
TOO_MANY = 429
NOT_HERE = (404, 405, 501)  # also what a web server says to questions
PASSING = (408, 409, 425, 500, 502, 503, 504, 529)  # what another try may mend


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server: `silence` for its next word, `until` (monotonic clock) for the end of all."""

    silence: float
    until: float

    @property
    def left(self) -> float:
        return self.until - time.monotonic()

    def next_word(self) -> float:
        """Seconds to wait for it now, never none at all."""
        return max(0.01, min(self.silence, self.left))


@dataclass(frozen=True)
class Problem:
    """What to tell the person, whether another try may mend it, and the seconds that the server asks for until then."""

    says: str
    passing: bool = False
    asked: float = 0


class Refused(Exception):
    """The server answered, and the answer is no."""

    def __init__(self, status: int, body: bytes | str | dict | list = b"", headers: Any = None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Strange(Exception):
    """The server sent what no server of models sends; the text says what."""


class TooSlow(Exception):
    """The time for the whole answer is over."""


class Bounded(httpx2.SyncByteStream):
    """What a server sends, up to some size, some length of a line and some time."""

    def __init__(self, stream: Any, patience: Patience):
        self.stream, self.patience = stream, patience

    def __iter__(self) -> Iterator[bytes]:
        size = line = 0
        for chunk in self.stream:
            if self.patience.left <= 0:
                raise TooSlow
            size += len(chunk)
            last = chunk.rfind(b"\n")
            line = line + len(chunk) if last < 0 else len(chunk) - last - 1
            if size > LARGEST_ANSWER or line > LARGEST_LINE:
                raise Strange("an answer without end")
            yield chunk

    def close(self) -> None:
        self.stream.close()


def connect(server: Server, patience: Patience) -> httpx2.Client:
    """A client for this server alone. It follows no redirect, and uses a proxy only where that cannot read along."""
    for name in LOGGERS:  # at their most talkative they would log headers, in which a server may repeat the key
        logging.getLogger(name).setLevel(logging.WARNING)
    waits = {"connect": CONNECT_SECONDS, "write": patience.silence, "pool": CONNECT_SECONDS}

    def before(request: httpx2.Request) -> None:
        kept = {name: value for name, value in request.headers.items() if name in HEADERS}
        if server.key and str(request.url).startswith(f"{server.address}/"):
            kept[server.provider.header] = f"{server.provider.prefix}{server.key.reveal()}"
        request.headers = httpx2.Headers(kept | OURS)
        first = {name: min(seconds, patience.next_word()) for name, seconds in waits.items()}
        request.extensions["timeout"] = first | {"read": patience.next_word()}

    def after(response: httpx2.Response) -> None:
        response.stream = Bounded(response.stream, patience)
        check(response)

    encrypted = server.address.startswith("https:")
    return httpx2.Client(
        trust_env=encrypted, follow_redirects=False, event_hooks={"request": [before], "response": [after]}
    )


def check(response: httpx2.Response) -> None:
    """Let through only what begins like an answer.

    Raises:  Refused, Strange
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Strange("something compressed, which nobody asked for")
    if response.status_code != 200:
        raise Refused(response.status_code, beginning(response), response.headers)
    if kind == "application/json":
        body = beginning(response)
        raise Refused(500, body) if "error" in fields(body) else Strange("one block of JSON and no stream")
    if kind == "text/html":
        raise Strange("a web page")


def beginning(response: httpx2.Response) -> bytes:
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ERROR:
            break
    return body


# -- what went wrong, in words -----------------------------------------------------------------------------------------


def explain(error: Exception, server: Server) -> Problem:
    """What an error of ours, of the network or of a provider's library means, and whether to try again."""
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, Refused):
            return refusal(cause, server)
        if isinstance(cause, Strange):
            return strange(server, str(cause))
        if isinstance(cause, TooSlow | httpx2.TimeoutException) and not isinstance(cause, httpx2.ConnectTimeout):
            return Problem(f"{server.title} took too long to answer. Try again, or choose a smaller model.")
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return unreachable(cause, server)
        if isinstance(cause, httpx2.ProxyError):
            return Problem(f"The proxy let nothing through to {server.title}. Look at HTTPS_PROXY in the environment.")
        if isinstance(cause, httpx2.TransportError):
            return Problem(
                f"The connection to {server.title} was cut before the answer was whole. Try again.", passing=True
            )
    if any(isinstance(cause, ImportError) for cause in causes):
        return Problem("The proxy that HTTPS_PROXY or ALL_PROXY names needs a library: pip install socksio")
    return strange(server, f"what could not be read ({type(causes[0]).__name__})")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def strange(server: Server, sent: str) -> Problem:
    return Problem(
        f"{server.address} sent {sent}, so there is no server of models that we can talk with. Look at the "
        "address; that of an OpenAI-compatible server usually ends in /v1."
    )


def unreachable(error: BaseException, server: Server) -> Problem:
    said = str(error)
    if "CERTIFICATE" in said.upper():
        return Problem(
            f"{server.address} could not prove that it is what it says (its certificate is not trusted), and nothing "
            "was sent. Where a company's own certificate is in between, name its file in SSL_CERT_FILE."
        )
    if is_loopback(server.address):
        return Problem(f"Nothing answers at {server.address}. Start the server, for Ollama with: ollama serve")
    return Problem(f"{server.address} cannot be reached. Look at the network and at the address, and try again.")


def refusal(no: Refused, server: Server) -> Problem:
    said = quote(no.body, server.key.reveal())
    if no.status in (401, 403) or invalid_key(no.body):
        return unauthorized(no.status, said, server)
    if no.status in NOT_HERE and not fields(no.body):
        return strange(server, f"the error {no.status}")
    if no.status == 404:
        pull = f", for Ollama with: ollama pull {server.model}" if is_loopback(server.address) else ""
        return Problem(
            f"{server.title} has no model '{server.model}'.{said} Choose another one{pull}: {server.naming}."
        )
    if no.status == TOO_MANY:
        return too_many(no, said, server)
    if 300 <= no.status < 400:
        target = hidden(str(no.headers.get("location", "")), server.key.reveal())
        return Problem(
            f"{server.address} wants to send us to {short(target) or 'another address'}, where neither your words nor "
            "your key follow by themselves. If you trust it, write that address instead."
        )
    if no.status in PASSING or no.status >= 500:
        return Problem(f"{server.title} has a problem of its own ({no.status}).{said} Try again later.", passing=True)
    return Problem(
        f"{server.title} would not answer ({no.status}).{said} Change what it complains about and try again."
    )


def unauthorized(status: int, said: str, server: Server) -> Problem:
    if not server.key:
        return Problem(server.no_key)
    if status == 403:
        return Problem(
            f"{server.title} does not allow this ({status}).{said} Perhaps the key ({server.key_from}) may not use it."
        )
    return Problem(f"{server.title} did not accept the key. Mend {server.key_from}; perhaps it was revoked.")


def too_many(no: Refused, said: str, server: Server) -> Problem:
    if "insufficient_quota" in text_of(no.body):
        return Problem(f"{server.title} says that what you paid for is used up.{said} Look at your account there.")
    asked = retry_after(no)
    cure = "Try again later" if asked is None else f"Try again in {math.ceil(asked)} seconds"
    asked = asked or 0
    return Problem(f"{server.title} gets too many questions.{said} {cure}.", asked <= LONGEST_WAIT, asked)


def retry_after(no: Refused) -> float | None:
    """The seconds that a server asks us to wait: in the header, as a number or a date, or in Google's details."""
    given = str(no.headers.get("retry-after", "")).strip()
    for detail in listed(fields(no.body).get("details")):
        if not given and isinstance(detail, dict):
            given = str(detail.get("retryDelay", "")).removesuffix("s")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), 86_400.0) if math.isfinite(seconds) else None


def invalid_key(body: bytes | str | dict | list) -> bool:
    """Gemini says 400 to a wrong key."""
    text = text_of(body)
    return "API_KEY_INVALID" in text or "API key not valid" in text or "API key expired" in text


def text_of(body: bytes | str | dict | list) -> str:
    if isinstance(body, dict | list):
        return json.dumps(body, ensure_ascii=False)
    return body.decode(errors="replace") if isinstance(body, bytes) else body


def fields(body: bytes | str | dict | list) -> dict:
    """What a server says about an error, wherever it puts it: `{"error": {…}}`, `{"error": "…"}`, `[{…}]`, `{…}`."""
    try:
        found = body if isinstance(body, dict | list) else json.loads(body)
    except (ValueError, RecursionError):
        return {}
    found = found[0] if isinstance(found, list) and found else found
    if isinstance(found, dict) and "error" in found:
        inner = found["error"]
        return {"error": True, **(inner if isinstance(inner, dict) else {"message": inner})}
    return found if isinstance(found, dict) else {}


def listed(value: object) -> list:
    return value if isinstance(value, list) else []


def quote(body: bytes | str | dict | list, key: str) -> str:
    """` It said: “…”` from an error's body, without the key or a piece of it; empty when it says nothing."""
    found = fields(body)
    said = next((found[name] for name in ("message", "detail") if isinstance(found.get(name), str)), "")
    said = short(hidden(said, key))
    return f" It said: “{said}”" if said else ""


def short(text: str, most: int = 300) -> str:
    text = " ".join(printable(text).split())
    return text if len(text) <= most else f"{text[:most]}…"


def hidden(text: str, key: str, piece: int = 6) -> str:
    """The text with `***` for the key and for every piece of it, since a server may cut it, or repeat half of it."""
    piece = min(piece, len(key))
    kept, at, text, folded = [], 0, text[: LARGEST_ERROR // 8], key.casefold()
    while at < len(text):
        length = piece
        while key and at + length <= len(text) and text[at : at + length].casefold() in folded:
            length += 1
        if length > piece:
            kept.append("***")
            at += length - 1
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)
