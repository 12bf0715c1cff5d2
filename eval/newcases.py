"""Proposes eval cases from the reports of one's own library (出题): code asks, the user accepts.

In: a library. Out: :class:`Proposal` values in a stable order: a complete case with gold spans by file hash,
and the sentence that it comes from. No model takes part. Asked are figures of the ledger that one name, place
and time fix to one value (number, premise, compare), the items of 问题 and 下一步 (list), and the same
indicators for a year or a place that the library does not have (unanswerable). What would be ambiguous is
left out rather than asked, so that a wrong answer is the system's fault and not the question's.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, cycle
from typing import Literal

from corpus.aliases import key
from corpus.cards import Card
from corpus.ledger import Row, written_unit
from corpus.library import Library
from corpus.report import SectionKind, Span
from corpus.when import When
from eval.cases import KEY_LIMIT, Case, Kind, Value, problems
from eval.metrics import forbidden, missing
from eval.newcases_ground import Ground, measure
from eval.quantities import clean
from service.naming import short_name
from service.points.points import Point, points

Split = Literal["own", "dev", "test"]

DENIALS = (
    "不是",
    "并非",
    "而是",
    "有误",
    "不符",
    "不一致",
    "实际",
    "不对",
    "不准确",
    "应为",
    "错误",
    "不正确",
)
ASKED_LISTS = {SectionKind.PROBLEMS: "存在哪些问题", SectionKind.NEXT_STEPS: "提出了哪些下一步打算"}
MOST_ITEMS = 8  # longer lists are the tasks of a plan, which nobody asks for in one question
RATES = ("%", "‰")
# Two figures a question, as people ask: the mix of the proposals as long as each kind lasts.
MIX = (Kind.NUMBER, Kind.UNANSWERABLE, Kind.NUMBER, Kind.LIST, Kind.PREMISE, Kind.NUMBER, Kind.COMPARE)
_CLAUSE = re.compile(r"[，,、；;：:。（）()“”\s]+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case and what the user needs to judge it: ``quote`` is the source, ``mark`` the place in it that counts."""

    case: Case
    report_id: str
    title: str
    path: tuple[str, ...]
    quote: str
    mark: Span
    why: str = ""


def propose(
    library: Library,
    count: int,
    *,
    reports: Collection[str] = (),
    seen: Collection[str] = (),
    split: Split = "own",
) -> tuple[Proposal, ...]:
    """At most ``count`` proposals, kinds and reports mixed; the same library gives the same ones.

    Args:
        library: the reports; all of them decide what is ambiguous or absent.
        count: how many.
        reports: ids of the reports that are asked about; all where empty.
        seen: ids of cases that are not proposed again.
        split: the half that the cases are for.
    """
    ground = Ground.of(library)
    wanted = frozenset(reports) or frozenset(ground.cards)
    makers: dict[Kind, Callable[[Ground], Iterator[Proposal]]] = {
        Kind.NUMBER: _numbers,
        Kind.UNANSWERABLE: _unanswerable,
        Kind.LIST: _lists,
        Kind.PREMISE: _premises,
        Kind.COMPARE: _compares,
    }
    queues = {kind: make(ground) for kind, make in makers.items()}
    found: list[Proposal] = []
    told: set[tuple[str, Span, str]] = set()
    for kind in cycle(MIX):
        if len(found) >= count or not queues:
            break
        for one in queues.get(kind, iter(())):
            # The same figure makes one question only, for variety; there are too few comparisons to be choosy.
            source = (one.report_id, one.mark, one.quote)
            fresh = one.case.id not in seen and (source not in told or kind is Kind.COMPARE)
            if one.report_id in wanted and fresh and _sound(one):
                told.add(source)
                found.append(replace(one, case=_of_split(one.case, split)))
                break
        else:
            queues.pop(kind, None)
    return tuple(found)


def _sound(proposal: Proposal) -> bool:
    """Whether the case is valid and its own source would be a right answer to it."""
    case = proposal.case
    if problems(case):
        return False
    if case.kind in (Kind.NUMBER, Kind.LIST):
        return not missing(case, proposal.quote) and not forbidden(case, proposal.quote)
    return True


