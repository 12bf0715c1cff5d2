"""Drafts as the API takes and shows them (起草接口的样子)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from corpus.drafts import Version
from service.draft import telling
from service.draft.inputs import Kind
from service.draft.session import Work
from service.http.shapes import CitationOut, Shape
from service.papers.presenting import masked

Text = Annotated[str, Field(max_length=20_000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Cell = str | int | float | bool | list[str] | None
EXAMPLE: dict[str, Any] = {
    "基本信息": {"文种": "工作计划", "单位": "澄河县卫生健康局", "地区": "澄河县", "年度": "2023"},
    "指标": [
        {"名称": "家庭医生签约率", "单位": "%", "上年值": "61.3", "本年值": "66.8", "目标值": "不低于70"}
    ],
    "问题": [{"编号": "问题1", "问题": "乡村医生后继乏人", "表现": "60岁以上的占四成"}],
    "任务": [
        {
            "任务": "定向培养乡村医生",
            "针对问题": "问题1",
            "责任单位": "基层卫生股",
            "完成时限": "2023年9月底前",
        }
    ],
}


class PrefillIn(Shape):
    """What is to be drafted."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "plan", "place": "澄河县", "year": 2023}]}
    )
    kind: Kind
    place: Name
    year: int = Field(ge=1990, le=2100, description="年度；计划写要计划的那一年")
    office: str = Field("", max_length=200)


class NoteOut(Shape):
    """A prefilled cell: the row counts from 0 within its sheet."""

    sheet: str
    row: int
    column: str
    note: str
    citations: list[CitationOut]


class PrefillOut(Shape):
    """An input that the library offers; ``input`` has the four sheets and can be sent back filled in."""

    input: dict[str, Any]
    notes: list[NoteOut]
    messages: list[str]
    reports: list[str]


class DraftIn(Shape):
    """The input of a draft: the four sheets with their columns by their Chinese names."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"input": EXAMPLE}]})
    input: dict[str, dict[str, Cell] | list[dict[str, Cell]]] = Field(
        description="基本信息、指标、问题、任务", max_length=10
    )
    outline: str | None = Field(None, max_length=200_000, description="修改过的提纲文本")


class OutlineIn(Shape):
    """An outline as text: titles changed, lines moved or deleted, the keys as they were."""

    text: str = Field(min_length=1, max_length=200_000)


class WriteIn(Shape):
    """What is to be written."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sections": ["2.3"]}]})
    sections: list[Name] = Field([], max_length=200, description="重写这些部分或步骤：2、2.3 或标题")
    again: bool = Field(False, description="提纲和正文都从头来（手工改写的除外）")
    no_model: bool = Field(False, description="不用语言模型，由程序组句")


class StepIn(Shape):
    """Text written by hand for a step."""

    text: str = Field(max_length=20_000, examples=["高血压患者规范管理率为58.4%。"])


class FilesIn(Shape):
    """Official parts of the Word files; null takes what the input says, "" leaves the part out."""

    version: int | None = Field(None, ge=1)
    office: Text | None = None
    head: Text | None = Field(None, description="红头")
    number: Text | None = Field(None, description="发文字号", examples=["澄卫发〔2023〕12号"])
    signer: Text | None = Field(None, description="签发人，只有上行文才写；几个人之间用顿号")
    addressee: Text | None = None
    attachments: list[Name] | None = Field(None, max_length=50)
    copies: Text | None = None
    printer: Text | None = None
    day: str | None = Field(None, max_length=40, description="成文日期", examples=["2023-01-15"])
    template: str | None = Field(None, max_length=80, description="模板的名称或编号；不给则按公文格式")


class DraftRow(Shape):
    """A draft in a list."""

    draft: str = Field(examples=["0f3a5c7e9b2d"])
    kind: Kind
    title: str
    place: str
    year: int
    steps: int
    open: int
    versions: int
    updated_at: str


class StepOut(Shape):
    """One step: what it tells (facts), what was written, how."""

    key: str = Field(examples=["2.3"])
    heading: str
    how: Literal["table", "by_hand", "phrased", "composed", "open", "empty"]
    sentences: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    faults: list[str]
    gaps: list[str]
    rows: list[str]
    table: dict[str, Any] | None


class PartOut(Shape):
    """A section."""

    key: str
    title: str
    lead: list[str]
    steps: list[StepOut]


class DraftOut(DraftRow):
    """A draft, whole or under way."""

    version: int
    under_way: bool
    revision: int
    note: str
    parts: list[PartOut]
    job: str | None = Field(None, description="正在写它的任务")
    messages: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, work: Work, job: str | None = None, messages: tuple[str, ...] = ()) -> DraftOut:
        """A draft."""
        told = masked(telling.state(work)) | {"job": job, "messages": masked(list(messages))}
        return cls.model_validate(told)


class OutlineOut(Shape):
    """An outline as text that can be edited."""

    text: str
    title: str


class VersionOut(Shape):
    """A version."""

    number: int
    note: str
    created_at: str

    @classmethod
    def of(cls, one: Version) -> VersionOut:
        """A version."""
        return cls.model_validate(masked(telling.version(one)))


class DiffOut(Shape):
    """What changed from one version to another, by step and sentence."""

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, json_schema_extra={"required": ["from", "to"]}
    )
    draft: str
    from_: int = Field(alias="from")
    to: int
    titles: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    same: int


class UnheldOut(Shape):
    """A numeral that no source of the step holds, and what may have been meant."""

    numeral: str
    start: int
    end: int
    why: str
    candidates: list[dict[str, Any]]


class LookOut(Shape):
    """What a hand-written text would do at the gate; ``sound`` says whether it can be saved."""

    sound: bool
    notes: list[str]
    sentences: list[dict[str, Any]]
    unheld: list[UnheldOut]
