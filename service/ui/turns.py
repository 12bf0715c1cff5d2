"""One question and its answer on the page (一问一答).

In: a turn that is being answered, or one from the conversation's past. Out: the question, what was understood of it as
chips, the evidence at once, the text as it is written, then the checked answer with marks, sources and what can be
done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from service.papers.presenting import clean
from service.question import Question
from service.refining import KINDS, Facet, facets
from service.ui import theme
from service.ui.answers import (
    Citation,
    Turn,
    answer_html,
    closing,
    evidence_html,
    plain,
    sources,
    sources_html,
)
from service.ui.papers import printed
from service.ui.seat import Seat

WRITING = "正在写，写完逐句核对……"
COPY = """(e) => { const text = e.currentTarget.dataset.copy; const old = () => {
  const area = document.createElement('textarea'); area.value = text; document.body.append(area);
  area.select(); document.execCommand('copy'); area.remove(); };
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).catch(old); else old();
  Quasar.Notify.create({message: '已复制，含出处', position: 'top', timeout: 1500}); }"""


@dataclass(frozen=True, slots=True)
class Doings:
    """What the page does for a turn."""

    retry: Callable[[], Any]
    export: Callable[[Turn], Any]
    complain: Callable[[Turn], Any]
    drop: Callable[[Facet], Any]
    change: Callable[[Facet, Facet], Any]
    add: Callable[[Facet], Any]
    choices: Callable[[str], Sequence[Facet]]


class TurnView:
    """The elements of one turn; ``last`` turns can be asked again, with other filters too."""

    def __init__(self, seat: Seat, question: str, doings: Doings, *, last: bool) -> None:
        self._seat = seat
        self._doings = doings
        self._last = last
        self._text = ""
        with ui.element("article").classes("wh-turn") as self.element:
            ui.label(clean(question)).classes("wh-question")
            self._chips = ui.element("div").classes("wh-row wh-chips")
            self._evidence = ui.element("div")
            with ui.element("div").classes("wh-row wh-state").props("role=status") as self._state:
                ui.spinner(size="18px")
                self._saying = theme.soft("正在查找依据……")
            self._state.set_visibility(False)
            self._live = ui.label("").classes("wh-text wh-live").props("aria-live=polite")
            self._live.set_visibility(False)
            self._answer = ui.element("div")

    # -- while it is answered -------------------------------------------------------------------

    def begin(self, question: Question) -> None:
        """Show that it is being answered, and what was understood."""
        self._state.set_visibility(True)
        self.understood(question)

    def waits(self, before: int) -> None:
        """Tell the place in the queue."""
        self._saying.set_text(f"模型正忙，前面还有{before}个……" if before else WRITING)

    def found(self, citations: Sequence[Citation]) -> None:
        """Show the evidence."""
        self._saying.set_text(WRITING)
        if not citations:
            return
        with self._evidence:
            theme.soft(f"找到的依据（{len(citations)}）")
            self._printed(evidence_html(citations), citations)

    def delta(self, text: str) -> None:
        """Add text as it is written."""
        self._text += text
        self._live.set_visibility(True)
        self._live.set_text(self._text)

    def restart(self, why: str) -> None:
        """Throw away what streamed so far."""
        self._text = ""
        self._live.set_text("")
        self._saying.set_text(f"{why}……")

    def ended(self, note: str = "") -> None:
        """No longer being answered; ``note`` says why there is no answer."""
        self._state.set_visibility(False)
        self._live.set_visibility(False)
        if note:
            with self._answer:
                theme.note(note, "warn")
                self._retry()

    # -- the answer -----------------------------------------------------------------------------

    def done(self, turn: Turn) -> None:
        """Show the checked answer."""
        self.ended()
        self._evidence.clear()
        self._answer.clear()
        cited = sources(turn)
        with self._answer, ui.element("div").classes("wh-answer"):
            self._printed(answer_html(turn), cited).classes("wh-said")
            if turn["status"] != "refused" and turn.get("reason"):
                theme.note(clean(str(turn["reason"])), "warn")
            if cited:
                with ui.expansion(f"出处（{len(cited)}）", value=True).props("dense").classes("wh-fold"):
                    self._printed(sources_html(cited), cited)
            elif turn.get("evidence"):
                with ui.expansion("查到的相近内容", value=False).props("dense").classes("wh-fold"):
                    self._printed(evidence_html(turn["evidence"]), turn["evidence"])
            theme.soft(closing(turn))
            self._actions(turn)

    def _actions(self, turn: Turn) -> None:
        with theme.row("wh-tight wh-noprint"):
            copy = theme.button("复制", icon="content_copy", kind="flat").props("size=12px")
            copy.props["data-copy"] = plain(turn)
            copy.on("click", js_handler=COPY)
            export = self._seat.doing(lambda: self._doings.export(turn))
            theme.button("导出 Word", export, icon="download", kind="flat").props("size=12px")
            self._retry()
            complain = self._seat.doing(lambda: self._doings.complain(turn))
            theme.button("有误", complain, icon="thumb_down", kind="flat").props("size=12px")

    def _retry(self) -> None:
        if self._last:
            theme.button("重答", self._seat.doing(self._doings.retry), icon="refresh", kind="flat").props(
                "size=12px"
            )

    def no_longer_last(self, turn: Turn | None) -> None:
        """Another question follows: this one cannot be asked again in its place."""
        self._last = False
        self._chips.clear()
        if turn is not None:
            self.done(turn)
            return
        self._answer.clear()
        self.ended("没有答完，没有记入会话。")

    def _printed(self, html: str, citations: Sequence[Citation]) -> ui.element:
        async def hit(n: int) -> None:
            one = citations[n - 1]
            await self._seat.open_source(str(one["report_id"]), int(one["start"]), int(one["end"]))

        made: ui.element = printed(html, self._seat.doing(hit))
        return made

    # -- what was understood --------------------------------------------------------------------

    def understood(self, question: Question) -> None:
        """Chips of the filters; each can be switched off or changed, which asks again."""
        self._chips.clear()
        told = facets(question)
        with self._chips:
            theme.soft("理解为" if told else "没有限定地方或年份")
            for facet in told:
                self._chip(facet)
            with ui.button(icon="add").props('flat dense round size=sm aria-label="增加限定"'), ui.menu():
                for kind, name in KINDS.items():
                    if self._doings.choices(kind):
                        self._submenu(name, kind, self._doings.add)

    def _chip(self, facet: Facet) -> None:
        with ui.element("span").classes("wh-chip on"):
            with (
                ui.element("button")
                .props(f'type=button aria-label="改{KINDS[facet.kind]}"')
                .classes("wh-bare")
            ):
                ui.label(clean(facet.label)).style("display:inline")
                with ui.menu():
                    self._options(facet.kind, lambda new: self._doings.change(facet, new), facet)
            off = ui.button(icon="close", on_click=self._seat.doing(lambda: self._doings.drop(facet)))
            off.props("flat dense round size=xs")
            off.props["aria-label"] = f"不限定{clean(facet.label)}"  # not parsed: a name may hold quotes

    def _submenu(self, name: str, kind: str, chosen: Callable[[Facet], Any]) -> None:
        with (
            ui.menu_item(name, auto_close=False).props("role=menuitem aria-haspopup=true"),
            ui.menu().props("anchor='top end' self='top start'"),
        ):
            self._options(kind, chosen, None)

    def _options(self, kind: str, chosen: Callable[[Facet], Any], now: Facet | None) -> None:
        for option in self._doings.choices(kind):
            if option != now:
                theme.menu_item(clean(option.label), self._chooser(chosen, option))

    def _chooser(self, chosen: Callable[[Facet], Any], option: Facet) -> Callable[..., Any]:
        return self._seat.doing(lambda: chosen(option))
