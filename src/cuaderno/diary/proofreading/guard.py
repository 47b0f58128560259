"""Whether a corrected passage still says all that it said. This is asked after every corrector, whatever it promised.

The limits were set on corrections marked by hand; `tests/diary/proofreading/test_guard.py` keeps a set of them and one
of rewritings, summaries and translations: the largest honest correction passes, the mildest rewriting does not.
"""

import re
import unicodedata
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
    FORMS,
    FUNCTION,
    NEGATIONS,
    OPPOSITES,
    PERSONS,
    POSSESSIVES,
    QUESTIONS,
    SAID_TWICE,
    UNMARKED,
)
from cuaderno.diary.translating.meaning import distance, fold, is_slip, opposed

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


Knows = Callable[[str], bool]


def faults(old: View, new: View, lang: str, strict: bool = False, knows: Knows | None = None) -> list[Fault]:
    """What a passage would lose, or gain that nobody wrote; empty when it keeps all its content.

    `strict` is for a model that may write anything: a word that says something becomes only a form or a spelling of
    itself. `knows` is a dictionary; what it does not know may be further from what it was meant to be.
    """
    ours, theirs = _prose(old), _prose(new)
    found = [*_unseen(old, new), *_script(old, new), *_protected(old, new)]
    found += _sentences(ours, theirs, lang) or [
        *_weighty(ours, theirs, lang),
        *_turned(ours, theirs, lang),
        *_content(ours, theirs),
        *(_other_words(ours, theirs, knows) if strict else ()),
    ]
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


def _script(old: View, new: View) -> list[Fault]:
    """Letters of another alphabet that the passage did not have: a Cyrillic `а` looks like a Latin one."""
    known = set(_raw(old))
    for letter in _raw(new):
        if letter.isalpha() and letter not in known and letter not in "ªº":
            name = unicodedata.name(letter, "")
            if not name.startswith("LATIN "):
                return [Fault("script", f"{letter}, {name.lower() or f'U+{ord(letter):04X}'}")]
    return []


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
    found = _changes(old, new)
    return [word for some, _ in found for word in some], [word for _, others in found for word in others]


def _joined(found: list[str]) -> str:
    return "".join(found).replace("'", "")


def _turned(ours: str, theirs: str, lang: str) -> list[Fault]:
    """Who it is about, what is asked, and small words that turn a sentence round: `my` and `his`, `before` and `after`.

    What was said twice may be said once.
    """
    old, new = words(ours), words(theirs)
    gone, come = _without_slips(old, new)
    for word in gone:
        if any(other in come for other in OPPOSITES.get(word, ())):
            return [Fault("meaning_lost", word)]
    persons = PERSONS if lang == "en" else POSSESSIVES
    some, others = ([persons.get(word.partition("'")[0]) for word in found] for found in (gone, come))
    more = Counter(filter(None, others)) - Counter(filter(None, some))
    lost = Counter(filter(None, some)) - Counter(filter(None, others))
    for word, person in zip(gone, some, strict=True):
        if person not in lost or _said_twice(word, old) or (word in ("their", "they're") and "there" in come):
            continue
        if more or (lang == "en" and not (word in ("they", "them") and "those" in come)):
            return [Fault("person", word)]
    if lang == "en":
        asked = [word for word in gone if word in QUESTIONS and not _said_twice(word, old)]
        if len(asked) > len(come):
            return [Fault("words_lost", ", ".join(asked))]
        if asked and _sentence_starts(ours) - _sentence_starts(theirs) and not any(one in QUESTIONS for one in come):
            return [Fault("words_lost", ", ".join(asked))]
    return []


def _sentence_starts(text: str) -> Counter[str]:
    """The question words with which sentences begin."""
    firsts = [words(sentence)[:1] for sentence in sentences(text)]
    return Counter(first[0] for first in firsts if first and first[0] in QUESTIONS)


