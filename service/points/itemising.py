"""Cuts the sections of one kind into their items.

In: a report with its outline, and a kind of section. Out: :class:`Piece` in order. Two rules decide how
deep a list is read. A problem or a work done is what stands directly under the heading of the list; what
is below it (causes, 建议, 一是 …) is its own. A task is the lowest heading: 二、重点工作 › （一）… › 1.…, and 一是 … only where the heading above
says nothing itself. Text between the headings is read too (:mod:`service.points.unlabelled`), so nothing of a
section is left out but introductions and closings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.report import Genre, Report, Section, SectionKind, Span
from service.points.unlabelled import is_frame, items_of, paragraphs, title_of

# A heading that only says what kind of list follows: its body is the list.
CONTAINER = re.compile(
    r"问题|不足|困难|短板|差距|痛点|下一?步|下一?阶段|下半年|明年|打算|安排|计划|规划|思路|任务|重点|举措|措施"
    r"|要点|目标|指标|要求|成效|成绩|完成情况|进展|回顾|做法|亮点|建议|怎么干|20\d\d年"
)
# What a plan foresees is neither a task nor a problem that the office has.
FORESEEN = re.compile(r"风险(?:提示|预判|研判)|难处|需要先想到|注意事项")
# What a review still says behind its next steps is one of them if it is worded as a task.
TASK = re.compile(
    r"^(?:切实|持续|协调|全面|深入|加快|加强|推进|推动|坚持|着力|进一步|大力|努力|强化|完善|优化|抓好|做好|把)"
)
BEHIND = re.compile(r"红灯|黄灯|未完成|没(?:有)?完成|进展(?:缓慢|滞后)")
ADVICE = re.compile(r"(?:^|(?<=[\n。]))[ \t　]*(?:工作)?(?:建议|对策)[:：][ \t　]*")
_FIRST = re.compile(r"[:：][ \t　]*(?=1[.．、](?!\d)|[（(][1一][）)]|[①⑴]|一是|其一)")
_RUN_IN = frozenset("，,、")
_ITEM_LABEL = re.compile(r"^(?:其?[一二三四五六七八九十]{1,2}[是要]?|——)$")  # 一是, 二要, 其一
_OVERALL = re.compile(r"完成情况$")  # a heading over several works
_DONE = frozenset({SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS})
_MARKS = "。；;:：，, \t　\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """One item: its range with the label, its title, and the headings above with its own."""

    span: Span
    title: str
    path: tuple[str, ...]


def pieces(report: Report, kind: SectionKind) -> tuple[Piece, ...]:
    """All items of the sections of a kind, in order."""
    walk = _Walk(report, kind)
    found = [piece for top in walk.tops() for piece in walk.items(top)]
    if not found and kind is SectionKind.NEXT_STEPS:
        found = list(_advised(report))
    return tuple(sorted(found, key=lambda piece: piece.span))


def tops(report: Report, kind: SectionKind) -> tuple[Span, ...]:
    """The ranges of the outermost sections of a kind, less parts of other kinds inside them."""
    walk = _Walk(report, kind)
    return tuple(part for top in walk.tops() for part in walk.own(top))


def advice_start(text: str, span: Span) -> int:
    """Where the 建议 of a problem begins; the end of ``span`` where it has none."""
    found = ADVICE.search(text, span.start, span.end)
    return found.start() if found else span.end


def _advised(report: Report) -> Iterator[Piece]:
    """The 建议 of the problems, for a report that has no next steps of its own."""
    for piece in pieces(report, SectionKind.PROBLEMS):
        found = ADVICE.search(report.text, piece.span.start, piece.span.end)
        if found:
            for item in items_of(report.text, Span(found.end(), piece.span.end)):
                yield Piece(item.span, item.title, piece.path)


class _Walk:
    """One walk over the outline of a report for one kind."""

    def __init__(self, report: Report, kind: SectionKind) -> None:
        self.kind, self.text, self.genre = kind, report.text, report.metadata.genre
        self._below: dict[Section | None, list[Section]] = {}
        self._kinds: dict[Section, SectionKind] = {}
        self._turned = False  # whether the report has come to what is to be done
        open_: list[Section] = []
        for section in report.sections:
            while open_ and not open_[-1].span.holds(section.span):
                open_.pop()
            above = open_[-1] if open_ else None
            self._below.setdefault(above, []).append(section)
            kind = self._purpose(section, self._kinds[above] if above else None)
            self._turned = self._turned or kind in (SectionKind.NEXT_STEPS, SectionKind.GOALS)
            self._kinds[section] = kind
            open_.append(section)

    def _purpose(self, section: Section, above: SectionKind | None) -> SectionKind:
        """What a section is for here: its kind, but for what a plan foresees and what fell behind."""
        if section.kind is SectionKind.OTHER and above is not None:
            return above
        if above is SectionKind.OTHER and section.kind is SectionKind.NEXT_STEPS:
            return above
        if section.kind is SectionKind.NEXT_STEPS and FORESEEN.search(section.title):
            return SectionKind.OTHER
        if section.kind is SectionKind.OTHER and above is None and self._turned and TASK.match(section.title):
            return SectionKind.NEXT_STEPS
        if section.kind is SectionKind.ACHIEVEMENTS:
            if BEHIND.search(section.title):
                return SectionKind.PROBLEMS
            return above if above is SectionKind.PROBLEMS else section.kind
        if section.kind is SectionKind.SAFEGUARDS and self.genre is Genre.KEY_POINTS:
            return SectionKind.NEXT_STEPS  # 要点 count their tasks through all chapters
        return section.kind

    def tops(self, parent: Section | None = None) -> Iterator[Section]:
        """The outermost sections of the kind."""
        for section in self._below.get(parent, ()):
            if self._kinds[section] is self.kind:
                yield section
            else:
                yield from self.tops(section)

    def own(self, section: Section) -> tuple[Span, ...]:
        """The range of a section less what inside it is of another kind."""
        parts, start = [], section.span.start
        for other in self._foreign(section):
            parts.append(Span(start, other.span.start))
            start = other.span.end
        return tuple(p for p in (*parts, Span(start, section.span.end)) if p.end > p.start)

    def _foreign(self, section: Section) -> Iterator[Section]:
        for child in self._below.get(section, ()):
            if self._kinds[child] is not self.kind:
                yield child
            else:
                yield from self._foreign(child)

    def items(self, section: Section) -> Iterator[Piece]:
        """The items of a list section: its children and what stands between them."""
        children = [c for c in self._below.get(section, ()) if self._kinds[c] is self.kind]
        if not CONTAINER.search(section.title) and not self._splits(children):
            yield from self._one(section)
            return
        at = start = self._start(section)
        for child in self._below.get(section, ()):
            yield from self._between(Span(at, child.span.start), section, first=at == start)
            if self._kinds[child] is self.kind:
                yield from self.items(child) if self._is_group(child) else self._one(child)
            else:
                yield from (p for top in self.tops(child) for p in self.items(top))
            at = child.span.end
        yield from self._between(Span(at, section.span.end), section, first=not children)

    def _start(self, section: Section) -> int:
        """Where the body begins; a heading that is part of its first sentence (下一步，我局将…) is body."""
        run_in = not section.label and self.text[section.heading.end : section.heading.end + 1] in _RUN_IN
        return section.span.start if run_in else section.heading.end

    def _splits(self, children: Sequence[Section]) -> bool:
        """Whether the children of a top section are its items; what was done by 一是 … is one work."""
        done = self.kind in _DONE and all(_ITEM_LABEL.match(c.label) for c in children)
        return bool(children) and not done

    def _is_group(self, section: Section) -> bool:
        """Whether the items are those below ``section`` and not the section itself."""
        below = [c for c in self._below.get(section, ()) if self._kinds[c] is self.kind]
        if len(below) < 2 or self.kind is SectionKind.PROBLEMS:
            return False
        if self.kind in _DONE:
            return bool(_OVERALL.search(section.title)) and not _ITEM_LABEL.match(below[0].label)
        lead = self.text[section.heading.end : below[0].span.start].strip(_MARKS)
        return not _ITEM_LABEL.match(below[0].label) or not lead or is_frame(lead)

    def _one(self, section: Section) -> Iterator[Piece]:
        """A section as one item; the paragraphs behind it that close the list are none of it."""
        for part in self.own(section):
            if not part.of(self.text).strip():
                continue
            kept = _without_closing(self.text, part)
            yield Piece(kept, section.title.strip(_MARKS) or section.label, section.path)

    def _between(self, span: Span, section: Section, first: bool) -> Iterator[Piece]:
        """Items of the text around the children; one introducing paragraph in front of them is none."""
        parts = paragraphs(self.text, _behind_marks(self.text, span))
        if first and self._below.get(section) and len(parts) == 1:
            yield from self._run_in(parts[0], section)
            return
        if not parts or all(is_frame(p.of(self.text)) for p in parts):
            return
        for item in items_of(self.text, Span(parts[0].start, parts[-1].end)):
            yield Piece(item.span, item.title, section.path)

    def _run_in(self, span: Span, section: Section) -> Iterator[Piece]:
        """The first item where it follows the introduction in one paragraph (存在以下问题：1.…)."""
        found = _FIRST.search(self.text, span.start, span.end)
        if found:
            own = Span(found.end(), span.end)
            yield Piece(own, title_of(own.of(self.text)), section.path)


def _behind_marks(text: str, span: Span) -> Span:
    """The range without the marks that end a heading."""
    part = span.of(text)
    return Span(min(span.end, span.start + len(part) - len(part.lstrip(_MARKS))), span.end)


def _without_closing(text: str, span: Span) -> Span:
    parts: Sequence[Span] = paragraphs(text, span)
    while len(parts) > 1 and is_frame(parts[-1].of(text)):
        parts = parts[:-1]
    return Span(parts[0].start, parts[-1].end)
