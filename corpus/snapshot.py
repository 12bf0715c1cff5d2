"""Copies of a database while others use it (数据库快照).

In: the path of an SQLite file that may be written to at this moment. Out: a copy of one moment, whole and checked, or
nothing at all. :func:`keep_before_upgrade` makes such a copy beside the data before a newer program changes the tables.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import LibraryError
from corpus.schema import translated

UPGRADES = "upgrades"  # folder beside the database
_PAGES = 2048  # copied between two looks at whether to stop; 8 MiB
_BUSY_SECONDS = 20.0

Stop = Callable[[], None]  # raises to stop


def nothing() -> None:
    """A :data:`Stop` that never stops."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The database for reading only: no table is made, none is changed.

    Raises:
        LibraryError: it cannot be read.
    """
    with translated(path):
        if not path.is_file():
            raise FileNotFoundError(2, os.strerror(2), str(path))
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
        )
        with closing(connection):
            yield connection


def snapshot(source: Path, target: Path, stop: Stop = nothing) -> None:
    """Copy a database at one moment, whoever writes to it meanwhile.

    Args:
        source: the database.
        target: the copy; replaced in one step, when it is whole and sound.
        stop: called again and again; what it raises ends the copy without a trace.

    Raises:
        LibraryError: the source cannot be read, or is damaged.
        StorageFull: no space for the copy.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with reading(source) as connection:
            with translated(source):
                # A transaction that is open pins the moment: without it every write of another process
                # would make the copy begin anew.
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with translated(target):
                problems = _copied(connection, partial, stop)
        if problems:
            raise LibraryError(
                f"数据库内容有错（{problems[0]}），没有复制",
                where=str(source),
                remedy="请运行 wenheng doctor；可用 wenheng restore 恢复以前的备份",
            )
        with translated(target):
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            partial.replace(target)
    finally:
        for left in (partial, partial.with_name(f"{partial.name}-journal")):
            left.unlink(missing_ok=True)


def _copied(connection: sqlite3.Connection, partial: Path, stop: Stop) -> tuple[str, ...]:
    """Write the copy; what is wrong with it."""
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
        connection.backup(copy, pages=_PAGES, progress=lambda *_: stop())
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        return faults(copy)


def faults(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What SQLite finds wrong with a database, at most a few lines; () for a sound one."""
    with translated(Path("database")):
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        lost = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
    wrong = [line for line in found if line != "ok"]
    return (*wrong, *(f"{row[0]} 中有指向 {row[2]} 的空引用" for row in lost))


def keep_before_upgrade(path: Path, version: int) -> Path:
    """Copy a database before its tables are brought from ``version`` up to date; the path of the copy.

    Raises:
        StorageFull: no space; the upgrade must not begin then.
    """
    folder = path.parent / UPGRADES
    with translated(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    copy = folder / f"{path.stem}-v{version}-{stamp}{path.suffix}"
    snapshot(path, copy)
    return copy
