"""``wenheng audit``: recompute what a report or a draft claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus import readers
from corpus.errors import NotFound, UnreadableFile
from corpus.parse import parse
from corpus.report import Filter, Genre, Report
from service import screen
from service.audit.checks import audit as recompute
from service.audit.document import Audited, as_document
from service.audit.reading import Reading
from service.commands.output import HELP, deliver, outputs
from service.desk import Desk
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context

PLANS = frozenset({Genre.PLAN, Genre.KEY_POINTS})


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


def opened(desk: Desk, source: str) -> tuple[Report, ...]:
    """The report of the library with this id, or the reports in this file.

    Raises:
        NotFound: it is neither a file nor an id.
        UnreadableFile: the file cannot be read, or holds no text.
    """
    path = Path(source)
    named = path.suffix.lower() in readers.SUFFIXES or len(path.parts) > 1
    if source.strip() and (path.exists() or named):
        found = parse(readers.read(path))
        if not any(report.text.strip() for report in found):
            raise UnreadableFile("文件里没有正文", where=source, remedy="请确认文件内容后重试")
        return found
    try:
        return (desk.report(source),)
    except NotFound as error:
        raise NotFound(
            "没有这个文件，库里也没有这个编号的报告",
            where=source,
            remedy="请核对文件路径，或用 wenheng reports 查看报告编号",
        ) from error


def _audited(desk: Desk, report: Report) -> Audited:
    earlier = year_before(desk, report)
    return Audited(report, recompute(report, earlier), earlier)


def year_before(desk: Desk, report: Report) -> Report | None:
    """The review of the same place, issuer and period of the year before, where the library has one."""
    told = report.metadata
    if not told.place or not told.year_number or told.genre in PLANS:
        return None
    wanted = Filter(places=(told.place.value,), years=(told.year_number - 1,))
    issuer = told.issuer.value if told.issuer else None
    period = told.period.value if told.period else None
    fits = [
        card
        for card in desk.cards(wanted)
        if card.genre not in PLANS and card.period == period and card.id != report.id
    ]
    best = [card for card in fits if card.genre is told.genre and card.issuer == issuer] or [
        card for card in fits if card.genre is told.genre or card.issuer == issuer
    ]
    return desk.report(best[0].id) if best else None


def _count(one: Audited) -> None:
    """How much was read, on the screen only: it counts the text, and is no figure of the report."""
    sentences, figures = len(Reading(one.report).sentences), len(one.report.figures)
    screen.out.print(f"共核对{sentences}句中的{figures}个数值，发现{len(one.findings)}处问题", soft_wrap=True)
