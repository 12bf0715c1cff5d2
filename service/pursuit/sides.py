"""Which reports a follow-up holds against each other.

In: the cards of the library, a place, a year and the year to compare with. Out: the earlier cards (the
review of the year before, then plans of the year) and the later one. Nothing is chosen silently: where
a report is missing, or several fit, the error says what there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cards import Card
from corpus.errors import InputError, NotFound
from corpus.report import PLANS, Genre
from service.scope import describe

REVIEWS = (Genre.ANNUAL, Genre.HALF_YEAR, Genre.SELF_REVIEW, Genre.BRIEFING)


def choose(
    cards: Sequence[Card], place: str | None, year: int | None, against: int | None = None
) -> tuple[tuple[Card, ...], Card]:
    """The earlier reports and the later one.

    Raises:
        InputError: place or year are missing, the years are in the wrong order, several reports fit.
        NotFound: the library has no such place or report.
    """
    if not place or not year:
        raise InputError("没有说明地区和年份", remedy="请加 --place 和 --year，或者给出两份报告的编号")
    own = [card for card in cards if card.place == place]
    if not own:
        there = f"请改用库里有的：{describe(cards)}" if cards else "请先用 wenheng ingest 入库"
        raise NotFound(f"库里没有{place}的报告", remedy=there)
    before = year - 1 if against is None else against
    if before >= year:
        raise InputError(
            f"要对照的{before}年不早于{year}年", remedy=f"--against 请写{year}年以前的年份，如 {year - 1}"
        )
    return _earlier(own, place, year, before, asked=against is not None), _later(own, place, year)


def beside(cards: Sequence[Card], later: Card) -> tuple[Card, ...]:
    """Half-year reports of the place and year of a yearly one: they may tell what it leaves out."""
    return tuple(
        card
        for card in cards
        if later.genre is Genre.ANNUAL
        and card.genre is Genre.HALF_YEAR
        and (card.place, card.year) == (later.place, later.year)
    )


def _later(own: Sequence[Card], place: str, year: int) -> Card:
    found = _reviews(own, year)
    if not found:
        raise NotFound(f"库里没有{place}{year}年的总结，无从看落实情况", remedy=_there(own))
    return _only(found, place, year)


def _earlier(own: Sequence[Card], place: str, year: int, before: int, *, asked: bool) -> tuple[Card, ...]:
    """The review of the year before, then the plans of the year."""
    reviews = _reviews(own, before)
    plans = [] if asked else [card for card in own if card.year == year and card.genre in PLANS]
    found = (*([_only(reviews, place, before)] if reviews else []), *plans)
    if not found:
        years = sorted({c.year for c in _all_reviews(own) if c.year and c.year < year}, reverse=True)
        hint = f"；年份相隔的也可用 --against 对照，如 --against {years[0]}" if years else ""
        what = f"{before}年的总结" + ("" if asked else f"，也没有{year}年的计划或要点")
        raise NotFound(f"库里没有{place}{what}，无从对照", remedy=_there(own) + hint)
    return found


def _reviews(own: Sequence[Card], year: int) -> list[Card]:
    """The reviews of a year of the best genre that there is."""
    found = [card for card in _all_reviews(own) if card.year == year]
    best = min((REVIEWS.index(card.genre) for card in found), default=0)
    return [card for card in found if card.genre is REVIEWS[best]]


def _all_reviews(own: Sequence[Card]) -> list[Card]:
    return [card for card in own if card.genre in REVIEWS]


def _only(found: Sequence[Card], place: str, year: int) -> Card:
    if len(found) > 1:
        names = "；".join(f"{card.id} {card.title}" for card in found)
        raise InputError(
            f"{place}{year}年有{len(found)}份同类的报告，不能确定用哪一份",
            remedy=f"请直接给出两份报告的编号。现有：{names}",
        )
    return found[0]


def _there(own: Sequence[Card]) -> str:
    """What there is of the place."""
    names = [
        f"{card.year or '年份未注明'}{'年' if card.year else ''}{card.genre.label}"
        for card in sorted(own, key=lambda card: (card.year or 0, card.genre))
    ]
    return f"请改用现有的：{'、'.join(dict.fromkeys(names))}"
