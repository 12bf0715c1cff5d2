"""Example questions for an empty page, made from what is in the library (示例问题).

In: a desk. Out: a few questions that its reports can answer: a figure, a list, a comparison of two years or
places. Nothing is made up: each is put together from the place, year and indicator of a figure that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.cards import Card, StatedFigure
from corpus.report import FigureKind, Filter, SectionKind
from service.desk import Desk

MOST_CARDS = 8  # reports that are looked into
NAME = re.compile(r"[\u4e00-\u9fff]{4,12}")
COUNTED = re.compile(r"[人所个家间名张台次万元%％‰]{1,2}")
RATES = ("%", "％", "‰")
AMBIGUOUS = re.compile(r"[第其该各]|增|减|同比|提高|下降")


def examples(desk: Desk, most: int = 4) -> tuple[str, ...]:
    """At most ``most`` questions, of different kinds where the library has them."""
    told = [card for card in desk.cards() if card.place and card.year and card.figures]
    cards = told[:: max(1, len(told) // MOST_CARDS)][:MOST_CARDS]  # of places and years all over the library
    kinds = (
        _figures(desk, cards),
        _lists(desk, cards[::-1]),
        _comparisons(desk, cards),
        _figures(desk, cards[len(cards) // 2 :]),
    )
    found: dict[str, None] = {}
    for questions in kinds:
        for question in questions:
            if question not in found:
                found[question] = None
                break
    return tuple(found)[:most]


def _askable(desk: Desk, card: Card) -> Iterator[StatedFigure]:
    """Figures with a plain name that their report states once."""
    told = desk.library.figures(Filter(report_ids=(card.id,)))
    names = [one.figure.indicator for one in told]
    for one in told:
        figure = one.figure
        plain = NAME.fullmatch(figure.indicator) and not AMBIGUOUS.search(figure.indicator)
        stated = figure.kind is FigureKind.ACTUAL and figure.value is not None
        if plain and stated and COUNTED.fullmatch(figure.unit) and names.count(figure.indicator) == 1:
            yield one


def _figures(desk: Desk, cards: Sequence[Card]) -> Iterator[str]:
    for card in cards:
        for one in _askable(desk, card):
            figure = one.figure
            asked = "是多少" if figure.unit in RATES else f"多少{figure.unit}"
            yield f"{card.place}{card.year}年{figure.indicator}{asked}？"


def _lists(desk: Desk, cards: Sequence[Card]) -> Iterator[str]:
    for card in cards:
        if desk.library.resolve(Filter(report_ids=(card.id,), kinds=(SectionKind.PROBLEMS,))):
            yield f"{card.place}{card.year}年的工作存在哪些问题？"


def _comparisons(desk: Desk, cards: Sequence[Card]) -> Iterator[str]:
    """One indicator that two reports state, of two years of a place or of two places in a year."""
    seen: dict[tuple[str, str], Card] = {}
    for card in cards:
        for one in _askable(desk, card):
            name = (one.figure.indicator, one.figure.unit)
            other = seen.setdefault(name, card)
            if other.place == card.place and other.year != card.year:
                yield f"{card.place}{other.year}年和{card.year}年的{name[0]}相比怎样？"
            elif other.place != card.place and other.year == card.year:
                yield f"{card.year}年{other.place}和{card.place}的{name[0]}哪个更高？"
