"""Comments as a file: Isso's own JSON with what it leaves out, and what Disqus and WordPress export."""

import base64
import json
import math
import re
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.site.comments.store import DELETED, NOWHERE, SHOWN, STATES, WAITING, Comment, Store

STAMP = "%Y-%m-%d %H:%M:%S"  # Isso reads it as local time
OURS = "cuaderno"  # the key under which stands what Isso's layout has no place for
VOTERS = 256  # bytes
PEEK = 8192
AHEAD = 26 * 60 * 60  # seconds: the stamp has no time zone, and clocks differ


@dataclass(frozen=True)
class Report:
    """What an import did."""

    added: int
    known: int  # were there already
    threads: tuple[str, ...]  # that no post of the diary belongs to


def export(store: Store, path: Path) -> int:
    """Write all comments; how many there are.

    Isso's `isso import -t generic` reads the file too, without parents and states, which its layout does not have.
    """
    threads: dict[str, dict] = {}
    comments = store.all()
    for one in comments:
        thread = threads.setdefault(one.thread, {"id": one.thread, "title": one.title, "comments": []})
        thread["comments"].append(_as_json(one))
    entries = ",\n".join(json.dumps(thread, ensure_ascii=False, indent=1) for thread in threads.values())
    write_atomic(path, "[" + entries + "]\n")  # Isso knows the layout by its first two characters
    return len(comments)


def _as_json(one: Comment) -> dict[str, Any]:
    return {
        "id": one.id,
        "author": one.author,
        "email": one.email,
        "website": one.website,
        "remote_addr": one.remote_addr,
        "created": time.strftime(STAMP, time.localtime(one.created)),
        "text": one.text,
        OURS: {
            "parent": one.parent,
            "state": one.state,
            "created": one.created,
            "modified": one.modified,
            "likes": one.likes,
            "dislikes": one.dislikes,
            "voters": base64.b64encode(one.voters).decode(),
            "notification": one.notification,
        },
    }


def import_file(store: Store, path: Path, posts: Iterable[str] = ()) -> Report:
    """Add the comments of a file, all of them or none. What is there already is left as it is.

    `posts` are the threads of the diary: an old address such as /2019/05/my-post/ finds the post of its last part.

    Raises:  CuadernoError naming thread and comment that cannot be read.
    """
    known_posts = {slug.strip("/").rsplit("/", 1)[-1]: slug for slug in posts}
    comments = [_at_home(one, known_posts) for one in read(path)]
    present = {_identity(one): one.id for one in store.all()}
    taken = set(present.values())
    numbers: dict[int, int] = {}
    with store.writing() as connection:
        for one in comments:
            if _identity(one) in present:
                numbers[one.id] = present[_identity(one)]
                continue
            number = one.id if one.id not in taken else max(taken) + 1
            taken.add(number)
            numbers[one.id] = number
            parent = numbers.get(one.parent) if one.parent is not None else None
            _insert(connection, replace(one, id=number, parent=parent))
    added = sum(_identity(one) not in present for one in comments)
    strange = {one.thread for one in comments} - set(known_posts.values()) if known_posts else set()
    return Report(added, len(comments) - added, tuple(sorted(strange)))


def _identity(one: Comment) -> tuple:
    return one.thread, round(one.created), one.author or "", one.text


def _at_home(one: Comment, posts: dict[str, str]) -> Comment:
    last = one.thread.split("?")[0].removesuffix(".html").strip("/").rsplit("/", 1)[-1]
    return replace(one, thread=posts.get(last, one.thread))


def _insert(connection: Any, one: Comment) -> None:
    connection.execute("INSERT OR IGNORE INTO threads (uri, title) VALUES (?, ?)", (one.thread, one.title))
    thread = connection.execute("SELECT id FROM threads WHERE uri = ?", (one.thread,)).fetchone()[0]
    connection.execute(
        "INSERT INTO comments (tid, id, parent, created, modified, mode, remote_addr, text, author, email, website, "
        "likes, dislikes, voters, notification) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (thread, one.id, one.parent, one.created, one.modified, one.mode, one.remote_addr, one.text, one.author,
         one.email, one.website, one.likes, one.dislikes, one.voters, one.notification),
    )  # fmt: skip


