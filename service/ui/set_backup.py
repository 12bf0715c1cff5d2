"""设置 › 备份: the whole data folder as one file, while others work.

In: a seat of who administers the house. Out: the tab; the file is verified, handed to the browser and then deleted here.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from nicegui import ui

from service.keeping.backup import back_up
from service.ui import theme
from service.ui.seat import Seat

SECONDS = 0.5  # between two looks at the progress


class _Given_up(Exception):
    """The user does not want it any more."""


def build(seat: Seat) -> None:
    """Make the tab."""
    with theme.card("备份"):
        ui.label(
            "把资料库、原件、会话、稿件、账号和设置备份成一个文件。备份期间可以照常使用；写完会逐项校验。"
        )
        theme.note("备份里有全部报告和会话，请存放在安全的地方。", "warn")
        Backing(seat)
    with theme.card("恢复"):
        ui.label("恢复会换掉整个数据文件夹，请在服务停止时用命令：")
        ui.label("wenheng restore 备份文件.zip").classes("wh-code")
        theme.soft("现有数据会先移到一旁，恢复后发现不对，可以再换回来。")


class Backing:
    """A button, and how far it is."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._done = (0, 1)
        self._stop = False
        with theme.row():
            self._start = theme.button(
                "备份并下载", seat.doing(self._run, administrator=True), icon="archive", kind="main"
            )
            self._halt = theme.button("取消", self._give_up)
            self._halt.set_visibility(False)
        self._bar = ui.linear_progress(0, show_value=False).props("rounded size=6px")
        self._bar.set_visibility(False)
        self._said = theme.soft("")

    def _give_up(self) -> None:
        self._stop = True

    def _tick(self, done: int, total: int) -> None:
        self._done = (done, max(1, total))
        if self._stop:
            raise _Given_up

    def _look(self) -> None:
        done, total = self._done
        self._bar.set_value(done / total)

    async def _run(self) -> None:
        self._stop, self._done = False, (0, 1)
        folder = Path(tempfile.mkdtemp(prefix="wenheng-"))
        client = ui.context.client
        client.on_delete(lambda: shutil.rmtree(folder, ignore_errors=True))
        timer = ui.timer(SECONDS, self._look)
        self._busy(on=True)
        try:
            target = folder / f"wenheng-{datetime.now():%Y%m%d-%H%M}.zip"
            made = await self._seat.run(back_up, self._seat.house.settings.home, target, tick=self._tick)
        except _Given_up:
            self._said.set_text("已取消，没有留下文件。")
            return
        finally:
            timer.cancel()
            self._busy(on=False)
        self._seat.house.accounts.log.write(self._seat.caller, "backup", detail=f"{made.size}字节")
        self._said.set_text(f"已备份并校验：{made.size / 2**20:.1f} MB，sha256 {made.sha256}")
        ui.download.file(made.path, made.path.name, "application/zip")

    def _busy(self, *, on: bool) -> None:
        self._start.set_enabled(not on)
        self._halt.set_visibility(on)
        self._bar.set_visibility(on)
