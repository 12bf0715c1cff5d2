"""``wenheng backup`` and ``restore``: one file, whole or not at all, and back again."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpus import swap
from corpus.errors import BrokenBackup, InputError, LibraryBusy, LibraryError, NotFound, StorageFull
from corpus.library import Library
from corpus.lock import WriterLock
from service.accounts import database as accounts
from service.keeping import archive, backup, restoring
from service.keeping.backup import back_up
from service.keeping.lease import Lease
from service.keeping.restoring import inspect, restore, undo

if TYPE_CHECKING:
    from conftest import Wenheng

Told = Callable[..., str]


@pytest.fixture
def home(wenheng: Wenheng) -> Path:
    """A library with a further collection, accounts, a job's files, and things that stay out."""
    home = wenheng.home
    shutil.copytree(home, home / "collections" / "c1")
    accounts.open_database(home).close()
    (home / "jobs" / "j1").mkdir(parents=True)
    (home / "jobs" / "j1" / "稿子.docx").write_bytes(b"PK draft")
    (home / "jobs" / "j2.part").mkdir()
    (home / "jobs" / "j2.part" / "half").write_bytes(b"half")
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "service.jsonl").write_text("{}")
    (home / "aliases.txt").write_text("", encoding="utf-8")
    return home


LOGGED = ('INSERT INTO "log"', 'INSERT INTO "sqlite_sequence"', 'DELETE FROM "sqlite_sequence"')


def state(home: Path) -> dict[str, object]:
    """What a user would miss: rows and bytes; not the log, in which each command adds a row."""
    found: dict[str, object] = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as connection:
                rows = [row for row in connection.iterdump() if not row.startswith(LOGGED)]
                found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        elif "originals/" in name or "jobs/" in name:
            found[name] = path.read_bytes() if path.is_file() else ""
    return {
        name: value
        for name, value in found.items()
        if ".part" not in name and not name.startswith(swap.REPLACED)
    }


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A backup whose members were changed, with a manifest that does not know of it."""
    with zipfile.ZipFile(source) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return target


def forged(source: Path, target: Path, name: str, data: bytes = b"x") -> Path:
    """A backup with one more member that its manifest names."""

    def change(members: dict[str, bytes]) -> None:
        row = json.loads(members[archive.MANIFEST])
        row["members"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        members[archive.MANIFEST] = json.dumps(row).encode()
        members[name] = data

    return rewritten(source, target, change)


def manifest_with(source: Path, target: Path, **changed: Any) -> Path:
    def change(members: dict[str, bytes]) -> None:
        row = json.loads(members[archive.MANIFEST]) | changed
        members[archive.MANIFEST] = json.dumps(row).encode()

    return rewritten(source, target, change)


def test_there_and_back(wenheng: Wenheng, home: Path, tmp_path: Path) -> None:
    before = state(home)
    file = tmp_path / "备份.zip"
    result = wenheng("backup", file)
    assert result.exit_code == 0 and "报告2份、资料库2个" in result.stdout, result.output
    assert file.stat().st_mode & 0o777 == 0o600
    names = set(zipfile.ZipFile(file).namelist())
    assert "jobs/j1/稿子.docx" in names and "collections/c1/library.db" in names and "service.db" in names
    assert not [n for n in names if "index" in n or "lock" in n or "logs" in n or ".part" in n or "-wal" in n]

    fresh = tmp_path / "另一台"
    result = wenheng("restore", file, home=fresh)
    assert result.exit_code == 0 and "索引会在第一次检索时自动重建" in result.stdout, result.output
    assert "撤销" not in result.stdout  # nothing was there before
    assert state(fresh) == before
    assert wenheng("ask", wenheng.question, home=fresh).stdout.count(wenheng.said)
    assert (fresh / "library.db").stat().st_mode & 0o777 == 0o600


def test_restoring_keeps_what_was_there_and_can_be_undone(
    wenheng: Wenheng, home: Path, tmp_path: Path, one_sentence: Told
) -> None:
    file = back_up(home, tmp_path / "b.zip").path
    wenheng.write("新.txt", "子虚县")
    assert wenheng("ingest", wenheng.folder).exit_code == 0
    later = state(home)
    result = wenheng("restore", file)
    assert result.exit_code == 0 and "wenheng restore --undo" in result.stdout
    assert wenheng.places() == ["乌有县"]
    assert wenheng("restore", "--undo").exit_code == 0
    assert set(wenheng.places()) == {"乌有县", "子虚县"} and state(home) == later
    assert wenheng("restore", "--undo").exit_code == 0  # and once more the other way
    assert wenheng.places() == ["乌有县"]
    one_sentence(wenheng("restore", "--undo", home=tmp_path / "leer"), 2, "没有可以撤销的恢复")
    one_sentence(wenheng("restore"), 2, "缺少备份文件")


def test_a_backup_is_of_one_moment_while_reports_come_and_go(
    wenheng: Wenheng, home: Path, tmp_path: Path
) -> None:
    """While it is written, another report is taken in and the first one is removed."""
    wenheng.write("新.txt", "子虚县")
    first = wenheng.places()
    acted = threading.Event()

    def meanwhile(done: int, total: int) -> None:
        if not acted.is_set():
            acted.set()
            assert wenheng("ingest", wenheng.folder / "新.txt").exit_code == 0
            with Library.open(home) as library:
                library.remove([card.id for card in library.cards() if card.place == "乌有县"])

    done = back_up(home, tmp_path / "b.zip", tick=meanwhile)
    assert first == ["乌有县"] and acted.is_set() and done.manifest.missing == ()
    restore(tmp_path / "fresh", done.path)
    with Library.open(tmp_path / "fresh") as library:
        assert [card.place for card in library.cards()] == ["子虚县"]
        kept = {path.name for path in (tmp_path / "fresh" / "originals").glob("*/*")}
        assert kept == {row["sha256"] for row in library.database.rows("SELECT sha256 FROM files")}


def test_an_original_that_goes_after_the_copy_of_the_database(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment between the two: the copy still names what is gone, so another copy is made."""
    real, calls = backup.snapshot, 0
    extra = home.parent / "extra"
    (home / "originals").rename(extra)  # as if all came in after the first look
    (home / "originals").mkdir()

    def copying(source: Path, target: Path, stop: Any) -> None:
        nonlocal calls
        real(source, target, stop)
        if source == home / "library.db":
            calls += 1
            if calls == 2:
                (home / "originals").rmdir()
                extra.rename(home / "originals")

    monkeypatch.setattr(backup, "snapshot", copying)
    done = back_up(home, tmp_path / "b.zip")
    assert calls == 2 and done.manifest.missing == ()


