from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from corpus import schema
from corpus.errors import LibraryError, StorageFull
from corpus.library import Library
from corpus.snapshot import UPGRADES, faults, reading, snapshot


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with closing(schema.connect(path)) as connection:
        rows = [(f"n{i}", "x" * 4000) for i in range(3000)]  # 12 MB: several steps of the copy
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO settings VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    return path


def test_a_copy_is_of_one_moment_whoever_writes(library: Path, tmp_path: Path) -> None:
    wrote = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(library)) as other:
            other.execute("UPDATE settings SET value = 'changed'")
            other.commit()
        wrote.set()

    calls = 0

    def between() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()

    snapshot(library, tmp_path / "copy.db", between)
    assert wrote.is_set() and calls >= 2
    assert calls < 20  # it did not begin anew
    with reading(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM settings WHERE value = 'changed'").fetchone()[0] == 0
        assert copy.execute("SELECT count(*) FROM settings").fetchone()[0] == 3000
        assert not faults(copy)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_stopped_copy_leaves_nothing(library: Path, tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt):
        snapshot(library, tmp_path / "out" / "copy.db", stop)
    assert not list((tmp_path / "out").iterdir())


def test_a_damaged_database_is_not_copied(library: Path, tmp_path: Path) -> None:
    with library.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(os.urandom(40 * 4096))
    (tmp_path / "out").mkdir()
    with pytest.raises(LibraryError, match=r"有错|损坏"):
        snapshot(library, tmp_path / "out" / "copy.db")
    assert not list((tmp_path / "out").iterdir())


def test_an_absent_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError), reading(tmp_path / "no.db"):
        pass
    assert not (tmp_path / "no.db").exists()


def aged(path: Path) -> None:
    """Make a library what version 2 had made of it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE draft_versions")
        connection.execute("DROP TABLE drafts")
        connection.execute("PRAGMA user_version = 2")


def test_a_copy_is_kept_before_an_upgrade(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        library.set_setting("note", "of before")
    aged(tmp_path / "library.db")
    with Library.open(tmp_path) as library:
        assert library.setting("note") == "of before" and library.drafts.list() == ()
    (copy,) = (tmp_path / UPGRADES).iterdir()
    with reading(copy) as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 2
        assert old.execute("SELECT value FROM settings WHERE name = 'note'").fetchone()[0] == "of before"
    with Library.open(tmp_path):
        assert len(list((tmp_path / UPGRADES).iterdir())) == 1  # once


def test_without_space_for_the_copy_there_is_no_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Library.open(tmp_path).close()
    aged(tmp_path / "library.db")

    def full(*_: object) -> None:
        raise StorageFull("磁盘空间不足")

    monkeypatch.setattr("corpus.snapshot.snapshot", full)
    with pytest.raises(StorageFull):
        Library.open(tmp_path)
    with reading(tmp_path / "library.db") as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 2
