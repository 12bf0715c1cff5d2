"""Seconds to write the two Word files of a made-up draft of some 20 pages: the clean copy and the one for review.

Out: for each file the median and the highest of several runs and its size, the ratio of the two, and the pages where
LibreOffice is there to count them. The gate and the checklist, which both files need first, are told apart.
Nothing here is a test: machines differ. The aim is one second for the clean copy.

    python -m benchmarks.papers [--steps N] [--runs N]
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from service.draft.checklist import checklist
from service.draft.toy_paper import toy_draft, toy_opener, toy_paper
from service.papers import export
from service.papers.official import Official
from service.papers.provenance import checked

T = TypeVar("T")
PARTS = Official(
    office="雾岭县卫生健康局",
    day=date(2023, 1, 5),
    head="雾岭县卫生健康局文件",
    number="雾卫发〔2023〕12号",
    addressee="各乡镇人民政府，县直有关单位",
    attachments=("重点任务分工表",),
    copies="县财政局",
    printer="雾岭县卫生健康局办公室",
)


def measure(name: str, make: Callable[[], T], runs: int) -> tuple[float, T]:
    """The median of some runs, printed with the highest, and what the last one made."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        made = make()
        times.append(time.perf_counter() - began)
    size = f", {len(made) / 1024:.0f} KiB" if isinstance(made, bytes) else ""
    print(f"{name}: median {statistics.median(times):.3f} s, highest {max(times):.3f} s{size}")
    return statistics.median(times), made


def pages(data: bytes) -> str:
    """How many pages LibreOffice makes of a file; "?" where it is not there."""
    office = shutil.which("soffice")
    if not office:
        return "?"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.docx"
        path.write_bytes(data)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return str(len(re.findall(rb"/Type\s*/Page[^s]", path.with_suffix(".pdf").read_bytes())))


@click.command()
@click.option("--steps", default=45, show_default=True, type=click.IntRange(1), help="problems, and tasks")
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1))
def main(*, steps: int, runs: int) -> None:
    """Run all of it."""
    draft = toy_draft(steps, steps)
    document = toy_paper(draft)
    _, sound = measure("gate", lambda: checked(document, toy_opener(draft)), runs)
    _, found = measure("checklist", lambda: checklist(draft, document), runs)
    clean, data = measure("clean copy", lambda: export.to_bytes(sound, official=PARTS), runs)
    review, more = measure("review copy", lambda: export.review_bytes(sound, found, official=PARTS), runs)
    print(f"review : clean = {review / clean:.1f} : 1; {pages(data)} and {pages(more)} pages")


if __name__ == "__main__":
    main()
