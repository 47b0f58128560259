"""Examine a data set, clean it without losing a row, spoil one on purpose."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cuaderno.cli.places import runs_folder
from cuaderno.cli.shell import LAYOUT, Parser, Verbs, print_table, tell
from cuaderno.lab.errors import CuadernoError

if TYPE_CHECKING:
    from cuaderno.data.doctor import Reading, Settings

FORMATS = (
    "CSV, TSV, JSONL (plain, chat messages, Alpaca), JSON, Parquet, a text a line, or a folder of texts or pictures "
    "with one folder a class"
)

WRONG = "2 an option is unknown or missing, or is no such number or choice"
ENDS = f"0 done; 1 it could not be done or a value was refused, and why is said;\n  {WRONG}"
EXIT = {
    "check": "0 every row can be read; 1 a row cannot (unless --skip-broken), nor the file, or with --strict\n"
    f"  anything would change, go or need a look, or a value was refused;\n  {WRONG}",
    "clean": "0 written; 1 nothing was written: a row cannot be read (unless --skip-broken), a value was\n"
    f"  refused, or what is said; {WRONG}",
}


def check(arguments: argparse.Namespace) -> int:
    """The exit code is 1 when rows cannot be read, as that of `clean`; with --strict when anything is wrong."""
    from cuaderno.data import doctor
    from cuaderno.data.report import page
    from cuaderno.data.words import say
    from cuaderno.lab.files import write_atomic

    lang = _lang(arguments)
    path = Path(arguments.file)
    if not path.exists():
        raise CuadernoError(f"There is no {path}. Look at its name, or at the folder you are in.")
    report = doctor.check(path, _reading(arguments), _settings(arguments))
    if arguments.page:
        write_atomic(Path(arguments.page), page(report, lang))
        tell(arguments.page)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        show(report, lang, written=False)
    unreadable = report["unreadable"]["count"]
    if unreadable and not arguments.skip_broken:
        tell(say(lang, "would_stop", count=unreadable))
        return 1
    found = report["changed"] + report["dropped"] + report["flagged"]
    return 1 if arguments.strict and found else 0


def clean(arguments: argparse.Namespace) -> int:
    from cuaderno.data import doctor
    from cuaderno.data.words import say

    lang = _lang(arguments)
    path, out = Path(arguments.file), Path(arguments.output)
    written = doctor.clean(path, out, _reading(arguments), _settings(arguments), lang, arguments.force)
    if arguments.json:
        print(json.dumps(written.report, ensure_ascii=False))
        return 0
    show(written.report, lang, written=True)
    kind = written.report["kind"]
    print(say(lang, "wrote", files=", ".join(str(file) for file in written.files)))
    if written.review and written.report["flagged"]:
        paths = {"review": written.review, "file": path, "out": out}
        print(say(lang, "review_hint", kind, count=written.report["flagged"], **paths))
    print(say(lang, "undo_hint", kind, undo=written.undo, out=out))
    return 0


def show(report: dict[str, Any], lang: str, written: bool) -> None:
    """The report as a table, with what cannot be read and what the balance means."""
    from cuaderno.data.report import notices, remarks, rows_of_table, summary
    from cuaderno.data.words import say

    if report["kind"] == "table":
        text, label = ", ".join(report["text"]), report["label"] or say(lang, "none")
        print(say(lang, "format", format=report["format_es" if lang == "es" else "format"], text=text, label=label))
    for notice in notices(report, lang):
        print(notice)
    header = [say(lang, name) for name in ("step", "kept", "changed", "dropped", "flagged", "why")]
    print_table(header, rows_of_table(report, lang))
    unreadable = report["unreadable"]
    if unreadable["count"]:
        print(f"\n{say(lang, 'broken')}: {unreadable['count']}")
        for one in unreadable["first"][:5]:
            print(f"  {one['why']}")
    for remark in remarks(report, lang):
        print(remark)
    print(f"\n{summary(report, lang, written)}.")


def spoil(arguments: argparse.Namespace) -> None:
    from cuaderno.data import doctor

    shares = {name: getattr(arguments, name) for name in ("labels", "duplicates", "mojibake")}
    if not any(shares.values()):
        raise CuadernoError("Say how much dirt: --labels 0.2, --duplicates 0.3, --mojibake 0.1, or several of them.")
    path, out = Path(arguments.file), Path(arguments.output)
    done = doctor.spoil(path, out, _reading(arguments), shares, arguments.seed, arguments.force)
    print(
        f"{out}: {done['rows']:,} rows; {done['labels']:,} labels made wrong, {done['duplicates']:,} rows added "
        f"that are there already, {done['mojibake']:,} with broken accents. {out}.truth.jsonl tells which."
    )


def dirt(arguments: argparse.Namespace) -> None:
    from cuaderno.data import dirt as dirty
    from cuaderno.data import formats
    from cuaderno.lab.files import write_atomic

    lang = _lang(arguments)
    reading = _reading(arguments)
    table = formats.read_table(arguments.file, reading.text, reading.label, reading.encoding)
    measured = dirty.curve(table, seeds=arguments.seeds)
    if arguments.page:
        write_atomic(Path(arguments.page), dirty.page(measured, lang))
        tell(arguments.page)
    if arguments.run:
        asked = {"file": table.name, "seeds": arguments.seeds, "seed": 0}
        run = dirty.record(measured, Path(arguments.file), asked, runs_folder())
        tell(f"{run.folder}: to cite it in a post, cuaderno keep {run.id}")
    if arguments.json:
        print(json.dumps(measured, ensure_ascii=False))
    else:
        print_table(*dirty.rows_of_table(measured, lang))


def undo(arguments: argparse.Namespace) -> None:
    from cuaderno.data import doctor
    from cuaderno.data import undo as undoing
    from cuaderno.data.report import why

    out = Path(arguments.file)
    if arguments.list:
        kept = undoing.read(out)
        kind = "pictures" if kept.about["kind"] == "pictures" else "table"
        rows = [
            [
                str(f.row),
                f.step,
                f.action,
                "yes" if kept.is_undone(f.step, f.row) else "",
                why(f.reason, f.values, "en", kind),
            ]
            for f in kept.findings
            if f.action != "flagged"
        ]
        print_table(("row", "step", "what", "undone", "why"), rows)
        return
    done = doctor.restore(out, arguments.step, arguments.row)
    print(f"{out}: {done['rows']:,} rows, {done['restored']:,} of them as they were.")


def _lang(arguments: argparse.Namespace) -> str:
    from cuaderno.chat.words import language

    return arguments.lang or language()


def _reading(arguments: argparse.Namespace) -> "Reading":
    from cuaderno.data.doctor import Reading

    return Reading(
        tuple(arguments.text),
        arguments.label,
        arguments.encoding,
        getattr(arguments, "skip_broken", False),
        tuple(getattr(arguments, "against", ())),
        tuple(getattr(arguments, "review", ())),
    )


def _settings(arguments: argparse.Namespace) -> "Settings":
    from cuaderno.data.recipe import Settings

    return Settings(
        recipe=arguments.recipe,
        skip=tuple(arguments.skip),
        private=arguments.private,
        language=arguments.language,
        min_chars=arguments.min_chars,
        max_chars=arguments.max_chars,
        likeness=arguments.likeness,
        shares=_shares(arguments.split) if arguments.split else None,
        seed=arguments.seed,
    )


def _shares(text: str) -> dict[str, float]:
    """`0.8,0.1,0.1` for train, val and test; two numbers for train and test.

    Raises:  CuadernoError for anything else.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
        names = {2: ("train", "test"), 3: ("train", "val", "test")}[len(numbers)]
    except (ValueError, KeyError):
        raise CuadernoError(f"--split takes two or three shares, for example 0.8,0.1,0.1; it is '{text}'.") from None
    return dict(zip(names, numbers, strict=True))


def add(verbs: Verbs) -> None:
    summary = "Examine a data set, clean it without losing a row, spoil one on purpose."
    examples = ("check reviews.csv", "clean reviews.csv -o clean.csv", "undo clean.csv --step near")
    verb = verbs.add("data", lambda _: verb.parse_args(["--help"]), summary, *examples, in_diary=False)
    actions = verb.add_subparsers(metavar="ACTION", parser_class=Parser, required=True)
    one = _action(
        actions, "check", check, "Say what is wrong with a data set, and write nothing.",
        "reviews.csv", "chat.jsonl --page report.html --lang es", "train.csv --against test.csv --strict",
    )  # fmt: skip
    _input(one)
    _recipe(one)
    one.add_argument("--page", metavar="FILE", help="also write the report as one HTML page")
    one.add_argument("--json", action="store_true", help="print the report as JSON")
    one.add_argument("--strict", action="store_true", help="exit with 1 when anything is wrong, for a script")

    one = _action(
        actions, "clean", clean, "Write a clean copy, and beside it an undo file, a review queue and a report.",
        "reviews.csv -o clean.csv", "reviews.csv -o clean.csv --private drop --language es --split 0.8,0.1,0.1",
        "reviews.csv -o clean.csv --force --review clean.csv.review.csv", "photos -o clean-photos",
        "messages.tsv -o clean.tsv --recipe gentle --skip length",
    )  # fmt: skip
    _input(one)
    _output(one)
    _recipe(one)
    one.add_argument("--json", action="store_true", help="print the report as JSON")

    one = _action(
        actions, "undo", undo, "Take back what a cleaning did: everything, a step, or a row.",
        "clean.csv                  # the original again, byte by byte", "clean.csv --step near --step length",
        "clean.csv --row 17", "clean.csv --list",
    )  # fmt: skip
    one.add_argument("file", metavar="FILE", help="what `cuaderno data clean` wrote")
    one.add_argument("--step", action="append", default=[], metavar="STEP", help="only what this step did; repeatable")
    one.add_argument("--row", action="append", default=[], type=int, metavar="N", help="only what was done to this row")
    one.add_argument("--list", action="store_true", help="show what was done to which row, and change nothing")

    one = _action(
        actions, "spoil", spoil, "Write a dirty copy on purpose, to see what dirt does to a model.",
        "reviews.csv --labels 0.2 --duplicates 0.3 --mojibake 0.1 -o dirty.csv",
    )  # fmt: skip
    _input(one)
    _output(one)
    one.add_argument("--labels", type=float, default=0.0, metavar="SHARE", help="rows that get a wrong label")
    one.add_argument("--duplicates", type=float, default=0.0, metavar="SHARE", help="rows added that are there already")
    one.add_argument("--mojibake", type=float, default=0.0, metavar="SHARE", help="rows whose accents are broken")
    one.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same dirt")

    one = _action(
        actions, "dirt", dirt, "Measure what dirt does to a small model, before and after cleaning.",
        "reviews.csv --page dirt.html", "messages.tsv --seeds 5 --json", "reviews.csv --run",
    )  # fmt: skip
    _input(one)
    one.add_argument("--lang", choices=("en", "es"), help="the language of the page (default: your locale's)")
    one.add_argument(
        "--seeds", type=int, default=3, choices=range(1, 21), metavar="N", help="repeat so often (1 to 20)"
    )
    one.add_argument("--page", metavar="FILE", help="also write the curve as one HTML page")
    one.add_argument("--run", action="store_true", help="also make a run of it, to be kept and cited in a post")
    one.add_argument("--json", action="store_true", help="print the numbers as JSON")


