"""What separates two aligned values: change, growth, rank, each computed in code (增减与位次).

In: two slots of one line. Out: a :class:`Delta` whose figures are :class:`~service.cited.Derived`, with
what it must be taken with (``reserve``), or with the reason why there is none: half a year against a
year, a range, a bound, a masked value, opposite directions. Nothing here calls a rise good or bad: for a
death rate it is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.ledger import Row
from service.cited import Citation, Derived, Operand
from service.memo.aligning import Line, Slot, unlike
from service.memo.cells import time_of
from service.memo.measures import Form, Stance, falls
from service.papers import derivation

ABOUT = re.compile(r"约|左右|近|余|多|大约|上下|大概")
BOUND = re.compile(
    r"超|以上|以下|以内|不少于|不低于|不高于|不超过|至少|至多|突破|逾|不足|低于|少于|高于|多于"
)


@dataclass(frozen=True, slots=True)
class Words:
    """How a rise and a fall are said of rates and of amounts."""

    rate: tuple[str, str]
    amount: tuple[str, str]
    same: str


OVER_TIME = Words(("提高", "下降"), ("增加", "减少"), "持平")
ACROSS = Words(("高", "低"), ("多", "少"), "相同")
DECREASES = Words(("扩大", "缩小"), ("增加", "减少"), "持平")  # of two rates of decrease


@dataclass(frozen=True, slots=True)
class Delta:
    """From ``old`` to ``new``. ``reason`` is why there is no change, ``reserve`` what to mind with it."""

    old: Slot
    new: Slot
    change: Derived | None = None
    growth: Derived | None = None
    text: str = ""
    reserve: tuple[str, ...] = ()
    reason: str = ""

    @property
    def derived(self) -> tuple[Derived, ...]:
        """The computed figures of the text."""
        return tuple(d for d in (self.change, self.growth) if d is not None)

    @property
    def direction(self) -> int:
        """1 for a rise, -1 for a fall, 0 for none or none known."""
        value = self.change.value if self.change else 0
        return (value > 0) - (value < 0)


def delta(line: Line, old: Slot, new: Slot, *, over_time: bool = True) -> Delta:
    """What separates two slots of a line; growth only over time."""
    reason = _refusal(line, old, new)
    first, second = _operand(old.row), _operand(new.row)
    if reason or first is None or second is None:
        return Delta(old, new, reason=reason or "原文的写法无法复算")
    change = derivation.difference(second, first)
    if change is None:
        return Delta(old, new, reason=f"计量单位不同（{_unit(old.row)}、{_unit(new.row)}）")
    reserve = _reserve(line, old, new)
    wanted = over_time and line.measure.form is Form.LEVEL and not line.measure.is_rate
    growth = derivation.growth(second, first) if wanted and change.value else None
    if wanted and not first.value:
        reserve += ("基数为零，不计算增长率",)
    fallen = falls(old.row)
    words = DECREASES if fallen else OVER_TIME if over_time else ACROSS
    text = _text(line, change, growth, words)
    about = any(ABOUT.search(slot.row.qualifier) for slot in (old, new))
    return Delta(old, new, change, growth, f"约{text}" if about and change.value else text, reserve)


def _text(line: Line, change: Derived, growth: Derived | None, words: Words) -> str:
    up, down = words.rate if line.measure.is_rate else words.amount
    said = derivation.moved(change, up, down, words.same)
    if growth is None:
        return said
    return f"{said}（{derivation.moved(growth, '增长', '下降', '持平')}）"


def _refusal(line: Line, old: Slot, new: Slot) -> str:
    """Why two slots must not be compared, "" where they may."""
    rows = (old.row, new.row)
    if any(row.masked for row in rows):
        return "数值被隐去"
    if any(row.suspect or row.value is None for row in rows):
        return "数值存疑"
    if any(row.upper is not None for row in rows):
        return "有一方是区间"
    if unlike(old.phase, new.phase) == "refuse":
        return f"时段不同（{time_of(old.row)}、{time_of(new.row)}）"
    if line.measure.form is Form.RANK:
        return "位次不作增减"
    if falls(old.row) != falls(new.row):
        return "升降方向相反"
    bounds = [row for row in rows if BOUND.search(row.qualifier)]
    if bounds and line.measure.stance is Stance.ACTUAL:
        return f"原文只给出界限（{_squeezed(bounds[0].text)}）"
    return ""


def _reserve(line: Line, old: Slot, new: Slot) -> tuple[str, ...]:
    """What a reader must mind with a difference."""
    one, other = old.row, new.row
    found = []
    if unlike(old.phase, new.phase):
        found.append(f"时段不尽相同（{time_of(one)}、{time_of(other)}）")
    if any(ABOUT.search(row.qualifier) for row in (one, other)):
        found.append("原文是约数，差额也是约数")
    if any(BOUND.search(row.qualifier) for row in (one, other)):
        found.append("按目标的界限值计算")
    if one.factor != other.factor:
        found.append(f"单位已换算（{_unit(one)}、{_unit(other)}）")
    if one.unit != other.unit and {one.unit, other.unit} != {"", line.measure.unit}:
        found.append(f"量词不同（{one.unit or '无'}、{other.unit or '无'}）")
    for slot in (old, new):
        if slot.rivals or slot.elsewhere:
            found.append("有一方存在不一致的数值")
            break
    return tuple(found)


def ranks(line: Line, slots: Sequence[Slot | None]) -> tuple[Derived | None, ...]:
    """第1位, 第2位 … from high to low among the slots that compare; None where a slot does not."""
    usable = [slot for slot in slots if slot is not None and ranked(line, slot, slots)]
    operands = {id(slot): _operand(slot.row) for slot in usable}
    known = [slot for slot in usable if operands[id(slot)] is not None]
    if len(known) < 2:
        return tuple(None for _ in slots)
    result: list[Derived | None] = []
    for slot in slots:
        own = operands.get(id(slot)) if slot is not None else None
        others = [o for other in known if other is not slot and (o := operands[id(other)]) is not None]
        result.append(derivation.rank(own, others) if own is not None else None)
    return tuple(result)


def ranked(line: Line, slot: Slot, slots: Sequence[Slot | None]) -> bool:
    """Whether a slot compares with every other one of its line that can be ranked at all."""
    peers = [other for other in slots if other is not None and line.alike(other)]
    return line.alike(slot) and all(not _refusal(line, slot, other) for other in peers if other is not slot)


def _operand(row: Row) -> Operand | None:
    return derivation.operand(row, Citation.of_row(row))


def _unit(row: Row) -> str:
    """The unit as written: 万元."""
    return re.sub(r"^[^0-9]*[0-9.,，\s]+|[余多约左右以上下内不到]", "", row.text) or row.unit or "无单位"


def _squeezed(text: str) -> str:
    return "".join(text.split())
