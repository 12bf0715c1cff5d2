"""Which item of the superior a county's plan answers, and what the answer leaves out (逐项对照).

In: the items, the plan, cosines of the embedding model. Out: one :class:`Finding` an item. An item is taken up where one
of the plan's items treats the same matter, where a sentence says most of one of its measures, or where the plan sets
itself the figure that is asked for. It is covered when nothing that is asked of the county is left out or set lower.

The thresholds were chosen on eval/labels/cover-dev.jsonl: of 30 answered items 29 are found there with 2 beside them; in
the other half, of which only shares were looked at, 22 of 30 with 1 beside. All that was called covered was so in both
(25 of 25). What is missed are loose answers under other words; half of these are named as the closest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from corpus.aliases import Aliases
from corpus.report import SectionKind
from service.cover.demands import Demand, Reach, kernel
from service.cover.items import Item, Measure
from service.cover.planned import Planned
from service.papers.presenting import han
from service.papers.quoted import stated
from service.points.pairing import Similar, scores
from service.points.points import Point
from service.pursuit.promises import subject_of
from service.pursuit.targets import Compared, compare
from service.pursuit.tellings import Searched, Telling
from service.terms import Weights, grams

SAME = 3.0  # logarithm of the odds at which two items are of one matter
GOAL = 6.0  # the same for a list of goals, which resembles any other one by its form
LIKELY = 0.5  # the same where a sentence says a good part of a measure as well
SAID = (0.6, 0.94)  # share of a measure's subject, and cosine, by which a sentence alone takes up an item
PART = (0.45, 0.945)  # the same beside a likely item
ALIKE = 0.9  # cosine of such a sentence, once the item is taken up
WITHIN = 0.42  # share of a measure's subject inside an item of one matter
NEAR = (0.3, 0.94)  # less of it is enough where the model finds the two alike
NAMED = 4  # characters: a shorter subject or name says too little alone
ENOUGH = 2 / 3  # share of the measures that must be answered


class Verdict(StrEnum):
    """What the plan does with an item."""

    COVERED = "covered"
    PARTLY = "partly"
    MISSING = "missing"

    @property
    def label(self) -> str:
        """The Chinese term that users see."""
        return LABELS[self]


LABELS = {Verdict.COVERED: "已覆盖", Verdict.PARTLY: "部分覆盖", Verdict.MISSING: "未提及"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of an item: the sentences that answer it, figures against figures, and what is left out.

    ``lacking`` are measures without an answer, ``omitted`` members of a list that the answer leaves out, ``unset`` figures
    that the plan does not set itself, ``parts`` sums over the whole region of which it does not tell its part. ``near`` is
    the plan's item that comes closest to one that is missing, where it may be meant for it.
    """

    item: Item
    verdict: Verdict
    told: tuple[Telling, ...] = ()
    compared: tuple[Compared, ...] = ()
    lacking: tuple[Measure, ...] = ()
    omitted: tuple[str, ...] = ()
    unset: tuple[Demand, ...] = ()
    parts: tuple[Demand, ...] = ()
    near: Point | None = None


def findings(items: Sequence[Item], plan: Planned, similar: Similar, aliases: Aliases) -> tuple[Finding, ...]:
    """What the plan does with each item, in their order."""
    if not items or not plan.tellings:
        return tuple(Finding(item, Verdict.MISSING) for item in items)
    weights = Weights.learn([*(told.text for told in plan.tellings), *(item.text for item in items)])
    odds = scores(items, plan.points, similar) if plan.points else np.full((len(items), 0), -np.inf)
    goals = [point.kind is SectionKind.GOALS for point in plan.points]
    odds[:, goals] -= GOAL - SAME
    found = []
    for item, row in zip(items, odds, strict=True):
        near = similar([measure.text for measure in item.measures], [t.text for t in plan.tellings])
        found.append(_Judge(item, plan, near, weights, aliases).finding([float(value) for value in row]))
    return tuple(found)


