"""Causes: the sentence on the matter and those near it that say why.

In: evidence for a question why. Out: a plan that quotes these sentences in the order of the report;
advice among them is no cause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.report import SectionKind
from service import compose
from service.decision import LEAST_LINE, Plan, refuse
from service.enumerating import BULLET
from service.evidence import Evidence
from service.lines import Line

ADVICE = re.compile(r"(?:工作)?(?:建议|对策)[:：]")
CAUSES = (
    "由于", "因为", "原因", "受", "导致", "致使", "造成", "制约", "使得", "没有", "不足", "缺", "难", "影响", "加之", "因",
)  # fmt: skip


def explain(evidence: Evidence) -> Plan | None:
    """The sentence on the matter and the sentences near it that give causes."""
    fits = evidence.fits
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    best = fits[0].line
    near = [f.line for f in fits if f.line.passage.id == best.passage.id or f.line.path == best.path]
    stated = best.kind is SectionKind.PROBLEMS
    causes = [
        line for line in near if line == best or (_close(line, best) and (stated or _gives_cause(line)))
    ]
    ordered = _one_item(sorted(dict.fromkeys(causes), key=lambda line: line.span.start), best)
    chosen = [line for line in ordered if not ADVICE.match(line.text)][:6] or ordered[:4]
    return Plan("answered", compose.quotes(chosen))


def _one_item(lines: Sequence[Line], best: Line) -> list[Line]:
    """The lines of the list item (一是 …, 2. …) that ``best`` stands in, not those of its neighbours."""
    at = lines.index(best)
    first = next((i for i in range(at, -1, -1) if BULLET.match(lines[i].text)), 0)
    last = next((i for i in range(at + 1, len(lines)) if BULLET.match(lines[i].text)), len(lines))
    return list(lines[first:last])


def _close(line: Line, best: Line) -> bool:
    return -250 < line.span.start - best.span.start < 400


def _gives_cause(line: Line) -> bool:
    return any(word in line.text for word in CAUSES)
