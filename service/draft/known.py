"""What the library offers for a draft of a place and year (可用材料).

In: cards, reports and ledger rows. Out: :class:`Known`: the reports of the place, the figures that its input may leave
out, what it listed as problems, next steps and safeguards, and passages that show how its office writes. It is a plain
value: an experiment that must not see a section takes it out by :func:`dataclasses.replace`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.aliases import cleaned, key
from corpus.cards import Card
from corpus.ledger import Row
from corpus.report import FigureKind, Genre, Report, SectionKind, Span
from corpus.sentences import sentences
from service.draft.inputs import Indicator
from service.points.points import Point, points
from service.points.unlabelled import LABEL, bare

OpenReport = Callable[[str], Report]
RowsOf = Callable[[Report], Sequence[Row]]

KINDS = (SectionKind.PROBLEMS, SectionKind.NEXT_STEPS, SectionKind.ACHIEVEMENTS, SectionKind.SAFEGUARDS)
OWN_WORK = (Genre.ANNUAL, Genre.HALF_YEAR, Genre.PLAN, Genre.KEY_POINTS, Genre.SELF_REVIEW, Genre.BRIEFING)
REVIEWS = (Genre.ANNUAL, Genre.HALF_YEAR, Genre.SELF_REVIEW, Genre.BRIEFING)
STYLE = (50, 130)  # characters of a style passage
STYLES = 2  # passages of one kind

_CONCRETE = re.compile(r"\d|一是|主要原因")
_BROKEN = re.compile(r"[*|□�?]")


@dataclass(frozen=True, slots=True)
class Style:
    """Sentences of a report that show how a section of this kind is written."""

    card: Card
    kind: SectionKind
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What there is. ``cards`` are the reports that the rest was taken from, newest first; ``year`` is the past year.

    ``points`` are the items of the newest report of the place that has any of the kind.
    """

    place: str = ""
    year: int = 0
    cards: tuple[Card, ...] = ()
    rows: tuple[Row, ...] = ()
    points: tuple[Point, ...] = ()
    styles: tuple[Style, ...] = ()

    def listed(self, kind: SectionKind) -> tuple[Point, ...]:
        """The problems, next steps or safeguards that the newest report lists."""
        return tuple(point for point in self.points if point.kind is kind)

    def style(self, kind: SectionKind) -> tuple[Style, ...]:
        """Passages of this kind of section, the office's own first."""
        return tuple(style for style in self.styles if style.kind is kind)

    def value(self, indicator: Indicator, year: int) -> Row | None:
        """The value that the place's reports state for a whole year; None where they state none, or several."""
        wanted = key(cleaned(indicator.name))
        unit = indicator.unit.removeprefix("万").removeprefix("亿")
        fits = [
            row
            for row in self.rows
            if row.value is not None
            and row.upper is None
            and row.kind is FigureKind.ACTUAL
            and row.place == self.place
            and row.unit == unit
            and row.when is not None
            and (row.when.years and row.when.start.year == row.when.end.year == year)
            and wanted in (key(row.name), key(row.indicator))
        ]
        return fits[0] if fits and len({row.value for row in fits}) == 1 else None


NOTHING = Known()


def known(cards: Iterable[Card], report: OpenReport, rows: RowsOf, place: str, year: int) -> Known:
    """What the library offers.

    Args:
        cards: those of the library.
        report: opens a report by its id.
        rows: the figures of a report, as :func:`corpus.ledger.rows_of` gives them with the user's table.
        place: whose draft it is; only its own reports lend their style.
        year: the year that the draft looks back on; later reports are not looked at, but for plans of the next.
    """
    own = sorted(
        (c for c in cards if c.genre in OWN_WORK and c.place == place and _fits(c, year)), key=_newest
    )
    near = [card for card in own if card.year and year - 1 <= card.year <= year and card.genre in REVIEWS]
    opened = {card.id: report(card.id) for card in own}
    styles = [style for card in sorted(own, key=_reviews_first) for style in _styles(card, opened[card.id])]
    return Known(
        place,
        year,
        tuple(own),
        tuple(row for card in near for row in rows(opened[card.id])),
        tuple(point for kind in KINDS for point in _listed(own, opened, kind)),
        tuple(style for kind in KINDS for style in [s for s in styles if s.kind is kind][:STYLES]),
    )


def _fits(card: Card, year: int) -> bool:
    """A review up to the year, or a plan up to the next."""
    last = year if card.genre in REVIEWS else year + 1
    return card.year is not None and year - 2 <= card.year <= last


def _newest(card: Card) -> tuple[int, int, str]:
    return (-(card.year or 0), OWN_WORK.index(card.genre), card.id)


def _reviews_first(card: Card) -> tuple[bool, tuple[int, int, str]]:
    """A review is written as a draft is to be; a five-year plan is not."""
    return (card.genre not in REVIEWS, _newest(card))


def _listed(own: Sequence[Card], opened: dict[str, Report], kind: SectionKind) -> tuple[Point, ...]:
    for card in own:
        if found := points(opened[card.id], card, kind):
            return found
    return ()


def _styles(card: Card, report: Report) -> Iterator[Style]:
    """The first sentences of passages that are prose, undamaged, and neither too short nor too long."""
    for passage in report.passages:
        if passage.kind not in KINDS or any(_meet(passage.span, damage) for damage in report.damages):
            continue
        taken: list[Span] = []
        for span in sentences(passage.text):
            if taken and LABEL.match(span.of(passage.text)):
                break  # the next item of a list
            if span.end - (taken[0].start if taken else span.start) > STYLE[1]:
                break
            taken.append(span)
        if not taken or taken[-1].end - taken[0].start < STYLE[0]:
            continue
        inside = Span(taken[0].start, taken[-1].end)
        text = bare(inside.of(passage.text))
        if text[-1:] in "。；" and _CONCRETE.search(text) and not _BROKEN.search(text):
            at = passage.span.start
            yield Style(card, passage.kind, Span(at + inside.start, at + inside.end), text)


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