@dataclass(slots=True)
class _Gathered:
    """What is found of one item, measure by measure."""

    compared: list[Compared] = field(default_factory=list)
    lacking: list[Measure] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    unset: list[Demand] = field(default_factory=list)
    parts: list[Demand] = field(default_factory=list)

    def take(self, demand: Demand, result: Sequence[Compared], repeated: bool) -> None:
        """One figure that is asked for: compared, repeated as it is (六年 of 6年), or not set."""
        if result:
            self.compared += result
        elif demand.reach is Reach.PART:
            self.parts.append(demand)
        elif demand.reach is Reach.OWN and not repeated:
            self.unset.append(demand)

    def finding(self, item: Item, told: Sequence[Telling]) -> Finding:
        """The verdict that it bears."""
        asked = [measure for measure in item.measures if measure.reach is not Reach.OTHER]
        summed = {d.row.id for measure in asked for d in measure.demands if d.reach is Reach.PART}
        short = [c for c in self.compared if not c.met and c.target.id not in summed]
        answered = len(asked) - len(self.lacking)
        whole = not (self.unset or short or self.omitted) and answered >= ENOUGH * len(asked)
        return Finding(
            item, Verdict.COVERED if whole else Verdict.PARTLY, tuple(told), tuple(self.compared),
            tuple(self.lacking), tuple(self.omitted), tuple(self.unset), tuple(self.parts),
        )  # fmt: skip


