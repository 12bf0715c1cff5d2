"""Reports, passages, citations and answers as the API shows them (接口上的样子).

In: values of the desk. Out: pydantic models, whose schemas are the OpenAPI document. Texts are plain text: who shows
them in a page must escape them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corpus.cards import Card
from corpus.duplicates import Duplicate
from corpus.index import Hit
from corpus.removed import Removed
from corpus.report import Report, Span
from service import remedies
from service.papers.presenting import masked
from service.screen_reports import HOW
from service.work.jobs import Job


class Shape(BaseModel):
    """Base of all bodies: what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class SpanOut(Shape):
    """Characters ``[start, end)`` of the cleaned text."""

    start: int
    end: int

    @classmethod
    def of(cls, span: Span) -> SpanOut:
        """A span."""
        return cls(start=span.start, end=span.end)


class ReportCard(Shape):
    """One report in a list."""

    id: str = Field(examples=["1f3a5c7e9b2d"])
    title: str = Field(examples=["澄河县卫生健康局2022年工作总结"])
    place: str | None = Field(examples=["澄河县"])
    year: int | None = Field(examples=[2022])
    period: str | None
    genre: str = Field(examples=["annual"])
    genre_label: str = Field(examples=["年度总结"])
    issuer: str | None
    number: str | None
    date: str | None
    source_name: str
    ordinal: int
    characters: int
    passages: int
    figures: int
    repairs: int
    damages: int
    masked: int
    duplicates: list[str]
    merged_into: str
    edited: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, card: Card) -> ReportCard:
        """A card."""
        plain = {name: getattr(card, name) for name in cls.model_fields if hasattr(card, name)}
        lists = {name: list(getattr(card, name)) for name in ("duplicates", "edited", "warnings")}
        lists["warnings"] = [remedies.plain(warning) for warning in lists["warnings"]]
        return cls(**plain | lists | {"genre": card.genre.value, "genre_label": card.genre.label})


class FieldOut(Shape):
    """One piece of metadata with where it was read from."""

    value: str
    how: str
    how_label: str
    span: SpanOut | None


class SectionOut(Shape):
    """A heading of the outline."""

    level: int
    label: str
    title: str
    kind: str
    kind_label: str
    heading: SpanOut
    span: SpanOut


class ReportOut(Shape):
    """One report: its card, its metadata with where it was read, its outline."""

    card: ReportCard
    metadata: dict[str, FieldOut | None]
    outline: list[SectionOut]

    @classmethod
    def of(cls, card: Card, report: Report) -> ReportOut:
        """A report with its card."""
        told: dict[str, FieldOut | None] = {}
        for name in ("place", "issuer", "year", "period", "number", "date"):
            field = getattr(report.metadata, name)
            told[name] = field and FieldOut(
                value=field.value,
                how=field.how,
                how_label=HOW.get(field.how, field.how),
                span=field.span and SpanOut.of(field.span),
            )
        outline = [
            SectionOut(
                level=section.level,
                label=section.label,
                title=section.title,
                kind=section.kind.value,
                kind_label=section.kind.label,
                heading=SpanOut.of(section.heading),
                span=SpanOut.of(section.span),
            )
            for section in report.sections
        ]
        return cls(card=ReportCard.of(card), metadata=told, outline=outline)


class TextOut(Shape):
    """A window of a text. ``marked`` is the span that was asked for, in the same text."""

    text: str
    start: int
    end: int
    total: int
    marked: SpanOut | None = None
    damages: list[SpanOut] = []


class RepairOut(Shape):
    """One change from raw to cleaned text; offsets count in the raw text."""

    kind: str
    start: int
    end: int
    before: str
    after: str
    note: str


class DuplicateOut(Shape):
    """A copy and the report that it was merged into."""

    report_id: str
    kept_id: str
    kind: str = Field(description="exact、near 或 user")
    similarity: float

    @classmethod
    def of(cls, one: Duplicate) -> DuplicateOut:
        """A merged copy."""
        return cls(
            report_id=one.report_id, kept_id=one.kept_id, kind=str(one.kind), similarity=one.similarity
        )


class RemovedOut(Shape):
    """A removed report that can be restored."""

    id: str
    title: str
    source_name: str
    removed_at: str

    @classmethod
    def of(cls, one: Removed) -> RemovedOut:
        """A removed report."""
        return cls(id=one.id, title=one.title, source_name=one.source_name, removed_at=one.removed_at)


class HitOut(Shape):
    """A passage that was found."""

    rank: int
    score: float
    why: str
    report_id: str
    title: str
    place: str | None
    year: int | None
    path: list[str]
    section: str
    start: int
    end: int
    text: str

    @classmethod
    def of(cls, rank: int, hit: Hit, card: Card) -> HitOut:
        """A hit with the card of its report."""
        passage = hit.passage
        return cls(
            rank=rank,
            score=hit.score,
            why=hit.why,
            report_id=card.id,
            title=card.title,
            place=card.place,
            year=card.year,
            path=list(passage.path),
            section=passage.kind.value,
            start=passage.span.start,
            end=passage.span.end,
            text=passage.text,
        )


class CitationOut(Shape):
    """Where a sentence comes from: it opens at these characters of the cleaned text."""

    report_id: str
    title: str
    place: str
    year: int | None
    path: list[str]
    start: int
    end: int
    quote: str


class SentenceOut(Shape):
    """A sentence of an answer: phrased by the model and checked, computed, quoted, or stated."""

    text: str
    status: Literal["phrased", "computed", "quoted", "stated"]
    citations: list[CitationOut]
    figures: list[str]


class TimingsOut(Shape):
    """Milliseconds from the question."""

    search_ms: int
    first_token_ms: int
    total_ms: int


class AnswerOut(Shape):
    """A checked answer."""

    question: str
    status: Literal["answered", "partial", "refused"]
    text: str
    reason: str
    sentences: list[SentenceOut]
    evidence: list[CitationOut]
    dropped: int
    repaired: int
    signature: str
    timings: TimingsOut


class JobOut(Shape):
    """A job. ``result`` and ``error`` come with its end; files named in ``result.files`` can be fetched."""

    id: str = Field(examples=["5f2c9d1e0b7a4433"])
    kind: str = Field(examples=["ingest"])
    collection: str = Field(examples=["main"])
    state: Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
    done: int
    total: int
    note: str
    ahead: int = Field(description="jobs that come before a queued one")
    waits: int = Field(description="calls of the model that come before the one that a running job wants")
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created: str
    updated: str

    @classmethod
    def of(cls, job: Job) -> JobOut:
        """A job."""
        plain = {name: getattr(job, name) for name in cls.model_fields}
        return cls(**plain | {"result": masked(job.result)})
