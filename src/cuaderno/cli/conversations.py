"""Conversations that were kept: list them, show one, write them as a training set."""

import argparse
from pathlib import Path

from cuaderno.chat import saved
from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.lab.text import printable


def chats(arguments: argparse.Namespace) -> None:
    diary = the_diary(arguments)
    found = saved.all_saved(diary, damaged=tell)
    if arguments.names:
        found = [saved.find(diary, name, damaged=lambda said: None) for name in arguments.names]
    if arguments.export:
        export(found, Path(arguments.export))
    elif arguments.names:
        for one in found:
            print("\n\n".join(f"{message['role']}: {printable(message['content'])}" for message in one.messages))
    elif not found:
        print("No conversation is kept here yet. Keep one: cuaderno chat --save")
    else:
        rows = [(one.name, one.model, str(len(one.messages)), printable(one.title)) for one in found]
        print_table(("conversation", "model", "messages", "begins"), rows)


def export(found: list[saved.Saved], path: Path) -> None:
    """Write a training set.

    Raises:  CuadernoError when there is nothing to write, or a file in the place.
    """
    text = saved.training_set(reversed(found))
    if not text:
        raise CuadernoError("There is no kept conversation with an answer in it. Keep one: cuaderno chat --save")
    if path.exists():
        raise CuadernoError(f"{path} exists and stays as it is. Name another file, or take it away first.")
    write_atomic(path, text)
    print(f"{text.count(chr(10))} conversations in {path}, a line of `messages` each")


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "chats",
        chats,
        "List the conversations that were kept, or write them as a training set.",
        "",
        "20261126-1530              # read one",
        "--export talks.jsonl       # all of them, one a line, to train with",
        "--export talks.jsonl 20261126-1530 20261126-1612",
    )
    verb.add_argument("names", nargs="*", metavar="NAME", help="only these: a name or the beginning of one")
    verb.add_argument("--export", metavar="FILE", help="write them as JSON lines of `messages`")
