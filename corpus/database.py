"""One connection to a database file (``library.db`` unless told otherwise), shared by the threads of a process.

In: SQL. Out: rows, or a transaction that is kept whole or not at all. All errors are ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from corpus.schema import connect, translated

Parameters = dict[str, object] | tuple[object, ...]


def now() -> str:
    """The time for a row, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Database:
    """Connection, lock and transactions.

    Args:
        path: the file.
        opening: makes the connection, and the tables of a new file.
        telling: turns errors of SQLite into ours.
    """

    def __init__(
        self,
        path: Path,
        opening: Callable[[Path], sqlite3.Connection] = connect,
        telling: Callable[[Path], AbstractContextManager[None]] = translated,
    ) -> None:
        self._path = path
        self._translated = telling
        self._connection = opening(path)
        self._connection.row_factory = sqlite3.Row
        self._lock = RLock()

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock, self._translated(self._path):
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """The first row of a query."""
        with self._lock, self._translated(self._path):
            row: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def state(self) -> tuple[int, int]:
        """Changes whenever this or another process has written."""
        with self._lock, self._translated(self._path):
            foreign = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return (int(foreign), self._connection.total_changes)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, rolled back by any exception."""
        with self._lock, self._translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def compact(self) -> None:
        """Overwrite what was deleted: merge the full-text index and empty the write-ahead log."""
        with self.writing() as connection:
            connection.execute("INSERT INTO terms (terms) VALUES ('optimize')")
        with self._lock, self._translated(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
