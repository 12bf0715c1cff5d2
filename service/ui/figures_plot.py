"""Indicators over years and places as curves and bars (图).

In: an indicator, places and years. Out: the charts that a memo would draw of them: values stand side by side only where
unit, period and meaning agree, a gap stays a gap, and a click on a point opens the sentence that it comes from.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from nicegui import ui

from corpus.aliases import Aliases
from corpus.errors import InputError, NotFound, WenhengError
from corpus.ledger import Row
from service.desk import Desk
from service.memo.aligning import align
from service.memo.columns import GRID, YEARS, Request, plan
from service.memo.lines import choose
from service.memo.sources import of_desk
from service.memo.tables import charts
from service.papers.document import Chart
from service.papers.presenting import clean
from service.ui import papers, problems, theme
from service.ui.seat import Seat

OFFERED = 300  # names of indicators in the list
MOST_YEARS = 12  # that are drawn where nobody chose
MOST_PLACES = 8
MOST_CHARTS = 6


def drawn(desk: Desk, indicator: str, places: Sequence[str], years: Sequence[int]) -> tuple[Chart, ...]:
    """The charts of an indicator: all places over all years, or, where too little stands side by side for that, each
    place over its years and the places of each year.

    Raises:
        NotFound, InputError: nothing to draw, or nothing to compare; the message says what there is.
    """
    found = _charts(desk, indicator, places, years)
    if not found:
        alone = [((place,), tuple(years)) for place in places] + [(tuple(places), (year,)) for year in years]
        for some_places, some_years in alone:
            with contextlib.suppress(NotFound, InputError):
                found += _charts(desk, indicator, some_places, some_years)
    if not found:
        raise NotFound(
            f"“{indicator}”在这些地方和年份没有两个可以并列的数",
            remedy="请多选几个年份或地方，或换一个指标；表格里可以看到各报告的原话",
        )
    return found[:MOST_CHARTS]


def _charts(desk: Desk, indicator: str, places: Sequence[str], years: Sequence[int]) -> tuple[Chart, ...]:
    """The charts that a memo of these places and years would have, with place or year in their caption."""
    sources = of_desk(desk)
    planned = plan(Request(tuple(places), tuple(years), (), (indicator,)), sources.cards)
    rows = sources.rows(planned.cards)
    every = align(rows, planned.columns, {card.id: card.genre for card in planned.cards})
    aliases = Aliases.load(desk.library.home)
    chosen = choose(every, (indicator,), aliases.canonical)
    whose = planned.places[0] if planned.layout == YEARS else f"{planned.years[0]}年"
    about = "" if planned.layout == GRID else f"（{whose}）"
    return tuple(
        replace(chart, caption=f"{chart.caption}{about}")
        for chart in charts(planned, chosen.lines, named=True)
        if isinstance(chart, Chart)
    )


class Plots:
    """The tab with the charts."""

    def __init__(self, seat: Seat, places: Sequence[str], years: Sequence[int]) -> None:
        self._seat = seat
        self._rows: Sequence[Row] = ()
        draw = seat.doing(self._draw)
        with theme.card() as card:
            card.classes("wp-filters")
            self._name = ui.select([], label="指标", with_input=True, on_change=draw)
            self._name.props("dense outlined options-dense")
            self._places = ui.select(
                list(places), label="地方", multiple=True, clearable=True, on_change=draw
            ).props("dense outlined options-dense")
            self._years = ui.select(
                list(years), label="年份", multiple=True, clearable=True, on_change=draw
            ).props("dense outlined options-dense")
        self._place = ui.element("div").classes("wp-charts")
        with self._place:
            theme.soft("请选一个指标；不选地方和年份，就画表格中有的。", small=False)

    def offer(self, rows: Sequence[Row]) -> None:
        """The indicators of the rows that the table shows, those of most reports first."""
        self._rows = rows
        spread = Counter(name for name, _ in {(row.name, (row.place, row.year)) for row in rows if row.name})
        names = [clean(name) for name, _ in spread.most_common(OFFERED)]
        kept = self._name.value
        if kept and kept not in names:
            names.insert(0, kept)
        self._name.set_options(names, value=kept)

    def choose(self, row: Row) -> None:
        """Draw the indicator of a row."""
        name = clean(row.name)
        if name not in self._name.options:
            self._name.set_options([name, *self._name.options])
        self._name.set_value(name)

    async def _draw(self) -> None:
        name = self._name.value
        if not name:
            return
        own = [row for row in self._rows if clean(row.name) == name]
        told = Counter(row.report_place for row in own if row.report_place)
        places = self._places.value or [place for place, _ in told.most_common(MOST_PLACES)]
        known = {row.when.start.year for row in own if row.when} | {row.year for row in own if row.year}
        years = self._years.value or sorted(known)[-MOST_YEARS:]
        self._place.clear()
        try:
            found = await self._seat.run(drawn, self._seat.desk(), name, places, years)
        except (NotFound, InputError) as error:
            with self._place:
                problems.inline(_without_commands(error))
            return
        with self._place:
            for chart in found:
                papers.draw(chart, papers.opener(self._seat))
            theme.soft("点一个数据点打开它的原句；没有写明的年份留空，口径或时段不同的数不画在一起。")


def _without_commands(error: WenhengError) -> WenhengError:
    """An error whose remedy names options of the command line, in words of the page."""
    if "--" not in error.remedy and "wenheng" not in error.remedy:
        return error
    return type(error)(error.message, where=error.where, remedy="请多选几个年份或地方，或换一个指标")
