"""Every error of the API as one kind of answer: problem+json of RFC 9457, in Chinese and English, with a code.

In: an exception. Out: status, code, titles and what the user reads: what happened, to what, and the remedy. What nobody
expected is logged with its place in the code and without its message, which could hold text of a report or question.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from typing import Any

from corpus import errors
from corpus.errors import TooMany, WenhengError
from service.http.intake import Slow
from service.models.cutting import Stopped
from service.papers.presenting import clean

MEDIA_TYPE = "application/problem+json"
TYPE = "about:blank#"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    status: int
    code: str
    title: str
    title_en: str


# The first class that fits counts: the narrower ones stand first.
KINDS: tuple[tuple[type[BaseException], Kind], ...] = (
    (errors.SignInNeeded, Kind(401, "sign_in_needed", "需要登录", "Sign-in is needed")),
    (Slow, Kind(408, "too_slow", "请求没有按时发完", "The request was not sent in time")),
    (errors.Forbidden, Kind(403, "forbidden", "没有权限", "The role does not reach that far")),
    (errors.NotFound, Kind(404, "not_found", "没有找到", "Not found")),
    (errors.Conflict, Kind(409, "conflict", "与现有内容冲突", "Stands against what is there")),
    (errors.TooLarge, Kind(413, "too_large", "超过大小限制", "Too large")),
    (errors.TooMany, Kind(429, "too_many", "过于频繁", "Too many requests")),
    (errors.UnreadableFile, Kind(422, "unreadable_file", "文件不能读取", "The file cannot be read")),
    (errors.BadQuestion, Kind(422, "bad_question", "问题不能用", "The question cannot be used")),
    (errors.BadTable, Kind(422, "bad_table", "表格不能用", "The table cannot be used")),
    (errors.InputError, Kind(422, "bad_input", "输入不能用", "The input cannot be used")),
    (errors.LibraryBusy, Kind(409, "library_busy", "资料库正在写入", "The library is being written")),
    (errors.StorageFull, Kind(507, "storage_full", "磁盘空间不足", "No space left on the disk")),
    (errors.LibraryError, Kind(503, "library_error", "数据目录不能使用", "The data folder cannot be used")),
    (errors.ModelMissing, Kind(503, "model_missing", "缺少模型", "A model is missing")),
    (errors.ModelCorrupt, Kind(503, "model_corrupt", "模型文件损坏", "A model file is damaged")),
    (errors.ModelError, Kind(503, "model_error", "模型不能使用", "The model cannot be used")),
    (errors.EndpointError, Kind(502, "endpoint_error", "模型接口出错", "The model endpoint failed")),
    (errors.Unsourced, Kind(422, "unsourced", "有数字没有出处", "A figure has no source")),
    (errors.WenhengError, Kind(503, "unavailable", "暂时不能完成", "Cannot be done now")),
    (Stopped, Kind(503, "stopped", "已停止", "Stopped")),
)
UNEXPECTED = Kind(500, "unexpected", "程序出错了", "An unexpected error")
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
UNEXPECTED_REMEDY = "已记入日志，请重试；若仍出错，请把日志交给管理员"


def kind_of(error: BaseException) -> Kind:
    """Which kind of problem an exception is."""
    return next((kind for one, kind in KINDS if isinstance(error, one)), UNEXPECTED)


def body(kind: Kind, *, detail: str = "", where: str = "", remedy: str = "", **more: Any) -> dict[str, Any]:
    """The JSON of a problem."""
    return {
        "type": TYPE + kind.code,
        "title": kind.title,
        "title_en": kind.title_en,
        "status": kind.status,
        "code": kind.code,
        "detail": detail or kind.title,
        "detail_en": kind.title_en,
        "where": where,
        "remedy": remedy,
        **more,
    }


def told(error: BaseException) -> dict[str, Any]:
    """An error as the JSON that a caller sees."""
    kind = kind_of(error)
    if isinstance(error, WenhengError):
        return body(kind, detail=clean(error.message), where=clean(error.where), remedy=clean(error.remedy))
    if isinstance(error, Stopped):
        return body(kind, detail="这次请求已停止", remedy="可以重新提问")
    _note(error)
    return body(kind, detail=f"程序出错了（{type(error).__name__}）", remedy=UNEXPECTED_REMEDY)


def headers_of(error: BaseException) -> dict[str, str]:
    """Headers that belong to the answer."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(max(1, round(error.wait)))}
    if isinstance(error, errors.LibraryBusy):
        return {"Retry-After": "5"}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.SignInNeeded) else {}


def _note(error: BaseException) -> None:
    at = traceback.extract_tb(error.__traceback__)
    place = f"{at[-1].filename}, line {at[-1].lineno}" if at else "?"
    _log.error("%s in %s", type(error).__name__, place)


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
