"""What stands before every door (门卫): who asks, from which page, how much and how often.

In: every request of the process, socket or not. Out: the request with its :class:`Caller` in ``scope["state"]``, or a
refusal. What is not named in :data:`OPEN` needs a caller, so that a route that forgets to ask is closed, not open. A
route takes :func:`caller`, :func:`needs`, :func:`administrator` or :func:`asking` as a dependency.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from hmac import compare_digest
from typing import Annotated, Any, cast
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Query, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import Forbidden, SignInNeeded, TooSlow, WenhengError
from service.accounts import Accounts
from service.accounts.caller import LOCAL, MAIN, METRICS, Caller, Role
from service.accounts.sessions import AGE, Session
from service.http import problems
from service.http.intake import Intake
from service.http.origins import Names, same

COOKIE = "wenheng_session"
TOKEN = "X-CSRF-Token"
SIGN_IN = "/signin"  # the page; its form is answered by /api/v1/sign-in
OPEN = frozenset({"/healthz", "/readyz", SIGN_IN, "/api/v1/sign-in", "/favicon.ico"})
ONLY = {METRICS: frozenset({"/metrics"})}  # where a key comes in that is for one thing
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")  # what proxies add
PAGES = "/_nicegui"  # the socket, scripts and uploads of the web pages
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})  # of Sec-Fetch-Site

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; script-src-attr 'none';"
    " style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self';"
    " form-action 'self'; frame-ancestors 'none'"
)  # NiceGUI compiles its templates in the page, hence eval; no attribute runs, no other host may be asked for anything
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
HTTPS_ONLY = 365 * 86400  # seconds in which a browser that came by HTTPS asks this name in no other way


class Guard:
    """The middleware; :func:`install` puts it before everything else.

    Args:
        app: what it guards.
        accounts: who there is.
        users: whether people sign in; else everybody on this machine is :data:`LOCAL`.
        hosts: host names besides those of the machine.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts, *, users: bool, hosts: tuple[str, ...] = ()) -> None:
        self._app = app
        self._accounts = accounts
        self._users = users
        self._names = Names(not users, frozenset(hosts))

    @cached_property
    def _threads(self) -> CapacityLimiter:
        """Of its own, so that nobody waits at the door for a slow route."""
        return CapacityLimiter(4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            state = await self._admit(connection)
        except WenhengError as error:
            await _refuse(error, connection, receive, _secured(send, scope))
            return
        scope.setdefault("state", {}).update(state)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._pass(scope, receive, _secured(send, scope))

    async def _admit(self, connection: HTTPConnection) -> dict[str, Any]:
        """What is known of a request; refuses what may not come in."""
        hosts = connection.headers.getlist("host")
        if len(hosts) != 1 or not self._names.admits(hosts[0]):
            raise Forbidden(
                "不能用这个主机名访问",
                where=(hosts or [""])[0][:100],
                remedy="请用服务启动时显示的地址；要用别的主机名，请设置 WENHENG_HOSTS",
            )
        state: dict[str, Any] = {"accounts": self._accounts, "users": self._users}
        if not self._users:
            _check_direct(connection)
            _check_origin(connection, hosts[0], strict=False)
            return state | {"caller": LOCAL, "session": None}
        caller, session = await to_thread.run_sync(self._known, connection, limiter=self._threads)
        if caller is None or session is not None:  # a key is sent on purpose, a cookie by every page
            _check_origin(connection, hosts[0], strict=session is not None)
        if session is not None:
            _check_token(connection, session)
        if (
            caller is None and connection.scope["path"] not in OPEN
        ):  # never connection.url, which is made from Host
            self._accounts.pace.stranger(address(connection))
            raise SignInNeeded("没有登录，或登录已过期", remedy="请登录，或在 Authorization 中给出有效的密钥")
        if caller is not None and caller.only and connection.scope["path"] not in ONLY[caller.only]:
            raise Forbidden("这个密钥只能读运行指标", where="Authorization", remedy="请换一个密钥")
        return state | {"caller": caller, "session": session}

    def _known(self, connection: HTTPConnection) -> tuple[Caller | None, Session | None]:
        """Who asks: by a key where one is given, and then by nothing else; else by the cookie."""
        if "authorization" in connection.headers:
            scheme, _, key = connection.headers["authorization"].partition(" ")
            return (self._accounts.keys.caller(key.strip()) if scheme.lower() == "bearer" else None), None
        token = token_of(connection)
        session = self._accounts.sessions.find(token)
        caller = self._accounts.people.caller(session.person_id, "session") if session else None
        return caller, session if caller else None

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app on a request whose body is watched; what was wrong with the body is the answer."""
        intake = Intake(receive, Headers(scope=scope))
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            if intake.fault is None or started:
                started = True
                await send(message)

        if intake.fault is None:
            try:
                await self._app(scope, intake, watched)
            except Exception:
                if intake.fault is None or started:
                    raise
        if intake.fault is not None and not started:
            await _told(intake.fault, scope)(scope, receive, send)


def install(
    app: FastAPI, accounts: Accounts, *, users: bool, hosts: tuple[str, ...] = (), asks: int = 0
) -> None:
    """Put the guard before an app; it comes last of all middleware that is added, so that it runs first."""
    accounts.pace.asks = asks
    app.add_middleware(Guard, accounts=accounts, users=users, hosts=hosts)


# -- dependencies -----------------------------------------------------------------------------------


async def caller(request: Request) -> Caller:
    """Who asks.

    Raises:
        SignInNeeded: nobody does.
    """
    found: Caller | None = request.scope.get("state", {}).get("caller")
    if found is None:
        raise SignInNeeded("没有登录，或登录已过期", remedy="请登录后重试")
    return found


Known = Annotated[Caller, Depends(caller)]
Chosen = Annotated[str, Query(description="资料库的编号", max_length=60, examples=[MAIN])]


def needs(role: Role) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, who must have this role in the collection of the query."""

    async def check(request: Request, who: Known, collection: Chosen = MAIN) -> Caller:
        accounts: Accounts = request.scope["state"]["accounts"]
        await to_thread.run_sync(accounts.collections.open, who, collection, role)
        return who

    return check


async def administrator(who: Known) -> Caller:
    """The caller, who must administer the house.

    Raises:
        Forbidden: they do not.
    """
    if not who.administers:
        raise Forbidden("这一步只有管理员可以做", remedy="请联系管理员")
    return who


async def monitor(who: Known) -> Caller:
    """The caller, who may read the numbers of the service: an administrator, or a key for nothing else.

    Raises:
        Forbidden: they may not.
    """
    return who if who.only == METRICS else await administrator(who)


async def asking(request: Request, who: Known) -> Caller:
    """The caller, who uses up one of their questions a minute.

    Raises:
        TooMany: there are none left.
    """
    accounts: Accounts = request.scope["state"]["accounts"]
    accounts.pace.ask(who)
    return who


def person(who: Caller) -> Caller:
    """A caller who came in by a sign-in (or sits at the machine), not by a key.

    Raises:
        Forbidden: it is a key, which must not make keys or change passwords.
    """
    if who.via == "key":
        raise Forbidden("用密钥不能做这一步", remedy="请在网页上登录后再做")
    return who


# -- cookies ----------------------------------------------------------------------------------------


def token_of(connection: HTTPConnection) -> str | None:
    """The session token of a request, for the handlers of its page later on."""
    return connection.cookies.get(COOKIE)


def remember(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser its token, out of the reach of scripts."""
    response.set_cookie(COOKIE, token, max_age=AGE, path="/", httponly=True, samesite="lax", secure=secure)


def forget(response: Response, *, secure: bool) -> None:
    """Take it back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


def address(connection: HTTPConnection) -> str:
    """Of the connection; headers count only where uvicorn was told which proxy to believe."""
    return connection.client.host if connection.client else ""


def next_page(text: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever a link says."""
    good = text and text.isprintable() and text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if good and text and "\\" not in text else "/"


# -- checks -----------------------------------------------------------------------------------------


def _check_direct(connection: HTTPConnection) -> None:
    """Refuse what a proxy handed on where nobody signs in: it would make everybody out there the local user."""
    found = next((name for name in FORWARDED if name in connection.headers), None)
    if found:
        raise Forbidden(
            "请求经过了反向代理，而这里无须登录",
            where=found,
            remedy="要让别的机器使用，请用 wenheng serve --users 启动，并把 WENHENG_PROXIES 设为代理的地址",
        )


def _check_origin(connection: HTTPConnection, host: str, *, strict: bool) -> None:
    """Refuse what another site's page sends; ``strict``: what changes things must say where it comes from."""
    origin, fetched = connection.headers.get("origin"), connection.headers.get("sec-fetch-site")
    changes = connection.scope["type"] == "websocket" or connection.scope["method"] not in _SAFE
    good = same(origin, host) if origin is not None else not (strict and changes and fetched is None)
    followed = connection.headers.get("sec-fetch-mode") == "navigate" and not changes  # a link to us
    if fetched is not None and fetched not in _OURS and not followed:
        good = False
    if not good:
        raise Forbidden("请求来自别的网站", where=(origin or "")[:100], remedy="请直接打开本服务的页面再操作")


def _check_token(connection: HTTPConnection, session: Session) -> None:
    """What changes things by a cookie must bring the session's token; pages have their own socket for it."""
    scope = connection.scope
    if scope["type"] == "websocket" or scope["method"] in _SAFE or scope["path"].startswith(f"{PAGES}"):
        return
    given = connection.headers.get(TOKEN, "").encode()
    if scope["path"] != "/api/v1/sign-in" and not compare_digest(given, session.guard.encode()):
        raise Forbidden("请求没有带上防伪标记", where=TOKEN, remedy="请刷新页面后重试")


async def _refuse(error: WenhengError, connection: HTTPConnection, receive: Receive, send: Send) -> None:
    scope = connection.scope
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    page = "text/html" in connection.headers.get("accept", "") and scope["method"] == "GET"
    if isinstance(error, SignInNeeded) and page:
        target = quote(
            scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        )
        await RedirectResponse(f"{SIGN_IN}?next={target}", 303)(scope, receive, send)
        return
    await _told(error, scope)(scope, receive, send)


_SLOW = problems.Kind(408, "slow", "请求没有按时发完", "The request did not come in time")


def _told(error: WenhengError, scope: Scope) -> Response:
    if isinstance(error, TooSlow):
        return cast(
            Response, problems.response(problems.body(_SLOW, detail=error.message, remedy=error.remedy))
        )
    return cast(Response, problems.answer(error, scope["path"]))


def _secured(send: Send, scope: Scope) -> Send:
    """Adds the headers that keep a browser from doing more with an answer than it should."""
    data = scope["path"].startswith(("/api/", "/v1/"))  # whatever its type, an upload never becomes a page
    encrypted = scope["scheme"] == "https"  # as the proxy says, where uvicorn was told to believe it

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            page = headers.get("content-type", "").startswith("text/html") and not data
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            headers["X-Frame-Options"] = "DENY"
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            if encrypted:
                headers["Strict-Transport-Security"] = f"max-age={HTTPS_ONLY}"
            headers.setdefault("Content-Security-Policy", PAGE_POLICY if page else DATA_POLICY)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
