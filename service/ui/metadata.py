"""Putting right what is known about a report (修改信息).

In: a report's id. Out: a dialog with its fields, where each value was read from, and a way back to it. What does not fit
is said at its field, and nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from corpus.edits import EDITABLE, checked
from corpus.errors import InputError
from corpus.report import GENRE_LABELS, Field, Metadata
from service.accounts.caller import Role
from service.ui import theme, undo
from service.ui.seat import Seat

LABELS = {
    "title": "标题",
    "genre": "文种",
    "place": "地方",
    "issuer": "发文单位",
    "year": "年份",
    "period": "时段",
    "number": "发文字号",
    "date": "成文日期",
}
HOW = {
    "title": "标题",
    "header": "文头",
    "number": "发文字号",
    "body": "正文",
    "signature": "落款",
    "file name": "文件名",
    "user": "人工填写",
}
HINTS = {"year": "如 2023", "date": "如 2023-12-31", "period": "如 全年、上半年、1-11月"}


def values(told: Metadata) -> dict[str, str]:
    """The fields as text."""
    found = {"title": told.title, "genre": told.genre.value}
    for name in EDITABLE:
        field = getattr(told, name)
        if isinstance(field, Field):
            found[name] = field.value
    return {name: found.get(name, "") for name in EDITABLE}


class Editing:
    """The dialog; ``changed`` is called after the fields were saved."""

    def __init__(self, seat: Seat, report_id: str, changed: Callable[[], Any]) -> None:
        self._seat = seat
        self._id = report_id
        self._changed = changed
        self._fields: dict[str, Any] = {}
        self._before: dict[str, str] = {}

    async def open(self) -> None:
        """Show it."""
        desk = self._seat.desk(Role.WRITER)
        report = await self._seat.run(desk.report, self._id)
        edited = await self._seat.run(desk.library.edits, self._id)
        self._before = values(report.metadata)
        with ui.dialog().props("persistent") as dialog, ui.card().style("width:560px;max-width:96vw"):
            theme.heading("修改报告信息", 2)
            theme.soft("改过的项重新入库后仍保留；清空表示不知道。检索和比较按这里的地方、年份、时段。")
            for name in sorted(EDITABLE, key=list(LABELS).index):
                self._field(name, name in edited, report.metadata)
            with theme.row():
                save = self._seat.doing(lambda: self._save(dialog, edited), Role.WRITER)
                theme.button("保存", save, kind="main").classes("wh-push")
                theme.button("取消", dialog.close)
        dialog.on_value_change(lambda event: None if event.value else dialog.delete())
        dialog.open()

    def _field(self, name: str, edited: bool, told: Metadata) -> None:
        value = self._before[name]
        with theme.row():
            if name == "genre":
                options = {genre.value: label for genre, label in GENRE_LABELS.items()}
                made: Any = ui.select(options, value=value, label=LABELS[name]).props(
                    "dense outlined options-dense"
                )
            else:
                made = ui.input(LABELS[name], value=value, placeholder=HINTS.get(name)).props(
                    "dense outlined"
                )
                made.props("maxlength=200")
            self._fields[name] = made.classes("wh-grow")
            if edited:
                reset = self._seat.doing(lambda: self._reset(name), Role.WRITER)
                theme.button("恢复读出的值", reset, kind="flat")
            else:
                field = getattr(told, name)
                theme.soft(f"读自{HOW.get(field.how, field.how)}" if isinstance(field, Field) else "")

    async def _reset(self, name: str) -> None:
        """Take one edit back; the field shows what the page itself tells."""
        desk = self._seat.desk(Role.WRITER)
        await self._seat.run(desk.edit, self._id, name, None)
        report = await self._seat.run(desk.report, self._id)
        self._before[name] = values(report.metadata)[name]
        self._fields[name].set_value(self._before[name])
        await self._changed()

    async def _save(self, dialog: ui.dialog, edited: Mapping[str, str]) -> None:
        desk = self._seat.desk(Role.WRITER)
        told = {name: str(field.value or "").strip() for name, field in self._fields.items()}
        changes = {name: value for name, value in told.items() if value != self._before[name]}
        if not self._sound(changes):
            return
        for name, value in changes.items():
            await self._seat.run(desk.edit, self._id, name, value)
        dialog.close()
        if changes:
            log = self._seat.house.accounts.log
            log.write(self._seat.caller, "edit", self._seat.collection, self._id, "、".join(changes))
            back = {name: edited.get(name) for name in changes}
            undo.offer(self._seat, "已保存修改", lambda: self._undo(back), Role.WRITER)
            await self._changed()

    def _sound(self, changes: Mapping[str, str]) -> bool:
        """Whether all values can be saved; what does not fit is said at its field."""
        good = True
        for name, field in self._fields.items():
            field.error = None
            try:
                checked(name, changes.get(name, self._before[name]))
            except InputError as error:
                field.error = f"{error.message}。{error.remedy}"
                good = False
        return good

    async def _undo(self, back: Mapping[str, str | None]) -> None:
        desk = self._seat.desk(Role.WRITER)
        for name, value in back.items():
            await self._seat.run(desk.edit, self._id, name, value)
        await self._changed()
