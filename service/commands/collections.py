"""``wenheng collections``: data folders with borders, and who may use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from service.accounts.caller import LOCAL
from service.accounts.people import ROLE_LABELS
from service.commands.acting import operator
from service.commands.output import HELP
from service.commands.users import ONE_ROLE, ROLES, accounts, show
from service.faults import argument, guarded

if TYPE_CHECKING:
    from service.cli import Context

ONE = click.argument("collection", metavar="ID")


@click.group("collections", context_settings=HELP)
def command() -> None:
    """管理资料库：每个资料库是一个数据文件夹，互不相见（例如一个单位一个）。"""


@command.command(context_settings=HELP)
@click.argument("name", callback=argument)
@click.pass_obj
@guarded
def add(context: Context, name: str) -> None:
    """新建资料库；显示它的编号。"""
    with accounts(context) as books:
        made = books.collections.create(name)
        books.log.write(operator(), "collection", made, made, "create")
    click.echo(made)


@command.command("list", context_settings=HELP)
@click.option("--removed", is_flag=True, help="列出移除的")
@click.option("--json", "as_json", is_flag=True, help="每个资料库一行 JSON")
@click.pass_obj
@guarded
def listing(context: Context, removed: bool, as_json: bool) -> None:
    """列出资料库和授权。"""
    with accounts(context) as books:
        found = [
            (one, books.collections.members(one.id)) for one in books.collections.list(LOCAL, removed=removed)
        ]
    if as_json:
        for one, members in found:
            granted = {name: int(role) for _, name, role in members}
            row = {"id": one.id, "name": one.name, "removed_at": one.removed_at, "grants": granted}
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    rows = [
        (
            one.id,
            one.name,
            "，".join(f"{name}：{ROLE_LABELS[role]}" for _, name, role in members),
            one.removed_at,
        )
        for one, members in found
    ]
    show(("编号", "名称", "逐个授权", "移除时间(UTC)"), rows, "没有移除的资料库。")


@command.command(context_settings=HELP)
@ONE
@click.argument("name", callback=argument)
@click.pass_obj
@guarded
def rename(context: Context, collection: str, name: str) -> None:
    """给资料库改名，编号不变。"""
    with accounts(context) as books:
        books.collections.rename(collection, name)
        books.log.write(operator(), "collection", collection, collection, "rename")
    click.echo(f"已改名：{collection}。")


@command.command(context_settings=HELP)
@ONE
@click.option("--forever", is_flag=True, help="彻底删除已移除的资料库和它的文件夹，不能恢复")
@click.option("--yes", is_flag=True, help="彻底删除时不再询问")
@click.pass_obj
@guarded
def remove(context: Context, collection: str, forever: bool, yes: bool) -> None:
    """移除资料库，可以用 restore 恢复；再加 --forever 移除一次则彻底删除。"""
    with accounts(context) as books:
        if forever:
            if not yes:
                click.confirm(f"彻底删除资料库 {collection} 和其中的全部报告、会话、稿子？", abort=True)
            settings = context.settings
            books.collections.forget(collection, settings.home, settings.chroma)
        else:
            books.collections.remove(collection)
        books.log.write(
            operator(), "delete", collection, collection, "collection forever" if forever else "collection"
        )
    undo = "" if forever else f"撤销：wenheng collections restore {collection}"
    click.echo(f"已{'彻底删除' if forever else '移除'}资料库 {collection}。{undo}")


@command.command(context_settings=HELP)
@ONE
@click.pass_obj
@guarded
def restore(context: Context, collection: str) -> None:
    """恢复移除的资料库（见 wenheng collections list --removed）。"""
    with accounts(context) as books:
        books.collections.restore(collection)
        books.log.write(operator(), "restore", collection, collection, "collection")
    click.echo(f"已恢复资料库 {collection}。")


@command.command(context_settings=HELP)
@ONE
@click.argument("name", callback=argument)
@click.argument("role", type=ONE_ROLE)
@click.pass_obj
@guarded
def grant(context: Context, collection: str, name: str, role: str) -> None:
    """让一个用户使用资料库。"""
    with accounts(context) as books:
        person = books.people.named(name)
        one = books.collections.open(LOCAL, collection)
        books.people.grant(person.id, collection, ROLES[role])
        books.log.write(operator(), "grant", collection, person.id, f"role={int(ROLES[role])}")
    click.echo(f"{person.name} 在“{one.name}”是{ROLE_LABELS[ROLES[role]]}。")


@command.command(context_settings=HELP)
@ONE
@click.argument("name", callback=argument)
@click.pass_obj
@guarded
def withdraw(context: Context, collection: str, name: str) -> None:
    """取消一个用户在资料库的授权。"""
    with accounts(context) as books:
        person = books.people.named(name)
        one = books.collections.open(LOCAL, collection)
        books.people.grant(person.id, collection, None)
        books.log.write(operator(), "grant", collection, person.id, "role=0")
    click.echo(f"已取消 {person.name} 在“{one.name}”的授权。")
