"""A way back after something was done (撤销).

In: what was done, and how to undo it. Out: a bar at the foot of the page that offers it for a while; it can be reached
by keyboard. What was done is done already: who closes the page has done it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from service.accounts.caller import Role
from service.ui import theme
from service.ui.seat import Seat

SECONDS = 20.0


def offer(seat: Seat, text: str, undo: Callable[[], Any], needed: Role = Role.READER) -> None:
    """Say what was done and offer to undo it; the next offer takes this one's place."""
    client = ui.context.client
    for old in [e for e in client.elements.values() if "wh-undo" in e.classes]:
        old.delete()
    with client.content, ui.element("div").classes("wh-undo").props("role=status") as bar:
        ui.label(text).classes("wh-grow")

        async def back() -> None:
            bar.delete()
            with client.content:
                result = undo()
                if hasattr(result, "__await__"):
                    await result

        theme.button("撤销", seat.doing(back, needed), kind="flat").props("color=white")
        theme.icon_button("close", "知道了", bar.delete).props("color=white")
        ui.timer(SECONDS, bar.delete, once=True)
