"""The MCP door at /mcp: streamable HTTP behind the same guard as every other door (MCP 接口).

In: POST of JSON-RPC messages. Out: the answers, as JSON or as events with progress. Every message brings its caller, and
nothing is kept between two; GET and DELETE, which are for sessions, are not offered. Host, Origin, size and pace are
checked by :mod:`service.http.guard` before anything comes here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from corpus.errors import WenhengError
from service.http import problems

PATH = "/mcp"


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """The server of an application, for as long as it runs."""
    from mcp.server.transport_security import TransportSecuritySettings

    from service.mcp.seats import HouseSeat
    from service.mcp.server import build

    server = build(HouseSeat(app.state.house))
    server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # the guard's
    )
    async with server.session_manager.run():
        app.state.mcp = server.session_manager
        try:
            yield
        finally:
            app.state.mcp = None


class Door:
    """Hands a request to the server of its application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        manager: Any = getattr(scope["app"].state, "mcp", None)
        if manager is None:
            error = WenhengError("MCP 服务没有启动", remedy="请稍后再试")
            await problems.answer(error, scope["path"])(scope, receive, send)
            return
        await manager.handle_request(scope, receive, send)


router = APIRouter(lifespan=running)
router.routes.append(Route(PATH, Door(), methods=["POST"], include_in_schema=False))
