"""What stands before Isso: only what the page needs comes through, of a bearable size, at a bearable pace."""

import io
import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cuaderno.site.comments.pace import Pace

MOST_BYTES = 64 << 10
SHORTEST_TEXT, LONGEST_TEXT, LONGEST_NAME, LONGEST_ADDRESS = 3, 10_000, 100, 254
LABEL, LAST = r"\w(?:[\w-]{0,61}\w)?", r"\w[\w-]{0,61}\w"
EMAIL = re.compile(rf"[^\s@<>()\[\],;:\"\\]+@(?:{LABEL}\.)+{LAST}")
HOST = rf"(?:(?:{LABEL}\.)+{LAST}|localhost|\d{{1,3}}(?:\.\d{{1,3}}){{3}})"
WEBSITE = re.compile(rf"(?:https?://)?{HOST}(?::\d+)?(?:/|[/?]\S+)?", re.I)  # no more than Isso takes
REASON = "X-Comment-Refused"  # the header that tells our page which of these it is
WHY = {
    "short": f"This is too short: at least {SHORTEST_TEXT} characters.",
    "long": f"This is too long: at most {LONGEST_TEXT} characters.",
    "long_name": f"This name is too long: at most {LONGEST_NAME} characters.",
    "bad_email": "This is no e-mail address.",
    "bad_website": "This is no web address: it must begin with http:// or https://, or with the name of a site.",
}
READS, SMALL_WRITES = 600, 60  # a minute, of one address; new comments have their own, slower pace
NEW, PREVIEW, ONE = "/new", "/preview", re.compile(r"/id/\d{1,12}")
THREAD = re.compile(r"posts/[^./\x00-\x1f\\][^/\x00-\x1f\\]{0,200}/")
Start = Callable[..., Any]


class Refusal(Exception):
    """An answer instead of what was asked for."""

    def __init__(self, status: HTTPStatus, why: str, *headers: tuple[str, str]):
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers


class Gate:
    """Around Isso, mounted: PATH_INFO begins below it. `exists` tells whether a thread belongs to a page."""

    def __init__(
        self, app: Callable, render: Callable[[str], str], exists: Callable[[str], bool], per_minute: int,
        origins: Iterable[str] = (),
    ):  # fmt: skip
        self.app, self.render, self.exists = app, render, exists
        self.origins = set(origins)
        self.new, self.writes, self.reads = Pace(per_minute), Pace(SMALL_WRITES), Pace(READS)

    def __call__(self, environ: dict, start_response: Start) -> Iterable[bytes]:
        try:
            self._check(environ)
        except Refusal as refusal:
            return refuse(start_response, refusal)
        return self.app(environ, start_response)

    def _check(self, environ: dict) -> None:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "") or "/"
        writes = method in ("POST", "PUT", "DELETE")
        if not is_wanted(method, path):
            raise Refusal(HTTPStatus.NOT_FOUND, "There is nothing here.")
        if writes:
            check_origin(environ, self.origins)
            check_length(environ)
        pace = self.new if (method, path) == ("POST", NEW) else self.writes if writes else self.reads
        if seconds := pace.wait(environ.get("REMOTE_ADDR", "")):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too much at once.", ("Retry-After", str(seconds)))
        if path in ("/", NEW):
            self._check_thread(environ)
        if method in ("POST", "PUT"):
            self._check_comment(environ, read_body(environ), preview=path == PREVIEW)

    def _check_thread(self, environ: dict) -> None:
        thread = parse_qs(environ.get("QUERY_STRING", "")).get("uri", [""])[-1]
        if not THREAD.fullmatch(thread) or not self.exists(thread):
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such post.")

    def _check_comment(self, environ: dict, body: bytes, preview: bool) -> None:
        """Turn away what Isso would stumble over, before or after it has stored it, and what has not the right form.

        Isso gets exactly what was checked.
        """
        try:
            comment = json.loads(body)
            json.dumps(comment, ensure_ascii=False).encode()  # half a character cannot be stored
            fits = is_readable(comment)
            reason = find_fault(tidy(comment), preview) if fits else None
            if fits and not reason:
                self.render(comment["text"])
        except Exception:  # whatever JSON, Markdown and the sanitizer stumble over, deep nesting above all
            fits = False
        if not fits:
            raise Refusal(HTTPStatus.BAD_REQUEST, "This comment cannot be read.")
        if reason:
            raise Refusal(HTTPStatus.BAD_REQUEST, WHY[reason], (REASON, reason))
        checked = json.dumps(comment).encode()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(checked), str(len(checked))
        environ.pop("HTTP_TRANSFER_ENCODING", None)


