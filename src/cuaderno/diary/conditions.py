"""Conditions over the metrics of a run: `solved.low > 90 % and not (loss >= baseline_loss)`. Read, never executed."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.lab.metrics import Metric

PARTS = ("value", "low", "high", "n")
LONGEST, DEEPEST = 1000, 40
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<percent>%?)"
    r"|(?P<name>[^\W\d]\w*(?:\.\w*)*)|(?P<sign><=|>=|==|!=|[<>≤≥≠()]))"
)
SIGNS = {"≤": "<=", "≥": ">=", "≠": "!="}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
WORDS = ("and", "or", "not")
EXAMPLE = "Write a comparison, as in solved.low > 0.9 and loss < 1.5."


class ConditionError(CuadernoError):
    """What cannot be understood in a condition, and at which character of it."""

    def __init__(self, text: str, position: int, message: str):
        super().__init__(f"the condition `{_excerpt(text)}`, character {position + 1}: {message}")


@dataclass(frozen=True)
class Operand:
    """A number, or a metric: one `part` of it, or without a part all that its interval may be."""

    number: float = 0.0
    metric: str = ""
    part: str = ""
    position: int = 0

    def bounds(self, metrics: Mapping[str, Metric]) -> tuple[float, float]:
        """The smallest and the largest that it may be."""
        if not self.metric:
            return self.number, self.number
        found = metrics[self.metric]
        if self.part:
            exact = float(getattr(found, self.part))
            return exact, exact
        if found.low is None or found.high is None:
            return found.value, found.value
        return found.low, found.high


@dataclass(frozen=True)
class Comparison:
    """`left < right`. True or False when every value inside the intervals agrees, else None."""

    left: Operand
    sign: str
    right: Operand

    def judge(self, metrics: Mapping[str, Metric]) -> bool | None:
        (low, high), (other_low, other_high) = self.left.bounds(metrics), self.right.bounds(metrics)
        if any(map(math.isnan, (low, high, other_low, other_high))):
            return None
        if self.sign in (">", ">="):
            low, high, other_low, other_high = other_low, other_high, low, high
        if self.sign in ("<", ">"):
            return True if high < other_low else False if low >= other_high else None
        if self.sign in ("<=", ">="):
            return True if high <= other_low else False if low > other_high else None
        apart, same = high < other_low or other_high < low, low == high == other_low == other_high
        equal = True if same else False if apart else None
        return equal if self.sign == "==" or equal is None else not equal

    def operands(self) -> Iterator[Operand]:
        yield from (self.left, self.right)


@dataclass(frozen=True)
class Not:
    inside: "Node"

    def judge(self, metrics: Mapping[str, Metric]) -> bool | None:
        found = self.inside.judge(metrics)
        return None if found is None else not found

    def operands(self) -> Iterator[Operand]:
        yield from self.inside.operands()


@dataclass(frozen=True)
class Both:
    """Several conditions joined by `and`, or by `or`: what decides alone wins, then what nobody knows."""

    every: bool
    inside: tuple["Node", ...]

    def judge(self, metrics: Mapping[str, Metric]) -> bool | None:
        found = [node.judge(metrics) for node in self.inside]
        if (not self.every) in found:
            return not self.every
        return None if None in found else self.every

    def operands(self) -> Iterator[Operand]:
        for node in self.inside:
            yield from node.operands()


Node = Comparison | Not | Both


@dataclass(frozen=True)
class Condition:
    """A condition that was read, and its text."""

    text: str
    node: Node

    def judge(self, metrics: Mapping[str, Metric]) -> bool | None:
        """True, False, or None when an interval straddles the line.

        Raises:  KeyError when a metric is missing: ask `decides` first.
        """
        return self.node.judge(metrics)

    @property
    def operands(self) -> list[Operand]:
        """The metrics it names, in their order, each part once."""
        found = {(operand.metric, operand.part): operand for operand in reversed(list(self.node.operands()))}
        return [operand for operand in reversed(found.values()) if operand.metric]

    @property
    def metrics(self) -> list[str]:
        return list(dict.fromkeys(operand.metric for operand in self.operands))

    def decides(self, metrics: Mapping[str, Metric]) -> bool:
        """Whether a run with these metrics has every number that the condition asks for."""
        return all(
            operand.metric in metrics and getattr(metrics[operand.metric], operand.part or "value") is not None
            for operand in self.operands
        )


def read_condition(text: str) -> Condition:
    """The condition that a text means.

    Raises:  CuadernoError with the place in the text for anything else.
    """
    if len(text) > LONGEST:
        raise ConditionError(text, LONGEST, f"it is longer than {LONGEST} characters.")
    reader = _Reader(text)
    condition = Condition(text.strip(), reader.read())
    if not condition.operands:
        raise ConditionError(text, 0, f"it names no metric. {EXAMPLE}")
    return condition


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int
    number: float = 0.0


class _Reader:
    """One look ahead, one method per level: or, and, not, comparison."""

    def __init__(self, text: str):
        self.text, self.tokens, self.at, self.depth = text, list(_tokens(text)), 0, 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def wrong(self, message: str, token: _Token | None = None) -> ConditionError:
        return ConditionError(self.text, (token or self.next).position, message)

    def read(self) -> Node:
        node = self._either()
        if self.next.kind != "end":
            cure = "Join comparisons with and, or." if self.next.kind in ("name", "number") else EXAMPLE
            raise self.wrong(f"'{self.next.text}' does not belong here. {cure}")
        return node

    def _either(self) -> Node:
        found = [self._every()]
        while self.next.text == "or":
            self.take()
            found.append(self._every())
        return found[0] if len(found) == 1 else Both(False, tuple(found))

    def _every(self) -> Node:
        found = [self._not()]
        while self.next.text == "and":
            self.take()
            found.append(self._not())
        return found[0] if len(found) == 1 else Both(True, tuple(found))

    def _not(self) -> Node:
        if self.next.text not in ("not", "("):
            return self._comparison()
        token = self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(f"it is nested more than {DEEPEST} times.", token)
        if token.text == "not":
            node: Node = Not(self._not())
        else:
            node = self._either()
            if self.next.text != ")":
                raise self.wrong(f"the bracket of character {token.position + 1} is never closed.")
            self.take()
        self.depth -= 1
        return node

    def _comparison(self) -> Node:
        left, found = self._operand(), []
        while self.next.text in COMPARISONS:
            sign = self.take().text
            right = self._operand()
            found.append(Comparison(left, sign, right))
            left = right
        if not found:
            raise self.wrong(f"a comparison is missing: one of {' '.join(COMPARISONS)}. {EXAMPLE}")
        return found[0] if len(found) == 1 else Both(True, tuple(found))

    def _operand(self) -> Operand:
        token = self.take()
        if token.kind == "number":
            return Operand(token.number, position=token.position)
        if token.kind != "name":
            self.at -= 1
            what = "the end" if token.kind == "end" else f"'{token.text}'"
            raise self.wrong(f"a metric or a number is missing before {what}. {EXAMPLE}", token)
        name, *parts = token.text.split(".")
        if len(parts) > 1 or (parts and parts[0] not in PARTS):
            part = ".".join(parts)
            raise self.wrong(f"a metric has no '.{part}'.{meant(part, PARTS)} Known: .{', .'.join(PARTS)}.", token)
        return Operand(metric=name, part=parts[0] if parts else "", position=token.position)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while text[position:].strip():
        found = TOKEN.match(text, position)
        if found is None:
            position += len(text[position:]) - len(text[position:].lstrip())
            raise ConditionError(text, position, f"'{text[position]}' means nothing in a condition. {EXAMPLE}")
        kind = found.lastgroup if found.lastgroup != "percent" else "number"
        word = found[str(kind)]
        yield _token(text, str(kind), word, found)
        position = found.end()
    yield _Token("end", "", len(text))


def _token(text: str, kind: str, word: str, found: re.Match) -> _Token:
    start = found.start(kind)
    if kind == "number":
        number = float(word) / (100 if found["percent"] else 1)
        if not math.isfinite(number):
            raise ConditionError(text, start, f"'{_excerpt(word)}' is too large a number.")
        return _Token(kind, word, start, number)
    if kind == "name" and word in WORDS:
        return _Token("word", word, start)
    return _Token(kind, SIGNS.get(word, word), start)


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"
