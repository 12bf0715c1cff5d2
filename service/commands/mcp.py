"""``wenheng mcp``: the tools for an assistant on this machine, over standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context


@click.command("mcp", context_settings=HELP)
@click.pass_obj
@guarded
def command(context: Context) -> None:
    """工具服务（MCP，标准输入输出）：供本机的 AI 助手查找、提问、查数、对比、总结、起草、校对。

    在助手的设置中把命令写成 wenheng，参数写成 mcp（可加 --home 数据文件夹）。要供别的机器使用，请用 wenheng serve
    的 /mcp 地址和密钥。
    """
    from service.desk import Desk
    from service.mcp.seats import OwnSeat
    from service.mcp.server import build
    from service.work.models import Models

    models = Models(context.settings)
    try:
        with Desk(context.settings, embedder=models.embedder) as desk:
            models.start()
            build(OwnSeat(desk, models)).run("stdio")
    finally:
        models.close()
