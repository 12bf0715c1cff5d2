"""Commands that other packages bring along, found by entry points of the group ``wenheng.commands``.

In: the entry points of what is installed. Out: commands of ``wenheng`` beside its own, each loaded when it is named,
so that the product never imports its harness (see docs/adr/008-eval-through-an-entry-point.md). What cannot be loaded
is told when it is called and breaks no other command.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

import click

from corpus.errors import WenhengError
from service.faults import Commands, guarded

GROUP = "wenheng.commands"


@cache
def found() -> dict[str, EntryPoint]:
    """The entry points by the name of their command."""
    return {point.name: point for point in entry_points(group=GROUP)}


class Extensible(Commands):
    """The group of all commands, those of other packages behind its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of ``--help``."""
        return sorted({*super().list_commands(ctx), *found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """An own command, or one that is loaded now."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in found():
            return own
        try:
            loaded = found()[cmd_name].load()
        except Exception as error:  # whatever another package does at import
            return absent(cmd_name, error)
        return loaded if isinstance(loaded, click.Command) else absent(cmd_name, TypeError(cmd_name))


def absent(name: str, error: Exception) -> click.Command:
    """A command that says why it cannot be had."""

    @click.command(name, help="（没有装好）", context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1)
    @guarded
    def tell(rest: tuple[str, ...]) -> None:
        raise WenhengError(
            f"命令 {name} 装载失败（{type(error).__name__}: {error}）", remedy="请重新安装 wenheng 及其依赖"
        )

    return tell
