"""What needs no network: the most frequent answer, counted words, and the answer to the most similar question.

If one of these wins, take it: it is smaller, faster and easier to explain.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric, wilson
from cuaderno.studies.refine.batches import encode_speech
from cuaderno.studies.refine.data import Row, Table
from cuaderno.studies.refine.judge import judge_labels, judge_numbers, macro_f1, normal, perplexity
from cuaderno.studies.refine.tuned import Tuned

PARTS = ("train", "val", "test")
STRENGTHS = (1.0, 10.0, 100.0)  # of the linear models: the best on the validation rows is taken


def vectorizer() -> Any:
    """TF-IDF of words, as scikit-learn has it."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise CuadernoError(
            "The baselines of this study need scikit-learn. Install it: pip install 'cuaderno[refine]'"
        ) from error
    return TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")


def joined(rows: Sequence[Row]) -> list[str]:
    return [" ".join(row.texts) for row in rows]


def for_labels(table: Table) -> dict[str, Metric]:
    """Always the most frequent label; logistic regression on TF-IDF, its strength chosen on the validation rows."""
    words = vectorizer().fit(joined(table.train))
    inputs = {part: words.transform(joined(getattr(table, part))) for part in PARTS}
    right = [str(row.target) for row in table.test]
    common = Counter(str(row.target) for row in table.train).most_common(1)[0][0]
    return judge_labels([common] * len(right), right, "baseline_majority_") | judge_labels(
        linear_labels(inputs, table), right, "baseline_linear_"
    )


def linear_labels(inputs: dict[str, Any], table: Table) -> list[str]:
    """The labels of the test rows by logistic regression, its strength the best one on the validation rows."""
    from sklearn.linear_model import LogisticRegression

    right = {part: [str(row.target) for row in getattr(table, part)] for part in PARTS}
    models = [LogisticRegression(C=c, max_iter=1000).fit(inputs["train"], right["train"]) for c in STRENGTHS]
    scores = [f1_of(model.predict(inputs["val"]), right["val"]) for model in models]
    return [str(one) for one in models[int(np.argmax(scores))].predict(inputs["test"])]


def f1_of(guessed: Sequence[str], right: Sequence[str]) -> float:
    names = sorted({*map(str, guessed), *right})
    both = [np.array([names.index(str(one)) for one in side]) for side in (guessed, right)]
    return macro_f1(both[0], both[1], sorted({int(i) for i in both[1]}))


def for_numbers(table: Table) -> dict[str, Metric]:
    """Always the mean; ridge regression on TF-IDF; for pairs also the cosine of their TF-IDF vectors."""
    words = vectorizer().fit([text for row in table.train for text in row.texts])
    inputs = {part: features(words, getattr(table, part)) for part in PARTS}
    right = numbers_of(table.test)
    mean = np.full(len(right), numbers_of(table.train).mean())
    found = judge_numbers(mean, right, "baseline_mean_", only=("rmse",))
    found |= judge_numbers(linear_numbers(inputs, table), right, "baseline_linear_")
    if len(table.test[0].texts) == 2:
        alike = cosines(words, table.test)
        found |= judge_numbers(alike, right, "baseline_cosine_", only=("pearson", "spearman"))
    return found


def linear_numbers(inputs: dict[str, Any], table: Table) -> np.ndarray:
    """The numbers of the test rows by ridge regression, its strength the best one on the validation rows."""
    from sklearn.linear_model import Ridge

    models = [Ridge(alpha=10 / c).fit(inputs["train"], numbers_of(table.train)) for c in STRENGTHS]
    scores = [-float(np.mean((model.predict(inputs["val"]) - numbers_of(table.val)) ** 2)) for model in models]
    return models[int(np.argmax(scores))].predict(inputs["test"])


def numbers_of(rows: Sequence[Row]) -> np.ndarray:
    return np.array([row.target for row in rows], float)


def features(words: Any, rows: Sequence[Row]) -> Any:
    """TF-IDF of a text; of a pair what they share, what they do not, and the cosine."""
    from scipy.sparse import csr_matrix, hstack

    sides = [words.transform([row.texts[i] for row in rows]) for i in range(len(rows[0].texts))]
    if len(sides) == 1:
        return sides[0]
    one, other = sides
    return hstack([one.multiply(other), abs(one - other), csr_matrix(cosines(words, rows)[:, None])]).tocsr()


def cosines(words: Any, rows: Sequence[Row]) -> np.ndarray:
    one, other = (words.transform([row.texts[i] for row in rows]) for i in range(2))
    return np.asarray(one.multiply(other).sum(axis=1))[:, 0]


def for_answers(tuned: Tuned, table: Table, most_written: int) -> dict[str, Metric]:
    """Tokens by their frequency alone; the most frequent answer; the answer to the most similar question."""
    encoded = {
        part: [encode_speech(tuned.tokenizer, row, tuned.context_length) for row in getattr(table, part)]
        for part in ("train", "test")
    }
    counts = Counter(token for row in encoded["train"] for token in row.ids[0][row.answer_from :])
    whole = counts.total() + len(tuned.tokenizer)
    said = [row.ids[0][row.answer_from :] for row in encoded["test"]]
    losses = [sum(-math.log((counts[token] + 1) / whole) for token in row) for row in said]
    rows = table.test[:most_written]
    words = vectorizer()
    known = words.fit_transform([last_question(row) for row in table.train])
    nearest = np.asarray((words.transform([last_question(row) for row in rows]) @ known.T).argmax(axis=1)).ravel()
    copied = [table.train[i].target for i in nearest]
    common = Counter(normal(row.target) for row in table.train).most_common(1)[0][0]
    return {
        "baseline_unigram_perplexity": perplexity(losses, [len(row) for row in said]),
        "baseline_majority_exact_match": share(rows, [common] * len(rows)),
        "baseline_nearest_exact_match": share(rows, copied),
    }


def share(rows: Sequence[Row], given: Sequence[Any]) -> Metric:
    """How often an answer is the very one that was wanted."""
    hits = sum(normal(row.target) == normal(one) for row, one in zip(rows, given, strict=True))
    return wilson(hits, len(rows))


def last_question(row: Row) -> str:
    return str(json.loads(row.texts[0])[-1]["content"])
