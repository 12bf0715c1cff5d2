"""A run and the scores of its items: what comparison, report and tables are made from.

In: a run and the suite's tasks. Out: :class:`Scored`, each item beside its task and its score; nothing is generated.
An item that answers no case, or a case that has changed since, is an error: its score would mean nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from eval.runs import Item, Meta, Run, case_key, read_run
from eval.suites.contract import Score, Suite, Task, Where


@dataclass(frozen=True, slots=True)
class Marked:
    """One item with its task and its score."""

    task: Task
    item: Item
    score: Score


@dataclass(frozen=True, slots=True)
class Scored:
    """All items of a run; ``left`` are the ids of cases that could be run here and are not in it."""

    meta: Meta
    items: tuple[Marked, ...]
    left: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the values, in the order in which they first occur."""
        return tuple(dict.fromkeys(name for one in self.items for name in one.score.values))


def score_run(run: Run, suite: Suite, tasks: Sequence[Task]) -> Scored:
    """Score the items in the order of the tasks.

    Raises:
        InputError: an item answers no case, or one that has changed.
    """
    items = {item["id"]: item for item in run.items}
    known = {task.id: task for task in tasks}
    for id_, item in items.items():
        if id_ not in known or case_key(known[id_]) != item["case"]:
            what = "现在没有这道题" if id_ not in known else "这道题已经改动"
            raise InputError(
                f"{id_} 与现在的评测题不一致（{what}）",
                where=str(run.path),
                remedy="请重新运行 wenheng eval run，只会补做改动的题",
            )
    marked = tuple(
        Marked(task, items[task.id], scored(suite, task, items[task.id]))
        for task in tasks
        if task.id in items
    )
    left = tuple(task.id for task in tasks if task.id not in items and not task.absent)
    return Scored(run.meta, marked, left)


def scored(suite: Suite, task: Task, item: Item) -> Score:
    """One score; an item that crashed is wrong whatever the suite measures."""
    found = suite.score(task, item)
    if not item["error"]:
        return found
    return Score(found.id, found.values, False, (f"出错：{item['error']}", *found.reasons), found.counts)


def load_scored(path: Path, where: Where) -> Scored:
    """Read a run, find its suite and score it.

    Raises:
        NotFound, InputError: as for reading and scoring; also where the suite is unknown.
    """
    from eval.suites import suite_named

    run = read_run(path)
    suite = suite_named(run.meta.suite)
    return score_run(run, suite, suite.cases(where))


# -- summing up -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Some items together: how many are good of those with a verdict, and the mean of each value.

    A mean leaves out what could not be measured; ``measured`` says over how many it was taken. A metric with counts
    is the share over all parts of all items.
    """

    name: str
    n: int
    good: int
    judged: int
    means: Mapping[str, float | None]
    measured: Mapping[str, int]


def group(name: str, marked: Sequence[Marked]) -> Group:
    """Sum up some items."""
    verdicts = [one.score.good for one in marked if one.score.good is not None]
    metrics = dict.fromkeys(metric for one in marked for metric in one.score.values)
    means: dict[str, float | None] = {}
    measured: dict[str, int] = {}
    for metric in metrics:
        counts = [one.score.counts[metric] for one in marked if metric in one.score.counts]
        known = [v for one in marked if (v := one.score.values.get(metric)) is not None]
        if counts:
            asked = sum(total for _, total in counts)
            means[metric] = sum(right for right, _ in counts) / asked if asked else None
            measured[metric] = asked
        else:
            means[metric] = math.fsum(known) / len(known) if known else None
            measured[metric] = len(known)
    return Group(name, len(marked), sum(verdicts), len(verdicts), means, measured)


BY: dict[str, Callable[[Marked], str]] = {
    "kind": lambda one: one.task.kind,
    "report": lambda one: one.task.cluster,
    "split": lambda one: one.task.split,
}


def groups(found: Scored, by: str = "kind") -> tuple[Group, ...]:
    """A group for each kind, report or split in the order in which they occur, then all together."""
    parts: dict[str, list[Marked]] = {}
    for one in found.items:
        parts.setdefault(BY[by](one), []).append(one)
    return (*(group(name, some) for name, some in parts.items()), group("全部", found.items))
