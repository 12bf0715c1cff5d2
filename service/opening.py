"""The text that something is asked about: a file, or a report of the library (稿件或报告).

In: a path, an id, or what a user typed for REPORT|FILE. Out: its reports, parsed as they would be at ingest, and the
review of the year before that they can be held against. Only the command line takes a path from a user
(:func:`opened`); the other doors hand over a file that they stored themselves, or an id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus import readers
from corpus.errors import InputError, NotFound, UnreadableFile
from corpus.parse import parse
from corpus.report import PLANS, Filter, RawDocument, Report
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
        return of_file(path, source)
    try:
        return (desk.report(source),)
    except NotFound as error:
        raise NotFound(
            "没有这个文件，库里也没有这个编号的报告",
            where=source,
            remedy="请核对文件路径，或用 wenheng reports 查看报告编号",
        ) from error


def of_file(path: Path, where: str) -> tuple[Report, ...]:
    """The reports in a file; ``where`` is how messages call it.

    Raises:
        UnreadableFile: the file cannot be read, or holds no text.
    """
    found = parse(readers.read(path))
    if not any(report.text.strip() for report in found):
        raise UnreadableFile("文件里没有正文", where=where, remedy="请确认文件内容后重试")
    return found


@contextmanager
def called(path: Path, name: str) -> Iterator[None]:
    """Errors about a file of ours that call it as its sender does; where it lies is nobody's business."""

    def said(text: str) -> str:
        return text.replace(str(path), name).replace(path.name, name)

    try:
        yield
    except InputError as error:
        raise type(error)(said(error.message), where=said(error.where), remedy=said(error.remedy)) from error


def of_text(text: str, name: str) -> tuple[Report, ...]:
    """The reports in a text that is handed over as it is.

    Raises:
        UnreadableFile: there is no text in it.
    """
    data = text.encode("utf-8", "replace")
    found = parse(RawDocument(name, hashlib.sha256(data).hexdigest(), len(data), "txt", data.decode()))
    if not any(report.text.strip() for report in found):
        raise UnreadableFile("没有正文", where=name, remedy="请给出要校对的文字")
    return found


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
