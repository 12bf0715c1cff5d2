"""Sums, differences, shares and quotients of stated figures.

In: evidence for a question that needs arithmetic. Out: a plan with the result, its formula and the cited
operands; None where the operands are not all found or a report states the result itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.numerals import numbers
from service import arithmetic, compose
from service.check import NEGATION
from service.decision import LEAST_FIGURE, LEAST_OPERAND, LEAST_SIBLING, Plan, timely
from service.evidence import Evidence
from service.lines import Line
from service.match import Target, clause_of, rank, targets
from service.question import Ask, Operation, Question

ALIKE = 0.9  # of a score: from here on a figure fits as well as the one before it
_COUNTS = dict(zip("两二三四五六23456", (2, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6), strict=True))
_COUNT = re.compile(r"(?<!\d)([两二三四五六2-6])(?:类|种|家|项|个|部分|方面|级|档)")
_OF_PEOPLE = re.compile(r"人[里中当]|的人|人数|人口[里中]|患者[里中]|职工[里中]|医生[里中]")
_TAKEN_OFF = re.compile(r"[刨扣减除][掉去除开]|去掉|减|扣|其余|剩")


def compute(evidence: Evidence) -> Plan | None:
    """Find the operands, compute in code, show the formula."""
    question = evidence.question
    if question.operation is Operation.DIFFERENCE and _rest_is_stated(evidence):
        return None
    operands = _operands(question, evidence)
    if len(operands) < 2:
        return None
    figures = [t.figure for t in operands]
    result = {
        Operation.SUM: lambda: arithmetic.total(figures),
        Operation.DIFFERENCE: lambda: arithmetic.difference(figures[0], figures[1]),
        Operation.SHARE: lambda: arithmetic.share(figures[0], figures[1]),
        Operation.QUOTIENT: lambda: arithmetic.per(figures[0], figures[1]),
    }[question.operation]()
    if result is None:
        return None
    if question.operation is Operation.DIFFERENCE:
        return Plan("answered", compose.gap(result, operands))
    words = {
        Operation.SUM: "合计",
        Operation.SHARE: "占比约",
        Operation.QUOTIENT: "平均约",
    }
    return Plan("answered", compose.computed(result, operands, words[question.operation]))


def _rest_is_stated(evidence: Evidence) -> bool:
    """Whether 还有多少没有… need not be computed, since a report states the figure of what is not."""
    ask = next((a for a in evidence.question.asks if a.quantity), None)
    if ask is None or not NEGATION.search(evidence.question.text):
        return False
    pool = targets(ask, evidence.near, evidence.weights)
    best = pool[0] if pool else None
    return (
        best is not None
        and best.score >= LEAST_FIGURE
        and bool(NEGATION.search(clause_of(best.line, best.figure)))
    )


def _operands(question: Question, evidence: Evidence) -> list[Target]:
    lines = evidence.near
    found: list[Target] = []
    for ask in question.operands:
        pool = _operand_pool(ask, question, lines, evidence, found)
        fresh = [t for t in pool if all((t.line, t.figure.span) != (o.line, o.figure.span) for o in found)]
        if fresh:
            found.append(fresh[0])
    if question.operation is Operation.SUM and (count := _named_count(question.text)):
        return found if len(found) == count else _siblings(question, evidence, lines)
    if len(found) >= 2 or question.operation not in (Operation.SUM, Operation.DIFFERENCE):
        return found
    return _siblings(question, evidence, lines) or found


def _operand_pool(
    ask: Ask, question: Question, lines: Sequence[Line], evidence: Evidence, found: Sequence[Target]
) -> list[Target]:
    """Figures for one operand; it may share its last word with the last operand (A、B和C的补偿)."""
    unit = found[0].figure.unit if found and question.operation is not Operation.QUOTIENT else ask.unit
    last = question.operands[-1].topic.split()
    tail = last[-1:] if len(last) > 1 else []
    whole = Ask(" ".join(dict.fromkeys([*ask.topic.split(), *tail])), unit, True)
    fits = rank(ask.topic, lines, evidence.weights)[:12]
    near = [t.line for t in found] + [fit.line for fit in fits]
    own = {
        (t.line, t.figure.span): t.score for t in targets(Ask(ask.topic, unit, True), near, evidence.weights)
    }
    pool = [
        replace(t, score=t.score + (0.15 if found and t.line == found[0].line else 0))
        for t in timely(targets(whole, list(dict.fromkeys(near)), evidence.weights), evidence)
        if own[t.line, t.figure.span] >= LEAST_OPERAND
        and arithmetic.base(t.figure) is not None
        and ((found and question.operation is Operation.QUOTIENT) or not _asked(question, t))
        and (question.operation is not Operation.SHARE or _can_be_share(question, t))
    ]
    shared = tail and not _TAKEN_OFF.search(
        question.text
    )  # 资金刨掉县级投入: the last word is of the part alone
    # 药品补偿: of one sentence, what was spent on 购进 is no part of the sum where another amount is the 补偿.
    called = {t.line for t in pool if shared and t.figure.unit == "元" and tail[0] in t.figure.indicator}
    kept = [t for t in pool if t.line not in called or tail[0] in t.figure.indicator]
    return sorted(kept, key=lambda t: -t.score)


def _can_be_share(question: Question, target: Target) -> bool:
    """No rate is a part or a whole; where people are asked about, only what people are counted by is."""
    unit = target.figure.unit
    return unit in arithmetic.COUNTED if _OF_PEOPLE.search(question.text) else unit not in arithmetic.RATES


def _asked(question: Question, target: Target) -> bool:
    """Whether the question itself names this figure: 5000万以上的项目 are not 5000万 of anything."""
    value = arithmetic.base(target.figure)
    return any(n.value is not None and n.value * n.factor == value for n in numbers(question.text))


def _siblings(question: Question, evidence: Evidence, lines: Sequence[Line]) -> list[Target]:
    """Without named operands: the figures of one unit in the sentence that fits best."""
    ask = next((a for a in question.asks if a.quantity), Ask(question.topic, "", True))
    pool = timely(targets(ask, lines, evidence.weights), evidence)
    if not pool or pool[0].score < LEAST_SIBLING:
        return []
    best = pool[0]
    same = [
        t for t in pool
        if t.line == best.line and arithmetic.comparable(t.figure, best.figure) and t.score >= 0.6 * best.score
    ]  # fmt: skip
    if question.operation is Operation.SUM and (count := _named_count(question.text)):
        # 两类合起来: the two that fit alike, where a third does not.
        same = same[:count] if len(same) <= count or same[count].score < ALIKE * same[count - 1].score else []
    ordered = sorted(same, key=lambda t: t.figure.span.start)
    return ordered if question.operation is Operation.SUM else ordered[:2]


def _named_count(text: str) -> int:
    """How many things are to be added, 0 where the question does not say: 两类, 三家, 3项."""
    found = _COUNT.search(text)
    return _COUNTS[found[1]] if found else 0
