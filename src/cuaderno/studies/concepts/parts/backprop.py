"""Backpropagation: which number is to blame for the loss, and by how much?

autograd.py answers that for any formula. Here it teaches a network of thirteen numbers to say whether two signs differ,
which no single neuron can; and it reads the formulas that you type.
"""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from cuaderno.lab.metrics import Metric, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.data import OURS, Chance
from cuaderno.studies.concepts.parts import Export
from cuaderno.studies.concepts.parts.autograd import Value, as_value, in_order

SETTINGS = {"steps": 60, "learning_rate": 0.3, "hidden_dim": 3}
SIGNS = (((-1.0, -1.0), -1.0), ((-1.0, 1.0), 1.0), ((1.0, -1.0), 1.0), ((1.0, 1.0), -1.0))  # do the two differ?
NUM_GRAPHS = 200
EQUAL = 1e-6
LONGEST = 200  # characters of a formula
NEURON = "(tanh(w1*x1 + w2*x2 + b) - t)**2"
NUMBERS = {"w1": 0.5, "x1": 1.0, "w2": -1.0, "x2": 0.5, "b": 0.2, "t": 1.0}


# -- formulas ---------------------------------------------------------------------------------------------------------

OPERATIONS: dict[type, Callable] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
FUNCTIONS: dict[str, Callable] = {"tanh": Value.tanh, "relu": Value.relu, "exp": Value.exp, "log": Value.log}


def read(formula: str, numbers: dict[str, Any], functions: dict[str, Callable] = FUNCTIONS) -> Any:
    """What a formula comes to: `read("a*b + 1", {"a": Value(2.0), "b": Value(3.0)})`.

    Raises:  ValueError that says what cannot be read.
    """
    try:
        if len(formula) > LONGEST:
            raise SyntaxError
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"This is not a formula of at most {LONGEST} characters, such as: {NEURON}") from None
    return _read(tree, numbers, functions)


def _read(node: ast.AST, numbers: dict[str, Any], functions: dict[str, Callable]) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in numbers:
            raise ValueError(f"What is {node.id}? Say it behind the formula: {node.id}=1.5")
        return numbers[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_read(node.operand, numbers, functions)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        power = _read(node.right, numbers, functions)
        if not isinstance(power, float):
            raise ValueError("The power has to be a number, such as 2.")
        return _read(node.left, numbers, functions) ** power
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](*(_read(side, numbers, functions) for side in (node.left, node.right)))
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if isinstance(node, ast.Call) and name in functions and len(node.args) == 1:
        inside = _read(node.args[0], numbers, functions)
        return functions[name](as_value(inside) if functions is FUNCTIONS else inside)
    raise ValueError("Only names, numbers, + - * / **, tanh, relu, exp and log can be in a formula.")


def slopes(formula: str, numbers: dict[str, float]) -> tuple[float, dict[str, float]]:
    """What a formula comes to, and how that changes when each of its numbers grows.

    Raises:  ValueError when the formula cannot be read, or comes to nothing (a division by zero, …).
    """
    values = {name: Value(number) for name, number in numbers.items()}
    try:
        last = as_value(read(formula, values))
        last.backward()
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"It comes to nothing: {error}.") from error
    if not all(math.isfinite(value.slope) and math.isfinite(value.number) for value in in_order(last)):
        raise ValueError("It comes to nothing: a number becomes too large.")
    return last.number, {name: value.slope for name, value in values.items()}


def random_formula(chance: Chance, depth: int) -> str:
    """A formula of the names a to d, tamed so that numbers stay small, with names that are used more than once."""
    if depth == 0:
        return "abcd"[int(chance.number() * 4)]
    one, other = random_formula(chance, depth - 1), random_formula(chance, depth - 1 if chance.number() < 0.5 else 0)
    shapes = (
        f"({one} + {other})", f"({one} - {other})", f"({one} * {other})", f"({one} / ({other}**2 + 1))",
        f"tanh({one})", f"relu({one})", f"exp(tanh({one}))", f"log({one}**2 + 1)", f"(tanh({one})**3)",
    )  # fmt: skip
    return shapes[int(chance.number() * len(shapes))]


# -- a network of values ----------------------------------------------------------------------------------------------


class Judge:
    """A network that says whether two signs differ, every number of it a Value."""

    data = OURS

    def __init__(self, config):
        self.config = config
        chance = Chance(config.seed)
        self.size = 4 * config.hidden_dim + 1
        self.numbers = chance.normals(self.size)

    def says(self, numbers: list, signs: tuple[float, float]) -> Any:
        """Hidden neurons add up and bend; the last one adds up what they say."""
        hidden = [numbers[at : at + 4] for at in range(0, self.size - 1, 4)]
        total = numbers[-1]
        for left, right, shift, weight in hidden:
            total = total + weight * (left * signs[0] + right * signs[1] + shift).tanh()
        return total

    def loss(self, numbers: list) -> Value:
        return sum(((self.says(numbers, signs) - right) ** 2 for signs, right in SIGNS), Value(0.0)) / len(SIGNS)

    def learn(self, step: int) -> dict[str, float]:
        values = [Value(number) for number in self.numbers]
        loss = self.loss(values)
        loss.backward()
        self.numbers -= self.config.learning_rate * np.array([value.slope for value in values])
        return {"loss": loss.number}

    def state(self) -> dict[str, np.ndarray]:
        return {"numbers": self.numbers}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.numbers[...] = state["numbers"]


