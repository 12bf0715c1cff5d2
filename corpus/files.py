"""Which files a user means (查找文件).

In: files and folders. Out: the files to read, each once, in a stable order, and what could not be
looked into. Links are followed, loops are not; hidden files and the lock files of office programs
(``~$…``) are left out of folders.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; ``size`` in bytes and ``modified`` as the file system tells them now."""

    path: Path
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or folder that was not taken in, and why (one Chinese sentence with the remedy)."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}：{self.reason}"


def shown(path: Path | str) -> str:
    """A path as text; names in another encoding than UTF-8 show their bytes escaped."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def reason_of(error: OSError) -> str:
    """Why a file or folder cannot be read, with the remedy."""
    if isinstance(error, FileNotFoundError):
        return "文件或目录不存在。请检查路径是否写对、文件是否被移走"
    if isinstance(error, PermissionError):
        return "没有读取权限。请修改它的权限，或换一个有权限的用户"
    return f"读不出来（{error.strerror or type(error).__name__}）。请检查文件和磁盘"


def find_files(
    paths: Iterable[Path], suffixes: Collection[str]
) -> tuple[tuple[Found, ...], tuple[Failure, ...]]:
    """The files at ``paths``, by name; what cannot be looked into.

    Args:
        paths: files, taken whatever their suffix, and folders, searched for files with ``suffixes``.
        suffixes: in lower case with the dot.
    """
    found: dict[Path, Found] = {}
    failures: list[Failure] = []
    visited: set[tuple[int, int]] = set()
    for path in paths:
        try:
            if path.is_dir():
                candidates: Iterable[Path] = _walk(path, suffixes, failures, visited)
            else:
                candidates = [path]
            for candidate in candidates:
                _note(candidate, found, failures)
        except OSError as error:
            failures.append(Failure(shown(path), reason_of(error)))
    return tuple(found[path] for path in sorted(found)), tuple(failures)


def _note(path: Path, found: dict[Path, Found], failures: list[Failure]) -> None:
    try:
        real = path.resolve(strict=True)
        stat = real.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, up to Python 3.12
        reason = reason_of(error) if isinstance(error, OSError) else "这个链接指向它自己。请删除它"
        failures.append(Failure(shown(path), reason))
        return
    found[real] = Found(real, stat.st_size, stat.st_mtime)


def _walk(
    folder: Path, suffixes: Collection[str], failures: list[Failure], visited: set[tuple[int, int]]
) -> Iterator[Path]:
    """Files below a folder with one of the suffixes; each folder once, whatever leads to it."""

    def failed(error: OSError) -> None:
        failures.append(Failure(shown(error.filename or folder), reason_of(error)))

    for root, folders, names in os.walk(folder, followlinks=True, onerror=failed):
        try:
            stat = Path(root).stat()
        except OSError as error:
            failed(error)
            continue
        if (stat.st_dev, stat.st_ino) in visited:
            folders.clear()
            continue
        visited.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in suffixes:
                yield Path(root, name)
