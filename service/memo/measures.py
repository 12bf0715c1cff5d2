"""What a row of the ledger measures, so that only like is laid beside like (口径).

In: a row with its source sentence. Out: a :class:`Measure`: the indicator, its unit, whether the value is
a level, a growth rate or an amount of change, and whether it was reached, aimed at or required. 国内生产总值
56.9万亿元, 国内生产总值增长7.7% and 目标增长7.5% are three measures; 居民消费价格上涨0.9% and 居民消费价格涨幅3% are
one kind of value (a growth rate), reached and aimed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.ledger import Row
from corpus.report import FigureKind, SectionKind
from service.arithmetic import COUNTS


class Form(StrEnum):
    """What kind of value it is."""

    LEVEL = "level"  # 达到56.9万亿元
    GROWTH = "growth"  # 增长7.7%
    CHANGE = "change"  # 提高30元, 下降0.4个百分点
    RANK = "rank"  # 第2名


class Stance(StrEnum):
    """Whether it was reached, aimed at or required."""

    ACTUAL = "actual"
    TARGET = "target"
    REQUIREMENT = "requirement"


STANCE_LABELS = {Stance.ACTUAL: "", Stance.TARGET: "目标", Stance.REQUIREMENT: "要求"}
AHEAD = (SectionKind.NEXT_STEPS, SectionKind.GOALS)

# A word of change directly before the number; 提高到 tells a level, 提高 a change.
_MOVED = re.compile(
    r"(?P<word>增长|增加|提高|提升|上升|上涨|上调|扩大|增|涨|升|下降|降低|减少|下调|回落|回调|缩小|缩短|压减|压缩|削减|降|减|"
    r"高出|多出|[高多低少])(?:了|幅度|幅|约|近|超过?|逾|不低于|不少于|再|[\s　])*$"
)
_FALLS = re.compile(r"降|减|落|缩|低|少|削|下调")
# 再增加30元和5元: the second is a change like the first.
_AND = re.compile(r"[0-9.]+[万亿]*[^，,；;。0-9]{0,3}[和、与]$")
_NAMED_GROWTH = re.compile(r"(?:涨幅|增速|增幅|增长率|增长幅度|增长速度|同比增长|同比|增长|上涨)$")
_NAMED_FALL = re.compile(r"(?:降幅|降低率|下降率|下降幅度|下降|降低|减少|减少率)$")
_NAMED = re.compile(rf"(?:{_NAMED_GROWTH.pattern}|{_NAMED_FALL.pattern}|(?:提高|增加|上升|扩大)$)")
_COUNT_SUFFIX = re.compile(r"(?<=..)(?:人次数|人数|例数|次数|数量|总数|家数|个数|户数|数)$")
_AIMED = re.compile(r"^(?:但|拟安排|拟|预计|力争|确保)(?=.{3})")
_RAISED = re.compile(r"(?:增加|提高|提升|降低|下降)到(?:人均|每人)?$")
_YEARLY = re.compile(r"年均[^，,；;。]{0,8}$")
_SINCE = re.compile(r"[比较]((?:19|20)\d{2})年[^，,；;。]{0,10}$")
_POINTS = ("个百分点", "个千分点", "个点")
_UNITS = {unit: sorted(group)[0] for group in COUNTS for unit in group} | {"个点": "个百分点"}


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """Rows of equal measure can be laid side by side."""

    name: str
    unit: str
    form: Form = Form.LEVEL
    stance: Stance = Stance.ACTUAL
    basis: str = ""  # 年均, 比2015年: what a change refers to where it is not the year before

    @property
    def is_rate(self) -> bool:
        """Whether its values are shares or growth rates."""
        return self.unit in ("%", "‰", "个百分点", "个千分点")

    def label(self, name: str = "", *, falls: bool = False) -> str:
        """The name that a reader sees, 国内生产总值增长（目标）; ``name`` is another wording of the indicator."""
        name = name or self.name
        stance = STANCE_LABELS[self.stance]
        return f"{self.basis}{name}{self._ending(name, falls)}" + (f"（{stance}）" if stance else "")

    def _ending(self, name: str, falls: bool) -> str:
        if self.form is Form.LEVEL:
            return ""
        if self.form is Form.RANK:
            return "" if name.endswith(("位次", "排名")) else "位次"
        if (_NAMED_FALL if falls else _NAMED_GROWTH).search(name):
            return ""
        if self.form is Form.GROWTH:
            return "下降" if falls else "增长"
        if self.is_rate:
            return "下降" if falls else "提高"
        return "减少" if falls else "增加"


def measure_of(row: Row) -> Measure:
    """The measure of a row."""
    left = left_of(row)
    form = form_of(row, left)
    basis = ""
    name = row.name
    if form in (Form.GROWTH, Form.CHANGE):
        since, yearly = _SINCE.search(left), _YEARLY.search(left)
        last = row.when.start.year - 1 if row.when else None
        basis = "年均" if yearly else f"比{since[1]}年" if since and int(since[1]) != last else ""
        name = _NAMED.sub("", name) or name
    return Measure(_plain(name, row.unit), unit_of(row), form, stance_of(row), basis)


def bare_of_change(name: str) -> tuple[str, bool]:
    """A name without 增长, 涨幅, 下降, and whether it had such a word."""
    base = _NAMED.sub("", name)
    return (base, base != name) if base else (name, False)


def falls(row: Row) -> bool:
    """Whether a growth rate or a change is one downwards."""
    moved = _MOVED.search(_AND.sub("", left_of(row)))
    return bool(moved and _FALLS.search(moved["word"])) or bool(_NAMED_FALL.search(row.name))


def left_of(row: Row) -> str:
    """The source sentence up to the figure."""
    return row.quote[: max(0, row.span.start - row.sentence.start)]


def unit_of(row: Row) -> str:
    """The unit that stands for all that count the same kind of thing (名, 位 → 人)."""
    return _UNITS.get(row.unit, row.unit)


def stance_of(row: Row) -> Stance:
    """Reached, aimed at or required; a change that a plan names is aimed at."""
    if row.kind is FigureKind.TARGET:
        return Stance.TARGET
    if row.kind is FigureKind.REQUIREMENT:
        return Stance.REQUIREMENT
    if row.kind is FigureKind.DIFFERENCE and row.section in AHEAD:
        return Stance.TARGET
    return Stance.ACTUAL


def form_of(row: Row, left: str) -> Form:
    """What kind of value it is, by its kind, its name and the words directly before it."""
    if row.kind is FigureKind.RANK:
        return Form.RANK
    moved = _MOVED.search(_AND.sub("", left))
    relative = row.unit in ("%", "‰", "倍")
    if relative and (_NAMED_GROWTH.search(row.name) or _NAMED_FALL.search(row.name)):
        return Form.GROWTH
    if row.unit in _POINTS:
        return Form.CHANGE
    if row.kind is FigureKind.DIFFERENCE or (moved and len(moved["word"]) > 1):
        return Form.GROWTH if relative else Form.CHANGE
    return Form.LEVEL


def _plain(name: str, unit: str) -> str:
    """The name without what is said of it (拟安排…, …提高到人均) and, of a count, without 人数."""
    name = _AIMED.sub("", _RAISED.sub("", name)) or name
    if unit in ("%", "‰", "元", "个百分点"):
        return name
    return _COUNT_SUFFIX.sub("", name)
