"""Ingest, search and answers end to end: seconds, percentiles and memory of all processes.

In: a folder of reports (``--reports``; the shipped samples by default) and, where given, the questions of
``eval/cases`` about them. Out: a table of absolutes. Nothing here is a test: machines differ.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import psutil

from corpus.samples import SAMPLES
from eval.cases import load as load_cases
from service.answer import Delta, Done, Found
from service.demo import questions as demo_questions
from service.demo import sample_files
from service.desk import Desk
from service.settings import load

CASES = Path(__file__).resolve().parents[1] / "eval" / "cases"


class Memory:
    """Highest resident memory of this process and its children together, sampled."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.2):
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; 0 for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else 0.0


def measure_ingest(desk: Desk, files: Sequence[Path]) -> None:
    """Seconds for taking the files in, the embedding model being loaded."""
    desk.embedder.embed_query("热身")
    began = time.perf_counter()
    result = desk.ingest(files)
    print(f"ingest: {result.reports} reports of {len(files)} files in {time.perf_counter() - began:.1f} s")


def measure_search(desk: Desk, queries: Sequence[str]) -> None:
    """Milliseconds of a search, each query once cold (not cached) after one warm-up."""
    desk.search("热身")
    times = []
    for query in queries:
        began = time.perf_counter()
        desk.search(query)
        times.append((time.perf_counter() - began) * 1000)
    print(f"search: n={len(times)} p50 {percentile(times, 0.5):.0f} ms, p95 {percentile(times, 0.95):.0f} ms")


def measure_answers(desk: Desk, asked: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Milliseconds to the evidence, to the first words and to the whole answer."""
    list(desk.stream(asked[0][0]))  # starts the server and fills the prompt cache
    evidence, first, total, phrased = [], [], [], []
    for question, history in asked:
        began = time.perf_counter()
        seen = 0.0
        for event in desk.stream(question, history):
            now = (time.perf_counter() - began) * 1000
            if isinstance(event, Found):
                evidence.append(now)
            elif isinstance(event, Delta) and not seen:
                seen = now
                phrased.append(now)
            elif isinstance(event, Done):
                first.append(seen or now)
                total.append(now)
    print(
        f"evidence: n={len(evidence)} p50 {percentile(evidence, 0.5):.0f} ms, p95 {percentile(evidence, 0.95):.0f} ms"
    )
    print(f"first words: p50 {percentile(first, 0.5) / 1000:.1f} s; where the model phrases (n={len(phrased)}) p50 "
          f"{percentile(phrased, 0.5) / 1000:.1f} s, p95 {percentile(phrased, 0.95) / 1000:.1f} s")  # fmt: skip
    print(f"whole answer: p50 {percentile(total, 0.5) / 1000:.1f} s, p95 {percentile(total, 0.95) / 1000:.1f} s, "
          f"mean {statistics.fmean(total) / 1000:.1f} s")  # fmt: skip


@click.command(help="入库、检索、问答的耗时与内存。")
@click.option("--reports", type=click.Path(path_type=Path, exists=True), help="报告文件夹（默认用随附样例）")
@click.option("--limit", default=40, show_default=True, help="至多问几题")
def main(reports: Path | None, limit: int) -> None:
    """Command line."""
    files = sorted(reports.glob("*.txt")) if reports else list(sample_files())
    if reports:
        cases = [case for case in load_cases(CASES) if case.split != "blind"]
        asked = [(case.question, case.earlier) for case in cases][:: max(1, len(cases) // limit)][:limit]
    else:
        asked = [(question, []) for question in demo_questions()]
    with tempfile.TemporaryDirectory() as folder, Memory() as memory:
        settings = replace(load(), home=Path(folder))
        with Desk.open(settings) as desk:
            measure_ingest(desk, files)
            measure_search(desk, [question for question, _ in asked])
            measure_answers(desk, asked)
    print(
        f"memory: peak of all processes {memory.peak / 1e9:.2f} GB ({SAMPLES.name if not reports else reports.name})"
    )


if __name__ == "__main__":
    main()
