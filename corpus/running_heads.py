"""Cuts running heads and page numbers out of papers that were copied from a journal (页眉页脚).

In: one report. Out: the same without them, each cut logged as "chrome"; anything but a paper comes back
unchanged. A copied page leaves its head (all capitals, the same on each page) and its foot (the
journal's name beside a page number) in the middle of a sentence. Only what repeats is cut: a run of
capitals at least three times, a name beside three page numbers in a row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from corpus.title import is_article
from corpus.tracked import Edit, TrackedText

KIND = "chrome"
_NOTE = "页眉页脚"
_CAPITALS = re.compile(r"[A-Z]{8,}")
_NUMBER = re.compile(r"(?<![\d.])\d{1,4}(?![\d.])")
_NAME = re.compile(r"[一-鿿]{4,10}")
_UNIT = re.compile(r"^[年月日个人名项例家所张次元万亿]")
_LEAST = 3  # occurrences
_REACH = 20  # characters beside the capitals that belong to the head


def strip_running_heads(t: TrackedText) -> TrackedText:
    """The paper without the heads and feet of its pages."""
    if not is_article(t.text):
        return t
    edits = _apart(sorted([*_heads(t.text), *_feet(t.text)], key=lambda e: (e.start, -e.end)))
    return t.edit(edits) if edits else t


def _heads(text: str) -> Iterator[Edit]:
    """Capitals that repeat, with the words beside them that repeat as well."""
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for match in _CAPITALS.finditer(text):
        places[match[0]].append(match.span())
    for spans in places.values():
        if len(spans) < _LEAST:
            continue
        left = _common([text[max(0, a - 60) : a][::-1] for a, _ in spans])
        right = _common([text[b : b + 60] for _, b in spans])
        for start, end in spans:
            yield _cut(text, _walk(text, start, left, -1), _walk(text, end, right, 1))


def _common(sides: list[str]) -> int:
    """How many characters, white space aside, all sides share."""
    bare = ["".join(side.split())[:_REACH] for side in sides]
    count = 0
    while all(len(b) > count for b in bare) and len({b[count] for b in bare}) == 1:
        count += 1
    return count


def _walk(text: str, at: int, count: int, step: int) -> int:
    """The offset ``count`` characters further, white space aside."""
    while count:
        char = text[at] if step > 0 else text[at - 1]
        at += step
        count -= not char.isspace()
    return at


def _feet(text: str) -> Iterator[Edit]:
    """Page numbers with the name that stands beside three of them in a row, before or behind."""
    places: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for match in _NUMBER.finditer(text):
        behind = _NAME.match(text, match.end())
        before = re.search(r"[一-鿿]{4,10}$", text[max(0, match.start() - 10) : match.start()])
        for size in range(4, 11):
            if behind and len(behind[0]) >= size:
                places[behind[0][:size]][int(match[0])] = (match.start(), match.end() + size)
            if before and len(before[0]) >= size:
                places[before[0][-size:]][int(match[0])] = (match.start() - size, match.end())
    names = [n for n, found in places.items() if not _UNIT.match(n) and _in_a_row(set(found))]
    for name in names:
        if not any(name != other and name in other for other in names):
            for start, end in places[name].values():
                yield _cut(text, start, end)


def _in_a_row(numbers: set[int]) -> bool:
    return any({n + 1, n + 2} <= numbers for n in numbers)


def _cut(text: str, start: int, end: int) -> Edit:
    """The cut with the white space around it; a paragraph that had ended before stays ended."""
    while start and text[start - 1].isspace():
        start -= 1
    while end < len(text) and text[end].isspace():
        end += 1
    broken = "\n" in text[start:end] and text[start - 1 : start] in "。！？"
    return Edit(start, end, "\n" if broken and start else "", KIND, _NOTE)


def _apart(edits: list[Edit]) -> list[Edit]:
    """The edits without those that overlap an earlier one."""
    kept: list[Edit] = []
    for edit in edits:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept
