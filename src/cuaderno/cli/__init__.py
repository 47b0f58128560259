"""The command `cuaderno`: thin verbs over the lab, the studies, the diary and the site."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import cuaderno
from cuaderno.cli import (
    answers,
    beginnings,
    comments,
    conversations,
    data,
    embedding,
    importing,
    proofreading,
    publishing,
    reading,
    runs,
    site,
    sweeping,
    training,
    workbench,
    writing,
)
from cuaderno.cli.shell import EXAMPLE, LAYOUT, Parser, Verbs, tell
from cuaderno.lab import parallel
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Interrupted

DESCRIPTION = (
    "Train it on your own PC, write it down in two languages, publish the page with the model running inside it."
)
EXAMPLES = {
    "new my-diary": "start a diary that builds at once",
    "train STUDY --preset quick": "train a study; Ctrl-C stops cleanly",
    "runs": "what was trained, and how well it went",
    "keep STUDY-2026": "promote a run into the diary's records",
    "predict STUDY INPUT": "ask the newest kept run",
    "chat": "talk with one that has read a text",
    "serve": "write and read the diary at once",
}


def examples() -> str:
    commands = {f"cuaderno {command}".replace("STUDY", EXAMPLE): what for command, what in EXAMPLES.items()}
    width = max(map(len, commands))
    lines = "\n".join(f"  {command:{width}}  {what}" for command, what in commands.items())
    return f"examples:\n{lines}\n\n`cuaderno COMMAND --help` shows the options of one command."


def parser() -> Parser:
    top = Parser(prog="cuaderno", description=DESCRIPTION, epilog=examples(), **LAYOUT)
    top.add_argument("--version", action="version", version=f"cuaderno {cuaderno.__version__}")
    top.add_argument("--debug", action="store_true", help="show the traceback behind an error")
    verbs = Verbs(top)
    for group in (
        beginnings,
        training,
        sweeping,
        answers,
        conversations,
        embedding,
        runs,
        writing,
        proofreading,
        reading,
        importing,
        data,
        workbench,
        comments,
        site,
        publishing,
    ):
        group.add(verbs)
    return top


def main(arguments: list[str] | None = None) -> None:
    """Run one command; the exit code is 0, 1 for an error, 2 for a misused command, 130 for Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    with errors_in_words(debug):
        parsed = parse(words)
        parallel.leave(parsed.action(parsed) or 0)


def parse(words: list[str]) -> argparse.Namespace:
    """Our own options by argparse; what `train` and `predict` have besides belongs to the study."""
    top = parser()
    named = [word for word in words[1:] if not word.startswith("-")]
    help_asked = {"--help", "-h"} & set(words)
    if words[:1] == ["predict"] and (named or not help_asked):
        ours = [word for word in words if word not in help_asked]
        missing = ["INPUT", "INPUT"] if help_asked else []  # help needs none, and perhaps no study either
        if not help_asked and answers.begins_with_options(words[1:]):
            parsed, options = top.parse_known_args(["predict", words[1], "INPUT", *words[2:]])
            parsed.inputs, parsed.options, parsed.help = [], options, False
            return parsed
        parsed, options = top.parse_known_args([*ours, *missing])
        if help_asked and parsed.study == "INPUT":
            top.parse_args(["predict", "--help"])
        parsed.options, parsed.help = options, bool(help_asked)
        return parsed
    if words[:1] in (["train"], ["sweep"]) and named:
        parsed, options = top.parse_known_args([word for word in words if word not in help_asked])
        parsed.options = [*options, *help_asked]
        return parsed
    parsed = top.parse_args(words or ["--help"])
    parsed.options = []
    return parsed


@contextmanager
def errors_in_words(debug: bool) -> Iterator[None]:
    try:
        yield
    except CuadernoError as error:
        if debug:
            raise
        tell(str(error))
        sys.exit(130 if isinstance(error, Interrupted) else 1)
    except KeyboardInterrupt:
        if debug:
            raise
        tell("\nStopped. What was saved before is intact.")
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes
        sys.exit(1)
