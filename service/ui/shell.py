"""What every page stands in: a table of pages, and the frame with navigation, collection, caller and panel (框架).

In: builders marked with :func:`page`. Out: full pages. A page module needs this module and ``service.ui.theme``::

    @page("/figures", "指标", icon="table_chart", order=30)
    async def figures(seat: Seat) -> None:
        rows = await seat.run(seat.desk().library.…)
        theme.button("保存", seat.doing(save, needed=Role.WRITER))

Builders get a :class:`~service.ui.seat.Seat`. ``order`` 0 keeps a page out of the navigation. Path parameters are
in ``seat.path``, the query in ``seat.query``; links are made by ``seat.url``. Every handler goes through
``seat.doing``, which checks the right again and shows errors; what blocks goes through ``await seat.run(…)``;
citations open by ``await seat.open_source(report_id, start, end)``; jobs are shown by ``JobProgress(seat, id, …)``.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from corpus.errors import SignInNeeded, WenhengError
from service.accounts.caller import MAIN, Caller, Role
from service.accounts.people import ROLE_LABELS
from service.http.guard import SIGN_IN, token_of
from service.papers.presenting import clean
from service.ui import problems, theme
from service.ui.panel import Panel
from service.ui.progress import JobProgress
from service.ui.seat import CHOSEN, Seat

if TYPE_CHECKING:
    from service.house import House

__all__ = ["PAGES", "JobProgress", "Page", "Seat", "frame", "page"]

Builder = Callable[[Seat], Awaitable[None] | None]
NAME = "文衡"
# Tables are drawn anew whenever the page changes, and the button that opened a dialog or a source is then another
# element: after Escape the focus goes to the one of the same name and place, not to the top of the page.
RETURN = """<script>(() => { let last = null;
  const named = name => [...document.querySelectorAll(`[aria-label="${CSS.escape(name)}"]`)];
  document.addEventListener('focusin', (e) => { const name = e.target.getAttribute('aria-label') || '';
    if (!e.target.closest('[role=dialog],.wh-panel')) last = [e.target, name, named(name).indexOf(e.target)]; });
  let wait = 0;  // what is done meanwhile has its own focus
  const back = (left) => { if (document.activeElement === document.body)
      (last[0].isConnected ? last[0] : named(last[1])[last[2]])?.focus({preventScroll: true});
    else if (left) wait = setTimeout(back, 200, left - 1); };
  document.addEventListener('pointerdown', () => clearTimeout(wait), true);
  document.addEventListener('keydown', (e) => { clearTimeout(wait);
    if (e.key === 'Escape' && last) back(15); }, true); })()</script>"""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``order`` is its place in the navigation, 0 for none."""

    path: str
    title: str
    builder: Builder
    needed: Role
    icon: str
    order: int
    wide: bool


PAGES: dict[str, Page] = {}


def page(
    path: str,
    title: str,
    *,
    needed: Role = Role.READER,
    icon: str = "description",
    order: int = 0,
    wide: bool = False,
) -> Callable[[Builder], Builder]:
    """Mark a builder as a page.

    Args:
        path: of the page; {names} in it come as ``seat.path``.
        title: in the navigation and in the browser's tab.
        needed: role in the collection without which the page is refused.
        icon: name of a Material icon.
        order: place in the navigation; 0 keeps it out.
        wide: use the whole width of the window.
    """

    def keep(builder: Builder) -> Builder:
        PAGES[path] = Page(path, title, builder, needed, icon, order, wide)
        return builder

    return keep


async def frame(house: House, one: Page, request: Request) -> Response | None:
    """Make the page for this request: its frame, and inside it what the builder makes."""
    seat = Seat(house, request)
    try:
        caller = seat.caller
    except SignInNeeded:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(here)}", 303)
    seat.settle(caller)
    theme.dress()
    ui.add_body_html(RETURN)
    _header(seat, one, caller)
    seat.panel = Panel(seat)
    # NiceGUI's own page is the landmark "main"; the link that skips the navigation leads in here.
    with ui.element("div").classes("wh-main column" + (" wh-wide" if one.wide else "")) as main:
        main.props("id=main tabindex=-1")
        try:
            seat.require(one.needed)
            made = one.builder(seat)
            if inspect.isawaitable(made):
                await made
        except WenhengError as error:
            problems.inline(error)
        except Exception as error:
            problems.inline(error)
    return None


def _header(seat: Seat, one: Page, caller: Caller) -> None:
    # The browser opens it where there is room; without a value the server would ask it for one after each load.
    nav = ui.left_drawer(value=False, bordered=True).classes("wh-nav")
    nav.props('show-if-above width=172 breakpoint=1023 aria-label="导航"')
    with ui.header().classes("wh-header"):
        menu = ui.button(icon="menu", on_click=nav.toggle)
        menu.props('flat round dense color=white aria-label="打开或收起导航"')
        ui.html(f'<a class="wh-brand" href="{seat.url("/")}">{NAME}<small>每个数字都有出处</small></a>')
        ui.label(one.title).classes("wh-title wh-phone-only")
        with ui.element("div").classes("wh-row wh-push").style("width:auto;flex-wrap:nowrap"):
            _collections(seat, caller)
            _account(seat, caller)
    with nav:
        _links(seat, one, caller)
    with ui.context.client.layout:
        skip = ui.html('<a class="wh-skip" href="#main">跳到正文</a>')
    skip.move(target_index=0)  # the first thing that Tab reaches


def _links(seat: Seat, one: Page, caller: Caller) -> None:
    for other in sorted((p for p in PAGES.values() if p.order), key=lambda p: p.order):
        role = caller.role(seat.collection)
        if role is None or role < other.needed:
            continue
        with ui.element("a").props(f'href="{seat.url(other.path)}"') as link:
            ui.icon(other.icon).props("aria-hidden=true")
            ui.label(other.title)
        if other.path == one.path or (other.path != "/" and one.path.startswith(f"{other.path}/")):
            link.props("aria-current=page")


def _collections(seat: Seat, caller: Caller) -> None:
    """The choice between collections, where there is one."""
    known = seat.house.accounts.collections.list(caller)
    if len(known) < 2:
        return

    def choose(chosen: str) -> None:
        path = seat.request.url.path
        ui.navigate.to(path if chosen == MAIN else f"{path}?{CHOSEN}={quote(chosen)}")

    names = {one.id: clean(one.name) for one in known}
    value = seat.collection if seat.collection in names else None
    made = ui.select(names, value=value, on_change=lambda event: choose(event.value))
    made.props('dense dark options-dense borderless aria-label="资料集"').style("min-width:110px")


def leave(seat: Seat) -> None:
    """Sign out."""
    seat.house.accounts.log.write(seat.caller, "sign-out")
    seat.house.accounts.sessions.end(token_of(seat.request))
    ui.navigate.to(SIGN_IN)


def _account(seat: Seat, caller: Caller) -> None:
    if caller.via == "local":
        ui.label(caller.name).classes("wh-small wh-wide-only")
        return
    with ui.button(clean(caller.name), icon="person").props("flat dense no-caps color=white"), ui.menu():
        role = caller.role(seat.collection)
        ui.item(ROLE_LABELS[role] if role else "").props("dense disable")
        theme.menu_item("我的账号", lambda: seat.go("/account"))
        theme.menu_item("退出", seat.doing(lambda: leave(seat)))
