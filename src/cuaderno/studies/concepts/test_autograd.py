"""Slopes are those of torch on any formula; formulas that cannot be are told why."""

import math
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.studies.concepts.parts import autograd, backprop
from cuaderno.studies.concepts.parts.autograd import Value

NAMES = "abc"
SMALL = st.floats(-2, 2).map(lambda number: round(number, 3))
LEAVES = st.sampled_from([*NAMES, "0.5", "3"])


def in_torch(act):
    return lambda x: act(torch.as_tensor(x, dtype=torch.float64))


TORCH = {name: in_torch(getattr(torch, name)) for name in ("tanh", "relu", "exp", "log")}


def larger(inner):
    """Formulas made of formulas, tamed where they would have no value."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} / ({two[1]}**2 + 1))"),
        inner.map(lambda one: f"-{one}"),
        inner.map(lambda one: f"tanh({one})"),
        inner.map(lambda one: f"relu({one})"),
        inner.map(lambda one: f"exp(tanh({one}))"),
        inner.map(lambda one: f"log({one}**2 + 1)"),
        inner.map(lambda one: f"(tanh({one})**3)"),
    )


FORMULAS = st.recursive(LEAVES, larger, max_leaves=8).filter(lambda text: len(text) <= backprop.LONGEST)


@settings(max_examples=60, deadline=None)
@given(FORMULAS, st.tuples(SMALL, SMALL, SMALL))
def test_slopes_are_those_of_torch(formula, numbers):
    given_ = dict(zip(NAMES, numbers, strict=True))
    tensors = {name: torch.tensor(number, dtype=torch.float64, requires_grad=True) for name, number in given_.items()}
    if not re.search(r"\b[a-c]\b", formula):
        return  # numbers only: nothing that has a slope
    last = backprop.read(formula, tensors, TORCH)
    last.backward()
    value, slopes = backprop.slopes(formula, given_)
    assert value == pytest.approx(last.item(), abs=1e-6, rel=1e-6)
    for name, tensor in tensors.items():
        wanted = 0.0 if tensor.grad is None else tensor.grad.item()
        assert slopes[name] == pytest.approx(wanted, abs=1e-6, rel=1e-6), (formula, name)


def test_a_value_that_is_used_twice_gets_both_slopes():
    a, b = Value(2.0), Value(3.0)
    (a * b + a).backward()
    assert (a.slope, b.slope) == (4.0, 2.0)
    (1 - 6 / a).backward()
    assert a.slope == pytest.approx(1.5)


def test_the_engine_is_short():
    assert len(Path(autograd.__file__).read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize(
    "formula, said",
    [
        ("a*q", "What is q"), ("a**a", "power has to be a number"), ("log(a - 9)", "no logarithm"),
        ("1/(a - a)", "zero"), ("exp(exp(exp(a*9)))", "range"), ("(", "not a formula"), ("'a'*9", "Only names"),
        ("a if a else 1", "Only names"), ("__import__('os')", "Only names"), ("a.real", "Only names"),
        ("a" * 300, "not a formula"), ("(0-a)**0.5", "nothing"),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_is_told_why(formula, said):
    with pytest.raises(ValueError, match=said):
        backprop.slopes(formula, {"a": 2.0})


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    try:
        value, _ = backprop.slopes(text, {"a": 1.0})
        assert math.isfinite(value)
    except ValueError as error:
        assert len(str(error)) > 10
