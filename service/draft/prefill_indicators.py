"""The ledger as the sheet 指标: one row an indicator, with the values of two years and a target (指标的预填).

In: reports of one place. Out: rows with 上年值, 本年值 and 目标值, each with the sentence that states it. What is laid
beside each other is decided where memos decide it (:mod:`service.memo.aligning`): the same measure, in the same unit,
over the same part of the year. A value that a report contradicts itself about is left empty with a note; one that a
sentence does not state in so many digits is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.corrections import Correction
from corpus.ledger import Row, rows_of
from corpus.report import Report, Span
from corpus.when import of_year
from service.arithmetic import SCALES, plain
from service.cited import Citation
from service.draft import fields
from service.draft.fields import INDICATORS
from service.draft.inputs import Amount, Basic, Indicator, Kind
from service.draft.prefill_points import falls_in
from service.draft.prefill_sources import Filled, citation_of, states
from service.memo.aligning import REPORTING, Column, Line, Slot, align, guessed
from service.memo.context import bare, loose
from service.memo.lines import choose
from service.memo.measures import AHEAD, Form, Measure, Stance, falls
from service.points.points import Point
from service.pursuit.promises import later
from service.summary.ranking import Ranking

MOST = 30
MOST_FURTHER = 8  # rows that a memo would not show
LONGEST_NAME = 24  # characters of a name; longer ones are pieces of sentences
CONDITIONS = frozenset({"年", "个月", "岁", "天", "小时", "米"})  # 缺药48小时内补到 is no level
TOLD = (*REPORTING, *AHEAD)
_PREFIXES = frozenset({"约", "近", "超", "不低于", "不少于", "不超过", "至少", "至多", "低于", "不足"})
_SUFFIXES = frozenset({"以上", "以下", "以内", "左右", "余", "多"})
LEAST_MONTHS = 3  # of the year that a value covers; what was so on one day is no result of a year
_PIECE = re.compile(  # 铸造企业中, 慢病用药目录扩为, 县财政按药品加成: cut out of a sentence
    r"(?:[中内后前时上下为达按由从把对将与和及占]|其中|降到|增至|增加到|达到)$"
    r"|^(?:占|其中|其余|全部|其他|按|由|从|把|将|与|和|及|对|已|又|再|也|还|均|都)|[局院财政府]按|[了，。；：]"
)
# How much of a plan was done: of another plan in another year, so that the two never compare.
_OF_PLAN = re.compile(r"(?:年度|全年|目标|工作|重点|目标任务|重点工作)*(?:任务|事项|实事)(?:完成|办结)?")
_RATE = re.compile(
    r"[率比度值]$|比例|占|份额|满意|程度|达标|涨幅|增幅|增速|增长|下降|提高|覆盖|[高低]于|误差"
)
_AIMING = re.compile(r"(?:力争|确保|争取)$")
_DIGITS = re.compile(r"\d")
Open = Callable[[str], Report]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows with the sources of their cells, the reports that they come from, and what is to be told."""

    rows: tuple[Indicator, ...] = ()
    filled: tuple[Filled, ...] = ()
    reports: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


def indicators_of(
    cards: Sequence[Card],
    report: Open,
    aliases: Aliases,
    corrections: Iterable[Correction],
    basic: Basic,
    problems: Sequence[Point] = (),
) -> Found:
    """The indicators that the reports of a place state for the past year, the one before it and the next.

    Where ``problems`` are given, those only that they speak of.
    """
    corrections = tuple(corrections)
    usable: list[Row] = []
    for card in cards:
        every = rows_of(report(card.id), aliases, corrections)
        usable += [row for row in _ahead(every, falls_in(card)) if _usable(row, basic.place)]
    columns = [Column(basic.place, basic.past + step) for step in (-1, 0, 1)]
    lines = align(usable, columns, {card.id: card.genre for card in cards})
    chosen = _ranked([line for line in lines if _named(line)], report)
    made = [one for group in _groups(chosen) if (one := _row(group, basic, report))]
    offered = list(_told_once(made))
    kept = [one for one in offered if not problems or _speaks(problems, one[0])][:MOST]
    if basic.kind is Kind.SUMMARY:  # as the report tells them; a plan takes the weightiest
        kept.sort(key=lambda one: _place(one[0], cards, basic.past))
    rows = tuple(replace(row, at=f"{INDICATORS}第{n}项") for n, (row, _) in enumerate(kept, 1))
    filled = [replace(cell, row=n) for n, (_, cells) in enumerate(kept) for cell in cells]
    ids = dict.fromkeys(citation.report_id for row in rows for citation in row.citations)
    others = len(offered[:MOST]) - len(kept) if problems else 0
    told = (f"指标只预填问题中说到的，另有{others}条没有预填",) if others else ()
    return Found(rows, tuple(filled), tuple(ids), (*told, *_told(filled)))


