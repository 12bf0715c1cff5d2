"""``wenheng eval cases``: make cases, check them against their sources, lock the test split."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from corpus.files import shown
from eval.case_check import checked
from eval.cases import CASES, find_sources, load, read_sources
from eval.cli import Late
from eval.locks import changed, lock
from eval.where import REPORTS
from service import screen
from service.commands.output import HELP
from service.faults import guarded


@click.command("check", context_settings=HELP)
@click.argument("cases", type=click.Path(path_type=Path), default=CASES, metavar="[FILE|FOLDER]")
@click.option("--reports", multiple=True, type=click.Path(path_type=Path), help="原始报告所在文件夹，可重复")
@guarded
def check(cases: Path, reports: tuple[Path, ...]) -> None:
    """逐题核对评测题：格式、题号、依据文件的哈希、位置、答案是否真在依据里；并核对锁定的题。

    不给 CASES 时核对随附的题。依据文件不在 --reports 里的题无从核对，只报数目。
    """
    every = load(cases)
    folders = (*REPORTS, *reports)
    there = find_sources(folders, frozenset().union(*(case.files for case in every)))
    texts = read_sources(folders, there)
    found = [(case, fault) for case in every for fault in checked(case, texts)]
    for case, fault in found:
        screen.out.print(f"{case.id}　{fault}", markup=False, soft_wrap=True)
    apart = [case for case in every if not case.files <= there.keys()]
    broken = changed() if cases == CASES else ()
    for name in broken:
        screen.out.print(f"{name}　锁定的文件已改动，或还没有锁定", markup=False)
    if apart:
        missing = sorted(frozenset().union(*(case.files for case in apart)) - there.keys())
        screen.out.print(
            f"{len(apart)} 题的依据文件不在（或已改动），没有核对：{'、'.join(one[:12] for one in missing)}",
            markup=False,
            soft_wrap=True,
        )
    faulty = len({case.id for case, _ in found})
    screen.out.print(f"共 {len(every)} 题，核对 {len(every) - len(apart)} 题，{faulty} 题有误", markup=False)
    if found or broken:
        sys.exit(1)


@click.command("lock", context_settings=HELP)
@click.option("--check", "only_check", is_flag=True, help="只核对，不重新锁定")
@guarded
def lock_test(only_check: bool) -> None:
    """把测试用的题锁定：记下文件的哈希，此后改动过的题会被拒绝评分。"""
    broken = changed()
    if only_check:
        for name in broken:
            screen.out.print(f"{name}　已改动，或还没有锁定", markup=False)
        sys.exit(1 if broken else 0)
    for name, digest in lock().items():
        told = "（与上次不同）" if name in broken else ""
        screen.out.print(f"{digest[:16]}　{shown(Path(name))}{told}", markup=False)


@click.group(
    "cases",
    cls=Late,
    context_settings=HELP,
    late={
        "new": ("eval.newcases_command", "new"),
        "check": ("eval.commands.cases", "check"),
        "lock": ("eval.commands.cases", "lock_test"),
    },
)
def cases() -> None:
    """评测题：从自己的报告出题、核对、锁定。"""
