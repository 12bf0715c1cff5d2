"""What goes wrong with a database file, in the words of its room (数据库出错).

In: the words for one kind of file. Out: a context that turns errors of SQLite and of the file system into ours. Every
database of the program is told of in the same way; only what it is called, and what helps, differ.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import LibraryBusy, LibraryError, StorageFull

Translated = Callable[[Path], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Words:
    """How messages call a database (``name``) and what it lies in (``place``); the rest are whole phrases."""

    name: str
    place: str
    unreachable: str  # remedy where the place cannot be read or written
    full: str
    full_remedy: str
    busy_remedy: str
    damaged_remedy: str


_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在磁盘是只读的",
    errno.EEXIST: "它是文件，不是文件夹",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹",
}
_SAID = {  # SQLite's words → ours
    "readonly": "没有写入权限",
    "unable to open": "打不开，可能没有权限",
    "disk I/O": "磁盘读写出错，可能空间已满",
}


def translating(words: Words) -> Translated:
    """The context for the files of one room; it is given the path that messages name."""

    @contextmanager
    def translated(where: Path) -> Iterator[None]:
        """Turn errors of SQLite and of the file system into ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise _of_sqlite(error, str(where), words) from error
        except OSError as error:
            raise _of_system(error, str(where), words) from error

    return translated


def _of_system(error: OSError, where: str, words: Words) -> LibraryError:
    """Our error for one of the file system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(where, words)
    reason = _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
    return LibraryError(f"{words.place}不能读写（{reason}）", where=where, remedy=words.unreachable)


def _of_sqlite(error: sqlite3.Error, where: str, words: Words) -> LibraryError:
    """Our error for one of SQLite's."""
    said = str(error)
    if "disk is full" in said:
        return _full(where, words)
    if "locked" in said or "busy" in said:
        return LibraryBusy(f"另一个程序正在写入{words.name}", where=where, remedy=words.busy_remedy)
    if "malformed" in said or "not a database" in said:
        return LibraryError(f"{words.name}文件已损坏", where=where, remedy=words.damaged_remedy)
    said = next((ours for theirs, ours in _SAID.items() if theirs in said), said)
    return LibraryError(
        f"{words.name}读写失败（{said}）", where=where, remedy="请检查磁盘空间和目录权限后重试"
    )


def _full(where: str, words: Words) -> StorageFull:
    return StorageFull(words.full, where=where, remedy=words.full_remedy)
