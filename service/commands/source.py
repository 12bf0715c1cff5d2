"""The text that a command is about: a file, or a report of the library (稿件或报告).

In: what the user typed for REPORT|FILE. Out: its reports, parsed as they would be at ingest, and the review of the year
before that they can be held against.
"""

from __future__ import annotations

from pathlib import Path

from corpus import readers
from corpus.errors import NotFound, UnreadableFile
from corpus.parse import parse
from corpus.report import PLANS, Filter, Report
from service.desk import Desk


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
