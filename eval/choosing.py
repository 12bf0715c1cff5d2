"""Which tasks are run: by split, kind and id, and a few of each kind where there is a limit.

In: all tasks of a suite. Out: those that can be run here and are asked for, in their order. A limit takes the kinds
in turn, so that a short run is a small picture of the whole one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corpus.errors import NotFound
from eval.suites.contract import Task


def choose(
    tasks: Sequence[Task],
    *,
    split: str = "",
    kinds: Collection[str] = (),
    ids: Collection[str] = (),
    limit: int | None = None,
) -> tuple[Task, ...]:
    """The chosen tasks.

    Raises:
        NotFound: no task has one of the ids, kinds or this split.
    """
    _known("题号", ids, {task.id for task in tasks})
    _known("题类", kinds, {task.kind for task in tasks})
    _known("分组", [split] if split else [], {task.split for task in tasks})
    chosen = [
        task
        for task in tasks
        if not task.absent
        and (not split or task.split == split)
        and (not kinds or task.kind in kinds)
        and (not ids or task.id in ids)
    ]
    if limit is None or limit >= len(chosen):
        return tuple(chosen)
    return _in_turn(chosen, limit)


def _in_turn(tasks: Sequence[Task], limit: int) -> tuple[Task, ...]:
    place: dict[str, int] = {}
    turns = []
    for at, task in enumerate(tasks):
        turns.append((place.setdefault(task.kind, 0), at))
        place[task.kind] += 1
    taken = sorted(at for _, at in sorted(turns)[:limit])
    return tuple(tasks[at] for at in taken)


def _known(what: str, wanted: Collection[str], there: Collection[str]) -> None:
    unknown = [name for name in wanted if name not in there]
    if unknown:
        some = "、".join(sorted(there)[:12])
        raise NotFound(f"没有这样的{what}：{'、'.join(unknown)}", remedy=f"可用：{some}")
