"""A connection to a server of models: the key stays in it, and everything has bounds.

The libraries of the providers are given no key at all. It is put on each request here, on its way out, and only when
that goes to the address the key was written for; so it is in no object, message or log of theirs.
"""

import logging
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2

from cuaderno import __version__
from cuaderno.chat.faults import Refused, Strange, TooSlow, fields
from cuaderno.chat.servers import Server

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


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust; loading it takes longer than most questions."""
    return httpx2.create_ssl_context()


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

    return httpx2.Client(
        verify=certificates(),
        trust_env=server.address.startswith("https:"),
        follow_redirects=False,
        event_hooks={"request": [before], "response": [after]},
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
        no = Refused(0, beginning(response))
        raise no if "error" in fields(no.body) else Strange("one block of JSON and no stream")
    if kind == "text/html":
        raise Strange("a web page")


def beginning(response: httpx2.Response) -> bytes:
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ERROR:
            break
    return body