# -- the kinds -----------------------------------------------------------------------------------------


def _numbers(ground: Ground) -> Iterator[Proposal]:
    """县2021年新建村卫生室有多少所？"""
    for row in _spread(ground.askable, Kind.NUMBER):
        question = f"{_about(row)}{_asked(row)}？"
        yield _of_row(
            row, Kind.NUMBER, question, values=(_value(row),), gold=ground.gold(row), places=(_place(row),)
        )


def _premises(ground: Ground) -> Iterator[Proposal]:
    """The value is given wrong; right is who corrects it."""
    for row in _spread(ground.askable, Kind.PREMISE):
        wrong = _wrong(_value(row).value, written_unit(row))
        question = f"{_about(row)}是{wrong:f}{written_unit(row)}，对吗？"
        yield _of_row(
            row,
            Kind.PREMISE,
            question,
            values=(_value(row),),
            points=(DENIALS,),
            gold=ground.gold(row),
            places=(_place(row),),
            why=f"题中的{wrong:f}{written_unit(row)}是故意写错的",
        )


def _compares(ground: Ground) -> Iterator[Proposal]:
    """One indicator of two places in the same time."""
    same: dict[tuple[str, When | None, str], dict[str, Row]] = defaultdict(dict)
    for row in _spread(ground.askable, Kind.COMPARE):
        same[key(row.name), row.when, written_unit(row)].setdefault(_place(row), row)
    for (_, _, unit), rows in same.items():
        for one, other in combinations(rows.values(), 2):
            if one.value == other.value:
                continue
            high, low = sorted((one, other), key=lambda row: row.value or Decimal(0), reverse=True)
            gap = Value(_value(high).value - _value(low).value, "个百分点" if unit in RATES[:1] else unit)
            more = "哪个更高，高多少" if unit in RATES else f"哪个更多，多多少{one.unit}"
            named = tuple(replace(_value(row), of=short_name(_place(row))) for row in (one, other))
            golds = (replace(g, fact=n) for n, row in enumerate((one, other), 1) for g in ground.gold(row))
            yield _of_row(
                one,
                Kind.COMPARE,
                f"{_label(one)}{_place(one)}和{_place(other)}的{one.name}{more}？",
                values=(*named, gap),
                higher=(short_name(_place(high)), short_name(_place(low))),
                gold=tuple(golds),
                places=(_place(one), _place(other)),
                why=f"另一处：{other.title}，{other.text}",
            )


def _unanswerable(ground: Ground) -> Iterator[Proposal]:
    """The same indicator for a year that no report names, or for a place whose reports lack it."""
    for row in _spread(ground.askable, Kind.UNANSWERABLE):
        place, year = _place(row), row.when.end.year if row.when else 0
        known = ground.years(place)
        absent = next((y for y in (year + 1, year - 1, year + 2, year - 2) if y not in known), None)
        others = (c.place for c in ground.cards.values() if c.place and c.year == row.year)
        strange = next((p for p in others if p != place and not ground.mentions(p, row.name)), None)
        if _digest(row.id)[0] in "01234567" and strange is not None:
            about, why = f"{strange}{_label(row)}{row.name}", f"{strange}的报告里没有这项指标"
            places, needs = (strange,), _files(ground, strange)
        elif absent is not None:
            about, why = f"{place}{absent}年{row.name}", f"库中没有{place}{absent}年的报告，也没有提到这一年"
            places, needs = (place,), _files(ground, place)
        else:
            continue
        yield _of_row(
            row,
            Kind.UNANSWERABLE,
            f"{about}{_asked(row)}？",
            forbid=(clean(row.text),),
            needs=needs,
            places=places,
            why=why,
        )


