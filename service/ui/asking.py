"""The page 问答: conversations, questions, answers with their sources beside them.

In: a seat. Out: the page at ``/``. The evidence is shown at once, the text as it is written, the checked answer at the
end; each turn is kept in the conversation as soon as it is checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nicegui import ui

from corpus.errors import BadQuestion
from service import refining
from service.accounts.caller import Role
from service.answer import Delta, Done, Event, Found, Restart
from service.examples import examples
from service.models.cutting import Stop
from service.question import Question
from service.refining import Facet
from service.session import Session
from service.ui import complaint, exporting, theme
from service.ui.answers import Turn
from service.ui.pump import Pump
from service.ui.shell import Seat, page
from service.ui.talks import KIND, Talks, load
from service.ui.turns import Doings, TurnView

BOTTOM = "setTimeout(() => { const e = document.querySelector('.wh-foot'); if (e) e.scrollIntoView(); }, 80)"


@page("/", "问答", icon="forum", order=10, wide=True)
async def asking(seat: Seat) -> None:
    """Build the page."""
    await Asking(seat).open(seat.query.get("talk", ""))


class Asking:
    """The state of one open page."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._session: Session | None = None
        self._pump: Pump[Event] | None = None
        self._views: list[tuple[TurnView, Turn | None]] = []  # without a turn: not answered, or not yet
        self._question: Question | None = None  # the last one, as it was meant
        self._idle = asyncio.Event()
        with ui.element("div").classes("wh-ask"):
            self._talks = Talks(seat, self.open)
            with ui.element("section").classes("wh-thread").props('aria-label="对话"'):
                self._turns = ui.element("div").classes("wh-turns")
                self._foot()
        ui.context.client.on_delete(self._stop)

    def _foot(self) -> None:
        with ui.element("div").classes("wh-foot wh-noprint"):
            self._field = ui.textarea(placeholder="问报告里的事（回车提问）")
            self._field.props(
                'outlined autogrow dense maxlength=2000 aria-label="问题" input-style="max-height:140px"'
            )
            self._field.classes("wh-grow")
            # Enter asks; with Shift, or while an input method is composing, it stays in the field.
            js = "(e) => { if (!e.shiftKey && !e.isComposing) { e.preventDefault(); emit(); } }"
            self._field.on("keydown.enter", self._seat.doing(self._send), js_handler=js)
            with ui.element("div").classes("wh-row wh-tight").style("width:auto"):
                self._ask = theme.button("提问", self._seat.doing(self._send), icon="send", kind="main")
                self._halt = theme.button("停止", self._seat.doing(self._stop), icon="stop", kind="danger")
                self._halt.set_visibility(False)

    # -- conversations --------------------------------------------------------------------------

    async def open(self, talk_id: str) -> None:
        """Open a conversation, "" a new one."""
        self._stop()
        desk = self._seat.desk()
        known = load(self._seat, talk_id).id if talk_id else None
        self._session = await self._seat.run(desk.session, known)
        self._views, self._question = [], None
        self._turns.clear()
        with self._turns:
            if self._session.turns:
                self._past(self._session.turns)
            else:
                await self._welcome()
        ui.navigate.history.replace(self._seat.url("/", talk=self._session.id))
        await self._talks.refresh(self._session.id)
        if self._session.turns:
            ui.run_javascript(BOTTOM)

    def _past(self, turns: Sequence[Turn]) -> None:
        for number, turn in enumerate(turns, 1):
            last = number == len(turns)
            view = TurnView(self._seat, str(turn["question"]), self._doings(), last=last)
            view.done(turn)
            self._views.append((view, turn))

    async def _welcome(self) -> None:
        desk = self._seat.desk()
        found = await self._seat.run(examples, desk)
        with ui.element("div").classes("wh-welcome"):
            theme.heading("从往年报告里查数、问答", 1)
            if not desk.cards():
                writes = self._seat.may(Role.WRITER)
                more = "先放进几份报告，再来提问。" if writes else "请有编辑权限的同事先上传报告。"
                with theme.empty("library_add", "资料库还是空的", more):
                    if writes:
                        theme.button("去资料库上传", lambda: self._seat.go("/library"), kind="main")
                return
            theme.soft("回答里的每个数字都注明出处，点 [n] 看原句。库中现有：", small=False)
            ui.label(desk.describe())
            for text in found:
                ask = self._seat.doing(self._asker(text))
                theme.button(text, ask, icon="chat_bubble_outline", kind="").props("align=left").classes(
                    "wh-example"
                )

    def _asker(self, text: str) -> Callable[[], Any]:
        return lambda: self.ask(text)

    # -- asking ---------------------------------------------------------------------------------

    async def _send(self) -> None:
        text = (self._field.value or "").strip()
        if self._pump is None and text:
            await self.ask(text, typed=True)

    async def ask(self, text: str, *, typed: bool = False) -> None:
        """Ask; what was typed leaves the field only when it was taken."""
        session = self._session
        assert session is not None
        question = await self._seat.run(self._seat.desk().understand, text, session.questions)
        self._admit(question)
        if typed:
            self._field.set_value("")
        await self._answer(session, question)

    def _admit(self, question: Question) -> None:
        """Refuse a question while another one is answered, or when there were too many."""
        if self._pump is not None:
            raise BadQuestion("上一个问题还在回答", remedy="请等它答完，或先按停止")
        caller = self._seat.require()
        self._seat.pace(caller)
        self._seat.house.accounts.log.asked(caller, self._seat.collection, question.text)

    async def _answer(self, session: Session, question: Question) -> None:
        view = self._new_view(question)
        pump: Pump[Event] = Pump(self._maker(question), view.waits)
        self._pump = pump
        self._idle.clear()
        self._busy(on=True)
        done: Done | None = None
        try:
            async for event in pump.events():
                done = _show(view, event) or done
        except Exception:
            view.ended("没有答完，可以重答。")
            raise
        finally:
            pump.stop()
            self._pump = None
            self._idle.set()
            self._busy(on=False)
        if done is None:
            view.ended("已停止，这一问没有记入会话。")
            return
        await self._keep(session, question, done)
        view.done(session.turns[-1])
        self._views[-1] = (view, session.turns[-1])

    def _new_view(self, question: Question) -> TurnView:
        if not self._views:
            self._turns.clear()  # the welcome
        else:
            before, turn = self._views[-1]
            before.no_longer_last(turn)
        with self._turns:
            view = TurnView(self._seat, question.text, self._doings(), last=True)
        view.begin(question)
        self._views.append((view, None))
        self._question = question
        ui.run_javascript(BOTTOM)
        return view

    def _maker(self, question: Question) -> Callable[[Stop, Callable[[int], None]], Iterator[Event]]:
        seat = self._seat

        def make(stop: Stop, on_wait: Callable[[int], None]) -> Iterator[Event]:
            desk = seat.house.desk(seat.require(), seat.collection, stop=stop, on_wait=on_wait)
            return refining.asked(desk, question)

        return make

    async def _keep(self, session: Session, question: Question, done: Done) -> None:
        fresh = not session.id
        await self._seat.run(session.add, question.text, done.answer)
        if fresh:
            self._seat.house.accounts.owned.claim(KIND, session.id, self._seat.collection, self._seat.caller)
            ui.navigate.history.replace(self._seat.url("/", talk=session.id))
        await self._talks.refresh(session.id)

    def _busy(self, *, on: bool) -> None:
        self._ask.set_visibility(not on)
        self._halt.set_visibility(on)

    def _stop(self) -> None:
        if self._pump is not None:
            self._pump.stop()

    # -- asking again ---------------------------------------------------------------------------

    def _doings(self) -> Doings:
        return Doings(
            retry=self._retry,
            export=lambda turn: exporting.answer(self._seat, turn),
            complain=lambda turn: complaint.ask(self._seat, turn, self._before(turn)),
            drop=lambda facet: self._again(lambda q: refining.without(q, facet)),
            change=lambda facet, new: self._again(lambda q: refining.changed(q, facet, new)),
            add=lambda new: self._again(lambda q: refining.added(q, new)),
            choices=self._choices,
        )

    def _choices(self, kind: str) -> Sequence[Facet]:
        return refining.choices(self._seat.desk().cards(), kind)

    def _before(self, turn: Turn) -> tuple[str, ...]:
        session = self._session
        assert session is not None
        known = [n for n, one in enumerate(session.turns) if one is turn]
        return session.questions[: known[0]] if known else ()

    async def _retry(self) -> None:
        await self._again(lambda question: question)

    async def _again(self, change: Callable[[Question], Question]) -> None:
        """Ask the last question again, changed; its answer takes the place of the one before."""
        session = self._session
        if session is None or not self._views:
            return
        if self._pump is not None:
            self._pump.stop()
            await self._idle.wait()
        question = self._question
        if question is None:
            *earlier, last = session.questions
            question = await self._seat.run(self._seat.desk().understand, last, earlier)
        question = change(question)
        self._admit(question)
        view, turn = self._views.pop()
        if turn is not None:
            await self._seat.run(session.undo)
        view.element.delete()
        await self._answer(session, question)


def _show(view: TurnView, event: Event) -> Done | None:
    """Show an event; the last one is handed on, since it is kept before it is shown."""
    if isinstance(event, Found):
        view.found([one.to_json() for one in event.citations])
    elif isinstance(event, Delta):
        view.delta(event.text)
    elif isinstance(event, Restart):
        view.restart(event.why)
    elif isinstance(event, Done):
        return event
    return None
