"""What a desk opens when it is first needed, shared by all who see the desk (工作台的家当).

In: settings and a library. Out: embedder, index, chat client, each opened once.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from corpus.embedding import Embedder
from corpus.errors import LibraryBusy
from corpus.index import Index
from corpus.library import Library
from corpus.report import Report
from service.models.chat import ChatClient, open_chat
from service.models.embedder import open_embedder
from service.settings import Settings

if TYPE_CHECKING:
    from service.view import LibraryView


class Held:
    """The belongings of one desk; ``embedder`` is one that was given."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="models")
        self._embedder = embedder
        self._own_embedder: Embedder | None = None  # ours to close, unlike one that was given
        self._chat: Future[ChatClient] | None = None
        self._index: Index | None = None
        self.view: LibraryView | None = None
        self.opened: dict[str, Report] = {}

    def embedder(self, settings: Settings) -> Embedder:
        """The embedding model."""
        with self._lock:
            if self._embedder is None:
                self._embedder = self._own_embedder = open_embedder(settings)
            return self._embedder

    def index(self, library: Library, settings: Settings, *, heal: bool = True) -> Index:
        """The index; ``heal`` brings it in step with the library when it is opened."""
        embedder = self.embedder(settings)
        with self._lock:
            if self._index is None:
                self._index = Index(library, embedder, server=settings.chroma)
                if heal:
                    _heal(self._index)
            return self._index

    def chat(self, settings: Settings) -> Future[ChatClient]:
        """The chat client, from when it is first asked for."""
        with self._lock:
            if self._chat is None:
                self._chat = self._pool.submit(open_chat, settings)
            return self._chat

    def use(self, embedder: Embedder) -> None:
        """Another embedder from now on. Nobody writes to the library just now; the new index waits for its vectors."""
        with self._lock:
            old, self._index, self._embedder = self._index, None, embedder
            self.view = None
        if old is not None:
            old.pause()  # a search that still has it makes nothing
            old.close()

    def close(self) -> None:
        """Close what was opened."""
        if self._chat is not None and not self._chat.cancel():
            error = self._chat.exception()
            if error is None:
                self._chat.result().close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._index is not None:
            self._index.close()
        if self._own_embedder is not None and hasattr(self._own_embedder, "close"):
            self._own_embedder.close()  # connections of an endpoint


def _heal(index: Index) -> None:
    """Make vectors that a kill or a deleted folder left missing; a running writer does it itself."""
    if index.pending():
        try:
            index.sync()
        except LibraryBusy:
            return
