"""A training curve as paths and ticks; the page stretches the paths and sets labels as text, readable on a phone."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

WIDTH, HEIGHT, BUCKETS = 600, 240, 150
LABEL = 10  # the height of a bar's label in percent of the plot's
PLACES = {"end": (55.0, 100.0), "start": (0.0, 45.0), "middle": (27.5, 72.5)}  # where one may stand, best first
CLEAR = 4.0  # percent between a label and the curve that are enough
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One series: its path, and the band between the lowest and highest value of each bucket."""

    name: str
    path: str
    band: str


@dataclass(frozen=True)
class Bar:
    """One value across the whole plot: its path, and where its label stands.

    Units:   at is the height of the label's middle in percent, place one of PLACES; is_clear: no curve is behind it.
    """

    name: str
    path: str
    at: float
    place: str = "end"
    is_clear: bool = True


@dataclass(frozen=True)
class Plot:
    """What the template needs: lines in the plot's own units, ticks as (percent, value)."""

    lines: list[Line]
    bars: list[Bar]
    x_ticks: list[tuple[float, float]]
    y_ticks: list[tuple[float, float]]
    grid: str


def plot(series: dict[str, Points], log: bool = False, bars: dict[str, float] | None = None) -> Plot:
    """Lay out series of points, and values to compare them with.

    Raises:  ValueError when there are no points, or when `log` meets a value that is not positive.
    """
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    ys += (bars or {}).values()
    if not xs:
        raise ValueError("there are no points")
    if log and min(ys) <= 0:
        raise ValueError(f"a logarithmic scale needs positive values, and the lowest is {min(ys)}")
    x_scale = _Scale(min(xs), max(xs), log=False, tight=True)
    y_scale = _Scale(min(ys), max(ys), log=log, tight=False)
    lines = [_line(name, points, x_scale, y_scale) for name, points in series.items()]
    y_ticks = [(100 * y_scale(value), value) for value in y_scale.ticks(4)]
    grid = "".join(f"M0 {HEIGHT * (1 - at / 100):.1f}H{WIDTH}" for at, _ in y_ticks)
    drawn = ([(x_scale(x), y_scale(mean)) for x, _, mean, _ in _buckets(points)] for points in series.values())
    curve = [place for line in drawn for place in _trail(line)]
    heights = {name: 100 * y_scale(value) for name, value in (bars or {}).items()}
    x_ticks = [(100 * x_scale(value), value) for value in x_scale.ticks(4)]
    return Plot(lines, _bars(heights, curve), x_ticks, y_ticks, grid)


def _trail(places: Points) -> Points:
    """Places along a line from point to point, in percent, so near one another that no label slips between two."""
    found = [(100 * x, 100 * y) for x, y in places[:1]]
    for (x, y), (next_x, next_y) in pairwise(places):
        number = max(1, math.ceil(abs(next_x - x) * 50), math.ceil(abs(next_y - y) * 50))
        parts = [part / number for part in range(1, number + 1)]
        found += [(100 * (x + (next_x - x) * part), 100 * (y + (next_y - y) * part)) for part in parts]
    return found


def _distance(curve: Points, place: str, low: float, high: float) -> float:
    """From a label between two heights to the curve above or below it, as far as it matters; 0 where they cross."""
    left, right = PLACES[place]
    gaps = [max(low - y, y - high, 0) for x, y in curve if left <= x <= right]
    return min([*gaps, CLEAR])


def _bars(heights: dict[str, float], curve: Points) -> list[Bar]:
    """The bars from the lowest up; each label stands where the curve is far from it, and none on another."""
    found: list[Bar] = []
    lowest = LABEL / 2
    for name, height in sorted(heights.items(), key=lambda item: item[1]):

        def crowd(side: float, height: float = height) -> float:
            low, high = sorted((height, height + side))
            others = sum(low <= other <= high for other in heights.values() if other != height)
            ranks = enumerate(PLACES)  # of two good places the better one
            far = max(_distance(curve, place, low, high) - rank / 100 for rank, place in ranks)
            return -far + 1e6 * others + 1e9 * (low < 0 or high > 100)

        at = height + min((LABEL, -LABEL), key=crowd) / 2
        at = max(at, lowest)
        lowest = at + LABEL
        found.append(Bar(name, f"M0 {HEIGHT * (1 - height / 100):.1f}H{WIDTH}", at))
    highest = 100.0
    for number, bar in reversed(list(enumerate(found))):
        found[number] = replace(bar, at=min(bar.at, highest))
        highest = found[number].at - LABEL
    return [_placed(bar, curve) for bar in found]


def _placed(bar: Bar, curve: Points) -> Bar:
    """The bar with its label at the height it has, in the best place there."""
    free = {place: _distance(curve, place, bar.at - LABEL / 2, bar.at + LABEL / 2) for place in PLACES}
    best = max(PLACES, key=lambda place: free[place])
    return replace(bar, place=best, is_clear=free[best] > 0)


def _line(name: str, points: Points, x_scale: "_Scale", y_scale: "_Scale") -> Line:
    buckets = [(x_scale(x), y_scale(low), y_scale(mean), y_scale(high)) for x, low, mean, high in _buckets(points)]
    path = "M" + "L".join(_at(x, mean) for x, _, mean, _ in buckets)
    band = "M" + "L".join([_at(x, high) for x, _, _, high in buckets] + [_at(x, low) for x, low, *_ in buckets[::-1]])
    return Line(name, path if len(buckets) > 1 else f"{path}h1", f"{band}Z" if len(points) > BUCKETS else "")


def _buckets(points: Points) -> list[tuple[float, float, float, float]]:
    """At most BUCKETS neighbouring groups: middle x, lowest, mean and highest y."""
    size = max(1, math.ceil(len(points) / BUCKETS))
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    found = []
    for group in groups:
        ys = [y for _, y in group]
        found.append((sum(x for x, _ in group) / len(group), min(ys), sum(ys) / len(ys), max(ys)))
    return found


def _at(x: float, y: float) -> str:
    return f"{WIDTH * x:.1f} {HEIGHT * (1 - y):.1f}"


class _Scale:
    """Maps values to 0…1; a loose scale leaves some air above and below."""

    def __init__(self, low: float, high: float, log: bool, tight: bool):
        self.log = log
        self.low, self.high = (math.log10(low), math.log10(high)) if log else (low, high)
        air = 0 if tight and high > low else (self.high - self.low) * 0.06 or abs(self.high) * 0.1 or 1
        self.low, self.high = self.low - air, self.high + air

    def __call__(self, value: float) -> float:
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def ticks(self, about: int) -> list[float]:
        """Round values inside the scale, about so many."""
        if self.log and self.high - self.low >= 1:
            powers = range(math.floor(self.low), math.floor(self.high) + 1)
            factors = (1,) if len(powers) > about else (1, 2, 5) if len(powers) < 3 else (1, 3)
            values = [factor * 10.0**power for power in powers for factor in factors]
            found = [value for value in values if self.low <= math.log10(value) <= self.high]
            return found[:: math.ceil(len(found) / (2 * about))]
        low, high = (10**self.low, 10**self.high) if self.log else (self.low, self.high)
        rough = (high - low) / about
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= 0.8 * rough)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def sample(points: Points, about: int = 12) -> Points:
    """Evenly spaced rows for the table of values, with the first and the last."""
    if len(points) <= about:
        return points
    return [points[round(number * (len(points) - 1) / (about - 1))] for number in range(about)]
