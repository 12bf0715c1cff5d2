"""Figures of one table row, as the readers write it: 指标：巡诊；单位：次；2021年：37。

In: a sentence of the form ``表头：值；表头：值``. Out: its figures, or None where the sentence is no such
row. A cell counts only under a header: the column of 指标 or 项目 names the figure, the column of
单位 its unit, and every other header says what the value is (a year, 目标值, 增减).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.numeral_roles import Role
from corpus.numeral_values import find_value, flatten
from corpus.numerals import Number, numbers
from corpus.periods import periods
from corpus.report import Figure, FigureKind, Span
from corpus.units import Unit, match_unit

_PAIR = re.compile(r"([^：:；;。\n]{1,40})[：:][ ]?([^；;。\n]{0,60})(?:[；;。]|$)")
_NAMES = re.compile(r"^(?:考核|主要|工作|统计)?(?:指标|项目|名称|内容|事项)(?:名称|内容|项目)?$")
_UNITS = re.compile(r"^(?:计量)?单位$")
_SKIPPED = re.compile(r"^(?:序号|编号|备注|电话|手机|时间|日期|页码)$")
_VALUES = re.compile(r"^(?:数值|实际|实绩|完成|完成数|完成值|实际完成|本年值?|本期|数量|结果|年度|值)$")
_AIMS = re.compile(r"目标|任务|计划(?!生育)|预期")
_CHANGES = re.compile(r"增减|同比|增长|变化|升降")
_HEAD_UNIT = re.compile(r"[（(]([^（）()]{1,6})[）)]$")
_CELL = re.compile(r"^(?:[≥≤><约近超达]|不少于|不低于)?-?[0-9.,*]+")


@dataclass(frozen=True, slots=True)
class _Cell:
    header: str
    text: str
    start: int


def read_row(text: str, sentence: Span, period: str) -> tuple[Figure, ...] | None:
    """The figures of a table row; None when the sentence is prose."""
    piece = sentence.of(text)
    if piece.count("：") + piece.count(":") < 2:
        return None
    pairs = list(_PAIR.finditer(piece))
    covered = sum(len(pair[0]) for pair in pairs)
    if len(pairs) < 2 or covered < len(piece.strip()) - 1:
        return None
    cells = [_Cell(p[1].strip(), p[2].strip(), sentence.start + p.start(2)) for p in pairs]
    if not any(_NAMES.match(cell.header) or _CELL.match(flatten(cell.text)) for cell in cells):
        return None
    return tuple(_figures(text, sentence, cells, period))


def _figures(text: str, sentence: Span, cells: list[_Cell], period: str) -> Iterator[Figure]:
    named = next((c.text for c in cells if _NAMES.match(c.header)), "")
    shared = next((c.text for c in cells if _UNITS.match(c.header)), "")
    row = "" if named else next((c.text for c in cells if not _CELL.match(flatten(c.text))), "")
    for cell in cells:
        header = cell.header
        if _SKIPPED.match(header) or _NAMES.match(header) or _UNITS.match(header):
            continue
        number = _read(cell, shared or _unit_in(header) or _unit_in(named))
        if number is None:
            continue
        bare = _HEAD_UNIT.sub("", header)
        times = periods(flatten(bare))
        rest = bare[: times[-1].start] + bare[times[-1].end :] if times else bare
        parts = (_HEAD_UNIT.sub("", named) or row, "" if named and _said(rest) else rest)
        yield Figure(
            indicator="".join(parts),
            value=number.value,
            unit=number.unit,
            span=number.whole,
            sentence=sentence,
            upper=number.upper,
            factor=number.factor,
            qualifier=number.qualifier,
            period=times[-1].text if times else period,
            kind=_kind(header, number),
            masked=number.masked,
            suspect=number.suspect,
            text=number.whole.of(text),
        )


def _said(rest: str) -> bool:
    """Whether a header adds nothing to the name of the row."""
    return not rest or bool(_VALUES.match(rest) or _AIMS.search(rest) or _CHANGES.search(rest))


def _unit_in(header: str) -> str:
    found = _HEAD_UNIT.search(header)
    return found[1] if found else ""


def _kind(header: str, number: Number) -> FigureKind:
    if number.role is Role.RANK:
        return FigureKind.RANK
    if _CHANGES.search(header):
        return FigureKind.DIFFERENCE
    return FigureKind.TARGET if _AIMS.search(header) else FigureKind.ACTUAL


def _read(cell: _Cell, unit: str) -> Number | None:
    """The one number of a cell, with the unit of its header where it has none itself."""
    flat = flatten(cell.text)
    if not _CELL.match(flat):
        return None
    found = numbers(cell.text)
    if len(found) == 1 and found[0].role in (Role.QUANTITY, Role.RANK) and found[0].unit:
        return _shift(found[0], cell.start)
    value = find_value(flat, 0) or find_value(flat, 1)
    if value is None or value.end < len(flat):
        return None
    known = match_unit(unit, 0) if unit else None
    scaled = find_value("1" + flatten(unit), 0) if unit else None
    factor = value.factor
    if known is None and scaled is not None:
        known, factor = match_unit("1" + unit, scaled.end), factor * scaled.factor
    known = known or Unit("", "", 0)
    return Number(
        span=Span(cell.start + value.start, cell.start + value.digits_end),
        unit_span=Span(cell.start + value.digits_end, cell.start + value.end),
        value=value.value,
        unit=known.name,
        written_unit=value.multiplier + known.written,
        factor=factor * known.factor,
        qualifier=found[0].qualifier if found else "",
        masked=value.masked,
        suspect=value.suspect,
    )


def _shift(number: Number, by: int) -> Number:
    return replace(
        number,
        span=Span(number.span.start + by, number.span.end + by),
        unit_span=Span(number.unit_span.start + by, number.unit_span.end + by),
    )
