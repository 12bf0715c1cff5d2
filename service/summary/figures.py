"""The key figures of a report as a table: the rows of the ledger that weigh most.

In: the rows of one report and the ranking of its sentences. Out: a table of 指标, 数值, 时段 and 类型, each
cell cited, in reading order, without repetitions. Masked and unreadable figures are not shown; a note
tells that there are some.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from corpus.ledger import Row
from corpus.numeral_values import flatten
from corpus.periods import periods
from corpus.report import FigureKind, SectionKind
from service.arithmetic import RATES
from service.cited import Citation, Sentence
from service.papers.derivation import as_written
from service.papers.document import Cell, Table
from service.papers.sourcing import Claim, Grounds, unsourced
from service.summary.cutting import tidy
from service.summary.ranking import Ranking

CAPTION = "主要指标"
HEADER = ("指标", "数值", "时段", "类型")
KINDS = {
    FigureKind.ACTUAL: "实际", FigureKind.TARGET: "目标", FigureKind.REQUIREMENT: "要求",
    FigureKind.RANK: "位次", FigureKind.DIFFERENCE: "增减",
}  # fmt: skip
TELLING = re.compile(
    r"(?:率|比例|比重|占比|水平|覆盖面|床位|资金|投资|投入|收入|经费|标准|人数|总数|数量|人次|门诊量|面积|医师|护士|医生|体检|筛查|接种|签约|建档|就业|产量|总值)"
)
LOOK_BACK = 8  # sentences in front of a figure that may tell its time
MOST_OF_SENTENCE = 3  # figures of one sentence, so that a dense one does not fill the table
LONGEST_NAME = 26
SECTIONS = {
    SectionKind.ACHIEVEMENTS: 0.3, SectionKind.OVERVIEW: 0.4, SectionKind.HIGHLIGHTS: 0.2, SectionKind.GOALS: 0.1,
    SectionKind.NEXT_STEPS: 0.0, SectionKind.OTHER: 0.0, SectionKind.SAFEGUARDS: -0.1, SectionKind.PROBLEMS: -0.1,
}  # fmt: skip


def table(rows: Sequence[Row], ranking: Ranking, most: int) -> Table | None:
    """The ``most`` weightiest figures; None where the report states none."""
    shown = pick(rows, ranking, most)
    if not shown:
        return None
    unclear = [row for row in rows if row.masked or row.suspect]
    notes = (_unclear(unclear),) if unclear else ()
    return Table(CAPTION, HEADER, tuple(_cells(row, ranking) for row in shown), notes)


def pick(rows: Sequence[Row], ranking: Ranking, most: int) -> tuple[Row, ...]:
    """The rows to show, in reading order."""
    told = [row for row in rows if row.value is not None and row.indicator and not row.former]
    ordered = sorted(told, key=lambda row: (-weight(row, ranking), row.span))
    chosen: list[Row] = []
    seen: set[tuple[object, ...]] = set()
    crowd: Counter[object] = Counter()
    for row in ordered:
        same = (row.name, row.place, row.when, row.kind, row.value, row.unit)
        if same in seen or crowd[row.sentence] >= MOST_OF_SENTENCE or len(chosen) == most:
            continue
        if not sourced(named(row), Citation.of_row(row)) or not (
            row.corrected or sourced(as_written(row), Citation.of_row(row))
        ):
            continue  # a bare number (4.19) that the gate cannot tell from a label
        seen.add(same)
        crowd[row.sentence] += 1
        chosen.append(row)
    return tuple(sorted(chosen, key=lambda row: row.span))


def weight(row: Row, ranking: Ranking) -> float:
    """What a figure weighs: its sentence, its section, how well its indicator is named."""
    found = ranking.of(row.sentence).weight + SECTIONS[row.section]
    if row.unit in RATES or row.kind is FigureKind.RANK:
        found += 0.3
    elif row.unit in ("元", "人", "人次"):
        found += 0.1
    if TELLING.search(row.indicator):
        found += 0.3
    if row.kind is FigureKind.DIFFERENCE:
        found -= 0.3
    if row.place != row.report_place:
        found -= 0.2
    if not 3 <= len(row.indicator) <= LONGEST_NAME:
        found -= 0.4
    if "、" in row.indicator:  # a list was read as one name
        found -= 0.2
    return found


def _cells(row: Row, ranking: Ranking) -> tuple[Cell, ...]:
    cited = (Citation.of_row(row),)
    corrected = "corrected" if row.corrected else ""
    value = Cell(as_written(row), cited, status=corrected)
    return (Cell(named(row), cited), value, timed(row, ranking), Cell(KINDS[row.kind]))


def named(row: Row) -> str:
    """The indicator as written, with whose it is where that is not the report's own place."""
    name = tidy(row.indicator)
    whose = row.place if row.place != row.report_place else ""
    return f"{name}（{whose}）" if whose and whose not in name else name


def timed(row: Row, ranking: Ranking) -> Cell:
    """The time as a range, cited where it is told: in the sentence, or in one before it (截至11月底，…。…)."""
    if row.when is None:
        return Cell("未注明", status="missing")
    own = Citation.of_row(row)
    if sourced(row.when.label, own):
        return Cell(row.when.label, (own,))
    before = [s for s in ranking.sentences if s.span.end <= row.sentence.start][-LOOK_BACK:]
    for sentence in reversed(before):
        other = replace(
            own, start=sentence.span.start, end=sentence.span.end, quote=sentence.text, path=sentence.path
        )
        if sourced(row.when.label, own, other):
            return Cell(row.when.label, (own, other))
    quote = flatten(row.quote)
    at = row.span.start - row.sentence.start
    written = [p.text for p in periods(quote) if p.text and p.start <= at]  # 5月以来
    return Cell(written[-1], (own,)) if written else Cell("见原文", status="missing")


def sourced(text: str, *cited: Citation) -> bool:
    """Whether every numeral of a cell leads to its citations."""
    return not unsourced(Claim(text, cited, tabular=True), Grounds())


def _unclear(rows: Sequence[Row]) -> Sentence:
    """Says which sentences hold figures that the source masks or misprints."""
    cited = tuple(dict.fromkeys(Citation.of_row(row) for row in rows))
    return Sentence("原文另有被遮盖或书写有误的数字，未列入本表", cited, "stated")
