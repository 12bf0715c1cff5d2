"""Reads the outline of a report: its headings, what each covers, and what it is for.

In: cleaned text, and headings that the file format marks. Out: :class:`Section` in order of the text,
with the kind (成效, 问题, 打算 …) that a search can filter by.

Four passes: labels that count (:mod:`corpus.labels`); numbered statements are no headings, so a
group of siblings whose titles are mostly statements is dropped; problems and next steps that a
report tells without a label become sections of their own; 一是 … 二是 … items fill the ladder's last
step inside the section they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.closing import closing_start
from corpus.headings import is_title, item_end, kind_of, opens_section, title_end
from corpus.labels import CHAPTER, FIRST, ITEM, PART, SECOND, THIRD, Label, items, labels
from corpus.report import PLANS, Block, BlockKind, Genre, Section, SectionKind, Span
from corpus.title import read_title

_SENTENCE_START = r"(?:(?<=[。！？\n])|^)[ \t　]*"
_PROBLEM_LEAD = re.compile(
    _SENTENCE_START + r"(?:虽然|尽管|在|与此同时|同时|但|当前|目前|总的来?看|我们也?清醒)[^。\n]{0,90}?"
    r"(?:还|仍|依然|也|都)?[^。，\n]{0,6}?"
    r"(?P<title>(?:存在|面临)(?:着|了)?[^。，：:\n]{0,24}?"
    r"(?:问题(?:和不足)?|不足|困难|短板|薄弱环节|差距|难点))"
)
_NEXT_LEAD = re.compile(
    _SENTENCE_START + r"(?P<title>下一?步(?:工作)?|下一?阶段|接下来|今后|下半年|明年)(?:工作中)?[，,:：]?"
    r"[^。\n]{0,60}?(?:将|要|拟|着力|打算|努力|继续)"
)
_BARE_LINE = re.compile(
    r"^[ \t　]*(?P<title>[^\s\d，。；：！？、|（）()]{6,40})[ \t　]*\n\s*(?=\S[^\n]{40})", re.MULTILINE
)
_ADVICE = re.compile(r"(?:^|\n|。)[ \t　]*(?:工作)?(?:建议|对策)[:：]")
_REVIEWS = frozenset({Genre.ANNUAL, Genre.HALF_YEAR, Genre.SELF_REVIEW, Genre.BRIEFING, Genre.NEWS})


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading before its section is known: ``start`` where the section begins."""

    start: int
    rank: int
    label: str
    title: str
    span: Span
    kind: SectionKind | None = None
    end: int | None = None  # where the section ends at the latest


def outline(text: str, blocks: Iterable[Block] = ()) -> tuple[Section, ...]:
    """The sections of one report, in order of their headings.

    ``blocks`` are the reader's, with spans in ``text``; only marked headings are looked at.
    """
    body = closing_start(text)
    found = [label for label in labels(text) if label.start < body]
    ladder = _without_statements(text, found, body)
    headings = [_heading(text, label, _next(ladder, i, body)) for i, label in enumerate(ladder)]
    headings = _with_marked(text[:body], headings, blocks)
    headings = headings or _bare_lines(text, body)
    headings = _with_unlabelled(text[:body], headings)
    headings = _with_items(text, headings, body)
    return _sections(headings, body)


def with_genre(sections: Sequence[Section], genre: Genre) -> tuple[Section, ...]:
    """Sections whose titles say nothing get the kind that the genre implies.

    What a plan lists is still to be done; what a review lists is done, up to its next steps.
    """
    default = SectionKind.NEXT_STEPS if genre in PLANS else SectionKind.ACHIEVEMENTS
    if genre not in PLANS and genre not in _REVIEWS:
        return tuple(sections)
    after = next((s.span.start for s in sections if s.kind is SectionKind.NEXT_STEPS and s.level <= 2), None)
    return tuple(
        replace(s, kind=default)
        if s.kind is SectionKind.OTHER and (genre in PLANS or after is None or s.span.start < after)
        else s
        for s in sections
    )


def has_advice(text: str) -> bool:
    """Whether a problem carries its own 建议： the two must not be parted."""
    return bool(_ADVICE.search(text))


def _next(ladder: Sequence[Label], index: int, body: int) -> int:
    return ladder[index + 1].start if index + 1 < len(ladder) else body


def _heading(text: str, label: Label, limit: int) -> _Heading:
    end = max(label.end, title_end(text, label.end, limit))
    return _Heading(
        label.start, label.rank, label.text, text[label.end : end].strip(), Span(label.start, end)
    )


def _without_statements(text: str, found: Sequence[Label], body: int) -> list[Label]:
    """Labels less those groups of siblings (1. （1） ①) that are mostly numbered statements."""
    groups: list[list[tuple[Label, bool]]] = []
    open_groups: dict[int, list[tuple[Label, bool]]] = {}
    kept: list[Label] = []
    for index, label in enumerate(found):
        for rank in [r for r in open_groups if r > label.rank]:
            del open_groups[rank]
        if label.rank < THIRD:
            open_groups.pop(label.rank, None)
            kept.append(label)
            continue
        if label.number == 1 or label.rank not in open_groups:
            open_groups[label.rank] = []
            groups.append(open_groups[label.rank])
        title = text[label.end : title_end(text, label.end, _next(found, index, body))]
        open_groups[label.rank].append((label, is_title(title)))
    for group in groups:
        if 2 * sum(good for _, good in group) > len(group):
            kept += [label for label, _ in group]
    return sorted(kept, key=lambda c: c.start)


def _with_marked(text: str, headings: list[_Heading], blocks: Iterable[Block]) -> list[_Heading]:
    """Headings that the format marks and that carry no label; the document's title is none."""
    by_start = {h.span.start: h for h in headings}
    title = read_title(text)
    plain: list[tuple[int, str, int]] = []
    shifts: list[int] = []  # rank less level, where a label tells the rank
    for block in blocks:
        if block.kind is not BlockKind.HEADING or block.level < 1:
            continue
        raw = block.span.of(text)
        words, start = raw.strip(), block.span.start + len(raw) - len(raw.lstrip())
        is_title = not text[:start].strip() or (title and title.span and title.span.start == start)
        if start in by_start:
            shifts.append(by_start[start].rank - block.level)
        elif words and "\n" not in words and not is_title:
            plain.append((start, words, block.level))
    shift = min(shifts) if shifts else FIRST - min((level for *_, level in plain), default=FIRST)
    marked = [
        _Heading(start, max(FIRST, min(level + shift, ITEM - 1)), "", words, Span(start, start + len(words)))
        for start, words, level in plain
    ]
    return sorted([*headings, *marked], key=lambda h: h.start)


def _bare_lines(text: str, body: int) -> list[_Heading]:
    """In a text without any label: short lines that read like headings, each above a paragraph."""
    found = []
    for match in _BARE_LINE.finditer(text, text.find("\n") + 1 or body, body):
        title = match["title"]
        if is_title(title) and opens_section(title):
            span = Span(match.start("title"), match.end("title"))
            found.append(_Heading(span.start, FIRST, "", title, span))
    return found


def _with_unlabelled(text: str, headings: list[_Heading]) -> list[_Heading]:
    """Problems and next steps that stand in a paragraph without a heading, near the end."""
    titled = {kind_of(h.title, None) for h in headings if h.rank <= SECOND}
    added = []
    for kind, pattern, least in (
        (SectionKind.PROBLEMS, _PROBLEM_LEAD, 0.3),
        (SectionKind.NEXT_STEPS, _NEXT_LEAD, 0.5),
    ):
        if kind in titled:
            continue
        for match in pattern.finditer(text, int(len(text) * least)):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            if not any(h.start > start for h in headings):
                span = Span(match.start("title"), match.end("title"))
                added.append(_Heading(start, FIRST, "", match["title"], span, kind))
                break
    return sorted([*headings, *added], key=lambda h: h.start)


def _with_items(text: str, headings: list[_Heading], body: int) -> list[_Heading]:
    """一是 … items as the last step of the ladder, each up to the next one or its paragraph's end."""
    bounds = [0, *(h.start for h in headings), body]
    titles = [-1, *(h.span.end for h in headings)]
    added: list[_Heading] = []
    for (low, high), title_stop in zip(pairwise(bounds), titles, strict=True):
        runs = items(text, low, high, title_stop)
        for index, run in enumerate(runs):
            stop = runs[index + 1][0].start if index + 1 < len(runs) else high
            if not _has_paragraphs(text, run):
                line = text.find("\n", run[-1].end, stop)
                stop = stop if line < 0 else line
            ends = [item.start for item in run[1:]] + [stop]
            for item, end in zip(run, ends, strict=True):
                tail = item_end(text, item.end, end)
                title = text[item.end : tail].strip()
                added.append(_Heading(item.start, ITEM, item.text, title, Span(item.start, tail), None, end))
    return sorted([*headings, *added], key=lambda h: h.start)


def _has_paragraphs(text: str, run: Sequence[Label]) -> bool:
    """Whether the items are headings of several paragraphs each, as in speeches."""
    return all(item.line_start for item in run) and any(
        "\n" in text[item.end : after.start].strip() for item, after in pairwise(run)
    )


def _levels(headings: Sequence[_Heading]) -> dict[int, int]:
    """Level by rank: 一、 is 1 unless chapters stand above it."""
    above = len({h.rank for h in headings if h.rank in (CHAPTER, PART)})
    levels = {rank: rank - FIRST + 1 + above for rank in range(FIRST, ITEM + 1)}
    return levels | {CHAPTER: 1, PART: max(above, 1)}


def _sections(headings: Sequence[_Heading], body: int) -> tuple[Section, ...]:
    levels = _levels(headings)
    chain: list[tuple[int, Section]] = []
    result: list[Section] = []
    for index, head in enumerate(headings):
        while chain and (chain[-1][0] >= head.rank or chain[-1][1].span.end <= head.start):
            chain.pop()
        parent = chain[-1][1] if chain else None
        after = (h.start for h in headings[index + 1 :] if h.rank <= head.rank)
        end = min(next(after, body), head.end or body, parent.span.end if parent else body)
        name = (head.label + head.title) if head.label else head.title
        section = Section(
            level=levels[head.rank],
            label=head.label,
            title=head.title,
            heading=head.span,
            span=Span(head.start, end),
            kind=head.kind or kind_of(head.title, parent.kind if parent else None, head.rank >= THIRD),
            path=(*(parent.path if parent else ()), name),
        )
        chain.append((head.rank, section))
        result.append(section)
    return tuple(result)
