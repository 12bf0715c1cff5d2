"""What all reports say on one topic, the best sentence of each.

In: evidence over the whole library. Out: a plan that says how many reports hold the topic and quotes
one sentence of each.
"""

from __future__ import annotations

from dataclasses import replace

from service import compose
from service.cited import Sentence
from service.decision import LEAST_GATHER, LEAST_GATHERED, Plan, refuse
from service.evidence import QUOTED, Evidence, View, by_report, letters
from service.match import targets
from service.meaning import nearest

SURE_NEAR = 0.5  # odds by meaning that a report must reach where its words do not


def gather(evidence: Evidence, view: View) -> Plan:
    """The best sentence of every report that holds the topic."""
    sentences: list[Sentence] = []
    ask = next((a for a in evidence.question.asks if a.quantity), None)
    quoted = [letters(phrase) for phrase in QUOTED.findall(evidence.question.text)]
    for every in by_report(evidence.fits).values():
        # What the question puts in quotation marks must stand there literally.
        fits = [fit for fit in every if all(phrase in letters(fit.line.text) for phrase in quoted)]
        if not fits:
            continue
        best = fits[0]
        line = best.line
        if ask:
            pool = targets(ask, [f.line for f in fits[:12]], evidence.weights)
            if pool and pool[0].score >= LEAST_GATHER:
                line = pool[0].line
            elif near := nearest(replace(evidence, fits=tuple(fits)), view, ask, least=SURE_NEAR):
                line = near[0].line
            else:
                continue
        elif best.score < LEAST_GATHERED:
            near = nearest(replace(evidence, fits=tuple(fits)), view, least=SURE_NEAR)
            if not near:
                continue
            line = near[0].line
        sentences.append(compose.quote(line))
    if not sentences:
        return refuse(evidence)
    head = Sentence(f"语料中有{len(sentences)}份报告写到这项内容，各引一句", (), "stated")
    return Plan("answered", (head, *sentences))
