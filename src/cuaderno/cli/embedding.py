"""Texts as vectors by a tuned model: print them, search by meaning, draw a map."""

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cuaderno import studies
from cuaderno.cli.places import measured_run
from cuaderno.cli.shell import A_MEASURED_RUN, Verbs, tell
from cuaderno.data.texts import read_labelled
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import save_json
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.maps import FEWEST, draw_map, group, nearest_texts, sentence
from cuaderno.lab.run import Run

PAGES = (".html", ".htm")
TELLING = 0.02  # a nearest text that is no nearer than this to the middle one tells nothing
READ = 300  # texts that are read token by token for a page
SENTENCES = 12  # of them are shown so
MOST_TOKENS = 400  # of the commonest, on a map of their own


def embed(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.device import calm_threads

    calm_threads()
    if arguments.map and Path(arguments.map).suffix.lower() not in (*PAGES, ".json"):
        raise CuadernoError(
            f"--map {arguments.map}: a map is a page (.html, .htm) or its data (.json). Give it one of these endings."
        )
    run = measured_run(arguments.run, arguments)
    if not (studies.folder(run.study) / "embed.py").is_file():
        raise CuadernoError(f"A run of '{run.study}' gives no vectors: its study has no embed.py.")
    part, classes = studies.load(run.study, "embed"), list[str | None]()
    if arguments.tokens:
        texts, vectors = part.embed_tokens(run)
    elif arguments.file:
        texts, classes = read_labelled(arguments.file, arguments.column or "")
        if arguments.map:
            tell(f"turning {len(texts):,} texts into vectors …")
        vectors = part.embed(run, texts)
    else:
        raise CuadernoError("Which texts? Give a FILE, - for standard input, or --tokens for all that the model knows.")
    if arguments.search:
        show_nearest(texts, vectors, part.embed(run, [arguments.search])[0], arguments.top)
    if arguments.map:
        show_map(run, part, texts, vectors, arguments, classes)
    if not (arguments.search or arguments.map):
        for text, vector in zip(texts, vectors.tolist(), strict=True):
            print(json.dumps({"text": text, "vector": [round(x, 6) for x in vector]}, ensure_ascii=False))


def show_map(
    run: Run,
    part: Any,
    texts: list[str],
    vectors: Any,
    arguments: argparse.Namespace,
    classes: Sequence[str | None] = (),
) -> None:
    """Draw a map into a file: data, or a page when its name ends in .html."""
    path, is_page = Path(arguments.map), Path(arguments.map).suffix.lower() in PAGES
    with disk_errors(path):  # said now, and not after minutes of drawing
        path.parent.mkdir(parents=True, exist_ok=True)
    tell(f"drawing a map of {len(texts):,} texts …")
    drawn: dict[str, Any] = {"of": "tokens"} if arguments.tokens else {}
    drawn |= draw_map(texts, vectors, say=tell)
    group(drawn, classes)
    if is_page:
        drawn |= {} if arguments.tokens else more_for_page(run, part, texts)
        write_page(run, drawn, path)
    else:
        write_map(run, drawn, path)
    look = "; open it in a browser" if is_page else ""
    tell(f"{path}: {len(texts):,} points; PCA shows {sum(drawn['explained']):.0%} of how they differ{look}")


def show_nearest(texts: list[str], vectors: Any, wanted: Any, top: int) -> None:
    for likeness, text in nearest_texts(texts, vectors, wanted, top):
        print(f"{likeness:.3f}  {' '.join(text.split())}")
    best, middle = middling(texts, vectors, wanted)
    if best - middle < TELLING:
        tell(
            f"These vectors hardly tell the texts apart: the nearest is at {best:.3f}, and the middle one of all at "
            f"{middle:.3f}. The model has learnt too little of them: tune it for longer, or on more rows."
        )


def middling(texts: list[str], vectors: Any, wanted: Any) -> tuple[float, float]:
    """How near the nearest text is, and the middle one of all."""
    near = [likeness for likeness, _ in nearest_texts(texts, vectors, wanted, len(texts))]
    return near[0], near[len(near) // 2]


def write_map(run: Run, drawn: dict[str, Any], path: Path) -> None:
    """A map as data for a page."""
    save_json(path, {"format": 1, "run": run.id} | drawn)


def write_page(run: Run, drawn: dict[str, Any], path: Path) -> None:
    """A map as a page that needs no other file.

    Raises:  CuadernoError when the run's study has none.
    """
    from cuaderno.scaffold import one_file_page

    web = studies.folder(run.study) / "web"
    if not (web / "map.js").is_file():
        raise CuadernoError(
            f"The study '{run.study}' has no web/map.js, which draws a map in a page. "
            f"Write the map as data: --map {path.with_suffix('.json')}"
        )
    number = len(drawn["points"])
    title = {"en": f"A map of {number:,} texts", "es": f"Un mapa de {number:,} textos".replace(",", ".")}
    if drawn.get("of") == "tokens":
        title = {
            "en": f"The {number:,} tokens of a model",
            "es": f"Los {number:,} tokens de un modelo".replace(",", "."),
        }
    said = f"Texts as vectors by the run {run.id}, drawn so that similar ones are near one another."
    write_atomic(path, one_file_page(title, said, web, "map.js", {"format": 1, "run": run.id} | drawn))


def more_for_page(run: Run, part: Any, texts: list[str]) -> dict[str, Any]:
    """The commonest tokens of the texts on a map of their own, and a few texts token by token, where the study can."""
    if not hasattr(part, "embed_sequence"):
        return {}
    tell(f"reading {min(READ, len(texts)):,} texts token by token …")
    read = [(text, *part.embed_sequence(run, text)) for text in texts[:READ]]
    names, vectors = part.embed_tokens(run)
    numbers = {name: i for i, name in reversed(list(enumerate(names)))}
    seen = Counter(token for _, tokens, _ in read for token in tokens if can_be_read(token) and token in numbers)
    common = [token for token, _ in seen.most_common(MOST_TOKENS)]
    found: dict[str, Any] = {"sentences": [sentence(*one) for one in read[:SENTENCES]]}
    if len(common) >= FEWEST:
        tell(f"drawing a map of {len(common):,} tokens …")
        found["tokens"] = draw_map(common, vectors[[numbers[token] for token in common]])
    return found


def can_be_read(token: str) -> bool:
    """No mark of a tokenizer, such as [CLS] or <s>, and no half of a letter."""
    return bool(token.strip(" \ufffd")) and not re.fullmatch(r"\[[A-Z]+\]|<.+>", token.strip())


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "embed",
        embed,
        "Turn texts into vectors by a tuned model: print them, search by meaning, draw a map.",
        "RUN notes.txt > vectors.jsonl",
        "RUN notes.txt --search 'where did I write about rain?'",
        "RUN messages.tsv --column text --map map.html   # a page to look at",
        "RUN messages.tsv --column text --map map.json   # its data",
        "RUN --tokens --map tokens.json",
    )
    verb.add_argument("run", metavar="RUN", help=A_MEASURED_RUN)
    verb.add_argument("file", metavar="FILE", nargs="?", help="one text a line, or a table; - for standard input")
    verb.add_argument("--column", metavar="NAME", help="which column of a table is the text")
    verb.add_argument("--tokens", action="store_true", help="the model's own tokens instead of texts")
    verb.add_argument("--search", metavar="TEXT", help="print the texts that are nearest in meaning")
    verb.add_argument("--top", type=int, default=5, metavar="N", help="how many of them (default: 5)")
    verb.add_argument(
        "--map", metavar="FILE", help="draw a map by PCA and t-SNE with neighbours: a page (.html) or its data (.json)"
    )
