"""Rules as tables: what a row of words looks like, which part of it is wrong, and what to put there.

    find = "~depend [of|from]"
    put = "on"
    why = "“Depend” takes “on”."

The pieces of `find` stand for one word each, and what is in brackets is replaced:

    of|from     one of these                  ~depend     any form of this verb or noun
    @weekdays   a word of a list              <N>         a word of a class, such as a noun
    ^ $         start, end of a sentence      *           any word
    !x          not x                         x&y         both
    x?          x or nothing                  x*          up to three times x

`put` is what to write: words, and `{2}` for the second piece as it stands, `{2:ing}` for a form of it, `{2:=take}` for
the same form of another verb. Words of `unless` anywhere in the sentence switch a rule off, words of `only` are needed
somewhere in it.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cuaderno.diary.proofreading.offline.tokens import Token

Test = Callable[[Token], bool]
Shape = Callable[[Token, str], str | None]
AGAIN = 3


@dataclass(frozen=True)
class Piece:
    """One part of a pattern: a test of a word, an edge of the sentence, or either."""

    test: Test | None
    edge: str = ""
    least: int = 1
    most: int = 1
    inside: bool = False


@dataclass(frozen=True)
class Rule:
    """A pattern, what to put, and why."""

    pieces: tuple[Piece, ...]
    put: str
    why: str
    safe: bool = False
    only: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()  # when not empty: the words one of which has to be there


@dataclass(frozen=True)
class Finding:
    """A change to some characters of the text."""

    start: int
    end: int
    new: str
    why: str
    safe: bool = False
    rank: int = 1  # of two that overlap, the higher one stays


@dataclass
class Grammar:
    """What the words of patterns mean in a language."""

    classes: Mapping[str, Test]
    has_lemma: Callable[[Token, str], bool]
    shape: Shape
    lists: dict[str, frozenset[str]] = field(default_factory=dict)

    def read(self, text: str) -> list[Rule]:
        """The rules of a table. A rule may hold many rows: `rows = [[find, put], …]` share one `why`."""
        tables = tomllib.loads(text)
        self.lists |= {name: frozenset(words.split()) for name, words in tables.get("lists", {}).items()}
        rules = []
        for entry in tables["rule"]:
            rows = entry.get("rows") or [[entry["find"], entry["put"]]]
            for find, put in rows:
                rules.append(self.rule(find, put, entry))
        return rules

    def rule(self, find: str, put: str, entry: Mapping) -> Rule:
        """One pattern, ready to use."""
        pieces, inside = [], False
        for part in find.split():
            if part.startswith("["):
                inside, part = True, part[1:]
            ends = part.endswith("]")
            if "[" in part or "]" in part[:-1]:
                raise ValueError(f"a bracket inside a word of the pattern: {find}")
            pieces.append(self._piece(part.removesuffix("]"), inside))
            inside = inside and not ends
        if not any(piece.inside for piece in pieces):
            raise ValueError(f"no brackets in the pattern: {find}")
        if any(int(number) > len(pieces) for number in re.findall(r"\{(\d+)", put)):
            raise ValueError(f"{put} names a piece that the pattern does not have: {find}")
        words = {name: frozenset(str(entry.get(name, "")).split()) for name in ("only", "unless")}
        return Rule(tuple(pieces), put, entry["why"], bool(entry.get("safe")), starts=self._starts(find), **words)

    def _starts(self, find: str) -> frozenset[str]:
        """The plain words of the piece that says most about when a rule can apply at all."""
        for part in re.sub(r"[\[\]]", "", find).split():
            if re.fullmatch(r"[\w'|,@-]+", part) and "^" not in part and part != "*":
                names = part.split("|")
                return frozenset().union(*(self.lists[name[1:]] if name[0] == "@" else {name} for name in names))
        return frozenset()

    def _piece(self, part: str, inside: bool) -> Piece:
        if part in {"^", "$"}:
            return Piece(None, edge=part, inside=False)
        least, most, edge = 1, 1, ""
        for sign in ("^", "$"):
            if sign in part.split("|"):
                edge, part = sign, "|".join(name for name in part.split("|") if name != sign)
        if part.endswith("?"):
            least, part = 0, part[:-1]
        elif part.endswith("*") and len(part) > 1:
            least, most, part = 0, AGAIN, part[:-1]
        tests = [self._test(one) for one in part.split("&")]
        return Piece(lambda token: all(test(token) for test in tests), edge, least, most, inside)

    def _test(self, part: str) -> Test:
        if part.startswith("!"):
            test = self._test(part[1:])
            return lambda token: not test(token)
        tests = [self._one(name) for name in re.findall(r"<[^>]*>|[^|<]+", part)]
        return tests[0] if len(tests) == 1 else lambda token: any(test(token) for test in tests)

    def _one(self, name: str) -> Test:
        if name == "*":
            return lambda token: token.kind == "word"
        if name.startswith("~"):
            return lambda token: token.kind == "word" and self.has_lemma(token, name[1:])
        if name.startswith("@"):
            words = self.lists[name[1:]]
            return lambda token: token.low in words
        if name.startswith("<"):
            tests = [self.classes[one] for one in name[1:-1].split("|")]
            return lambda token: any(test(token) for test in tests)
        return lambda token: token.low == name

    def apply(self, rule: Rule, tokens: Sequence[Token], words: frozenset[str]) -> Iterator[Finding]:
        """Every place of a sentence where the rule finds something."""
        if rule.starts and not rule.starts & words:
            return
        if (rule.only and not rule.only & words) or rule.unless & words:
            return
        at = 0
        while at < len(tokens):
            spans = _match(rule.pieces, tokens, at)
            found = spans and self._finding(rule, tokens, spans)
            if found:
                yield found
            at += 1

    def _finding(self, rule: Rule, tokens: Sequence[Token], spans: list[tuple[int, int]]) -> Finding | None:
        inside = [span for span, piece in zip(spans, rule.pieces, strict=True) if piece.inside and span[0] < span[1]]
        if not inside:
            return None
        first, last = tokens[inside[0][0]], tokens[inside[-1][1] - 1]
        new = self._fill(rule.put, tokens, spans)
        if new is None:
            return None
        start, end = first.start, last.end
        if not new:
            if inside[0][0] and first.gap:
                start = tokens[inside[0][0] - 1].end
            elif inside[-1][1] < len(tokens):
                end = tokens[inside[-1][1]].start
                if first.capital and tokens[inside[-1][1]].text.islower():  # the next word begins the sentence
                    end, new = tokens[inside[-1][1]].end, tokens[inside[-1][1]].text
        if first.capital and new[:1].islower() and (first.text != "I" or inside[0][0] == 0) and first.kind == "word":
            new = new[:1].upper() + new[1:]
        return Finding(start, end, new, rule.why, rule.safe)

    def _fill(self, put: str, tokens: Sequence[Token], spans: list[tuple[int, int]]) -> str | None:
        parts = []
        for part in re.findall(r"\{\d+(?::=?\w+)?\}|[^{}]+", put):
            if not part.startswith("{"):
                parts.append(part)
                continue
            number, _, form = part[1:-1].partition(":")
            begin, end = spans[int(number) - 1]
            if begin == end and form != "a":  # the article looks at the word that comes, in this piece or later
                parts.append("\0")
                continue
            if form:
                shaped = self.shape(tokens[begin if form == "a" else end - 1], form)
                if shaped is None:
                    return None
                parts.append(shaped)
            else:
                parts.append(" ".join(_in_the_middle(tokens, i) for i in range(begin, end)))
        return re.sub(r" ?\0|^\0 ?", "", "".join(parts)).strip()


def _match(pieces: Sequence[Piece], tokens: Sequence[Token], at: int) -> list[tuple[int, int]] | None:
    """Where each piece lies when the pattern fits from a word on: as many words as they take, then fewer."""
    if not pieces:
        return []
    piece, rest = pieces[0], pieces[1:]
    if piece.edge and (at == 0 if piece.edge == "^" else _at_end(tokens, at)):
        following = _match(rest, tokens, at)
        if following is not None:
            return [(at, at), *following]
    if piece.test is None:
        return None
    most = 0
    while most < piece.most and at + most < len(tokens) and piece.test(tokens[at + most]):
        most += 1
    for count in range(most, piece.least - 1, -1):
        following = _match(rest, tokens, at + count)
        if following is not None:
            return [(at, at + count), *following]
    return None


def _in_the_middle(tokens: Sequence[Token], index: int) -> str:
    """A word as it is written inside a sentence."""
    token = tokens[index]
    first = index == 0 and token.kind == "word" and token.text == token.text.capitalize()
    text = token.fixed or token.text
    return text[:1].lower() + text[1:] if first and token.tag != "NP0" and token.text != "I" else text


def _at_end(tokens: Sequence[Token], at: int) -> bool:
    return all(token.kind == "mark" for token in tokens[at:])
