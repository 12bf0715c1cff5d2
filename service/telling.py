"""An error as every door but the command line tells it: what happened, to what, and what to do next (出错说明).

In: an exception. Out: a problem of RFC 9457 as plain JSON, in Chinese and English, with a code, and the status that HTTP
gives it. Jobs keep it as their error, routes answer with it, pages show it: the same error reads the same everywhere.
What nobody expected is logged with its place in the code and without its message, which could hold text of a report or
question.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from typing import Any

from corpus import errors
from corpus.errors import WenhengError
from service import remedies
from service.models.cutting import Stopped
from service.papers.presenting import clean

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
    (errors.TooSlow, Kind(408, "too_slow", "请求没有按时发完", "The request was not sent in time")),
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
    (errors.IndexAway, Kind(503, "index_away", "向量库服务器不能使用", "The vector server cannot be used")),
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
        said = remedies.of_doors(error)
        return body(kind, detail=clean(said.message), where=clean(said.where), remedy=clean(said.remedy))
    if isinstance(error, Stopped):
        return body(kind, detail="这次请求已停止", remedy="可以重新提问")
    at = traceback.extract_tb(error.__traceback__)
    place = f"{at[-1].filename}, line {at[-1].lineno}" if at else "?"
    _log.error("%s in %s", type(error).__name__, place)
    return body(kind, detail=f"程序出错了（{type(error).__name__}）", remedy=UNEXPECTED_REMEDY)


def sentence(problem: dict[str, Any]) -> str:
    """A problem, such as the error of a job, in one or two sentences."""
    what = f"{problem['where']}：{problem['detail']}" if problem.get("where") else str(problem["detail"])
    return clean("。".join(part.rstrip("。") for part in (what, str(problem.get("remedy") or "")) if part))
