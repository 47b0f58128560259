"""Dirt on purpose: as much as asked, and known."""

import pytest

from cuaderno.data.formats import parse
from cuaderno.data.spoil import misread, spoil
from cuaderno.lab.errors import CuadernoError

LINES = [f"the row of the number {number} isn't like others,{'ab'[number % 2]}" for number in range(100)]
TABLE = parse(("text,label\n" + "\n".join(LINES) + "\n").encode(), "rows.csv")


def test_there_is_as_much_dirt_as_was_asked_and_each_piece_is_told():
    spoiled, truth = spoil(TABLE, labels=0.2, duplicates=0.3, mojibake=0.1, seed=1)
    assert len(spoiled) == len(truth) == 130 and [fact["row"] for fact in truth] == list(range(1, 131))
    assert sum("label" in fact and "duplicate" not in fact for fact in truth) == 20
    assert sum("duplicate" in fact for fact in truth) == 30 and sum("mojibake" in fact for fact in truth) == 13
    for row, fact in zip(spoiled, truth, strict=True):
        source = TABLE.rows[fact["was"] - 1]
        assert row.label == row.record["label"] and row.text == row.record["text"]
        assert (row.label != source.label) == ("label" in fact) and fact.get("label", row.label) == source.label
        assert ("â€™" in row.text) == ("mojibake" in fact)


def test_a_seed_gives_the_same_dirt_twice():
    one, two, other = (spoil(TABLE, 0.2, 0.3, 0.1, seed)[0] for seed in (1, 1, 2))
    assert one.texts == two.texts != other.texts


@pytest.mark.parametrize("shares, said", [({"labels": 1.5}, "--labels is a share"), ({"mojibake": -1}, "--mojibake")])
def test_a_share_that_is_none_is_refused(shares, said):
    with pytest.raises(CuadernoError, match=said):
        spoil(TABLE, **shares)


def test_labels_need_classes():
    with pytest.raises(CuadernoError, match="Leave --labels out"):
        spoil(parse(b"one line\nand another\n", "a.txt"), labels=0.1)


def test_every_letter_can_be_misread():
    assert misread("Í") == "Ã\x8d" and misread("plain") == "plain"
