"""A tiny parser in place of the real pipeline, for tests of the library, the index and ingest.

In: a document whose lines say it all::

    # 云溪县2019年工作总结|云溪县|2019|全年
    工作成效|全县家庭医生签约率达到81.2%。
    存在问题|乡村医生年龄偏大。

Out: one report for each line with ``#``, one passage for each other line, a figure for each number
with a percent sign.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from corpus.report import (
    SECTION_LABELS,
    Field,
    Figure,
    Genre,
    Metadata,
    Passage,
    RawDocument,
    Report,
    Section,
    SectionKind,
    Span,
)
from corpus.tracked import Repair, TrackedText

_KINDS = {label: kind for kind, label in SECTION_LABELS.items()}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")


def parse(document: RawDocument) -> tuple[Report, ...]:
    """The reports of a toy document."""
    starts = [match.start() for match in re.finditer(r"^#", document.text, re.MULTILINE)]
    ends = [*starts[1:], len(document.text)]
    raw = TrackedText.from_raw(document.text)
    return tuple(
        _report(document, raw.slice(start, end), ordinal)
        for ordinal, (start, end) in enumerate(zip(starts, ends, strict=False))
    )


def _report(document: RawDocument, tracked: TrackedText, ordinal: int) -> Report:
    report_id = hashlib.sha256(f"{document.sha256}:{ordinal}".encode()).hexdigest()[:12]
    head, *_ = tracked.text.split("\n", 1)
    title, place, year, period = [part.strip() for part in (head.lstrip("# ") + "|||").split("|")[:4]]
    sections: list[Section] = []
    passages: list[Passage] = []
    figures: list[Figure] = []
    for line in re.finditer(r"^([^|\n#]+)\|(.+)$", tracked.text, re.MULTILINE):
        label, kind = line[1], _KINDS.get(line[1], SectionKind.OTHER)
        span = Span(*line.span(2))
        heading = Span(*line.span(1))
        sections.append(Section(1, "", label, heading, Span(*line.span()), kind, (label,)))
        passages.append(Passage(f"{report_id}-{len(passages):04}", report_id, span, line[2], (label,), kind))
        for number in _PERCENT.finditer(tracked.text, span.start, span.end):
            at = Span(*number.span())
            figures.append(Figure("签约率", Decimal(number[1]), "%", at, span, text=number[0]))
    return Report(
        id=report_id,
        source_sha256=document.sha256,
        source_name=document.name,
        ordinal=ordinal,
        text=tracked.text,
        origin=tracked.origin,
        metadata=Metadata(
            title=title,
            place=Field(place, "title") if place else None,
            year=Field(year, "title") if year else None,
            period=Field(period, "title") if period else None,
            genre=Genre.ANNUAL,
        ),
        sections=tuple(sections),
        passages=tuple(passages),
        figures=tuple(figures),
        repairs=(Repair("spaces", 0, 1, "#", "#"),),
        damages=(Span(0, 1),) if "??" in tracked.text else (),
        masked=tracked.text.count("***"),
        warnings=("测试文本",) if "??" in tracked.text else (),
    )
