"""Reads the files of public benchmarks: one JSON value, or one object a line.

In: a path. Out: the records with their place in the file (第3行). What is no JSON of the published format is an
error that names the place and the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from corpus.errors import InputError, NotFound
from corpus.files import shown

T = TypeVar("T")
REMEDY = "请对照 eval/public/README.md 检查数据文件"
Record = tuple[str, Any]


def read_data(path: Path | None) -> tuple[Record, ...]:
    """The records of a file: the elements of its list, its lines, or its one object.

    Raises:
        NotFound: there is no such file.
        InputError: it is not UTF-8 JSON.
    """
    if path is None or not path.is_file():
        raise NotFound(
            "没有这个数据文件", where=shown(path or ""), remedy="请用 --data 指出自己下载的数据文件"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("不是 UTF-8 编码的文本", where=shown(path), remedy=REMEDY) from error
    records = tuple(_records(text, path.name))
    if not records:
        raise InputError("数据文件是空的", where=shown(path), remedy=REMEDY)
    return records


def _records(text: str, name: str) -> Iterator[Record]:
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(text, name)
        return
    if isinstance(whole, list):
        yield from ((f"{name} 第{n}条", one) for n, one in enumerate(whole, 1))
    else:
        yield name, whole


def _lines(text: str, name: str) -> Iterator[Record]:
    # Not splitlines: the texts hold U+2028 and the like inside their strings.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{name} 第{number}行"
            try:
                yield where, json.loads(line)
            except ValueError as error:
                raise InputError("不是 JSON", where=where, remedy=REMEDY) from error


def checked(kind: TypeAdapter[T], record: Record, what: str) -> T:
    """One record in its published format.

    Raises:
        InputError: a field is absent or of another kind.
    """
    where, value = record
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"不是{what}的数据（{place}: {first['msg']}）", where=where, remedy=REMEDY
        ) from error


def unique(ids: Iterable[str], where: Path) -> None:
    """Refuse data in which an id occurs twice, since its items could not be told apart.

    Raises:
        InputError: one does.
    """
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InputError(f"编号 {one!r} 重复", where=shown(where), remedy=REMEDY)
        seen.add(one)
