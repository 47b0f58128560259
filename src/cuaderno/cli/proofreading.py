"""Correct a post without losing any of it."""

import argparse
import json
import sys
from datetime import date
from typing import TYPE_CHECKING

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs, print_table, tell
from cuaderno.lab.errors import CuadernoError

if TYPE_CHECKING:
    from cuaderno.diary.diary import Diary
    from cuaderno.diary.posts import Post
    from cuaderno.diary.proofreading.desk import Proofreading

OFFLINE = "offline"


def proofread(arguments: argparse.Namespace) -> int:
    from cuaderno.chat.words import language
    from cuaderno.diary.diary import Diary
    from cuaderno.diary.proofreading import desk
    from cuaderno.diary.proofreading.prompts import read_prompt

    ui_lang = arguments.ui_lang or language()
    folder = the_diary(arguments)
    if arguments.prompt and not arguments.post:
        langs = [arguments.lang] if arguments.lang else ["en", "es"]
        print("\n\n".join(read_prompt(folder, lang).text for lang in langs))
        return 0
    diary = Diary.open(folder)
    if not arguments.post:
        overview(diary, ui_lang)
        return 0
    post = desk.find_post(diary, arguments.post, arguments.lang)
    if arguments.prompt:
        print(read_prompt(folder, post.lang).text)
        return 0
    if arguments.revert:
        return revert(diary, post, arguments.yes, ui_lang)
    return correct(opened(diary, post, arguments), arguments, ui_lang)


def opened(diary: "Diary", post: "Post", arguments: argparse.Namespace) -> "Proofreading":
    """A session with the corrector that was asked for."""
    from cuaderno.diary.proofreading.desk import Proofreading
    from cuaderno.diary.proofreading.prompts import read_prompt

    if arguments.corrector == OFFLINE:
        from cuaderno.diary.proofreading.offline import Offline

        return Proofreading(diary, post, Offline(), date.today())
    from cuaderno.chat.providers import open_model
    from cuaderno.diary.proofreading.chat import Chat

    prompt = read_prompt(diary.folder, post.lang)
    model = open_model(arguments.corrector, diary.folder)
    return Proofreading(diary, post, Chat(model, prompt, arguments.seconds), date.today(), prompt)


def correct(session: "Proofreading", arguments: argparse.Namespace, ui_lang: str) -> int:
    """Go through the suggestions; the exit code is 1 when the corrector had no answer for some passages."""
    from cuaderno.diary.proofreading.terminal import Terminal

    terminal = Terminal(session, ui_lang)
    words, post = terminal.words, session.post
    with_person = sys.stdin.isatty() and sys.stdout.isatty()
    alone = arguments.json or arguments.dry_run or arguments.apply or not with_person
    applies = bool(arguments.apply) and not arguments.dry_run
    try:
        if alone:
            found = terminal.list(applies, quiet=arguments.json)
        else:
            found = {}
            terminal.go_through()
    except KeyboardInterrupt:
        session.stop()
        tell(f"\n{words['stopped']}")
        return 130
    except CuadernoError:
        session.stop()
        raise
    writes = applies or not alone or (arguments.done and not arguments.dry_run)
    is_done = arguments.done
    if session.refused and session.is_through and not alone and not is_done:
        print(terminal.refusals())
        is_done = terminal.agrees(words["done_anyway"])
    finished = session.finish(is_done) if writes else False
    if arguments.json:
        print(json.dumps(found | {"finished": finished}, ensure_ascii=False))
        return 1 if session.failed else 0
    counts = session.counts
    if writes:
        summary = words["summary"].format(
            accepted=counts.accepted, by_hand=counts.by_hand, declined=counts.declined, open=session.left_open
        )
        decided = counts.accepted + counts.by_hand + counts.declined
        if decided or session.left_open or not (session.failed or session.refused):
            tell(summary if decided or session.left_open else words["nothing"])
        if finished:
            tell(words["done"].format(post=post.slug, original=session.original))
    elif not session.left_open and not session.failed and not session.refused:
        tell(words["nothing"])
    elif session.left_open and not arguments.dry_run:
        tell(words["not_a_terminal"])
    if session.refused and not finished:
        tell(terminal.refusals())
        if writes and session.is_through:
            tell(words["not_done"])
    if session.left_open:
        tell(words["go_on"].format(post=post.slug, lang=post.lang))
    return 1 if session.failed else 0


