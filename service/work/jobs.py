"""Long work that outlives its request, and the process (后台任务).

In: a kind of work, who wants it in which collection, a payload of JSON. Out: a job that tells how far it is, and in the
end a result or an error with its remedy. Rows lie in ``service.db``, files in ``jobs/ID/`` of the data folder. After a
restart queued jobs go on; those that were under way are taken up again where their kind can be, else they end as
"interrupted". Runners of one lane and collection work one after the other.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.database import Database
from corpus.errors import Conflict, NotFound, WenhengError
from service.accounts.caller import Caller, Role
from service.keeping import metrics
from service.models.cutting import Stop, Stopped
from service.work.job import (
    INPUTS,
    OPEN,
    STATES,
    Job,
    Kind,
    Progress,
    Run,
    Runner,
    interrupted,
    job_of,
    missing,
    note,
)
from service.work.job_rows import SCHEMA, JobRows
from service.work.turns import OnWait

if TYPE_CHECKING:
    from service.desk import Desk

__all__ = ["INPUTS", "SCHEMA", "STATES", "Job", "Jobs", "Progress", "Runner"]

WORKERS = 3
BRIEF = 2  # further workers that take only what is soon over: it must not wait for three long plans
ATTEMPTS = 3  # starts of one job: what ends the process each time must not do so for ever
CLOSE_SECONDS = 20.0
FAULT_SECONDS = 5.0  # before service.db is tried again

OpenDesk = Callable[[str, str, Role, Stop, OnWait], "Desk"]  # owner, collection, needed role
Told = Callable[[BaseException], dict[str, Any]]

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of a service. :meth:`start` begins to work; :meth:`close` ends or saves what is under way.

    Args:
        database: service.db.
        folder: where the files of jobs lie.
        open_desk: gives the desk of an owner in a collection, or raises where they may not have it any more.
        told: an error as the JSON that the owner sees.
        workers: how many jobs are under way at the same time, those aside that are soon over.
    """

    def __init__(
        self, database: Database, folder: Path, open_desk: OpenDesk, told: Told, *, workers: int = WORKERS
    ) -> None:
        self._rows, self.folder = JobRows(database), folder
        self._open_desk, self._told, self._workers = open_desk, told, workers
        self._kinds: dict[str, Kind] = {}
        self._running: dict[str, Run] = {}
        self._reserved: set[str] = set()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closing = False

    def register(
        self,
        kind: str,
        runner: Runner,
        *,
        resumable: bool = False,
        lane: str = "",
        needed: Role = Role.READER,
        brief: bool = False,
    ) -> None:
        """Make a kind of job known.

        Args:
            kind: its name.
            runner: does it: desk, payload, progress, stop → result. The payload has ``folder`` beside what was
                submitted: the job's own folder, as text, which the runner makes when it needs it; names of files in
                it that the owner may fetch are the result's ``files``. ``stop()`` says whether to end; raising
                ``Stopped`` or returning then both do. The desk's model is queued in the owner's name and cut by a
                cancel.
            resumable: whether it may be started again after the process ended in the middle.
            lane: jobs of one lane and collection run one at a time; "" for any number.
            needed: role in the collection that the owner must have when it runs.
            brief: whether it is over in a minute or so; it then never waits for longer work alone.
        """
        self._kinds[kind] = Kind(runner, resumable, lane, needed, brief)

    # -- what callers do -----------------------------------------------------------------------

    def submit(
        self,
        caller: Caller,
        collection: str,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        asked: object = None,
        job_id: str = "",
    ) -> Job:
        """Put a job into the queue.

        Args:
            caller: who wants it.
            collection: where; the caller's right to the desk was checked before.
            kind: a registered kind.
            payload: JSON for the runner.
            key: an idempotency key: the same key and request give the job that was made the first time.
            asked: what the request is told by instead of the payload (an upload: names and hashes).
            job_id: from :meth:`reserve`, where files were put into the job's folder before.

        Raises:
            Conflict: the key stands for another request.
        """
        if kind not in self._kinds:
            raise ValueError(f"no runner for jobs of kind {kind!r}")
        wanted = job_id or secrets.token_hex(8)
        try:
            made = self._rows.add(
                wanted,
                kind,
                collection,
                caller.id,
                payload,
                key=key,
                asked=dict(payload) if asked is None else asked,
            )
        except BaseException:
            self.release(wanted)
            raise
        if made != wanted:
            self.release(wanted)
        self._reserved.discard(wanted)
        self._wake()
        return self.get(caller, made)

    def reserve(self) -> str:
        """An id for a job to come; its folder may be made and filled before :meth:`submit` or :meth:`release`."""
        job_id = secrets.token_hex(8)
        self._reserved.add(job_id)
        return job_id

    def release(self, job_id: str) -> None:
        """A reserved id is not used after all; its folder goes."""
        shutil.rmtree(self.folder_of(job_id), ignore_errors=True)
        self._reserved.discard(job_id)

    def folder_of(self, job_id: str) -> Path:
        """Where the files of a job lie."""
        return self.folder / job_id

    def get(self, caller: Caller, job_id: str) -> Job:
        """One job of the caller.

        Raises:
            NotFound: there is none, it is somebody else's, or its collection is closed to them by now.
        """
        row = self._rows.of_owner(job_id, caller.id)
        if row is None or caller.role(row["collection"]) is None:
            raise missing(job_id)
        return self._job(row)

    def list(
        self,
        caller: Caller,
        *,
        collection: str | None = None,
        kind: str | None = None,
        states: Sequence[str] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Job, ...]:
        """The caller's jobs, newest first; ``before`` is the number of the last one seen."""
        rows = self._rows.list(caller.id, collection, kind, states, before, limit)
        return tuple(self._job(row) for row in rows if caller.role(row["collection"]) is not None)

    def cancel(self, caller: Caller, job_id: str) -> Job:
        """End a job: at once where it waits, soon where it is under way.

        Raises:
            NotFound: see :meth:`get`.
            Conflict: it has ended already.
        """
        job = self.get(caller, job_id)
        with self._changed:
            run = self._running.get(job_id)
            if run is not None:
                run.why = "cancelled"
            elif not self._rows.end(job_id, "cancelled", only="queued"):
                raise Conflict("这个任务已经结束，不能取消", where=job.id, remedy="请查看它的状态和结果")
        if run is not None:
            run.stop.set()
        else:
            self._tidy(job_id)
        return self.get(caller, job_id)

    def forget(self, caller: Caller, job_id: str) -> None:
        """Delete a job that has ended, its result and its files.

        Raises:
            NotFound: see :meth:`get`.
            Conflict: it has not ended.
        """
        job = self.get(caller, job_id)
        if job.open or job_id in self._running or not self._rows.forget(job_id):
            raise Conflict("这个任务还没有结束，不能删除", where=job.id, remedy="请先取消它，或等它结束")
        shutil.rmtree(self.folder_of(job_id), ignore_errors=True)

    def file(self, caller: Caller, job_id: str, name: str) -> Path:
        """A file that a job made, named in its result.

        Raises:
            NotFound: no such job or file, or the caller may not have it.
        """
        made = (self.get(caller, job_id).result or {}).get("files", ())
        path = self.folder_of(job_id) / name
        if name not in made or Path(name).name != name or not path.is_file():
            raise NotFound(
                "没有这个文件", where=name[:100], remedy="请从任务结果的 files 中选一个；过期的文件会被清理"
            )
        return path

    def wait(self, job_id: str, seconds: float) -> bool:
        """Wait for a job to end, and for its worker to have put things away; whether it has."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._rows.state(job_id) not in OPEN and job_id not in self._running, seconds
            )

    def counts(self) -> dict[str, int]:
        """Jobs by state, for the metrics."""
        return self._rows.counts()

    def sweep(self, before: str) -> int:
        """Delete jobs that ended before this time (UTC, ISO 8601), files included; how many."""
        count = self._rows.drop(before)
        self._drop_strangers()
        return count

    def _job(self, row: sqlite3.Row) -> Job:
        return job_of(row, self._running.get(row["id"]), self._rows.ahead(row))

    # -- working ------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up what the last process left, and begin to work."""
        for row in self._rows.in_state("running"):
            self._left(row["id"], row["kind"], row["attempts"])
        for row in self._rows.in_state("queued"):
            if row["kind"] not in self._kinds:
                self._end(row["id"], "interrupted", error=interrupted())
        self._drop_strangers()
        for number in range(self._workers + BRIEF):
            brief = number >= self._workers
            thread = threading.Thread(target=self._work, args=(brief,), name=f"job-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Stop what is under way: what can be taken up later goes back into the queue."""
        with self._changed:
            self._closing = True
            runs = list(self._running.values())
            for run in runs:
                run.why = run.why or "closing"
            self._changed.notify_all()
        for run in runs:
            run.stop.set()
        for thread in self._threads:
            thread.join(seconds)

    def _left(self, job_id: str, kind: str, attempts: int) -> None:
        """A job that was under way when its process ended, or is ending."""
        known = self._kinds.get(kind)
        if known is not None and known.resumable and attempts < ATTEMPTS:
            self._rows.again(job_id)
        else:
            self._end(job_id, "interrupted", error=interrupted())

    def _drop_strangers(self) -> None:
        """Delete folders of no job: of uploads that a kill ended, and of jobs that are gone."""
        if not self.folder.is_dir():
            return
        found = [path for path in self.folder.iterdir() if path.name not in self._reserved]
        known = self._rows.ids()  # after the look: who was reserved then is a job by now, or still reserved
        for path in found:
            if path.name not in known and path.name not in self._reserved:
                shutil.rmtree(path, ignore_errors=True)

    def _work(self, brief: bool) -> None:
        while not self._closing:
            taken: tuple[sqlite3.Row, Run] | None = None
            try:
                taken = self._take(brief)
                if taken is not None:
                    self._do(*taken)
            except WenhengError as error:  # service.db itself: the disk is full, the file is damaged
                _log.error("jobs: %s", type(error).__name__)
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, FAULT_SECONDS)
            finally:
                if taken is not None:
                    with self._changed:
                        self._running.pop(taken[0]["id"], None)
                        self._changed.notify_all()

    def _take(self, brief: bool) -> tuple[sqlite3.Row, Run] | None:
        """The next job that can be done, None when the service ends."""
        with self._changed:
            while not self._closing:
                row = self._rows.next(self._lane, self._brief if brief else lambda kind: True)
                if row is not None:
                    self._rows.begin(row["id"])
                    run = self._running[row["id"]] = Run()
                    return row, run
                self._changed.wait()
        return None

    def _lane(self, kind: str) -> str:
        return self._kinds[kind].lane if kind in self._kinds else ""

    def _brief(self, kind: str) -> bool:
        return kind in self._kinds and self._kinds[kind].brief

    def _do(self, row: sqlite3.Row, run: Run) -> None:
        job_id, kind = row["id"], self._kinds[row["kind"]]
        payload = json.loads(row["payload"]) | {"folder": str(self.folder_of(job_id))}
        result: dict[str, Any] | None = None
        try:
            desk = self._open_desk(row["owner"], row["collection"], kind.needed, run.stop, run.wait)
            with metrics.observe(row["kind"]):
                result = kind.runner(desk, payload, run.tell, run.stop.is_set)
        except Exception as error:
            if not run.stop.is_set():
                self._failed(job_id, error, run.progress)
                return
            if not isinstance(error, Stopped | WenhengError):
                note(job_id, error)
        if not run.stop.is_set():
            self._end(job_id, "done", result=result, progress=run.progress)
        elif run.why == "closing":
            self._left(job_id, row["kind"], 0)  # an orderly end is no failed attempt
        else:
            self._end(job_id, "cancelled", result=result, progress=run.progress)

    def _failed(self, job_id: str, error: Exception, progress: Progress | None) -> None:
        if not isinstance(error, WenhengError):
            note(job_id, error)
        self._end(job_id, "failed", error=self._told(error), progress=progress)

    def _end(
        self,
        job_id: str,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._rows.end(job_id, state, result=result, error=error, progress=progress)
        self._tidy(job_id)
        self._wake()

    def _tidy(self, job_id: str) -> None:
        """Delete what was handed in, and the folder where nothing was made in it."""
        folder = self.folder_of(job_id)
        shutil.rmtree(folder / INPUTS, ignore_errors=True)
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
