"""Ask: a cited answer, streamed or whole (提问)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import ConfigDict, Field

from service.accounts.caller import MAIN
from service.http import events
from service.http.app_parts import Asking as Who
from service.http.app_parts import InHouse
from service.http.asking import Asking
from service.http.shapes import AnswerOut, Shape

router = APIRouter(prefix="/api/v1", tags=["ask"])

Text = Annotated[str, Field(min_length=1, max_length=4000, examples=["澄河县2022年家庭医生签约率是多少？"])]
Streamed = Annotated[bool, Field(description="true：事件流（SSE）；false：一个 JSON 对象")]
ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The checked answer, or its events: conversation, waiting, evidence, delta, restart, citation,"
        " sentence, done; an error event is a problem and the last one.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/AnswerOut"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    }
}


class Question(Shape):
    """A question, alone or in a conversation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "澄河县2022年家庭医生签约率是多少？", "stream": False}]},
    )
    question: Text
    collection: str = Field(MAIN, max_length=60)
    stream: Streamed = True


async def answered(request: Request, asking: Asking, *, stream: bool) -> Any:
    """The answer as it was asked for."""
    if stream:
        return events.stream(asking.stream)
    answer, _ = await events.until_gone(request, asking.whole)
    return AnswerOut.model_validate(answer.to_json())


@router.post("/ask", response_model=AnswerOut, responses=ANSWERED)
async def ask(request: Request, asked: Annotated[Question, Body()], who: Who, house: InHouse) -> Any:
    """Answer one question on its own; every sentence leads to its source, or the answer is refused with a reason."""
    asking = await events.briefly(lambda: Asking(house, who, asked.collection, asked.question, None))
    return await answered(request, asking, stream=asked.stream)
