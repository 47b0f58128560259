"""The n-gram model is a model at all (it sums to one), it is Kneser-Ney's, and it survives texts of one token."""

import io
from collections import Counter, defaultdict
from itertools import pairwise
from pydoc_data.topics import topics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.studies.gpt.ngram import CHUNK, KneserNey, estimate_discounts

few = settings(max_examples=60, deadline=None)


@st.composite
def models(draw):
    """(model, training text): few distinct tokens, so that grams come back, in a vocabulary that may be much larger."""
    vocab_size = draw(st.sampled_from([1, 2, 3, 5, 300, 65_536]))
    distinct = draw(st.integers(1, min(4, vocab_size)))
    # The last ids of the vocabulary: they make the largest keys.
    text = np.array(draw(st.lists(st.integers(vocab_size - distinct, vocab_size - 1), min_size=1, max_size=60)))
    return KneserNey.count(text, vocab_size, draw(st.integers(1, 7))), text


@st.composite
def questions(draw):
    """(model, contexts): seen and unseen ones, empty ones, and ones that are longer than the model can use."""
    model, text = draw(models())
    known = st.sampled_from(sorted({int(token) for token in text}))
    tokens = st.one_of(known, known, known, st.integers(0, model.vocab_size - 1))
    return model, draw(st.lists(st.lists(tokens, max_size=9), min_size=1, max_size=8))


def english(num_characters: int = 120_000) -> tuple[np.ndarray, np.ndarray, int]:
    """(train, val, vocab_size) of the manual that every Python carries: real prose, no download."""
    text = "\n".join(topics[name] for name in sorted(topics))[:num_characters]
    _, tokens = np.unique(np.array(list(text)), return_inverse=True)
    cut = int(0.9 * len(tokens))
    return tokens[:cut], tokens[cut:], int(tokens.max()) + 1


class SlowKneserNey:
    """The definition, as one would write it on a blackboard: dictionaries of tuples and a recursion."""

    def __init__(self, text, vocab_size, order):
        self.vocab_size, self.order = vocab_size, order
        self.credits, neighbours = Counter(), defaultdict(set)
        for n in range(1, order + 1):
            for i in range(len(text) - n + 1):
                gram = tuple(text[i : i + n])
                neighbours[gram].add(text[i - 1] if i else "beginning")
                self.credits[gram] += n == order
        for gram, surroundings in neighbours.items():
            if len(gram) < order:
                self.credits[gram] = len(surroundings)
        self.discounts = [self.estimate(n) for n in range(order + 1)]

    def estimate(self, n):
        n1, n2, n3, n4 = (sum(len(g) == n and c == credit for g, c in self.credits.items()) for credit in (1, 2, 3, 4))
        if n1 == 0 or n2 == 0:
            return {1: 0.5, 2: 0.5, 3: 0.5}
        single = n1 / (n1 + 2 * n2)
        several = {1: single, 2: single, 3: single}
        if n3 > 0 and n4 > 0:
            three = {1: 1 - 2 * single * n2 / n1, 2: 2 - 3 * single * n3 / n2, 3: 3 - 4 * single * n4 / n3}
            several = three if min(three.values()) > 0 else several
        return several

    def probability(self, token, context):
        shorter = self.probability(token, context[1:]) if context else 1 / self.vocab_size
        follow = [c for g, c in self.credits.items() if len(g) == len(context) + 1 and g[:-1] == context]
        if not follow:
            return shorter
        discounts, own = self.discounts[len(context) + 1], self.credits[(*context, token)]
        lent = sum(discounts[min(credit, 3)] for credit in follow)
        return ((own - discounts[min(own, 3)] if own else 0) + lent * shorter) / sum(follow)


# -- what every such model must do ------------------------------------------------------------------------------------


@few
@given(questions())
def test_every_distribution_sums_to_one_and_leaves_nothing_out(question):
    model, contexts = question
    answer = model.distributions(contexts)
    assert answer.shape == (len(contexts), model.vocab_size)
    np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=0, atol=1e-9)
    assert (answer > 0).all()


@few
@given(st.lists(st.integers(0, 3), min_size=1, max_size=50), st.integers(4, 6), st.integers(1, 5))
def test_it_equals_the_definition(text, vocab_size, order):
    model, slow = KneserNey.count(np.array(text), vocab_size, order), SlowKneserNey(text, vocab_size, order)
    contexts = [tuple(text[i : i + n]) for n in range(order) for i in range(0, len(text) - n + 1, 7)] + [
        (5 % vocab_size,)
    ]
    expected = [
        [slow.probability(t, c[-order + 1 :] if order > 1 else ()) for t in range(vocab_size)] for c in contexts
    ]
    np.testing.assert_allclose(model.distributions(contexts), expected, atol=1e-12)


