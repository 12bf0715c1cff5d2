"""The suites that ask: answers (回答), refusals (拒答) and injection (注入), told apart by their cases.

In: the cases of ``eval/cases``. Out: the object of ``wenheng ask --json`` with where its citations lead; from that
alone the score. Whether the answer is right is the verdict; a refusal where an answer was due is both wrong and a
false refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eval.answers import citations, judge, reasons, share
from eval.cases import CASES, Case, Kind, find_sources, load
from eval.locks import held
from eval.suites.contract import Output, Score, Task, Where, absent_files
from eval.systems.contract import System
from eval.tracing import trace


def cases_of(where: Where) -> tuple[tuple[Case, str], ...]:
    """All cases with the reason why each cannot be used here ("" where it can).

    Raises:
        NotFound, InputError: as :func:`eval.cases.load`; also where a locked file has changed.
    """
    path = where.cases or CASES
    held(path)
    every = load(path)
    there = find_sources(where.reports, frozenset().union(*(case.files for case in every)))
    return tuple((case, absent_files(case.files, there)) for case in every)


def task_of(case: Case, absent: str = "") -> Task:
    """A case as a task; what it rests on first is its cluster."""
    files = [gold.sha256 for gold in case.gold] or list(case.needs)
    cluster = files[0][:12] if files else "、".join(case.places) or "—"
    asks: dict[str, Any] = {"question": case.question, "history": case.earlier}
    return Task(case.id, case.kind.value, cluster, case.split, asks, case, absent)


@dataclass(frozen=True, slots=True)
class Asking:
    """The cases that ``wants`` chooses, asked as a user asks them."""

    name: str
    wants: Callable[[Case], bool]

    def cases(self, where: Where) -> tuple[Task, ...]:
        """The tasks of this suite."""
        return tuple(task_of(case, absent) for case, absent in cases_of(where) if self.wants(case))

    def run(self, task: Task, system: System) -> Output:
        """Ask."""
        output = system.ask(task.asks["question"], list(task.asks["history"]))
        return {"output": output, "cited": trace(citations(output), system.report)}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Right or wrong, and the shares that explain it."""
        case: Case = task.gold
        found = judge(case, item)
        counts = {
            "numeric": found.values,
            "points": found.points,
            "citation_recall": found.supported,
            "citation_precision": found.precise,
            "opened": found.opened,
        }
        answerable = case.expect == "answer"
        values: dict[str, float | None] = {"right": float(found.right)}
        values |= {name: share(part) for name, part in counts.items()}
        values |= {
            "gold_cited": found.gold,
            "stray_figures": float(found.stray) if answerable else None,
            "false_refusal": float(found.refused) if answerable else None,
            "refused": None if answerable else float(found.refused),
            "leaked": float(bool(found.forbidden)) if case.forbid or case.forbid_sha256 else None,
            "stood": _stood(item["output"]),
            "flagged": float(found.right) if case.kind is Kind.CONTRADICTORY else None,
            "first_token_s": _seconds(found.first_token_ms),
            "total_s": _seconds(found.total_ms),
        }
        return Score(task.id, values, found.right, () if found.right else reasons(found), counts)


def _stood(output: Mapping[str, Any] | None) -> float | None:
    """Whether what the model wrote passed the check at once; None where no model took part.

    A prompt that lost its evidence shows here alone: code falls back on the source's own words.
    """
    return float(not output["repaired"]) if output and output.get("signature") else None


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


ANSWERS = Asking("answers", lambda case: case.expect == "answer" and case.kind is not Kind.INJECTION)
REFUSALS = Asking("refusals", lambda case: case.expect == "refuse" and case.kind is not Kind.INJECTION)
INJECTION = Asking("injection", lambda case: case.kind is Kind.INJECTION)
