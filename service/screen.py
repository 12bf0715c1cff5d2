"""The terminal: where output and errors go, and progress bars. Chinese throughout.

In: messages and progress. Out: text on the two consoles that every ``screen_*`` module writes to; plain
where the output is no terminal.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from corpus.errors import WenhengError
from corpus.ingest import Progress as IngestProgress

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def error(message: str) -> None:
    """One clear sentence on standard error."""
    err.print(Text(f"错误：{message}", style="red"), soft_wrap=True)


def fallback(fault: WenhengError) -> None:
    """Says that the model failed and that the answer is in the report's own words."""
    error(f"语言模型没有作答，以上是报告原文。{fault}")


@contextmanager
def ingest_progress(*, quiet: bool) -> Iterator[tuple[Callable[[IngestProgress], None], Callable[[], bool]]]:
    """A bar with the current file and the time left, and a stop switch that Ctrl-C turns."""
    stopped = False

    def on_signal(*_: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        err.print("正在停止：做完这一份就停（再按一次立即中断）…")

    before = signal.signal(signal.SIGINT, on_signal)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
        transient=True,
    )
    try:
        with bar:
            task = bar.add_task("准备", total=None)

            def show(event: IngestProgress) -> None:
                bar.update(
                    task, total=event.total, completed=event.done, description=escape(event.current)[:40]
                )

            yield show, lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def step_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A plain bar for done/total steps."""
    bar = Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err,
        disable=not err.is_terminal, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
