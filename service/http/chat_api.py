"""The corpus as a model of the OpenAI API, for every chat client there is (对话接口).

In: ``/v1/models`` and ``/v1/chat/completions`` as OpenAI's clients call them. Out: the answer of the desk with its marks
[n], the list of its sources below, and an annotation for each mark. The model ``wenheng`` asks the main collection,
``wenheng:ID`` another one; a collection that the caller may not read is a model that does not exist. What streams is
checked text, never what the model is still writing, since a client of this protocol cannot take words back.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sse_starlette import ServerSentEvent
from starlette.exceptions import HTTPException

from corpus.errors import Forbidden, NotFound, WenhengError
from service.accounts.caller import MAIN, Caller
from service.answer import Done
from service.cited import Answer, Citation
from service.house import House
from service.http import events
from service.http.app_parts import Asking, InHouse, Who
from service.http.chat_bodies import (
    Asked,
    ChatRequest,
    Refused,
    answer,
    asked,
    chunk,
    completion,
    last_chunk,
    model,
)
from service.models.cutting import Stop, Stopped
from service.papers.presenting import clean, source_lines

MODEL = "wenheng"
SOURCES = "来源："
DONE = "[DONE]"
_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z]+|\d+|[^\s\w]")


class Spoken(APIRoute):
    """A route whose errors are in the words of the OpenAI API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with every error translated."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Refused as error:
                return JSONResponse(error.body, error.status)
            except RequestValidationError as error:
                refused = _misfit(error)
                return JSONResponse(refused.body, refused.status)
            except HTTPException as error:
                if error.status_code != 400:  # the guard ends a body that is too large or too slow
                    raise
                refused = Refused("We could not parse the JSON body of your request. 请求内容不是完整的 JSON")
                return JSONResponse(refused.body, refused.status)
            except (WenhengError, Stopped) as error:
                return cast(Response, answer(error))

        return handle


def _misfit(error: RequestValidationError) -> Refused:
    """A body that does not fit: which parameter, as OpenAI says it, and never what was sent."""
    first = error.errors()[0]
    where = ".".join(str(part)[:60] for part in first["loc"][1:8])
    if first["type"] == "json_invalid":
        return Refused("We could not parse the JSON body of your request. 请求内容不是完整的 JSON")
    if first["type"] == "extra_forbidden":
        return Refused(
            f"Unrecognized request argument supplied: {where}", param=where, code="unknown_parameter"
        )
    if first["type"] == "missing":
        return Refused(
            f"Missing required parameter: '{where}'.", param=where, code="missing_required_parameter"
        )
    return Refused(f"Invalid value for '{where}': {first['msg']}", param=where or None, code="invalid_value")


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/json": {"schema": _ERROR}}}
    for status, said in (
        (400, "The request cannot be answered as it is"),
        (401, "The key is not valid"),
        (403, "The request comes from another site, or the role is too low"),
        (404, "No such model"),
        (408, "The request did not come in time"),
        (409, "The library is being written"),
        (413, "The request is too large"),
        (415, "The body is not JSON"),
        (422, "The request cannot be answered as it is"),
        (429, "Too many requests; Retry-After says how many seconds to wait"),
        (500, "An unexpected error"),
        (502, "The model endpoint failed"),
        (503, "Cannot be done now"),
        (507, "No space left on the disk"),
    )
}
router = APIRouter(prefix="/v1", tags=["OpenAI"], route_class=Spoken)


# -- models -----------------------------------------------------------------------------------------


def _models(house: House, caller: Caller) -> list[dict[str, Any]]:
    found = []
    for one in house.accounts.collections.list(caller):
        found.append(model(MODEL if one.id == MAIN else f"{MODEL}:{one.id}", one.name))
    return found


def _collection(house: House, caller: Caller, name: str) -> str:
    """The collection of a model.

    Raises:
        Refused: there is none for this caller.
    """
    head, colon, ident = name.partition(":")
    collection = ident if colon else MAIN
    if head == MODEL and collection:
        try:
            house.accounts.collections.open(caller, collection)
            return collection
        except (NotFound, Forbidden):
            pass
    raise Refused(
        f"The model '{name}' does not exist or you do not have access to it. 没有这个模型，用 /v1/models 查看",
        status=404,
        param="model",
        code="model_not_found",
    )


@router.get("/models", responses=ERRORS, summary="资料库作为模型的列表")
def models(house: InHouse, caller: Who) -> dict[str, Any]:
    """One model for each collection that the caller may read."""
    return {"object": "list", "data": _models(house, caller)}


@router.get("/models/{name}", responses=ERRORS, summary="一个模型")
def one_model(
    name: Annotated[str, Path(max_length=100, examples=[MODEL])], house: InHouse, caller: Who
) -> dict[str, Any]:
    """One model by its name."""
    collection = _collection(house, caller, name)
    wanted = MODEL if collection == MAIN else f"{MODEL}:{collection}"
    return next(one for one in _models(house, caller) if one["id"] == wanted)


# -- completions ------------------------------------------------------------------------------------


