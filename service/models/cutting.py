"""A call of the model that another thread can end (中断).

In: a :class:`Stop` that whoever waits for a text holds. Out: the connection under way is shut at once, also while the
model is still reading the prompt and has said nothing yet, which is when its server stops computing. A generator that
runs in one thread cannot be closed from another one, hence this.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_here = threading.local()


class Stopped(Exception):
    """Whoever asked does not want it any more. Not an error: nothing is told, nothing takes its place."""


class Stop:
    """Told once, from any thread; then everything that was to happen in that case happens, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = threading.Event()
        self._actions: dict[int, Callable[[], object]] = {}
        self._number = 0

    def set(self) -> None:
        """Stop."""
        with self._lock:
            self._set.set()
            actions, self._actions = list(self._actions.values()), {}
        for action in actions:
            action()

    def is_set(self) -> bool:
        """Whether it was told to stop."""
        return self._set.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for it; whether it was told."""
        return self._set.wait(seconds)

    def check(self) -> None:
        """Raise :class:`Stopped` where it was told to."""
        if self.is_set():
            raise Stopped

    @contextmanager
    def then(self, action: Callable[[], object]) -> Iterator[None]:
        """Do this when it is told, at once where it was told before; forgotten at the end of the block."""
        with self._lock:
            told = self._set.is_set()
            number = self._number = self._number + 1
            if not told:
                self._actions[number] = action
        if told:
            action()
        try:
            yield
        finally:
            with self._lock:
                self._actions.pop(number, None)


@contextmanager
def watching(connections: Connections) -> Iterator[None]:
    """Connections that this thread opens inside the block are noted there."""
    before = getattr(_here, "connections", None)
    _here.connections = connections
    try:
        yield
    finally:
        _here.connections = before


class Connections:
    """The sockets of one call; :meth:`cut` shuts them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.was_cut = False

    def note(self, opened: socket.socket) -> None:
        """A connection of this call."""
        with self._lock:
            self._sockets.append(opened)
            late = self.was_cut
        if late:
            _shut(opened)

    def cut(self) -> None:
        """Shut them; a thread that reads from one wakes up with an error."""
        with self._lock:
            self.was_cut = True
            sockets = list(self._sockets)
        for opened in sockets:
            _shut(opened)


def _shut(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed already
        opened.shutdown(socket.SHUT_RDWR)


def was_cut() -> bool:
    """Whether the call of this thread was ended from outside."""
    connections = getattr(_here, "connections", None)
    return connections is not None and connections.was_cut


def trace(event: str, info: dict[str, Any]) -> None:
    """What httpx calls as its ``trace`` extension: a new connection belongs to the call of this thread."""
    connections = getattr(_here, "connections", None)
    if connections is None or event != "connection.connect_tcp.complete":
        return
    opened = info["return_value"].get_extra_info("socket")
    if opened is not None:
        connections.note(opened)
