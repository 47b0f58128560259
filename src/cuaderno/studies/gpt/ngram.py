"""What came before the network: count which token follows which context, and smooth the counts well.

An n-gram model remembers, for every context of up to `order - 1` tokens, what came next in the training text. Long
contexts say the most and are met the least, so all lengths are mixed: each takes a discount off what it counted and
lends that share to the next shorter one, down to "any token at all". How large a discount, the text itself says.

The trick of Kneser and Ney: a shorter context is only asked when the longer one does not know. So it should count in
how many *different* surroundings a token turned up, not how often. "Francisco" is frequent, but only after "San".

Source:  Chen and Goodman 1999, https://doi.org/10.1006/csla.1999.0128 (interpolated, three discounts per length);
         counts after pruning: Siivola, Hirsimäki and Virpioja 2007, https://doi.org/10.1109/TASL.2007.896666.
Differs: the text is one long line without sentence marks. Its beginning counts as one more left neighbour.
Memory:  36 bytes per distinct gram of any length, and while counting about 80 more per token of the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

BREAK = -1  # in place of a token: what comes after it does not remember what came before
CHUNK = 2**20  # numbers in one block of dense distributions: 8 MB, which a processor's cache still holds


class Table(NamedTuple):
    """The distinct grams of one length before any smoothing: the fields of Level, and which one opens the text."""

    keys: np.ndarray
    counts: np.ndarray
    suffixes: np.ndarray
    opening: np.ndarray  # one id, or none when the text is shorter than the gram


@dataclass(frozen=True, eq=False)
class Level:
    """All distinct grams of one length n, sorted. A gram's id is its place in that order.

    A gram is a context (n - 1 tokens, itself a gram of the level before) and one token more, so that it needs only one
    number: id of the context * V + token. That number fits 64 bits for every vocabulary and every n.

    Shapes:  M grams, M' of them one token shorter: keys (M,) int64; counts (M,) int32, how often each occurs;
             credits (M,) int32, the counts that Kneser and Ney use instead; suffixes (M,) int32, the id of the gram
             without its oldest token; shares (M,) of its context's probability; backoff (M',) what each context lends
             to the next shorter one; discounts (3,) for credits of one, two, and three or more.
    """

    keys: np.ndarray
    counts: np.ndarray
    credits: np.ndarray
    suffixes: np.ndarray
    shares: np.ndarray
    backoff: np.ndarray
    discounts: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """The ids of these keys, -1 where there is no such gram."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        ids = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[ids] == keys, ids, -1)


