"""What a reader must mind before trusting a comparison (需要注意的问题).

In: a plan, the chosen lines and all aligned ones. Out: sentences with their sources: values that contradict
each other, unlike times, units and definitions, converted units, round and bounded values, masked and
unreadable ones, and what is missing where. No comparison is left out without its reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from service.cited import Citation, Sentence
from service.memo.aligning import Line, Slot, guessed
from service.memo.cells import directed, line_label, time_of
from service.memo.columns import Plan
from service.memo.context import bare, loose
from service.memo.deltas import delta
from service.memo.measures import Form
from service.memo.tables import Stretch, over_time, stretches

MOST_OF_A_KIND = 12
MOST_NAMES = 5  # likely but unproven namesakes
MOST_MISSING = 4  # columns of which all that is missing is told in words
LEAST_COMMON = 3  # characters that two names must share to be asked about
_RATE = re.compile(r"率$|比例$|比重$")


def warnings(plan: Plan, lines: Sequence[Line], every: Sequence[Line]) -> tuple[Sentence, ...]:
    """All warnings: on contradictions, on what does not compare, on what is missing."""
    return (
        *_first(_contradictions(plan, lines)),
        *_first(_loose(lines)),
        *_first(_apart(plan, lines)),
        *_reserves(plan, lines),
        *_first(_units(plan, lines, every)),
        *_first(_definitions(plan, lines, every), MOST_NAMES),
        *_unreadable(lines),
        *_guessed(lines),
        *_missing(plan, lines),
    )


def _first(found: Iterator[Sentence], most: int = MOST_OF_A_KIND) -> Iterator[Sentence]:
    return islice(found, most)


def _contradictions(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """Two values of one indicator and time."""
    for line in lines:
        for column, slot in zip(plan.columns, line.slots, strict=True):
            if slot is None or not (slot.rivals or slot.elsewhere):
                continue
            rows = (slot.row, *slot.rivals, *slot.elsewhere)
            texts = "、".join(dict.fromkeys(directed(line, row) for row in rows))
            where = "同一份报告中" if slot.rivals else "不同报告中"
            label = column.label if column.report_id else f"{column.place}{time_of(slot.row)}"
            text = f"{label}的{line_label(line)}在{where}数值不一致（{texts}），表中列在前面的取自主要章节，请核对原文。"
            yield _told(text, [Citation.of_row(row) for row in rows])


def _loose(lines: Sequence[Line]) -> Iterator[Sentence]:
    """Named indicators that are said of several things."""
    for line in lines:
        if line.listed or loose(line):
            text = f"“{line_label(line)}”在报告中指的可能不是同一件事，所列各数是否可比请对照原文。"
            yield _told(text, [Citation.of_row(slot.row) for slot in line.found])


def _apart(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """Values that stand side by side and were not compared, one sentence a reason."""
    by_reason: dict[tuple[str, str, str], dict[str, list[Citation]]] = defaultdict(dict)
    for row in stretches(plan, lines):
        for old, new in _beside(plan, row):
            if row.line.measure.form is Form.RANK:
                continue
            found = delta(row.line, old, new, over_time=over_time(plan))
            if found.reason:
                key = (row.place, _pair(old, new), found.reason)
                by_reason[key].setdefault(line_label(row.line), []).extend(
                    (Citation.of_row(old.row), Citation.of_row(new.row))
                )
    for (place, pair, reason), named in by_reason.items():
        citations = [citation for own in named.values() for citation in own]
        yield _told(f"{place}{'、'.join(named)}没有计算{pair}的增减：{reason}。", citations)


def _beside(plan: Plan, row: Stretch) -> Iterator[tuple[Slot, Slot]]:
    """What is compared: each year with the one before, each place with the first that has the usual time."""
    if over_time(plan):
        known = pairwise(row.slots)
        yield from ((old, new) for old, new in known if old is not None and new is not None)
        return
    filled = [slot for slot in row.slots if slot is not None]
    first = next((slot for slot in filled if row.line.alike(slot)), None)
    if first is not None:
        yield from ((first, slot) for slot in filled if slot is not first)


def _pair(old: Slot, new: Slot) -> str:
    one, other = time_of(old.row), time_of(new.row)
    if (old.row.report_place, new.row.report_place) != (old.row.report_place,) * 2:
        return f"{old.row.report_place or ''}{one}与{new.row.report_place or ''}{other}"
    return f"{one}与{other}"


def _reserves(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """Reservations on differences that were computed, one sentence a reason."""
    by_reason: dict[str, dict[str, list[Citation]]] = defaultdict(dict)
    for row in stretches(plan, lines):
        for old, new in _beside(plan, row):
            found = delta(row.line, old, new, over_time=over_time(plan))
            for reason in found.reserve if found.change is not None else ():
                if "不一致" not in reason:
                    by_reason[reason].setdefault(line_label(row.line), []).extend(
                        (Citation.of_row(old.row), Citation.of_row(new.row))
                    )
    for reason, named in by_reason.items():
        citations = [citation for own in named.values() for citation in own]
        yield _told(f"{'、'.join(named)}：{reason}。", citations)


def _units(plan: Plan, lines: Sequence[Line], every: Sequence[Line]) -> Iterator[Sentence]:
    """One indicator counted in 人 here and in 人次 there."""
    by_name: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in every:
        measure = line.measure
        if not line.listed and measure.form is Form.LEVEL:
            by_name[(measure.name, measure.stance)].append(line)
    shown = {id(line) for line in lines}
    for same in by_name.values():
        if len(same) < 2 or not any(id(line) in shown for line in same):
            continue
        if len({line.measure.unit for line in same}) < 2:
            continue
        filled = [frozenset(i for i, slot in enumerate(line.slots) if slot is not None) for line in same]
        if all(one == filled[0] for one in filled):
            continue  # told in both units everywhere: nothing is confused
        units = "、".join(f"“{line.measure.unit or '无单位'}”" for line in same)
        citations = [Citation.of_row(line.found[0].row) for line in same]
        yield _told(f"{same[0].measure.name}在报告中有{units}几种计量单位，分行列出，不相互比较。", citations)


def _definitions(plan: Plan, lines: Sequence[Line], every: Sequence[Line]) -> Iterator[Sentence]:
    """Where one column has a gap and another indicator of a like name: 签约率 and 常住人口签约率."""
    labels = [column.label for column in plan.columns]
    shown = {id(line) for line in lines}
    rates = [line for line in every if _asked_about(line) and not line.listed and id(line) not in shown]
    for line in lines:
        if not _asked_about(line):
            continue
        for at, slot in enumerate(line.slots):
            if slot is not None:
                continue
            other = next((o for o in rates if _alike(line, o) and o.slots[at] is not None), None)
            there = other.slots[at] if other is not None else None
            if other is None or there is None:
                continue
            text = (
                f"{labels[at]}没有“{line.measure.name}”，另有“{other.measure.name}”（{directed(other, there.row)}），"
                "口径是否相同原文没有说明，没有合并。"
            )
            yield _told(text, [Citation.of_row(there.row), Citation.of_row(line.found[0].row)])
            break


def _asked_about(line: Line) -> bool:
    return bool(_RATE.search(line.measure.name)) and not bare(line.measure.name)


def _alike(line: Line, other: Line) -> bool:
    one, two = line.measure, other.measure
    if one == two or (one.unit, one.form, one.stance) != (two.unit, two.form, two.stance):
        return False
    if one.name in two.name or two.name in one.name:
        return min(len(one.name), len(two.name)) >= LEAST_COMMON
    return False


def _unreadable(lines: Sequence[Line]) -> Iterator[Sentence]:
    for line in lines:
        for slot in line.found:
            if slot.row.masked:
                yield _told(
                    f"{time_of(slot.row)}{line_label(line)}的数值在原文中被隐去。",
                    [Citation.of_row(slot.row)],
                )
            elif slot.row.suspect or slot.row.value is None:
                yield _told(
                    f"{time_of(slot.row)}{line_label(line)}的数值存疑，没有参加计算。",
                    [Citation.of_row(slot.row)],
                )


def _guessed(lines: Sequence[Line]) -> Iterator[Sentence]:
    """Values that the text tells as what was before, without saying when."""
    found = [(line, slot) for line in lines for slot in line.found if guessed(slot.row)]
    if found:
        told = "、".join(
            f"{line_label(line)}（{time_of(slot.row)}{directed(line, slot.row)}）" for line, slot in found
        )
        text = f"下列数值是原文“由……到……”中的前一个数，时间按上年理解：{told}。"
        yield _told(text, [Citation.of_row(slot.row) for _, slot in found])


def _missing(plan: Plan, lines: Sequence[Line]) -> Iterator[Sentence]:
    """What is missing, one sentence a column."""
    if len(plan.columns) > MOST_MISSING:
        return  # the table says it of each cell
    for at, label in enumerate(column.label for column in plan.columns):
        lacking = [line for line in lines if line.slots[at] is None]
        if not lacking:
            continue
        if len(lacking) == len(lines):
            yield Sentence(f"{label}没有可以对照的数字。", (), "stated")
            continue
        names = "、".join(dict.fromkeys(line_label(line) for line in lacking[:MOST_OF_A_KIND]))
        more = "等" if len(lacking) > MOST_OF_A_KIND else ""
        citations = [Citation.of_row(line.found[0].row) for line in lacking[:MOST_OF_A_KIND]]
        yield _told(f"{label}缺：{names}{more}。报告没有写明，不等于没有发生。", citations)


def _told(text: str, citations: Sequence[Citation]) -> Sentence:
    return Sentence(text, tuple(dict.fromkeys(citations)), "stated")
