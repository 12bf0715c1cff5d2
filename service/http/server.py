"""One process on one port: the application with its page, served until it is told to stop (服务进程).

In: settings and where to listen. Out: exit in order: no new requests, streams ended, jobs saved, model server ended.
"""

from __future__ import annotations

import ctypes
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn

from corpus.errors import InputError
from service.accounts import Accounts
from service.accounts.caller import Role
from service.accounts.database import open_database
from service.house import House, Readiness
from service.http.app import create_app, protect
from service.http.wire import Wire
from service.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE_SECONDS = 5  # for requests that are under way when the service is to stop
KEEP_ALIVE_SECONDS = 20
LOOK_SECONDS = 0.1
BACKLOG = 256
ARENA_MAX, ARENAS = -8, 2  # of mallopt(3)


@dataclass(frozen=True, slots=True)
class Door:
    """Where to listen, and whether people sign in. ``port`` 0 takes any free one."""

    host: str
    port: int
    users: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """What the terminal is told: the address when it listens, then what became ready or failed."""

    listening: Callable[[str], object]
    ready: Callable[[Readiness], object]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK


def check(settings: Settings, door: Door) -> None:
    """What must be so before anything is loaded.

    Raises:
        InputError: people are to sign in, but nobody administers them; or a proxy would let in everybody unasked.
        LibraryError: the accounts cannot be read.
    """
    if not door.users:
        if settings.proxies:
            raise InputError(
                "放在反向代理后面时必须登录", where="WENHENG_PROXIES", remedy="请加 --users，或不设置它"
            )
        return
    database = open_database(settings.home)
    try:
        people = Accounts.open(database).people.list()
    finally:
        database.close()
    if not any(one.everywhere is Role.ADMINISTRATOR and not one.disabled_at for one in people):
        first = "wenheng users add 姓名 --role 管理员"
        raise InputError(
            "还没有管理员" if people else "还没有任何用户",
            where=str(settings.home),
            remedy=f"请先用 {first} 建立第一个管理员"
            + ("，或用 wenheng users role 姓名 管理员 让已有的用户当管理员" if people else ""),
        )


def listen(door: Door) -> socket.socket:
    """A socket at the door.

    Raises:
        InputError: it is open to other machines but nobody would have to sign in, or it cannot be had.
    """
    if not is_loopback(door.host) and not door.users:
        raise InputError(
            "监听非本机地址时必须登录", where=door.host, remedy="请加 --users，或改用 --host 127.0.0.1"
        )
    try:
        found = socket.getaddrinfo(door.host, door.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(BACKLOG)
        except BaseException:
            made.close()
            raise
    except OSError as error:
        raise InputError(
            f"端口不能监听（{_reason(error)}）",
            where=f"{door.host}:{door.port}",
            remedy="请用 --port 换一个端口，或停掉占用它的程序",
        ) from error
    return made


def _reason(error: OSError) -> str:
    import errno

    known = {errno.EADDRINUSE: "已被占用", errno.EACCES: "没有权限", errno.EADDRNOTAVAIL: "本机没有这个地址"}
    return known.get(error.errno or 0, error.strerror or type(error).__name__)


def application(house: House) -> FastAPI:
    """The whole application: API, chat clients, web page, behind the guard."""
    from service.ui.app import mount

    # NiceGUI looks through all objects of the process for its server, and torch warns when looked at.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"nicegui\.ui_run_with")
    app = create_app(house)
    mount(app, house)
    return protect(app)


def serve(settings: Settings, door: Door, telling: Telling) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        InputError: the door cannot be opened.
        LibraryError: the data folder cannot be used, or another service uses it.
    """
    _few_arenas()
    with listen(door) as opened, House.open(settings, users=door.users) as house:
        server = _Server(_config(application(house), settings), house, telling)
        server.go(opened)


def _few_arenas() -> None:
    """Have threads share heaps: glibc gives each one its own, and what many of them kept never came back."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(ARENA_MAX, ARENAS)


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Wire,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
    )


class _Server(uvicorn.Server):
    """Ends streams before it waits for requests, and exits with 0 after a signal."""

    def __init__(self, config: uvicorn.Config, house: House, telling: Telling) -> None:
        super().__init__(config)
        self._house, self._telling = house, telling

    def go(self, opened: socket.socket) -> None:
        """Serve on a socket; signals that came are used up when it returns."""
        before = {sign: signal.signal(sign, self._early) for sign in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.run(sockets=[opened])
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    def _early(self, sign: int, frame: FrameType | None) -> None:
        """A signal before uvicorn listens to them, or one that it raises again at its end."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where, and watch the models load."""
        await super().startup(sockets)
        if sockets and self.started:
            self._telling.listening(_address(sockets[0]))
            threading.Thread(target=self._watch, name="readiness", daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would go on for long, then wait for the rest."""
        self._house.stop_streams()
        await super().shutdown(sockets)

    def _watch(self) -> None:
        while not self.should_exit:
            told = self._house.ready()
            if all(part.state != "loading" for part in told.parts):
                self._telling.ready(told)
                return
            threading.Event().wait(LOOK_SECONDS)


def _address(opened: socket.socket) -> str:
    name: tuple[Any, ...] = opened.getsockname()
    host = str(name[0])
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{name[1]}"