def is_readable(comment: dict) -> bool:
    """Whether everything is of its kind; for people who write through our page it always is."""
    text, parent = comment.get("text"), comment.get("parent")
    words = all(isinstance(comment.get(name), str | None) for name in ("author", "email", "website"))
    number = parent is None or (isinstance(parent, int) and abs(parent) < 1 << 53)
    return words and number and isinstance(text, str) and "\0" not in text


def tidy(comment: dict) -> dict:
    """The same comment, its addresses without the blanks and the capital `Https` that telephones write."""
    for name in ("email", "website"):
        if comment.get(name) is not None:
            comment[name] = comment[name].strip() or None
    if comment.get("website"):
        comment["website"] = re.sub(r"^https?://", lambda found: found[0].lower(), comment["website"], flags=re.I)
    return comment


def find_fault(comment: dict, preview: bool = False) -> str | None:
    """Which of the reasons there is to refuse a readable comment, if any; a preview may still be short."""
    if len(comment["text"]) > LONGEST_TEXT:
        return "long"
    if not preview and len(comment["text"].strip()) < SHORTEST_TEXT:
        return "short"
    if len(comment.get("author") or "") > LONGEST_NAME:
        return "long_name"
    for name, form in (("email", EMAIL), ("website", WEBSITE)):
        value = comment.get(name)
        if value and (len(value) > LONGEST_ADDRESS or not form.fullmatch(value)):
            return f"bad_{name}"
    return None


def is_wanted(method: str, path: str) -> bool:
    """Whether our pages ask this of Isso."""
    if method in ("GET", "HEAD"):
        return path in ("/", "/config", "/js/embed.min.js") or bool(ONE.fullmatch(path))
    if method == "POST":
        return path in (NEW, PREVIEW)
    return method in ("PUT", "DELETE") and bool(ONE.fullmatch(path))


def check_origin(environ: dict, origins: Iterable[str] = ()) -> None:
    """Only our own pages may change anything: browsers say where a request comes from."""
    origin = environ.get("HTTP_ORIGIN")
    own = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
    foreign = origin is not None and _plain(origin) not in {_plain(own), *map(_plain, origins)}
    if foreign or environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        raise Refusal(HTTPStatus.FORBIDDEN, "This comes from another site.")


def _plain(origin: str) -> str:
    parts = urlsplit(origin.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual) if usual else parts.netloc}"


def check_length(environ: dict) -> None:
    """Before a byte of it is read."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise Refusal(HTTPStatus.BAD_REQUEST, "The length makes no sense.")
    if int(length) > MOST_BYTES:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, WHY["long"], (REASON, "long"))


def read_body(environ: dict) -> bytes:
    """What was sent, never more than a comment may have, however it was announced."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() or environ.get("wsgi.input_terminated")
    if chunked and not length:
        body = _all(environ["wsgi.input"], MOST_BYTES + 1)
    else:
        body = _all(environ["wsgi.input"], length)
    if len(body) > MOST_BYTES:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, WHY["long"], (REASON, "long"))
    return body


def _all(stream: Any, most: int) -> bytes:
    pieces, left = [], most
    while left > 0 and (piece := stream.read(min(left, 1 << 16))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def refuse(start_response: Start, refusal: Refusal) -> list[bytes]:
    content = f"{refusal.why}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(content))), *refusal.headers]
    start_response(f"{refusal.status.value} {refusal.status.phrase}", headers)
    return [content]
