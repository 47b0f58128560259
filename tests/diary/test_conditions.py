import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.diary.conditions import DEEPEST, LONGEST, read_condition
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric

METRICS = {
    "x": Metric(0.55, 0.5, 0.58, 10),
    "y": Metric(0.6, 0.55, 0.7, 20),
    "count": Metric(3.0),
    "lost": Metric(math.nan, math.nan, math.nan, 0),
}


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("x < 0.6", True),
        ("x < 60 %", True),
        ("x < 60%", True),
        ("x < 0.55", None),  # the interval straddles the line
        ("x < 0.5", False),  # low is the line itself
        ("x <= 0.5", None),
        ("x < 0.58", None),
        ("x <= 0.58", True),
        ("x > 0.5", None),
        ("x >= .5", True),
        ("x ≥ 5e-1 and x ≤ 58%", True),
        ("x > 0.58", False),
        ("0.4 < x < 0.6", True),
        ("0.6 > x > 0.4", True),
        ("x.value < 0.56", True),
        ("x.high < 0.56", False),
        ("x.low > 0.5", False),
        ("x.n == 10", True),
        ("x.n != 10", False),
        ("x.low < y.low", True),
        ("x < y", None),
        ("count == 3", True),
        ("count != 3", False),
        ("x == 0.55", None),
        ("x == 0.9", False),
        ("x != 0.9", True),
        ("not x < 0.55", None),
        ("not x > 0.6", True),
        ("not not x < 0.6", True),
        ("x < 0.55 or count > 2", True),
        ("x < 0.55 and count > 2", None),
        ("x < 0.55 and count > 3", False),
        ("x < 0.6 or x > 0.9 and count > 9", True),
        ("(x < 0.6 or x > 0.9) and count > 9", False),
        ("count > -1", True),
        ("lost < 1", None),
        ("lost.value < 1", None),
        ("not lost == 1", None),
    ],
)
def test_what_a_condition_says_of_metrics(text, judged):
    assert read_condition(text).judge(METRICS) is judged


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "character 1: a metric or a number is missing before the end"),
        ("x", "character 2: a comparison is missing"),
        ("x < ", "missing before the end"),
        ("x = 1", "character 3: '=' means nothing"),
        ("(x < 1", "the bracket of character 1 is never closed"),
        ("x < 1)", "character 6: ')' does not belong here"),
        ("x < 1 y < 2", "character 7: 'y' does not belong here. Join comparisons with and, or."),
        ("x.hihg < 1", "character 1: a metric has no '.hihg'. Did you mean 'high'?"),
        ("x.low.high < 1", "a metric has no '.low.high'"),
        ("1 < 2", "it names no metric"),
        ("x < 1e999", "character 5: '1e999' is too large"),
        ("x < and", "missing before 'and'"),
        ("x + 1 < 2", "character 3: '+' means nothing"),
        ("__import__('os').system('true') < 1", "character 12: ''' means nothing"),
        ("x < 1; y", "';' means nothing"),
        ("x[0] < 1", "'[' means nothing"),
        ("(" * (DEEPEST + 1) + "x < 1", f"nested more than {DEEPEST} times"),
        ("not " * (DEEPEST + 1) + "x < 1", f"nested more than {DEEPEST} times"),
        ("x < 1 " * LONGEST, f"longer than {LONGEST}"),
    ],
)
def test_anything_else_is_one_clear_error(text, says):
    with pytest.raises(CuadernoError) as caught:
        read_condition(text)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_what_it_needs_of_a_run():
    condition = read_condition("x.high < 1 and count.low > 0 or x < 2")
    assert condition.metrics == ["x", "count"]
    assert [(one.metric, one.part) for one in condition.operands] == [("x", "high"), ("count", "low"), ("x", "")]
    assert not condition.decides(METRICS)  # count has no interval
    assert read_condition("count > 2 and x < 1").decides(METRICS) and not read_condition("z < 1").decides(METRICS)


WORDS = st.sampled_from(
    [*"()<>%.", "and", "or", "not", "x", "x.low", "y.high", "0.5", "-1", "<=", "==", "!=", " ", "≥"]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS).map("".join)))
def test_any_text_is_a_condition_or_refused_in_words(text):
    try:
        condition = read_condition(text)
    except CuadernoError as error:
        assert "condition" in str(error)
    else:
        assert condition.decides(METRICS) in (True, False)
        if condition.decides(METRICS):
            assert condition.judge(METRICS) in (True, False, None)


@given(low=st.floats(-2, 2), width=st.floats(0, 2), line=st.floats(-2, 2), sign=st.sampled_from(["<", "<=", ">", ">="]))
def test_a_verdict_holds_for_every_value_of_the_interval(low, width, line, sign):
    high = low + width
    judged = read_condition(f"m {sign} {line!r}").judge({"m": Metric((low + high) / 2, low, high, 9)})
    exact = [read_condition(f"m.value {sign} {line!r}").judge({"m": Metric(v)}) for v in (low, (low + high) / 2, high)]
    assert judged is (exact[0] if len(set(exact)) == 1 else None)
