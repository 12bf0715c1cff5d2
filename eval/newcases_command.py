"""``wenheng eval cases new``: eval cases from one's own reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import InputError, NotFound
from corpus.files import shown
from corpus.library import Library
from eval.newcases import Proposal, Split, propose
from eval.newcases_review import CaseFile, Tally, keep_all, review, terminal
from service import screen
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context


@click.command("new", context_settings=HELP)
@click.option("--home", type=click.Path(path_type=Path), help="数据文件夹（默认同 wenheng --home）")
@click.option("--report", "reports", multiple=True, metavar="ID", help="只从这份报告出题，可重复")
@click.option("--count", type=click.IntRange(1, 1000), default=20, show_default=True, help="拟多少道题")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="写到哪个 .jsonl"
)
@click.option(
    "--split", type=click.Choice(["own", "dev", "test"]), default="own", show_default=True, help="归入哪一组"
)
@click.option("--yes", is_flag=True, help="不逐题审阅，全部写入并标为“未审”")
@click.pass_obj
@guarded
def new(
    context: Context,
    home: Path | None,
    reports: tuple[str, ...],
    count: int,
    out: Path,
    split: Split,
    yes: bool,
) -> None:
    """从自己的报告里拟评测题，逐题采用、修改或跳过。

    题目由报告里的数字和条目拟出，不用模型；每题附原文出处。可随时按 q 退出，再次运行同一命令会接着审。
    """
    if out.suffix.lower() != ".jsonl":
        raise InputError(
            f"评测题应写成 .jsonl 文件，不是 {out.suffix or '无后缀'}", where=shown(out), remedy="请改 -o"
        )
    if not yes and not sys.stdin.isatty():
        raise InputError("不在终端里，无法逐题审阅", remedy="请在终端里运行，或加 --yes（题目会标为“未审”）")
    file = CaseFile(out)
    with Library.open(home or context.settings.home) as library:
        found = _proposed(library, count, reports, file, split)
    tally = keep_all(found, file) if yes else review(found, file, terminal(screen.out))
    _told(tally, out)


def _proposed(
    library: Library, count: int, reports: tuple[str, ...], file: CaseFile, split: Split
) -> tuple[Proposal, ...]:
    if not library.cards():
        raise NotFound(
            "库中没有报告，无从出题", where=shown(library.home), remedy="请先用 wenheng ingest 入库"
        )
    wanted = [library.full_id(report) for report in reports]
    found = propose(library, count, reports=wanted, seen=file.seen, split=split)
    if not found:
        remedy = (
            "请换一份报告，或再入库一些报告"
            if not file.seen
            else "能拟的题都已审过；请换一份报告或换一个文件"
        )
        raise NotFound("拟不出新的题目", where="、".join(wanted), remedy=remedy)
    return found


def _told(tally: Tally, out: Path) -> None:
    undecided = f"，还有 {tally.left} 题没有审" if tally.left else ""
    screen.out.print(
        f"写入 {tally.kept} 题（修改 {tally.edited} 题），跳过 {tally.skipped} 题{undecided}：{shown(out)}",
        soft_wrap=True,
        markup=False,
    )
    if tally.kept:
        screen.out.print(
            f"作答并评分：wenheng eval run answers --cases {shown(out)} --reports 原始报告所在文件夹",
            soft_wrap=True,
            markup=False,
        )
