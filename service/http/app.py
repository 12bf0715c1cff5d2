"""The HTTP application: every router of the rooms, every error as a problem, before all of it the guard.

In: the house. Out: a FastAPI app. Nothing is computed in a route: it reads its arguments, calls the house or a desk,
and shows what comes back.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.routing import Match

import service.http.routes
from corpus.errors import InputError, WenhengError
from service.house import House
from service.http import guard, problems
from service.keeping.recording import Recorded
from service.models.cutting import Stopped

PREFIX = "/api/v1"
REST = "/api/{rest:path}"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
DOCUMENT = f"{PREFIX}/openapi.json"
DESCRIPTION = (
    "Cited answers, figures, summaries and drafts from the past reports of health bureaus. No figure without a source."
    " A collection is named by the query parameter `collection` (default `main`). Every error is a problem"
    " (RFC 9457) in Chinese and English with a code. Lists are paged: pass `next` as `cursor`."
)


def create_app(house: House) -> FastAPI:
    """The application of a house; the web page is put on it by :mod:`service.http.server`."""
    app = FastAPI(
        title="文衡 Wenheng",
        version=version("wenheng"),
        description=DESCRIPTION,
        openapi_url=DOCUMENT,
        docs_url=None,  # their pages take scripts from other hosts
        redoc_url=None,
    )
    app.state.house = house
    for router in routers():
        app.include_router(router, responses=problems.RESPONSES)
    _errors(app)
    app.add_api_route(REST, _nothing, methods=METHODS, include_in_schema=False)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def protect(app: FastAPI) -> FastAPI:
    """Put the guard before everything that the application has by now, and the record before the guard."""
    house = cast(House, app.state.house)
    guard.install(
        app,
        house.accounts,
        users=house.users,
        hosts=house.settings.hosts,
        asks=house.settings.asks_per_minute,
    )
    app.add_middleware(Recorded)
    return app


@cache
def routers() -> tuple[APIRouter, ...]:
    """The router of each module in ``service.http.routes``, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(service.http.routes.__path__))
    modules = (importlib.import_module(f"service.http.routes.{name}") for name in names)
    return tuple(module.router for module in modules)


async def _nothing(request: Request) -> None:
    """What no route of the API answers; without this the web page would, with a page."""
    routes = list(takewhile(lambda route: getattr(route, "path", "") != REST, request.app.routes))
    known = {
        method
        for method in METHODS
        for route in routes
        if route.matches(dict(request.scope) | {"method": method})[0] is Match.FULL
    }
    if known:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(known))})
    raise HTTPException(404)


def _errors(app: FastAPI) -> None:
    app.add_exception_handler(WenhengError, _told)
    app.add_exception_handler(Stopped, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(UnicodeEncodeError, _surrogates)
    app.add_exception_handler(Exception, _told)


async def _told(request: Request, error: Exception) -> Response:
    return cast(Response, problems.answer(error))


async def _surrogates(request: Request, error: Exception) -> Response:
    """Half a character, which JSON can hold and no file."""
    said = InputError("文字里有不完整的字符，不能保存", remedy="请删去乱码后重试")
    return cast(Response, problems.answer(said))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = problems.OF_STATUS.get(error.status_code)
    if kind is None:
        kind = problems.Kind(error.status_code, "http_error", "请求没有完成", "The request was not completed")
    where = request.url.path if error.status_code == 404 else request.method
    problem = problems.body(kind, where=where[:200], remedy=problems.REMEDIES.get(error.status_code, ""))
    return cast(Response, problems.response(problem, dict(error.headers or {})))


async def _invalid(request: Request, error: Exception) -> Response:
    """Parameters that do not fit: which, and why; never what was sent."""
    assert isinstance(error, RequestValidationError)
    found = [{"where": _place(one["loc"]), "detail": str(one["msg"])[:200]} for one in error.errors()[:20]]
    if any(one.get("type") == "json_invalid" for one in error.errors()):
        kind, said = problems.OF_STATUS[400], "请求内容不是完整的 JSON"
    else:
        kind, said = problems.OF_STATUS[422], f"参数 {'、'.join(one['where'] for one in found)} 不符合要求"
    remedy = problems.REMEDIES[kind.status]
    problem = problems.body(kind, detail=said[:300], where=found[0]["where"], remedy=remedy, errors=found)
    return cast(Response, problems.response(problem))


def _place(loc: Sequence[Any]) -> str:
    return ".".join(str(part)[:60] for part in loc[:8])


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one shape of all errors and the ways to say who asks."""
    if not app.openapi_schema:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        parts = made.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = problems.SCHEMA
        parts["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key"},
            "session": {"type": "apiKey", "in": "cookie", "name": guard.COOKIE},
        }
        made["security"] = [{}, {"key": []}, {"session": []}]
        app.openapi_schema = made
    return app.openapi_schema
