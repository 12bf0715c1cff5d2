"""Copies of reports: what was merged, by code or by hand, and back (重复报告)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import ConfigDict, Field

from service.accounts.caller import MAIN, Role
from service.http.app_parts import InHouse, Where, Who
from service.http.shapes import DuplicateOut, Shape

router = APIRouter(prefix="/api/v1/duplicates", tags=["reports"])

Id = Annotated[str, Path(max_length=60, description="报告的编号", examples=["1f3a5c7e9b2d"])]


class Merge(Shape):
    """A copy and the report that it is to be merged into."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"copy_id": "1f3a5c7e9b2d", "kept_id": "9b2d1f3a5c7e"}]},
    )
    copy_id: str = Field(max_length=60)
    kept_id: str = Field(max_length=60)


@router.get("")
def duplicates(who: Who, house: InHouse, collection: Where = MAIN) -> list[DuplicateOut]:
    """Merged copies; they are neither searched nor counted."""
    return [DuplicateOut.of(one) for one in house.desk(who, collection).duplicates()]


@router.post("")
def merge(
    given: Annotated[Merge, Body()], who: Who, house: InHouse, collection: Where = MAIN
) -> list[DuplicateOut]:
    """Merge a report into another one of the same place and year."""
    desk = house.desk(who, collection, Role.WRITER)
    desk.merge(given.copy_id, given.kept_id)
    house.accounts.log.write(who, "edit", collection, given.copy_id, "merge")
    return [DuplicateOut.of(one) for one in desk.duplicates()]


@router.delete("/{report_id}")
def unmerge(report_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> list[DuplicateOut]:
    """Make a merged copy a report of its own again."""
    desk = house.desk(who, collection, Role.WRITER)
    desk.unmerge(report_id)
    house.accounts.log.write(who, "edit", collection, report_id, "unmerge")
    return [DuplicateOut.of(one) for one in desk.duplicates()]
