"""Reports: upload, list, read, edit, remove and bring back (报告)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from corpus.errors import InputError
from service.accounts.caller import MAIN, Caller, Role
from service.desk import Desk
from service.house import House
from service.http import events
from service.http.app_parts import InHouse, Where, Who
from service.http.filters import Wanted
from service.http.paging import Cursor, Limit, Page, mark, place
from service.http.shapes import (
    JobOut,
    RemovedOut,
    RepairOut,
    ReportCard,
    ReportOut,
    Shape,
    SpanOut,
    TextOut,
)
from service.http.uploads import Bounds, receive
from service.raw import raw_view
from service.work import idempotency
from service.work.jobs import INPUTS, Job
from service.work.taking_in import KIND

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

Id = Annotated[str, Path(max_length=60, description="报告的编号，或它唯一的开头", examples=["1f3a5c7e9b2d"])]
Key = Annotated[
    str | None,
    Header(alias=idempotency.HEADER, description="同一个键和同样的文件只入库一次", examples=[None]),
]
Offset = Annotated[int, Query(ge=0, le=1 << 31)]
LONGEST_WINDOW = 50_000  # characters
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                        }
                    },
                }
            }
        },
    }
}


# -- taking in --------------------------------------------------------------------------------------


@router.post("", status_code=202, openapi_extra=_FORM)
async def upload(
    request: Request, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Take in files (docx, pdf, html, txt, md, doc) as a job; its result names what failed, and why."""
    key = idempotency.checked(key)
    await events.briefly(lambda: house.desk(who, collection, Role.WRITER))
    settings = house.settings
    bounds = Bounds(settings.upload_files, settings.upload_mb << 20)
    job_id = house.jobs.reserve()
    try:
        received = await receive(request, house.jobs.folder_of(job_id) / INPUTS, bounds)
        if not received.files:
            raise InputError("没有收到文件", where="files", remedy="请把每个文件放在表单的 files 字段")
    except BaseException:
        house.jobs.release(job_id)
        raise

    def submit() -> Job:
        files = [{"file": one.path.name, "name": one.name} for one in received.files]
        asked = [[one.name, one.sha256] for one in received.files]
        job = house.jobs.submit(who, collection, KIND, {"files": files}, key=key, asked=asked, job_id=job_id)
        house.accounts.log.write(who, "upload", collection, job.id, f"{len(files)}个文件")
        return job

    return JobOut.of(await events.briefly(submit))


# -- reading ----------------------------------------------------------------------------------------


