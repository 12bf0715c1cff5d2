"""The sentences of a later report that look back, and the search among them for what was promised.

In: a report with its rows of the ledger, and the cosines of the embedding model. Out: :class:`Telling` in
order; :class:`Searched` finds those that speak of a subject. What the report itself plans is left out.

LEAST and NEAR were chosen on the 29 commitments of the sample corpus: sentences that tell of a kept or a
broken promise hold 0.43 or more of its subject, the best one of a forgotten promise 0.39.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.cards import Card
from corpus.ledger import Row
from corpus.report import FigureKind, Report, SectionKind, Span
from corpus.sentences import sentences
from service.cited import Citation
from service.points.itemising import tops
from service.terms import Weights, grams

CLAUSE = re.compile(r"[，,；;。！？：:\n]")
LEAST = 0.6  # share of the subject that a sentence holds, with 0.8 for what stands in its heading
NEAR = (0.42, 0.92)  # less of the subject is enough where the embedding model finds the two alike
SHORT = 4  # characters: a shorter subject says too little alone
AHEAD = (SectionKind.NEXT_STEPS, SectionKind.GOALS)
DONE = (SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS)


@dataclass(frozen=True, slots=True)
class Telling:
    """One sentence of the later report with its heading; ``rows`` are its figures of the reviewed time."""

    card: Card
    span: Span
    text: str
    path: tuple[str, ...]
    kind: SectionKind
    rows: tuple[Row, ...]

    @property
    def heading(self) -> str:
        """The innermost heading above it."""
        return self.path[-1] if self.path else ""

    @property
    def is_heading(self) -> bool:
        """Whether it says no more than its heading."""
        return len(self.text) <= len(self.heading) + 2

    @property
    def citation(self) -> Citation:
        """Where it stands."""
        return Citation.at(self.card, self.span, self.text, self.path)


def tellings(report: Report, card: Card, rows: Sequence[Row]) -> tuple[Telling, ...]:
    """The sentences of a report outside of what it plans, headings among them."""
    breaks = [section.span.start for section in report.sections]
    ahead = [span for kind in AHEAD for span in tops(report, kind)]
    reviewed = reviewed_year(rows, card.year)
    found = []
    for span in sentences(report.text, breaks=breaks):
        if any(top.start <= span.start < top.end for top in ahead):
            continue
        inside = [s for s in report.sections if s.span.start <= span.start < s.span.end]
        kind = inside[-1].kind if inside else SectionKind.OTHER
        path = inside[-1].path if inside else ()
        own = tuple(row for row in rows if span.holds(row.span) and _of_year(row, reviewed))
        found.append(Telling(card, span, span.of(report.text), path, kind, own))
    return tuple(found)


def reviewed_year(rows: Sequence[Row], year: int | None) -> int | None:
    """The year that a report of ``year`` looks back on: the one before for most of its figures, or its own."""
    years = Counter(
        row.when.end.year
        for row in rows
        if row.when and row.kind is FigureKind.ACTUAL and row.section in DONE and row.when.months <= 12
    )
    if year is None:
        return max(years, key=lambda y: (years[y], y), default=None)
    return year - 1 if years[year - 1] > years[year] + 3 else year


def _of_year(row: Row, reviewed: int | None) -> bool:
    """Whether a figure may be of the reviewed year: not of another one, nor of several."""
    if row.when is None or reviewed is None:
        return True
    return row.when.end.year == reviewed and row.when.months <= 13


@dataclass(frozen=True, slots=True)
class Searched:
    """The sentences of a report with their nearness to one promise."""

    tellings: tuple[Telling, ...]
    cosines: NDArray[np.float32]
    weights: Weights

    def about(
        self, subject: str, names: frozenset[str] = frozenset(), least: float = LEAST, near: bool = True
    ) -> tuple[Telling, ...]:
        """Sentences that speak of a subject, those that hold most of it first.

        A figure of one of ``names`` (canonical indicators) is always about it.
        """
        short = len(subject.replace(" ", "")) < SHORT
        found = []
        for index, told in enumerate(self.tellings):
            share = self.share(subject, told)
            alike = self.cosines[index] >= NEAR[1]
            named = any(row.name in names for row in told.rows)
            holds = share >= least and (alike or not short or subject in told.heading)
            if named or holds or (near and alike and share >= NEAR[0]):
                found.append((-share - float(self.cosines[index]) - named, index))
        return tuple(self.tellings[index] for _, index in sorted(found))

    def share(self, subject: str, told: Telling) -> float:
        """Weighted share of the words of a subject in a sentence and its heading."""
        return self.held(subject, ((1.0, told.text), (0.8, told.heading)))

    def held(self, subject: str, places: Sequence[tuple[float, str]]) -> float:
        """The same for texts of falling worth: a word counts with the mean of its pairs of characters."""
        worth: dict[str, float] = {}
        for value, text in reversed(places):
            worth.update(dict.fromkeys(grams(text), value))
        gained = total = 0.0
        for word in subject.split():
            parts = grams(word)
            weight = max((self.weights.of(gram) for gram in parts), default=0.0)
            gained += weight * sum(worth.get(gram, 0.0) for gram in parts) / max(1, len(parts))
            total += weight
        return gained / total if total else 0.0