def test_a_lost_original_is_told_and_the_rest_kept(home: Path, tmp_path: Path) -> None:
    (lost,) = (home / "originals").glob("*/*")
    lost.unlink()
    done = back_up(home, tmp_path / "b.zip")
    assert done.manifest.missing == (f"originals/{lost.name[:2]}/{lost.name}",)
    restored = restore(tmp_path / "fresh", done.path)
    assert any("原件缺失" in line for line in restoring.says_next(restored))


def test_with_vectors_nothing_is_computed_again(wenheng: Wenheng, home: Path, tmp_path: Path) -> None:
    done = back_up(home, tmp_path / "b.zip", vectors=True)
    assert {"index/vectors.npz", "collections/c1/index/vectors.npz"} <= set(done.manifest.members)
    assert not [name for name in done.manifest.members if "chroma" in name]
    restore(tmp_path / "fresh", done.path)
    wenheng.toy.vectors = "held"  # passages cannot be embedded any more
    from service.desk import Desk
    from service.settings import load

    with Desk(load(wenheng.env, home=tmp_path / "fresh")) as desk:
        assert desk.index.pending() == 0


@pytest.mark.parametrize("place", ["no/such/b.zip", "b.tar", "inside", "there.zip"])
def test_where_a_backup_cannot_go(home: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "there.zip").write_bytes(b"precious")
    target = home / "b.zip" if place == "inside" else tmp_path / place
    with pytest.raises(InputError) as caught:
        back_up(home, target)
    assert caught.value.remedy
    assert (tmp_path / "there.zip").read_bytes() == b"precious"
    if place == "there.zip":
        assert back_up(home, target, force=True).size > 1000


