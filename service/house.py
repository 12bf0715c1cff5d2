"""The house: desks, models, jobs and accounts behind every door (总台).

In: settings. Out: one object a process, safe for threads. Whoever wants something comes with a :class:`Caller` and gets
a desk of a collection, or is told that it does not exist. Desks of one collection share library, index and caches; all
share the models, which are used in turns.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from corpus.embedding import Embedder
from corpus.errors import NotFound, WenhengError
from service import telling
from service.accounts import Accounts
from service.accounts.caller import LOCAL, MAIN, Caller, Role
from service.accounts.collections import folder
from service.accounts.database import open_database
from service.desk import Desk
from service.endpoints import Kind
from service.keeping import backup_job
from service.keeping.keeper import Keeper
from service.keeping.lease import Lease
from service.keeping.watching import WatchedDesk
from service.models.cutting import Stop
from service.phrase import Chat
from service.settings import Settings
from service.work import reindexing, runners, taking_in
from service.work.jobs import Jobs
from service.work.models import Loaded, Models
from service.work.turns import OnWait, Turns

MOST_OPEN = 8  # collections; each holds a database connection and its vectors in memory
JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the service needs: ``state`` is "ready", "loading" or "failed"."""

    name: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What ``/readyz`` says."""

    parts: tuple[Part, ...]

    @property
    def ready(self) -> bool:
        """Whether all of it is there."""
        return all(part.state == "ready" for part in self.parts)


@dataclass(slots=True)
class _Open:
    """An open collection and those who see it now."""

    desk: Desk
    seen: weakref.WeakSet[Desk]


class House:
    """Everything behind the doors; see :meth:`open`."""

    def __init__(
        self, settings: Settings, *, users: bool, embedder: Embedder | None = None, chat: Chat | None = None
    ) -> None:
        self.settings = settings
        self.users = users
        self._lease = Lease(settings.home)
        self._lease.take()
        try:
            self.database = open_database(settings.home)
        except BaseException:
            self._lease.give_back()
            raise
        self.accounts = Accounts.open(self.database)
        self.models = Models(settings, embedder=embedder, chat=chat)
        self.turns = Turns(self.models.at_once)
        self.jobs = Jobs(self.database, settings.home / JOBS, self._desk_of, telling.told)
        self._desks: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()
        self.choosing = threading.Lock()  # one change of the models at a time
        self._stops: weakref.WeakSet[Stop] = weakref.WeakSet()
        self._closed = False
        self._keeper: Keeper | None = None

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        users: bool = False,
        embedder: Embedder | None = None,
        chat: Chat | None = None,
    ) -> House:
        """Open the data folder and begin to work: models load in the background, jobs that were left go on.

        Args:
            settings: of the process.
            users: whether callers must sign in.
            embedder: instead of the one that the settings name, for tests.
            chat: the same.

        Raises:
            LibraryBusy: another service uses the folder.
            LibraryError: ``service.db`` cannot be used.
        """
        house = cls(settings, users=users, embedder=embedder, chat=chat)
        try:
            house._start()
        except BaseException:
            house.close()
            raise
        return house

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        self._keeper = Keeper(self)
        taking_in.register(self.jobs)
        runners.register(self.jobs)
        backup_job.register(self.jobs)
        reindexing.register(self.jobs)
        self.models.start()
        self.jobs.start()
        self._keeper.start()

    # -- desks ---------------------------------------------------------------------------------

    def desk(
        self,
        caller: Caller,
        collection: str = MAIN,
        needed: Role = Role.READER,
        *,
        stop: Stop | None = None,
        on_wait: OnWait | None = None,
    ) -> Desk:
        """The desk of a collection as this caller sees it; cheap, made anew for each request.

        Args:
            caller: who asks.
            collection: id of the collection.
            needed: the role that what comes next needs.
            stop: when it is told, a call of the model leaves the queue or ends, and raises ``Stopped``.
            on_wait: told how many calls of the model come before, whenever that changes.

        Raises:
            NotFound: the collection does not exist for the caller.
            Forbidden: their role is too low.
        """
        self.accounts.collections.open(caller, collection, needed)
        told = stop or Stop()
        with self._lock:
            if self._closed:
                raise WenhengError("服务正在停止", remedy="请稍后再试")
            self._stops.add(told)

        def chat() -> Chat:
            return self.turns.chat(self.models.chat(told), caller.id, on_wait=on_wait, stop=told)

        with self._lock:
            opened = self._opened(collection)
            seen = opened.desk.seen_by(chat, told.check)
            opened.seen.add(seen)
        return seen

    def _opened(self, collection: str) -> _Open:
        """The open collection, opened where it was not; one that nobody uses is closed for it. The lock is held."""
        opened = self._desks.get(collection)
        if opened is None:
            home = folder(self.settings.home, collection)
            desk = WatchedDesk(replace(self.settings, home=home), embedder=self.models.embedder)
            opened = self._desks[collection] = _Open(desk, weakref.WeakSet())
        self._desks.move_to_end(collection)
        for name in list(self._desks)[: max(0, len(self._desks) - MOST_OPEN)]:
            if name != collection and not self._desks[name].seen:
                self._desks.pop(name).desk.close()
        return opened

    def use(self, settings: Settings, kind: Kind) -> None:
        """Take another model of one kind from now on; what has begun ends with the one that it began with.

        Raises:
            LibraryBusy: the embedder is to be another one while somebody writes to an open collection.
        """
        with self._lock, contextlib.ExitStack() as held:
            desks = [opened.desk for opened in self._desks.values()]
            if kind == "embedding":
                for desk in desks:
                    held.enter_context(desk.library.writer())
            self.settings = settings
            self.models.use(settings, kind)
            for desk in desks:
                desk.use(settings, self.models.embedder if kind == "embedding" else None)
        self.turns.resize(self.models.at_once)

    def let_go(self, collection: str) -> None:
        """Close a collection that was removed, once nobody uses it any more."""
        with self._lock:
            opened = self._desks.get(collection)
            if opened is not None and not opened.seen:
                self._desks.pop(collection).desk.close()

    def _desk_of(self, owner: str, collection: str, needed: Role, stop: Stop, on_wait: OnWait) -> Desk:
        """The desk of the owner of a job, with the rights that they have by now."""
        caller = LOCAL if owner == LOCAL.id else self.accounts.people.caller(owner, "job")
        if caller is None:
            raise NotFound("提交这个任务的用户已停用或删除", remedy="请用另一个用户重新提交")
        return self.desk(caller, collection, needed, stop=stop, on_wait=on_wait)

    # -- the whole -----------------------------------------------------------------------------

    def ready(self) -> Readiness:
        """What is there and what is still loading."""
        return Readiness(
            (
                self._library(),
                _part("embedding", self.models.embedding, self.settings),
                _part("chat", self.models.chatting, self.settings),
            )
        )

    def _library(self) -> Part:
        try:
            with self._lock:
                self._opened(MAIN).desk.library.setting("terms")
        except WenhengError as error:
            return Part("library", "failed", error.message)
        return Part("library", "ready")

    def stop_streams(self) -> None:
        """End every answer that is being written or waits; jobs go on."""
        with self._lock:
            stops = list(self._stops)
        for stop in stops:
            stop.set()

    def close(self) -> None:
        """End or save what is under way, then the model server, then the databases. A second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.jobs.close()
        self.stop_streams()
        self.models.close()
        if self._keeper is not None:
            self._keeper.close()
        for opened in self._desks.values():
            opened.desk.close()
        self.database.close()
        self._lease.give_back()


def _part(name: Kind, loaded: Loaded[Embedder] | Loaded[Chat], settings: Settings) -> Part:
    if loaded.fault is not None:
        fault = loaded.fault
        return Part(
            name, "failed", fault.message if isinstance(fault, WenhengError) else type(fault).__name__
        )
    return Part(name, "ready" if loaded.here is not None else "loading", settings.source(name))
