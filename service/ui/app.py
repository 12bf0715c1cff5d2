"""The web page on the service's own app: every page of the table under its path (网页).

In: the FastAPI app and the house. Out: the app with the pages mounted at ``/``. Routes of the app come first, so
``/api``, ``/healthz`` and the like are never shadowed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from fastapi import FastAPI, Request, Response
from starlette.responses import HTMLResponse

import service.ui
from service.ui.theme import FONT

if TYPE_CHECKING:
    from service.house import House

SECONDS = 20.0  # within which a page must have been built
RECONNECT = (
    10.0  # seconds without its browser after which a page ends, and with it the answer that it waits for
)


def mount(app: FastAPI, house: House) -> None:
    """Put the web page on ``app``."""
    from nicegui import core, ui

    from service.ui import signin, sockets
    from service.ui.shell import NAME, PAGES, Page, frame

    for module in pkgutil.iter_modules(service.ui.__path__):
        importlib.import_module(f"service.ui.{module.name}")  # each marks its pages

    def handler(one: Page) -> Callable[[Request], Awaitable[Response | None]]:
        async def show(request: Request) -> Response | None:
            return await frame(house, one, request)

        return show

    for one in PAGES.values():
        ui.page(one.path, title=f"{one.title} · {NAME}", response_timeout=SECONDS)(handler(one))
    sockets.guard(house)
    _strays(core.app)
    signin.add(app, house)
    ui.run_with(
        app,
        title=NAME,
        language="zh-CN",
        tailwind=False,
        show_welcome_message=False,
        favicon=FAVICON,
        reconnect_timeout=RECONNECT,
    )
    core.app.config.endpoint_documentation = "none"


def _strays(app: FastAPI) -> None:
    """What a browser sees under an address that does not exist; everything else answers as before."""
    before = app.exception_handlers[404]
    theirs = getattr(before, "theirs", before)

    async def nowhere(request: Request, error: Exception) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(NOWHERE, 404)
        return cast(Response, await theirs(request, error))  # type: ignore[misc]

    nowhere.theirs = theirs  # type: ignore[attr-defined]
    app.exception_handlers[404] = nowhere


NOWHERE = f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>没有这一页 · 文衡</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="font:16px/1.8 {FONT.replace('"', "'")};text-align:center;padding:18vh 20px;color:#1d2733">
<h1 style="font-size:22px">没有这一页</h1><p>地址可能写错了，或内容已经移走。</p><p><a href="/">回到首页</a></p></body></html>"""

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12"'
    ' fill="#1f4e79"/><path d="M32 12v36M18 20h28M18 20l-8 16h16zM46 20l-8 16h16zM22 50h20"'
    ' stroke="#fff" stroke-width="4" fill="none" stroke-linejoin="round"/></svg>'
)
