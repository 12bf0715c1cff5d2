"""The structured input of a draft: what an office knows and wants said (基本信息、指标、问题、任务).

In: rows as they stand in the workbook or the YAML file, already validated by their readers. Out: frozen values that
outline, composing and checks work on. Every row knows its address (``at``, as 问题!第3行 or problems[1]), so that a
message can name it and a sentence can cite it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from service.cited import Citation


class Kind(StrEnum):
    """What is drafted."""

    PROBLEMS = "problems"  # 存在问题和下一步打算
    PLAN = "plan"  # 下一年度工作计划
    SUMMARY = "summary"  # 年度工作总结

    @property
    def label(self) -> str:
        """The Chinese term that users see."""
        return KIND_LABELS[self]


KIND_LABELS = {
    Kind.PROBLEMS: "存在问题和下一步打算",
    Kind.PLAN: "工作计划",
    Kind.SUMMARY: "工作总结",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A value as the user gave it: ``text`` without unit as it is to be written (不低于95, 1.2万), ``value`` its
    number with 万 and 亿 multiplied out; ``qualifier`` is 约, 不低于, 以上 … or "".
    """

    value: Decimal
    text: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Basic:
    """What the document is about (基本信息).

    ``year`` is the year that the document is about: the past year of a summary and of a problems section, the
    coming year of a plan. ``as_of`` is the last day that the figures cover (截止日期).
    """

    office: str  # 单位, as it signs: 澄河县卫生健康局
    place: str  # 地区: 澄河县
    year: int
    kind: Kind
    as_of: date | None = None
    title: str = ""  # "" → made of place, year and kind
    number: str = ""  # 发文字号
    addressee: str = ""  # 主送机关
    attachments: tuple[str, ...] = ()  # 附件
    copies: str = ""  # 抄送
    day: date | None = None  # 成文日期
    at: str = ""
    signer: str = ""  # 签发人, of a document to a superior
    requirements: str = ""  # 总体要求: how a plan opens, in the office's own words
    safeguards: tuple[str, ...] = ()  # 保障措施 of a plan

    @property
    def past(self) -> int:
        """The year that 本年值 and the problems are about: the year before the one that is planned."""
        return self.year - 1 if self.kind is Kind.PLAN else self.year


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator (指标): ``this`` is the value of ``Basic.past``, ``last`` that of the year before it, ``target`` that
    of the year to come. A None was not given.
    """

    name: str
    unit: str
    last: Amount | None = None
    this: Amount | None = None
    target: Amount | None = None
    scope: str = ""  # 口径
    source: str = ""  # 来源, the user's words
    at: str = ""
    citations: tuple[Citation, ...] = ()  # sentences of reports that values were taken from and still hold


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem (问题): what, how it shows (表现), why (原因). ``key`` is what tasks refer to: 问题1."""

    key: str
    title: str
    shows: str = ""
    cause: str = ""
    at: str = ""
    citations: tuple[Citation, ...] = ()


OPEN = "待补"  # 完成情况 of a task of the past year that the reports do not tell


@dataclass(frozen=True, slots=True)
class Task:
    """One task (任务): which problems it answers (keys), measure, office, deadline, target.

    ``deadline`` is as it is to be written (2023年9月底前), ``due`` its last day where it is a date; ``progress``
    (完成情况) is for summaries; :data:`OPEN` says that something is to be told there which nobody filled in yet.
    """

    key: str
    title: str
    answers: tuple[str, ...] = ()
    measure: str = ""
    office: str = ""
    deadline: str = ""
    due: date | None = None
    target: str = ""
    progress: str = ""
    at: str = ""
    citations: tuple[Citation, ...] = ()
    area: str = ""  # 板块: the heading that it stands under, as 医药卫生体制改革


@dataclass(frozen=True, slots=True)
class DraftInput:
    """A whole input. ``name`` is the file's name, ``sha256`` the hash of its content (not of its layout)."""

    basic: Basic
    indicators: tuple[Indicator, ...] = ()
    problems: tuple[Problem, ...] = ()
    tasks: tuple[Task, ...] = ()
    name: str = ""
    sha256: str = ""
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def problem(self, key: str) -> Problem | None:
        """The problem that a task refers to; None where there is none of this key."""
        return next((p for p in self.problems if p.key == key), None)

    def tasks_for(self, key: str) -> tuple[Task, ...]:
        """The tasks that answer a problem."""
        return tuple(task for task in self.tasks if key in task.answers)