def _told(filled: Sequence[Filled]) -> tuple[str, ...]:
    """How many values are in doubt."""
    doubtful = len({(one.row, one.column) for one in filled if one.note})
    return (f"有{doubtful}个指标值以往报告说法不一或需要核对，见批注",) if doubtful else ()


def _ahead(rows: Iterable[Row], year: int | None) -> Iterator[Row]:
    """The rows, those of next steps with the year in which these fall where no other is told."""
    for row in rows:
        if row.when is None and year and row.section in AHEAD and not later(row.path):
            yield replace(row, when=of_year(year))
        else:
            yield row


def _usable(row: Row, place: str) -> bool:
    """Whether a row has a value with a unit that can be written in one cell."""
    sound = row.value is not None and row.upper is None and not row.suspect and not row.masked
    return bool(sound and row.place == place and row.unit and _DIGITS.search(row.text) and not guessed(row))


def _named(line: Line) -> bool:
    """Whether a line is one indicator with a name of its own."""
    if line.measure.form not in (Form.LEVEL, Form.GROWTH) or line.measure.stance is Stance.REQUIREMENT:
        return False
    name = _AIMING.sub("", line.measure.name)
    vague = bare(name) and (line.measure.is_rate or _DIGITS.search(name))
    cut = _PIECE.search(name) or (
        line.measure.form is Form.LEVEL and line.measure.unit in ("%", "‰") and not _RATE.search(name)
    )
    mixed = len({falls(slot.row) for slot in line.found}) > 1
    return 2 < len(name) <= LONGEST_NAME and not (
        vague or cut or _OF_PLAN.fullmatch(name) or line.listed or loose(line) or mixed
    )


def _ranked(lines: Sequence[Line], report: Open) -> list[Line]:
    """The lines, those first that a memo would show, then by the weight of their sentences."""
    first = list(choose(lines, ()).lines)
    rankings: dict[str, Ranking] = {}

    def weight(line: Line) -> float:
        row = line.found[-1].row
        if row.report_id not in rankings:
            rankings[row.report_id] = Ranking(report(row.report_id))
        return rankings[row.report_id].of(row.sentence).weight

    rest = [
        line
        for line in lines
        if line not in first
        and not bare(line.measure.name)
        and line.measure.unit not in CONDITIONS
        and line.found[-1].row.section in TOLD
    ]
    return first + sorted(rest, key=weight, reverse=True)[:MOST_FURTHER]


Key = tuple[str, str, Form]


def _key(measure: Measure) -> Key:
    return (measure.name, measure.unit, measure.form)


