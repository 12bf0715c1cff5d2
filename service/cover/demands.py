"""What a clause of the superior asks for in figures, and of whom (指标要求).

In: rows of the ledger of the superior's report, the place whose plan is looked at. Out: :class:`Demand` in order. A
superior writes to several at once: 全市引进120名 is a sum of which a county bears its part, 云泽县压减到5个以内 is for
云泽县 alone, 市直医院选派20名 is its own affair, and 每县至少1所 or a rate is asked of each. Only what is asked of the
county itself is compared with its figures; to hold a part against a sum would call every county short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.ledger import Row
from corpus.places import find_places
from corpus.report import FigureKind, Span
from service.arithmetic import RATES

_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT, FigureKind.DIFFERENCE)
# A rate, or a standard that each has to reach: it is the same number for the whole and for every part.
_LEVELS = RATES | {
    "分",
    "/10万",
    "/万",
    "天",
    "小时",
    "分钟",
    "秒",
    "年",
    "个月",
    "工作日",
    "种",
    "项",
    "类",
    "倍",
}
_EACH = re.compile(r"各(?!项|类|级|种|专|界|方)|每(?!年|月|周|季|日|天)|至少|县级")
_RATE = re.compile(r"率$|占比|比重|比例|人均|均$|平均|满意度|水平|每(?!年|月|周|季|日|天)")
# 闲置超过三个月, 半径超过8公里, 海拔1200米以上 tell when something is to be done, and no level.
_CONDITIONS = frozenset({"岁", "米", "公里", "平方米", "周岁"})
_CONDITION = re.compile(r"(?:(?<!不)超过?|不足|(?<!不)低于|连续|满|(?<!不)大于|(?<!不)小于)$")
_LEVEL = re.compile(r"[达至到]|不少于|不低于|不超过|控制|建成|新增|增加|至少|选派|引进")
_GENERIC = re.compile(r"^(?:山|湖|库|牧|林|城|工业|农业|贫困|平原).{0,2}[县区]$")
_LEAD = (
    r"(?:[（(]?[\d一二三四五六七八九十]{1,3}[）).、是要]?|、)?(?:年内|年底前)?"
    r"(?:由|依托|在|以|支持|推动|推进|确保|启动|完成|建成|加强|发挥|组织|完善|优化|努力|落实)*"
)
_LOWER = re.compile(r"县区|各县|县级|每县|[两三四五六七八九]县|市县|乡镇")
_LEARNT = re.compile(r"经验|做法|模式|借鉴|学习|对口|协作|帮扶")

_DOING = re.compile(
    r"建成|建设|新建|建立|开设|增设|设立|设置|组建|创建|配备|配置|购置|完成|实现|推广|开展|提供|招聘|引进|选派|选送|每个?县区?|各县区?"
)
LEAST_NAMED = 4  # characters: a shorter rest of a name says too little


class Reach(StrEnum):
    """Of whom something is asked."""

    OWN = "own"  # of this county: by name, as one of each, or as a rate
    PART = "part"  # of all together: the county bears a part that the superior does not tell
    OTHER = "other"  # of another place, or of the superior's own bodies


@dataclass(frozen=True, slots=True)
class Demand:
    """One figure that is asked for; ``open`` says that it is for a kind of county (山区县) that may be this one."""

    row: Row
    reach: Reach
    open: bool = False


def demands(
    rows: Sequence[Row], text: str, span: Span, own: str | None, above: str | None
) -> tuple[Demand, ...]:
    """The figures asked for in a clause.

    Args:
        rows: those of the superior's report.
        text: its text.
        span: the clause.
        own: the county.
        above: the superior's place.
    """
    found: list[Demand] = []
    start, reach = span.start, Reach.OWN
    for row in rows:
        if not span.holds(row.span):
            continue
        # 市级配备900人、县区各配备150人: of whom, says what stands before each figure.
        reach = _named(text[start : row.span.start].strip(), own, above) or reach
        start = row.span.end
        if _is_demand(row, text[span.start : row.span.start]):
            found.append(_demand(row, text[span.start : row.span.start], reach, own, above))
    return tuple(found)


def reach_of(clause: str, own: str | None, above: str | None) -> Reach:
    """Of whom a clause asks what it says; OWN also where it names nobody."""
    return _named(clause.strip(), own, above) or Reach.OWN


def _named(clause: str, own: str | None, above: str | None) -> Reach | None:
    """Of whom a stretch says that it asks; None where it names nobody."""
    names = [place.name for place in find_places(clause) if place.name != above]
    if own and own in names:
        return Reach.OWN
    if names and not _LEARNT.search(clause) and not any(_GENERIC.match(name) for name in names):
        return Reach.OTHER
    if _LOWER.search(clause):
        return Reach.OWN
    return Reach.OTHER if own != above and _of_superior(clause, above) else None


def _of_superior(clause: str, above: str | None) -> bool:
    """Whether a clause is about a body of the superior's own: 市直医院, 市质控中心, 市级."""
    if not above or above[-1] not in "省市州盟":
        return False
    rank = above[-1]
    body = rf"{rank}[一-鿿]{{0,8}}?(?:医院|中心|院|站|局|办|委)"
    return bool(re.match(rf"{_LEAD}(?:{rank}(?:级|直|属|本级|财政|政府)|{body}|{above})", clause))


def _demand(row: Row, before: str, reach: Reach, own: str | None, above: str | None) -> Demand:
    place = row.place or ""
    named = bool(place) and place not in (above, own) and not place.startswith("全")
    if named or reach is Reach.OTHER:
        return Demand(row, Reach.OTHER, open=named and bool(_GENERIC.match(place)))
    level = row.unit in _LEVELS or _RATE.search(row.indicator) or _EACH.search(before)
    return Demand(row, Reach.OWN if level or own in (above, place) else Reach.PART)


def _is_demand(row: Row, before: str) -> bool:
    """Whether a figure sets a level to be reached."""
    if row.kind not in _AIMS or row.former or row.value is None or row.unit in _CONDITIONS:
        return False
    if _CONDITION.search(before):
        return False
    return bool(re.search(r"\d", row.text)) or row.unit in RATES or bool(_LEVEL.search(before[-8:]))


def kernel(name: str) -> str:
    """What is counted, without where and by whom: 在甲、乙两镇开设慢性病门诊 and 每个县区建成慢性病门诊 are of one thing."""
    rest = _DOING.split(name)[-1]
    return rest if len(rest) >= LEAST_NAMED else name
