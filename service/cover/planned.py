"""What a county's plan sets out to do, sentence by sentence (本县安排).

In: the draft as a report with its rows of the ledger. Out: its sentences that look ahead, with their headings and figures,
and its items. Of a review only what it plans counts: that a thing was done last year is no plan for this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.ledger import Row, place_in_outline
from corpus.parse import sentence_spans
from corpus.report import PLANS, FigureKind, SectionKind, Span
from corpus.title import read_title
from service.cover.demands import kernel
from service.points.itemising import tops
from service.points.points import Point, points
from service.pursuit.pursuit import Side
from service.pursuit.tellings import Telling

AHEAD = (SectionKind.NEXT_STEPS, SectionKind.GOALS, SectionKind.SAFEGUARDS)
BACK = (SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS, SectionKind.PROBLEMS, SectionKind.OVERVIEW)
_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)


@dataclass(frozen=True, slots=True)
class Planned:
    """A county's plan: its sentences that look ahead, and its items in order."""

    side: Side
    tellings: tuple[Telling, ...]
    points: tuple[Point, ...]

    def point_of(self, telling: Telling) -> int | None:
        """The item that a sentence stands in; None for one between the items."""
        return next((n for n, point in enumerate(self.points) if point.span.holds(telling.span)), None)


def planned(side: Side) -> Planned:
    """What a report plans."""
    found = [point for kind in AHEAD for point in points(side.report, side.card, kind)]
    listed = sorted({point.span: point for point in found}.values(), key=lambda point: point.span)
    return Planned(side, tuple(_tellings(side, _stretches(side, listed))), tuple(listed))


def _stretches(side: Side, listed: Sequence[Point]) -> tuple[Span, ...]:
    """The parts of a report that look ahead."""
    report = side.report
    parts = [span for kind in AHEAD for span in tops(report, kind)]
    if report.metadata.genre in PLANS or not (parts or listed):
        return (Span(0, len(report.text)),)
    return (*parts, *(point.span for point in listed))


def _tellings(side: Side, stretches: Sequence[Span]) -> Iterator[Telling]:
    text = side.report.text
    whole = stretches == (Span(0, len(text)),)
    back = [span for kind in BACK for span in tops(side.report, kind)] if whole else []
    title = read_title(text)
    if title and title.span:
        back.append(title.span)
    for span in sentence_spans(text, side.report.sections):
        if not any(part.start < span.end and span.start < part.end for part in stretches):
            continue
        if any(part.start <= span.start < part.end for part in back):
            continue
        path, kind = place_in_outline(side.report, span)
        rows = tuple(_aim(row, side) for row in side.rows if span.holds(row.span) and row.kind in _AIMS)
        yield Telling(side.card, span, span.of(text), path, kind, rows)


def _aim(row: Row, side: Side) -> Row:
    """What the county sets itself, told as the value that a target of the superior is compared with."""
    own = row.place in (None, side.card.place)
    return replace(
        row, kind=FigureKind.ACTUAL, place=None if own else row.place, indicator=kernel(row.indicator)
    )
