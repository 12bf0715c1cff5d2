"""``wenheng serve``: the service with its web page, on one port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import screen, screen_models
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context
    from service.house import Readiness

NAMES = {"library": "资料库", "embedding": "向量模型", "chat": "语言模型"}


@click.command("serve", context_settings=HELP)
@click.option("--host", metavar="ADDRESS", help="监听的地址，默认 127.0.0.1（只有本机能用）")
@click.option("--port", type=click.IntRange(0, 65535), help="端口，默认 8788；0 为任选一个空闲的")
@click.option("--users", is_flag=True, help="须登录才能用（监听非本机地址时必须）；用户见 wenheng users")
@click.option("--open", "browse", is_flag=True, help="在浏览器中打开网页")
@click.pass_obj
@guarded
def command(context: Context, host: str | None, port: int | None, users: bool, browse: bool) -> None:
    """启动服务：网页、HTTP 接口和聊天客户端共用一个端口。按 Ctrl-C 停止，进行中的任务会保存。"""
    from service.http.server import Door, Telling, check, serve

    settings = context.settings
    door = Door(host or settings.host, settings.port if port is None else port, users)
    check(settings, door)
    screen_models.fetch_missing(settings)

    def listening(address: str) -> None:
        click.echo(f"文衡已启动：{address}（按 Ctrl-C 停止）")
        click.echo("正在载入模型……")
        if browse:
            import webbrowser

            webbrowser.open(address)

    serve(settings, door, Telling(listening, _ready))
    click.echo("已停止。")


def _ready(told: Readiness) -> None:
    if told.ready:
        click.echo("已就绪，可以提问。")
    for part in told.parts:
        if part.state == "failed":
            screen.error(f"{NAMES.get(part.name, part.name)}不能使用：{part.detail}")
