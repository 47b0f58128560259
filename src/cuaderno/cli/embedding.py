"""Texts as vectors by a tuned model: print them, search by meaning, draw a map."""

import argparse
import json
from pathlib import Path
from typing import Any

from cuaderno import studies
from cuaderno.cli.places import all_folders
from cuaderno.cli.shell import A_RUN, Verbs, tell
from cuaderno.data.texts import read_texts
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import save_json
from cuaderno.lab.run import Run

NEAREST = 6  # neighbours of each point of a map
FEWEST, MOST = 5, 20_000  # points of a map


def embed(arguments: argparse.Namespace) -> None:
    from cuaderno.lab.device import calm_threads

    calm_threads()
    run = records.find(arguments.run, *all_folders(arguments), damaged=tell)
    if not (studies.folder(run.study) / "embed.py").is_file():
        raise CuadernoError(f"A run of '{run.study}' gives no vectors: its study has no embed.py.")
    part = studies.load(run.study, "embed")
    if arguments.tokens:
        texts, vectors = part.embed_tokens(run)
    elif arguments.file:
        texts = read_texts(arguments.file, arguments.column or "")
        vectors = part.embed(run, texts)
    else:
        raise CuadernoError("Which texts? Give a FILE, - for standard input, or --tokens for all that the model knows.")
    if arguments.search:
        show_nearest(texts, vectors, part.embed(run, [arguments.search])[0], arguments.top)
    if arguments.map:
        write_map(run, texts, vectors, Path(arguments.map))
    if not (arguments.search or arguments.map):
        for text, vector in zip(texts, vectors.tolist(), strict=True):
            print(json.dumps({"text": text, "vector": [round(x, 6) for x in vector]}, ensure_ascii=False))


def show_nearest(texts: list[str], vectors: Any, wanted: Any, top: int) -> None:
    for likeness, text in nearest_texts(texts, vectors, wanted, top):
        print(f"{likeness:.3f}  {' '.join(text.split())}")


def nearest_texts(texts: list[str], vectors: Any, wanted: Any, top: int) -> list[tuple[float, str]]:
    """The texts whose vectors point most nearly the same way as one vector, each text once, with its cosine."""
    near = normed(vectors) @ normed(wanted[None])[0]
    found: dict[str, float] = {}
    for i in near.argsort()[::-1]:
        found.setdefault(texts[i], float(near[i]))
        if len(found) >= top:
            break
    return [(likeness, text) for text, likeness in found.items()]


def normed(vectors: Any) -> Any:
    """Vectors of length 1."""
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def write_map(run: Run, texts: list[str], vectors: Any, path: Path) -> None:
    """Each text as a point on two maps, as data for a page."""
    tell(f"drawing a map of {len(texts):,} texts …")
    drawn = draw_map(texts, vectors)
    save_json(path, {"format": 1, "run": run.id} | drawn)
    tell(f"{path}: {len(texts):,} points; PCA shows {sum(drawn['explained']):.0%} of how they differ")


def draw_map(texts: list[str], vectors: Any) -> dict[str, Any]:
    """Each text as a point on two maps, with its nearest neighbours, and how much PCA shows of how they differ.

    Raises:  CuadernoError when there are too few or too many texts, or scikit-learn is missing.
    """
    if not FEWEST <= len(texts) <= MOST:
        raise CuadernoError(f"A map has {FEWEST} to {MOST:,} points; these are {len(texts):,} texts. Give other ones.")
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise CuadernoError("A map needs scikit-learn. Install it: pip install 'cuaderno[refine]'") from error
    import numpy as np

    unit = normed(np.asarray(vectors, np.float64))
    flat = PCA(2, random_state=0).fit(unit)
    spread = TSNE(2, perplexity=min(30.0, (len(texts) - 1) / 3), init="pca", random_state=0).fit_transform(unit)
    places = {"pca": framed(flat.transform(unit)), "tsne": framed(spread)}
    points = [
        {"text": text, "pca": places["pca"][i], "tsne": places["tsne"][i], "near": neighbours(unit, i)}
        for i, text in enumerate(texts)
    ]
    return {"explained": [round(float(share), 4) for share in flat.explained_variance_ratio_], "points": points}


def framed(points: Any) -> list[list[float]]:
    """Points within -1 and 1, their proportions kept."""
    points = points.astype(float)
    centred = points - (points.max(0) + points.min(0)) / 2
    return (centred / max(float(abs(centred).max()), 1e-12)).round(4).tolist()


def neighbours(unit: Any, i: int) -> list[int]:
    near = unit @ unit[i]
    near[i] = -2
    return [int(j) for j in near.argsort()[::-1][: min(NEAREST, len(near) - 1)]]


def add(verbs: Verbs) -> None:
    verb = verbs.add(
        "embed",
        embed,
        "Turn texts into vectors by a tuned model: print them, search by meaning, draw a map.",
        "RUN notes.txt > vectors.jsonl",
        "RUN notes.txt --search 'where did I write about rain?'",
        "RUN messages.tsv --column text --map map.json",
        "RUN --tokens --map tokens.json",
    )
    verb.add_argument("run", metavar="RUN", help=A_RUN)
    verb.add_argument("file", metavar="FILE", nargs="?", help="one text a line, or a table; - for standard input")
    verb.add_argument("--column", metavar="NAME", help="which column of a table is the text")
    verb.add_argument("--tokens", action="store_true", help="the model's own tokens instead of texts")
    verb.add_argument("--search", metavar="TEXT", help="print the texts that are nearest in meaning")
    verb.add_argument("--top", type=int, default=5, metavar="N", help="how many of them (default: 5)")
    verb.add_argument("--map", metavar="FILE", help="write points by PCA and t-SNE with neighbours, as JSON")
