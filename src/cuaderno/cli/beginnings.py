"""Diaries and studies: new ones, and which there are."""

import argparse
import json
from pathlib import Path

from cuaderno import studies
from cuaderno.cli.shell import Verbs, print_table


def new(arguments: argparse.Namespace) -> None:
    from cuaderno.scaffold import new_diary

    folder = new_diary(Path(arguments.folder))
    print(f"A new diary is in {folder}. Read and write at once:\n\n  cd {folder}\n  cuaderno serve")


def new_study(arguments: argparse.Namespace) -> None:
    from cuaderno.scaffold import new_study

    folder = new_study(arguments.name)
    print(f"A new study is in {folder}. It trains already:\n\n  cuaderno train {arguments.name} --preset tiny")


def list_studies(arguments: argparse.Namespace) -> None:
    rows = [(name, studies.describe(name)) for name in studies.names()]
    if arguments.json:
        print(json.dumps([{"name": name, "description": text} for name, text in rows], ensure_ascii=False))
    else:
        print_table(("study", "what it is"), rows)


def add(verbs: Verbs) -> None:
    verb = verbs.add("new", new, "Start a diary that builds at once.", "my-diary", in_diary=False)
    verb.add_argument("folder", metavar="DIR")

    summary = "Write a new study that already trains and passes every test."
    verb = verbs.add("new-study", new_study, summary, "pendulum", in_diary=False)
    verb.add_argument("name", metavar="NAME", help="one lower-case word")

    verb = verbs.add("list", list_studies, "Show the studies there are.", "", "--json", in_diary=False)
    verb.add_argument("--json", action="store_true", help="print JSON")
