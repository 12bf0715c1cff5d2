"""``wenheng eval run``: a suite on a system, resumable."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from corpus.errors import InputError, NotFound
from eval.choosing import choose
from eval.home import home_of
from eval.runs import Item, Outcome, digest_of, perform
from eval.suites import SUITES, Suite, Task, Where, suite_named
from eval.systems import ABLATIONS, Setup, System, open_system
from eval.where import REPORTS
from service import screen
from service.commands.output import HELP
from service.faults import STOPPED, guarded
from service.settings import Secret, Settings

if TYPE_CHECKING:
    from service.cli import Context

RUNS = Path("runs")
ALL = "all"
KEY = "WENHENG_EVAL_KEY"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tasks of a suite are run."""

    split: str = ""
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    limit: int | None = None


@click.command(context_settings=HELP)
@click.argument("suites", nargs=-1, required=True, metavar="SUITE...")
@click.option(
    "--system",
    "name",
    default="product",
    show_default=True,
    help="评测哪个系统：产品、基线、接口，或 python:包.模块:函数",
)
@click.option(
    "--without",
    type=click.Choice([name.removeprefix("no-") for name in ABLATIONS]),
    help="产品去掉这一部分（消融）",
)
@click.option("--url", default="", help="OpenAI 兼容接口的地址；密钥取自环境变量 WENHENG_EVAL_KEY")
@click.option("--model", default="", help="接口上的模型名")
@click.option(
    "--context",
    "material",
    type=click.Choice(["none", "passages", "whole"]),
    default="none",
    show_default=True,
    help="--system endpoint 时随问题给出的材料",
)
@click.option("--split", default="", help="只做这一组：dev、test、samples …")
@click.option("--kind", "kinds", multiple=True, help="只做这类题，可重复")
@click.option("--ids", default="", help="只做这些题，逗号分隔")
@click.option("--limit", type=click.IntRange(1), help="至多几题，各类均匀选取")
@click.option("--cases", type=click.Path(path_type=Path), help="评测题文件或文件夹（默认是随附的题）")
@click.option(
    "--reports",
    multiple=True,
    type=click.Path(path_type=Path),
    help="原始报告所在文件夹，可重复（默认是随附的虚构样例）",
)
@click.option(
    "--home", type=click.Path(path_type=Path), help="已入库的数据文件夹（默认用 --reports 另建一个）"
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="逐题结果（默认写入 runs/）"
)
@click.pass_obj
@guarded
def run(
    context: Context,
    suites: tuple[str, ...],
    name: str,
    without: str | None,
    url: str,
    model: str,
    material: str,
    split: str,
    kinds: tuple[str, ...],
    ids: str,
    limit: int | None,
    cases: Path | None,
    reports: tuple[Path, ...],
    home: Path | None,
    out: Path | None,
) -> None:
    """逐题运行一套或几套评测，每题一行 JSON；中断后运行同一条命令会接着做。

    SUITE 为 retrieval、answers、refusals、injection、summaries、drafts、memos、figures，或 all（全部）。
    """
    wanted = tuple(SUITES.values()) if ALL in suites else tuple(map(suite_named, suites))
    if out is not None and len(wanted) > 1:
        raise InputError("几套评测不能写进同一个文件", where="--out", remedy="请去掉 --out，或一次只做一套")
    if without and name != "product":
        raise InputError("--without 只用于产品", where=name, remedy="请去掉 --system 或 --without")
    choice = Choice(split, kinds, tuple(part.strip() for part in ids.split(",") if part.strip()), limit)
    where = Where(reports or REPORTS, cases)
    chosen = {suite.name: tasks_of(suite, where, choice) for suite in wanted}  # before any model is loaded
    settings = setup_of(context.settings, reports, home, (url, model, material))
    with opened(f"no-{without}" if without else name, settings) as system:
        for suite in wanted:
            measure(suite, chosen[suite.name], system, out or file_of(suite, system))


def tasks_of(suite: Suite, where: Where, choice: Choice) -> tuple[Task, ...]:
    """The chosen tasks that can be run here; says how many cannot.

    Raises:
        NotFound: none can.
    """
    every = suite.cases(where)
    absent = [task for task in every if task.absent]
    tasks = choose(every, split=choice.split, kinds=choice.kinds, ids=choice.ids, limit=choice.limit)
    if absent and where.reports != REPORTS:
        first = absent[0]
        screen.err.print(
            f"{suite.name}：跳过 {len(absent)} 题，如 {first.id}：{first.absent}",
            markup=False,
            soft_wrap=True,
        )
    if not tasks:
        why = f"；{absent[0].id}：{absent[0].absent}" if absent else ""
        raise NotFound(
            f"{suite.name} 没有可做的题（共 {len(every)} 题{why}）",
            remedy="请检查 --split、--kind、--ids，并用 --reports 指出题目所依据的报告",
        )
    return tasks


def setup_of(
    settings: Settings, reports: Sequence[Path], home: Path | None, endpoint: tuple[str, str, str]
) -> Setup:
    """The setup of a system over a data folder, made of the reports where none is given."""
    url, model, material = endpoint
    library = home or home_of(reports or REPORTS, settings, RUNS / "homes")
    return Setup(
        home=library,
        url=url,
        key=Secret(os.environ.get(KEY, "")),
        model=model,
        context=material,
        cache=RUNS / "systems",
    )


@contextmanager
def opened(name: str, setup: Setup) -> Iterator[System]:
    """A system that is closed at the end."""
    system = open_system(name, setup)
    try:
        yield system
    finally:
        system.close()


def file_of(suite: Suite, system: System) -> Path:
    """The file of a run that is not told where to write: another signature is another file."""
    name = system.name.replace(":", "-").replace("/", "-")
    return RUNS / f"{suite.name}-{name}-{digest_of(dict(system.signature()))[:8]}.jsonl"


def measure(suite: Suite, tasks: Sequence[Task], system: System, out: Path) -> Outcome:
    """Run with a bar that tells how long it will take."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("还需"), TimeRemainingColumn(),
    )  # fmt: skip
    finished = 0
    with Progress(*columns, console=screen.err, disable=not screen.err.is_terminal) as progress:
        bar = progress.add_task(suite.name, total=len(tasks))

        def after(task: Task, item: Item, taken: bool) -> None:
            nonlocal finished
            finished += 1
            # what was there already took no time: it must not enter the estimate
            progress.update(bar, completed=finished, description=f"{suite.name} {task.id}")
            if item["error"] and not taken:
                screen.err.print(f"{task.id} 出错：{item['error'][:200]}", markup=False, soft_wrap=True)

        try:
            done = perform(suite, tasks, system, out, after=after)
        except KeyboardInterrupt:
            screen.err.print(
                f"已停止：完成 {finished}/{len(tasks)} 题，都在 {out} 里；运行同一条命令会接着做",
                markup=False,
                soft_wrap=True,
            )
            raise SystemExit(STOPPED) from None
    failed = f"，其中 {done.errors} 题出错（计为答错，再次运行会重做）" if done.errors else ""
    screen.out.print(
        f"{suite.name}：做了 {done.asked} 题{failed}，沿用 {done.taken} 题，结果在 {out}",
        markup=False,
        soft_wrap=True,
    )
    return done
