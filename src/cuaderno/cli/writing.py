"""The writing desk: translation by hand, the journey."""

import argparse
import json
from collections.abc import Sequence
from datetime import date

from cuaderno.cli.places import runs_folder, the_diary
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError, nearest

JOURNEY_EXAMPLE = '[[objective]] with id = "…", title = { en = "…", es = "…" }, study = "…", evidence = "…".'


def translate(arguments: argparse.Namespace) -> None:
    from cuaderno.chat.words import language
    from cuaderno.diary.dates import parse_date
    from cuaderno.diary.translating import desk
    from cuaderno.diary.translating.words import TEXT

    ui = arguments.ui_lang or language()
    try:
        today = parse_date(arguments.on).date() if arguments.on else date.today()
    except ValueError:
        raise CuadernoError(f"'{arguments.on}' is not a day. Write 2026-11-21.") from None
    folder = the_diary(arguments)
    if not arguments.post:
        wrong = [word for word in ("edit", "next", "remember", "dismiss") if getattr(arguments, word)]
        if arguments.hint and not arguments.review:
            wrong.append("hint")
        if arguments.source:
            wrong.append("from")
        if wrong:
            raise CuadernoError(f"--{wrong[0]} needs a post: cuaderno translate POST --{wrong[0]}")
    if arguments.remember:
        tell(desk.remember(folder, arguments.post, today, arguments.source, ui))
    for number in arguments.dismiss or ():
        tell(desk.dismiss(folder, arguments.post, number, today, arguments.source, ui))
    asked = {"hint": arguments.hint, "report": tell, "source": arguments.source, "ui": ui}
    if arguments.review and not arguments.json:
        lines = desk.review(folder, arguments.post, today, **asked)
    elif arguments.edit or arguments.next or arguments.hint:
        lines = desk.edit(folder, arguments.post, today, first_only=arguments.next, **asked)
    else:
        lines = []
    for line in lines:
        tell(line)
    if arguments.review and not arguments.json:
        return
    if arguments.json:
        found = desk.as_json(folder, arguments.post, today, arguments.review, arguments.source)
        print(json.dumps(found, ensure_ascii=False))
    elif arguments.post:
        show_translation(*desk.status(folder, arguments.post, today, arguments.source, ui), TEXT[ui]["columns"].split())
    else:
        print_table(TEXT[ui]["overview"].split(), desk.overview(folder, today))


def show_translation(title: str, rows: Sequence[Sequence[str]], advice: str, columns: Sequence[str]) -> None:
    print_table(("", *columns), rows, title)
    print(f"\n{advice}")


def journey(arguments: argparse.Namespace) -> None:
    from cuaderno.diary.progress import as_dict
    from cuaderno.site.edition import Edition

    folder = the_diary(arguments)
    edition = Edition(folder, {})
    if edition.progress is None:
        raise CuadernoError(
            f"{folder / 'journey.toml'} says nothing yet. Write down there what you want to learn: {JOURNEY_EXAMPLE}"
        )
    scratch = records.runs_in(runs_folder(), damaged=tell)
    faults = [*edition.progress.journey.problems, *edition.progress.faults, *edition.progress.too_late_for(scratch)]
    if faults:
        raise CuadernoError("\n".join(dict.fromkeys(str(fault) for fault in faults)))
    lang = arguments.lang or edition.settings.default
    if lang not in edition.languages:
        raise CuadernoError(f"'{lang}' is not a language of this diary.{nearest(lang, edition.languages)}")
    found = as_dict(edition.progress, lang)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show_journey(found, lang)


def show_journey(found: dict, lang: str) -> None:
    """The journey as tables, in words of a language."""
    from cuaderno.site.words import TEXT

    words = TEXT[lang if lang in TEXT else "en"]
    rows = [
        (one["id"], "".join("■" if done else "□" for done in one["marks"].values()), words[f"mark_{one['state']}"],
         ", ".join(words[f"mark_{mark}"] for mark in one["missing"]), one["run"] or "")
        for one in found["objectives"]
    ]  # fmt: skip
    print_table(words["columns_objectives"].split("|"), rows)
    if found["bets"]:
        print()
        rows = [
            (one["id"], words[f"bet_{one['verdict']}"], one["made"][:10], one["condition"], one["run"] or "")
            for one in found["bets"]
        ]
        print_table(words["columns_bets"].split("|"), rows)
    print(f"\n{words['moved_count'].format(n=len(found['moved_this_month']))}")
    if still := [one["id"] for one in found["standing_still"]]:
        print(words["still_list"].format(ids=", ".join(still)))


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "translate",
        translate,
        "Translate a post by hand: what is done, missing or stale, and an editor to write it in.",
        "                              # every post",
        "my-first-post                 # paragraph by paragraph",
        "my-first-post --edit",
        "my-first-post --dismiss 3     # the source changed, the translation need not",
        "my-first-post --hint gemini   # write it yourself, then see what a model would have written",
        "--review                      # look again at what you translated some days ago",
    )
    verb.add_argument("post", nargs="?", metavar="POST", help="its folder's name or its file (default: every post)")
    verb.add_argument("--edit", action="store_true", help="open $VISUAL or $EDITOR with all that is missing or stale")
    verb.add_argument("--next", action="store_true", help="the same with the next paragraph only")
    verb.add_argument("--review", action="store_true", help="open what is due for another look, after 1, 3, 7, … days")
    verb.add_argument("--dismiss", type=int, action="append", metavar="N", help="accept paragraph N as it stands")
    verb.add_argument(
        "--remember", action="store_true", help="declare the whole translation as made from the present source"
    )
    verb.add_argument(
        "--hint",
        metavar="MODEL",
        help="after you wrote a paragraph, compare it with what this model would write: gemini, openai:NAME, http://…",
    )
    verb.add_argument(
        "--from", dest="source", metavar="LANG", help="the language to translate from (default: the one it was born in)"
    )
    verb.add_argument("--on", metavar="DATE", help="the day to count from (default: today)")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.add_argument("--ui-lang", choices=("en", "es"), help="the language of the terminal (default: your locale's)")

    verb = verbs.add(
        "journey",
        journey,
        "Show how far the objectives have come and what became of the bets.",
        "",
        "--lang es",
        "--json",
    )
    verb.add_argument("--lang", metavar="LANG", help="the language of the words and the titles (default: the diary's)")
    verb.add_argument("--json", action="store_true", help="print JSON")
