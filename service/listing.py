"""Complete lists: the members of a section, of a run of 一是…二是…, or of an enumeration.

In: a list question, its ranked sentences and the reports. Out: the lines that are the members, in
reading order. Code finds the members, so that none is lost; nothing is phrased here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.report import Report, Section, SectionKind, Span
from corpus.sentences import sentences
from service.evidence import QUOTED
from service.match import topic_share
from service.question import Question
from service.terms import Weights, content, coverage

LEAST_HEADING = 0.6  # share of the topic that a heading must hold to be the list's own
DOINGS = re.compile(r"做了哪|哪几方面(?:的)?工作|主要做法|哪些(?:做法|工作|举措|措施)|做了什么")
LEAST_SHARED = 0.3  # the same for each of several headings that are the members themselves
THING = re.compile(
    r"哪[三四五六七八九十](?:[种类家所名]|个(?!方面|问题|不足|措施|任务|打算|目标|工程|行动|要点|重点|做法|部分|亮点|举措|环节))"
)  # 哪三种卡 are things, not the three parts of a report
MOST_ITEMS = 60
OWN_LABEL = re.compile(
    r"^(?:(?:\d[.．、](?=\d\d周?岁|\d{4}年)|\d{1,2}[.．、](?!\d))|[（(](?:\d{1,2}|[一二三四五六七八九十]+)[）)]|[①-⑳])\s*"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One member: ``span`` in the report's cleaned text, ``text`` as it is shown."""

    report: Report
    span: Span
    text: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The members of one report, and the heading that they stand under."""

    report: Report
    heading: str
    items: tuple[Item, ...]


def section_list(question: Question, report: Report, weights: Weights) -> Listing | None:
    """Members of the section that the question names by kind or by words; None when there is none."""
    counted = _counted(question, report)
    if counted:
        return counted
    section = _by_kind(question, report) or _by_heading(question.topic, report, weights)
    if (doings := _doings(question, section, report)) and not question.sections:
        return doings
    items = _members(section, report) if section else ()
    if section and items:
        return Listing(report, section.title, items)
    return _siblings(question.topic, report, weights) or (_body(section, report) if section else None)


def _by_kind(question: Question, report: Report) -> Section | None:
    """The top section of the asked kind, unless the topic narrows it to a part."""
    if not question.sections:
        return None
    tops = [s for s in report.sections if s.kind in question.sections]
    return min(tops, key=lambda s: (s.level, s.span.start), default=None)


def _by_heading(topic: str, report: Report, weights: Weights) -> Section | None:
    best: tuple[float, int, Section] | None = None
    for section in report.sections:
        share = topic_share(topic, section.title, weights)
        if len(section.title) >= 4:  # "取得成效" asked as "取得了哪几方面成效"
            share = max(share, 0.9 * coverage(content(section.title), topic, weights))
        if share >= LEAST_HEADING and (best is None or (share, -section.level) > best[:2]):
            best = (share, -section.level, section)
    return best[2] if best else None


def _counted(question: Question, report: Report) -> Listing | None:
    """The headings of one parent that are as many as asked (十大任务: ten), the highest level first."""
    if question.members < 3 or question.sections:
        return None
    quoted = QUOTED.findall(question.text)
    if any(phrase in section.title for phrase in quoted for section in report.sections):
        return None  # the heading itself is named; it may have more members than the slogan counts
    fitting = [group for group in _groups(report) if len(group) == question.members]
    named = [
        g for g in fitting
        if (len(g[0].path) == 1 and not THING.search(question.text)) or _names_group(question, g[0], report)
    ]  # fmt: skip
    best = min(named, key=lambda g: (not _titled(question, g[0]), g[0].level), default=None)
    if best is None:
        return None
    parent = best[0].path[-2] if len(best[0].path) > 1 else report.metadata.title
    return Listing(report, parent, tuple(_item(s, report, s) for s in best))


def _groups(report: Report) -> tuple[list[Section], ...]:
    """Headings of one level under one parent, in reading order."""
    groups: dict[tuple[object, ...], list[Section]] = {}
    for section in report.sections:
        groups.setdefault((section.level, section.path[:-1]), []).append(section)
    return tuple(groups.values())


def _key_words(question: Question) -> tuple[str, ...]:
    """Words of the topic and what the question puts in quotation marks."""
    return tuple(w for w in (*QUOTED.findall(question.text), *question.topic.split()) if len(w) >= 2)


def _titled(question: Question, first: Section) -> bool:
    """Whether the title of the group's parent holds a word of the question."""
    parent = first.path[-2] if len(first.path) > 1 else ""
    return any(word in parent for word in _key_words(question))


