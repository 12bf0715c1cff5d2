"""Saying that an answer is wrong (反馈有误): kept as a case, so that the same mistake is measured from then on.

In: a turn and the questions before it. Out: a dialog, and the case in ``feedback/`` of the data folder.
"""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from service import feedback
from service.feedback import REASONS, Complaint
from service.ui import problems, theme
from service.ui.answers import Turn
from service.ui.seat import Seat


async def ask(seat: Seat, turn: Turn, earlier: Sequence[str]) -> None:
    """Ask what is wrong, and keep it."""
    with ui.dialog() as dialog, ui.card().style("width:480px;max-width:94vw"):
        theme.heading("这条回答哪里有误？", 2)
        reason = ui.radio(REASONS, value="number").props("dense inline")
        right = (
            ui.input("应当包含的内容（可不填），如 71.5%")
            .props("dense outlined maxlength=200")
            .classes("full-width")
        )
        comment = (
            ui.textarea("补充说明（可不填）")
            .props("dense outlined autogrow maxlength=500")
            .classes("full-width")
        )
        theme.soft(
            "会把这个问题、回答的出处和以上内容存在本机数据文件夹的 feedback 中，供评测和改进；个人信息会隐去。"
        )
        with theme.row():
            theme.button("保存反馈", lambda: dialog.submit(True), kind="main").classes("wh-push")
            theme.button("取消", lambda: dialog.submit(False))
    agreed = await dialog
    told = Complaint(str(reason.value), right.value or "", comment.value or "")
    dialog.delete()
    if agreed:
        await seat.run(feedback.keep, seat.desk(), turn, earlier, told)
        problems.done("已记下，谢谢")
