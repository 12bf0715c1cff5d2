"""Sentences that a page end or a line end cut in two (分页断句).

In: the text of one report in lines without white space at their ends. Out: the halves joined. A line is
joined to the next only if it is running prose that stops inside a sentence and the next line starts
nothing of its own. Headings, labels, addressees, titles, signatures, dates, attribute lines and cells of
flattened tables stay where they are: a missed join costs a passage, a false one makes a false sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from corpus.han import DATE_LINE, HEADING_LABEL, is_attribute, is_finished, stands_alone
from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, TrackedText

_LINE = re.compile(r"[^\n]+")
_PAIRS = {"“": "”", "（": "）", "(": ")", "《": "》", "【": "】", "〔": "〕"}
_COMMAS = "，、；,;"
_TAIL_MARKS = "，。、；：！？）》”】〕％,;:!?)%"

_ROW = re.compile(r"^[^：。；\n]{1,20}：[^；。\n]{0,40}；[^：；。\n]{1,20}：| [|｜] \S")
_CELLS = re.compile(r" [|｜] \S")  # a row of a table
_NUMBER_END = re.compile(r"[一-鿿][^\n。；]{2,}\d$")
_UNIT_START = re.compile(
    r"(?:[万亿]|人次|人|元|户|个百分点|个|张|所|家|名|例|次|份|台|平方米|公里|亩|吨|天|小时|分钟|年)(?:[人元户]次?)?[，。；、,;）)]"
)

_REACH = 60  # characters within which an opened quote or bracket closes
_PROSE = 30  # characters of a line that has a comma and is running prose
_HEADING = 45  # characters up to which a labelled line without full stop is a heading
_GAP = 2  # line ends between the halves: at most one blank line
_OPEN_GAP = 3  # the same after a comma or an open bracket
_WRAPPED = 0.4  # share of equally long lines that makes a text hard-wrapped
_WRAPPED_ALL = 0.2  # the same where no line is longer
_RAGGED = 6  # columns by which such lines may differ


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def _columns(line: str) -> int:
    return sum(2 if char > "\u2e7f" else 1 for char in line)


def _wrap_width(lines: list[_Line]) -> int:
    """Columns at which the text is hard-wrapped, 0 where it is not."""
    widths = sorted(_columns(line.text) for line in lines if not _ROW.search(line.text))
    if len(widths) < 8:
        return 0
    full = widths[int(len(widths) * 0.9)]
    near = sum(full - _RAGGED <= width <= full + _RAGGED for width in widths)
    share = _WRAPPED if widths[-1] > full + _RAGGED else _WRAPPED_ALL
    return full if 40 <= full <= 140 and near >= share * len(widths) else 0


def _opens(left: str, right: str) -> bool:
    """Whether a quote or bracket opened at the end of ``left`` closes early in ``right``."""
    for opener, closer in _PAIRS.items():
        at = left.rfind(opener, max(0, len(left) - _REACH))
        if at >= 0 and closer not in left[at:] and closer in right[:_REACH]:
            return True
    return False


def _is_prose(line: str) -> bool:
    """Whether ``line`` is running text, not a title, a heading or a cell."""
    if HEADING_LABEL.match(line) and "。" not in line and len(line) <= _HEADING:
        return False
    if is_attribute(line):
        return False
    return "。" in line or (len(line) >= _PROSE and any(mark in line for mark in _COMMAS))


def _continues(line: str) -> bool:
    """Whether ``line`` can be the second half of a sentence."""
    return any(mark in line for mark in "，。；！？,;")


def _belongs(left: str, right: str, gap: int, width: int) -> bool:
    if gap > _OPEN_GAP or DATE_LINE.fullmatch(right) or DATE_LINE.fullmatch(left):
        return False
    if _CELLS.search(left) or _CELLS.search(right):
        return False
    if right[0] in _TAIL_MARKS:
        return True
    if stands_alone(right):
        return False
    if left[-1] in "，、,“（(《" or _opens(left, right):
        return True
    if gap > _GAP or is_finished(left):
        return False
    if left[-1].isdigit() and right[0].isdigit():
        return False  # two numbers, or one? never make a figure
    if _NUMBER_END.search(left) and _UNIT_START.match(right):
        return True
    if width and gap == 1 and _columns(left) >= width - _RAGGED:
        return not (HEADING_LABEL.match(left) and "。" not in left and not _continues(left + right))
    return _is_prose(left) and _continues(right)


def _joint(left: str, right: str) -> str:
    """A space between two words in Latin letters, nothing in Chinese."""
    latin = left[-1].isascii() and right[0].isascii() and left[-1].isalpha() and right[0].isalpha()
    return " " if latin else ""


def join_pages(t: TrackedText) -> TrackedText:
    """Join every line to the one that continues it."""
    lines = [_Line(m.start(), m.end(), m.group()) for m in _LINE.finditer(t.text) if m.group().strip()]
    width = _wrap_width(lines)
    edits = []
    for left, right in pairwise(lines):
        if _belongs(left.text, right.text, right.start - left.end, width):
            after = _joint(left.text, right.text)
            edits.append(Edit(left.end, right.start, after, RepairKind.PAGE_BREAK))
    return t.edit(edits) if edits else t
