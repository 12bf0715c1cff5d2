"""总结: one report in short, or what several have in common, as it is made, every sentence cited.

In: reports that are ticked in a list, or a request in words. Out: a job that makes the summary; its parts are shown one by
one, each through the gate, and the model's words run along until the checked text takes their place. Who leaves the page
finds the summary in the list of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from corpus.cards import Card
from corpus.errors import InputError
from corpus.report import Filter
from service.making import scope
from service.papers.presenting import clean
from service.summary.summary import Length
from service.ui import papers, theme
from service.ui.making import Making
from service.ui.seat import Seat
from service.ui.shell import page

LENGTHS = {Length.SHORT: "简短", Length.STANDARD: "标准", Length.LONG: "详细"}
MOST = 60  # reports of one synthesis


@page("/summary", "总结", icon="summarize", order=40)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    cards = await seat.run(seat.desk().cards)
    if not cards:
        with theme.empty("summarize", "资料库是空的", "入库报告后，可以在这里总结一份或归纳多份"):
            ui.link("去入库", seat.url("/library"))
        return
    await Summaries(seat, cards).build()


class Summaries:
    """The page's state."""

    def __init__(self, seat: Seat, cards: Sequence[Card]) -> None:
        self._seat, self._cards = seat, tuple(cards)

    async def build(self) -> None:
        """Put it on the page."""
        theme.heading("总结")
        with theme.card():
            self._words = ui.input(
                "要什么（可不填）", placeholder="如：2022年各县存在的共性问题；不填则总结下面勾选的报告"
            ).props("outlined dense clearable")
            self._words.on("keydown.enter", self._seat.doing(self._start))
            self._list()
            with theme.row():
                self._length = (
                    ui.toggle(
                        {length.value: name for length, name in LENGTHS.items()}, value=Length.STANDARD.value
                    )
                    .props('no-caps unelevated aria-label="篇幅"')
                    .classes("wp-toggle")
                )
                self._phrased = ui.checkbox("由语言模型串联概述", value=True).props("dense")
                self._go = theme.button("总结", self._seat.doing(self._start), icon="summarize", kind="main")
                self._go.classes("wh-push")
        self._making = Making(self._seat, "summary", "总结")
        await self._making.resume(self._go)

    def _list(self) -> None:
        """The reports, to be ticked."""
        columns = [
            {"name": name, "label": label, "field": name, "align": "left", "sortable": True}
            | ({} if name == "title" else {"classes": "wh-wide-only", "headerClasses": "wh-wide-only"})
            for name, label in (("title", "标题"), ("place", "地方"), ("year", "年份"), ("genre", "文种"))
        ]
        rows = [
            {
                "id": card.id,
                "title": clean(card.title),
                "place": clean(card.place or "—"),
                "year": card.year or "",
                "genre": card.genre.label,
            }
            for card in self._cards
        ]
        search = ui.input(placeholder="在列表中找").props("dense outlined clearable debounce=200")
        search.props('aria-label="在列表中找"')
        self._table = ui.table(columns=columns, rows=rows, row_key="id", selection="multiple", pagination=8)
        self._table.classes("wh-table").props("flat dense :hide-header=Quasar.Screen.lt.sm")
        theme.tick_boxes(self._table)
        search.bind_value_to(self._table, "filter")
        chosen = self._seat.query.get("report", "")
        self._table.selected = [row for row in rows if row["id"] == chosen]

    # -- what happens ---------------------------------------------------------------------------

    def _asked(self) -> dict[str, Any]:
        """What is to be summarised.

        Raises:
            InputError: nothing was chosen, or too much.
        """
        ids = [str(row["id"]) for row in self._table.selected]
        words = (self._words.value or "").strip()
        if not ids and not words:
            raise InputError("没有说要总结哪份报告", remedy="请在列表中勾选，或在上面写一句要什么")
        if len(ids) > MOST:
            raise InputError(f"勾选了{len(ids)}份，一次最多{MOST}份", remedy="请少选一些")
        named = {"reports": [words], "within": ids} if words else {"reports": ids, "within": []}
        told = {"length": str(self._length.value), "model": bool(self._phrased.value)}
        return {"places": [], "years": [], "genres": []} | named | told

    async def _start(self) -> None:
        asked = self._asked()
        self._making.free()
        found = await self._seat.run(
            scope, self._seat.desk(), asked["reports"], Filter(), asked["within"]
        )  # what cannot be is said at once
        await self._making.start(asked, f"{len(found.cards)}份报告")