class _Judge:
    """Weighs what the plan says to one item."""

    def __init__(
        self, item: Item, plan: Planned, near: NDArray[np.float32], weights: Weights, aliases: Aliases
    ) -> None:
        self.item, self.plan, self.aliases = item, plan, aliases
        self.searched = [Searched(plan.tellings, row, weights) for row in near]
        self.shares = [
            [searched.share(measure.subject, told) for told in plan.tellings]
            for measure, searched in zip(item.measures, self.searched, strict=True)
        ]

    def finding(self, odds: Sequence[float]) -> Finding:
        """The verdict on the item; ``odds`` are those of the plan's items to be of one matter with it."""
        told = self._taken_up(odds)
        gathered = _Gathered()
        for number, measure in enumerate(self.item.measures):
            answer = self._answer(number, told, odds)
            near = [*told, *answer]
            here = self._figures(number, near)
            told += [t for t in (*answer, *(c.told for _, result in here for c in result)) if t not in told]
            asked = measure.reach is not Reach.OTHER
            if asked and not answer and not any(result for _, result in here):
                gathered.lacking.append(measure)
            elif asked and (left := _left_out(measure.members, told)):
                gathered.omitted += left
            for demand, result in here:
                gathered.take(demand, result, any(_repeats(t, demand) for t in near))
        if not told:
            best = int(np.argmax(odds)) if odds else 0
            likely = self.plan.points[best] if odds and odds[best] >= LIKELY else None
            return Finding(self.item, Verdict.MISSING, near=likely)
        return gathered.finding(self.item, self._ranked(told, gathered.compared))

    def _taken_up(self, odds: Sequence[float]) -> list[Telling]:
        """The sentences of the plan that treat the item's matter; () where none does."""
        same = [n for n, value in enumerate(odds) if value >= SAME and value >= max(odds) - SAME]
        likely = {n for n, value in enumerate(odds) if value >= LIKELY}
        found = []
        for index, told in enumerate(self.plan.tellings):
            point = self.plan.point_of(told)
            if point in same or self._says(index, PART if point in likely else SAID):
                found.append(told)
        return found

    def _says(self, index: int, least: tuple[float, float]) -> bool:
        """Whether a sentence alone says most of a measure that is asked of the county."""
        for number, measure in enumerate(self.item.measures):
            long = len(measure.subject.replace(" ", "")) >= NAMED
            alike = self.searched[number].cosines[index] >= least[1]
            if measure.reach is not Reach.OTHER and long and alike and self.shares[number][index] >= least[0]:
                return True
        return False

    def _answer(self, number: int, told: Sequence[Telling], odds: Sequence[float]) -> list[Telling]:
        """The sentence that answers one measure: of those that treat the matter, or else one that says most of it."""
        found = []
        long = len(self.item.measures[number].subject.replace(" ", "")) >= NAMED
        for index, telling in enumerate(self.plan.tellings if told else ()):
            share, cosine = self.shares[number][index], float(self.searched[number].cosines[index])
            point = self.plan.point_of(telling)
            likely = point is not None and odds[point] >= LIKELY
            if telling in told or likely:
                says = share >= WITHIN or (share >= NEAR[0] and cosine >= NEAR[1])
            else:
                says = long and share >= SAID[0] and cosine >= ALIKE
            if says:
                found.append((telling not in told, -share - cosine, index))
        return [self.plan.tellings[index] for _, _, index in sorted(found)[:1]]

    def _figures(
        self, number: int, told: Sequence[Telling]
    ) -> tuple[tuple[Demand, tuple[Compared, ...]], ...]:
        """Each figure that is asked for with the plan's own."""
        measure = self.item.measures[number]
        return tuple(
            (demand, self._figure(demand, number, told))
            for demand in measure.demands
            if demand.reach is not Reach.OTHER or demand.open
        )

    def _figure(self, demand: Demand, number: int, told: Sequence[Telling]) -> tuple[Compared, ...]:
        target = replace(demand.row, when=None, indicator=kernel(demand.row.indicator))
        context = f"{self.item.title} {self.item.measures[number].text}"
        equal = [t for t in self.plan.tellings if _states(t, target.name)]
        alike = [t for t in self.plan.tellings if self._carries(t, target.indicator, number)]
        for where in (equal, list(dict.fromkeys(told)), alike):
            # 1所 and 120个 (托位) would count as one kind of thing.
            same = [replace(t, rows=tuple(r for r in t.rows if r.unit == target.unit)) for t in where]
            found = compare(target, context, same, self.searched[number], self.aliases)
            if found:
                telling = next(t for t in where if t.span == found[0].told.span)
                return (replace(found[0], target=demand.row, told=telling),)
        return ()

    def _carries(self, telling: Telling, name: str, number: int) -> bool:
        """Whether a sentence holds most of the name of an indicator."""
        wanted = subject_of(name)
        long = len(wanted.replace(" ", "")) >= NAMED
        return long and self.searched[number].held(wanted, ((1.0, telling.text),)) >= SAID[0]

    def _ranked(self, told: Sequence[Telling], compared: Sequence[Compared]) -> list[Telling]:
        """The sentences that say most first, headings last."""
        figures = {c.told.span for c in compared}

        def worth(telling: Telling) -> tuple[bool, float, int]:
            index = self.plan.tellings.index(telling)
            share = max((row[index] for row in self.shares), default=0.0)
            return telling.is_heading, -share - (telling.span in figures), telling.span.start

        return sorted(told, key=worth)


def _states(telling: Telling, name: str) -> bool:
    """Whether a sentence states a figure of this indicator."""
    return len(name) >= NAMED and any(row.name == name for row in telling.rows)


def _left_out(members: Sequence[str], told: Sequence[Telling]) -> list[str]:
    """The members of a list that no sentence names, where some are named."""
    said = grams("\n".join(f"{telling.heading}\n{telling.text}" for telling in told))
    left = [member for member in members if 2 * len(grams(member) & said) < len(grams(member))]
    return left if len(left) < len(members) else []


def _repeats(telling: Telling, demand: Demand) -> bool:
    """Whether a sentence holds the figure that is asked for, in whatever way it is written: 6年, 六年."""
    row = demand.row
    if row.value is None or row.upper is not None:
        return False
    spoken = han(int(row.value)) if row.value == int(row.value) and 0 < row.value < 100 else ""
    if spoken and any(
        f"{word}{row.unit}" in telling.text for word in (spoken, "两" if row.value == 2 else spoken)
    ):
        return True
    return any(
        number.value is not None
        and (number.value * number.factor, number.upper, number.unit) == (row.value, None, row.unit)
        for number in stated(telling.text)
    )
