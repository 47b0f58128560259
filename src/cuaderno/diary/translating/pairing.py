"""Which paragraph of a translation belongs to which of its source."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from cuaderno.diary.anchors import read_parts
from cuaderno.diary.blocks import Block
from cuaderno.diary.translating.memory import Memory

ALIKE = 0.5  # share of equal words from which a paragraph counts as the remembered one, edited
FLOWING = {"paragraph", "item", "quote", "footnote"}


@dataclass(frozen=True)
class Pair:
    """Positions in the source, the translation and the memories; each stands in exactly one pair, or alone."""

    source: int | None
    translation: int | None
    memory: int | None


def pair(
    sources: Sequence[Block],
    translations: Sequence[Block],
    memories: Sequence[Memory],
    source_lang: str = "en",
    lang: str = "es",
) -> list[Pair]:
    """Every block of both sides once: first what is remembered, then by order, structure and anchors.

    The pairs follow the source; blocks that only the translation has come after the one before them.
    """
    of_translation = equal([memory.translation for memory in memories], [block.digest for block in translations])
    of_source = equal([memory.digest for memory in memories], [block.digest for block in sources])
    _untwist(memories, sources, of_source, of_translation)
    _edited(memories, sources, of_source)
    memory_of_source = {place: index for index, place in of_source.items()}
    memory_of_translation = {place: index for index, place in of_translation.items()}
    partner = {place: of_translation[index] for index, place in of_source.items() if index in of_translation}
    aligner = Aligner(sources, translations, source_lang, lang, memory_of_source, memory_of_translation)
    partner |= dict(aligner.fill(partner))
    found = []
    for source in range(len(sources)):
        translation = partner.get(source)
        known = memory_of_source.get(source)
        if known is None and translation is not None:
            known = memory_of_translation.get(translation)
        found.append(Pair(source, translation, known))
    return _with_extras(found, len(translations), memory_of_translation)


def equal(ours: Sequence[str], theirs: Sequence[str]) -> dict[int, int]:
    """Equal marks, one to one: in order where they can be, and the moved ones too."""
    found: dict[int, int] = {}
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        found |= {block.a + step: block.b + step for step in range(block.size)}
    taken = set(found.values())
    places: dict[str, list[int]] = defaultdict(list)
    for place, mark in enumerate(theirs):
        if place not in taken:
            places[mark].append(place)
    for index, mark in enumerate(ours):
        if index not in found and places[mark]:
            found[index] = places[mark].pop(0)
    return found


def _untwist(
    memories: Sequence[Memory], sources: Sequence[Block], of_source: dict[int, int], of_translation: dict[int, int]
) -> None:
    """Of sources that say the same, such as two rules, give each memory the one at its translation's place."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, block in enumerate(sources):
        places[block.digest].append(place)
    sure = [
        (place, of_translation[index]) for index, place in of_source.items()
        if index in of_translation and len(places[sources[place].digest]) == 1
    ]  # fmt: skip

    def crossings(place: int, translation: int | None) -> int:
        return 0 if translation is None else sum((one < place) != (other < translation) for one, other in sure)

    for twins in places.values():
        mine = sorted(index for index, place in of_source.items() if place in twins)
        for left, index in enumerate(reversed(mine)) if len(mine) < len(twins) else ():
            begin = len(mine) - left - 1  # so many before this one need a place too
            translation = of_translation.get(index)
            best = min(twins[begin:], key=lambda place: (crossings(place, translation), place))
            of_source[index] = best
            twins = twins[: twins.index(best)]


def _edited(memories: Sequence[Memory], sources: Sequence[Block], of_source: dict[int, int]) -> None:
    """Add the paragraphs that are a remembered one with some words changed, the most alike first."""
    taken = set(of_source.values())
    left = [(index, memory.source.split()) for index, memory in enumerate(memories) if index not in of_source]
    free = [(index, block.text.split()) for index, block in enumerate(sources) if index not in taken]
    alike = []
    for index, words in left:
        for place, others in free:
            common = sum((Counter(words) & Counter(others)).values())
            share = 2 * common / max(1, len(words) + len(others))
            if share >= ALIKE:
                alike.append((-share, abs(index - place), index, place))
    for _, _, index, place in sorted(alike):
        if index not in of_source and place not in taken:
            of_source[index] = place
            taken.add(place)


