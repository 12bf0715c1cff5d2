"""An error as the page shows it: what happened, to what, and what to do next (出错提示).

In: an exception. Out: a notification that stays until it is closed, or a note in the page. What the user typed
is left alone. An error that nobody expected is logged by its kind and place only, since its text may hold
somebody's words, and shown as such.
"""

from __future__ import annotations

import logging
import traceback

from nicegui import ui

from corpus.errors import WenhengError
from service.papers.presenting import clean

_log = logging.getLogger(__name__)
UNEXPECTED = "程序出错了"
UNEXPECTED_REMEDY = "已记入日志，请重试；若仍出错，请把日志交给管理员"


def told(error: BaseException) -> tuple[str, str, str]:
    """What happened, where, and the remedy."""
    if isinstance(error, WenhengError):
        return clean(error.message), clean(error.where), clean(error.remedy)
    at = traceback.extract_tb(error.__traceback__)
    place = f"{at[-1].filename}:{at[-1].lineno}" if at else "?"
    _log.error("page: %s at %s", type(error).__name__, place)
    return f"{UNEXPECTED}（{type(error).__name__}）", "", UNEXPECTED_REMEDY


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
    what, where, remedy = told(error)
    with ui.element("div").classes("wh-note fail").props("role=alert") as made:
        ui.label(f"{where}：{what}" if where else what).classes("wh-strong")
        if remedy:
            ui.label(remedy)
    return made


def done(text: str) -> None:
    """A short word that something was done."""
    ui.notify(text, type="positive", position="top", timeout=2500)
