"""Where the vectors of one library lie: in a folder beside it, or on a Chroma server (向量的存处).

In: the name of a collection. Out: a store that can be read or written. What a place does when its store is damaged, and
what the user is told, differs; that is all in here, so that the index itself does not know which one it has.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from pathlib import Path
from typing import Protocol

from corpus.errors import IndexAway, LibraryError
from corpus.schema import translated
from corpus.vector_server import REST_SECONDS, ChromaServer
from corpus.vector_store import StoreAway, StoreBroken, VectorStore, drop_all

_log = logging.getLogger(__name__)


class VectorPlace(Protocol):
    """A folder or a server."""

    def readable(self, collection: str) -> VectorStore:
        """A collection that is there.

        Raises:
            StoreBroken: it is not, or it is damaged; StoreAway: the server does not answer.
        """

    def writable(self, collection: str) -> VectorStore:
        """The same, made where it is not there or damaged. Errors as above, and LibraryError for what stays damaged."""

    def discard(self) -> None:
        """Delete all collections; no store may be open."""

    def asked(self) -> None:
        """Somebody asks for it in so many words: nothing is spared."""

    def unusable(self, error: StoreBroken) -> LibraryError:
        """What the user is told of a store that cannot be put right."""


class Folder:
    """``index/chroma``. A damaged one can end the whole process, so a mark stands beside it while it is opened: who
    finds the mark makes the folder anew, which the cache makes cheap.
    """

    def __init__(self, index: Path) -> None:
        self._index = index

    def readable(self, collection: str) -> VectorStore:
        """As said there."""
        return VectorStore(self._index / "chroma", collection, create=False)

    def writable(self, collection: str) -> VectorStore:
        """As said there."""
        mark = self._index / "opening"
        with translated(self._index):
            self._index.mkdir(mode=0o700, parents=True, exist_ok=True)
            if mark.exists():
                self.discard()
            mark.touch()
        try:
            store = VectorStore(self._index / "chroma", collection, create=True)
        except StoreBroken:
            self.discard()
            try:
                store = VectorStore(self._index / "chroma", collection, create=True)
            except StoreBroken as error:
                raise self.unusable(error) from error
        with translated(self._index):
            mark.unlink(missing_ok=True)
        return store

    def discard(self) -> None:
        """Delete the folder."""
        with translated(self._index):
            if (self._index / "chroma").exists():
                shutil.rmtree(self._index / "chroma")

    def asked(self) -> None:
        """A folder is never spared."""

    def unusable(self, error: StoreBroken) -> LibraryError:
        """A folder that can be deleted."""
        return LibraryError(
            f"索引不能使用（{error}）",
            where=str(self._index),
            remedy="请检查磁盘空间和目录权限；删除该目录后重试，资料不会丢失",
        )


class Server:
    """Collections of our own name on a server. One that is away is left alone for half a minute, so that searches do not
    wait for it one after the other.
    """

    def __init__(self, index: Path, server: ChromaServer) -> None:
        self._index, self._server = index, server
        self._silent_until = 0.0

    def readable(self, collection: str) -> VectorStore:
        """As said there."""
        return self._open(collection, create=False)

    def writable(self, collection: str) -> VectorStore:
        """As said there."""
        return self._open(collection, create=True)

    def _open(self, collection: str, *, create: bool) -> VectorStore:
        if time.monotonic() < self._silent_until:
            raise StoreAway("刚才没有应答")
        try:
            return VectorStore(self._server.of(self._index), collection, create=create)
        except StoreAway as error:
            self._silent_until = time.monotonic() + REST_SECONDS
            _log.warning("the Chroma server %s is away", self._server.host, exc_info=error.__cause__)
            raise

    def discard(self) -> None:
        """Delete what is ours; a server that does not do so shows it at the next step."""
        with contextlib.suppress(StoreBroken):
            drop_all(self._server.of(self._index))

    def asked(self) -> None:
        """Ask it again at once."""
        self._silent_until = 0.0

    def unusable(self, error: StoreBroken) -> LibraryError:
        """A server that is away, or that does not do what Chroma does."""
        away = isinstance(error, StoreAway)
        said = f"Chroma 服务器{error}" if away else f"Chroma 服务器出错（{str(error)[:200]}）"
        return IndexAway(
            f"{said}，向量没有写完",
            where=self._server.host,
            remedy="资料没有受损；请启动或检查这台服务器，核对 WENHENG_CHROMA_URL 和 WENHENG_CHROMA_KEY，"
            "或去掉这个设置改用内置的索引",
        )


def leave(home: Path, server: ChromaServer | None) -> None:
    """Delete what a data folder that goes, or went aside, has on a server. One that is away keeps it: no harm is done."""
    known = server.known(home / "index") if server is not None else None
    if known is None:
        return
    try:
        drop_all(known)
    except StoreBroken as error:
        _log.warning("collections %s… stay on the Chroma server %s: %s", known.prefix, known.host, error)
