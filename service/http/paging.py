"""Long lists a page at a time (分页).

In: rows in a fixed order and where the last page ended. Out: one page and a cursor that leads to the next. A cursor
names the last row that was seen, not a number of rows, so that what is added or removed meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import InputError

T = TypeVar("T")
MOST = 200

Limit = Annotated[int, Query(ge=1, le=MOST, description="最多几项")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="上一页的 next；不给则从头开始", examples=[None])
]


class Page(BaseModel, Generic[T]):
    """One page; ``next`` is null on the last one."""

    model_config = ConfigDict(extra="forbid")

    items: list[T]
    next: str | None = Field(None, description="下一页的 cursor")


def mark(*place: str | int | None) -> str:
    """Names a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def place(text: str | None, *kinds: type) -> tuple[str | int, ...] | None:
    """The place that a cursor names, None for the beginning.

    Raises:
        InputError: it is none of ours.
    """
    if text is None:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        good = isinstance(found, list) and len(found) == len(kinds)
        good = good and all(type(one) is kind for one, kind in zip(found, kinds, strict=True))
        good = good and all(abs(one) < 1 << 62 for one in found if isinstance(one, int))
    except (ValueError, binascii.Error, RecursionError):
        good = False
    if not good:
        raise InputError("翻页标记不能用", where="cursor", remedy="请原样使用上一页给出的 next，或从头开始")
    return tuple(found)
