"""Splits: what is nearly the same stays together, and every split has the same mixture."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.data import duplicates, splits
from cuaderno.lab.errors import CuadernoError

WORDS = [
    "casa",
    "perro",
    "tren",
    "lluvia",
    "mercado",
    "libro",
    "ventana",
    "camino",
    "piedra",
    "norte",
    "verde",
    "largo",
    "cantar",
    "subir",
    "leche",
    "sal",
]


def sentences(count: int, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, 12)) for _ in range(count)]


def test_near_duplicates_share_a_split_and_shares_are_kept():
    texts = sentences(400)
    texts += [f"{text}!" for text in texts[:100]] + [f"{text} y" for text in texts[50:150]]
    given = splits.split(texts, shares={"train": 0.7, "test": 0.3}, seed=3)
    where = defaultdict(set)
    for cluster, name in zip(duplicates.clusters(texts), given, strict=True):
        where[cluster].add(name)
    assert len(where) == 400 and all(len(names) == 1 for names in where.values())
    assert abs(Counter(given)["test"] - 180) <= 3
    assert not splits.leaks(texts, given)


def test_each_split_has_every_class_in_its_share():
    texts, labels = sentences(300), ["rare"] * 30 + ["usual"] * 270
    counts = Counter(zip(splits.split(texts, labels), labels, strict=True))
    assert counts["train", "rare"] == 24 and counts["val", "rare"] == counts["test", "rare"] == 3


def test_a_scale_is_split_by_fifths():
    texts = sentences(500)
    scores = [number / 100 for number in range(500)]
    given = splits.split(texts, scores, {"train": 0.8, "test": 0.2})
    in_test = [score for score, name in zip(scores, given, strict=True) if name == "test"]
    assert 2.3 < sum(in_test) / len(in_test) < 2.7 and len(in_test) == 100


def test_a_seed_gives_the_same_split_twice_and_another_one_differs():
    texts = sentences(200)
    assert splits.split(texts, seed=1) == splits.split(texts, seed=1) != splits.split(texts, seed=2)


@pytest.mark.parametrize("shares", [{}, {"train": 1.5, "test": -0.5}, {"train": 0.5}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(CuadernoError, match="add up to 1"):
        splits.split(["a"], shares=shares)


def test_a_leak_is_found():
    texts = [
        *sentences(20),
        "¡Mañana por la mañana subiremos a la montaña!",
        "mañana por la mañana subiremos a la montaña",
    ]
    where = ["train"] * 20 + ["train", "test"]
    assert splits.leaks(texts, where) == [(20, 21)]


def test_near_pairs_are_those_that_comparing_each_with_each_finds():
    texts = sentences(60, seed=5)
    texts += [text.replace("e", "a", 1) for text in texts] + [text[:-9] for text in texts]
    texts = list(dict.fromkeys(map(duplicates.normalised, texts)))
    all_pairs = combinations(range(len(texts)), 2)
    wanted = {(i, j) for i, j in all_pairs if duplicates.jaccard(texts[i], texts[j]) >= 0.8}
    found = set(duplicates.near_pairs(texts))
    assert found <= wanted and len(found) >= 0.98 * len(wanted) > 20


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_texts_can_be_clustered_and_split(texts):
    numbers = duplicates.clusters(texts)
    assert all(number <= position for position, number in enumerate(numbers))
    assert all(numbers[number] == number for number in numbers)
    assert set(splits.split(texts)) <= {"train", "val", "test"}


def test_a_text_without_letters_is_like_itself_only():
    assert duplicates.clusters(["!!!", "???", "!!!", ""]) == [0, 1, 0, 3]


def test_thousands_of_equal_texts_cost_little():
    assert duplicates.clusters(["the same again"] * 20_000) == [0] * 20_000
