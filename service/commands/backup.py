"""``wenheng backup``: the data folder in one file, also while the service runs."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.files import shown
from service import screen
from service.commands.acting import note
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context

ANY_PATH = click.Path(path_type=Path, readable=False)


@click.command(context_settings=HELP)
@click.argument("file", type=ANY_PATH)
@click.option("--vectors", is_flag=True, help="连同向量一起备份，恢复后不必重新计算")
@click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def backup(context: Context, file: Path, vectors: bool, force: bool, as_json: bool) -> None:
    """把整个数据文件夹备份成一个文件（.zip），服务运行时也可以。

    包括资料库、原件、会话、稿子、用户和后台任务；写完后重新读一遍核对。向量、日志和锁不在其中。
    """
    from service.keeping.backup import back_up
    from service.models.progress import bars
    from service.models.store import silent

    quiet = as_json or not screen.err.is_terminal
    with nullcontext(silent) if quiet else bars(screen.err) as progress:
        done = back_up(
            context.settings.home,
            file,
            vectors=vectors,
            force=force,
            tick=lambda done, total: progress("备份", done, total),
        )
    made = done.manifest
    note(context.settings.home, "backup", f"reports={sum(made.reports.values())} bytes={done.size}")
    if as_json:
        row = {
            "file": shown(done.path), "bytes": done.size, "sha256": done.sha256, "made_at": made.made_at,
            "reports": sum(made.reports.values()), "files": len(made.members), "missing": list(made.missing),
        }  # fmt: skip
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    screen.out.print(
        f"已备份到 {shown(done.path)}（{done.size / 2**20:.1f} MB）：报告{sum(made.reports.values())}份、"
        f"资料库{len(made.reports)}个、文件{len(made.members)}个，已核对。\nsha256 {done.sha256}",
        soft_wrap=True,
        markup=False,
    )
    if made.missing:
        screen.err.print(
            f"注意：有{len(made.missing)}份原件在备份之前就已缺失，其报告仍可查阅；详见 wenheng doctor",
            style="yellow",
        )
