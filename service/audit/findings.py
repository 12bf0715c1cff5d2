"""What an audit can find: kinds of contradiction with a severity, and one finding.

In: nothing. Out: the closed list of kinds with the names that users see, and :class:`Finding`. A kind
says what is wrong; how sure and how grave it is, is its severity, which a check may lower where the
words leave room for another reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from service.cited import Citation, Derived


class Severity(StrEnum):
    """How grave a finding is: 高 a figure is wrong, 中 it is likely wrong or misnamed, 低 a matter of form."""

    HIGH = "高"
    MEDIUM = "中"
    LOW = "低"

    @property
    def order(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Kind(StrEnum):
    """What does not agree."""

    SHARE = "share"
    RATE = "rate"
    SUM = "sum"
    WHOLE = "whole"
    POINTS = "points"
    PERCENT = "percent"
    BECOME = "become"
    DIRECTION = "direction"
    DIFFERENCE = "difference"
    GROWTH = "growth"
    TIMES = "times"
    DOUBLING = "doubling"
    REPEATED = "repeated"
    LAST_YEAR = "last_year"
    SPAN = "span"
    SCALE = "scale"
    OVER = "over"
    DATE = "date"
    AVERAGE = "average"
    RANK = "rank"
    TARGET = "target"
    TABLE = "table"
    ORDINAL = "ordinal"
    SUSPECT = "suspect"
    ROUNDING = "rounding"
    BASE = "base"

    @property
    def label(self) -> str:
        """The name that users see."""
        return LABELS[self]


LABELS = {
    Kind.SHARE: "占比与所列数不符",
    Kind.RATE: "比率与分子、分母不符",
    Kind.SUM: "分项之和与总数不符",
    Kind.WHOLE: "部分大于整体",
    Kind.POINTS: "比率之差应称百分点",
    Kind.PERCENT: "数量的增幅误称百分点",
    Kind.BECOME: "“增加到”与“增加了”混用",
    Kind.DIRECTION: "升降用词与数值相反",
    Kind.DIFFERENCE: "增减量与前后数不符",
    Kind.GROWTH: "增幅与前后数不符",
    Kind.TIMES: "倍数用法不当",
    Kind.DOUBLING: "翻番与前后数不符",
    Kind.REPEATED: "同一指标前后不同",
    Kind.LAST_YEAR: "与上一年报告不符",
    Kind.SPAN: "不同时段直接相比",
    Kind.SCALE: "数量级或计量单位不同",
    Kind.OVER: "比率超过上限",
    Kind.DATE: "日期或时段不存在",
    Kind.AVERAGE: "平均数与总数、个数不符",
    Kind.RANK: "位次超出参评个数",
    Kind.TARGET: "未达目标却称完成",
    Kind.TABLE: "表格与正文不符",
    Kind.ORDINAL: "序号缺漏",
    Kind.SUSPECT: "数字写法疑误",
    Kind.ROUNDING: "尾数不符",
    Kind.BASE: "基数为零",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction.

    ``message`` says what does not agree, in the source's own figures; ``citations`` are the sentences that
    hold them (one or two), ``derived`` what code recomputed, ``suggestion`` what to check.
    """

    severity: Severity
    kind: Kind
    message: str
    citations: tuple[Citation, ...]
    derived: tuple[Derived, ...] = ()
    suggestion: str = ""
