"""Sentences recycled from last year's report of the place, or from another county's.

In: a text, other reports, and what anybody may repeat (names, titles, indicators, the input). Out: findings,
each with the run that both share and its share of the sentence, and the rate of the whole text. Shares are
computed from counts of characters; the counts are told by :class:`Measured`, a source like any other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.aliases import shipped
from corpus.ledger import place_in_outline
from corpus.report import Report, Span
from corpus.sentences import sentences
from service.cited import Citation, Derived
from service.draft.copying import Copied, copied
from service.proof.measured import Measured
from service.proof.rules import Finding, Rule, Severity
from service.proof.text import Line, Text

_TITLE = re.compile(r"《[^《》\n]{2,60}》|“[^“”\n]{2,20}”")
_NUMBER_BEHIND, _NUMBER_BEFORE = re.compile(r"[0-9.]+$"), re.compile(r"^[0-9.%]*年?")
_ROW = re.compile(r"^[^：；]{1,40}：[^；]{0,60}；")
_MARK = re.compile("[，。；！？]")
_WHOLE = Decimal(80)  # percent of a sentence from which it is the same sentence
_LEAST = 12  # characters of a sentence that two texts share
_HALF, _LONG = 2, 20  # a finding: half of the sentence, or so many characters
# What office texts repeat by custom: whom they follow, and standing names of services and insurances.
_CUSTOM = (
    "新时代中国特色社会主义思想为指导", "深入学习贯彻党的十九大精神", "深入学习贯彻党的二十大精神", "在县委、县政府的坚强领导下",
    "在区委、区政府的坚强领导下", "在市委、市政府的坚强领导下", "在上级业务主管部门的精心指导下", "坚持以人民为中心的发展思想",
    "新时代党的卫生与健康工作方针", "人民群众的获得感、幸福感、安全感", "国家基本公共卫生服务项目", "城乡居民基本医疗保险",
    "县域紧密型医疗卫生共同体", "建档立卡贫困人口", "乡镇卫生院", "社区卫生服务中心", "人均可支配收入",
    "城镇居民", "农村居民", "总结如下", "现将有关情况报告如下", "存在的问题和不足", "下一步工作打算",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Other:
    """A report that may have been copied from; ``own`` says that it is of the same place."""

    report: Report
    own: bool


@dataclass(frozen=True, slots=True)
class Recycled:
    """All findings, the share of the whole text that was copied, and the counts behind it."""

    findings: tuple[Finding, ...]
    rate: Derived | None = None
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class _Overlap:
    line: Line
    other: Other
    run: str
    at: Span
    shared: int
    whole: int


def recycled(text: Text, others: Sequence[Other], allowed: Iterable[str] = ()) -> Recycled:
    """What a text has in common with other reports.

    Args:
        text: the text.
        others: the reports, the nearest first: of two that hold a sentence the first one is named.
        allowed: what the user gave; it may be repeated.
    """
    free = (*_names(text), *_CUSTOM, *shipped().titles, *allowed)
    runs = copied(text.text, [other.report.text for other in others], free)
    found = tuple(_overlaps(text, others, runs))
    if not found:
        return Recycled(())
    size = letters(text.text)
    shared = sum(one.shared for one in found)
    measured = _counts(text, size, shared, found)
    rate = measured.share(shared, size)
    told = tuple(
        _finding(text, one, measured.share(one.shared, one.whole, number))
        for number, one in enumerate(found, 1)
        if one.shared >= _LONG or one.shared * _HALF >= one.whole
    )
    return Recycled(told, rate, measured)


def _is_form(text: Text, line: Line) -> bool:
    """Whether a sentence is the title, a heading or the row of a table."""
    named = not _MARK.search(line.text)  # a name in a table
    titled = line.text.strip("。") == text.report.metadata.title
    return line.heading or named or titled or bool(_ROW.match(line.text))


def letters(text: str) -> int:
    """Characters that count: no white space, no marks."""
    return sum(char.isalnum() for char in text)


def _names(text: Text) -> Iterator[str]:
    """Titles, names and headings of the text itself."""
    told = text.report.metadata
    yield from (m[0] for m in _TITLE.finditer(text.text))
    yield from (section.title for section in text.report.sections if section.level <= 2)
    yield from (field.value for field in (told.place, told.issuer) if field)
    yield told.title


def _overlaps(text: Text, others: Sequence[Other], runs: Sequence[Copied]) -> Iterator[_Overlap]:
    """Sentence by sentence, the longest run that it shares, and how many characters it shares in all."""
    by_line: dict[Line, list[tuple[Span, Copied]]] = defaultdict(list)
    for run in runs:
        line = text.at(run.span.start)
        number = text.sentences.index(line)
        while number < len(text.sentences) and text.sentences[number].span.start < run.span.end:
            line = text.sentences[number]
            inside = Span(max(run.span.start, line.span.start), min(run.span.end, line.span.end))
            if letters(inside.of(text.text)) >= _LEAST and not _is_form(text, line):
                by_line[line].append((inside, run))
            number += 1
    for line, parts in by_line.items():
        span, run = max(parts, key=_length)
        at = run.at.start + (span.start - run.span.start)
        stretches = [part for part, _ in parts]
        covered = {i for part in stretches for i in range(part.start, part.end) if text.text[i].isalnum()}
        words = _trimmed(text.text, span)
        other = others[run.source]
        yield _Overlap(line, other, words, Span(at, run.at.end), len(covered), letters(line.text))


def _trimmed(text: str, span: Span) -> str:
    """A run without marks at its ends, and without a number that it cuts."""
    words = span.of(text)
    if text[span.end : span.end + 1].isalnum() or text[span.end : span.end + 1] in (".", "%"):
        words = _NUMBER_BEHIND.sub("", words)
    if text[span.start - 1 : span.start].isdigit():
        words = _NUMBER_BEFORE.sub("", words)
    return words.strip("，,；;。：:、（( \n")


def _length(found: tuple[Span, Copied]) -> int:
    return found[0].end - found[0].start


def _finding(text: Text, one: _Overlap, part: Derived | None) -> Finding:
    same = part is not None and part.value >= _WHOLE
    own = one.other.own
    severity = Severity.HIGH if same and not own else Severity.LOW if own and not same else Severity.MEDIUM
    told = one.other.report.metadata
    whose = (
        f"{told.year.value}年"
        if own and told.year
        else "往年"
        if own
        else told.place.value
        if told.place
        else "其他单位"
    )
    words = " ".join(one.run.split())
    message = f"与{whose}的报告相同：{words}"
    if part is not None:
        message += f"（占全句的{part.text}）"
    citations = (text.cite(one.line), _cite(one.other.report, one.at))
    rule = Rule.COPIED_OWN if own else Rule.COPIED_OTHER
    return Finding(rule, severity, message, citations, (part,) if part else ())


def _cite(report: Report, span: Span) -> Citation:
    """The sentences of another report that a run lies in."""
    text, told = report.text, report.metadata
    low = text.rfind("\n", 0, span.start) + 1
    high = text.find("\n", span.start)
    line = Span(low, len(text) if high < 0 else high)
    inside = [s for s in sentences(text, line) if s.end > span.start and s.start < span.end] or [line]
    whole = Span(inside[0].start, inside[0].end)
    path, _ = place_in_outline(report, whole)
    return Citation(
        report.id, told.title, whole.start, whole.end, whole.of(text), told.place.value if told.place else "",
        told.year_number, path,
    )  # fmt: skip


def _counts(text: Text, size: int, shared: int, found: Sequence[_Overlap]) -> Measured:
    lines = (f"全句{one.whole}字，相同{one.shared}字" for one in found)
    return Measured.of(text, f"全文{size}字，与其他报告相同的文字{shared}字", *lines)
