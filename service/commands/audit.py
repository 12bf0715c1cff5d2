"""``wenheng audit``: recompute what a report or a draft claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.report import Report
from service import screen
from service.audit.checks import audit as recompute
from service.audit.document import Audited, as_document
from service.audit.reading import Reading
from service.commands.output import HELP, deliver, outputs
from service.commands.source import opened, year_before
from service.desk import Desk
from service.faults import guarded

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
        reports = opened(desk, source)
        audited = tuple(_audited(desk, report) for report in reports)
        texts = {report.id: report for one in audited for report in (one.report, one.earlier) if report}
        deliver(as_document(audited), out, as_json, force=force, open_report=lambda name: texts[name])
    if not as_json:
        for one in audited:
            _count(one)


def _audited(desk: Desk, report: Report) -> Audited:
    earlier = year_before(desk, report)
    return Audited(report, recompute(report, earlier), earlier)


def _count(one: Audited) -> None:
    """How much was read, on the screen only: it counts the text, and is no figure of the report."""
    sentences, figures = len(Reading(one.report).sentences), len(one.report.figures)
    screen.out.print(f"共核对{sentences}句中的{figures}个数值，发现{len(one.findings)}处问题", soft_wrap=True)
