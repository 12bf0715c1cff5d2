"""Comparison memos: places, years or reports side by side (对比备忘录)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from corpus.errors import InputError
from service.accounts.caller import MAIN
from service.http.app_parts import InHouse, Where, Who
from service.http.forms import Key
from service.http.shapes import JobOut, Shape
from service.memo.columns import Request, plan
from service.work import idempotency

router = APIRouter(prefix="/api/v1/memos", tags=["memos"])

_Name = Annotated[str, Field(min_length=1, max_length=100)]


class MemoIn(Shape):
    """What is to be compared: places and years, or reports."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"places": ["澄河县"], "years": [2021, 2022], "indicators": ["家庭医生签约率"]}]
        },
    )
    places: list[_Name] = Field([], max_length=60)
    years: list[Annotated[int, Field(ge=1900, le=2200)]] = Field([], max_length=20)
    reports: list[_Name] = Field([], max_length=60, description="报告编号；与地区、年份不能同时给出")
    indicators: list[_Name] = Field([], max_length=100)
    narrative: bool = Field(True, description="主要发现是否由语言模型成文")


@router.post("", status_code=202)
def compare(given: MemoIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None) -> JobOut:
    """Compare as a job; its result is the document (tables, warnings, charts), its files are Word and Markdown."""
    key = idempotency.checked(key)
    if given.reports and (given.places or given.years):
        raise InputError("报告编号和地区、年份不能同时给出", where="reports", remedy="请只用其中一种")
    desk = house.desk(who, collection)
    ids = tuple(desk.library.full_id(report) for report in given.reports)
    years = tuple(sorted(set(given.years)))
    plan(Request(tuple(given.places), years, ids), desk.cards())  # what cannot be is said at once
    payload = given.model_dump(mode="json") | {"reports": list(ids), "years": list(years)}
    job = house.jobs.submit(who, collection, "memo", payload, key=key)
    house.accounts.log.write(who, "memo", collection, job.id)
    return JobOut.of(job)
