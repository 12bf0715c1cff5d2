"""The vectors of a collection anew, as a job, after the embedding model became another one (重做向量).

In: the wish of an administrator, or of a change of the model. Out: vectors for all passages. Searches go on meanwhile:
by words, and by meaning as far as the vectors have come.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from corpus.errors import LibraryBusy
from service.accounts.caller import Caller, Role
from service.models.cutting import Stopped
from service.work.job import Job, Progress
from service.work.jobs import Jobs

if TYPE_CHECKING:
    from service.desk import Desk
    from service.house import House

KIND = "reindex"
LOOK_SECONDS = 1.0  # whether whoever writes to the library is done


def register(jobs: Jobs) -> None:
    """Make the kind known; one that was cut short goes on with what is missing."""
    jobs.register(KIND, run, resumable=True, lane=KIND, needed=Role.ADMINISTRATOR)


def submit(house: House, caller: Caller) -> tuple[Job, ...]:
    """A job for each collection of the house."""
    return tuple(house.jobs.submit(caller, name, KIND, {}) for name in house.accounts.collections.every())


def run(
    desk: Desk, payload: dict[str, Any], progress: Callable[[Progress], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """Make what is missing."""

    def tick(done: int, total: int) -> None:
        if stop():
            raise Stopped
        progress(Progress(done, total, "重做向量"))

    while True:
        try:
            return {"vectors": desk.catch_up(tick)}
        except LibraryBusy:
            progress(Progress(0, 0, "等入库结束"))
            if stop():
                raise Stopped from None
            time.sleep(LOOK_SECONDS)
