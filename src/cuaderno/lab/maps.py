"""Vectors as something to look at: points on two maps with their neighbours, a sentence as a sequence of vectors.

map.json
--------
    {"format": 1, "run": "…", "explained": [0.31, 0.12], "points": [point, …], "groups": [{"en", "es"}, …],
     "tokens": {"explained", "points"}, "sentences": [{"text", "tokens", "size", "scale", "vectors"}, …],
     "of": "texts" or "tokens"}
    point: {"text", "pca": [x, y], "tsne": [x, y], "near": [numbers of points], "like": [their cosines], "group": 0}

Places lie between -1 and 1. `groups`, `tokens`, `sentences` and `of` may be missing. The vectors of a sentence are
int8 in base64, a row of `size` numbers for each token; times `scale` they are what the model gave.
"""

import base64
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from cuaderno.lab.errors import CuadernoError

MOST_GROUPS = 8  # classes with a sign of their own; the rarer ones share one
OTHERS = {"en": "others", "es": "otras"}
NEAREST = 6  # neighbours of each point of a map
FEWEST, MOST = 5, 20_000  # points of a map


def draw_map(
    texts: Sequence[str], vectors: Any, rounds: int = 1000, say: Callable[[str], object] = str
) -> dict[str, Any]:
    """Each text as a point on two maps, with its nearest neighbours, and how much PCA shows of how they differ.

    `say` is told what begins now, as thousands of texts take minutes.

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
    say("PCA …")
    flat = PCA(2, random_state=0).fit(unit)
    say("t-SNE, which takes longest …")
    spread = TSNE(
        2, perplexity=min(30.0, (len(texts) - 1) / 3), init="pca", random_state=0, max_iter=rounds
    ).fit_transform(unit)
    pca, tsne = framed(flat.transform(unit)), framed(spread)
    say("the nearest neighbours of each …")
    points = [
        {"text": text, "pca": pca[i], "tsne": tsne[i]} | dict(zip(("near", "like"), neighbours(unit, i), strict=True))
        for i, text in enumerate(texts)
    ]
    return {"explained": [round(float(share), 4) for share in flat.explained_variance_ratio_], "points": points}


def group(drawn: dict[str, Any], classes: Sequence[str | None]) -> None:
    """Give each point of a map its class, the commonest first; without classes nothing."""
    if not classes:
        return
    names = [name for name, _ in Counter(one for one in classes if one).most_common()]
    shown = names if len(names) <= MOST_GROUPS + 1 and all(classes) else names[:MOST_GROUPS]
    numbers = {name: number for number, name in enumerate(shown)}
    drawn["groups"] = [{"en": name, "es": name} for name in shown]
    drawn["groups"] += [OTHERS] if any(one not in numbers for one in classes) else []
    for point, one in zip(drawn["points"], classes, strict=True):
        point["group"] = numbers.get(one or "", len(shown))


def framed(points: Any) -> list[list[float]]:
    """Points within -1 and 1, their proportions kept."""
    points = points.astype(float)
    centred = points - (points.max(0) + points.min(0)) / 2
    return (centred / max(float(abs(centred).max()), 1e-12)).round(4).tolist()


def neighbours(unit: Any, i: int) -> tuple[list[int], list[float]]:
    """The points whose vectors point most nearly the same way, and their cosines."""
    near = unit @ unit[i]
    near[i] = -2
    found = near.argsort()[::-1][: min(NEAREST, len(near) - 1)]
    return found.tolist(), near[found].round(3).tolist()


def normed(vectors: Any) -> Any:
    """Vectors of length 1."""
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def nearest_texts(texts: Sequence[str], vectors: Any, wanted: Any, top: int) -> list[tuple[float, str]]:
    """The texts whose vectors point most nearly the same way as one vector, each text once, with its cosine."""
    near = normed(vectors) @ normed(wanted[None])[0]
    found: dict[str, float] = {}
    for i in near.argsort()[::-1]:
        found.setdefault(texts[i], float(near[i]))
        if len(found) >= top:
            break
    return [(likeness, text) for text, likeness in found.items()]


def sentence(text: str, tokens: Sequence[str], vectors: Any) -> dict[str, Any]:
    """A text as the sequence of vectors that it is to a model, rounded to 8 bits."""
    import numpy as np

    scale = max(float(np.abs(vectors).max()), 1e-12) / 127
    rounded = np.asarray(vectors / scale).round().astype(np.int8)
    packed = base64.b64encode(rounded.tobytes()).decode()
    return {"text": text, "tokens": list(tokens), "size": rounded.shape[1], "scale": scale, "vectors": packed}
