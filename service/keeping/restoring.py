"""A backup back into a data folder, so that it can be undone (恢复).

In: a backup file and a data folder. Out: the folder as it was then, and what was there before in ``replaced/TIME``. The
backup is unpacked and checked byte by byte inside the data folder before anything is moved; the exchange itself is
finished by whoever opens the folder next, should it be cut short. Vectors are made anew at the first search.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import schema, swap
from corpus.errors import NotFound, StorageFull
from corpus.files import shown
from corpus.lock import WriterLock
from corpus.originals import Originals
from corpus.schema import translated
from corpus.snapshot import faults, reading
from corpus.vector_place import leave
from corpus.vector_server import ChromaServer
from service.accounts import database as accounts
from service.keeping import archive
from service.keeping.archive import Manifest, Tick
from service.keeping.backup import LIBRARY, ORIGINALS
from service.keeping.lease import Lease

_SPARE = 64 << 20  # bytes that stay free beyond what is unpacked
KNOWN = {LIBRARY: schema.VERSION, accounts.NAME: accounts.VERSION}


@dataclass(frozen=True, slots=True)
class Restored:
    """``aside`` is where the earlier content lies, None where there was none."""

    manifest: Manifest
    aside: Path | None


def inspect(path: Path, tick: Tick = lambda done, total: None) -> Manifest:
    """Read a backup whole, unpack nothing; its manifest.

    Raises:
        BrokenBackup: it cannot be restored from, or was made by a newer program.
    """
    made = archive.verify(path, tick)
    _known(path, made)
    return made


def restore(
    home: Path, path: Path, tick: Tick = lambda done, total: None, *, server: ChromaServer | None = None
) -> Restored:
    """Put the content of a backup in place of a data folder's; what that one has on a Chroma server goes.

    Raises:
        BrokenBackup: it cannot be restored from; nothing was changed.
        LibraryBusy: a service or an ingest is running on the folder.
        StorageFull: no space to unpack it.
    """
    with _alone(home):
        staged = swap.stage(home)
        try:
            with archive.opened(path) as (file, made):
                _known(path, made)
                _room(home, made)
                _unpack(path, file, made, staged, tick)
            _check(path, made, staged)
            before = swap.contents(home)
            aside = swap.replace(home, staged)
        finally:
            if not (home / swap.PLAN).exists():
                shutil.rmtree(staged, ignore_errors=True)
        _leave(aside, server)
    return Restored(made, aside if before else None)


def undo(home: Path, *, server: ChromaServer | None = None) -> Path:
    """Bring back what the last restore replaced; where what was in place until now lies.

    Raises:
        NotFound: nothing was replaced.
        LibraryBusy: a service or an ingest is running on the folder.
    """
    with _alone(home):
        earlier = swap.replaced(home)
        if not earlier:
            raise NotFound(
                "没有可以撤销的恢复",
                where=shown(home),
                remedy="请检查 --home；每次恢复前的内容保存在其中的 replaced 文件夹",
            )
        aside = swap.replace(home, earlier[0])
        _leave(aside, server)
        return aside


def _leave(aside: Path, server: ChromaServer | None) -> None:
    """What lies aside needs no vectors; put back, it makes them from its cache."""
    for home in (aside, *aside.glob("collections/*/")):
        leave(home, server)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else serves or writes; what an earlier run left is finished or cleared first."""
    with translated(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Lease(home).held(), WriterLock(home).hold():
        swap.finish(home)
        for left in swap.leftovers(home):
            shutil.rmtree(left, ignore_errors=True)
        for library in home.glob("collections/*/"):
            with WriterLock(library).hold():
                continue
        yield


def _known(path: Path, made: Manifest) -> None:
    """Refuse databases that this program does not know."""
    if LIBRARY not in made.databases or LIBRARY not in made.members:
        raise archive.broken(path, "备份中没有资料库")
    for name, version in made.databases.items():
        most = KNOWN.get(Path(name).name)
        if most is None or version > most:
            raise archive.broken(
                path,
                f"备份中的 {name} 是第 {version} 版，本程序只认识到第 {most or 0} 版",
                "请先升级文衡，再恢复",
            )


def _room(home: Path, made: Manifest) -> None:
    with translated(home):
        free = shutil.disk_usage(home).free
    if free < made.size + _SPARE:
        raise StorageFull(
            f"磁盘空间不足：恢复需要 {(made.size + _SPARE) >> 20} MB，只剩 {free >> 20} MB",
            where=shown(home),
            remedy="请腾出空间后重试；现有内容没有改动",
        )


def _unpack(path: Path, file: zipfile.ZipFile, made: Manifest, staged: Path, tick: Tick) -> None:
    done = 0
    for name, member in made.members.items():
        target = staged.joinpath(*name.split("/"))
        with translated(target):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            for piece in archive.pieces(path, file, name, member):
                with translated(target):
                    out.write(piece)
                done += len(piece)
                tick(done, made.size)
            with translated(target):
                out.flush()
                os.fsync(out.fileno())


def _check(path: Path, made: Manifest, staged: Path) -> None:
    """The databases are what the manifest says, and sound; originals that no library names go."""
    for name, version in made.databases.items():
        with reading(staged / name) as connection:
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            problems = faults(connection)
        if found != version or problems:
            raise archive.broken(path, f"备份中的数据库 {name} 有错{'：' + problems[0] if problems else ''}")
        if Path(name).name == LIBRARY:
            _sweep(staged / name)
        for end in ("-wal", "-shm"):
            Path(f"{staged / name}{end}").unlink(missing_ok=True)


def _sweep(library: Path) -> None:
    with closing(sqlite3.connect(library)) as connection, translated(library):
        kept = {str(row[0]) for row in connection.execute("SELECT sha256 FROM files")}
    Originals(library.parent / ORIGINALS).sweep(kept)


def says_next(done: Restored) -> tuple[str, ...]:
    """What the user is told after a restore, line by line."""
    count = sum(done.manifest.reports.values())
    lines = [f"已恢复：报告{count}份，备份制作于 {done.manifest.made_at}。"]
    if done.aside is not None:
        lines.append(
            f"原来的内容保存在 {shown(done.aside)}；要撤销，请运行 wenheng restore --undo。确认无误后可以删除它。"
        )
    if done.manifest.missing:
        lines.append(f"备份时已有{len(done.manifest.missing)}份原件缺失，其报告仍可查阅，但不能重新解析。")
    if not done.manifest.vectors:
        lines.append("索引会在第一次检索时自动重建；也可现在运行 wenheng reindex。")
    return tuple(lines)
