"""What is special about the parts that read: pieces beside a well-known library, vectors of a made-up language."""

import random
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts, texts
from cuaderno.studies.concepts.data import Chance
from cuaderno.studies.concepts.evaluate import evaluate
from cuaderno.studies.concepts.parts import counting, garbage, likeness, tokens, word2vec
from cuaderno.studies.concepts.train import Config, settle, train, trained


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A made-up language: beasts eat and run, kings rule and speak; nothing else tells them apart."""
    chance = random.Random(1)
    beasts, kings = ("horse", "dog", "lion", "wolf", "bear", "fox"), ("king", "queen", "duke", "prince", "earl", "lord")
    fillers = [f"{a}{b}" for a in "abcdefgh" for b in "lmnoprst"]
    lines = []
    for _ in range(4000):
        who, does = chance.choice([(beasts, ("eats", "runs", "bites")), (kings, ("rules", "speaks", "reigns"))])
        lines.append(f"{chance.choice(fillers)} {chance.choice(who)} {chance.choice(does)} {chance.choice(fillers)}.")
    path = tmp_path_factory.mktemp("book") / "book.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# -- texts ------------------------------------------------------------------------------------------------------------


def test_a_text_that_cannot_be_read_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path))
    (tmp_path / "latin.txt").write_bytes("año".encode("latin-1"))
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    for name, words in (("no.txt", "no text no.txt"), ("latin.txt", "not UTF-8"), ("empty.txt", "is empty")):
        with pytest.raises(CuadernoError, match=words):
            texts.read(name)


@pytest.mark.parametrize("part", ["word2vec", "tokens", "garbage"])
def test_a_text_that_is_too_short_is_refused(part, tmp_path):
    (tmp_path / "short.txt").write_text("Too short a text. " * 20, encoding="utf-8")
    config = settle(Config(part=part, text=str(tmp_path / "short.txt")))
    with pytest.raises(CuadernoError, match=r"longer|at least"):
        {"word2vec": word2vec, "tokens": tokens, "garbage": garbage}[part].begin(config)


# -- word2vec ---------------------------------------------------------------------------------------------------------


def test_words_that_are_used_alike_come_to_lie_together(book):
    reader = word2vec.begin(settle(Config(part="word2vec", text=str(book), steps=1500, hidden_dim=16)))
    before = word2vec.evaluate(reader)["neighbours"].value
    for step in range(1, 1501):
        reader.learn(step)
    found = word2vec.evaluate(reader)
    assert before < 0.7 and found["neighbours"].value > 0.9
    assert found["baseline_counting_neighbours"].value > 0.9
    assert set(word2vec.answer(reader, "lion")["nearest"][:4]) <= {"horse", "dog", "wolf", "bear", "fox"}


def test_a_step_is_the_gradient_of_its_loss(book):
    reader = word2vec.begin(settle(Config(part="word2vec", text=str(book), hidden_dim=8)))
    torch.manual_seed(0)
    reader.middle, reader.near = torch.randn(2, len(reader.words), 8, dtype=torch.float64)
    middle, near = reader.middle.clone().requires_grad_(), reader.near.clone().requires_grad_()
    centre, context, wrong = torch.tensor([1, 2, 1]), torch.tensor([3, 3, 4]), torch.tensor([5, 6, 5])
    share = word2vec.WORTH / word2vec.DRAWN
    pairs = torch.nn.functional.logsigmoid((middle[centre] * near[context]).sum(1)).sum()
    (-pairs - share * torch.nn.functional.logsigmoid(-(middle[centre] @ near[wrong].T)).sum()).backward()
    before = reader.middle.clone(), reader.near.clone()
    reader._move(centre, context, wrong, 0.1)
    assert torch.allclose(reader.middle, before[0] - 0.1 * middle.grad)
    assert torch.allclose(reader.near, before[1] - 0.1 * near.grad)


def test_a_folded_table_keeps_what_differs_most():
    chance = np.random.default_rng(0)
    low = chance.standard_normal((40, 3)).astype(np.float32)
    folded = counting.fold(low @ low.T, 3)
    assert np.allclose(folded @ folded.T, low @ low.T, atol=1e-2)


def test_analogies_are_asked_only_of_words_that_are_known():
    four = likeness.analogies({"king": 0, "queen": 1, "man": 2, "woman": 3, "day": 4})
    assert sorted(four) == [("king", "queen", "man", "woman"), ("man", "woman", "king", "queen")]


# -- tokens -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cutter(book):
    learner = tokens.begin(settle(Config(part="tokens", text=str(book), steps=60)))
    for step in range(1, 61):
        learner.learn(step)
    return learner


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["horse", "kings", "ea", "l", "runs.", "  ", "\n", "rules"]), max_size=8).map(" ".join))
def test_pieces_are_those_of_the_tokenizers_library(cutter, text):
    text = "".join(letter for letter in text if letter in cutter.letters)
    vocabulary = dict.fromkeys([*cutter.letters, *map("".join, cutter.merges)])
    library = Tokenizer(BPE({piece: at for at, piece in enumerate(vocabulary)}, cutter.merges))
    wanted = [piece for word in tokens.words_of(text) for piece in library.encode(word).tokens]
    assert tokens.cut(text, cutter.merges) == wanted and "".join(wanted) == text


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_words_put_together_are_the_text(text):
    assert "".join(tokens.words_of(text)) == text


def test_the_commonest_pair_is_merged_first(cutter):
    counts = {}
    for word, often in cutter.counts.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + often
    assert counts[cutter.merges[0]] == max(counts.values())


# -- garbage ----------------------------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.text("abc ", max_size=80), st.text("abc ", max_size=6))
def test_what_is_expected_sums_to_one_and_is_never_nothing(text, before):
    counts = garbage.Counts(" abc")
    counts.read(text)
    odds = counts.expect(before)
    assert odds.sum() == pytest.approx(1) and odds.min() > 0


def test_garbage_replaces_about_as_many_letters_as_asked():
    text = "a" * 4000
    spoilt = garbage.spoiled(text, 0.5, "ab", 3)
    assert len(spoilt) == 4000 and 0.2 < spoilt.count("b") / 4000 < 0.3
    assert garbage.spoiled(text, 0.0, "ab", 3) == text


def test_what_is_written_follows_what_was_read():
    counts = garbage.Counts("ab")
    counts.read("ab" * 200)
    assert counts.write("ab", 8, Chance(0)) == "abababab"


# -- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["word2vec", "tokens", "garbage"])
def test_what_was_learnt_is_exported_again_without_the_text(part, book, tmp_path):
    text = tmp_path / "copy.txt"
    text.write_text(book.read_text(encoding="utf-8"), encoding="utf-8")
    run = Run.create("concepts", settle(Config(part=part, text=str(text), steps=5)), tmp_path)
    train(run.config(Config), run)
    first = parts.load(part).export(trained(run))
    text.unlink()
    assert parts.load(part).export(trained(run)) == first
    with pytest.raises(CuadernoError, match="no text"):
        evaluate(run)
