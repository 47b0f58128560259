"""Whether an edit changed what a paragraph says, or only how it is spelt."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from cuaderno.diary.anchors import read_parts

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SIGN = re.compile(r"[<>=≤≥≠±×÷→←↑↓+]")
# A small change inside these is never a slip: they turn a sentence round.
LISTED = (
    "no not nor none never nothing nobody neither without cannot non hardly barely "
    "ni nunca nada nadie ningun ninguna ninguno jamas tampoco sin apenas "
    "some every each both fewer more most less least many much only almost always often before after above below "
    "over under must might could should would true false first last same "
    "todo toda todos todas algun alguna alguno cada ambos pocos pocas menos mucho muchos solo casi siempre antes "
    "despues sobre bajo desde hasta debe puede verdadero falso primero ultimo mismo otro "
    "zero one two three four five six seven eight nine ten hundred thousand million half twice "
    "cero uno una dos tres cuatro cinco seis siete ocho nueve diez cien mil millon mitad doble"
)
WEIGHTY = frozenset(LISTED.split())
PREFIXES = (
    "under", "over", "inter", "intra", "macro", "micro", "non", "dis", "mis", "des", "sub", "sup", "pre", "pos",
    "in", "im", "un", "de", "ir", "il", "ex", "re", "a",
)  # fmt: skip
SOUNDS_ALIKE = ({"b", "v"}, {"g", "j"}, {"s", "z"}, {"c", "s"}, {"c", "k"})  # first letters that are taken for another


def changed(old: str, new: str, lang: str) -> bool:
    """True when the new text says something else: another number, link, piece of code, negation or word.

    White space, punctuation, case, accents and slips inside a word do not count.
    """
    if " ".join(old.split()) == " ".join(new.split()) and "```" not in old:
        return False
    ours, theirs = read_parts(old, lang), read_parts(new, lang)
    if ours.anchors != theirs.anchors or SIGN.findall(ours.prose) != SIGN.findall(theirs.prose):
        return True
    return _words_differ(_words(ours.prose), _words(theirs.prose))


def _words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """A word without case and accents; ñ is a letter of its own."""
    kept = word.casefold().replace("’", "'").replace("ñ", "\0")
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(letter))
    return plain.replace("\0", "ñ")


def _words_differ(old: list[str], new: list[str]) -> bool:
    """True when the old words do not become the new ones by slips alone, word after word.

    Every way to lay them side by side is followed at once: where a word is said twice, the one that was misspelt may
    be either.
    """
    reached, ahead = {(0, 0)}, [(0, 0)]
    while ahead:
        place = ahead.pop()
        if place == (len(old), len(new)):
            return False
        for further in _steps(old, new, *place):
            if further not in reached:
                reached.add(further)
                ahead.append(further)
    return True


def _steps(old: list[str], new: list[str], i: int, j: int) -> Iterator[tuple[int, int]]:
    """The places after one more slip or equal word; `a lot` may stand for `alot`, and `the the` for `the`."""
    for here, there in ((1, 2), (2, 1), (1, 1)):
        if i + here <= len(old) and j + there <= len(new) and _same_words(old[i : i + here], new[j : j + there]):
            yield i + here, j + there
    if _is_echo(old, i):
        yield i + 1, j
    if _is_echo(new, j):
        yield i, j + 1


def _same_words(ours: list[str], theirs: list[str]) -> bool:
    if len(ours) == len(theirs):
        return is_slip(ours[0], theirs[0])
    return "".join(ours) == "".join(theirs) and not any(map(weighs, (*ours, *theirs)))


def _is_echo(words: list[str], at: int) -> bool:
    """The second of `the the`."""
    return 0 < at < len(words) and words[at] == words[at - 1] and not weighs(words[at])


def weighs(word: str) -> bool:
    return word in WEIGHTY or word.endswith("n't")


def is_slip(old: str, new: str) -> bool:
    """True when a folded word may be the other one, misspelt."""
    if old == new or {old, new} == {"a", "an"}:
        return True
    if weighs(old) or weighs(new) or opposed(old, new) or _begin_unlike(old, new):
        return False
    longest = max(len(old), len(new))
    if longest <= 3:
        return sorted(old) == sorted(new) and distance(old, new) == 1
    return distance(old, new) <= (1 if longest < 8 else 2)


def opposed(old: str, new: str) -> bool:
    """`stable` and `unstable`, `increase` and `decrease`: the same but for a prefix."""
    ours = {old.removeprefix(prefix) for prefix in PREFIXES if old.startswith(prefix)} | {old}
    theirs = {new.removeprefix(prefix) for prefix in PREFIXES if new.startswith(prefix)} | {new}
    return any(len(stem) > 2 for stem in ours & theirs)


def _begin_unlike(old: str, new: str) -> bool:
    """`test` and `best`, `lower` and `slower`: a slip seldom touches the first letter, another word often does.

    A silent h, two letters that sound alike, and the first two swapped are slips all the same.
    """
    ours, theirs = old.removeprefix("h"), new.removeprefix("h")
    if ours[:1] == theirs[:1] or {ours[:1], theirs[:1]} in SOUNDS_ALIKE:
        return False
    return old[:2] != new[1::-1]


def distance(old: str, new: str) -> int:
    """Letters to change, add, drop or swap with their neighbour."""
    rows = [list(range(len(new) + 1))]
    for i, letter in enumerate(old, 1):
        row = [i]
        for j, other in enumerate(new, 1):
            best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == new[j - 2] and old[i - 2] == other:
                best = min(best, rows[i - 2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
