"""Plots as inline SVG: shares with their intervals, and differences between two runs.

In: names, shares and intervals. Out: markup whose every text is escaped. Series differ by shape as well as by
colour, so that a print in grey can be read; each dot tells its numbers when pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, LEFT, RIGHT = 640, 118, 62
LINE, GAP, TOP = 17, 9, 22  # height of a dot's line, space between groups, room for the axis
COLOURS = 7  # prime to the number of shapes, so that 42 series differ
SHAPES = ("circle", "square", "diamond", "triangle", "bar", "ring")


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval; ``told`` is what it says when pointed at, ``series`` chooses its look."""

    value: float | None
    low: float
    high: float
    told: str
    series: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A named line or lines of a plot."""

    name: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where a plot goes, what its ticks are, and how they are written."""

    low: float
    high: float
    ticks: tuple[float, ...]
    signed: bool = False

    def at(self, value: float) -> float:
        """The x of a value."""
        inside = min(max(value, self.low), self.high)
        return LEFT + (WIDTH - LEFT - RIGHT) * (inside - self.low) / (self.high - self.low)

    def written(self, value: float) -> str:
        """45% or +12."""
        if self.signed:
            return f"{value * 100:+.0f}" if round(value * 100) else "0"
        return f"{value:.0%}"


SHARES = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))


def differences_axis(groups: Sequence[Group]) -> Axis:
    """An axis about zero that holds all intervals, in steps of 5, 10, 25 or 50 points."""
    most = max((abs(edge) for g in groups for d in g.dots for edge in (d.low, d.high)), default=0.0)
    step = next((s for s in (0.05, 0.1, 0.25, 0.5) if most <= 2 * s), 0.5)
    return Axis(-2 * step, 2 * step, (-2 * step, -step, 0.0, step, 2 * step), signed=True)


def plot(groups: Sequence[Group], axis: Axis, label: str) -> Markup:
    """Dots with whiskers, a group under the other; ``label`` tells a screen reader what it is."""
    pieces, y = [], float(TOP)
    for group in groups:
        height = LINE * max(1, len(group.dots))
        middle = y + height / 2
        pieces.append(_word(LEFT - 10, middle + 4, group.name, "end"))
        for n, dot in enumerate(group.dots):
            pieces.append(_dot(dot, axis, y + LINE * n + LINE / 2))
        y += height + GAP
    ticks = [_tick(axis, value, y - GAP) for value in axis.ticks]
    head = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, y, label)
    return Markup("").join([head, *ticks, *pieces, Markup("</svg>")])


def _tick(axis: Axis, value: float, bottom: float) -> Markup:
    x = axis.at(value)
    kind = "zero" if axis.signed and value == 0 else "grid"
    line = Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(kind, _n(x), _n(x), 16, bottom)
    return line + _word(x, 11, axis.written(value), "middle", "tick")


def _dot(dot: Dot, axis: Axis, y: float) -> Markup:
    told = Markup("<title>{}</title>").format(dot.told)
    if dot.value is None:
        return Markup("<g>{}{}</g>").format(told, _word(LEFT + 4, y + 4, "未能评分", "start", "tick"))
    x = axis.at(dot.value)
    whisker = Markup('<line class="whisker" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        _n(axis.at(dot.low)), _n(axis.at(dot.high)), _n(y), _n(y)
    )
    value = _word(WIDTH - RIGHT + 10, y + 4, axis.written(dot.value), "start", "value")
    return Markup('<g class="s{}">{}{}{}{}</g>').format(
        dot.series % COLOURS, told, whisker, _shape(dot.series, x, y), value
    )


def _shape(series: int, x: float, y: float) -> Markup:
    """The mark of a series, about 9 units across."""
    kind = SHAPES[series % len(SHAPES)]
    if kind in ("circle", "ring"):
        return Markup('<circle class="{}" cx="{}" cy="{}" r="4.5"/>').format(kind, _n(x), _n(y))
    paths = {
        "square": "M-4-4h8v8h-8z",
        "diamond": "M0-5.5L5.5 0 0 5.5-5.5 0z",
        "triangle": "M0-5.5L5 4H-5z",
        "bar": "M-2-6h4v12h-4z",
    }
    return Markup('<path transform="translate({} {})" d="{}"/>').format(_n(x), _n(y), paths[kind])


def key(names: Sequence[str]) -> Markup:
    """Which mark is which series."""
    pieces = [
        Markup('<span class="key"><svg viewBox="0 0 14 14"><g class="s{}">{}</g></svg>{}</span>').format(
            n % COLOURS, _shape(n, 7, 7), name
        )
        for n, name in enumerate(names)
    ]
    return Markup("").join(pieces)


def _word(x: float, y: float, text: str, anchor: str, kind: str = "name") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _n(x), _n(y), anchor, escape(text)
    )


def _n(number: float) -> str:
    return f"{number:.1f}"