def _lists(ground: Ground) -> Iterator[Proposal]:
    """All items of the problems or next steps of a report, where only one report could be meant."""
    for section, asked in ASKED_LISTS.items():
        found: dict[tuple[str | None, int | None], list[tuple[Card, tuple[Point, ...]]]] = defaultdict(list)
        for card in ground.cards.values():
            listed = points(ground.reports[card.id], card, section)
            if listed:
                found[card.place, card.year].append((card, listed))
        for (place, year), reports in found.items():
            card, listed = reports[0]
            if place and year and len(reports) == 1 and 2 <= len(listed) <= MOST_ITEMS:
                yield _of_points(ground, card, listed, f"{place}{_span_of(card)}工作{asked}？", section)


def _of_points(
    ground: Ground, card: Card, listed: Sequence[Point], question: str, section: SectionKind
) -> Proposal:
    quote = "\n".join(point.text for point in listed)
    case = Case(
        id=_id(Kind.LIST, f"{card.id}{section}"),
        kind=Kind.LIST,
        question=question,
        split="own",
        expect="answer",
        points=tuple(_keys(point) for point in listed),
        gold=tuple(ground.at(card.id, point.span, n) for n, point in enumerate(listed, 1)),
        places=(card.place or "",),
    )
    return Proposal(case, card.id, card.title, listed[0].path[:1], quote, Span(0, 0), f"共{len(listed)}条")


# -- wording -------------------------------------------------------------------------------------------


def _of_row(row: Row, kind: Kind, question: str, *, why: str = "", **told: object) -> Proposal:
    case = Case(
        id=_id(kind, row.id),
        kind=kind,
        question=question,
        split="own",
        expect="refuse" if kind is Kind.UNANSWERABLE else "answer",
        **told,  # type: ignore[arg-type]
    )
    mark = Span(row.span.start - row.sentence.start, row.span.end - row.sentence.start)
    return Proposal(case, row.report_id, row.title, row.path, row.quote, mark, why)


def _of_split(case: Case, split: Split) -> Case:
    return replace(case, split=split)


def _id(kind: Kind, source: str) -> str:
    """The same figure gives the same id, whatever the wording becomes: a review can go on."""
    return f"own-{kind}-{_digest(kind + source)[:8]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _place(row: Row) -> str:
    return row.place or ""


def _label(row: Row) -> str:
    return row.when.label if row.when else ""


def _about(row: Row) -> str:
    return f"{_place(row)}{_label(row)}{row.name}"


def _asked(row: Row) -> str:
    """How the value is asked for; the unit is named where something is counted."""
    unit = written_unit(row)
    return "是多少" if unit in RATES or unit.endswith(("元", "百分点")) else f"有多少{row.unit}"


def _value(row: Row) -> Value:
    measured = measure(row)
    assert measured is not None  # askable rows only
    return measured


def _wrong(value: Decimal, unit: str) -> Decimal:
    """Another value of the same look: the first digit one higher, or lower where 100 % would be passed."""
    step = Decimal(1).scaleb(value.adjusted()) if value else Decimal(1)
    return value - step / 10 if unit in RATES and value + step > 100 else value + step


def _span_of(card: Card) -> str:
    period = card.period if card.period and card.period != "全年" else ""
    return f"{card.year}年{period}"


def _keys(point: Point) -> tuple[str, ...]:
    """Short strings of the title, each of which tells that the item is there."""
    clauses = [clause for clause in _CLAUSE.split(point.title) if len(clause) >= 4]
    told = dict.fromkeys(clause[:KEY_LIMIT] for clause in clauses or [point.title])
    return tuple(told)[:3]


def _files(ground: Ground, place: str) -> tuple[str, ...]:
    """Hashes of the files about a place: without them nothing could be refused for lack of it."""
    return tuple(dict.fromkeys(c.source_sha256 for c in ground.cards.values() if c.place == place))


def _spread(rows: Iterable[Row], kind: Kind) -> tuple[Row, ...]:
    """One row of each report in turn, in an order that follows no report's own."""
    by_report: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _digest(kind + row.id)):
        by_report[row.report_id].append(row)
    ranked = [(n, _digest(kind + at), row) for at, group in by_report.items() for n, row in enumerate(group)]
    return tuple(row for _, _, row in sorted(ranked, key=lambda r: r[:2]))
