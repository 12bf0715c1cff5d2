"""Causes: the sentence on the matter and those near it that say why.

In: evidence for a question why. Out: a plan that quotes these sentences in the order of the report;
advice among them is no cause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.report import SectionKind
from service import compose
from service.decision import CLOSE, LEAST_LINE, Plan, refuse
from service.enumerating import BULLET
from service.evidence import Evidence
from service.lines import Line
from service.match import Fit
from service.question import Question
from service.scope import part_year

PURPOSE = re.compile(r"目的|为了|图个?[啥什]")
NEAR_BEST = 0.8  # of the best score: from here on a sentence may be on the matter
INTENTIONS = (SectionKind.NEXT_STEPS, SectionKind.GOALS)
CANDIDATES = 12  # sentences among which the one on the matter is chosen
LONGEST_TITLE = 24  # characters: an item's title (（一）集中体检进度慢。), which what follows explains
_TITLE = re.compile(
    rf"[\u3400-\u9fff、“”]{{2,{LONGEST_TITLE}}}。"
)  # 乡村医生青黄不接。: no clause, no figure
ADVICE = re.compile(r"(?:工作)?(?:建议|对策)[:：]")
CAUSES = (
    "由于", "因为", "原因", "受", "导致", "致使", "造成", "制约", "使得", "没有", "不足", "缺", "难", "影响", "加之", "因",
)  # fmt: skip


def explain(evidence: Evidence) -> Plan | None:
    """The sentence on the matter and the sentences near it that give causes."""
    fits = evidence.fits
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    best = _matter(evidence)
    near = [f.line for f in fits if f.line.passage.id == best.passage.id or f.line.path == best.path]
    titled = bool(BULLET.match(best.text)) and len(best.text.strip()) <= LONGEST_TITLE
    stated = best.kind is SectionKind.PROBLEMS or titled
    causes = [
        line for line in near if line == best or (_close(line, best) and (stated or _gives_cause(line)))
    ]
    ordered = _one_item(sorted(dict.fromkeys(causes), key=lambda line: line.span.start), best)
    chosen = [line for line in ordered if not ADVICE.match(line.text)][:6] or ordered[:4]
    return Plan("answered", compose.quotes(chosen))


def _matter(evidence: Evidence) -> Line:
    """The sentence on the matter: no intention where what happened is told, a problem of the whole year first."""
    fits, question = evidence.fits[:CANDIDATES], evidence.question
    told = [
        fit for fit in fits
        if fit.line.kind not in INTENTIONS and fit.score >= NEAR_BEST * fits[0].score
    ]  # fmt: skip
    if PURPOSE.search(question.text) or not told:
        return fits[0].line
    close = [fit for fit in told if fit.score >= CLOSE * told[0].score]
    return max(close, key=lambda fit: _tells(fit, question)).line


def _tells(fit: Fit, question: Question) -> tuple[bool, float]:
    whole = part_year(fit.line.card.period) if not question.periods else 1.0
    return fit.line.kind is SectionKind.PROBLEMS, whole * fit.score


def _one_item(lines: Sequence[Line], best: Line) -> list[Line]:
    """The lines of the item (一是 …, 2. …, or a paragraph with a title) that ``best`` stands in, not its neighbours'."""
    at = lines.index(best)
    first = next((i for i in range(at, -1, -1) if _opens(lines[i])), 0)
    last = next((i for i in range(at + 1, len(lines)) if _opens(lines[i])), len(lines))
    return list(lines[first:last])


def _opens(line: Line) -> bool:
    """Whether an item begins with this line: with its mark, or with a title at the beginning of a paragraph."""
    return bool(BULLET.match(line.text)) or (
        _begins_paragraph(line) and bool(_TITLE.fullmatch(line.text.strip()))
    )


def _begins_paragraph(line: Line) -> bool:
    ahead = line.passage.text[: line.span.start - line.passage.span.start].rstrip(" \t\u3000")
    return not ahead or ahead.endswith("\n")


def _close(line: Line, best: Line) -> bool:
    return -250 < line.span.start - best.span.start < 400


def _gives_cause(line: Line) -> bool:
    return any(word in line.text for word in CAUSES)
