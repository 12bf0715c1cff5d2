"""对比: places, years or reports side by side as a memo: tables, charts, findings, what to mind.

In: what is chosen. Out: the memo as code makes it, at once; then, where wanted, with its findings joined by the language
model, which takes its turn. What cannot be compared is said with what there is instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError, NotFound, WenhengError
from corpus.ledger import rows
from service.desk import Desk
from service.making import memo
from service.memo.columns import Request
from service.models.cutting import Stop, Stopped
from service.papers.presenting import clean
from service.papers.provenance import Checked
from service.ui import handout, papers, problems, theme
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


def made(desk: Desk, request: Request, *, phrased: bool) -> Checked:
    """The memo, through the gate."""
    return memo(desk, request, desk.model() if phrased else None).checked()


def of_page(error: WenhengError) -> WenhengError:
    """An error of the comparison with options of the command line named as the fields of the page."""
    words = (
        ("--years", "年份"), ("--places", "地方"), ("--place", "地方"), ("；报告编号见 wenheng reports", ""),
        ("请用 wenheng figures 查看有哪些指标", "请从指标列表中选"), ("请先用 wenheng ingest 入库", "请先到资料库入库"),
    )  # fmt: skip
    remedy = error.remedy
    for typed, field in words:
        remedy = remedy.replace(typed, field)
    where = "" if error.where.startswith("--") else error.where
    return type(error)(error.message, where=where, remedy=remedy)


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
    Comparison(seat, cards).build()


class Comparison:
    """The page's state."""

    def __init__(self, seat: Seat, cards: Sequence[Card]) -> None:
        self._seat, self._cards = seat, tuple(cards)
        self._made: Checked | None = None
        self._stop: Stop | None = None

    def build(self) -> None:
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
                with theme.row("wh-push") as acts:
                    acts.style("width:auto")
                    self._halt = theme.button("停下", self._seat.doing(self._give_up), icon="stop")
                    self._halt.set_visibility(False)
                    self._go = theme.button(
                        "对比", self._seat.doing(self._start), icon="compare_arrows", kind="main"
                    )
        self._state = theme.soft("")
        self._out = ui.element("div").classes("wp-charts")
        self._seat.later(self._offer)

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
        if self._stop is not None:
            return
        caller, request, self._made = self._seat.require(), self._request(), None
        self._stop = Stop()
        waits: list[int] = []
        desk = self._seat.house.desk(
            caller, self._seat.collection, stop=self._stop, on_wait=lambda before: waits.append(before)
        )
        ui.context.client.on_delete(self._stop.set)
        self._busy(True, "正在对比……")
        look = ui.timer(0.3, lambda: self._state.set_text(_waiting(waits)) if waits else None)
        self._seat.house.accounts.log.write(caller, "memo", self._seat.collection)
        try:
            self._show(await self._seat.run(made, desk, request, phrased=False))
            if self._phrased.value:
                self._busy(True, "对比已完成；语言模型正在串联主要发现……")
                self._show(await self._seat.run(made, desk, request, phrased=True))
            self._busy(False, "")
        except Stopped:
            self._busy(False, "已停下；主要发现没有经语言模型串联")
        except (NotFound, InputError) as error:
            self._refuse(of_page(error))
        except WenhengError as error:
            if self._made is None:
                raise
            self._busy(False, f"语言模型没有参加，主要发现按原样写出。{error}")
        finally:
            look.cancel()
            self._stop = None
            self._halt.set_visibility(False)
            self._go.enable()

    def _show(self, memo: Checked) -> None:
        self._made = memo
        self._out.clear()
        with self._out, theme.card():
            handout.exports(self._seat, lambda: self._made, detail="对比备忘录")
            papers.show_whole(memo, papers.opener(self._seat))

    def _refuse(self, error: WenhengError) -> None:
        self._busy(False, "")
        self._out.clear()
        with self._out:
            problems.inline(error)

    def _give_up(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _busy(self, on: bool, text: str) -> None:
        self._halt.set_visibility(on)
        self._go.set_enabled(not on)
        self._state.set_text(text)


def _waiting(waits: Sequence[int]) -> str:
    before = waits[-1]
    return f"前面还有{before}个请求在等语言模型" if before else "轮到了，语言模型正在串联主要发现……"


def _several(label: str, options: Any, value: list[Any]) -> ui.select:
    made = ui.select(options, label=label, value=value, multiple=True, clearable=True)
    return made.props("dense outlined options-dense")
