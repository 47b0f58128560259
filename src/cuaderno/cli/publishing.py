"""Check the diary, and bring it to its readers."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, tell
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.progress import Progress

if TYPE_CHECKING:
    from cuaderno.site.check import Report
    from cuaderno.site.publish import Outcome
    from cuaderno.site.publishing.edition import Changes
    from cuaderno.site.publishing.target import Target


def check(arguments: argparse.Namespace) -> int:
    from cuaderno.site.publish import examine

    with Parts(10 + arguments.online) as part:
        found = examine(the_diary(arguments), ask=arguments.online, say=tell, part=part)
    if arguments.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        show(found)
    strictly = arguments.strict and bool(found.of("warning"))
    return 1 if found.errors or strictly else 0


def show(found: "Report") -> None:
    """Findings for the person, the outcome on standard output."""
    for line in found.lines:
        tell(line)
    print(found.summary)
    for run, cases in found.compared.items():
        print(f"{run}: {cases} browser answers equal Python's")


def publish(arguments: argparse.Namespace) -> None:
    from cuaderno.site.publish import publish

    def agree(target: "Target", changes: "Changes") -> bool:
        return arguments.yes or agreed(target, changes)

    with Parts(10) as part, files_shown() as step:
        done = publish(
            the_diary(arguments), arguments.target or "", dry_run=arguments.dry_run, force=arguments.force,
            agree=agree, say=tell, part=part, step=step,
        )  # fmt: skip
    if arguments.json:
        print(json.dumps(as_dict(done), ensure_ascii=False, indent=2))
        return
    if arguments.dry_run:
        tell(f"live: {done.live.shown}" if done.live else "live: nothing of ours yet")
        for line in done.changes.lines:
            print(line)
    if done.pushed:
        tell(done.told)
        print(f"{done.changes.shown}: {done.address}")
    elif not done.changes:
        print(f"Nothing to do: {done.target} has this very site ({done.address})")
    elif arguments.dry_run:
        print(f"Would publish to {done.target}: {done.changes.shown}")
    else:
        raise CuadernoError("Nothing was published.")


def as_dict(done: "Outcome") -> dict:
    live = asdict(done.live) if done.live else None
    return {"target": done.target, "address": done.address, "live": live, "published": done.pushed,
            "added": done.changes.added, "changed": done.changes.changed, "removed": done.changes.removed,
            "bytes": done.changes.bytes}  # fmt: skip


def agreed(target: "Target", changes: "Changes") -> bool:
    """Ask the person; without one, `--yes` must have been said."""
    if not sys.stdin.isatty():
        raise CuadernoError(
            f"Nothing was published: there is nobody to ask whether to publish to {target.name} ({changes.shown}). "
            "Say so beforehand: cuaderno publish --yes"
        )
    tell(f"Publish to {target.name}: {changes.shown}")
    print("Go ahead? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "s", "si", "sí")


class Parts:
    """A bar in a terminal that counts what is looked at, from the first part to an empty name; nothing elsewhere."""

    def __init__(self, total: int):
        self.total = total
        self.bar: Progress | None = None

    def __enter__(self) -> "Parts":
        return self

    def __call__(self, name: str) -> None:
        if not name:
            self.__exit__()
        elif self.bar:
            self.bar.advance()
        elif sys.stderr.isatty():
            self.bar = Progress("checking", self.total, unit="part").__enter__()

    def __exit__(self, *_) -> None:
        if self.bar:
            self.bar.__exit__()
            self.bar = None


@contextmanager
def files_shown() -> Iterator[Callable[[int, int], None]]:
    """Progress over the files, from the first to the last."""
    shown: list[Progress] = []

    def step(done: int, total: int) -> None:
        if not shown and done < total:
            shown.append(Progress("publishing", total, unit="file").__enter__())
        if shown:
            shown[0].update(done)
            if done == total:
                shown.pop().__exit__()

    try:
        yield step
    finally:
        for progress in shown:
            progress.__exit__()


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "check",
        check,
        "Check that the diary builds, its links lead somewhere, its bets are fair, its models agree, and more.",
        "",
        "--online                      # also ask whether outside links are still there",
        "--json                        # the findings for a program",
    )
    verb.add_argument("--online", action="store_true", help="ask outside addresses too, which takes a while")
    verb.add_argument("--strict", action="store_true", help="fail on warnings, not on errors only")
    verb.add_argument("--json", action="store_true", help="print JSON")

    verb = verbs.add(
        "publish",
        publish,
        "Check the diary, print it and bring it to its readers: all at once, or not at all.",
        "                              # to what cuaderno.toml says in [publish]",
        "github                        # to the branch gh-pages, for GitHub Pages",
        "/var/www/diary                # to a folder",
        "rsync:me@example.org:/var/www/diary",
        "--dry-run                     # what is live, and what would change",
    )
    verb.add_argument("target", nargs="?", metavar="TARGET", help="github, a folder, or rsync:HOST:FOLDER")
    verb.add_argument("--dry-run", action="store_true", help="change nothing; show what would change")
    verb.add_argument("--yes", "-y", action="store_true", help="do not ask")
    verb.add_argument("--force", action="store_true", help="publish in spite of errors, but never a secret")
    verb.add_argument("--json", action="store_true", help="print JSON")