@router.get("")
def reports(
    who: Who,
    house: InHouse,
    wanted: Wanted,
    merged: Annotated[bool, Query(description="也列出已合并的重复报告")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
    collection: Where = MAIN,
) -> Page[ReportCard]:
    """The reports that match, by place, year and file name."""
    seen = place(cursor, str)
    cards = house.desk(who, collection).cards(wanted, merged=merged)
    first = 0
    if seen is not None:
        first = next((n for n, card in enumerate(cards, 1) if card.id == seen[0]), -1)
        if first < 0:
            raise InputError("上一页的最后一份报告已不在列表中", where="cursor", remedy="请从第一页重新开始")
    shown = cards[first : first + limit]
    more = first + limit < len(cards)
    return Page(items=[ReportCard.of(card) for card in shown], next=mark(shown[-1].id) if more else None)


@router.get("/removed")
def removed(who: Who, house: InHouse, collection: Where = MAIN) -> list[RemovedOut]:
    """Reports that can be restored, the last removed first."""
    return [RemovedOut.of(one) for one in house.desk(who, collection, Role.WRITER).removed()]


@router.get("/{report_id}")
def report(report_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> ReportOut:
    """One report: its card, metadata with where each piece was read, outline."""
    return _report(house.desk(who, collection), report_id)


def _report(desk: Desk, report_id: str) -> ReportOut:
    found = desk.report(report_id)
    (card,) = desk.cards_of([found.id])
    return ReportOut.of(card, found)


@router.get("/{report_id}/text")
def text(
    report_id: Id,
    who: Who,
    house: InHouse,
    start: Offset = 0,
    end: Annotated[int | None, Query(ge=0, le=1 << 31, description="不给则到文末，至多 50000 字")] = None,
    collection: Where = MAIN,
) -> TextOut:
    """A window of the cleaned text, with the stretches that stayed damaged."""
    found = house.desk(who, collection).report(report_id)
    low, high = _window(start, end, len(found.text))
    damages = [SpanOut.of(one) for one in found.damages if one.start < high and one.end > low]
    return TextOut(text=found.text[low:high], start=low, end=high, total=len(found.text), damages=damages)


@router.get("/{report_id}/raw")
def raw(
    report_id: Id,
    who: Who,
    house: InHouse,
    start: Annotated[Offset, Query(description="在清洗后正文中的位置")] = 0,
    end: Annotated[int | None, Query(ge=0, le=1 << 31)] = None,
    around: Annotated[int, Query(ge=0, le=20_000, description="前后各看多少字")] = 500,
    collection: Where = MAIN,
) -> TextOut:
    """What stood in the file before any repair, around a span of the cleaned text; personal data is masked."""
    desk = house.desk(who, collection)
    found = desk.report(report_id)
    low, high = _window(start, end, len(found.text))
    view = raw_view(desk.library, found, low, high)
    first, last = max(0, view.start - around), min(len(view.text), view.end + around)
    return TextOut(
        text=view.text[first:last],
        start=first,
        end=last,
        total=len(view.text),
        marked=SpanOut(start=view.start, end=view.end),
    )


def _window(start: int, end: int | None, size: int) -> tuple[int, int]:
    """The part of a text that is shown.

    Raises:
        InputError: it would end before it begins.
    """
    if end is not None and end < start:
        raise InputError("窗口的终点在起点之前", where="end", remedy="end 应不小于 start")
    low = min(start, size)
    return low, min(size, low + LONGEST_WINDOW if end is None else min(end, low + LONGEST_WINDOW))


@router.get("/{report_id}/repairs")
def repairs(
    report_id: Id,
    who: Who,
    house: InHouse,
    limit: Limit = 50,
    cursor: Cursor = None,
    collection: Where = MAIN,
) -> Page[RepairOut]:
    """What the repair changed, in the order of the raw text."""
    seen = place(cursor, int)
    first = int(seen[0]) if seen else 0
    if first < 0:
        raise InputError("翻页标记不能用", where="cursor", remedy="请从第一页重新开始")
    found = house.desk(who, collection).report(report_id).repairs
    shown = [
        RepairOut(
            kind=str(one.kind),
            start=one.start,
            end=one.end,
            before=one.before,
            after=one.after,
            note=one.note,
        )
        for one in found[first : first + limit]
    ]
    return Page(items=shown, next=mark(first + limit) if first + limit < len(found) else None)


# -- changing ---------------------------------------------------------------------------------------


class Change(Shape):
    """Edits of the metadata; "" says that a piece is unknown, ``reset`` takes edits back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"year": "2022", "reset": ["place"]}]}
    )
    title: str | None = Field(None, max_length=200)
    place: str | None = Field(None, max_length=200)
    issuer: str | None = Field(None, max_length=200)
    year: str | None = Field(None, max_length=10)
    period: str | None = Field(None, max_length=200)
    genre: str | None = Field(None, max_length=40)
    number: str | None = Field(None, max_length=200)
    date: str | None = Field(None, max_length=20)
    reset: list[Annotated[str, Field(max_length=20)]] = Field([], max_length=20)


@router.patch("/{report_id}")
def change(
    report_id: Id, given: Annotated[Change, Body()], who: Who, house: InHouse, collection: Where = MAIN
) -> ReportOut:
    """Put the metadata right; edits outlive a new ingest."""
    desk = house.desk(who, collection, Role.WRITER)
    full = desk.library.full_id(report_id)
    changes: dict[str, str | None] = dict.fromkeys(given.reset)
    changes |= {
        name: value
        for name in Change.model_fields
        if name != "reset" and (value := getattr(given, name)) is not None
    }
    desk.edit_all(full, changes)
    house.accounts.log.write(who, "edit", collection, full, "、".join(changes))
    return _report(desk, full)


@router.delete("/{report_id}", status_code=204)
def remove(
    report_id: Id,
    who: Who,
    house: InHouse,
    forever: Annotated[bool, Query(description="彻底删除，不能恢复")] = False,
    collection: Where = MAIN,
) -> Response:
    """Remove a report; it can be restored for a while, unless it is to go for ever."""
    desk = house.desk(who, collection, Role.WRITER)
    gone = _removed(desk, report_id, forever=forever)
    _noted(house, who, collection, gone, "forever" if forever else "")
    return Response(status_code=204)


def _removed(desk: Desk, report_id: str, *, forever: bool) -> tuple[str, ...]:
    """Remove one; with ``forever`` also one that waits to be restored."""
    if forever and report_id in {one.id for one in desk.removed()}:
        desk.forget_removed([report_id])
        return (report_id,)
    return desk.remove([report_id], undoable=not forever)


def _noted(house: House, who: Caller, collection: str, ids: tuple[str, ...], detail: str) -> None:
    for one in ids:
        house.accounts.log.write(who, "delete", collection, one, detail)


@router.post("/{report_id}/restore")
def restore(report_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> ReportOut:
    """Bring a removed report back, with its edits."""
    desk = house.desk(who, collection, Role.WRITER)
    desk.restore(report_id)
    house.accounts.log.write(who, "restore", collection, report_id, "")
    return _report(desk, report_id)
