"""What readers see of a document in every format: labels, marks, list items, gaps, the lines of a source.

In: a checked document. Out: its parts with labels (一、 （一） 1.), with the numbers of their sources, with
words for what is missing or doubtful, and without personal data or characters that no file can hold. The
screen, the Word file and Markdown only set these parts in type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.privacy import mask_plain
from service.cited import Citation, Sentence
from service.papers.document import Cell, Document, Heading, of_sentence

RUN_IN = 60  # characters of an item up to which a list runs on in one paragraph: 一是…；二是…
RUN_IN_ITEMS = 6
MISSING = "缺"
WARNING = "※"
WARNED = f"{WARNING} 口径、时段或单位不完全一致，比较时请看说明。"
GAP = re.compile(r"【待补[^】]*】")  # what a draft lacks and its user fills in
STATUS = {"suspect": "（原文存疑）", "corrected": "（人工更正）", "warning": WARNING}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LABEL = re.compile(
    r"^\s*(?:[一二三四五六七八九十]{1,3}(?:是|要|、)|[（(][一二三四五六七八九十\d]{1,3}[）)]|(?:\d[.．、](?=\d\d周?岁|\d{4}年)|\d{1,2}[.．、](?!\d))|[①-⑳])\s*"
)
_ENDS = "。；;！？!?"
_HAN = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, the numbers of its sources, and what closes it: 签约率66.2% [1] 。"""

    text: str
    marks: tuple[int, ...] = ()
    end: str = ""

    def __str__(self) -> str:
        return f"{self.text}{mark_text(self.marks)}{self.end}"


def clean(text: str) -> str:
    """Text on one line, without personal data and control characters."""
    return mask_plain(_CONTROL.sub("", " ".join(text.split())))


def masked(value: Any) -> Any:
    """A JSON value without personal data and control characters; quotations keep their line breaks."""
    if isinstance(value, str):
        return mask_plain(_CONTROL.sub("", value))
    if isinstance(value, list):
        return [masked(one) for one in value]
    return {key: masked(one) for key, one in value.items()} if isinstance(value, dict) else value


def han(number: int) -> str:
    """1 … 999 in Chinese."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    head = f"{_HAN[hundreds]}百" if hundreds else ""
    if not rest:
        return head or _HAN[0]
    if not tens:
        return head + ("零" if hundreds else "") + _HAN[ones]
    ten = "十" if tens == 1 and not hundreds else f"{_HAN[tens]}十"
    return head + ten + (_HAN[ones] if ones else "")


@dataclass(slots=True)
class Labels:
    """Numbers headings in reading order; no level is skipped."""

    counts: list[int] = field(default_factory=list)

    def next(self, heading: Heading) -> tuple[int, str]:
        """The level that a heading gets, and its label: 一、 （一） 1. （1）."""
        level = max(1, min(heading.level, len(self.counts) + 1, 4))
        self.counts[level:] = []
        if len(self.counts) < level:
            self.counts.append(0)
        self.counts[level - 1] += 1
        number = self.counts[level - 1]
        forms = (f"{han(number)}、", f"（{han(number)}）", f"{number}.", f"（{number}）")
        return level, forms[level - 1]


# -- marks ------------------------------------------------------------------------------------------


def numbering(document: Document) -> dict[Citation, int]:
    """The number of each source, in order of first use."""
    return {citation: n for n, citation in enumerate(document.sources, 1)}


def ranges(marks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Marks as runs: 1, 3, 4, 5 are (1, 1) and (3, 5); two in a row stay apart."""
    ordered = sorted(set(marks))
    start = 0
    for i in range(1, len(ordered) + 1):
        if i < len(ordered) and ordered[i] == ordered[i - 1] + 1:
            continue
        run = ordered[start:i]
        start = i
        if len(run) > 2:
            yield run[0], run[-1]
        else:
            yield from ((mark, mark) for mark in run)


def mark_text(marks: Iterable[int]) -> str:
    """Marks as text: [1][3—5]."""
    return "".join(f"[{a}]" if a == b else f"[{a}—{b}]" for a, b in ranges(marks))


def piece(sentence: Sentence, number: Mapping[Citation, int], end: str = "。") -> Piece:
    """A sentence with its marks in front of its full stop."""
    text = clean(sentence.text)
    bare = text.rstrip(_ENDS)
    closing = text[len(bare) :] if text[len(bare) : len(bare) + 1] in ("！", "？", "!", "?") else end
    return Piece(bare or text, tuple(number[c] for c in of_sentence(sentence)), closing)


def items(sentences: Sequence[Sentence], number: Mapping[Citation, int]) -> tuple[tuple[Piece, ...], ...]:
    """A list as paragraphs: short items in one (一是…；二是…。), long ones in one each (1. 2.)."""
    found = [piece(one, number) for one in sentences]
    bare = [_LABEL.sub("", one.text) for one in found]
    run_in = 1 < len(found) <= RUN_IN_ITEMS and all(len(text) <= RUN_IN for text in bare)
    if run_in:
        last = len(found) - 1
        return (
            tuple(
                Piece(f"{han(i + 1)}是{bare[i]}", one.marks, "。" if i == last else "；")
                for i, one in enumerate(found)
            ),
        )
    if len(found) == 1:
        return ((found[0],),)
    plain = not any(text[:1].isdigit() for text in bare)  # 1.2023年 would read as 1.2023
    labels = [f"{n}." if plain else f"（{n}）" for n in range(1, len(bare) + 1)]
    return tuple(
        (Piece(label + text, one.marks, one.end),)
        for label, text, one in zip(labels, bare, found, strict=True)
    )


# -- tables and sources -----------------------------------------------------------------------------


def cell_piece(cell: Cell, number: Mapping[Citation, int]) -> Piece:
    """A cell with its marks, and with words for what is missing, doubtful or corrected."""
    text = clean(cell.text)
    if cell.status == "missing":
        return Piece(text or MISSING)
    suffix = STATUS.get(cell.status, "")
    return Piece(text + ("" if suffix and suffix in text else suffix), tuple(number[c] for c in cell.sources))


def is_number(text: str) -> bool:
    """Whether a cell is set to the right: it begins with a figure, and not with a label (6.强化培训)."""
    return bool(
        re.match(
            r"(?!(?:\d[.．、](?=\d\d周?岁|\d{4}年)|\d{1,2}[.．、](?!\d)))[+＋\-－−约近超第不少于低高至多>＞≥<＜≤]{0,4}[\d*]",
            text,
        )
    )


def source_lines(citation: Citation) -> tuple[str, str]:
    """Where a source stands, and the exact sentence."""
    year = f"{citation.year}年" if citation.year else "年份未注明"
    about = "" if citation.typed else f"（{'，'.join(filter(None, (citation.place, year)))}）"
    path = " › ".join(clean(heading) for heading in citation.path)
    quote = clean(citation.quote)  # one that holds quotation marks stays without a second pair
    return f"《{clean(citation.title)}》{about}{path}", quote if "“" in quote else f"“{quote}”"


def caveat(document: Document) -> str:
    """What a partial document lacks, "" for a whole one."""
    if not document.partial and not document.gaps:
        return ""
    told = "；".join(clean(gap).rstrip("。；") for gap in document.gaps)
    return f"本文不完整：{told or '所要的内容有一部分在报告中没有'}。"
