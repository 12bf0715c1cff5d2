"""One service for a data folder (服务锁).

In: the data folder. Out: a lock that a running service holds and that ends with its process; a second service, and a
restore, are refused. Short commands on the same folder need none: they share the databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import LibraryBusy
from corpus.files import shown
from corpus.schema import translated

NAME = "service.lock"


class Lease:
    """The lock of one data folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = FileLock(home / NAME, mode=0o600, thread_local=False)

    def take(self) -> None:
        """Take it until :meth:`give_back` or the end of the process.

        Raises:
            LibraryBusy: a service is running on this folder.
        """
        with translated(self._home):
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                raise LibraryBusy(
                    "文衡服务正在使用这个数据文件夹", where=shown(self._home), remedy="请先停止服务，再重试"
                ) from error

    def give_back(self) -> None:
        """Let others have it; harmless where it was not taken."""
        self._lock.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for a while."""
        self.take()
        try:
            yield
        finally:
            self.give_back()

    def busy(self) -> bool:
        """Whether a service holds it now."""
        try:
            self.take()
        except LibraryBusy:
            return True
        self.give_back()
        return False
