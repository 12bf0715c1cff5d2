"""Requests and answers of the OpenAI protocol, as far as a corpus with sources can honour it (对话接口的格式).

In: the JSON that clients of the OpenAI API send. Out: values, or :class:`Refused` in the words and with the fields that
such clients know. A parameter of style (temperature, max_tokens …) is taken and has no effect, since every sentence is
checked against its sources; one that asks for another kind of answer (tools, several choices, another format) is refused,
and so is one that is not of the protocol.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from corpus.errors import WenhengError
from service.http import problems

MOST_MESSAGES = 200
LONGEST = 100_000  # characters of one message


class Refused(Exception):
    """A request that cannot be answered, as the OpenAI API says it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}

    @classmethod
    def of(cls, error: BaseException) -> Refused:
        """One of our own errors in this shape."""
        return cls.told(problems.told(error))

    @classmethod
    def told(cls, told: Mapping[str, Any]) -> Refused:
        """A problem in this shape."""
        status = int(told["status"])
        kind = {
            401: "authentication_error",
            403: "permission_error",
            429: "rate_limit_error",
        }.get(status, "invalid_request_error" if status < 500 else "server_error")
        code = "invalid_api_key" if status == 401 else str(told["code"])
        message = str(WenhengError(told["detail"], where=told["where"], remedy=told["remedy"]))
        return cls(message, status=400 if status == 422 else status, kind=kind, code=code)


def answer(error: BaseException) -> Any:
    """The answer to a request that ended in one of our errors."""
    from starlette.responses import JSONResponse

    refused = Refused.of(error)
    return JSONResponse(refused.body, refused.status, problems.headers_of(error))


# -- requests ---------------------------------------------------------------------------------------


class Part(BaseModel):
    """A part of a message; only text can be read."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(max_length=40)
    text: str = Field("", max_length=LONGEST)


class Message(BaseModel):
    """One message of a chat."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=LONGEST)] | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type in ("text", "input_text"))
        return self.content or ""


class StreamOptions(BaseModel):
    """Options of a stream."""

    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class Format(BaseModel):
    """The format of the answer."""

    model_config = ConfigDict(extra="allow")
    type: str = "text"


class ChatRequest(BaseModel):
    """A request for a chat completion."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "model": "wenheng",
                    "messages": [{"role": "user", "content": "澄河县2022年家庭医生签约率是多少？"}],
                    "stream": False,
                }
            ]
        },
    )
    model: str = Field(max_length=100, description="wenheng，或 wenheng:资料库编号")
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    # taken, without effect
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    seed: int | None = None
    user: str | None = Field(None, max_length=500)
    safety_identifier: str | None = Field(None, max_length=500)
    prompt_cache_key: str | None = Field(None, max_length=500)
    prompt_cache_retention: JsonValue = None
    metadata: dict[str, JsonValue] | None = None
    store: bool | None = None
    service_tier: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    parallel_tool_calls: bool | None = None
    logit_bias: dict[str, float] | None = None
    top_logprobs: int | None = None
    # refused where they ask for something else
    n: int | None = Field(None, ge=1)
    stop: Annotated[str, Field(max_length=200)] | list[str] | None = None
    logprobs: bool | None = None
    tools: list[JsonValue] | None = None
    tool_choice: JsonValue = None
    functions: list[JsonValue] | None = None
    function_call: JsonValue = None
    response_format: Format | None = None
    modalities: list[str] | None = None
    audio: JsonValue = None
    prediction: JsonValue = None
    web_search_options: JsonValue = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the desk takes it."""

    collection: str
    question: str
    history: tuple[str, ...]
    stream: bool
    usage: bool


def asked(request: ChatRequest, collection: str) -> Asked:
    """What a request asks.

    Raises:
        Refused: it asks for what an answer with sources cannot be, or holds no question.
    """
    _check(request)
    users = [message for message in request.messages if message.role == "user"]
    if not users or request.messages[-1].role != "user":
        raise Refused(
            "The last message must be the user's question. 最后一条消息应是用户的问题", param="messages"
        )
    for message in users:
        _check_parts(message)
    *before, last = (message.text.strip() for message in users)
    if not last:
        raise Refused("The question is empty. 问题是空的", param="messages")
    options = request.stream_options
    if options is not None and not request.stream:
        raise Refused(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    return Asked(
        collection,
        last,
        tuple(filter(None, before)),
        bool(request.stream),
        bool(options and options.include_usage),
    )


def _check(request: ChatRequest) -> None:
    wants = (
        ("n", (request.n or 1) > 1),
        ("stop", bool(request.stop)),
        ("logprobs", bool(request.logprobs)),
        ("tools", bool(request.tools)),
        ("functions", bool(request.functions)),
        ("audio", request.audio is not None),
        ("prediction", request.prediction is not None),
        ("web_search_options", request.web_search_options is not None),
        ("modalities", bool(set(request.modalities or ()) - {"text"})),
        ("response_format", request.response_format is not None and request.response_format.type != "text"),
    )
    for name, asked_for in wants:
        if asked_for:
            raise Refused(
                f"Unsupported parameter: '{name}' is not supported with this model. 不支持参数 {name}：回答只能由报告中的"
                "原文和数据组成",
                param=name,
                code="unsupported_parameter",
            )


def _check_parts(message: Message) -> None:
    if isinstance(message.content, list):
        for part in message.content:
            if part.type not in ("text", "input_text"):
                raise Refused(
                    f"Unsupported content type: '{part.type}'. Only text can be read. 只能读文字",
                    param="messages",
                    code="unsupported_value",
                )


# -- answers ----------------------------------------------------------------------------------------


def completion(ident: str, model: str, message: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    """A whole answer."""
    return {
        "id": ident,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage,
        "system_fingerprint": None,
    }


def chunk(
    ident: str, model: str, created: int, delta: dict[str, Any], finish: str | None = None
) -> dict[str, Any]:
    """A piece of a stream."""
    return {
        "id": ident,
        "object": "chat.completion.chunk",
        "created": created,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "system_fingerprint": None,
    }


def last_chunk(ident: str, model: str, created: int, usage: dict[str, Any]) -> dict[str, Any]:
    """The piece that tells the usage: it has no choice."""
    return chunk(ident, model, created, {}) | {"choices": [], "usage": usage}


def model(name: str, title: str) -> dict[str, Any]:
    """A model of the list: one for each collection."""
    return {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "wenheng", "name": title}
