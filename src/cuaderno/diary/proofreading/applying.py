"""From edits to suggestions: each has found its one place in a passage and keeps all that the passage says."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from cuaderno.diary.proofreading.edits import PLACEHOLDER, Edit
from cuaderno.diary.proofreading.guard import Fault, faults, only_spelling
from cuaderno.diary.proofreading.passages import Passage
from cuaderno.diary.proofreading.protection import View, protect

TOKEN = re.compile(rf"{PLACEHOLDER.pattern}|\s+|\w+(?:['’]\w+)*|[^\w\s]")
MOST_EDITS = 80  # of one passage: more is no correction
LONGEST = 400  # characters that an edit may have more than what it replaces
QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})
Fits = Callable[[str], Fault | None]  # what the file says when a passage becomes this


@dataclass(frozen=True)
class Suggestion:
    """Put `new` where the passage has `old`, from character `start` to `end`. `key` knows it again in a later run."""

    start: int
    end: int
    old: str
    new: str
    why: str
    is_safe: bool
    key: tuple[str, str]
    by_hand: bool = False  # the person's own words


@dataclass(frozen=True)
class Refused:
    """An edit that is not offered, and why."""

    edit: Edit
    fault: Fault


@dataclass(frozen=True)
class Offer:
    """What became of a corrector's answer."""

    suggestions: tuple[Suggestion, ...] = ()
    refused: tuple[Refused, ...] = ()


class Sheet:
    """One passage under correction, the words that are right as they stand, and the dictionary, when there is one."""

    def __init__(
        self,
        passage: Passage,
        lang: str,
        names: Iterable[str] = (),
        knows: Callable[[str], bool] | None = None,
        strict: bool = False,
    ):
        self.passage, self.lang, self.names, self.knows = passage, lang, tuple(names), knows
        self.strict = strict  # what corrects is a model, that may write anything
        self.view = self.look(passage.text)

    def look(self, text: str) -> View:
        """The passage with another text."""
        return protect(text, self.names, self.passage.kind, self.passage.style)

    def offer(self, edits: Sequence[Edit], fits: Fits) -> Offer:
        """Suggestions in their order. All together they keep the content: one that would not is refused."""
        found: list[tuple[Edit, Suggestion]] = []
        refused: list[Refused] = [Refused(edit, Fault("too_many")) for edit in edits[MOST_EDITS:]]
        for edit in edits[:MOST_EDITS]:
            placed = self._placed(edit)
            if placed is None:
                continue
            if isinstance(placed, Suggestion):
                near = [other for _, other in found if _overlap(placed, other)]
                if any((one.start, one.end, one.new) == (placed.start, placed.end, placed.new) for one in near):
                    continue
                placed = Fault("overlap") if near else placed
            if isinstance(placed, Suggestion):
                wrong = self.wrong([placed], fits)
                if not wrong:
                    found.append((edit, placed))
                    continue
                placed = wrong[0]
            refused.append(Refused(edit, placed))
        kept = [suggestion for _, suggestion in found]
        if len(found) > 1 and self.wrong(kept, fits):
            kept = []
            for edit, suggestion in found:
                wrong = self.wrong([*kept, suggestion], fits)
                if wrong:
                    refused.append(Refused(edit, wrong[0]))
                else:
                    kept.append(suggestion)
        return Offer(tuple(sorted(kept, key=lambda one: one.start)), tuple(refused))

    def wrong(self, suggestions: Iterable[Suggestion], fits: Fits) -> list[Fault]:
        """What the passage would lose with these suggestions."""
        text = self.with_(suggestions)
        misfit = fits(text)
        return [*faults(self.view, self.look(text), self.lang, self.strict, self.knows), *([misfit] if misfit else [])]

    def with_(self, suggestions: Iterable[Suggestion]) -> str:
        """The passage's text with these suggestions in it."""
        text, parts, place = self.passage.text, [], 0
        for one in sorted(suggestions, key=lambda one: (one.start, one.end)):
            parts += [text[place : one.start], one.new]
            place = one.end
        return "".join(parts) + text[place:]

    def by_hand(self, suggestion: Suggestion, new: str) -> Suggestion:
        """The suggestion with what the person wrote instead."""
        new, model = " ".join(new.split()), suggestion.new or suggestion.old
        if new:
            new = (" " if model[:1].isspace() else "") + new + (" " if model[-1:].isspace() else "")
        return replace(suggestion, new=self._encoded(new), is_safe=False, by_hand=True)

    def readable(self, text: str) -> str:
        """A part of the passage on one line, as a person reads it."""
        view = self.look(text)
        return " ".join(view.readable(view.text).split())

    def sentence(self, suggestion: Suggestion, accepted: Iterable[Suggestion] = ()) -> tuple[str, str]:
        """What stands before and after a suggestion in its sentence as it is by now, on one line."""
        others = [one for one in accepted if not _overlap(one, suggestion)]
        moved = sum(len(one.new) - (one.end - one.start) for one in others if one.end <= suggestion.start)
        text, line = self.with_(others), r"\s*\n[\s>]*" if self.passage.kind == "quote" else r"\s+"
        before = re.split(r"(?<=[.!?…])\s", text[: suggestion.start + moved])[-1]
        after = re.split(r"(?<=[.!?…])\s", text[suggestion.end + moved :], maxsplit=1)[0]
        return re.sub(line, " ", before.lstrip()), re.sub(line, " ", after.rstrip())

    # -- finding its place ---------------------------------------------------------------------------------------------

    def _placed(self, edit: Edit) -> Suggestion | Fault | None:
        """The suggestion that an edit is; None when it changes nothing."""
        text, old, new = self.view.text, edit.old.strip(), " ".join(edit.new.split())
        if not old:
            return Fault("empty")
        if len(new) > len(old) + LONGEST:
            return Fault("too_much")
        if PLACEHOLDER.findall(old) != PLACEHOLDER.findall(new):
            return Fault("placeholder")
        places = _occurrences(old, text)
        if len(places) != 1:
            return Fault("ambiguous" if places else "not_found")
        start, end = places[0]
        if _inside_word(text, start) or _inside_word(text, end):
            return Fault("part_of_word")
        core = _core(text[start:end], new)
        if core is None:
            return None
        first, last, new = start + core[0], start + core[1], core[2]
        return self._suggestion(first, last, new, edit.why)

    def _suggestion(self, start: int, end: int, new: str, why: str) -> Suggestion | Fault:
        place = self.view.raw(start, end)
        if place is None:
            return Fault("placeholder")
        if not new.strip() and end > start:  # a word less: a space less
            end, place = self._with_space(start, end, place)
        before, after = self._around(start, end, self.view.text[start:end]), self._around(start, end, new)
        is_safe = only_spelling(before, after, self.knows, self.lang)
        raw = self.passage.text[slice(*place)]
        return Suggestion(*place, raw, self._raw(start, end, new), why, is_safe, (before, after))

    def _with_space(self, start: int, end: int, place: tuple[int, int]) -> tuple[int, tuple[int, int]]:
        text = self.view.text
        if text[end : end + 1] == " " and (start == 0 or text[start - 1] == " "):
            longer = self.view.raw(start, end + 1)
            if longer:
                return end + 1, longer
        return end, place

    def _raw(self, start: int, end: int, new: str) -> str:
        """New words for a range of the view as the file writes them; what stays the same stays as it was written."""
        text = self.view.text
        old = [(found[0], start + found.start(), start + found.end()) for found in TOKEN.finditer(text[start:end])]
        coming = TOKEN.findall(new)
        ours, theirs = [_same(token) for token, *_ in old], [_same(token) for token in coming]
        parts = []
        for tag, first, last, other, other_last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            if tag == "equal":
                for _, begin, stop in old[first:last]:
                    place = self.view.raw(begin, stop)
                    parts.append(self.passage.text[slice(*place)] if place else text[begin:stop])
            else:
                parts += [self.view.protected.get(token) or self._encoded(token) for token in coming[other:other_last]]
        return "".join(parts)

    def _encoded(self, text: str) -> str:
        if self.passage.style == "single":
            return text.replace("'", "''")
        if self.passage.style == "double":
            return text.replace("\\", "\\\\").replace('"', '\\"')
        return text

    def _around(self, start: int, end: int, middle: str) -> str:
        """Some words with a neighbour on each side, on one line: enough to know the place again later."""
        text = self.view.text
        before = re.search(rf"(?:{PLACEHOLDER.pattern}|[^\s⟦⟧]+)?\s*\Z", text[:start])
        after = re.match(rf"\s*(?:{PLACEHOLDER.pattern}|[^\s⟦⟧]+)?", text[end:])
        found = (before[0] if before else "") + middle + (after[0] if after else "")
        return " ".join(self.view.readable(found).split())


