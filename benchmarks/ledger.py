"""Speed of the indicator ledger: how fast figures are read out of clean text, on one core.

In: a folder of reports (``--reports``; the shipped samples by default). Out: megabytes of UTF-8 text a
second of processor time, for all files and for each, and the rows. Parsing stays outside the measure:
it is done once a file, the ledger is made again whenever the rules change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from corpus.figures import read_figures
from corpus.parse import parse, sentence_spans
from corpus.readers import read
from corpus.readers.guard import SUFFIXES
from corpus.report import Report
from corpus.samples import SAMPLES
from corpus.stretches import by_sections

MEGABYTE = 1_000_000


def reading(report: Report) -> Callable[[], int]:
    """A call that reads the figures of a parsed report and counts them."""
    about = report.metadata
    spans = sentence_spans(report.text, report.sections)
    period = f"{about.year.value}年" if about.year else ""
    parts = by_sections(len(report.text), report.sections, about, period)
    return lambda: len(read_figures(report.text, spans, report.damages, period, parts))


def best(call: Callable[[], int], rounds: int) -> tuple[float, int]:
    """Least processor seconds of ``rounds`` calls, and what the call returned."""
    seconds, rows = float("inf"), 0
    for _ in range(rounds):
        began = time.process_time()
        rows = call()
        seconds = min(seconds, time.process_time() - began)
    return seconds, rows


def reports_in(folder: Path) -> Iterator[Report]:
    """The reports of every readable file of a folder."""
    for path in sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.name != "README.md"
    ):
        yield from parse(read(path))


@click.command()
@click.option("--reports", type=click.Path(exists=True, file_okay=False, path_type=Path), default=SAMPLES)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
def main(reports: Path, rounds: int) -> None:
    """Print the speed for each report and over all."""
    size, seconds, rows = 0, 0.0, 0
    for report in reports_in(reports):
        taken, found = best(reading(report), rounds)
        here = len(report.text.encode())
        size, seconds, rows = size + here, seconds + taken, rows + found
        speed = here / MEGABYTE / taken if taken else float("inf")
        print(f"{report.source_name[:36]:<38} {here / 1000:7.1f} kB {found:5} rows {speed:6.2f} MB/s")
    if seconds:
        speed = size / MEGABYTE / seconds
        print(f"ledger: {rows} rows of {size / MEGABYTE:.2f} MB in {seconds:.2f} s: {speed:.2f} MB/s a core")


if __name__ == "__main__":
    main()
