"""A short summary of one report: seconds to the first section and to the whole, with the real model.

In: a report (``--file``; the longest of the shipped samples by default). Out: seconds from opening the
desk, the start of the model included: facts of the overview shown, first words of the model, overview
checked, whole summary. Nothing here is a test: machines differ.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import click

from corpus.ledger import rows
from corpus.report import Filter
from service.demo import sample_files
from service.desk import Desk
from service.papers.provenance import checked
from service.settings import load
from service.summary.summary import Length, Part, assembled, parts


def measure(home: Path, length: Length) -> None:
    """Print the seconds of one summary of the longest report of a data folder."""
    began = time.perf_counter()
    heard: list[float] = []

    def told(piece: str) -> None:
        if piece:
            heard.append(time.perf_counter() - began)

    with Desk.open(replace(load(), home=home)) as desk:
        desk.warm()
        card = max(desk.cards(), key=lambda c: c.characters)
        found = rows(desk.library, Filter(report_ids=(card.id,)))
        made: list[Part] = []
        first = 0.0
        for part in parts(desk.report(card.id), card, found, desk.model, length, on_text=told):
            first = first or time.perf_counter() - began
            made.append(part)
        document = assembled(card, made)
        checked(document, desk.report)
        whole = time.perf_counter() - began
    words = f"{heard[1]:.1f} s" if len(heard) > 1 else "—"
    print(f"{length.value}: {card.characters} characters, {len(document.sources)} sources, "
          f"facts {heard[0]:.1f} s, first words {words}, overview checked {first:.1f} s, whole {whole:.1f} s")  # fmt: skip


@click.command(help="一份报告摘要的耗时。")
@click.option("--file", "file", type=click.Path(path_type=Path, exists=True), help="报告（默认用最长的样例）")
@click.option("--times", default=3, show_default=True, help="量几次")
def main(file: Path | None, times: int) -> None:
    """Command line."""
    files = [file] if file else list(sample_files())
    with tempfile.TemporaryDirectory() as folder:
        with Desk.open(replace(load(), home=Path(folder))) as desk:
            desk.ingest(files)
        for _ in range(times):
            measure(Path(folder), Length.SHORT)


if __name__ == "__main__":
    main()
