"""One figure or one statement from the sentence that fits best, for the model to phrase.

In: evidence for a question of fact. Out: a plan with the lines and the figures that must be stated; a
refusal where the figure is masked or doubtful; both figures where reports disagree or years differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.report import FigureKind
from service import arithmetic, compose
from service.decision import CLOSE, LEAST_LINE, MOST_LINES, SURE, Plan, good, hidden, refuse, timely
from service.evidence import Evidence
from service.kinds import ASKS_DATE
from service.lines import DATE, Line
from service.match import AIM, Target, targets
from service.question import Ask

LEAST_NAME = 4  # characters: two values of 投入 or 补助 are no contradiction
PARTS = re.compile(r"[，,、；;。？?！!]")
SEVERAL = re.compile(r"分别|各[是为有自]|各多少")


def state_fact(evidence: Evidence) -> Plan:
    """The figures asked for, each from the sentence that fits best; without any asked, a statement."""
    question = evidence.question
    if not any(ask.quantity for ask in question.asks):
        return _statement(evidence)
    lines = evidence.near
    found: list[Target] = []
    lacking: list[str] = []
    for ask in question.asks:
        got = _targets_for(ask, lines, evidence, found)
        if not got:
            lacking.append(_as_asked(ask, question.text))
        found.extend(got)
    if not found:
        return refuse(evidence)
    if all(t.figure.masked for t in found):
        return hidden(found[0].line, found[0].figure)
    doubtful = [t for t in found if t.figure.suspect]
    if doubtful and len(doubtful) == len(found):
        line = doubtful[0].line
        return Plan(
            "refused",
            reason=f"{compose.label(line)}的报告中这个数字书写有误（“{doubtful[0].figure.text}”），不能采用",
        )
    rival = _disagreeing(found[0], lines, evidence)
    if rival:
        return Plan("partial", compose.disagreement((found[0], *rival)), reason="报告中的说法不一致")
    if others := _other_years(found, lines, evidence):
        parts = sorted((found[0], *others), key=lambda t: compose.year_of(t) or 0)
        parts = parts[-1:] if question.latest else parts
        return Plan("answered", compose.side_by_side(parts, with_difference=False)[: len(parts)])
    chosen = tuple(dict.fromkeys(t.line for t in found))
    required = tuple(t.figure for t in found if t.figure.value is not None)
    status = "partial" if lacking else "answered"
    reason = (
        f"没有单独找到{'、'.join(f'“{one}”' for one in dict.fromkeys(lacking))}的答案，请看原文"
        if lacking
        else ""
    )
    if any(t.figure.kind is FigureKind.TARGET for t in found) and not AIM.search(question.text):
        # What is only aimed at must not be told as done: the source says it, under its name.
        said = tuple(
            compose.quote(line, lead=f"{compose.label(line)}（目标）") for line in chosen[:MOST_LINES]
        )
        return Plan(status, said, reason=reason)
    return Plan(status, lines=chosen[:MOST_LINES], required=required, reason=reason)


def _as_asked(ask: Ask, question: str) -> str:
    """The part of a question that an ask came from, in the user's own words."""
    words = ask.topic.split()
    parts = [part.strip() for part in PARTS.split(question) if part.strip()]
    return max(parts, key=lambda part: sum(word in part for word in words), default="".join(words))


def _targets_for(
    ask: Ask, lines: Sequence[Line], evidence: Evidence, before: Sequence[Target]
) -> list[Target]:
    """The figure that answers ``ask`` and its equals in the same sentence; [] when none is good enough."""
    if before and len(ask.topic) <= 6:
        near = _next_to(ask, before[-1], evidence)
        if near:
            return [near]
    if before:
        ask = Ask(f"{before[0].ask.topic} {ask.topic}", ask.unit, True)
    pool = timely(targets(ask, lines, evidence.weights), evidence)
    if not pool:
        return []
    best = pool[0]
    if not good(best, evidence):
        return []
    if not SEVERAL.search(best.line.text) and not SEVERAL.search(evidence.question.text):
        return [best]
    same = [t for t in pool if t.line == best.line and t.score >= CLOSE * best.score]
    return sorted(same, key=lambda t: t.figure.span.start)


def _next_to(ask: Ask, earlier: Target, evidence: Evidence) -> Target | None:
    """The first figure behind ``earlier`` in its sentence that has the unit of ``ask``."""
    behind = [
        t
        for t in targets(ask, [earlier.line], evidence.weights)
        if t.figure.span.start > earlier.figure.span.start and t.score > 0
    ]
    return min(behind, key=lambda t: t.figure.span.start, default=None)


def _statement(evidence: Evidence) -> Plan:
    dated = ASKS_DATE.search(evidence.question.text)
    fits = [fit for fit in evidence.fits if not dated or DATE.search(fit.line.text)]
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    best = fits[0]
    chosen = [f.line for f in fits[:MOST_LINES] if f.score >= 0.9 * best.score]
    told = Plan("answered", lines=tuple(chosen))
    # The members of a list are not for the model, which drops and adds some.
    return told.quoted if evidence.question.members else told


def _other_years(found: Sequence[Target], lines: Sequence[Line], evidence: Evidence) -> list[Target]:
    """The same figure in other years of the same place, when the question names no year."""
    best = found[0]
    if evidence.question.years or len(found) > 1 or not best.line.card.place:
        return []
    by_year = {compose.year_of(best): best}
    for target in targets(best.ask, lines, evidence.weights):
        card = target.line.card
        fits = target.score >= CLOSE * best.score and arithmetic.base(target.figure) is not None
        if fits and card.place == best.line.card.place and (year := compose.year_of(target)):
            by_year.setdefault(year, target)
    return [target for target in by_year.values() if target is not best]


def _disagreeing(best: Target, lines: Sequence[Line], evidence: Evidence) -> tuple[Target, ...]:
    """Figures of the same indicator, unit and kind in the same scope with another value."""
    if (
        best.score < SURE
        or len(best.figure.indicator) < LEAST_NAME
        or best.figure.kind is not FigureKind.ACTUAL
    ):
        return ()
    card = best.line.card
    rivals = []
    for target in targets(best.ask, lines, evidence.weights):
        figure = target.figure
        same_thing = (
            figure.indicator == best.figure.indicator
            and figure.unit == best.figure.unit
            and figure.kind is best.figure.kind
            and figure.period == best.figure.period
        )
        same_report = (target.line.card.place, target.line.card.year) == (card.place, card.year)
        if same_thing and same_report and target.line != best.line and target.score >= CLOSE * best.score:
            mine, theirs = arithmetic.base(best.figure), arithmetic.base(figure)
            if mine is not None and theirs is not None and mine != theirs:
                rivals.append(target)
    return tuple(rivals[:2])
