"""Labels that are probably wrong, by confident learning: for a person to look at, never to be deleted."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cuaderno.data.extras import need, one_thread

FOLDS = 4
FEWEST = 20  # rows, below which nothing can be learned
FEWEST_OF_A_CLASS = 5
MOST_WORDS = 60_000
LONGEST = 2_000  # characters of a text that are learned from


class Doubt(NamedTuple):
    """A row whose label the others contradict."""

    position: int
    suggested: str
    confidence: float  # in the suggestion, by a model that never saw this row
    margin: float  # how much more likely the suggestion is than the label


def doubtful(texts: Sequence[str], labels: Sequence[str | None], seed: int = 0) -> list[Doubt]:
    """Rows whose label is probably wrong, the surest first.

    Every row is judged by a model that did not learn from it. A row is doubtful when another class is more likely than
    that class usually is for its own rows: the off-diagonal of the confident joint.

    Source:  Northcutt, Jiang and Chuang 2021, Confident Learning, arXiv:1911.00068.
    Differs: rows come straight from the off-diagonal; its counts are not calibrated to the classes.
    Traps:   much of what is found is right, and much is only hard: look before you change anything.
    """
    counts = {label: sum(other == label for other in labels) for label in set(labels) - {None}}
    usable = [at for at, label in enumerate(labels) if label is not None and counts[label] >= FEWEST_OF_A_CLASS]
    classes = sorted({str(labels[at]) for at in usable})
    if len(usable) < FEWEST or len(classes) < 2:
        return []
    number = {label: index for index, label in enumerate(classes)}
    given = np.array([number[str(labels[at])] for at in usable])
    likely = out_of_fold([texts[at][:LONGEST] for at in usable], given, seed)
    own = np.array([likely[given == index, index].mean() for index in range(len(classes))])
    sure = np.where(likely >= own, likely, -1.0)
    best = sure.argmax(1)
    rows = np.arange(len(given))
    margins = likely[rows, best] - likely[rows, given]
    is_doubtful = (sure[rows, best] > 0) & (best != given) & (margins > 0)
    found = [
        Doubt(usable[at], classes[best[at]], float(likely[at, best[at]]), float(margins[at]))
        for at in np.flatnonzero(is_doubtful)
    ]
    return sorted(found, key=lambda doubt: (-doubt.margin, doubt.position))


def out_of_fold(texts: Sequence[str], given: np.ndarray, seed: int) -> np.ndarray:
    """How likely each class is for each text, by TF-IDF and logistic regression that never saw the text.

    Shapes:  N texts, given (N,)  ->  (N, classes)
    """
    need("sklearn")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    words = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, max_features=MOST_WORDS, sublinear_tf=True, token_pattern=r"(?u)\w+|[^\w\s]",
        dtype=np.float32,
    )  # fmt: skip
    try:
        inputs = words.fit_transform(texts)
    except ValueError:  # no word is there twice
        return np.zeros((len(texts), int(given.max()) + 1))
    likely = np.zeros((len(texts), int(given.max()) + 1))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, held_out in folds.split(inputs, given):
        model = LogisticRegression(C=4.0, max_iter=200, tol=1e-3)
        with one_thread():
            model.fit(inputs[learned], given[learned])
        likely[held_out] = model.predict_proba(inputs[held_out])
    return likely
