"""The suite memos (对比备忘录): cells, changes and gaps of comparison memos.

In: pairs of years of the national reports with their hand-made gold, and pairs of years and places of the samples with
truth.json. Out: the memo as JSON with where its citations lead; from that the cells that are right of those that could
be judged, the changes that follow from the memo's own cells, and the gaps that are said although a value is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from eval.cases import find_sources
from eval.memo_deltas import changes
from eval.memos import GOLD, PLACE, Gold, compared, faults, load, year_of
from eval.memos import Score as Compared
from eval.quantities import clean, quantities
from eval.suites.contract import Output, Score, Task, Where, absent_files, desk_of
from eval.suites.sample_memos import judged
from eval.systems.contract import System
from eval.tracing import trace
from eval.truth import Sample, samples

RANGE = "range"
PARTS = ("cells", "deltas", "missing_told", "opened")
COUNTED = ("unfounded", "confused")


class Comparing:
    """Memos of two columns."""

    name = "memos"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """The pairs of the samples, then those of the national reports."""
        gold = load(where.cases / GOLD.name if where.cases else GOLD)
        wanted = {row.sha256 for row in gold} | {one.sha256 for one in samples()}
        there = find_sources(where.reports, wanted)
        return (*_sample_tasks(there), *_national_tasks(gold, there))

    def run(self, task: Task, system: System) -> Output:
        """Make the memo; its findings stay as code composed them, so that no model takes part."""
        from service.memo.columns import Request
        from service.memo.memo import memo
        from service.memo.sources import of_desk

        desk = desk_of(system)
        request = Request(tuple(task.asks["places"]), tuple(task.asks["years"]))
        document = memo(request, of_desk(desk)).document.to_json()
        return {"output": document, "cited": trace(document["sources"], system.report)}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Cells, changes, gaps, citations; good where none is wrong."""
        document = item["output"]
        if document is None:
            return Score(task.id, dict.fromkeys((*PARTS, *COUNTED)), False)
        stated = changes(document)
        national = bool(task.gold) and isinstance(task.gold[0], Gold)
        found = _national(task.gold, item) if national else None
        cells, wrong = _cells(found, task.kind == RANGE) if found else judged(document, task.gold)
        counts = {
            "cells": cells,
            "deltas": (sum(one.right for one in stated), len(stated)),
            "missing_told": gaps(document),
            "opened": (sum(bool(one["opens"]) for one in item["cited"]), len(item["cited"])),
        }
        reasons = (*wrong, *(f"{one.row}　{one.text}　{one.fault}" for one in stated if not one.right))
        values = {name: right / total if total else None for name, (right, total) in counts.items()}
        values |= {name: float(len(getattr(found, name))) if found else None for name in COUNTED}
        good = all(right == total for right, total in counts.values())
        return Score(task.id, values, good, reasons, counts)


def gaps(memo: Mapping[str, Any]) -> tuple[int, int]:
    """(said to be missing, cells under a year or place that hold no value); only tables of indicators."""
    empty = []
    for table in memo["blocks"]:
        if table["type"] == "table" and table["header"][0] == "指标":
            for row in table["rows"]:
                for head, cell in zip(table["header"], row, strict=True):
                    words = cell["status"] == "" and cell["sources"] and cell["text"].strip()  # 两成多
                    valued = bool(quantities(clean(cell["text"])) or words)
                    if (year_of(head) or head in memo["places"]) and not valued:
                        empty.append(cell["status"] != "" and bool(cell["text"].strip()))
    return sum(empty), len(empty)


def _national_tasks(gold: Sequence[Gold], there: Mapping[str, Any]) -> list[Task]:
    """Each pair of years that reports stand for; then all years together."""
    told = sorted({row.report_year for row in gold})
    tasks = [_national_task(f"gwr-{a}-{b}", "years", gold, (a, b), there) for a, b in pairwise(told)]
    whole = tuple(range(told[0] - 1, told[-1] + 1))
    return [*tasks, _national_task("gwr-all", RANGE, gold, whole, there)]


def _national_task(
    name: str, kind: str, gold: Sequence[Gold], years: tuple[int, ...], there: Mapping[str, Any]
) -> Task:
    some = tuple(row for row in gold if row.when in years)
    cluster = next(row.sha256 for row in some if row.report_year == years[-1])[:12]
    asks = {"places": [PLACE], "years": list(years)}
    return Task(name, kind, cluster, "dev", asks, some, absent_files({row.sha256 for row in some}, there))


def _national(gold: Sequence[Gold], item: Mapping[str, Any]) -> Compared:
    sources = item["output"]["sources"]
    traced = {
        (one["report_id"], one["start"], one["end"]): (to["sha256"], to["start"], to["end"])
        for one, to in zip(sources, item["cited"], strict=True)
    }
    return compared(item["output"], gold, lambda *at: traced.get(at))


def _cells(found: Compared, whole: bool) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Right ones of all. A memo of two years leaves out lines of a single value: there these are not counted."""
    shown = (
        found if whole else replace(found, judged=tuple(j for j in found.judged if j.verdict != "missing"))
    )
    return (shown.right, len(shown.judged) + len(shown.unfounded)), tuple(faults(shown))


def _sample_tasks(there: Mapping[str, Any]) -> list[Task]:
    annual = [one for one in samples() if one.genre == "annual"]
    counties = tuple(dict.fromkeys(one.place for one in annual if one.place.endswith("县")))
    tasks = []
    for place in counties:
        years = sorted({one.year for one in annual if one.place == place})
        tasks += [_sample_task("years", [place], [before, after], there) for before, after in pairwise(years)]
    for year in sorted({one.year for one in annual}):
        tasks += [_sample_task("places", [a, b], [year], there) for a, b in pairwise(counties)]
    return tasks


def _sample_task(kind: str, places: list[str], years: list[int], there: Mapping[str, Any]) -> Task:
    # a year's figures stand in its own reports and, as those of the year before, in later ones
    some: tuple[Sample, ...] = tuple(one for one in samples() if one.place in (*places, "岚川市"))
    own = next(one for one in some if one.place == places[0] and one.year == years[-1] and one.figures)
    name = "-".join((*places, *map(str, years)))
    absent = absent_files({one.sha256 for one in some}, there)
    return Task(
        f"sample-{name}", kind, own.sha256[:12], "samples", {"places": places, "years": years}, some, absent
    )


MEMOS = Comparing()
