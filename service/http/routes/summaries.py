"""Summaries of one report, or of what many have in common, as a job or as a stream (总结)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse

from corpus.report import Filter, Genre
from service import making
from service.accounts.caller import MAIN, Caller
from service.house import House
from service.http import events
from service.http.app_parts import InHouse, Where, Who
from service.http.events import Emit
from service.http.forms import Key
from service.http.shapes import JobOut, Shape
from service.models.cutting import Stop
from service.papers.presenting import masked
from service.papers.provenance import checked
from service.summary.summary import Length, Part, assembled, piece
from service.work import idempotency

router = APIRouter(prefix="/api/v1/summaries", tags=["summaries"])

_Name = Annotated[str, Field(min_length=1, max_length=200)]


class SummaryIn(Shape):
    """What is to be summarised: ids or titles of reports, or a request in words; or places, years and genres."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"reports": ["2022年各县卫健局存在的共性问题"], "length": "standard"}]
        },
    )
    reports: list[_Name] = Field([], max_length=200, description="报告的编号或标题，或一句话")
    places: list[_Name] = Field([], max_length=50)
    years: list[Annotated[int, Field(ge=1900, le=2200)]] = Field([], max_length=50)
    genres: list[Genre] = Field([], max_length=20)
    length: Literal["short", "standard", "long"] = "standard"
    model: bool = Field(True, description="概述是否由语言模型成文")

    @property
    def wanted(self) -> Filter:
        """The filter."""
        return Filter(places=tuple(self.places), years=tuple(self.years), genres=tuple(self.genres))


@router.post("", status_code=202)
def summarise(
    given: SummaryIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Summarise as a job; its result is the document, its files are Word and Markdown."""
    key = idempotency.checked(key)
    making.scope(house.desk(who, collection), given.reports, given.wanted)  # what cannot be is said at once
    job = house.jobs.submit(who, collection, "summary", given.model_dump(mode="json"), key=key)
    house.accounts.log.write(who, "summary", collection, job.id)
    return JobOut.of(job)


@router.post("/stream", response_class=EventSourceResponse, responses=events.DOCUMENTED)
async def stream(given: SummaryIn, who: Who, house: InHouse, collection: Where = MAIN) -> EventSourceResponse:
    """Summarise as events: `waiting` (calls of the model that come before), `text` (what the model is writing, not yet
    checked), `part` (a checked section as a document), `done` (the whole document).
    """
    await events.briefly(lambda: making.scope(house.desk(who, collection), given.reports, given.wanted))
    await events.briefly(lambda: house.accounts.log.write(who, "summary", collection, "stream"))
    return events.stream(lambda emit, stop: _made(house, who, collection, given, emit, stop))


def _made(house: House, who: Caller, collection: str, given: SummaryIn, emit: Emit, stop: Stop) -> None:
    desk = house.desk(who, collection, stop=stop, on_wait=lambda ahead: emit("waiting", {"ahead": ahead}))
    scope = making.scope(desk, given.reports, given.wanted)
    if not scope.single:
        made = making.summary(desk, scope, Length(given.length), phrased=given.model)
        emit("done", _told(made.checked().document.to_json()))
        return
    card, done = scope.cards[0], list[Part]()

    def text(piece: str) -> None:
        stop.check()
        emit("text", {"text": piece, "anew": not piece})

    for part in making.summary_parts(desk, card, Length(given.length), phrased=given.model, on_text=text):
        stop.check()
        done.append(part)
        emit("part", _told(checked(piece(card, part), desk.report).document.to_json()))
    emit("done", _told(checked(assembled(card, done), desk.report).document.to_json()))


def _told(document: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = masked(document)
    return made
