"""The data folder: databases, originals, index, rights, what a kill left behind (数据检查).

In: a data folder. Out: findings. Databases are opened for reading only, so that a damaged or an older one is described
and not touched; the index is opened by a process of its own, since a damaged one can end the process.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from corpus import schema, swap
from corpus.errors import LibraryError
from corpus.files import shown
from corpus.lock import WriterLock
from corpus.originals import file_hash
from corpus.probe import Probed, probe
from corpus.schema import translated
from corpus.snapshot import faults, reading
from corpus.vector_server import ChromaServer
from service.accounts import database as accounts
from service.keeping.backup import LIBRARY, ORIGINALS
from service.keeping.findings import Finding, Fix, State, fail, ok, warn
from service.keeping.lease import Lease
from service.papers.template_shelf import FOLDER as TEMPLATES

_RESTORE = "请用 wenheng restore 恢复最近的备份"
_REINDEX = "请运行 wenheng reindex，或 wenheng doctor --fix"
_OLD_LEFTOVER = 3600.0  # seconds; younger ones may belong to a process that is at work
_MANY_BYTES = 1 << 30


def homes(home: Path) -> tuple[Path, ...]:
    """The data folder and those of its further collections."""
    return (home, *sorted(path.parent for path in home.glob(f"collections/*/{LIBRARY}")))


def check(
    home: Path, embedder: str | None, server: ChromaServer | None = None, *, originals: bool = True
) -> Iterator[Finding]:
    """All about a data folder.

    Args:
        home: the data folder.
        embedder: name of the embedding model; None where it cannot be had, so that the index is not looked at.
        server: the Chroma server that holds the vectors; None where they lie in the data folder.
        originals: read every original and compare it with its hash.
    """
    if not (home / LIBRARY).is_file():
        yield warn("资料库", f"{shown(home)} 里还没有资料库", "请用 wenheng ingest 入库，或检查 --home")
        return
    for folder in homes(home):
        name = "" if folder == home else f"（{folder.name}）"
        library = _database(f"资料库{name}", folder / LIBRARY, schema.VERSION, schema.APPLICATION)
        yield library
        if library.state is not State.FAIL:
            yield _originals(f"原件{name}", folder, read=originals)
            yield _index(f"索引{name}", folder, embedder, server)
    if accounts.exists(home):
        yield _database("账户库", home / accounts.NAME, accounts.VERSION, accounts.APPLICATION)
    yield _permissions(home)
    yield _left(home)
    yield _replaced(home)


def _database(subject: str, path: Path, version: int, application: int) -> Finding:
    """One database; what only a newer program or a restore can help with is a failure."""
    try:
        with reading(path) as connection:
            with translated(path):
                found = int(connection.execute("PRAGMA user_version").fetchone()[0])
                ours = int(connection.execute("PRAGMA application_id").fetchone()[0]) == application
            problems = faults(connection)
    except LibraryError as error:
        return fail(subject, error.message, _RESTORE)
    if problems:
        return fail(subject, f"{shown(path)} 内容有错：{'；'.join(problems[:3])}", _RESTORE)
    if not ours:
        return fail(subject, f"{shown(path)} 不是文衡的数据库", "请检查 --home")
    if found > version:
        return fail(subject, f"是第 {found} 版，本程序只认识到第 {version} 版", "请升级文衡")
    if found < version:
        said = f"是第 {found} 版（现为第 {version} 版）"
        return warn(subject, said, "下次打开时自动升级，升级前自动留一份副本")
    return ok(subject, f"完好，第 {found} 版，{path.stat().st_size / 2**20:.1f} MB")


def _originals(subject: str, folder: Path, *, read: bool) -> Finding:
    """The bytes that were taken in, against what the library knows of them."""
    with reading(folder / LIBRARY) as connection, translated(folder):
        known = {str(row[0]): int(row[1]) for row in connection.execute("SELECT sha256, size FROM files")}
    missing, damaged = [], []
    for sha256, size in known.items():
        path = folder / ORIGINALS / sha256[:2] / sha256
        try:
            if path.stat().st_size != size or (read and file_hash(path) != sha256):
                damaged.append(sha256[:12])
        except OSError:
            missing.append(sha256[:12])
    if missing or damaged:
        said = "、".join(
            f"{what}{len(those)}份（{'、'.join(those[:3])}）"
            for what, those in (("缺失", missing), ("损坏", damaged))
            if those
        )
        return fail(
            subject, f"共{len(known)}份，{said}", "请重新入库这些文件，或恢复备份；已入库的文字不受影响"
        )
    there = {path.name for path in (folder / ORIGINALS).glob("*/*")}
    extra = len(there - set(known))
    if extra:
        return warn(subject, f"共{len(known)}份，另有{extra}份不属于任何报告", "下次入库后自动清除")
    return ok(subject, f"{len(known)}份，{'都与散列值相符' if read else '都在'}")


def _index(subject: str, folder: Path, embedder: str | None, server: ChromaServer | None) -> Finding:
    if embedder is None:
        return warn(subject, "没有向量模型，没有检查", "请先运行 wenheng models")
    found = probe(folder, embedder, server=server)
    if found.state == "away":
        assert server is not None, "a folder is never away"
        remedy = "请启动它，并核对 WENHENG_CHROMA_URL 和 WENHENG_CHROMA_KEY；其间检索用内存中的向量"
        return fail(subject, f"Chroma 服务器 {server.host} {found.why}", remedy)
    if server is None and _interrupted(folder):
        return warn(subject, "上次打开时程序中断，下次会从资料库重建", _REINDEX, Fix.REINDEX)
    if server is not None and found.state == "broken":
        return fail(
            subject, f"Chroma 服务器 {server.host} 上的向量读不出；资料没有受损", _REINDEX, Fix.REINDEX
        )
    if found.state in ("broken", "fatal"):
        said = "打不开" if found.state == "broken" else "已损坏，打开它会使程序崩溃"
        return fail(subject, f"{said}；资料没有受损", _REINDEX, Fix.REINDEX)
    if found.state == "absent" and found.needed:
        return warn(subject, "还没有建立", "第一次检索时自动建立；" + _REINDEX, Fix.REINDEX)
    if not found.whole and found.needed:
        return warn(subject, _differences(found), "下次检索时自动补齐；" + _REINDEX, Fix.REINDEX)
    place = f"，在 Chroma 服务器 {server.host}" if server is not None else ""
    return ok(subject, f"{found.held}个向量，与资料库一致{place}")


def _interrupted(folder: Path) -> bool:
    """Whether a process ended while it opened the index."""
    return (folder / "index" / "opening").exists() and not _writing(folder)


def look(home: Path, embedder: str | None, server: ChromaServer | None = None) -> Probed | None:
    """The index of one data folder as it is now; None where it cannot be looked at."""
    if embedder is None or not (home / LIBRARY).is_file():
        return None
    if server is not None:
        return probe(home, embedder, server=server)
    return Probed("broken") if _interrupted(home) else probe(home, embedder)


def _differences(found: Probed) -> str:
    counts = {"缺": found.missing, "多": found.superfluous, "坏": found.damaged}
    return f"应有{found.needed}个向量，" + "、".join(f"{what}{n}个" for what, n in counts.items() if n)


def _writing(folder: Path) -> bool:
    """Whether somebody holds the writer lock just now."""
    try:
        with WriterLock(folder).hold():
            return False
    except LibraryError:
        return True


def loose(home: Path) -> tuple[Path, ...]:
    """Files and folders that others than their owner may read."""
    names = (
        LIBRARY,
        accounts.NAME,
        swap.ENDPOINTS,
        ORIGINALS,
        "index",
        "logs",
        "jobs",
        "collections",
        TEMPLATES,
        swap.REPLACED,
    )
    paths = [folder / name for folder in homes(home) for name in names]
    inner = [path for folder in homes(home) for path in (folder / ORIGINALS).glob("*")]
    return tuple(
        path for path in (home, *paths, *inner) if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007
    )


def _permissions(home: Path) -> Finding:
    if (home.stat().st_mode & 0o077) == 0:
        return ok("权限", "数据文件夹只有本用户能读")
    open_ = loose(home)
    if open_:
        return warn(
            "权限",
            f"其他用户能读 {shown(open_[0])} 等{len(open_)}处",
            "请运行 wenheng doctor --fix，或 chmod -R o-rwx",
            Fix.PERMISSIONS,
        )
    return ok("权限", "其他用户不能读")


def stale(home: Path, now: float | None = None) -> tuple[Path, ...]:
    """What processes that are no more have left: partial files and staged folders. Locks end with their process."""
    now = time.time() if now is None else now
    partial = [path for folder in homes(home) for path in _partials(folder, now)]
    return (*swap.leftovers(home), *partial)


def _partials(folder: Path, now: float) -> Iterator[Path]:
    """Hidden files ``.NAME.PID`` of writers that are gone."""
    for pattern in (f"{ORIGINALS}/*/.*", "index/.*", ".library.db.*"):
        for path in folder.glob(pattern):
            pid = path.name.rpartition(".")[2]
            dead = not (pid.isdigit() and psutil.pid_exists(int(pid)))
            if path.is_file() and dead and now - path.stat().st_mtime > _OLD_LEFTOVER:
                yield path


def _left(home: Path) -> Finding:
    left = stale(home)
    if (home / swap.PLAN).exists():
        return warn("残留", "有一次恢复没有做完", "下次打开时自动做完", Fix.LEFTOVERS)
    if left:
        return warn(
            "残留", f"中断的程序留下{len(left)}个文件（{shown(left[0].name)} 等），没有害处",
            "可用 wenheng doctor --fix 清除", Fix.LEFTOVERS,
        )  # fmt: skip
    return ok("残留", "没有；服务正在运行" if Lease(home).busy() else "没有")


def _replaced(home: Path) -> Finding:
    """Earlier contents take space until somebody deletes them."""
    earlier = swap.replaced(home)
    if not earlier:
        return ok("恢复前的内容", "没有")
    size = sum(path.stat().st_size for folder in earlier for path in folder.rglob("*") if path.is_file())
    said = f"{len(earlier)}份，{size / 2**20:.0f} MB，在 {shown(home / swap.REPLACED)}"
    if size > _MANY_BYTES or len(earlier) > 5:
        return warn("恢复前的内容", said, "确认不再需要撤销后，可以删除较早的")
    return ok("恢复前的内容", said)
