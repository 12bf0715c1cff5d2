"""The suite drafts (起草): a section that was hidden, drafted from its input, against what the office wrote.

In: the cases of ``eval/labels/drafts-*``. Out: the draft as JSON, where its citations lead, and what only the hidden
text and the past reports can tell (contradictions, copied runs), as counts without words. From these: numerals with a
source, rows told, links named, gold points made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from corpus.parse import parse
from corpus.readers import read
from corpus.report import Report
from eval.cases import find_sources
from eval.documents import read_document
from eval.drafts import ENOUGH, MOST_COPIED
from eval.drafts_cases import Case, Point, hidden, input_of, load_cases, load_points
from eval.drafts_contradictions import contradictions
from eval.drafts_metrics import copies, links, made, numerals, rows_told, unanswered
from eval.labels import LABELS
from eval.metrics import opens
from eval.suites.contract import Output, Score, Task, Where, absent_files
from eval.systems.contract import System
from service.draft.inputs import DraftInput
from service.draft.source import as_source
from service.papers.document import Document

SHARES = ("provenance", "rows", "links", "points", "opened")
COUNTED = ("contradictions", "copied", "unanswered")


class Drafting:
    """Hidden sections."""

    name = "drafts"

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}

    def cases(self, where: Where) -> tuple[Task, ...]:
        """One task a case; where the reports lie is kept for running them."""
        folders = (where.cases,) if where.cases else (LABELS / "samples", LABELS)
        cases = [case for folder in folders for case in load_cases(folder)]
        points = [point for folder in folders for point in load_points(folder)]
        wanted = {digest for case in cases for digest in (case.sha256, *case.seen)}
        self._paths = find_sources(where.reports, wanted)
        tasks = []
        for case in cases:
            given = input_of(case, where.cases or LABELS)
            gold = (case, given, tuple(point for point in points if point.case == case.id))
            asks = {"hidden": [case.sha256, case.start, case.end], "input": repr(given)}
            absent = absent_files((case.sha256, *case.seen), self._paths)
            split = "samples" if case.id.startswith("sample") else "dev"
            tasks.append(Task(case.id, given.basic.kind.value, case.sha256[:12], split, asks, gold, absent))
        return tuple(tasks)

    def run(self, task: Task, system: System) -> Output:
        """Draft, and settle what the hidden text and the past reports are needed for."""
        case, given, _ = task.gold
        draft = system.draft(case, self._paths)
        document = read_document(draft)
        reports = [report for digest in case.seen for report in parse(read(self._paths[digest]))]
        settled = _settled(document, given, hidden(case, self._paths), reports)
        return {"output": {"document": draft, **settled}, "cited": _opened(document, given, reports)}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Good where all that is asked of a draft is so."""
        if item["output"] is None:
            return Score(task.id, dict.fromkeys((*SHARES, *COUNTED)), False)
        case, given, points = task.gold
        document = read_document(item["output"]["document"])
        counts, reasons = _counts(document, given, points, case)
        linked = unanswered(links(document, given))
        opened = [bool(one["opens"]) for one in item["cited"]]
        counts["opened"] = (sum(opened), len(opened))
        values = {name: right / total if total else None for name, (right, total) in counts.items()}
        values["contradictions"] = float(len(item["output"]["against"]))
        values["copied"] = float(item["output"]["copied"])
        values["unanswered"] = float(len(linked))
        good = _holds(counts, values)
        against = tuple(f"矛盾：{kind}" for kind in item["output"]["against"])
        return Score(task.id, values, good, (*reasons, *against), counts)


def _settled(document: Document, given: DraftInput, text: str, reports: Iterable[Report]) -> dict[str, Any]:
    placed = [(place.value, report.text) for report in reports if (place := report.metadata.place)]
    against = contradictions(document, given, text, sorted({place for place, _ in placed}))
    past = (own for place, own in placed if place == given.basic.place)
    percent, _ = copies(document, given, (text, *past))
    return {"against": [one.kind for one in against], "copied": str(percent)}


def _opened(document: Document, given: DraftInput, reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Whether each citation quotes a row of the input or a report that the draft could see.

    The library of a case has lost the hidden stretch, so that its offsets are those of no file.
    """
    rows = as_source(given).report
    return [
        {"opens": quoted, "sha256": "", "start": 0, "end": 0}
        for one in document.sources
        for quoted in [
            opens(one.start, one.end, one.quote, rows.text)
            if one.report_id == rows.id
            else any(one.quote in report.text for report in reports)
        ]
    ]


def _counts(
    document: Document, given: DraftInput, points: Iterable[Point], case: Case
) -> tuple[dict[str, tuple[int, int]], tuple[str, ...]]:
    figures = numerals(document)
    rows = rows_told(document, given)
    linked = links(document, given)
    gold = made(document, [(point.id, point.row, point.key) for point in points])
    counts = {
        "provenance": (sum(one.sourced for one in figures), len(figures)),
        "rows": (sum(one.right for one in rows), len(rows)),
        "links": (sum(one.named for one in linked), len(linked)),
        "points": (sum(one.right for one in gold), len(gold)),
    }
    reasons = [f"数字无出处：{one.text}" for one in figures if not one.sourced]
    reasons += [f"{one.row}没有写全：{'；'.join(one.lost)}" for one in rows if not one.right]
    reasons += [f"{one.task}没有点明针对{one.problem}" for one in linked if not one.named]
    reasons += [f"缺要点 {one.point}" for one in gold if not one.right]
    return counts, tuple(reasons)


def _holds(counts: Mapping[str, tuple[int, int]], values: Mapping[str, float | None]) -> bool:
    whole = all(right == total for name, (right, total) in counts.items() if name != "points")
    right, total = counts["points"]
    enough = total == 0 or Decimal(100 * right) / total >= ENOUGH
    copied = Decimal(str(values["copied"]))
    return whole and enough and not values["contradictions"] and copied < MOST_COPIED


DRAFTS = Drafting()
