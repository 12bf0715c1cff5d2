"""A report as rows of the library, and back.

In: a :class:`Report`. Out: the values of its rows in ``reports``, ``passages`` and ``figures``; and
from such rows the very same report again. What is never searched (sections, repairs, …) is JSON.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from corpus.duplicates import text_key
from corpus.report import (
    Field,
    Figure,
    FigureKind,
    Genre,
    Metadata,
    Passage,
    Report,
    Section,
    SectionKind,
    Span,
)
from corpus.tokens import index_terms
from corpus.tracked import OffsetMap, Repair

FIELDS = ("place", "issuer", "year", "period", "number", "date")  # of Metadata, each a Field or None
PATH_MARK = " › "


def heading_text(path: Sequence[str], text: str) -> str:
    """What is embedded for a passage: its headings, then its text."""
    return f"{PATH_MARK.join(path)}{PATH_MARK}{text}" if path else text


def vector_key(path: Sequence[str], text: str) -> str:
    """Name of the vector of a passage: the same headings and text always have the same vector."""
    return hashlib.sha256(heading_text(path, text).encode()).hexdigest()[:24]


def dump(value: object) -> str:
    """Compact JSON with Chinese kept readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def report_row(report: Report) -> dict[str, object]:
    """Columns of ``reports``; place, year, period and genre are set by the caller (edits count)."""
    return {
        "id": report.id,
        "sha256": report.source_sha256,
        "ordinal": report.ordinal,
        "text": report.text,
        "text_key": text_key(report.text),
        "origin": report.origin.to_bytes(),
        "metadata": dump(metadata_json(report.metadata)),
        "sections": dump([_section_json(s) for s in report.sections]),
        "repairs": dump([[r.kind, r.start, r.end, r.before, r.after, r.note] for r in report.repairs]),
        "damages": dump([[d.start, d.end] for d in report.damages]),
        "warnings": dump(list(report.warnings)),
        "masked": report.masked,
        "repair_count": len(report.repairs),
        "damage_count": len(report.damages),
    }


def passage_row(passage: Passage, ordinal: int) -> dict[str, object]:
    """Columns of ``passages``."""
    return {
        "id": passage.id,
        "report_id": passage.report_id,
        "ordinal": ordinal,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
        "path": dump(list(passage.path)),
        "kind": passage.kind.value,
        "key": vector_key(passage.path, passage.text),
        "text_key": text_key(passage.text),
    }


def term_row(passage: Passage) -> tuple[str, str]:
    """Columns ``path`` and ``body`` of the full-text table."""
    return (" ".join(index_terms(" ".join(passage.path))), " ".join(index_terms(passage.text)))


def figure_row(figure: Figure, report_id: str, ordinal: int) -> dict[str, object]:
    """Columns of ``figures``."""
    return {
        "report_id": report_id,
        "ordinal": ordinal,
        "indicator": figure.indicator,
        "value": None if figure.value is None else str(figure.value),
        "upper": None if figure.upper is None else str(figure.upper),
        "factor": str(figure.factor),
        "unit": figure.unit,
        "qualifier": figure.qualifier,
        "period": figure.period,
        "kind": figure.kind.value,
        "masked": figure.masked,
        "suspect": figure.suspect,
        "text": figure.text,
        "start": figure.span.start,
        "end": figure.span.end,
        "sentence_start": figure.sentence.start,
        "sentence_end": figure.sentence.end,
    }


def report_of(
    row: sqlite3.Row, metadata: Metadata, passages: Iterable[sqlite3.Row], figures: Iterable[sqlite3.Row]
) -> Report:
    """The report of its rows; ``metadata`` already holds the user's edits."""
    return Report(
        id=row["id"],
        source_sha256=row["sha256"],
        source_name=row["source_name"],
        ordinal=row["ordinal"],
        text=row["text"],
        origin=OffsetMap.from_bytes(row["origin"]),
        metadata=metadata,
        sections=tuple(_section_of(s) for s in json.loads(row["sections"])),
        passages=tuple(passage_of(p) for p in passages),
        figures=tuple(figure_of(f) for f in figures),
        repairs=tuple(Repair(*r) for r in json.loads(row["repairs"])),
        damages=tuple(Span(*d) for d in json.loads(row["damages"])),
        masked=row["masked"],
        warnings=tuple(json.loads(row["warnings"])),
    )


def passage_of(row: sqlite3.Row) -> Passage:
    """The passage of a row."""
    return Passage(
        id=row["id"],
        report_id=row["report_id"],
        span=Span(row["start"], row["end"]),
        text=row["text"],
        path=tuple(json.loads(row["path"])),
        kind=SectionKind(row["kind"]),
    )


def figure_of(row: sqlite3.Row) -> Figure:
    """The figure of a row."""
    return Figure(
        indicator=row["indicator"],
        value=None if row["value"] is None else Decimal(row["value"]),
        unit=row["unit"],
        span=Span(row["start"], row["end"]),
        sentence=Span(row["sentence_start"], row["sentence_end"]),
        upper=None if row["upper"] is None else Decimal(row["upper"]),
        factor=Decimal(row["factor"]),
        qualifier=row["qualifier"],
        period=row["period"],
        kind=FigureKind(row["kind"]),
        masked=bool(row["masked"]),
        suspect=bool(row["suspect"]),
        text=row["text"],
    )


def metadata_json(metadata: Metadata) -> dict[str, Any]:
    """Metadata as JSON."""
    values: dict[str, Any] = {"title": metadata.title, "genre": metadata.genre.value}
    for name in FIELDS:
        field: Field | None = getattr(metadata, name)
        if field:
            span = [field.span.start, field.span.end] if field.span else None
            values[name] = [field.value, field.how, span]
    return values


def metadata_of(values: dict[str, Any]) -> Metadata:
    """Inverse of :func:`metadata_json`."""
    fields = {
        name: Field(value, how, Span(*span) if span else None)
        for name in FIELDS
        if name in values
        for value, how, span in (values[name],)
    }
    return Metadata(title=values["title"], genre=Genre(values["genre"]), **fields)


def _section_json(section: Section) -> list[object]:
    return [
        section.level,
        section.label,
        section.title,
        [section.heading.start, section.heading.end],
        [section.span.start, section.span.end],
        section.kind.value,
        list(section.path),
    ]


def _section_of(values: list[Any]) -> Section:
    level, label, title, heading, span, kind, path = values
    return Section(level, label, title, Span(*heading), Span(*span), SectionKind(kind), tuple(path))
