"""``wenheng restore``: a backup back into the data folder, checked first, and undone with ``--undo``."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import InputError
from corpus.files import shown
from service import screen
from service.commands.acting import note
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context
    from service.keeping.archive import Manifest

ANY_PATH = click.Path(path_type=Path, readable=False)


@click.command(context_settings=HELP)
@click.argument("file", type=ANY_PATH, required=False)
@click.option("--home", type=ANY_PATH, metavar="DIRECTORY", help="恢复到哪个数据文件夹（默认为当前的）")
@click.option("--dry-run", is_flag=True, help="只核对备份，不改动任何内容")
@click.option("--list", "listing", is_flag=True, help="核对并列出备份中的文件")
@click.option("--undo", is_flag=True, help="撤销上一次恢复，换回原来的内容")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def restore(
    context: Context,
    file: Path | None,
    home: Path | None,
    dry_run: bool,
    listing: bool,
    undo: bool,
    as_json: bool,
) -> None:
    """从备份恢复数据文件夹；先逐字节核对，原来的内容另存，可以撤销。

    恢复前请停止服务。比本程序新的备份、损坏或不安全的备份会被拒绝，现有内容不动。
    """
    from service.keeping import restoring
    from service.models.progress import bars
    from service.models.store import silent

    where = (home or context.settings.home).expanduser().absolute()
    if undo or file is None:
        if not undo or file is not None:
            raise InputError(
                "缺少备份文件" if file is None else "--undo 不需要备份文件",
                remedy="用法：wenheng restore 备份.zip，或 wenheng restore --undo",
            )
        aside = restoring.undo(where, server=context.settings.chroma)
        note(where, "restore", "undo")
        screen.out.print(
            f"已换回恢复之前的内容；刚才的内容保存在 {shown(aside)}。", soft_wrap=True, markup=False
        )
        return
    quiet = as_json or not screen.err.is_terminal
    with nullcontext(silent) if quiet else bars(screen.err) as progress:
        if dry_run or listing:
            made = restoring.inspect(file, lambda done, total: progress("核对", done, total))
            lines = tuple(_told(made, listing))
        else:
            done = restoring.restore(
                where,
                file,
                lambda done, total: progress("恢复", done, total),
                server=context.settings.chroma,
            )
            made, lines = done.manifest, restoring.says_next(done)
            note(where, "restore", f"made_at={made.made_at} reports={sum(made.reports.values())}")
    if as_json:
        click.echo(json.dumps(asdict(made), ensure_ascii=False))
        return
    for line in lines:
        screen.out.print(line, soft_wrap=True, markup=False)


def _told(made: Manifest, listing: bool) -> list[str]:
    """What a backup holds."""
    lines = [
        f"备份完好，制作于 {made.made_at}，{made.program}：报告{sum(made.reports.values())}份、"
        f"资料库{len(made.reports)}个、文件{len(made.members)}个，展开后 {made.size / 2**20:.1f} MB；"
        f"{'含' if made.vectors else '不含'}向量。"
    ]
    if made.missing:
        lines.append(f"备份时已缺失的原件{len(made.missing)}份。")
    if listing:
        lines += [f"{member.size:>12}  {name}" for name, member in sorted(made.members.items())]
    return lines
