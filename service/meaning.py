"""Answers by meaning: for a question whose words are not the report's (头一回看病留在区里, 县域内首诊).

In: evidence of which no sentence holds enough of the asked words. Out: the sentences that the embedding
model finds near enough to be the answer, for quotation only: the user sees the source's own words and
judges. A sentence must hold what is asked for: a figure of the right unit, a date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service import compose
from service.decision import Plan, hidden
from service.evidence import Evidence, View, with_heading
from service.kinds import ASKS_DATE
from service.lines import DATE, Line
from service.match import Fit, topic_variants, unit_fits
from service.question import Ask, Question, QuestionKind

# A line through (cosine with the topic, cosine of the question with the sentence under its heading,
# share of words): logistic regression on the 122 single questions of eval/cases whose best sentence is
# known, answerable ones against those that no report answers; classes weighted alike. 0 is even odds.
TOPIC, ASKED, WORDS, CONSTANT = 32.9, 31.3, 5.1, -60.8
LEAST = -0.9
CLEAR = 1.5  # from here on there is no need to say that the wording differs
RIVAL = 0.5  # a second sentence this near to the best is quoted too
CANDIDATES = 18
ANSWERED = (QuestionKind.FACT, QuestionKind.WHY, QuestionKind.LIST, QuestionKind.COMPUTE)
NOTE = "问法与报告的用词不同，以下是意思最接近的原文，请核对"


@dataclass(frozen=True, slots=True)
class Near:
    """A sentence and the odds (logarithm) that it answers."""

    line: Line
    odds: float


def nearest(
    evidence: Evidence, view: View, ask: Ask | None = None, *, least: float = LEAST
) -> tuple[Near, ...]:
    """Sentences that may answer by meaning, best first; only those of at least the odds ``least``."""
    question = evidence.question
    fits = [fit for fit in evidence.fits[:CANDIDATES] if _holds(question, ask, fit)]
    if not fits:
        return ()
    topic = ask.topic if ask and ask.topic else question.topic or question.text
    texts = [fit.line.text for fit in fits]
    by_topic = np.max([view.similarities(wording, texts) for wording in _wordings(topic)], axis=0)
    by_question = view.similarities(question.text, [with_heading(fit.line) for fit in fits])
    found = [
        Near(fit.line, TOPIC * float(t) + ASKED * float(q) + WORDS * fit.words + CONSTANT)
        for fit, t, q in zip(fits, by_topic, by_question, strict=True)
    ]
    return tuple(sorted((n for n in found if n.odds >= least), key=lambda n: -n.odds))


def by_meaning(evidence: Evidence, view: View) -> Plan | None:
    """The nearest sentences, quoted; None where none is near or the question wants more than a fact."""
    question = evidence.question
    if question.kind not in ANSWERED or not _narrow(evidence):
        return None
    ask = next((a for a in question.asks if a.quantity), None)
    near = nearest(evidence, view, ask)
    if not near:
        return None
    chosen = [n.line for n in near[:2] if n.odds >= near[0].odds - RIVAL]
    figures = [f for line in chosen for f in line.figures if ask and unit_fits(ask.unit, f)]
    if figures and all(f.value is None for f in figures):
        return hidden(chosen[0], figures[0])
    clear = near[0].odds >= CLEAR
    return Plan("answered" if clear else "partial", compose.quotes(chosen), reason="" if clear else NOTE)


def _wordings(topic: str) -> tuple[str, ...]:
    """The topic as asked and in the words of office prose."""
    variants = topic_variants(topic)
    return tuple(dict.fromkeys((variants[0], variants[-1])))


def _narrow(evidence: Evidence) -> bool:
    """Whether the question says where to look: over all reports, likeness of meaning mistakes places."""
    question = evidence.question
    return bool(question.places) or len(evidence.scope.cards) == 1


def _holds(question: Question, ask: Ask | None, fit: Fit) -> bool:
    """Whether a sentence has what the question wants."""
    if ASKS_DATE.search(question.text):
        return bool(DATE.search(fit.line.text))
    if ask is not None:
        return any(unit_fits(ask.unit, figure) for figure in fit.line.figures)
    return True
