"""Whose socket may speak for a page (网页的连接).

NiceGUI takes a page's id for the right to act on it, from any socket: an id that leaked (a log, a shared screen)
would let a stranger press the buttons of its owner. Here an event counts only from a socket that made the
handshake for this very page, and a handshake only with a cookie of the same caller as the page's own request.

Uploads go by the page's id as well, and are checked the same way.

In: the house. Out: NiceGUI's socket handlers and its paths of a page, each behind that check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.errors import WenhengError
from service.ui.who import caller_of

if TYPE_CHECKING:
    from service.house import House

EVENTS = ("event", "javascript_response", "ack", "log")
OF_A_PAGE = re.compile(r"/_nicegui/client/(?P<id>[^/]+)/")


def guard(house: House) -> None:
    """Put the check before NiceGUI's handlers; a second call replaces the first one's."""
    handlers = core.sio.handlers["/"]
    for name in EVENTS:
        handlers[name] = _of_this_page(_plain(handlers[name]))
    handlers["handshake"] = _by_same_caller(house, _plain(handlers["handshake"]))
    handlers["connect"] = _connect_by_same_caller(house, _plain(handlers["connect"]))
    core.app.add_middleware(OwnPages, house=house)


def _plain(handler: Callable[..., Any]) -> Callable[..., Any]:
    """NiceGUI's own handler, under a guard that an earlier call put there."""
    plain: Callable[..., Any] = getattr(handler, "guarded", handler)
    return plain


def _of_this_page(handler: Callable[..., Any]) -> Callable[..., Any]:
    def checked(sid: str, message: dict[str, Any]) -> Any:
        if message.get("client_id") in core.sio.rooms(sid):
            return handler(sid, message)
        return None

    checked.guarded = handler  # type: ignore[attr-defined]
    return checked


def _by_same_caller(house: House, handler: Callable[..., Any]) -> Callable[..., Any]:
    async def checked(sid: str, data: dict[str, Any]) -> bool:
        if not _same(house, str(data.get("client_id", "")), core.sio.get_environ(sid) or {}):
            return False
        return bool(await handler(sid, data))

    checked.guarded = handler  # type: ignore[attr-defined]
    return checked


def _connect_by_same_caller(house: House, handler: Callable[..., Any]) -> Callable[..., Any]:
    async def checked(sid: str, environ: dict[str, Any], auth: Any = None) -> Any:
        named = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])[0]
        if not _same(house, named, environ):
            raise Refused("not your page")
        return await handler(sid, environ, auth)

    checked.guarded = handler  # type: ignore[attr-defined]
    return checked


class OwnPages:
    """Refuses what goes to a page of somebody else."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or answer 404."""
        named = OF_A_PAGE.match(scope.get("path", "")) if scope["type"] == "http" else None
        if named and not _same(self._house, named["id"], {"asgi.scope": scope}):
            await Response(status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _same(house: House, client_id: str, environ: dict[str, Any]) -> bool:
    """Whether the socket's cookies are those of the caller who opened the page."""
    client = Client.instances.get(client_id)
    scope = environ.get("asgi.scope")
    if client is None or scope is None:
        return False
    headers = [(name, value) for name, value in scope["headers"] if name in (b"cookie", b"authorization")]
    try:
        theirs = caller_of(house, Request({"type": "http", "headers": headers}))
        return theirs.id == caller_of(house, client.request).id
    except WenhengError:
        return False
