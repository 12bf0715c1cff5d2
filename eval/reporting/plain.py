"""Runs → one JSON object for other programs: what the page shows, item by item.

In: scored runs. Out: a plain object with the shares and means of each run and every item with its score,
without personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eval.reporting.changes import change
from eval.reporting.judged import Run, by_suite, expectation, ids, interval, share
from eval.reporting.outputs import clean
from eval.scored import BY, Group, Marked, groups


def plain(runs: Sequence[Run]) -> dict[str, Any]:
    """The object over some runs; ``changes`` names the cases that differ where two runs are of one suite."""
    return {
        "runs": [_run(run) for run in runs],
        "changes": [_changes(group) for group in by_suite(runs) if len(group) == 2],
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "meta": asdict(run.scored.meta),
        "left": list(run.scored.left),
        "groups": {by: [_group(group) for group in groups(run.scored, by)] for by in BY},
        "items": [_item(one) for one in run.scored.items],
    }


def _group(group: Group) -> dict[str, Any]:
    low, high = interval(group)
    return asdict(group) | {"share": share(group), "low": low, "high": high}


def _item(one: Marked) -> dict[str, Any]:
    whole = {
        "id": one.task.id,
        "kind": one.task.kind,
        "cluster": one.task.cluster,
        "split": one.task.split,
        "good": one.score.good,
        "values": dict(one.score.values),
        "counts": {name: list(count) for name, count in one.score.counts.items()},
        "reasons": list(one.score.reasons),
        "asks": dict(one.task.asks),
        "output": one.item["output"],
        "cited": one.item["cited"],
        "error": one.item["error"],
        "seconds": one.item["seconds"],
    }
    return dict(clean(whole, expectation(one.task.gold).secrets))


def _changes(runs: Sequence[Run]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for case in ids(runs):
        if told := change(case, runs):
            found.setdefault(told.kind, []).append(case)
    base, new = runs
    return {"suite": base.suite, "base": base.name, "new": new.name, "cases": found}
