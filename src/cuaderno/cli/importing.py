"""Posts that were written elsewhere: Astro, Hugo, Jekyll, Jupyter notebooks, plain Markdown."""

import argparse
import json
import re
import sys
from collections import Counter
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, tell
from cuaderno.lab.errors import CuadernoError

FEW = 40  # files that are read at once


def bring(arguments: argparse.Namespace) -> int:
    from cuaderno.diary.importing.arriving import arrive
    from cuaderno.diary.importing.finding import find
    from cuaderno.diary.settings import read_settings
    from cuaderno.lab.progress import Progress
    from cuaderno.site.posters import safe_svg

    folder = the_diary(arguments)
    settings = read_settings(folder)
    found = list(find([Path(path).expanduser() for path in arguments.paths]))
    if not found:
        raise CuadernoError(f"There is nothing to import in {', '.join(arguments.paths)}: no Markdown and no notebook.")
    clean = partial(safe_svg, standalone=True)
    with Progress("import", len(found), unit="file") if len(found) > FEW else nullcontext() as progress:
        seen = progress.advance if progress else lambda: None
        arrivals, refused = arrive(found, folder, settings, clean, asker(arguments), seen)
    rows = [settle(folder, arrival, arguments) for arrival in arrivals]
    if not arguments.dry_run:
        prove(folder, rows)
    left = [{"source": str(one.path), "reason": one.reason, "fault": one.fault} for one in refused]
    if arguments.json:
        print(json.dumps({"posts": rows, "not_imported": left}, ensure_ascii=False, indent=2))
    else:
        show(rows, left, arguments.dry_run)
    return 1 if any(one.fault for one in refused) or any(row["state"] == "refused" for row in rows) else 0


def asker(arguments: argparse.Namespace):
    """How the day of a text that tells none is found: given, asked for in a terminal, else its file's."""
    if arguments.date:
        return lambda path, day: arguments.date
    if arguments.json or arguments.dry_run or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return ask_date


def ask_date(path: Path, day: date) -> str:
    tell(f"{path} says no date that can be read.")
    return input(f"  its date [{day}]: ")


def settle(folder: Path, arrival, arguments: argparse.Namespace) -> dict:
    """Write a post where that is right, and say what happened."""
    from cuaderno.diary.importing.arriving import SAME, TAKEN, standing, write

    state, backup = standing(folder, arrival), None
    if state == SAME:
        state = "unchanged"
    elif state == TAKEN and not (arguments.force and (arguments.dry_run or may_overwrite(arrival, arguments))):
        state = "refused"
    elif arguments.dry_run:
        state = "would be overwritten" if state == TAKEN else "would be imported"
    else:
        backup = write(folder, arrival)
        state = "overwritten" if backup else "imported"
    return {
        "post": arrival.name, "source": str(arrival.source.path), "state": state, "backup": str(backup or "") or None,
        "pictures": [*arrival.copies, *arrival.pictures], "changed": arrival.changed, "kept_as_text": arrival.kept,
        "lost": arrival.lost,
    }  # fmt: skip


def may_overwrite(arrival, arguments: argparse.Namespace) -> bool:
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise CuadernoError(f"{arrival.name} is there already. --force asks before it overwrites: add --yes to agree.")
    return input(f"{arrival.name} is there already. Overwrite it? [y/N] ").strip().lower() in (
        "y",
        "yes",
        "s",
        "sí",
        "si",
    )


def prove(folder: Path, rows: list[dict]) -> None:
    """Print each new post where nobody looks, and note what would stop a build."""
    from cuaderno.site.edition import Edition

    written = {row["post"]: row for row in rows if row["state"] in ("imported", "overwritten")}
    for drafts in (False, True) if written else ():
        edition = Edition(folder, {}, drafts=drafts)
        for post in edition.posts:
            row, before = written.pop(post.path.relative_to(folder).as_posix(), None), len(edition.problems)
            if row:
                edition.body(post)
                place = re.compile(rf"^\S*?{re.escape(post.path.name)}:(\d+): ")
                told = [place.sub(r"line \1: ", str(problem)) for problem in edition.problems[before:]]
                row["lost"] += [f"{fault} This stops every build: mend it in the post." for fault in told]


SHOWN = (("changed", "changed"), ("kept_as_text", "kept as text"), ("lost", "look at"))


def show(rows: list[dict], left: list[dict], dry: bool) -> None:
    for row in rows:
        said = {"refused": "is there already, and was left as it is (--force asks)"}.get(row["state"], row["state"])
        print(f"{row['post']}  {said}, from {row['source']}")
        if row["pictures"]:
            print(f"    pictures      {', '.join(row['pictures'])}")
        if row["backup"]:
            print(f"    before        {row['backup']}")
        for name, title in SHOWN:
            for number, line in enumerate(row[name]):
                print(f"    {title if number == 0 else '':13} {line}")
    for one in left:
        print(f"not imported: {one['source']}: {one['reason']}")
    print(summary(rows, left, dry))


def summary(rows: list[dict], left: list[dict], dry: bool) -> str:
    words = {"refused": "already there"}
    counts = Counter(words.get(row["state"], row["state"]) for row in rows)
    counts += Counter({"not imported": len(left)})
    said = ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing imported"
    new = counts["imported"] + counts["overwritten"]
    return f"\n{said}." + (" Nothing was written." if dry else " Look at them: cuaderno serve" if new else "")


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "import",
        bring,
        "Bring posts from Astro, Hugo and Jekyll sites, notebooks and Markdown. Nothing there is changed.",
        "../my-astro-site",
        "../my-hugo-site --dry-run",
        "old/_posts/2023-05-19-welcome.md notebook.ipynb",
        "notes.md --date 2024-03-01",
    )
    verb.add_argument("paths", nargs="+", metavar="FOLDER|FILE", help="a site, a folder of texts, texts, notebooks")
    verb.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
    verb.add_argument("--force", action="store_true", help="ask whether to overwrite posts that are there already")
    verb.add_argument("--yes", action="store_true", help="with --force: agree without being asked")
    verb.add_argument(
        "--date",
        metavar="DATE",
        help="the day of texts that tell none, or none that can be read (default: asked, or their file's)",
    )
    verb.add_argument("--json", action="store_true", help="print the report as JSON")