def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        back_up(tmp_path / "empty", tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists() and not (tmp_path / "empty").exists()


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_stopped_in_the_middle_nothing_is_left(home: Path, tmp_path: Path, share: float) -> None:
    (tmp_path / "out").mkdir()

    def stop(done: int, total: int) -> None:
        if done > share * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(home, tmp_path / "out" / "b.zip", tick=stop)
    assert not list((tmp_path / "out").iterdir())
    file = back_up(home, tmp_path / "b.zip").path
    before = state(home)
    with pytest.raises(KeyboardInterrupt):
        restore(home, file, stop)
    assert state(home) == before and not swap.leftovers(home)


def test_a_damaged_library_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    """A backup of it would only push a good one out of the rotation."""
    with (home / "library.db").open("r+b") as file:
        file.seek(4096 * 4)
        file.write(bytes(4096 * 30))
    with pytest.raises(LibraryError):
        back_up(home, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


# -- what is refused -------------------------------------------------------------------------------


@pytest.fixture
def good(home: Path, tmp_path: Path) -> Path:
    return back_up(home, tmp_path / "good.zip").path


UNSAFE = (
    "../evil",
    "/evil",
    "a/../../evil",
    "..",
    "a\\..\\evil",
    "C:/evil",
    "a//b",
    "a/./b",
    "e\nvil",
    "evil ",
    "a\0b",
)


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_lead_outside(good: Path, tmp_path: Path, name: str) -> None:
    bad = forged(good, tmp_path / "bad.zip", name)
    with pytest.raises(BrokenBackup):
        restore(tmp_path / "deep" / "fresh", bad)
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert not (tmp_path / "deep" / "fresh" / "library.db").exists()


def flipped(members: dict[str, bytes]) -> None:
    data = bytearray(members["library.db"])
    data[len(data) // 2] ^= 1
    members["library.db"] = bytes(data)


DAMAGED: dict[str, Callable[[dict[str, bytes]], object]] = {
    "one bit": flipped,
    "shorter": lambda members: members.update({"library.db": members["library.db"][:-1]}),
    "lost": lambda members: members.pop("library.db"),
    "more": lambda members: members.update({"extra.txt": b"x"}),
    "no manifest": lambda members: members.pop(archive.MANIFEST),
    "manifest": lambda members: members.update({archive.MANIFEST: b"{"}),
    "not a database": lambda members: members,
}


@pytest.mark.parametrize("how", [name for name in DAMAGED if name != "not a database"])
def test_a_damaged_backup_changes_nothing(good: Path, home: Path, tmp_path: Path, how: str) -> None:
    before = state(home)
    bad = rewritten(good, tmp_path / "bad.zip", DAMAGED[how])
    for use in (inspect, lambda path: restore(home, path)):
        with pytest.raises(BrokenBackup) as caught:
            use(bad)
        assert caught.value.remedy
    assert state(home) == before and not swap.leftovers(home)


def test_a_cut_off_and_a_foreign_file(
    good: Path, tmp_path: Path, wenheng: Wenheng, one_sentence: Told
) -> None:
    (tmp_path / "cut.zip").write_bytes(good.read_bytes()[:-200])
    (tmp_path / "text.zip").write_text("不是备份")
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as file:
        file.writestr("readme.txt", "hello")
    one_sentence(wenheng("restore", tmp_path / "cut.zip"), 2, "不是完整的备份文件")
    one_sentence(wenheng("restore", tmp_path / "text.zip"), 2, "不是完整的备份文件")
    one_sentence(wenheng("restore", "--dry-run", tmp_path / "foreign.zip"), 2, "不是文衡的备份文件")
    one_sentence(wenheng("restore", tmp_path / "no.zip"), 2, "没有这个备份文件")


def test_what_a_newer_program_made(good: Path, home: Path, tmp_path: Path) -> None:
    newer = manifest_with(good, tmp_path / "a.zip", format=2)
    with pytest.raises(BrokenBackup, match="第 2 版"):
        restore(home, newer)
    newer = manifest_with(good, tmp_path / "b.zip", databases={"library.db": 99})
    with pytest.raises(BrokenBackup, match="升级"):
        restore(home, newer)


def test_a_size_that_no_disk_has(good: Path, home: Path, tmp_path: Path) -> None:
    """A bomb says its size; one that lies is refused before a byte is unpacked."""

    def change(members: dict[str, bytes]) -> None:
        row = json.loads(members[archive.MANIFEST])
        row["members"]["library.db"]["size"] = 1 << 50
        members[archive.MANIFEST] = json.dumps(row).encode()

    with pytest.raises(BrokenBackup, match="大小"):
        restore(home, rewritten(good, tmp_path / "a.zip", change))


def test_no_space_to_unpack(good: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(home)
    monkeypatch.setattr(restoring, "_SPARE", 1 << 60)
    with pytest.raises(StorageFull, match="只剩"):
        restore(home, good)
    assert state(home) == before and not swap.leftovers(home)


def test_not_while_others_are_at_work(good: Path, home: Path) -> None:
    lease = Lease(home)
    lease.take()
    with pytest.raises(LibraryBusy, match="服务"):
        restore(home, good)
    lease.give_back()
    with WriterLock(home).hold(), pytest.raises(LibraryBusy):
        undo(home)
    assert restore(home, good).aside is not None


def test_listing_changes_nothing(wenheng: Wenheng, good: Path, home: Path) -> None:
    before = state(home)
    shown = wenheng("restore", "--list", good).stdout
    assert "备份完好" in shown and "library.db" in shown and "originals/" in shown
    told = json.loads(wenheng("restore", "--dry-run", "--json", good).stdout)
    assert told["databases"]["library.db"] == 3 and told["reports"] == {
        "library.db": 1,
        "collections/c1/library.db": 1,
    }
    assert state(home) == before and not swap.replaced(home)
