"""What a suite is: tasks with gold, run on a system, scored from what was recorded.

In: where cases and reports lie. Out: :class:`Task` values; from a system a plain JSON object for each; from
that object alone a :class:`Score`. Running and scoring are apart so that a score can be computed again without
generating anything; what only the reports can tell (where a citation leads) is therefore recorded by the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.systems.contract import System, Unsupported

if TYPE_CHECKING:
    from service.desk import Desk

Output = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """Where the cases lie (None: those of the project) and the folders with the raw reports."""

    reports: tuple[Path, ...]
    cases: Path | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One item to run.

    ``cluster`` is the report that the case rests on, the unit of the bootstrap; ``asks`` is what the system is
    given (its hash decides whether a recorded item still belongs to the case); ``gold`` is what the suite scores
    with. ``absent`` says why the task cannot be run here, "" where it can.
    """

    id: str
    kind: str
    cluster: str
    split: str
    asks: Mapping[str, Any]
    gold: Any
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured of one item: None is what could not be, never 0.

    ``good`` is the verdict that turns good or bad between two runs; None where there is none. ``counts`` holds
    (right, asked) of metrics that are shares over all their parts, so that a long item weighs more than a short
    one; ``reasons`` tell a reader what is wrong. A crash is wrong: ``good`` False.
    """

    id: str
    values: Mapping[str, float | None]
    good: bool | None
    reasons: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Suite(Protocol):
    """Tasks of one sort."""

    @property
    def name(self) -> str:
        """What commands and run files call it."""
        ...

    def cases(self, where: Where) -> tuple[Task, ...]:
        """All tasks in order, those included that cannot be run here."""
        ...

    def run(self, task: Task, system: System) -> Output:
        """What the system gives, as plain JSON: ``output`` and, where there are citations, ``cited``.

        Raises:
            Unsupported: the system cannot do this.
        """
        ...

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Measure one recorded item; touches no model, no library, no report."""
        ...


def desk_of(system: System) -> Desk:
    """The desk of the product or of a variant of it: what memos are made from.

    Raises:
        Unsupported: it is another system.
    """
    from eval.systems.product import Product

    if not isinstance(system, Product):
        raise Unsupported(f"系统 {system.name} 不能写对比备忘录", remedy="请用 --system product，或换一组题")
    return system.desk


def absent_files(wanted: Iterable[str], there: Collection[str]) -> str:
    """Why a task cannot be run: which file is not there; "" where all are."""
    missing = sorted(set(wanted) - set(there))
    return f"缺少文件 {missing[0][:12]}（不在 --reports 里，或已改动）" if missing else ""
