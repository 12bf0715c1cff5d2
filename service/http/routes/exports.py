"""Answers and conversations as Word files with their sources (导出)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from corpus.errors import InputError, NotFound
from service.accounts.caller import MAIN
from service.http.app_parts import InHouse, Where, Who
from service.http.asking import KIND
from service.http.forms import Key
from service.http.shapes import CitationOut, JobOut, Shape
from service.work import idempotency

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

_Text = Annotated[str, Field(max_length=5000)]


class SentenceIn(Shape):
    """A sentence of an answer."""

    text: _Text
    status: Literal["phrased", "computed", "quoted", "stated"]
    citations: list[CitationOut] = Field([], max_length=100)
    figures: list[_Text] = Field([], max_length=200)


class AnswerIn(Shape):
    """An answer as it was given; other fields of it are taken and not used."""

    model_config = ConfigDict(extra="ignore")
    question: _Text
    status: Literal["answered", "partial", "refused"]
    reason: _Text = ""
    sentences: list[SentenceIn] = Field([], max_length=500)


class ExportIn(Shape):
    """A conversation, all of it or some turns, or one answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"conversation": "0f3a5c7e9b2d", "turns": [1]}]}
    )
    conversation: str | None = Field(None, max_length=60)
    turns: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        [], max_length=1000, description="只要这些回合，从 1 数起；空则全部"
    )
    answer: AnswerIn | None = None


@router.post("", status_code=202)
def export(given: ExportIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None) -> JobOut:
    """Make the file as a job. Every figure is held against the reports again: what no longer stands is left out."""
    key = idempotency.checked(key)
    if (given.conversation is None) == (given.answer is None):
        raise InputError("要给出会话或一个回答，且只给一项", where="conversation", remedy="请改正后重试")
    desk = house.desk(who, collection)
    turns: list[Any] = []
    if given.answer is not None:
        turns = [given.answer.model_dump(mode="json")]
    elif given.conversation is not None:
        house.accounts.owned.check(KIND, given.conversation, collection, who)
        count = len(desk.session(given.conversation).turns)
        missing = [number for number in given.turns if number > count]
        if missing or not count:
            raise NotFound(f"会话里只有{count}个回合", where=given.conversation, remedy="请核对回合的编号")
        turns = sorted(set(given.turns))
    payload = {"conversation": given.conversation, "turns": turns}
    job = house.jobs.submit(who, collection, "export", payload, key=key)
    house.accounts.log.write(who, "export", collection, job.id)
    return JobOut.of(job)
