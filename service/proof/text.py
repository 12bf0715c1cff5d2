"""A text under proofreading: its sentences with their headings, its figures, its lines.

In: a :class:`~corpus.report.Report`, of the library or of a file that is in none. Out: :class:`Text`, which
all rules read. A place in the text always is a sentence, with the headings that it stands under.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.ledger import Row, place_in_outline, rows_of
from corpus.parse import sentence_spans
from corpus.report import PLANS, Report, SectionKind, Span
from service.audit.reading import Reading
from service.cited import Citation

_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; ``kind`` is that of its section, ``heading`` says that it is (part of) a heading."""

    span: Span
    text: str
    path: tuple[str, ...]
    kind: SectionKind
    heading: bool


class Text:
    """One report as the rules read it."""

    def __init__(self, report: Report, aliases: Aliases) -> None:
        self.report = report
        self.text = report.text
        self.reading = Reading(report)
        self._aliases = aliases

    @property
    def place(self) -> str:
        """The place that the text is about, "" where unknown."""
        place = self.report.metadata.place
        return place.value if place else ""

    @property
    def year(self) -> int | None:
        """The year that the text is about."""
        return self.report.metadata.year_number

    @property
    def is_plan(self) -> bool:
        """Whether the whole text looks ahead."""
        return self.report.metadata.genre in PLANS

    @cached_property
    def card(self) -> Card:
        """The text as the library would list it."""
        report, told = self.report, self.report.metadata
        return Card(
            report.id, told.title, told.place.value if told.place else None, told.year_number,
            told.period.value if told.period else None, told.genre, told.issuer.value if told.issuer else None,
            told.number.value if told.number else None, told.date.value if told.date else None,
            report.source_name, report.source_sha256, report.ordinal, len(report.text), len(report.passages),
            len(report.figures), len(report.repairs), len(report.damages), report.masked, (), "", (),
            report.warnings,
        )  # fmt: skip

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Its figures as rows of the ledger."""
        return rows_of(self.report, self._aliases)

    @cached_property
    def sentences(self) -> tuple[Line, ...]:
        """All sentences in order, headings among them."""
        spans = sentence_spans(self.text, self.report.sections)
        headings = [s.heading for s in self.report.sections]
        titles = {h.start: h.end for h in headings}
        found = []
        for span in spans:
            path, kind = place_in_outline(self.report, span)
            heading = titles.get(span.start, -1) >= span.end - 1
            found.append(Line(span, span.of(self.text), path, kind, heading))
        return tuple(found)

    @cached_property
    def _starts(self) -> list[int]:
        return [line.span.start for line in self.sentences]

    def at(self, offset: int) -> Line:
        """The sentence at an offset, or the one before it."""
        return self.sentences[max(0, bisect_right(self._starts, offset) - 1)]

    def cite(self, line: Line) -> Citation:
        """The citation of a sentence."""
        told = self.report.metadata
        span = line.span
        return Citation(
            self.report.id, told.title, span.start, span.end, line.text, self.place, told.year_number, line.path
        )  # fmt: skip

    def cite_at(self, offset: int) -> Citation:
        """The citation of the sentence at an offset."""
        return self.cite(self.at(offset))

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Its lines (paragraphs)."""
        return tuple(Span(m.start(), m.end()) for m in _LINE.finditer(self.text))

    def damaged(self, start: int, end: int) -> bool:
        """Whether a stretch touches what no repair could restore."""
        return any(d.start < end and start < d.end for d in self.report.damages)
