"""The caller's conversations beside the chat: opened, renamed, deleted with a way back (会话列表).

In: a seat. Out: the list. A deleted conversation is gone from the library at once; the page keeps its turns for as
long as the way back is offered, and writes them anew when it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from corpus.chats import Chat, Heading
from service.accounts.caller import Caller
from service.papers.presenting import clean
from service.ui import exporting, problems, theme, undo
from service.ui.seat import Seat

KIND = "chat"
SHOWN = 40  # conversations listed at first


def own(seat: Seat, caller: Caller) -> Sequence[Heading]:
    """The caller's conversations in the collection, the last used first."""
    mine = seat.house.accounts.owned.ids(KIND, seat.collection, caller)
    return [chat for chat in seat.desk().library.chats.headings() if chat.id in mine]


def load(seat: Seat, talk_id: str) -> Chat:
    """One conversation of the caller.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    caller = seat.require()
    chat = seat.desk().library.chats.load(talk_id)
    seat.house.accounts.owned.check(KIND, chat.id, seat.collection, caller)
    return chat


class Talks:
    """The list; ``opened`` is called with an id, "" for a new conversation."""

    def __init__(self, seat: Seat, opened: Callable[[str], Any]) -> None:
        self._seat = seat
        self._opened = opened
        self._current = ""
        self._most = SHOWN
        with ui.element("nav").classes("wh-talks").props('aria-label="会话"') as self.element:
            with ui.element("div").classes("wh-row wh-tight"):
                fresh = theme.button("新会话", seat.doing(lambda: opened("")), icon="add", kind="main")
                fresh.classes("wh-grow")
                fold = theme.button("会话", lambda: self.element.classes(toggle="open"), icon="history")
                fold.classes("wh-narrow-only").props('aria-label="显示或收起会话列表"')
            self._list = ui.element("div").classes("wh-talk-list")

    async def refresh(self, current: str) -> None:
        """List anew; ``current`` is the open one."""
        self._current = current
        self.element.classes(remove="open")
        found = await self._seat.run(own, self._seat, self._seat.caller)
        self._list.clear()
        with self._list:
            for chat in found[: self._most]:
                self._row(chat)
            if len(found) > self._most:
                more = self._seat.doing(self._more)
                theme.button(f"还有{len(found) - self._most}个", more, kind="flat")
            if not found:
                theme.soft("还没有会话")

    async def _more(self) -> None:
        self._most += 10 * SHOWN
        await self.refresh(self._current)

    def _row(self, chat: Heading) -> None:
        on = chat.id == self._current
        with ui.element("div").classes("wh-talk" + (" on" if on else "")):
            name = ui.button(
                clean(chat.title) or "（空）", on_click=self._seat.doing(lambda: self._opened(chat.id))
            )
            name.props(f"flat dense no-caps align=left {'aria-current=true' if on else ''}").classes(
                "wh-talk-name"
            )
            with theme.icon_button("more_vert", "改名或删除"), ui.menu():
                theme.menu_item("改名", self._seat.doing(lambda: self._rename(chat)))
                theme.menu_item("导出 Word", self._seat.doing(lambda: self._export(chat)))
                theme.menu_item("删除", self._seat.doing(lambda: self._delete(chat)))

    async def _export(self, chat: Heading) -> None:
        await exporting.answer(self._seat, *load(self._seat, chat.id).turns)

    async def _rename(self, chat: Heading) -> None:
        with ui.dialog() as dialog, ui.card():
            ui.label("会话名称").classes("wh-strong")
            field = ui.input(value=chat.title).props(
                'dense outlined maxlength=80 autofocus aria-label="会话名称"'
            )
            field.style("min-width:300px").on("keydown.enter", lambda: dialog.submit(field.value))
            with theme.row():
                theme.button("保存", lambda: dialog.submit(field.value), kind="main").classes("wh-push")
                theme.button("取消", lambda: dialog.submit(None))
        name = await dialog
        dialog.delete()
        if name is not None and name.strip():
            known = load(self._seat, chat.id)
            await self._seat.run(self._seat.desk().library.chats.rename, known.id, name.strip())
            await self.refresh(self._current)

    async def _delete(self, chat: Heading) -> None:
        kept = load(self._seat, chat.id)
        await self._seat.run(self._seat.desk().forget, kept.id)
        house = self._seat.house
        house.accounts.owned.release(KIND, kept.id, self._seat.collection)
        house.accounts.log.write(self._seat.caller, "delete", self._seat.collection, kept.id, "会话")
        if kept.id == self._current:
            await self._opened("")
        else:
            await self.refresh(self._current)
        undo.offer(self._seat, "已删除会话", lambda: self._restore(kept))

    async def _restore(self, kept: Chat) -> None:
        chats = self._seat.desk().library.chats

        def write() -> str:
            again = chats.start(kept.title)
            for turn in kept.turns:
                chats.add(again, turn)
            return again

        again = await self._seat.run(write)
        self._seat.house.accounts.owned.claim(KIND, again, self._seat.collection, self._seat.caller)
        problems.done("已恢复")
        await self.refresh(self._current)
