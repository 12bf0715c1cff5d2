"""设置 › 操作记录: who asked, uploaded, exported, deleted; no text of a question or report.

In: a seat of who administers the house. Out: the tab: a table that goes on page by page, and a file for Excel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from service.accounts.log import ACTIONS, Wanted
from service.papers.presenting import clean
from service.ui import theme
from service.ui.seat import Seat
from service.ui.times import local

COLUMNS = (
    ("at", "时间"),
    ("name", "用户"),
    ("action", "动作"),
    ("collection", "资料库"),
    ("target", "对象"),
    ("detail", "说明"),
)
ANY = "全部"
PAGE = 100


def build(seat: Seat) -> None:
    """Make the tab."""
    Records(seat)


class Records:
    """The table, newest first."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._before: int | None = None
        with theme.card("操作记录"):
            with theme.row():
                options = {"": ANY, **ACTIONS}
                self._action = ui.select(options, value="", label="动作").props(
                    "dense outlined options-dense"
                )
                self._action.style("min-width:130px")
                self._action.on_value_change(self._doing(self._again))
                theme.button("导出表格", self._doing(self._save), icon="download")
            columns = [_column(name, label) for name, label in COLUMNS]
            self._table = ui.table(columns=columns, rows=[], row_key="number").props("flat dense wrap-cells")
            self._table.classes("wh-table")
            self._more = theme.button("更早的", self._doing(self._next), kind="flat")
        self._again()

    def _doing(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        return self._seat.doing(handler, administrator=True)

    def _again(self) -> None:
        self._before = None
        self._table.rows = []
        self._next()

    def _next(self) -> None:
        self._seat.require_administrator()
        found = self._seat.house.accounts.log.page(
            self._seat.caller, Wanted(action=self._action.value or ""), self._before, PAGE
        )
        rows = [
            {
                "number": one.number,
                "at": local(one.at),
                "name": clean(one.name) or "—",
                "action": ACTIONS.get(one.action, one.action),
                "collection": one.collection,
                "target": clean(one.target),
                "detail": clean(one.detail),
            }
            for one in found
        ]
        self._table.rows = [*self._table.rows, *rows]
        self._before = found[-1].number if found else self._before
        self._more.set_visibility(len(found) == PAGE)

    async def _save(self) -> None:
        wanted = Wanted(action=self._action.value or "")
        log, caller = self._seat.house.accounts.log, self._seat.caller
        data = await self._seat.run(lambda: "".join(log.csv(caller, wanted)).encode("utf-8"))
        log.write(caller, "log", detail="export")
        ui.download.content(data, "操作记录.csv", "text/csv")


def _column(name: str, label: str) -> dict[str, str]:
    classes = "" if name in ("at", "name", "action") else "wh-wide-only"
    told = {"name": name, "label": label, "field": name, "align": "left"}
    return told | {"classes": classes, "headerClasses": classes}
