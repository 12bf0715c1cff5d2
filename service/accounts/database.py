"""The tables of ``service.db``, and how they are opened (账户库).

In: the data folder. Out: an open database with every table: accounts here, jobs and idempotency keys from the rooms
that own them. It outlives the library: ``library.db`` may be rebuilt from the originals, this cannot. Before the tables
of an older program are changed, a copy is kept (:mod:`corpus.snapshot`).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from corpus.database import Database
from corpus.database_errors import Words, translating
from corpus.errors import LibraryError
from corpus.snapshot import keep_before_upgrade

NAME = "service.db"
VERSION = 1
APPLICATION = 0x57485356  # "WHSV" in the header of the file: this is ours
_BUSY_SECONDS = 20.0

# people.key is the name as it is compared (NFKC, case folded). everywhere: role in every collection, 0 for none.
# sessions and keys hold hashes; the token itself is known to its owner only. scope: JSON list of collections, "" = all;
# a JSON string instead names the one thing that a key opens.
# owned says whose a chat, draft or job is. log has no foreign keys: it outlives what it tells of.
_ACCOUNTS = """
CREATE TABLE people (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, password TEXT NOT NULL,
    everywhere INTEGER NOT NULL, created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL, disabled_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE collections (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, removed_at TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO collections (id, name, created_at, removed_at) VALUES ('main', '主资料库', '', '');
CREATE TABLE grants (
    person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    collection TEXT NOT NULL REFERENCES collections ON DELETE CASCADE, role INTEGER NOT NULL,
    PRIMARY KEY (person_id, collection)
) WITHOUT ROWID;
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    guard TEXT NOT NULL, device TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, ends INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE TABLE keys (
    hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    name TEXT NOT NULL, prefix TEXT NOT NULL, role INTEGER NOT NULL, scope TEXT NOT NULL, created INTEGER NOT NULL,
    used INTEGER NOT NULL, ends INTEGER NOT NULL, revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX keys_by_person ON keys (person_id);
CREATE TABLE owned (
    kind TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL, person_id TEXT NOT NULL, created_at TEXT NOT NULL,
    PRIMARY KEY (kind, collection, id)
) WITHOUT ROWID;
CREATE INDEX owned_by_person ON owned (person_id, kind, collection);
CREATE TABLE log (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, person_id TEXT NOT NULL, name TEXT NOT NULL,
    via TEXT NOT NULL, action TEXT NOT NULL, collection TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX log_by_time ON log (at);
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

WORDS = Words(
    name="账户库",
    place="账户库",
    unreachable="请检查数据目录是否存在、是否有读写权限",
    full="磁盘空间不足，这一步没有保存",
    full_remedy="请腾出空间后重试",
    busy_remedy="请稍后重试",
    damaged_remedy="请用 wenheng restore 恢复备份；没有备份时将它改名，再用 wenheng users add 重建用户",
)
translated = translating(WORDS)

_ADDED: dict[int, str] = {}  # version → statements that bring the one before it up to it


def open_database(home: Path) -> Database:
    """Open ``service.db`` of a data folder, making it when it is not there.

    Raises:
        LibraryError: it is damaged, foreign, unreadable or of a newer version.
    """
    with translated(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Database(home / NAME, connect, translated)


def exists(home: Path) -> bool:
    """Whether the data folder has accounts at all."""
    return (home / NAME).is_file()


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, making or upgrading the tables."""
    with translated(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    try:
        with translated(path):
            path.chmod(0o600)
            for pragma in (
                "foreign_keys = ON",
                "secure_delete = ON",
                "journal_mode = WAL",
                "synchronous = FULL",
            ):
                connection.execute(f"PRAGMA {pragma}")
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file, bring those of an older one up to date, refuse a foreign or newer one."""
    if 0 < (before := _pragma(connection, "user_version")) < VERSION:
        keep_before_upgrade(path, before)
    connection.execute("BEGIN IMMEDIATE")  # two processes may open a new file at once
    try:
        version = _pragma(connection, "user_version")
        if version == 0:
            _make(connection, path)
        elif _pragma(connection, "application_id") != APPLICATION:
            raise _foreign(path)
        elif version > VERSION:
            raise LibraryError(
                f"账户库的版本是 {version}，本程序只认识到版本 {VERSION}",
                where=str(path),
                remedy="请升级文衡，或用 --home 指定另一个数据目录",
            )
        for step in range(max(version, 1) + 1, VERSION + 1):
            _run(connection, _ADDED[step])
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite ends it by itself when the disk is full
            connection.execute("ROLLBACK")
        raise


def _make(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise _foreign(path)
    for text in (_ACCOUNTS, *_others()):
        _run(connection, text)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")


def _others() -> tuple[str, ...]:
    """The tables of the rooms that keep theirs here; loaded late, since those rooms import this one."""
    from service.work.idempotency import SCHEMA as IDEMPOTENCY
    from service.work.jobs import SCHEMA as JOBS

    return (JOBS, IDEMPOTENCY)


def _foreign(path: Path) -> LibraryError:
    return LibraryError(
        "这是另一个程序的数据库，不是文衡的账户库", where=str(path), remedy="请用 --home 指定另一个数据目录"
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _run(connection: sqlite3.Connection, text: str) -> None:
    """The statements one by one; ``executescript`` would end the transaction."""
    statement = ""
    for line in text.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
