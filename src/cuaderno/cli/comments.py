"""What readers wrote: read it, approve it, delete it, take it along."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.lab.errors import CuadernoError, nearest

if TYPE_CHECKING:
    from cuaderno.site.comments.store import Comment, Store

MOST_SHOWN = 600  # characters of a comment in the list; --json has them all
MOST_NAMED = 20  # comments that are named before a question about many


def comments(arguments: argparse.Namespace) -> None:
    action = ACTIONS.get(arguments.order or "list")
    if action is None:
        raise CuadernoError(f"There is nothing called '{arguments.order}' to do.{nearest(arguments.order, ACTIONS)}")
    _check_which(arguments)
    action(_store(arguments), arguments)


def _check_which(arguments: argparse.Namespace) -> None:
    """Whether --waiting and --by stand where they mean something."""
    order = arguments.order or "list"
    if arguments.waiting and order not in ("approve", "delete", "list"):
        raise CuadernoError(f"`cuaderno comments {order}` takes no --waiting: it goes with approve and delete.")
    if arguments.waiting and order != "list" and arguments.what:
        raise CuadernoError(f"Either ids or --waiting, not both: cuaderno comments {order} --waiting")
    if arguments.by is None:
        return
    if not (arguments.waiting or order == "list") or arguments.all:
        raise CuadernoError("--by narrows what waits. Write it like this: cuaderno comments delete --waiting --by NAME")
    if not arguments.by.strip():
        raise CuadernoError("--by needs an internet address, an e-mail address or a name.")


def _waiting(store: "Store", arguments: argparse.Namespace) -> list["Comment"]:
    return store.waiting() if arguments.by is None else store.waiting_by(arguments.by)


def _store(arguments: argparse.Namespace) -> "Store":
    from cuaderno.diary.settings import read_settings
    from cuaderno.site.comments.section import address
    from cuaderno.site.comments.store import Store, place

    folder = the_diary(arguments)
    settings = read_settings(folder)
    address(settings)
    assert settings.comments
    return Store(place(folder, settings.comments))


def show(store: "Store", arguments: argparse.Namespace) -> None:
    _takes(arguments, 0, "")
    found = store.all() if arguments.all else _waiting(store, arguments)
    if arguments.json:
        print(json.dumps([_as_dict(one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell(_nothing(arguments) if not arguments.all else "There are no comments.")
        return
    rows = [
        (str(one.id), one.state, f"{datetime.fromtimestamp(one.created):%Y-%m-%d %H:%M}", _clean(one.name) or "–",
         one.thread, _clean(one.text)[:MOST_SHOWN])
        for one in found
    ]  # fmt: skip
    print_table(("id", "state", "when", "who", "on", "says"), rows)
    if not arguments.all:
        print("\nShow one with `cuaderno comments approve ID`, or take it away with `cuaderno comments delete ID`.")


def _as_dict(one: "Comment") -> dict:
    from html import unescape

    when = datetime.fromtimestamp(one.created).astimezone().isoformat(timespec="seconds")
    return {
        "id": one.id, "state": one.state, "created": when, "author": one.name, "email": unescape(one.email or ""),
        "thread": one.thread, "title": one.title, "parent": one.parent, "text": one.text,
        "address": one.remote_addr,
    }  # fmt: skip


def _clean(text: str) -> str:
    """On one line, without anything that could command a terminal or turn the text around."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "�" for letter in words)


def _nothing(arguments: argparse.Namespace) -> str:
    return "Nothing waits." if arguments.by is None else f"Nothing waits that came from {_clean(arguments.by)}."


def approve(store: "Store", arguments: argparse.Namespace) -> None:
    if arguments.waiting:
        _decide(store, arguments, "Show {these} to all readers?", "Nothing was changed.", store.approve, "shown now")
        return
    found = _named(store, arguments)
    store.approve(*(one.id for one in found))
    for one in found:
        again = "" if one.state == "waiting" else f" (it was {one.state})"
        tell(f"Comment {one.id} by {_clean(one.name) or 'nobody named'} on {one.thread} is shown{again}.")


def _decide(
    store: "Store", arguments: argparse.Namespace, question: str, otherwise: str, do: Callable[..., None], done: str
) -> None:  # fmt: skip
    """Ask about all that wait, or all that wait by somebody, and do it to those that were there when we asked."""
    found = _waiting(store, arguments)
    if not found:
        tell(_nothing(arguments))
        return
    for one in found[:MOST_NAMED]:
        tell(f"{one.id}  {_clean(one.name) or '–'}: {_clean(one.text)[:100]}")
    if len(found) > MOST_NAMED:
        tell(f"… and {len(found) - MOST_NAMED} more")
    these = "1 comment that waits" if len(found) == 1 else f"all {len(found)} comments that wait"
    _confirm(arguments, question.format(these=these), otherwise)
    do(*(one.id for one in found))
    tell(f"{_count(len(found))} {done}.")


