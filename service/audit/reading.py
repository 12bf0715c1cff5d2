"""A report as an audit reads it: every figure with the words between it and its neighbours.

In: a :class:`~corpus.report.Report`. Out: its sentences as chains of :class:`Mention`. What two figures
have to do with each other stands in the few words between them (由…到…, 其中, 占, 比上年的…增加), so the
checks read those words; a name found far away proves nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from corpus.numeral_values import flatten
from corpus.report import PLANS, Figure, FigureKind, Report, Span
from service.arithmetic import COUNTS, base
from service.cited import Citation, Derived, Operand
from service.papers.derivation import operand

RATES = frozenset({"%", "‰"})
_VAGUE_BEHIND = re.compile(r"^[ ]?(?:多(?![出了0-9])|余|左右|上下|(?:及?以[上下内]))?")
_AHEAD = re.compile(
    r"打算|计划|安排|下一?步|下半年|明年|思路|要点|目标|任务|力争|确保|争取|预计|拟|将|要求|规划|举措|继续|努力"
)
_NEAR = 400  # characters before a figure in which its base is looked for


@dataclass(frozen=True, slots=True)
class Mention:
    """One figure in its sentence; ``before`` and ``after`` reach to the neighbouring figures."""

    figure: Figure
    before: str
    after: str
    number: int  # place in its sentence, from 0

    @property
    def start(self) -> int:
        """Offset of the figure."""
        return self.figure.span.start

    @property
    def value(self) -> Decimal | None:
        """Value in the base unit; None when masked, suspect or a range."""
        return base(self.figure)

    @property
    def unit(self) -> str:
        """Canonical unit."""
        return self.figure.unit

    @property
    def rate(self) -> bool:
        """Whether it is a percentage or per mille."""
        return self.unit in RATES

    @property
    def text(self) -> str:
        """As written, without white space."""
        return "".join(self.figure.text.split())

    @property
    def clause(self) -> str:
        """The words before it up to the last mark."""
        return re.split(r"[，,；;。：:！？]", self.before)[-1]


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence with its figures, in order."""

    span: Span
    text: str  # flattened
    mentions: tuple[Mention, ...]
    line: int


def same_unit(one: Mention, other: Mention) -> bool:
    """Whether two figures count the same things."""
    return one.unit == other.unit or any({one.unit, other.unit} <= group for group in COUNTS)


class Reading:
    """The sentences of one report that hold figures, and where they stand."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.flat = flatten(report.text)
        self._breaks = [m.start() for m in re.finditer("\n", self.flat)]
        grouped = groupby(report.figures, key=lambda f: f.sentence)
        self.sentences = tuple(self._sentence(span, tuple(found)) for span, found in grouped)

    def _sentence(self, span: Span, figures: Sequence[Figure]) -> Told:
        ends = [span.start]
        for figure in figures:
            behind = _VAGUE_BEHIND.match(self.flat[figure.span.end : span.end])
            ends.append(figure.span.end + (behind.end() if behind else 0))
        starts = [*(figure.span.start for figure in figures), span.end]
        mentions = tuple(
            Mention(figure, self.flat[ends[i] : starts[i]], self.flat[ends[i + 1] : starts[i + 1]], i)
            for i, figure in enumerate(figures)
        )
        return Told(span, span.of(self.flat), mentions, bisect_right(self._breaks, span.start))

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """All figures in order."""
        return tuple(m for sentence in self.sentences for m in sentence.mentions)

    @cached_property
    def _starts(self) -> list[int]:
        return [m.start for m in self.mentions]

    def near(self, mention: Mention, back: int = _NEAR, ahead: int = 0) -> tuple[Mention, ...]:
        """The figures of its line within ``back`` characters before and ``ahead`` behind it, itself left out."""
        at = mention.start
        line = bisect_right(self._breaks, at)
        low = max(at - back, self._breaks[line - 1] if line else 0)
        high = min(at + ahead, self._breaks[line] if line < len(self._breaks) else len(self.flat))
        first, last = bisect_left(self._starts, low), bisect_right(self._starts, high)
        here = bisect_left(self._starts, at)
        stop = max(last, here)
        return tuple(m for m in self.mentions[first:stop] if m.start != at)

    def around(self, mention: Mention, before: int = 14, behind: int = 10) -> str:
        """The words that name a figure: a few before and a few behind it, and its indicator."""
        return "|".join((mention.figure.indicator, mention.before[-before:], mention.after[:behind]))

    def states(self, mention: Mention) -> bool:
        """Whether a figure tells what was, and not what is planned, wanted or changed.

        A review has figures under headings such as 主要工作 that could as well open a plan; unless the
        words themselves look ahead, what a review says there was done.
        """
        kind, told = mention.figure.kind, self.report.metadata
        if kind is not FigureKind.TARGET or told.genre in PLANS:
            return kind is FigureKind.ACTUAL
        words = "".join(self.path(mention.start)) + mention.figure.sentence.of(self.flat)
        return not _AHEAD.search(words)

    def path(self, offset: int) -> tuple[str, ...]:
        """Headings from the top down to an offset."""
        found: tuple[str, ...] = ()
        for section in self.report.sections:
            if section.span.start > offset:
                break
            if section.span.start <= offset < section.span.end and len(section.path) >= len(found):
                found = section.path
        return found

    def cite(self, span: Span) -> Citation:
        """The citation of a stretch of the report."""
        report, told = self.report, self.report.metadata
        return Citation(
            report.id,
            told.title,
            span.start,
            span.end,
            span.of(report.text),
            told.place.value if told.place else "",
            told.year_number,
            self.path(span.start),
        )

    def operand(self, mention: Mention) -> Operand | None:
        """A figure as an operand of what is recomputed."""
        return operand(mention.figure, self.cite(mention.figure.sentence))

    def cites(self, *mentions: Mention) -> tuple[Citation, ...]:
        """The sentences of the figures, each once."""
        return tuple(dict.fromkeys(self.cite(m.figure.sentence) for m in mentions))


def known(*derived: Derived | None) -> tuple[Derived, ...]:
    """Those that could be computed."""
    return tuple(d for d in derived if d is not None)
