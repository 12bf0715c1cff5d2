"""``wenheng doctor``: whether everything is as it should be, and what to do where it is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from service import screen
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context
    from service.keeping.findings import Finding

MARKS = {"ok": ("正常", "green"), "warn": ("注意", "yellow"), "fail": ("故障", "red")}


@click.command(context_settings=HELP)
@click.option("--fix", is_flag=True, help="修复不会丢失内容的问题：重建索引、清除残留、收回权限")
@click.option("--quick", is_flag=True, help="不逐字节核对模型和原件")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def doctor(context: Context, fix: bool, quick: bool, as_json: bool) -> None:
    """体检：环境、模型、资料库、索引、权限，每个问题都给出办法。

    有故障时以 1 退出，只有注意事项时以 0 退出。不改动任何内容，除非加 --fix。
    """
    from service.keeping.doctor import examine, repair, worst

    found = tuple(_shown(examine(context.settings, quick=quick), as_json))
    if fix and any(finding.fix for finding in found):
        done = repair(context.settings, found, lambda line: screen.err.print(line, markup=False))
        if done:
            found = tuple(_shown(examine(context.settings, quick=quick), as_json))
    if as_json:
        row = {"state": worst(found).value, "findings": [finding.to_json() for finding in found]}
        click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _table(found)
    sys.exit(1 if worst(found).value == "fail" else 0)


def _shown(findings: Iterable[Finding], quiet: bool) -> list[Finding]:
    """The findings, with how far it is on the terminal meanwhile."""
    if quiet or not screen.err.is_terminal:
        return list(findings)
    made: list[Finding] = []
    with screen.err.status("检查中…") as status:
        for finding in findings:
            made.append(finding)
            status.update(f"检查中：{finding.subject}…")
    return made


def _table(found: tuple[Finding, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="体检")
    for name in ("状态", "项目", "情况", "办法"):
        table.add_column(name, overflow="fold")
    for finding in found:
        word, colour = MARKS[finding.state.value]
        table.add_row(
            Text(word, style=colour), Text(finding.subject), Text(finding.said), Text(finding.remedy)
        )
    screen.out.print(table)
    bad = sum(finding.state.value == "fail" for finding in found)
    worth = sum(finding.state.value == "warn" for finding in found)
    screen.out.print(f"共{len(found)}项：故障{bad}项，注意{worth}项。")
