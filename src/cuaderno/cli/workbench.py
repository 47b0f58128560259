"""The workbench in the browser."""

import argparse

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs


def workbench(arguments: argparse.Namespace) -> None:
    from cuaderno.diary.settings import read_settings
    from cuaderno.workbench.serving import serve

    diary = the_diary(arguments)
    read_settings(diary)
    serve(diary, arguments.port, arguments.host, arguments.open, arguments.allow_network)


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "workbench",
        workbench,
        "Open the workbench in the browser: translate by hand, train, compare runs, play with models, talk with them.",
        "",
        "--port 8600 --no-open",
    )
    verb.add_argument("--port", type=int, metavar="N", help="default: the first free one from 8501")
    verb.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, which only this machine can reach")
    verb.add_argument("--allow-network", action="store_true", help="let a --host be reached by other machines")
    verb.add_argument("--no-open", dest="open", action="store_false", help="do not open the browser")
