"""``wenheng check``: proofread any text before it is handed in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import InputError
from service import screen
from service.commands.output import HELP, deliver, outputs
from service.faults import guarded
from service.making import check as proofread
from service.opening import opened
from service.proof.rules import ABOUT, Group, chosen

if TYPE_CHECKING:
    from service.cli import Context

_PATH = click.Path(path_type=Path, readable=False)


@click.command(context_settings=HELP)
@click.argument("source", metavar="FILE|REPORT", required=False)
@click.option("--input", "table", type=_PATH, metavar="INPUT", help="起草用的输入表（.xlsx、.yaml、.json）")
@click.option("--against", multiple=True, metavar="REPORT|FILE", help="只与这些报告对照，可重复")
@click.option("--only", multiple=True, metavar="RULE", help="只用这条或这组规则，可重复")
@click.option("--skip", multiple=True, metavar="RULE", help="不用这条或这组规则，可重复")
@click.option("--rules", "listing", is_flag=True, help="列出全部规则")
@outputs
@click.pass_obj
@guarded
def check(
    context: Context,
    source: str | None,
    table: Path | None,
    against: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    listing: bool,
    out: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """校对任何稿件：数字和标点、层次序号、用词、数字的出处、问题与任务、沿用旧文、遗留。

    FILE 是稿件（docx、pdf、html、txt、md），不必入库；也可以是库中报告的编号（见 wenheng reports）。
    数字和断言的出处在库中的报告和输入表里查找；规则见 --rules。
    """
    rules = chosen(only, skip)
    if listing:
        _list(as_json)
        return
    if not source:
        raise InputError("没有指明要校对的稿件", remedy="请写文件路径或报告编号，如 wenheng check 稿件.docx")
    with context.desk() as desk:
        named = tuple(report for name in against for report in opened(desk, name))
        given = None
        if table is not None:
            from service.draft.input_files import read_input  # openpyxl takes its time

            given = read_input(table, desk.report)
        made = proofread(desk, opened(desk, source), rules, named=named, given=given)
        deliver(made.document, out, as_json, force=force, open_report=made.open_report)
    if not as_json:
        for told in made.told:
            screen.out.print(told, soft_wrap=True)


def _list(as_json: bool) -> None:
    """All rules by group: id, name, what it says."""
    if as_json:
        listed = [
            {"id": rule.value, "group": about.group.value, "name": about.name, "tells": about.tells}
            for rule, about in ABOUT.items()
        ]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for group in Group:
        screen.out.print(f"\n{group.label}（{group.value}）", style="bold")
        for rule, about in ABOUT.items():
            if about.group is group:
                screen.out.print(f"  {rule.value}　{about.name}：{about.tells}", soft_wrap=True, markup=False)
