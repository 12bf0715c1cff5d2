"""The desk: wires the stages together. The command line, HTTP, MCP and eval all drive this.

In: settings. Out: one object with what a user can do: take in, list, show, edit, remove, search, ask,
chat. Models are loaded when first needed and only once; closing the desk ends the local server.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus import readers
from corpus import removed as aside
from corpus.cards import Card
from corpus.duplicates import Duplicate
from corpus.edits import EDITABLE, checked
from corpus.embedding import Embedder
from corpus.errors import BadQuestion, EndpointError, LibraryBusy, ModelError
from corpus.index import Hit, Index
from corpus.ingest import IngestResult, Progress, ingest
from corpus.library import Library
from corpus.parse import parse
from corpus.privacy import mask_plain
from corpus.report import Filter, RawDocument, Report
from service.answer import Done, Event, respond
from service.cited import Answer
from service.held import Held
from service.models.chat import ChatClient
from service.phrase import Chat
from service.question import Question
from service.scope import describe
from service.session import Session, Sessions
from service.settings import Settings, load
from service.stages import PRODUCT, Stages
from service.understanding import understand
from service.view import LibraryView

ANY = Filter()
BUSY_SECONDS = 10.0  # a removal waits so long for an ingest of another thread
MOST_OPENED = 200  # reports kept open; one takes some 100 KB


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
        self._given_chat = chat
        self._asked_chat: Callable[[], Chat] | None = None
        self._check: Callable[[], None] | None = None
        self._held = Held(embedder)
        self._of: Desk = self

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

    def seen_by(self, chat: Callable[[], Chat], check: Callable[[], None] | None = None) -> Desk:
        """The same desk as one caller sees it: all is shared, but ``chat()`` gives the model, and ``check`` may end what
        takes long by raising. Closing it closes nothing.
        """
        seen = copy.copy(self)
        seen._asked_chat, seen._check = chat, check
        return seen

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the local server and close the library."""
        if self._of is not self:
            return
        self._held.close()
        self.library.close()

    # -- the corpus -----------------------------------------------------------------------------

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded on first use."""
        return self._held.embedder(self.settings)

    @property
    def index(self) -> Index:
        """The index, opened with the embedding model and brought in step with the library."""
        return self._held.index(self.library, self.settings)

    def use(self, settings: Settings, embedder: Embedder | None = None) -> None:
        """Other models from now on, for who sees the desk next. Where the embedder is another one, nobody writes just
        now, and searches go by words until :meth:`catch_up` has made the vectors.
        """
        self.settings = replace(settings, home=self.settings.home)
        if embedder is not None:
            self._held.use(embedder)
            self._held.index(self.library, self.settings, heal=False).pause()

    def catch_up(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Make the vectors that are missing, while searches go on without them; how many were made."""
        index = self._held.index(self.library, self.settings, heal=False)
        index.pause()
        return index.sync(on_progress)

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        names: Mapping[Path, str] | None = None,
    ) -> IngestResult:
        """Take in files and folders; ``names`` are those of files that lie under other ones, as uploads do."""
        called = {path.resolve(): name for path, name in (names or {}).items()}

        def read(path: Path) -> RawDocument:
            document = readers.read(path)
            return replace(document, name=called.get(path, document.name))

        try:
            return ingest(
                paths,
                self.library,
                self.index,
                read=read,
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
        full, opened = self.library.full_id(report_id), self._held.opened
        report = opened.get(full)
        if report is None:
            report = self.library.report(full)
            while len(opened) >= MOST_OPENED:
                opened.pop(next(iter(opened), ""), None)
            opened[full] = report
        return report

    def edit(self, report_id: str, field: str, value: str | None) -> None:
        """Set one field of the metadata, or take it back to what the page tells (None)."""
        self.library.edit(report_id, field, value)
        self._changed()

    def edit_all(self, report_id: str, changes: Mapping[str, str | None]) -> None:
        """Set several fields, or none where one of them cannot be.

        Raises:
            InputError: no such field, or a value that it cannot take.
        """
        for field, value in changes.items():
            if value is not None or field not in EDITABLE:
                checked(field, value or "")
        for field, value in changes.items():
            self.library.edit(report_id, field, value)
        self._changed()

    def remove(self, report_ids: Iterable[str], *, undoable: bool = False) -> tuple[str, ...]:
        """Remove reports from library and index; ``undoable`` keeps them aside for :meth:`restore`."""
        wanted = tuple(report_ids)
        with self.library.writer(threads=BUSY_SECONDS):
            if undoable:
                aside.keep(self.library, wanted)
            gone = self.library.remove(wanted)
            if not undoable:
                aside.forget(self.library, gone)
        self._changed()
        self._follow()
        return gone

    def removed(self) -> tuple[aside.Removed, ...]:
        """What can be restored, the last removed first."""
        return aside.listed(self.library)

    def forget_removed(self, report_ids: Sequence[str]) -> None:
        """Delete removed reports for ever."""
        aside.forget(self.library, report_ids)

    def restore(self, report_id: str) -> None:
        """Bring a removed report back, with the user's edits.

        Raises:
            NotFound: it was not removed, or has been deleted for ever.
        """
        with self.library.writer(threads=BUSY_SECONDS):
            one, path = aside.find(self.library, report_id)
            apart = [o.id for o in self.removed() if o.source_sha256 == one.source_sha256 and o.id != one.id]
            self.library.parse_again(one.source_sha256)
            self.ingest([path], names={path: one.source_name})
            self.library.remove(name for name in apart if self._has(name))
            for field, value in one.edits.items():
                self.library.edit(one.id, field, value)
            aside.forget(self.library, [one.id])
        self._changed()
        self._follow()

    def _has(self, report_id: str) -> bool:
        return any(card.id == report_id for card in self.cards(merged=True))

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
        return self.view.likeness(texts, others, self._check)

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
    def view(self) -> LibraryView:
        """Library and index as evidence needs them."""
        view = self._held.view
        if view is None:
            view = self._held.view = LibraryView(self._of)
        return view

    def _changed(self) -> None:
        self._held.view = None
        self._held.opened = {}

    def _chat_future(self) -> Future[ChatClient] | None:
        if self._given_chat is not None or self._asked_chat is not None:
            return None
        return self._held.chat(self.settings)

    def model(self) -> Chat:
        """The chat model; started on first use, which takes seconds."""
        if self._asked_chat is not None:
            return self._asked_chat()
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
