"""What will be answered, decided by code before the model writes a word.

In: evidence. Out: a :class:`~service.decision.Plan`: a refusal with its reason, sentences that code has
finished, or the lines that the model is to phrase with the figures that it must state. Each kind of
question has its own module; here one is chosen, and wrong premises and missing parts are added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from corpus.repair import find_damages
from service.agreeing import check_figures
from service.cited import Sentence
from service.comparing import compare
from service.computing import compute
from service.correcting import check_claims, check_wording, correct_figure, correct_wording
from service.decision import Open, Plan
from service.enumerating import list_members
from service.evidence import Evidence, View
from service.explaining import explain
from service.gathering import gather
from service.meaning import by_meaning
from service.question import QuestionKind
from service.scope import describe
from service.stating import state_fact
from service.terms import grams


def plan(evidence: Evidence, view: View, report: Open) -> Plan:
    """Decide how ``evidence.question`` is answered."""
    if evidence.refusal:
        return Plan("refused", reason=evidence.refusal)
    question = evidence.question
    makers: dict[QuestionKind, Callable[[], Plan | None]] = {
        QuestionKind.COMPARE: lambda: compare(evidence, view),
        QuestionKind.GATHER: lambda: gather(evidence, view),
        QuestionKind.LIST: lambda: list_members(evidence, report, view),
        QuestionKind.COMPUTE: lambda: compute(evidence),
        QuestionKind.WHY: lambda: explain(evidence),
        QuestionKind.CHECK: lambda: check_claims(evidence),
    }
    if not (grams(question.topic) or question.sections or question.claims):
        have = describe(evidence.scope.cards)
        return Plan(
            "refused",
            reason=f"问题里没有写要查什么。请写明内容，例如：家庭医生签约率是多少。可查的报告：{have}",
        )
    if agreeing := check_figures(evidence, report):
        return agreeing
    maker: Callable[[], Plan | None] | None = makers.get(question.kind)
    made = maker() if maker else None
    chosen = made or state_fact(evidence)
    if made is None and question.kind is QuestionKind.COMPUTE:
        chosen = chosen.quoted  # what code could not compute, no model shall
    if chosen.nothing and (near := by_meaning(evidence, view)):
        return near
    if question.claims and question.kind is not QuestionKind.CHECK and chosen.status != "refused":
        chosen = correct_figure(evidence, chosen)
    if chosen.status != "refused" and question.kind not in (QuestionKind.COMPARE, QuestionKind.GATHER):
        chosen = correct_wording(evidence, chosen)
    if question.kind is QuestionKind.CHECK and not question.claims and not chosen.sentences:
        chosen = check_wording(evidence, view) or chosen
    if any(find_damages(line.text) for line in chosen.lines):
        # Damaged text is shown as it is; a model would fill the gaps.
        chosen = chosen.quoted
    if evidence.scope.missing and chosen.status != "refused":
        said = {sentence.text for sentence in chosen.sentences}
        notes = tuple(Sentence(note, (), "stated") for note in evidence.scope.missing if note not in said)
        status = "partial" if question.kind is QuestionKind.COMPARE else chosen.status
        chosen = replace(chosen, status=status, sentences=(*notes, *chosen.sentences))
    return chosen
