"""Every request once: an id for it, a line in the log, and its numbers for /metrics (请求记录).

In: an ASGI application. Out: the same, with ``X-Request-ID`` on every answer. The route's template is noted, never the
path or the query, which could hold an id or a question. Streams count until their last byte, or until the client left.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from service.keeping import logs, metrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
LEFT = 499  # what nginx calls a client that closed the request
OTHER = "(other)"  # a path that no route has
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Recorded:
    """The outermost layer of the application: refusals of the inner ones are recorded too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; other kinds of connection pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"").decode("latin-1")
        name = logs.new_request(given)
        token = logs.request_id.set(name)
        seen = _Seen(name, send)
        began = time.perf_counter()
        status = 500
        try:
            await self._app(scope, receive, seen.send)
            status = seen.status if seen.finished else LEFT
        except asyncio.CancelledError:
            status = LEFT
            raise
        finally:
            _note(scope, status, seen.size, time.perf_counter() - began)
            logs.request_id.reset(token)


class _Seen:
    """What an answer looked like."""

    def __init__(self, name: str, send: Send) -> None:
        self._name, self._send = name, send
        self.status = 0
        self.size = 0
        self.finished = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER, self._name.encode())]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.finished = not message.get("more_body", False)
        await self._send(message)


def _note(scope: Scope, status: int, size: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "") or OTHER
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    metrics.requested(method, route, status, seconds)
    logs.event("request", method=method, route=route, status=status, ms=round(seconds * 1000), bytes=size)