def delete(store: "Store", arguments: argparse.Namespace) -> None:
    if arguments.waiting:
        _decide(store, arguments, "Delete {these} for good?", "Nothing was deleted.", store.delete_waiting, "deleted")
        return
    found = _named(store, arguments)
    for one in found:
        tell(f"{one.id}  {_clean(one.name) or '–'}: {_clean(one.text)[:100]}")
    _confirm(arguments, f"Delete {_count(len(found))} for good?")
    store.delete(*(one.id for one in found))
    tell("Deleted. Answers to them keep their place.")


def export(store: "Store", arguments: argparse.Namespace) -> None:
    from cuaderno.site.comments import exchange

    path = Path(_takes(arguments, 1, "FILE")[0])
    tell(f"{_count(exchange.export(store, path))} in {path}. It holds e-mail addresses: keep it to yourself.")


def import_(store: "Store", arguments: argparse.Namespace) -> None:
    from cuaderno.diary.diary import Diary
    from cuaderno.site.comments import exchange, thread
    from cuaderno.site.comments.store import prepare

    path = Path(_takes(arguments, 1, "FILE")[0])
    exchange.read(path)
    diary = Diary.open(the_diary(arguments))
    if not store.path.is_file():
        prepare(store.path)
        thread.open_isso(diary.settings, diary.folder)
    report = exchange.import_file(store, path, {f"posts/{post.slug}/" for post in diary.posts})
    known = f"; {report.known} were there already" if report.known else ""
    tell(f"{_count(report.added)} added{known}.")
    if report.threads:
        shown = "\n".join(f"  {_clean(name)}" for name in report.threads)
        tell(f"These threads belong to no post of the diary, and nobody will see them:\n{shown}")


def forget(store: "Store", arguments: argparse.Namespace) -> None:
    email = _takes(arguments, 1, "EMAIL")[0]
    found = store.by_email(email)
    if not found:
        tell(f"Nothing here came from {_clean(email)}.")
        return
    for one in found:
        tell(f"{one.id}  {one.thread}  {_clean(one.text)[:100]}")
    _confirm(arguments, f"Delete all {_count(len(found))} of {_clean(email)} for good?")
    store.delete(*(one.id for one in found))
    store.compact()
    tell(
        "Forgotten: texts, name, e-mail and address. Answers of others keep their place. Files you exported still know."
    )


def _named(store: "Store", arguments: argparse.Namespace) -> list["Comment"]:
    found = []
    for word in arguments.what:
        one = store.get(int(word)) if word.isdecimal() and len(word) < 16 else None
        if one is None:
            raise CuadernoError(f"There is no comment '{word}'. See which there are: cuaderno comments --all")
        found.append(one)
    if not found:
        raise CuadernoError(f"Say which: cuaderno comments {arguments.order} ID. See them with: cuaderno comments")
    return found


def _takes(arguments: argparse.Namespace, count: int, name: str) -> list[str]:
    if len(arguments.what) != count:
        action = f" {arguments.order}" if arguments.order else ""
        raise CuadernoError(f"Write it like this: cuaderno comments{action} {name}".rstrip())
    return arguments.what


def _confirm(arguments: argparse.Namespace, question: str, otherwise: str = "Nothing was deleted.") -> None:
    """Go on only when the person says so.

    Raises:  CuadernoError when they do not, or cannot be asked.
    """
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise CuadernoError(f"{question} Nobody is there to ask; add --yes if you mean it.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CuadernoError(otherwise)


def _count(number: int) -> str:
    return "1 comment" if number == 1 else f"{number} comments"


ACTIONS: dict[str, Callable[["Store", argparse.Namespace], None]] = {
    "list": show,
    "approve": approve,
    "delete": delete,
    "export": export,
    "import": import_,
    "forget": forget,
}


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "comments",
        comments,
        "Read what readers wrote, approve or delete it, take it along.",
        "                         # what waits",
        "approve 12 13",
        "delete 14",
        "delete --waiting         # all that wait; or all that wait by somebody:",
        "delete --waiting --by 203.0.113.9",
        "export comments.json     # Isso's JSON; `import` reads it, and exports of Disqus and WordPress",
        "import comments.json",
        "forget ada@example.org   # everything that came from an e-mail address",
    )
    actions = ", ".join(ACTIONS)
    verb.add_argument("order", nargs="?", metavar="ACTION", help=f"{actions} (default: list)")
    verb.add_argument("what", nargs="*", metavar="WHAT", help="the ids, the file or the e-mail address it is about")
    verb.add_argument("--all", action="store_true", help="list all comments, not only those that wait")
    verb.add_argument("--json", action="store_true", help="list them as JSON")
    verb.add_argument("--waiting", action="store_true", help="approve or delete all that wait")
    verb.add_argument("--by", metavar="WHO", help="of what waits, only what came from an address, an e-mail or a name")
    verb.add_argument("--yes", action="store_true", help="do it without asking")
