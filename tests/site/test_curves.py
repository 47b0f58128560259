import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.site import curves

finite = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(st.integers(0, 10**6), finite), min_size=1, max_size=400))
def test_any_points_stay_inside_the_frame(points):
    drawn = curves.plot({"y": points})
    for at, _ in drawn.x_ticks + drawn.y_ticks:
        assert -1e-6 <= at <= 100 + 1e-6
    for pair in drawn.lines[0].path.strip("M").removesuffix("h1").split("L"):
        x, y = map(float, pair.split())
        assert -0.1 <= x <= curves.WIDTH + 0.1 and -0.1 <= y <= curves.HEIGHT + 0.1


@given(st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=50))
def test_a_logarithmic_scale_has_ticks_in_order(ys):
    drawn = curves.plot({"y": list(enumerate(ys))}, log=True)
    values = [value for _, value in drawn.y_ticks]
    assert values == sorted(values) and len(values) <= 12


def test_round_ticks():
    drawn = curves.plot({"y": [(0, 0.0), (1771, 1.8)]})
    assert [value for _, value in drawn.y_ticks] == [0, 0.5, 1, 1.5]
    assert [value for _, value in drawn.x_ticks] == [0, 500, 1000, 1500]


def test_many_points_become_a_line_with_a_band():
    drawn = curves.plot({"y": [(x, math.sin(x)) for x in range(10_000)]})
    assert drawn.lines[0].path.count("L") < curves.BUCKETS and drawn.lines[0].band


def test_a_bar_takes_part_in_the_range_and_crosses_the_plot():
    drawn = curves.plot({"y": [(0, 1.0), (9, 2.0)]}, bars={"far": 5.0})
    assert drawn.y_ticks[-1][1] == 5 and drawn.bars[0].path.endswith("H600")
    with pytest.raises(ValueError, match="lowest is -1"):
        curves.plot({"y": [(0, 1.0), (9, 2.0)]}, log=True, bars={"far": -1.0})


def test_the_label_of_a_bar_keeps_away_from_the_curve():
    falling = {"y": [(x, 2 - x / 10) for x in range(11)]}
    rising = {"y": [(x, 1 + x / 10) for x in range(11)]}
    [above], [below] = (curves.plot(points, bars={"b": 1.5}).bars for points in (falling, rising))
    assert above.at > 50 > below.at


def test_the_label_of_a_bar_goes_where_the_curve_is_far():
    """It stands at the right when that is free, else where it is, and where nowhere is, the line shows through."""
    late = {"y": [(0, 0.0), (60, 0.0), (61, 1.0), (63, 0.0), (70, 1.0), (80, 0.0), (100, 1.0)]}
    early = {"y": [(100 - x, y) for x, y in late["y"]]}
    wild = {"y": [(x, x % 2) for x in range(101)]}
    drawn = [curves.plot(points, bars={"b": 0.5}).bars[0] for points in (late, early, wild)]
    assert [(bar.place, bar.is_clear) for bar in drawn] == [("start", True), ("end", True), ("end", False)]
    middle = {"y": [(0, 1.0), (20, 0.0), (30, 0.0), (70, 0.0), (75, 0.0), (100, 1.0)]}
    assert curves.plot(middle, bars={"b": 0.5}).bars[0].place == "middle"


@given(st.lists(st.tuples(st.integers(0, 99), finite), min_size=2, max_size=30), finite)
def test_a_label_that_is_clear_lies_on_no_point(points, value):
    points = sorted(points)
    drawn = curves.plot({"y": points, "z": points[:1]}, bars={"b": value})
    (bar,), (low, high) = drawn.bars, curves.PLACES[drawn.bars[0].place]
    for pair in drawn.lines[0].path.strip("M").removesuffix("h1").split("L"):
        x, y = map(float, pair.split())
        behind = abs(100 * (1 - y / curves.HEIGHT) - bar.at) < curves.LABEL / 2 - 0.1
        assert not (bar.is_clear and behind and low + 0.1 < 100 * x / curves.WIDTH < high - 0.1)


@given(st.lists(finite, min_size=1, max_size=8))
def test_labels_of_bars_do_not_lie_on_one_another(values):
    drawn = curves.plot({"y": [(0, 0.0), (1, 1.0)]}, bars={str(n): value for n, value in enumerate(values)})
    places = [bar.at for bar in drawn.bars]
    assert len(places) == len(values) and all(0 <= at <= 100 for at in places)
    assert all(high - low >= curves.LABEL - 1e-6 for low, high in pairwise(places))


@pytest.mark.parametrize(("points", "log"), [([], False), ([(0, 0.0)], True), ([(0, -1.0), (1, 1.0)], True)])
def test_what_cannot_be_drawn(points, log):
    with pytest.raises(ValueError):
        curves.plot({"y": points}, log)


def test_a_sample_has_both_ends():
    points = [(x, 0.0) for x in range(1000)]
    assert curves.sample(points)[0] == points[0] and curves.sample(points)[-1] == points[-1]
    assert len(curves.sample(points)) == 12 and curves.sample(points[:5]) == points[:5]
