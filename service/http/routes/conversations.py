"""Conversations: the caller's own, kept with every turn (会话)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from pydantic import ConfigDict, Field

from corpus.chats import Heading
from service.accounts.caller import MAIN
from service.http import asking, events
from service.http.app_parts import Asking as Asker
from service.http.app_parts import InHouse, Where, Who
from service.http.paging import Cursor, Limit, Page, mark, place
from service.http.routes.ask import ANSWERED, Streamed, Text, answered
from service.http.shapes import AnswerOut, Shape

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

Id = Annotated[str, Path(max_length=60, description="会话的编号", examples=["4f1d0a9c2b7e"])]


class ConversationCard(Shape):
    """A conversation in a list."""

    id: str
    title: str
    turns: int
    created_at: str
    updated_at: str


class Conversation(ConversationCard):
    """A conversation with its answers."""

    answers: list[AnswerOut]


class Renamed(Shape):
    """Another title."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "签约服务"}]})
    title: str = Field(min_length=1, max_length=80)


class Asked(Shape):
    """A question inside a conversation; the earlier ones give it its context."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "那2021年呢？", "stream": False}]}
    )
    question: Text
    stream: Streamed = True


@router.get("")
def conversations(
    who: Who,
    house: InHouse,
    collection: Where = MAIN,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ConversationCard]:
    """The caller's conversations, the last used first."""
    desk = house.desk(who, collection)
    mine = house.accounts.owned.ids(asking.KIND, collection, who)
    seen = place(cursor, str, int)
    before = (str(seen[0]), int(seen[1])) if seen else None
    found = [one for one in desk.library.chats.headings(before) if one.id in mine]
    shown = found[:limit]
    last = mark(shown[-1].updated_at, shown[-1].number) if len(found) > limit else None
    return Page(items=[_card(one) for one in shown], next=last)


def _card(one: Heading) -> ConversationCard:
    return ConversationCard(
        id=one.id, title=one.title, turns=one.turns, created_at=one.created_at, updated_at=one.updated_at
    )


@router.get("/{conversation_id}")
def conversation(conversation_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> Conversation:
    """One conversation with all its answers."""
    desk = house.desk(who, collection)
    house.accounts.owned.check(asking.KIND, conversation_id, collection, who)
    chat = desk.library.chats.load(conversation_id)
    answers = [AnswerOut.model_validate(turn) for turn in chat.turns]
    return Conversation(
        id=chat.id,
        title=chat.title,
        turns=len(chat.turns),
        created_at=chat.created_at,
        updated_at=chat.updated_at,
        answers=answers,
    )


@router.patch("/{conversation_id}")
def rename(
    conversation_id: Id,
    given: Annotated[Renamed, Body()],
    who: Who,
    house: InHouse,
    collection: Where = MAIN,
) -> Conversation:
    """Give it another title."""
    desk = house.desk(who, collection)
    house.accounts.owned.check(asking.KIND, conversation_id, collection, who)
    desk.library.chats.rename(conversation_id, given.title)
    return conversation(conversation_id, who, house, collection)


@router.delete("/{conversation_id}", status_code=204)
def delete(conversation_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> None:
    """Delete it for good."""
    desk = house.desk(who, collection)
    house.accounts.owned.check(asking.KIND, conversation_id, collection, who)
    desk.forget(conversation_id)
    house.accounts.owned.release(asking.KIND, conversation_id, collection)
    house.accounts.log.write(who, "delete", collection, conversation_id, "会话")


@router.post("", response_model=AnswerOut, responses=ANSWERED)
async def begin(
    request: Request, asked: Annotated[Asked, Body()], who: Asker, house: InHouse, collection: Where = MAIN
) -> Any:
    """Ask the first question of a new conversation; the event ``conversation`` tells its id."""
    asks = await events.briefly(lambda: asking.Asking(house, who, collection, asked.question, ""))
    return await answered(request, asks, stream=asked.stream)


@router.post("/{conversation_id}/ask", response_model=AnswerOut, responses=ANSWERED)
async def ask(
    request: Request,
    conversation_id: Id,
    asked: Annotated[Asked, Body()],
    who: Asker,
    house: InHouse,
    collection: Where = MAIN,
) -> Any:
    """Ask the next question of a conversation; the turn is kept when it is answered."""
    asks = await events.briefly(
        lambda: asking.Asking(house, who, collection, asked.question, conversation_id)
    )
    return await answered(request, asks, stream=asked.stream)