@few
@given(models(), st.data())
def test_one_probability_is_an_entry_of_the_distribution(made, data):
    model, text = made
    other = data.draw(st.lists(st.integers(0, model.vocab_size - 1), max_size=5))
    tokens = np.concatenate([np.array(other, dtype=np.int64), text[:12]])
    single = model.token_probabilities(tokens)
    contexts = [tokens[:i] for i in range(len(tokens))]
    for whole in (model.distributions(contexts), model.distributions_along(tokens)):
        np.testing.assert_allclose(whole[np.arange(len(tokens)), tokens], single, rtol=0, atol=1e-12)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(tokens))] * 2)))
    np.testing.assert_array_equal(model.distributions_along(tokens, start, stop), whole[start:stop])


@few
@given(st.lists(st.integers(1, 5), max_size=60))
def test_discounts_take_something_and_never_more_than_there_is(credits):
    discounts = estimate_discounts(np.array(credits, dtype=np.int32))
    assert (discounts > 0).all() and (discounts < [1, 2, 3]).all()


def test_three_discounts_where_there_is_enough_to_estimate_them():
    counted = np.repeat([1, 2, 3, 4, 9], [40, 20, 10, 5, 7])
    np.testing.assert_allclose(estimate_discounts(counted), [0.5, 2 - 1.5 * 10 / 20, 3 - 2 * 5 / 10])
    # Prose has enough, the small random texts above do not.
    train, val, vocab_size = english(3_000)
    model, slow = KneserNey.count(train, vocab_size, 4), SlowKneserNey(train.tolist(), vocab_size, 4)
    assert all(len(set(level.discounts)) == 3 for level in model.levels[1:])
    expected = [slow.probability(val[i], tuple(val[max(0, i - 3) : i])) for i in range(20)]
    np.testing.assert_allclose(model.token_probabilities(val)[:20], expected, rtol=1e-9)


@pytest.mark.parametrize("text", [[2], [2, 2], [0, 1], [1] * 50, [0, 1] * 40, list(range(5)) * 9])
def test_degenerate_texts(text):
    model = KneserNey.count(np.array(text), 5, 7)
    contexts = [[], text[:3], text[-6:], [4, 0, 4], [3] * 6]
    np.testing.assert_allclose(model.distributions(contexts).sum(axis=1), 1, rtol=0, atol=1e-9)
    assert np.isfinite(model.loss(np.arange(5)))
    assert model.distributions([[]])[0].argmax() in text


def test_a_frequent_word_in_one_surrounding_gets_little_credit():
    # 1 turns up twenty times, always after 0. 2 turns up six times, each time after something else.
    text = np.array([0, 1] * 20 + [3, 2, 4, 2, 5, 2, 6, 2, 7, 2, 8, 2])
    after_unknown = KneserNey.count(text, 10, 2).distributions([[9]])[0]
    assert after_unknown[2] > after_unknown[1]


def test_no_question_no_answer():
    model = KneserNey.count(np.array([0, 1, 2]), 3, 4)
    nothing = np.array([], dtype=int)
    assert model.token_probabilities(nothing).shape == (0,)
    assert [part.shape for part in model.matched(nothing)] == [(0,), (0,)]
    assert model.distributions([]).shape == model.distributions_along(nothing).shape == (0, 3)


def test_bad_input_is_named():
    model = KneserNey.count(np.array([0, 1, 2]), 3, 2)
    with pytest.raises(ValueError, match="vocabulary of 3"):
        model.distributions([[3]])
    with pytest.raises(ValueError, match="vocabulary of 3"):
        model.token_probabilities(np.array([-1]))
    with pytest.raises(ValueError, match="one row of integers"):
        model.token_probabilities(np.array([0.5]))
    with pytest.raises(ValueError, match="some text"):
        KneserNey.count(np.array([], dtype=int), 3)
    with pytest.raises(ValueError, match="nothing to measure"):
        model.loss(np.array([1]), skip=1)
    with pytest.raises(ValueError, match="do not lie"):
        model.distributions_along(np.array([1]), 0, 2)


# -- pruning ----------------------------------------------------------------------------------------------------------