@router.post(
    "/chat/completions",
    response_model=None,
    responses=ERRORS
    | {
        200: {
            "description": "A chat.completion, or with `stream` chunks as server-sent events that end with [DONE]",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/event-stream": {"schema": {"type": "object"}},
            },
        }
    },
    summary="对话：带出处的回答",
)
async def chat_completions(body: ChatRequest, request: Request, house: InHouse, caller: Asking) -> Response:
    """Answer the last user message; earlier ones are its context. Messages of the system are taken, and change nothing."""
    collection = await events.briefly(lambda: _collection(house, caller, body.model))
    said = asked(body, collection)
    # What cannot be asked is refused before a stream begins.
    await events.briefly(lambda: _understood(house, caller, said))
    ident, base = f"chatcmpl-{secrets.token_hex(12)}", str(request.base_url)
    if said.stream:
        work = _Stream(house, caller, said, body, ident, base)
        return events.stream(work.run, shape=_shape)
    made = await events.until_gone(request, lambda stop: _answered(house, caller, said, stop))
    told = written(made, base)
    message = {"role": "assistant", "content": told.content, "refusal": None, "annotations": told.annotations}
    return JSONResponse(completion(ident, body.model, message, usage(body, told.content)))


def _understood(house: House, caller: Caller, said: Asked) -> None:
    """Refuses a question that is empty or too long; the rest of the log is the desk's."""
    house.desk(caller, said.collection).understand(said.question, said.history)
    house.accounts.log.asked(caller, said.collection, said.question)


def _answered(house: House, caller: Caller, said: Asked, stop: Stop) -> Answer:
    desk = house.desk(caller, said.collection, stop=stop)
    for event in desk.stream(said.question, said.history):
        stop.check()
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("an answer ends with Done")


@dataclass(frozen=True, slots=True)
class _Stream:
    """One streamed completion."""

    house: House
    caller: Caller
    said: Asked
    body: ChatRequest
    ident: str
    base: str

    def run(self, emit: events.Emit, stop: Stop) -> None:
        """The role at once, then the checked text sentence by sentence, its annotations, the end."""
        created = int(time.time())

        def piece(delta: dict[str, Any], finish: str | None = None) -> None:
            emit("chunk", chunk(self.ident, self.body.model, created, delta, finish))

        piece({"role": "assistant", "content": "", "refusal": None})
        told = written(_answered(self.house, self.caller, self.said, stop), self.base)
        for part in told.parts:
            piece({"content": part})
        if told.annotations:
            piece({"annotations": told.annotations})
        piece({}, "stop")
        if self.said.usage:
            count = usage(self.body, told.content)
            emit("chunk", last_chunk(self.ident, self.body.model, created, count))
        emit("done", {})


def _shape(name: str, data: dict[str, Any]) -> ServerSentEvent:
    """An event as OpenAI writes it: data without a name, an error as its object, [DONE] at the end."""
    if name == "done":
        return ServerSentEvent(DONE)
    if name == "error":
        data = Refused.told(data).body
    return ServerSentEvent(json.dumps(data, ensure_ascii=False))


# -- what an answer says ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as text with its annotations; ``parts`` together are ``content``."""

    parts: tuple[str, ...]
    annotations: list[dict[str, Any]]

    @property
    def content(self) -> str:
        """The whole text."""
        return "".join(self.parts)


def written(answer: Answer, base: str) -> Written:
    """An answer with marks, the list of its sources behind it, and an annotation for each mark.

    Args:
        answer: as the desk gave it.
        base: address of the service, which links begin with.
    """
    number = {citation: n for n, citation in enumerate(answer.sources, 1)}
    if answer.status == "refused" or not number:
        return Written((answer.text,), [])
    apart = "\n" if len(answer.sentences) > 3 else ""
    parts: list[str] = []
    annotations: list[dict[str, Any]] = []
    at = 0
    for sentence in answer.sentences:
        text = f"{apart if parts else ''}{sentence.text.rstrip('。')}"
        marks = [f"[{number[citation]}]" for citation in sentence.citations]
        begins = accumulate((len(mark) for mark in marks), initial=at + len(text))
        for citation, mark, begin in zip(sentence.citations, marks, begins, strict=False):
            annotations.append(_annotation(citation, begin, begin + len(mark), base))
        parts.append(f"{text}{''.join(marks)}。")
        at += len(parts[-1])
    parts += list(_listed(number))
    return Written(tuple(parts), annotations)


def _listed(number: dict[Citation, int]) -> Iterator[str]:
    yield f"\n\n{SOURCES}"
    for citation, n in number.items():
        where, quote = source_lines(citation)
        yield f"\n[{n}] {where}：{quote}"


def _annotation(citation: Citation, start: int, end: int, base: str) -> dict[str, Any]:
    """A citation as OpenAI annotates one, with the exact sentence beside it."""
    place = f"start={citation.start}&end={citation.end}"
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": start,
            "end_index": end,
            "title": clean(citation.title),
            "url": f"{base}library/{citation.report_id}?{place}",
        },
        "quote": clean(citation.quote),
        "report_id": citation.report_id,
        "place": citation.place,
        "year": citation.year,
        "path": [clean(part) for part in citation.path],
    }


def usage(body: ChatRequest, content: str) -> dict[str, Any]:
    """Tokens of the request and the answer: one a Chinese character, word, number or mark, which is an estimate."""
    prompt = sum(len(_TOKEN.findall(message.text)) for message in body.messages)
    made = len(_TOKEN.findall(content))
    return {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}
