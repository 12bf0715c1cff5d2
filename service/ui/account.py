"""The page 我的账号: password, sessions, keys of whoever is signed in.

In: a seat. Out: the page at ``/account``. A key is shown once; a new password ends all sessions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nicegui import ui

from corpus.errors import InputError
from service.accounts.caller import METRICS, Role
from service.accounts.people import ROLE_LABELS
from service.http.guard import SIGN_IN, address, token_of
from service.papers.presenting import clean
from service.ui import problems, theme
from service.ui.seat import Seat
from service.ui.shell import leave, page
from service.ui.turns import COPY

DAYS = {30: "30天", 90: "90天", 365: "一年"}
WATCH = 0  # instead of a role: the numbers of the service and nothing else


@page("/account", "我的账号")
def account(seat: Seat) -> None:
    """Build the page."""
    theme.heading("我的账号")
    if seat.caller.via == "local":
        theme.note("这里不需要登录，没有账号。")
        return
    with theme.row():
        ui.label(clean(seat.caller.name)).classes("wh-strong")
        role = seat.caller.role(seat.collection)
        theme.tag(ROLE_LABELS[role] if role else "")
        theme.button("退出登录", seat.doing(lambda: leave(seat)), icon="logout").classes("wh-push")
    Password(seat)
    Keys(seat)
    Signed(seat)


class Password:
    """Another password."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with theme.card("改口令"), theme.row():
            self._old = _secret("原口令", "current-password")
            self._new = _secret("新口令", "new-password")
            theme.button("保存", seat.doing(self._save), kind="main")

    async def _save(self) -> None:
        seat, accounts = self._seat, self._seat.house.accounts
        caller = seat.caller
        where = address(seat.request)
        accounts.pace.try_sign_in(caller.name, where)
        if not await seat.run(accounts.people.check_password, caller.id, self._old.value or ""):
            raise InputError("原口令不对", remedy="请核对后重试")
        accounts.pace.signed_in(caller.name, where)
        await seat.run(accounts.people.set_password, caller.id, self._new.value or "")
        accounts.log.write(caller, "password", target=caller.id)
        ui.navigate.to(SIGN_IN)


class Keys:
    """Keys for programs."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with theme.card("接口密钥"):
            theme.soft("供程序和聊天软件使用，权限不高于本人。密钥只在生成时显示一次。")
            with theme.row():
                self._name = ui.input("用途").props("dense outlined maxlength=60").classes("wh-grow")
                roles = {int(role): label for role, label in ROLE_LABELS.items()}
                if seat.caller.administers:
                    roles |= {WATCH: "只读运行指标"}
                self._role = (
                    ui.select(roles, value=int(Role.READER), label="最高角色")
                    .props("dense outlined")
                    .style("min-width:110px")
                )
                self._days = (
                    ui.select(DAYS, value=90, label="有效期").props("dense outlined").style("min-width:100px")
                )
                theme.button("生成", seat.doing(self._make), icon="key", kind="main")
            self._list = ui.element("div").classes("column").style("gap:4px")
        self._show()

    def _show(self) -> None:
        self._list.clear()
        with self._list:
            for key in self._seat.house.accounts.keys.list(self._seat.caller.id):
                with theme.row():
                    ui.label(clean(key.name)).classes("wh-grow")
                    ui.label(f"{key.prefix}…").classes("wh-soft")
                    theme.tag("只读运行指标" if key.only else ROLE_LABELS[key.role])
                    theme.soft(f"至 {_day(key.ends)}" if key.ends else "长期")
                    if key.revoked:
                        theme.tag("已停用", "fail")
                    else:
                        stop = self._seat.doing(lambda key=key: self._revoke(key.id))
                        theme.button("停用", stop, kind="flat").props("color=negative")

    async def _make(self) -> None:
        seat, caller = self._seat, self._seat.caller
        keys = seat.house.accounts.keys
        role, only = (Role(self._role.value), "") if self._role.value else (Role.READER, METRICS)
        token, made = keys.make(
            caller.id, self._name.value or "", role, None, int(self._days.value), only=only
        )
        seat.house.accounts.log.write(caller, "key", target=made.id)
        self._name.set_value("")
        self._show()
        with ui.dialog().props("persistent") as dialog, ui.card().style("max-width:94vw"):
            ui.label("新密钥，只显示这一次").classes("wh-strong")
            ui.label(token).classes("wh-code")
            with theme.row():
                copy = theme.button("复制", icon="content_copy")
                copy.props["data-copy"] = token
                copy.on("click", js_handler=COPY)
                theme.button("我已保存", lambda: dialog.submit(True), kind="main").classes("wh-push")
        await dialog
        dialog.delete()

    def _revoke(self, key_id: str) -> None:
        caller = self._seat.caller
        self._seat.house.accounts.keys.revoke(key_id, caller.id)
        self._seat.house.accounts.log.write(caller, "key-revoked", target=key_id)
        self._show()


class Signed:
    """Where one is signed in."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with theme.card("登录的设备"):
            self._list = ui.element("div").classes("column").style("gap:4px")
        self._show()

    def _show(self) -> None:
        sessions = self._seat.house.accounts.sessions
        now = sessions.find(token_of(self._seat.request))
        self._list.clear()
        with self._list:
            for one in sessions.list(self._seat.caller.id):
                with theme.row():
                    ui.label(clean(one.device) or "未知设备").classes("wh-grow")
                    theme.soft(f"最近使用 {datetime.fromtimestamp(one.seen):%Y-%m-%d %H:%M}")
                    if now is not None and one.id == now.id:
                        theme.tag("本机", "good")
                    else:
                        end: Any = self._seat.doing(lambda one=one: self._end(one.id))
                        theme.button("结束", end, kind="flat")

    def _end(self, session_id: str) -> None:
        caller = self._seat.caller
        self._seat.house.accounts.sessions.revoke(caller.id, session_id)
        self._seat.house.accounts.log.write(caller, "sign-out", target=session_id)
        problems.done("已结束那次登录")
        self._show()


def _secret(label: str, complete: str) -> ui.input:
    return ui.input(label).props(f"dense outlined type=password autocomplete={complete}")


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d}"
