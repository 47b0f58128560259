"""Whether a corrected passage still says all that it said. This is asked after every corrector, whatever it promised.

The limits were set on corrections marked by hand; `tests/diary/proofreading/test_guard.py` keeps a set of them and one
of rewritings, summaries and translations: the largest honest correction passes, the mildest rewriting does not.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from cuaderno.diary.proofreading.protection import LETTER, NAME, NUMBER, OPEN, View
from cuaderno.diary.proofreading.small_words import (
    ABBREVIATIONS,
    AMOUNTS,
    FUNCTION,
    NEGATIONS,
    SAID_TWICE,
    UNMARKED,
)
from cuaderno.diary.translating.meaning import distance, fold, is_slip

WORD = re.compile(rf"{LETTER}+(?:['’]{LETTER}+)*")
# Control characters, what turns the direction of a line around, what nobody can see, and what stands for nothing.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\ud800-\udfff]"
)
SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*)(?=\s|\Z)")
SAME_STEM = 0.6  # share of the longer word that two forms of one word begin with
MOST_REPLACED, REPLACED_SHARE = 1, 0.2  # content words with another one in their place
FEW = 3  # content words from which one of them may be another
MOST_ADDED, ADDED_SHARE = 1, 0.06  # content words that nothing made room for
MOST_CHANGED, MOST_OF_FEW, CHANGED_SHARE = 4.0, 0.67, 0.35  # words that are not the same: so many, and of all
MOST_LONGER, LONGER_SHARE = 3, 0.2  # words more than there were
MOST_RECASED, RECASED_SHARE = 4, 0.3  # words that change between small letters and capitals
LONG_ACRONYM = 5  # letters: a longer word in capitals is a shout
LONG_WORD = 8  # letters from which two slips may be in one word
SLIP = 0.3  # how much of a changed word a slip counts


@dataclass(frozen=True)
class Fault:
    """Why a correction is not applied: a code that the words of the desk explain, and what it is about."""

    code: str
    about: str = ""


def faults(old: View, new: View, lang: str) -> list[Fault]:
    """What a passage would lose, or gain that nobody wrote; empty when it keeps all its content."""
    ours, theirs = _prose(old), _prose(new)
    found = [*_unseen(old, new), *_protected(old, new)]
    found += _sentences(ours, theirs, lang) or [*_weighty(ours, theirs, lang), *_content(ours, theirs)]
    return found or _how_much(ours, theirs)


def _prose(view: View) -> str:
    """The words; what is protected leaves a gap that no word is."""
    return "".join(
        piece.shown if piece.kind in OPEN else piece.raw if piece.kind == NAME else "\0" for piece in view.pieces
    )


def _raw(view: View) -> str:
    return "".join(piece.raw for piece in view.pieces)


def _unseen(old: View, new: View) -> list[Fault]:
    ours, theirs = (Counter(UNSEEN.findall(_raw(view))) for view in (old, new))
    return [Fault("unseen", f"U+{ord(next(iter(theirs - ours))):04X}")] if theirs - ours else []


def _protected(old: View, new: View) -> list[Fault]:
    """What was protected has to stand there again, in its order, and nothing besides."""
    if old.kept == new.kept:
        digits = [re.findall(r"\d+", _raw(view)) for view in (old, new)]
        return [] if digits[0] == digits[1] else [Fault("digits")]
    lost, more = Counter(old.kept), Counter(new.kept)
    for code, found in (("lost", lost - more), ("added", more - lost)):
        for kind, raw in found:
            return [Fault(f"{code}_number" if kind == NUMBER else code, raw)]
    return [Fault("order")]


# -- sentences ---------------------------------------------------------------------------------------------------------


def sentences(text: str) -> list[str]:
    """The sentences of a passage."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(text):
        before = re.search(r"[\w.]*\Z", text[start : end.start()])
        word = before[0] if before else ""
        is_initial = len(word) == 1 and word.isupper() and text[end.end() :].strip()
        if end[0] == "." and (is_initial or fold(word) in ABBREVIATIONS):
            continue
        found.append(text[start : end.end()])
        start = end.end()
    return [sentence for sentence in [*found, text[start:]] if re.search(r"[\w\0]", sentence)]


