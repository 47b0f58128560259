"""The moderation page and the plain reading page: HTML without a script, where Isso's own page needs scripts inline.

`/admin/` asks for the password and lists what waits; `/moderate/KEY` is the signed address of one comment as it was
when somebody was told of it; `/thread?uri=…` shows a thread to readers without JavaScript.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cuaderno.diary.dates import spell_date
from cuaderno.diary.settings import Settings
from cuaderno.site import policy
from cuaderno.site.comments import gate
from cuaderno.site.comments.pace import Pace
from cuaderno.site.comments.secrets import Password
from cuaderno.site.comments.store import DELETED, SHOWN, WAITING, Comment, Store
from cuaderno.site.words import TEXT

COOKIE, DAY = "cuaderno-author", 24 * 60 * 60
KEY_LASTS = 90 * DAY
ATTEMPTS = 5  # a minute, at the password
MOST_LISTED = 50
USUAL: dict[str, Any] = {
    "wrong": False, "changed": False, "inside": False, "page": None, "total": 0, "state": WAITING,
}  # fmt: skip
TEMPLATES = Path(__file__).parents[1] / "templates"


class Desk:
    """A WSGI application for the addresses above; `pages` tells where a thread's post is, None when nowhere."""

    def __init__(
        self, settings: Settings, store: Store, isso: Any, password: Password | None,
        pages: Callable[[str], str | None],
    ):  # fmt: skip
        from itsdangerous import URLSafeTimedSerializer

        self.settings, self.store, self.isso, self.password, self.pages = settings, store, isso, password, pages
        secret = isso.db.preferences.get("session-key")
        self._keys = URLSafeTimedSerializer(secret, salt="moderate")
        self._sessions = URLSafeTimedSerializer(secret, salt=password.seal if password else b"off")
        self._attempts = Pace(ATTEMPTS)

    def handles(self, path: str) -> bool:
        return path in ("/admin", "/admin/", "/thread") or path.startswith("/moderate/")

    def __call__(self, environ: dict, start_response: Callable[..., Any]) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        request = Request(environ)
        request.max_content_length = gate.MOST_BYTES
        try:
            if request.method == "POST":
                gate.check_origin(environ)
                gate.check_length(environ)
            elif request.method not in ("GET", "HEAD"):
                raise gate.Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Nothing to be done here.")
            answer = self._answer(request)
        except gate.Refusal as refusal:
            return gate.refuse(start_response, refusal)
        return answer(environ, start_response)

    def _answer(self, request: Any) -> Any:
        if request.path == "/thread":
            return self._thread(request)
        if request.path.startswith("/moderate/"):
            return self._one(request, request.path.removeprefix("/moderate/"))
        return self._admin(request)

    # -- keys ----------------------------------------------------------------------------------------------------------

    def key(self, number: int, text: str) -> str:
        """What allows its bearer to approve or delete a comment as long as it says what it says now."""
        return self._keys.dumps([number, _digest(text)])

    def _unlock(self, key: str) -> tuple[Comment | None, bool]:
        """The comment of a key, and whether it still says the same."""
        from itsdangerous import BadData

        try:
            number, digest = self._keys.loads(key, max_age=KEY_LASTS)
        except BadData:
            raise gate.Refusal(HTTPStatus.FORBIDDEN, "This address is not valid, or not any more.") from None
        comment = self.store.get(number)
        return comment, comment is not None and _digest(comment.text) == digest

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _admin(self, request: Any) -> Any:
        action = request.form.get("action") if request.method == "POST" else ""
        if self.password is None:
            return self._page(request, "off", status=HTTPStatus.NOT_FOUND)
        if action == "enter":
            return self._enter(request)
        if not self._is_inside(request):
            return self._page(request, "login")
        if action == "leave":
            answer = self._back(request)
            answer.delete_cookie(COOKIE, path=request.script_root + "/")
            return answer
        if action == "delete-all":
            self._delete_all(request.form.getlist("key"))
            return self._back(request)
        state = SHOWN if request.args.get("state") == "shown" else WAITING
        found = [one for one in self.store.all() if one.mode == state]
        found.sort(key=lambda one: one.created, reverse=state == SHOWN)
        return self._page(request, "list", found[:MOST_LISTED], total=len(found), state=state, inside=True)

    def _delete_all(self, keys: list[str]) -> None:
        """Delete what the author saw waiting, and still waits and says the same; what came since then stays."""
        found = [self._unlock(key) for key in keys]
        self.store.delete_waiting(*(comment.id for comment, same in found if comment and same))

    def _enter(self, request: Any) -> Any:
        if seconds := self._attempts.wait(request.remote_addr or ""):
            raise gate.Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts.", ("Retry-After", str(seconds)))
        assert self.password
        if not self.password.is_right(request.form.get("password", "")):
            return self._page(request, "login", wrong=True, status=HTTPStatus.FORBIDDEN)
        answer = self._back(request)
        answer.set_cookie(
            COOKIE, self._sessions.dumps("author"), DAY, path=request.script_root + "/", httponly=True,
            samesite="Strict", secure=request.scheme == "https",
        )  # fmt: skip
        return answer

    def _is_inside(self, request: Any) -> bool:
        from itsdangerous import BadData

        try:
            who = self._sessions.loads(request.cookies.get(COOKIE, ""), max_age=DAY)
        except BadData:
            return False
        return self.password is not None and who == "author"

    def _one(self, request: Any, key: str) -> Any:
        comment, same = self._unlock(key)
        inside = self._is_inside(request)
        if comment is None or comment.mode == DELETED:
            return self._page(request, "gone", inside=inside)
        action = request.form.get("action") if request.method == "POST" and same else ""
        if action == "approve":
            self.store.approve(comment.id)
        elif action == "delete":
            self.store.delete(comment.id)
        if action in ("approve", "delete"):
            return self._back(request) if inside else self._page(request, f"{action}d")
        return self._page(request, "one", [comment], changed=not same, inside=inside)

    def _thread(self, request: Any) -> Any:
        thread = request.args.get("uri", "")
        if not gate.THREAD.fullmatch(thread) or self.pages(thread) is None:
            raise gate.Refusal(HTTPStatus.NOT_FOUND, "There is no such post.")
        found = self.store.shown(thread)
        roots = [one for one in found if one.parent is None]
        ordered = [one for root in roots for one in (root, *(other for other in found if other.parent == root.id))]
        return self._page(request, "thread", ordered, page=self.pages(thread))

    def _back(self, request: Any) -> Any:
        from werkzeug.utils import redirect

        return redirect(request.script_root + "/admin/", HTTPStatus.SEE_OTHER)

    def _page(
        self, request: Any, kind: str, comments: Iterable[Comment] = (), status: HTTPStatus = HTTPStatus.OK,
        **values: Any,
    ) -> Any:  # fmt: skip
        from werkzeug.wrappers import Response

        wanted = request.args.get("lang") or request.accept_languages.best_match(self.settings.languages)
        lang = wanted if wanted in self.settings.languages else self.settings.default
        html = self._template.render(
            USUAL | values, kind=kind, lang=lang, t=TEXT[lang], settings=self.settings, root=request.script_root,
            said=[self._shown(one, lang) for one in comments], SHOWN=SHOWN, DELETED=DELETED,
        )  # fmt: skip
        answer = Response(html, status, mimetype="text/html")
        for name, value in policy.headers(self.settings):
            answer.headers[name] = value
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "same-origin"
        return answer

    def _shown(self, one: Comment, lang: str) -> dict[str, Any]:
        """A comment as the template needs it. Only the sanitizer's HTML is taken as it is."""
        from html import unescape

        return {
            "one": one,
            "name": one.name or TEXT[lang]["comments_nobody"],
            "email": unescape(one.email or ""),
            "day": spell_date(datetime.fromtimestamp(one.created), lang),
            "html": Markup(self.isso.render(one.text).replace("<pre>", '<pre tabindex="0">')),
            "page": self.pages(one.thread),
            "key": self.key(one.id, one.text),
        }

    @cached_property
    def _template(self) -> Any:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        return environment.get_template("desk.html")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
