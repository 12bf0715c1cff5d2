"""Problems, next steps, achievements as items: what a report lists, complete and in order.

In: a report with its outline. Out: one :class:`Point` an item, with its title and sentences as spans of
the cleaned text. Code finds the items (:mod:`service.points.itemising`), so that none is lost: what belongs to
no item is the frame of the list (headings, introductions, closings), and :func:`frame` tells it.

A problem keeps its own 建议 (``advice``); where a report has no next steps of its own, these are its
next steps. In 工作要点 every numbered task is a next step, those under 保障 too.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpus.cards import Card
from corpus.report import Figure, Report, SectionKind, Span
from corpus.sentences import sentences
from service.cited import Citation
from service.points.itemising import advice_start, pieces, tops
from service.points.unlabelled import bare


@dataclass(frozen=True, slots=True)
class Point:
    """One item of a list: ``span`` covers it with its label, ``title`` says it in a few words.

    ``sentences`` are its sentences in order, those of its own 建议 (``advice``) among them; ``text`` is the
    span as it stands in the report, ``path`` the headings above and its own; ``figures`` are those inside.
    """

    card: Card
    kind: SectionKind
    title: str
    span: Span
    sentences: tuple[Span, ...]
    text: str
    path: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    advice: tuple[Span, ...] = ()

    @property
    def report_id(self) -> str:
        """Id of the report that it stands in."""
        return self.card.id

    @property
    def body(self) -> str:
        """What it says without its label, on one line, for reading and for comparing."""
        return bare(self.text)


def points(report: Report, card: Card, kind: SectionKind) -> tuple[Point, ...]:
    """Every item of the sections of ``kind``, in order; () where the report has no such section."""
    breaks = _breaks(report)
    found = []
    for piece in pieces(report, kind):
        inside = sentences(report.text, piece.span, breaks=breaks)
        start = advice_start(report.text, piece.span) if kind is SectionKind.PROBLEMS else piece.span.end
        found.append(
            Point(
                card=card,
                kind=kind,
                title=piece.title,
                span=piece.span,
                sentences=inside,
                text=piece.span.of(report.text),
                path=piece.path,
                figures=tuple(f for f in report.figures if piece.span.holds(f.span)),
                advice=tuple(s for s in inside if s.end > start),
            )
        )
    return tuple(found)


def frame(report: Report, kind: SectionKind) -> tuple[Span, ...]:
    """Sentences of these sections that belong to no item: headings, introductions and closings."""
    held = [piece.span for piece in pieces(report, kind)]
    edges = (edge for span in held for edge in (span.start, span.end))
    breaks = [*(section.span.start for section in report.sections), *edges]
    return tuple(
        sentence
        for stretch in tops(report, kind)
        for sentence in sentences(report.text, stretch, breaks=breaks)
        if not any(span.start < sentence.end and sentence.start < span.end for span in held)
    )


def _breaks(report: Report) -> tuple[int, ...]:
    """Where a section begins and thereby a sentence, unless it goes on behind 建议："""
    starts = (section.span.start for section in report.sections)
    return tuple(at for at in starts if report.text[:at].rstrip(" 　")[-1:] not in ("：", ":", "，", ","))


def citation(point: Point) -> Citation:
    """Where a point stands, with its whole text."""
    return Citation.at(point.card, point.span, point.text, point.path)
