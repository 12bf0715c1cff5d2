"""What a comparison lays side by side: places, years or reports become columns (对比的列).

In: what the user asked for and the cards of the library. Out: a :class:`Plan` with its columns, the reports
that fill them and what is missing; or an error that says what there is instead. A year without a report
stays a column where another report tells of it, and is said to have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from corpus.cards import Card
from corpus.errors import InputError, NotFound
from corpus.report import Genre
from service.memo.aligning import Column

MOST_YEARS = 20
MOST_COLUMNS = 60
YEARS, PLACES, GRID, REPORTS = "years", "places", "grid", "reports"
_RANGE = re.compile(r"^(\d{4})年?(?:\.{2,3}|[-—–~～至到])(\d{4})年?$")
_YEAR = re.compile(r"^\d{4}年?$")
# Which report stands for a year where there are several.
_WEIGHT = {
    Genre.ANNUAL: 0, Genre.SELF_REVIEW: 1, Genre.BRIEFING: 2, Genre.HALF_YEAR: 3, Genre.KEY_POINTS: 4, Genre.PLAN: 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for: places and years, or reports; and indicators to begin with."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    report_ids: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """``layout`` is years, places, grid (both) or reports; ``cards`` are the reports to read."""

    layout: str
    title: str
    columns: tuple[Column, ...]
    cards: tuple[Card, ...]
    places: tuple[str, ...]
    years: tuple[int, ...]
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def name(self, card: Card) -> str:
        """How a report is called: by its column, else by place, year and kind."""
        for column in self.columns:
            if column.report_id == card.id:
                return column.label
        year = f"{card.year}年" if card.year else ""
        return f"{card.place or ''}{year}{card.genre.label}"

    def principal(self, column: Column) -> Card | None:
        """The report that stands for a column, None where there is none."""
        return principal(self.cards, column)


def principal(cards: Sequence[Card], column: Column) -> Card | None:
    """The fullest report of a place and year, the annual one before others."""
    if column.report_id:
        return next((card for card in cards if card.id == column.report_id), None)
    own = [card for card in cards if (card.place, card.year) == (column.place, column.year)]
    return min(own, key=lambda c: (_WEIGHT.get(c.genre, 9), -c.characters, c.id), default=None)


def read_years(text: str) -> tuple[int, ...]:
    """2021..2024, 2021-2024 or 2021,2023 as years in order.

    Raises:
        InputError: it is neither, or spans too much.
    """
    years: list[int] = []
    for part in re.split(r"[,，、\s]+", text.strip()):
        spread = _RANGE.match(part)
        if spread and int(spread[1]) <= int(spread[2]) and int(spread[2]) - int(spread[1]) < MOST_YEARS:
            years += range(int(spread[1]), int(spread[2]) + 1)
        elif _YEAR.match(part):
            years.append(int(part[:4]))
        else:
            remedy = f"请写成 2021..2024 或 2021,2023，先早后晚，最多{MOST_YEARS}年"
            raise InputError(f"看不懂年份“{text}”", where="--years", remedy=remedy)
    return tuple(sorted(set(years)))


def plan(request: Request, cards: Sequence[Card]) -> Plan:
    """The columns of a comparison.

    Raises:
        NotFound: no such place, or no report of these years.
        InputError: there is only one report, or nothing to compare it with.
    """
    if not cards:
        raise NotFound("库中还没有报告", remedy="请先用 wenheng ingest 入库")
    if request.report_ids:
        return _of_reports(request, cards)
    places = _places(request.places, cards)
    years = request.years or _years_of(places, cards)
    found = [(place, year) for place in places for year in years if _has(cards, place, year)]
    if not found:
        raise NotFound(
            f"库中没有{'、'.join(places)}{_span(years)}的报告",
            remedy=f"请改用库中有的年份：{_coverage(places, cards)}",
        )
    if len(places) * len(years) < 2:
        raise InputError(
            f"只有{places[0]}{_span(years)}一列，无从比较",
            remedy=f"请再加年份（--years）或地区（--places）；库中现有：{_coverage(_all_places(cards), cards)}",
        )
    read = tuple(card for card in cards if card.place in places)
    if len(read) < 2:
        raise InputError(
            f"{places[0]}只有一份报告《{read[0].title}》，无从比较",
            remedy=f"请再入库一份，或加上别的地区；库中现有：{_coverage(_all_places(cards), cards)}",
        )
    if len(places) * len(years) > MOST_COLUMNS:
        raise InputError(
            f"{len(places)}个地区、{len(years)}个年份太多，排不下", remedy=f"请减到{MOST_COLUMNS}列以内"
        )
    layout = GRID if len(places) > 1 and len(years) > 1 else YEARS if len(years) > 1 else PLACES
    gaps = tuple(
        f"库中没有{place}{_span(lacking)}的报告"
        for place in places
        if (lacking := tuple(y for y in years if (place, y) not in found))
    )
    columns = tuple(
        Column(place, year, label=_label(layout, place, year)) for place in places for year in years
    )
    title = f"{'、'.join(places)}{_span(years)}工作对比"
    return Plan(layout, title, columns, read, places, years, gaps, _never_together(places, found))


def _never_together(places: Sequence[str], found: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Places of which no year has a report of both."""
    years = {place: {year for own, year in found if own == place} for place in places}
    return tuple(
        f"{one}和{other}没有同一年的报告，所列各数年份不同，不能直接比较"
        for one, other in combinations(places, 2)
        if not years[one] & years[other]
    )


