"""The comments on disk, in Isso's SQLite file: read, approved, deleted, forgotten. Needs nothing but Python."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from html import unescape
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from cuaderno.diary.comments import Comments
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors

SHOWN, WAITING, DELETED = 1, 2, 4  # Isso's numbers
STATES = {SHOWN: "shown", WAITING: "waiting", DELETED: "deleted"}
NOWHERE = "0.0.0.0"
PATIENCE = 10  # seconds to wait while somebody else writes
SELECT = """
    SELECT comments.id, threads.uri, threads.title, parent, created, modified, mode, remote_addr, text, author, email,
           website, likes, dislikes, voters, notification
    FROM comments JOIN threads ON threads.id = comments.tid"""


@dataclass(frozen=True)
class Comment:
    """One comment as it is stored. Isso keeps author, e-mail and website escaped for HTML."""

    id: int
    thread: str
    title: str
    parent: int | None
    created: float
    modified: float | None
    mode: int
    remote_addr: str
    text: str
    author: str | None
    email: str | None
    website: str | None
    likes: int
    dislikes: int
    voters: bytes
    notification: int | None

    @property
    def state(self) -> str:
        return STATES.get(self.mode, "deleted")

    @property
    def name(self) -> str:
        """The author's name as they wrote it."""
        return unescape(self.author or "")


FIELDS = tuple(field.name for field in fields(Comment))


def place(folder: Path, comments: Comments) -> Path:
    """Where the comments of a diary are kept."""
    return Path(folder) / comments.database


def prepare(path: Path) -> None:
    """Make the file and its folder, readable by their owner only: they hold e-mail addresses.

    Raises:  CuadernoError when the disk does not let us.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


class Store:
    """The comments of one file. Every change is one transaction: all of it or nothing."""

    def __init__(self, path: Path):
        self.path = Path(path)

    def waiting(self) -> list[Comment]:
        return self._select("WHERE mode = ? ORDER BY created, comments.id", WAITING)

    def all(self) -> list[Comment]:
        return self._select("ORDER BY threads.id, comments.id")

    def shown(self, thread: str) -> list[Comment]:
        """What the readers of a thread see: what was approved, and what is gone but was answered."""
        return self._select("WHERE uri = ? AND mode IN (?, ?) ORDER BY created", thread, SHOWN, DELETED)

    def get(self, number: int) -> Comment | None:
        found = self._select("WHERE comments.id = ?", number)
        return found[0] if found else None

    def by_email(self, email: str) -> list[Comment]:
        """Everything that came from an e-mail address, however it was spelt."""
        wanted = unescape(email).strip().casefold()
        return [one for one in self.all() if one.email and unescape(one.email).strip().casefold() == wanted]

    def waiting_by(self, who: str) -> list[Comment]:
        """What waits and came from an internet address, an e-mail address or a name."""
        wanted, network = unescape(who).strip().casefold(), _network(who)
        return [
            one for one in self.waiting()
            if (network and _network(one.remote_addr) == network)
            or wanted in (one.name.strip().casefold() or None, unescape(one.email or "").strip().casefold() or None)
        ]  # fmt: skip

    def approve(self, *numbers: int) -> None:
        with self.writing() as connection:
            for number in numbers:
                connection.execute("UPDATE comments SET mode = ? WHERE id = ? AND mode = ?", (SHOWN, number, WAITING))

    def hold_back(self, number: int) -> None:
        """Let a shown comment wait again: it was changed after it had been read."""
        with self.writing() as connection:
            connection.execute("UPDATE comments SET mode = ? WHERE id = ? AND mode = ?", (WAITING, number, SHOWN))

    def delete(self, *numbers: int) -> None:
        """Take comments away. One that was answered leaves an empty place, so that the answers keep theirs."""
        self._delete(numbers, (SHOWN, WAITING, DELETED))

    def delete_waiting(self, *numbers: int) -> None:
        """Take away those of them that still wait: one that was approved meanwhile stays."""
        self._delete(numbers, (WAITING,))

    def _delete(self, numbers: Iterable[int], modes: tuple[int, ...]) -> None:
        with self.writing() as connection:
            for number in numbers:
                connection.execute(
                    "UPDATE comments SET text = '', author = NULL, email = NULL, website = NULL, modified = NULL, "
                    "remote_addr = ?, voters = ?, notification = 0, mode = ? "
                    f"WHERE id = ? AND mode IN ({', '.join('?' * len(modes))})",
                    (NOWHERE, bytes(256), DELETED, number, *modes),
                )
            while connection.execute(
                "DELETE FROM comments WHERE mode = ? AND id NOT IN "
                "(SELECT parent FROM comments WHERE parent IS NOT NULL)", (DELETED,)
            ).rowcount:  # fmt: skip
                pass

    def compact(self) -> None:
        """Rewrite the file, so that nothing of what was deleted stays in its gaps."""
        with self._opened() as connection:
            connection.execute("VACUUM")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that overwrites what it deletes."""
        with self._opened() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _select(self, condition: str, *values: Any) -> list[Comment]:
        with self._opened() as connection:
            return [Comment(*row) for row in connection.execute(f"{SELECT} {condition}", values)]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise CuadernoError(f"There are no comments yet: no file {self.path}. Start: cuaderno serve --comments")
        with faults(self.path), closing(sqlite3.connect(self.path, PATIENCE, isolation_level=None)) as connection:
            yield connection


def _network(address: str) -> Any:
    """The network of an internet address as far as Isso keeps it; None when it is no address."""
    try:
        found: Any = ip_address(address.strip())
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    return ip_network((found, 24 if found.version == 4 else 48), strict=False)


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """What SQLite has to say, as one clear paragraph."""
    try:
        yield
    except sqlite3.Error as error:
        raise CuadernoError(f"{path}: {in_words(error)} What was stored before is intact.") from error


def in_words(error: sqlite3.Error) -> str:
    said = str(error)
    if "full" in said:
        return "The disk is full: free some space and do it again."
    if "locked" in said:
        return "Somebody else is writing just now: do it again in a moment."
    if "readonly" in said or "unable to open" in said:
        return "It may not be written or opened: mend the permissions of the file and of its folder."
    if "not a database" in said or "malformed" in said:
        return "This is no database of comments, or it is damaged: put a copy of it in its place."
    if "no such table" in said:
        return "There are no comments in it. Start: cuaderno serve --comments"
    return f"SQLite says: {said}."