def _occurrences(old: str, text: str) -> list[tuple[int, int]]:
    """Where a text stands in another, whatever its spaces and the shape of its quotes."""
    pattern = r"\s+".join(map(re.escape, old.translate(QUOTES).split()))
    same = text.translate(QUOTES)
    return [found.span(1) for found in re.finditer(f"(?=({pattern}))", same)]


def _inside_word(text: str, place: int) -> bool:
    """True where a place has a letter on both sides, or an apostrophe within a word."""
    return bool(re.search(r"\w['’]?\Z", text[:place][-2:]) and re.match(r"['’]?\w", text[place:])) and not (
        text[place - 1 : place] in "'’" and text[place : place + 1] in "'’"
    )


def _same(token: str) -> str:
    return " " if token.isspace() else token.translate(QUOTES)


def _core(old: str, new: str) -> tuple[int, int, str] | None:
    """The part of `old` that really changes, and what comes in its place; None when nothing does."""
    ours, theirs = TOKEN.findall(old), TOKEN.findall(new)
    first = 0
    while first < min(len(ours), len(theirs)) and _same(ours[first]) == _same(theirs[first]):
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and _same(ours[-1 - last]) == _same(theirs[-1 - last]):
        last += 1
    if len(ours) == len(theirs) == first + last or len(ours) == first == len(theirs):
        return None
    start = len("".join(ours[:first]))
    end = len("".join(ours[: len(ours) - last]))
    return start, end, "".join(theirs[first : len(theirs) - last])


def _overlap(one: Suggestion, other: Suggestion) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