def _sentences(ours: str, theirs: str, lang: str) -> list[Fault]:
    old, new = sentences(ours), sentences(theirs)
    if len(old) != len(new):
        return [Fault("sentence_lost" if len(new) < len(old) else "sentence_added")]
    for before, after in zip(old, new, strict=True):
        words = content_words(before)
        lost = len(words) - _kept(words, content_words(after))
        if len(words) > 2 and lost > max(1, len(words) / 2):
            return [Fault("rewritten", " ".join(after.replace("\0", "…").split()))]
    return []


# -- words -------------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that say something, folded."""
    return list(filter(_says_something, words(text)))


def _says_something(word: str) -> bool:
    return len(word) > 2 and word not in FUNCTION and not _weight(word)


def _weighty(ours: str, theirs: str, lang: str) -> list[Fault]:
    """Negations and amounts: a small word that turns a sentence round."""
    gone, come = _changed_words(words(ours), words(theirs))
    old, new = (Counter(filter(None, map(_weight, found))) for found in (gone, come))
    lost, more = old - new, new - old
    if lang == "en" and any(_weight(word) in ("not", "never") for word in words(theirs)):
        for word in list(lost):
            if any(other in come for other in SAID_TWICE.get(word, "").split()):
                del lost[word]
    for word in list(more):
        if word in AMOUNTS and any(len(one) > 3 and not _weight(one) and is_near(one, word) for one in gone):
            del more[word]
    for found, code in ((lost, "meaning_lost"), (more, "meaning_added")):
        for word in found:
            return [Fault(code, word)]
    return []


def _weight(word: str) -> str:
    """What a negation or an amount counts as; nothing for any other word."""
    if word.endswith("n't") or word in ("not", "cannot") or word in UNMARKED:
        return "not"
    return word if word in NEGATIONS or word in AMOUNTS else ""


def is_near(word: str, other: str) -> bool:
    return distance(word, other) == 1


