"""What the tables of a memo say, in sentences (主要发现).

In: a plan and the chosen lines. Out: sentences composed by code, each with the figures that it states and
computes: the largest changes, what rose or fell year after year, who leads and by how much, what was
reached of what was aimed at. They are neutral: whether a rise is good depends on the indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from service.cited import Citation, Derived, Sentence
from service.memo.aligning import Line, Slot, unlike
from service.memo.cells import said, time_of
from service.memo.columns import GRID, PLACES, REPORTS, Plan
from service.memo.context import bare
from service.memo.deltas import Delta, delta, ranks
from service.memo.measures import Form, Stance, falls
from service.memo.tables import Stretch, changes, over_time, stretches
from service.papers import derivation
from service.papers.derivation import as_written

MOST_CHANGES = 8
MOST_TARGETS = 8
MOST_TRENDS = 4
_LEAST = re.compile(r"以上|不少于|不低于|至少|超")
_MOST = re.compile(r"以内|以下|不超过|不高于|至多|低于|少于")


def findings(plan: Plan, lines: Sequence[Line], *, named: bool) -> tuple[Sentence, ...]:
    """All findings, the most telling first; for named indicators each of them is told."""
    if plan.layout == REPORTS and not over_time(plan):
        found = [*_across(plan, lines, named=named)]
    elif plan.layout == PLACES:
        found = [*_leaders(plan, lines, named=named)]
    else:
        found = [*_changed(plan, lines, named=named), *_trends(plan, lines)]
        if plan.layout == GRID:
            found += _leaders(plan, lines, named=named)
    return (*found, *_reached(plan, lines))


# -- over time --------------------------------------------------------------------------------------


def _changed(plan: Plan, lines: Sequence[Line], *, named: bool) -> Iterator[Sentence]:
    """The largest of the last changes."""
    last = [(row, found) for row in stretches(plan, lines) if (found := _last(row)) is not None]
    ranked = sorted(last, key=lambda pair: _telling(pair[0], pair[1], named=named))
    limit = len(ranked) if named else MOST_CHANGES
    for row, found in ranked[:limit]:
        yield _change_sentence(plan, row, found)


def _telling(row: Stretch, found: Delta, *, named: bool) -> tuple[object, ...]:
    """Sorts what was reached before what was aimed at, the newest first, then by size."""
    measure = row.line.measure
    if named:
        return (measure.stance is not Stance.ACTUAL,)
    aside = measure.stance is not Stance.ACTUAL or measure.form is Form.CHANGE or bare(measure.name)
    return (aside, -max(i for i, slot in enumerate(row.slots) if slot is found.new), -_size(found))


def _last(row: Stretch) -> Delta | None:
    """The change between the last two neighbouring years."""
    return next((d for d in reversed(changes(row)) if d is not None and d.change is not None), None)


def _size(found: Delta) -> Decimal:
    """How much a change is beside its base, in %; a change of rates in points counts as much."""
    if found.growth is not None:
        return abs(found.growth.value)
    return abs(found.change.value) if found.change is not None else Decimal(0)


def _change_sentence(plan: Plan, row: Stretch, found: Delta) -> Sentence:
    old, new = found.old, found.new
    place = row.place or (plan.places[0] if len(plan.places) == 1 else "")
    text = f"{place}{_time(new)}{row.line.label}为{as_written(new.row)}，比{_time(old)}的{as_written(old.row)}{found.text}。"
    return _sentence(text, (old, new), found.derived)


def _time(slot: Slot) -> str:
    return time_of(slot.row)


def _trends(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """What rose or fell through all of at least three columns."""
    told = 0
    for row in stretches(plan, lines):
        found = [d for d in changes(row)[1:] if d is not None and d.change is not None]
        directions = {d.direction for d in found}
        if len(found) < 2 or len(found) < len(row.slots) - 1 or len(directions) != 1 or 0 in directions:
            continue
        if told == MOST_TRENDS:
            return
        told += 1
        yield _trend_sentence(plan, row, found)


def _trend_sentence(plan: Plan, row: Stretch, found: Sequence[Delta]) -> Sentence:
    first, last = found[0].old, found[-1].new
    whole = delta(row.line, first, last)
    up, down = ("提高", "下降") if row.line.measure.is_rate else ("增加", "减少")
    word = up if found[0].direction > 0 else down
    place = row.place or (plan.places[0] if len(plan.places) == 1 else "")
    text = f"{place}{row.line.label}{_time(first)}以来逐年{word}，从{as_written(first.row)}到{_time(last)}的{as_written(last.row)}"
    text += f"，共{whole.text}。" if whole.change is not None else "。"
    slots = (first, *(d.new for d in found))
    return _sentence(text, slots, whole.derived)


# -- across places and reports ----------------------------------------------------------------------


def _leaders(plan: Plan, lines: Sequence[Line], *, named: bool) -> Iterator[Sentence]:
    """Who is highest and lowest in the last year, and by how much."""
    width = len(plan.years)
    limit = len(lines) if named else MOST_CHANGES
    for line in lines:
        if limit == 0:
            return
        slots = line.slots[width - 1 :: width] if plan.layout == GRID else line.slots
        placed = ranks(line, slots)
        known = [
            slot for slot, one in zip(slots, placed, strict=True) if slot is not None and one is not None
        ]
        if len(known) < 2 or line.measure.stance is not Stance.ACTUAL:
            continue
        low, *_, high = sorted(known, key=lambda slot: slot.row.value or Decimal(0))
        apart = delta(line, low, high, over_time=False)
        if apart.change is None:
            continue
        limit -= 1
        yield _leader_sentence(line, low, high, apart)


def _leader_sentence(line: Line, low: Slot, high: Slot, apart: Delta) -> Sentence:
    assert apart.change is not None
    if not apart.change.value:
        text = f"{_time(high)}{line.label}，{low.row.place}与{high.row.place}同为{as_written(high.row)}。"
        return _sentence(text, (high, low), ())
    text = (
        f"{_time(high)}{line.label}最高的是{high.row.place}（{as_written(high.row)}），"
        f"最低的是{low.row.place}（{as_written(low.row)}），相差{apart.change.text}。"
    )
    return _sentence(text, (high, low), (apart.change,))


def _across(plan: Plan, lines: Sequence[Line], *, named: bool) -> Iterator[Sentence]:
    """What two reports of different places tell of the same indicator."""
    limit = len(lines) if named else MOST_CHANGES
    for line in lines:
        if len(line.found) < 2 or limit == 0:
            continue
        limit -= 1
        named_slots = [
            (column.label, slot)
            for column, slot in zip(plan.columns, line.slots, strict=True)
            if slot is not None
        ]
        told = "，".join(f"{label}为{said(line, slot)}" for label, slot in named_slots)
        (_, old), (label, new) = named_slots[0], named_slots[-1]
        found = delta(line, old, new, over_time=False)
        tail = f"，{label}{found.text}" if found.change is not None and len(named_slots) == 2 else ""
        yield _sentence(
            f"{line.label}：{told}{tail}。", [slot for _, slot in named_slots], found.derived if tail else ()
        )


# -- targets ----------------------------------------------------------------------------------------


def _reached(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """What was reached of what was aimed at, column by column."""
    actual = {
        (line.measure.name, line.measure.form, line.measure.unit): line
        for line in reversed(lines)
        if line.measure.stance is Stance.ACTUAL
    }
    told = 0
    for goal in lines:
        own = actual.get((goal.measure.name, goal.measure.form, goal.measure.unit))
        if goal.measure.stance is not Stance.TARGET or own is None:
            continue
        for aim, done in reversed(tuple(zip(goal.slots, own.slots, strict=True))):
            if aim is None or done is None or told == MOST_TARGETS:
                continue
            sentence = _target_sentence(own, aim, done)
            if sentence is not None:
                told += 1
                yield sentence


def _target_sentence(line: Line, aim: Slot, done: Slot) -> Sentence | None:
    """达到 and 没有达到 only where the target says which side is meant."""
    if unlike(aim.phase, done.phase) or falls(aim.row) != falls(done.row):
        return None
    if aim.row.value is None or done.row.value is None or done.row.upper is not None:
        return None
    place = done.row.place or ""
    text = f"{place}{_time(done)}{line.label}的目标是{as_written(aim.row)}，实际为{as_written(done.row)}"
    if aim.row.upper is not None:
        inside = aim.row.value <= done.row.value <= aim.row.upper
        return _sentence(f"{text}，{'在目标区间内' if inside else '在目标区间外'}。", (aim, done), ())
    one = derivation.operand(done.row, Citation.of_row(done.row))
    other = derivation.operand(aim.row, Citation.of_row(aim.row))
    gap = derivation.difference(one, other) if one is not None and other is not None else None
    if gap is None:
        return None
    verdict = _verdict(aim, gap.value)
    said_gap = derivation.moved(gap, "实际高于目标", "实际低于目标", "与目标持平")
    return _sentence(f"{text}，{said_gap}{verdict}。", (aim, done), (gap,))


def _verdict(aim: Slot, gap: Decimal) -> str:
    if _LEAST.search(aim.row.qualifier):
        return "，达到目标" if gap >= 0 else "，没有达到目标"
    if _MOST.search(aim.row.qualifier):
        return "，达到目标" if gap <= 0 else "，没有达到目标"
    return ""


def _sentence(text: str, slots: Sequence[Slot], derived: Sequence[Derived]) -> Sentence:
    citations: tuple[Citation, ...] = tuple(dict.fromkeys(Citation.of_row(slot.row) for slot in slots))
    figures = tuple("".join(slot.row.text.split()) for slot in slots)
    return Sentence(text, citations, "computed" if derived else "stated", figures, tuple(derived))
