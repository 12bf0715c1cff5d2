"""设置 › 用户: who may sign in, with which role where.

In: a seat of who administers the house. Out: the tab; every change is checked again and logged.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from service.accounts.caller import Role
from service.accounts.people import ROLE_LABELS, Person
from service.papers.presenting import clean
from service.ui import problems, theme
from service.ui.seat import Seat

BY_GRANT = 0  # instead of a role: collections are granted one by one
ROLES = {BY_GRANT: "逐个授权", **{int(role): label for role, label in ROLE_LABELS.items()}}
NONE = {BY_GRANT: "无", **{int(role): label for role, label in ROLE_LABELS.items()}}


def build(seat: Seat) -> None:
    """Make the tab."""
    if not seat.house.users:
        theme.note("现在不需要登录：只有这台机器能访问，谁坐在这里都能用全部功能。")
        theme.soft(
            "要让别的机器访问，请先用命令 wenheng users add 姓名 --role 管理员 建立第一个管理员，再用 wenheng serve --users 启动。",
            small=False,
        )
        return
    People(seat)


class People:
    """The list of people, and a form for a new one."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with theme.card("新增用户"), theme.row():
            self._name = ui.input("用户名").props("dense outlined maxlength=40 autocomplete=off")
            self._password = ui.input("初始口令").props(
                "dense outlined type=password autocomplete=new-password"
            )
            self._role = ui.select(ROLES, value=int(Role.READER), label="角色").props("dense outlined")
            self._role.style("min-width:120px")
            theme.button("新增", self._doing(self._add), icon="person_add", kind="main")
        self._list = ui.element("div").classes("column").style("gap:8px")
        self._show()

    def _doing(self, handler: Any) -> Any:
        return self._seat.doing(handler, administrator=True)

    async def _add(self) -> None:
        accounts = self._seat.house.accounts
        role = Role(self._role.value) if self._role.value else None
        made = await self._seat.run(
            accounts.people.add, self._name.value or "", self._password.value or "", role
        )
        self._logged("person", made.id, f"add role={int(role or 0)}")
        self._name.set_value("")
        self._password.set_value("")
        problems.done(f"已新增用户 {made.name}")
        self._show()

    def _logged(self, action: str, target: str, detail: str) -> None:
        self._seat.house.accounts.log.write(self._seat.caller, action, target=target, detail=detail)

    def _show(self) -> None:
        self._list.clear()
        with self._list, theme.card("用户"):
            for person in self._seat.house.accounts.people.list():
                self._row(person)

    def _row(self, person: Person) -> None:
        with theme.row():
            ui.label(clean(person.name)).classes("wh-strong").style("min-width:110px")
            if person.disabled_at:
                theme.tag("已停用", "fail")
            theme.soft(f"最近登录 {person.signed_in_at[:16].replace('T', ' ') or '从未'}").classes("wh-grow")
            role = ui.select(ROLES, value=int(person.everywhere or 0)).props("dense outlined options-dense")
            role.props(f'aria-label="{clean(person.name)}的角色"').style("min-width:112px")
            role.on_value_change(self._doing(lambda event: self._set_role(person, int(event.value))))
            theme.button("授权", self._doing(lambda: self._grants(person)), kind="flat").set_visibility(
                person.everywhere is None
            )
            theme.button("重设口令", self._doing(lambda: self._reset(person)), kind="flat")
            word = "启用" if person.disabled_at else "停用"
            theme.button(word, self._doing(lambda: self._switch(person)), kind="flat")
            theme.button("删除", self._doing(lambda: self._remove(person)), kind="flat").props(
                "color=negative"
            )

    def _set_role(self, person: Person, value: int) -> None:
        try:
            self._seat.house.accounts.people.set_role(person.id, Role(value) if value else None)
            self._logged("role", person.id, f"role={value}")
        finally:
            self._show()

    def _switch(self, person: Person) -> None:
        people = self._seat.house.accounts.people
        (people.enable if person.disabled_at else people.disable)(person.id)
        self._logged("person", person.id, "enable" if person.disabled_at else "disable")
        self._show()

    async def _remove(self, person: Person) -> None:
        text = f"删除用户 {clean(person.name)}？其会话和稿件将无人可看；只想停止登录请用“停用”。"
        if await confirmed(text, "删除"):
            self._seat.require_administrator()
            self._seat.house.accounts.people.remove(person.id)
            self._logged("person", person.id, "remove")
            self._show()

    async def _reset(self, person: Person) -> None:
        with ui.dialog() as dialog, ui.card():
            ui.label(f"为 {clean(person.name)} 设新口令").classes("wh-strong")
            field = ui.input("新口令").props(
                "dense outlined type=password autocomplete=new-password autofocus"
            )
            with theme.row():
                theme.button("保存", lambda: dialog.submit(field.value or ""), kind="main").classes("wh-push")
                theme.button("取消", lambda: dialog.submit(None))
        told = await dialog
        dialog.delete()
        if told is not None:
            self._seat.require_administrator()
            await self._seat.run(self._seat.house.accounts.people.set_password, person.id, told)
            self._logged("password", person.id, "")
            problems.done("口令已改，该用户须重新登录")

    async def _grants(self, person: Person) -> None:
        held = {name: int(role) for name, role in person.grants}
        with ui.dialog() as dialog, ui.card().style("min-width:340px"):
            theme.heading(f"{clean(person.name)}的授权", 2)
            for one in self._seat.house.accounts.collections.list(self._seat.caller):
                with theme.row():
                    ui.label(clean(one.name)).classes("wh-grow")
                    field = ui.select(NONE, value=held.get(one.id, BY_GRANT)).props("dense outlined")
                    change = self._doing(lambda event, one=one: self._grant(person, one.id, int(event.value)))
                    field.on_value_change(change)
            theme.button("完成", lambda: dialog.submit(True), kind="main")
        await dialog
        dialog.delete()
        self._show()

    def _grant(self, person: Person, collection: str, value: int) -> None:
        self._seat.house.accounts.people.grant(person.id, collection, Role(value) if value else None)
        log = self._seat.house.accounts.log
        log.write(self._seat.caller, "grant", collection, person.id, f"role={value}")


async def confirmed(text: str, verb: str) -> bool:
    """Ask before what cannot be undone."""
    with ui.dialog() as dialog, ui.card().style("max-width:420px"):
        ui.label(text)
        with theme.row():
            theme.button(verb, lambda: dialog.submit(True), kind="danger").classes("wh-push")
            theme.button("取消", lambda: dialog.submit(False), kind="main")
    agreed = bool(await dialog)
    dialog.delete()
    return agreed
