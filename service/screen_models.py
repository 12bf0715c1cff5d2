"""Models on the terminal: fetching with bars, and the table of their state.

In: settings. Out: bars while something is fetched or compiled, and a table; exit code 4 where a model is not ready.
"""

from __future__ import annotations

import sys

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.screen import err, out
from service.settings import Settings


def fetch_missing(settings: Settings) -> None:
    """Fetch models that are not there yet, with bars; failures are told by whoever needs the model."""
    from service.models.prepare import prepare

    if err.is_terminal and not all(state.ready for state in prepare(settings, fetch=False)):
        prepare(settings, fetch=True, console=err)


def model_table(settings: Settings, *, check: bool) -> None:
    """Fetch (unless ``check``) and list the models with their state."""
    from service.models.prepare import prepare

    states = prepare(settings, fetch=not check, console=err)
    table = Table(title="模型")
    for name in ("用途", "模型", "来源", "状态"):
        table.add_column(name, overflow="fold")
    for state in states:
        table.add_row(state.role, state.name, state.source, state.state)
    out.print(table)
    if any(not state.ready for state in states):
        sys.exit(4)


def change_engine(settings: Settings, wanted: str) -> None:
    """Compile the engine for this machine, or go back to the portable one; the one in use stays where that fails."""
    from service.models import engine

    if engine.Engine(wanted) is engine.Engine.PORTABLE:
        with err.status("安装通用引擎…"):
            engine.take_portable(settings.models_dir, settings.log_dir)
    else:
        columns = (TextColumn("编译"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, disable=not err.is_terminal) as drawn:
            task = drawn.add_task("编译", total=100)

            def told(percent: int) -> None:
                if not percent:
                    err.print(f"两核约需{engine.MINUTES}分钟；按 Ctrl-C 可放弃，现有引擎不受影响。")
                drawn.update(task, completed=percent)

            engine.compile_here(settings.models_dir, settings.log_dir, told)
    found = engine.installed()
    said = "为本机处理器编译" if found.engine is engine.Engine.NATIVE else "通用"
    out.print(f"模型引擎：{said}。下次启动模型时生效；正在运行的服务请重启。")
