"""What users correct in the metadata of a report (人工修改).

In: metadata as the page tells it, and edits (field → value). Out: the metadata that counts, with
``how="user"`` where the user spoke. An empty value says that the field is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from corpus.errors import InputError
from corpus.records import FIELDS
from corpus.report import GENRE_LABELS, Field, Genre, Metadata

EDITABLE = ("title", "genre", *FIELDS)
_LONGEST = 200
_YEARS = range(1949, 2101)


def checked(field: str, value: str) -> str:
    """The value in the form that is stored.

    Raises:
        InputError: no such field, or a value that it cannot take.
    """
    value = re.sub(r"\s+", " ", value).strip()
    if field not in EDITABLE:
        raise InputError(f"没有“{field}”这一项", remedy=f"可修改的有：{'、'.join(EDITABLE)}")
    if len(value) > _LONGEST:
        raise InputError(f"“{field}”的内容过长（{len(value)} 字）", remedy=f"请不要超过 {_LONGEST} 字")
    if field == "genre":
        return _genre(value).value
    if field == "title" and not value:
        raise InputError("标题不能为空", remedy="请给出标题")
    if field == "year" and value:
        if not value.isdecimal() or int(value) not in _YEARS:
            raise InputError(f"年份“{value}”不对", remedy="请给出四位年份，如 2019")
        return str(int(value))
    if field == "date" and value:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise InputError(f"日期“{value}”不对", remedy="请写成 2019-12-31 的样子") from error
    return value


def _genre(value: str) -> Genre:
    """Genre by its name or its Chinese label."""
    by_label = {label: genre for genre, label in GENRE_LABELS.items()}
    if value in by_label:
        return by_label[value]
    try:
        return Genre(value or Genre.OTHER)
    except ValueError as error:
        raise InputError(f"没有文种“{value}”", remedy=f"可选：{'、'.join(by_label)}") from error


def apply(metadata: Metadata, edits: Mapping[str, str]) -> Metadata:
    """The metadata with the edits laid over it."""
    changes: dict[str, object] = {}
    for name, value in edits.items():
        if name == "title":
            changes[name] = value
        elif name == "genre":
            changes[name] = Genre(value)
        else:
            changes[name] = Field(value, "user") if value else None
    return replace(metadata, **changes)  # type: ignore[arg-type]
