"""Places or years side by side, with the difference computed in code.

In: evidence for a question about several places or years. Out: a plan with one figure for each, all of
one measure, and what separates them; what has no report is said, not left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.report import FigureKind
from service import arithmetic, compose
from service.cited import Sentence
from service.decision import LEAST_COMPARED, LEAST_LINE, Plan, refuse, timely
from service.evidence import Evidence, View, find
from service.lines import Line
from service.match import Target, targets
from service.meaning import nearest
from service.naming import short_name
from service.question import Ask, Operation, Question, QuestionKind
from service.scope import own_year
from service.terms import content

LEAST_OWN = 4  # characters of content, with the name of the place, between one place and the next


def compare(evidence: Evidence, view: View) -> Plan | None:
    """One target per place (or per year), then the difference in code."""
    question = evidence.question
    pools: list[list[Target]] = []
    texts: list[Line] = []
    notes: list[Sentence] = []
    for single in _singles(question):
        part = find(single, view)
        if part.refusal:
            notes.append(Sentence(part.refusal, (), "stated"))
            continue
        lines = part.near
        ask = next((a for a in single.asks if a.quantity), Ask(single.topic, "", True))
        pool = [t for t in timely(targets(ask, lines, part.weights), part) if t.figure.value is not None]
        # 减少76.5公顷 is no 有螺面积: what is compared are the values themselves.
        pool = [t for t in pool if t.figure.kind is not FigureKind.DIFFERENCE] or pool
        if pool and pool[0].score >= LEAST_COMPARED:
            pools.append([t for t in pool if t.score >= max(LEAST_COMPARED, 0.75 * pool[0].score)][:12])
        elif part.fits and part.fits[0].score >= LEAST_LINE:
            texts.append(part.fits[0].line)
        elif near := nearest(part, view, ask):
            pool = [t for t in targets(ask, [near[0].line], part.weights) if t.figure.value is not None]
            if pool:
                pools.append(pool[:6])
            else:
                texts.append(near[0].line)
        else:
            notes.append(Sentence(refuse(part).reason, (), "stated"))
    parts = _one_measure(pools)
    if not parts and not texts:
        return Plan("refused", reason="；".join(n.text for n in notes) or "没有可比较的内容")
    wants_difference = question.operation is Operation.DIFFERENCE or len(parts) == 2
    sentences = compose.side_by_side(parts, with_difference=wants_difference) if parts else ()
    sentences += tuple(compose.quote(line) for line in texts)
    return Plan(
        "partial" if notes else "answered", (*sentences, *notes), reason="；".join(n.text for n in notes)
    )


def _singles(question: Question) -> list[Question]:
    """The question for each place and year alone."""
    plain = replace(question, kind=QuestionKind.FACT, operation=Operation.NONE)
    if len(question.places) + len(question.strangers) > 1:
        own = _own_asks(question)
        if own:
            return [_of_place(replace(plain, topic=a.topic, asks=(a,)), p) for p, a in own]
        return [_of_place(plain, p) for p in question.places] + [
            replace(plain, places=(), strangers=(s,)) for s in question.strangers
        ]
    if len(question.years) > 1:
        return [replace(plain, years=(y,)) for y in question.years]
    return [plain]


def _own_asks(question: Question) -> list[tuple[str, Ask]]:
    """What is asked of each place where it is not the same: 甲县的导管室跟乙县的业务楼，哪个花钱多."""
    if question.strangers or len(question.operands) != len(question.places):
        return []
    at = [question.text.find(short_name(place)) for place in question.places]
    if any(len(content(question.text[a:b]).replace(" ", "")) < LEAST_OWN for a, b in pairwise(at)):
        return []  # 甲县和乙县的导管室: nothing of its own stands behind the first
    unit = next((ask.unit for ask in question.asks if ask.quantity), "")
    return [
        (place, replace(operand, unit=unit))
        for place, operand in zip(question.places, question.operands, strict=True)
    ]


def _of_place(question: Question, place: str) -> Question:
    """The question for one known place; names of other places are no part of what is looked for."""

    def without(topic: str) -> str:
        return " ".join(word for word in topic.split() if word not in question.strangers)

    asks = tuple(replace(ask, topic=without(ask.topic)) for ask in question.asks)
    own = [own_year(question, p) for p in question.places]
    year = own[question.places.index(place)]
    years = (year,) if year and None not in own else question.years
    topic = without(question.topic)
    return replace(question, places=(place,), strangers=(), years=years, topic=topic, asks=asks)


def _one_measure(pools: Sequence[Sequence[Target]]) -> list[Target]:
    """One figure from each pool, of one unit of measure where there is such a choice, the best such."""
    if not pools:
        return []
    chosen = [pool[0] for pool in pools]
    if all(arithmetic.comparable(chosen[0].figure, t.figure) for t in chosen[1:]):
        return chosen
    best = 0.0
    for anchor in pools[0]:
        matching = [[t for t in pool if arithmetic.comparable(anchor.figure, t.figure)] for pool in pools[1:]]
        if all(matching):
            row = [anchor, *(pool[0] for pool in matching)]
            worth = sum(t.score for t in row)
            if worth > best:
                best, chosen = worth, row
    return chosen
