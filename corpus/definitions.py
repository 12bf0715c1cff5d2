"""Names of indicators that a report explains itself (名称释义).

In: a report with its figures. Out: pairs (name, what it means) that hold within this report only: 老年人健康
管理率（即65岁以上老年人健康管理率）, 65岁以上老年人健康管理率（以下简称老年人管理率）, and 老年人（65岁以上）健康管理率.
One of the two must be an indicator of the report, so that no chance words become a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from corpus.aliases import cleaned, key
from corpus.report import Report

_LONGEST = 24
_MEANS = re.compile(
    r"[（(，,]{0,2}(?:以下)?(?P<how>即(?!可|将|使|便|时|日|是说)|也就是|亦即|也称为?|又称|统?简称为?|是指|指的是"
    r"|指(?=[^标数导定挥示出])|口径为|含义为)[:：“\"‘]?"
)
_STOP = re.compile(r"[，,。；;：:（()）\n“”\"、]")
_AGE = re.compile(r"[（(](?P<age>\d{1,3}(?:周岁|岁)(?:及以|以)?[上下]?)[）)]")


def definitions(report: Report) -> tuple[tuple[str, str], ...]:
    """The pairs that a report explains, each once, in order."""
    names = {key(cleaned(f.indicator)): cleaned(f.indicator) for f in report.figures if len(f.indicator) > 2}
    if not names:
        return ()
    return tuple(dict.fromkeys((*_said(report.text, names), *_aged(report.text, names))))


def _said(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """甲（即乙）: the shorter name means the longer one; 甲，以下简称乙: 乙 means 甲."""
    for mark in _MEANS.finditer(text):
        left = cleaned(_STOP.split(text[max(0, mark.start() - _LONGEST) : mark.start()])[-1])
        right = cleaned(_STOP.split(text[mark.end() : mark.end() + _LONGEST])[0])
        one = max((name for at, name in names.items() if key(left).endswith(at)), key=len, default="")
        other = max((name for at, name in names.items() if key(right).startswith(at)), key=len, default="")
        if not one and not other:
            continue
        one, other = one or left, other or right
        if min(len(one), len(other)) < 3 or key(one) == key(other) or one[-1] != other[-1]:
            continue
        if "称" in mark["how"] or len(other) < len(one):
            yield other, one
        else:
            yield one, other


def _aged(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """老年人（65岁以上）健康管理率: without the bracket it means the name with the age in front."""
    for mark in _AGE.finditer(text):
        head = key(_STOP.split(text[max(0, mark.start() - _LONGEST) : mark.start()])[-1])
        tail = key(_STOP.split(text[mark.end() : mark.end() + _LONGEST])[0])
        for at, name in names.items():
            low = at.find(tail[:2]) if len(tail) >= 2 else -1
            if low > 0 and head.endswith(at[:low]) and tail.startswith(at[low:]):
                yield name, cleaned(mark["age"] + name)
