"""Do the figures of a sentence agree with each other (对得上吗): recomputed by the audit, not by a model.

In: evidence for a question whether figures agree, and its report. Out: a plan with what does not agree
and the recomputed value, or the statement that recomputing found nothing; None for other questions.
"""

from __future__ import annotations

import re

from service import compose
from service.audit.checks import audit
from service.cited import Sentence
from service.decision import LEAST_LINE, Open, Plan
from service.evidence import Evidence

AGREES = re.compile(r"对得上|对不上|(?:数字?|数据|口径)[^，。？]{0,6}(?:一致|相符|吻合|矛盾)|算得对|自相矛盾")


def check_figures(evidence: Evidence, report: Open) -> Plan | None:
    """What the audit finds in the sentence that fits best."""
    fits = evidence.fits
    if not AGREES.search(evidence.question.text) or not fits or fits[0].score < LEAST_LINE:
        return None
    line = fits[0].line
    quoted = compose.quote(line)
    found = [
        finding for finding in audit(report(line.report_id))
        if any(c.report_id == line.report_id and c.start < line.span.end and line.span.start < c.end
               for c in finding.citations)
    ]  # fmt: skip
    if not found:
        figures = sum(figure.value is not None for figure in line.figures)
        if figures < 2:
            return None
        return Plan(
            "answered",
            (
                Sentence("按这句话所列的数复核，没有发现矛盾，请对照原文", quoted.citations, "computed"),
                quoted,
            ),
        )
    told = []
    for finding in found:
        formulas = "；".join(d.formula for d in finding.derived if d.formula)
        text = f"对不上：{finding.message}" + (f"（计算：{formulas}）" if formulas else "")
        told.append(Sentence(text, finding.citations, "computed", tuple(d.text for d in finding.derived)))
    return Plan("answered", (*told, quoted))
