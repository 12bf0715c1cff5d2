"""Seconds of a comparison memo: 3 places × 4 years × 30 indicators of fictional rows, and the shipped samples.

Out: median and highest of several runs, without the narrative and, with ``--narrative``, with it. The memo of
the samples reads the library, compares problems and next steps with the embedding model and passes the
gate, as ``wenheng compare`` does; its first run, in which the model reads them for the first time, is told
apart. Nothing here is a test: machines differ.

    python -m benchmarks.memo [--narrative] [--runs N]
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import click

from corpus.samples import SAMPLES
from service.desk import Desk
from service.ledger.toy_rows import row
from service.memo.columns import Request
from service.memo.memo import Sources, memo
from service.memo.sources import of_desk
from service.papers.provenance import checked
from service.settings import load

PLACES = ("甲原县", "乙川县", "丙岭县")
YEARS = (2021, 2022, 2023, 2024)
COUNTIES = ("青岭县", "云泽县", "铜埠县")
SUBJECTS = (
    "家庭医生",
    "重点人群",
    "老年人",
    "高血压患者",
    "糖尿病患者",
    "孕产妇",
    "儿童",
    "残疾人",
    "职业人群",
    "流动人口",
)
MEASURES = ("{subject}签约率{value}%", "{subject}健康管理{count}人", "{subject}专项经费{money}万元")


def fictional(desk: Desk) -> Sources:
    """Thirty rows for each place and year, on cards made from one of the samples."""
    like = desk.cards()[0]
    cards, rows = [], []
    for place, year in product(PLACES, YEARS):
        card = replace(like, id=f"{place}{year}", title=f"{place}{year}年工作总结", place=place, year=year)
        cards.append(card)
        shift = 3 * PLACES.index(place) + 2 * (year - YEARS[0])
        for n, subject in enumerate(SUBJECTS):
            told = {"value": 40 + n + shift, "count": 1200 + 37 * n + 90 * shift, "money": 60 + n + 4 * shift}
            for at, measure in enumerate(MEASURES):
                text = measure.format(subject=subject, **told)
                digits = re.search("[0-9].*", text)
                assert digits is not None
                rows.append(
                    row(
                        place,
                        year,
                        f"{text}。",
                        digits[0],
                        report_id=card.id,
                        title=card.title,
                        at=40 * (3 * n + at),
                    )
                )
    return Sources(cards, lambda wanted: rows, desk.report)


def measure(name: str, request: Request, sources: Sources, runs: int, *, opens: bool) -> None:
    """Time some memos of one kind; each goes through the gate, which is part of the time."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        found = memo(request, sources)
        checked(found.document, sources.report if opens else None, terms=found.terms)
        times.append(time.perf_counter() - began)
    indicators = len({line.measure.name for line in found.lines})
    told = f"{len(found.plan.columns)} columns, {indicators} indicators, {len(found.lines)} lines"
    first, rest = times[0], times[1:] or times
    print(
        f"{name}{', narrative' if sources.chat else ''} ({told}): first {first:.2f} s,"
        f" then median {statistics.median(rest):.2f} s, highest {max(rest):.2f} s"
    )


@click.command()
@click.option("--narrative", is_flag=True, help="also with the findings phrased by the chat model")
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1))
def main(*, narrative: bool, runs: int) -> None:
    """Run all of it."""
    with tempfile.TemporaryDirectory() as folder, Desk.open(load(home=Path(folder))) as desk:
        desk.ingest([path for path in SAMPLES.iterdir() if path.suffix != ".json"])
        for chat in (None, desk.model()) if narrative else (None,):
            own = replace(fictional(desk), chat=chat)
            measure("fictional", Request(PLACES, YEARS), own, runs, opens=False)
            measure("samples", Request(COUNTIES, YEARS[1:]), of_desk(desk, chat), runs, opens=True)


if __name__ == "__main__":
    main()
