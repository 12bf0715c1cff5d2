"""Search: passages for a query inside a filter (检索)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from corpus.report import Filter
from service.accounts.caller import MAIN
from service.http.app_parts import InHouse, Where, Who
from service.http.filters import Wanted
from service.http.shapes import HitOut, Shape

router = APIRouter(prefix="/api/v1", tags=["search"])


class Found(Shape):
    """What was found; ``there_is`` says what the library has where nothing was."""

    items: list[HitOut]
    there_is: str = Field("", description="没有找到时：库中现有的地方和年份")


@router.get("/search")
def search(
    who: Who,
    house: InHouse,
    wanted: Wanted,
    q: Annotated[str, Query(min_length=1, max_length=500, description="检索词", examples=["家庭医生签约率"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    collection: Where = MAIN,
) -> Found:
    """The best passages, by meaning and by words."""
    desk = house.desk(who, collection)
    hits = desk.search(q, wanted, limit)
    house.accounts.log.asked(who, collection, q, "search")
    ids = tuple({hit.passage.report_id for hit in hits})
    cards = {card.id: card for card in desk.cards(Filter(report_ids=ids))} if ids else {}
    items = [
        HitOut.of(rank, hit, cards[hit.passage.report_id])
        for rank, hit in enumerate(hits, 1)
        if hit.passage.report_id in cards  # removed meanwhile
    ]
    return Found(items=items, there_is="" if items else desk.describe())
