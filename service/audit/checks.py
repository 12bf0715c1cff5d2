"""Recompute what a text claims (核对): a report in, its contradictions out.

In: a :class:`~corpus.report.Report`, of the library or of a draft that is in none, and the report of the
same place of the year before where there is one. Out: findings, the gravest first. No model takes part:
every finding rests on sentences of the text and on arithmetic that anybody can repeat.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.report import Report
from service.audit import changes as audit_changes
from service.audit import parts as audit_parts
from service.audit import repeats as audit_repeats
from service.audit import shares as audit_shares
from service.audit import words as audit_words
from service.audit.findings import Finding, Kind
from service.audit.reading import Reading

CHECKS = (
    audit_shares.check,
    audit_shares.check_averages,
    audit_parts.check,
    audit_changes.check,
    audit_repeats.check,
    audit_words.check_rates,
    audit_words.check_targets,
    audit_words.check_ranks,
    audit_words.check_dates,
    audit_words.check_suspect,
    audit_words.check_ordinals,
)
# What a graver finding on the same sentence already says.
_SAID = {Kind.AVERAGE: (Kind.SUM, Kind.SCALE), Kind.WHOLE: (Kind.SCALE,), Kind.REPEATED: (Kind.TABLE,)}


def audit(report: Report, earlier: Report | None = None) -> tuple[Finding, ...]:
    """All findings on a report, the gravest first, then in order of the text."""
    reading = Reading(report)
    found = list(_all(reading, Reading(earlier) if earlier else None))
    kept = [f for f in dict.fromkeys(found) if not _is_said(f, found)]
    return tuple(sorted(kept, key=lambda f: (f.severity.order, f.citations[0].start)))


def _all(reading: Reading, earlier: Reading | None) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(reading)
    if earlier is not None:
        yield from audit_repeats.check_last_year(reading, earlier)


def _is_said(finding: Finding, found: list[Finding]) -> bool:
    others = (f for f in found if f.kind in _SAID.get(finding.kind, ()))
    return any(set(f.citations) & set(finding.citations) for f in others)
