"""One language's checker: spelling, rules and marks of a paragraph, and which of the findings stay."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from cuaderno.diary.proofreading.edits import Edit
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import brands, word_set
from cuaderno.diary.proofreading.offline.tokens import HELD, Token

WHY = {
    "en": {
        "spelling": "Spelling.",
        "twice": "The same word twice.",
        "space": "No space before this mark.",
        "after": "A space after this mark.",
        "capital": "A capital letter.",
        "two": "Two words.",
    },
    "es": {
        "spelling": "Ortografía.",
        "twice": "La misma palabra dos veces.",
        "space": "Sin espacio antes de este signo.",
        "after": "Falta un espacio después de este signo.",
        "capital": "Con mayúscula.",
        "two": "Son dos palabras.",
    },
}
OPENERS = word_set(
    """the my this that your his her our their el la los las mi tu su este esta mis tus sus nuestro nuestra lo"""
)
WHENEVER = word_set(
    """day time moment minute year week month night día vez momento año semana mes noche mañana tarde"""
)
TWICE_ALLOWED = {
    "en": word_set(
        """that had very so really no yes ha bla blah bye knock many much far long more again new is do for to in
        on"""
    ),
    "es": word_set(
        """muy no sí ya bien casi poco así jaja ja nos os se te me bla mucho más luego poquito todo vamos hola"""
    ),
}


def marks(text: str, tokens: Sequence[Token], lang: str) -> Iterator[Finding]:
    """White space around marks, and words written twice."""
    why = WHY[lang]
    for before, token in pairwise(tokens):
        glued = before.text not in {"(", "[", "«", "¿", "¡", "“", '"', "/", "-", "–", "—"}
        alone = token.text in {",", ".", ";", "!", "?", ":"} and token.gap and glued and before.kind != "mark"
        if alone and not _is_smiley(text, token):
            yield Finding(before.end, token.end, token.text, why["space"], safe=True)
        same = before.low == token.low and before.kind == token.kind == "word" and token.gap
        if same and token.low not in TWICE_ALLOWED[lang] and not (before.capital and token.capital):
            yield Finding(before.start, token.end, before.text, why["twice"], safe=True, rank=3)
        if before.text in {",", ";"} and not token.gap and token.kind == "word" and token.start == before.end:
            yield Finding(before.start, token.end, f"{before.text} {token.text}", why["after"], safe=True, rank=-1)


def beginning(text: str, tokens: Sequence[Token], lang: str, terms: frozenset[str]) -> Iterator[Finding]:
    """A sentence that ends like one begins with a capital."""
    first = next((token for token in tokens if token.kind != "mark"), None)
    if first is None or first.kind != "word" or not first.text.islower() or first.low in terms or len(tokens) < 5:
        return
    before = text[: first.start].rstrip(' "“«¿¡(*_')
    if re.search(r"(?:^|\W)(?:\w\.)+$", before):
        return
    if tokens[-1].text in {".", "!", "?"} and (not before or before[-1] in ".!?…"):
        new = first.fixed or first.text
        yield Finding(first.start, first.end, new[:1].upper() + new[1:], WHY[lang]["capital"], safe=True, rank=-1)


def names(tokens: Sequence[Token], lang: str) -> Iterator[Finding]:
    """pytorch → PyTorch, where no code is meant."""
    for number, token in enumerate(tokens):
        name = brands().get(token.low) if token.kind == "word" and token.text.islower() else None
        before = tokens[number - 1].text if number else ""
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        if (
            name
            and before not in {"-", "/", ".", "_", "@", "#", "to"}
            and not (after and (after.text in {"-", "/", "_", "=", "("} or after.low == "it"))
        ):
            yield Finding(token.start, token.end, name, WHY[lang]["capital"], safe=True)


def comma_after_subject(
    tokens: Sequence[Token], is_verb: Callable[[Token], bool], relative: frozenset[str], why: str
) -> Iterator[Finding]:
    """El modelo que entrené ayer, funciona: no comma goes between a subject and its verb."""
    commas = [number for number, token in enumerate(tokens) if token.text == ","]
    if len(commas) != 1 or commas[0] + 1 >= len(tokens) or not 4 <= commas[0] <= 12:
        return
    at = commas[0]
    inside = tokens[2:at]
    if (
        tokens[0].low in OPENERS
        and not any(token.low in WHENEVER for token in tokens[1:3])
        and any(token.low in relative for token in inside[:2])
        and is_verb(tokens[at + 1])
        and any(map(is_verb, inside))
    ):
        yield Finding(tokens[at - 1].end, tokens[at].end, "", why)


def _is_smiley(text: str, token: Token) -> bool:
    return re.match(r"[:;]-?[)(DPpO3|/]|\.\w|\.\.|:\w+:", text[token.start : token.start + 6]) is not None


def chosen(found: Iterable[Finding], text: str) -> list[Finding]:
    """Of those that overlap, the weightier one; of equals, the one that changes more."""
    ordered = sorted(
        (one for one in found if _changes(one, text)), key=lambda one: (-one.rank, -(one.end - one.start), one.start)
    )
    kept: list[Finding] = []
    for one in ordered:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return _joined(sorted(kept, key=lambda one: (one.start, one.end)), text)


def _joined(found: Sequence[Finding], text: str) -> list[Finding]:
    """Something put in between goes into the change behind it, or takes the next word with it."""
    made: list[Finding] = []
    for one in found:
        last = made[-1] if made else None
        if last is not None and last.start == last.end == one.start:
            made[-1] = replace(one, start=last.start, new=last.new + one.new)
        else:
            made.append(one)
    return [_with_word(one, text) if one.start == one.end else one for one in made]


def _with_word(one: Finding, text: str) -> Finding:
    end = _right(text, one.end, len(text)) or one.end
    return replace(one, end=end, new=one.new + text[one.end : end])


def twice(text: str, look: Callable[[str], Iterable[Finding]]) -> list[Finding]:
    """What is found, and what is found once that is mended: a word spelled right says more about the next one."""
    first = chosen(look(text), text)
    if not first:
        return []
    mended, places = _mended(text, first)
    second = [one for one in chosen(look(mended), mended) if one.start != one.end]
    return _composed(text, mended, first, places, second)


def _mended(text: str, found: Sequence[Finding]) -> tuple[str, list[tuple[int, int]]]:
    """The text with all changes, and where each stands in it."""
    parts, places, place, length = [], [], 0, 0
    for one in found:
        parts += [text[place : one.start], one.new]
        length += one.start - place
        places.append((length, length + len(one.new)))
        length += len(one.new)
        place = one.end
    return "".join(parts) + text[place:], places


def _composed(
    text: str, mended: str, first: Sequence[Finding], places: Sequence[tuple[int, int]], second: Sequence[Finding]
) -> list[Finding]:
    """The second changes as changes of the text itself; those that meet a first one take it in."""
    kept = list(range(len(first)))
    made: list[Finding] = []
    for one in second:
        met = [index for index in kept if places[index][0] < one.end and places[index][1] > one.start]
        low = min([one.start, *(places[index][0] for index in met)])
        high = max([one.end, *(places[index][1] for index in met)])
        new = mended[low : one.start] + one.new + mended[one.end : high]
        kept = [index for index in kept if index not in met]
        made.append(replace(one, start=_back(low, first, places, False), end=_back(high, first, places, True), new=new))
    return chosen([*made, *(first[index] for index in kept)], text)


def _back(place: int, first: Sequence[Finding], places: Sequence[tuple[int, int]], end: bool) -> int:
    """Where a place of the mended text was in the text; an edge of a change stays an edge of it."""
    for one, (start, stop) in zip(reversed(first), reversed(places), strict=True):
        if place > stop or (place == stop and (end or start != stop)):
            return place - stop + one.end
        if place == start:
            return one.start
    return place


def _changes(one: Finding, text: str) -> bool:
    """Whether it changes anything, and no placeholder."""
    old = text[one.start : one.end]
    return old != one.new and [found[0] for found in HELD.finditer(old)] == [
        found[0] for found in HELD.finditer(one.new)
    ]


def edits(text: str, found: Sequence[Finding]) -> list[Edit]:
    """Findings as edits whose `old` stands only once in the text: neighbours are taken in until it does."""
    made, low = [], 0
    for number, one in enumerate(found):
        high = found[number + 1].start if number + 1 < len(found) else len(text)
        start, end = _unique(text, one.start, one.end, low, high, bare=not one.new.strip())
        if start is None or end is None:
            continue
        low = end
        made.append(Edit(text[start:end], text[start : one.start] + one.new + text[one.end : end], one.why))
    return made


def _unique(text: str, start: int, end: int, low: int, high: int, bare: bool) -> tuple[int | None, int | None]:
    """The smallest stretch of whole words around a place that occurs once; more than a gap, and more when `bare`."""
    while bare or _count(text, text[start:end].strip()) > 1 or text[start:end] != text[start:end].strip():
        bare = False
        left = _left(text, start, low)
        right = _right(text, end, high)
        if left is not None and (right is None or text[start : start + 1].isspace()):
            start = left
        elif right is not None:
            end = right
        else:
            return None, None
    return start, end


def _count(text: str, part: str) -> int:
    count, at = 0, text.find(part)
    while at >= 0 and count < 2:
        count, at = count + 1, text.find(part, at + 1)
    return count


def _left(text: str, start: int, low: int) -> int | None:
    found = re.search(r"(?:⟦[^⟧]*⟧|[^\s⟦⟧]+)\s*\Z", text[low:start])
    return low + found.start() if found else None


def _right(text: str, end: int, high: int) -> int | None:
    found = re.match(r"\s*(?:⟦[^⟧]*⟧|[^\s⟦⟧]+)", text[end:high])
    return end + found.end() if found else None
