"""One piece of long work as its owner sees it, and the kinds of it that there are (任务)."""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpus.errors import NotFound
from service.accounts.caller import Role
from service.models.cutting import Stop

if TYPE_CHECKING:
    from service.desk import Desk
    from service.papers.provenance import Checked

STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
OPEN = ("queued", "running")
INPUTS = "inputs"  # the part of a job's folder that goes when the job ends

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; ``total`` is 0 where it is not known. ``text`` is what is being written right now, ``made`` are
    the checked parts that are ready: both are shown while the job runs, and never stored.
    """

    done: int
    total: int
    note: str = ""
    text: str = ""
    made: tuple[Checked, ...] = ()


@dataclass(slots=True)
class Run:
    """A job under way in this process; ``why`` it is to stop is "cancelled" or "closing", ``waits`` are the calls of the
    model that come before its own.
    """

    stop: Stop = field(default_factory=Stop)
    why: str = ""
    progress: Progress | None = None
    waits: int = 0

    def tell(self, progress: Progress) -> None:
        """It has come so far."""
        self.progress, self.waits = progress, 0

    def wait(self, before: int) -> None:
        """So many calls of the model come before."""
        self.waits = before


@dataclass(frozen=True, slots=True)
class Job:
    """One job; times are UTC, ISO 8601. ``ahead`` counts the jobs that come before a queued one, ``waits`` the calls of
    the model that come before the one that a running job wants.
    """

    id: str
    kind: str
    collection: str
    owner: str
    state: str
    done: int
    total: int
    note: str
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created: str
    updated: str
    number: int = 0
    ahead: int = 0
    waits: int = 0
    text: str = ""
    made: tuple[Checked, ...] = field(default=(), repr=False)
    payload: dict[str, Any] = field(default_factory=dict, repr=False)  # what was asked for; never shown

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in OPEN


Runner = Callable[["Desk", dict[str, Any], Callable[[Progress], None], Callable[[], bool]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what runs it, whether a second start goes on, in which lane, which role it needs, and whether it is
    over in a minute or so.
    """

    runner: Runner
    resumable: bool = False
    lane: str = ""
    needed: Role = Role.READER
    brief: bool = False


def job_of(row: sqlite3.Row, run: Run | None, ahead: int) -> Job:
    """A row as a job; ``run`` is there where it is under way in this process."""
    told = (run.progress if run else None) or Progress(row["done"], row["total"], row["note"])
    return Job(
        id=row["id"],
        kind=row["kind"],
        collection=row["collection"],
        owner=row["owner"],
        state=row["state"],
        done=told.done,
        total=told.total,
        note=told.note,
        result=json.loads(row["result"]) if row["result"] else None,
        error=json.loads(row["error"]) if row["error"] else None,
        created=row["created"],
        updated=row["updated"],
        number=row["number"],
        ahead=ahead,
        waits=run.waits if run else 0,
        text=told.text,
        made=told.made,
        payload=json.loads(row["payload"]),
    )


def missing(job_id: str) -> NotFound:
    """What is said of a job that does not exist, or not for this caller."""
    return NotFound(
        "没有这个任务", where=job_id[:60], remedy="请用任务列表查看自己的任务；过期的任务会被清理"
    )


def interrupted() -> dict[str, Any]:
    """The error of a job whose process ended in the middle."""
    return {
        "code": "interrupted",
        "title": "任务被中断",
        "title_en": "The job was interrupted",
        "detail": "服务在任务进行中停止了",
        "where": "",
        "remedy": "已保存的部分都在；请重新提交这个任务",
    }


def note(job_id: str, error: Exception) -> None:
    """Log an error that nobody expected: where, but nothing of the text."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("job %s: %s in %s, line %s", job_id, type(error).__name__, at.filename, at.lineno)
