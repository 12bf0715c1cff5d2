"""The desk: wires the stages together. The command line, HTTP, MCP and eval all drive this.

In: settings. Out: one object with what a user can do: take in, list, show, edit, remove, search, ask,
chat. Models are loaded when first needed and only once; closing the desk ends the local server.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus import readers
from corpus.cards import Card
from corpus.duplicates import Duplicate
from corpus.embedding import Embedder
from corpus.errors import BadQuestion, EndpointError, LibraryBusy, ModelError
from corpus.index import Hit, Index
from corpus.ingest import IngestResult, Progress, ingest
from corpus.library import Library
from corpus.parse import parse
from corpus.privacy import mask_plain
from corpus.report import Figure, Filter, Passage, Report
from service.answer import Done, Event, respond
from service.cited import Answer
from service.models.chat import ChatClient, open_chat
from service.models.embedder import open_embedder
from service.phrase import Chat
from service.question import Question
from service.scope import describe
from service.session import Session, Sessions
from service.settings import Settings, load
from service.stages import PRODUCT, Stages
from service.terms import Weights
from service.understanding import understand

ANY = Filter()
LEARNED = 4000  # passages from which the rarity of words is learned


class Desk:
    """One open data folder with its models. Use as a context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        embedder: Embedder | None = None,
        chat: Chat | None = None,
        stages: Stages = PRODUCT,
    ) -> None:
        self.settings = settings
        self.stages = stages
        self.library = Library.open(settings.home)
        self._embedder = embedder
        self._opened_embedder: Embedder | None = None  # ours to close, unlike one that was given
        self._given_chat = chat
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="models")
        self._index: Index | None = None
        self._chat: Future[ChatClient] | None = None
        self._lock = threading.Lock()
        self._view: _View | None = None
        self._opened: dict[str, Report] = {}

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        *,
        home: Path | None = None,
        embedder: Embedder | None = None,
        chat: Chat | None = None,
    ) -> Desk:
        """Open a data folder; ``home`` is a shortcut for settings that only name the folder."""
        return cls(settings or load(home=home), embedder=embedder, chat=chat)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the local server and close the library."""
        if self._chat is not None and not self._chat.cancel():
            error = self._chat.exception()
            if error is None:
                self._chat.result().close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._index is not None:
            self._index.close()
        if self._opened_embedder is not None and hasattr(self._opened_embedder, "close"):
            self._opened_embedder.close()  # connections of an endpoint
        self.library.close()

    # -- the corpus -----------------------------------------------------------------------------

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded on first use."""
        with self._lock:
            if self._embedder is None:
                self._embedder = self._opened_embedder = open_embedder(self.settings)
            return self._embedder

    @property
    def index(self) -> Index:
        """The index, opened with the embedding model and brought in step with the library."""
        embedder = self.embedder
        with self._lock:
            if self._index is None:
                self._index = Index(self.library, embedder)
                self._heal(self._index)
            return self._index

    def _heal(self, index: Index) -> None:
        """Make vectors that a kill or a deleted folder left missing; a running writer does it itself."""
        if index.pending():
            try:
                index.sync()
            except LibraryBusy:
                return

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> IngestResult:
        """Take in files and folders."""
        try:
            return ingest(
                paths,
                self.library,
                self.index,
                read=readers.read,
                parse=parse,
                on_progress=on_progress,
                should_stop=should_stop or (lambda: False),
            )
        finally:
            self._changed()
            _give_back_memory()

    def cards(self, wanted: Filter = ANY, *, merged: bool = False) -> tuple[Card, ...]:
        """Cards of matching reports."""
        return self.library.cards(wanted, merged=merged)

    def cards_of(self, report_ids: Sequence[str]) -> tuple[Card, ...]:
        """Cards of named reports (unique prefixes will do)."""
        ids = {self.library.full_id(report_id) for report_id in report_ids}
        return tuple(card for card in self.library.cards(ANY, merged=True) if card.id in ids)

    def card_table(self) -> dict[str, Card]:
        """All cards by id."""
        return {card.id: card for card in self.library.cards(ANY, merged=True)}

    def describe(self) -> str:
        """Which places and years there are, for a message."""
        cards = self.cards()
        return describe(cards) if cards else "（空）"

    def report(self, report_id: str) -> Report:
        """One report, by id or unique prefix."""
        full = self.library.full_id(report_id)
        if full not in self._opened:
            self._opened[full] = self.library.report(full)
        return self._opened[full]

    def edit(self, report_id: str, field: str, value: str | None) -> None:
        """Set one field of the metadata, or take it back to what the page tells (None)."""
        self.library.edit(report_id, field, value)
        self._changed()

    def remove(self, report_ids: Iterable[str]) -> tuple[str, ...]:
        """Remove reports from library and index."""
        removed = self.library.remove(report_ids)
        self._changed()
        self._follow()
        return removed

    def merge(self, copy: str, kept: str) -> None:
        """Merge a report into another one."""
        self.library.merge(copy, kept)
        self._changed()

    def unmerge(self, report_id: str) -> None:
        """Take a merged report out again."""
        self.library.unmerge(report_id)
        self._changed()
        self._follow()

    def _follow(self) -> None:
        """Bring the index in step; without a model the next one that has one does it."""
        with contextlib.suppress(ModelError, EndpointError, LibraryBusy):
            self.index.sync()

    def duplicates(self) -> tuple[Duplicate, ...]:
        """Merged copies."""
        return self.library.duplicates()

    def reindex(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Build the index anew from the library; returns the number of passages."""
        self.index.rebuild(on_progress)
        return sum(card.passages for card in self.cards())

    def search(self, query: str, wanted: Filter = ANY, k: int = 10) -> tuple[Hit, ...]:
        """Passages for a query inside a filter.

        Raises:
            BadQuestion: the query is empty.
        """
        if not query.strip():
            raise BadQuestion("检索词是空的", remedy="请输入要查的内容，例如：家庭医生签约率")
        return self.index.search(mask_plain(query), wanted, k)

    # -- asking ---------------------------------------------------------------------------------

    def likeness(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of every text with every other one, shape (len(texts), len(others))."""
        return self.view.likeness(texts, others)

    def warm(self) -> None:
        """Start loading the chat model in the background."""
        self._chat_future()

    def understand(self, text: str, history: Sequence[str] = ()) -> Question:
        """Read a question in the light of the earlier ones of the same chat."""
        known = tuple(dict.fromkeys(card.place for card in self.cards() if card.place))
        before: Question | None = None
        for earlier in history:
            before = understand(mask_plain(earlier), known, before=before)
        return understand(mask_plain(text), known, before=before)

    def stream(self, text: str, history: Sequence[str] = ()) -> Iterator[Event]:
        """Answer a question as a stream of events, the last of which is :class:`Done`."""
        question = self.understand(text, history)
        if self.cards():
            self.warm()
        yield from respond(question, self.view, self.report, self.model, self.settings.chat_name)

    def ask(self, text: str, history: Sequence[str] = ()) -> Answer:
        """Answer a question.

        Raises:
            BadQuestion: it is empty or too long.
        """
        for event in self.stream(text, history):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("respond ends with Done")

    def session(self, session_id: str | None = None, *, last: bool = False) -> Session:
        """A new chat session, or one that is continued."""
        return Sessions(self.library).open(session_id, last=last)

    def sessions(self) -> tuple[Session, ...]:
        """All chat sessions, newest first."""
        return Sessions(self.library).all()

    def forget(self, session_id: str) -> None:
        """Delete a chat session."""
        Sessions(self.library).delete(session_id)

    @property
    def view(self) -> _View:
        """Library and index as evidence needs them."""
        if self._view is None:
            self._view = _View(self)
        return self._view

    def _changed(self) -> None:
        self._view = None
        self._opened.clear()

    def _chat_future(self) -> Future[ChatClient] | None:
        if self._given_chat is not None:
            return None
        with self._lock:
            if self._chat is None:
                self._chat = self._pool.submit(open_chat, self.settings)
            return self._chat

    def model(self) -> Chat:
        """The chat model; started on first use, which takes seconds."""
        if self._given_chat is not None:
            return self._given_chat
        future = self._chat_future()
        assert future is not None
        return future.result()


def _give_back_memory() -> None:
    """Hand freed memory back to the system where the C library can (glibc keeps some 250 MB of an ingest)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


class _View:
    """What :class:`service.evidence.View` asks for, with small caches for one state of the library."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.stages = desk.stages
        self._cards = desk.cards()
        self._weights: Weights | None = None
        self._mentions: dict[str, tuple[str, ...]] = {}
        self._figures: dict[str, list[Figure]] = {}
        self._known: dict[str, NDArray[np.float32]] = {}

    def cards(self) -> tuple[Card, ...]:
        return self._cards

    def mentions(self, word: str) -> tuple[str, ...]:
        if word not in self._mentions:
            self._mentions[word] = self._desk.library.mentions(word)
        return self._mentions[word]

    def passages(self, scope: Filter) -> tuple[Passage, ...]:
        return self._desk.library.passages(scope)

    def search(self, query: str, scope: Filter, k: int) -> tuple[Passage, ...]:
        hits = self._desk.index.search(query, scope, k, fuse=self.stages.fuse)
        return tuple(hit.passage for hit in hits)

    def figures(self, report_ids: Sequence[str]) -> Mapping[str, Sequence[Figure]]:
        fresh = tuple(name for name in report_ids if name not in self._figures)
        if fresh:
            self._figures.update({name: [] for name in fresh})
            for told in self._desk.library.figures(Filter(report_ids=fresh)):
                self._figures[told.report_id].append(told.figure)
        return {name: self._figures[name] for name in report_ids}

    def similarities(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._vectors(texts) @ self._desk.embedder.embed_query(query)
        return result

    def likeness(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        if not texts or not others:
            return np.zeros((len(texts), len(others)), np.float32)
        result: NDArray[np.float32] = self._vectors(texts) @ self._vectors(others).T
        return result

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of ``texts`` as passages, kept for as long as the library stays as it is."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            for text, vector in zip(fresh, self._desk.embedder.embed_passages(fresh), strict=True):
                self._known[text] = vector
        return np.stack([self._known[text] for text in texts])

    def weights(self) -> Weights:
        if self._weights is None:
            passages = self._desk.library.passages(ANY)[:LEARNED]
            self._weights = Weights.learn(sentence for p in passages for sentence in p.text.split("。"))
        return self._weights
