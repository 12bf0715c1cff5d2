"""The frozen types that flow from bytes to the library.

    RawDocument → Report(Section, Figure, Passage, Repair) → library

All spans are half-open ``[start, end)`` character offsets. Spans of a :class:`Report` and of
everything inside it count in the report's *cleaned* text; ``Report.origin`` leads back to the raw
text of the file (the text that the reader made of the bytes).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from corpus.tracked import OffsetMap, Repair


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of ``text`` in this range."""
        return text[self.start : self.end]

    def holds(self, other: Span) -> bool:
        """Whether ``other`` lies inside."""
        return self.start <= other.start and other.end <= self.end


class SectionKind(StrEnum):
    """What a section is for (栏目)."""

    ACHIEVEMENTS = "achievements"  # 工作完成情况、成效、做法
    HIGHLIGHTS = "highlights"  # 亮点、创新
    PROBLEMS = "problems"  # 存在的问题和不足（含建议）
    NEXT_STEPS = "next_steps"  # 下一步打算、工作要点、任务
    GOALS = "goals"  # 目标、总体要求、指导思想
    SAFEGUARDS = "safeguards"  # 保障措施、组织领导
    OVERVIEW = "overview"  # 引言、基本情况
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese term that users see."""
        return SECTION_LABELS[self]


SECTION_LABELS = {
    SectionKind.ACHIEVEMENTS: "工作成效",
    SectionKind.HIGHLIGHTS: "亮点",
    SectionKind.PROBLEMS: "存在问题",
    SectionKind.NEXT_STEPS: "下一步打算",
    SectionKind.GOALS: "目标要求",
    SectionKind.SAFEGUARDS: "保障措施",
    SectionKind.OVERVIEW: "概况",
    SectionKind.OTHER: "其他",
}


class Genre(StrEnum):
    """Kind of document (文种)."""

    ANNUAL = "annual"  # 年度工作总结
    HALF_YEAR = "half_year"  # 半年工作总结
    PLAN = "plan"  # 工作计划、下一年度打算、规划纲要
    KEY_POINTS = "key_points"  # 工作要点
    SELF_REVIEW = "self_review"  # 自评报告
    BRIEFING = "briefing"  # 汇报、情况报告
    ARTICLE = "article"  # 论文、综述、经验文章
    NEWS = "news"  # 新闻、活动报道
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese term that users see."""
        return GENRE_LABELS[self]


GENRE_LABELS = {
    Genre.ANNUAL: "年度总结",
    Genre.HALF_YEAR: "半年总结",
    Genre.PLAN: "工作计划",
    Genre.KEY_POINTS: "工作要点",
    Genre.SELF_REVIEW: "自评报告",
    Genre.BRIEFING: "情况汇报",
    Genre.ARTICLE: "论文",
    Genre.NEWS: "活动报道",
    Genre.OTHER: "其他",
}
PLANS = (Genre.PLAN, Genre.KEY_POINTS)  # they tell what is to be done, reviews what was done


class BlockKind(StrEnum):
    """What a reader knows about a stretch of raw text."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the raw text; ``level`` is the heading level where the format tells it (else 0)."""

    kind: BlockKind
    span: Span
    level: int = 0


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a reader makes of one file; ``text`` is what all raw offsets count in."""

    name: str
    sha256: str
    size: int
    format: str  # "docx" | "pdf" | "html" | "txt" | "md" | "doc"
    text: str
    blocks: tuple[Block, ...] = ()
    encoding: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of metadata with where it was read from.

    ``how`` is "title", "header", "number" (发文字号), "body", "signature", "file name" or "user";
    ``span`` is in the cleaned text, None where the value does not stand in it.
    """

    value: str
    how: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a report says about itself; a None was not told by the page."""

    title: str
    place: Field | None = None  # 襄垣县
    issuer: Field | None = None  # 襄垣县卫生和计划生育局
    year: Field | None = None  # "2017": the year that the report is about
    period: Field | None = None  # 全年, 上半年, 下半年, 1-11月, 第一季度 …
    genre: Genre = Genre.OTHER
    number: Field | None = None  # 发文字号 襄卫发〔2017〕193号
    date: Field | None = None  # ISO date of signing, 2017-12-11

    @property
    def year_number(self) -> int | None:
        """The year as a number, None when unknown."""
        return int(self.year.value) if self.year else None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and everything under it up to the next heading of the same or a higher level.

    ``level`` 1 is 一、; 2 （一）; 3 1.; 4 （1）; 5 ①; 6 一是. ``title`` excludes the label.
    ``heading`` spans label and title, ``span`` heading and body with sub-sections.
    """

    level: int
    label: str
    title: str
    heading: Span
    span: Span
    kind: SectionKind
    path: tuple[str, ...]  # labels and titles from the top down to and including this one


class FigureKind(StrEnum):
    """What a figure states."""

    ACTUAL = "actual"  # 实际完成
    TARGET = "target"  # 目标
    REQUIREMENT = "requirement"  # 要求、标准
    RANK = "rank"  # 位次
    DIFFERENCE = "difference"  # 增减、高出


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure (指标数值) of a sentence.

    ``value`` is None when masked (**) or suspect (1.372.98). ``upper`` closes a range. ``factor``
    is the multiplier of the written unit (万 → 10000). ``qualifier`` is 约, 余, 近, 不少于, 以上 … or "".
    ``span`` covers number and unit, ``sentence`` the sentence that it stands in.
    """

    indicator: str
    value: Decimal | None
    unit: str
    span: Span
    sentence: Span
    upper: Decimal | None = None
    factor: Decimal = Decimal(1)
    qualifier: str = ""
    period: str = ""
    kind: FigureKind = FigureKind.ACTUAL
    masked: bool = False
    suspect: bool = False
    text: str = ""  # as written, e.g. "1.5万人"


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable piece of one section: 100-400 characters, whole sentences, one heading path."""

    id: str  # report id + ordinal, "1f3a…-0007"
    report_id: str
    span: Span
    text: str
    path: tuple[str, ...]
    kind: SectionKind


@dataclass(frozen=True, slots=True)
class Report:
    """One report as the library keeps it.

    ``id`` is the first 12 hex digits of sha256(file hash, ordinal in the file): the same bytes give
    the same ids. ``damages`` are spans of the cleaned text that no repair could restore; they are
    shown as damaged and yield no figures.
    """

    id: str
    source_sha256: str
    source_name: str
    ordinal: int
    text: str
    origin: OffsetMap
    metadata: Metadata
    sections: tuple[Section, ...] = ()
    passages: tuple[Passage, ...] = ()
    figures: tuple[Figure, ...] = ()
    repairs: tuple[Repair, ...] = ()
    damages: tuple[Span, ...] = ()
    masked: int = 0  # pieces of personal data that were masked
    warnings: tuple[str, ...] = ()

    def raw_offset(self, index: int) -> int:
        """Offset in the raw text of the file of the cleaned character ``index``."""
        return self.origin.raw_offset(index)


@dataclass(frozen=True, slots=True)
class Filter:
    """Hard filter of a search: every non-empty field must match, values within a field are alternatives."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    periods: tuple[str, ...] = ()
    genres: tuple[Genre, ...] = ()
    kinds: tuple[SectionKind, ...] = ()
    report_ids: tuple[str, ...] = ()
