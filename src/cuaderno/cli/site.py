"""Print the diary, serve it."""

import argparse
from pathlib import Path

from cuaderno.cli.places import the_diary
from cuaderno.cli.shell import Verbs


def build(arguments: argparse.Namespace) -> None:
    from cuaderno.site.build import build

    output = Path(arguments.output) if arguments.output else None
    result = build(the_diary(arguments), output, drafts=arguments.drafts)
    print(f"{result.pages} pages in {result.output} ({result.seconds:.1f} s)")


def serve(arguments: argparse.Namespace) -> None:
    from cuaderno.site.serve import serve

    serve(
        the_diary(arguments), arguments.port, arguments.host, drafts=arguments.drafts, open_browser=arguments.open,
        comments=arguments.comments,
    )  # fmt: skip


def add(verbs: Verbs) -> None:
    verb = verbs.add("build", build, "Print the diary as a static site.", "", "-o public --drafts")
    verb.add_argument("-o", "--output", metavar="DIR", help="where the site goes (default: _site in the diary)")
    verb.add_argument("--drafts", action="store_true", help="also print drafts")

    verb = verbs.add(
        "serve", serve, "Show the diary, and again at every change.", "", "--port 8000 --open", "--comments"
    )
    verb.add_argument("--port", type=int, metavar="N", help="default: the first free one from 8000")
    verb.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, which only this machine can reach")
    verb.add_argument("--no-drafts", dest="drafts", action="store_false", help="leave drafts out")
    verb.add_argument("--open", action="store_true", help="open the browser")
    verb.add_argument("--comments", action="store_true", help="with readers' comments (see docs/comments.md)")
