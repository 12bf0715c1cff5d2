"""Places or years side by side, with the difference computed in code.

In: evidence for a question about several places or years. Out: a plan with one figure for each, all of
one measure, and what separates them; what has no report is said, not left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.report import FigureKind
from service import arithmetic, compose
from service.cited import Sentence
from service.decision import LEAST_COMPARED, LEAST_FIGURE, LEAST_LINE, Plan, refuse, timely, years_together
from service.evidence import Evidence, View, find
from service.lines import Line, clause_at
from service.match import Target, targets
from service.meaning import nearest
from service.naming import short_name
from service.question import Ask, Operation, Question, QuestionKind
from service.scope import own_year
from service.terms import content, is_verb

SAME_NAME = 0.1  # of a score: 有螺面积 is compared with 有螺面积, not with 查螺面积
CALLED, LEAST_CALLED = 0.05, 3  # the same for a name of so many characters that the question gives in full
BEHIND = re.compile(r"[（(\d]")  # where another figure's words begin
LEAST_OWN = 4  # characters of content, with the name of the place, between one place and the next


def compare(evidence: Evidence, view: View) -> Plan | None:
    """One target per place (or per year), then the difference in code."""
    question = evidence.question
    if total := _stated_total(question, view):
        return total
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
    parts = _one_measure(pools, question.text)
    if not parts and not texts:
        return Plan("refused", reason="；".join(n.text for n in notes) or "没有可比较的内容")
    sentences = _told(question, parts) if parts else ()
    sentences += tuple(compose.quote(line) for line in texts)
    reasons = [*(note.text for note in notes), *_unsaid(question.text, parts)]
    return Plan("partial" if reasons else "answered", (*sentences, *notes), reason="；".join(reasons))


def _unsaid(asked: str, parts: Sequence[Target]) -> Iterator[str]:
    """What was asked to be done and a sentence says of another figure of it, not of the one that is compared: asked is
    救治的患者, and of 患者108人（已救治59人） the first is compared.
    """
    for part in parts:
        text, span = part.line.text, part.figure.span
        clause = clause_at(text, span)
        own = text[clause.start : span.end] + BEHIND.split(text[span.end : clause.end])[0]
        for word in content(asked).split():
            done = re.search(rf"{word}[的了过]", asked) and len(word) > 1 and is_verb(word)
            if done and word not in own + part.figure.indicator and word in text:
                yield f"{compose.dated(part)}的{arithmetic.compact(part.figure)}没有写明是“{word}”的，请核对原文"


def _stated_total(question: Question, view: View) -> Plan | None:
    """For a sum over years: the sentence in which the last year's report states it (三年累计45名)."""
    count = len(question.years)
    if question.operation is not Operation.SUM or count < 2 or len(question.places) != 1:
        return None
    last = replace(question, kind=QuestionKind.FACT, operation=Operation.NONE, years=(max(question.years),))
    part = find(last, view)
    ask = next((a for a in last.asks if a.quantity), None)
    if part.refusal or ask is None:
        return None
    told = [
        t for t in targets(ask, part.near, part.weights)
        if t.score >= LEAST_FIGURE and years_together(t.figure.period) == count
    ]  # fmt: skip
    return Plan("answered", (compose.quote(told[0].line),)) if told else None


def _told(question: Question, parts: Sequence[Target]) -> tuple[Sentence, ...]:
    """The figures side by side with what is asked of them: their sum, else what separates them."""
    if question.operation is Operation.SUM:
        side = compose.side_by_side(parts, with_difference=False)[: len(parts)]
        return (*side, compose.summed(parts))
    wants_difference = question.operation is Operation.DIFFERENCE or len(parts) == 2
    return compose.side_by_side(parts, with_difference=wants_difference)


def _singles(question: Question) -> list[Question]:
    """The question for each place, year and period alone."""
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
    if len(question.periods) > 1:
        return [replace(plain, periods=(p,)) for p in question.periods]
    return [plain]


def _own_asks(question: Question) -> list[tuple[str, Ask]]:
    """What is asked of each place where it is not the same: 甲县的导管室跟乙县的业务楼，哪个花钱多."""
    if question.strangers or len(question.operands) != len(question.places):
        return []
    if not _parted(question):
        return []  # 甲县和乙县的导管室: nothing of its own stands behind the first
    unit = next((ask.unit for ask in question.asks if ask.quantity), "")
    return [
        (place, replace(operand, unit=unit))
        for place, operand in zip(question.places, question.operands, strict=True)
    ]


def _parted(question: Question) -> bool:
    """Whether each place but the last has something said of it alone: 甲县培训的和乙县…, not 甲县和乙县…."""
    at = [question.text.find(short_name(place)) for place in question.places]
    return all(len(content(question.text[a:b]).replace(" ", "")) >= LEAST_OWN for a, b in pairwise(at))


def _of_place(question: Question, place: str) -> Question:
    """The question for one known place; names of other places are no part of what is looked for."""

    def without(topic: str) -> str:
        return " ".join(word for word in topic.split() if word not in question.strangers)

    asks = tuple(replace(ask, topic=without(ask.topic)) for ask in question.asks)
    own = [own_year(question, p) for p in question.places]
    year = own[question.places.index(place)]
    years = (year,) if year and None not in own else question.years
    if len(own) > 1 and own[-1] and not any(own[:-1]) and not year and _parted(question):
        years = ()  # 甲县培训的和乙县2022年要选派的: the year is said of the last place only
    topic = without(question.topic)
    return replace(question, places=(place,), strangers=(), years=years, topic=topic, asks=asks)


def _one_measure(pools: Sequence[Sequence[Target]], asked: str) -> list[Target]:
    """One figure from each pool, of one unit of measure where there is such a choice, the best such."""
    if not pools:
        return []
    chosen = [pool[0] for pool in pools]
    best = 0.0
    for anchor in pools[0]:
        matching = [[t for t in pool if arithmetic.comparable(anchor.figure, t.figure)] for pool in pools[1:]]
        if all(matching):
            row = [anchor, *(max(pool, key=lambda t: _worth(t, anchor)) for pool in matching)]
            called = CALLED * (
                len(anchor.figure.indicator) >= LEAST_CALLED and anchor.figure.indicator in asked
            )
            worth = anchor.score + called + sum(_worth(t, anchor) for t in row[1:])
            if worth > best:
                best, chosen = worth, row
    return chosen


def _worth(target: Target, anchor: Target) -> float:
    """The score of a figure, with a bonus where it goes by the name of the one that it is compared with."""
    same = target.figure.indicator == anchor.figure.indicator
    return target.score + (SAME_NAME if same and target.figure.indicator else 0.0)
