"""Whether an edit changed what a paragraph says, or only how it is spelt."""

import re
import unicodedata
from difflib import SequenceMatcher
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
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        ours, theirs = old[start:end], new[other_start:other_end]
        if tag == "replace":
            if not _only_slips(ours, theirs):
                return True
        elif not _repeated(old if ours else new, *((start, end) if ours else (other_start, other_end))):
            return True
    return False


def _only_slips(ours: list[str], theirs: list[str]) -> bool:
    """True when word follows word with slips only; `a lot` may stand for `alot`."""
    reached = {(0, 0)}
    while reached:
        if (len(ours), len(theirs)) in reached:
            return True
        ahead = set()
        for i, j in reached:
            for here, there in ((1, 1), (1, 2), (2, 1)):
                some, others = ours[i : i + here], theirs[j : j + there]
                if len(some) == here and len(others) == there and _same_words(some, others):
                    ahead.add((i + here, j + there))
        reached = ahead
    return False


def _same_words(ours: list[str], theirs: list[str]) -> bool:
    if len(ours) == len(theirs):
        return is_slip(ours[0], theirs[0])
    return "".join(ours) == "".join(theirs) and not any(map(weighs, (*ours, *theirs)))


def _repeated(words: list[str], start: int, end: int) -> bool:
    """`the the`: a word that stood there twice."""
    size, some = end - start, words[start:end]
    return some in (words[max(0, start - size) : start], words[end : end + size]) and not any(map(weighs, some))


def weighs(word: str) -> bool:
    return word in WEIGHTY or word.endswith("n't")


def is_slip(old: str, new: str) -> bool:
    """True when a folded word may be the other one, misspelt."""
    if old == new or {old, new} == {"a", "an"}:
        return True
    if weighs(old) or weighs(new) or _opposed(old, new):
        return False
    longest = max(len(old), len(new))
    if longest <= 3:
        return sorted(old) == sorted(new) and distance(old, new) == 1
    return distance(old, new) <= (1 if longest < 8 else 2)


def _opposed(old: str, new: str) -> bool:
    """`stable` and `unstable`, `increase` and `decrease`: the same but for a prefix."""
    ours = {old.removeprefix(prefix) for prefix in PREFIXES if old.startswith(prefix)} | {old}
    theirs = {new.removeprefix(prefix) for prefix in PREFIXES if new.startswith(prefix)} | {new}
    return any(len(stem) > 2 for stem in ours & theirs)


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
