"""The rows of jobs in ``service.db`` (任务表).

In: jobs to be kept, questions about them. Out: rows; every change is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from corpus.database import Database, now
from service.work import idempotency
from service.work.job import Progress

SCHEMA = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, collection TEXT NOT NULL,
    owner TEXT NOT NULL, state TEXT NOT NULL, payload TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL,
    note TEXT NOT NULL, result TEXT NOT NULL, error TEXT NOT NULL, attempts INTEGER NOT NULL, created TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE INDEX jobs_by_owner ON jobs (owner, number);
CREATE INDEX jobs_by_state ON jobs (state, number);
"""


class JobRows:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        job_id: str,
        kind: str,
        collection: str,
        owner: str,
        payload: Mapping[str, Any],
        *,
        key: str | None,
        asked: object,
    ) -> str:
        """A new queued job, or the one that was made under this key before; its id.

        Raises:
            Conflict: the key stands for another request.
        """
        mark, at = idempotency.fingerprint([collection, asked]), now()
        with self._database.writing() as connection:
            before = idempotency.earlier(connection, owner, key, kind, mark) if key else None
            if before is not None:
                return str(before["job"])
            connection.execute(
                "INSERT INTO jobs (id, kind, collection, owner, state, payload, done, total, note, result, error,"
                " attempts, created, updated) VALUES (?, ?, ?, ?, 'queued', ?, 0, 0, '', '', '', 0, ?, ?)",
                (job_id, kind, collection, owner, _dump(payload), at, at),
            )
            if key:
                idempotency.keep(connection, owner, key, kind, mark, {"job": job_id})
        return job_id

    def of_owner(self, job_id: str, owner: str) -> sqlite3.Row | None:
        """One job of an owner."""
        return self._database.row("SELECT * FROM jobs WHERE id = ? AND owner = ?", (job_id, owner))

    def state(self, job_id: str) -> str:
        """The state of a job, "" where there is none."""
        row = self._database.row("SELECT state FROM jobs WHERE id = ?", (job_id,))
        return "" if row is None else str(row["state"])

    def list(
        self,
        owner: str,
        collection: str | None,
        kind: str | None,
        states: Sequence[str],
        before: int | None,
        limit: int,
    ) -> Sequence[sqlite3.Row]:
        """Jobs of an owner, newest first."""
        return self._database.rows(
            "SELECT * FROM jobs WHERE owner = :owner AND (:collection IS NULL OR collection = :collection)"
            " AND (:kind IS NULL OR kind = :kind) AND (:before IS NULL OR number < :before)"
            " AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states)))"
            " ORDER BY number DESC LIMIT :limit",
            {
                "owner": owner,
                "collection": collection,
                "kind": kind,
                "before": before,
                "states": json.dumps(list(states)),
                "limit": limit,
            },
        )

    def ahead(self, row: sqlite3.Row) -> int:
        """How many jobs come before this queued one."""
        if row["state"] != "queued":
            return 0
        counted = self._database.row(
            "SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running') AND number < ?",
            (row["number"],),
        )
        return int(counted["n"]) if counted else 0

    def counts(self) -> dict[str, int]:
        """Jobs by state."""
        rows = self._database.rows("SELECT state, count(*) AS n FROM jobs GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def ids(self) -> set[str]:
        """Ids of all jobs."""
        return {row["id"] for row in self._database.rows("SELECT id FROM jobs")}

    def in_state(self, state: str) -> Sequence[sqlite3.Row]:
        """Jobs in a state, the oldest first."""
        return self._database.rows("SELECT * FROM jobs WHERE state = ? ORDER BY number", (state,))

    def next(self, lane: Callable[[str], str], fits: Callable[[str], bool]) -> sqlite3.Row | None:
        """The oldest queued job whose kind fits and whose lane is free, of the owner with the fewest under way."""
        rows = self._database.rows(
            "SELECT *, (SELECT count(*) FROM jobs o WHERE o.owner = jobs.owner AND o.state = 'running') AS busy"
            " FROM jobs WHERE state = 'queued' ORDER BY busy, number"
        )
        taken = {(lane(row["kind"]), row["collection"]) for row in self.in_state("running")}
        for row in rows:
            own = lane(row["kind"])
            if fits(row["kind"]) and (not own or (own, row["collection"]) not in taken):
                return row
        return None

    def begin(self, job_id: str) -> None:
        """It is under way."""
        self._write(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, updated = ? WHERE id = ?",
            (now(), job_id),
        )

    def again(self, job_id: str) -> None:
        """It goes back into the queue."""
        self._write("UPDATE jobs SET state = 'queued', updated = ? WHERE id = ?", (now(), job_id))

    def end(
        self,
        job_id: str,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        only: str = "",
    ) -> bool:
        """How it ended; False, and nothing changes, where it is not in the state ``only``."""
        told = progress or Progress(-1, -1)
        with self._database.writing() as connection:
            count = connection.execute(
                "UPDATE jobs SET state = :state, result = :result, error = :error, updated = :at,"
                " done = iif(:done < 0, done, :done), total = iif(:total < 0, total, :total), note = :note"
                " WHERE id = :id AND (:only = '' OR state = :only)",
                {
                    "state": state,
                    "result": _dump(result) if result is not None else "",
                    "error": _dump(error) if error is not None else "",
                    "at": now(),
                    "done": told.done,
                    "total": told.total,
                    "note": told.note,
                    "id": job_id,
                    "only": only,
                },
            ).rowcount
        return count > 0

    def forget(self, job_id: str) -> bool:
        """Delete a job that has ended; False, and nothing changes, where it has not."""
        with self._database.writing() as connection:
            return (
                connection.execute(
                    "DELETE FROM jobs WHERE id = ? AND state NOT IN ('queued', 'running')", (job_id,)
                ).rowcount
                > 0
            )

    def drop(self, before: str) -> int:
        """Delete jobs that ended before a time; how many."""
        with self._database.writing() as connection:
            return connection.execute(
                "DELETE FROM jobs WHERE updated < ? AND state NOT IN ('queued', 'running')", (before,)
            ).rowcount

    def _write(self, sql: str, parameters: tuple[object, ...]) -> None:
        with self._database.writing() as connection:
            connection.execute(sql, parameters)


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)
