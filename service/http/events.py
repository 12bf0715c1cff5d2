"""Work that takes long, sent as it is made: server-sent events over HTTP (事件流).

In: a function that makes events in a thread of its own. Out: a stream that stays alive while nothing happens and ends
cleanly: with its last event, with an error event, or when the client goes away, which stops the work at once. The
thread never waits for a slow client, because it may hold the model that all others wait for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, Event, to_thread
from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from corpus.errors import TooMany
from service.http import problems
from service.models.cutting import Stop, Stopped

T = TypeVar("T")

PING_SECONDS = 10
SEND_SECONDS = 30.0  # a client that takes nothing for so long is gone
MOST_STREAMS = 64
LOOK_SECONDS = 0.25
GRACE_SECONDS = 4.0  # for the last event when the service ends; less than uvicorn leaves to requests

Emit = Callable[[str, dict[str, Any]], None]  # name, data
Shape = Callable[[str, dict[str, Any]], ServerSentEvent]  # how an event is written

EVENT = {  # what the document says of one event of a stream
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; each has a name and JSON data. `error` carries a problem and is the last.",
        "content": {"text/event-stream": {"schema": EVENT}},
    }
}


@cache
def _threads() -> CapacityLimiter:
    """Threads of streams, apart from those of short routes, which must not wait for them."""
    return CapacityLimiter(MOST_STREAMS)


def _claim() -> None:
    if _threads().available_tokens < 1:
        raise TooMany("同时进行的请求太多", remedy="请稍后再试", wait=10.0)


def named(name: str, data: dict[str, Any]) -> ServerSentEvent:
    """An event with its name and JSON data."""
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=name)


def stream(make: Callable[[Emit, Stop], None], *, shape: Shape = named) -> EventSourceResponse:
    """Answer with the events that ``make`` emits; it ends when the stop is told.

    Args:
        make: emits them, in a thread of its own.
        shape: how each is written; an error is the event ``error`` with a problem.

    Raises:
        TooMany: too many streams are open.
    """
    _claim()
    leaving = Event()  # set by the response when the service ends
    return EventSourceResponse(
        _events(make, shape, leaving),
        shutdown_event=leaving,
        shutdown_grace_period=GRACE_SECONDS,
        ping=PING_SECONDS,
        send_timeout=SEND_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="keep-alive"),
        sep="\n",
    )


async def _events(
    make: Callable[[Emit, Stop], None], shape: Shape, leaving: Event
) -> AsyncIterator[ServerSentEvent]:
    stop = Stop()
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue()

    def emit(name: str, data: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(waiting.put_nowait, shape(name, data))

    def work() -> None:
        try:
            make(emit, stop)
        except Exception as error:
            if not (isinstance(error, Stopped) and stop.is_set() and gone):
                emit("error", problems.told(error))
        finally:
            loop.call_soon_threadsafe(waiting.put_nowait, None)

    async def end() -> None:
        await leaving.wait()
        stop.set()

    gone = False
    ending = asyncio.create_task(end())
    task = asyncio.create_task(to_thread.run_sync(work, limiter=_threads(), abandon_on_cancel=True))
    try:
        while (event := await waiting.get()) is not None:
            yield event
        await task
    finally:
        gone = True
        ending.cancel()
        stop.set()


async def until_gone(request: Request, work: Callable[[Stop], T]) -> T:
    """What ``work`` gives, made in a thread; it is stopped when the client goes away.

    Raises:
        TooMany: too many requests of this kind are under way.
    """
    _claim()
    stop = Stop()
    task = asyncio.create_task(to_thread.run_sync(partial(work, stop), limiter=_threads()))
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
            if not stop.is_set() and await request.is_disconnected():
                stop.set()
        return task.result()
    finally:
        stop.set()


async def briefly(work: Callable[[], T]) -> T:
    """What a short piece of blocking work gives, made in a thread of the routes."""
    return await to_thread.run_sync(work)
