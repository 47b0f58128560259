"""What can go wrong between us and a server of models, in words, with the cure and without the key."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from cuaderno.chat.servers import Server, is_loopback
from cuaderno.lab.text import printable

LONGEST_WAIT = 20  # seconds that we wait because a server asks for it
LONGEST_QUOTE = 300  # characters of what a server says about its error
TOO_MANY = 429
NOT_HERE = (404, 405, 501)  # also what a web server says to questions
PASSING = (408, 409, 425)  # what another try may mend, besides all from 500 on


@dataclass(frozen=True)
class Problem:
    """What to tell the person, whether another try may mend it, and the seconds that the server asks for until then."""

    says: str
    passing: bool = False
    asked: float = 0


class Refused(Exception):
    """The server answered, and the answer is no. With a status of 0 it is the one that the body tells, or else 500."""

    def __init__(self, status: int, body: Any = b"", headers: Any = None):
        super().__init__(status)
        self.body = body.decode(errors="replace") if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False)
        self.status = status or told_status(fields(self.body).get("code"))
        self.headers = headers or {}


class Strange(Exception):
    """The server sent what no server of models sends; the text says what."""


class TooSlow(Exception):
    """The time for the whole answer is over."""


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
    if any(isinstance(cause, OSError) for cause in causes):
        return Problem("The certificates cannot be read. Look at SSL_CERT_FILE and SSL_CERT_DIR in the environment.")
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
        return unknown_model(said, server)
    if no.status == TOO_MANY:
        return too_many(no, said, server)
    if 300 <= no.status < 400:
        return redirected(str(no.headers.get("location", "")), server)
    if no.status in PASSING or no.status >= 500:
        return Problem(f"{server.title} has a problem of its own ({no.status}).{said} Try again later.", passing=True)
    return Problem(f"{server.title} does not answer this ({no.status}).{said} Change what it complains about.")


def unknown_model(said: str, server: Server) -> Problem:
    pull = f" For Ollama: ollama pull {server.model}." if is_loopback(server.address) else ""
    return Problem(f"{server.title} has no model '{server.model}'.{said} Name another one: {server.naming}.{pull}")


def redirected(target: str, server: Server) -> Problem:
    target = short(hidden(target, server.key.reveal())) or "another address"
    return Problem(
        f"{server.address} wants to send us to {target}, where neither your words nor your key follow by themselves. "
        "If you trust it, write that address instead."
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
    if "insufficient_quota" in no.body:
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


def invalid_key(body: str) -> bool:
    """Gemini says 400 to a wrong key."""
    return any(words in body for words in ("API_KEY_INVALID", "API key not valid", "API key expired"))


def told_status(code: object) -> int:
    return int(code) if str(code) in map(str, range(400, 600)) else 500  # type: ignore[call-overload]


def fields(body: str) -> dict:
    """What a server says about an error, wherever it puts it: `{"error": {…}}`, `{"error": "…"}`, `[{…}]`, `{…}`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    found = found[0] if isinstance(found, list) and found else found
    if isinstance(found, dict) and "error" in found:
        inner = found["error"]
        return {"error": True, **(inner if isinstance(inner, dict) else {"message": inner})}
    return found if isinstance(found, dict) else {}


def listed(value: object) -> list:
    return value if isinstance(value, list) else []


def quote(body: str, key: str) -> str:
    """` It said: “…”` from an error's body, without the key or a piece of it; empty when it says nothing."""
    found = fields(body)
    said = next((found[name] for name in ("message", "detail") if isinstance(found.get(name), str)), "")
    said = short(hidden(said, key))
    return f" It said: “{said}”" if said else ""


def short(text: str, most: int = LONGEST_QUOTE) -> str:
    text = " ".join(printable(text).split())
    return text if len(text) <= most else f"{text[:most]}…"


def hidden(text: str, key: str, piece: int = 6) -> str:
    """The text with `***` for the key and for every piece of it, since a server may cut it, or repeat half of it."""
    piece = min(piece, len(key))
    kept, at, text, folded = [], 0, text[: 8 * LONGEST_QUOTE], key.lower()
    while at < len(text):
        length = piece
        while key and at + length <= len(text) and text[at : at + length].lower() in folded:
            length += 1
        if length > piece:
            kept.append("***")
            at += length - 1
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)
