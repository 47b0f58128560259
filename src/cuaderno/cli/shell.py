"""What every command shares: its looks, how it is misspelt, and where it prints."""

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from cuaderno import studies
from cuaderno.lab import parallel
from cuaderno.lab.text import printable

A_RUN = "a run's id, the beginning of one, its folder, or a study for its newest"
A_MEASURED_RUN = f"{A_RUN.removesuffix('newest')}newest measured one"
LAYOUT: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
EXAMPLE = next(iter(studies.names()), "NAME")  # the study that stands in for any in the help


class Parser(argparse.ArgumentParser):
    """argparse that names the nearest command or option when one is misspelt."""

    def error(self, message: str) -> NoReturn:
        for word in message.replace("'", " ").split():
            known = [key for action in self._actions for key in (action.choices or action.option_strings or [])]
            close = get_close_matches(word, [str(key) for key in known], n=1, cutoff=0.6)
            if "invalid choice" in message and close and close[0] != word:
                self.exit(2, f"There is no command '{word}'. Did you mean '{close[0]}'? See `{self.prog} --help`.\n")
        self.exit(2, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


class Verbs:
    """The commands of a parser, added one by one with the same looks."""

    def __init__(self, top: Parser):
        self.commands = top.add_subparsers(metavar="COMMAND", parser_class=Parser, required=True)

    def add(self, name: str, action: Callable, summary: str, *examples: str, in_diary: bool = True) -> Parser:
        epilog = "examples:\n" + "\n".join(f"  cuaderno {name} {example}" for example in examples)
        verb = self.commands.add_parser(
            name, help=summary, description=summary, epilog=epilog.replace("STUDY", EXAMPLE), **LAYOUT
        )
        verb.set_defaults(action=action, diary=None)
        if in_diary:
            verb.add_argument("--diary", metavar="DIR", help="the diary's folder (default: the one you are in)")
        return verb


def tell(text: str) -> None:
    """For the person; standard output is for results."""
    if parallel.is_main():
        print(printable(text), file=sys.stderr, flush=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*header, box=None, title=title, title_justify="left", header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=240)
    console.print(table)
