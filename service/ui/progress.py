"""A job as the page shows it: how far it is, how many wait before it, and a way to stop it (进度).

In: a job's id. Out: a bar that follows the job until it ends; then what it made, or why it failed. The job goes
on when the page is closed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from service import telling
from service.papers.presenting import clean
from service.ui import theme
from service.ui.seat import Seat
from service.work.jobs import Job

SECONDS = 0.5  # between two looks at the job
STATES = {
    "queued": "排队中",
    "running": "进行中",
    "done": "已完成",
    "failed": "没有成功",
    "cancelled": "已取消",
    "interrupted": "被中断",
}
Ended = Callable[[Job], Awaitable[None] | None]


class JobProgress:
    """Follows one job; ``on_end`` is called once, whatever the end, ``on_look`` each time that it was looked at."""

    def __init__(
        self,
        seat: Seat,
        job_id: str,
        title: str,
        on_end: Ended | None = None,
        *,
        on_look: Callable[[Job], None] | None = None,
    ) -> None:
        self._seat = seat
        self._id = job_id
        self._on_end, self._on_look = on_end, on_look
        with ui.element("div").classes("wh-card wh-tight").props("role=status") as self.element:
            with theme.row():
                ui.label(clean(title)).classes("wh-strong")
                self._state = theme.soft("排队中")
                self._cancel = theme.button("取消", seat.doing(self.cancel), kind="flat")
                self._cancel.classes("wh-push")
            self._bar = ui.linear_progress(0, show_value=False).props("rounded size=6px")
            self._note = theme.soft("")
        self._timer = ui.timer(SECONDS, seat.doing(self._look))

    async def cancel(self) -> None:
        """Ask the job to stop."""
        await self._seat.run(self._seat.house.jobs.cancel, self._seat.caller, self._id)
        self._note.set_text("正在停下……")
        self._cancel.disable()

    async def _look(self) -> None:
        job = await self._seat.run(self._seat.house.jobs.get, self._seat.caller, self._id)
        counted = f"（{job.done}/{job.total}）" if job.total else ""
        waits = f"，前面还有{job.ahead}个" if job.ahead else ""
        waits += f"，前面还有{job.waits}个请求在等语言模型" if job.waits else ""
        self._state.set_text(f"{STATES[job.state]}{counted}{waits}")
        self._bar.set_value(job.done / job.total if job.total else 0)
        self._note.set_text(clean(job.note or ""))
        if self._on_look is not None:
            self._on_look(job)
        if job.open:
            return
        self._timer.cancel()
        self._cancel.set_visibility(False)
        if job.error:
            self._note.set_text(telling.sentence(job.error))
            self.element.classes("wh-note fail")
        elif job.state == "done":
            self._bar.set_value(1)
        if self._on_end is not None:
            ended = self._on_end(job)
            if ended is not None:
                await ended
