"""The two models of a service: loaded once in the background, shared by all desks (模型).

In: settings. Out: an embedder that threads may share and a chat client. Loading them takes seconds, so it begins with
the service; who needs one earlier waits for it. What failed to load is tried again by who needs it next.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from typing import Generic, TypeVar

import numpy as np

from corpus.embedding import Embedder, Vectors
from service.endpoints import Kind
from service.keeping import metrics
from service.models.chat import ChatClient, open_chat
from service.models.cutting import Stop
from service.models.embedder import open_embedder
from service.phrase import Chat
from service.settings import Settings
from service.work.lending import Lending

T = TypeVar("T")

RETRY_SECONDS = 5.0  # a model that could not be loaded is not asked for more often
LOOK_SECONDS = 0.2  # how soon who waits for a model notices that they gave up
PIECE = 8  # passages embedded before a waiting question has its turn
KEPT_QUERIES = 512


class Loaded(Generic[T]):
    """Something that takes long to load: one thread loads, all wait for it.

    Args:
        load: makes it; its errors reach everybody who waits.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._future: Future[T] | None = None
        self._began = 0.0

    def begin(self) -> Future[T]:
        """Start loading, unless that was done; what failed a while ago is tried again."""
        with self._lock:
            future = self._future
            failed = future is not None and future.done() and future.exception() is not None
            if future is None or (failed and time.monotonic() - self._began > RETRY_SECONDS):
                future = self._future = Future()
                self._began = time.monotonic()
                threading.Thread(target=self._run, args=(future,), name="loading", daemon=True).start()
            return future

    def get(self, stop: Stop | None = None) -> T:
        """It, when it is there.

        Raises:
            Stopped: it was told to stop first.
        """
        future = self.begin()
        while True:
            if stop is not None:
                stop.check()
            try:
                return future.result(LOOK_SECONDS if stop is not None else None)
            except NotYet:
                if future.done():  # loading itself raised it
                    raise

    def then(self, do: Callable[[T], None]) -> None:
        """Do something with it when it is there; nothing where nobody loads it, or where that fails."""
        future = self._future
        if future is not None:
            future.add_done_callback(lambda done: None if done.exception() else do(done.result()))

    @property
    def here(self) -> T | None:
        """It where it is there already."""
        future = self._future
        return future.result() if future is not None and future.done() and not future.exception() else None

    @property
    def fault(self) -> BaseException | None:
        """Why it is not there, None where it is or may come."""
        future = self._future
        return future.exception() if future is not None and future.done() else None

    def _run(self, future: Future[T]) -> None:
        try:
            future.set_result(self._load())
        except BaseException as error:
            future.set_exception(error)


class SharedEmbedder:
    """An embedder for many threads: one computes at a time, and questions come before passages.

    Threads that compute side by side on the same cores slow each other down many times over. The passages of an
    ingest are embedded a few at a time, so that a search does not wait for a whole report. Vectors of the last
    questions are kept: a search and the ranking of its sentences ask for the same one.

    Args:
        loaded: the embedder, when it is there.
        at_once: how many calls it bears; more than one for an endpoint.
    """

    def __init__(self, loaded: Loaded[Embedder], at_once: int = 1) -> None:
        self._loaded = loaded
        self._free = at_once
        self._changed = threading.Condition()
        self._questions = 0  # that wait
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    @property
    def name(self) -> str:
        """Identity of the vectors."""
        return self._loaded.get().name

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self._loaded.get().dim

    def embed_query(self, text: str) -> Vectors:
        """``[dim]``."""
        with self._changed:
            known = self._known.get(text)
        metrics.cached("question_vectors", known is not None)
        if known is not None:
            return known
        embedder = self._loaded.get()
        with self._turn(question=True):
            made = embedder.embed_query(text)
        made.flags.writeable = False  # it is shared
        with self._changed:
            self._known[text] = made
            while len(self._known) > KEPT_QUERIES:
                self._known.popitem(last=False)
        return made

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """``[n, dim]``, in the order of ``texts``."""
        embedder = self._loaded.get()
        parts = []
        for start in range(0, len(texts), PIECE):
            with self._turn(question=False):
                parts.append(embedder.embed_passages(texts[start : start + PIECE]))
        return np.concatenate(parts) if parts else np.zeros((0, embedder.dim), np.float32)

    @contextmanager
    def _turn(self, *, question: bool) -> Iterator[None]:
        with self._changed:
            self._questions += question
            try:
                self._changed.wait_for(lambda: self._free > 0 and (question or not self._questions))
                self._free -= 1
            finally:
                self._questions -= question
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()