def _of_reports(request: Request, cards: Sequence[Card]) -> Plan:
    known = {card.id: card for card in cards}
    chosen = tuple(known[report_id] for report_id in dict.fromkeys(request.report_ids))
    if len(chosen) < 2:
        raise InputError(
            f"只有一份报告《{chosen[0].title}》，无从比较",
            remedy="请给出两份不同的报告；报告编号见 wenheng reports",
        )
    labels = _report_labels(chosen)
    columns = tuple(
        Column(card.place or "", card.year or 0, card.id, label)
        for card, label in zip(chosen, labels, strict=True)
    )
    places = tuple(dict.fromkeys(card.place for card in chosen if card.place))
    years = tuple(sorted({card.year for card in chosen if card.year}))
    title = f"{'与'.join(labels)}工作对比"
    return Plan(REPORTS, title, columns, chosen, places, years, (), _differences(chosen, labels))


def _report_labels(cards: Sequence[Card]) -> list[str]:
    """甲县2017年 and 乙区2018年上半年; the title where that does not tell the reports apart."""
    labels = []
    for card in cards:
        part = card.period if card.period and card.period != "全年" else ""
        year = f"{card.year}年" if card.year else ""
        labels.append(f"{card.place or ''}{year}{part}" or f"《{card.title}》")
    if len(set(labels)) == len(labels):
        return labels
    genres = [f"{label}{card.genre.label}" for label, card in zip(labels, cards, strict=True)]
    return genres if len(set(genres)) == len(genres) else [f"《{card.title}》" for card in cards]


def _differences(cards: Sequence[Card], labels: Sequence[str]) -> tuple[str, ...]:
    """What sets reports apart before any figure is looked at."""
    notes = []
    (one, label), *others = zip(cards, labels, strict=True)
    for other, name in others:
        names = f"{label}与{name}的报告"
        if one.year != other.year:
            years = "、".join(f"{card.year}年" if card.year else "年份不详" for card in (one, other))
            notes.append(f"{names}年份不同（{years}），同一指标的差别含有年度因素")
        if (one.period or "全年") != (other.period or "全年"):
            periods = "、".join(card.period or "全年" for card in (one, other))
            notes.append(f"{names}时段不同（{periods}），累计数不能直接相比")
        if one.genre != other.genre:
            notes.append(f"{names}文种不同（{one.genre.label}、{other.genre.label}），写法和口径可能不一致")
    return tuple(notes)


def _places(asked: Sequence[str], cards: Sequence[Card]) -> tuple[str, ...]:
    """Places as the library writes them; 襄垣 is 襄垣县 where only one place begins so."""
    known = _all_places(cards)
    if not asked:
        if len(known) == 1:
            return known
        raise InputError(
            "没有说明比较哪些地区", remedy=f"请用 --place 或 --places；库中现有：{'、'.join(known)}"
        )
    found = []
    for place in dict.fromkeys(asked):
        near = [name for name in known if name == place] or [n for n in known if n.startswith(place)]
        if len(near) != 1:
            what = f"“{place}”不止一处（{'、'.join(near)}）" if near else f"库中没有“{place}”的报告"
            raise NotFound(what, remedy=f"请改用库中有的地区：{'、'.join(known)}")
        found.append(near[0])
    return tuple(dict.fromkeys(found))


def _years_of(places: Sequence[str], cards: Sequence[Card]) -> tuple[int, ...]:
    """All years of one place; of several the last year that each has."""
    by_place = [{card.year for card in cards if card.place == place and card.year} for place in places]
    if len(places) == 1:
        years = tuple(sorted(by_place[0]))
        return years[-MOST_YEARS:] or _no_year(places, cards)
    shared = set.intersection(*by_place)
    return (max(shared),) if shared else _no_year(places, cards)


def _no_year(places: Sequence[str], cards: Sequence[Card]) -> tuple[int, ...]:
    raise InputError(
        f"{'、'.join(places)}没有都有报告的年份",
        remedy=f"请用 --years 指明年份；库中现有：{_coverage(places, cards)}",
    )


def _has(cards: Sequence[Card], place: str, year: int) -> bool:
    return any((card.place, card.year) == (place, year) for card in cards)


def _all_places(cards: Sequence[Card]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(card.place for card in cards if card.place))


def _coverage(places: Sequence[str], cards: Sequence[Card]) -> str:
    """甲县（2021、2022）；乙县（2022）."""
    parts = []
    for place in places:
        years = sorted({card.year for card in cards if card.place == place and card.year})
        parts.append(f"{place}（{'、'.join(map(str, years)) or '年份不详'}）")
    return "；".join(parts)


def _span(years: Sequence[int]) -> str:
    """2021—2024年 where they follow each other, else 2021年、2023年."""
    if len(years) > 1 and list(years) == list(range(years[0], years[-1] + 1)):
        return f"{years[0]}—{years[-1]}年"
    return "、".join(f"{year}年" for year in years)


def _label(layout: str, place: str, year: int) -> str:
    return f"{year}年" if layout == YEARS else place if layout == PLACES else f"{place}{year}年"
