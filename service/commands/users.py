"""``wenheng users``: who may sign in; the first administrator is made here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import click

from corpus.errors import InputError
from service import screen
from service.accounts.caller import METRICS, Role
from service.accounts.people import ROLE_LABELS, ROLE_NAMES, Person
from service.commands.acting import operator
from service.commands.output import HELP
from service.faults import argument, decoded, guarded

if TYPE_CHECKING:
    from service.accounts import Accounts
    from service.cli import Context

ROLES = {"reader": Role.READER, "writer": Role.WRITER, "administrator": Role.ADMINISTRATOR} | ROLE_NAMES
ONE_ROLE = click.Choice(list(ROLES))
from_stdin = click.option("--password-stdin", is_flag=True, help="从标准输入读口令（一行），不提问")


@contextmanager
def accounts(context: Context) -> Iterator[Accounts]:
    """The accounts of the data folder."""
    from service.accounts import Accounts
    from service.accounts.database import open_database

    database = open_database(context.settings.home)
    try:
        yield Accounts.open(database)
    finally:
        database.close()


def note(books: Accounts, action: str, target: str, detail: str) -> None:
    """Tell the log what was done on the command line, and by whom."""
    books.log.write(operator(), action, target=target, detail=detail)


@click.group("users", context_settings=HELP)
def command() -> None:
    """管理用户：谁可以登录，能做什么。

    第一个管理员在这里建：wenheng users add 名字 --role administrator。之后用 wenheng serve --users 启动服务。
    """


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.option(
    "--role", type=ONE_ROLE, help="在全部资料库中的角色；不写则逐个资料库授权（wenheng collections grant）"
)
@from_stdin
@click.pass_obj
@guarded
def add(context: Context, name: str, role: str | None, password_stdin: bool) -> None:
    """新增用户；口令另行输入，不写在命令里。"""
    with accounts(context) as books:
        everywhere = ROLES[role] if role else None
        person = books.people.add(name, _password(password_stdin), everywhere)
        note(books, "person", person.id, f"add role={int(everywhere or 0)}")
    click.echo(f"已新增用户 {person.name}（{_role(person)}）。")


@command.command("list", context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="每个用户一行 JSON")
@click.pass_obj
@guarded
def listing(context: Context, as_json: bool) -> None:
    """列出用户。"""
    with accounts(context) as books:
        people = books.people.list()
    if as_json:
        for one in people:
            row = {
                "id": one.id,
                "name": one.name,
                "everywhere": one.everywhere and int(one.everywhere),
                "grants": {collection: int(role) for collection, role in one.grants},
                "created_at": one.created_at,
                "signed_in_at": one.signed_in_at,
                "disabled_at": one.disabled_at,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    rows = [(one.name, _role(one), one.signed_in_at, "已停用" if one.disabled_at else "") for one in people]
    show(("用户", "角色", "上次登录(UTC)", "状态"), rows, "还没有用户。请用 wenheng users add 新增。")


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@from_stdin
@click.pass_obj
@guarded
def password(context: Context, name: str, password_stdin: bool) -> None:
    """重设口令；此人的登录全部结束，密钥不变。"""
    with accounts(context) as books:
        person = books.people.named(name)
        books.people.set_password(person.id, _password(password_stdin))
        note(books, "password", person.id, "")
    click.echo(f"已重设 {person.name} 的口令。")


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.argument("wanted", metavar="ROLE", type=click.Choice([*ROLES, "none", "无"]))
@click.pass_obj
@guarded
def role(context: Context, name: str, wanted: str) -> None:
    """改在全部资料库中的角色；none 表示只用逐个授权的资料库。"""
    with accounts(context) as books:
        person = books.people.named(name)
        books.people.set_role(person.id, ROLES.get(wanted))
        note(books, "role", person.id, f"role={int(ROLES.get(wanted, 0))}")
        click.echo(f"{person.name}：{_role(books.people.get(person.id))}。")


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.pass_obj
@guarded
def disable(context: Context, name: str) -> None:
    """停用：登录立即结束，密钥不再有效；用 enable 恢复。"""
    person = _switched(context, name, "disable")
    click.echo(f"已停用 {person.name}。撤销：wenheng users enable {person.name}")


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.pass_obj
@guarded
def enable(context: Context, name: str) -> None:
    """恢复停用的用户。"""
    click.echo(f"已恢复 {_switched(context, name, 'enable').name}。")


def _switched(context: Context, name: str, way: Literal["disable", "enable"]) -> Person:
    """Whom a name means, shut out or let in again."""
    with accounts(context) as books:
        person = books.people.named(name)
        act = books.people.disable if way == "disable" else books.people.enable
        act(person.id)
        note(books, "person", person.id, way)
    return person


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.option("--heir", metavar="NAME", help="把此人的会话和稿子交给另一个用户")
@click.option("--yes", is_flag=True, help="不再询问")
@click.pass_obj
@guarded
def remove(context: Context, name: str, heir: str | None, yes: bool) -> None:
    """删除用户；不写 --heir 时，此人的会话和稿子留着但没有人能打开。"""
    with accounts(context) as books:
        person = books.people.named(name)
        to = books.people.named(heir) if heir else None
        if to is not None and to.id == person.id:
            raise InputError("不能交给要删除的人自己", where="--heir", remedy="请写另一个用户")
        if not yes:
            click.confirm(f"删除用户 {person.name}，不能恢复？", abort=True)
        books.people.remove(person.id)
        moved = books.owned.hand_over(person.id, to.id) if to else 0
        note(books, "person", person.id, f"remove moved={moved}")
    given = f"，{moved}件会话和稿子交给了 {to.name}" if to else ""
    click.echo(f"已删除 {person.name}{given}。")


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.option("--collection", default="main", show_default=True, help="哪个资料库里的")
@click.pass_obj
@guarded
def adopt(context: Context, name: str, collection: str) -> None:
    """把没有主人的会话和稿子（不登录时留下的）交给一个用户。"""
    from corpus.library import Library
    from service.accounts.caller import LOCAL
    from service.accounts.collections import folder

    with accounts(context) as books:
        person = books.people.named(name)
        books.collections.open(LOCAL, collection)
        with Library.open(folder(context.settings.home, collection)) as library:
            chats = [chat.id for chat in library.chats.list()]
            drafts = [draft.id for draft in library.drafts.list()]
        done = books.owned.adopt("chat", chats, collection, person.id)
        done += books.owned.adopt("draft", drafts, collection, person.id)
        note(books, "person", person.id, f"adopt {done}")
    click.echo(f"已把{done}件会话和稿子交给 {person.name}。")


# -- keys -------------------------------------------------------------------------------------------


@command.group(context_settings=HELP)
def keys() -> None:
    """接口密钥：程序用它代替登录。"""


@keys.command("add", context_settings=HELP)
@click.argument("name", callback=argument)
@click.argument("purpose", callback=argument)
@click.option("--role", default="reader", show_default=True, type=ONE_ROLE, help="最多能做什么")
@click.option("--collection", "collections", multiple=True, help="只用于这些资料库，可重复；不写为全部")
@click.option("--metrics", is_flag=True, help="只能读运行指标 /metrics（给 Prometheus 用），别的都打不开")
@click.option(
    "--days", type=click.IntRange(0, 3650), default=365, show_default=True, help="有效天数，0 为不限"
)
@click.pass_obj
@guarded
def add_key(
    context: Context,
    name: str,
    purpose: str,
    role: str,
    collections: tuple[str, ...],
    metrics: bool,
    days: int,
) -> None:
    """给用户建一个密钥，PURPOSE 写明给哪个程序用；密钥只显示这一次。"""
    with accounts(context) as books:
        person = books.people.named(name)
        only = METRICS if metrics else ""
        token, key = books.keys.make(
            person.id, purpose, ROLES[role], collections or None, days or None, only=only
        )
        note(books, "key", key.id, only or f"role={int(ROLES[role])}")
    click.echo(token)
    screen.err.print("请现在记下，以后不再显示。", highlight=False)


@keys.command("list", context_settings=HELP)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="每个密钥一行 JSON")
@click.pass_obj
@guarded
def list_keys(context: Context, name: str | None, as_json: bool) -> None:
    """列出密钥（只有开头几位）。"""
    with accounts(context) as books:
        names = {one.id: one.name for one in books.people.list()}
        found = books.keys.list(books.people.named(name).id if name else None)
    if as_json:
        for key in found:
            row = asdict(key) | {"person": names.get(key.person_id, ""), "role": int(key.role)}
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    rows = [
        (
            key.id,
            names.get(key.person_id, ""),
            key.name,
            f"{key.prefix}…",
            "只读运行指标" if key.only else ROLE_LABELS[key.role],
            "全部" if key.collections is None else "、".join(key.collections),
            _day(key.ends) or "不限",
            "已停用" if key.revoked else "",
        )
        for key in found
    ]
    show(("编号", "用户", "用途", "开头", "角色", "资料库", "有效期至", "状态"), rows, "还没有密钥。")


@keys.command("revoke", context_settings=HELP)
@click.argument("key_id", metavar="ID")
@click.pass_obj
@guarded
def revoke_key(context: Context, key_id: str) -> None:
    """停用密钥，不能恢复。"""
    with accounts(context) as books:
        key = books.keys.revoke(key_id)
        note(books, "key-revoked", key.id, "")
    click.echo(f"已停用密钥 {key.id}（{key.name}）。")


# -- screen -----------------------------------------------------------------------------------------


def show(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], empty: str) -> None:
    """A table, or a sentence where there is nothing."""
    from rich.table import Column, Table

    if not rows:
        click.echo(empty)
        return
    table = Table(*(Column(name, overflow="fold") for name in header))
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    screen.out.print(table)


def _role(person: Person) -> str:
    if person.everywhere is not None:
        return f"全部资料库：{ROLE_LABELS[person.everywhere]}"
    granted = "，".join(f"{collection}：{ROLE_LABELS[role]}" for collection, role in person.grants)
    return granted or "还没有授权"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""


def _password(stdin: bool) -> str:
    """From the keyboard, twice, or one line of standard input; never an argument, which others can see."""
    if stdin:
        return decoded(sys.stdin.buffer.readline()).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("没有终端可以输入口令", remedy="请加 --password-stdin，从标准输入给出口令")
    given: str = click.prompt("口令", hide_input=True, confirmation_prompt="再输一次")
    return given
