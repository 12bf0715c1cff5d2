"""Where citations lead in the raw files: recorded with a run, because only the library can tell.

In: citations with report id and offsets of the cleaned text, and what opens a report. Out: for each a plain object:
does it open at its quote, the sha256 of its file and the raw span.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from corpus.errors import NotFound
from corpus.report import Report
from eval.metrics import opens

OpenReport = Callable[[str], Report]
CLOSED = {"opens": False, "sha256": "", "start": 0, "end": 0}


def trace(citations: Iterable[Mapping[str, Any]], open_report: OpenReport | None) -> list[dict[str, Any]]:
    """One object a citation, in order; none where nothing opens reports."""
    if open_report is None:
        return []
    return [_traced(citation, open_report) for citation in citations]


def _traced(citation: Mapping[str, Any], open_report: OpenReport) -> dict[str, Any]:
    start, end = int(citation["start"]), int(citation["end"])
    try:
        report = open_report(str(citation["report_id"]))
    except NotFound:
        return dict(CLOSED)
    opened = opens(start, end, str(citation["quote"]), report.text)
    if not 0 <= start < end <= len(report.text):
        return CLOSED | {"sha256": report.source_sha256}
    low, high = report.origin.raw_span(start, end)
    return {"opens": opened, "sha256": report.source_sha256, "start": low, "end": high}