def _action(actions, name: str, action, summary: str, *examples: str) -> Parser:
    epilog = "examples:\n" + "\n".join(f"  cuaderno data {name} {example}" for example in examples)
    epilog += f"\n\nexit code: {EXIT.get(name, ENDS)}"
    parser = actions.add_parser(name, help=summary, description=summary, epilog=epilog, **LAYOUT)
    parser.set_defaults(action=action)
    return parser


def _input(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help=FORMATS)
    parser.add_argument("--text", action="append", default=[], metavar="COLUMN", help="a column of texts; repeatable")
    parser.add_argument("--label", metavar="COLUMN", help="the column of labels")
    parser.add_argument("--encoding", metavar="NAME", help="utf-8, cp1252, … (default: found out)")


def _output(parser: Parser) -> None:
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="where to write; in the format of FILE")
    parser.add_argument("--force", action="store_true", help="write over OUT if it exists")


def _recipe(parser: Parser) -> None:
    parser.add_argument("--lang", choices=("en", "es"), help="the language of the report (default: your locale's)")
    how = parser.add_argument_group("the recipe")
    how.add_argument(
        "--recipe", default="standard", metavar="NAME",
        help="standard; gentle: only characters, lengths and exact duplicates; private: only private things",
    )  # fmt: skip
    how.add_argument(
        "--skip", action="append", default=[], metavar="STEP",
        help="mojibake, characters, length, language, leaks, exact, near, private, labels, outliers or balance",
    )  # fmt: skip
    how.add_argument(
        "--private", choices=("mask", "drop", "keep"), default="mask",
        help="what to do with e-mail addresses, phones, DNI, IBAN, cards and IP addresses (default: mask)",
    )  # fmt: skip
    how.add_argument("--language", metavar="CODE", help="drop rows that are surely in another one, for example es")
    how.add_argument("--min-chars", type=int, default=2, metavar="N", help="drop shorter rows (default: 2)")
    how.add_argument("--max-chars", type=int, default=20_000, metavar="N", help="drop longer rows (default: 20,000)")
    how.add_argument(
        "--likeness", type=float, default=0.8, metavar="X", help="Jaccard index of near duplicates (default: 0.8)"
    )
    how.add_argument("--against", action="append", default=[], metavar="FILE", help="drop rows that are in FILE too")
    how.add_argument(
        "--review", action="append", default=[], metavar="QUEUE",
        help="obey what you wrote into a review queue: keep, drop, or the right label of each row",
    )  # fmt: skip
    how.add_argument("--split", metavar="SHARES", help="add a column split, without leaks: 0.8,0.1,0.1")
    how.add_argument("--seed", type=int, default=0, metavar="N", help="of the splits and of the doubts (default: 0)")
    how.add_argument("--skip-broken", action="store_true", help="leave out rows that cannot be read, and report them")
