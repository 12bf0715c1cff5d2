"""The audit log, for administrators (审计日志)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from corpus.errors import Forbidden
from service.accounts.caller import Caller, Role
from service.accounts.log import ACTIONS, Wanted
from service.http import paging
from service.http.app_parts import InHouse
from service.http.guard import Known
from service.http.paging import Cursor, Limit, Page, place

router = APIRouter(prefix="/api/v1", tags=["日志"])

_DAY = "日期或时间，如 2026-01-31"


class EntryOut(BaseModel):
    """One row; a question is told by its length and a fingerprint, never by its text."""

    number: int
    at: str
    person_id: str
    name: str
    via: str
    action: str = Field(description="、".join(f"{code} {name}" for code, name in ACTIONS.items()))
    collection: str
    target: str
    detail: str


def wanted(
    action: Annotated[str, Query(max_length=30)] = "",
    person: Annotated[str, Query(max_length=60)] = "",
    collection: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[str, Query(max_length=40, description=_DAY)] = "",
    until: Annotated[str, Query(max_length=40, description=_DAY)] = "",
) -> Wanted:
    """Which rows are asked for."""
    return Wanted(action, person, collection, since, until)


def reader(who: Known) -> Caller:
    """Who may read a log: an administrator of the house or of a collection.

    Raises:
        Forbidden: they are neither.
    """
    if not who.administers and Role.ADMINISTRATOR not in who.grants.values():
        raise Forbidden("日志只有管理员可以看", remedy="请联系管理员")
    return who


Reader = Annotated[Caller, Depends(reader)]
Which = Annotated[Wanted, Depends(wanted)]


@router.get("/log", response_model=Page[EntryOut], summary="查看日志")
def log(
    who: Reader,
    house: InHouse,
    which: Which,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[EntryOut]:
    """A page of the log."""
    before = place(cursor, int)
    rows = house.accounts.log.page(who, which, int(before[0]) if before else None, limit + 1)
    items = [EntryOut.model_validate({name: getattr(row, name) for name in row.__slots__}) for row in rows]
    more = paging.mark(items[limit - 1].number) if len(items) > limit else None
    return Page(items=items[:limit], next=more)


@router.get(
    "/log.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "表格"}},
    summary="导出日志",
)
def table(who: Reader, house: InHouse, which: Which) -> StreamingResponse:
    """The rows as a table for Excel, in which no cell runs as a formula."""
    lines = house.accounts.log.csv(who, which)
    first = next(lines)  # what is wrong with the filter shows before the answer begins
    house.accounts.log.write(who, "log", detail="csv")

    def every() -> Iterator[str]:
        yield first
        yield from lines

    named = {"Content-Disposition": 'attachment; filename="wenheng-log.csv"'}
    return StreamingResponse(every(), media_type="text/csv; charset=utf-8", headers=named)
