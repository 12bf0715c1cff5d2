"""What was made before: the caller's own results of one kind in this collection, newest first (最近的结果).

In: jobs that have ended. Out: a list on the page; each can be opened again, which shows and exports it as it was made,
or removed. What failed stands there with its reason, so that who had left the page learns of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from service import telling
from service.papers.presenting import clean
from service.ui import theme
from service.ui.seat import Seat
from service.ui.times import local
from service.work.jobs import Job

MOST = 8
OVER = ("done", "failed", "cancelled", "interrupted")
Opened = Callable[[Job], Awaitable[None]]


def running(seat: Seat, kind: str) -> str:
    """The id of the caller's job of this kind that is under way here, "" where there is none."""
    found = seat.house.jobs.list(
        seat.caller, collection=seat.collection, kind=kind, states=("queued", "running"), limit=1
    )
    return found[0].id if found else ""


class Results:
    """The list; ``opened`` shows one of them."""

    def __init__(self, seat: Seat, kind: str, opened: Opened) -> None:
        self._seat, self._kind, self._opened = seat, kind, opened
        with theme.card("最近的结果") as self._card:
            self._list = ui.element("div").classes("column").style("width:100%")
        self._card.set_visibility(False)

    async def show(self) -> None:
        """The list as it is now."""
        jobs = await self._seat.run(self._jobs)
        self._card.set_visibility(bool(jobs))
        self._list.clear()
        with self._list:
            for job in jobs:
                self._line(job)

    def _jobs(self) -> tuple[Job, ...]:
        seat = self._seat
        found = seat.house.jobs.list(
            seat.caller, collection=seat.collection, kind=self._kind, states=OVER, limit=MOST
        )
        return tuple(job for job in found if job.result is not None or job.error is not None)

    def _line(self, job: Job) -> None:
        with theme.row("wp-item"):
            ui.label(title(job)).classes("wh-grow")
            if job.state == "cancelled":
                theme.tag("中途停下", "warn")
            theme.soft(local(job.updated))
            if job.result is not None:
                show = theme.button("打开", self._seat.doing(lambda: self._opened(job)))
                show.props["aria-label"] = f"打开 {title(job)}"  # not parsed: a title may hold quotes
            theme.icon_button("delete", f"移除 {title(job)}", self._seat.doing(lambda: self._remove(job)))
            if job.error is not None:
                theme.soft(telling.sentence(job.error)).style("width:100%")

    async def _remove(self, job: Job) -> None:
        await self._seat.run(self._seat.house.jobs.forget, self._seat.caller, job.id)
        self._seat.house.accounts.log.write(
            self._seat.caller, "delete", self._seat.collection, job.id, job.kind
        )
        await self.show()


def title(job: Job) -> str:
    """What a result is called."""
    result: dict[str, Any] = job.result or {}
    if texts := result.get("texts"):
        return clean(str(texts[0]["title"]))
    if document := result.get("document"):
        return clean(str(document["title"]))
    source = job.payload.get("text") or {}
    return clean(str(source.get("name") or "没有做成"))
