"""The whole data folder in one file, while others work in it (备份).

In: a data folder. Out: one zip (see :mod:`service.keeping.archive`), put in place when it is whole and was read again
from the disk. Databases are copied through SQLite's backup, each at one moment and all of them last: the files that they
name are never changed, only added and removed, so what is still missing then is added, and what was removed meanwhile
sends the run back to a new copy of the database. Left out is what can be made again (vectors) and what belongs to this
machine (locks, logs, copies from before an upgrade).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from corpus import swap
from corpus.errors import InputError, NotFound
from corpus.files import shown
from corpus.schema import translated
from corpus.snapshot import reading, snapshot
from service.keeping.archive import MANIFEST, PIECE, Manifest, Member, Tick, verify

SUFFIXES = (".zip",)
LIBRARY = "library.db"
ORIGINALS = "originals"
VECTORS = "index/vectors.npz"
MADE = "文衡备份-"  # how backups begin that jobs made
_ROUNDS = 3  # copies of a database whose files vanish under our hands
_PACKED = (".docx", ".xlsx", ".zip", ".pdf", ".png", ".jpg", ".npz", ".doc")
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made; ``size`` of the file in bytes, ``sha256`` of it."""

    path: Path
    size: int
    sha256: str
    manifest: Manifest


def back_up(
    home: Path,
    target: Path,
    *,
    vectors: bool = False,
    force: bool = False,
    within: bool = False,
    tick: Tick = lambda done, total: None,
) -> Backup:
    """Back up a data folder. May be stopped by any exception from ``tick``; nothing is left then.

    Args:
        home: the data folder.
        target: the file, ``.zip``, outside the data folder.
        vectors: take the vectors along, which saves their computation after a restore.
        force: replace the file where it is there.
        within: the target may lie inside the data folder: a job's file, which is taken away and then deleted.
        tick: told the bytes done and in all, twice over: writing, then reading again.

    Raises:
        InputError: the target cannot be written.
        LibraryError: a database is damaged or cannot be read; StorageFull: no space for the file.
    """
    home = home.absolute()
    _writable(home, target, force=force, within=within)
    if not (home / LIBRARY).is_file():
        raise NotFound("数据文件夹里没有资料库，没有可备份的内容", where=shown(home), remedy="请检查 --home")
    sweep_beside(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with (
            translated(target.parent),
            tempfile.TemporaryDirectory(prefix=f".backup-{os.getpid()}-", dir=target.parent) as room,
        ):
            manifest = _Writer(home, partial, Path(room), vectors, tick).write()
        total = manifest.size
        if verify(partial, lambda done, _: tick(total + done, 2 * total)) != manifest:
            raise InputError(
                "写出的备份读回来不一样", where=shown(target), remedy="请检查这块磁盘，换一处再备份"
            )
        digest = _digest(partial)
        with translated(target):
            size = partial.stat().st_size
            partial.replace(target)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return Backup(target, size, digest, manifest)


def _writable(home: Path, target: Path, *, force: bool, within: bool) -> None:
    if target.suffix.lower() not in SUFFIXES:
        raise InputError("备份文件的扩展名应为 .zip", where=shown(target), remedy="请换一个文件名")
    if target.is_dir() or not target.parent.is_dir():
        raise InputError(
            "备份要写成一个文件，其所在文件夹要已存在", where=shown(target), remedy="请换一个路径"
        )
    if target.exists() and not force:
        raise InputError(
            "文件已经存在，没有覆盖", where=shown(target), remedy="请换一个文件名，或加 --force 覆盖"
        )
    if target.absolute().is_relative_to(home) and not within:
        raise InputError(
            "备份不能放在数据文件夹里面", where=shown(target), remedy="请放到别处，最好是另一块磁盘"
        )


def sweep_beside(target: Path) -> None:
    """Remove what backups that were killed have left beside their target."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(\d+)\.partial|\.backup-(\d+)-\w+")
    with translated(target.parent):
        for path in target.parent.iterdir():
            match = pattern.fullmatch(path.name)
            if match and not psutil.pid_exists(int(match[1] or match[2])):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class _Writer:
    """One run: what was written so far."""

    home: Path
    partial: Path
    room: Path  # for the copies of the databases, beside the target
    vectors: bool
    tick: Tick
    members: dict[str, Member] = field(default_factory=dict)
    databases: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def write(self) -> Manifest:
        """Write the file."""
        files = dict(self._files())
        self.total = sum(files.values()) + sum(path.stat().st_size for path in self._databases())
        handle = os.open(self.partial, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for name in files:
                    self._add(archive, name, self.home / name)
                copies = self._copies()
                for library, copy in copies.items():
                    self._complete(archive, library, copy)
                for name, copy in copies.items():
                    self._add(archive, name, copy)
                manifest = self._manifest()
                archive.writestr(MANIFEST, manifest.to_json())
            file.flush()
            os.fsync(file.fileno())
        return manifest

    def _manifest(self) -> Manifest:
        return Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            program=f"wenheng {version('wenheng')}, Python {platform.python_version()}",
            members=dict(self.members),
            databases=dict(self.databases),
            reports=dict(self.reports),
            missing=tuple(self.missing),
            vectors=self.vectors,
        )

    def _files(self) -> Iterator[tuple[str, int]]:
        """Everything but databases, locks, logs, vectors and what is being written just now, with its size."""
        for top in swap.contents(self.home):
            paths = [self.home / top] if (self.home / top).is_file() else (self.home / top).rglob("*")
            for path in sorted(paths):
                name = path.relative_to(self.home).as_posix()
                if path.is_symlink() or not path.is_file() or not self._wanted(name):
                    continue
                with contextlib.suppress(FileNotFoundError):  # removed this moment
                    yield name, path.stat().st_size

    def _wanted(self, name: str) -> bool:
        inner = _inner(name)
        parts = inner.split("/")
        half = any(part.startswith(".") or part.endswith(".part") for part in parts)
        if half or parts[0] in swap.STAYING or parts[-1].startswith(MADE):
            return False
        if parts[0] == "index":
            return self.vectors and inner == VECTORS
        base = name.removesuffix(next((end for end in _BESIDE if name.endswith(end)), ""))
        return not base.endswith(".db")

    def _databases(self) -> list[Path]:
        """Those of the data folder and of its collections; the one that names people last."""
        found = [self.home / LIBRARY, *sorted(self.home.glob(f"collections/*/{LIBRARY}"))]
        others = sorted(path for path in self.home.glob("*.db") if path.name != LIBRARY)
        return [path for path in (*found, *others) if path.is_file()]

    def _copies(self) -> dict[str, Path]:
        """A copy of every database, one right after the other, by the name of its member."""
        return {
            path.relative_to(self.home).as_posix(): self._copy(path, number)
            for number, path in enumerate(self._databases())
        }

    def _copy(self, path: Path, number: int) -> Path:
        copy = self.room / f"{number}.db"
        snapshot(path, copy, lambda: self.tick(self.done, 2 * self.total))
        name = path.relative_to(self.home).as_posix()
        with reading(copy) as connection:
            self.databases[name] = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if path.name == LIBRARY:
                count = connection.execute("SELECT count(*) FROM reports").fetchone()[0]
                self.reports[name] = int(count)
        return copy

    def _complete(self, archive: zipfile.ZipFile, library: str, copy: Path) -> None:
        """Add the originals that the copy of a library names and that are not in the file yet."""
        if not library.endswith(LIBRARY):
            return
        folder = library.removesuffix(LIBRARY) + ORIGINALS
        for round_ in range(_ROUNDS):
            wanting = self._wanting(folder, copy)
            gone = [name for name in wanting if not self._added(archive, name)]
            if not gone:
                return
            if round_ + 1 < _ROUNDS:  # removed since the copy was made: a new one does not name them
                number = int(copy.stem)
                self._copy(self.home / library, number)
        self.missing += gone  # not removed but lost: the library still names them

    def _wanting(self, folder: str, copy: Path) -> list[str]:
        with reading(copy) as connection, translated(copy):
            rows = connection.execute("SELECT sha256 FROM files ORDER BY sha256").fetchall()
        names = (f"{folder}/{row[0][:2]}/{row[0]}" for row in rows)
        return [name for name in names if name not in self.members]

    def _added(self, archive: zipfile.ZipFile, name: str) -> bool:
        if not (self.home / name).is_file():
            return False
        return self._add(archive, name, self.home / name)

    def _add(self, archive: zipfile.ZipFile, name: str, path: Path) -> bool:
        """Write one member; False when the file is gone."""
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        with source, archive.open(info, "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
                self.done += len(piece)
                self.tick(min(self.done, self.total), 2 * self.total)
        self.members[name] = Member(size, digest.hexdigest())
        return True


def _inner(name: str) -> str:
    """A name as its own data folder sees it: without the folder of a collection."""
    parts = name.split("/")
    return "/".join(parts[2:]) if parts[0] == "collections" and len(parts) > 2 else name
