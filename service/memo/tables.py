"""The tables and charts of a memo (对比表、增减表、图).

In: a plan and the chosen lines. Out: blocks. A row is an indicator (of a place, where there are several
over years), a column a year, place or report; each cell carries its citation, each change its operands.
More than five years are cut into several tables, since a page is 28 characters wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from service.cited import Citation
from service.memo.aligning import Line, Slot
from service.memo.cells import cell, line_label
from service.memo.columns import GRID, PLACES, REPORTS, YEARS, Plan
from service.memo.deltas import BOUND, Delta, delta, ranks
from service.memo.measures import Form, Stance, falls
from service.papers.document import Block, Cell, Chart, Series, Table

WIDEST = 5  # value columns of one table
MOST_CHARTS = 3
NONE = "—"
_SCALES = {10000: "万", 100000000: "亿", 1000000000000: "万亿"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """The slots of one line that follow each other in time: those of one place, or of all columns."""

    line: Line
    place: str
    slots: tuple[Slot | None, ...]

    @property
    def label(self) -> str:
        """The first cell."""
        return line_label(self.line)


def stretches(plan: Plan, lines: Sequence[Line]) -> tuple[Stretch, ...]:
    """One a line; one a line and place where places are followed over years."""
    if plan.layout != GRID:
        return tuple(Stretch(line, "", line.slots) for line in lines)
    width = len(plan.years)
    return tuple(
        Stretch(line, place, line.slots[at * width : (at + 1) * width])
        for line in lines
        for at, place in enumerate(plan.places)
    )


def over_time(plan: Plan) -> bool:
    """Whether columns follow each other in time."""
    return plan.layout in (YEARS, GRID) or (plan.layout == REPORTS and len(plan.places) == 1)


def labels_of(plan: Plan) -> tuple[str, ...]:
    """Heads of the value columns."""
    if plan.layout == GRID:
        return tuple(f"{year}年" for year in plan.years)
    return tuple(column.label for column in plan.columns)


def value_tables(plan: Plan, lines: Sequence[Line]) -> tuple[Table, ...]:
    """Indicator against column; with two columns their difference beside them."""
    labels = labels_of(plan)
    rows = stretches(plan, lines)
    tables = []
    for start in range(0, len(labels), WIDEST):
        part = range(start, min(start + WIDEST, len(labels)))
        heads = tuple(labels[i] for i in part)
        pair = len(labels) == 2
        header = (*_heads(plan), *heads, *(("增减" if over_time(plan) else "相差",) if pair else ()))
        body = tuple(
            (*_names(plan, row), *(cell(row.line, row.slots[i]) for i in part), *_difference(plan, row, pair))
            for row in rows
            if any(row.slots[i] is not None for i in part)
        )
        if body:
            tables.append(Table(_caption(heads, labels), header, body))
    return tuple(tables)


def _caption(heads: Sequence[str], labels: Sequence[str]) -> str:
    return "主要指标" if len(heads) == len(labels) else f"主要指标（{heads[0]}至{heads[-1]}）"


def change_tables(plan: Plan, lines: Sequence[Line]) -> tuple[Table, ...]:
    """From each year to the next, where there are more than two years."""
    labels = labels_of(plan)
    if not over_time(plan) or len(labels) < 3:
        return ()
    rows = [(row, changes(row)) for row in stretches(plan, lines)]
    tables = []
    for start in range(1, len(labels), WIDEST - 1):
        part = range(start, min(start + WIDEST - 1, len(labels)))
        heads = tuple(f"{labels[i]}比{labels[i - 1]}" for i in part)
        body = tuple(
            (*_names(plan, row), *(change_cell(found[i]) for i in part))
            for row, found in rows
            if any((one := found[i]) is not None and one.change is not None for i in part)
        )
        if body:
            tables.append(
                Table(
                    "逐年增减"
                    if len(heads) == len(labels) - 1
                    else f"逐年增减（{heads[0][:5]}至{heads[-1][:5]}）",
                    (*_heads(plan), *heads),
                    body,
                )
            )
    return tuple(tables)


def changes(row: Stretch) -> tuple[Delta | None, ...]:
    """From the slot before to each slot; None at the first and at gaps."""
    found: list[Delta | None] = [None]
    for old, new in zip(row.slots, row.slots[1:], strict=False):
        found.append(delta(row.line, old, new) if old is not None and new is not None else None)
    return tuple(found)


def rank_tables(plan: Plan, lines: Sequence[Line]) -> tuple[Table, ...]:
    """Places from high to low, with what separates the first from the last; for each year of a grid."""
    if len(plan.places) < 2 or plan.layout == REPORTS or (plan.layout == PLACES and len(plan.places) == 2):
        return ()
    tables = []
    width = len(plan.years)
    for at, year in reversed(tuple(enumerate(plan.years))):
        body = []
        for line in lines:
            slots = line.slots[at::width] if plan.layout == GRID else line.slots
            placed = ranks(line, slots)
            if sum(one is not None for one in placed) < 2:
                continue
            cells = [Cell(one.text, derived=(one,)) if one else Cell(NONE) for one in placed]
            body.append((Cell(line.label), *cells, _spread(line, slots, placed)))
        if body:
            header = ("指标", *plan.places, "最高与最低相差")
            tables.append(Table(f"{year}年位次（由高到低）", header, tuple(body)))
    return tuple(tables[:1]) if plan.layout == GRID else tuple(tables)


def _spread(line: Line, slots: Sequence[Slot | None], placed: Sequence[object]) -> Cell:
    known = [slot for slot, one in zip(slots, placed, strict=True) if slot is not None and one is not None]
    low, *_, high = sorted(known, key=lambda slot: slot.row.value or Decimal(0))
    found = delta(line, low, high, over_time=False)
    if found.change is None:
        return Cell(NONE)
    return Cell(found.change.text, derived=(found.change,))


def change_cell(found: Delta | None) -> Cell:
    """A change with its operands, — where there is none."""
    if found is None or found.change is None:
        return Cell(NONE)
    return Cell(found.text, derived=found.derived, status="warning" if found.reserve else "")


def _difference(plan: Plan, row: Stretch, wanted: bool) -> tuple[Cell, ...]:
    if not wanted:
        return ()
    old, new = row.slots
    if old is None or new is None:
        return (Cell(NONE),)
    return (change_cell(delta(row.line, old, new, over_time=over_time(plan))),)


def _heads(plan: Plan) -> tuple[str, ...]:
    return ("指标", "地区") if plan.layout == GRID else ("指标",)


def _names(plan: Plan, row: Stretch) -> tuple[Cell, ...]:
    return (Cell(row.label), Cell(row.place)) if plan.layout == GRID else (Cell(row.label),)


# -- charts -----------------------------------------------------------------------------------------


def charts(plan: Plan, lines: Sequence[Line], *, named: bool) -> tuple[Block, ...]:
    """Of the chosen indicators, else of the most complete ones."""
    drawn: list[Chart] = []
    for line in lines if named else sorted(lines, key=lambda line: -len(line.found)):
        chart = _chart(plan, line)
        if chart is not None and len(drawn) < MOST_CHARTS:
            drawn.append(chart)
    return tuple(drawn)


def _chart(plan: Plan, line: Line) -> Chart | None:
    usable = tuple(slot if slot is not None and _drawable(line, slot) else None for slot in line.slots)
    known = [slot for slot in usable if slot is not None]
    least = 2 if plan.layout != YEARS else 3 if len(plan.years) > 2 else 2
    if len(known) < least or 2 * len(known) < len(usable) or line.measure.stance is not Stance.ACTUAL:
        return None
    factor = max(slot.row.factor for slot in known)
    unit = _SCALES.get(int(factor), "") + _unit(known) if factor in _SCALES or factor == 1 else ""
    if not unit:
        return None
    rows = [Stretch(line, "", usable)] if plan.layout != GRID else _by_place(plan, line, usable)
    series = tuple(
        Series(
            row.place or line.label, tuple(_value(s, factor) for s in row.slots), tuple(map(_own, row.slots))
        )
        for row in rows
    )
    if not any(sum(value is not None for value in own) > 1 for own in _rows_and_columns(series)):
        return None
    kind = "line" if over_time(plan) else "bar"
    return Chart(line.label, kind, unit, labels_of(plan), series)


def _rows_and_columns(series: Sequence[Series]) -> list[tuple[Decimal | None, ...]]:
    """The values of each line and of each category: a chart of lone points compares nothing."""
    values = [one.values for one in series]
    return [*values, *zip(*values, strict=True)]


def _by_place(plan: Plan, line: Line, slots: Sequence[Slot | None]) -> list[Stretch]:
    width = len(plan.years)
    return [
        Stretch(line, place, tuple(slots[at * width : (at + 1) * width]))
        for at, place in enumerate(plan.places)
    ]


def _drawable(line: Line, slot: Slot) -> bool:
    row = slot.row
    exact = row.value is not None and row.upper is None and not BOUND.search(row.qualifier)
    upright = line.measure.form is not Form.RANK and not falls(row)
    return exact and upright and line.alike(slot) and not slot.rivals and not row.masked


def _unit(slots: Sequence[Slot]) -> str:
    return next((slot.row.unit for slot in reversed(slots) if slot.row.unit), "")


def _value(slot: Slot | None, factor: Decimal) -> Decimal | None:
    if slot is None or slot.row.value is None:
        return None
    return slot.row.value / factor


def _own(slot: Slot | None) -> tuple[Citation, ...]:
    return () if slot is None else (Citation.of_row(slot.row),)
