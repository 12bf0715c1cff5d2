"""``wenheng audit``: recompute what a report or a draft claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import screen
from service.commands.output import HELP, deliver, outputs
from service.faults import guarded
from service.making import audit as recomputed
from service.opening import opened

if TYPE_CHECKING:
    from service.cli import Context


@click.command(context_settings=HELP)
@click.argument("source", metavar="REPORT|FILE")
@outputs
@click.pass_obj
@guarded
def audit(context: Context, source: str, out: Path | None, as_json: bool, force: bool) -> None:
    """核对一份报告里的数：占比、合计、增减、倍数、前后不一、与上一年是否相符。

    REPORT 是库中报告的编号（见 wenheng reports）；FILE 是还没有入库的稿件（docx、pdf、html、txt、md）。
    """
    with context.desk() as desk:
        made = recomputed(desk, opened(desk, source))
        deliver(made.document, out, as_json, force=force, open_report=made.open_report)
    if not as_json:
        for told in made.told:
            screen.out.print(told, soft_wrap=True)
