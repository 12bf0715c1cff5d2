"""What the question itself asserts, held against the reports.

In: evidence and, where there is one, the plan so far. Out: a plan that confirms or corrects an asserted
figure, grade, rank or direction before it answers; a wrong premise must not pass in silence.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.numerals import numbers, same_quantity
from corpus.report import Figure
from service import compose
from service.check import NEGATION
from service.cited import Citation, Sentence
from service.decision import DENIED, DENIES, LEAST_FIGURE, LEAST_LINE, SURE_LINE, Plan, timely
from service.evidence import Evidence, View
from service.lines import Line
from service.match import Target, clause_of, targets, topic_share
from service.meaning import nearest
from service.premises import contradiction, not_done_yet, other_body
from service.question import Ask, QuestionKind
from service.terms import Weights, held, words

TAGS = re.compile(r"没错|有没有|对不对|是不是|是否")
NEWLY = re.compile(r"新(?=[增报发确查建签开招])")
BORNE_OUT = 0.85  # share of a claim's words that a sentence must hold to bear it out


def check_claims(evidence: Evidence) -> Plan | None:
    """Confirm or correct the first asserted figure that a report speaks of; None when none does."""
    found = _checked(evidence)
    if found is None:
        return None
    claim, target, right = found
    says = compose.confirmation if right else compose.correction
    return Plan("answered", (says(claim, target), compose.quote(target.line)))


def _checked(evidence: Evidence) -> tuple[str, Target, bool] | None:
    """The first claim that a report speaks of, what it says, and whether the claim is right."""
    question = evidence.question
    for claim in question.claims:
        if _stated_of_the_rest(claim, evidence):
            continue
        stated = numbers(claim)
        ask = Ask(question.topic, stated[0].written_unit if stated else "", True)
        pool = timely(targets(ask, evidence.near, evidence.weights), evidence)
        if not pool or pool[0].score < LEAST_FIGURE:
            continue
        right = [
            t for t in pool
            if t.score >= 0.9 * pool[0].score and _same(claim, t.figure) and not _added_up(question.text, t)
        ]  # fmt: skip
        return (claim, right[0], True) if right else (claim, pool[0], False)
    return None


def _added_up(asked: str, target: Target) -> bool:
    """Whether a claim about new cases (新增, 新报告) meets a figure that adds up all of them (累计)."""
    clause = clause_of(target.line, target.figure)
    return bool(NEWLY.search(asked)) and "累计" in clause and not NEWLY.search(clause)


def _stated_of_the_rest(claim: str, evidence: Evidence) -> bool:
    """Whether 没有救治的12人 is what the report says of those who were not (未救治的12人)."""
    return bool(NEGATION.search(evidence.question.text)) and any(
        _same(claim, figure) and NEGATION.search(clause_of(fit.line, figure))
        for fit in evidence.fits[:12]
        for figure in fit.line.figures
    )


def _same(claim: str, figure: Figure) -> bool:
    return any(same_quantity(a, b) for a in numbers(claim) for b in numbers(figure.text))


def correct_figure(evidence: Evidence, chosen: Plan) -> Plan:
    """Correct an asserted figure before answering."""
    found = _checked(evidence)
    if found is None or found[2]:
        return chosen
    claim, target, _ = found
    correction = compose.correction(claim, target)
    if chosen.lines:
        return Plan(chosen.status, (correction, compose.quote(target.line)))
    return replace(chosen, sentences=(correction, *chosen.sentences))


def correct_wording(evidence: Evidence, chosen: Plan) -> Plan:
    """Correct an asserted grade, rank or direction."""
    fit = evidence.fits[0]
    line = chosen.lines[0] if chosen.lines else fit.line
    if (not chosen.lines and fit.score < SURE_LINE) or any(s.status == "computed" for s in chosen.sentences):
        return chosen
    found = contradiction(evidence.question.text, line.text)
    if evidence.question.kind is QuestionKind.CHECK:
        found = found or other_body(evidence.question.text, line.text)
        if found is None and (word := not_done_yet(evidence.question.text, line.text)):
            return _headed(
                f"与报告不符：{compose.label(line)}的报告写的是“{word}”，没有说已经完成", line, chosen
            )
    if found is None:
        return chosen
    text = f"问题中的“{found[0]}”与报告不符，{compose.label(line)}的报告写的是“{found[1]}”"
    return _headed(text, line, chosen)


def check_wording(evidence: Evidence, view: View) -> Plan | None:
    """For a claim without figures: what the nearest sentence says, and whether it says so in these words."""
    question = evidence.question
    near = nearest(evidence, view)
    line = near[0].line if near else evidence.fits[0].line if evidence.fits[0].score >= LEAST_LINE else None
    if line is None:
        return None
    context = " ".join((line.text, line.before, line.headings, line.card.place or ""))
    alike = topic_share(question.topic, context, evidence.weights)
    denies = bool(DENIES.search(TAGS.sub("", question.text)))
    borne = alike >= BORNE_OUT and not denies and not other_body(question.text, line.text)
    unclear = denies and DENIED.search(line.text)  # what is denied of what is for the reader to see
    if unclear or (borne and _unsaid(question.topic, context, evidence.weights)):
        head = f"{compose.label(line)}报告的原文如下，请对照"
    elif borne:
        head = f"是的，{compose.label(line)}的报告中有这样的说法"
    else:
        head = f"与{compose.label(line)}报告的说法不符，报告的原文如下"
    return _headed(head, line, Plan("answered", lines=(line,)))


def _unsaid(topic: str, context: str, weights: Weights) -> bool:
    """Whether a word of the claim does not stand there at all: then nobody can say 是的 for the report."""
    return any(not held(word.grams, context) for word in words(topic, weights))


def _headed(text: str, line: Line, chosen: Plan) -> Plan:
    """The correction in front of what was to be said, which is quoted then."""
    head = Sentence(text, (Citation.of(line),), "computed")
    told = chosen.quoted
    return replace(told, sentences=(head, *told.sentences))
