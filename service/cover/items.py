"""The superior's items, each with the measures that it asks for (上级要点).

In: the superior's report with its rows of the ledger, and the county. Out: :class:`Item` in order: every next step, task
of 工作要点 and goal with a figure. A :class:`Measure` is a clause that names a matter of its own; what the superior does
itself or asks of another county is kept apart, since a county's plan need not answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.cards import Card
from corpus.report import SectionKind, Span
from service.cited import Citation
from service.cover.demands import Demand, Reach, demands, reach_of
from service.points.pairing import GENERIC
from service.points.points import Point, points
from service.points.unlabelled import LABEL, bare
from service.pursuit.promises import subject_of
from service.pursuit.pursuit import Side
from service.terms import content

# A mark inside quotation marks or brackets ends no clause: “外防输入，内防反弹”.
_CLAUSE = re.compile(r"“[^“”\n]{1,120}”|[（(][^（）()\n]{1,120}[）)]|(?P<mark>[，,；;。！？\n])")
# Introductions and what only says how to work.
_PREAMBLE = re.compile(r"总体要求|指导思想|形势|展望")
_LIST = re.compile(
    r"([一-鿿]{2,12}?)、((?:[一-鿿]{2,4}、)*[一-鿿]{2,4})[、和及与](?![^，]{0,20}(?:等|中的|之一))([一-鿿]{2,10})"
)
_PAIR = re.compile(r"([一-鿿]{2})([一-鿿]{2})[和及与]\1([一-鿿]{2})")
# 支持甲县建设…: what follows as 帮助…, 协调… is the superior's own part of it.
SUPPORT = re.compile(r"^(?:支持|帮助|协调|指导|给予)")
ANY = re.compile(r"群众|机构|单位|各项|认真|严格|扎实|切实|全面")  # beside those of pairing.GENERIC
LEAST_NAMED = 2  # characters of nouns without which a clause names no matter


@dataclass(frozen=True, slots=True)
class Measure:
    """One clause: what it is about (``subject``), the figures that it asks for, and its members where it lists several
    (胸痛、卒中、创伤三个中心): an answer that names some of them leaves out the rest.
    """

    span: Span
    text: str
    subject: str
    reach: Reach
    demands: tuple[Demand, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the superior; ``title`` is what it is about."""

    card: Card
    span: Span
    title: str
    text: str
    path: tuple[str, ...]
    measures: tuple[Measure, ...]

    @property
    def body(self) -> str:
        """What it says without its label, on one line."""
        return bare(self.text)

    @property
    def citation(self) -> Citation:
        """Where it stands."""
        return Citation.at(self.card, self.span, self.text, self.path)

    @property
    def own(self) -> tuple[Measure, ...]:
        """What it asks of the county."""
        return tuple(measure for measure in self.measures if measure.reach is not Reach.OTHER)

    @property
    def named(self) -> bool:
        """Whether it is for others: it begins with them, and asks no figure of the county."""
        first = self.measures[0].reach if self.measures else Reach.OWN
        return first is Reach.OTHER and not any(measure.demands for measure in self.own)


def items(side: Side, own: str | None) -> tuple[Item, ...]:
    """All items of a report in order, as they concern the county ``own``."""
    steps = points(side.report, side.card, SectionKind.NEXT_STEPS)
    found = [_item(side, point, own) for point in steps if not _PREAMBLE.search(point.title)]
    for point in points(side.report, side.card, SectionKind.GOALS):
        made = _item(side, point, own)
        if any(measure.demands for measure in made.measures):
            found.append(made)
    return tuple(sorted(found, key=lambda item: item.span))


def _item(side: Side, point: Point, own: str | None) -> Item:
    measures = _measures(side, point, own)
    return Item(side.card, point.span, point.title, point.text, point.path, measures)


def _measures(side: Side, point: Point, own: str | None) -> tuple[Measure, ...]:
    """The clauses of an item that name a matter; its heading only where it says nothing else."""
    above, text = side.card.place, side.report.text
    first, *rest = point.sentences
    heading = rest and not re.search(r"\d", point.title) and bare(first.of(text)).rstrip("。") == point.title
    body = [span for sentence in (rest if heading else point.sentences) for span in _clauses(text, sentence)]
    headed = reach_of(point.title, own, above)
    found = []
    for span in body:
        clause = LABEL.sub("", span.of(text)).strip()
        asked = demands(side.rows, text, span, own, above)
        named = [_named(text, own) for text in (clause, *(d.row.indicator for d in asked))]
        subject = max(named, key=len)  # 占择期手术的比例 leaves out of what: its indicator tells
        if len(subject.replace(" ", "")) < LEAST_NAMED and not asked:
            continue
        reach = reach_of(clause, own, above)
        if asked:
            reach = Reach.OTHER if all(d.reach is Reach.OTHER for d in asked) else Reach.OWN
        if headed is Reach.OTHER or (SUPPORT.match(point.title) and SUPPORT.match(clause)):
            reach = Reach.OTHER
        found.append(
            Measure(span, clause, subject or _named(point.title, own), reach, asked, _members(clause))
        )
    if own and own in point.title and not any(m.reach is Reach.OWN for m in found):
        found.insert(0, Measure(first, point.title, _named(point.title, own), Reach.OWN))
    return tuple(found)


def _clauses(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    marks = (m.start() for m in _CLAUSE.finditer(text, span.start, span.end) if m["mark"])
    for mark in (*marks, span.end):
        if LABEL.sub("", text[start:mark]).strip():
            yield Span(start, mark)
        start = mark + 1


def _members(clause: str) -> tuple[str, ...]:
    """The members of a list that is no list of examples: 胸痛、卒中、创伤三个中心, 远程影像和远程心电."""
    found: list[str] = []
    for listed in _LIST.finditer(clause):
        before, between, behind = (
            content(listed[1]).split(),
            listed[2].split("、"),
            content(listed[3]).split(),
        )
        found += [*before[-1:], *between, *behind[:1]]
    found += [word for pair in _PAIR.finditer(clause) for word in (pair[2], pair[3])]
    return tuple(word for word in dict.fromkeys(found) if GENERIC.sub("", word))


def _named(clause: str, own: str | None) -> str:
    """The words of a clause that tell its matter, without those that go with any and the county's name."""
    names = [place for place in (own, own[:-1] if own and len(own) > 2 else None) if place]
    for name in names:
        clause = clause.replace(name, " ")
    words = subject_of(clause).split()
    kept = [word for word in words if ANY.sub("", GENERIC.sub("", word))]
    return " ".join(kept or words)
