"""What somebody probably meant by letters that are no word: near words, the common ones and the likely slips first."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cuaderno.diary.proofreading.offline.lexicon import Lexicon
from cuaderno.diary.proofreading.offline.tables import plain, slips, sounds
from cuaderno.diary.proofreading.offline.tokens import Token

LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz'", "es": "abcdefghijklmnopqrstuvwxyzáéíóúüñ"}
VOWELS = frozenset("aeiouáéíóú")
ROWS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
LIMITS = ((3, 0.75), (4, 0.9), (5, 1.15), (7, 1.45), (99, 1.9))  # the longer a word, the more may be wrong with it
STEEP = 2.6  # tens of a word's frequency that one point of cost is worth


class Speller:
    """Finds the words that one would rather have written."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.letters = LETTERS[lexicon.lang]
        self.sounds = [(one, two, cost) for a, b, cost in sounds(lexicon.lang) for one, two in ((a, b), (b, a))]
        self.best = lru_cache(5000)(self._best)

    def _best(self, word: str) -> tuple[tuple[str, float], ...]:
        """The likeliest words with what the mistake costs, best first."""
        costs: dict[str, float] = {}
        reached: dict[str, float] = {word: 0.0}
        for spelling, cost in self._near(word):
            reached[spelling] = min(cost, reached.get(spelling, 9.0))
        cheap = [word for word, cost in reached.items() if 0 < cost <= 0.5 and self._is_candidate(word)]
        if any(self.lexicon.frequency(word) > 1e-6 for word in cheap):
            costs = {spelling: reached[spelling] for spelling in cheap}
            return tuple(sorted(costs.items(), key=lambda pair: self._weight(*pair), reverse=True)[:8])
        for spelling, cost in self._likely(word):  # two or three cheap slips
            for further, more in self._likely(spelling):
                total = cost + more
                if total < reached.get(further, 1.9):
                    reached[further] = total
                if total <= 0.9 and len(word) > 5:
                    for last, third in self._likely(further):
                        if total + third < reached.get(last, 1.3):
                            reached[last] = total + third
        for spelling, cost in self._near(word) if len(word) > 4 else ():
            for further, more in self._likely(spelling):
                if cost + more < reached.get(further, 2.1):
                    reached[further] = cost + more
        for spelling, cost in reached.items():
            if spelling != word and len(spelling) > 1 and self._is_candidate(spelling):
                costs[spelling] = cost
        return tuple(sorted(costs.items(), key=lambda pair: self._weight(*pair), reverse=True)[:8])

    def _is_candidate(self, word: str) -> bool:
        return self.lexicon.frequency(word) > 3e-8 and self.lexicon.known(word)

    def _weight(self, word: str, cost: float) -> float:
        return math.log10(self.lexicon.frequency(word)) - STEEP * cost

    def _near(self, word: str) -> Iterator[tuple[str, float]]:
        """One letter more, less, other, or two letters in the wrong order."""
        yield from self._likely(word)
        for i in range(len(word) + 1):
            first = 0.3 if i == 0 else 0.0
            head, tail = word[:i], word[i:]
            if tail:
                yield head + tail[1:], 0.9 + first
            if len(tail) > 1:
                yield head + tail[1] + tail[0] + tail[2:], 0.7 + first
            for letter in self.letters:
                yield head + letter + tail, 0.85 + first
                if tail and letter != tail[0]:
                    both = letter in VOWELS and tail[0] in VOWELS
                    yield head + letter + tail[1:], (0.8 if both or _beside(letter, tail[0]) else 1.1) + first

    def _likely(self, word: str) -> Iterator[tuple[str, float]]:
        """Slips that say the same or nearly so: doubled letters, accents, sounds."""
        for i, letter in enumerate(word):
            head, tail = word[:i], word[i + 1 :]
            if i and letter == word[i - 1]:
                yield head + tail, 0.45
            elif letter.isalpha() and letter not in VOWELS | {"h", "y"}:
                yield head + letter + letter + tail, 0.45
            if self.lexicon.lang == "es" and letter in VOWELS:
                bare = plain(word)
                for accented in {
                    bare[:i] + {"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú"}[plain(letter)] + bare[i + 1 :],
                    bare,
                }:
                    if accented != word:
                        yield accented, 0.12
            if tail and letter != tail[0] and i:
                yield head + tail[0] + letter + tail[1:], 0.7
        for wrong, right, cost in self.sounds:
            start = 0
            if not wrong:
                for i in range(len(word) + 1):
                    yield word[:i] + right + word[i:], cost
                continue
            while (index := word.find(wrong, start)) >= 0:
                yield word[:index] + right + word[index + len(wrong) :], cost
                start = index + 1

    def meant(self, word: str, careful: bool = False) -> str | None:
        """The word that was probably meant; None when it may well be a name or a term that we do not know.

        `careful`: it begins with a capital, so it is likelier to be a name.
        """
        own = 0.0 if word in self.lexicon.not_words else self.lexicon.frequency(word)
        best = self.best(word)
        if best:
            right, cost = best[0]
            limit = next(most for length, most in LIMITS if len(word) <= length)
            gain = math.log10(self.lexicon.frequency(right)) - math.log10(max(own, 1e-9)) - STEEP * cost
            enough = 0.0 if cost > 0.9 or len(word) < 6 else -0.6
            if cost <= (limit if not careful else min(limit, 0.95)) and gain >= enough + (0.8 if careful else 0.0):
                return right
        if (own < 1e-5 and not careful) or own == 0:
            return self.split(word)
        return None

    def hardly(self, word: str) -> str | None:
        """For a word that exists and is very rare: a very frequent one that sounds the same."""
        own = self.lexicon.frequency(word)
        if own > 4e-7 or len(word) < 4 or word in self.lexicon.terms:
            return None
        best = None
        for spelling, cost in self._likely(word):
            if (
                plain(spelling) != plain(word)
                and cost <= 0.45
                and self.lexicon.frequency(spelling) > max(2e-5, 200 * own)
                and self.lexicon.known(spelling)
                and (best is None or self.lexicon.frequency(spelling) > self.lexicon.frequency(best))
            ):
                best = spelling
        return best

    def split(self, word: str) -> str | None:
        """Two frequent words written as one: alot, aveces, enserio."""
        best, weight = None, 0.0
        for i in range(1, len(word)):
            one, two = word[:i], word[i:]
            if not (self.lexicon.known(one) and self.lexicon.known(two)):
                continue
            both = self.lexicon.frequency(one) * self.lexicon.frequency(two)
            if both > weight and min(len(one), len(two)) > (0 if one in {"a", "i", "o", "y"} else 1):
                best, weight = f"{one} {two}", both
        return best if weight > 1e-6 else None


def _beside(one: str, two: str) -> bool:
    """Whether two keys are neighbours."""
    for row in ROWS:
        if one in row and two in row:
            return abs(row.index(one) - row.index(two)) == 1
    return False


def looks_like_word(word: str) -> bool:
    """Letters only, neither all capitals nor capitals inside."""
    return bool(re.fullmatch(r"[^\W\d_]+(?:'[^\W\d_]+)?", word)) and (word.islower() or word.istitle() or "'" in word)


def misspelt(speller: Speller, tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """The words of a sentence that are none, each with what was probably meant."""
    for number, token in enumerate(tokens):
        if token.kind == "word" and token.low in slips(speller.lexicon.lang):
            yield token, slips(speller.lexicon.lang)[token.low]
            continue
        if token.kind != "word" or len(token.low) < 3 or not looks_like_word(token.text.replace("’", "'")):
            continue
        if token.capital and (number or token.low in speller.lexicon.terms) and not _starts(tokens, number):
            continue
        owner, mark, _ = token.low.replace("’", "'").rpartition("'s")
        if mark and speller.lexicon.lang == "en" and speller.lexicon.known(owner):  # the picture's width
            continue
        if speller.lexicon.known(token.low):
            if (right := speller.hardly(token.low)) and not token.capital:
                yield token, right
            continue
        meant = _verb_meant(speller.lexicon, tokens, number) if speller.lexicon.lang == "es" else None
        meant = meant or speller.meant(token.low, careful=token.capital)
        if meant:
            yield token, meant


def _verb_meant(lexicon: Lexicon, tokens: Sequence[Token], number: int) -> str | None:
    """The right form of a Spanish verb formed wrongly; where only an accent lacks, that: sono is sonó, not sueno."""
    word = tokens[number].low
    told = word[:-1] + {"o": "ó", "e": "é", "i": "í"}.get(word[-1], word[-1])
    yo = any(token.low == "yo" for token in tokens[max(0, number - 2) : number])
    if (
        told != word
        and not (yo and word.endswith("o"))
        and any(tense == "pret" for _, tense, _ in lexicon.verbs.analyse(told))
    ):
        return told
    return lexicon.verbs.meant(word)


def _starts(tokens: Sequence[Token], number: int) -> bool:
    """Whether only marks stand before a word."""
    return all(token.kind == "mark" for token in tokens[:number])
