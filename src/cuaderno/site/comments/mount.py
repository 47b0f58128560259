"""Everything below the comments' address, put together, and the published site with it."""

import sqlite3
from collections.abc import Callable, Iterable
from html import unescape
from pathlib import Path
from typing import Any

from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site import policy
from cuaderno.site.addresses import quote
from cuaderno.site.comments import thread as isso_thread
from cuaderno.site.comments.desk import Desk
from cuaderno.site.comments.gate import THREAD, Gate
from cuaderno.site.comments.news import Messenger, News
from cuaderno.site.comments.secrets import Secrets, read_secrets
from cuaderno.site.comments.section import address
from cuaderno.site.comments.store import SHOWN, WAITING, Store, place


class Comments:
    """A WSGI application for all that lies below that address: Isso behind its gate, and the author's desk.

    `site` is the printed folder, `home` where readers find it, `origins` where else its pages may be read from.
    """

    def __init__(self, settings: Settings, folder: Path, site: Path, home: str = "", origins: tuple[str, ...] = ()):
        self.below = address(settings)
        assert settings.comments
        self.settings, self.site, self.home = settings, site, home or settings.url
        secrets = read_secrets(folder, settings.comments)
        self.has_desk = secrets.password is not None
        self.store = Store(place(folder, settings.comments))
        isso = isso_thread.open_isso(settings, folder, origins)
        self.desk = Desk(settings, self.store, isso, secrets.password, self._page)
        self.gate = Gate(
            isso_thread.as_wsgi(isso), isso.render, lambda uri: self._page(uri) is not None,
            settings.comments.per_minute, (settings.origin, *origins),
        )  # fmt: skip
        self._subscribe(isso, secrets)

    def __call__(self, environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = self.below.rstrip("/")
        environ["PATH_INFO"] = "/" + environ["PATH_INFO"][len(self.below) :]
        if self.desk.handles(environ["PATH_INFO"]):
            return self._desk(environ, start_response)

        def with_headers(status: str, headers: list, *more: Any) -> Any:
            usual = [pair for pair in self.rules() if pair[0] not in dict(headers)]
            return start_response(status, [*headers, *usual], *more)

        return self.gate(environ, with_headers)

    def rules(self, html: bytes = b"") -> list[tuple[str, str]]:
        """The headers of a page of the site."""
        return policy.headers(self.settings, html)

    def _desk(self, environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self.desk(environ, start_response)
        except (CuadernoError, sqlite3.Error) as error:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"{error}\n".encode() if isinstance(error, CuadernoError) else b"The comments cannot be read.\n"]

    def _page(self, thread: str) -> str | None:
        """The address of the post that a thread belongs to, in the diary's own language if it is there."""
        if not THREAD.fullmatch(thread):
            return None
        ordered = sorted(self.settings.languages, key=lambda lang: lang != self.settings.default)
        for lang in ordered:
            path = thread if lang == self.settings.default else f"{lang}/{thread}"
            if (self.site / path / "index.html").is_file():
                return self.settings.base + quote(path)
        return None

    # -- telling the author --------------------------------------------------------------------------------------------

    def _subscribe(self, isso: Any, secrets: Secrets) -> None:
        messenger = Messenger(secrets, self.settings.default)
        moderated = bool(self.settings.comments and self.settings.comments.moderation)

        def new(thread: dict, comment: dict) -> None:
            messenger.tell(self._news(comment, thread["uri"], thread["title"]))

        def edited(comment: dict) -> None:
            """What was approved may not become something else behind the author's back."""
            if moderated and comment["mode"] == SHOWN:
                self.store.hold_back(comment["id"])
            if stored := self.store.get(comment["id"]):
                messenger.tell(self._news(vars(stored), stored.thread, stored.title, changed=True))

        isso.signal.subscriptions["comments.new:after-save"].append(new)
        isso.signal.subscriptions["comments.edit"].append(edited)

    def _news(self, comment: dict, thread: str, title: str, changed: bool = False) -> News:
        root = self.home.removesuffix(self.settings.base)
        key = self.desk.key(comment["id"], comment["text"])
        page = root + (self._page(thread) or self.settings.base)
        return News(
            comment["id"], title or thread, f"{page}#isso-{comment['id']}", f"{root}{self.below}moderate/{key}",
            unescape(comment["author"] or ""), unescape(comment["email"] or ""), comment["text"],
            comment["mode"] == WAITING, changed,
        )  # fmt: skip


def together(comments: Comments, rest: Callable[..., Any]) -> Callable[..., Any]:
    """One application: comments below their address, `rest` everywhere else."""

    def app(environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        mine = environ.get("PATH_INFO", "").startswith(comments.below)
        return (comments if mine else rest)(environ, start_response)

    return app
