"""Items of a stretch of text that has no headings: numbered statements, paragraphs, bare sentences.

In: cleaned text and a range of it. Out: :class:`Item` in order, each with a title cut from its own
words. Introductions (存在以下问题：) and closings (以上六项…) belong to no item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.labels import items as runs
from corpus.labels import labels
from corpus.report import Span
from corpus.sentences import sentences

LONGEST_TITLE = 40  # characters of a title that is cut from a sentence
LABEL = re.compile(
    r"^\s*(?:(?:\d[.．、](?=\d\d周?岁|\d{4}年)|\d{1,2}[.．、](?!\d))|[（(](?:\d{1,2}|[一二三四五六七八九十]+)[）)]、?|[①-⑳⑴-⒇]"
    r"|[一二三四五六七八九十]{1,3}(?:是|要|[、．.])|其[一二三四五六][，,是]|——)\s*"
)
INTRODUCES = re.compile(r"[:：]$|(?:以下|如下|下列|几个方面|几点|几项|几件)[^。]{0,14}[。:：]?$")
CLOSES = re.compile(
    r"^(?:以上|上述|完成上述|做好上述|综上|总之|各位|同志们|让我们|我们(?:相信|坚信)|新的一年|[一二三四五六七八九十两]+项[^，。]{0,4}中)"
)
# A sentence that goes on with what the one before it said.
GOES_ON = re.compile(
    r"^(?:这|该|其中|其|此外还|因此|因而|为此|由此|导致|主要原因|原因|究其|症结|特别是|尤其|例如|比如|如|同时|并)"
)
_ENDED = re.compile(r"[。！？!?；;：:][”’）)]*$")
_MARKS = "。；;:：，, \t　\n"
_CLAUSE = re.compile(r"[，,；;。：:！？!?\n]")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its range with the label, and a title of its own words."""

    span: Span
    title: str


def bare(text: str) -> str:
    """A text on one line without its label."""
    return " ".join(LABEL.sub("", text).split())


def items_of(text: str, span: Span) -> tuple[Item, ...]:
    """The items of a stretch: by its labels, else by its paragraphs, else by its sentences."""
    for starts in (_labelled(text, span), _runs(text, span)):
        if len(starts) >= 2:
            ends = [*starts[1:], span.end]
            cut = [_stripped(text, Span(a, b)) for a, b in zip(starts, ends, strict=True)]
            lead = _told(text, Span(span.start, starts[0]))
            parts = (*(lead if len(lead) > 1 else ()), *_split_closing(text, cut))
            return tuple(_item(text, part) for part in parts)
    return tuple(_item(text, part) for part in _told(text, span))


def _told(text: str, span: Span) -> tuple[Span, ...]:
    """The paragraphs, or the sentences of a single one, that are more than frame."""
    parts = paragraphs(text, span)
    if len(parts) < 2:
        parts = _grouped(text, span)
    return tuple(p for p in parts if not is_frame(p.of(text)))


def is_frame(text: str) -> bool:
    """Whether a sentence or a paragraph only introduces or closes a list."""
    bare_text = text.strip()
    last = re.split(r"[。！？]", bare_text.rstrip("。"))[-1]
    short = len(bare_text) <= 90
    return bool(
        not bare_text
        or (INTRODUCES.search(last) and (short or bare_text[-1] in ":："))
        or (CLOSES.match(bare_text) and not LABEL.match(bare_text))
    )


def paragraphs(text: str, span: Span) -> tuple[Span, ...]:
    """Paragraphs without white space around; a line that breaks off goes on below, and so does a table."""
    found: list[Span] = []
    for match in re.finditer(r"[^\n]+", text[span.start : span.end]):
        part = _stripped(text, Span(span.start + match.start(), span.start + match.end()))
        if part.start >= part.end:
            continue
        broken = found and not _ENDED.search(found[-1].of(text)) and not LABEL.match(part.of(text))
        if broken:
            found[-1] = Span(found[-1].start, part.end)
        else:
            found.append(part)
    return tuple(found)


def title_of(text: str) -> str:
    """The first words of a statement: its first sentence, or as many clauses as fit."""
    body = bare(text)
    end = 0
    for stop in _CLAUSE.finditer(body):
        if end and stop.start() > LONGEST_TITLE:
            break
        end = stop.start()
        if stop[0] in "。；;！？!?" or (stop[0] in "：:" and end >= 4):
            break
    return (body[:end] if end else body).strip(_MARKS)[: 2 * LONGEST_TITLE]


def _item(text: str, span: Span) -> Item:
    return Item(span, title_of(span.of(text)))


def _labelled(text: str, span: Span) -> list[int]:
    """Where the items begin that labels of the highest rank count."""
    part = text[span.start : span.end]
    found = labels(part)
    for rank in sorted({label.rank for label in found}):
        row = [label for label in found if label.rank == rank]
        if len(row) >= 2:
            return [span.start + label.start for label in row]
    return []


def _runs(text: str, span: Span) -> list[int]:
    """The same for 一是 … 二是 … and ——…."""
    return [label.start for run in runs(text, span.start, span.end) for label in run]


def _split_closing(text: str, cut: Sequence[Span]) -> Iterator[Span]:
    """The items, the last one without paragraphs that only close the list."""
    yield from cut[:-1]
    parts = paragraphs(text, cut[-1])
    kept = [p for n, p in enumerate(parts) if n == 0 or not is_frame(p.of(text))]
    yield Span(kept[0].start, kept[-1].end)


def _grouped(text: str, span: Span) -> tuple[Span, ...]:
    """Sentences, each with those that go on with it."""
    found: list[Span] = []
    for sentence in sentences(text, span):
        before = found[-1].of(text) if found else ""
        cut_off = bool(before) and not _ENDED.search(before)
        if cut_off or (before and GOES_ON.match(sentence.of(text)) and not is_frame(before)):
            found[-1] = Span(found[-1].start, sentence.end)
        else:
            found.append(sentence)
    return tuple(found)


def _stripped(text: str, span: Span) -> Span:
    part = span.of(text)
    return Span(span.start + len(part) - len(part.lstrip()), span.end - len(part) + len(part.rstrip()))
