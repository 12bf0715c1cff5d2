"""The suite retrieval (检索): is the gold among what was found, and in what the model is given?

In: the answerable cases that stand on their own. Out: the stretches found, best first, and those that go into the
prompt, as raw spans; from these Recall@5, nDCG@10, RR@10, Success@1 and packed recall. Good where all gold is packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eval.cases import Case
from eval.retrieval import DEPTH, MEASURES, Stretch, packed, ranking
from eval.suites.asking import cases_of, task_of
from eval.suites.contract import Output, Score, Task, Where
from eval.systems.contract import Found, System

PACKED = 4  # stretches that a plain chain puts into its prompt


class Retrieving:
    """Questions with gold spans."""

    name = "retrieval"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """Answerable cases without a history: retrieval is given the question alone."""
        return tuple(
            task_of(case, absent)
            for case, absent in cases_of(where)
            if case.expect == "answer" and case.gold and not case.history
        )

    def run(self, task: Task, system: System) -> Output:
        """What is found, and what of it goes into the prompt."""
        question = task.asks["question"]
        found = system.retrieve(question, DEPTH)
        prompt = _prompt(question, system, found)
        return {"output": {"found": _plain(found), "packed": _plain(prompt)}, "cited": []}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """The measures of :mod:`eval.retrieval`."""
        case: Case = task.gold
        output = item["output"]
        if output is None:
            return Score(task.id, dict.fromkeys((*MEASURES, "packed")), False)
        whole = packed(case.gold, _stretches(output["packed"]))
        values = {**ranking(case.gold, _stretches(output["found"])), "packed": whole}
        good = None if whole is None else bool(whole)
        return Score(task.id, values, good, () if good else ("依据没有全部进入提示",))


def _prompt(question: str, system: System, found: tuple[Found, ...]) -> tuple[Found, ...]:
    """The sentences that the product chooses as evidence; the first stretches of every other system."""
    from eval.systems.product import Product
    from eval.systems.texts import raw_span
    from service.evidence import find

    if not isinstance(system, Product):
        return found[:PACKED]
    evidence = find(system.desk.understand(question), system.desk.view)
    return tuple(
        Found(line.report_id, *raw_span(system.report, line.report_id, line.span)) for line in evidence.near
    )


def _plain(found: Iterable[Found]) -> list[dict[str, Any]]:
    return [
        {"report_id": one.report_id, "sha256": one.sha256, "start": one.start, "end": one.end}
        for one in found
    ]


def _stretches(found: Iterable[Mapping[str, Any]]) -> list[Stretch]:
    return [(one["sha256"], one["start"], one["end"]) for one in found]


RETRIEVAL = Retrieving()
