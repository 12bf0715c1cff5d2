"""The tables of the library, how they are opened, and what goes wrong with them.

In: the path of ``library.db``. Out: an SQLite connection with every table, or an error that a user
understands. Every write is one ``BEGIN IMMEDIATE`` transaction: a deferred one that turns into a
write later fails at once, whatever the busy timeout.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from corpus.database_errors import Words, translating
from corpus.errors import LibraryError

VERSION = 3
APPLICATION = 0x57484C42  # "WHLB" in the header of the file: this is ours
_BUSY_SECONDS = 20.0

# files: bytes by hash. paths: where these bytes were found. A report belongs to bytes, not to a path.
# place, year, period, genre of a report are what filters see: the page's own, or the user's edit.
# passages.key names the vector of "path › text", passages.text_key all copies of the same text.
# edits, corrections and decisions have no foreign key: they outlive a report that is parsed again.
# drafts.state is the draft as it was last saved, JSON of the caller; open says that it is no version yet.
_SCHEMA = """
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, format TEXT NOT NULL,
    encoding TEXT NOT NULL, warnings TEXT NOT NULL, pipeline TEXT NOT NULL, ingested_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE paths (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL REFERENCES files ON DELETE CASCADE,
    modified REAL NOT NULL, seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX paths_by_file ON paths (sha256);
CREATE TABLE reports (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL REFERENCES files ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, text TEXT NOT NULL, text_key TEXT NOT NULL, origin BLOB NOT NULL,
    title TEXT NOT NULL, place TEXT, year INTEGER, period TEXT, genre TEXT NOT NULL,
    metadata TEXT NOT NULL, sections TEXT NOT NULL, repairs TEXT NOT NULL, damages TEXT NOT NULL,
    warnings TEXT NOT NULL, masked INTEGER NOT NULL, repair_count INTEGER NOT NULL,
    damage_count INTEGER NOT NULL, UNIQUE (sha256, ordinal)
);
CREATE INDEX reports_by_place ON reports (place, year);
CREATE INDEX reports_by_text ON reports (text_key);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    report_id TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, path TEXT NOT NULL,
    kind TEXT NOT NULL, key TEXT NOT NULL, text_key TEXT NOT NULL
);
CREATE INDEX passages_by_report ON passages (report_id, ordinal);
CREATE INDEX passages_by_key ON passages (key);
CREATE TABLE figures (
    report_id TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    indicator TEXT NOT NULL, value TEXT, upper TEXT, factor TEXT NOT NULL, unit TEXT NOT NULL,
    qualifier TEXT NOT NULL, period TEXT NOT NULL, kind TEXT NOT NULL, masked INTEGER NOT NULL,
    suspect INTEGER NOT NULL, text TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    sentence_start INTEGER NOT NULL, sentence_end INTEGER NOT NULL, PRIMARY KEY (report_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX figures_by_indicator ON figures (indicator);
CREATE TABLE edits (
    report_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, edited_at TEXT NOT NULL,
    PRIMARY KEY (report_id, field)
) WITHOUT ROWID;
CREATE TABLE corrections (
    sha256 TEXT NOT NULL, position TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
    original TEXT NOT NULL, quote TEXT NOT NULL, corrected_at TEXT NOT NULL,
    PRIMARY KEY (sha256, position, field)
) WITHOUT ROWID;
CREATE TABLE duplicates (
    report_id TEXT PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    kept_id TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, similarity REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX duplicates_by_kept ON duplicates (kept_id);
CREATE TABLE decisions (
    report_id TEXT NOT NULL, kept_id TEXT NOT NULL, merged INTEGER NOT NULL,
    PRIMARY KEY (report_id, kept_id)
) WITHOUT ROWID;
CREATE TABLE chats (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, turns TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE drafts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, kind TEXT NOT NULL,
    title TEXT NOT NULL, input TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, open INTEGER NOT NULL,
    revision INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, removed_at TEXT NOT NULL
);
CREATE TABLE draft_versions (
    draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, version INTEGER NOT NULL,
    state TEXT NOT NULL, note TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (draft_id, version)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5 (path, body, tokenize = "ascii tokenchars '.'");
CREATE VIRTUAL TABLE term_counts USING fts5vocab ('terms', 'row');
INSERT INTO terms (terms, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
CREATE TRIGGER passage_gone AFTER DELETE ON passages BEGIN
    DELETE FROM terms WHERE rowid = old.number;
END;
"""

_ADDED = {2: ("corrections",), 3: ("drafts", "draft_versions")}  # version → tables that it brought


WORDS = Words(
    name="资料库",
    place="数据目录",
    unreachable="请检查该目录是否存在、是否有读写权限",
    full="磁盘空间不足，正在进行的一步没有保存",
    full_remedy="已完成的部分都在；请腾出空间后重新运行",
    busy_remedy="请等它结束后重试",
    damaged_remedy="可用 wenheng restore 恢复备份；没有备份时，原始文件仍在 originals 目录，"
    "请将 library.db 改名后重新导入",
)
translated = translating(WORDS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database, making the tables when it is new.

    Raises:
        LibraryError: the file is damaged, foreign, unreadable or of a newer version.
    """
    with translated(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    try:
        with translated(path):
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    path.chmod(0o600)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; refuse a foreign or newer one."""
    if _pragma(connection, "user_version") == 0:
        connection.execute("BEGIN IMMEDIATE")  # two processes may open a new library at once
        try:
            if _pragma(connection, "user_version") == 0:
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise _foreign(path)
                for statement in _statements():
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite ends it by itself when the disk is full
                connection.execute("ROLLBACK")
            raise
    if _pragma(connection, "application_id") != APPLICATION:
        raise _foreign(path)
    version = _pragma(connection, "user_version")
    if version > VERSION:
        raise LibraryError(
            f"资料库的版本是 {version}，本程序只认识到版本 {VERSION}",
            where=str(path),
            remedy="请升级文衡，或用 --home 指定另一个数据目录",
        )
    if version < VERSION:
        from corpus.snapshot import keep_before_upgrade  # which needs this module

        keep_before_upgrade(path, version)
        _upgrade(connection)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Bring the tables of an older program up to date, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(_pragma(connection, "user_version") + 1, VERSION + 1):
            for table in _ADDED[version]:
                statement = next(s for s in _statements() if s.startswith(f"CREATE TABLE {table} "))
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _foreign(path: Path) -> LibraryError:
    return LibraryError(
        "这是另一个程序的数据库，不是文衡的资料库", where=str(path), remedy="请用 --home 指定另一个数据目录"
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _statements() -> Iterator[str]:
    """The statements of the schema; ``executescript`` would end the transaction."""
    statement = ""
    for line in _SCHEMA.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
