"""Scoring 1,000 recorded items: seconds to the scores, and to a comparison with its bootstrap.

In: the recorded answers of the product over the samples, repeated under other names until there are enough. Out: seconds
of each step. Nothing is generated.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count, cycle, islice

import click

from eval.commands.fast import OUTPUTS
from eval.comparing import compare
from eval.runs import case_key, read_run
from eval.scored import groups, score_run
from eval.suites import suite_named
from eval.suites.contract import Where
from eval.where import REPORTS


@click.command(help="给记录的回答评分的耗时。")
@click.option("--items", default=1000, show_default=True, help="多少题")
def main(items: int) -> None:
    """Command line."""
    began = time.perf_counter()
    run = read_run(OUTPUTS / "samples-answers-product.jsonl")
    suite = suite_named(run.meta.suite)
    known = {task.id: task for task in suite.cases(Where(REPORTS))}
    repeated = list(islice(zip(count(), cycle(run.items)), items))
    tasks = [replace(known[item["id"]], id=f"{item['id']}-{n}") for n, item in repeated]
    made = tuple(
        {**item, "id": task.id, "case": case_key(task)}
        for task, (_, item) in zip(tasks, repeated, strict=True)
    )
    read = time.perf_counter()
    found = score_run(replace(run, items=made), suite, tasks)
    groups(found)
    scored = time.perf_counter()
    compare(found, found)
    compared = time.perf_counter()
    print(
        f"{len(found.items)} items: read {read - began:.1f} s, scored {scored - read:.1f} s, "
        f"compared {compared - scored:.1f} s"
    )


if __name__ == "__main__":
    main()
