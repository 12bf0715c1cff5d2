"""Every error of the API as one kind of answer: problem+json of RFC 9457, in Chinese and English, with a code.

In: an exception. Out: an answer with what :mod:`service.telling` says of it, the headers that belong to it, and what the
OpenAPI document says of such answers.
"""

from __future__ import annotations

from typing import Any

from corpus import errors
from corpus.errors import TooMany
from service.telling import Kind, body, told

__all__ = ["Kind", "answer", "body", "headers_of", "response", "told"]

MEDIA_TYPE = "application/problem+json"

OF_STATUS = {
    400: Kind(400, "bad_request", "请求不能识别", "The request cannot be understood"),
    404: Kind(404, "no_such_path", "没有这个地址", "No such path"),
    405: Kind(405, "method_not_allowed", "这个地址不支持该方法", "The method is not allowed here"),
    406: Kind(406, "not_acceptable", "不提供这种格式", "This format is not offered"),
    413: Kind(413, "too_large", "超过大小限制", "Too large"),
    415: Kind(415, "unsupported_media_type", "不支持这种内容类型", "Unsupported media type"),
    422: Kind(422, "invalid", "参数不符合要求", "The parameters do not fit"),
    429: Kind(429, "too_many", "过于频繁", "Too many requests"),
}
REMEDIES = {
    400: "请检查请求的格式",
    404: "请查看接口文档 /api/v1/openapi.json",
    405: "请查看接口文档 /api/v1/openapi.json",
    415: "请查看接口文档 /api/v1/openapi.json",
    422: "请按接口文档改正所列的参数",
}


def headers_of(error: BaseException) -> dict[str, str]:
    """Headers that belong to the answer."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(max(1, round(error.wait)))}
    if isinstance(error, errors.LibraryBusy):
        return {"Retry-After": "5"}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.SignInNeeded) else {}


def answer(error: BaseException, path: str = "") -> Any:
    """The answer to a request that ended in this error; below /v1 in the words of the OpenAI API."""
    if path.startswith("/v1/"):
        from service.http import chat_bodies

        return chat_bodies.answer(error)
    return response(told(error), headers_of(error))


def response(problem: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    """A problem as an HTTP response."""
    from starlette.responses import JSONResponse

    return JSONResponse(problem, problem["status"], headers, MEDIA_TYPE)


# -- what the OpenAPI document says ------------------------------------------------------------------

_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457; detail and remedy are Chinese sentences for the user.",
    "type": "object",
    "required": ["type", "title", "title_en", "status", "code", "detail", "detail_en", "where", "remedy"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "title_en": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT | {"examples": ["not_found"]},
        "detail": _TEXT | {"examples": ["没有这份报告"]},
        "detail_en": _TEXT,
        "where": _TEXT | {"description": "the id, parameter or file that it concerns"},
        "remedy": _TEXT | {"description": "what to do next", "examples": ["请刷新列表后核对"]},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "parameters that do not fit"},
    },
}
_SAID = {
    400: "The request cannot be understood",
    401: "Nobody is signed in",
    403: "The role does not reach that far, or the request comes from another site",
    404: "It does not exist, or not for this caller",
    405: "The method is not allowed here",
    408: "The request was not sent in time",
    409: "It stands against what is there, or the library is being written",
    413: "Too large",
    415: "This content type is not taken",
    422: "The parameters or the file cannot be used",
    429: "Too often; see Retry-After",
    500: "An unexpected error, which was logged",
    502: "The model endpoint failed",
    503: "The model or the data folder cannot be used just now",
    507: "No space left on the disk",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in _SAID.items()
}