@dataclass(frozen=True, eq=False)
class KneserNey:
    """An interpolated, modified Kneser-Ney model of token sequences.

    Every distribution sums to one and gives every token of the vocabulary more than nothing, seen or not.

    Units:   probabilities, not their logarithms; losses in nats per token.
    Traps:   a context longer than `order - 1` is cut from the left, as the model knows no more of it.
    """

    vocab_size: int
    num_tokens: int  # of the training text
    levels: tuple[Level, ...]  # grams of 1, 2, ... `order` tokens
    min_counts: tuple[int, ...] = ()  # the cut-offs of a pruned model

    @property
    def order(self) -> int:
        """The length of the longest gram: the longest context and the token after it."""
        return len(self.levels)

    @property
    def num_grams(self) -> int:
        """How many distinct grams of any length it holds."""
        return sum(len(level.keys) for level in self.levels)

    # -- counting -----------------------------------------------------------------------------------------------------

    @classmethod
    def count(cls, tokens: np.ndarray, vocab_size: int, order: int = 7) -> "KneserNey":
        """Count the training text.

        Shapes:  tokens (N,) integers in 0..vocab_size-1.
        Raises:  ValueError for an empty text, a token outside the vocabulary or an order below one.
        """
        tokens = _checked(tokens, vocab_size)
        if order < 1 or not len(tokens):
            raise ValueError(f"need an order of at least 1 and some text, not order {order} and {len(tokens)} tokens")
        tables = list(_tables(tokens, vocab_size, order))
        levels, num_contexts = [], 1
        for n, (keys, counts, suffixes, opening) in enumerate(tables, 1):
            credits = counts
            if n < order:
                # In how many surroundings did it turn up? One for each distinct gram that is one token longer and ends
                # in it, and one for the gram at the very beginning, which has nothing to its left.
                credits = np.bincount(tables[n].suffixes, minlength=len(keys)).astype(np.int32)
                credits[opening] += 1
            smoothed = _smooth(keys // vocab_size, credits, np.ones(len(keys), dtype=bool), num_contexts)
            levels.append(Level(keys, counts, credits, suffixes, *smoothed))
            num_contexts = len(keys)
        return cls(vocab_size, len(tokens), tuple(levels))

    def prune(self, max_order: int | None = None, min_counts: int | Sequence[int] = 1) -> "KneserNey":
        """A smaller model: grams of at most `max_order` tokens that occur often enough, the n-th cut-off for length n.

        Kneser-Ney credits fit only what the longer contexts leave over. So a gram that is cut hands its whole credit,
        not just the one for a surrounding, to the gram without its oldest token; its probability goes to the backoff.
        With a lower order and no cut-offs this is exactly the model that counting with that order gives.

        Raises:  ValueError for a model that was cut before, an order it does not have, cut-offs that get lower.
        """
        order = self.order if max_order is None else max_order
        if self.min_counts:
            raise ValueError("this model was pruned before: prune the whole one, whose counts are still complete")
        if not 1 <= order <= self.order:
            raise ValueError(f"max_order must be in 1..{self.order}, not {order}")
        cutoffs = [min_counts] * order if isinstance(min_counts, int) else list(min_counts)
        if len(cutoffs) != order or sorted(cutoffs) != cutoffs:
            # Rising cut-offs keep the trie whole: what begins or ends a gram occurs at least as often as the gram.
            raise ValueError(f"need {order} cut-offs, one per gram length, none lower than the one before: {cutoffs}")
        kept = [level.counts >= cutoff for level, cutoff in zip(self.levels, cutoffs, strict=False)]
        levels = _cut(self.levels[:order], kept, self.vocab_size)
        return KneserNey(self.vocab_size, self.num_tokens, levels, tuple(cutoffs) if max(cutoffs) > 1 else ())

    # -- asking -------------------------------------------------------------------------------------------------------

    def token_probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """The probability of each token after the ones before it, which are fewer than `order - 1` at the beginning.

        Shapes:  tokens (N,)  ->  (N,)
        Raises:  ValueError for a token outside the vocabulary.
        """
        tokens = _checked(tokens, self.vocab_size)
        # From the shortest context to the longest. Each adds what it knows to a share of what the shorter ones say.
        probabilities = np.full(len(tokens), 1 / self.vocab_size)
        for level, contexts, grams in self._walk(tokens):
            probabilities *= _pick(level.backoff, contexts, 1.0)
            probabilities += _pick(level.shares, grams, 0.0)
        return probabilities

    def distributions(self, contexts: Sequence[Sequence[int]] | np.ndarray) -> np.ndarray:
        """The distribution of the next token after each of N contexts of any length, empty ones too.

        Shapes:  contexts: N sequences of tokens, oldest first  ->  (N, V)
        Raises:  ValueError for a token outside the vocabulary.
        """
        if not len(contexts):
            return np.zeros((0, self.vocab_size))
        # One long line with a break where the answer is wanted: whatever follows a break starts from an empty context.
        reach = self.order - 1
        tails = [_checked(context, self.vocab_size)[-reach if reach else len(context) :] for context in contexts]
        line = np.concatenate([np.append(tail, BREAK) for tail in tails])
        return self._dense(np.stack([ids for _, ids, _ in self._walk(line)])[:, line == BREAK])

    def distributions_along(self, tokens: np.ndarray, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The distribution at each position of a text, given the tokens before it: row i is for tokens[start + i].

        Shapes:  tokens (N,)  ->  (stop - start, V)
        Raises:  ValueError for a token outside the vocabulary or a range outside the text.
        Traps:   every row is dense: 65,536 tokens make half a megabyte per position. Go through a text in pieces.
        """
        stop = len(tokens) if stop is None else stop
        if not 0 <= start <= stop <= len(tokens):
            raise ValueError(f"positions {start}..{stop} do not lie in a text of {len(tokens)} tokens")
        before = max(0, start - self.order + 1)
        window = _checked(tokens[before:stop], self.vocab_size)
        return self._dense(np.stack([ids for _, ids, _ in self._walk(window)])[:, start - before :])

    def matched(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much the model knows at each position: the longest context it has seen, and how often.

        Shapes:  tokens (N,)  ->  lengths (N,) in 0..order-1, counts (N,) of that context in the training text
        """
        lengths, counts = np.zeros(len(tokens), dtype=np.int64), np.full(len(tokens), self.num_tokens)
        walk = self._walk(_checked(tokens, self.vocab_size))
        next(walk)  # the empty context, which everybody has seen
        for n, ((_, contexts, _), shorter) in enumerate(zip(walk, self.levels, strict=False), 1):
            lengths[contexts >= 0] = n
            counts = _pick(shorter.counts, contexts, counts)
        return lengths, counts

    def loss(self, tokens: np.ndarray, skip: int = 0) -> float:
        """Mean surprise in nats per token. The first `skip` tokens are context only."""
        if len(tokens) <= skip:
            raise ValueError(f"{len(tokens)} tokens leave nothing to measure after skipping {skip}")
        return float(-np.log(self.token_probabilities(tokens)[skip:]).mean())

    def loss_by_order(self, tokens: np.ndarray, skip: int = 0) -> list[float]:
        """The losses of the models of order 1, 2, ... on a held-out text: a ladder from letters to phrases."""
        return [self.prune(order).loss(tokens, skip) for order in range(1, self.order + 1)]

    def _walk(self, tokens: np.ndarray) -> Iterator[tuple[Level, np.ndarray, np.ndarray]]:
        """Level by level, the id of every position's context and of that context with the position's own token.

        Shapes:  tokens (N,), BREAK allowed  ->  (level, contexts (N,), grams (N,)), -1 for what was never seen
        """
        contexts = np.zeros(len(tokens), dtype=np.int64)  # the empty context has id 0
        for level in self.levels:
            known = (contexts >= 0) & (tokens != BREAK)
            grams = level.find(np.where(known, contexts * self.vocab_size + tokens, -1))
            yield level, contexts, grams
            # The gram that ends here is the context, one token longer, of the next position.
            contexts = np.append(-1, grams)[:-1]

    @cached_property
    def _unigram(self) -> np.ndarray:
        """The distribution after the empty context, (V,)."""
        level = self.levels[0]
        distribution = np.full(self.vocab_size, level.backoff[0] / self.vocab_size)
        distribution[level.keys] += level.shares
        return distribution

    def _dense(self, contexts: np.ndarray) -> np.ndarray:
        """Whole distributions for contexts given by their ids, (order, N) -> (N, V)."""
        answer = np.empty((contexts.shape[1], self.vocab_size))
        rows = max(1, CHUNK // self.vocab_size)
        for start in range(0, len(answer), rows):
            part = slice(start, start + rows)
            answer[part] = self._unigram
            for level, ids in zip(self.levels[1:], contexts[1:], strict=True):
                self._refine(answer[part], level, ids[part])
        return answer

    def _refine(self, distributions: np.ndarray, level: Level, contexts: np.ndarray) -> None:
        """Add in place what contexts of one token more know, (N, V) and (N,)."""
        (rows,) = np.nonzero(contexts >= 0)
        contexts = contexts[rows]
        distributions[rows] *= level.backoff[contexts][:, None]
        # What has followed a context lies side by side in the sorted keys, from `first` to `last`.
        first, last = np.searchsorted(level.keys, np.stack([contexts, contexts + 1]) * self.vocab_size)
        sizes = last - first
        # All these ranges as one list of ids: count through, and start anew where a range begins.
        grams = np.arange(sizes.sum()) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        distributions[np.repeat(rows, sizes), level.keys[grams] % self.vocab_size] += level.shares[grams]

    # -- keeping ------------------------------------------------------------------------------------------------------

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Everything as plain arrays: `np.savez_compressed(path, **model.to_arrays())`."""
        arrays = {"sizes": np.array([self.vocab_size, self.num_tokens, self.order])}
        arrays["min_counts"] = np.array(self.min_counts, dtype=np.int64)
        for n, level in enumerate(self.levels, 1):
            arrays |= {f"{name}_{n}": array for name, array in vars(level).items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "KneserNey":
        """The model that `to_arrays` took apart: `KneserNey.from_arrays(np.load(path))`, no pickle needed."""
        vocab_size, num_tokens, order = (int(size) for size in arrays["sizes"])
        names = Level.__dataclass_fields__
        levels = tuple(Level(**{name: arrays[f"{name}_{n}"] for name in names}) for n in range(1, order + 1))
        return cls(vocab_size, num_tokens, levels, tuple(int(count) for count in arrays["min_counts"]))

    def compact(self) -> dict[str, np.ndarray]:
        """What a browser needs and no more, with one byte for every logarithm of a probability.

        For each gram length n: tokens_n, the last token of every gram; children_n, how many grams every context has;
        shares_n and backoff_n, codes 0..255; steps_n, the two sizes of a code's step: probability = exp(-code * step).
        The shares of one context are then scaled until they and the backoff sum to one, see `from_compact`.
        """
        arrays = {"sizes": np.array([self.vocab_size, self.num_tokens, self.order], dtype=np.uint32)}
        num_contexts = 1
        for n, level in enumerate(self.levels, 1):
            contexts, tokens = np.divmod(level.keys, self.vocab_size)
            children = np.bincount(contexts, minlength=num_contexts)
            shares, share_step = _to_codes(level.shares)
            backoff, backoff_step = _to_codes(level.backoff)
            backoff = np.maximum(backoff, children > 0).astype(np.uint8)  # rounding must not lend all of a share
            arrays |= {f"tokens_{n}": _smallest(tokens), f"children_{n}": _smallest(children)}
            arrays |= {f"shares_{n}": shares, f"backoff_{n}": backoff}
            arrays[f"steps_{n}"] = np.array([share_step, backoff_step], dtype=np.float32)
            num_contexts = len(tokens)
        return arrays

    @classmethod
    def from_compact(cls, arrays: dict[str, np.ndarray]) -> "KneserNey":
        """The model as a browser sees it: rounded probabilities, and nothing of the counts but zeros.

        Traps:   `matched` still gives lengths, but its counts are lost; it cannot be pruned again.
        """
        vocab_size, num_tokens, order = (int(size) for size in arrays["sizes"])
        levels = []
        for n in range(1, order + 1):
            children = arrays[f"children_{n}"].astype(np.int64)
            contexts = np.repeat(np.arange(len(children)), children)
            share_step, backoff_step = arrays[f"steps_{n}"].astype(np.float64)
            shares = np.exp(-share_step * arrays[f"shares_{n}"])
            # A context with nothing after it lends everything; else its shares fill exactly what it does not lend.
            backoff = np.where(children > 0, np.exp(-backoff_step * arrays[f"backoff_{n}"]), 1.0)
            sums = np.bincount(contexts, shares, minlength=len(children))
            shares *= ((1 - backoff) / np.where(children > 0, sums, 1))[contexts]
            none = np.zeros(len(contexts), dtype=np.int32)
            keys = contexts * vocab_size + arrays[f"tokens_{n}"]
            levels.append(Level(keys, none, none, none, shares, backoff, np.zeros(3)))
        return cls(vocab_size, num_tokens, tuple(levels), (1,) * order)


def estimate_discounts(credits: np.ndarray) -> np.ndarray:
    """What to take off a credit of one, of two, and of three or more, from how many grams have a credit of 1, 2, 3, 4.

    Grams seen once in one half of a text are seen, on average, less than once in another half: that difference is the
    discount, and the counts of counts predict it. They need enough grams to speak. Where a text is too small or too
    regular, one discount for all is estimated instead, and where even that fails it is a half.

    Shapes:  credits (M,)  ->  (3,), the i-th strictly between 0 and i, so nothing ever gets a probability of zero.
    """
    n1, n2, n3, n4 = (int((credits == credit).sum()) for credit in (1, 2, 3, 4))
    if not n1 or not n2:
        return np.full(3, 0.5)
    single = n1 / (n1 + 2 * n2)
    if not n3 or not n4:
        return np.full(3, single)
    discounts = np.array([single, 2 - 3 * single * n3 / n2, 3 - 4 * single * n4 / n3])
    return discounts if (discounts > 0).all() else np.full(3, single)


def _checked(tokens: Sequence[int] | np.ndarray, vocab_size: int) -> np.ndarray:
    """The tokens as one row of 64-bit integers, or a ValueError that names what is wrong."""
    row = np.asarray(tokens)
    if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
        raise ValueError(f"tokens must be one row of integers, not {row.dtype} of shape {row.shape}")
    row = row.astype(np.int64)
    if row.size and not 0 <= row.min() <= row.max() < vocab_size:
        raise ValueError(f"tokens from {row.min()} to {row.max()} do not fit a vocabulary of {vocab_size}")
    return row


def _pick(values: np.ndarray, ids: np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
    """values[ids], and `otherwise` where an id is -1. A level without any grams has no values to pick from."""
    return np.where(ids >= 0, values[ids], otherwise) if len(values) else np.broadcast_to(otherwise, ids.shape)


def _tables(tokens: np.ndarray, vocab_size: int, order: int) -> Iterator[Table]:
    """The distinct grams of a text, length by length."""
    ends = np.zeros(len(tokens) + 1, dtype=np.int64)  # the empty gram, which has id 0, lies everywhere
    for n in range(1, order + 1):
        # ends[i] is the id of the n - 1 tokens from i on. They are the context of tokens[i + n - 1]; what begins one
        # later is the suffix of the two together.
        contexts, suffixes = ends[:-1], ends[1:]
        found = np.unique(contexts * vocab_size + tokens[n - 1 :], return_inverse=True, return_counts=True)
        keys, ends, counts = found
        suffix_of = np.zeros(len(keys), dtype=np.int32)
        suffix_of[ends] = suffixes  # the same at every occurrence, so it does not matter which one stays
        yield Table(keys, counts.astype(np.int32), suffix_of, ends[:1])


def _smooth(
    contexts: np.ndarray, credits: np.ndarray, kept: np.ndarray, num_contexts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the credits of one level into probabilities.

    Shapes:  contexts, credits and kept (M,)  ->  shares (number of kept,), backoff (num_contexts,), discounts (3,)
    """
    discounts = estimate_discounts(credits)
    taken = discounts[np.minimum(credits, 3) - 1]
    taken[~kept] = credits[~kept]  # a gram that is cut lends all it has
    totals = np.bincount(contexts, credits, minlength=num_contexts)
    lent = np.bincount(contexts, taken, minlength=num_contexts)
    # The last gram of the text may be a context that nothing follows: it knows nothing and lends everything.
    backoff = np.where(totals > 0, lent / np.maximum(totals, 1), 1.0)
    return ((credits - taken) / totals[contexts])[kept], backoff, discounts


def _cut(levels: Sequence[Level], kept: Sequence[np.ndarray], vocab_size: int) -> tuple[Level, ...]:
    """The same levels with the kept grams only: credits from the longest to the shortest, the rest on the way back."""
    credits = [level.credits.copy() for level in levels]
    credits[-1] = levels[-1].counts  # nothing is longer now, so nothing else has counted these
    for n in range(len(levels) - 1, 0, -1):
        # So far each longer gram gave one. Those that are cut give the rest of what they have, too.
        rest = np.where(kept[n], 0, credits[n] - 1)
        credits[n - 1] += np.bincount(levels[n].suffixes, rest, minlength=len(credits[n - 1])).astype(np.int32)
    answer, context_kept = [], np.ones(1, dtype=bool)  # the empty context stays
    for level, credit, keep in zip(levels, credits, kept, strict=True):
        contexts, tokens = np.divmod(level.keys, vocab_size)
        shares, backoff, discounts = _smooth(contexts, credit, keep, len(context_kept))
        # Ids are places in the list of what is kept: every id moves down by the number of cut ones before it.
        new_ids = np.cumsum(context_kept) - 1
        keys = new_ids[contexts[keep]] * vocab_size + tokens[keep]
        suffixes = new_ids[level.suffixes[keep]].astype(np.int32)
        smoothed = (shares, backoff[context_kept], discounts)
        answer.append(Level(keys, level.counts[keep], credit[keep], suffixes, *smoothed))
        context_kept = keep
    return tuple(answer)


def _to_codes(probabilities: np.ndarray) -> tuple[np.ndarray, float]:
    """Logarithms in 256 equal steps from zero to the smallest: (codes uint8, step)."""
    surprise = -np.log(probabilities)
    step = max(float(surprise.max(initial=0.0)), 1e-3) / 255
    return np.round(surprise / step).astype(np.uint8), step


def _smallest(numbers: np.ndarray) -> np.ndarray:
    """The same numbers in as few bytes as they need."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