def begin(config) -> Judge:
    return Judge(config)


def evaluate(judge: Judge) -> dict[str, Metric]:
    """Whether slopes are those of torch, on random formulas; beside them slopes by trying a step to either side."""
    import torch

    functions = {"tanh": torch.tanh, "relu": torch.relu, "exp": torch.exp, "log": torch.log}
    chance, equal, tried = Chance(judge.config.seed + 1), 0, 0
    for _ in range(NUM_GRAPHS):
        formula = random_formula(chance, 4)
        numbers = {name: chance.normal() for name in "abcd"}
        tensors = {name: torch.tensor(number, dtype=torch.float64) for name, number in numbers.items()}
        last = read(formula, {name: tensor.requires_grad_() for name, tensor in tensors.items()}, functions)
        last.backward()
        wanted = {name: 0.0 if tensor.grad is None else float(tensor.grad) for name, tensor in tensors.items()}
        equal += all(abs(slope - wanted[name]) <= EQUAL for name, slope in slopes(formula, numbers)[1].items())
        tried += all(abs(by_trying(formula, numbers, name) - slope) <= EQUAL for name, slope in wanted.items())
    values = [Value(number) for number in judge.numbers]
    right = sum((judge.says(values, signs).number > 0) == (wanted > 0) for signs, wanted in SIGNS)
    return {
        "loss": Metric(judge.loss(values).number),
        "baseline_constant_loss": Metric(1.0),  # always 0, the mean of what is right
        "signs_right": Metric(right / len(SIGNS), n=len(SIGNS)),
        "slopes_equal": wilson(equal, NUM_GRAPHS),
        "baseline_trying": wilson(tried, NUM_GRAPHS),
    }


def by_trying(formula: str, numbers: dict[str, float], name: str, little: float = 1e-3) -> float:
    """The slope by the difference that a little more and a little less make."""
    more, less = (slopes(formula, numbers | {name: numbers[name] + sign * little})[0] for sign in (1, -1))
    return (more - less) / (2 * little)


def answer(judge: Judge, text: str) -> dict:
    """A formula, and behind it what its names are: `a*b + a a=2 b=3`."""
    words = text.split()
    given = [word.split("=", 1) for word in words if word.count("=") == 1 and word.split("=")[0].isidentifier()]
    formula = " ".join(word for word in words if "=" not in word)
    try:
        numbers = {name: float(number) for name, number in given}
    except ValueError:
        raise ValueError("Behind = there has to be a number, as in: a*b + a a=2 b=3") from None
    value, found = slopes(formula, numbers)
    return {"value": value, "slopes": found}


def export(judge: Judge) -> Export:
    return Export({"formula": NEURON, "numbers": NUMBERS, "learnt": judge.numbers.tolist()}, cases(), poster(), 1e-9)


def cases() -> list[dict]:
    chance = Chance(11)
    asked = [(NEURON, NUMBERS), ("a*b + a", {"a": 2.0, "b": 3.0}), ("-a**2 / (b - 1)", {"a": 1.5, "b": 3.0})]
    asked += [(random_formula(chance, 4), {name: chance.normal() for name in "abcd"}) for _ in range(12)]
    found = []
    for formula, numbers in asked:
        value, slope = slopes(formula, numbers)
        found.append({"input": {"formula": formula, "numbers": numbers}, "output": {"value": value, "slopes": slope}})
    return found


def poster() -> str:
    """A neuron as a graph: numbers go down in ink, slopes come up in red."""
    values = {name: Value(number) for name, number in NUMBERS.items()}
    read(NEURON, values).backward()
    sheet = drawing.Sheet((0, 10), (0, 10), 300, 300)
    places = {"x1": 1.2, "w1": 3.7, "x2": 6.3, "w2": 8.8}
    for name, x in places.items():
        sheet.line([(x, 8.4), ((1.2 + 3.7) / 2 if x < 5 else (6.3 + 8.8) / 2, 6.4)], "var(--ink-2)", 1.5)
        sheet.text(x, 9.2, f"{name} {NUMBERS[name]:g}")
        sheet.text(x, 8.6, f"{values[name].slope:.2f}", "var(--red)", 12)
    for x, sign in ((2.45, "×"), (7.55, "×")):
        sheet.line([(x, 5.6), (5, 4.2)], "var(--ink-2)", 1.5)
        sheet.text(x, 5.8, sign, size=17)
    sheet.line([(5, 3.4), (5, 2.5)], "var(--ink-2)", 1.5)
    sheet.text(5, 3.6, "+ tanh")
    loss = slopes(NEURON, NUMBERS)[0]
    sheet.text(5, 1.7, f"(… − t)²  =  {loss:.2f}", "var(--blue)", 15)
    return sheet.svg()
