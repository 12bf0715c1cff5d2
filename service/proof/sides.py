"""Which other reports a text is held against.

In: the cards of the library and a text. Out: the cards of the reports of its own place, whatever their year, and of those
of other places that are near in time; and the reports with their part: own ones of earlier years, and others.
The text itself is never among them, nor are its copies, nor earlier texts of the same place and year.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cards import Card
from corpus.report import Report
from service.proof.recycled import Other

MOST = 150  # reports of other places
NEAR = 2  # years before and after the text that they are of


def near(cards: Sequence[Card], report: Report, place: str) -> tuple[Card, ...]:
    """The cards of the reports that a text is held against by default."""
    year = report.metadata.year_number
    foreign = [card for card in cards if card.source_sha256 != report.source_sha256 and card.id != report.id]
    own = [card for card in foreign if place and card.place == place]
    rest = [card for card in foreign if card not in own and _apart(card, year) <= NEAR]
    rest.sort(key=lambda card: _apart(card, year))
    return (*own, *rest[:MOST])


def others(reports: Sequence[Report], report: Report, place: str) -> tuple[Other, ...]:
    """The reports that a text may have been copied from, its own place's newest first."""
    year = report.metadata.year_number
    found = []
    for one in reports:
        told = one.metadata
        own = bool(place) and told.place is not None and told.place.value == place
        older = told.year_number is None or year is None or told.year_number < year
        if one.id != report.id and (older or not own):
            found.append(Other(one, own))
    return tuple(sorted(found, key=lambda o: (not o.own, -(o.report.metadata.year_number or 0))))


def _apart(card: Card, year: int | None) -> int:
    """Years between a report and the text; 0 where either has none."""
    return abs(card.year - year) if card.year and year else 0
