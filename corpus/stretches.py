"""What each part of a report speaks of: done or planned, and of which period.

In: the sections of a report and its metadata, or the headings of a bare text. Out: :class:`Stretch` in
order, of which the last that holds an offset counts. A figure under 下一步打算 is a target, and of no
year that the report could tell; one under “十三五”成效 is of those five years, though the plan around
it is of the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.periods import dated_sections, plans
from corpus.report import Genre, Metadata, Section, SectionKind, Span

_YEAR = re.compile(r"(20[0-4]\d)年")
_FIRST_YEAR = re.compile(r"^(20[0-4]\d)年")
_FIVE_YEARS = re.compile(r"“?(十[一二三四五六]五)”?")
_PAST = re.compile(r"过去[一二三四五]年|[一二三四五]年来")
_PLANS = frozenset({Genre.PLAN, Genre.KEY_POINTS})
_DONE = frozenset(
    {SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS, SectionKind.PROBLEMS, SectionKind.OVERVIEW}
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text: whether it looks ahead, and the period of figures that name none."""

    span: Span
    ahead: bool
    period: str


def stretch_at(stretches: Sequence[Stretch], offset: int, period: str = "") -> Stretch:
    """The innermost stretch at ``offset``; one that looks back at ``period`` where there is none."""
    found = (s for s in reversed(stretches) if s.span.start <= offset < s.span.end)
    return next(found, Stretch(Span(offset, offset), False, period))


def by_headings(flat: str, period: str) -> tuple[Stretch, ...]:
    """The stretches of a text whose sections are not known, by its headings."""
    ahead = [Stretch(span, True, period) for span in plans(flat)]
    dated = [
        Stretch(span, any(a.span.start <= span.start < a.span.end for a in ahead), own)
        for span, own in dated_sections(flat)
    ]
    return tuple(sorted([*ahead, *dated], key=lambda s: s.span.start))


def by_sections(
    length: int, sections: Sequence[Section], metadata: Metadata, period: str
) -> tuple[Stretch, ...]:
    """The stretches of a report, outermost first."""
    plan = metadata.genre in _PLANS
    year = metadata.year_number
    found = [Stretch(Span(0, length), plan, period)]
    turned = plan  # whether the report has come to its next steps
    for section in sections:
        around = stretch_at(found, section.span.start)
        turned = turned or section.kind is SectionKind.NEXT_STEPS
        ahead = _looks_ahead(section.kind, around.ahead, turned)
        own = _told(section.title, ahead, year)
        if own is None:  # a review does not tell when its next steps fall
            own = around.period if ahead == around.ahead else period if plan or not ahead else ""
        found.append(Stretch(section.span, ahead, own))
    return tuple(found)


def _looks_ahead(kind: SectionKind, around: bool, turned: bool) -> bool:
    if kind in _DONE:
        return False
    if kind is SectionKind.SAFEGUARDS:  # 组织领导 of a review tells what was done
        return turned
    return kind in (SectionKind.NEXT_STEPS, SectionKind.GOALS) or around


def _told(title: str, ahead: bool, year: int | None) -> str | None:
    """The period that a heading names; None where it names none."""
    five = _FIVE_YEARS.search(title)
    past = _PAST.search(title)
    years = set(_YEAR.findall(title))
    if five or past:
        return five[1] if five else past[0] if past else None
    if len(years) == 1 and (ahead or _FIRST_YEAR.match(title)):
        return f"{years.pop()}年"
    if not year or not ahead:
        return None
    if "下半年" in title:
        return f"{year}年下半年"
    return f"{year + 1}年" if "明年" in title else f"{year}年" if "今年" in title else None