@few
@given(models(), st.data())
def test_pruned_models_still_sum_to_one(made, data):
    model, text = made
    order = data.draw(st.integers(1, model.order))
    cutoffs = sorted(data.draw(st.lists(st.integers(1, 5), min_size=order, max_size=order)))
    small = model.prune(order, cutoffs)
    contexts = [text[i : i + 6] for i in range(0, len(text), 5)] + [[], [0]]
    np.testing.assert_allclose(small.distributions(contexts).sum(axis=1), 1, rtol=0, atol=1e-9)
    assert small.order == order and small.num_grams <= model.num_grams
    for level, cutoff in zip(small.levels, cutoffs, strict=True):
        assert (level.counts >= cutoff).all() and (np.diff(level.keys) > 0).all()


@few
@given(models(), st.data())
def test_a_lower_order_is_the_model_that_was_counted_with_it(made, data):
    model, text = made
    order = data.draw(st.integers(1, model.order))
    counted, cut = KneserNey.count(text, model.vocab_size, order), model.prune(order)
    # The same when the longer grams are there but all cut: their credit comes back down whole.
    emptied = model.prune(min_counts=[1] * order + [1000] * (model.order - order))
    for name, array in counted.to_arrays().items():
        np.testing.assert_array_equal(cut.to_arrays()[name], array)
    np.testing.assert_allclose(emptied.token_probabilities(text), counted.token_probabilities(text), atol=1e-12)


def test_what_cannot_be_pruned():
    model = KneserNey.count(np.array([0, 1, 0, 1, 0]), 2, 3)
    with pytest.raises(ValueError, match="pruned before"):
        model.prune(3, 2).prune(2)
    with pytest.raises(ValueError, match="lower than the one before"):
        model.prune(3, [1, 2, 1])
    with pytest.raises(ValueError, match=r"1\.\.3"):
        model.prune(4)


# -- keeping ----------------------------------------------------------------------------------------------------------


@few
@given(questions())
def test_it_survives_a_file_without_pickle(question):
    model, contexts = question
    file = io.BytesIO()
    np.savez_compressed(file, **model.to_arrays())
    file.seek(0)
    again = KneserNey.from_arrays(np.load(file, allow_pickle=False))
    np.testing.assert_array_equal(again.distributions(contexts), model.distributions(contexts))
    assert again.prune(1).num_grams == model.prune(1).num_grams


@few
@given(questions())
def test_the_compact_model_sums_to_one_too(question):
    model, contexts = question
    small = KneserNey.from_compact(model.compact())
    answer = small.distributions(contexts)
    np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(answer, model.distributions(contexts), atol=0.03)


# -- on real prose ----------------------------------------------------------------------------------------------------


def test_longer_contexts_help_on_prose():
    train, val, vocab_size = english()
    model = KneserNey.count(train, vocab_size, 6)
    losses = model.loss_by_order(val)
    assert len(losses) == 6 and losses[-1] == model.loss(val)
    assert all(longer < shorter for shorter, longer in pairwise(losses[:4]))
    # The plain unigram, every letter by its frequency, and the first rung of the ladder are nearly the same thing.
    frequencies = (np.bincount(train, minlength=vocab_size) + 0.5) / (len(train) + 0.5 * vocab_size)
    assert losses[0] == pytest.approx(-np.log(frequencies[val]).mean(), abs=0.01)
    assert losses[-1] < losses[0] - 1


def test_the_compact_model_is_small_and_as_good():
    train, val, vocab_size = english()
    pruned = KneserNey.count(train, vocab_size, 5).prune(4, [1, 1, 2, 3])
    arrays = pruned.compact()
    assert sum(array.nbytes for array in arrays.values()) < 4 * pruned.num_grams
    assert KneserNey.from_compact(arrays).loss(val) == pytest.approx(pruned.loss(val), abs=0.002)


def test_how_much_of_the_context_was_seen():
    model = KneserNey.count(np.array([0, 1, 2, 0, 1, 3]), 5, 3)
    lengths, counts = model.matched(np.array([0, 1, 2, 4, 0, 0]))
    #   after:   nothing, 0, 01, 12, 4 (never seen), 0
    assert lengths.tolist() == [0, 1, 2, 2, 0, 1]
    assert counts.tolist() == [6, 2, 2, 1, 6, 2]


def test_long_texts_are_answered_in_blocks():
    vocab_size = 5_000
    tokens = np.random.default_rng(0).integers(0, vocab_size, 2 * CHUNK // vocab_size + 3)
    model = KneserNey.count(tokens, vocab_size, 3)
    whole = model.distributions_along(tokens)
    np.testing.assert_allclose(whole.sum(axis=1), 1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(whole[np.arange(len(tokens)), tokens], model.token_probabilities(tokens), atol=1e-12)
