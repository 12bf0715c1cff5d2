"""Files that are written whole or not at all.

In: a path and the bytes. Out: the file, put in place in one step, so that a killed process leaves the old
one; or an error that says why it cannot be written. A file that is there stays unless ``force`` is set, and
so does one that an office program has open (its lock file stands beside it).
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import InputError, StorageFull
from corpus.files import shown


def writable(path: Path, suffixes: Sequence[str], *, force: bool) -> None:
    """Whether ``path`` may be written; asked before any work is done for it.

    Raises:
        InputError: its suffix is not one of ``suffixes``, its folder is not there, or it is in the way.
    """
    known = "、".join(suffixes)
    if path.suffix.lower() not in suffixes:
        raise InputError(
            f"不能写成“{path.suffix or '没有扩展名'}”的文件", where=shown(path), remedy=f"请用{known}作扩展名"
        )
    if path.is_dir():
        raise InputError("这是一个文件夹", where=shown(path), remedy="请给出文件名")
    if not path.parent.is_dir():
        raise InputError(
            "所在的文件夹不存在", where=shown(path.parent), remedy="请先建立文件夹，或换一个路径"
        )
    if path.exists() and not force:
        raise InputError(
            "文件已经存在，没有覆盖", where=shown(path), remedy="请换一个文件名，或加 --force 覆盖"
        )
    lock = next((name for name in _locks(path) if (path.parent / name).exists()), None)
    if lock and not force:
        raise InputError(
            "文件正被另一个程序打开", where=shown(path), remedy=f"请先关闭它；若已关闭，请删除 {lock}"
        )


def _locks(path: Path) -> tuple[str, ...]:
    """Lock files of LibreOffice, and of Word, which puts ~$ before a short name or over a long one."""
    return (f".~lock.{path.name}#", *(f"~${path.name[cut:]}" for cut in range(3)))


def write(path: Path, data: bytes, suffixes: Sequence[str], *, force: bool) -> None:
    """Write ``data`` to ``path`` in one step.

    Raises:
        InputError: the path cannot be written.
        StorageFull: no space is left.
    """
    writable(path, suffixes, force=force)
    temporary = path.parent / f".{path.name[:40]}.{os.getpid()}.tmp"
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "磁盘空间不足，文件没有写出", where=shown(path), remedy="请清理后重试"
            ) from error
        if isinstance(error, PermissionError):
            raise InputError(
                "没有写入权限，或文件正被打开", where=shown(path), remedy="请换一个文件夹，或先关闭该文件"
            ) from error
        raise InputError(
            f"写不进去（{error.strerror or type(error).__name__}）", where=shown(path), remedy="请换一个路径"
        ) from error
