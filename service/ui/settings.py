"""The page 设置: models and what leaves the machine, people, collections, backup, the log, versions.

In: a seat. Out: the page at ``/settings``. Readers see what concerns them; the rest is for who administers the house,
and each handler checks that again.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version

from nicegui import ui

from service.ui import set_backup, set_collections, set_log, set_models, set_people, theme
from service.ui.seat import Seat
from service.ui.shell import page

PARTS: tuple[tuple[str, Callable[[Seat], None], bool], ...] = (
    ("模型与接口", set_models.build, False),
    ("用户", set_people.build, True),
    ("资料库管理", set_collections.build, True),
    ("备份", set_backup.build, True),
    ("操作记录", set_log.build, True),
)


@page("/settings", "设置", icon="settings", order=90)
def settings(seat: Seat) -> None:
    """Build the page."""
    theme.heading("设置")
    shown = [(name, build) for name, build, closed in PARTS if not closed or seat.caller.administers]
    with ui.tabs().props("dense no-caps align=left outside-arrows mobile-arrows").classes("wh-tabs") as tabs:
        for name, _ in (*shown, ("关于", _about)):
            ui.tab(name)
    with ui.tab_panels(tabs, value=shown[0][0]).props("animated=false keep-alive").classes("wh-panels"):
        for name, build in (*shown, ("关于", _about)):
            with ui.tab_panel(name):
                build(seat)


def _about(seat: Seat) -> None:
    with theme.card("版本"):
        names = ("wenheng", "nicegui", "fastapi", "chromadb", "torch", "xllamacpp")
        rows = [(name, _version(name)) for name in names]
        rows += [("Python", platform.python_version()), ("系统", platform.platform(terse=True))]
        for name, told in rows:
            with theme.row():
                ui.label(name).style("width:130px").classes("wh-soft")
                ui.label(told)
    with theme.card("资料库"):
        desk = seat.desk()
        cards = desk.cards()
        ui.label(
            f"{len(cards)}份报告，{sum(card.passages for card in cards)}个片段，{sum(c.figures for c in cards)}个数字"
        )
        ui.label(desk.describe())
    with theme.card("数据放在哪里"):
        ui.label("报告、会话、稿件和账号都在本机的数据文件夹里。备份请用“备份”页，或命令 wenheng backup。")
        if seat.caller.administers:
            ui.label(str(seat.house.settings.home)).classes("wh-soft")


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "未安装"
