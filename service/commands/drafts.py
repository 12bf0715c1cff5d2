"""``wenheng draft list|show|diff|edit|remove|restore``: the drafts that are kept, and their versions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import UnreadableFile
from corpus.files import shown
from service import screen
from service.commands.output import HELP
from service.draft import session, telling, versions
from service.draft.handing import Handed, Target, hand_out, official
from service.draft.screen import draft_table, result_table, show_diff, version_table
from service.draft.session import Work, draft_of, work_of
from service.faults import argument, decoded, guarded
from service.papers import screen as screen_documents
from service.papers.presenting import masked

if TYPE_CHECKING:
    from service.cli import Context

ANY_PATH = click.Path(path_type=Path, readable=False)


def told(work: Work, handed: Handed, as_json: bool) -> None:
    """What came of a run: the draft or the files, how its steps were written, which version it is."""
    if as_json:
        click.echo(json.dumps(masked(telling.handed_out(work, handed)), ensure_ascii=False))
        return
    if not handed.files:
        screen_documents.show(handed.checked)
    result_table(work.draft)
    for path in handed.files:
        screen.out.print(f"已写入 {shown(path)}", soft_wrap=True, markup=False)
    stored = work.stored
    state = "（还没有写完）" if stored.open else ""
    more = f"；改动见 wenheng draft diff {stored.id}" if stored.versions > 1 else ""
    screen.out.print(f"稿子 {stored.id}，第{max(1, stored.versions)}版{state}{more}", soft_wrap=True)


# -- the drafts -------------------------------------------------------------------------------------


@click.command("list", context_settings=HELP)
@click.option("--removed", is_flag=True, help="列出移除的稿子")
@click.option("--json", "as_json", is_flag=True, help="每份稿子一行 JSON")
@click.pass_obj
@guarded
def listing(context: Context, removed: bool, as_json: bool) -> None:
    """列出稿子，最近用过的在前。"""
    with context.desk() as desk:
        rows = [(one, draft_of(one.state, one.id)) for one in desk.library.drafts.list(removed=removed)]
    if not as_json:
        draft_table(rows, removed=removed)
        return
    for stored, draft in rows:
        click.echo(json.dumps(masked(telling.row(stored, draft)), ensure_ascii=False))


@click.command(context_settings=HELP)
@click.argument("draft_id", metavar="ID", callback=argument)
@click.option("--version", "number", type=click.IntRange(1), metavar="N", help="看第几版，默认是最近的")
@click.option(
    "-o", "--out", type=ANY_PATH, metavar="FILE", help="写成文件：.docx（另有核对稿）、.md 或 .json"
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）")
@click.pass_obj
@guarded
def show(
    context: Context, draft_id: str, number: int | None, out: Path | None, as_json: bool, force: bool
) -> None:
    """显示一份稿子、它的各个版本和各步的写法，或再写成文件。"""
    target = Target(out, force=force).ready()
    with context.desk() as desk:
        drafts = desk.library.drafts
        work = work_of(drafts.load(draft_id))
        every = drafts.versions(work.stored.id)
        work = versions.usable(work if number is None else versions.as_of(drafts, work, number))
        handed = hand_out(work.draft, target, official(work.draft.given.basic), desk.report)
        told(work, handed, as_json)
        if not as_json:
            version_table(every, drafts.load(work.stored.id))


@click.command("diff", context_settings=HELP)
@click.argument("draft_id", metavar="ID", callback=argument)
@click.argument("old", required=False, type=click.IntRange(1), metavar="[A]")
@click.argument("new", required=False, type=click.IntRange(1), metavar="[B]")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def diff(context: Context, draft_id: str, old: int | None, new: int | None, as_json: bool) -> None:
    """对照两个版本：逐步、逐句，写明改了哪些数字。

    A 和 B 是版本号，默认对照最近两版；只给 A 时与最近一版对照。还没有写完的也算一版。
    """
    with context.desk() as desk:
        before, after, found = versions.compared(desk.library.drafts, draft_id, old, new)
    if as_json:
        row = telling.difference(before.draft_id, before, after, found)
        click.echo(json.dumps(masked(row), ensure_ascii=False))
    else:
        show_diff(found, *(f"第{side.number}版（{side.note}）" for side in (before, after)))


@click.command(context_settings=HELP)
@click.argument("draft_id", metavar="ID", callback=argument)
@click.argument("key", callback=argument)
@click.option(
    "--text", "source", required=True, type=ANY_PATH, metavar="FILE", help="这一步的正文；- 是标准输入"
)
@click.pass_obj
@guarded
def edit(context: Context, draft_id: str, key: str, source: Path) -> None:
    """用自己写的文字代替一步；其中没有出处的数字不能保存。

    KEY 是步骤的编号，如 2.3（见 wenheng draft show）。以后重写时保留手工改写的文字，除非用 --section 点名。
    """
    text = _read(source)
    with context.desk() as desk:
        drafts = desk.library.drafts
        work = versions.usable(work_of(drafts.load(draft_id)))
        work = session.edit(drafts, work, key, text, desk.report)
    kept = "已保存，其余各步还没有写完" if work.stored.open else f"已存为第{work.stored.versions}版"
    screen.out.print(f"{kept}。写成文件：wenheng draft show {work.stored.id} -o 成稿.docx", soft_wrap=True)


def _read(source: Path) -> str:
    if str(source) == "-":
        return decoded(sys.stdin.buffer.read())
    try:
        return decoded(source.read_bytes())
    except OSError as error:
        raise UnreadableFile("文件读不出来", where=shown(source), remedy="请核对路径") from error


@click.command(context_settings=HELP)
@click.argument("draft_ids", nargs=-1, required=True, metavar="ID...")
@click.option("--forever", is_flag=True, help="彻底删除已移除的稿子，不能恢复")
@click.option("--yes", is_flag=True, help="彻底删除时不再询问")
@click.pass_obj
@guarded
def remove(context: Context, draft_ids: tuple[str, ...], forever: bool, yes: bool) -> None:
    """移除稿子，可以用 restore 恢复；再加 --forever 移除一次则彻底删除。"""
    with context.desk() as desk:
        drafts = desk.library.drafts
        if not forever:
            ids = drafts.remove(draft_ids)
            click.echo(f"已移除{len(ids)}份稿子。撤销：wenheng draft restore {' '.join(ids)}")
            return
        ids = tuple(dict.fromkeys(drafts.full_id(one, removed=True) for one in draft_ids))
        if not yes:
            click.confirm(f"彻底删除{len(ids)}份稿子和它们的全部版本？", abort=True)
        drafts.delete(ids)
        click.echo(f"已彻底删除{len(ids)}份稿子。")


@click.command(context_settings=HELP)
@click.argument("draft_ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
@guarded
def restore(context: Context, draft_ids: tuple[str, ...]) -> None:
    """恢复移除的稿子（见 wenheng draft list --removed）。"""
    with context.desk() as desk:
        ids = desk.library.drafts.restore(draft_ids)
    click.echo(f"已恢复{len(ids)}份稿子：{' '.join(ids)}")
