"""``wenheng eval public``: a public benchmark over the user's own copy of its data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from corpus.errors import InputError, NotFound
from corpus.files import shown
from eval.public import suite_named
from eval.public.cmrc2018 import Cmrc2018
from eval.public.reading import STUFFED, Apart, Reader, Stuffed, ingest
from eval.public.rgb import TASKS, Rgb
from eval.runs import Item, perform, read_run
from eval.scored import Scored, groups, score_run
from eval.suites.contract import Suite, Task, Where
from eval.systems import Base, Setup, System, open_system
from eval.systems.product import settings_of
from eval.systems.signing import code_hash, model_of
from service import screen
from service.commands.output import HELP
from service.desk import Desk
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context

NAMES = ("cmrc2018", "rgb", "uhgeval")
SYSTEM = {"cmrc2018": "product", "rgb": STUFFED, "uhgeval": "check"}


class Check(Base):
    """The check of numbers, which verifies without answering."""

    def __init__(self) -> None:
        super().__init__("check")

    def signature(self) -> Mapping[str, Any]:
        """Code alone."""
        return {"code": code_hash()}


@click.command("public", context_settings=HELP)
@click.argument("name", type=click.Choice(NAMES))
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, metavar="FILE", help="自己下载的数据文件"
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="逐题结果（.jsonl）"
)
@click.option("--system", help="评测哪个系统（默认：cmrc2018 为 product，rgb 为 documents）")
@click.option("--task", type=click.Choice(TASKS), default="noise", show_default=True, help="RGB 的哪一项")
@click.option("--noise", type=click.FloatRange(0, 1), help="RGB：无关文档所占比例")
@click.option("--limit", type=click.IntRange(1), help="只做前几题")
@click.option("--score", "only_score", is_flag=True, help="不再作答，只按已有结果评分")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def public(
    context: Context,
    name: str,
    data: Path,
    out: Path,
    system: str | None,
    task: str,
    noise: float | None,
    limit: int | None,
    only_score: bool,
    as_json: bool,
) -> None:
    """用公开评测集检验：cmrc2018（检索与简答）、rgb（噪声、拒答、整合、反事实）、uhgeval（数字核对）。

    数据不随本项目提供，格式与下载办法见 eval/public/README.md。中断后再次运行同一命令会接着做；模型取自设置。
    """
    suite = Rgb(task, None if noise is None else Decimal(str(noise))) if name == "rgb" else suite_named(name)
    tasks = suite.cases(Where((), data))
    if not only_score:
        with _opened(suite, system or SYSTEM[name], tasks, out) as opened:
            _perform(suite, tasks[:limit], opened, out)
    elif not out.is_file():
        raise NotFound("没有这份结果，无从评分", where=shown(out), remedy="请去掉 --score，先作答")
    show(score_run(read_run(out), suite, tasks), as_json=as_json)


@contextmanager
def _opened(suite: Suite, name: str, tasks: tuple[Task, ...], out: Path) -> Iterator[System]:
    """The system, over what it is to read."""
    with ExitStack() as stack:
        if isinstance(suite, Rgb):
            shared = stack.enter_context(Desk(settings_of(Setup(home=_work(out)))))
            yield reader(name, shared)
            return
        if not isinstance(suite, Cmrc2018):
            if name != SYSTEM[suite.name]:
                raise InputError(
                    "这项评测只检验数字核对，不能另选系统", where="--system", remedy="请去掉 --system"
                )
            yield Check()
            return
        home = _work(out)
        take_in(home, tasks)
        system = open_system(name, Setup(home=home))
        stack.callback(system.close)
        yield system


def reader(name: str, shared: Desk) -> Reader:
    """What answers RGB: one prompt with all documents, or a system over them."""
    if name == STUFFED:
        return Stuffed(shared.model(), *model_of(shared.settings))
    return Apart(name, Setup(home=shared.settings.home), shared)


def take_in(home: Path, tasks: tuple[Task, ...]) -> None:
    """Make a data folder of all passages of CMRC; what is there already is not read again."""
    folder = home / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    for document in {task.gold.document.name: task.gold.document for task in tasks}.values():
        path = folder / document.name
        if not path.is_file():
            path.write_bytes(document.content.encode())
    screen.err.print("正在把数据中的短文入库…", markup=False)
    with Desk(settings_of(Setup(home=home))) as shared:
        failures = ingest(home, folder, shared).failures
    if failures:
        screen.err.print(f"有 {len(failures)} 篇短文没有入库，如 {failures[0]}", markup=False)


def _work(out: Path) -> Path:
    return out.with_name(out.name + ".home").absolute()


def _perform(suite: Suite, tasks: tuple[Task, ...], system: System, out: Path) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.err, disable=not screen.err.is_terminal) as progress:
        bar = progress.add_task(suite.name, total=len(tasks))

        def after(task: Task, item: Item, taken: bool) -> None:
            progress.update(bar, advance=1)
            if item["error"] and not taken:
                screen.err.print(f"{task.id} 出错：{item['error'][:200]}", markup=False)

        perform(suite, tasks, system, out, after=after)


def show(found: Scored, *, as_json: bool) -> None:
    """The scores: one line a value, one column a kind and one for all together."""
    if as_json:
        told = {"meta": asdict(found.meta), "groups": [asdict(one) for one in groups(found)]}
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    kinds = groups(found)
    table = Table("", *(one.name for one in kinds), title=f"{found.meta.suite}　{found.meta.system}")
    table.add_row("题数", *(str(one.n) for one in kinds))
    table.add_row("正确", *(f"{one.good}/{one.judged}" for one in kinds))
    for name in found.metrics:
        means = (one.means.get(name) for one in kinds)
        table.add_row(name, *("—" if mean is None else f"{mean:.3f}" for mean in means))
    screen.out.print(table)
    if found.left:
        screen.out.print(f"还有 {len(found.left)} 题没有做；再次运行同一命令会接着做。", markup=False)
