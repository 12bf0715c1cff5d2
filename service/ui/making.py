"""The part of a page that has documents made: starts the job, follows it, shows what came of it, lists what was made before
(成文).

In: what is to be made, as the payload of a job. Out: the document, with what exports it. A page that is opened while a job
of its kind is under way goes along with that one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from corpus.errors import Conflict, WenhengError
from service.papers.presenting import clean
from service.papers.provenance import Checked
from service.ui import handout, papers, problems, theme
from service.ui.follow import Follow
from service.ui.results import Results, running
from service.ui.seat import Seat
from service.work import stored
from service.work.documents import DOCUMENT
from service.work.jobs import Job

Read = Callable[[Job], Awaitable[Callable[[], None]]]


class Making:
    """One kind of document of one page.

    Args:
        seat: of the page.
        kind: of the jobs.
        detail: what its documents are called in the log of exports.
        read: reads the result of a job, and gives what puts it on the page; else it is the one document that was made.
    """

    def __init__(self, seat: Seat, kind: str, detail: str, *, read: Read | None = None) -> None:
        self._seat, self._kind, self._detail = seat, kind, detail
        self._read = read or self._document
        self._follow: Follow | None = None
        self._go: ui.button | None = None
        self._out = ui.element("div").classes("wp-charts")
        self._results = Results(seat, kind, self._open)

    async def resume(self, go: ui.button | None = None) -> None:
        """Go along with what is under way, and list what was made; ``go`` is the button that starts it."""
        self._go = go
        if under_way := await self._seat.run(running, self._seat, self._kind):
            self._go_along(under_way)
        await self._results.show()

    def free(self) -> None:
        """Ask whether another document may be begun, or shown.

        Raises:
            Conflict: one is being made.
        """
        if self._follow is not None:
            raise Conflict("上一份还没有做完", remedy="请等它做完，或先停下")

    async def start(self, payload: Mapping[str, Any], said: str = "", *, job_id: str = "") -> Job:
        """Have it made; ``said`` goes into the audit log."""
        self.free()
        seat, caller = self._seat, self._seat.require()

        def submit() -> Job:
            return seat.house.jobs.submit(caller, seat.collection, self._kind, payload, job_id=job_id)

        job = await seat.run(submit)
        seat.house.accounts.log.write(caller, self._kind, seat.collection, job.id, said)
        self._go_along(job.id)
        return job

    def _go_along(self, job_id: str) -> None:
        self._follow = Follow(self._seat, self._out, job_id, self._ended)
        if self._go is not None:
            self._go.disable()

    async def _ended(self, job: Job | None) -> None:
        follow, self._follow = self._follow, None
        assert follow is not None
        if self._go is not None:
            self._go.enable()
        if job is not None and job.result is not None:
            await self._shown(job)
        elif job is not None and job.state == "cancelled":
            follow.stopped()
        else:
            follow.fail(job)
        await self._results.show()

    async def _open(self, job: Job) -> None:
        self.free()
        await self._shown(job)
        self._out.run_method("scrollIntoView")

    async def _shown(self, job: Job) -> None:
        """The result in the place of what was there; its parts stay until the whole can be drawn."""
        draw: Callable[[], object]
        try:
            draw = await self._read(job)
        except WenhengError as error:
            draw = partial(problems.inline, error)
        self._out.clear()
        with self._out:
            draw()

    async def _document(self, job: Job) -> Callable[[], None]:
        seat = self._seat
        made = await seat.run(opened, seat, job, DOCUMENT)

        def draw() -> None:
            with theme.card():
                handout.exports(seat, lambda: made, detail=self._detail)
                for note in (job.result or {}).get("notes", ()):
                    theme.note(clean(str(note)), "warn")
                papers.show_whole(made, papers.opener(seat))

        return draw


def opened(seat: Seat, job: Job, name: str) -> Checked:
    """A document that a job made, checked anew against the library as it is.

    Raises:
        NotFound: it is not there any more.
        Unsourced: a report that it cites was deleted, or reads otherwise by now.
    """
    return stored.again(seat.desk(), seat.house.jobs.folder_of(job.id), name).checked()
