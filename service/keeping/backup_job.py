"""A backup as a job, for the web page and the API (后台备份).

In: nothing but the wish of an administrator of the whole house. Out: one file in the folder of the job, to be taken away
by its owner; it goes with the job. Backups leave such files out, or each would hold the ones before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import Forbidden
from service.accounts.caller import MAIN, Caller, Role
from service.keeping.backup import MADE, back_up
from service.models.cutting import Stopped
from service.work.job import Progress

if TYPE_CHECKING:
    from service.desk import Desk
    from service.house import House
    from service.work.job import Job
    from service.work.jobs import Jobs

KIND = "backup"


def register(jobs: Jobs) -> None:
    """Make the kind known. One that was cut short is not taken up: it would be, too, after a restore from its file."""
    jobs.register(KIND, run, lane=KIND, needed=Role.ADMINISTRATOR)


def submit(house: House, caller: Caller, *, key: str | None = None) -> Job:
    """Put a backup of the whole data folder into the queue.

    Raises:
        Forbidden: the caller does not administer the house; a backup holds every collection.
    """
    if not caller.administers:
        raise Forbidden("备份包含全部资料库，只有管理员可以做", remedy="请联系管理员")
    job = house.jobs.submit(caller, MAIN, KIND, {}, key=key)
    house.accounts.log.write(caller, "backup", MAIN, job.id)
    return job


def run(
    desk: Desk, payload: dict[str, Any], progress: Callable[[Progress], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """Write the file; progress is in hundredths."""
    folder = Path(payload["folder"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{MADE}{datetime.now(UTC).strftime('%Y%m%d-%H%M%S')}.zip"

    def tick(done: int, total: int) -> None:
        if stop():
            raise Stopped
        progress(Progress(100 * done // max(total, 1), 100, "备份"))

    made = back_up(desk.settings.home, target, within=True, force=True, tick=tick)
    return {
        "files": [target.name],
        "bytes": made.size,
        "sha256": made.sha256,
        "reports": sum(made.manifest.reports.values()),
        "missing": len(made.manifest.missing),
    }
