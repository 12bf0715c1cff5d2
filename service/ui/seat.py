"""One open page of one caller (席位): who it is for, in which collection, and what its handlers may do.

In: the house and the request that opened the page. Out: desks, links and guarded handlers. NiceGUI's handlers
run whenever a message with the page's id arrives, hours after the page was opened, so the caller is looked up
anew from the session each time: who has signed out, or lost a role, can do nothing with a page that is still open.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from nicegui import Client, background_tasks, ui
from starlette.requests import Request

from corpus.errors import Forbidden, SignInNeeded
from service.accounts.caller import MAIN, Caller, Role
from service.desk import Desk
from service.http.guard import SIGN_IN
from service.ui import problems
from service.ui.who import caller_of

if TYPE_CHECKING:
    from service.house import House

T = TypeVar("T")
CHOSEN = "c"  # the query parameter that names the collection


class Seat:
    """What a page builder is given.

    Args:
        house: of the process.
        request: that opened the page; its cookies say who asks.
    """

    def __init__(self, house: House, request: Request) -> None:
        self.house = house
        self.request = request
        self.collection = request.query_params.get(CHOSEN) or MAIN
        self.panel: Any = None  # the citation viewer, set by the frame

    @property
    def path(self) -> Mapping[str, str]:
        """Values of the path's parameters."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def query(self) -> Mapping[str, str]:
        """Values of the query."""
        return self.request.query_params

    def settle(self, caller: Caller) -> None:
        """Where the address names no collection, take the first one that exists for the caller."""
        if CHOSEN not in self.request.query_params and caller.role(self.collection) is None:
            known = self.house.accounts.collections.list(caller)
            self.collection = known[0].id if known else self.collection

    # -- rights ---------------------------------------------------------------------------------

    @property
    def caller(self) -> Caller:
        """Who asks, looked up now.

        Raises:
            SignInNeeded: the session has ended.
        """
        return caller_of(self.house, self.request)

    def require(self, needed: Role = Role.READER) -> Caller:
        """The caller, when they have this role in the collection.

        Raises:
            SignInNeeded: the session has ended.
            NotFound: the collection does not exist for them.
            Forbidden: their role is too low.
        """
        caller = self.caller
        self.house.accounts.collections.open(caller, self.collection, needed)
        return caller

    def may(self, needed: Role) -> bool:
        """Whether to show what needs a role; handlers check it again."""
        return self.caller.may(self.collection, needed)

    def desk(self, needed: Role = Role.READER) -> Desk:
        """The desk of the collection, for the caller as of now."""
        return self.house.desk(self.require(needed), self.collection, needed)

    def require_administrator(self) -> Caller:
        """The caller, when they administer the house.

        Raises:
            Forbidden: they do not.
        """
        caller = self.caller
        if not caller.administers:
            raise Forbidden("这一步只有管理员可以做", remedy="请联系管理员")
        return caller

    def pace(self, caller: Caller) -> None:
        """Use up one of the caller's questions a minute.

        Raises:
            TooMany: there are none left.
        """
        self.house.accounts.pace.ask(caller)

    # -- links ----------------------------------------------------------------------------------

    def url(self, path: str, **query: str | int) -> str:
        """A link to another page in the same collection."""
        told = {name: str(value) for name, value in query.items() if value != ""}
        if self.collection != MAIN:
            told[CHOSEN] = self.collection
        return f"{path}?{urlencode(told)}" if told else path

    def go(self, path: str, **query: str | int) -> None:
        """Open another page in the same collection."""
        ui.navigate.to(self.url(path, **query))

    # -- doing ----------------------------------------------------------------------------------

    async def run(self, function: Callable[..., T], *args: Any, **named: Any) -> T:
        """Call something that blocks (a desk, the library, files) in a thread; its errors come here."""
        return await asyncio.to_thread(function, *args, **named)

    def doing(
        self, handler: Callable[..., Any], needed: Role = Role.READER, *, administrator: bool = False
    ) -> Callable[..., Any]:
        """A handler that checks the caller's right each time and shows its errors; plain or async.

        ``administrator`` asks for one who administers the house, instead of a role in the collection.

        It runs in the place of the whole page, since the button that called it may be gone when it ends: what it
        makes goes into a container that it names (``with box:``).
        """

        @functools.wraps(handler)
        async def guarded(*args: Any) -> None:
            client = ui.context.client
            with client:
                await self._guarded(client, handler, args, None if administrator else needed)

        return guarded

    async def _guarded(
        self, client: Client, handler: Callable[..., Any], args: tuple[Any, ...], needed: Role | None
    ) -> None:
        try:
            if needed is None:
                self.require_administrator()
            else:
                self.require(needed)
            result = handler(*args)
            if inspect.isawaitable(result):
                await result
        except SignInNeeded:
            ui.navigate.to(SIGN_IN)
        except Exception as error:
            if not client.is_deleted:  # whoever closed the page does not want to hear of it
                problems.announce(error)

    def later(self, handler: Callable[..., Any], needed: Role = Role.READER) -> None:
        """Start a handler in the background, in the place of the page where this is called."""
        client, slot = ui.context.client, ui.context.slot
        background_tasks.create(self._guarded(client, handler, (), needed), context=slot)

    async def open_source(self, report_id: str, start: int, end: int) -> None:
        """Show a sentence of a report in the panel beside the page."""
        await self.panel.show(report_id, start, end)
