"""What changed in problems and next steps: what stays, what is new, what is mentioned no more.

In: a plan, reports on demand and the likeness of texts. Out: for each two neighbouring reports one sentence
with the counts and one table with both wordings, cited; for places side by side what several of them
name and what only one does. That two items treat one matter is a judgement by likeness: doubtful pairs
are marked, and no longer mentioned never means solved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.cards import Card
from corpus.report import Report, SectionKind
from service.cited import Sentence
from service.memo.columns import GRID, PLACES, REPORTS, YEARS, Plan
from service.papers import derivation
from service.papers.document import Block, Cell, Heading, Paragraph, Table
from service.points.pairing import Pair, Similar, groups, pairs
from service.points.points import Point, citation, points

KINDS = ((SectionKind.PROBLEMS, "问题"), (SectionKind.NEXT_STEPS, "打算"))
MOST_PAIRS = 3  # neighbouring years; two reports can be compared alone
LONGEST = 64  # characters of an item in a cell
NOTHING = "—"
_BREAK = re.compile(r"(?<=[。；;，,：:！？!?])")

Open = Callable[[str], Report]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two reports that are held against each other."""

    card: Card
    label: str


def changed_points(plan: Plan, report: Open, similar: Similar | None) -> tuple[Block, ...]:
    """The whole chapter; () without a model that tells likeness, or without two reports to compare."""
    if similar is None:
        return ()
    if plan.layout == PLACES:
        return tuple(_across(plan, report, similar))
    return tuple(_through(plan, report, similar))


# -- one report after another -----------------------------------------------------------------------


def _through(plan: Plan, report: Open, similar: Similar) -> Iterator[Block]:
    sides = _neighbours(plan)
    for old, new in sides[-MOST_PAIRS:] if plan.layout == YEARS else sides:
        yield Heading(f"{old.label}与{new.label}", 2)
        for kind, name in KINDS:
            before, after = (points(report(s.card.id), s.card, kind) for s in (old, new))
            yield from _pair(old, new, before, after, name, similar)
    if plan.layout == YEARS and len(sides) > MOST_PAIRS:
        text = "更早年份的问题和打算没有逐年列出，可以给出报告编号单独对比。"
        yield Paragraph((Sentence(text, (), "stated"),))


def _neighbours(plan: Plan) -> tuple[tuple[Side, Side], ...]:
    """Reports that follow each other: years of a place, its last two in a grid, or the two that were named."""
    rows = [plan.columns]
    if plan.layout == GRID:
        width = len(plan.years)
        rows = [plan.columns[at : at + width] for at in range(0, len(plan.columns), width)]
    found = []
    for row in rows:
        sides = [
            Side(card, _label(plan, card)) for column in row if (card := plan.principal(column)) is not None
        ]
        own = list(pairwise(sides))
        found += own[-1:] if plan.layout == GRID else own
    return tuple(found)


def _label(plan: Plan, card: Card) -> str:
    if plan.layout == REPORTS:
        return next(column.label for column in plan.columns if column.report_id == card.id)
    return f"{card.place}{card.year}年" if len(plan.places) > 1 else f"{card.year}年"


def _pair(
    old: Side, new: Side, before: Sequence[Point], after: Sequence[Point], name: str, similar: Similar
) -> Iterator[Block]:
    if not before or not after:
        lacking = [side.label for side, own in ((old, before), (new, after)) if not own]
        yield Paragraph((Sentence(f"{'、'.join(lacking)}的报告没有单列{name}，无从对照。", (), "stated"),))
        return
    found = pairs(before, after, similar)
    same_place = old.card.place == new.card.place
    yield Paragraph((_counts(old, new, found, name, same_place=same_place),))
    words = _words(old, new, name, same_place=same_place)
    order = {"continued": 0, "new": 1, "gone": 2}
    body = tuple(
        (
            Cell(words[pair.status] + ("" if pair.sure or pair.status != "continued" else "（可能）")),
            _cell(pair.old),
            _cell(pair.new),
        )
        for pair in sorted(found, key=lambda pair: order[pair.status])
    )
    yield Table(f"{name}对照", ("情形", old.label, new.label), body)


def _words(old: Side, new: Side, name: str, *, same_place: bool) -> dict[str, str]:
    if same_place:
        return {"continued": "延续", "new": "新出现", "gone": "不再提及"}
    return {"continued": "相近", "new": f"只见于{new.label}", "gone": f"只见于{old.label}"}


def _counts(old: Side, new: Side, found: Sequence[Pair], name: str, *, same_place: bool) -> Sentence:
    """两份报告的问题：延续3项，新出现2项，不再提及1项."""
    words = _words(old, new, name, same_place=same_place)
    said, derived, citations = [], [], []
    for status in ("continued", "new", "gone"):
        own = [
            point for pair in found if pair.status == status and (point := pair.new or pair.old) is not None
        ]
        counted = derivation.count([citation(point) for point in own], "项")
        if counted is None:
            said.append(f"{words[status]}的没有")
            continue
        derived.append(counted)
        citations += [citation(point) for point in own]
        said.append(f"{words[status]}的{counted.text}")
    tail = (
        "；不再提及只说明报告没有写，不等于已经解决"
        if same_place and any(p.status == "gone" for p in found)
        else ""
    )
    return Sentence(f"{name}：{'，'.join(said)}{tail}。", (), "computed", (), tuple(derived))


# -- places side by side ----------------------------------------------------------------------------


def _across(plan: Plan, report: Open, similar: Similar) -> Iterator[Block]:
    """What several places name, then what only one does."""
    sides = [Side(card, card.place or "") for c in plan.columns if (card := plan.principal(c)) is not None]
    if len(sides) < 2:
        return
    for kind, name in KINDS:
        own = [points(report(side.card.id), side.card, kind) for side in sides]
        lacking = [side.label for side, items in zip(sides, own, strict=True) if not items]
        if lacking:
            yield Paragraph((Sentence(f"{'、'.join(lacking)}的报告没有单列{name}。", (), "stated"),))
        grouped = groups([point for items in own for point in items], similar)
        rows = []
        for group in grouped:
            by_place = {
                side.card.id: [p for p in group.points if p.report_id == side.card.id] for side in sides
            }
            cells = tuple(_cells(by_place[side.card.id]) for side in sides)
            rows.append((Cell("共有" if len(group.report_ids) > 1 else "单独提出"), *cells))
        if rows:
            yield Table(f"{name}对照", ("情形", *(side.label for side in sides)), tuple(rows))


# -- items ------------------------------------------------------------------------------------------


def _cell(point: Point | None) -> Cell:
    return _cells([point] if point is not None else [])


def _cells(own: Sequence[Point]) -> Cell:
    if not own:
        return Cell(NOTHING)
    return Cell("；".join(clipped(_titled(point)) for point in own), tuple(citation(point) for point in own))


def _titled(point: Point) -> str:
    """Heading and text with a colon between them, where the heading has no mark of its own."""
    return point.body.replace(f"{point.title} ", f"{point.title}：", 1)


def clipped(text: str) -> str:
    """The beginning of an item up to a clause border, so that no figure is cut."""
    if len(text) <= LONGEST:
        return text.rstrip("。；;，,")
    kept = ""
    for clause in _BREAK.split(text):
        if kept and len(kept) + len(clause) > LONGEST:
            break
        kept += clause
    return kept.rstrip("。；;，,：:") + "…"
