"""对比: places, years or reports side by side as a memo: tables, charts, findings, what to mind.

In: what is chosen. Out: a job that makes the memo: as code makes it, at once; then, where wanted, with its findings joined
by the language model, which takes its turn. What cannot be compared is said with what there is instead. Who leaves the page
finds the memo in the list of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError
from corpus.ledger import rows
from service.desk import Desk
from service.memo.columns import Request, plan
from service.papers.presenting import clean
from service.ui import papers, theme
from service.ui.making import Making
from service.ui.seat import Seat
from service.ui.shell import page

OFFERED = 400  # names of indicators in the list
BY_PLACE, BY_REPORT = "按地方和年份", "按报告"


def names_of(desk: Desk) -> tuple[str, ...]:
    """The names of indicators, those of most reports first."""
    spread: dict[str, set[str]] = {}
    for row in rows(desk.library, aliases=Aliases.load(desk.library.home)):
        if row.name:
            spread.setdefault(clean(row.name), set()).add(row.report_id)
    return tuple(sorted(spread, key=lambda name: (-len(spread[name]), name))[:OFFERED])


@page("/compare", "对比", icon="compare_arrows", order=60, wide=True)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    desk = seat.desk()
    cards = await seat.run(desk.cards)
    if not cards:
        with theme.empty("compare_arrows", "资料库是空的", "入库两份以上的报告后，可以在这里对比"):
            ui.link("去入库", seat.url("/library"))
        return
    await Comparison(seat, cards).build()


class Comparison:
    """The page's state."""

    def __init__(self, seat: Seat, cards: Sequence[Card]) -> None:
        self._seat, self._cards = seat, tuple(cards)

    async def build(self) -> None:
        """Put it on the page."""
        places = list(dict.fromkeys(card.place for card in self._cards if card.place))
        years = sorted({card.year for card in self._cards if card.year})
        reports = {card.id: clean(card.title) for card in self._cards}
        theme.heading("对比")
        with theme.card():
            self._way = (
                ui.toggle([BY_PLACE, BY_REPORT], value=BY_PLACE)
                .props("no-caps unelevated")
                .classes("wp-toggle")
            )
            with ui.element("div").classes("wp-filters"):
                self._places = _several("地方", places, places[:1])
                self._years = _several("年份", years, [])
                self._reports = _several("报告（两份以上）", reports, [])
                self._names = ui.select([], label="指标", multiple=True, with_input=True, clearable=True)
                self._names.props("dense outlined options-dense use-chips")
            for field in (self._places, self._years):
                field.bind_visibility_from(self._way, "value", value=BY_PLACE)
            self._reports.bind_visibility_from(self._way, "value", value=BY_REPORT)
            theme.soft("不选年份则取都有报告的年份，不选指标则取主要的指标。")
            with theme.row():
                self._phrased = ui.checkbox("由语言模型串联主要发现", value=True).props("dense")
                self._go = theme.button(
                    "对比", self._seat.doing(self._start), icon="compare_arrows", kind="main"
                )
                self._go.classes("wh-push")
        self._making = Making(self._seat, "memo", "对比备忘录")
        self._seat.later(self._offer)
        await self._making.resume(self._go)

    async def _offer(self) -> None:
        """The names of indicators, once they are read."""
        self._names.set_options(list(await self._seat.run(names_of, self._seat.desk())))

    def _request(self) -> Request:
        names = tuple(self._names.value or ())
        if self._way.value == BY_REPORT:
            chosen = tuple(self._reports.value or ())
            if len(chosen) < 2:
                raise InputError("要对比的报告不到两份", remedy="请在“报告”一栏选两份以上")
            return Request((), (), chosen, names)
        return Request(tuple(self._places.value or ()), tuple(self._years.value or ()), (), names)

    async def _start(self) -> None:
        request = self._request()
        self._making.free()
        desk = self._seat.desk()
        await self._seat.run(
            plan, request, await self._seat.run(desk.cards)
        )  # what cannot be is said at once
        await self._making.start(
            {
                "places": list(request.places),
                "years": list(request.years),
                "reports": list(request.report_ids),
                "indicators": list(request.indicators),
                "narrative": bool(self._phrased.value),
            }
        )


def _several(label: str, options: Any, value: list[Any]) -> ui.select:
    made = ui.select(options, label=label, value=value, multiple=True, clearable=True)
    return made.props("dense outlined options-dense")
