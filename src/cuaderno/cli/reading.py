"""The reading list: what is on it, a work more, what a work lacks."""

import argparse
import json
from pathlib import Path

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.diary.citing.reading import MOST_STARS, NAME, STATES
from cuaderno.lab.errors import CuadernoError

ADDING = ("state", "date", "rating", "note", "key", "offline")


def reading(arguments: argparse.Namespace) -> None:
    from cuaderno.diary.settings import read_settings

    folder = the_diary(arguments)
    settings = read_settings(folder)
    if arguments.what != "add" and (given := [name for name in ADDING if getattr(arguments, name)]):
        raise CuadernoError(f"--{given[0]} belongs to: cuaderno reading add WORK --{given[0]}")
    if arguments.what == "add":
        add_works(arguments, folder, settings)
    elif arguments.what == "complete":
        complete(arguments, folder, settings)
    else:
        show(arguments, folder, settings)


def add_works(arguments: argparse.Namespace, folder: Path, settings) -> None:
    from cuaderno.diary.citing import adding

    if not arguments.works:
        raise CuadernoError("Which work? Write: cuaderno reading add 1706.03762, a DOI, or a BibTeX file.")
    if arguments.key and len(arguments.works) > 1:
        raise CuadernoError("--key names one work. Add them one by one.")
    wish = the_wish(arguments, settings)
    for what in arguments.works:
        for added in adding.add(folder, settings, what, wish, arguments.key or "", arguments.offline, tell):
            say(folder, added)


def the_wish(arguments: argparse.Namespace, settings):
    from cuaderno.diary.citing.adding import Wish
    from cuaderno.diary.sheets import as_when

    try:
        date = str(as_when(arguments.date)) if arguments.date else ""
    except ValueError as error:
        raise CuadernoError(f"--date: {error}") from None
    if arguments.rating is not None and not 1 <= arguments.rating <= MOST_STARS:
        raise CuadernoError(f"--rating {arguments.rating}: write a whole number from 1 to {MOST_STARS}.")
    notes = []
    for note in arguments.note or ():
        lang, _, text = note.partition(":")
        if lang.strip() not in settings.languages or not text.strip():
            example = " ".join(f"--note '{code}: …'" for code in settings.languages)
            raise CuadernoError(f"--note '{note}': begin with the language, as in {example}.")
        notes.append((lang.strip(), text.strip()))
    return Wish(arguments.state or "to read", date, arguments.rating or 0, tuple(notes))


def say(folder: Path, added) -> None:
    work = added.reference
    what = f"“{work.title}”" if work.title else f"arXiv {work.arxiv}" if work.arxiv else f"DOI {work.doi}"
    print(f"{work.key}: {what} is in {folder / NAME}. Cite it in a post with {{cite}}`{work.key}`")
    if added.lacks:
        why = f" ({added.reason.rstrip('.')})" if added.reason else ""
        cure = "Write it there, put its BibTeX into references.bib, or run, once online: cuaderno reading complete"
        tell(f"{work.key} lacks {', '.join(added.lacks)}{why}. {cure}")


def complete(arguments: argparse.Namespace, folder: Path, settings) -> None:
    from cuaderno.diary.citing import adding

    done = adding.complete(folder, settings, arguments.works, tell)
    for added in done:
        print(f"{added.reference.key}: “{added.reference.title}”")
    if not done:
        print("No work lacks anything that somebody could be asked for.")


def show(arguments: argparse.Namespace, folder: Path, settings) -> None:
    from cuaderno.diary.citing.reading import read_reading
    from cuaderno.site.citations import names_short

    found = read_reading(folder, settings)
    if found and found.problems:
        raise CuadernoError("\n".join(map(str, found.problems)))
    if found is None or not found.entries:
        raise CuadernoError(f"{folder / NAME} says nothing yet. Put a work on it: cuaderno reading add 1706.03762")
    rows = [
        {"key": one.key, "state": one.state, "title": one.reference.title, "year": one.reference.year,
         "authors": [person.whole for person in one.reference.authors], "date": str(one.date or ""),
         "rating": one.rating or None, "lacks": one.reference.lacks, "address": one.reference.address}
        for one in found.entries
    ]  # fmt: skip
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    short = [names_short(one.reference, settings.default) for one in found.entries]
    table = [
        (one.state, one.key, name, one.reference.year, one.reference.title)
        for one, name in zip(found.entries, short, strict=True)
    ]
    print_table(("state", "key", "by", "year", "title"), table)


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "reading",
        reading,
        "The reading list: show it, add a work by arXiv id, DOI or BibTeX file, complete what a work lacks.",
        "",
        "add 1706.03762 --state reading",
        "add 10.1038/nature14539 --rating 4 --note 'en: A good overview.'",
        "add papers.bib",
        "complete                     # ask arXiv and doi.org for missing titles and authors",
    )
    verb.add_argument(
        "what",
        nargs="?",
        choices=("add", "complete"),
        metavar="ACTION",
        help="add or complete (default: show the list)",
    )
    verb.add_argument("works", nargs="*", metavar="WORK", help="arXiv ids, DOIs, BibTeX files; keys for complete")
    verb.add_argument("--state", choices=STATES, help="default: to read")
    verb.add_argument("--date", metavar="DATE", help="when: 2026-11-21, 2026-11 or 2026")
    verb.add_argument("--rating", type=int, metavar="N", help=f"1 to {MOST_STARS}")
    verb.add_argument("--note", action="append", metavar="LANG:TEXT", help="what you made of it, in a language")
    verb.add_argument("--key", metavar="KEY", help="what {cite} calls it (default: family and year)")
    verb.add_argument("--offline", action="store_true", help="ask nobody")
    verb.add_argument("--json", action="store_true", help="print JSON")
