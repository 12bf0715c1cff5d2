"""总结: one report in short, or what several have in common, as it is made, every sentence cited.

In: reports that are ticked in a list, or a request in words. Out: the parts of the summary one by one, each through the
gate before it is shown; the model's words run along until the checked text takes their place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from nicegui import ui

from corpus.cards import Card
from corpus.errors import InputError
from corpus.report import Filter
from service.desk import Desk
from service.making import Made, scope, summary, summary_parts
from service.models.cutting import Stop, Stopped
from service.papers.presenting import clean
from service.papers.provenance import Checked, checked
from service.summary.scope import Request, resolve
from service.summary.summary import Length, Part, assembled
from service.ui import handout, papers, problems, theme
from service.ui.seat import Seat
from service.ui.shell import page

LENGTHS = {Length.SHORT: "简短", Length.STANDARD: "标准", Length.LONG: "详细"}
LOOK = 0.15  # seconds between two looks at what was made meanwhile
MOST = 60  # reports of one synthesis


@dataclass(slots=True)
class Making:
    """One summary under way in a thread: what it tells, in order, and how to stop it."""

    told: SimpleQueue[tuple[str, Any]] = field(default_factory=SimpleQueue)
    stop: Stop = field(default_factory=Stop)

    def text(self, piece: str) -> None:
        """A piece of what the model writes; "" where it begins anew."""
        self.stop.check()
        self.told.put(("text", piece))

    def waits(self, before: int) -> None:
        """How many calls of the model come before."""
        self.told.put(("waits", before))


def make(desk: Desk, asked: Request, length: Length, making: Making, *, phrased: bool) -> Checked:
    """The whole summary; its parts are told one by one as they are ready.

    Raises:
        Stopped: the user gave up.
        Unsourced: a part holds a numeral that leads to no source.
    """
    if not asked.single:
        return summary(desk, asked, length, phrased=phrased, on_text=making.text).checked()
    card = asked.cards[0]
    done: list[Part] = []
    for part in summary_parts(desk, card, length, phrased=phrased, on_text=making.text):
        making.stop.check()
        if not done:
            making.told.put(("title", checked(assembled(card, [part]), desk.report)))
        making.told.put(("part", checked(assembled(card, [Part(part.blocks)]), desk.report)))
        done.append(part)
    return Made(assembled(card, done), desk.report).checked()


@page("/summary", "总结", icon="summarize", order=40)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    cards = await seat.run(seat.desk().cards)
    if not cards:
        with theme.empty("summarize", "资料库是空的", "入库报告后，可以在这里总结一份或归纳多份"):
            ui.link("去入库", seat.url("/library"))
        return
    Summaries(seat, cards).build()


class Summaries:
    """The page's state."""

    def __init__(self, seat: Seat, cards: Sequence[Card]) -> None:
        self._seat, self._cards = seat, tuple(cards)
        self._made: Checked | None = None
        self._making: Making | None = None

    def build(self) -> None:
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
                with theme.row("wh-push") as acts:
                    acts.style("width:auto")
                    self._stop = theme.button("停下", self._seat.doing(self._give_up), icon="stop")
                    self._stop.set_visibility(False)
                    self._go = theme.button(
                        "总结", self._seat.doing(self._start), icon="summarize", kind="main"
                    )
        self._out = ui.element("div").classes("wp-charts")

    def _list(self) -> None:
        """The reports, to be ticked."""
        columns = [
            {"name": name, "label": label, "field": name, "align": "left", "sortable": True}
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
        search.bind_value_to(self._table, "filter")
        chosen = self._seat.query.get("report", "")
        self._table.selected = [row for row in rows if row["id"] == chosen]

    # -- what happens ---------------------------------------------------------------------------

    async def _asked(self, desk: Desk) -> Request:
        """What is to be summarised.

        Raises:
            InputError, NotFound: nothing was chosen, or nothing fits.
        """
        ids = [str(row["id"]) for row in self._table.selected]
        words = (self._words.value or "").strip()
        if not ids and not words:
            raise InputError("没有说要总结哪份报告", remedy="请在列表中勾选，或在上面写一句要什么")
        if len(ids) > MOST:
            raise InputError(f"勾选了{len(ids)}份，一次最多{MOST}份", remedy="请少选一些")
        if not words:
            return await self._seat.run(scope, desk, tuple(ids), Filter())
        within = [card for card in self._cards if card.id in ids] or self._cards
        return await self._seat.run(
            resolve, (words,), Filter(), within, desk.library.full_id, desk.understand
        )

    async def _start(self) -> None:
        if self._making is not None:
            return
        making = Making()
        caller = self._seat.require()
        desk = self._seat.house.desk(caller, self._seat.collection, stop=making.stop, on_wait=making.waits)
        self._made = None
        asked = await self._asked(desk)
        self._making = making
        self._busy(True)
        view = _View(self._seat, self._out)
        timer = ui.timer(LOOK, lambda: view.follow(making))
        ui.context.client.on_delete(making.stop.set)
        self._seat.house.accounts.log.write(
            caller, "summary", self._seat.collection, detail=f"{len(asked.cards)}份报告"
        )
        try:
            length, phrased = Length(self._length.value), bool(self._phrased.value)
            self._made = await self._seat.run(make, desk, asked, length, making, phrased=phrased)
            timer.cancel()
            view.whole(self._made, lambda: self._made)
        except Stopped:
            view.stopped()
        except Exception as error:
            view.failed(error)
        finally:
            timer.cancel()
            self._making = None
            self._busy(False)

    def _give_up(self) -> None:
        if self._making is not None:
            self._making.stop.set()

    def _busy(self, on: bool) -> None:
        self._stop.set_visibility(on)
        self._go.set_enabled(not on)


class _View:
    """What is made, as it comes."""

    def __init__(self, seat: Seat, place: ui.element) -> None:
        self._seat, self._place = seat, place
        self._open = papers.opener(seat)
        self._page = papers.Page()
        self._text, self._anew = "", False
        place.clear()
        with place, theme.card() as self._card:
            self._state = theme.soft("正在读报告……")
            self._body = ui.element("div")
            self._live = ui.label("").classes("wp-live").props("aria-live=off")

    def follow(self, making: Making) -> None:
        """Show what was told since the last look."""
        while True:
            try:
                kind, told = making.told.get_nowait()
            except Empty:
                break
            if kind == "waits":
                self._state.set_text(f"前面还有{told}个请求在等语言模型" if told else "轮到了，正在写……")
            elif kind == "text":
                self._text = (told if self._anew else self._text + told) if told else self._text
                self._anew = not told
            else:
                self._text, self._anew = "", True
                self._add(kind, told)
        self._live.set_text(clean(self._text))

    def _add(self, kind: str, told: Checked) -> None:
        with self._body:
            if kind == "title":
                papers.printed(self._page.title(told), lambda n: None)
            else:
                papers.show(self._page, told, self._open)
        self._state.set_text("正在写……")

    def whole(self, made: Checked, again: Callable[[], Checked | None]) -> None:
        """The finished summary in place of its parts."""
        self._card.clear()
        with self._card:
            handout.exports(self._seat, again, detail="总结")
            papers.show_whole(made, self._open)

    def stopped(self) -> None:
        """The user gave up; what was shown stays."""
        self._state.set_text("已停下；上面是已经写好的部分")
        self._live.set_text("")

    def failed(self, error: Exception) -> None:
        """Why there is no summary."""
        self._card.clear()
        with self._card:
            problems.inline(error)
