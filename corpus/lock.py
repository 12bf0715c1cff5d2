"""One writer at a time (写入锁).

In: the data folder. Out: a lock that ends with its process, so that nothing stale is ever left. Who
holds it stands beside it, for the message to whoever comes second.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import LibraryBusy
from corpus.schema import translated


class WriterLock:
    """Lock of a data folder; the thread that holds it may enter it again."""

    def __init__(self, home: Path) -> None:
        self._thread = threading.RLock()
        self._lock = FileLock(home / "lock", mode=0o600, thread_local=False)
        self._owner = home / "lock.owner"

    @contextmanager
    def hold(self, wait: float = 0.0, threads: float = 0.0) -> Iterator[None]:
        """Hold the lock.

        Args:
            wait: seconds to wait for another process.
            threads: seconds to wait for another thread of this one.

        Raises:
            LibraryBusy: another process holds it (the message names it), or another thread.
        """
        if not self._thread.acquire(timeout=max(threads, wait)):
            raise LibraryBusy(
                "资料库正在写入，例如正在入库", where=str(self._owner.parent), remedy="请等它结束后重试"
            )
        try:
            with self._held(wait):
                yield
        finally:
            self._thread.release()

    @contextmanager
    def _held(self, wait: float) -> Iterator[None]:
        with translated(self._owner.parent):
            try:
                self._lock.acquire(timeout=wait)
            except Timeout as error:
                raise LibraryBusy(
                    f"另一个程序（进程 {self.owner() or '未知'}）正在写入资料库",
                    where=str(self._owner.parent),
                    remedy="请等它结束后重试；若它已无响应，请先结束该进程",
                ) from error
        try:
            with translated(self._owner.parent):
                self._owner.write_text(str(os.getpid()), encoding="ascii")
            yield
        finally:
            self._lock.release()

    def owner(self) -> str:
        """Process id of the last holder, "" when unknown."""
        try:
            return self._owner.read_text(encoding="ascii").strip()
        except OSError:
            return ""
