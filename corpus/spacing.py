"""White space and dots inside lines: stray spaces, flattened line breaks, full stops in decimals.

In: the text of one report. Out: "6 月 1 日" → "6月1日", "如下: 一、工作 今年" → three lines, "4。9%" →
"4.9%". Spaces that mean something stay: between Latin words, next to Latin words ("his 系统"), in table
rows, in wide gaps between columns, between the names of two issuing units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.han import HAN, NUMERALS, TOP_LABEL, WIDE_MARKS, is_han
from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, TrackedText

_EDGES = re.compile(r"\A\s+|(?<!\s)\s+\Z|(?<! )[ ]+(?=\n)|(?<=\n)[ ]+|\n{3,}")
_LINE = re.compile(r"[^\n]+")
_GAP = re.compile(r"(?<=[^ \n]) +(?=[^ \n])")
_SOFT_MARKS = WIDE_MARKS + ",;:!?"

# A measure after a number in a line that is not prose: "2018 年", "23.5 万元", "87 %".
_UNIT = re.compile(r"[年月日时岁人名户个项件份张家所次例台万亿元%％‰倍吨条场期种类]")
_DATED = re.compile(r"(?<=年) +(?=\d{1,2} ?月)|(?<=月) +(?=\d{1,2} ?日)|(?<=第) +(?=\d)")
_LATIN_WORD = re.compile(r"[A-Za-z][^ \u2e80-\uffff]{0,60}$")
_UNIT_NAME = re.compile(r"(?:委|政府|委员会|局|办公室|厅|部|院|会)$")
_LETTER_SPACED = re.compile(rf"[{HAN}](?: [{HAN}])+ ?[：:]")
_LEAST_PROSE = 12

_BEFORE_LABEL = re.compile(rf"(?<=[。：:；;！!])[ ]+(?={TOP_LABEL.pattern})")
_AFTER_HEADING = re.compile(
    rf"(?:(?<=\n)|\A)[{NUMERALS}]{{1,3}}、[^ \n，。；：,;:]{{2,30}}([ ]+)(?=([^ a-zA-Z\n][^\n]{{11,}}))"
)
_SIGNATURE = re.compile(
    rf"(?<=[。！])([ ]*)[{HAN}]{{3,30}}(?:委|会|局|府|院|办|室|心|部|组)([ ]+)"
    r"(?:19|20)\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?日[ ]*(?=\n|\Z)"
)

_MEASURE = r"(?:%|％|‰|个百分点|[万亿]|元|平方|公顷|公里|千瓦|[亩倍吨岁斤℃])"
_DECIMAL = re.compile(rf"(?<=\d)。(?=\d{{1,4}} ?{_MEASURE})")
_SPLIT_DECIMAL = re.compile(rf"(?<=[{HAN}])\d{{1,7}}( ?\. ?)(?=\d{{1,4}} ?{_MEASURE})")
_ORDINAL = re.compile(r"第\d*$")


def trim(t: TrackedText) -> TrackedText:
    """Remove white space at both ends of lines, and blank lines beyond one."""

    def after(match: re.Match[str]) -> str:
        inside = match.start() > 0 and match.end() < len(t.text)
        return "\n\n" if inside and match.group().startswith("\n") else ""

    edits = [Edit(m.start(), m.end(), after(m), RepairKind.LAYOUT) for m in _EDGES.finditer(t.text)]
    return t.edit(edits) if edits else t


def break_lines(t: TrackedText) -> TrackedText:
    """Turn a space back into the line break that it was: around headings and before the signature."""
    labels = [Edit(m.start(), m.end(), "\n", RepairKind.FLATTENED) for m in _BEFORE_LABEL.finditer(t.text)]
    t = t.edit(labels) if labels else t
    text = t.text
    breaks: set[tuple[int, int]] = set()
    for match in _AFTER_HEADING.finditer(text):
        rest = match[2]
        first = re.search("[，。；：,;:]", rest)
        if TOP_LABEL.match(rest) or (first and (first.group() not in "。：:" or first.start() >= 12)):
            breaks.add(match.span(1))
    for match in _SIGNATURE.finditer(text):
        breaks |= {match.span(1), match.span(2)}
    edits = [Edit(start, end, "\n", RepairKind.FLATTENED) for start, end in sorted(breaks)]
    return t.edit(edits) if edits else t


def mend_decimals(t: TrackedText) -> TrackedText:
    """Full stop → decimal point where a measure follows; never in "达5。2018年"."""
    text = t.text
    edits = [
        Edit(m.start(), m.end(), ".", RepairKind.DECIMAL)
        for m in _DECIMAL.finditer(text)
        if not _ORDINAL.search(text[max(0, m.start() - 8) : m.start()])
    ]
    edits += [
        Edit(m.start(1), m.end(1), ".", RepairKind.DECIMAL)
        for m in _SPLIT_DECIMAL.finditer(text)
        if len(m[1]) > 1
    ]
    return t.edit(edits) if edits else t


def _is_prose(line: str) -> bool:
    """Whether ``line`` is a sentence; numbers side by side make it a table row."""
    marks = sum(line.count(mark) for mark in "，。；、,;！？")
    if len(line) < _LEAST_PROSE or not marks:
        return False
    return "。" in line or not re.search(r"\d +\d", line)


def _is_stray(line: str, start: int, end: int, prose: bool) -> bool:
    """Whether the space between ``start`` and ``end`` of ``line`` means nothing."""
    left, right, single = line[start - 1], line[end], end - start == 1
    if left in _SOFT_MARKS or right in _SOFT_MARKS:
        marks = left in WIDE_MARKS or right in WIDE_MARKS or is_han(left) or is_han(right)
        return marks and (single or prose)
    if left.isdigit() and right in "%％‰":
        return True
    if not prose:
        if left.isdigit() and _UNIT.match(right):
            return single
        return bool(_DATED.match(line, start))
    if _LATIN_WORD.search(line[max(0, start - 60) : start]):
        return False
    brackets = (left in ")）" and is_han(right)) or (right in "(（" and is_han(left))
    mixed = (is_han(left) and right.isdigit()) or (left.isdigit() and is_han(right))
    if is_han(left) and is_han(right):
        return single and not _UNIT_NAME.search(line[max(0, start - 4) : start])
    return mixed or brackets


def _stray(text: str) -> Iterator[Edit]:
    for line in _LINE.finditer(text):
        body = line.group()
        if " " not in body:
            continue
        prose = _is_prose(body)
        spaced = _LETTER_SPACED.match(body)
        for gap in _GAP.finditer(body):
            start, end = gap.span()
            in_label = spaced is not None and end <= spaced.end()
            if in_label or _is_stray(body, start, end, prose):
                yield Edit(line.start() + start, line.start() + end, "", RepairKind.STRAY_SPACE)


def close_gaps(t: TrackedText) -> TrackedText:
    """Delete stray spaces."""
    edits = list(_stray(t.text))
    return t.edit(edits) if edits else t
