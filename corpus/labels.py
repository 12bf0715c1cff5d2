"""Finds the labels of an outline (一、 （一） 1. （1） ① and 第一章, 2.1) and keeps those that count.

In: cleaned text. Out: :class:`Label` in order, each with its rank on the ladder and its number.

Why a sequence and not a pattern alone: scraped reports are often one giant line, so that a label may
stand anywhere, and the same characters occur in prose (三、四季度, （二）项). A label in the middle of
a line counts only where it continues the count that is open; a damaged one (?、) where exactly one
number is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

CHAPTER, PART, FIRST, SECOND, THIRD, FOURTH, FIFTH, ITEM = range(1, 9)
NUMERALS = "零一二三四五六七八九十"
_N = "[一二三四五六七八九十]{1,3}"
_PATTERNS = (
    (CHAPTER, re.compile(rf"(?:^|(?<=\n))[ \t　]*(?P<label>第(?P<n>{_N}|\d{{1,2}})[章编])[ 　、]*")),
    (PART, re.compile(rf"(?:^|(?<=\n))[ \t　]*(?P<label>第(?P<n>{_N}|\d{{1,2}})节)[ 　、]*")),
    (
        FIRST,
        re.compile(
            rf"(?<![第一二三四五六七八九十、\d])(?P<label>(?P<n>{_N})[、．.])(?![一二三四五六七八九十][季类级批期月、])"
        ),
    ),
    (SECOND, re.compile(rf"(?<!第)(?P<label>[（(](?P<n>{_N})[）)])、?")),
    (
        THIRD,
        re.compile(
            r"(?<![\dA-Za-z.．\-—～~、/〔（(])(?P<label>(?P<n>\d{1,2})[.．、])(?:(?![\d.])|(?=(?:19|20)\d\d年|[1-9]\d周?岁))"
        ),
    ),
    (FOURTH, re.compile(r"(?<![\d第])(?P<label>[（(](?P<n>\d{1,2})[）)]|(?P<m>[⑴-⒇]))")),
    (FIFTH, re.compile(r"(?P<label>(?P<n>[①-⑳]))")),
)
_DAMAGED = re.compile(r"(?:(?<=[。！\n])|^)[ \t　]*(?P<label>[?？�□]、)")
_DECIMAL = re.compile(
    r"(?<![\d.\[(（\-—～~])(?P<label>\d{1,2}(?:\.\d{1,2}){0,2})[ 　]?(?=[一-鿿])"
    r"(?:(?<=\.\d\.\d)|(?![年月日个名人户元万亿亩所家例项支座天岁倍吨米张次份条起台辆栋处届期批时分余多]))"
)
_ITEM = re.compile(
    r"(?:(?<=[\n\s。；;：:，,、！？”）)])|^)(?P<label>(?P<n>[一二三四五六七八九十]{1,2})(?:是|要)|(?P<m>其[一二三四五六])[，,是])"
)
_DASH = re.compile(r"(?:^|(?<=\n))[ \t　]*(?P<label>——)(?=[一-鿿“])")
_AFTER_SENTENCE = "。！？!?"
_SOFT = "；;：:”）)』」…"
TITLE_REACH = 45  # a heading is at most this long before its first child


@dataclass(frozen=True, slots=True)
class Label:
    """A numbered label: ``end`` is where its title begins; ``number`` 0 means damaged."""

    start: int
    end: int
    rank: int
    number: int
    text: str
    line_start: bool
    strong: bool  # after a line break, a sentence end or a space


def value_of(numeral: str) -> int:
    """三, 十二, 7, （, ③ or ⑶ as a number; 0 where it is none."""
    if numeral.isdecimal():
        return int(numeral)
    if len(numeral) == 1 and "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    if len(numeral) == 1 and "⑴" <= numeral <= "⒇":
        return ord(numeral) - ord("⑴") + 1
    tens, ten, ones = numeral.rpartition("十")
    if any(c not in NUMERALS for c in tens + ones) or len(tens) > 1 or len(ones) > 1:
        return 0
    return (10 * (NUMERALS.index(tens) if tens else 1) if ten else 0) + (NUMERALS.index(ones) if ones else 0)


def labels(text: str) -> tuple[Label, ...]:
    """The labels that count, in order of the text, without 一是 items."""
    found = [*_candidates(text), *_decimals(text)]
    found += _damaged(text, found)
    return tuple(_accepted(sorted(found, key=lambda c: (c.start, c.rank)), text))


def items(text: str, start: int, end: int, title_end: int = -1) -> tuple[tuple[Label, ...], ...]:
    """Runs of at least two items 一是 … 二是 …, or ——… ——…, within a range of the text.

    The first may follow the title that ends at ``title_end`` without a mark between.
    """
    runs: list[list[Label]] = []
    if start <= title_end < end and text.startswith("一是", title_end):
        runs.append([_label(text, title_end, title_end + 2, ITEM, 1)])
    for match in _ITEM.finditer(text, start, end):
        number = value_of((match["n"] or match["m"]).lstrip("其"))
        label = _label(text, match.start("label"), match.end("label"), ITEM, number)
        if number == 1:
            runs.append([label])
        elif runs and number == runs[-1][-1].number + 1:
            runs[-1].append(label)
    dashes = enumerate(_DASH.finditer(text, start, end), start=1)
    runs.append([_label(text, m.start("label"), m.end("label"), ITEM, n) for n, m in dashes])
    return tuple(tuple(run) for run in sorted(runs, key=lambda r: r[0].start if r else end) if len(run) > 1)


def _label(text: str, start: int, end: int, rank: int, number: int) -> Label:
    before = text[max(0, start - 40) : start]
    line_start = not before.rsplit("\n", 1)[-1].strip()
    last = before.rstrip()[-1:]
    spaced = bool(before) and before[-1].isspace()
    strong = line_start or spaced or last in _AFTER_SENTENCE or (rank <= SECOND and last in _SOFT)
    return Label(start, end, rank, number, text[start:end].strip(), line_start, strong)


def _candidates(text: str) -> Iterator[Label]:
    for rank, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            number = value_of(groups["n"] or groups.get("m") or "")
            if number:
                found = _label(text, match.start("label"), match.end(), rank, number)
                yield replace(found, text=match["label"])


def _decimals(text: str) -> list[Label]:
    """The ladder 1 … 1.1 … 1.1.1 of articles; empty where 1.1 and 2.1 or 1.2 do not occur."""
    found = [(m, tuple(int(n) for n in m["label"].split("."))) for m in _DECIMAL.finditer(text)]
    path: tuple[int, ...] = ()
    kept: list[Label] = []
    for match, numbers in found:
        if _follows(path, numbers):
            path = numbers
            rank = (FIRST, SECOND, THIRD)[len(numbers) - 1]
            label = _label(text, match.start("label"), match.end(), rank, numbers[-1])
            kept.append(replace(label, text=match["label"], strong=True, line_start=True))
    deep = sum(1 for label in kept if "." in label.text)
    return kept if deep >= 3 and deep * 2 >= len(kept) else []


def _follows(path: tuple[int, ...], numbers: tuple[int, ...]) -> bool:
    """Whether 2.1.1 may come after 2.1, 2.2 after 2.1.3, 3 after 2.4 …"""
    if numbers == (*path, 1):
        return True
    depth = len(numbers)
    return depth <= len(path) and numbers[:-1] == path[: depth - 1] and numbers[-1] == path[depth - 1] + 1


def _damaged(text: str, found: Iterable[Label]) -> list[Label]:
    """Labels ?、 whose number is certain, since the neighbours leave room for exactly these."""
    known = [c for c in found if c.rank == FIRST and "." not in c.text]
    unknown = [_label(text, m.start("label"), m.end(), FIRST, 0) for m in _DAMAGED.finditer(text)]
    row = sorted([*known, *unknown], key=lambda c: c.start)
    named: list[Label] = []
    last, waiting = 0, list[Label]()
    for label in row:
        if not label.number:
            waiting.append(label)
        elif label.number == last + len(waiting) + 1:
            named += [_named(w, last + i + 1) for i, w in enumerate(waiting)]
            last, waiting = label.number, []
        elif not label.strong:
            continue
        else:
            last, waiting = label.number, []
    if last and len(waiting) == 1:
        named.append(_named(waiting[0], last + 1))
    return named


def _named(label: Label, number: int) -> Label:
    tens, ones = divmod(number, 10)
    numeral = ("十" if tens == 1 else NUMERALS[tens] + "十" if tens else "") + (
        NUMERALS[ones] if ones else ""
    )
    return replace(label, number=number, text=f"{numeral}、")


def _accepted(candidates: list[Label], text: str) -> Iterator[Label]:
    """Walk down the text with the open label of each rank, and keep what continues the count."""
    chain: list[Label] = []
    seen: dict[int, int] = {}
    reach = 0
    for label in candidates:
        continues = label.line_start and label.number == seen.get(label.rank, 0) + 1  # 6. under 二、
        if label.start < reach or not (continues or _counts(label, chain, text)):
            continue
        seen[label.rank] = label.number
        while chain and chain[-1].rank >= label.rank:
            chain.pop()
        chain.append(label)
        reach = label.end
        yield label


def _counts(label: Label, chain: list[Label], text: str) -> bool:
    same = next((c for c in chain if c.rank == label.rank), None)
    if same and label.number == same.number + 1:
        return label.strong or label.rank <= SECOND
    if same and label.number > same.number and label.line_start:
        return label.rank <= SECOND or label.number <= same.number + 3  # a number was left out
    if label.number == 1:
        if label.line_start or (label.strong and not same):
            return True
        return bool(chain) and chain[-1].rank < label.rank and _is_child(chain[-1], label, text)
    begins = label.number == 2 or label.rank <= SECOND  # a report that was cut off at its start
    return begins and not same and label.line_start and not any(c.rank > label.rank for c in chain)


def _is_child(parent: Label, label: Label, text: str) -> bool:
    """二、…工作（一）…: the first child follows its parent's title without a sentence end."""
    between = text[parent.end : label.start]
    return 2 <= len(between) <= TITLE_REACH and not re.search(r"[。；;\n]", between)
