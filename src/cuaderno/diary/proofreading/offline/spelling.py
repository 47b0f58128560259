"""What somebody probably meant by letters that are no word."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cuaderno.diary.proofreading.offline.lexicon import Lexicon
from cuaderno.diary.proofreading.offline.tables import plain, slips
from cuaderno.diary.proofreading.offline.tokens import Token

LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz'", "es": "abcdefghijklmnopqrstuvwxyzáéíóúüñ"}
VOWELS = frozenset("aeiouáéíóú")
ROWS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
# Sounds that are written in more than one way, with what it costs to mistake one for the other.
SOUNDS = {
    "en": [
        ("ei", "ie", 0.5), ("f", "ph", 0.6), ("c", "s", 0.8), ("k", "c", 0.8), ("k", "ck", 0.6), ("qu", "cu", 0.6),
        ("ence", "ance", 0.4),
        ("ent", "ant", 0.4), ("able", "ible", 0.4), ("tion", "cion", 0.3), ("tion", "sion", 0.5), ("er", "or", 0.6),
        ("ar", "er", 0.6),
        ("ou", "u", 0.7), ("ght", "gth", 0.4), ("gh", "g", 0.7), ("gh", "", 0.8), ("th", "t", 0.7), ("wh", "w",
        0.6), ("h", "", 0.8), ("ea", "e", 0.6),
        ("ea", "ee", 0.6), ("y", "i", 0.6), ("ie", "y", 0.6), ("ey", "y", 0.6), ("ies", "ys", 0.5), ("ed", "t",
        0.9), ("v", "b", 0.8), ("ai", "a", 0.7), ("ow", "ou", 0.6),
        ("e", "", 0.7), ("mn", "m", 0.6), ("kn", "n", 0.7), ("wr", "r", 0.7), ("dge", "ge", 0.5), ("tch", "ch",
        0.5), ("sh", "ch", 0.8),
        ("au", "o", 0.7), ("aw", "o", 0.8), ("al", "all", 0.6), ("ful", "full", 0.2), ("ly", "lly", 0.4), ("ally",
        "aly", 0.3), ("ically", "icly", 0.3),
        ("xc", "x", 0.5), ("sc", "s", 0.6), ("sc", "c", 0.6), ("exh", "ex", 0.4), ("i", "e", 0.7), ("a", "e", 0.7),
        ("o", "u", 0.8), ("a", "o", 0.9),
        ("thr", "tr", 0.6), ("ough", "ougth", 0.2), ("ough", "out", 0.9), ("ph", "p", 0.8), ("j", "g", 0.8), ("s",
        "z", 0.8), ("im", "in", 0.8), ("ei", "e", 0.8),
        ("i", "y", 0.6), ("ed", "d", 0.7), ("'", "", 0.3), ("eou", "io", 0.9), ("ious", "ous", 0.6), ("eous",
        "ious", 0.4), ("ur", "er", 0.7), ("bb", "b", 0.4), ("x", "s", 0.8),
        ("qu", "k", 0.8), ("sch", "sc", 0.5), ("sch", "sh", 0.5), ("u", "ui", 0.7), ("ue", "u", 0.6), ("ee", "e",
        0.7), ("oo", "o", 0.7), ("w", "u", 0.9), ("or", "our", 0.4),
    ],
    "es": [
        ("b", "v", 0.35), ("c", "s", 0.45), ("z", "s", 0.45), ("z", "c", 0.35), ("g", "j", 0.35), ("h", "", 0.35),
        ("ll", "y", 0.35), ("y", "i", 0.6), ("qu", "k", 0.35),
        ("c", "k", 0.4), ("x", "s", 0.45), ("x", "cs", 0.4), ("m", "n", 0.5), ("rr", "r", 0.5), ("cc", "c", 0.35),
        ("cc", "s", 0.7), ("cc", "xc", 0.5), ("sc", "c", 0.45), ("sc", "s", 0.6), ("xc", "c", 0.4),
        ("xc", "s", 0.5), ("xc", "sc", 0.4), ("gu", "g", 0.5), ("gü", "gu", 0.2), ("gu", "w", 0.5), ("hu", "gu",
        0.5), ("hu", "w", 0.5), ("n", "ñ", 0.5), ("ps", "s", 0.4), ("ción", "sion", 0.2), ("ción", "cion", 0.1),
        ("ción", "tion", 0.3), ("cción", "xión", 0.3), ("cción", "ccion", 0.1), ("sión", "cion", 0.3), ("sión",
        "sion", 0.1), ("f", "ph", 0.4), ("t", "th", 0.4), ("qu", "cu", 0.4), ("l", "ll", 0.6),
        ("c", "q", 0.5), ("n", "nn", 0.4), ("m", "mm", 0.4), ("s", "ss", 0.3), ("f", "ff", 0.3), ("p", "pp", 0.3),
        ("t", "tt", 0.3), ("d", "t", 0.9), ("i", "e", 0.8), ("o", "u", 0.8), ("bs", "s", 0.6), ("pt", "t", 0.6),
        ("gn", "n", 0.7),
        ("ie", "e", 0.5), ("ue", "o", 0.5), ("j", "x", 0.6), ("ct", "t", 0.7), ("ads", "as", 0.7), ("ee", "e", 0.4),
        ("rr", "", 1.2), ("ado", "ao", 0.5), ("d", "", 0.8), ("b", "", 0.8), ("cu", "qu", 0.4), ("mpr", "npr", 0.3),
        ("mb", "nv", 0.4), ("ates", "aste", 0.3), ("ites", "iste", 0.3), ("astes", "aste", 0.2), ("istes", "iste",
        0.2), ("astes", "aste", 0.2), ("nv", "mb", 0.4), ("nv", "mv", 0.3),
    ],
}  # fmt: skip
LIMITS = ((3, 0.75), (4, 0.9), (5, 1.15), (7, 1.45), (99, 1.9))  # the longer a word, the more may be wrong with it
STEEP = 2.6  # tens of a word's frequency that one point of cost is worth


class Speller:
    """Finds the words that one would rather have written."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.letters = LETTERS[lexicon.lang]
        self.sounds = [(one, two, cost) for a, b, cost in SOUNDS[lexicon.lang] for one, two in ((a, b), (b, a))]
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
            ):
                if best is None or self.lexicon.frequency(spelling) > self.lexicon.frequency(best):
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