def revert(diary: "Diary", post: "Post", is_sure: bool, ui_lang: str) -> int:
    """Go back to the first version; changes made since are taken out only when the person says so."""
    from cuaderno.diary.progress import corrected
    from cuaderno.diary.proofreading import desk
    from cuaderno.diary.proofreading.words import TEXT

    words = TEXT[ui_lang]
    by_hand = desk.changed_by_hand(post) if corrected(post) else []
    if corrected(post) and not is_sure and (by_hand or desk.edited_since(post)):
        said = "; ".join(f"“{one}”" if ui_lang == "en" else f"«{one}»" for one in by_hand) or "…"
        edited = words["revert_edited"].format(path=post.path, edited=said)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise CuadernoError(edited + words["revert_how"])
        print(edited)
        try:
            said = input(words["revert_really"])
        except EOFError:
            said = ""
        if said.strip().lower() not in words["yes"].split():
            print(words["nothing_written"])
            return 1
    kept = desk.revert(diary, post)
    tell(words["reverted"].format(post=post.slug, kept=kept))
    return 0


def overview(diary: "Diary", ui_lang: str) -> None:
    """One row per post: when it was corrected last, and with what."""
    from cuaderno.diary.progress import corrected
    from cuaderno.diary.proofreading.record import read_record, record_name
    from cuaderno.diary.proofreading.words import TEXT

    rows = []
    for post in diary.posts:
        record = read_record(post.home / record_name(post.lang))
        last = record.corrections[-1] if record and record.corrections else None
        is_done = record and record.finished
        state = is_done.isoformat() if is_done else TEXT[ui_lang]["some" if corrected(post) or last else "never"]
        rows.append((post.slug, post.lang, state, last.corrector if last else ""))
    print_table(("post", "lang", "corrected", "with"), rows)


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "proofread",
        proofread,
        "Correct a post one suggestion at a time; nothing that it says is lost, and its first version stays.",
        "                               # every post: corrected or not",
        "my-first-post                  # y, n, all, edit or quit for each suggestion",
        "my-first-post --lang es --with gemini",
        "my-first-post --with http://localhost:11434/v1#MODEL --dry-run",
        "my-first-post --apply safe     # only spelling, accents and punctuation, without asking",
        "my-first-post --revert",
    )
    verb.add_argument("post", nargs="?", metavar="POST", help="its folder's name or its file (default: list the posts)")
    verb.add_argument("--lang", choices=("en", "es"), help="in which language (default: the one it was born in)")
    verb.add_argument(
        "--with", dest="corrector", metavar="WHO", default=OFFLINE,
        help="offline, gemini, openai:MODEL, or a server that speaks as OpenAI does, http://…#MODEL (default: offline)",
    )  # fmt: skip
    verb.add_argument("--apply", choices=("safe",), help="accept what is surely only spelling or punctuation, and end")
    verb.add_argument(
        "--done", action="store_true", help="count the post as corrected although suggestions were refused"
    )
    verb.add_argument("--dry-run", action="store_true", help="list the suggestions and change nothing")
    verb.add_argument("--json", action="store_true", help="list them as JSON; nothing is changed without --apply")
    verb.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="how long a model may take for one passage"
    )
    verb.add_argument("--revert", action="store_true", help="go back to what was first written; a copy is kept")
    verb.add_argument("--yes", action="store_true", help="with --revert: also when the post was changed since")
    verb.add_argument("--prompt", action="store_true", help="print the prompt that a model is asked with")
    verb.add_argument("--ui-lang", choices=("en", "es"), help="the language of the terminal (default: your locale's)")
