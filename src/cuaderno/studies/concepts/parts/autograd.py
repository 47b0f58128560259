"""Numbers that remember where they came from, so that the slope of a result can flow back to all of them.

    a, b = Value(2.0), Value(3.0)
    loss = (a * b + a).tanh()
    loss.backward()
    a.slope                     # how loss changes when a grows a little

Each operation makes a new Value that keeps its parents and, for each of them, how fast it grows when that parent does.
The chain rule is the rest: a parent's slope is the child's slope times that, summed over all ways to the end.

Source:  Linnainmaa 1970; in this form Karpathy's micrograd. Differs: the slopes are numbers instead of functions.
"""

import math


class Value:
    """A number, what it was made of, and its slope once `backward` has been called on what came of it.

    Raises:  ArithmeticError, as numbers of Python do.
    """

    def __init__(
        self, number: float, parents: "tuple[Value, ...]" = (), growth: tuple[float, ...] = (), sign: str = ""
    ):
        self.number, self.parents, self.growth, self.sign = float(number), parents, growth, sign
        self.slope = 0.0

    def __repr__(self) -> str:
        return f"Value({self.number:g}, slope={self.slope:g})"

    # -- operations: a new number, its parents, and how fast it grows with each ----------------------------------------

    def __add__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.number + other.number, (self, other), (1.0, 1.0), "+")

    def __sub__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.number - other.number, (self, other), (1.0, -1.0), "−")

    def __mul__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.number * other.number, (self, other), (other.number, self.number), "×")

    def __truediv__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        quotient = self.number / other.number
        return Value(quotient, (self, other), (1 / other.number, -quotient / other.number), "÷")

    def __pow__(self, power: float) -> "Value":
        growth = power * self.number ** (power - 1) if power else 0.0
        return Value(self.number**power, (self,), (growth,), f"^{power:g}")

    def __neg__(self) -> "Value":
        return Value(-self.number, (self,), (-1.0,), "−")

    def tanh(self) -> "Value":
        bent = math.tanh(self.number)
        return Value(bent, (self,), (1 - bent**2,), "tanh")

    def relu(self) -> "Value":
        return Value(max(0.0, self.number), (self,), (1.0 if self.number > 0 else 0.0,), "relu")

    def exp(self) -> "Value":
        grown = math.exp(self.number)
        return Value(grown, (self,), (grown,), "exp")

    def log(self) -> "Value":
        if self.number <= 0:
            raise ZeroDivisionError("there is no logarithm of 0 or less")
        return Value(math.log(self.number), (self,), (1 / self.number,), "log")

    def __radd__(self, other: float) -> "Value":
        return as_value(other) + self

    def __rsub__(self, other: float) -> "Value":
        return as_value(other) - self

    def __rmul__(self, other: float) -> "Value":
        return as_value(other) * self

    def __rtruediv__(self, other: float) -> "Value":
        return as_value(other) / self

    # -- back ----------------------------------------------------------------------------------------------------------

    def backward(self) -> None:
        """Give every Value that this one was made of its slope: how this one changes when that one grows."""
        order = in_order(self)
        for value in order:
            value.slope = 0.0
        self.slope = 1.0
        for value in reversed(order):  # a value is met only after all that was made of it
            for parent, growth in zip(value.parents, value.growth, strict=True):
                parent.slope += value.slope * growth


def as_value(number: Value | float) -> Value:
    return number if isinstance(number, Value) else Value(number)


def in_order(last: Value) -> list[Value]:
    """All that a Value was made of, and itself: each one after its parents."""
    order: list[Value] = []
    met: set[int] = set()
    waiting = [(last, False)]
    while waiting:
        value, parents_done = waiting.pop()
        if parents_done:
            order.append(value)
        elif id(value) not in met:
            met.add(id(value))
            waiting.append((value, True))
            waiting += [(parent, False) for parent in reversed(value.parents)]
    return order
