"""Cells with spans → lines of text in which every value stands beside its header.

In: the cells of one table with row, column and spans, as docx, HTML and PDF all can give them.
Out: one line a row, ``表头1：值1；表头2：值2。``, so that sentence splitting, search and the figures
grammar see which value belongs to which indicator. What has no header stays plain text: a value
under the wrong header would be a wrong figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.readers.parsed import Line
from corpus.report import BlockKind


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; a merged one covers ``rows`` × ``columns`` places from (``row``, ``column``)."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Rendered:
    """The lines of a table, and its header for a continuation on the next page."""

    lines: tuple[Line, ...]
    header: tuple[str, ...] = ()


Row = tuple[Cell | None, ...]
_MAX_COLUMNS, _MAX_PLACES = 300, 200_000  # of the grid: hostile spans end here
_LONG = 40  # characters; a header is shorter, a cell of a layout table may be longer
_NUMBER = re.compile(r"[≥≤<>＜＞约近超达]?[-+]?(?:\d[\d,.，]*|\*+)\s*(?:%|％|‰|[^\d\s]{0,4})")
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_ENDS = "。；;，, "


def render(cells: Iterable[Cell], *, header_rows: int = 0, above: Sequence[str] = ()) -> Rendered:
    """Lines of one table.

    Args:
        cells: in any order; empty places need no cell.
        header_rows: how many first rows the format itself marks as header (0: not told).
        above: header of a table on the page before that this one may continue.
    """
    grid = _grid(cells)
    lines: list[Line] = []
    while len(grid) > 1 and _is_banner(grid[0]):  # a caption inside the table
        lines.append(Line(_texts(grid[0])[0]))
        grid, header_rows = grid[1:], max(0, header_rows - 1)
    if not grid:
        return Rendered(tuple(lines))
    depth = header_rows if 0 < header_rows < len(grid) else _header_depth(grid)
    if not depth and len(above) == len(grid[0]) > 1:
        header = tuple(above)
    elif depth and len(grid[0]) > 1:
        header = tuple(_column_header(grid[:depth], i) for i in range(len(grid[0])))
    else:
        return Rendered((*lines, *(line for row in grid for line in _plain_row(row))))
    if header == tuple(above):  # the header is repeated on every page
        grid, depth = grid[depth:], 0
    lines += (line for row in grid[depth:] for line in _row(row, header))
    return Rendered(tuple(lines), header)


def _grid(cells: Iterable[Cell]) -> list[Row]:
    """Rows of places; a merged cell stands in each place that it covers; empty rows left out."""
    places: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        for row in range(cell.row, cell.row + max(1, cell.rows)):
            for column in range(cell.column, min(cell.column + max(1, cell.columns), _MAX_COLUMNS)):
                if len(places) < _MAX_PLACES:
                    places.setdefault((row, column), cell)
    width = 1 + max((column for _, column in places), default=0)
    numbers = sorted({row for row, _ in places})
    rows = (tuple(places.get((row, column)) for column in range(width)) for row in numbers)
    return [row for row in rows if _texts(row)]


def _texts(row: Row) -> list[str]:
    """Texts of the different cells of a row that hold any, left to right."""
    distinct = dict.fromkeys(cell for cell in row if cell is not None)
    return [text for cell in distinct if (text := tidy(cell.text))]


def tidy(text: str) -> str:
    """A cell on one line."""
    joined = re.sub(r"(?<=[。；，、：])\s*\n\s*", "", text.strip())
    return re.sub(r"\s*[\n\r\t]\s*", " ", joined)


def _is_banner(row: Row) -> bool:
    """Whether one merged cell fills the whole row."""
    return len(row) > 1 and row[0] is not None and all(cell is row[0] for cell in row)


def _is_number(text: str) -> bool:
    """Whether a cell holds a value and so is no header; years may be headers."""
    return bool(_NUMBER.fullmatch(text)) and not _YEAR.fullmatch(text)


def _header_depth(grid: Sequence[Row]) -> int:
    """How many first rows are header; 0 when the table seems to have none."""
    first = grid[0]
    if len(grid) < 2 or len(first) < 2 or not _may_head(first):
        return 0
    if len(first) == 2 and not _is_mostly_numbers(grid[1:]):
        return 0  # two columns of words are a form: label and content
    depth = max(cell.rows for cell in first if cell is not None)
    if any(cell is not None and cell.columns > 1 for cell in first):
        depth = max(depth, 2)
    depth = min(depth, len(grid) - 1)
    while depth > 1 and not _may_head(grid[depth - 1]):
        depth -= 1
    return depth


def _may_head(row: Row) -> bool:
    """Whether a row could be a header: short words, at most one place empty."""
    texts = _texts(row)
    empty = sum(cell is None or not tidy(cell.text) for cell in row)
    return (
        len(texts) > 1
        and empty <= 1
        and not any(_is_number(t) or len(t) > _LONG or t.endswith(("。", "；")) for t in texts)
    )


def _is_mostly_numbers(rows: Sequence[Row]) -> bool:
    """Whether the second column holds values."""
    values = [tidy(row[1].text) for row in rows if row[1] is not None]
    return bool(values) and 2 * sum(_is_number(v) for v in values) > len(values)


def _column_header(rows: Sequence[Row], column: int) -> str:
    """Header of a column: its levels from the top down, each once (2017年 + 完成数)."""
    levels = dict.fromkeys(tidy(cell.text) for row in rows if (cell := row[column]) is not None)
    return "".join(levels)


def _row(row: Row, header: Sequence[str]) -> list[Line]:
    """A row as ``表头：值；…。``; a value that is merged over columns names them all, once."""
    if _is_banner(row):
        return [Line(_texts(row)[0])]
    columns: dict[Cell, list[str]] = {}
    for cell, name in zip(row, header, strict=True):
        if cell is not None:
            columns.setdefault(cell, []).append(name)
    parts = []
    for cell, names in columns.items():
        value = tidy(cell.text).rstrip(_ENDS)
        label = "、".join(dict.fromkeys(name for name in names if name))
        if value:
            parts.append(f"{label}：{value}" if label else value)
    return [Line("；".join(parts) + "。", BlockKind.TABLE_ROW)] if parts else []


def _plain_row(row: Row) -> list[Line]:
    """A row without header: a form row as ``栏：内容。``, else cells side by side, long ones as lines."""
    texts = _texts(row)
    if any("\n" in c.text.strip() or len(c.text) > 2 * _LONG for c in row if c is not None):
        cells = dict.fromkeys(cell for cell in row if cell is not None)
        return [Line(line) for cell in cells for line in cell.text.split("\n")]
    if len(row) == 2 and len(texts) == 2 and len(texts[0]) <= _LONG // 2:
        label, value = texts[0].rstrip("：:" + _ENDS), texts[1].rstrip(_ENDS)
        return [Line(f"{label}：{value}。", BlockKind.TABLE_ROW)]
    return [Line(" | ".join(texts))]
