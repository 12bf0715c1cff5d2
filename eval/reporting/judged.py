"""A scored run as the reports see it: with a name of its own, and what each of its cases asks for.

In: :class:`eval.scored.Scored` values and the files that they came from. Out: named runs that can be looked up
by case. What could not be scored is left out of a share and counted beside it, never taken for right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.cases import Case, Gold
from eval.metrics import wilson
from eval.reporting import terms
from eval.scored import Group, Marked, Scored


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case asks for: lines for the reader, where it stands, hashes of digits that must not be shown."""

    lines: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """A scored run. ``name`` tells it from the other runs of a page."""

    name: str
    scored: Scored
    by_case: Mapping[str, Marked]

    @property
    def suite(self) -> str:
        """What was run: answers, memos …"""
        return self.scored.meta.suite

    def good(self, case: str) -> bool | None:
        """The verdict on a case; None where it could not be scored or was not asked."""
        marked = self.by_case.get(case)
        return None if marked is None else marked.score.good


def named(found: Sequence[tuple[str, Scored]]) -> tuple[Run, ...]:
    """Runs named after their system, or after their file where two of a suite are of the same system.

    Args:
        found: (name of the file, scored run) in the order in which they are to stand.
    """
    runs: list[Run] = []
    for file, scored in found:
        alike = [one for _, one in found if _key(one) == _key(scored)]
        name = terms.system(scored.meta.system) if len(alike) == 1 else file
        taken = {run.name for run in runs if run.suite == scored.meta.suite}
        name = next(n for n in (name, *(f"{name} {k}" for k in range(2, 99))) if n not in taken)
        runs.append(Run(name, scored, {one.task.id: one for one in scored.items}))
    return tuple(runs)


def _key(scored: Scored) -> tuple[str, str]:
    return scored.meta.suite, terms.system(scored.meta.system)


def by_suite(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs grouped by suite, in order."""
    return [[run for run in runs if run.suite == name] for name in dict.fromkeys(run.suite for run in runs)]


def ids(runs: Iterable[Run]) -> tuple[str, ...]:
    """The cases of some runs, each once, in order."""
    return tuple(dict.fromkeys(case for run in runs for case in run.by_case))


def share(group: Group) -> float | None:
    """Good ones among those with a verdict; None where there is none."""
    return group.good / group.judged if group.judged else None


def interval(group: Group) -> tuple[float, float]:
    """Wilson's 95 % interval of the share."""
    return wilson(group.good, group.judged)


def expectation(gold: object) -> Expected:
    """What a question case asks for, in words; what is private stays a hash. Other gold shows in its score."""
    case = gold if isinstance(gold, Case) else getattr(gold, "case", None)
    if not isinstance(case, Case):
        return Expected()
    lines = ["应作答" if case.expect == "answer" else "应拒答"]
    lines += [
        f"数值：{f'{v.of} ' if v.of else ''}{v.value}{v.unit.replace('|', ' 或 ')}" for v in case.values
    ]
    lines += [f"要点：{' 或 '.join(group)}" for group in case.points]
    lines += [f"方向：{case.higher[0]} 高于 {case.higher[1]}"] if case.higher else []
    lines += [f"不应出现：{key}" for key in case.forbid]
    lines += ["不应出现：个人信息（只存哈希值）"] if case.forbid_sha256 else []
    return Expected(tuple(lines), case.gold, frozenset(case.forbid_sha256))