# -- reading -----------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Comment]:
    """The comments of a file of any kind that is known, parents before their answers, each with a number of its own."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}.") from None
    if text.lstrip().startswith("<"):
        return _of_others(Path(path), text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CuadernoError(f"{path} is no JSON: {error}. Take a file of `cuaderno comments export`.") from None
    if not isinstance(found, list):
        raise CuadernoError(f'{path} is no export of comments: it must be a list of threads, [{{"id": …}}, …].')
    return _ordered([one for thread in found for one in _thread(path, thread)])


def _thread(path: Path, thread: Any) -> list[Comment]:
    if not isinstance(thread, dict) or not isinstance(thread.get("id"), str) or not thread["id"].strip():
        raise CuadernoError(f"{path}: a thread has no id. Each needs id, title and comments.")
    name, comments = thread["id"], thread.get("comments")
    if not isinstance(comments, list):
        raise CuadernoError(f"{path}: the thread '{name}' has no list of comments.")
    return [_comment(f"{path}: thread '{name}', comment {at}", thread, raw) for at, raw in enumerate(comments, 1)]


def _comment(where: str, thread: dict, raw: Any) -> Comment:
    try:
        more = raw.get(OURS) or {}
        created = _seconds(where, "created", more["created"]) if "created" in more else _stamp(where, raw["created"])
        modified = None if more.get("modified") is None else _seconds(where, "modified", more["modified"])
        mode = _mode(where, raw, more)
        voters = base64.b64decode(more.get("voters") or "", validate=True)
        one = Comment(
            int(raw["id"]), thread["id"], str(thread.get("title") or thread["id"]),
            None if more.get("parent") is None else int(more["parent"]), created, modified, mode,
            str(raw.get("remote_addr") or NOWHERE), str(raw["text"] or ""), _escaped(raw.get("author")),
            _escaped(raw.get("email")), safe_website(raw.get("website")), int(more.get("likes") or 0),
            int(more.get("dislikes") or 0), voters if len(voters) == VOTERS else bytes(VOTERS),
            int(more.get("notification") or 0),
        )  # fmt: skip
        json.dumps([one.text, one.author, one.email, one.thread], ensure_ascii=False).encode()  # no half characters
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        said = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error)
        raise CuadernoError(f"{where} cannot be read: {said}. Nothing was imported.") from None
    if abs(one.id) >= 1 << 53:
        raise CuadernoError(f"{where} has no possible date or number. Nothing was imported.")
    return _past(where, one)


def _stamp(where: str, value: Any) -> float:
    if not isinstance(value, str):
        raise CuadernoError(
            f"{where}: 'created' is {_brief(value)}. It must be a text such as \"2026-11-21 18:30:00\". "
            "Nothing was imported."
        )
    return time.mktime(time.strptime(value, STAMP))


def _seconds(where: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise CuadernoError(
            f"{where} has no possible date: '{name}' under '{OURS}' is {_brief(value)}. "
            "It must be a number of seconds since 1970. Nothing was imported."
        )
    return float(value)


def _mode(where: str, raw: dict, more: dict) -> int:
    """What is to become of a comment: shown when it says nothing, not taken when it says what we do not know."""
    if (mode := raw.get("mode")) is not None and (isinstance(mode, bool) or mode not in list(STATES)):
        known = ", ".join(f"{number} ({name})" for number, name in STATES.items())
        raise CuadernoError(f"{where}: 'mode' is {_brief(mode)}. It must be one of {known}. Nothing was imported.")
    state = more.get("state", STATES[mode or SHOWN])
    for number, name in STATES.items():
        if state == name:
            return number
    known = ", ".join(STATES.values())
    raise CuadernoError(f"{where}: 'state' is {_brief(state)}. It must be one of {known}. Nothing was imported.")


def _past(where: str, one: Comment) -> Comment:
    """The comment, if it was written and changed before now.

    Raises:  CuadernoError when it was not: its date would put it before all others for years.
    """
    for name, moment in (("created", one.created), ("modified", one.modified or 0)):
        if moment > time.time() + AHEAD:
            when = f"on {datetime.fromtimestamp(moment):%Y-%m-%d}" if moment < 1e11 else f"at {moment:g}"
            raise CuadernoError(
                f"{where}: '{name}' lies in the future, {when}. Correct the date in the file. Nothing was imported."
            )
    return one


def _brief(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=True)
    return said if len(said) <= 40 else said[:39] + "…"


def _escaped(value: Any) -> str | None:
    """A name or e-mail as Isso keeps it, whether it was escaped already or not."""
    if value is None or value == "":
        return None
    return escape(unescape(str(value)).strip(), quote=False)


def safe_website(value: Any) -> str | None:
    """A web address as Isso keeps it; anything that is none is dropped."""
    address = unescape(str(value or "")).strip()
    if not address:
        return None
    if not re.match(r"https?://", address, re.I):
        address = "http://" + address
    plain = re.fullmatch(r"https?://[\w-]+(\.[\w-]+)*(:\d+)?([/?#][^\s\\]*)?", address, re.I)
    return escape(address, quote=True) if plain and len(address) <= 254 else None


def _ordered(comments: list[Comment]) -> list[Comment]:
    """Numbers that are unique over all threads, and parents that stand before their answers.

    Isso's layout counts inside each thread; answers to answers belong to the first, as Isso has one level of them.
    """
    if len({one.id for one in comments}) < len(comments):
        spread, start = [], 0
        for thread in dict.fromkeys(one.thread for one in comments):
            inside = [one for one in comments if one.thread == thread]
            offset = start + 1 - min(one.id for one in inside)
            spread += [_moved(one, offset) for one in inside]
            start = max(one.id for one in spread)
        comments = spread
    by_number = {one.id: one for one in comments}
    rooted = [replace(one, parent=_root(one, by_number)) for one in comments]
    return sorted(rooted, key=lambda one: (one.parent is not None, one.id))


def _moved(one: Comment, offset: int) -> Comment:
    return replace(one, id=one.id + offset, parent=None if one.parent is None else one.parent + offset)


def _root(one: Comment, by_number: dict[int, Comment]) -> int | None:
    seen, at = {one.id}, one
    while at.parent is not None:
        above = by_number.get(at.parent)
        if above is None or above.thread != one.thread or above.id in seen:
            break
        seen.add(above.id)
        at = above
    return at.id if at.id != one.id else None


# -- Disqus and WordPress, through Isso's own readers ------------------------------------------------------------------


def _of_others(path: Path, text: str) -> list[Comment]:
    from cuaderno.site.comments import thread as isso_thread

    isso = isso_thread.load()
    with TemporaryDirectory() as scratch, isso_thread.quiet():
        database = Path(scratch) / "comments.db"
        conf = isso.config.load(isso.config.default_file())
        kind = isso.migrate.autodetect(text[:PEEK])
        if kind is None:
            raise CuadernoError(f"{path} is no export of Isso, Disqus or WordPress.")
        target = isso.db.SQLite3(str(database), conf)
        disqus = kind is isso.migrate.Disqus
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Isso asks an element of XML whether it is true
                (kind(target, str(path), empty_id=True) if disqus else kind(target, str(path))).migrate()
        except Exception as error:  # whatever its parsers stumble over
            raise CuadernoError(f"{path} cannot be read by Isso: {error}. Nothing was imported.") from error
        found = Store(database).all()
    clean = [
        replace(one, author=_escaped(one.author), email=_escaped(one.email), website=safe_website(one.website),
                text=as_markdown(one.text), mode=one.mode if one.mode in (SHOWN, WAITING, DELETED) else WAITING)
        for one in found
    ]  # fmt: skip
    return _ordered([_past(f"{path}: thread '{one.thread}', comment {one.id}", one) for one in clean])


class _Words(HTMLParser):
    """The text of a piece of HTML, with its paragraphs, line breaks and links as Markdown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.out.append("\n")
        elif tag in ("p", "div", "blockquote", "li", "pre"):
            self.out.append("\n\n")
        elif tag == "a":
            self.links.append(dict(attributes).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links and (target := self.links.pop()).startswith(("http://", "https://")):
            self.out.append(f" <{target}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)


def as_markdown(text: str) -> str:
    """What a person wrote into a box that took HTML; a text without any stays as it is."""
    if not re.search(r"</?(p|br|a|div|blockquote|em|strong|b|i|code|pre|ul|ol|li)\b[^>]*>", text, re.I):
        return text
    words = _Words()
    words.feed(text)
    words.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(words.out)).strip()
