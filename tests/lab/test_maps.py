"""Vectors as a map: places, neighbours, and sentences as they travel."""

import base64

import numpy as np
import pytest

from cuaderno.lab import maps
from cuaderno.lab.errors import CuadernoError

TEXTS = ["rain", "rain again", "sun", "sun and heat", "snow", "snow and ice", "wind"]
VECTORS = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0.1, 0.9, 0], [0, 0, 1], [0, 0.1, 0.9], [0.5, 0.5, 0.5]])


def test_a_map_has_places_and_neighbours():
    drawn = maps.draw_map(TEXTS, VECTORS)
    assert [point["text"] for point in drawn["points"]] == TEXTS
    assert [drawn["points"][i]["near"][0] for i in (0, 2, 4)] == [1, 3, 5]
    for i, point in enumerate(drawn["points"]):
        assert all(abs(x) <= 1 for kind in ("pca", "tsne") for x in point[kind])
        assert i not in point["near"] and len(set(point["near"])) == len(point["near"]) == 6
        assert point["like"] == sorted(point["like"], reverse=True)
    assert drawn["points"][0]["like"][0] == pytest.approx(0.9 / np.hypot(0.9, 0.1), abs=1e-3)
    assert maps.draw_map(TEXTS, VECTORS) == drawn, "the same map every time"


def test_too_few_texts_make_no_map():
    with pytest.raises(CuadernoError, match="A map has 5"):
        maps.draw_map(TEXTS[:3], VECTORS[:3])


def test_the_nearest_come_first_and_each_text_once():
    found = maps.nearest_texts([*TEXTS, "rain"], np.vstack([VECTORS, [1, 0, 0]]), np.array([1.0, 0, 0]), top=2)
    assert [text for _, text in found] == ["rain", "rain again"] and found[0][0] == 1


def test_a_sentence_travels_in_eight_bits():
    vectors = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    said = maps.sentence("a b", ["[CLS]", "a", " b", "[SEP]"], vectors)
    back = np.frombuffer(base64.b64decode(said["vectors"]), np.int8).reshape(-1, said["size"]) * said["scale"]
    assert back.shape == vectors.shape and np.abs(back - vectors).max() <= said["scale"] / 2 + 1e-9
    assert maps.sentence("", ["x"], np.zeros((1, 3)))["scale"] > 0


def test_rare_classes_share_a_sign_and_no_class_is_no_group():
    drawn = {"points": [{} for _ in range(24)]}
    maps.group(drawn, [f"class {number % 12}" for number in range(23)] + [None])
    assert len(drawn["groups"]) == maps.MOST_GROUPS + 1 and drawn["groups"][-1] == maps.OTHERS
    assert drawn["points"][-1]["group"] == maps.MOST_GROUPS and drawn["points"][0]["group"] == 0
    plain = {"points": [{}]}
    maps.group(plain, [])
    assert plain == {"points": [{}]}
