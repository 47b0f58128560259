"""The door of a published diary: whose request it is and by which name, before anything else looks at it."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from cuaderno.diary.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
CLAIMS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
          "HTTP_X_FORWARDED_PREFIX", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_SCRIPT_NAME")  # fmt: skip


class Front:
    """Lets requests in that name this site, says truly where they come from, and drops what they claim besides."""

    def __init__(self, app: Callable[..., Any], settings: Settings):
        self.app = app
        self.names = {urlsplit(settings.url).netloc.lower()}
        self.scheme = urlsplit(settings.url).scheme
        self.proxies = settings.comments.proxies if settings.comments else ()

    def __call__(self, environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").lower()
        if host in self.names:
            environ["wsgi.url_scheme"] = self.scheme
        elif not is_loopback(host):
            start_response("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"This address does not belong to the diary.\n"]
        environ["REMOTE_ADDR"] = client(environ, self.proxies)
        for claim in CLAIMS:
            environ.pop(claim, None)
        return self.app(environ, start_response)


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine itself."""
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    return name in LOOPBACK


def client(environ: dict, proxies: tuple[str, ...]) -> str:
    """The address that a request comes from: the nearest one that is not a trusted proxy.

    A socket of the file system has no address; only a proxy of this machine can be at its other end.
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in proxies]
    address = environ.get("REMOTE_ADDR", "")
    for hop in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        known = parsed(address)
        if known and not any(known in network for network in networks):
            break
        if parsed(hop.strip()) is None:
            break
        address = hop.strip()
    return address


def parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
