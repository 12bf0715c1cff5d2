"""A document while a job makes it: how far it is, the parts that are ready, what the model is writing, and a way to stop it
(成文中).

In: a job's id and a place on the page. Out: what the job tells, as it tells it. The job goes on when the page is closed or
the line breaks; a page that is opened meanwhile follows it from where it is. Text is shown from the job and not from a
stream of the page's own, so that what is seen, what is kept and what is counted in the queue is one and the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from corpus.errors import Conflict, NotFound
from service.papers.presenting import clean
from service.papers.provenance import Checked
from service.ui import papers, problems, theme
from service.ui.seat import Seat
from service.work.jobs import Job

LOOK = 0.25  # seconds between two looks at the job
Ended = Callable[[Job | None], Awaitable[None]]


class Follow:
    """Follows one job; ``ended`` is called once with the job as it ended, None where it is not there any more."""

    def __init__(self, seat: Seat, place: ui.element, job_id: str, ended: Ended) -> None:
        self._seat, self._id, self._ended = seat, job_id, ended
        self._open = papers.opener(seat)
        self._page, self._shown = papers.Page(), 0
        self._stopping = self._over = False
        place.clear()
        with place, theme.card() as self.card:
            with theme.row():
                self._state = theme.soft("排队中……").props("role=status")
                self._halt = theme.button("停下", seat.doing(self._give_up), icon="stop")
                self._halt.classes("wh-push")
            self._bar = ui.linear_progress(show_value=False).props("indeterminate size=3px")
            self._body = ui.element("div")
            self._live = ui.label("").classes("wp-live").props("aria-live=off")
        # Not inside: what is shown at the end takes the place of the card, and would end the look that shows it.
        self._timer = ui.timer(LOOK, seat.doing(self._look))

    def stopped(self) -> None:
        """It was stopped; the parts that were ready stay."""
        self._state.set_text("已停下；下面是已经写好的部分" if self._shown else "已停下")
        self._live.set_text("")

    def fail(self, job: Job | None) -> None:
        """Why there is no document."""
        self.card.clear()
        with self.card:
            if job is None:
                theme.note("这个任务已被清理，没有结果。", "warn")
            else:
                problems.noted(job.error or {"detail": "没有做完", "remedy": "请重新做一次"})

    async def _give_up(self) -> None:
        self._stopping = True
        self._state.set_text("正在停下……")
        self._halt.disable()
        try:
            await self._seat.run(self._seat.house.jobs.cancel, self._seat.caller, self._id)
        except Conflict:
            return  # it has just ended by itself

    async def _look(self) -> None:
        try:
            job = await self._seat.run(self._seat.house.jobs.get, self._seat.caller, self._id)
        except NotFound:
            job = None
        if job is not None and job.open:
            self._show(job)
            return
        if self._over:
            return  # another look was under way at the same time
        self._over = True
        self._timer.cancel()
        self._halt.set_visibility(False)
        self._bar.set_visibility(False)
        await self._ended(job)

    def _show(self, job: Job) -> None:
        if not self._stopping:
            self._state.set_text(_state(job))
        with self._body:
            for part in job.made[self._shown :]:
                self._part(part)
        self._live.set_text(clean(job.text))

    def _part(self, part: Checked) -> None:
        if not self._shown:
            papers.printed(self._page.title(part), lambda n: None)
        self._shown += 1
        papers.show(self._page, part, self._open)


def _state(job: Job) -> str:
    """How far a job is, in words."""
    if job.state == "queued":
        return f"排队中，前面还有{job.ahead}个任务" if job.ahead else "排队中……"
    if job.waits:
        return f"前面还有{job.waits}个请求在等语言模型"
    counted = f"（{job.done + 1}/{job.total}）" if job.total > 1 else ""
    return f"{clean(job.note) or '正在开始'}{counted}……"