def _other_words(ours: str, theirs: str, knows: Knows | None) -> list[Fault]:
    """Words that say something and became other words, or nothing."""
    old = words(ours)
    misspelt = {fold(word) for word in WORD.findall(ours) if knows and not knows(word)}
    for some, others in _changes(old, words(theirs)):
        left = list(others)
        for word in filter(_says_something, some):
            partner = next((other for other in left if _is_kin(word, other, word in misspelt)), None)
            if partner is not None:
                left.remove(partner)
            elif not _said_twice(word, old) and word not in left:
                moved = word in words(theirs) and words(theirs).count(word) >= old.count(word)
                if not moved:
                    return [Fault("other_word", word)]
    return []


def _is_kin(old: str, new: str, is_misspelt: bool) -> bool:
    """True when a word is the other one misspelt, or another form of it."""
    if old == new or is_slip(old, new) or new in FORMS.get(old, ()):
        return True
    if opposed(old, new):
        return False
    longest = max(len(old), len(new))
    return old[:4] == new[:4] or distance(old, new) <= (longest // 2 if is_misspelt else 1)


def _changes(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    """The stretches that differ."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        (old[start:end], new[other:other_end])
        for tag, start, end, other, other_end in codes
        if tag != "equal" and _joined(old[start:end]) != _joined(new[other:other_end])
    ]


def _without_slips(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """The words of each side that differ, without those that were only misspelt: `waht` is `what`."""
    gone, come = [], []
    for some, others in _changes(old, new):
        left = list(others)
        for word in some:
            partner = next((other for other in left if word != other and is_slip(word, other)), None)
            if partner is None:
                gone.append(word)
            else:
                left.remove(partner)
        come += left
    return gone, come


def _content(ours: str, theirs: str) -> list[Fault]:
    """Content words that are gone, that came from nowhere, or that too many others replace."""
    old, new = words(ours), words(theirs)
    gone, come = _without_slips(old, new)
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


def only_spelling(old: str, new: str, knows: Knows | None, lang: str = "en") -> bool:
    """True when two texts differ in case, punctuation, a word said twice and misspelt words only.

    `knows` is a dictionary: letters and accents may change only in a word that it does not know, and into one that it
    knows. In Spanish there must be no other word that it may have been: accents and endings carry tense and person.
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
        if tag in ("equal", "replace") and not _spelt(some, others, knows, lang):
            return False
    return True


def _spelt(some: list[str], others: list[str], knows: Knows | None, lang: str) -> bool:
    is_joined = _joined(list(map(_cased, some))) == _joined(list(map(_cased, others)))
    if is_joined and len(some) == 1 and fold(some[0]) in UNMARKED:
        return True
    if len(some) == len(others):
        return all(
            _cased(one) == _cased(two) or (knows is not None and _is_surely(one, two, knows, lang))
            for one, two in zip(some, others, strict=True)
        )
    return is_joined and knows is not None and not all(map(knows, some)) and all(map(knows, others))


def _cased(word: str) -> str:
    """A word without its capitals, with its accents."""
    return unicodedata.normalize("NFC", word.casefold().replace("’", "'"))


def _is_surely(old: str, new: str, knows: Knows, lang: str) -> bool:
    ours, theirs = fold(old), fold(new)
    if knows(old) or not knows(new) or not (ours == theirs or _is_misspelt(ours, theirs)):
        return False
    if lang != "es":
        return True
    meant = {one for word in (old, new) for one in _accented(_cased(word))} - {_cased(new)}
    return ours[-2:] == theirs[-2:] and not any(map(knows, meant))


def _accented(word: str) -> list[str]:
    """A Spanish word with its accent on each vowel, and on none."""
    plain = word.translate(str.maketrans("áéíóú", "aeiou"))
    marked = [
        plain[:at] + "áéíóú"["aeiou".index(letter)] + plain[at + 1 :]
        for at, letter in enumerate(plain)
        if letter in "aeiou"
    ]
    return [plain, *marked]


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
