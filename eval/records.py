"""Hand-written records, one JSON object a line: what every kind of case and label is read with.

In: a JSONL file and the type of its records. Out: the records, or an error that names the line, the field
and the page that describes the format.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from corpus.errors import InputError

T = TypeVar("T")


def filled_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that are not blank, each with its place: figures.jsonl 第3行."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            yield f"{path.name} 第{number}行", line


def validated(kind: TypeAdapter[T], line: str, *, what: str, where: str, remedy: str) -> T:
    """One record.

    Raises:
        InputError: the line is no record; ``what`` names its kind, ``remedy`` where its format is told.
    """
    try:
        return kind.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{what}格式不对（{place}: {first['msg']}）", where=where, remedy=remedy) from error
