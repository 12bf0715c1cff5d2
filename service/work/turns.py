"""Who may use the model next (排队): one scarce thing, shared fairly.

In: calls of the model in the names of callers. Out: the same calls, so many at a time, going round the callers: one
who has sixty steps to write lets another one in after each. Whoever waits is told how many come before; whoever gives
up leaves at once, and a call under way is ended at the server.

A turn lasts from the first piece of text that is asked for to the end of the stream: who takes the pieces must not wait
for anything else between them (a slow reader, another turn), or all others wait too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from service.keeping import metrics
from service.models.cutting import Connections, Stop, Stopped, watching
from service.phrase import Chat

OnWait = Callable[[int], None]  # how many calls come before, the ones under way included

Messages = Sequence[tuple[str, str]]


class _Ticket:
    """One place in the queue."""

    __slots__ = ("granted", "who")

    def __init__(self, who: str) -> None:
        self.who = who
        self.granted = False


class Turns:
    """The queue in front of a model.

    Args:
        at_once: how many calls it takes at the same time.
    """

    def __init__(self, at_once: int = 1) -> None:
        if at_once < 1:
            raise ValueError(f"at_once must be at least 1, not {at_once}")
        self.at_once = at_once
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, deque[_Ticket]] = OrderedDict()  # callers in the order of their turns
        self._running = 0

    def resize(self, at_once: int) -> None:
        """Another number of calls at the same time, since another model takes them."""
        with self._changed:
            self.at_once = at_once
            self._grant()

    @property
    def waiting(self) -> int:
        """Calls that wait."""
        with self._changed:
            return sum(len(line) for line in self._waiting.values())

    @property
    def running(self) -> int:
        """Calls under way."""
        with self._changed:
            return self._running

    def chat(
        self, chat: Chat, who: str, *, on_wait: OnWait | None = None, stop: Stop | None = None
    ) -> QueuedChat:
        """The same model, taking its turn for each call.

        Args:
            chat: the model.
            who: in whose name; turns go round these.
            on_wait: told how many calls come before, whenever that changes.
            stop: when it is told, the call leaves the queue or is ended, and raises ``Stopped``.
        """
        return QueuedChat(self, chat, who, on_wait, stop or Stop())

    @contextmanager
    def turn(self, who: str, *, on_wait: OnWait | None = None, stop: Stop | None = None) -> Iterator[None]:
        """Wait for a turn and hold it for the length of the block.

        Raises:
            Stopped: it was told to stop before the turn came.
        """
        stop = stop or Stop()
        ticket = _Ticket(who)
        with self._changed:
            self._waiting.setdefault(who, deque()).append(ticket)
            self._grant()
        try:
            with stop.then(self._wake):
                self._await(ticket, on_wait, stop)
            yield
        finally:
            self._leave(ticket)

    def _await(self, ticket: _Ticket, on_wait: OnWait | None, stop: Stop) -> None:
        told = 0
        while True:
            with self._changed:
                while True:
                    stop.check()
                    if ticket.granted:
                        return
                    before = self._before(ticket)
                    if on_wait is not None and before != told:
                        break
                    self._changed.wait()
            told = before
            on_wait(before)  # not under the lock: it may take its time

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _grant(self) -> None:
        """Give free turns to those whose callers are next; the lock is held."""
        while self._running < self.at_once and self._waiting:
            who, line = self._waiting.popitem(last=False)
            ticket = line.popleft()
            if line:
                self._waiting[who] = line  # to the end of the round
            ticket.granted = True
            self._running += 1
        self._changed.notify_all()

    def _leave(self, ticket: _Ticket) -> None:
        """Give the turn back, or the place in the queue."""
        with self._changed:
            if ticket.granted:
                self._running -= 1
            else:
                line = self._waiting[ticket.who]
                line.remove(ticket)
                if not line:
                    del self._waiting[ticket.who]
            self._grant()

    def _before(self, ticket: _Ticket) -> int:
        """How many calls come before this one, those under way included; the lock is held."""
        mine = self._waiting[ticket.who]
        number = mine.index(ticket)  # of the caller's own that come first
        before, passed = number + self._running, False
        for who, line in self._waiting.items():
            if who == ticket.who:
                passed = True
            else:
                before += min(len(line), number + (0 if passed else 1))
        return before


class QueuedChat:
    """A model that takes its turn for each call; see :meth:`Turns.chat`."""

    def __init__(self, turns: Turns, chat: Chat, who: str, on_wait: OnWait | None, stop: Stop) -> None:
        self._turns, self._chat, self._who = turns, chat, who
        self._on_wait, self.stop = on_wait, stop

    def stream(
        self,
        messages: list[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        **options: Sequence[str],
    ) -> Iterator[str]:
        """The text in pieces, from when it is this call's turn.

        Raises:
            Stopped: it was told to stop, while waiting or in the middle.
        """
        asked = time.perf_counter()
        with self._turns.turn(self._who, on_wait=self._on_wait, stop=self.stop):
            metrics.waited(time.perf_counter() - asked)
            connections = Connections()
            stream = self._chat.stream(messages, max_tokens=max_tokens, grammar=grammar, **options)
            try:
                with self.stop.then(connections.cut):
                    while (piece := _next(stream, connections, self.stop)) is not None:
                        yield piece
            finally:
                close = getattr(stream, "close", None)
                if close is not None:
                    close()
            metrics.wrote(getattr(self._chat, "last_usage", None))

    def complete(
        self,
        messages: list[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        **options: Sequence[str],
    ) -> str:
        """The whole text; as :meth:`stream`."""
        return "".join(self.stream(messages, max_tokens=max_tokens, grammar=grammar, **options))


def _next(stream: Iterator[str], connections: Connections, stop: Stop) -> str | None:
    """The next piece, None at the end. Steps of a generator may run in different threads."""
    stop.check()
    try:
        with watching(connections):
            piece = next(stream, None)
    except Exception as error:
        if stop.is_set():
            raise Stopped from error
        raise
    stop.check()
    return piece
