"""Which sentences of a report say most: the weights behind overview, achievements and key figures.

In: a report. Out: its sentences with a weight each, and a choice of them that does not say one thing
twice. A sentence weighs by the figures that it reports, by how much of it recurs in the report, by where
it stands; slogans, continuations (其中…) and damaged text weigh less. No model takes part.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.report import Figure, FigureKind, Report, Section, SectionKind, Span
from corpus.sentences import sentences
from service.arithmetic import RATES
from service.lines import REFERENCE
from service.terms import grams

SHORTEST, LONGEST = 10, 260  # characters of a sentence that can stand in a summary
SPREAD = 25  # bigrams below which a sentence counts as short for what the headings name
MOST_ALIKE = 0.5  # share of bigrams that two chosen sentences may have in common

SLOGAN = re.compile(
    r"思想为指导|为指导|坚强领导|正确领导|的领导下|会议精神|重要讲话|旗帜|全面贯彻|深入贯彻|高度重视|初心|使命|优异成绩|力量源泉|汇报如下|总结如下|情况如下|如下[:：]|报告如下"
)
GOES_ON = re.compile(r"^(?:其中|该|此外|另外|同时|这|为此|因此|但|特别是|例如|此举)")
HEADLINE = {
    SectionKind.OVERVIEW: 0.3, SectionKind.ACHIEVEMENTS: 0.3, SectionKind.HIGHLIGHTS: 0.3, SectionKind.GOALS: 0.2,
    SectionKind.NEXT_STEPS: 0.1, SectionKind.OTHER: 0.0, SectionKind.SAFEGUARDS: -0.2, SectionKind.PROBLEMS: -0.2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence of a report: where it stands, what it says, what it weighs."""

    span: Span
    text: str
    path: tuple[str, ...]
    kind: SectionKind
    weight: float
    figures: tuple[Figure, ...]
    damaged: bool


class Ranking:
    """All sentences of one report with their weights."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._figures: dict[Span, list[Figure]] = {}
        for figure in report.figures:
            self._figures.setdefault(figure.sentence, []).append(figure)
        spans = sentences(report.text, breaks=[s.heading.start for s in report.sections])
        counts = Counter(g for span in spans for g in grams(span.of(report.text)))
        self._common = {g: math.log1p(n - 1) for g, n in counts.items()}
        self._heads = grams(
            " ".join((report.metadata.title, *(x.title for x in report.sections if x.level <= 3)))
        )
        self._top = max(self._common.values(), default=0.0) or 1.0
        self.sentences = tuple(self._weigh(span) for span in spans)

    def within(self, span: Span) -> tuple[Weighed, ...]:
        """The sentences that lie in ``span``, in order."""
        return tuple(s for s in self.sentences if span.holds(s.span))

    def of(self, span: Span) -> Weighed:
        """The weight of any range, such as a sentence that was cut otherwise."""
        return self._weigh(span)

    def _weigh(self, span: Span) -> Weighed:
        text = span.of(self._report.text)
        section = self._section(span)
        kind = section.kind if section else SectionKind.OVERVIEW
        figures = self._stated(span)
        damaged = touches(self._report, span)
        weight = self._recurring(text) + HEADLINE[kind] + 0.25 * math.sqrt(min(4, _telling(figures)))
        weight += 0.6 * self._headed(text) + 0.2 * any(f.unit in RATES for f in figures)
        weight -= 0.6 * bool(SLOGAN.search(text)) + 0.4 * bool(GOES_ON.match(text)) + 1.0 * damaged
        weight -= 0.2 * any(f.masked or f.suspect for f in figures)
        if section and span.start <= section.heading.end:
            weight += 0.1
        if (
            self._report.text[max(0, span.start - 4) : span.start].rstrip()[-1:] in "；;，,、"
        ):  # the rest of a sentence
            weight -= 0.3
        if not usable(text) or (section and _is_heading(section, span)):
            weight -= 2.0
        return Weighed(span, text, section.path if section else (), kind, weight, figures, damaged)

    def _stated(self, span: Span) -> tuple[Figure, ...]:
        exact = self._figures.get(span)
        if exact is not None:
            return tuple(exact)
        return tuple(f for f in self._report.figures if span.holds(f.span))

    def _section(self, span: Span) -> Section | None:
        """The innermost section that a sentence stands in."""
        holding = [s for s in self._report.sections if s.span.start <= span.start < s.span.end]
        return min(holding, key=lambda s: s.span.end - s.span.start, default=None)

    def _headed(self, text: str) -> float:
        """How much of a sentence the headings name, 0 to 1."""
        held = grams(text)
        return len(held & self._heads) / max(len(held), SPREAD)

    def _recurring(self, text: str) -> float:
        """How much of a sentence is what the report speaks of again and again, 0 to 1."""
        held = grams(text)
        return math.fsum(self._common.get(g, 0.0) for g in held) / (len(held) * self._top) if held else 0.0


def usable(text: str) -> bool:
    """Whether a piece of text is a sentence of prose of a fitting length."""
    letters = len(re.findall(r"[\u3400-\u9fff]", text))
    return letters >= SHORTEST and len(text) <= LONGEST and not REFERENCE.search(text) and text.count("?") < 3


def _is_heading(section: Section, span: Span) -> bool:
    """Whether a sentence is a heading and no more."""
    return span.start < section.heading.end and span.end <= section.heading.end + 1


def touches(report: Report, span: Span) -> bool:
    """Whether damaged text stands in ``span``."""
    return any(d.start < span.end and span.start < d.end for d in report.damages)


def _telling(figures: Sequence[Figure]) -> int:
    """Figures that report something; requirements count half."""
    plain = [f for f in figures if f.value is not None]
    told = [f for f in plain if f.kind in (FigureKind.ACTUAL, FigureKind.RANK, FigureKind.DIFFERENCE)]
    return len(told) + (len(plain) - len(told)) // 2


def choose(ranked: Sequence[Weighed], count: int, seen: Sequence[str] = ()) -> tuple[Weighed, ...]:
    """The ``count`` weightiest that do not repeat each other or ``seen``, in reading order."""
    kept: list[Weighed] = []
    taken = [grams(text) for text in seen]
    for sentence in sorted(ranked, key=lambda s: (-s.weight, s.span)):
        own = grams(sentence.text)
        if len(kept) == count or sentence.weight <= -1.0:
            break
        if all(alike(own, other) <= MOST_ALIKE for other in taken):
            kept.append(sentence)
            taken.append(own)
    return tuple(sorted(kept, key=lambda s: s.span))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set of bigrams that the other one holds."""
    return len(one & other) / max(1, min(len(one), len(other)))
