"""Isso inside this process: set up from cuaderno.toml, its markup narrowed, its faults told apart."""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.comments.store import faults, in_words, place, prepare

TAGS = ["a", "p", "br", "ol", "ul", "li", "pre", "code", "blockquote", "del", "em", "strong", "sub", "sup", "hr"]
NEIGHBOURS = 5  # Isso counts a whole network of addresses as one; it may write this many times what one address may
FULL, BUSY = 507, 503


def load() -> Any:
    """The package `isso`, with all parts we use.

    Raises:  CuadernoError when it is not installed.
    """
    with quiet():
        try:
            import isso
            import isso.migrate
        except ModuleNotFoundError as error:
            raise CuadernoError(f"Comments need the package '{error.name}': pip install 'cuaderno[comments]'") from None
    logger = logging.getLogger("isso")
    logger.setLevel(logging.ERROR)
    logger.addFilter(_brief)
    return isso


def _brief(record: logging.LogRecord) -> bool:
    """One line for what the disk says: a full one must not be filled with tracebacks."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, sqlite3.Error):
        record.msg, record.args, record.exc_info = f"comments: {in_words(error)}", (), None
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Isso from setting up the logging of the whole process, which it does whenever nobody has."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addHandler(nobody)
    try:
        yield
    finally:
        root.removeHandler(nobody)


def open_isso(settings: Settings, folder: Path, origins: tuple[str, ...] = ()) -> Any:
    """The application: a WSGI callable that also has `db`, `signer`, `signal` and `render`.

    Raises:  CuadernoError when Isso is not installed or the database cannot be opened.
    """
    assert settings.comments
    isso, database = load(), place(folder, settings.comments)
    prepare(database)
    conf = isso.config.load(isso.config.default_file())
    conf.read_dict(_options(settings, database, origins))
    with quiet(), faults(database):
        key = isso.db.SQLite3(str(database), conf).preferences.get("session-key")
        conf.set("hash", "salt", hashlib.sha256(b"who is who" + key.encode()).hexdigest())
        app = _kind()(conf)
    app.narrow()
    return app


def _options(settings: Settings, database: Path, origins: tuple[str, ...]) -> dict[str, dict[str, str]]:
    comments = settings.comments
    assert comments
    return {
        "general": {
            "dbpath": str(database),
            "host": "\n".join((settings.origin, *origins)),
            "max-age": "15m",
            "notify": "stdout",  # taken away again by narrow()
        },
        "server": {"samesite": "Strict"},
        "admin": {"enabled": "false"},  # our own moderation page stands there
        "moderation": {"enabled": "true" if comments.moderation else "false"},
        "guard": {
            "enabled": "true",
            "ratelimit": str(NEIGHBOURS * comments.per_minute),
            "direct-reply": "1000",  # Isso never forgets these: three would be all that a school may ever say
            "reply-to-self": "true",  # and a neighbour counts as oneself
        },
    }


@lru_cache(maxsize=1)
def _kind() -> type:
    """Isso's application with what we change of it."""
    isso: Any = load()
    parents: Any = (isso.Isso, isso.ThreadedMixin)

    class App(*parents):  # type: ignore[misc]
        def narrow(self) -> None:
            """Fewer tags, nobody told over the log, and what the disk says kept for the answer."""
            self.markup.sanitizer.elements = TAGS
            self.signal.subscriptions.clear()
            self.render: Callable[[str], str] = lru_cache(maxsize=2048)(super().render)
            self._said = threading.local()
            self.db.execute = self._listening(self.db.execute)

        def purge(self, delta: int) -> None:
            """Isso would throw away what waited for thirty days. Nobody's words go unread here."""

        def _listening(self, execute: Callable) -> Callable:
            def listening(*arguments: Any) -> Any:
                try:
                    return execute(*arguments)
                except sqlite3.Error as error:
                    self._said.error = error
                    raise

            return listening

        def dispatch(self, request: Any) -> Any:
            self._said.error = None
            answer = super().dispatch(request)
            if self._said.error is None:
                return answer
            from werkzeug.wrappers import Response

            full = "full" in str(self._said.error)
            text = "There is no room left for comments." if full else "Comments cannot be stored just now."
            return Response(f"{text} What was stored before is intact.\n", FULL if full else BUSY)

    return App


def as_wsgi(app: Any) -> Callable:
    """Isso with its script in front, and the lock-step of its local variables around it."""
    from werkzeug.middleware.shared_data import SharedDataMiddleware

    isso = load()
    script = str(Path(isso.__file__).parent / "js" / "embed.min.js")
    origins = isso.origin(app.conf.getiter("general", "host"))
    shared = SharedDataMiddleware(isso.local_manager.make_middleware(app), {"/js/embed.min.js": script})
    return isso.wsgi.CORSMiddleware(
        shared, origin=origins, allowed=("Origin", "Referer", "Content-Type"), exposed=("X-Set-Cookie", "Date")
    )
