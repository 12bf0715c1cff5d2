"""The same request twice does its work once (幂等键).

In: a caller, the key that their client made up, a fingerprint of what is asked. Out: the answer that was given the first
time, or Conflict where the key was used for something else. The key is written in the transaction of what it stands
for, so that a kill leaves both or neither.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from corpus.database import Database, now
from corpus.errors import Conflict, InputError

HEADER = "Idempotency-Key"
LONGEST = 200
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")

SCHEMA = """
CREATE TABLE idempotency (
    owner TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL,
    created TEXT NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (created);
"""


def checked(key: str | None) -> str | None:
    """The key of a header, None where there is none.

    Raises:
        InputError: it is empty, too long, or has other characters than printable ASCII.
    """
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise InputError(
            "幂等键不能用", where=HEADER, remedy=f"请用不超过 {LONGEST} 个可见的 ASCII 字符，例如一个 UUID"
        )
    return key


def fingerprint(value: object) -> str:
    """A hash of what is asked; two requests with the same one are the same request."""
    return hashlib.sha256(
        json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()
    ).hexdigest()


def earlier(
    connection: sqlite3.Connection, owner: str, key: str, kind: str, asked: str
) -> dict[str, Any] | None:
    """What was answered under this key before, None when it is new; inside the caller's transaction.

    Raises:
        Conflict: the key stands for another request.
    """
    row = connection.execute(
        "SELECT kind, fingerprint, answer FROM idempotency WHERE owner = ? AND key = ?", (owner, key)
    ).fetchone()
    if row is None:
        return None
    if (row["kind"], row["fingerprint"]) != (kind, asked):
        raise Conflict("这个幂等键已用于另一个请求", where=HEADER, remedy="每个新请求请换一个新的键")
    answer: dict[str, Any] = json.loads(row["answer"])
    return answer


def keep(
    connection: sqlite3.Connection, owner: str, key: str, kind: str, asked: str, answer: Mapping[str, Any]
) -> None:
    """Remember the answer, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
        (owner, key, kind, asked, json.dumps(answer, ensure_ascii=False), now()),
    )


def once(
    database: Database,
    owner: str,
    key: str | None,
    kind: str,
    asked: object,
    make: Callable[[], dict[str, Any]],
) -> tuple[dict[str, Any], bool]:
    """What ``make`` gives, made once for a key; and whether it was made before.

    For what is made outside of ``service.db``: two requests at the same moment may both make it, and the first answer
    counts for both. Jobs know keys themselves, see :meth:`service.work.jobs.Jobs.submit`.

    Raises:
        Conflict: the key stands for another request.
    """
    if key is None:
        return make(), False
    told = fingerprint(asked)
    with database.writing() as connection:
        before = earlier(connection, owner, key, kind, told)
    if before is not None:
        return before, True
    answer = make()
    with database.writing() as connection:
        first = earlier(connection, owner, key, kind, told)
        if first is None:
            keep(connection, owner, key, kind, told, answer)
    return (answer, False) if first is None else (first, True)


def forget(database: Database, before: str) -> int:
    """Drop keys made before this time (UTC, ISO 8601); how many."""
    with database.writing() as connection:
        return connection.execute("DELETE FROM idempotency WHERE created < ?", (before,)).rowcount
