"""Bytes in, bars on the terminal out: how a fetch of models looks to the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from service.models.store import Progress


@contextmanager
def bars(console: Console | None = None) -> Iterator[Progress]:
    """A Progress that draws one bar for each title; without a terminal it prints a line a title."""
    console = console or Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as drawn:
        tasks = {}

        def report(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = drawn.add_task(title, total=total)
                if not console.is_terminal:
                    console.print(f"{title}（{total / 2**20:.0f} MB）…")
            drawn.update(tasks[title], completed=done, total=total)

        yield report
