"""Findings of an audit and of a proofreading in one form, with their places in the text (意见).

In: a text with its findings. Out: :class:`Remark`, one a finding, for a page that shows them beside the text and for
programs that read them. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.audit.document import Audited
from service.cited import Citation, Derived
from service.proof.proofing import Proof


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding: the sentence of the text that it is about (``start`` to ``end`` of its cleaned text), how grave it
    is (高, 中, 低), its name, what is wrong, what to do; ``sources`` are the sentences that it is held against.

    ``origin`` is "audit" or "check", ``code`` the rule or kind.
    """

    origin: str
    code: str
    name: str
    group: str
    severity: str
    message: str
    suggestion: str
    report_id: str
    start: int
    end: int
    quote: str
    formulas: tuple[str, ...] = ()
    sources: tuple[Citation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain object for JSON."""
        return {
            "origin": self.origin,
            "code": self.code,
            "name": self.name,
            "group": self.group,
            "severity": self.severity,
            "message": self.message,
            "suggestion": self.suggestion,
            "report_id": self.report_id,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "formulas": list(self.formulas),
            "sources": [citation.to_json() for citation in self.sources],
        }


def of_audit(one: Audited) -> Iterator[Remark]:
    """The findings of an audit."""
    for found in one.findings:
        own = _own(one.report.id, found.citations)
        yield Remark(
            "audit", found.kind.value, found.kind.label, "数值核对", found.severity.value, found.message,
            found.suggestion, own.report_id, own.start, own.end, own.quote, _formulas(found.derived),
            tuple(c for c in found.citations if c != own),
        )  # fmt: skip


def of_proof(one: Proof) -> Iterator[Remark]:
    """The findings of a proofreading."""
    for found in one.findings:
        own, about = _own(one.report.id, found.citations), found.rule.about
        yield Remark(
            "check", found.rule.value, about.name, about.group.label, found.severity.value, found.message,
            found.suggestion or about.advice, own.report_id, own.start, own.end, own.quote,
            _formulas(found.derived), tuple(c for c in found.citations if c != own),
        )  # fmt: skip


def _own(report_id: str, citations: Sequence[Citation]) -> Citation:
    """The sentence of the text itself; every finding has one, the first where several are."""
    return next((c for c in citations if c.report_id == report_id), citations[0])


def _formulas(derived: Sequence[Derived]) -> tuple[str, ...]:
    return tuple(one.formula for one in derived if one.formula)