def _names_group(question: Question, first: Section, report: Report) -> bool:
    """Whether words of the question stand in the parent of the group, in front of its first member."""
    parent = next(
        (s for s in report.sections if s.path == first.path[:-1] and s.span.holds(first.span)), None
    )
    lead = report.text[parent.span.start : first.span.start] if parent else ""
    return any(word in lead for word in _key_words(question))


def _doings(question: Question, section: Section | None, report: Report) -> Listing | None:
    """做了哪几方面工作: all siblings of the top-level heading that fits, not the one alone."""
    if section is None or not DOINGS.search(question.text):
        return None
    top = min(s.level for s in report.sections)
    group = next((g for g in _groups(report) if section in g), [])
    if section.level != top or len(group) < 3:
        return None
    return Listing(report, report.metadata.title, tuple(_item(s, report, s) for s in group))


def _body(section: Section, report: Report) -> Listing | None:
    """The sentences of a section without sub-sections."""
    body = Span(section.heading.end, section.span.end)
    items = tuple(
        Item(report, Span(s.start, s.end), _bare(s.of(report.text)), section.path)
        for s in sentences(report.text, body)
        if len(s.of(report.text).strip()) > 4
    )
    return Listing(report, section.title, items[:8]) if items else None


def _bare(sentence: str) -> str:
    """A member without its own number, since the list is numbered anew."""
    return OWN_LABEL.sub("", " ".join(sentence.split())).strip("。；")


def _siblings(topic: str, report: Report, weights: Weights) -> Listing | None:
    """Three or more headings of one parent that end in the same words of the topic (…实现新突破)."""
    groups: dict[tuple[object, ...], list[Section]] = {}
    for section in report.sections:
        share = topic_share(topic, section.title, weights)
        if share >= LEAST_SHARED and section.title[-2:] in topic.replace(" ", ""):
            groups.setdefault((section.level, section.path[:-1], section.title[-2:]), []).append(section)
    best = max(groups.values(), key=len, default=[])
    if len(best) < 3:
        return None
    parent = best[0].path[-2] if len(best[0].path) > 1 else report.metadata.title
    return Listing(report, parent, tuple(Item(report, s.heading, s.title.strip("。"), s.path) for s in best))


def _members(section: Section, report: Report) -> tuple[Item, ...]:
    """The direct sub-sections; where there are none, the paragraphs or sentences of the body."""
    inside = [
        s
        for s in report.sections
        if s is not section and section.span.holds(s.span) and s.level > section.level
    ]
    if not inside:
        return ()
    level = min(s.level for s in inside)
    return tuple(_item(s, report, section) for s in inside if s.level == level)[:MOST_ITEMS]


def _item(section: Section, report: Report, parent: Section) -> Item:
    """A sub-section as a member: its heading, and for problems and plans what it says."""
    span = section.heading
    text = section.title
    body = report.text[section.heading.end : section.span.end]
    broken = body[:1] in "，,；;：:"  # the heading is only the beginning of a sentence
    if len(text) < 6 or broken or parent.kind is SectionKind.PROBLEMS:
        first = re.match(r"[\s。]*[^。！？\n]*[。！？]?", body)
        if first and first[0].strip():
            span = Span(section.heading.start, section.heading.end + len(first[0]))
            said = first[0].strip("。 \n")
            text = f"{section.title}{'' if broken else '：'}{said}"
    return Item(report, span, text.strip("。；;:： \n"), section.path)


def distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """Members without repetitions, order kept."""
    seen: dict[str, Item] = {}
    for item in items:
        seen.setdefault(re.sub(r"\W", "", item.text), item)
    return tuple(seen.values())