def _groups(lines: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """What was reached and what is aimed at, of one measure; those with a value reached go first."""
    reached: dict[Key, Line] = {}
    aimed: dict[Key, Line] = {}
    whole = {line.measure.name for line in lines if line.measure.form is Form.LEVEL and all(line.slots[:2])}
    for line in lines:
        if line.measure.form is Form.GROWTH and line.measure.name in whole:
            continue  # it is computed from the two values
        (reached if line.measure.stance is Stance.ACTUAL else aimed).setdefault(_key(line.measure), line)
    for key, line in reached.items():
        if line.slots[0] or line.slots[1]:
            yield line, aimed.pop(key, None)
    for line in aimed.values():
        yield None, line


Made = tuple[Indicator, tuple[Filled, ...]]


def _told_once(made: Sequence[Made]) -> Iterator[Made]:
    """Rows without those that say what another does, or nothing of the year that the draft looks back on."""
    current = any(row.this for row, _ in made)
    for row, cells in made:
        if current and not (row.this or row.target):
            continue
        same = (
            other
            for other, _ in made
            if other is not row and (other.last, other.this, other.unit) == (row.last, row.this, row.unit)
        )
        if not any(other.name.endswith(row.name) for other in same):
            yield row, cells


def _speaks(problems: Sequence[Point], row: Indicator) -> bool:
    """Whether problems name an indicator, or a value of it stands in them."""
    return any(
        row.name in point.text
        or any(
            c.report_id == point.report_id and point.span.holds(Span(c.start, c.end)) for c in row.citations
        )
        for point in problems
    )


def _place(row: Indicator, cards: Sequence[Card], past: int) -> tuple[int, int]:
    """Where the reports tell an indicator, that of the past year first."""
    order = {card.id: (card.year != past, n) for n, card in enumerate(cards)}
    return min(
        ((order[c.report_id][0] * len(cards) + order[c.report_id][1], c.start) for c in row.citations),
        default=(2 * len(cards), 0),
    )


def _row(group: tuple[Line | None, Line | None], basic: Basic, report: Open) -> Made | None:
    """The row of an indicator; None where no value can be written."""
    reached, aimed = group
    line = reached or aimed
    assert line is not None
    last, this = reached.slots[:2] if reached else (None, None)
    if last and this and last.phase != this.phase:
        last = None
    target = aimed.slots[2] if aimed else None
    if target and not target.phase.whole_year:
        target = None
    if any(slot and slot.phase.months < LEAST_MONTHS for slot in (last, this)):
        return None
    slots = {"上年值": last, "本年值": this, "目标值": target}
    unit = next((slot.row.unit for slot in slots.values() if slot), "")
    slots = {name: slot if slot and slot.row.unit == unit else None for name, slot in slots.items()}
    values = {name: _amount(slot, unit) for name, slot in slots.items()}
    if not any(values.values()):
        return None
    filled = tuple(
        Filled(INDICATORS, 0, name, _cited(slot, values[name], report), _note(slot))
        for name, slot in slots.items()
        if slot
    )
    fixed = [name for name, slot in slots.items() if slot and values[name] and slot.row.corrected]
    row = Indicator(
        _label(line, reached is None),
        unit,
        values["上年值"],
        values["本年值"],
        values["目标值"],
        _scope(this or last),
        f"{'、'.join(fixed)}：台账中人工更正" if fixed else "",
        INDICATORS,
        tuple(dict.fromkeys(citation for one in filled for citation in one.citations)),
    )
    return row, filled


def _label(line: Line, aim: bool) -> str:
    """The name of the indicator; that it is a target stands in the column."""
    measure = replace(line.measure, stance=Stance.ACTUAL) if aim else line.measure
    return measure.label(
        _AIMING.sub("", line.name) if line.measure.form is Form.LEVEL else "", falls=falls(line.found[-1].row)
    )


def _scope(slot: Slot | None) -> str:
    """上半年 where the values are not of the whole year."""
    if slot is None or slot.row.when is None or slot.phase.whole_year:
        return ""
    when = slot.row.when
    return when.label.removeprefix(f"{when.start.year}年")


def _amount(slot: Slot | None, unit: str) -> Amount | None:
    """A value as a cell holds it; None where the report contradicts itself, or does not state it so."""
    if slot is None or slot.rivals or slot.row.value is None:
        return None
    row = slot.row
    assert row.value is not None
    # 1亿3千多万 counts as one number without a factor.
    scale, word = next(
        (s for s in SCALES if s[0] == row.factor or (row.factor == 1 and s[1] in row.text)), (1, "")
    )
    number = plain(row.value / scale) + word
    before = row.qualifier if row.qualifier in _PREFIXES else ""
    after = row.qualifier if row.qualifier in _SUFFIXES else ""
    try:
        value, own = fields.amount(before + number + after, unit)
    except fields.Wrong:
        return None
    if value is None or own != unit or not (row.corrected or states(row.quote, value, unit)):
        return None
    return value


def _cited(slot: Slot, value: Amount | None, report: Open) -> tuple[Citation, ...]:
    """The sentence of a value; what the user corrected does not stand in it."""
    if value is None or slot.row.corrected:
        return ()
    return (citation_of(report(slot.row.report_id), slot.row.sentence),)


def _note(slot: Slot) -> str:
    """What contradicts a value."""
    told = []
    if slot.rivals:
        texts = "、".join(dict.fromkeys(row.text for row in (slot.row, *slot.rivals)))
        told.append(f"《{slot.row.title}》里有不同的数：{texts}，没有预填")
    told += [f"《{row.title}》写作{row.text}，请核对" for row in slot.elsewhere]
    return "；".join(told)
