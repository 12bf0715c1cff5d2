"""How an aligned value is written in a cell, a note or a sentence (数值的写法).

In: slots of a line. Out: text that stays with the source's own wording, so that every numeral can be found
in it: 约 and 以上 in their places, the unit of a table's header beside its number, a time of its own in
brackets, both values where a report contradicts itself.
"""

from __future__ import annotations

import re

from corpus.ledger import Row
from corpus.numeral_values import flatten
from service.cited import Citation
from service.memo.aligning import Line, Slot, guessed
from service.memo.measures import Form, falls
from service.papers.derivation import as_written
from service.papers.document import Cell

GAP = "缺"
_YEAR = re.compile(r"^\d{4}年")
_NUMBERS = re.compile(r"\d+")


def said(line: Line, slot: Slot) -> str:
    """The value with its direction where the line has both, and with its time where no head tells it."""
    text = directed(line, slot.row)
    told = line.alike(slot) and (_in_years(line) or _labelled(line))
    return text if told else f"{text}（{part_of_year(slot.row)}）"


def directed(line: Line, row: Row) -> str:
    """下降3.4% on a line of growth rates."""
    mixed = line.measure.form in (Form.GROWTH, Form.CHANGE) and falls(row)
    if not mixed or all(falls(slot.row) for slot in line.found):
        return as_written(row)
    return f"下降{as_written(row)}" if line.measure.form is Form.GROWTH else f"减少{as_written(row)}"


def part_of_year(row: Row) -> str:
    """上半年, 1—11月; with the year where the part is no part of one."""
    label = time_of(row)
    return _YEAR.sub("", label) or label


def time_of(row: Row) -> str:
    """The time that a row is about, in the digits of its own sentence or headings; else 部分月份.

    A report can say at its head that all it tells counts to November: no citation of the row shows it.
    """
    if row.when is None:
        return "时段不详"
    shown = " ".join((row.quote, *row.path, row.title))
    months = _NUMBERS.findall(_YEAR.sub("", row.when.label))
    if row.when.years or all(re.search(rf"(?<!\d){number}(?!\d)", flatten(shown)) for number in months):
        return row.when.label
    return f"{row.when.start.year}年部分月份"


def line_label(line: Line) -> str:
    """What a reader sees in the first cell: with the part of the year that several values are about."""
    if not _labelled(line):
        return line.label
    alike = next(slot for slot in line.found if line.alike(slot))
    return f"{line.label}（{part_of_year(alike.row)}）"


def _in_years(line: Line) -> bool:
    return line.phase.whole_year or bool(line.phase.first_year or line.phase.last_year)


def _labelled(line: Line) -> bool:
    """Whether the part of the year stands beside the name instead of in each cell."""
    return not _in_years(line) and sum(line.alike(slot) for slot in line.found) > 1


def cell(line: Line, slot: Slot | None) -> Cell:
    """The cell of a slot; a gap is said to be one."""
    if slot is None:
        return Cell(GAP, status="missing")
    rows = (slot.row, *slot.rivals, *slot.elsewhere)
    texts = dict.fromkeys([said(line, slot), *(directed(line, row) for row in rows[1:])])
    citations = tuple(dict.fromkeys(Citation.of_row(row) for row in rows))
    return Cell("；".join(texts), citations, status=_status(line, slot))


def _status(line: Line, slot: Slot) -> str:
    if slot.row.masked:
        return "masked"
    if slot.row.suspect or slot.row.value is None:
        return "suspect"
    if slot.rivals or slot.elsewhere or not line.alike(slot) or guessed(slot.row):
        return "warning"
    return "corrected" if slot.row.corrected else ""
