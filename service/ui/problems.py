"""An error as the page shows it: what happened, to what, and what to do next (出错提示).

In: an exception. Out: a notification that stays until it is closed, or a note in the page, with the words that every
door but the command line uses (:mod:`service.telling`). What the user typed is left alone.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from service import telling


def told(error: BaseException) -> tuple[str, str, str]:
    """What happened, where, and the remedy."""
    said = telling.told(error)
    return said["detail"], said["where"], said["remedy"]


def announce(error: BaseException) -> None:
    """A notification over the page; it stays until it is closed."""
    what, where, remedy = told(error)
    announce_text(f"{where}：{what}" if where else what, remedy)


def announce_text(text: str, remedy: str = "") -> None:
    """The same for what is no error of the program."""
    ui.notify(
        text,
        type="negative",
        caption=remedy,
        position="top",
        close_button="关闭",
        timeout=0,
        multi_line=True,
    )


def inline(error: BaseException) -> ui.element:
    """The same as a note in the page."""
    return noted(telling.told(error))


def noted(problem: dict[str, Any]) -> ui.element:
    """A problem as a job keeps it, as a note in the page."""
    what, where, remedy = (str(problem.get(name) or "") for name in ("detail", "where", "remedy"))
    with ui.element("div").classes("wh-note fail").props("role=alert") as made:
        ui.label(f"{where}：{what}" if where else what).classes("wh-strong")
        if remedy:
            ui.label(remedy)
    return made


def done(text: str) -> None:
    """A short word that something was done."""
    ui.notify(text, type="positive", position="top", timeout=2500)
