"""What the tools give back: data with its sources, typed, so that a client need not read prose (工具的结果).

In: values of the desk. Out: pydantic models, whose schemas clients see. All texts are quotations of reports or were made
from them; nothing in them is an instruction to whoever reads them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from corpus.cards import Card
from corpus.index import Hit
from corpus.ledger import Row
from service.cited import Answer, Citation
from service.ledger.screen import row_json
from service.making import Made
from service.papers.document import Document
from service.papers.markdown import markdown
from service.papers.presenting import masked
from service.remarks import Remark


class Source(BaseModel):
    """Where something stands: characters start to end of the cleaned text of a report."""

    n: int = Field(description="文中标记 [n] 的编号")
    report_id: str
    title: str
    place: str
    year: int | None
    path: list[str] = Field(description="所在的各级标题")
    start: int
    end: int
    quote: str = Field(description="报告原句")

    @classmethod
    def of(cls, n: int, citation: Citation) -> Source:
        """A citation with its number."""
        return cls.model_validate(masked({"n": n, **citation.to_json()}))


def sources(citations: tuple[Citation, ...]) -> list[Source]:
    """Citations with their numbers from 1."""
    return [Source.of(n, citation) for n, citation in enumerate(citations, 1)]


class Passage(BaseModel):
    """A passage that was found."""

    report_id: str
    title: str
    place: str | None
    year: int | None
    path: list[str]
    start: int
    end: int
    text: str
    score: float


class Passages(BaseModel):
    """What a search found; ``there_is`` says what the library has where nothing was."""

    hits: list[Passage]
    there_is: str = ""

    @classmethod
    def of(cls, hits: tuple[Hit, ...], cards: dict[str, Card], there_is: str) -> Passages:
        """Hits with the cards of their reports."""
        found = []
        for hit in hits:
            card, passage = cards.get(hit.passage.report_id), hit.passage
            if card is not None:  # removed meanwhile
                found.append(
                    {
                        "report_id": card.id,
                        "title": card.title,
                        "place": card.place,
                        "year": card.year,
                        "path": list(passage.path),
                        "start": passage.span.start,
                        "end": passage.span.end,
                        "text": passage.text,
                        "score": hit.score,
                    }
                )
        return cls.model_validate(masked({"hits": found, "there_is": "" if found else there_is}))


class Said(BaseModel):
    """A checked sentence: phrased by a model, computed, quoted, or stated of the library."""

    text: str
    status: Literal["phrased", "computed", "quoted", "stated"]
    sources: list[int]


class Answered(BaseModel):
    """A checked answer. Where it is refused, ``reason`` says what there is instead."""

    status: Literal["answered", "partial", "refused"]
    text: str = Field(description="带标记 [n] 的回答")
    reason: str
    sentences: list[Said]
    sources: list[Source]

    @classmethod
    def of(cls, answer: Answer) -> Answered:
        """An answer."""
        number = {citation: n for n, citation in enumerate(answer.sources, 1)}
        said = [
            {"text": s.text, "status": s.status, "sources": [number[c] for c in s.citations]}
            for s in answer.sentences
        ]
        told = {"status": answer.status, "text": answer.text, "reason": answer.reason, "sentences": said}
        return cls.model_validate(masked(told) | {"sources": sources(answer.sources)})


class Figure(BaseModel):
    """A figure of the ledger; numbers are text, so that no digit is lost."""

    id: str
    report_id: str
    title: str
    place: str | None
    name: str = Field(description="指标名")
    value: str | None = Field(description="以 unit 计的数值")
    upper: str | None
    unit: str
    text: str = Field(description="原文写法")
    qualifier: str
    when: str | None = Field(description="时段")
    kind: str
    masked: bool
    suspect: bool
    corrected: bool
    quote: str
    start: int
    end: int

    @classmethod
    def of(cls, row: Row) -> Figure:
        """A row."""
        told = masked(row_json(row))
        plain = {name: told[name] for name in cls.model_fields if name != "when"}
        return cls.model_validate(plain | {"when": told["when_label"]})


class Figures(BaseModel):
    """Figures in reading order; ``total`` counts all that fit, of which these begin at ``offset``."""

    rows: list[Figure]
    total: int
    offset: int


class Paper(BaseModel):
    """A document in which every figure leads to a source; ``gaps`` say what it lacks."""

    kind: str
    title: str
    markdown: str
    partial: bool
    gaps: list[str]
    notes: list[str] = Field(description="读了多少、模型是否参加等说明")
    sources: list[Source]

    @classmethod
    def of(cls, made: Made, notes: tuple[str, ...] = ()) -> Paper:
        """A document through its gate."""
        return cls.model_validate(paper(made) | {"notes": [*notes, *made.told]})


def paper(made: Made) -> dict[str, Any]:
    """The fields of a document that passed its gate."""
    sound = made.checked()
    document: Document = sound.document
    return {
        "kind": document.kind,
        "title": masked(document.title),
        "markdown": masked(markdown(sound)),
        "partial": document.partial,
        "gaps": masked(list(document.gaps)),
        "sources": sources(document.sources),
    }


class Finding(BaseModel):
    """What is wrong at a place of the text, and what to do."""

    severity: str = Field(description="高、中、低")
    name: str
    message: str
    suggestion: str
    start: int
    end: int
    quote: str
    formulas: list[str]
    sources: list[Source]

    @classmethod
    def of(cls, remark: Remark) -> Finding:
        """A remark."""
        told = masked(
            {name: getattr(remark, name) for name in cls.model_fields if name not in ("formulas", "sources")}
        )
        return cls.model_validate(
            told | {"formulas": list(remark.formulas), "sources": sources(remark.sources)}
        )


class Review(BaseModel):
    """Findings in reading order, with places in the cleaned ``texts``."""

    findings: list[Finding]
    notes: list[str]
    text: str = Field(description="读入后的文字，start 和 end 按它计数")


class Drafted(Paper):
    """A draft that is kept: its id, how its steps were written, and what has to be checked."""

    draft: str
    version: int
    steps: list[dict[str, Any]]
    checklist: dict[str, Any]