class Models:
    """Both models.

    Args:
        settings: where they are.
        embedder: one that is there already, for tests.
        chat: one that is there already, for tests.
    """

    def __init__(
        self, settings: Settings, *, embedder: Embedder | None = None, chat: Chat | None = None
    ) -> None:
        self._closed = False
        self._settings = settings
        self._given_embedder, self._given_chat = embedder, chat
        self._lock = threading.Lock()
        self._lending: Lending | None = None
        self._clients: weakref.WeakSet[ChatClient] = weakref.WeakSet()  # those that were replaced included
        self.chatting = self._chatting()
        self.embedding, self.embedder = self._embedding()

    def _chatting(self) -> Loaded[Chat]:
        given, settings = self._given_chat, self._settings
        if given is not None and settings.choice("chat") is None:
            return Loaded(lambda: given)
        return Loaded(lambda: self._open_chat(settings))

    def _embedding(self) -> tuple[Loaded[Embedder], SharedEmbedder]:
        given, settings = self._given_embedder, self._settings
        if given is not None and settings.choice("embedding") is None:
            loaded: Loaded[Embedder] = Loaded(lambda: given)
        else:
            loaded = Loaded(lambda: _open_embedder(settings))
        return loaded, SharedEmbedder(loaded, settings.endpoint_calls if settings.embedding_url else 1)

    def use(self, settings: Settings, kind: Kind) -> None:
        """Take another model of one kind from now on; who has the old one keeps it until they are done."""
        with self._lock:
            self._settings = settings
            if kind == "embedding":
                self.embedding, self.embedder = self._embedding()
                self.embedding.begin()
                return
            old, lending = self.chatting, self._lending
            self.chatting, self._lending = self._chatting(), None
            self.chatting.begin()
        old.then(lambda chat: self._retire(chat, lending))

    def _retire(self, chat: Chat, lending: Lending | None) -> None:
        if chat is not self._given_chat:
            (lending or Lending(chat)).retire()

    @property
    def at_once(self) -> int:
        """How many calls the chat model bears at the same time."""
        return self._settings.endpoint_calls if self._settings.chat_url else 1

    def start(self) -> None:
        """Begin to load both."""
        self.embedding.begin()
        self.chatting.begin()

    def chat(self, stop: Stop | None = None) -> Chat:
        """The chat model, when it is there.

        Raises:
            ModelError: it cannot be loaded.
            Stopped: it was told to stop first.
        """
        while True:
            with self._lock:
                loaded = self.chatting
            chat = loaded.get(stop)
            with self._lock:
                if loaded is not self.chatting:
                    continue  # another one took its place meanwhile
                if self._lending is None or self._lending.chat is not chat:
                    self._lending = Lending(chat)
                return self._lending.lend()

    def close(self) -> None:
        """End the model server and the connections."""
        self._closed = True
        for client in tuple(self._clients):
            client.close()
        close = getattr(self.embedding.here, "close", None)
        if close is not None:
            close()

    def _open_chat(self, settings: Settings) -> Chat:
        client = open_chat(settings)
        self._clients.add(client)
        if self._closed:  # the service ended while it was loading
            client.close()
        else:
            client.ready()
        return client


def _open_embedder(settings: Settings) -> Embedder:
    embedder = open_embedder(settings)
    embedder.embed_query("预热")
    return embedder
