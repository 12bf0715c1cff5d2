"""Splits a compilation (合集, 范文大全) into the documents that it is made of.

In: a file's text without page chrome. Out: one :class:`Piece` a document, in order; the whole text
where it is no compilation. The compilation's own title is nobody's title, so what stands before the
first label is left out; the label's words are kept as a hint only.

Why the labels must count 篇一, 篇二 …: a single 第一篇 is an ordinary heading, and a long plan may be
divided into 第一篇 and 第二篇 with chapters (第一章) inside, which is one document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.tracked import TrackedText

LEAST = 80  # characters of text below which a piece is no document
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")}
_COUNT = r"[一二三四五六七八九十\d]{1,3}"
_LABEL = re.compile(
    rf"""^[ \t　#*]*(?P<head>[^\n。；]{{0,40}}?)[ \t　]*
    [（(【\[]?[ \t]*(?:
        第[ ]?(?P<a>{_COUNT})[ ]?篇(?![章幅])
      | (?:范文|样本)?篇[ ]?(?P<b>{_COUNT})(?![\d年])
      | 范文[ ]?(?P<c>{_COUNT})(?![\d年])
    )[ \t]*[）)】\]]?[ \t　]*(?:[:：、.．\-—][ \t　]*)?(?P<tail>[^\n。；]{{0,60}})$""",
    re.VERBOSE | re.MULTILINE,
)
_CHAPTER = re.compile(r"^[ \t　]*第[一二三四五六七八九十]{1,3}章", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a file.

    ``title`` is what the compilation called it ("" where the file is no compilation): a hint, often
    the same for all pieces. ``number`` counts the file's labels from 1, dropped pieces included, so
    that a report keeps its id. ``warnings`` tell of neighbours that were too short to be kept.
    """

    title: str
    text: TrackedText
    number: int = 1
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Label:
    start: int
    end: int
    ordinal: int
    title: str


def split(t: TrackedText) -> tuple[Piece, ...]:
    """The documents of one file, in order; at least one."""
    labels = _sequence(_labels(t.text))
    if len(labels) < 2 or _is_book(t.text, labels):
        return (Piece("", t),)
    bounds = [label.start for label in labels[1:]] + [len(t.text)]
    pieces: list[Piece] = []
    warnings: list[str] = []
    if labels[0].ordinal > 1 and _size(t.text[: labels[0].start]) >= LEAST:
        pieces.append(Piece("", _trimmed(t, 0, labels[0].start), labels[0].ordinal - 1))
    for label, end in zip(labels, bounds, strict=True):
        if _size(t.text[label.end : end]) < LEAST:
            warnings.append(f"合集第{label.ordinal}篇只有{_size(t.text[label.end : end])}个字，未收入")
        else:
            pieces.append(Piece(label.title, _trimmed(t, label.end, end), label.ordinal))
    if not pieces:
        return (Piece("", t, 1, tuple(warnings)),)
    first = pieces[0]
    return (Piece(first.title, first.text, first.number, tuple(warnings)), *pieces[1:])


def _size(text: str) -> int:
    return sum(1 for c in text if not c.isspace())


def _trimmed(t: TrackedText, start: int, end: int) -> TrackedText:
    """The range without white space at its ends."""
    part = t.text[start:end]
    return t.slice(start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip())))


def _ordinal(digits: str) -> int:
    """一 … 九十九 or ASCII digits as a number; 0 where it is none."""
    if digits.isdigit():
        return int(digits)
    if any(c not in _DIGITS for c in digits):
        return 0
    tens, ten, ones = digits.rpartition("十")
    if not ten:
        return _DIGITS[ones] if len(ones) == 1 else 0
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _labels(text: str) -> list[_Label]:
    found = []
    for match in _LABEL.finditer(text):
        ordinal = _ordinal(match["a"] or match["b"] or match["c"] or "")
        if ordinal and len(match[0].strip()) <= 80:
            title = (match["head"] + match["tail"]).strip(" \t　:：()（）【】[]#*-—")
            found.append(_Label(match.start(), match.end(), ordinal, title))
    return found


def _sequence(labels: list[_Label]) -> list[_Label]:
    """The labels that count up one by one, from 1 (or from 2, where the first is not labelled)."""
    counted: list[_Label] = []
    for label in labels:
        expected = (counted[-1].ordinal + 1,) if counted else (1, 2)
        if label.ordinal in expected:
            counted.append(label)
    return counted


def _is_book(text: str, labels: list[_Label]) -> bool:
    """Whether 第一篇, 第二篇 … are parts of one long plan: other titles each, and chapters inside."""
    titles = {label.title for label in labels}
    return len(titles) == len(labels) and bool(_CHAPTER.search(text))
