"""Events of a blocking generator, one by one on the page's event loop (事件流).

In: a function that makes the generator, given how to stop it. Out: an async iterator; ``stop()`` ends the generator
wherever it is: in the queue for the model, in a call of it, or between two events. The page that goes away stops it too.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Generic, TypeVar

from service.models.cutting import Stop, Stopped

T = TypeVar("T")


class Pump(Generic[T]):
    """Runs one generator in a thread of its own.

    Args:
        make: makes the generator; is given the :class:`Stop` to hand to ``house.desk`` and a function that takes the
            number of calls that come before in the queue.
        on_wait: told that number, on the event loop.
    """

    def __init__(
        self, make: Callable[[Stop, Callable[[int], None]], Iterator[T]], on_wait: Callable[[int], None]
    ) -> None:
        self._make = make
        self._on_wait = on_wait
        self._stop = Stop()
        self._queue: asyncio.Queue[T | BaseException | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """End it."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was told to end."""
        return self._stop.is_set()

    async def events(self) -> AsyncIterator[T]:
        """The events; errors of the generator are raised here, ``Stopped`` just ends it."""
        thread = threading.Thread(target=self._run, name="page-stream", daemon=True)
        thread.start()
        try:
            while (event := await self._queue.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            self._stop.set()

    def _run(self) -> None:
        last: BaseException | None = None
        try:
            stream = self._make(self._stop, lambda before: self._tell(self._on_wait, before))
            with contextlib.closing(stream):  # type: ignore[type-var]
                for event in stream:
                    if self._stop.is_set():
                        break
                    self._tell(self._queue.put_nowait, event)
        except Stopped:
            last = None
        except Exception as error:
            last = error
        self._tell(self._queue.put_nowait, last)

    def _tell(self, function: Callable[..., object], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the service is ending
            self._loop.call_soon_threadsafe(function, value)
