"""The printed site as a WSGI application: files of one folder below the site's address, and nothing outside it."""

import gzip
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cuaderno.diary.settings import Settings
from cuaderno.site import policy
from cuaderno.site.serve import PACKED, TYPES, find_file

Start = Callable[..., Any]
SHORTEST_PACKED, LONGEST_PACKED, LONGEST_KEPT = 512, 4 << 20, 1 << 20  # bytes
PATIENCE = 2.0  # seconds
GOES_OUT_OF_DATE, LASTS = "no-cache", "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Ready:
    """A file as it is sent: whole, packed when that pays, its mark and what a browser may do with it."""

    content: bytes
    packed: bytes | None
    mark: str
    headers: tuple[tuple[str, str], ...]


class Published:
    """Serves `folder`. A new edition may take its place at any moment."""

    def __init__(self, settings: Settings, folder: Path):
        self.settings, self.folder = settings, folder.absolute()
        self._kept = lru_cache(maxsize=256)(self._ready)

    def __call__(self, environ: dict, start_response: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._plain(start_response, HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
        if not path.startswith(self.settings.base):
            return self._plain(start_response, HTTPStatus.FOUND, ("Location", self.settings.base))
        name = path[len(self.settings.base) :]
        found = self.find(name)
        if found and found.is_dir():
            return self._plain(start_response, HTTPStatus.FOUND, ("Location", quote("/" + path.lstrip("/")) + "/"))
        status = HTTPStatus.OK
        if found is None:
            found, status = self.find("404.html"), HTTPStatus.NOT_FOUND
        if found is None:
            return self._plain(start_response, status)
        try:
            return self._send(environ, start_response, status, found)
        except OSError:  # the edition was swapped just now
            return self._plain(start_response, HTTPStatus.SERVICE_UNAVAILABLE, ("Retry-After", "1"))

    def find(self, name: str) -> Path | None:
        """The file a name means. Between the two renames of a new edition there is none: then we wait."""
        parts = name.split("/")
        if any(part.startswith(".") and part != ".well-known" for part in parts):
            return None
        until = time.monotonic() + PATIENCE
        while not self.folder.is_dir() and time.monotonic() < until:
            time.sleep(0.02)
        return find_file(self.folder.resolve(), name)

    def _send(self, environ: dict, start_response: Start, status: HTTPStatus, path: Path) -> Iterable[bytes]:
        stat = path.stat()
        ready = (self._kept if stat.st_size <= LONGEST_KEPT else self._ready)(path, stat.st_mtime_ns, stat.st_size)
        marked = "v=" in environ.get("QUERY_STRING", "") and "/static/" in path.as_posix()
        headers = [*ready.headers, ("ETag", ready.mark), ("Cache-Control", LASTS if marked else GOES_OUT_OF_DATE),
                   ("Last-Modified", formatdate(stat.st_mtime, usegmt=True))]  # fmt: skip
        if status == HTTPStatus.OK and ready.mark in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", headers)
            return []
        content = ready.content
        if ready.packed is not None and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            content = ready.packed
            headers.append(("Content-Encoding", "gzip"))
        start_response(line(status), [*headers, ("Content-Length", str(len(content)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _ready(self, path: Path, time_ns: int, size: int) -> Ready:
        content = path.read_bytes()
        suffix = path.suffix.lower()
        pays = suffix in PACKED and SHORTEST_PACKED <= len(content) <= LONGEST_PACKED
        packed = gzip.compress(content, 6, mtime=0) if pays else None
        html = content if suffix == ".html" else b""
        kind = ("Content-Type", TYPES.get(suffix, "application/octet-stream"))
        vary = [("Vary", "Accept-Encoding")] if packed is not None else []
        mark = f'"{hashlib.blake2b(content, digest_size=10).hexdigest()}"'
        return Ready(content, packed, mark, (kind, *vary, *policy.headers(self.settings, html)))

    def _plain(self, start_response: Start, status: HTTPStatus, *more: tuple[str, str]) -> Iterable[bytes]:
        content = f"{status.phrase}\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(content))), *more]
        start_response(line(status), [*headers, *policy.headers(self.settings)])
        return [content]


def line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
