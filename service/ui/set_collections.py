"""设置 › 资料库管理: collections with borders, for instance one a bureau.

In: a seat of who administers the house. Out: the tab; a removed collection keeps its data and can be restored.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from service.accounts.caller import MAIN
from service.accounts.collections import LONGEST, Collection
from service.papers.presenting import clean
from service.ui import theme, undo
from service.ui.seat import Seat


def build(seat: Seat) -> None:
    """Make the tab."""
    Managing(seat)


class Managing:
    """The list of collections, and a form for a new one."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._books = seat.house.accounts.collections
        with theme.card("新建资料库"):
            theme.soft("每个资料库单独存放：在一个里提问，检索、引用和统计都不会涉及另一个。")
            with theme.row():
                self._name = ui.input("名称").props(f"dense outlined maxlength={LONGEST}").classes("wh-grow")
                theme.button("新建", self._doing(self._create), icon="add", kind="main")
        self._list = ui.element("div").classes("column").style("gap:8px")
        self._show()

    def _doing(self, handler: Any) -> Any:
        return self._seat.doing(handler, administrator=True)

    def _logged(self, collection: str, detail: str) -> None:
        self._seat.house.accounts.log.write(self._seat.caller, "collection", collection, detail=detail)

    def _create(self) -> None:
        made = self._books.create(self._name.value or "")
        self._logged(made, "create")
        self._name.set_value("")
        self._show()

    def _show(self) -> None:
        caller = self._seat.caller
        self._list.clear()
        with self._list:
            with theme.card("资料库"):
                for one in self._books.list(caller):
                    self._row(one)
            gone = self._books.list(caller, removed=True)
            if gone:
                with theme.card("已移除"):
                    for one in gone:
                        with theme.row():
                            ui.label(clean(one.name)).classes("wh-grow")
                            theme.soft(one.removed_at[:10])
                            theme.button(
                                "恢复", self._doing(lambda one=one: self._restore(one.id)), kind="flat"
                            )

    def _row(self, one: Collection) -> None:
        with theme.row():
            name = ui.input(value=one.name).props(f'dense outlined maxlength={LONGEST} aria-label="名称"')
            name.classes("wh-grow")
            theme.soft(f"编号 {one.id}")
            theme.button("改名", self._doing(lambda: self._rename(one.id, name.value or "")), kind="flat")
            if one.id != MAIN:
                remove = self._doing(lambda: self._remove(one.id))
                theme.button("移除", remove, kind="flat").props("color=negative")

    def _rename(self, collection: str, name: str) -> None:
        self._books.rename(collection, name)
        self._logged(collection, "rename")
        self._show()

    def _remove(self, collection: str) -> None:
        self._books.remove(collection)
        self._seat.house.let_go(collection)
        self._logged(collection, "remove")
        undo.offer(self._seat, "已移除资料库，数据还在", lambda: self._restore(collection))
        self._show()

    def _restore(self, collection: str) -> None:
        self._seat.require_administrator()
        self._books.restore(collection)
        self._logged(collection, "restore")
        self._show()
