"""What each part of a report speaks of: done or planned, and of which period.

In: the sections of a report and its metadata, or the headings of a bare text. Out: :class:`Stretch` in
order, of which the last that holds an offset counts. A figure under 下一步打算 is a target, and of no
year that the report could tell; one under “十三五”成效 is of those five years, though the plan around
it is of the next. Within a section a paragraph may turn to another time (刚刚过去的2020年, “十四五”时期是…).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.periods import NUMERALS, dated_sections, plan_end, plans, years_back
from corpus.report import PLANS, Metadata, Section, SectionKind, Span

_YEAR = re.compile(r"(20[0-4]\d)年")
_FIRST_YEAR = re.compile(r"^(20[0-4]\d)年")
_FIVE_YEARS = re.compile(r"“?(十[一二三四五六]五)”?")
_PAST = re.compile(r"(?:过去|[这近])(?P<past>[一二三四五])年|(?P<since>[一二三四五])年来")
_DONE = frozenset(
    {SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS, SectionKind.PROBLEMS, SectionKind.OVERVIEW}
)
_AHEAD = frozenset({SectionKind.NEXT_STEPS, SectionKind.GOALS})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text: whether it looks ahead, and the period of figures that name none.

    ``year`` is the year that 全年, 年末 and 五年来 count from, where it is not the report's own: a report
    of 2021 that reviews 2020 means 2020 by 年末. ``title`` is the heading of its section.
    """

    span: Span
    ahead: bool
    period: str
    year: int | None = None
    title: str = ""


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
    plan = metadata.genre in PLANS
    reviewed = _reviewed(sections, metadata)
    found = [Stretch(Span(0, length), plan, period)]
    turned: Stretch | None = found[0] if plan else None  # the report's next steps, once they began
    for section in sections:
        around = stretch_at(found, section.span.start)
        ahead = _looks_ahead(section, around.ahead, turned is not None)
        told = _told(section.title, ahead, metadata.year_number, reviewed)
        if told is not None:
            own, year = told
        elif ahead == around.ahead:
            own, year = around.period, around.year
        else:  # a review does not tell when its next steps fall
            own, year = period if plan or not ahead else "", None
            if turned and section.kind is SectionKind.OTHER:
                own = turned.period  # 三、推进改革 behind 二、2021年工作部署
        found.append(Stretch(section.span, ahead, own, year, section.title))
        if section.kind in _AHEAD and section.level == 1:
            turned = found[-1]
    return tuple(found)


def _reviewed(sections: Sequence[Section], metadata: Metadata) -> int | None:
    """The last year that a report looks back on: the year before, where it plans its own year."""
    year = metadata.year_number
    if year is None or metadata.genre in PLANS:
        return year
    plans_own = any(
        s.level == 1 and s.kind in _AHEAD and (f"{year}年" in s.title or "今年" in s.title) for s in sections
    )
    return year - 1 if plans_own else year


def _looks_ahead(section: Section, around: bool, turned: bool) -> bool:
    if section.kind in _DONE:
        return False
    if section.kind is SectionKind.SAFEGUARDS:  # 组织领导 of a review tells what was done
        return turned
    if section.kind is SectionKind.OTHER and section.level == 1:  # what follows the next steps goes on
        return turned or around
    return section.kind in _AHEAD or around


def _told(title: str, ahead: bool, year: int | None, reviewed: int | None) -> tuple[str, int | None] | None:
    """The period that a heading names, and the year it counts from; None where it names none."""
    five = _FIVE_YEARS.search(title)
    if five:
        ends = plan_end(five[1])
        return five[1], None if ahead or (year and ends >= year) else ends
    past = _PAST.search(title)
    if past:
        return (years_back(past[0], reviewed) or past[0], reviewed) if not ahead else None
    years = set(_YEAR.findall(title))
    if len(years) == 1 and (ahead or _FIRST_YEAR.match(title)):
        named = years.pop()
        return f"{named}年", int(named)
    if not year or not ahead:
        return None
    if "下半年" in title:
        return f"{year}年下半年", None
    return (f"{year + 1}年", None) if "明年" in title else (f"{year}年", None) if "今年" in title else None


_TOPIC = re.compile(
    r"(?:^|(?<=[\n。]))[ \u3000]*(?:(?:刚刚|即将)过去的(?P<gone>20[0-4][0-9])年"
    r"|(?P<past>(?:过去|这)[一二三四五六七八九十]年|[一二三四五六七八九十]年来)(?!的)"
    r"|(?P<coming>(?:今后|未来)[二三四五]年)(?=[，,是])"
    r"|[“\"]?(?P<plan>十[一二三四五六]五)[”\"]?(?:时期|期间)(?=[，,是]))"
    r"(?=[^。；;\n0-9]{2,120}[。：:\n])"  # a sentence that names figures says itself when they hold
)


def with_topics(flat: str, stretches: Sequence[Stretch], year: int | None) -> tuple[Stretch, ...]:
    """The stretches, with those that a paragraph opens within its section (“十四五”时期是…).

    Args:
        flat: the flattened text.
        stretches: those of its sections, outermost first.
        year: the year that the report is about.
    """
    topics = list(_TOPIC.finditer(flat))
    if not topics:
        return tuple(stretches)
    found = list(stretches)
    for topic, after in zip(topics, (*topics[1:], None), strict=True):
        around = stretch_at(stretches, topic.start())
        told = _topic(topic, around, year)
        if told is None:
            continue
        if topic["gone"] or topic["past"]:  # a look back lasts for its paragraph, 一是…五是 in it included
            ends = [_line_end(flat, topic.end())]
        else:
            ends = [around.span.end if around.span.end > topic.start() else len(flat)]
        if after:
            ends.append(after.start())
        told = replace(told, span=Span(topic.start(), min(ends)), title=around.title)
        found = [*(_turned(s, around, told) for s in found), told]
    return tuple(sorted(found, key=lambda s: (s.span.start, -s.span.end)))


def _turned(inner: Stretch, around: Stretch, told: Stretch) -> Stretch:
    """A stretch within a turn, which took its time from the section: it takes it from the turn."""
    inside = told.span.start < inner.span.start < told.span.end
    if not inside or (inner.ahead, inner.period) != (around.ahead, around.period):
        return inner
    return replace(told, span=inner.span, title=inner.title)


def _line_end(flat: str, at: int) -> int:
    end = flat.find("\n", at)
    return len(flat) if end < 0 else end


def _topic(topic: re.Match[str], around: Stretch, year: int | None) -> Stretch | None:
    """What a paragraph turns to; None where that is what its section speaks of anyway."""
    span = Span(topic.start(), topic.end())
    if topic["gone"]:
        return Stretch(span, False, f"{topic['gone']}年", int(topic["gone"]))
    if topic["past"]:
        past = years_back(topic["past"], around.year or year)
        return Stretch(span, False, past, around.year or year) if past and not around.ahead else None
    if year is None:
        return None
    if topic["coming"]:
        return Stretch(span, True, f"{year}—{year + NUMERALS[topic['coming'][2]] - 1}年")
    ends = plan_end(topic["plan"])
    return Stretch(span, ends >= year, topic["plan"], ends if ends < year else None)