def _changed_words(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """The words of each side that differ; `si no` and `sino`, `dont` and `don't` do not."""
    gone, come = [], []
    for tag, start, end, other, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal" and _joined(old[start:end]) != _joined(new[other:other_end]):
            gone += old[start:end]
            come += new[other:other_end]
    return gone, come


def _joined(found: list[str]) -> str:
    return "".join(found).replace("'", "")


def _content(ours: str, theirs: str) -> list[Fault]:
    """Content words that are gone, that came from nowhere, or that too many others replace."""
    old, new = words(ours), words(theirs)
    gone, come = _changed_words(old, new)
    lost, more = _unmatched(list(filter(_says_something, gone)), list(filter(_says_something, come)))
    lost = [word for word in lost if not _said_twice(word, old)]
    came = len((Counter(come) - Counter(gone)).items())
    size = len(content_words(ours))
    if len(lost) > came:
        return [Fault("words_lost", ", ".join(lost))]
    if len(lost) > max(MOST_REPLACED if size >= FEW else 0, REPLACED_SHARE * size):
        return [Fault("words_replaced", ", ".join(lost))]
    if len(more) - len(lost) > max(MOST_ADDED, ADDED_SHARE * size):
        return [Fault("words_added", ", ".join(more))]
    return []


def only_spelling(old: str, new: str, knows: Callable[[str], bool] | None) -> bool:
    """True when two texts differ in case, accents, punctuation, a word said twice and misspelt words only.

    `knows` is a dictionary: letters may change only in a word that it does not know, and into one that it knows.
    """
    before, after = WORD.findall(old), WORD.findall(new)
    ours, theirs = words(old), words(new)
    for tag, start, end, other, other_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        some, others = before[start:end], after[other:other_end]
        if tag == "insert":
            return False
        if tag == "delete":
            following, preceding = ours[end : 2 * end - start], ours[max(0, 2 * start - end) : start]
            if ours[start:end] not in (following, preceding) or any(map(_weight, ours[start:end])):
                return False
        if tag == "replace" and not _spelt(some, others, knows):
            return False
    return True


def _spelt(some: list[str], others: list[str], knows: Callable[[str], bool] | None) -> bool:
    ours, theirs = list(map(fold, some)), list(map(fold, others))
    if _joined(ours) == _joined(theirs):
        misspelt = knows is not None and not all(map(knows, some)) and all(map(knows, others))
        return misspelt or (len(some) == 1 and ours[0] in UNMARKED)
    if knows is None or len(some) != len(others):
        return False
    return all(
        one == two or (_is_misspelt(one, two) and not knows(before) and knows(after))
        for one, two, before, after in zip(ours, theirs, some, others, strict=True)
    )


def _is_misspelt(old: str, new: str) -> bool:
    """A slip, in words that say much too: `frist` is only `first`."""
    if _weight(old) or max(len(old), len(new)) <= 3:
        return is_slip(old, new)
    return distance(old, new) <= (1 if max(len(old), len(new)) < LONG_WORD else 2)


def _said_twice(word: str, all_words: Sequence[str]) -> bool:
    return any(one == two == word for one, two in pairwise(all_words))


def _kept(old: list[str], new: list[str]) -> int:
    return len(old) - len(_unmatched(old, new)[0])


def _unmatched(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """The words of each side that have no partner on the other: the same word, misspelt, or another form of it."""
    common = Counter(old) & Counter(new)
    lost, more = list((Counter(old) - common).elements()), list((Counter(new) - common).elements())
    for word in list(lost):
        partner = next((other for other in more if _one_word(word, other)), None)
        if partner is not None:
            lost.remove(word)
            more.remove(partner)
    return lost, more


@lru_cache(maxsize=65536)
def _one_word(old: str, new: str) -> bool:
    if is_slip(old, new):
        return True
    longest, shortest = max(len(old), len(new)), min(len(old), len(new))
    same = next((at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), shortest)
    if same >= 3 and same >= SAME_STEM * longest:
        return True
    return shortest > 4 and distance(old, new) <= max(2, longest // 3)


def _how_much(ours: str, theirs: str) -> list[Fault]:
    old, new = words(ours), words(theirs)
    changed = share_changed(old, new) * len(old)
    limit = max(min(MOST_CHANGED, MOST_OF_FEW * len(old)), CHANGED_SHARE * len(old))
    longer = len(new) - len(old) > max(MOST_LONGER, LONGER_SHARE * len(old))
    if changed > limit or changed >= len(old) > 1 or longer or _shouts(ours, theirs):
        return [Fault("too_much", f"{changed / max(1, len(old)):.0%}")]
    return []


def _shouts(ours: str, theirs: str) -> bool:
    """True when many words change their case, or a long one is all in capitals now."""
    old, new = Counter(WORD.findall(ours)), Counter(WORD.findall(theirs))
    known = {fold(word) for word in old - new}
    recased = [word for word in (new - old).elements() if fold(word) in known]
    loud = any(word.isupper() and len(word) > LONG_ACRONYM for word in new - old)
    return loud or len(recased) > max(MOST_RECASED, RECASED_SHARE * sum(old.values()))


def share_changed(old: list[str], new: list[str]) -> float:
    """The words that are not the same, as a share of the old ones."""
    changed = 0.0
    for tag, start, end, other, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        some, others = old[start:end], new[other:other_end]
        if _joined(some) == _joined(others):
            changed += SLIP * len(some)
        else:
            slips = sum(is_slip(one, two) for one, two in zip(some, others, strict=False))
            changed += max(len(some), len(others)) - slips * (1 - SLIP)
    return changed / max(1, len(old))