def _with_extras(found: list[Pair], count: int, memories: dict[int, int]) -> list[Pair]:
    place = {pair.translation: index for index, pair in enumerate(found) if pair.translation is not None}
    behind: dict[int, list[Pair]] = defaultdict(list)
    last = -1
    used = {pair.memory for pair in found}
    for translation in range(count):
        if translation in place:
            last = place[translation]
        else:
            memory = memories.get(translation)
            behind[last].append(Pair(None, translation, None if memory in used else memory))
    whole = list(behind[-1])
    for index, one in enumerate(found):
        whole += [one, *behind[index]]
    return whole


class Aligner:
    """Pairs by order what is left between two pairs that are known."""

    def __init__(
        self,
        sources: Sequence[Block],
        translations: Sequence[Block],
        source_lang: str,
        lang: str,
        memory_of_source: dict[int, int],
        memory_of_translation: dict[int, int],
    ):
        self.sources, self.translations = sources, translations
        self.source_lang, self.lang = source_lang, lang
        self.known_sources, self.known_translations = memory_of_source, memory_of_translation
        self._parts: dict[tuple[bool, int], tuple[Counter, int]] = {}

    def fill(self, partner: dict[int, int]) -> list[tuple[int, int]]:
        """More pairs, each between its neighbours."""
        known = [(-1, -1), *_rising(sorted(partner.items())), (len(self.sources), len(self.translations))]
        taken = set(partner.values())
        found = []
        for (source, translation), (next_source, next_translation) in pairwise(known):
            ours = [index for index in range(source + 1, next_source) if index not in partner]
            theirs = [index for index in range(translation + 1, next_translation) if index not in taken]
            found += self._align(ours, theirs)
        return found

    def _align(self, ours: list[int], theirs: list[int]) -> list[tuple[int, int]]:
        """The pairs in order that fit best together."""
        if not ours or not theirs:
            return []
        best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
        fits = [[self._fit(source, translation) for translation in theirs] for source in ours]
        for i in range(len(ours) - 1, -1, -1):
            for j in range(len(theirs) - 1, -1, -1):
                best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + fits[i][j])
        found, i, j = [], 0, 0
        while i < len(ours) and j < len(theirs):
            if fits[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + fits[i][j]:
                found.append((ours[i], theirs[j]))
                i, j = i + 1, j + 1
            elif best[i][j] == best[i + 1][j]:
                i += 1
            else:
                j += 1
        return found

    def _fit(self, source: int, translation: int) -> float:
        """How well two blocks fit; nothing or less when they cannot be a pair."""
        ours, theirs = self.sources[source], self.translations[translation]
        if ours.kind != theirs.kind and not {ours.kind, theirs.kind} <= FLOWING:
            return 0.0
        fit = 1.0 if ours.kind == theirs.kind else 0.3
        (anchors, length), (others, size) = self._of(True, source), self._of(False, translation)
        if anchors or others:
            fit += 2 * sum((anchors & others).values()) / sum((anchors | others).values()) - 0.3
        elif ours.kind == "fence":
            return 0.5
        if _head(anchors) != _head(others):
            return 0.0
        share = min(length, size) / max(1, length, size)
        fit += share / 2 - (0.7 if share < 0.25 else 0)
        # One of them lost its partner's partner: an edit by hand of a paragraph that was known.
        fit += 1.0 * (source in self.known_sources) + 1.0 * (translation in self.known_translations)
        return fit

    def _of(self, is_source: bool, index: int) -> tuple[Counter, int]:
        if (is_source, index) not in self._parts:
            block = (self.sources if is_source else self.translations)[index]
            parts = read_parts(block.text, self.source_lang if is_source else self.lang)
            self._parts[is_source, index] = Counter(parts.anchors), len(block.text)
        return self._parts[is_source, index]


def _head(anchors: Counter) -> str:
    """The directive or language of a fence."""
    return next((key.split()[0] for kind, key in anchors if kind in ("directive", "language") and key), "")


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs in which both sides go forward."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, (_, translation) in enumerate(pairs):
        place = bisect_left(ends, translation)
        before.append(at[place - 1] if place else -1)
        ends[place : place + 1] = [translation]
        at[place : place + 1] = [index]
    found, index = [], at[-1] if at else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]
