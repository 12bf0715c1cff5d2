"""``wenheng figures``: the ledger as a table or a file, corrections of rows, and the alias table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus import aliases as tables
from corpus.aliases import Aliases
from corpus.corrections import KINDS, keep
from corpus.errors import BadTable, NotFound
from corpus.files import shown
from corpus.report import FigureKind
from service.commands.output import HELP
from service.desk import Desk
from service.faults import guarded
from service.ledger import changes as ledger_changes
from service.ledger import proposals as alias_proposals
from service.ledger import screen as screen_figures
from service.ledger.query import Query, find
from service.memo.columns import read_years
from service.papers import files_out
from service.screen import out as console

if TYPE_CHECKING:
    from service.cli import Context

KIND_NAMES = {label: kind for kind, label in KINDS.items()} | {kind.value: kind for kind in FigureKind}
ANY_PATH = click.Path(path_type=Path, readable=False)


@click.command(context_settings=HELP)
@click.option("--place", "places", multiple=True, help="地方，可重复")
@click.option("--year", "--years", "years", multiple=True, help="报告年份：2022、2021..2024，可重复")
@click.option("--indicator", "indicators", multiple=True, help="指标名，含这些字的都算，可重复")
@click.option("--report", "reports", multiple=True, help="报告编号，可重复")
@click.option("--kind", "kinds", multiple=True, help="性质：" + "、".join(KINDS.values()))
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 100000), help="屏幕上最多几行"
)
@click.option("-o", "--out", type=ANY_PATH, metavar="FILE", help="写成文件：.xlsx 或 .csv")
@click.option("--force", is_flag=True, help="覆盖已有的文件")
@click.option("--json", "as_json", is_flag=True, help="每个数字一行 JSON")
@click.option(
    "--set",
    "sets",
    multiple=True,
    nargs=2,
    metavar="ROW FIELD=VALUE",
    help="更正一行，如 1f3a5b:1234 数值=12.5",
)
@click.option("--unset", "unsets", multiple=True, metavar="ROW", help="撤销某一行的人工更正")
@click.option("--import", "imported", type=ANY_PATH, metavar="FILE", help="从改过的导出表读入更正")
@click.option("--alias", "added", multiple=True, metavar="A=B", help="把 B 记作 A 的别名")
@click.option("--unalias", "dropped", multiple=True, metavar="B", help="撤销自己加的别名 B")
@click.option("--aliases", "listing", is_flag=True, help="列出别名表")
@click.option("--propose", is_flag=True, help="列出可能同义的指标名，供确认")
@click.pass_obj
@guarded
def figures(
    context: Context,
    /,
    places: tuple[str, ...],
    years: tuple[str, ...],
    indicators: tuple[str, ...],
    reports: tuple[str, ...],
    kinds: tuple[str, ...],
    limit: int,
    out: Path | None,
    force: bool,
    as_json: bool,
    listing: bool,
    propose: bool,
    **edits: tuple[tuple[str, str], ...] | tuple[str, ...] | Path | None,
) -> None:
    """列出报告中的每一个数字及其原句，可导出、更正、统一指标名。

    更正在重新入库后仍保留，并注明原文；--unset 撤销。
    """
    query = Query(places, read_years(",".join(years)) if years else (), indicators, reports, _kinds(kinds))
    if out is not None:
        from service.ledger import files as ledger_files  # openpyxl is slow to load

        files_out.writable(out, ledger_files.SUFFIXES, force=force)
    with context.desk_with_models() if propose else context.desk() as desk:
        if _edited(desk, **edits) and not (out or as_json or listing or propose or query.narrow):  # type: ignore[arg-type]
            return
        table = Aliases.load(desk.library.home)
        if listing:
            screen_figures.alias_table(table, as_json=as_json)
            return
        found = find(desk.library, query, table)
        if propose:
            candidates = alias_proposals.propose(found, desk.likeness, table)
            screen_figures.proposals(candidates, as_json=as_json)
            return
        if out is not None:
            ledger_files.save(found, out, force=force)
            console.print(f"已写入 {shown(out)}（{len(found)}个数字）", soft_wrap=True)
        elif as_json:
            screen_figures.row_lines(found)
        else:
            screen_figures.row_table(found, most=limit)
            screen_figures.adrift(ledger_changes.adrift(desk.library))


def _kinds(names: tuple[str, ...]) -> tuple[FigureKind, ...]:
    for name in names:
        if name not in KIND_NAMES:
            raise NotFound(f"没有“{name}”这种性质", remedy=f"可用的性质：{'、'.join(KINDS.values())}")
    return tuple(KIND_NAMES[name] for name in names)


def _edited(
    desk: Desk,
    *,
    sets: tuple[tuple[str, str], ...],
    unsets: tuple[str, ...],
    imported: Path | None,
    added: tuple[str, ...],
    dropped: tuple[str, ...],
) -> bool:
    """Make the changes that were asked for; whether there were any."""
    home = desk.library.home
    for text in added:
        _alias(home, text)
    for name in dropped:
        tables.drop(home, name)
        console.print(f"已撤销别名“{name}”。", soft_wrap=True)
    if not (sets or unsets or imported):
        return bool(added or dropped)
    table = Aliases.load(home)
    if sets:
        screen_figures.changed(ledger_changes.set_fields(desk.library, sets, table), "已更正")
    if unsets:
        screen_figures.changed(ledger_changes.unset(desk.library, unsets, table), "已撤销")
    if imported is not None:
        from service.ledger import files as ledger_files  # openpyxl is slow to load

        changes = ledger_files.changes_in(imported, ledger_changes.Book(desk.library, table))
        keep(desk.library.database, changes)
        rows = len({(change.sha256, change.position) for change in changes})
        console.print(f"读入更正{len(changes)}处，涉及{rows}行。" if changes else "表中没有改动。")
    return True


def _alias(home: Path, text: str) -> None:
    """Add one alias, written A=B."""
    name, mark, alias = text.replace("＝", "=").partition("=")
    if not mark:
        raise BadTable(f"看不懂“{text}”", where="--alias", remedy="请写成 标准名=别名 的样子")
    ledger_changes.add_alias(home, name, alias, "--alias")
    console.print(f"已把“{alias.strip()}”记作“{name.strip()}”的别名；撤销用 --unalias。", soft_wrap=True)
